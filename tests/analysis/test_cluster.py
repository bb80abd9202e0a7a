"""A real scheduler and its workers, as processes of their own on this machine's loopback."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from threading import Thread
from typing import Self

import numpy as np
import pytest
from tasks import Killer, begun, pair, refuse_three, square_when_allowed, start_squares, wait_for

import sco_network as sco
from sco_network.analysis.workers import spread_out

TESTS = Path(__file__).parents[1]


class Cluster:
    """Processes that are killed at the end, whatever happens."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        self._start("dask_scheduler", "--port=0")
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def address(self) -> str:
        wait_for(lambda: "Scheduler at:" in self.log(0))
        return re.search(r"Scheduler at: +(tcp://\S+)", self.log(0))[1]

    def add_workers(self, count: int = 1, *path: str) -> None:
        """Start workers, and wait until the scheduler knows them.

        They have no nanny, which would start a killed one again.
        """
        first = len(self.processes)
        more = ("--no-nanny", "--nthreads=1", "--memory-limit=0")
        for _ in range(count):
            self._start(
                "dask_worker", self.address, *more, f"--local-directory={self.folder}", path=path
            )
        for number in range(first, first + count):
            wait_for(lambda number=number: "Registered to" in self.log(number))

    def log(self, number: int) -> str:
        return (self.folder / f"{number}.log").read_text()

    def _start(self, program: str, *options: str, path: tuple[str, ...] = ()) -> None:
        here = ("--host=127.0.0.1", "--dashboard-address=127.0.0.1:0")
        with (self.folder / f"{len(self.processes)}.log").open("wb") as log:
            self.processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", f"distributed.cli.{program}", *here, *options],
                    env=os.environ | {"PYTHONPATH": os.pathsep.join([*path, str(TESTS)])},
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler without workers."""
    with Cluster(tmp_path_factory.mktemp("empty")) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler and two workers. The tests kill some of them on the way, in this order."""
    with Cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        cluster.add_workers(2)
        yield cluster


def test_a_skim_there_is_the_same_as_here(cluster: Cluster, base: sco.Network) -> None:
    alone = base.skim(jobs=1).matrix
    assert base.skim(cluster=cluster.address).matrix.tobytes() == alone.tobytes()
    assert np.isfinite(alone).any()


def test_results_come_in_the_order_of_the_tasks(cluster: Cluster) -> None:
    seen: list[tuple[int, int, str]] = []
    options = {"cluster": cluster.address, "progress": lambda *what: seen.append(what)}
    assert spread_out(pow, range(20), shared=2, **options) == [2**i for i in range(20)]
    assert seen == [(done, 20, cluster.address) for done in range(21)]


def test_tasks_are_not_taken_for_something_else(cluster: Cluster) -> None:
    tasks = ["pow", ("pow", 1), [(max, 1, 2)], {"loads": ()}, None]
    assert spread_out(pair, tasks, shared="s", cluster=cluster.address) == [("s", t) for t in tasks]


def test_the_error_of_a_task_comes_back_as_itself(cluster: Cluster) -> None:
    with pytest.raises(sco.InputError) as caught:
        spread_out(refuse_three, range(9), shared=None, cluster=cluster.address)
    (problem,) = caught.value.problems
    assert (problem.message, problem.hint) == ("three is refused", "Write four")


def test_tasks_are_taken_back_when_the_work_is_broken_off(cluster: Cluster, tmp_path: Path) -> None:
    process = start_squares(tmp_path, cluster=cluster.address)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert errors.endswith("KeyboardInterrupt\n")
    (tmp_path / "go").touch()
    assert spread_out(pow, range(3), shared=2, cluster=cluster.address) == [1, 2, 4]
    assert sum(map(len, begun(tmp_path).values())) == 2  # of six


def test_a_killed_worker_loses_nothing(cluster: Cluster, tmp_path: Path) -> None:
    killer = Killer(tmp_path, kill=1, of=2)
    killer.start()
    found = spread_out(square_when_allowed, range(6), shared=tmp_path, cluster=cluster.address)
    killer.join()
    assert found == [i**2 for i in range(6)]
    assert sum(process.poll() == -signal.SIGKILL for process in cluster.processes) == 1
    (lost,) = (begun(tmp_path)[pid] for pid in killer.killed)
    later = set.union(*(done for pid, done in begun(tmp_path).items() if pid not in killer.killed))
    assert lost <= later


def test_another_worker_takes_over_when_all_are_killed(cluster: Cluster, tmp_path: Path) -> None:
    """What all tasks share was on the dead workers alone; it comes again, too."""
    killer = Killer(tmp_path, kill=1, of=1, then=cluster.add_workers)  # one is left by now
    killer.start()
    found = spread_out(square_when_allowed, range(6), shared=tmp_path, cluster=cluster.address)
    killer.join()
    assert found == [i**2 for i in range(6)]
    assert len(begun(tmp_path)) == 2


def test_a_worker_is_no_scheduler(cluster: Cluster) -> None:
    last = cluster.log(len(cluster.processes) - 1)
    (worker,) = re.findall(r"Start worker at: +(tcp://\S+)", last)
    with pytest.raises(sco.InputError, match=f"at '{worker}' there is a Worker, not a scheduler"):
        spread_out(pow, [1, 2], shared=2, cluster=worker)


def test_a_scheduler_that_dies_is_reported(cluster: Cluster, tmp_path: Path, capfd) -> None:
    killer = Killer(tmp_path, kill=0, of=1, then=cluster.close)
    killer.start()
    with pytest.raises(sco.InputError, match=f"'{cluster.address}' does not answer any more"):
        spread_out(square_when_allowed, range(6), shared=tmp_path, cluster=cluster.address)
    killer.join()
    assert "Traceback" not in capfd.readouterr().err


def test_a_cluster_without_workers_is_refused(empty: Cluster) -> None:
    begin = time.monotonic()
    with pytest.raises(sco.InputError, match="has no worker. Start some with: dask worker tcp://"):
        spread_out(pow, range(6), shared=2, cluster=empty.address)
    assert time.monotonic() - begin < 20


def test_workers_with_another_version_are_refused(empty: Cluster, tmp_path: Path) -> None:
    other = tmp_path / "sco_network-99.0.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: sco-network\nVersion: 99.0\n")
    empty.add_workers(1, str(tmp_path))
    with pytest.raises(sco.InputError, match=r"but at '.*' tcp://127.0.0.1:\d+ has 99.0. Install"):
        spread_out(pow, range(6), shared=2, cluster=empty.address)


def test_an_address_that_nobody_answers_is_refused_within_seconds() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # and not listening
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        begin = time.monotonic()
        with pytest.raises(
            sco.InputError, match=f"no scheduler answered at '{address}' within 5 s"
        ):
            spread_out(pow, [1, 2], shared=2, cluster=address)
    assert time.monotonic() - begin < 10


def test_another_service_is_no_scheduler() -> None:
    def answer() -> None:
        with server.accept()[0] as connection:
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n")

    with socket.create_server(("127.0.0.1", 0)) as server:
        Thread(target=answer).start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(sco.InputError, match=f"what answers at '{address}' is no scheduler"):
            spread_out(pow, [1, 2], shared=2, cluster=address)


@pytest.mark.parametrize("address", ["nonsense", "tcp://127.0.0.1:port", "ftp://127.0.0.1:1", ""])
def test_a_malformed_address_is_refused(address: str) -> None:
    with pytest.raises(sco.InputError, match=f"'{address}' is not an address: .*such as tcp://"):
        spread_out(pow, [1, 2], shared=2, cluster=address)
