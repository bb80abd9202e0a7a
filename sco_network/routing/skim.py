"""All terminals to all terminals: matrices of best costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from sco_network.errors import bad_argument
from sco_network.markup import html_table

from .elimination import Sweep, TooDenseError, eliminate, plan_sweep
from .impedance import UNITS, By, Floats, Ints, check_by
from .memory import require_memory
from .states import StateGraph, best_arcs

Sparse = csr_array[np.float64, tuple[int, int]]
# Terminals whose searches are held in memory at once, so that large networks fit.
BATCH_CELLS = 40_000_000
# States × terminals from which on ordering the network first is quicker than searching it from
# every terminal, the loading of compiled loops included (docs/performance.md).
ELIMINATION_CELLS = 10_000_000
ENGINES = ("elimination", "dijkstra")


@dataclass(frozen=True)
class Skim:
    """Best costs between terminals: n × n float64, km, h or USD; inf where there is no route."""

    matrix: Floats
    terminals: tuple[str, ...]
    by: By

    def _repr_html_(self, shown: int = 6) -> str:
        some = self.terminals[:shown]
        n = len(self.terminals)
        rows = [
            (end, *map(float, row[: len(some)]))
            for end, row in zip(some, self.matrix, strict=False)
        ]
        title = f"Skim by {self.by}, {UNITS[self.by]}: {n:,} × {n:,}"
        note = f"The first {len(some)} of {n:,} terminals; – is no route"
        return html_table(title, ["from \\ to", *some], rows, note)

    def cost(self, origin: str, destination: str) -> float:
        """Return one cell by node ids."""
        i, j = self.terminals.index(origin), self.terminals.index(destination)
        return float(self.matrix[i, j])


def skim(
    graph: StateGraph, terminals: Sequence[str], by: str = "time", *, engine: str | None = None
) -> Skim:
    """Return the best cost between every two terminals.

    A journey may begin and end in any layer of its terminals.

    Parameters
    ----------
    graph, terminals, by
        The network, node ids, and `length` (km), `time` (h), `cost` or `generalised` (USD).
    engine
        `dijkstra`, scipy's search once per terminal; or `elimination`, which orders the network
        first (see that module). Without it whichever is likely to be quicker.

    Raises
    ------
    InputError
        For an unknown measure, engine or terminal, or where the matrix and the search do not
        fit into the free memory.
    """
    measure, cost = check_by(by), graph.cost(check_by(by))
    points = states_of_terminals(graph, terminals)
    match check_engine(engine):
        case "elimination":
            matrix = _by_elimination(graph, cost, points)
        case "dijkstra":
            matrix = between_points(graph.size, graph.tail, graph.head, cost, points)
        case None:
            matrix = _by_the_quicker(graph, cost, points)
    np.fill_diagonal(matrix, 0.0)
    return Skim(matrix, tuple(terminals), measure)


@dataclass(frozen=True)
class CommonOrder:
    """One elimination order for a base and a variant of it, between the same terminals.

    One order of all states and arcs of both answers every measure. It also makes a way that is
    in both cost the same to the last bit, whatever else the variant has: sums are taken in the
    same order.
    """

    graphs: tuple[StateGraph, StateGraph]
    terminals: tuple[str, ...]
    sweep: Sweep

    @classmethod
    def of(cls, base: StateGraph, variant: StateGraph, terminals: Sequence[str]) -> CommonOrder:
        """Order both graphs.

        Raises
        ------
        ImportError, TooDenseError
            Where there is no compiler, or elimination does not pay.
        """
        number: dict[tuple[str, str], int] = {}
        graphs, tails, heads = (base, variant), [], []
        for graph in graphs:
            nodes, layers = graph.network.nodes.ids[graph.state_node].tolist(), graph.layers
            states = zip(nodes, graph.state_layer.tolist(), strict=True)
            names = [number.setdefault((n, layers[k]), len(number)) for n, k in states]
            place = np.array(names, dtype=np.int64)
            tails.append(place[graph.tail])
            heads.append(place[graph.head])
        order = eliminate(len(number), np.concatenate(tails), np.concatenate(heads))
        at: dict[str, list[int]] = {}
        for (node, _), state in number.items():
            at.setdefault(node, []).append(state)
        sweep = plan_sweep(order, [at.get(t, []) for t in terminals])
        require_memory(16 * len(terminals) ** 2 + sweep.work_bytes, _what(terminals))
        return cls(graphs, tuple(terminals), sweep)

    def skims(self, by: str) -> tuple[Skim, Skim]:
        """Return the skims of base and variant in a measure."""
        measure = check_by(by)
        costs = [graph.cost(measure) for graph in self.graphs]
        shut = [np.full(len(cost), np.inf) for cost in costs]
        first, second = (
            self._skim(np.concatenate(parts), measure)
            for parts in ((costs[0], shut[1]), (shut[0], costs[1]))
        )
        return first, second

    def _skim(self, cost: Floats, by: By) -> Skim:
        matrix = self.sweep.matrix(cost)
        np.fill_diagonal(matrix, 0.0)
        return Skim(matrix, self.terminals, by)


def check_engine(name: str | None) -> str | None:
    """Return the engine's name, or refuse one that there is not."""
    if name not in {None, *ENGINES}:
        raise bad_argument("engine", f"unknown engine '{name}'", "Use elimination or dijkstra")
    return name


def _by_the_quicker(graph: StateGraph, cost: Floats, points: Sequence[Sequence[int]]) -> Floats:
    if graph.size * len(points) >= ELIMINATION_CELLS:
        try:
            return _by_elimination(graph, cost, points)
        except (ImportError, TooDenseError):  # no compiler here, or not a network of this kind
            pass
    return between_points(graph.size, graph.tail, graph.head, cost, points)


def _by_elimination(graph: StateGraph, cost: Floats, points: Sequence[Sequence[int]]) -> Floats:
    usable = np.isfinite(cost)
    order = eliminate(graph.size, graph.tail[usable], graph.head[usable])
    sweep = plan_sweep(order, points)
    require_memory(8 * len(points) ** 2 + sweep.work_bytes, _what(points))
    return sweep.matrix(cost[usable])


def _what(points: Sequence[Any]) -> str:
    return f"a skim between {len(points):,} terminals"


def between_points(
    size: int,
    tail: Ints,
    head: Ints,
    cost: Floats,
    points: Sequence[Sequence[int]],
) -> Floats:
    """Return best costs between terminals, each given by the states where it begins and ends."""
    arcs = _with_points(size, tail, head, cost, best_arcs(tail, head, cost), points)
    n = len(points)
    # beside the matrix, costs and predecessors of a batch and of the one before
    width = size + 2 * n
    cells = min(2 * max(BATCH_CELLS, width), n * width)
    require_memory(8 * n**2 + 12 * cells, _what(points))
    matrix = np.empty((n, n))
    for batch, costs, _ in _batches(arcs, size, n):
        matrix[batch] = costs[:, size + n :]
    return matrix


def way_between(
    size: int,
    tail: Ints,
    head: Ints,
    cost: Floats,
    begins: Sequence[int],
    ends: Sequence[int],
) -> list[int] | None:
    """Return the arcs of a best way from some states to others, in order; None without one."""
    arcs = best_arcs(tail, head, cost)
    matrix = _with_points(size, tail, head, cost, arcs, (begins, ends))
    before = dijkstra(matrix, indices=[size], return_predecessors=True)[1][0]
    keys = tail[arcs].astype(np.int64) * size + head[arcs]  # rising
    point, passed = int(before[size + 3]), []  # two points begin there, and two end
    if point < 0:
        return None
    while (last := int(before[point])) < size:
        passed.append(last * size + point)
        point = last
    return arcs[np.searchsorted(keys, passed[::-1])].tolist() if passed else []


def searches(
    graph: StateGraph, cost: Floats, terminals: Sequence[str]
) -> Iterator[tuple[int, Floats, NDArray[np.int32]]]:
    """Yield for each terminal its number, the costs to all terminals, and predecessors.

    Predecessors are over states, then one origin and one destination
    point per terminal: `size + i` and `size + n + i`.
    """
    n, size = len(terminals), graph.size
    for batch, costs, before in _batches(with_terminals(graph, cost, terminals), size, n):
        for k, i in enumerate(batch.tolist()):
            yield i, costs[k, size + n :], before[k]


def _batches(
    matrix: Sparse, size: int, n: int
) -> Iterator[tuple[NDArray[np.intp], Floats, NDArray[np.int32]]]:
    step = max(1, BATCH_CELLS // max(matrix.shape[0], 1))
    for first in range(0, n, step):
        batch = np.arange(first, min(first + step, n))
        yield batch, *dijkstra(matrix, indices=size + batch, return_predecessors=True)


def with_terminals(graph: StateGraph, cost: Floats, terminals: Sequence[str]) -> Sparse:
    """Return the arcs as a sparse matrix, each terminal with a way in and a way out."""
    arcs, points = graph.best_arcs(cost), states_of_terminals(graph, terminals)
    return _with_points(graph.size, graph.tail, graph.head, cost, arcs, points)


def states_of_terminals(graph: StateGraph, terminals: Sequence[str]) -> list[range]:
    """Return the states where each terminal begins and ends."""
    index = graph.network.nodes.index
    unknown = [t for t in terminals if t not in index]
    if unknown:
        raise bad_argument("terminals", f"unknown node '{unknown[0]}'")
    rows = np.array([index[t] for t in terminals], dtype=np.int64)
    first, end = (np.searchsorted(graph.state_node, row).tolist() for row in (rows, rows + 1))
    return list(map(range, first, end))


def _with_points(
    size: int,
    tails: Ints,
    heads: Ints,
    cost: Floats,
    arcs: Ints,
    points: Sequence[Sequence[int]],
) -> Sparse:
    n = len(points)
    ends = [(i, state) for i, states in enumerate(points) for state in states]
    which = np.array([i for i, _ in ends], dtype=np.int64)
    state = np.array([s for _, s in ends], dtype=np.int64)
    tail = np.concatenate([tails[arcs], size + which, state])
    head = np.concatenate([heads[arcs], state, size + n + which])
    weight = np.concatenate([cost[arcs], np.zeros(2 * len(ends))])
    order = np.lexsort((head, tail))
    starts = np.searchsorted(tail[order], np.arange(size + 2 * n + 1))
    # built by hand: the other constructors would drop the zeros of the terminals
    return csr_array(
        (weight[order], head[order].astype(np.int32), starts.astype(np.int32)),
        shape=(size + 2 * n,) * 2,
    )


def nearest(
    graph: StateGraph, origins: Sequence[str], destinations: Sequence[str], by: str = "time"
) -> list[tuple[float, list[int]]]:
    """Return, for each origin, the cost to its nearest destination and the places on the way.

    One search from all destinations together, against the direction of the arcs.

    Returns
    -------
    Per origin: km, h or USD (inf where none is reached) and the node rows from origin to
    destination, both included; empty where none is reached.
    """
    size, places = graph.size, list(dict.fromkeys([*origins, *destinations]))
    if not destinations:
        return [(float("inf"), []) for _ in origins]
    n, number = len(places), {place: i for i, place in enumerate(places)}
    against = with_terminals(graph, graph.cost(check_by(by)), places).T.tocsr()
    goals = [size + n + number[place] for place in destinations]
    costs, onward, _ = dijkstra(against, indices=goals, return_predecessors=True, min_only=True)
    ends = [graph.network.nodes.index[place] for place in places]
    node_of = [*graph.state_node.tolist(), *ends, *ends]
    found = []
    for place in origins:
        point = size + number[place]
        way = [node_of[point]] if np.isfinite(costs[point]) else []
        while way and (point := int(onward[point])) >= 0:
            if node_of[point] != way[-1]:
                way.append(node_of[point])
        found.append((float(costs[size + number[place]]), way))
    return found


def betweenness(graph: StateGraph, terminals: Sequence[str], by: str = "time") -> Floats:
    """Return, for each node, the share of connected terminal pairs whose best route passes it.

    Shape: one entry per node row; the ends of a route do not count, and a place that a route
    passes twice, to change layer beyond it, counts once. Where several routes are equally good,
    one of them counts (Freeman 1977, restricted to terminal pairs).
    """
    from . import searching

    cost, points = graph.cost(check_by(by)), states_of_terminals(graph, terminals)
    arcs = graph.best_arcs(cost)
    found, routes = searching.passing(
        np.searchsorted(graph.tail[arcs], np.arange(graph.size + 1)),
        graph.head[arcs],
        cost[arcs],
        graph.state_node,
        np.array([states.start for states in points], dtype=np.int64),
        np.array([states.stop for states in points], dtype=np.int64),
        len(graph.network.nodes),
    )
    share: Floats = found / max(routes, 1)
    return share
