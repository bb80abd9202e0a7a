"""Building or cutting border waits, by hand on the small network, and against full comparisons."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from worlds import sco_network

import sco_network as sco
from sco_network.analysis.turnable import Turnable, inverse
from sco_network.cli import cli
from sco_network.output.breakeven import draw_breakeven, draw_contest

inf = np.inf
SLACK = 1e-3

# Today by all modes: a–b 2 h, a–e 15 h over the road border (5 h of it waiting), b–e 21 h:
# back to a, onto a lorry (4 h), then as a–e. The short cut b–e is 260 km at 52 km/h, 5 h.


def short_cut(wait: float, **more: Any) -> sco.Scenario:
    ends = {"from_node_id": "b", "to_node_id": "e", "mode": "rail"}
    return sco.Scenario.from_dict(
        {
            "scenario": "short-cut",
            "capex_musd": {"low": 400, "mode": 500, "high": 900},
            "add": {
                "links": [ends | {"link_id": "be", "gauge_mm": 1520, "length_km": 260, "free_speed_km_h": 52}],
                "crossings": [ends | {"crossing_id": "be-rail", "wait_h": wait, "fee_usd": 10}],
            },
        }
        | more
    )  # fmt: skip


def faster_line() -> sco.Scenario:
    """An upgrade of a railway inside one country."""
    edit = {"where": {"link_id": "ab"}, "free_speed_km_h": {"set": 100}}
    return sco.Scenario.from_dict({"scenario": "faster-line", "change": {"links": [edit]}})


def test_the_equal_cut_between_two_places(small: sco.Network) -> None:
    # with a wait of 5 h the short cut takes 2 + 5 + 5 = 12 h and saves 3 of the 5 h of waiting
    found = sco.breakeven(small, short_cut(5), origin="Alpha", destination="Epsilon")
    assert found.gain == pytest.approx(3)
    assert found.cut_at == ("ae-road",)
    assert found.same_gain.cut == pytest.approx(0.6, abs=SLACK)
    assert found.same_winners == found.same_gain
    (row,) = found.crossings.to_dict("records")
    assert (row["wait_h"], row["share_percent"]) == (5, pytest.approx(100))
    assert row["same_gain_h"] == pytest.approx(2, abs=0.01)
    assert found.verdict == "waits cut by 60.0 % at this crossing gain as much"
    assert found.capex is not None
    assert (found.capex.low, found.capex.mode, found.capex.high) == (0.4, 0.5, 0.9)


def test_no_wait_at_all_may_not_be_enough(small: sco.Network) -> None:
    found = sco.breakeven(small, short_cut(3))
    # a–b 2 h, a–e 10 h, b–e 8 h with the short cut; 2, 10 and 16 h with no wait at the road border
    gain = (1 / 10 - 1 / 15) + (1 / 8 - 1 / 21)
    most = (1 / 10 - 1 / 15) + (1 / 16 - 1 / 21)
    assert found.gain == pytest.approx(100 * gain / (1 / 2 + 1 / 15 + 1 / 21))
    assert found.same_gain.cut is None
    assert found.same_gain.reach_percent == pytest.approx(100 * most / gain)
    assert found.verdict == (
        f"even with no wait at all at this crossing only {100 * most / gain:.0f} % "
        "of the gain is reached"
    )
    assert found.as_dict()["same_gain"]["cut_percent"] is None


def test_a_cut_serves_others_than_the_new_line(small: sco.Network) -> None:
    # with a wait of 10 h only b–e gains: 15 h instead of 21
    found = sco.breakeven(small, short_cut(10))
    assert found.same_gain.cut is not None
    at_road, by_lorry = 15 - 5 * found.same_gain.cut, 21 - 5 * found.same_gain.cut
    both = (1 / at_road - 1 / 15) + (1 / by_lorry - 1 / 21)
    assert both == pytest.approx(1 / 15 - 1 / 21, rel=SLACK)
    # b–e itself has 16 h left with no wait at all: never 15
    assert found.same_winners.cut is None
    reach = 100 * (1 / 16 - 1 / 21) / (1 / 15 - 1 / 21)
    assert found.same_winners.reach_percent == pytest.approx(reach)


def test_where_it_stops_paying(small: sco.Network) -> None:
    # a–e: 2 + 260 / v + wait = 15; b–e: 260 / v + wait = 21
    wait, speed = sco.breakeven(small, short_cut(3), origin="a", destination="e").limits
    assert (wait.where, wait.unit, wait.proposed) == (("be-rail",), "h", 3)
    assert wait.value == pytest.approx(8, rel=SLACK)
    assert (speed.where, speed.unit) == (("be",), "km/h")
    assert speed.proposed == pytest.approx(52)
    assert speed.value == pytest.approx(260 / 10, rel=SLACK)
    wait, speed = sco.breakeven(small, short_cut(3)).limits
    assert wait.value == pytest.approx(16, rel=SLACK)
    assert speed.value == pytest.approx(260 / 18, rel=SLACK)


def test_a_gain_that_does_not_hang_on_the_new_line(small: sco.Network) -> None:
    both = short_cut(3, change=faster_line().content.change.model_dump())
    wait, speed = sco.breakeven(small, both, origin="a", destination="b").limits
    assert (wait.value, speed.value) == (None, None)
    assert wait.left_percent == pytest.approx(100)


def test_an_upgrade_has_no_limit_and_no_border(small: sco.Network) -> None:
    found = sco.breakeven(small, faster_line(), origin="a", destination="b")
    assert found.gain == pytest.approx(1)
    assert found.limits == ()
    assert found.verdict == "today's route waits at no border: there is no wait to cut"
    assert found.capex is None


def test_crossings_that_carry_next_to_nothing_do_not_count(small: sco.Network) -> None:
    found = sco.breakeven(small, faster_line(), modes=["rail"])
    # a–b gains 1/1 − 1/2, a–e by way of the border c–d 1/37.2 − 1/38.2
    share = (1 / 37.2 - 1 / 38.2) / (1 / 2 + 1 / 37.2 - 1 / 38.2)
    assert found.passing.to_dict() == {"cd-rail": pytest.approx(100 * share)}
    assert found.cut_at == ()
    assert found.verdict.startswith("no border takes part")
    named = sco.breakeven(small, faster_line(), modes=["rail"], crossings=["all-on-route"])
    assert named.cut_at == ("cd-rail",)


def test_a_first_route_cannot_be_matched() -> None:
    nodes = pd.DataFrame(
        {"node_id": ["p", "q", "r"], "x_coord": [0, 0.01, 0.02], "y_coord": 0,
         "country": ["AAA", "BBB", "BBB"], "node_type": "port"}
    )  # fmt: skip
    row = {"mode": "road", "length_km": 100.0}
    links = pd.DataFrame([row | {"link_id": "qr", "from_node_id": "q", "to_node_id": "r"}])
    ends = {"from_node_id": "p", "to_node_id": "q", "mode": "road"}
    bridge = sco.Scenario.from_dict(
        {
            "scenario": "bridge",
            "add": {
                "links": [ends | {"link_id": "pq", "length_km": 10}],
                "crossings": [ends | {"crossing_id": "pq-road", "wait_h": 5}],
            },
        }
    )
    network = sco.Network.from_frames(nodes, links)
    for more in ({}, {"origin": "p", "destination": "r"}):
        found = sco.breakeven(network, bridge, **more)
        assert found.verdict == "all it gains are first routes: no cut of waits gives one"
        assert found.as_dict()["same_gain"]["cut_percent"] is None
        assert [(limit.what, limit.value) for limit in found.limits] == [
            ("wait", None),
            ("speed", None),
        ]
    assert found.gain == inf
    assert found.as_dict()["gain"] is None


def test_nothing_gained_is_said(small: sco.Network) -> None:
    found = sco.breakeven(small, short_cut(300))
    assert found.gain == 0
    assert found.verdict == "nothing is gained, so there is nothing to match"
    assert found.limits == ()


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(cut=st.floats(0, 1), wait=st.floats(0, 30), by=st.sampled_from(["time", "generalised"]))
def test_a_cut_gains_what_a_scenario_of_the_cut_gains(
    small: sco.Network, cut: float, wait: float, by: str
) -> None:
    at = ["ae-road", "cd-rail"]
    found = sco.breakeven(small, short_cut(wait), crossings=at, by=by)
    scaled = {"where": {"crossing_id": at}, "wait_h": {"scale": 1 - cut}}
    reform = {"scenario": "reform", "change": {"crossings": [scaled]}}
    if cut > 1e-6:  # less changes no digit of the waits, and is refused
        built = sco.compare(small, sco.Scenario.from_dict(reform), by=by)
        assert found.gain_with(cut) == pytest.approx(built.efficiency_change(by), abs=1e-9)
    assert found.gain_with(cut) <= found.gain_with(min(1.0, cut + 0.1)) + 1e-12


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(wait=st.floats(0, 15))
def test_at_the_equal_cut_the_gains_are_equal_and_at_the_limit_nothing_is_left(
    small: sco.Network, wait: float
) -> None:
    found = sco.breakeven(small, short_cut(wait))
    if found.same_gain.cut is not None:
        assert found.gain_with(found.same_gain.cut) == pytest.approx(found.gain, rel=0.01)
    limit = found.limits[0].value
    assert limit is not None
    assert sco.compare(small, short_cut(limit + 0.01)).efficiency_change("time") == 0
    if limit - 0.01 > wait:
        assert sco.compare(small, short_cut(limit - 0.01)).efficiency_change("time") > 0


def test_loads_lie_on_the_best_routes(small: sco.Network) -> None:
    comparison = sco.compare(small, short_cut(3))
    today = Turnable(comparison.before)
    weight = np.array([[0, 0, 2], [0, 0, 1], [4, 0, 0]], dtype=float)  # a–e 2, b–e 1, e–a 4
    load = today.loads(weight)
    ids = small.links.ids
    on_link = {ids[row]: load[today.graph.link == row].tolist() for row in (0, 4)}
    assert on_link == {"ab": [0, 1], "ae": [3, 4]}
    assert inverse(np.array([[0, 4], [inf, 0]])).tolist() == [[0, 0.25], [0, 0]]


def test_all_that_is_wrong_is_said_at_once(small: sco.Network) -> None:
    with pytest.raises(sco.InputError) as refusal:
        sco.breakeven(
            small, short_cut(3), crossings=["ae-raod", "be-rail"], origin="a", by="length"
        )
    words = str(refusal.value)
    assert len(refusal.value.problems) == 4
    assert "unknown crossing 'ae-raod'. Did you mean 'ae-road'?" in words
    assert "the crossing 'be-rail' is built by 'short-cut'" in words
    assert "argument destination: one place alone is no pair" in words
    assert "border waits do not count in 'length'" in words
    with pytest.raises(sco.InputError, match="are one place"):
        sco.breakeven(small, short_cut(3), origin="a", destination="Alpha")


def test_a_lost_route_is_no_gain(study: Path) -> None:
    shut = sco.Scenario.load("road-closed", study / "scenarios")
    network = sco.Network.load(study / "data")
    found = sco.breakeven(network, shut, origin="a", destination="e", modes=["road"])
    assert found.verdict == "the pair has no route with it"
    assert found.as_dict()["gain"] is None
    assert sco.breakeven(network, shut, modes=["road"]).verdict.startswith("nothing is gained")


def test_the_figure_says_the_values(small: sco.Network) -> None:
    ax = draw_breakeven(sco.breakeven(small, short_cut(5), origin="a", destination="e"))
    texts = {t.get_text() for t in ax.texts}
    assert {"Building gains 3.0 h", "Waits: cut of 60.0 %"} <= texts
    found = [sco.breakeven(small, s) for s in (faster_line(), short_cut(10), short_cut(300))]
    figure = draw_contest(found).get_figure()
    shown = [ax for ax in figure.axes if ax.get_visible()]
    assert len(shown) == 2  # what gains nothing has no panel


def test_the_command_answers_in_json(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(study)
    ends = ("--from", "Alpha", "--to", "Epsilon")
    done = CliRunner().invoke(cli, ["breakeven", "short-cut", *ends, "--json"])
    (answer,) = json.loads(done.stdout)
    assert list(answer) == [
        "scenario", "by", "modes", "from", "to", "gain", "unit", "verdict", "same_gain",
        "same_winners", "capex_busd", "crossings", "limits",
    ]  # fmt: skip
    assert answer["gain"] == pytest.approx(5)
    assert answer["same_gain"]["cut_percent"] == pytest.approx(100)
    assert answer["capex_busd"] == {"low": 0.5, "mode": 0.5, "high": 0.5}


def test_the_command_refuses_an_unknown_crossing(study: Path) -> None:
    wrong = sco_network("breakeven", "short-cut", "--crossing", "ae-raod", cwd=study)
    assert wrong.returncode == 1
    assert "Did you mean 'ae-road'?" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_the_table_of_all_proposals(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(study)
    monkeypatch.setenv("COLUMNS", "160")
    table = CliRunner().invoke(cli, ["breakeven", "--plot", "curves.svg"]).stdout
    assert (study / "curves.svg").stat().st_size > 5_000
    rows = {line.split()[0]: line for line in table.splitlines() if line.strip()}
    assert "not published" in rows["faster-border"]
    assert "wait 16 h (plan 3); speed 14 km/h (plan 52)" in rows["short-cut"]
    assert "short-cut:" in rows  # no cut is enough: said in words
    assert "road-closed" not in rows  # a closure builds nothing
