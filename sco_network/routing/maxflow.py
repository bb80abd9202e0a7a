"""Maximum flows, minimum cuts and flows of least length between groups of nodes, on arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from .impedance import Floats, Ints

Flags = NDArray[np.bool_]
Sparse = csr_array[Any, tuple[int, int]]

# scipy's algorithm counts in whole 32-bit numbers: thousandths, or coarser steps where all
# capacities together would not fit.
STEPS = 1000.0
LARGEST = 2**29


@dataclass(frozen=True)
class Arcs:
    """Arcs between `n` nodes, with what each can carry; inf is no limit."""

    n: int
    tail: Ints
    head: Ints
    capacity: Floats


@dataclass(frozen=True)
class MaxFlow:
    """A maximum flow: its value, and the minimum cuts that lie nearest to its two ends.

    Of all minimum cuts one lies nearest to the sources and one nearest to the sinks (Picard
    and Queyranne 1980, Mathematical Programming Study 13:8–16). Where the two are the same,
    the bottleneck is unique; an arc that is in both is in every minimum cut, so that widening
    it alone raises the flow.
    """

    value: float
    graph: Sparse | None = None
    flow: Sparse | None = None
    ends: tuple[int, int] = (0, 0)
    n: int = 0

    @cached_property
    def near_sources(self) -> Flags:
        """The nodes on the sources' side of the minimum cut nearest to the sources, n."""
        return self._reached(backwards=False)

    @cached_property
    def near_sinks(self) -> Flags:
        """The nodes on the sources' side of the minimum cut nearest to the sinks, n."""
        return ~self._reached(backwards=True)

    def _reached(self, *, backwards: bool) -> Flags:
        """Return the nodes that room left over joins to the source, or to the sink."""
        if self.graph is None or self.flow is None:
            raise ValueError("a flow without limit has no cut")
        room = csr_array(self.graph - self.flow)
        room.eliminate_zeros()
        graph, start = (csr_array(room.T), self.ends[1]) if backwards else (room, self.ends[0])
        found = np.zeros(room.shape[0], dtype=bool)
        found[breadth_first_order(graph, start, return_predecessors=False)] = True
        return found[: self.n]


def max_flow(arcs: Arcs, sources: Ints, sinks: Ints) -> MaxFlow:
    """Return the most that flows from all sources together to all sinks together.

    The value is inf where arcs without a limit lead all the way; there is no cut then.

    References
    ----------
    Ford and Fulkerson (1956), Canadian Journal of Mathematics 8:399–404; the algorithm is
    that of Dinitz (1970), in scipy.sparse.csgraph.

    Examples
    --------
    Two pipes one after the other carry what the narrower one does:

    >>> chain = Arcs(3, np.array([0, 1]), np.array([1, 2]), np.array([5.0, 2.5]))
    >>> max_flow(chain, np.array([0]), np.array([2])).value
    2.5
    """
    free = np.isinf(arcs.capacity)
    if free.any() and connected(arcs, sources, sinks, free):
        return MaxFlow(np.inf)
    total = float(arcs.capacity[~free].sum())
    steps = min(STEPS, LARGEST / total) if total > 0 else STEPS
    whole = np.where(free, LARGEST, np.round(np.where(free, 0, arcs.capacity) * steps))
    graph = _with_ends(arcs, whole.astype(np.int64), sources, sinks)
    ends = arcs.n, arcs.n + 1
    found = maximum_flow(graph, *ends)
    return MaxFlow(float(found.flow_value / steps), graph, found.flow, ends, arcs.n)


def unit_flows(n: int, start: Ints, end: Ints, groups: Sequence[Ints]) -> Ints:
    """Return the most that flows between every two of some groups of nodes, groups × groups.

    Every link carries 1, one way or the other, so this is how many ways share no link (Menger
    1927, Fundamenta Mathematicae 10:96–115).

    Examples
    --------
    Two ways from node 0 to node 2, one of them by node 1:

    >>> ends = np.array([0, 1, 0]), np.array([1, 2, 2])
    >>> unit_flows(3, *ends, [np.array([0]), np.array([2])])
    array([[0, 2],
           [2, 0]])
    """
    from . import searching

    m, tail = len(start), np.concatenate([start, end])
    order = np.argsort(tail, kind="stable")
    place = np.argsort(order)
    found: Ints = searching.disjoint(
        np.searchsorted(tail[order], np.arange(n + 1)),
        np.concatenate([end, start])[order],
        place[(order + m) % max(2 * m, 1)],
        np.cumsum([0, *map(len, groups)]),
        np.concatenate([np.zeros(0, dtype=np.int64), *groups]),
    )
    return found


def connected(arcs: Arcs, sources: Ints, sinks: Ints, used: Flags | None = None) -> bool:
    """Return whether arcs lead from a source to a sink, whatever they carry."""
    kept = slice(None) if used is None else used
    part = Arcs(arcs.n, arcs.tail[kept], arcs.head[kept], arcs.capacity[kept])
    graph = _with_ends(part, np.ones(len(part.tail), dtype=np.int64), sources, sinks)
    return arcs.n + 1 in breadth_first_order(graph, arcs.n, return_predecessors=False)


def _with_ends(arcs: Arcs, whole: Ints, sources: Ints, sinks: Ints) -> Sparse:
    """Return the arcs as a matrix with one source (row n) and one sink (row n + 1) added."""
    n = arcs.n
    tail = np.concatenate([arcs.tail, np.full(len(sources), n), sinks])
    head = np.concatenate([arcs.head, sources, np.full(len(sinks), n + 1)])
    weight = np.concatenate([whole, np.full(len(sources) + len(sinks), LARGEST)])
    return _matrix(n + 2, tail, head, weight)


def _matrix(size: int, tail: Ints, head: Ints, weight: NDArray[Any]) -> Sparse:
    # parallel arcs add up when the matrix is built, as their capacities do
    matrix = coo_array((weight, (tail, head)), shape=(size, size)).tocsr()
    matrix.data = np.minimum(matrix.data, LARGEST)
    return csr_array(matrix.astype(np.int32))


def least_length(arcs: Arcs, length: Floats, sources: Ints, sinks: Ints) -> Floats:
    """Return the flow on every arc of a maximum flow whose Σ flow · length is least.

    A maximum flow may take many ways; this one takes the shortest. It is found as a linear
    programme (HiGHS): the amount delivered counts more than any way is long, and lengths
    decide among the flows that deliver most.

    Parameters
    ----------
    length
        Length of every arc, km; positive, so that no gas goes round in circles.

    References
    ----------
    Ford and Fulkerson (1962), Flows in Networks, chapter III; Huangfu and Hall (2018),
    Mathematical Programming Computation 10:119–142.
    """
    from scipy.optimize import linprog  # it takes half a second to import

    m, ends = len(arcs.tail), np.concatenate([sources, sinks])
    way = length / max(float(length.sum()), 1.0)  # no way is longer than 1
    into = np.concatenate([np.ones(len(sources)), -np.ones(len(sinks))])
    balance = coo_array(  # what enters a node less what leaves it
        (
            np.concatenate([np.ones(m), -np.ones(m), into]),
            (
                np.concatenate([arcs.head, arcs.tail, ends]),
                np.concatenate([np.arange(m), np.arange(m), m + np.arange(len(ends))]),
            ),
        ),
        shape=(arcs.n, m + len(ends)),
    ).tocsr()
    found = linprog(  # type: ignore[call-overload]  # the stubs know no sparse A_eq, scipy does
        np.concatenate([way, -2 * np.ones(len(sources)), np.zeros(len(sinks))]),
        A_eq=balance,
        b_eq=np.zeros(arcs.n),
        bounds=[(0, c) for c in np.concatenate([arcs.capacity, np.full(len(ends), np.inf)])],
        method="highs",
    )
    flow: Floats = np.round(found.x[:m], 6)
    return flow
