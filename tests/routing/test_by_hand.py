"""Costs, states, routes and skims of the small network of `worlds`, each figure by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cells import text_of
from worlds import ASSUMPTIONS, CROSSINGS, LINKS, TRANSFERS, line_network, write_study

import sco_network as sco
from sco_network.routing import skim as skims
from sco_network.routing.impedance import check_by, crossing_of_links, impedance, rate_keys
from sco_network.routing.route import best_route
from sco_network.routing.states import check_countries, check_modes, expand

inf = float("inf")


def refusal(call: Any, *arguments: Any, **options: Any) -> str:
    with pytest.raises(sco.InputError) as caught:
        call(*arguments, **options)
    return str(caught.value)


def network(folder: Path, **changed: str) -> sco.Network:
    return sco.Network.load(write_study(folder, **changed) / "data")


# ------------------------------------------------------------------ impedance


def test_what_every_row_takes(small: sco.Network) -> None:
    use = impedance(small)
    assert use.km.tolist() == [100, 100, 10, 200, 390]
    assert use.run_h.tolist() == [2, 2, 0.2, 4, 10]
    assert use.border_h.tolist() == [0, 0, 20, 0, 5]
    assert use.border_usd.tolist() == [0, 0, 30, 0, 60]
    assert use.link_usd.tolist() == [100, 100, 40, 200, 840]
    assert use.transfer_h.tolist() == [10, 4, 4]
    assert use.transfer_usd.tolist() == [50, 40, 40]
    assert use.is_gauge.tolist() == [True, False, False]
    assert use.link_open.tolist() == [True] * 5
    assert use.transfer_open.tolist() == [True] * 3
    assert use.value_of_time.tolist() == [10]
    assert crossing_of_links(small).tolist() == [-1, -1, 0, -1, 1]


def test_what_is_not_stated_comes_from_the_assumptions(tmp_path: Path) -> None:
    more = "".join(
        f"{key}: {{low: 0, mode: {value}, high: 999, unit: x, source_id: survey}}\n"
        for key, value in {
            "speed.rail": 20, "speed.rail.BBB": 40, "duty.rail": 0.5, "speed.road.trunk.AAA": 30,
            "speed.road.trunk": 60, "cost.rail.BBB": 3, "cost.road.trunk": 5, "border.wait_h.rail": 7,
            "border.fee_usd.rail": 70, "border.fee_usd.road": 11, "transfer.hours": 6, "transfer.fee_usd": 9,
        }.items()
    )  # fmt: skip
    net = network(
        tmp_path,
        links=LINKS.replace(",50,1520", ",,1520")
        .replace(",50,1676", ",,1676")
        .replace("390,39", "390,"),
        crossings=CROSSINGS.replace("rail,20,30", "rail,,").replace("60,open", ",open"),
        transfers=TRANSFERS.replace("road,4,40,open,survey,A,\ne", "road,,,open,survey,A,\ne"),
        assumptions=ASSUMPTIONS + more,
    )
    use = impedance(net)
    # ab within AAA at 20 km/h half of the day; cd half at 20 and half at 40; de in BBB at 40
    assert use.run_h.tolist() == pytest.approx(
        [10, 10, 2 * (5 / 20 + 5 / 40), 10, 195 / 30 + 195 / 60]
    )
    # 1 USD in AAA, 3 in BBB: the border line takes half of each; the trunk road 5
    assert use.link_usd.tolist() == pytest.approx([100, 100, 10 * 2 + 70, 600, 390 * 5 + 11])
    assert use.border_h.tolist() == [0, 0, 7, 0, 5]
    assert use.border_usd.tolist() == [0, 0, 70, 0, 11]
    assert use.transfer_h.tolist() == [10, 6, 4]
    assert use.transfer_usd.tolist() == [50, 9, 40]
    keys = net.assumptions
    assert rate_keys(keys, "road", "trunk", "AAA") == ("speed.road.trunk.AAA", "cost.road.trunk")
    assert rate_keys(keys, "road", "trunk", "BBB") == ("speed.road.trunk", "cost.road.trunk")
    assert rate_keys(keys, "rail", "main", "BBB") == ("speed.rail.BBB", "cost.rail.BBB")
    assert rate_keys(keys, "sea", "", "") == ("speed.sea", "cost.sea")


def test_what_is_shut_is_not_open(tmp_path: Path) -> None:
    net = network(
        tmp_path,
        links=LINKS.replace("100,50,1520,,,,,operating", "100,50,1520,,,,,suspended", 1),
        crossings=CROSSINGS.replace("30,open", "30,closed"),
        transfers=TRANSFERS.replace("50,open", "50,closed"),
    )
    use = impedance(net)
    assert use.link_open.tolist() == [False, True, False, True, True]
    assert use.transfer_open.tolist() == [False, True, True]


def test_a_crossing_of_a_pipeline_is_free_where_nothing_is_said() -> None:
    nodes = pd.DataFrame(
        {"node_id": ["a", "b"], "country": ["AAA", "BBB"], "x_coord": 0.0, "y_coord": 0.0}
    )
    links = pd.DataFrame(
        {"link_id": ["p"], "from_node_id": "a", "to_node_id": "b", "mode": "gas", "length_km": 60.0}
    )
    crossings = pd.DataFrame(
        {"crossing_id": ["c"], "from_node_id": "b", "to_node_id": "a", "mode": "gas"}
    )
    net = sco.Network.from_frames(nodes, links, crossings)
    use = impedance(net)
    assert (use.border_h.tolist(), use.border_usd.tolist()) == ([0], [0])
    assert use.run_h.tolist() == [2]
    assert use.link_usd.tolist() == pytest.approx([1.2])


def test_measures_modes_and_countries_are_checked(small: sco.Network) -> None:
    assert check_by("length") == "length"
    assert (
        refusal(check_by, "leng") == "argument by: unknown measure 'leng'. Did you mean 'length'?"
    )
    assert (
        refusal(check_by, "qqq")
        == "argument by: unknown measure 'qqq'. Use length, time, cost or generalised"
    )
    assert check_modes(None) == ("road", "rail", "sea")
    assert check_modes(["gas", "rail", "gas"]) == ("gas", "rail")
    assert (
        refusal(check_modes, ["rial"])
        == "argument modes: unknown mode 'rial'. Did you mean 'rail'?"
    )
    assert (
        refusal(check_modes, ["qqq"])
        == "argument modes: unknown mode 'qqq'. Use road, rail, sea, gas, oil"
    )
    assert check_countries(small, ["bbb"]) == {"BBB"}
    assert refusal(check_countries, small, ["BBBB"]) == (
        "argument avoid: no place lies in country 'BBBB'. Did you mean 'BBB'?"
    )
    assert refusal(check_countries, small, ["QQQ"]) == (
        "argument avoid: no place lies in country 'QQQ'. Use codes such as AAA, BBB"
    )


# ------------------------------------------------------------------ states


def test_the_expanded_graph(small: sco.Network) -> None:
    graph = expand(small)
    assert graph.layers == ("rail-1520", "rail-1676", "road")
    names = [
        (small.nodes.ids[n], graph.layers[k])
        for n, k in zip(graph.state_node, graph.state_layer, strict=True)
    ]
    assert names == [
        ("a", "rail-1520"), ("a", "road"), ("b", "rail-1520"), ("c", "rail-1520"), ("d", "rail-1520"),
        ("d", "rail-1676"), ("e", "rail-1676"), ("e", "road"),
    ]  # fmt: skip
    assert graph.size == 8
    ends = [(names[t], names[h]) for t, h in zip(graph.tail, graph.head, strict=True)]
    assert len(ends) == len(set(ends)) == 2 * 5 + 2 * 3
    assert all((head, tail) in ends for tail, head in ends)
    assert graph.link.tolist() == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, *[-1] * 6]
    assert graph.transfer.tolist() == [*[-1] * 10, 0, 0, 1, 1, 2, 2]
    assert list(graph.states_of("d")) == [4, 5]
    assert graph.km.tolist() == [100, 100, 10, 200, 390] * 2 + [0] * 6
    assert graph.run_h.tolist() == [2, 2, 0.2, 4, 10] * 2 + [0] * 6
    assert graph.border_h.tolist() == [0, 0, 20, 0, 5] * 2 + [0] * 6
    assert graph.is_open.all()
    assert graph.cost("length").tolist() == graph.km.tolist()
    assert graph.cost("time").tolist() == [2, 2, 20.2, 4, 15] * 2 + [10, 10, 4, 4, 4, 4]
    assert graph.cost("cost").tolist() == [100, 100, 40, 200, 840] * 2 + [50, 50, 40, 40, 40, 40]
    assert graph.cost("generalised").tolist() == [120, 120, 242, 240, 990] * 2 + [
        150,
        150,
        80,
        80,
        80,
        80,
    ]


def test_modes_countries_and_one_way_links(small: sco.Network, tmp_path: Path) -> None:
    rail = expand(small, ["rail"])
    assert rail.layers == ("rail-1520", "rail-1676")
    assert rail.transfer.tolist() == [*[-1] * 8, 0, 0]
    home = expand(small, None, ["BBB"])
    assert home.layers == ("rail-1520",)
    assert home.link.tolist() == [0, 1, 0, 1]
    assert list(home.states_of("e")) == []
    nothing = expand(small, ["sea"])
    assert (nothing.size, len(nothing.tail), nothing.layers) == (0, 0, ())
    one_way = expand(
        network(tmp_path, links=LINKS.replace("ab,North line,a,b,false", "ab,North line,a,b,true")),
        ["rail"],
    )
    assert one_way.link.tolist() == [0, 1, 2, 3, 1, 2, 3, -1, -1]
    assert one_way.to_networkx(one_way.cost("length")).has_edge(0, 1)
    assert not one_way.to_networkx(one_way.cost("length")).has_edge(1, 0)


def test_of_parallel_arcs_the_cheapest_open_one_counts(small: sco.Network) -> None:
    graph = expand(small)
    cost = graph.cost("time")
    cost[0] = inf
    assert graph.best_arcs(cost).tolist() != sorted(range(16))
    assert 0 not in graph.best_arcs(cost)
    edges = graph.to_networkx(cost).edges
    assert edges[graph.tail[1], graph.head[1]] == {"cost": 2, "arc": 1}
    nodes = pd.DataFrame({"node_id": ["a", "b"], "x_coord": 0.0, "y_coord": 0.0})
    links = pd.DataFrame({"link_id": ["p", "q", "r"], "from_node_id": ["a", "b", "a"], "to_node_id": ["b", "a", "b"],
                          "mode": "road", "length_km": [9.0, 5.0, 7.0]})  # fmt: skip
    twins = expand(sco.Network.from_frames(nodes, links))
    assert sorted(twins.link[twins.best_arcs(twins.cost("length"))].tolist()) == [1, 1]


# ------------------------------------------------------------------ routes


def test_a_route_as_data(small: sco.Network, study: Path) -> None:
    faster = sco.Scenario.load("faster-border", study / "scenarios")
    route = small.route("b", "e", by="cost", scenarios=[faster])
    found = route.as_dict()
    legs = found.pop("legs")
    straight = 111.19492664455873  # km a degree of longitude on the equator
    assert found.pop("detour_index") == pytest.approx(
        310 / (3 * straight * np.cos(np.radians(40))), rel=2e-3
    )
    assert found == {
        "origin": "b", "destination": "e", "by": "cost", "scenarios": ["faster-border"], "reachable": True,
        "length_km": 310, "time_h": 18.2, "cost_usd": 390,
    }  # fmt: skip
    assert legs[1:] == [
        {"from": "c", "to": "d", "mode": "rail", "layer": "rail-1520", "link_id": "cd", "length_km": 10,
         "run_h": 0.2, "border_h": 2, "transfer_h": 0, "gauge_h": 0, "cost_usd": 40, "source_id": "survey"},
        {"from": "d", "to": "e", "mode": "rail", "layer": "rail-1676", "link_id": "de", "length_km": 200,
         "run_h": 4, "border_h": 0, "transfer_h": 0, "gauge_h": 10, "cost_usd": 250, "source_id": "survey"},
    ]  # fmt: skip
    assert [(leg.border_usd, leg.transfer_usd, leg.gauge_usd) for leg in route.legs] == [
        (0, 0, 0), (30, 0, 0), (0, 0, 50),
    ]  # fmt: skip
    assert [leg.time_h for leg in route.legs] == pytest.approx([2, 2.2, 14])
    mixed = small.route("b", "e", by="time").legs[1]
    assert (mixed.transfer_h, mixed.gauge_h, mixed.transfer_usd, mixed.cost_usd) == (4, 0, 40, 880)


def test_figures_are_rounded_for_reading_alone() -> None:
    network = line_network(1 / 3)
    route = network.route("n0", "n1", by="length")
    assert route.length_km == 1 / 3
    shown = route.as_dict()
    assert (shown["length_km"], shown["time_h"], shown["cost_usd"]) == (0.333, 0.007, 0.4)
    assert shown["legs"][0]["run_h"] == 0.007
    assert shown["detour_index"] == 2.9977
    route = network.route("n0", "n1", by="generalised")
    assert route.total == pytest.approx(1.2 / 3 + 5 / 150)


def test_no_route_as_data(small: sco.Network) -> None:
    route = small.route("a", "c", modes=["road"])
    assert route.as_dict() == {
        "origin": "a", "destination": "c", "by": "time", "scenarios": [], "reachable": False,
        "length_km": None, "time_h": None, "cost_usd": None, "detour_index": None, "legs": [],
    }  # fmt: skip
    assert (route.length_km, route.time_h, route.cost_usd, route.total) == (inf, inf, inf, inf)
    assert route.countries == ["AAA"]


def test_a_route_in_a_notebook(small: sco.Network) -> None:
    assert text_of(small.route("d", "a", by="length")._repr_html_()) == [
        "Delta Border – Alpha, best by length", "leg", "layer", "km", "running h", "border h", "transfer h", "USD per TEU",
        "Delta Border – Gamma Border", "rail-1520", "10", "0.2", "20", "0", "40",
        "Gamma Border – Beta", "rail-1520", "100", "2", "0", "0", "100",
        "Beta – Alpha", "rail-1520", "100", "2", "0", "0", "100",
        "210 km, 24.2 h, 240 USD per TEU, through BBB, AAA",
    ]  # fmt: skip
    assert text_of(small.route("a", "c", modes=["road"])._repr_html_()) == [
        "Alpha – Gamma Border, best by time", "no route with these modes, countries and scenarios",
    ]  # fmt: skip
    gauge = text_of(small.route("c", "e", by="cost")._repr_html_())
    assert gauge[15:22] == ["Delta Border – Epsilon", "rail-1676", "200", "4", "0", "10", "250"]


def test_alternatives_by_hand() -> None:
    #        ┌─ 10 ─ x ─ 10 ─┐
    #    a ──┼─ 11 ─ y ─ 11 ─┼── b      the fourth shares no link with the third
    #        └─ 20 ─ z ─ 30 ─┘
    nodes = pd.DataFrame({"node_id": list("abxyz"), "x_coord": 0.0, "y_coord": 0.0})
    ends = [
        ("a", "x", 10.0),
        ("x", "b", 10.0),
        ("a", "y", 11.0),
        ("y", "b", 11.0),
        ("a", "z", 20.0),
        ("z", "b", 30.0),
    ]
    links = pd.DataFrame(ends, columns=["from_node_id", "to_node_id", "length_km"])
    links = links.assign(link_id=links["from_node_id"] + links["to_node_id"], mode="road")
    net = sco.Network.from_frames(nodes, links)

    def ways(count: int) -> list[tuple[float, str]]:
        found = net.routes("a", "b", by="length", alternatives=count)
        return [(r.length_km, " ".join(leg.link_id for leg in r.legs)) for r in found]

    assert ways(1) == [(20, "ax xb")]
    assert ways(2) == [(20, "ax xb"), (22, "ay yb")]
    assert ways(8) == [(20, "ax xb"), (22, "ay yb"), (50, "az zb")]
    assert [len(r.legs) for r in net.routes("a", "a", alternatives=3)] == [0]
    assert not any(r.reachable for r in net.routes("a", "b", modes=["rail"], alternatives=3))


def test_places_on_the_way(small: sco.Network) -> None:
    # the layer in which one arrives at a stop is that in which one goes on
    route = small.route("a", "e", via=["d"], by="cost")
    assert [leg.link_id for leg in route.legs] == ["ab", "bc", "cd", "de"]
    assert route.legs[3].gauge_h == 10
    # 15 h by road, 4 h at the yard and 4 h by rail beat the railway's 24.2 h to d
    back = small.route("a", "e", via=["d"], by="time")
    assert ([leg.link_id for leg in back.legs], back.time_h) == (["ae", "de", "de"], 27)
    assert small.route("a", "e", via=["c", "b"], by="length").length_km == 100 + 100 + 100 + 310
    assert not small.route("a", "e", via=["c"], modes=["road"]).reachable
    assert small.route("a", "a", via=["b"], by="length").length_km == 200
    graph = expand(small)
    assert best_route(graph, "a", "e", "cost", via=["d"]).legs == route.legs
    assert best_route(graph, "a", "e", "length").length_km == 390


# ------------------------------------------------------------------ skims


def test_a_skim_in_a_notebook(small: sco.Network) -> None:
    found = small.skim(by="length", terminals=["a", "b", "e"], modes=["rail"])
    assert text_of(found._repr_html_(shown=2)) == [
        "Skim by length, km: 3 × 3", "from \\ to", "a", "b", "a", "0", "100", "b", "100", "0",
        "The first 2 of 3 terminals; – is no route",
    ]  # fmt: skip
    assert found.cost("a", "e") == 410
    assert found.cost("e", "b") == 310
    assert small.skim(by="cost").terminals == ("a", "b", "e")  # cities of 400,000 people and more


def test_the_nearest_of_some_places(small: sco.Network) -> None:
    graph = expand(small)
    order = ["a", "b", "c", "d", "e"]
    found = skims.nearest(graph, order, ["a", "d"], "time")
    names = [(cost, [order[row] for row in rows]) for cost, rows in found]
    assert names == [
        (0, ["a"]), (2, ["b", "a"]), (4, ["c", "b", "a"]), (0, ["d"]), (4, ["e", "d"]),
    ]  # fmt: skip
    assert skims.nearest(graph, ["a"], []) == [(inf, [])]
    road = expand(small, ["road"])
    assert skims.nearest(road, ["b", "a"], ["e"], "length") == [(inf, []), (390, [0, 4])]


def test_searches_go_over_all_batches(small: sco.Network, monkeypatch: pytest.MonkeyPatch) -> None:
    graph, terminals = expand(small), ["a", "b", "e"]
    cost = graph.cost("time")
    whole = skims.skim(graph, terminals, "time", engine="dijkstra").matrix
    for cells in (1, 30, 10**6):
        rows = {i: costs for i, costs, _ in skims.searches(graph, cost, terminals)}
        assert np.array([rows[i] for i in range(3)]).tolist() == whole.tolist()
        monkeypatch.setattr(skims, "BATCH_CELLS", cells)
        assert (
            skims.skim(graph, terminals, "time", engine="dijkstra").matrix.tolist()
            == whole.tolist()
        )
        share = skims.betweenness(graph, terminals, "length").tolist()
        assert share == [0, 0, 2 / 6, 2 / 6, 0]  # of a–b, a–e by road, and b–e by rail


def test_a_terminal_without_links_is_alone() -> None:
    nodes = pd.DataFrame({"node_id": ["a", "b", "z"], "x_coord": 0.0, "y_coord": 0.0})
    links = pd.DataFrame(
        {"link_id": ["l"], "from_node_id": "a", "to_node_id": "b", "mode": "road", "length_km": 5.0}
    )
    net = sco.Network.from_frames(nodes, links)
    for engine in ("elimination", "dijkstra"):
        found = net.skim(by="length", terminals=["z", "b", "a"], engine=engine).matrix
        assert found.tolist() == [[0, inf, inf], [inf, 0, 5], [inf, 5, 0]]
    assert skims.betweenness(expand(net), ["z", "a"], "length").tolist() == [0, 0, 0]
