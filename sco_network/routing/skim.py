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

from .impedance import UNITS, By, Floats, check_by
from .states import StateGraph

Sparse = csr_array[np.float64, tuple[int, int]]
# Terminals whose searches are held in memory at once, so that large networks fit.
BATCH_CELLS = 40_000_000


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


def skim(graph: StateGraph, terminals: Sequence[str], by: str = "time") -> Skim:
    """Return the best cost between every two terminals.

    A journey may begin and end in any layer of its terminals. Dijkstra's algorithm of
    scipy.sparse.csgraph, once per terminal.
    """
    measure = check_by(by)
    rows: list[Floats] = [costs for _, costs, _ in searches(graph, graph.cost(measure), terminals)]
    matrix = np.vstack(rows) if rows else np.zeros((0, 0))
    np.fill_diagonal(matrix, 0.0)
    return Skim(matrix, tuple(terminals), measure)


def between_points(
    size: int,
    tail: NDArray[np.integer[Any]],
    head: NDArray[np.integer[Any]],
    cost: Floats,
    points: Sequence[Sequence[int]],
) -> Floats:
    """Return best costs between terminals, each given by the states where it begins and ends."""
    usable = np.flatnonzero(np.isfinite(cost) & (tail != head))
    order = usable[np.lexsort((cost[usable], head[usable], tail[usable]))]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(tail[order]) != 0) | (np.diff(head[order]) != 0)
    matrix = _with_points(size, tail, head, cost, order[first], points)
    n = len(points)
    rows = [costs[:, size + n :] for _, costs, _ in _batches(matrix, size, n)]
    return np.vstack(rows) if rows else np.zeros((0, 0))


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
    unknown = [t for t in terminals if t not in graph.network.nodes]
    if unknown:
        raise bad_argument("terminals", f"unknown node '{unknown[0]}'")
    points = [graph.states_of(t) for t in terminals]
    return _with_points(graph.size, graph.tail, graph.head, cost, graph.best_arcs(cost), points)


def _with_points(
    size: int,
    tails: NDArray[np.integer[Any]],
    heads: NDArray[np.integer[Any]],
    cost: Floats,
    arcs: NDArray[np.integer[Any]],
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


def betweenness(graph: StateGraph, terminals: Sequence[str], by: str = "time") -> Floats:
    """Return, for each node, the share of connected terminal pairs whose best route passes it.

    Shape: one entry per node row; the ends of a route do not count. Where several routes are
    equally good, one of them counts (Freeman 1977, restricted to terminal pairs).
    """
    n_nodes, n = len(graph.network.nodes), len(terminals)
    ends = np.array([graph.network.nodes.index[t] for t in terminals], dtype=np.int64)
    node_of = np.concatenate([graph.state_node, ends, ends])
    passing = np.zeros(n_nodes)
    pairs = 0
    for i, costs, before in searches(graph, graph.cost(check_by(by)), terminals):
        goals = np.flatnonzero(np.isfinite(costs) & (np.arange(n) != i))
        pairs += len(goals)
        # all routes of this origin are walked back together, one step at a time
        last, point = ends[goals], before[graph.size + n + goals]
        while len(point):
            node = node_of[point]
            inner = (node != last) & (node != ends[i]) & (node != ends[goals])
            np.add.at(passing, node[inner], 1)
            on = before[point] >= 0
            last, goals, point = node[on], goals[on], before[point][on]
    return passing / pairs if pairs else passing
