"""Routes on the small network, with every figure computed by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds import line_network, write_study

import sco_network as sco


def test_the_railway_adds_running_border_and_gauge(small: sco.Network) -> None:
    route = small.route("Alpha", "Epsilon", by="time", modes=["rail"])
    # 100 + 100 + 10 + 200 km at 50 km/h = 8.2 h, border 20 h, gauge 10 h
    assert route.length_km == 410
    assert route.time_h == pytest.approx(8.2 + 20 + 10)
    # 410 km at 1 USD, border 30, gauge 50
    assert route.cost_usd == pytest.approx(410 + 30 + 50)
    assert [leg.link_id for leg in route.legs] == ["ab", "bc", "cd", "de"]
    assert [leg.border_h for leg in route.legs] == [0, 0, 20, 0]
    assert [leg.gauge_h for leg in route.legs] == [0, 0, 0, 10]
    assert route.countries == ["AAA", "BBB"]


def test_the_road_is_faster_and_the_railway_cheaper(small: sco.Network) -> None:
    fast = small.route("a", "e", by="time")
    assert [leg.mode for leg in fast.legs] == ["road"]
    assert fast.time_h == pytest.approx(390 / 39 + 5)
    cheap = small.route("a", "e", by="cost")
    assert {leg.mode for leg in cheap.legs} == {"rail"}
    assert fast.cost_usd == pytest.approx(2 * 390 + 60)


def test_generalised_cost_is_money_plus_the_value_of_time(small: sco.Network) -> None:
    route = small.route("a", "e", by="generalised")
    # rail 490 + 10 × 38.2 = 872; road 840 + 10 × 15 = 990
    assert {leg.mode for leg in route.legs} == {"rail"}
    assert route.total == pytest.approx(872)


def test_a_change_of_mode_needs_a_terminal(small: sco.Network) -> None:
    # From b by rail to a, there onto the road: 2 + 4 + 15 h = 21 h; by rail alone 36.2 h
    route = small.route("b", "e", by="time")
    assert [leg.mode for leg in route.legs] == ["rail", "road"]
    assert route.legs[1].transfer_h == 4
    assert route.time_h == pytest.approx(2 + 4 + 15)


def test_no_route_is_said_and_not_a_large_number(small: sco.Network) -> None:
    route = small.route("a", "c", modes=["road"])
    assert not route.reachable
    assert route.as_dict()["time_h"] is None
    assert route.as_dict()["legs"] == []


def test_a_country_to_avoid_is_avoided(small: sco.Network) -> None:
    assert not small.route("a", "e", avoid=["BBB"]).reachable
    with pytest.raises(sco.InputError, match="no place lies in country 'XXX'"):
        small.route("a", "e", avoid=["XXX"])


def test_a_place_on_the_way_is_passed(small: sco.Network) -> None:
    route = small.route("a", "e", via=["Beta"], by="time")
    # out to b and back, then by road: 2 + 2 + 4 + 15 = 23 h beats the railway's 38.2 h
    assert route.time_h == pytest.approx(23)
    assert [leg.link_id for leg in route.legs] == ["ab", "ab", "ae"]


def test_alternatives_are_different_and_best_first(small: sco.Network) -> None:
    routes = small.routes("a", "e", by="time", alternatives=3)
    assert len({tuple(leg.link_id for leg in r.legs) for r in routes}) == len(routes) == 2
    assert routes[0].time_h < routes[1].time_h


def test_a_route_to_itself_is_nothing(small: sco.Network) -> None:
    route = small.route("a", "a")
    assert route.reachable
    assert (route.length_km, route.legs, route.detour_index) == (0, (), None)


def test_names_are_found_and_misspelt_ones_explained(small: sco.Network) -> None:
    assert small.find("old alpha") == small.find("ALPHA") == "a"
    with pytest.raises(sco.InputError, match="Did you mean 'Epsilon'"):
        small.find("Epsilonn")


def test_a_name_of_two_places_is_refused(tmp_path: Path) -> None:
    from worlds import NODES

    nodes = NODES.replace("b,Beta", "b,Alpha")
    network = sco.Network.load(write_study(tmp_path, nodes=nodes) / "data")
    with pytest.raises(sco.InputError, match="'Alpha' is the name of 2 places.*'a', 'b'"):
        network.find("Alpha")


def test_a_place_s_own_name_comes_first_and_a_country_decides(tmp_path: Path) -> None:
    from worlds import NODES

    nodes = NODES.replace(
        "e,Epsilon,BBB,64.0,40.0,city,2000000,", "e,Epsilon,BBB,64.0,40.0,city,2000000,Beta"
    )
    network = sco.Network.load(write_study(tmp_path, nodes=nodes) / "data")
    assert network.find("Beta") == "b"
    nodes = NODES.replace("e,Epsilon", "e,Alpha")
    network = sco.Network.load(write_study(tmp_path / "two", nodes=nodes) / "data")
    assert network.find("Alpha, bbb") == "e"


def test_unknown_measure_and_mode_are_refused(small: sco.Network) -> None:
    with pytest.raises(sco.InputError, match="unknown measure 'tiem'.*'time'"):
        small.route("a", "e", by="tiem")
    with pytest.raises(sco.InputError, match="unknown mode 'rial'.*'rail'"):
        small.route("a", "e", modes=["rial"])


def test_the_skim_has_the_routes_totals(small: sco.Network) -> None:
    skim = small.skim(by="time", terminals=["a", "b", "e"])
    for origin in skim.terminals:
        for destination in skim.terminals:
            route = small.route(origin, destination, by="time")
            assert skim.cost(origin, destination) == pytest.approx(route.time_h)


def test_a_chain_adds_up() -> None:
    network = line_network(1.5, 2.5, 3.0)
    assert network.skim(by="length", terminals=["n0", "n3"]).matrix[0, 1] == 7.0
