"""What this machine could do at best: memory traffic and plain loops over numbers."""

from __future__ import annotations

from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray
from ours import Ours

from sco_network.routing.elimination import Sweep

Array = NDArray[Any]
REPEATS = 5


@njit(cache=True)
def copy(source: Array, goal: Array) -> None:
    """Copy numbers: eight bytes read and eight written for each."""
    for i in range(source.size):
        goal[i] = source[i]


@njit(cache=True)
def relax(source: Array, goal: Array, cost: float, times: int) -> None:
    """Take minima of sums over neighbouring numbers that stay in the first cache."""
    for _ in range(times):
        for i in range(source.size):
            goal[i] = min(goal[i], source[i] + cost)
        cost += 1e-9


@njit(cache=True)
def scatter(target: Array, source: Array, goal: Array, times: int) -> None:
    """Take minima of sums at places that a list names, as closing does; all in cache."""
    for _ in range(times):
        cost = source[0]
        for i in range(target.size):
            goal[target[i]] = min(goal[target[i]], cost + source[i])


def best_rates(work_bytes: int) -> dict[str, float]:
    """Return bytes/s of copying (large, and as large as the sweep's memory), and sums/s."""
    small, many = np.ones(2048), 4000
    target = np.arange(2048, dtype=np.int32)
    large = np.ones(50_000_000)
    middle = np.ones(max(work_bytes // 16, 1024))
    return {
        "copy_large": 16 * large.size / _seconds(copy, large, large.copy()),
        "copy_work": 16 * middle.size / _seconds(copy, middle, middle.copy()),
        "relax": small.size * many / _seconds(relax, small, small.copy(), 1.0, many),
        "scatter": small.size * many / _seconds(scatter, target, small, small.copy(), many),
    }


def _seconds(loop: Any, *arguments: Any) -> float:
    loop(*arguments)
    times = []
    for _ in range(REPEATS):
        begin = perf_counter()
        loop(*arguments)
        times.append(perf_counter() - begin)
    return median(times)


def traffic(sweep: Sweep) -> tuple[int, int]:
    """Return bytes moved and sums taken by a sweep (both ways alike).

    Upward every edge reads and writes the lanes below it and reads those it comes from once a
    row; downward every edge reads its upper row, and a row is read and written once for four.
    """
    degree = np.diff(sweep.start)
    below, carried = sweep.high - sweep.low, sweep.high
    up = below * (16 * degree + 8)
    down = carried * (8 * degree + 16 * -(-degree // 4))
    return int((up + down).sum()), int(((below + carried) * degree).sum())


def distance(ours: Ours) -> dict[str, float]:
    """Return how long closing and sweeping take, and how long they would take at best."""
    sweep = ours.order()
    order, cost = sweep.elimination, ours.vectors[0]
    closing, sweeping = [], []
    for _ in range(REPEATS):
        begin = perf_counter()
        up, down = order.closed(cost)
        middle = perf_counter()
        sweep.between(up, down)
        closing.append(middle - begin)
        sweeping.append(perf_counter() - middle)
    rates = best_rates(sweep.work_bytes)
    moved, sums = traffic(sweep)
    triangles = len(order.triangle)
    return {
        **rates,
        "triangles": triangles,
        "edges": len(order.upper),
        "closing": median(closing),
        "closing_floor": triangles / rates["scatter"],
        "sweep_rows": len(sweep.low),
        "sweep_edges": len(sweep.edge),
        "sweep_bytes": moved,
        "sweep_sums": sums,
        "sweep": median(sweeping),
        "sweep_floor_memory": moved / rates["copy_work"],
        "sweep_floor_sums": sums / rates["relax"],
    }
