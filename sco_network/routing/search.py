"""Best ways from some states to others: the search behind a single route.

Plain Python on purpose: one search over the region's network takes less time than importing a
graph library, and a single route should be answered at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heapify, heappop, heappush

import numpy as np

from .impedance import Floats
from .states import StateGraph


class Search:
    """Searches over the states of a graph at given arc costs; inf is closed.

    Dijkstra's (1959) algorithm with a binary heap. Of equally good arcs the first counts.
    """

    def __init__(self, graph: StateGraph, cost: Floats) -> None:
        usable = np.flatnonzero(np.isfinite(cost))
        arcs = usable[np.argsort(graph.tail[usable], kind="stable")]
        begins = np.searchsorted(graph.tail[arcs], np.arange(graph.size + 1))
        self._begin: list[int] = begins.tolist()
        self._arc: list[int] = arcs.tolist()
        self._tail: list[int] = graph.tail[arcs].tolist()
        self._head: list[int] = graph.head[arcs].tolist()
        self._cost: list[float] = cost[arcs].tolist()

    def best(
        self, starts: Mapping[int, float], goals: Iterable[int]
    ) -> dict[int, tuple[float, int, list[int]]]:
        """Return for each goal reached its cost, the start it is reached from, and the arcs.

        Parameters
        ----------
        starts
            What it has cost to be in each state where the way may begin.
        goals
            States where it may end.
        """
        costs, came = dict(starts), dict[int, int]()
        waiting = [(cost, state) for state, cost in starts.items()]
        heapify(waiting)
        settled, missing = set[int](), set(goals)
        while waiting and missing:
            so_far, state = heappop(waiting)
            if state in settled:
                continue
            settled.add(state)
            missing.discard(state)
            for k in range(self._begin[state], self._begin[state + 1]):
                head, cost = self._head[k], so_far + self._cost[k]
                if cost < costs.get(head, np.inf):
                    costs[head], came[head] = cost, k
                    heappush(waiting, (cost, head))
        return {goal: (costs[goal], *self._back(goal, came)) for goal in goals if goal in settled}

    def _back(self, state: int, came: Mapping[int, int]) -> tuple[int, list[int]]:
        """Return where the way to a state began, and its arcs."""
        arcs: list[int] = []
        while state in came:
            arcs.append(self._arc[came[state]])
            state = self._tail[came[state]]
        return state, arcs[::-1]
