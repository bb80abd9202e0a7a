"""Closures: what their loss costs, and what they leave of gains."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from worlds import sco_network

import sco_network as sco
from sco_network.analysis.metrics import efficiency
from sco_network.errors import InputError


def load(study: Path, *names: str) -> list[sco.Scenario]:
    return [sco.Scenario.load(study / f"scenarios/{n}.yaml") for n in names]


def test_every_loss_is_that_of_a_network_without_the_row(small: sco.Network) -> None:
    ids = ["a", "b", "e"]
    found = sco.stress(small, terminals=ids)
    base = efficiency(small.skim(terminals=ids).matrix)
    losses = found.critical.set_index(["kind", "id"])["loss"].to_dict()
    for kind, table in (("link", "links"), ("crossing", "crossings")):
        for row in small.tables[table].ids:
            gone = sco.Scenario.from_dict({"scenario": "gone", "close": {table: [row]}})
            after = efficiency(small.with_scenarios(gone).skim(terminals=ids).matrix)
            expected = 100 * (base - after) / base
            assert losses.get((kind, row), 0) == pytest.approx(expected, abs=1e-9)


def test_what_is_cut_off_is_counted(small: sco.Network) -> None:
    # without the road a–e and the yard at a nothing changes for rail; without both borders
    # east and west part: a, b | e
    found = sco.stress(small, terminals=["b", "e"], modes=["rail"])
    row = found.critical.set_index("id").loc["cd-rail"]
    assert (row["loss"], row["pairs_lost"], row["countries"]) == (100, 2, "AAA–BBB")


def test_a_closure_can_make_a_proposal_worth_more(small: sco.Network, study: Path) -> None:
    cut, closed = load(study, "short-cut", "road-closed")
    ends = ["a", "e"]
    found = sco.stress(small, [cut], closures=[closed, "ab"], terminals=ends, top=0)
    hours = {
        (): 1 / small.route("a", "e").time_h,
        (1,): 1 / small.route("a", "e", scenarios=[cut]).time_h,
        (2,): 1 / small.route("a", "e", scenarios=[closed]).time_h,
        (1, 2): 1 / small.route("a", "e", scenarios=[cut, closed]).time_h,
    }
    row = found.survival.set_index("closure").loc["road-closed"]
    assert row["gain"] == pytest.approx(100 * (hours[1,] / hours[()] - 1))
    assert row["remaining"] == pytest.approx(100 * (hours[1, 2] - hours[2,]) / hours[()])
    assert row["share"] == pytest.approx(row["remaining"] / row["gain"])
    # the proposal begins at b: without a–b nobody gets there from a by rail
    assert found.survival.set_index("closure").loc["ab"]["remaining"] == pytest.approx(0, abs=1e-9)


def test_a_closure_by_columns_shuts_what_a_proposal_adds(small: sco.Network, study: Path) -> None:
    (cut,) = load(study, "short-cut")
    borders = sco.Scenario.from_dict(
        {"scenario": "borders-shut", "close": {"crossings": [{"where": {"country": "BBB"}}]}}
    )
    by_name = sco.Scenario.from_dict(
        {"scenario": "two-shut", "close": {"crossings": ["ae-road", "cd-rail"]}}
    )
    found = sco.stress(small, [cut], closures=[borders, by_name], terminals=["a", "e"], top=0)
    left = found.survival.set_index("closure")["remaining"]
    assert left["borders-shut"] == 0
    assert left["two-shut"] > 0


def test_without_a_country_the_pairs_of_others_count(small: sco.Network, study: Path) -> None:
    found = sco.stress(
        small, load(study, "short-cut"), avoid=["bbb"], terminals=["a", "b", "e"], top=0
    )
    (row,) = found.survival.to_dict("records")
    assert (row["closure"], row["gain"], row["remaining"]) == ("BBB", 0, 0)
    assert np.isnan(row["share"])


def test_criticality_with_a_scenario_built(small: sco.Network, study: Path) -> None:
    found = sco.stress(small, load(study, "short-cut"), terminals=["a", "e"])
    with_cut = found.critical[found.critical["network"] == "short-cut"].set_index("id")
    assert {"be", "be-rail"} <= set(with_cut.index)  # the new line and its border carry the route
    assert with_cut.loc["be", "name"] == "be"


def test_bad_input(small: sco.Network) -> None:
    with pytest.raises(InputError, match="Did you mean 'cd-rail'"):
        sco.stress(small, closures=["cd-rial"])
    with pytest.raises(InputError, match="no place lies in country 'ZZZ'"):
        sco.stress(small, avoid=["ZZZ"])


def test_the_command(study: Path) -> None:
    done = sco_network(
        "stress", "short-cut", "--avoid", "AAA", "--close", "cd-rail", "--json", cwd=study
    )
    answer = json.loads(done.stdout)
    assert {c["network"] for c in answer["critical"]} == {"base", "short-cut"}
    assert {c["closure"] for c in answer["survival"]} >= {"AAA", "cd-rail"}
    shown = sco_network("stress", cwd=study).stdout
    assert "Crossings whose loss costs most" in shown
    assert "road-closed" in shown  # closures of the folder come along
    wrong = sco_network("stress", "--close", "road-close", cwd=study)
    assert (wrong.returncode, "Did you mean 'road-closed'" in wrong.stderr) == (1, True)
