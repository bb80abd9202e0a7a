"""Published claims against the model: every kind of figure, and what the verdicts mean."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sco_network as sco
from sco_network.analysis.claims import (
    CheckedClaim,
    Side,
    check_claims,
    without_border_hours,
)

# With the short cut b – e the best way from a to e is
#            today                      with it
#   h        15 = 10 run + 5 border     10 = 7 run + 3 border        (by road today)
#   km       390                        360
#   USD      490 (by rail)              370
SHORT_CUT = {
    "links": [
        {
            "link_id": "be",
            "from_node_id": "b",
            "to_node_id": "e",
            "mode": "rail",
            "gauge_mm": 1520,
            "length_km": 260,
            "free_speed_km_h": 52,
        }
    ],
    "crossings": [
        {
            "crossing_id": "be-rail",
            "from_node_id": "b",
            "to_node_id": "e",
            "mode": "rail",
            "wait_h": 3,
            "fee_usd": 10,
        }
    ],
}


def promise(*claims: dict[str, Any], kind: str = "rail", **content: Any) -> sco.Scenario:
    if not content:
        content = {"add": SHORT_CUT}
    filled = [{"text": "A claim", "from": "a", "to": "e", **c} for c in claims]
    return sco.Scenario.from_dict({"scenario": "x", "kind": kind, "claims": filled, **content})


def checked(network: sco.Network, scenario: sco.Scenario, **options: Any) -> CheckedClaim:
    (found,) = check_claims(network, [scenario], **options).checked
    return found


def closure(**claim: Any) -> sco.Scenario:
    return promise(claim, kind="closure", close={"crossings": ["ae-road"]})


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        # a level after is a promise: 10 h may be at most 15 % above it, 30 % is near
        ({"after": 12}, "holds"),
        ({"after": 8.7}, "holds"),
        ({"after": 8.6}, "partly"),
        ({"after": 7.7}, "partly"),
        ({"after": 7.6}, "does not hold"),
        # a change of −5 h must reach 85 % of the one promised, half of it is near
        ({"change": -5}, "holds"),
        ({"change": -5.8}, "holds"),
        ({"change": -6}, "partly"),
        ({"change": -10}, "partly"),
        ({"change": -10.1}, "does not hold"),
        ({"change": 5}, "does not hold"),
        # −33.3 %: the tolerance is a share of the percentage
        ({"change": -39, "unit": "%"}, "holds"),
        ({"change": -40, "unit": "%"}, "partly"),
        ({"change": -70, "unit": "%"}, "does not hold"),
        # a level before describes: 15 h may lie 15 % to either side
        ({"before": 17}, "holds"),
        ({"before": 13.1}, "holds"),
        ({"before": 20}, "partly"),
        ({"before": 11}, "does not hold"),
        # two levels also publish the change between them
        ({"before": 15, "after": 10}, "holds"),
        ({"before": 13.1, "after": 11.5}, "holds"),
        ({"before": 17, "after": 9}, "partly"),
        ({"before": 24, "after": 12}, "partly"),
        ({"before": 15, "after": 2}, "does not hold"),
        # lengths describe, before and after
        ({"by": "length", "after": 360, "unit": "km"}, "holds"),
        ({"by": "length", "after": 450, "unit": "km"}, "partly"),
        ({"by": "length", "after": 600, "unit": "km"}, "does not hold"),
        ({"by": "length", "change": -30, "unit": "km"}, "holds"),
        # what is measured on the route that is best by something else
        ({"by": "time", "measure": "length", "before": 390, "after": 360, "unit": "km"}, "holds"),
        ({"by": "time", "measure": "cost", "before": 840, "unit": "USD"}, "holds"),
        ({"by": "cost", "before": 490, "after": 370, "unit": "USD"}, "holds"),
        ({"by": "cost", "change": -24.5, "unit": "%"}, "holds"),
        ({"by": "generalised", "before": 490 + 382, "after": 470, "unit": "USD"}, "holds"),
        ({}, "cannot be tested"),
        ({"after": 12, "untestable": "said of passengers"}, "cannot be tested"),
    ],
)
def test_each_kind_of_figure_has_its_rule(
    small: sco.Network, claim: dict[str, Any], verdict: str
) -> None:
    assert checked(small, promise(claim)).verdict == verdict


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        # a closure promises nothing: 38.2 h instead of 15 must be what is published
        ({"after": 38}, "holds"),
        ({"after": 60}, "does not hold"),
        ({"change": 23}, "holds"),
        ({"change": 18}, "partly"),
        ({"change": 15}, "does not hold"),
    ],
)
def test_the_figures_of_a_closure_describe(
    small: sco.Network, claim: dict[str, Any], verdict: str
) -> None:
    assert checked(small, closure(**claim)).verdict == verdict


def test_the_tolerance_decides(small: sco.Network) -> None:
    scenario = promise({"after": 8})
    verdicts = [checked(small, scenario, tolerance_percent=t).verdict for t in (25, 15, 10)]
    assert verdicts == ["holds", "partly", "does not hold"]


@given(after=st.floats(1, 100), tolerance=st.floats(0, 100), model=st.floats(1, 100))
def test_a_shorter_way_or_a_wider_tolerance_never_makes_a_promise_worse(
    after: float, tolerance: float, model: float
) -> None:
    order = ["holds", "partly", "does not hold"]
    scenario = promise({"after": after})
    claim = scenario.content.claims[0]

    def rank(hours: float, percent: float) -> int:
        found = CheckedClaim(scenario, claim, Side(50.0), Side(hours), percent)
        return order.index(found.verdict)

    assert rank(model * 0.9, tolerance) <= rank(model, tolerance)
    assert rank(model, tolerance) <= rank(model, tolerance * 0.9)


def test_days_that_hold_only_without_borders_say_so(small: sco.Network) -> None:
    found = checked(small, promise({"after": 7.5}))
    assert (found.verdict, found.only_without_borders) == ("does not hold", True)
    assert found.remarks == ["holds only without any border, transfer and gauge hours (7 h)"]
    found = checked(small, promise({"after": 5}))
    assert (found.verdict, found.only_without_borders) == ("does not hold", False)
    assert found.remarks == ["not even without any border, transfer and gauge hours (7 h)"]
    assert checked(small, promise({"after": 10})).without_borders is None


def test_a_network_without_border_hours_still_runs_and_pays(small: sco.Network) -> None:
    bare, full = (n.route("a", "e", modes=["rail"]) for n in (without_border_hours(small), small))
    assert (full.time_h, bare.time_h) == pytest.approx((38.2, 8.2))
    assert bare.cost_usd == full.cost_usd
    assert small.route("a", "e", modes=["rail"]).time_h == pytest.approx(38.2)


def test_remarks_tell_what_the_verdict_hides(small: sco.Network) -> None:
    assert checked(small, promise({"before": 24, "after": 12})).remarks == [
        "today the model has 15 h, not 24"
    ]
    assert checked(small, promise({"after": 20})).remarks == [
        "so it is today, without the scenario",
        "the model goes far beyond what is published",
    ]
    road = promise({"change": -3, "modes": ["road"]})
    assert checked(small, road).remarks == ["the scenario changes nothing on this route"]
    assert checked(small, promise({"after": 1, "untestable": "of passengers"})).remarks == [
        "of passengers"
    ]


def test_the_legs_explain_the_difference(small: sco.Network) -> None:
    found = checked(small, promise({"before": 15, "after": 10}))
    assert found.by_kind(found.before) == pytest.approx({"run": 10, "border": 5})
    assert found.by_kind(found.after) == pytest.approx({"run": 7, "border": 3})
    explained = found.as_dict()["explanation"]
    assert [(s["kind"], s["place"], s["change"]) for s in explained["largest"]] == [
        ("run", "Alpha – Epsilon", -10),
        ("border", "Alpha – Epsilon", -5),
        ("run", "Beta – Epsilon", 5),
        ("border", "Beta – Epsilon", 3),
        ("run", "Alpha – Beta", 2),
    ]


def test_no_route_is_a_reason_never_a_number(small: sco.Network) -> None:
    found = checked(small, promise({"to": "c", "modes": ["road"], "after": 5}))
    assert (found.verdict, found.after.value) == ("cannot be tested", None)
    assert found.remarks == ["with the scenario, no route joins the two places"]
    assert found.as_dict()["model_after"] is None


def test_a_place_that_the_scenario_adds_has_no_before(small: sco.Network) -> None:
    node = {"node_id": "f", "name": "Far", "country": "AAA", "x_coord": 60, "y_coord": 40.5}
    link = {"link_id": "af", "from_node_id": "a", "to_node_id": "f", "mode": "road"}
    add = {"nodes": [node], "links": [link | {"length_km": 78, "free_speed_km_h": 39}]}
    after, change = (
        checked(small, promise({"to": "f", **figure}, add=add))
        for figure in ({"after": 2}, {"change": -2})
    )
    assert (after.verdict, after.remarks) == ("holds", ["today, the network has no place 'f'"])
    assert change.verdict == "cannot be tested"
    assert change.remarks == ["today, the network has no place 'f'"]


def gas_network() -> sco.Network:
    """Return a field, a junction and a market that no pipeline joins, and a road beside them."""
    nodes = pd.DataFrame(
        {
            "node_id": ["field", "half", "market"],
            "x_coord": [0.0, 1.0, 2.0],
            "y_coord": 0.0,
            "node_type": ["field", "junction", "city"],
        }
    )
    links = pd.DataFrame(
        {
            "link_id": ["road"],
            "from_node_id": ["field"],
            "to_node_id": ["market"],
            "mode": ["road"],
            "length_km": [250.0],
        }
    )
    return sco.Network.from_frames(nodes, links)


def pipeline(capacity: float | None, **claim: Any) -> sco.Scenario:
    links = [
        {
            "link_id": f"{a}-{b}",
            "from_node_id": a,
            "to_node_id": b,
            "mode": "gas",
            "length_km": 120,
            **({"capacity_value": value, "capacity_unit": "bcm_y"} if value else {}),
        }
        for a, b, value in (("field", "half", 10), ("half", "market", capacity))
    ]
    ends = {"from": "field", "to": "market", "modes": ["gas"], "by": "length"}
    return promise({**ends, "unit": "bcm_y", **claim}, kind="pipeline", add={"links": links})


@pytest.mark.parametrize(
    ("after", "verdict"),
    [(7, "holds"), (5, "holds"), (8, "holds"), (9, "partly"), (20, "does not hold")],
)
def test_a_capacity_is_the_most_that_flows(after: float, verdict: str) -> None:
    found = checked(gas_network(), pipeline(7, before=0, after=after))
    assert (found.before.value, found.after.value, found.verdict) == (None, 7.0, verdict)


def test_a_flow_that_cannot_be_found_is_said_in_words() -> None:
    unknown = checked(gas_network(), pipeline(None, after=7))
    assert unknown.verdict == "cannot be tested"
    assert "no stated capacity" in unknown.obstacle
    around = checked(gas_network(), pipeline(7, after=7, avoid=["AAA"]))
    assert "not found around countries" in around.obstacle
    length = checked(gas_network(), pipeline(7, after=240, unit="km"))
    assert length.verdict == "holds"


def test_a_scenario_is_applied_with_what_it_requires(small: sco.Network) -> None:
    cut = sco.Scenario.from_dict({"scenario": "cut", "add": SHORT_CUT})
    faster = {"crossings": [{"where": {"crossing_id": "cd-rail"}, "wait_h": {"set": 2}}]}
    needs = promise({"after": 10}, change=faster, requires=["cut"])
    with pytest.raises(sco.InputError, match="requires 'cut', which is not applied with it"):
        check_claims(small, [needs])
    assert checked(small, needs, required=[cut]).after.value == pytest.approx(10)


def test_bad_input_is_named_with_its_place(small: sco.Network) -> None:
    wrong = promise({"from": "aa", "after": 1}, {"to": "ee", "after": 1})
    with pytest.raises(sco.InputError) as caught:
        check_claims(small, [wrong])
    assert [p.message for p in caught.value.problems] == ["unknown node 'aa'", "unknown node 'ee'"]
    with pytest.raises(sco.InputError, match="101 % is not between 0 and 100 %"):
        check_claims(small, [promise({"after": 1})], tolerance_percent=101)
    with pytest.raises(sco.InputError, match="length is counted in km, not h; say what is"):
        promise({"by": "length", "after": 1})
    with pytest.raises(sco.InputError, match="a percentage is a 'change'"):
        promise({"after": 1, "unit": "%"})


def test_the_table_has_a_row_a_claim(small: sco.Network) -> None:
    found = sco.claims(small, [promise({"after": 12}, {"change": -50, "unit": "%"})])
    assert found.table["verdict"].tolist() == ["holds", "partly"]
    assert found.table["model_change"].tolist() == pytest.approx([-5, -33.333])
    assert found.counts == {"holds": 1, "partly": 1, "does not hold": 0, "cannot be tested": 0}


def test_packaged_claims_of_every_unit_find_a_verdict(base: sco.Network) -> None:
    names = ("uap-torkham", "tapi-pipeline", "five-nations-railway", "payment-mechanism")
    found = sco.claims(base, [sco.Scenario.load(name) for name in names]).checked
    assert {c.claim.unit for c in found} == {"h", "%", "km", "bcm_y"}
    assert {c.scenario.id for c in found} == set(names)
    for c in found:
        assert c.after.value is not None or c.verdict == "cannot be tested"
        assert c.remarks or c.verdict != "cannot be tested"
