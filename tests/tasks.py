"""Tasks that worker processes import; some wait until a test lets them go."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread

import numpy as np

import sco_network as sco
from sco_network.errors import bad_argument


def compiled_skim_by(network: sco.Network, by: str) -> np.ndarray:
    return sco.ScenarioSpace(network, [], by=by, engine="elimination").base().matrix


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.02)


def square_when_allowed(folder: Path, number: int) -> int:
    """Leave a file that says which process has begun; end when `go` is there."""
    (folder / f"{number}-{os.getpid()}.begun").touch()
    wait_for((folder / "go").exists)
    return number**2


def begun(folder: Path) -> dict[int, set[int]]:
    """Processes, and the tasks that each has begun."""
    found: dict[int, set[int]] = {}
    for path in folder.glob("*.begun"):
        number, pid = map(int, path.stem.split("-"))
        found.setdefault(pid, set()).add(number)
    return found


def refuse_three(_shared: object, number: int) -> int:
    if number == 3:
        raise bad_argument("number", "three is refused", "Write four")
    return number


def end_this_process(_shared: object, _number: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def pair(shared: object, task: object) -> tuple[object, object]:
    return shared, task


def with_process(shared: object, _number: int) -> tuple[object, int]:
    return shared, os.getpid()


def start_squares(folder: Path, **where: object) -> subprocess.Popen[str]:
    """Start a process of its own group that waits for squares, and wait until two are begun."""
    script = (
        "from pathlib import Path; from tasks import square_when_allowed as f;"
        "from sco_network.analysis.workers import spread_out;"
        f"spread_out(f, range(6), shared=Path({str(folder)!r}), **{where!r})"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_for(lambda: len(begun(folder)) == 2)
    return process


class Killer(Thread):
    """Waits until enough processes are in the middle of a task, kills some, lets the others go."""

    def __init__(
        self, folder: Path, *, kill: int, of: int, then: Callable[[], object] = lambda: None
    ) -> None:
        super().__init__()
        self.folder, self.kill, self.of, self.then = folder, kill, of, then
        self.killed: Sequence[int] = ()

    def run(self) -> None:
        wait_for(lambda: len(begun(self.folder)) >= self.of)
        self.killed = sorted(begun(self.folder))[: self.kill]
        for pid in self.killed:
            os.kill(pid, signal.SIGKILL)
        self.then()
        (self.folder / "go").touch()
