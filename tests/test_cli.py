"""The command line as users meet it: a process with output, messages and exit code."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from worlds import sco_network

import sco_network as sco
from sco_network.__main__ import main
from sco_network.cli import cli


def test_route_prints_legs_and_totals(study: Path) -> None:
    done = sco_network("route", "Alpha", "Epsilon", "--modes", "rail", cwd=study)
    assert done.returncode == 0
    for words in ("Alpha – Beta", "rail-1676", "410 km", "38.2 h", "detour index"):
        assert words in done.stdout


def test_route_json_has_the_agreed_keys(study: Path) -> None:
    done = sco_network("route", "a", "e", "--json", "--scenario", "short-cut", cwd=study)
    answer = json.loads(done.stdout)
    assert list(answer) == [
        "origin", "destination", "by", "scenarios", "reachable", "length_km", "time_h",
        "cost_usd", "detour_index", "legs",
    ]  # fmt: skip
    assert list(answer["legs"][0]) == [
        "from", "to", "mode", "layer", "link_id", "length_km", "run_h", "border_h",
        "transfer_h", "gauge_h", "cost_usd", "source_id",
    ]  # fmt: skip
    assert answer["scenarios"] == ["short-cut"]
    assert answer["time_h"] == 10


def test_no_route_is_an_answer_with_code_one(study: Path) -> None:
    done = sco_network("route", "a", "c", "--modes", "road", "--json", cwd=study)
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert (answer["reachable"], answer["length_km"], answer["legs"]) == (False, None, [])
    assert "no route" in sco_network("route", "a", "c", "--modes", "road", cwd=study).stdout


def test_compare_json_has_the_agreed_keys(study: Path) -> None:
    done = sco_network("compare", "short-cut", "road-closed", "--json", cwd=study)
    answers = json.loads(done.stdout)
    assert [a["scenario"] for a in answers] == ["short-cut", "road-closed"]
    assert list(answers[0]) == ["scenario", "by", "pairs", "metrics", "routes"]
    assert list(answers[0]["pairs"]) == [
        "improved",
        "worse",
        "newly_connected",
        "lost",
        "unchanged",
    ]
    assert list(answers[0]["metrics"][0]) == [
        "metric", "unit", "baseline", "scenario", "change", "percent_change",
    ]  # fmt: skip
    assert list(answers[0]["routes"][0]) == [
        "from", "to", "baseline", "scenario", "change", "percent_change", "category",
    ]  # fmt: skip


def test_compare_together_and_between_two_places(study: Path) -> None:
    done = sco_network(
        "compare", "faster-border", "road-closed", "--together", "--from", "Alpha", "--to", "Epsilon",
        "--json", cwd=study,
    )  # fmt: skip
    (answer,) = json.loads(done.stdout)
    assert answer["scenario"] == "faster-border + road-closed"
    assert answer["pairs"]["worse"] == 2  # 15 h by road become 20.2 h by rail


def test_list_show_and_schema(study: Path) -> None:
    listed = json.loads(sco_network("list", "--json", cwd=study).stdout)
    assert list(listed[0]) == [
        "scenario", "title", "kind", "status", "build_year", "requires", "conflicts", "includes",
    ]  # fmt: skip
    assert "A direct railway" in sco_network("list", cwd=study).stdout
    (shown,) = json.loads(sco_network("show", "short-cut", "--json", cwd=study).stdout)
    assert shown["capex_musd"] == 500
    assert "North line" in sco_network("show", "ab", cwd=study).stdout
    wrong = sco_network("show", "short-cutt", cwd=study)
    assert (wrong.returncode, "short-cut" in wrong.stderr) == (1, True)
    schema = json.loads(sco_network("schema", cwd=study).stdout)
    assert "scenario" in schema["properties"]


DRAWING = [name for name, c in cli.commands.items() if any(p.name == "plot" for p in c.params)]


@pytest.mark.parametrize("command", DRAWING)
@pytest.mark.parametrize(
    ("plot", "why"), [("x.jpg", "a 'jpg' file"), ("data/nodes.csv/x.png", "here")]
)
def test_a_picture_that_cannot_be_is_refused_before_any_work(
    command: str, plot: str, why: str, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(study)
    places = ["a", "e"] if command == "route" else []
    done = CliRunner().invoke(cli, [command, *places, "--plot", plot, "--data", "nowhere"])
    assert isinstance(done.exception, sco.InputError)
    (problem,) = done.exception.problems  # not of the data, which are not looked at yet
    assert problem.message.endswith(why)


@pytest.mark.parametrize("command", ["run", "compare", "rank", "breakeven", "timeline", "claims"])
def test_all_scenarios_that_are_misnamed_are_named_at_once(
    command: str, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(study)
    done = CliRunner().invoke(cli, [command, "short-cutt", "road-close", "short-cutt"])
    assert isinstance(done.exception, sco.InputError)
    hints = [(problem.message, problem.hint) for problem in done.exception.problems]
    assert hints == [
        ("unknown scenario 'short-cutt'", "Did you mean 'short-cut'?"),
        ("unknown scenario 'road-close'", "Did you mean 'road-closed'?"),
    ]


def test_run_names_what_it_wrote(study: Path) -> None:
    done = sco_network("run", "short-cut", "--out", "out dir", cwd=study)
    assert done.returncode == 0
    assert "short-cut" in done.stdout
    assert done.stderr.strip().splitlines()[-1].endswith(str(study / "out dir"))
    assert (study / "out dir/figures/short-cut-map.png").stat().st_size > 10_000


def test_init_copies_a_study_that_works(tmp_path: Path) -> None:
    assert sco_network("init", "my-study", cwd=tmp_path).returncode == 0
    again = sco_network("init", "my-study", cwd=tmp_path)
    assert (again.returncode, "not an empty folder" in again.stderr) == (1, True)
    study = tmp_path / "my-study"
    assert (study / "data/nodes.csv").exists()
    assert list((study / "scenarios").glob("*.py"))
    assert (
        sco_network("route", "Tashkent", "Samarkand", "--modes", "rail", cwd=study).returncode == 0
    )


def imported(code: str, cwd: Path) -> set[str]:
    """Run some code in a process of its own and return all that it imported."""
    code += "\nimport sys; print(*sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stderr.split()}


HEAVY = {"pandas", "scipy", "numba", "matplotlib", "osmnx", "geopandas", "shapely"}


def test_a_route_starts_without_heavy_libraries(study: Path) -> None:
    code = "import sco_network.cli as c; c.cli(['route', 'a', 'e'], standalone_mode=False)"
    found = imported(code, study)
    assert {"sco_network", "numpy", "rich"} <= found
    assert not found & HEAVY


def test_the_package_is_imported_at_once(study: Path) -> None:
    found = imported("import sco_network", study)
    assert "sco_network" in found
    assert not found & (HEAVY | {"networkx", "numpy", "pydantic", "yaml"})


def test_the_command_line_takes_sigterm_for_its_own_time_only(monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["sco-network", "list"])
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit):
        main()
    assert signal.getsignal(signal.SIGTERM) == before
    assert "uap-railway" in capsys.readouterr().out
