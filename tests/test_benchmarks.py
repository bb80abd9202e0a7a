"""The benchmark command runs, and its page has a place for all that it measures."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from string import Template

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import report

BENCHMARKS = Path(report.__file__).parent


def test_a_small_part_is_measured_and_agrees(tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    parts = ("--only", "random", "--only", "scipy", "--only", "pandana")
    done = subprocess.run(
        [sys.executable, "peers.py", "--quick", *parts, "--json", str(results)],
        cwd=BENCHMARKS, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    case = json.loads(results.read_text(encoding="utf-8"))["cases"]["random"]
    assert case["libraries"]["scipy"]["difference"] < 1e-9
    assert case["ours_difference"] < 1e-9
    assert "400 nodes, 1,200 links" in case["title"]
    assert "| scipy " in done.stdout
    # what is not installed, or fails, is said and ends nothing
    pandana = case["libraries"]["pandana"]
    assert pandana["reason"] is None or "ModuleNotFoundError" in pandana["reason"]


def case(rerun: float, difference: float = 0.0) -> dict[str, object]:
    library = {"reason": None, "difference": difference, "first": rerun, "rerun": rerun}
    return library | {"is_exact": difference == 0, "rows": None, "version": "1"}


def test_goals_are_held_against_the_same_answers() -> None:
    libraries = {"slow": case(0.5), "quick": case(0.03), "rounding": case(0.01, 1e-6)}
    random = {"ours": {"fresh": 0.001, "step": 0.002}, "libraries": libraries}
    ((goal, found, met, beside),) = report.goals({"cases": {"random": random}})
    assert goal == "a scenario's skim, 400 nodes: ≥ 20 ×"
    assert (found, met) == ("30 × (quick)", "met")
    assert beside == "rounding 10.0 ×, but in integers"
    libraries["quick"]["rerun"] = 0.015
    assert report.goals({"cases": {"random": random}})[0][2] == "**not met**"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "–"), (0.00071, "0.71 ms"), (0.0931, "93 ms"), (17.2, "17.2 s"), (401.0, "401 s")],
)
def test_times_for_people(value: float | None, shown: str) -> None:
    assert report.seconds(value) == shown


def test_the_page_names_all_that_is_measured() -> None:
    template = Template(report.TEMPLATE.read_text(encoding="utf-8"))
    cases = {
        f"{name}_{part}" for name in ("random", "packaged", "region") for part in ("words", "table")
    }
    growth = {f"growth_{what}" for what in ("nodes", "terminals", "changes", "scenarios")}
    others = {"goals", "machine", "subsets", "memory", "floor", "commands"}
    assert set(template.get_identifiers()) == cases | growth | others
