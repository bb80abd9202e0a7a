"""Compiled loops of the elimination; `elimination` holds the ideas, this file the inner work.

Plain Python that numba compiles on first use and keeps in its cache. Positions are places
in the elimination order; an edge joins a position to a later one, its `upper` end.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

Array = np.ndarray[Any, Any]


@njit(cache=True, nogil=True)
def minimum_degree(
    n: int, first: Array, neighbours: Array, most: int
) -> tuple[Array, Array, Array, Array]:
    """Order the nodes of a symmetric graph by approximate minimum degree.

    The quotient graph of Amestoy, Davis and Duff (1996): an eliminated node becomes an
    element that stands for the clique of its neighbours. Returns the order and, for every
    node, where in the last array its neighbours at elimination stand and how many they are:
    the fill pattern comes with the order. With more than `most` triangles it gives up, and the
    order ends early.

    One long function: with the lists of degrees and the update of a neighbour in functions of
    their own, which numba does not inline for nothing, it takes twice as long.
    """
    room = neighbours.size
    store = np.empty(2 * room + 4 * n + 16, np.int32)
    store[:room] = neighbours
    at = first[:n].copy()
    n_nodes = first[1:] - first[:n]
    n_elements = np.zeros(n, np.int64)
    degree = n_nodes.copy()
    is_element = np.zeros(n, np.bool_)
    is_done = np.zeros(n, np.bool_)
    size = np.zeros(n, np.int64)
    bucket = np.full(n + 1, -1, np.int32)
    after = np.full(n, -1, np.int32)
    before = np.full(n, -1, np.int32)
    for i in range(n - 1, -1, -1):  # lists of nodes by degree, linked both ways
        d = degree[i]
        after[i] = bucket[d]
        if bucket[d] >= 0:
            before[bucket[d]] = i
        bucket[d] = i
    mark = np.full(n, -1, np.int64)
    outside = np.zeros(n, np.int64)  # stamp + how much of an element lies outside the pivot's
    stamp = np.int64(1)
    order = np.empty(n, np.int32)
    least = 0
    triangles = 0
    for k in range(n):
        while bucket[least] < 0:
            least += 1
        p = bucket[least]
        bucket[least] = after[p]
        if after[p] >= 0:
            before[after[p]] = -1
        order[k] = p
        is_done[p] = True
        if room + n - k > store.size:
            larger = np.empty(2 * store.size + n, np.int32)
            larger[:room] = store[:room]
            store = larger
        # the pivot's neighbours: its nodes, and those of its elements, which it absorbs
        begin = room
        mark[p] = k
        for q in range(at[p], at[p] + n_nodes[p]):
            i = store[q]
            if not is_done[i] and mark[i] != k:
                mark[i] = k
                store[room] = i
                room += 1
        for q in range(at[p] + n_nodes[p], at[p] + n_nodes[p] + n_elements[p]):
            e = store[q]
            if is_element[e]:
                for r in range(at[e], at[e] + size[e]):
                    i = store[r]
                    if mark[i] != k:
                        mark[i] = k
                        store[room] = i
                        room += 1
                is_element[e] = False
        at[p] = begin
        size[p] = room - begin
        triangles += size[p] * (size[p] - 1) // 2
        if triangles > most:
            return order[:k], at, size, store
        is_element[p] = True
        # how much of each element of theirs lies outside
        for q in range(begin, room):
            i = store[q]
            for r in range(at[i] + n_nodes[i], at[i] + n_nodes[i] + n_elements[i]):
                e = store[r]
                if is_element[e]:
                    if outside[e] < stamp:
                        outside[e] = stamp + size[e]
                    outside[e] -= 1
        # each takes the pivot as an element, instead of the nodes and elements it stands for
        for q in range(begin, room):
            i = store[q]
            to = at[i]
            for r in range(at[i], at[i] + n_nodes[i]):
                j = store[r]
                if mark[j] != k and not is_done[j]:
                    store[to] = j
                    to += 1
            kept = to - at[i]
            d = kept
            for r in range(at[i] + n_nodes[i], at[i] + n_nodes[i] + n_elements[i]):
                e = store[r]
                if is_element[e]:
                    extra = outside[e] - stamp
                    if extra > 0:
                        d += extra
                        store[to] = e
                        to += 1
                    else:
                        is_element[e] = False  # it lies within the pivot's
            store[to] = p  # there is room: the pivot, or an element it absorbed, has gone
            n_elements[i] = to + 1 - at[i] - kept
            n_nodes[i] = kept
            d = min(d + size[p] - 1, degree[i] + size[p] - 1, n - k - 2)
            if before[i] >= 0:  # from one list of degrees to another
                after[before[i]] = after[i]
            else:
                bucket[degree[i]] = after[i]
            if after[i] >= 0:
                before[after[i]] = before[i]
            degree[i] = d
            after[i] = bucket[d]
            before[i] = -1
            if bucket[d] >= 0:
                before[bucket[d]] = i
            bucket[d] = i
            least = min(least, d)
        stamp += n + 1
    return order, at, size, store


@njit(cache=True, nogil=True)
def postorder(order: Array, at: Array, size: Array, store: Array) -> Array:
    """Return the position of every node in a postorder of the elimination tree.

    A node's parent is the first of its neighbours to be eliminated after it. Any postorder
    has the same fill, and makes every subtree a contiguous range.
    """
    n = order.size
    place = np.empty(n, np.int32)
    for k in range(n):
        place[order[k]] = k
    child = np.full(n + 1, -1, np.int32)  # of places; n stands above the roots
    sibling = np.full(n, -1, np.int32)
    for k in range(n - 1, -1, -1):
        p = order[k]
        parent = n
        for q in range(at[p], at[p] + size[p]):
            parent = min(parent, place[store[q]])
        sibling[k] = child[parent]
        child[parent] = k
    rank = np.empty(n, np.int32)
    stack = np.empty(n + 1, np.int32)
    top = 0
    stack[0] = n
    done = 0
    while top >= 0:
        k = stack[top]
        below = child[k]
        if below >= 0:
            child[k] = sibling[below]
            top += 1
            stack[top] = below
        else:
            top -= 1
            if k < n:
                rank[order[k]] = done
                done += 1
    return rank


@njit(cache=True, nogil=True)
def pattern(
    rank: Array, at: Array, size: Array, store: Array
) -> tuple[Array, Array, Array, Array, Array]:
    """Return the fill pattern by position, upper ends rising, and its transpose.

    `start, upper` list the edges of each position; `back_start, back_lower` list for each
    position the lower ends of edges to it, and the fifth array the number of that edge.
    """
    n = rank.size
    start = np.zeros(n + 1, np.int64)
    back_start = np.zeros(n + 1, np.int64)
    node = np.empty(n, np.int32)
    for i in range(n):
        node[rank[i]] = i
        start[rank[i] + 1] = size[i]
        for q in range(at[i], at[i] + size[i]):
            back_start[rank[store[q]] + 1] += 1
    for v in range(n):
        start[v + 1] += start[v]
        back_start[v + 1] += back_start[v]
    upper = np.empty(start[n], np.int32)
    back_lower = np.empty(start[n], np.int32)
    back_edge = np.empty(start[n], np.int32)
    fill = back_start[:n].copy()
    for v in range(n):
        i = node[v]
        for q in range(at[i], at[i] + size[i]):
            w = rank[store[q]]
            back_lower[fill[w]] = v
            fill[w] += 1
    fill = start[:n].copy()
    for w in range(n):
        for q in range(back_start[w], back_start[w + 1]):
            v = back_lower[q]
            upper[fill[v]] = w
            back_edge[q] = fill[v]
            fill[v] += 1
    return start, upper, back_start, back_lower, back_edge


@njit(cache=True, nogil=True)
def triangles(
    start: Array, upper: Array, back_start: Array, back_lower: Array, back_edge: Array
) -> Array:
    """Return for each position and each two of its edges the edge that joins their upper ends.

    In the order in which `close` meets them: position, first edge, second edge.
    """
    n = start.size - 1
    first = np.zeros(n + 1, np.int64)
    for v in range(n):
        d = start[v + 1] - start[v]
        first[v + 1] = first[v] + d * (d - 1) // 2
    target = np.empty(first[n], np.int32)
    edge_to = np.empty(n, np.int32)
    for w in range(n):
        for e in range(start[w], start[w + 1]):
            edge_to[upper[e]] = e
        for q in range(back_start[w], back_start[w + 1]):
            v = back_lower[q]
            a = back_edge[q] - start[v]
            d = start[v + 1] - start[v]
            k = first[v] + a * (2 * d - a - 1) // 2
            for e in range(back_edge[q] + 1, start[v + 1]):
                target[k] = edge_to[upper[e]]
                k += 1
    return target


@njit(cache=True, nogil=True)
def find_edges(start: Array, upper: Array, low: Array, high: Array, skip: Array) -> Array:
    """Return the number of the edge between each two positions, by bisection; −1 if skipped."""
    found = np.full(low.size, -1, np.int64)
    for i in range(low.size):
        if skip[i]:
            continue
        a, b = start[low[i]], start[low[i] + 1]
        while b - a > 1:
            middle = (a + b) // 2
            if upper[middle] <= high[i]:
                a = middle
            else:
                b = middle
        found[i] = a
    return found


@njit(cache=True, nogil=True)
def ancestors(
    start: Array, upper: Array, place: Array, lane: Array, lanes: int, ends: Array
) -> tuple[Array, Array, Array, Array, Array, Array]:
    """Return the rows, edges and lanes that a sweep between terminals visits.

    A row is a position in which a terminal begins (`place`, in a `lane`) or ends (`ends`), or
    an ancestor of one. `row` numbers them (−1: not visited); `low` and `high` bound the lanes
    that begin at or below it.
    """
    n = start.size - 1
    low = np.full(n, lanes, np.int64)
    high = np.zeros(n, np.int64)
    visited = np.zeros(n, np.bool_)
    for i in range(place.size):
        low[place[i]] = min(low[place[i]], lane[i])
        high[place[i]] = max(high[place[i]], lane[i] + 1)
        visited[place[i]] = True
    for i in range(ends.size):
        visited[ends[i]] = True
    row = np.full(n, -1, np.int64)
    rows = 0
    edges = 0
    for v in range(n):
        if visited[v]:
            row[v] = rows
            rows += 1
            edges += start[v + 1] - start[v]
            for e in range(start[v], start[v + 1]):
                w = upper[e]
                visited[w] = True
                low[w] = min(low[w], low[v])
                high[w] = max(high[w], high[v])
    row_start = np.zeros(rows + 1, np.int64)
    row_upper = np.empty(edges, np.int64)
    row_edge = np.empty(edges, np.int64)
    row_low = np.empty(rows, np.int64)
    row_high = np.empty(rows, np.int64)
    k = 0
    for v in range(n):
        if row[v] >= 0:
            row_low[row[v]] = low[v]
            row_high[row[v]] = high[v]
            for e in range(start[v], start[v + 1]):
                row_upper[k] = row[upper[e]]
                row_edge[k] = e
                k += 1
            row_start[row[v] + 1] = k
    return row_start, row_upper, row_edge, row_low, row_high, row


@njit(cache=True, nogil=True)
def close(start: Array, target: Array, up: Array, down: Array) -> None:
    """Lower every edge to the best way between its ends over earlier positions, in place."""
    k = 0
    for v in range(start.size - 1):
        end = start[v + 1]
        for a in range(start[v], end):
            up_a, down_a = up[a], down[a]
            if up_a == np.inf and down_a == np.inf:
                k += end - a - 1
                continue
            for b in range(a + 1, end):
                t = target[k]
                k += 1
                up[t] = min(up[t], down_a + up[b])
                down[t] = min(down[t], down[b] + up_a)


@njit(cache=True, nogil=True)
def close_same(start: Array, target: Array, cost: Array) -> None:
    """Do the same where every edge costs as much upward as downward."""
    k = 0
    for v in range(start.size - 1):
        end = start[v + 1]
        for a in range(start[v], end):
            cost_a = cost[a]
            if cost_a == np.inf:
                k += end - a - 1
                continue
            for b in range(a + 1, end):
                t = target[k]
                k += 1
                cost[t] = min(cost[t], cost_a + cost[b])


@njit(cache=True, nogil=True)
def sweep(
    start: Array,
    upper: Array,
    edge: Array,
    low: Array,
    high: Array,
    begin_row: Array,
    begin_lane: Array,
    end_row: Array,
    end_of: Array,
    origin: Array,
    up: Array,
    down: Array,
    is_same: bool,  # noqa: FBT001
    work: Array,
    result: Array,
) -> None:
    """Fill `result[i, j]` with the best cost from origin i to terminal j.

    Terminals begin at `begin_row` in `begin_lane`, and terminal `end_of` ends at `end_row`;
    `origin` is the origin of each lane.

    Rows are the ancestors of the terminals, in order; row r has terminals below it in the
    lanes `low[r]` to `high[r]` alone. Where costs are the same both ways, and terminals end
    where they begin, only lanes up to `high[r]` are carried down, and the other half of the
    result is mirrored.
    """
    rows, lanes = work.shape
    for r in range(rows):
        work[r, low[r] : high[r]] = np.inf
    for i in range(begin_row.size):
        work[begin_row[i], begin_lane[i]] = 0.0
    for r in range(rows):
        source = work[r, low[r] : high[r]]
        for q in range(start[r], start[r + 1]):
            cost = up[edge[q]]
            if cost < np.inf:
                goal = work[upper[q], low[r] : high[r]]
                for lane in range(source.size):
                    goal[lane] = min(goal[lane], source[lane] + cost)
    for r in range(rows - 1, -1, -1):
        last = high[r] if is_same else lanes
        work[r, : low[r]] = np.inf
        work[r, high[r] : last] = np.inf
        goal = work[r, :last]
        q, end = start[r], start[r + 1]
        while q + 3 < end:  # four at a time: a row is read and written once for four sums
            a, b = down[edge[q]], down[edge[q + 1]]
            c, d = down[edge[q + 2]], down[edge[q + 3]]
            row_a, row_b = work[upper[q], :last], work[upper[q + 1], :last]
            row_c, row_d = work[upper[q + 2], :last], work[upper[q + 3], :last]
            for lane in range(last):
                one = min(row_a[lane] + a, row_b[lane] + b)
                two = min(row_c[lane] + c, row_d[lane] + d)
                goal[lane] = min(goal[lane], min(one, two))  # noqa: PLW3301
            q += 4
        while q < end:
            a = down[edge[q]]
            row_a = work[upper[q], :last]
            for lane in range(last):
                goal[lane] = min(goal[lane], row_a[lane] + a)
            q += 1
    _collect(high, end_row, end_of, origin, is_same, work, result)


@njit(cache=True, nogil=True)
def _collect(
    high: Array,
    end_row: Array,
    end_of: Array,
    origin: Array,
    is_same: bool,  # noqa: FBT001
    work: Array,
    result: Array,
) -> None:
    """Fill the result of a sweep from its rows where terminals end."""
    result[:] = np.inf
    for i in range(end_row.size):
        r, v = end_row[i], end_of[i]
        if is_same:  # by rows, which is quicker than by columns
            for lane in range(high[r]):
                result[v, origin[lane]] = min(result[v, origin[lane]], work[r, lane])
        else:
            for lane in range(origin.size):
                result[origin[lane], v] = min(result[origin[lane], v], work[r, lane])
    if is_same:
        for last in range(origin.size):
            v = origin[last]
            for lane in range(last):
                result[origin[lane], v] = result[v, origin[lane]]
