"""What is measured in processes of its own: cold starts, commands, memory."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

Result = dict[str, Any]
ROOT = Path(__file__).parents[1]
REPEATS = 7
PROPOSALS = 12

MEMORY = """
import json, resource
from time import perf_counter
from networks import region_frames, region_case
import sco_network as sco
from ours import Ours
case = region_case()
nodes, links, transfers = region_frames()
begin = perf_counter()
network = sco.Network.from_frames(nodes, links, transfers=transfers)
framed = perf_counter()
skim = network.skim(by="length", terminals=case.terminals)
skimmed = perf_counter()
again = network.skim(by="length", terminals=case.terminals)
skimmed_again = perf_counter()
space = sco.ScenarioSpace(network, case.scenarios, by="time", terminals=case.terminals,
                          modes=case.modes)
ready = perf_counter()
space.skim([s.id for s in case.scenarios])
answered = perf_counter()
print(json.dumps({
    "from_frames": framed - begin, "skim_cold": skimmed - framed,
    "skim": skimmed_again - skimmed, "space": ready - skimmed_again,
    "scenario": answered - ready, "scenarios": len(case.scenarios),
    "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9,
}))
"""


def _run(*arguments: str, environment: dict[str, str] | None = None) -> tuple[float, str]:
    """Return the seconds that a Python process takes, and what it prints."""
    begin = perf_counter()
    done = subprocess.run(  # noqa: S603 - our own arguments
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | (environment or {}),
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = perf_counter() - begin
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr else "it failed")
    return seconds, done.stdout


def _median(*arguments: str, repeats: int, environment: dict[str, str] | None = None) -> float:
    return median(_run(*arguments, environment=environment)[0] for _ in range(repeats))


def memory() -> Result:
    """Return seconds and peak memory of the region by way of the public calls."""
    path = f"{Path(__file__).parent}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    # making the region takes several times the memory of using it, so that is done apart
    _run("-c", "import networks; networks.region_case()", environment={"PYTHONPATH": path})
    return dict(json.loads(_run("-c", MEMORY, environment={"PYTHONPATH": path})[1]))


def commands(*, quick: bool) -> Result:
    """Return what commands take from a cold start, with and without Python's bytecode cache.

    Python keeps compiled bytecode beside the source unless it is told not to; the first column
    is what a user meets from the second start on, the other the very first start.
    """
    route = ("route", "Tashkent", "Karachi")
    names = _proposals()
    tasks: dict[str, tuple[tuple[str, ...], int]] = {
        "import sco_network": (("-c", "import sco_network"), REPEATS),
        "import numpy": (("-c", "import numpy"), REPEATS),
        "sco-network route": (("-m", "sco_network", *route), REPEATS),
        f"sco-network rank ({len(names)} proposals)": (
            ("-m", "sco_network", "rank", *names, "--json"),
            1 if quick else 3,
        ),
    }
    draws = 50 if quick else 1000
    tasks[f"sco-network uncertainty ({draws:,} draws, all proposals)"] = (
        ("-m", "sco_network", "uncertainty", "--draws", str(draws), "--json"),
        1,
    )
    return {name: _cold(arguments, repeats) for name, (arguments, repeats) in tasks.items()}


def _cold(arguments: tuple[str, ...], repeats: int) -> Result:
    with TemporaryDirectory() as folder:
        cached = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": folder}
        try:
            first, _ = _run(*arguments, environment=cached)
            later = _median(*arguments, repeats=repeats, environment=cached)
        except RuntimeError as error:
            return {"reason": str(error)}
    return {"reason": None, "first": first, "later": later, "repeats": repeats}


def _proposals() -> list[str]:
    """Return the ids of some proposals that go together."""
    from networks import packaged_case

    return [s.id for s in packaged_case().scenarios][:PROPOSALS]


def machine() -> Result:
    """Return what the numbers depend on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_before": os.getloadavg()[0],
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
