"""Best costs between terminals, kept up to date while arc costs move.

Proposals change few arcs, and most pairs of places do not notice. A walk remembers the closed
edges and the labels of the last cost vector (`elimination`); a move closes again the edges that
a changed arc can reach, and sweeps again the rows and lanes whose inputs changed. What it finds
is, bit for bit, what a fresh run finds, so it does not matter by which way a vector was reached.

References
----------
Dibbelt, Strasser and Wagner (2016), Customizable contraction hierarchies, section 7.5
("partial updates"), for the edges; the labels follow by the same rule.
"""

from __future__ import annotations

import numpy as np

from .elimination import Floats, Ints, Sweep

# Share of the arcs from which on closing all edges is quicker than closing those concerned.
MANY = 0.2


class Walk:
    """The answer to one cost vector, ready to become the answer to the next.

    Parameters
    ----------
    sweep
        The planned sweep between the terminals.
    cost
        The first vector: one number ≥ 0 per arc; inf is closed.
    is_same
        Whether every arc will cost as much as its way back in all vectors to come. Then half
        of the pairs is enough.
    """

    def __init__(self, sweep: Sweep, cost: Floats, *, is_same: bool) -> None:
        from .walking import WIDTH

        order = sweep.elimination
        self.sweep = sweep
        self.lane = sweep.lane
        self.is_same = is_same
        self.cost = np.full(len(cost), np.nan)
        lanes, rows, edges = len(sweep.lane), len(sweep.low), len(order.upper)
        row_of_edge = np.repeat(np.arange(rows), np.diff(sweep.start))
        self._low_start, self._low_row, self._low_edge = _by(
            sweep.upper, rows, row_of_edge, sweep.edge
        )
        self._begin_start, self._begin_lane = _by(sweep.begin_row, rows, sweep.begin_lane)
        self._end_start, self._end_row = _by(sweep.begin_lane, lanes, sweep.begin_row)
        loaded = np.where(order.arc_edge < 0, edges, order.arc_edge)
        self._arc_start, self._arcs = _by(loaded, edges, np.arange(len(loaded)))
        self._given_up, self._given_down = (np.full(edges, np.inf) for _ in range(2))
        self._up, self._down = (np.full(edges, np.inf) for _ in range(2))
        self._dirty_edges, self._loaded, self._changed = (
            np.zeros(edges, dtype=np.bool_) for _ in range(3)
        )
        blocks = -(-lanes // WIDTH)
        self._ups, self._labels = (np.full((blocks, rows, WIDTH), np.inf) for _ in range(2))
        self._dirty_ups, self._dirty = (np.zeros((blocks, rows), dtype=np.bool_) for _ in range(2))
        self._touched = np.zeros(lanes, dtype=np.bool_)
        self.costs = np.full((lanes, lanes), np.inf)
        self._kept: list[Floats] = []
        self._begun = False
        self.move(cost)

    def move(self, cost: Floats) -> Ints:
        """Go to another cost vector; return the lanes whose costs are no longer the same.

        `costs[v, u]` is then the best cost from lane u to lane v; where costs are the same
        both ways, for u < v alone (inf elsewhere).
        """
        from . import walking

        self._changed[:] = False
        self._touched[:] = False
        if not self._close(cost) and self._begun:
            self._dirty_ups[:], self._dirty[:] = False, False
            return np.zeros(0, dtype=np.intp)
        sweep = self.sweep
        walking.resweep(
            sweep.start,
            sweep.upper,
            sweep.edge,
            self._low_start,
            self._low_row,
            self._low_edge,
            sweep.low,
            sweep.high,
            self._begin_start,
            self._begin_lane,
            self._up,
            self._down,
            self._changed,
            not self._begun,
            self.is_same,
            self._ups,
            self._labels,
            self._dirty_ups,
            self._dirty,
        )
        walking.collect(
            self._end_start,
            self._end_row,
            self._labels,
            self._dirty,
            self.is_same,
            self.costs,
            self._touched,
        )
        self._begun = True
        return np.flatnonzero(self._touched)

    def keep(self) -> None:
        """Remember where the walk is now, for `back`; this needs its memory twice."""
        now = self._state()
        if not self._kept:
            self._kept = [array.copy() for array in now]
            return
        for kept, array in zip(self._kept, now, strict=True):
            kept[:] = array

    def back(self) -> Ints:
        """Return to what was kept, after one move since; return the lanes that the move touched.

        A copy of what moved, so much less work than moving back.
        """
        from . import walking

        cost, given_up, given_down, up, down, ups, labels, costs = self._kept
        self.cost = cost.copy()
        for kept, now, flags in (
            (given_up, self._given_up, self._loaded),
            (given_down, self._given_down, self._loaded),
            (up, self._up, self._changed),
            (down, self._down, self._changed),
        ):
            np.copyto(now, kept, where=flags)
        walking.put_back(self._dirty_ups, ups, self._ups)
        walking.put_back(self._dirty, labels, self._labels)
        touched = np.flatnonzero(self._touched)
        self.costs[touched] = costs[touched]
        return touched

    def _state(self) -> tuple[Floats, ...]:
        return (
            self.cost,
            self._given_up,
            self._given_down,
            self._up,
            self._down,
            self._ups,
            self._labels,
            self.costs,
        )

    def _close(self, cost: Floats) -> bool:
        """Close the edges for a cost vector and mark those that changed; return if any did."""
        from . import walking

        order = self.sweep.elimination
        arcs = np.flatnonzero(cost != self.cost)
        self.cost = cost.copy()
        first = walking.load(
            arcs,
            cost,
            order.arc_edge,
            order.arc_is_up,
            self._arc_start,
            self._arcs,
            self._given_up,
            self._given_down,
            self._dirty_edges,
        )
        self._loaded[:] = self._dirty_edges
        if len(arcs) > MANY * len(cost):  # then the plain loop over all triangles is quicker
            up, down = order.closed(cost)
            np.not_equal(up, self._up, out=self._changed)
            self._changed |= down != self._down
            self._up[:], self._down[:] = up, down
            self._dirty_edges[:] = False
            return bool(self._changed.any())
        moved = walking.reclose(
            first,
            order.start,
            order.upper,
            order.back_start,
            order.back_lower,
            order.back_edge,
            order.corner,
            order.triangle,
            self._given_up,
            self._given_down,
            self._up,
            self._down,
            self._dirty_edges,
            self._changed,
        )
        return bool(moved)

    def matrix(self) -> Floats:
        """Return best costs from each terminal to each, n × n, as the terminals were given."""
        from . import walking

        found = np.empty_like(self.costs)
        walking.ordered(self.costs, self.sweep.origin, self.is_same, found)
        return found


def _by(keys: Ints, size: int, *columns: Ints) -> tuple[Ints, ...]:
    """Return columns sorted by key, after the place where each of `size` keys begins."""
    order = np.argsort(keys, kind="stable")
    start = np.searchsorted(keys[order], np.arange(size + 1))
    return (start.astype(np.int64), *(column[order] for column in columns))
