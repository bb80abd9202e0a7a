"""Paired draws: by hand, the same in any company and on any number of workers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from worlds import line_network, sco_network

import sco_network as sco
from sco_network.analysis.uncertainty import inputs
from sco_network.errors import InputError

SPREAD = {"low": 60, "mode": 80, "high": 100}


def faster(name: str, link: str, speed: Any = SPREAD) -> sco.Scenario:
    change = {"links": [{"where": {"link_id": link}, "free_speed_km_h": {"set": speed}}]}
    return sco.Scenario.from_dict({"scenario": name, "change": change})


@pytest.fixture
def line() -> sco.Network:
    return line_network(100, 100)


ENDS = ["n0", "n2"]


def test_one_input_by_hand(line: sco.Network) -> None:
    # 100 km at 50 km/h become 100 km at 60 to 100: hours saved are 2 − 100/v
    found = sco.uncertainty(
        line, [faster("a", "l0")], terminals=ENDS, measure="mean_cost", draws=200, jobs=1
    )
    saved = found.gains["a"].to_numpy()
    speed = 100 / (2 - saved)
    assert (speed.min() > 60, speed.max() < 100, abs(speed.mean() - 80) < 2) == (True, True, True)
    assert found.at_modes["a"] == pytest.approx(2 - 100 / 80)
    (row,) = found.tornado.to_dict("records")
    assert row["input"] == "a: change.links.0.free_speed_km_h"
    assert (row["gain_at_low"], row["gain_at_high"]) == pytest.approx((2 - 100 / 60, 1))
    assert (row["unit"], row["swing"]) == ("km/h", pytest.approx(100 / 60 - 1))
    assert found.table["positive"].tolist() == [1]
    assert found.table["p50"][0] == pytest.approx(np.median(saved))


def test_what_two_share_cancels(small: sco.Network, study: Path) -> None:
    # the same proposal under two names gains the same in every draw, whatever is drawn
    cut = sco.Scenario.load(study / "scenarios/short-cut.yaml")
    sure = {"where": {"crossing_id": "cd-rail"}, "wait_h": {"set": 2}}
    twins = [
        sco.Scenario.from_dict({"scenario": n, "change": {"crossings": [sure]}}) for n in ("x", "y")
    ]
    found = sco.uncertainty(small, [*twins, cut], by="generalised", draws=30, jobs=1)
    assert (found.gains["x"] == found.gains["y"]).all()
    assert found.gains["x"].std() > 0  # the assumptions are drawn
    beats = found.beats.set_index(["a", "b"])["probability"]
    assert beats["x", "y"] == 0.5
    assert beats["x", "short-cut"] + beats["short-cut", "x"] == pytest.approx(1)


def test_draws_do_not_depend_on_company_number_or_workers(line: sco.Network) -> None:
    a, b = faster("a", "l0"), faster("b", "l1")
    alone = sco.uncertainty(line, [a], terminals=ENDS, draws=50, jobs=1).gains["a"]
    both = sco.uncertainty(line, [b, a], terminals=ENDS, draws=90, jobs=2)
    assert (both.gains["a"][:50] == alone).all()
    again = sco.uncertainty(line, [b, a], terminals=ENDS, draws=90, jobs=1)
    pd.testing.assert_frame_equal(both.gains, again.gains, check_exact=True)
    assert both.as_dict() == again.as_dict()
    other = sco.uncertainty(line, [a], terminals=ENDS, draws=50, seed=1, jobs=1).gains["a"]
    assert (other != alone).all()


def test_ranks_and_their_firmness(line: sco.Network) -> None:
    better = faster("b", "l1", {"low": 150, "mode": 160, "high": 170})
    found = sco.uncertainty(line, [faster("a", "l0"), better], terminals=ENDS, draws=40, jobs=1)
    assert found.table["scenario"].tolist() == ["b", "a"]
    assert found.table["first"].tolist() == [1, 0]
    assert found.rank_agreement == 1


def test_every_spread_is_an_input(small: sco.Network, study: Path) -> None:
    cut = sco.Scenario.load(study / "scenarios/short-cut.yaml")
    known = {i.name: i for i in inputs(small, [cut])}
    assert set(known) == {
        "cost.rail",
        "cost.road",
        "value_of_time",
        "short-cut: add.links.0.length_km",
    }
    assert known["short-cut: add.links.0.length_km"].place.endswith("short-cut.yaml:11")
    # which places are compared is a choice: terminal.population stays as it is


def test_bad_input(line: sco.Network) -> None:
    with pytest.raises(InputError, match="nothing here is uncertain"):
        sco.uncertainty(line, [faster("a", "l0", 80)], terminals=ENDS)
    with pytest.raises(InputError, match="Did you mean 'pert'"):
        sco.uncertainty(line, [faster("a", "l0")], distribution="prt")
    with pytest.raises(InputError, match="is too few"):
        sco.uncertainty(line, [faster("a", "l0")], draws=1)


def test_the_command(study: Path) -> None:
    arguments = (
        "uncertainty",
        "short-cut",
        "faster-border",
        "--draws",
        "30",
        "--by",
        "generalised",
    )
    done = sco_network(*arguments, "--json", "--jobs", "2", cwd=study)
    answer = json.loads(done.stdout)
    assert answer["draws"] == 30
    assert {s["scenario"] for s in answer["scenarios"]} == {"short-cut", "faster-border"}
    assert "cost.rail" in {t["input"] for t in answer["tornado"]}
    shown = sco_network(*arguments, "--jobs", "1", "--out", "gains.csv", cwd=study)
    assert "What matters most" in shown.stdout
    gains = pd.read_csv(study / "gains.csv")
    assert gains.shape == (30, 2)
    median = {s["scenario"]: s["p50"] for s in answer["scenarios"]}
    assert gains.median().to_dict() == pytest.approx(median, rel=1e-6)
    dead = sco_network(*arguments, "--cluster", "tcp://127.0.0.1:1", cwd=study)
    assert (dead.returncode, "127.0.0.1:1" in dead.stderr) == (1, True)


def test_low_above_high_is_refused_with_its_line(study: Path) -> None:
    path = study / "scenarios/short-cut.yaml"
    path.write_text(path.read_text().replace("low: 255", "low: 300"))
    done = sco_network("uncertainty", "short-cut", cwd=study)
    assert done.returncode == 1
    assert "short-cut.yaml:11: low 300, mode 260, high 280 are not in rising order" in done.stderr
    assert done.stderr.count("error:") == 1
