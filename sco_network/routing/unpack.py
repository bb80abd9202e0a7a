"""Routes from the elimination: which arcs stand behind a best cost.

A best way goes up the elimination tree and down again over closed edges. Each closed edge is
an arc, or two edges over an earlier node, and so on down to arcs (Dibbelt, Strasser and Wagner
2016, section 7.6). A single way visits few nodes, so that no compiled loop is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from .elimination import Elimination, Floats


@dataclass(frozen=True)
class Closed:
    """Edge costs for one cost vector, as given by the arcs and after closing; up and down."""

    order: Elimination
    cost: Floats
    given: tuple[Floats, Floats]
    up: Floats
    down: Floats

    @classmethod
    def of(cls, order: Elimination, cost: Floats) -> Closed:
        """Close the edges for a vector of arc costs."""
        return cls(order, cost, order.edge_costs(cost), *order.closed(cost))

    def best_way(self, begins: Iterable[int], ends: Iterable[int]) -> list[int] | None:
        """Return the arcs of a best way between two sets of nodes, in order; None without one."""
        there = self._climb(begins, self.up)
        back = self._climb(ends, self.down)
        met = {p: there[p][0] + back[p][0] for p in there.keys() & back.keys()}
        if not met:
            return None
        top = min(met, key=lambda place: (met[place], place))
        rising = [(edge, True) for edge in reversed(self._edges(there, top))]
        falling = [(edge, False) for edge in self._edges(back, top)]
        return list(self._arcs([*rising, *falling]))

    def _climb(self, nodes: Iterable[int], costs: Floats) -> dict[int, tuple[float, int]]:
        """Return for every place above some nodes its cost and the edge that leads there.

        An edge costs what it does upward, or downward for the way back.
        """
        start, upper = self.order.start, self.order.upper
        best = {int(self.order.rank[node]): (0.0, -1) for node in nodes}
        waiting = sorted(best)
        done: set[int] = set()
        while waiting:
            place = heappop(waiting)
            if place in done:
                continue
            done.add(place)
            for edge in range(start[place], start[place + 1]):
                cost, above = best[place][0] + costs[edge], int(upper[edge])
                if cost < best.get(above, (np.inf,))[0]:
                    best[above] = (float(cost), edge)
                    heappush(waiting, above)
        return best

    def _edges(self, best: dict[int, tuple[float, int]], top: int) -> list[int]:
        """Return the edges from the top down to where a climb began."""
        found, place = [], top
        while best[place][1] >= 0:
            edge = best[place][1]
            found.append(edge)
            place = self._lower(edge)
        return found

    def _lower(self, edge: int) -> int:
        return int(np.searchsorted(self.order.start, edge, side="right")) - 1

    def _arcs(self, way: list[tuple[int, bool]]) -> Iterator[int]:
        """Yield the arcs behind edges that are taken upward (true) or downward."""
        stack = way[::-1]
        while stack:
            edge, upward = stack.pop()
            closed = (self.up if upward else self.down)[edge]
            if closed == self.given[0 if upward else 1][edge]:
                yield self._arc(edge, closed, upward=upward)
                continue
            a, b = self._over(edge, closed, upward=upward)
            # low → over → high, or high → over → low
            stack += [(b, True), (a, False)] if upward else [(a, True), (b, False)]

    def _over(self, edge: int, closed: float, *, upward: bool) -> tuple[int, int]:
        """Return the edges from an earlier place to both ends of an edge that it is made of."""
        order = self.order
        low, high = self._lower(edge), int(order.upper[edge])
        below = {
            int(order.back_lower[q]): int(order.back_edge[q])
            for q in range(order.back_start[low], order.back_start[low + 1])
        }
        for q in range(order.back_start[high], order.back_start[high + 1]):
            place = int(order.back_lower[q])
            if place in below:
                a, b = below[place], int(order.back_edge[q])
                over = self.down[a] + self.up[b] if upward else self.down[b] + self.up[a]
                if over == closed:
                    return a, b
        raise ValueError("these edges are not closed")

    def _arc(self, edge: int, cost: float, *, upward: bool) -> int:
        """Return the first arc of an edge, in one direction, that costs as much as the edge."""
        order = self.order
        loading = np.flatnonzero((order.arc_edge == edge) & (order.arc_is_up == upward))
        return int(loading[self.cost[loading] == cost][0])
