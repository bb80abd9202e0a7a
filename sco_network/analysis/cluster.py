"""Tasks on a running Dask cluster, which may lose workers on the way."""

from __future__ import annotations

import asyncio
import logging
import pickle
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from sco_network.errors import InputError, bad_argument

if TYPE_CHECKING:
    from distributed import Client, Future

T = TypeVar("T")
R = TypeVar("R")
# Seconds until a scheduler must have answered, and until a cluster must have a worker.
ANSWER_S = 5
# Seconds without any result after which we look whether there are workers left.
SILENCE_S = 30
PACKAGE = "sco-network"


def on_cluster(
    function: Callable[[Any, T], R], tasks: Sequence[T], shared: Any, address: str
) -> Generator[tuple[int, R], None, None]:
    """Yield the number of each task with its result as they come; see `workers.spread_out`.

    The scheduler runs the tasks of a dead worker again. So it does with the context, which
    is itself a task that carries the bytes; scattered data would die with their worker.
    """
    with _connected(address) as client:
        import dask
        from distributed import KilledWorker

        # the warning is for data that are sent by mistake; ours are sent once, on purpose
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TiB"}):
            context = client.submit(pickle.loads, pickle.dumps(shared), pure=False)
            calls = [_Call(function, task) for task in tasks]
            futures = client.map(_call, calls, shared=context, pure=False)
        waiting = {future.key: (i, future) for i, future in enumerate(futures)}
        ended: SimpleQueue[Future[R]] = SimpleQueue()
        for future in futures:
            future.add_done_callback(ended.put)
        del futures  # a worker holds a result as long as there is a reference to it
        try:
            while waiting:
                i, future = waiting.pop(_next(ended, client, address).key)
                yield i, _result(future, client, address)
        except CancelledError as error:
            raise _gone(address) from error
        except KilledWorker as error:
            raise bad_argument(
                "cluster",
                f"a task was given up after {error.allowed_failures + 1} workers died on it; they "
                "were killed, or ran out of memory",
                "Look into the workers' logs; give them more memory",
            ) from error


@dataclass(frozen=True)
class _Call:
    """A function and its task, opaque to Dask, which looks for keys in lists and tuples."""

    function: Callable[[Any, Any], Any]
    task: Any


def _call(call: _Call, *, shared: Any) -> Any:
    return call.function(shared, call.task)


def _next(ended: SimpleQueue[Future[R]], client: Client, address: str) -> Future[R]:
    """Wait for a task to end, as long as there are workers."""
    while True:
        try:
            return ended.get(timeout=SILENCE_S)
        except Empty:
            _require_workers(client, address)


def _result(future: Future[R], client: Client, address: str) -> R:
    """Fetch a result; if its worker has died meanwhile, another one works it out again."""
    patience = SILENCE_S
    while True:
        try:
            return future.result(timeout=patience)
        except TimeoutError:
            if future.status == "error":  # the task's own
                raise
            _require_workers(client, address)
            patience *= 2  # it may be on its way, and large


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    """Yield a client of a cluster that has workers with this version of the package."""
    try:
        from distributed import Client
    except ImportError as error:
        raise bad_argument(
            "cluster",
            "this needs the package 'distributed', which is not installed",
            f"Run: pip install '{PACKAGE}[cluster]'",
        ) from error
    _require_scheduler(address)
    with _quiet(), Client(address, timeout=ANSWER_S, set_as_default=False) as client:
        _require_workers(client, address)
        _require_same_version(client, address)
        yield client


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the client from writing tracebacks of what we say in words."""
    logger = logging.getLogger("distributed.client")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def _require_scheduler(address: str) -> None:
    """Refuse an address where no scheduler answers; a `Client` that fails leaves threads."""
    start = "Start one with: dask scheduler"
    try:
        with ThreadPoolExecutor(1) as apart:  # from a notebook's own event loop
            kind = apart.submit(asyncio.run, _kind_of_server(address)).result()
    except ValueError as error:
        raise bad_argument(
            "cluster",
            f"'{address}' is not an address: {error}",
            "Write the address that 'dask scheduler' prints, such as tcp://10.0.0.1:8786",
        ) from error
    except OSError as error:
        raise bad_argument(
            "cluster",
            f"no scheduler answered at '{address}' within {ANSWER_S} s",
            f"Check host, port and firewall. {start}",
        ) from error
    except Exception as error:  # what other services answer can be anything
        raise bad_argument(
            "cluster", f"what answers at '{address}' is no scheduler: {error}", start
        ) from error
    if kind != "Scheduler":
        raise bad_argument("cluster", f"at '{address}' there is a {kind}, not a scheduler", start)


async def _kind_of_server(address: str) -> str:
    from distributed.core import rpc

    async with rpc(address, timeout=ANSWER_S) as server:
        answer = await asyncio.wait_for(server.identity(), ANSWER_S)
        return str(answer["type"])


def _require_workers(client: Client, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=ANSWER_S)
    except TimeoutError as error:
        raise bad_argument(
            "cluster",
            f"the cluster at '{address}' has no worker",
            f"Start some with: dask worker {address}",
        ) from error
    except OSError as error:
        raise _gone(address) from error


def _require_same_version(client: Client, address: str) -> None:
    """Refuse a cluster whose scheduler or workers have another version, or none."""
    ours = version(PACKAGE)
    places: dict[str, Any] = client.run(version, PACKAGE, on_error="return")
    try:
        places["the scheduler"] = client.run_on_scheduler(version, PACKAGE)
    except PackageNotFoundError as error:
        places["the scheduler"] = error
    others = sorted(
        f"{place} has {found if isinstance(found, str) else 'none'}"
        for place, found in places.items()
        if found != ours
    )
    if others:
        raise bad_argument(
            "cluster",
            f"this is {PACKAGE} {ours}, but at '{address}' " + ", ".join(others[:5]),
            f"Install {PACKAGE} {ours} there and start them again",
        )


def _gone(address: str) -> InputError:
    return bad_argument(
        "cluster", f"the scheduler at '{address}' does not answer any more", "Look into its log"
    )
