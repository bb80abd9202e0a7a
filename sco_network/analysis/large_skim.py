"""Skims that take long: origins in batches, on many processes or machines."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.sparse.csgraph import dijkstra

from sco_network.routing.elimination import Elimination, TooDenseError, eliminate, plan_sweep
from sco_network.routing.impedance import Floats, check_by
from sco_network.routing.memory import require_memory
from sco_network.routing.skim import (
    ELIMINATION_CELLS,
    Skim,
    Sparse,
    states_of_terminals,
    with_terminals,
)
from sco_network.routing.states import StateGraph

from .workers import Progress, as_they_come

# A batch holds at most so many costs, 32 MB, and at most this share of the origins.
BATCH_CELLS = 4_000_000
BATCH_SHARE = 1 / 32


class Batches(Protocol):
    """What all batches share, and how one of them is worked out."""

    def rows(self, batch: range) -> Floats:
        """Return best costs from a batch of terminals to all, len(batch) × n; inf: no route."""

    def batch_bytes(self, step: int) -> int:
        """Return the memory that a batch of so many origins takes in its process."""


@dataclass(frozen=True)
class BySearch:
    """One search per origin, over arcs with a way in and out of each of n terminals.

    Terminal i begins at point `size + i` and ends at `size + n + i`.
    """

    arcs: Sparse
    size: int
    n: int

    def rows(self, batch: range) -> Floats:
        """Return best costs from a batch of terminals to all."""
        costs: Floats = dijkstra(self.arcs, indices=[self.size + i for i in batch])
        return np.ascontiguousarray(costs[:, self.size + self.n :])

    def batch_bytes(self, step: int) -> int:
        """Return the bytes of all costs, and of the rows: cut out, packed and unpacked."""
        return 8 * step * (self.size + 5 * self.n)


@dataclass(frozen=True)
class BySweep:
    """One sweep per batch, over edges that are closed already."""

    order: Elimination
    up: Floats
    down: Floats
    points: Sequence[Sequence[int]]

    @classmethod
    def of(cls, graph: StateGraph, cost: Floats, points: Sequence[Sequence[int]]) -> BySweep:
        """Order a network and close its edges; what sweeps do not need is left behind."""
        usable = np.isfinite(cost)
        order = eliminate(graph.size, graph.tail[usable], graph.head[usable])
        up, down = order.closed(cost[usable])
        return cls(order.without_triangles(), up, down, points)

    def rows(self, batch: range) -> Floats:
        """Return best costs from a batch of terminals to all."""
        sweep = plan_sweep(self.order, self.points, batch)
        return sweep.between(self.up, self.down)

    def batch_bytes(self, step: int) -> int:
        """Return the bytes of the sweep, and of its rows: found, packed and unpacked."""
        sweep = plan_sweep(self.order, self.points, range(min(step, len(self.points))))
        return sweep.work_bytes + 8 * step * 3 * len(self.points)


def rows_of(batches: Batches, batch: range) -> Floats:
    """Return best costs from a batch of terminals to all."""
    return batches.rows(batch)


def large_skim(
    graph: StateGraph,
    terminals: Sequence[str],
    by: str = "time",
    *,
    jobs: int | None = None,
    cluster: str | None = None,
    progress: Progress = lambda _done, _all, _where: None,
) -> Skim:
    """Return the best cost between every two terminals, worked out in batches of origins.

    Every origin is a search of its own, so the matrix is the same, bit for bit, wherever the
    batches run. For `jobs`, `cluster` and `progress` see `workers.spread_out`.

    Raises
    ------
    InputError
        Where the matrix and the searches do not fit into the free memory.
    """
    measure, n = check_by(by), len(terminals)
    width = graph.size + 2 * n
    step = max(1, min(BATCH_CELLS // max(width, 1), int(n * BATCH_SHARE)))
    batches = [range(i, min(i + step, n)) for i in range(0, n, step)]
    at_once = 1 if cluster else min(jobs or os.cpu_count() or 1, len(batches))
    require_memory(8 * n**2, f"a skim between {n:,} terminals")
    shared = _batches(graph, graph.cost(measure), terminals)
    needed = 8 * n**2 + at_once * shared.batch_bytes(step)
    require_memory(needed, f"a skim between {n:,} terminals")
    matrix = np.empty((n, n))
    arriving = as_they_come(
        rows_of, batches, shared=shared, jobs=jobs, cluster=cluster, progress=progress
    )
    with closing(arriving):
        for i, rows in arriving:
            matrix[batches[i].start : batches[i].stop] = rows
    np.fill_diagonal(matrix, 0.0)
    return Skim(matrix, tuple(terminals), measure)


def _batches(graph: StateGraph, cost: Floats, terminals: Sequence[str]) -> Batches:
    """Return the quicker way for a network of this size."""
    if graph.size * len(terminals) >= ELIMINATION_CELLS:
        with suppress(ImportError, TooDenseError):
            return BySweep.of(graph, cost, states_of_terminals(graph, terminals))
    return BySearch(with_terminals(graph, cost, terminals), graph.size, len(terminals))
