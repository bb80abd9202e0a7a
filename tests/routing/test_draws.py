"""Draws: the same world for base and scenario, and the same numbers as a network made for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats

import sco_network as sco
from sco_network.errors import InputError
from sco_network.model.assumptions import Spread
from sco_network.routing.draws import Draws, check_shape, input_name, quantile
from sco_network.routing.skim import skim
from sco_network.routing.space import ScenarioSpace
from sco_network.routing.states import expand

LINK = {
    "link_id": "be", "from_node_id": "b", "to_node_id": "e", "mode": "rail", "gauge_mm": 1520,
    "length_km": {"low": 200, "mode": 260, "high": 290}, "free_speed_km_h": 52,
}  # fmt: skip
CROSSING = {"crossing_id": "be-rail", "from_node_id": "b", "to_node_id": "e", "mode": "rail",
            "wait_h": {"low": 1, "mode": 3, "high": 9}}  # fmt: skip
FASTER = {
    "scenario": "faster",
    "change": {
        "crossings": [
            {
                "where": {"status": "open"},
                "wait_h": {"scale": {"low": 0.1, "mode": 0.5, "high": 0.9}},
            }
        ]
    },
}


@given(
    st.tuples(*[st.floats(0, 100)] * 3).map(sorted),
    st.integers(0, 10**9).map(lambda k: k / 10**9),
    st.sampled_from(["triangular", "pert"]),
)
def test_quantiles_agree_with_scipy(ends: list[float], u: float, shape: str) -> None:
    low, mode, high = ends
    spread = Spread(low=low, mode=mode, high=high)
    found = float(quantile(spread, np.array(u), check_shape(shape)))
    if high - low < 1e-6:
        assert found == pytest.approx(mode, abs=1e-6)
        return
    width, at = high - low, (mode - low) / (high - low)
    law = (
        stats.triang(at, low, width)
        if shape == "triangular"
        else stats.beta(1 + 4 * at, 5 - 4 * at, low, width)
    )
    assert found == pytest.approx(law.ppf(u), rel=1e-6, abs=1e-6)


def test_an_unknown_distribution() -> None:
    with pytest.raises(InputError, match="Did you mean 'triangular'"):
        check_shape("triangle")


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # the network never changes
)
@given(
    st.lists(st.floats(0, 1), min_size=5, max_size=5),
    st.sampled_from(["time", "cost", "generalised"]),
)
def test_a_draw_equals_a_network_with_those_numbers(
    small: sco.Network, u: list[float], by: str
) -> None:
    short = sco.Scenario.from_dict(
        {"scenario": "short", "add": {"links": [LINK], "crossings": [CROSSING]}}
    )
    faster = sco.Scenario.from_dict(FASTER)
    ids = ["a", "b", "e"]
    space = ScenarioSpace(small, [short, faster], by=by, terminals=ids)
    both = small.with_scenarios(short, faster)
    settings_ = both.changes.settings
    spread = {input_name(s) for s in settings_.values() if s.spread}
    names = [*sorted(spread), "cost.rail", "value_of_time"]
    assert len(names) == 5
    draws = Draws({n: np.array([0.5, x]) for n, x in zip(names, u, strict=True)}, 2)
    mask = space.mask(["short", "faster"])
    vector = space.costs.drawn(draws).vector(mask)[1]

    drawn = {k: replace(s, value=float(draws.value(input_name(s), s.spread)[1])) if s.spread else s
             for k, s in settings_.items()}  # fmt: skip
    entries = small.assumptions.entries
    values = {k: float(draws.value(k, entries[k])[1]) for k in ("cost.rail", "value_of_time")}
    world = replace(
        small.with_changes(replace(both.changes, settings=drawn)),
        assumptions=small.assumptions.with_values(values),
    )
    expected = skim(expand(world), ids, by).matrix
    np.testing.assert_allclose(space.walk(costs=vector).matrix(), expected, rtol=1e-12)


def test_rows_set_by_one_value_move_together(small: sco.Network) -> None:
    # 20 h by rail and 5 h by road, both scaled by one uncertain number
    faster = sco.Scenario.from_dict(FASTER)
    network = small.with_scenarios(faster)
    (name,) = {input_name(s) for s in network.changes.settings.values()}
    draws = Draws({name: np.array([0.1, 0.9])}, 2)
    waits = [draws.value(name, s.spread) for s in network.changes.settings.values()]
    assert np.allclose(waits[0] / waits[1], [4, 4]) or np.allclose(waits[1] / waits[0], [4, 4])


def test_some_of_the_draws() -> None:
    draws = Draws({"x": np.array([0.1, 0.2, 0.7])}, 3, "pert")
    part = draws.part(1, 9)
    assert (part.position["x"].tolist(), part.count, part.shape) == ([0.2, 0.7], 2, "pert")
    assert draws.value("y", Spread(low=1, mode=2, high=3)) is None
    assert draws.value("x", None) is None
    unsure = Draws({"x": np.array([np.nan, 1.0])}, 2)
    assert unsure.value("x", Spread(low=1, mode=2, high=4)).tolist() == [2, 4]
