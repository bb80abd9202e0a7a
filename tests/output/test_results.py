"""The results folder: all of it or nothing, and never in place of something else."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pytest

import sco_network as sco
from sco_network.model.writing import replaced_folder
from sco_network.output.results import run


def scenarios(study: Path) -> list[sco.Scenario]:
    names = ("faster-border", "road-closed", "short-cut")
    return [sco.Scenario.load(n, study / "scenarios") for n in names]


def test_run_writes_tables_and_figures(study: Path, tmp_path: Path) -> None:
    net = sco.Network.load(study / "data")
    out = tmp_path / "results"
    run(net, scenarios(study), out, jobs=1)
    names = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert {"summary.csv", "routes.csv", "metrics.csv", "run.json"} <= names
    for scenario in ("faster-border", "road-closed", "short-cut"):
        for kind in ("map.png", "map.svg", "routes.png", "routes.svg"):
            assert f"figures/{scenario}-{kind}" in names
    record = json.loads((out / "run.json").read_text())
    assert record["package"] == version("sco-network")
    assert record["data"] == net.hash
    assert record["scenarios"] == {s.id: s.hash for s in scenarios(study)}
    assert (record["by"], record["basemap"]) == ("time", "packaged")
    summary = pd.read_csv(out / "summary.csv", index_col="scenario")
    assert summary.loc["faster-border", "improved"] > 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["results", "study"]


def test_results_do_not_depend_on_the_number_of_processes(study: Path, tmp_path: Path) -> None:
    net = sco.Network.load(study / "data")
    for jobs in (1, 2):
        run(net, scenarios(study), tmp_path / str(jobs), jobs=jobs)
    for name in ("summary.csv", "routes.csv", "metrics.csv", "run.json", "report.html"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_a_failed_run_leaves_the_old_results(tmp_path: Path) -> None:
    out = tmp_path / "results"
    out.mkdir()
    (out / "run.json").write_text("old")
    with pytest.raises(RuntimeError), replaced_folder(out) as folder:
        (folder / "half.csv").write_text("half")
        raise RuntimeError
    assert (out / "run.json").read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["results"]


def test_another_folder_is_not_replaced(study: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.doc").write_text("ten years")
    net = sco.Network.load(study / "data")
    with pytest.raises(sco.InputError, match="not a folder of earlier results"):
        run(net, scenarios(study), precious)
    assert (precious / "thesis.doc").exists()


def test_an_interrupted_run_leaves_no_half_results(study: Path) -> None:
    command = [sys.executable, "-m", "sco_network", "run", "--jobs", "1"]
    process = subprocess.Popen(
        command, cwd=study, stderr=subprocess.DEVNULL, start_new_session=True
    )
    deadline = time.monotonic() + 60
    while not list(study.glob(".results-*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (study / "results").exists()
    for left in study.glob(".results-*"):
        shutil.rmtree(left)
