from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from tasks import (
    Killer,
    begun,
    compiled_skim_by,
    end_this_process,
    refuse_three,
    square_when_allowed,
    start_squares,
    wait_for,
    with_process,
)

import sco_network as sco
from sco_network.analysis.workers import spread_out

BY = ("length", "time", "cost", "generalised")


def test_results_are_the_same_on_any_number_of_processes(base: sco.Network) -> None:
    # this process has used the compiled loops when it forks the others
    alone = spread_out(compiled_skim_by, BY, shared=base, jobs=1)
    together = spread_out(compiled_skim_by, BY, shared=base, jobs=2)
    assert [a.tobytes() for a in alone] == [b.tobytes() for b in together]
    assert np.isfinite(alone[1]).any()


def test_results_come_in_the_order_of_the_tasks() -> None:
    assert spread_out(pow, range(50), shared=2, jobs=3) == [2**i for i in range(50)]
    assert spread_out(pow, [], shared=2) == []


def test_one_job_or_one_task_stays_in_this_process() -> None:
    shared = object()
    for tasks, jobs in (([1, 2, 3], 1), ([1], 4)):
        found = spread_out(with_process, tasks, shared=shared, jobs=jobs)
        assert found == [(shared, os.getpid())] * len(tasks)
    found = spread_out(with_process, range(8), shared=1, jobs=2)
    assert os.getpid() not in {pid for _, pid in found}


@pytest.mark.parametrize(("jobs", "where"), [(1, "in this process"), (2, "2 processes")])
def test_progress_counts_to_the_end(jobs: int, where: str) -> None:
    seen: list[tuple[int, int, str]] = []
    spread_out(pow, range(5), shared=2, jobs=jobs, progress=lambda *what: seen.append(what))
    assert seen == [(done, 5, where) for done in range(6)]


def test_a_killed_process_loses_nothing(tmp_path: Path) -> None:
    killer = Killer(tmp_path, kill=1, of=2)
    killer.start()
    found = spread_out(square_when_allowed, range(6), shared=tmp_path, jobs=2)
    killer.join()
    assert found == [i**2 for i in range(6)]
    (lost,) = (begun(tmp_path)[pid] for pid in killer.killed)
    later = set.union(*(done for pid, done in begun(tmp_path).items() if pid not in killer.killed))
    assert lost <= later  # what it was doing was done again


def test_processes_that_die_again_and_again_are_given_up() -> None:
    with pytest.raises(sco.InputError, match="jobs: processes died 4 times before 5 of 5 tasks"):
        spread_out(end_this_process, range(5), shared=None, jobs=2)


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_error_of_a_task_comes_back_as_itself(jobs: int) -> None:
    with pytest.raises(sco.InputError) as caught:
        spread_out(refuse_three, range(9), shared=None, jobs=jobs)
    assert caught.value.problems == (
        sco.Problem("argument number", None, "", "three is refused", "Write four"),
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"jobs": 0}, "jobs: there cannot be 0 processes"),
        ({"jobs": 2, "cluster": "tcp://127.0.0.1:1"}, "jobs are local, and a cluster was given"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict, message: str) -> None:
    with pytest.raises(sco.InputError, match=message):
        spread_out(pow, [1, 2], shared=2, **options)


def test_what_a_cluster_needs_is_said_where_it_is_missing(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(sco.InputError, match=r"Run: pip install 'sco-network\[cluster\]'"):
        spread_out(pow, [1, 2], shared=2, cluster="tcp://127.0.0.1:8786")


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_no_process_stays_behind_when_the_work_is_broken_off(tmp_path: Path, sent: int) -> None:
    process = start_squares(tmp_path, jobs=2)
    workers = list(begun(tmp_path))
    if sent == signal.SIGINT:
        os.killpg(process.pid, sent)  # as a terminal does
    else:
        process.send_signal(sent)
    _, errors = process.communicate(timeout=30)
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), 30)
    assert errors.count("Traceback") == (1 if sent == signal.SIGINT else 0)  # not one a worker
