"""Compiled loops of searches from place to place: trees of best routes, ways without a common link.

Plain Python that numba compiles on first use and keeps in its cache. Arcs stand by the state (or
node) where they begin: those of s are `start[s]` to `start[s + 1]`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

try:
    from numba import njit
except ImportError:  # the same loops as they stand, some hundred times slower

    def njit(**_options: Any) -> Any:  # type: ignore[no-redef]
        """Leave a function as it is."""
        return lambda function: function


Array = np.ndarray[Any, Any]


@njit(cache=True, nogil=True)
def passing(
    start: Array, head: Array, cost: Array, node: Array, first: Array, end: Array, nodes: int
) -> tuple[Array, int]:
    """Return how many best routes between terminals pass each node, and how many routes there are.

    Terminal t begins and ends in the states `first[t]` to `end[t]`; `node` is the node of every
    state, rising. A route's own ends do not count, and a node that it passes twice counts once.
    """
    found = np.zeros(nodes, np.int64)
    routes = 0
    below = np.empty(node.size, np.int64)  # routes that go on from a state
    for origin in range(first.size):
        before, order, place = tree(start, head, cost, first[origin], end[origin])
        below[:] = 0
        for goal in range(first.size):
            last = _first_settled(place, first[goal], end[goal])
            if goal != origin and last >= 0:
                routes += 1
                if before[last] >= 0:
                    below[before[last]] += 1
        for s in order[::-1]:
            if below[s] > 0 and before[s] >= 0:
                below[before[s]] += below[s]
                if not _is_passed_before(s, before, node):
                    found[node[s]] += below[s]
    return found, routes


@njit(cache=True, nogil=True)
def _first_settled(place: Array, first: int, end: int) -> int:
    """Return the first of some states that a search reached; −1 without one."""
    found = -1
    for s in range(first, end):
        if place[s] >= 0 and (found < 0 or place[s] < place[found]):
            found = s
    return found


@njit(cache=True, nogil=True)
def _is_passed_before(s: int, before: Array, node: Array) -> bool:
    """Return whether the best route to a state passes its node before, or begins there."""
    if node[max(s - 1, 0)] != node[s] and node[min(s + 1, node.size - 1)] != node[s]:
        return False  # most nodes have one state
    up = before[s]
    while up >= 0 and node[up] != node[s]:
        up = before[up]
    return bool(up >= 0)


@njit(cache=True, nogil=True)
def tree(
    start: Array, head: Array, cost: Array, first: int, end: int
) -> tuple[Array, Array, Array]:
    """Search from the states `first` to `end` (Dijkstra 1959).

    Returns the state before each one on its best route (−1 where a route begins), the states
    reached as they were settled, and the place of each state among these (−1: not reached). Of
    equal routes that over the state settled first counts, and of equal states the lower one is
    settled first: so what is built elsewhere does not move the choice.
    """
    size = start.size - 1
    before, place = np.full(size, -1, np.int64), np.full(size, -1, np.int64)
    order = np.empty(size, np.int64)
    best = np.full(size, np.inf)
    costs, states = np.empty(size + head.size), np.empty(size + head.size, np.int64)
    waiting = 0
    for s in range(first, end):
        best[s] = 0.0
        waiting = _push(costs, states, waiting, 0.0, s)
    reached = 0
    while waiting:
        here, s = costs[0], states[0]
        waiting = _pop(costs, states, waiting)
        if place[s] >= 0:
            continue
        place[s] = reached
        order[reached] = s
        reached += 1
        for q in range(start[s], start[s + 1]):
            there = here + cost[q]
            if there < best[head[q]]:
                best[head[q]] = there
                before[head[q]] = s
                waiting = _push(costs, states, waiting, there, head[q])
    return before, order[:reached], place


@njit(cache=True, nogil=True)
def _push(costs: Array, states: Array, size: int, cost: float, state: int) -> int:
    """Put a state on a binary heap of some size; return the new size."""
    at = size
    while at > 0:
        above = (at - 1) // 2
        if not _is_less(cost, state, costs[above], states[above]):
            break
        costs[at], states[at] = costs[above], states[above]
        at = above
    costs[at], states[at] = cost, state
    return size + 1


@njit(cache=True, nogil=True)
def _pop(costs: Array, states: Array, size: int) -> int:
    """Take the least off a binary heap of some size; return the new size."""
    size -= 1
    cost, state = costs[size], states[size]
    at = 0
    while 2 * at + 1 < size:
        below = 2 * at + 1
        if below + 1 < size and _is_less(
            costs[below + 1], states[below + 1], costs[below], states[below]
        ):
            below += 1
        if not _is_less(costs[below], states[below], cost, state):
            break
        costs[at], states[at] = costs[below], states[below]
        at = below
    costs[at], states[at] = cost, state
    return size


@njit(cache=True, nogil=True, inline="always")
def _is_less(cost: float, state: int, other_cost: float, other_state: int) -> bool:
    return cost < other_cost or (cost == other_cost and state < other_state)


@njit(cache=True, nogil=True)
def disjoint(start: Array, head: Array, back: Array, first: Array, member: Array) -> Array:
    """Return how many ways without a common link lead from each group of nodes to each other.

    Links lead both ways: each is two arcs, `back` the number of the other one. The nodes of
    group i are `member[first[i]]` to `member[first[i + 1]]`. Ways are found one after the other,
    each the shortest that is left (Edmonds and Karp 1972).
    """
    n, groups = start.size - 1, first.size - 1
    group = np.full(n, -1, np.int64)
    for i in range(groups):
        group[member[first[i] : first[i + 1]]] = i
    is_rim = np.zeros(n, np.bool_)  # nodes with a link out of their group
    most = np.zeros(groups, np.int64)  # links out of each group, which bound its ways
    for arc in range(head.size):
        tail = head[back[arc]]
        if group[tail] >= 0 and group[tail] != group[head[arc]]:
            is_rim[tail] = True
            most[group[tail]] += 1
    found = np.zeros((groups, groups), np.int64)
    room = np.empty(head.size, np.int8)
    came, queue = np.empty(n, np.int64), np.empty(n, np.int64)
    for i in range(groups):
        sources = member[first[i] : first[i + 1]]
        rim = sources[is_rim[sources]]
        unknown = np.where(group == i, -1, -2)
        for j in range(groups):
            # from the group with fewer links out: there a search that fails ends soon
            if most[i] > most[j] or (most[i] == most[j] and i >= j):
                continue
            room[:] = 1
            while found[i, j] < most[i]:
                came[:] = unknown
                at = _reach(start, head, room, rim, group, j, came, queue)
                if at < 0:
                    break
                found[i, j] += 1
                while came[at] >= 0:
                    arc = came[at]
                    room[arc] -= 1
                    room[back[arc]] += 1
                    at = head[back[arc]]
            found[j, i] = found[i, j]
    return found


@njit(cache=True, nogil=True)
def _reach(
    start: Array,
    head: Array,
    room: Array,
    rim: Array,
    group: Array,
    goal: int,
    came: Array,
    queue: Array,
) -> int:
    """Search by breadth from a rim over arcs with room; return the first node of a group, or −1.

    `came` becomes the arc that leads to each node on the way where it was −2; −1 is no way in.
    """
    queue[: rim.size] = rim
    waiting, done = rim.size, 0
    while done < waiting:
        s = queue[done]
        done += 1
        for q in range(start[s], start[s + 1]):
            if room[q] > 0 and came[head[q]] == -2:
                came[head[q]] = q
                if group[head[q]] == goal:
                    return int(head[q])
                queue[waiting] = head[q]
                waiting += 1
    return -1
