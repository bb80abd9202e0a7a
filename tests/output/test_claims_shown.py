"""What people see of the claims: words, marks, the command."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result
from worlds import SHORT_CUT, sco_network, write_study

import sco_network as sco
from sco_network.cli import cli
from sco_network.output.claims import (
    MARKS,
    Claims,
    delivered_percent,
    explanation_words,
    model_words,
    published_words,
)

KEYS = ["scenario", "text", "published_before", "published_after", "model_before", "model_after",
        "unit", "verdict"]  # fmt: skip
MORE = """  - {text: "A third sooner", from: a, to: e, change: -33, unit: "%"}
  - {text: "In seven and a half hours", from: a, to: e, after: 7.5, unit: h}
  - {text: "By lorry", from: a, to: c, modes: [road], after: 7.5, unit: h}
"""


def many(tmp_path: Path) -> Path:
    return write_study(tmp_path / "many", short_cut=SHORT_CUT + MORE)


def test_figures_are_told_with_their_units(tmp_path: Path) -> None:
    study = many(tmp_path)
    network = sco.Network.load(study / "data")
    found = Claims.of(network, [sco.Scenario.load(study / "scenarios/short-cut.yaml")])
    words = [(published_words(c), model_words(c), c.verdict) for c in found.checked]
    assert words == [
        ("24 → 12 h", "15.0 → 10.0 h", "partly"),
        ("−33 %", "15.0 → 10.0 h, −33 %", "holds"),
        ("7.5 h", "15.0 → 10.0 h", "does not hold"),
        ("7.5 h", "none → none h", "cannot be tested"),
    ]
    assert "running 7, borders 3 h" in explanation_words(found.checked[0])
    delivered = [delivered_percent(c) for c in found.checked]
    assert [d and round(d) for d in delivered] == [120, 101, 75, None]


def test_the_command_prints_verdicts_and_draws_them(tmp_path: Path) -> None:
    study = many(tmp_path)
    done = sco_network("claims", "--plot", "claims.svg", cwd=study)
    assert done.returncode == 0, done.stderr
    for verdict, mark in MARKS.items():
        assert f"{mark} {verdict}" in done.stdout
    assert "holds only without any border" in done.stdout
    assert "1 holds, 1 holds partly, 1 does not hold, 1 cannot be tested" in done.stdout
    assert "<svg" in (study / "claims.svg").read_text(encoding="utf-8")


def test_json_has_the_agreed_keys_first(study: Path) -> None:
    (answer,) = json.loads(run(study, "short-cut", "--tolerance", "30", "--json").stdout)
    assert list(answer)[: len(KEYS)] == KEYS
    assert [answer[k] for k in KEYS[2:]] == [24, 12, 15, 10, "h", "partly"]
    assert answer["tolerance_percent"] == 30


def test_bad_input_is_answered_in_words(study: Path) -> None:
    assert "there is no claim to test" in str(run(study, "road-closed").exception)
    assert "Did you mean 'short-cut'?" in str(run(study, "short-cutt").exception)
    assert run(study, "--tolerance", "200").exit_code == 2


def run(study: Path, *arguments: str) -> Result:
    """Run the command in this process; a process of its own takes seconds to start."""
    folders = ["--data", str(study / "data"), "--scenarios", str(study / "scenarios")]
    return CliRunner().invoke(cli, ["claims", *arguments, *folders])
