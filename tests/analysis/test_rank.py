"""Shapley values against the definition over all orders; sums, conflicts, orders, sampling."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import line_network, sco_network

import sco_network as sco
from sco_network.analysis.gains import Gains
from sco_network.analysis.shapley import interactions, shapley
from sco_network.errors import InputError


@given(
    st.integers(1, 5).flatmap(
        lambda n: st.lists(st.floats(-9, 9), min_size=1 << n, max_size=1 << n)
    )
)
def test_shapley_is_the_mean_over_all_orders(values: list[float]) -> None:
    value = np.array(values)
    value[0] = 0
    n = len(value).bit_length() - 1
    orders = list(permutations(range(n)))
    added = np.zeros(n)
    for order in orders:
        s = 0
        for i in order:
            added[i] += value[s | 1 << i] - value[s]
            s |= 1 << i
    np.testing.assert_allclose(shapley(value), added / len(orders), atol=1e-9)
    assert shapley(value).sum() == pytest.approx(value[-1])


@given(
    st.lists(st.floats(-9, 9), min_size=8, max_size=8),
    st.lists(st.floats(-9, 9), min_size=3, max_size=3),
)
def test_interaction_of_independent_players_is_nothing(
    values: list[float], alone: list[float]
) -> None:
    additive = np.array([sum(a for i, a in enumerate(alone) if s >> i & 1) for s in range(8)])
    np.testing.assert_allclose(interactions(additive), 0, atol=1e-9)
    # the index of i and j is what the share of i changes when j is there, averaged: linear
    value = np.array(values)
    np.testing.assert_allclose(interactions(value + additive), interactions(value), atol=1e-9)


# n0 ──100── n1 ──100── n2 by road at 50 km/h; proposals double a speed
def faster(name: str, *links: str, speed: float = 100, **more: Any) -> sco.Scenario:
    where = {"link_id": list(links)}
    change = {"links": [{"where": where, "free_speed_km_h": {"set": speed}}]}
    return sco.Scenario.from_dict({"scenario": name, "change": change} | more)


@pytest.fixture
def line() -> sco.Network:
    return line_network(100, 100)


ENDS = ["n0", "n2"]


def test_a_joint_gain_by_hand(line: sco.Network) -> None:
    # efficiency of n0–n2 is 1/4 h today, 1/3 with one half faster, 1/2 with both:
    # +33.3 %, +33.3 %, +100 %; each share is half, and together they are worth 33.3 more
    found = sco.rank(line, [faster("a", "l0"), faster("b", "l1")], terminals=ENDS)
    assert found.total == pytest.approx(100)
    assert found.table["shapley"].tolist() == pytest.approx([50, 50])
    assert found.table["alone"].tolist() == pytest.approx([100 / 3] * 2)
    assert found.table["last"].tolist() == pytest.approx([200 / 3] * 2)
    assert found.interactions["value"].tolist() == pytest.approx([100 / 3])
    assert found.order["total"].tolist() == pytest.approx([100 / 3, 100])
    assert found.is_exact


def test_hours_saved(line: sco.Network) -> None:
    found = sco.rank(
        line, [faster("a", "l0"), faster("b", "l1")], terminals=ENDS, measure="mean_cost"
    )
    assert (found.unit, found.total) == ("h", pytest.approx(2))
    assert found.interactions["value"].tolist() == pytest.approx([0])


def test_of_rivals_the_better_counts(line: sco.Network) -> None:
    # c does for both halves what a and b do for one each, but excludes a
    rival = faster("c", "l0", "l1", speed=100, conflicts=["a"])
    small = [faster("a", "l0", speed=75), rival]
    found = sco.rank(line, small, terminals=ENDS)
    value = {"a": 100 * (4 / (2 + 4 / 3) - 1), "c": 100.0}
    assert found.total == pytest.approx(value["c"])
    by_name = found.table.set_index("scenario")
    assert by_name["shapley"]["a"] == pytest.approx(value["a"] / 2)
    assert by_name["shapley"].sum() == pytest.approx(found.total)
    assert by_name["last"]["a"] == pytest.approx(0)
    assert found.order["scenario"].tolist() == ["c"]
    assert found.left_out == ("a",)


def test_without_its_companion_a_scenario_adds_nothing(line: sco.Network) -> None:
    found = sco.rank(line, [faster("a", "l0"), faster("b", "l1", requires=["a"])], terminals=ENDS)
    by_name = found.table.set_index("scenario")
    assert by_name["alone"].to_dict() == pytest.approx({"a": 100 / 3, "b": 0})
    assert found.order["scenario"].tolist() == ["a", "b"]


def world() -> tuple[sco.Network, list[sco.Scenario]]:
    speeds = {
        "s0": ("l0", "l1", 70),
        "s1": ("l1", "l2", 70),
        "s2": ("l3", 95),
        "s3": ("l4", "l0", 70),
    }
    members = [faster(name, *links, speed=speed) for name, (*links, speed) in speeds.items()]
    return line_network(100, 80, 120, 60, 90), members


@pytest.mark.parametrize("measure", ["efficiency", "mean_cost"])
def test_every_order_gives_the_exact_value(measure: str) -> None:
    network, members = world()
    ends = [f"n{i}" for i in range(6)]
    exact = sco.rank(network, members, terminals=ends, measure=measure)
    drawn = sco.rank(network, members, terminals=ends, measure=measure, permutations=600, seed=3)
    a, b = (r.table.set_index("scenario").sort_index() for r in (exact, drawn))
    assert drawn.total == pytest.approx(exact.total)
    assert b["shapley"].sum() == pytest.approx(drawn.total)
    error = np.abs(a["shapley"] - b["shapley"])
    assert (error <= 4 * b["standard_error"] + 1e-9).all()
    assert (b[["alone", "last"]] == a[["alone", "last"]]).all(axis=None)


@pytest.mark.parametrize("permutations", [None, 30])
def test_the_same_on_any_number_of_threads(permutations: int | None) -> None:
    network, members = world()
    options = {"terminals": [f"n{i}" for i in range(6)], "permutations": permutations}
    one, four = (sco.rank(network, members, jobs=j, **options) for j in (1, 4))
    assert one.as_dict() == four.as_dict()


@pytest.mark.parametrize("measure", ["efficiency", "market_access", "mean_cost"])
def test_gains_are_the_same_by_whichever_way(small: sco.Network, study: Path, measure: str) -> None:
    members = [
        sco.Scenario.load(study / f"scenarios/{n}.yaml")
        for n in ("faster-border", "short-cut", "road-closed")
    ]
    space = sco.ScenarioSpace(small, members)
    fresh = {}
    for mask in range(8):
        atoms = space.mask([m for i, m in enumerate(members) if mask >> i & 1])
        fresh[atoms] = Gains(space, measure).of(atoms)
    for returning in (False, True):
        gains = Gains(space, measure, returning=returning)
        rng = np.random.default_rng(0)
        for atoms in rng.permutation(sorted(fresh) * 4).tolist():
            assert gains.of(atoms) == fresh[atoms]


def test_people_who_come_with_a_scenario_count(small: sco.Network) -> None:
    grown = sco.Scenario.from_dict(
        {
            "scenario": "grown",
            "change": {"nodes": [{"where": {"node_id": "a"}, "population": {"scale": 3}}]},
        }
    )
    space = sco.ScenarioSpace(small, [grown], terminals=["a", "e"])
    gains = Gains(space, "market_access", returning=True)
    assert gains.of(space.mask(["grown"])) == pytest.approx(200)
    assert gains.of(0) == 0


def test_bad_input(line: sco.Network) -> None:
    with pytest.raises(InputError, match="Did you mean 'efficiency'"):
        sco.rank(line, [faster("a", "l0")], measure="eficiency")
    with pytest.raises(InputError, match="nothing to rank"):
        sco.rank(line, [])
    with pytest.raises(InputError, match="requires 'z'"):
        sco.rank(line, [faster("a", "l0", requires=["z"])])


def test_the_command(study: Path) -> None:
    done = sco_network("rank", "--json", cwd=study)
    answer = json.loads(done.stdout)
    assert list(answer)[:5] == ["by", "measure", "total", "scenarios", "interactions"]
    assert list(answer["scenarios"][0])[:4] == ["scenario", "shapley", "alone", "last"]
    assert list(answer["interactions"][0]) == ["a", "b", "value"]
    shares = [s["shapley"] for s in answer["scenarios"]]
    assert sum(shares) == pytest.approx(answer["total"])
    assert "road-closed" in done.stderr  # a closure is left out unless named
    shown = sco_network("rank", "short-cut", "faster-border", cwd=study).stdout
    assert "Who contributes what" in shown
    wrong = sco_network("rank", "short-cutt", "faster-bordr", cwd=study)
    assert wrong.returncode == 1
    assert wrong.stderr.count("Did you mean") == 2
