"""Skims that take long: origins in batches, on many processes or machines."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import dijkstra

from sco_network.routing.impedance import Floats, check_by
from sco_network.routing.memory import require_memory
from sco_network.routing.skim import Skim, Sparse, with_terminals
from sco_network.routing.states import StateGraph

from .workers import Progress, as_they_come

# A batch holds at most so many costs, 32 MB, and at most this share of the origins.
BATCH_CELLS = 4_000_000
BATCH_SHARE = 1 / 32


@dataclass(frozen=True)
class Search:
    """What the batches share: arcs with a way in and out of each of n terminals.

    Terminal i begins at point `size + i` and ends at `size + n + i`.
    """

    arcs: Sparse
    size: int
    n: int


def rows_of(search: Search, batch: range) -> Floats:
    """Return best costs from a batch of terminals to all, len(batch) × n; inf is no route."""
    costs: Floats = dijkstra(search.arcs, indices=[search.size + i for i in batch])
    return np.ascontiguousarray(costs[:, search.size + search.n :])


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
    # beside the matrix each process holds the costs of a batch, and its rows in three states:
    # cut out, packed for the way, and unpacked
    one_batch = 8 * step * (width + 3 * n)
    require_memory(8 * n**2 + at_once * one_batch, f"a skim between {n:,} terminals")
    search = Search(with_terminals(graph, graph.cost(measure), terminals), graph.size, n)
    matrix = np.empty((n, n))
    arriving = as_they_come(
        rows_of, batches, shared=search, jobs=jobs, cluster=cluster, progress=progress
    )
    with closing(arriving):
        for i, rows in arriving:
            matrix[batches[i].start : batches[i].stop] = rows
    np.fill_diagonal(matrix, 0.0)
    return Skim(matrix, tuple(terminals), measure)
