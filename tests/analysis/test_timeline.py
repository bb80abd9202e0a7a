"""A programme over the years, on two roads whose gains add up, and on small variations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from worlds import sco_network

import sco_network as sco
from sco_network.analysis.capital import capex, per_billion
from sco_network.analysis.timeline import Timeline
from sco_network.cli import cli
from sco_network.model.assumptions import Spread
from sco_network.output.timeline import draw_timeline

# Two roads of 100 km that nothing joins, 50 km/h, two ports each:
#
#   n0 ──p── n1        n2 ──q── n3
#
# Four of the twelve ordered pairs have a route, of 2 h. At 100 km/h a road takes 1 h: its two
# pairs gain 2 × (1 − 1/2) of 4 × 1/2 in all, +50 %; at 75 km/h 4/3 h, +25 %.


def two_roads() -> sco.Network:
    nodes = pd.DataFrame(
        {"node_id": ["n0", "n1", "n2", "n3"], "x_coord": [0, 0.1, 0.2, 0.3], "y_coord": 0,
         "node_type": "port", "population": 1000}
    )  # fmt: skip
    links = pd.DataFrame(
        {"link_id": ["p", "q"], "from_node_id": ["n0", "n2"], "to_node_id": ["n1", "n3"],
         "mode": "road", "length_km": 100.0, "free_speed_km_h": 50.0}
    )  # fmt: skip
    return sco.Network.from_frames(nodes, links)


def faster(
    name: str, road: str, speed: float, year: Any = (2028, 2030, 2033), **more: Any
) -> sco.Scenario:
    years = dict(zip(("low", "mode", "high"), year, strict=True)) if year else None
    edit = {"where": {"link_id": road}, "free_speed_km_h": {"set": speed}}
    content = {"scenario": name, "kind": "road", "build_year": years, "change": {"links": [edit]}}
    return sco.Scenario.from_dict(content | more)


def p(**more: Any) -> sco.Scenario:
    return faster("fast-p", "p", 100, **more)


def q(**more: Any) -> sco.Scenario:
    return faster("fast-q", "q", 75, **({"year": (2031, 2032, 2040)} | more))


def gains(found: Timeline, case: str) -> dict[int, float]:
    rows = found.years[found.years["case"] == case]
    return dict(zip(rows["year"], rows["efficiency_percent"].round(9), strict=True))


def test_the_years_by_hand() -> None:
    found = sco.timeline(two_roads(), [p(), q()], years=(2026, 2040))
    base = gains(found, "mode")
    assert [base[y] for y in (2026, 2029, 2030, 2031, 2032, 2040)] == [0, 0, 50, 50, 75, 75]
    early, late = gains(found, "low"), gains(found, "high")
    assert [early[y] for y in (2027, 2028, 2031)] == [0, 50, 75]
    assert [late[y] for y in (2032, 2033, 2039, 2040)] == [0, 50, 50, 75]
    rows = found.years.set_index(["case", "year"])
    assert rows.loc[("mode", 2032), "opens"] == ["fast-q"]
    # mean hours over the four pairs with a route: 2, then 1 and 2, then 1 and 4/3
    hours = [rows.loc[("mode", y), "mean_time"] for y in (2026, 2030, 2032)]
    assert hours == pytest.approx([2, 1.5, 7 / 6])
    # 1,000 people at each port: its neighbour's thousand over the hours, mean over the four
    access = [rows.loc[("mode", y), "market_access"] for y in (2026, 2032)]
    assert access == pytest.approx([500, (1000 + 750) / 2])


def test_what_a_proposal_adds_and_what_delay_costs() -> None:
    costs = {"low": 500, "mode": 1000, "high": 2000}
    found = sco.timeline(two_roads(), [q(), p(capex_musd=costs)], years=(2026, 2040))
    one, other = found.proposals.to_dict("records")
    assert (one["scenario"], one["adds_percent"], one["alone_percent"]) == (
        "fast-p",
        pytest.approx(50),
        pytest.approx(50),
    )
    per = [one[f"percent_per_busd_{end}"] for end in ("low", "mode", "high")]
    assert per == pytest.approx([25, 50, 100])
    assert pd.isna(other["capex_busd_mode"])
    assert pd.isna(other["percent_per_busd_mode"])
    # p opens in 2030: five years later loses 5 × 50, in 2033 3 × 50
    assert one["lost_by_delay"] == pytest.approx(250)
    assert one["lost_if_late"] == pytest.approx(150)
    # q opens in 2032, in the late case in 2040: 8 × 25
    assert other["lost_if_late"] == pytest.approx(200)
    # p in 11, q in 9 of the years to 2040
    assert found.cumulated["mode"] == pytest.approx(11 * 50 + 9 * 25)
    plan = found.as_dict()["proposals"][1]
    assert plan["capex_busd_mode"] is None


def test_a_scenario_waits_for_what_it_requires() -> None:
    first = q(year=(2029, 2029, 2029), requires=["fast-p"])
    found = sco.timeline(two_roads(), [first, p()])
    assert found.programme.years("mode") == {"fast-p": 2030, "fast-q": 2030}
    assert [s.id for s in found.programme.members] == ["fast-p", "fast-q"]
    late = found.proposals.set_index("scenario").loc["fast-p", "lost_by_delay"]
    assert late == pytest.approx(5 * 75 - 4 * 75)  # all of 2030 and no more is shown
    for order in found.orders:
        assert order.ids in ([], ["fast-p", "fast-q"])
    with pytest.raises(sco.InputError, match="requires 'fast-p', which is not among"):
        sco.timeline(two_roads(), [first])


def test_of_two_that_conflict_the_first_to_open_stays() -> None:
    rival = faster("rival", "p", 80, conflicts=["fast-p"])
    sooner = faster("rival", "p", 80, (2027, 2029, 2031), conflicts=["fast-p"])
    # a clash of values conflicts, too, and what requires a loser goes with it
    clash = faster("clash", "p", 60, (2040, 2040, 2040))
    guest = q(requires=["rival"])
    for one, left in (
        (rival, {"rival": "conflicts with fast-p, which opens first"}),
        (sooner, {"fast-p": "conflicts with rival, which opens first"}),
    ):
        found = sco.timeline(two_roads(), [one, p()])
        assert found.programme.left_out == left
    found = sco.timeline(two_roads(), [rival, p(), clash, guest])
    assert found.programme.ids == ("fast-p",)
    assert found.programme.left_out == {
        "rival": "conflicts with fast-p, which opens first",
        "clash": "conflicts with fast-p, which opens first",
        "fast-q": "requires rival, which is left out",
    }


def test_who_is_left_out() -> None:
    gone = faster("gone", "q", 90, status="cancelled")
    undated = faster("undated", "q", 90, None)
    shut = sco.Scenario.from_dict(
        {"scenario": "shut", "kind": "closure", "close": {"links": ["q"]}}
    )
    pipe = faster("pipe", "q", 90, kind="pipeline")
    both = sco.Scenario.from_dict({"scenario": "both", "includes": ["fast-p"]}, [p()])
    everything = [gone, undated, shut, pipe, both]
    found = sco.timeline(two_roads(), everything)
    assert found.programme.ids == ("fast-p",)
    assert found.programme.left_out == {
        "both": "a package: its members come in their own years",
        "gone": "cancelled",
        "pipe": "carries nothing by road, rail, sea",
        "shut": "no build year (a closure)",
        "undated": "no build year",
    }
    assert "gone" in sco.timeline(two_roads(), everything, cancelled=True).programme.ids
    with pytest.raises(sco.InputError, match=r"nothing to build.*shut: no build year"):
        sco.timeline(two_roads(), [shut])


def test_the_best_order() -> None:
    # p gains twice as much; q costs a tenth
    found = sco.timeline(
        two_roads(), [q(year=(2027,) * 3, capex_musd=100), p(capex_musd=1000)], years=(2026, 2030)
    )
    orders = {(o.rule, o.method): o for o in found.orders}
    assert orders["gain", "announced"].ids == ["fast-q", "fast-p"]
    assert orders["gain", "greedy"].ids == orders["gain", "exact"].ids == ["fast-p", "fast-q"]
    # of 75 in hand: nothing in the first step, 50 in the second
    assert orders["gain", "greedy"].in_hand_percent == pytest.approx(100 * 50 / (2 * 75))
    assert orders["gain per billion", "greedy"].ids == ["fast-q", "fast-p"]
    # 25 are there while the dear one (1 of 1.1 billion) is built
    assert orders["gain per billion", "exact"].in_hand_percent == pytest.approx(
        100 * 25 * 1.0 / (75 * 1.1)
    )


def test_greedy_is_near_sighted_where_two_pay_only_together() -> None:
    # a new road n1 – n2 in two halves: each alone joins nothing
    middle = {"node_id": "m", "x_coord": 0.15, "y_coord": 0}
    half = {"mode": "road", "length_km": 10, "free_speed_km_h": 50}

    def part(name: str, start: str, end: str, **more: Any) -> sco.Scenario:
        link = half | {"link_id": name, "from_node_id": start, "to_node_id": end}
        content = {"scenario": name, "build_year": 2030, "add": {"links": [link]}}
        content["add"] |= more
        return sco.Scenario.from_dict(content)

    west = part("west", "n1", "m", nodes=[middle])
    east = part("east", "m", "n2", nodes=[middle])
    found = sco.timeline(two_roads(), [west, east, faster("small", "p", 52)])
    by = {o.method: o for o in found.orders if o.rule == "gain"}
    assert by["greedy"].ids[0] == "small"
    assert by["exact"].ids[-1] == "small"
    assert by["exact"].in_hand_percent > by["greedy"].in_hand_percent
    assert [o.ids for o in found.orders if o.rule != "gain"] == [[], [], []]


years = st.tuples(*[st.integers(2026, 2045)] * 3).map(sorted)
speeds = st.floats(51, 200)


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(years, speeds, st.floats(1, 5000)), min_size=2, max_size=2))
def test_early_is_never_below_late_and_smith_is_right(given_: Any) -> None:
    members = [
        faster(f"s-{road}", road, speed, when, capex_musd=cost)
        for road, (when, speed, cost) in zip("pq", given_, strict=True)
    ]
    found = sco.timeline(two_roads(), members)
    early, base, late = (gains(found, case) for case in ("low", "mode", "high"))
    assert all(early[y] >= base[y] >= late[y] for y in base)
    by = {(o.rule, o.method): o.in_hand_percent for o in found.orders}
    for rule in ("gain", "gain per billion"):  # the two roads' gains add up: greedy is best
        assert by[rule, "exact"] == pytest.approx(by[rule, "greedy"])
        assert by[rule, "exact"] >= by[rule, "announced"] - 1e-9


def test_capital_costs_add_up_only_if_all_are_published() -> None:
    priced = p(capex_musd={"low": 1000, "mode": 2000, "high": 4000})
    assert capex([priced, q(capex_musd=500)]) == Spread(low=1.5, mode=2.5, high=4.5)
    assert capex([priced, q()]) is None
    both = {"scenario": "both", "includes": ["fast-p", "fast-q"]}
    members = [priced, q(capex_musd=500)]
    assert capex([sco.Scenario.from_dict(both, members)]) == Spread(low=1.5, mode=2.5, high=4.5)
    assert capex([sco.Scenario.from_dict(both, [priced, q()])]) is None
    own = sco.Scenario.from_dict(both | {"capex_musd": 700}, [priced, q()])
    assert capex([own]) == Spread(low=0.7, mode=0.7, high=0.7)
    assert per_billion(3.0, None) is None


def test_wrong_years_and_cases_are_said_at_once() -> None:
    with pytest.raises(sco.InputError) as refusal:
        sco.timeline(two_roads(), [p()], case="mod", years=(2020, 2015))
    words = str(refusal.value)
    assert "unknown case 'mod'. Did you mean 'mode'?" in words
    assert "from-year: the year 2020 is before the base year 2026" in words
    assert "to-year: the year 2015 is before the base year 2026" in words
    with pytest.raises(sco.InputError, match="the years 2030 to 2028 are no period"):
        sco.timeline(two_roads(), [p()], years=(2030, 2028))


def test_the_years_shown() -> None:
    found = sco.timeline(two_roads(), [p(), q()])
    assert (found.first, found.last) == (2026, 2035)  # the last opening, 2032, rounded up


def test_the_chart_names_what_opens() -> None:
    found = sco.timeline(two_roads(), [p(title="The first road"), q()])
    ax = draw_timeline(found)
    figure = ax.get_figure()
    figure.canvas.draw()
    below = figure.axes[1]
    assert [t.get_text() for t in below.get_yticklabels()] == ["The first road", "fast-q"]
    texts = [t for t in ax.texts if t.get_text()]
    assert {"2030: The first road", "2032: fast-q"} <= {t.get_text() for t in texts}
    boxes = [t.get_window_extent() for t in (*texts, *below.texts)]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_the_command(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(study)
    answer = json.loads(CliRunner().invoke(cli, ["timeline", "--json"]).stdout)
    assert list(answer) == [
        "by", "modes", "unit", "case", "first_year", "last_year", "delay_years", "left_out",
        "cumulated_percent_years", "years", "proposals", "orders",
    ]  # fmt: skip
    assert (answer["first_year"], answer["last_year"]) == (2026, 2035)
    assert {row["scenario"] for row in answer["left_out"]} == {"faster-border", "road-closed"}
    assert [row["scenario"] for row in answer["proposals"]] == ["short-cut"]
    shown = CliRunner().invoke(cli, ["timeline", "--plot", "steps.png"])
    assert "left out: road-closed: no build year (a closure)" in shown.stdout
    assert "2032 (2030–2035)" in shown.stdout
    assert (study / "steps.png").stat().st_size > 10_000


def test_the_command_refuses_a_year_before_the_base(study: Path) -> None:
    wrong = sco_network("timeline", "--from-year", "2020", cwd=study)
    assert wrong.returncode == 1
    assert "before the base year 2026" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_a_cancelled_one_comes_only_by_name(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(study)
    path = Path("scenarios/short-cut.yaml")
    path.write_text(path.read_text().replace("under_consideration", "cancelled"))
    named = json.loads(CliRunner().invoke(cli, ["timeline", "short-cut", "--json"]).stdout)
    assert [row["scenario"] for row in named["proposals"]] == ["short-cut"]
    refused = CliRunner().invoke(cli, ["timeline"]).exception
    assert "short-cut: cancelled" in str(refused)
