"""Best costs by elimination in the (min, +) semiring: order once, answer any cost vector.

Eliminating a node of a graph joins its remaining neighbours pairwise: whoever travelled over
it may now travel beside it. In a fill-reducing order few edges arise, and which ones does
not depend on the costs. So the order, the edges and the *triangles* (two edges of an
eliminated node and the edge between their ends) are found once; a vector of costs is then

1. *closed*: each edge falls to the sum of the two other sides of every triangle below it;
2. *swept*: costs from all terminals side by side go up the elimination tree, then down.

Both are plain loops over flat arrays. Every node passes on to its ancestors alone, so only
the ancestors of terminals are swept, and below a node only its own terminals' lanes.

Eliminating dead ends and the nodes of chains (one or two neighbours) adds no edge: minimum
degree does that first, so a large network is contracted to its junctions exactly.

References
----------
Planken, de Weerdt and van der Krogt (2012), Computing all-pairs shortest paths by leveraging
low treewidth, Journal of Artificial Intelligence Research 43:353–388.
Dibbelt, Strasser and Wagner (2016), Customizable contraction hierarchies, ACM Journal of
Experimental Algorithmics 21:1.5.
Delling, Goldberg and Werneck (2011), Faster batched shortest paths in road networks (RPHAST).
Amestoy, Davis and Duff (1996), An approximate minimum degree ordering algorithm, SIAM Journal
on Matrix Analysis and Applications 17:886–905.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sco_network.errors import ScoError

Ints = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]
# The triangles of the region's whole road and rail network are 18 million, four bytes each.
MOST_TRIANGLES = 500_000_000


class TooDenseError(ScoError):
    """The network has so many links for its nodes that elimination does not pay."""


@dataclass(frozen=True)
class Elimination:
    """Order, edges and triangles of a graph after elimination; nothing depends on costs.

    `rank` is the place of every node in the order; places are in postorder of the elimination
    tree. `start` and `upper` list the edges of each place to later ones, `back_start`,
    `back_lower` and `back_edge` those from earlier ones; `triangle` is explained in
    `kernels.triangles`. `arc_edge` and `arc_is_up` say which edge each arc of the graph loads,
    and whether it leads to the later end.
    """

    rank: Ints
    start: Ints
    upper: Ints
    back_start: Ints
    back_lower: Ints
    back_edge: Ints
    triangle: Ints
    arc_edge: Ints
    arc_is_up: NDArray[np.bool_]

    @property
    def size(self) -> int:
        """Number of nodes."""
        return len(self.rank)

    def without_triangles(self) -> Elimination:
        """Return what is enough to sweep edges that are closed already."""
        none = self.triangle[:0]
        return replace(self, back_start=none, back_lower=none, back_edge=none, triangle=none)

    @cached_property
    def corner(self) -> Ints:
        """Where the triangles below each place begin in `triangle`."""
        degree = np.diff(self.start)
        corner = np.zeros(self.size + 1, dtype=np.int64)
        np.cumsum(degree * (degree - 1) // 2, out=corner[1:])
        return corner

    @cached_property
    def _groups(self) -> tuple[tuple[Ints, Ints, Ints], ...]:
        """For upward and downward arcs: arcs sorted by edge, where each edge begins, edges."""
        found = []
        used = self.arc_edge >= 0
        for arcs in (
            np.flatnonzero(used & self.arc_is_up),
            np.flatnonzero(used & ~self.arc_is_up),
        ):
            ordered = arcs[np.argsort(self.arc_edge[arcs], kind="stable")]
            edges, begins = np.unique(self.arc_edge[ordered], return_index=True)
            found.append((ordered, begins, edges))
        return tuple(found)

    def edge_costs(self, cost: Floats) -> tuple[Floats, Floats]:
        """Return the cost of every edge upward and downward; of parallel arcs the least.

        Parameters
        ----------
        cost
            One number ≥ 0 per arc; inf is closed.
        """
        up, down = (np.full(len(self.upper), np.inf) for _ in range(2))
        for costs, (arcs, begins, edges) in zip((up, down), self._groups, strict=True):
            if len(arcs):
                costs[edges] = np.minimum.reduceat(cost[arcs], begins)
        return up, down

    def closed(self, cost: Floats) -> tuple[Floats, Floats]:
        """Return edge costs upward and downward, closed over all triangles.

        Both are the same array where every arc costs as much as its way back.
        """
        from . import kernels

        up, down = self.edge_costs(cost)
        if np.array_equal(up, down):
            kernels.close_same(self.start, self.triangle, up)
            return up, up
        kernels.close(self.start, self.triangle, up, down)
        return up, down


def eliminate(size: int, tail: Ints, head: Ints) -> Elimination:
    """Order the nodes of a graph and find edges and triangles of its elimination.

    Parameters
    ----------
    size
        Number of nodes.
    tail, head
        Ends of the arcs, numbers from 0 to `size` − 1. An arc from a node to itself is ignored.

    Raises
    ------
    TooDenseError
        Where more than `MOST_TRIANGLES` would arise.

    Examples
    --------
    A chain of three needs no edge that it does not have:

    >>> chain = eliminate(3, np.array([0, 1]), np.array([1, 2]))
    >>> len(chain.upper), len(chain.triangle)
    (2, 0)
    """
    from . import kernels

    first, neighbours = _adjacency(size, tail, head)
    order, at, count, store = kernels.minimum_degree(size, first, neighbours, MOST_TRIANGLES)
    if len(order) < size:
        raise TooDenseError(
            f"{size:,} nodes with {len(neighbours) // 2:,} connections are too dense to eliminate: "
            f"it would take more than {4 * MOST_TRIANGLES / 1e9:g} GB. Use the engine 'dijkstra'"
        )
    rank = kernels.postorder(order, at, count, store)
    start, upper, *back = kernels.pattern(rank, at, count, store)
    back_start, back_lower, back_edge = back
    triangle = kernels.triangles(start, upper, back_start, back_lower, back_edge)
    a, b = rank[tail], rank[head]
    edge = kernels.find_edges(start, upper, np.minimum(a, b), np.maximum(a, b), a == b)
    return Elimination(rank, start, upper, back_start, back_lower, back_edge, triangle, edge, a < b)


def _adjacency(size: int, tail: Ints, head: Ints) -> tuple[Ints, Ints]:
    """Return the neighbours of every node, each once, as one array with its starts."""
    ends = np.concatenate([tail, head]).astype(np.int64), np.concatenate([head, tail])
    keys = np.sort((ends[0] * size + ends[1])[ends[0] != ends[1]])
    keys = keys[np.diff(keys, prepend=-1) > 0]  # several times quicker than np.unique
    first = np.searchsorted(keys, np.arange(size + 1, dtype=np.int64) * size)
    return first.astype(np.int64), (keys % max(size, 1)).astype(np.int32)


@dataclass(frozen=True)
class Sweep:
    """Which rows and lanes a sweep between certain terminals visits; see `kernels.sweep`.

    `lane` is the lane of every terminal that begins: they lie side by side in the order of the
    tree.
    """

    elimination: Elimination
    lane: Ints
    start: Ints
    upper: Ints
    edge: Ints
    low: Ints
    high: Ints
    begin_row: Ints
    begin_lane: Ints
    end_row: Ints
    end_of: Ints
    ends: int
    is_square: bool
    _spare: list[Floats] = field(default_factory=list, repr=False, compare=False)

    @cached_property
    def origin(self) -> Ints:
        """The terminal, or the origin, of every lane."""
        return np.argsort(self.lane)

    @property
    def work_bytes(self) -> int:
        """Memory that one sweep needs beside its result."""
        return 8 * len(self.low) * len(self.lane)

    def matrix(self, cost: Floats) -> Floats:
        """Return best costs from each origin to each terminal as they were given; inf: no route."""
        return self.between(*self.elimination.closed(cost))

    def between(self, up: Floats, down: Floats) -> Floats:
        """Return the same for edge costs that are closed already."""
        from . import kernels

        try:  # new memory costs as much as the sweep itself on small networks
            work = self._spare.pop()
        except IndexError:
            work = np.empty((len(self.low), len(self.lane)))
        result = np.empty((len(self.lane), self.ends))
        kernels.sweep(
            self.start,
            self.upper,
            self.edge,
            self.low,
            self.high,
            self.begin_row,
            self.begin_lane,
            self.end_row,
            self.end_of,
            self.origin,
            up,
            down,
            up is down and self.is_square,
            work,
            result,
        )
        self._spare.append(work)
        return result


def plan_sweep(
    elimination: Elimination, terminals: Sequence[Sequence[int]], origins: range | None = None
) -> Sweep:
    """Plan sweeps between terminals, each given by the nodes where it begins and ends.

    With `origins`, from some of the terminals to all: a matrix of origins × terminals.
    """
    from . import kernels

    n = len(terminals)
    begins = range(n) if origins is None else origins
    end_of, ends = _places(elimination, terminals, range(n))
    which, place = _places(elimination, terminals, begins)
    first = np.full(len(begins), elimination.size, dtype=np.int64)
    np.minimum.at(first, which - begins.start, place)
    lane = np.empty(len(begins), dtype=np.int64)
    lane[np.argsort(first, kind="stable")] = np.arange(len(begins))
    lanes = lane[which - begins.start]
    start, upper, edge, low, high, row = kernels.ancestors(
        elimination.start, elimination.upper, place, lanes, len(begins), ends
    )
    return Sweep(
        elimination,
        lane,
        start,
        upper,
        edge,
        low,
        high,
        row[place],
        lanes,
        row[ends],
        end_of,
        n,
        origins is None,
    )


def _places(
    elimination: Elimination, terminals: Sequence[Sequence[int]], chosen: range
) -> tuple[Ints, Ints]:
    """Return terminal and place of every node where one of the chosen terminals is."""
    sizes = [len(terminals[i]) for i in chosen]
    which = np.repeat(np.array(chosen, dtype=np.int64), sizes)
    nodes = [node for i in chosen for node in terminals[i]]
    return which, elimination.rank[np.array(nodes, dtype=np.int64)].astype(np.int64)
