"""`sco-network diff` as users meet it: differences printed, and a scenario made of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from worlds import LINKS, sco_network, write_study

from sco_network.cli import main

FASTER = LINKS.replace("rail,main,200,50", "rail,main,200,80")
NEW = "be,Direct line,b,e,false,rail,main,260,52,1520,,,,,operating,,survey,A,\n"


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """A study, and data edited in a spreadsheet: semicolons, a new link, a faster one."""
    study = write_study(tmp_path)
    edited = write_study(tmp_path / "edited") / "data"
    (edited / "links.csv").write_text((FASTER + NEW).replace(",", ";"), encoding="utf-8-sig")
    text = (edited / "crossings.csv").read_text(encoding="utf-8")
    border = "be-rail,Direct,b,e,rail,3,10,open,survey,A,\n"
    (edited / "crossings.csv").write_text(text + border, encoding="utf-8")
    return study


def test_an_edit_becomes_a_scenario_that_does_the_same(pair: Path) -> None:
    done = sco_network(
        "diff", "data", "edited/data", "--as-scenario", "my-edit", "--title", "My edit",
        "--out", "scenarios/my-edit.yaml", cwd=pair,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "Wrote scenarios/my-edit.yaml\n")
    assert sco_network("validate", "scenarios/my-edit.yaml", cwd=pair).returncode == 0
    answers = [
        json.loads(
            sco_network("route", "a", "e", "--modes", "rail", "--json", *more, cwd=pair).stdout
        )
        for more in (("--scenario", "my-edit"), ("--data", "edited/data"))
    ]
    assert answers[0].pop("scenarios") == ["my-edit"]
    assert answers[1].pop("scenarios") == []
    assert answers[0] == answers[1]
    assert answers[0]["time_h"] == 10


def test_differences_as_text_markdown_and_json(pair: Path) -> None:
    text = sco_network("diff", "data", "edited/data", cwd=pair).stdout
    assert "links: 1 added, 1 changed" in text
    assert "~ de: free_speed_km_h 50 → 80" in text
    assert "+ be: name Direct line, from_node_id b" in text
    page = sco_network("diff", "data", "edited/data", "--format", "markdown", cwd=pair).stdout
    assert r"| changed | de | free\_speed\_km\_h | 50 | 80 |" in page
    asked = sco_network("diff", "data", "edited/data", "--json", cwd=pair).stdout
    assert asked == sco_network("diff", "data", "edited/data", "--format", "json", cwd=pair).stdout
    answer = json.loads(asked)
    assert answer["counts"]["links"] == {"added": 1, "removed": 0, "changed": 1}
    assert answer["differences"][1] == {
        "table": "links", "id": "de", "change": "changed",
        "fields": {"free_speed_km_h": {"old": 50.0, "new": 80.0}},
    }  # fmt: skip


def test_the_exit_code_is_gits_only_when_asked(pair: Path) -> None:
    assert sco_network("diff", "data", "edited/data", cwd=pair).returncode == 0
    assert sco_network("diff", "data", "edited/data", "--exit-code", cwd=pair).returncode == 1
    same = sco_network("diff", "data", "data", "--exit-code", cwd=pair)
    assert (same.returncode, "No difference" in same.stdout) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("data", "short-cut"), 1, "is a data folder and 'short-cut' is a scenario"),
        (("edited", "data"), 1, "Did you mean 'edited/data'?"),
        (("data", "short-cutt"), 1, "Did you mean 'short-cut'?"),
        (("short-cut", "road-closed", "--as-scenario", "x"), 1, "one data folder into another"),
        (("data", "data", "--as-scenario", "x"), 1, "no difference that a scenario could make"),
        (("data", "edited/data", "--as-scenario", "X Y"), 1, "not a valid id"),
        (
            ("data", "edited/data", "--as-scenario", "x", "--out", "y.yaml"),
            1,
            "not called 'x.yaml'",
        ),
        (("data", "edited/data", "--out", "x.yaml"), 2, "belong to --as-scenario"),
    ],
)
def test_what_cannot_be_done_is_said(
    pair: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    words: str,
) -> None:
    monkeypatch.chdir(pair)
    monkeypatch.setattr(sys, "argv", ["sco-network", "diff", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    done = capsys.readouterr()
    assert (ended.value.code, done.out) == (code, "")
    assert words in done.err
    assert not (pair / "x.yaml").exists()


def test_what_is_left_out_is_said(pair: Path) -> None:
    (pair / "edited/data/countries.csv").write_text("country,name\nAAA,Aland\nBBB,New Beland\n")
    course = {"type": "LineString", "coordinates": [[61, 40], [62, 41], [64, 40]]}
    feature = {"type": "Feature", "properties": {"link_id": "be"}, "geometry": course}
    (pair / "edited/data/geometry.geojson").write_text(json.dumps({"features": [feature]}))
    refused = sco_network("diff", "data", "edited/data", "--as-scenario", "x", cwd=pair)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "countries.csv:3: 'BBB' is changed" in refused.stderr
    done = sco_network("diff", "data", "edited/data", "--as-scenario", "x", "--partial", cwd=pair)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "scenario: x")
    assert "left out: edited/data/countries.csv:3" in done.stderr
    assert "course on the map of 1 links (be)" in done.stderr
    (pair / "edited/data/geometry.geojson").write_text("{")
    broken = sco_network("diff", "data", "edited/data", cwd=pair)
    assert (broken.returncode, "not a GeoJSON file" in broken.stderr) == (1, True)
