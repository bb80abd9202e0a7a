"""Random multimodal networks against an independent graph built with networkx."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sco_network as sco
from sco_network.routing.skim import skim
from sco_network.routing.states import expand

LAYERS = [("road", None), ("rail", 1520), ("rail", 1435), ("sea", None)]
COUNTRIES = ["AAA", "BBB"]
numbers = st.floats(0.5, 100, allow_nan=False).map(lambda x: round(x, 2))


@st.composite
def worlds(draw: Any) -> dict[str, pd.DataFrame]:
    n = draw(st.integers(2, 7))
    nodes = pd.DataFrame(
        {
            "node_id": [f"n{i}" for i in range(n)],
            "country": draw(st.lists(st.sampled_from(COUNTRIES), min_size=n, max_size=n)),
            "x_coord": 0.0,
            "y_coord": 0.0,
        }
    )
    ends = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda e: e[0] != e[1])
    rows = draw(
        st.lists(
            st.tuples(
                ends, st.sampled_from(LAYERS), numbers, numbers, st.booleans(), st.booleans()
            ),
            max_size=14,
        )
    )
    links = pd.DataFrame(
        [
            {
                "link_id": f"l{i}",
                "from_node_id": f"n{a}",
                "to_node_id": f"n{b}",
                "mode": layer[0],
                "gauge_mm": layer[1],
                "length_km": km,
                "free_speed_km_h": speed,
                "directed": directed,
                "status": "operating" if is_open else "suspended",
            }
            for i, ((a, b), layer, km, speed, directed, is_open) in enumerate(rows)
        ],
        columns=[
            "link_id", "from_node_id", "to_node_id", "mode", "gauge_mm", "length_km",
            "free_speed_km_h", "directed", "status",
        ],
    )  # fmt: skip
    country = dict(zip(nodes["node_id"], nodes["country"], strict=True))
    pairs = sorted(
        {
            (*sorted((link.from_node_id, link.to_node_id)), link.mode)
            for link in links.itertuples()
            if country[link.from_node_id] != country[link.to_node_id]
        }
    )
    crossings = pd.DataFrame(
        [
            {
                "crossing_id": f"c{i}",
                "from_node_id": a,
                "to_node_id": b,
                "mode": mode,
                "wait_h": draw(numbers),
                "fee_usd": draw(numbers),
                "status": draw(st.sampled_from(["open", "open", "closed"])),
            }
            for i, (a, b, mode) in enumerate(pairs)
        ],
        columns=[
            "crossing_id",
            "from_node_id",
            "to_node_id",
            "mode",
            "wait_h",
            "fee_usd",
            "status",
        ],
    )
    names = ["road", "rail-1520", "rail-1435", "sea"]
    swaps = draw(
        st.lists(
            st.tuples(
                st.integers(0, n - 1),
                st.sampled_from(names),
                st.sampled_from(names),
                numbers,
                numbers,
            ),
            max_size=8,
        )
    )
    transfers = pd.DataFrame(
        [
            {
                "transfer_id": f"t{i}",
                "node_id": f"n{k}",
                "from_layer": x,
                "to_layer": y,
                "transfer_h": h,
                "fee_usd": f,
            }
            for i, (k, x, y, h, f) in enumerate(swaps)
            if x != y
        ],
        columns=["transfer_id", "node_id", "from_layer", "to_layer", "transfer_h", "fee_usd"],
    )
    return {"nodes": nodes, "links": links, "crossings": crossings, "transfers": transfers}


def oracle(world: dict[str, pd.DataFrame], by: str, network: sco.Network) -> np.ndarray[Any, Any]:
    """Best costs by plain networkx over (node, layer) pairs, written without our code."""
    value, rate = network.assumptions["value_of_time"], network.assumptions
    crossings = {
        (frozenset((c.from_node_id, c.to_node_id)), c.mode): c
        for c in world["crossings"].itertuples()
    }

    def weight(km: float, hours: float, usd: float) -> float:
        return {"length": km, "time": hours, "cost": usd, "generalised": usd + value * hours}[by]

    graph = nx.MultiDiGraph()
    for link in world["links"].itertuples():
        crossing = crossings.get((frozenset((link.from_node_id, link.to_node_id)), link.mode))
        layer = link.mode if link.mode != "rail" else f"rail-{int(link.gauge_mm)}"
        a, b = (link.from_node_id, layer), (link.to_node_id, layer)
        graph.add_nodes_from([a, b])  # a closed line keeps its yards, where transfers may meet
        if link.status != "operating" or (crossing is not None and crossing.status == "closed"):
            continue
        hours = link.length_km / link.free_speed_km_h + (crossing.wait_h if crossing else 0)
        usd = link.length_km * rate[f"cost.{link.mode}"] + (crossing.fee_usd if crossing else 0)
        cost = weight(link.length_km, hours, usd)
        graph.add_edge(a, b, w=cost)
        if not link.directed:
            graph.add_edge(b, a, w=cost)
    for t in world["transfers"].itertuples():
        a, b = (t.node_id, t.from_layer), (t.node_id, t.to_layer)
        if a in graph and b in graph:
            graph.add_edge(a, b, w=weight(0, t.transfer_h, t.fee_usd))
            graph.add_edge(b, a, w=weight(0, t.transfer_h, t.fee_usd))
    ids = world["nodes"]["node_id"].tolist()
    result = np.full((len(ids), len(ids)), np.inf)
    for i, origin in enumerate(ids):
        result[i, i] = 0
        for state in [s for s in graph if s[0] == origin]:
            for (node, _), cost in nx.single_source_dijkstra_path_length(
                graph, state, weight="w"
            ).items():
                j = ids.index(node)
                result[i, j] = min(result[i, j], cost)
    return result


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.sampled_from(["length", "time", "cost", "generalised"]))
def test_skims_agree_with_networkx(world: dict[str, pd.DataFrame], by: str) -> None:
    network = sco.Network.from_frames(**world)
    ids = world["nodes"]["node_id"].tolist()
    ours = skim(expand(network), ids, by).matrix
    np.testing.assert_allclose(ours, oracle(world, by, network), rtol=1e-9)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.sampled_from(["length", "time", "cost", "generalised"]))
def test_a_routes_legs_add_up_to_its_cell(world: dict[str, pd.DataFrame], by: str) -> None:
    network = sco.Network.from_frames(**world)
    ids = world["nodes"]["node_id"].tolist()
    matrix = skim(expand(network), ids, by).matrix
    for j, destination in enumerate(ids):
        route = network.route(ids[0], destination, by=by)
        assert route.reachable == bool(np.isfinite(matrix[0, j]))
        if route.reachable:
            assert route.total == pytest.approx(matrix[0, j], rel=1e-9)
            stops = [ids[0], *(leg.to_node_id for leg in route.legs)]
            assert stops[-1] == destination
            assert [leg.from_node_id for leg in route.legs] == stops[:-1]
