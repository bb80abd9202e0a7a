"""Comparisons and measures, on the small network and on drawings."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import line_network

import sco_network as sco
from sco_network.analysis import metrics as m
from sco_network.analysis.disjoint import disjoint_routes
from sco_network.analysis.pipelines import Pipelines

inf = np.inf


def compared(study: Path, name: str, **options: object) -> sco.Network:
    net = sco.Network.load(study / "data")
    return sco.compare(net, sco.Scenario.load(name, study / "scenarios"), **options)


def test_before_and_after_of_the_short_cut(study: Path) -> None:
    cmp = compared(study, "short-cut", by="time", modes=["rail"])
    row = cmp.pairs.set_index(["from", "to"]).loc[("a", "e")]
    assert row["baseline"] == pytest.approx(38.2)
    assert row["scenario"] == pytest.approx(10)
    assert row["percent_change"] == pytest.approx(100 * (10 - 38.2) / 38.2)
    # a–e and b–e both ways; a–b stays
    assert cmp.pair_counts == {
        "improved": 4,
        "worse": 0,
        "newly_connected": 0,
        "lost": 0,
        "unchanged": 2,
    }
    assert [tuple(r) for r in cmp.routes[["from", "to"]].to_numpy()] == [("b", "e"), ("a", "e")]


def test_a_closure_makes_pairs_worse_or_lost(study: Path) -> None:
    by_all = compared(study, "road-closed", by="time")
    assert by_all.pair_counts["worse"] > 0
    assert by_all.pair_counts["lost"] == 0
    by_road = compared(study, "road-closed", by="time", modes=["road"])
    assert by_road.pair_counts["lost"] == 2
    lost = by_road.pairs[by_road.pairs["category"] == "lost"]
    assert np.isinf(lost["scenario"]).all()
    assert lost["change"].isna().all()
    assert by_road.as_dict()["routes"][0]["scenario"] is None


def test_the_measures_of_the_small_network(study: Path) -> None:
    metrics = compared(study, "faster-border", by="time", modes=["rail"]).metrics.set_index(
        "metric"
    )
    # a–b 2 h, a–e 38.2 h, b–e 36.2 h; with the faster border 20.2 and 18.2 h
    assert metrics.loc["mean_time", "baseline"] == pytest.approx((2 + 38.2 + 36.2) / 3)
    assert metrics.loc["mean_time", "scenario"] == pytest.approx((2 + 20.2 + 18.2) / 3)
    assert metrics.loc["efficiency", "scenario"] == pytest.approx((1 / 2 + 1 / 20.2 + 1 / 18.2) / 3)
    access = {  # people of the others per hour
        "a": 500_000 / 2 + 2_000_000 / 38.2,
        "b": 1_000_000 / 2 + 2_000_000 / 36.2,
        "e": 1_000_000 / 38.2 + 500_000 / 36.2,
    }
    aland = (access["a"] * 1.0 + access["b"] * 0.5) / 1.5
    assert metrics.loc["market_access:AAA", "baseline"] == pytest.approx(aland)
    total = (access["a"] * 1.0 + access["b"] * 0.5 + access["e"] * 2.0) / 3.5
    assert metrics.loc["market_access", "baseline"] == pytest.approx(total)
    assert metrics["unit"].str.len().min() > 0


def test_from_one_place_only(study: Path) -> None:
    from sco_network.analysis.ends import compare_between

    net = sco.Network.load(study / "data")
    scenario = sco.Scenario.load("short-cut", study / "scenarios")
    found = compare_between(net, [scenario], "Alpha", None, modes=["rail"])
    assert set(map(tuple, found.pairs[["from", "to"]].to_numpy())) == {
        ("a", "b"), ("b", "a"), ("a", "e"), ("e", "a"),
    }  # fmt: skip
    one = compare_between(net, [scenario], "Alpha", "Gamma Border", modes=["rail"])
    assert one.pair_counts["unchanged"] == 2


def test_a_newly_connected_pair_raises_efficiency() -> None:
    #   base:  a ──2 h── b     c          proposal adds  b ──4 h── c
    base = np.array([[0, 2, inf], [2, 0, inf], [inf, inf, 0]])
    after = np.array([[0, 2, 6], [2, 0, 4], [6, 4, 0]])
    assert m.efficiency(base) == pytest.approx(2 * (1 / 2) / 6)  # 2 of 6 ordered pairs
    assert m.efficiency(after) == pytest.approx(2 * (1 / 2 + 1 / 4 + 1 / 6) / 6)
    assert m.mean_cost(after, base) == 2  # the new pairs are in no mean


def grid() -> sco.Network:
    """Two squares side by side.

    a ─ b ─ c
    │   │   │
    d ─ e ─ f
    """
    names = "abcdef"
    nodes = pd.DataFrame(
        {
            "node_id": list(names),
            "country": ["AAA", "BBB", "CCC", "AAA", "BBB", "CCC"],
            "x_coord": [0, 1, 2, 0, 1, 2],
            "y_coord": [1, 1, 1, 0, 0, 0],
        }
    )
    ends = ["ab", "bc", "de", "ef", "ad", "be", "cf"]
    links = pd.DataFrame(
        {
            "link_id": ends,
            "from_node_id": [e[0] for e in ends],
            "to_node_id": [e[1] for e in ends],
            "mode": "road",
            "length_km": 120.0,
        }
    )
    return sco.Network.from_frames(nodes, links)


def test_indices_of_a_grid() -> None:
    # v = 6, e = 7, p = 1: α = 2/7, β = 7/6, γ = 7/12
    assert m.connectivity(grid()) == pytest.approx({"alpha": 2 / 7, "beta": 7 / 6, "gamma": 7 / 12})


def test_routes_without_a_common_link() -> None:
    assert disjoint_routes(grid()) == {
        ("AAA", "BBB"): 2,
        ("AAA", "CCC"): 2,
        ("BBB", "CCC"): 2,
    }


def test_betweenness_counts_inner_places_only() -> None:
    from sco_network.routing.skim import betweenness
    from sco_network.routing.states import expand

    network = line_network(1, 1, 1)
    # ordered pairs of n0, n1, n3: n1 lies inside n0–n3 (2 of 6), n2 inside n0–n3 and n1–n3 (4 of 6)
    shares = betweenness(expand(network), ["n0", "n1", "n3"], "length")
    assert shares == pytest.approx([0, 2 / 6, 4 / 6, 0])


@st.composite
def pipes(draw: st.DrawFn) -> pd.DataFrame:
    n = draw(st.integers(2, 6))
    ends = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda e: e[0] != e[1])
    rows = draw(
        st.lists(st.tuples(ends, st.integers(1, 50), st.booleans()), min_size=1, max_size=12)
    )
    return pd.DataFrame(
        [
            {
                "link_id": f"p{i}", "from_node_id": f"n{a}", "to_node_id": f"n{b}", "mode": "gas",
                "length_km": 1.0, "capacity_value": float(c), "directed": d, "n": n,
            }
            for i, ((a, b), c, d) in enumerate(rows)
        ]
    )  # fmt: skip


@given(pipes())
def test_pipeline_flow_agrees_with_networkx(links: pd.DataFrame) -> None:
    n = int(links["n"].iloc[0])
    nodes = pd.DataFrame({"node_id": [f"n{i}" for i in range(n)], "x_coord": 0.0, "y_coord": 0.0})
    network = sco.Network.from_frames(nodes, links.drop(columns="n"))
    graph = nx.DiGraph()
    graph.add_nodes_from(nodes["node_id"])
    for row in links.itertuples():
        ways = [(row.from_node_id, row.to_node_id)]
        ways += [] if row.directed else [(row.to_node_id, row.from_node_id)]
        for a, b in ways:
            old = graph.get_edge_data(a, b, {"capacity": 0})["capacity"]
            graph.add_edge(a, b, capacity=old + row.capacity_value)
    expected = nx.maximum_flow_value(graph, "n0", "n1")
    assert Pipelines(network, "gas").between(["n0"], ["n1"]).value == pytest.approx(expected)
