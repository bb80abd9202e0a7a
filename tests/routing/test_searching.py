"""Best routes as trees, and ways without a common link, against networkx."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from itertools import combinations, permutations
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_oracle import worlds

import sco_network as sco
from sco_network.routing.maxflow import unit_flows
from sco_network.routing.skim import betweenness
from sco_network.routing.states import StateGraph, expand


def ways(graph: StateGraph, by: str, origin: str, goal: str) -> list[set[str]]:
    """Return the inner places of every best route between two places."""
    net = nx.DiGraph()
    ends, cost = graph.network.nodes.ids[graph.state_node], graph.cost(by)
    for a, b, c in zip(graph.tail.tolist(), graph.head.tolist(), cost.tolist(), strict=True):
        if c < np.inf and c < net.get_edge_data(a, b, {"cost": np.inf})["cost"]:
            net.add_edge(a, b, cost=round(c, 9))  # ties are equal to the last bit
    net.add_edges_from(("in", s, {"cost": 0}) for s in graph.states_of(origin))
    net.add_edges_from((s, "out", {"cost": 0}) for s in graph.states_of(goal))
    if not {"in", "out"} <= set(net) or not nx.has_path(net, "in", "out"):
        return []
    found = nx.all_shortest_paths(net, "in", "out", weight="cost")
    return [{str(ends[s]) for s in way[1:-1]} - {origin, goal} for way in found]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.sampled_from(["length", "time"]), st.booleans())
def test_each_route_counts_where_a_best_route_passes(
    world: dict[str, pd.DataFrame], by: str, round_numbers: bool
) -> None:
    if round_numbers:  # many ways are equally good
        world["links"]["length_km"] = 10.0 * (1 + world["links"].index % 2)
    graph = expand(sco.Network.from_frames(**world), ["road", "rail", "sea"])
    ids = world["nodes"]["node_id"].tolist()
    least, most, pairs = Counter[str](), Counter[str](), 0
    for origin, goal in permutations(ids, 2):
        if found := ways(graph, by, origin, goal):
            pairs += 1
            least.update(set.intersection(*found))
            most.update(set.union(*found))
    counts = (betweenness(graph, ids, by) * max(pairs, 1)).round(9)
    assert all(least[place] <= n <= most[place] for place, n in zip(ids, counts, strict=True))
    assert (counts == counts.round()).all()


def test_shares_on_a_grid_are_those_of_networkx() -> None:
    rng = np.random.default_rng(8)
    net = nx.grid_2d_graph(14, 14)
    for _, _, edge in net.edges(data=True):
        edge["km"] = float(rng.uniform(1, 9))  # no two ways are equally good
    places = list(net)
    rng.shuffle(places)  # so that rows say nothing of where a place is
    ids = {tuple(place): f"n{i}" for i, place in enumerate(places)}
    nodes = pd.DataFrame({"node_id": list(ids.values()), "x_coord": 0.0, "y_coord": 0.0})
    ends = [(ids[a], ids[b], edge["km"]) for a, b, edge in net.edges(data=True)]
    links = pd.DataFrame(ends, columns=["from_node_id", "to_node_id", "length_km"])
    links = links.assign(mode="road", link_id=[f"l{i}" for i in range(len(links))])
    graph = expand(sco.Network.from_frames(nodes, links), ["road"])
    found = betweenness(graph, list(ids.values()), "length")
    known, n = nx.betweenness_centrality(net, weight="km"), len(ids)
    # networkx divides by the pairs that a place could lie between, not by all
    expected = [known[place] * (n - 2) / n for place in ids]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_what_is_built_elsewhere_moves_no_route(world: dict[str, pd.DataFrame]) -> None:
    # ties are decided alike: a network beside this one, first and last in every table, is no change
    world["links"]["length_km"] = 10.0
    ids = world["nodes"]["node_id"].tolist()
    graph = expand(sco.Network.from_frames(**world), ["road", "rail", "sea"])
    beside = {name: frame.assign() for name, frame in world.items()}
    for place in ("x", "y"):
        beside["nodes"].loc[len(beside["nodes"])] = {**world["nodes"].iloc[0], "node_id": place}
    apart = {"link_id": "xy", "from_node_id": "x", "to_node_id": "y", "mode": "rail",
             "gauge_mm": 1000, "length_km": 1.0, "free_speed_km_h": 9.0, "directed": False,
             "status": "operating"}  # fmt: skip
    beside["links"] = pd.concat([pd.DataFrame([apart]), world["links"]], ignore_index=True)
    after = expand(sco.Network.from_frames(**beside), ["road", "rail", "sea"])
    assert (
        betweenness(after, ids, "length").tolist()
        == [*betweenness(graph, ids, "length").tolist(), 0, 0]
    )  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=25), st.integers(2, 4))
def test_ways_without_a_common_link_agree_with_networkx(
    links: list[tuple[int, int]], groups: int
) -> None:
    parts = [np.arange(i, 8, groups) for i in range(groups)]  # node 8 belongs to none
    ends = np.array(links, dtype=np.int64).reshape(-1, 2)
    found = unit_flows(9, ends[:, 0], ends[:, 1], parts)
    room = Counter(tuple(sorted(pair)) for pair in links)
    graph = nx.Graph()
    graph.add_nodes_from(range(9))
    graph.add_edges_from((a, b, {"capacity": n}) for (a, b), n in room.items() if a != b)
    for i, j in combinations(range(groups), 2):
        wide = graph.copy()
        wide.add_edges_from(("in", k) for k in parts[i].tolist())
        wide.add_edges_from((k, "out") for k in parts[j].tolist())
        assert found[i, j] == found[j, i] == nx.maximum_flow_value(wide, "in", "out")


@pytest.mark.parametrize("seed", range(8))
def test_ways_through_a_dense_network_agree_with_networkx(seed: int) -> None:
    # many ways, so that some have to be taken back for others
    rng = np.random.default_rng(seed)
    n, groups = 30, 5
    ends = rng.integers(0, n, (90, 2))
    ends = ends[ends[:, 0] != ends[:, 1]]
    parts = [np.arange(i, 10, groups) for i in range(groups)]
    found = unit_flows(n, ends[:, 0], ends[:, 1], parts)
    net = nx.Graph()
    net.add_nodes_from(range(n))
    for pair, count in Counter(tuple(sorted(pair)) for pair in ends.tolist()).items():
        net.add_edge(*pair, capacity=count)
    for i, j in combinations(range(groups), 2):
        wide = net.copy()
        wide.add_edges_from(("in", k) for k in parts[i].tolist())
        wide.add_edges_from((k, "out") for k in parts[j].tolist())
        assert found[i, j] == nx.maximum_flow_value(wide, "in", "out")


def test_without_numba_the_loops_run_as_they_stand() -> None:
    code = (
        "import sys; sys.modules['numba'] = None\n"
        "from worlds import line_network\n"
        "import sco_network as sco\n"
        "from sco_network.analysis.evaluation import evaluate\n"
        "found = evaluate(line_network(2, 2), by='length', terminals=['n0', 'n1', 'n2'])\n"
        "assert found.betweenness.tolist() == [0, 2 / 6, 0]\n"
        "assert found.disjoint == {}\n"
    )
    tests = Path(__file__).parents[1]
    subprocess.run([sys.executable, "-c", code], cwd=tests, check=True)
