"""Many tasks over one context: in this process, on local processes, or on a Dask cluster.

The answer never depends on where it was worked out: a task is a function of the context and
the task alone, and results are handed back in the order of the tasks.
"""

from __future__ import annotations

import multiprocessing as mp
import os
import signal
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager, suppress
from multiprocessing.connection import wait
from threading import Thread
from typing import Any, TypeVar

from sco_network.errors import bad_argument

S = TypeVar("S")
T = TypeVar("T")
R = TypeVar("R")
Progress = Callable[[int, int, str], None]


def silent(_done: int, _all: int, _what: str) -> None:
    """Take no notice of progress."""


Arriving = Generator[tuple[int, R], None, None]
# How often a pool is started anew after one of its processes died.
RESTARTS = 3


def spread_out(
    function: Callable[[S, T], R],
    tasks: Sequence[T],
    *,
    shared: S,
    jobs: int | None = None,
    cluster: str | None = None,
    progress: Progress = silent,
) -> list[R]:
    """Return `function(shared, task)` for every task, in the order of the tasks.

    Parameters
    ----------
    function
        A function of a module. It must not change `shared`, which threads of one worker may
        use at the same time, nor depend on anything else that changes: only then are results
        the same wherever they come from, and a task can be run again when its worker dies.
    tasks
        What differs from task to task; small, as each is sent on its own.
    shared
        The context of all tasks, of any size; sent once to each worker.
    jobs
        Local processes; without it one a core. With 1, or for one task, this process does it.
    cluster
        Address of the scheduler of a running Dask cluster, such as `tcp://10.0.0.1:8786`.
    progress
        Called with the tasks done, all tasks, and where they run.

    Raises
    ------
    InputError
        Where the cluster cannot be used, or worker processes die again and again.
    Exception
        What a task raises, unchanged; the other tasks are given up.

    Examples
    --------
    >>> spread_out(pow, [1, 2, 3], shared=2, jobs=1)
    [2, 4, 8]
    """
    found: dict[int, R] = {}
    arriving = as_they_come(
        function, tasks, shared=shared, jobs=jobs, cluster=cluster, progress=progress
    )
    with closing(arriving):
        found.update(arriving)
    return [found[i] for i in range(len(tasks))]


def as_they_come(
    function: Callable[[S, T], R],
    tasks: Sequence[T],
    *,
    shared: S,
    jobs: int | None = None,
    cluster: str | None = None,
    progress: Progress = silent,
) -> Arriving[R]:
    """Yield the number of each task with its result as soon as it is there; see `spread_out`.

    For results that together are too large to be held twice. Whoever stops early closes the
    iterator (`contextlib.closing`), which gives up the remaining tasks.
    """
    if jobs is not None and jobs < 1:
        raise bad_argument("jobs", f"there cannot be {jobs} processes", "Give 1 or more")
    if jobs is not None and cluster is not None:
        raise bad_argument("jobs", "jobs are local, and a cluster was given too", "Give one")
    if not tasks:
        return
    processes = min(jobs or os.cpu_count() or 1, len(tasks))
    if cluster is not None:
        from .cluster import on_cluster

        where, arriving = cluster, on_cluster(function, tasks, shared, cluster)
    elif processes > 1:
        where, arriving = f"{processes} processes", _apart(function, tasks, shared, processes)
    else:
        where, arriving = "in this process", _here(function, tasks, shared)
    progress(0, len(tasks), where)
    with closing(arriving):
        for done, (i, result) in enumerate(arriving, 1):
            progress(done, len(tasks), where)
            yield i, result


def _here(function: Callable[[S, T], R], tasks: Sequence[T], shared: S) -> Arriving[R]:
    for i, task in enumerate(tasks):
        yield i, function(shared, task)


def _apart(
    function: Callable[[S, T], R], tasks: Sequence[T], shared: S, processes: int
) -> Arriving[R]:
    missing = set(range(len(tasks)))
    for _ in range(1 + RESTARTS):
        with pool_of(min(processes, len(missing)), shared) as pool:
            for i, result in _surviving(pool, function, tasks, sorted(missing)):
                missing.remove(i)
                yield i, result
        if not missing:
            return
    raise bad_argument(
        "jobs",
        f"processes died {1 + RESTARTS} times before {len(missing)} of {len(tasks)} tasks were "
        "done; they were killed, or ran out of memory",
        "Try fewer jobs, or 1 to see what happens",
    )


def _surviving(
    pool: ProcessPoolExecutor, function: Callable[[S, T], R], tasks: Sequence[T], numbers: list[int]
) -> Arriving[R]:
    """Yield results until all are there or the pool has broken."""
    futures = {}
    with suppress(BrokenProcessPool):
        for i in numbers:
            futures[pool.submit(_do, function, tasks[i])] = i
    for future in as_completed(futures):
        with suppress(BrokenProcessPool):
            yield futures.pop(future), future.result()


@contextmanager
def pool_of(processes: int, shared: Any = None) -> Iterator[ProcessPoolExecutor]:
    """Yield a pool whose processes are killed if the work is given up, or its own is killed.

    Parameters
    ----------
    shared
        What `_do` hands to a task first.
    """
    # A forked process shares the context's memory, starts at once, and does not run the
    # user's script again, as a spawned one would. Fork is safe as long as the compiled loops
    # start no threads (`parallel=True`), which they do not; other systems do not offer it.
    start = mp.get_context("fork" if sys.platform == "linux" else "spawn")
    others = set(mp.active_children())
    pool = ProcessPoolExecutor(processes, start, initializer=_begin, initargs=(shared,))
    try:
        yield pool
    except BaseException:
        for process in set(mp.active_children()) - others:
            process.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


_context: list[Any] = []  # of a worker process: what `shared` is, once


def _begin(shared: Any) -> None:
    """Prepare a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which kills us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # whatever the parent does on it
    Thread(target=_leave_with_parent, daemon=True).start()
    _context[:] = [shared]


def _leave_with_parent() -> None:
    """End this process when its parent was killed, instead of waiting for work for ever."""
    parent = mp.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _do(function: Callable[[Any, T], R], task: T) -> R:
    return function(_context[0], task)
