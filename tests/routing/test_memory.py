from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

import sco_network as sco
from sco_network.routing.memory import free_memory, left_in_cgroups, require_memory

STAT = "anon 1\ninactive_file {0}\ntotal_inactive_file {0}"


def test_more_than_there_is_is_refused_with_both_figures() -> None:
    with pytest.raises(
        sco.InputError,
        match=r"memory: a skim needs 1,000,000.00 GB, and [\d.]+ GB are free. Take few",
    ):
        require_memory(1e15, "a skim")
    require_memory(1e6, "a skim")


def test_free_memory_is_at_most_what_the_machine_has() -> None:
    assert 0 < free_memory() <= psutil.virtual_memory().total


def group(folder: Path, **files: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(f"{text}\n")


def test_the_tightest_group_of_version_2_counts(tmp_path: Path) -> None:
    own = tmp_path / "cgroup"
    own.write_text("0::/batch/job-7\n")
    root = tmp_path / "fs"
    group(root / "batch", memory__max=1000, memory__current=700, memory__stat=STAT.format(50))
    group(root / "batch/job-7", memory__max="max", memory__current=100, memory__stat=STAT.format(0))
    assert left_in_cgroups(own, root) == 1000 - 700 + 50


def test_inside_a_container_of_version_1_the_limit_stands_at_the_root(tmp_path: Path) -> None:
    own = tmp_path / "cgroup"
    own.write_text("9:name=systemd:/\n4:cpu,memory:/docker/0123\n")
    files = {"memory__limit_in_bytes": 5000, "memory__usage_in_bytes": 4000}
    group(tmp_path / "fs/memory", **files, memory__stat=STAT.format(200))
    assert left_in_cgroups(own, tmp_path / "fs") == 1200


def test_without_groups_there_is_no_limit(tmp_path: Path) -> None:
    (tmp_path / "cgroup").write_text("0::/\n")
    assert left_in_cgroups(tmp_path / "cgroup", tmp_path) == float("inf")
    assert left_in_cgroups(tmp_path / "none", tmp_path) == float("inf")


# Skims of 2,000 terminals on a chain, where a little less or more is free than the estimate says.
SCRIPT = """
import resource
import psutil
import sco_network as sco
from sco_network.analysis.large_skim import large_skim
from sco_network.routing.skim import skim
from sco_network.routing.states import expand
from worlds import line_network

network = line_network(*[1.0] * 1999)
graph, ids = expand(network, ["road"]), network.nodes.ids.tolist()
matrix = 8 * 2000**2
for name, run, batch in (
    ("large", lambda n: large_skim(graph, ids[:n], "length", jobs=1), 8 * 62 * (6000 + 3 * 2000)),
    ("plain", lambda n: skim(graph, ids[:n], "length"), 12 * 2000 * 6000),
):
    run(10)  # loads what it needs
    for more in (-2e6, 24e6):
        limit = int(psutil.Process().memory_info().vms + matrix + batch + more)
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
        try:
            print(name, run(2000).matrix[0, -1])
        except sco.InputError as error:
            print(name, error)
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps to RLIMIT_AS")
def test_a_skim_is_refused_where_it_would_not_fit_and_fits_where_it_is_not() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    refused = r"memory: a skim between 2,000 terminals needs 0.\d+ GB, and 0.\d+ GB are free. .*\n"
    expected = rf"large {refused}large 1999.0\nplain {refused}plain 1999.0\n"
    assert re.fullmatch(expected, done.stdout), done.stdout + done.stderr
