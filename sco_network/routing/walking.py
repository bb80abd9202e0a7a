"""Compiled loops of a walk: what a change of arc costs changes, and nothing else.

The arrays are those of `kernels`; `walk` holds the ideas. Lanes are kept in blocks of
neighbours, so that the labels of a block stay in the processor's cache during its sweep.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

Array = np.ndarray[Any, Any]
WIDTH = 64  # lanes in a block


@njit(cache=True, nogil=True)
def load(
    arcs: Array,
    cost: Array,
    arc_edge: Array,
    arc_is_up: Array,
    begin: Array,
    members: Array,
    up: Array,
    down: Array,
    dirty: Array,
) -> int:
    """Take the least cost of the edges that some arcs load; return the first edge that differs.

    `begin, members` list the arcs of every edge; the edges that differ are marked dirty.
    """
    least = dirty.size
    for i in range(arcs.size):
        e = arc_edge[arcs[i]]
        if e < 0 or dirty[e]:
            continue
        new_up, new_down = np.inf, np.inf
        for q in range(begin[e], begin[e + 1]):
            arc = members[q]
            if arc_is_up[arc]:
                new_up = min(new_up, cost[arc])
            else:
                new_down = min(new_down, cost[arc])
        if new_up != up[e] or new_down != down[e]:
            up[e], down[e] = new_up, new_down
            dirty[e] = True
            least = min(least, e)
    return least


@njit(cache=True, nogil=True)
def reclose(
    first: int,
    start: Array,
    upper: Array,
    back_start: Array,
    back_lower: Array,
    back_edge: Array,
    corner: Array,
    target: Array,
    given_up: Array,
    given_down: Array,
    up: Array,
    down: Array,
    dirty: Array,
    changed: Array,
) -> int:
    """Close dirty edges again from their given costs and the triangles below them.

    An edge whose closed cost changes makes dirty the edges that close triangles with it; all
    of them come later. Afterwards no edge is dirty, and `changed` marks those that moved.
    Returns how many did.
    """
    count = 0
    v = 0
    for e in range(first, upper.size):
        while start[v + 1] <= e:
            v += 1
        if not dirty[e]:
            continue
        dirty[e] = False
        w = upper[e]
        new_up, new_down = given_up[e], given_down[e]
        p, p_end = back_start[v], back_start[v + 1]
        q, q_end = back_start[w], back_start[w + 1]
        while p < p_end and q < q_end:  # common lower neighbours; both lists rise
            if back_lower[p] < back_lower[q]:
                p += 1
            elif back_lower[p] > back_lower[q]:
                q += 1
            else:
                a, b = back_edge[p], back_edge[q]
                new_up = min(new_up, down[a] + up[b])
                new_down = min(new_down, down[b] + up[a])
                p += 1
                q += 1
        if new_up == up[e] and new_down == down[e]:
            continue
        up[e], down[e] = new_up, new_down
        changed[e] = True
        count += 1
        begin, end = start[v], start[v + 1]
        d, j = end - begin, e - begin
        for i in range(j):
            dirty[target[corner[v] + i * (2 * d - i - 1) // 2 + j - i - 1]] = True
        k = corner[v] + j * (2 * d - j - 1) // 2
        for t in range(k, k + d - j - 1):
            dirty[target[t]] = True
    return count


@njit(cache=True, nogil=True)
def resweep(
    start: Array,
    upper: Array,
    edge: Array,
    low_start: Array,
    low_row: Array,
    low_edge: Array,
    low: Array,
    high: Array,
    begin_start: Array,
    begin_lane: Array,
    up: Array,
    down: Array,
    changed: Array,
    everything: bool,  # noqa: FBT001
    is_same: bool,  # noqa: FBT001
    ups: Array,
    labels: Array,
    dirty_ups: Array,
    dirty: Array,
) -> None:
    """Sweep again where an edge or what it carries has changed, up the tree and down.

    `ups` and `labels` hold for every block of lanes, row and lane the best cost from that lane's
    terminal over earlier rows, and over all rows. `dirty_ups` and `dirty` tell afterwards in
    which blocks of each row they moved. Each value is the least of the same sums as in a full
    sweep, so it is the same number.

    Both ways stand in one function: each alone would take fifteen arrays.
    """
    blocks, rows, width = labels.shape
    from_below = np.full(rows, everything)
    from_above = np.full(rows, everything)
    for r in range(rows):
        for q in range(start[r], start[r + 1]):
            if changed[edge[q]]:
                from_above[r] = True
                from_below[upper[q]] = True
    best = np.empty(width)
    due_up = np.empty(rows, np.bool_)
    due_down = np.empty(rows, np.bool_)
    for b in range(blocks):
        first, end = b * width, (b + 1) * width
        due_up[:] = from_below
        due_down[:] = from_above
        for w in range(rows):
            dirty_ups[b, w] = False
            if not due_up[w] or low[w] >= end or high[w] <= first:
                continue
            best[:] = np.inf
            for q in range(begin_start[w], begin_start[w + 1]):
                if first <= begin_lane[q] < end:
                    best[begin_lane[q] - first] = 0.0
            for q in range(low_start[w], low_start[w + 1]):
                r, cost = low_row[q], up[low_edge[q]]
                if cost < np.inf and low[r] < end and high[r] > first:
                    one = ups[b, r]
                    for k in range(width):
                        best[k] = min(best[k], one[k] + cost)
            if _replace(best, ups[b, w]):
                dirty_ups[b, w] = True
                due_down[w] = True
                for q in range(start[w], start[w + 1]):
                    due_up[upper[q]] = True
        for r in range(rows - 1, -1, -1):
            dirty[b, r] = False
            if not due_down[r] or (is_same and high[r] <= first):
                continue
            best[:] = ups[b, r]
            q, last = start[r], start[r + 1]
            while q < last:
                cost, one = down[edge[q]], labels[b, upper[q]]
                q += 1
                if q < last:  # two at a time: a lane is read and written once for both
                    also, two = down[edge[q]], labels[b, upper[q]]
                    q += 1
                    for k in range(width):
                        best[k] = min(best[k], min(one[k] + cost, two[k] + also))  # noqa: PLW3301
                else:
                    for k in range(width):
                        best[k] = min(best[k], one[k] + cost)
            if _replace(best, labels[b, r]):
                dirty[b, r] = True
                for q in range(low_start[r], low_start[r + 1]):
                    due_down[low_row[q]] = True


@njit(cache=True, nogil=True, inline="always")
def _replace(new: Array, old: Array) -> bool:
    """Copy a row over another; return whether they differed."""
    differs = False
    for k in range(new.size):
        differs |= new[k] != old[k]
    if differs:
        old[:] = new
    return differs


@njit(cache=True, nogil=True)
def collect(
    end_start: Array,
    end_row: Array,
    labels: Array,
    dirty: Array,
    is_same: bool,  # noqa: FBT001
    result: Array,
    touched: Array,
) -> None:
    """Bring the result, terminal by terminal, up to date with the labels of its rows.

    `result[v, u]` is the best cost from lane u to lane v; where costs are the same both ways it
    holds u < v alone, and the rest is infinite. `touched` marks the lanes whose row moved.
    """
    blocks, _, width = labels.shape
    lanes = end_start.size - 1
    best = np.empty(width)
    for v in range(lanes):
        touched[v] = False
        last = v if is_same else lanes
        for b in range(blocks):
            begin, end = b * width, min((b + 1) * width, last)
            moved = False
            for q in range(end_start[v], end_start[v + 1]):
                moved |= dirty[b, end_row[q]]
            if not moved or begin >= end:
                continue
            best[:] = np.inf
            for q in range(end_start[v], end_start[v + 1]):
                one = labels[b, end_row[q]]
                for k in range(width):
                    best[k] = min(best[k], one[k])
            if begin <= v < end:
                best[v - begin] = np.inf
            touched[v] |= _replace(best[: end - begin], result[v, begin:end])


@njit(cache=True, nogil=True)
def ordered(costs: Array, origin: Array, is_same: bool, result: Array) -> None:  # noqa: FBT001
    """Fill `result[i, j]` from `costs[v, u]`, where lane u is that of terminal i, v that of j.

    Where costs are the same both ways, those of u < v count for both.
    """
    for v in range(origin.size):
        j = origin[v]
        result[j, j] = 0.0
        for u in range(v):
            i = origin[u]
            result[i, j] = costs[v, u]
            result[j, i] = costs[v, u] if is_same else costs[u, v]


@njit(cache=True, nogil=True)
def put_back(flags: Array, kept: Array, now: Array) -> None:
    """Copy the flagged rows of every block from what was kept."""
    blocks, rows = flags.shape
    for b in range(blocks):
        for r in range(rows):
            if flags[b, r]:
                now[b, r] = kept[b, r]
