"""From pairs of cities to pairs of countries, on the small network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from worlds import line_network

import sco_network as sco
from sco_network.analysis.country_pairs import country_pairs, keeping_modes, mean_change
from sco_network.analysis.hours import scaled_hours

CITIES = ["a", "b", "e"]
FREIGHT = ["rail", "road", "sea"]


@pytest.fixture
def built(study: Path) -> sco.Network:
    network = sco.Network.load(study / "data")
    return network.with_scenarios(sco.Scenario.load("short-cut", study / "scenarios"))


def hours(network: sco.Network) -> np.ndarray:
    return network.skim(terminals=CITIES, modes=FREIGHT).matrix


# Today a–e takes 15 h by road; b–e 2 h rail, 4 h yard, 15 h road: 21 h.
# With the short cut b–e takes 8 h by rail, a–e 10 h.
@pytest.mark.parametrize(
    ("by_population", "before", "after"),
    [(False, (15 + 21) / 2, (10 + 8) / 2), (True, (2 * 15 + 21) / 3, (2 * 10 + 8) / 3)],
)
def test_hours_between_countries_are_the_mean_over_their_cities(
    small: sco.Network, built: sco.Network, by_population: bool, before: float, after: float
) -> None:
    skims = [net.skim(terminals=CITIES, modes=FREIGHT) for net in (small, built)]
    pairs = country_pairs(small, *skims, by_population=by_population)
    assert pairs[["from", "to", "city_pairs"]].to_numpy().tolist() == [
        ["AAA", "BBB", 2],
        ["BBB", "AAA", 2],
    ]
    assert pairs["baseline"].tolist() == pytest.approx([before] * 2)
    assert pairs["scenario"].tolist() == pytest.approx([after] * 2)
    assert mean_change(pairs) == pytest.approx(100 * (after / before - 1))
    assert mean_change(pairs, ["AAA", "BBB"]) == mean_change(pairs)
    assert np.isnan(mean_change(pairs, ["AAA"]))


def test_no_pair_takes_to_a_mode_that_it_does_not_use_today(
    small: sco.Network, built: sco.Network
) -> None:
    kept = keeping_modes(small, built, CITIES).matrix
    # a–e is driven today and stays on the road; b–e uses rail and road and may use both
    assert kept == pytest.approx(np.array([[0, 2, 15], [2, 0, 8], [15, 8, 0]]))
    assert (hours(built) <= kept + 1e-9).all()
    assert (kept <= hours(small) + 1e-9).all()


def test_a_pair_without_a_route_today_has_no_mode_to_keep() -> None:
    after = line_network(10, 20)
    first_only = pd.DataFrame(list(after.links)).iloc[:1]
    before = sco.Network.from_frames(pd.DataFrame(list(after.nodes)), first_only)
    kept = keeping_modes(before, after, ["n0", "n1", "n2"], by="length").matrix
    assert kept[0, 1] == 10
    assert np.isinf(kept[0, 2])


def test_half_the_wait_at_borders_is_half_of_what_a_scenario_leaves(study: Path) -> None:
    network = sco.Network.load(study / "data")
    faster = network.with_scenarios(sco.Scenario.load("faster-border", study / "scenarios"))
    by_rail = {"terminals": ["a", "e"], "modes": ["rail"]}
    # 8.2 h running, 10 h gauge, 20 h at the border; the scenario leaves 2 h of them
    for net, wait in ((network, 20), (faster, 2)):
        assert net.skim(**by_rail).matrix[0, 1] == pytest.approx(18.2 + wait)
        halved = scaled_hours(net, borders=0.5).skim(**by_rail).matrix[0, 1]
        assert halved == pytest.approx(18.2 + wait / 2)
    assert network.skim(**by_rail).matrix[0, 1] == pytest.approx(38.2)  # stays as it is
    free = scaled_hours(network, transfers=0).skim(**by_rail).matrix[0, 1]
    assert free == pytest.approx(28.2)


def test_hours_that_no_row_gives_are_scaled_too(base: sco.Network) -> None:
    halved = scaled_hours(base, borders=0.5)
    default = {m: base.assumptions[f"border.wait_h.{m}"] for m in ("rail", "road")}
    for before, after in zip(base.crossings, halved.crossings, strict=True):
        if before["mode"] in default:
            wait = default[before["mode"]] if before["wait_h"] is None else before["wait_h"]
            assert after["wait_h"] == pytest.approx(wait / 2)
        else:
            assert after["wait_h"] == before["wait_h"]
