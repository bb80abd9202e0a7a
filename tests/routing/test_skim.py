"""Both engines give one matrix, and the quicker one is chosen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_oracle import worlds
from worlds import line_network

import sco_network as sco
from sco_network.routing import elimination
from sco_network.routing import skim as skims
from sco_network.routing.states import expand


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.sampled_from(["length", "time", "cost", "generalised"]))
def test_both_engines_agree(world: dict[str, pd.DataFrame], by: str) -> None:
    network, ids = sco.Network.from_frames(**world), world["nodes"]["node_id"].tolist()
    first, second = (
        network.skim(by=by, terminals=ids, modes=["road", "rail", "sea"], engine=engine).matrix
        for engine in skims.ENGINES
    )
    np.testing.assert_allclose(first, second, rtol=1e-9)


def test_engines_by_hand() -> None:
    #   n0 ──2 km── n1 ──3 km── n2
    for engine in skims.ENGINES:
        found = line_network(2, 3).skim(by="length", terminals=["n2", "n0"], engine=engine)
        assert found.matrix.tolist() == [[0, 5], [5, 0]]
        assert found.terminals == ("n2", "n0")


def test_an_unknown_engine_or_terminal_is_refused() -> None:
    with pytest.raises(sco.InputError, match="unknown engine 'magic'.*Use elimination or"):
        line_network(2).skim(by="length", terminals=["n0"], engine="magic")
    for engine in (None, *skims.ENGINES):
        with pytest.raises(sco.InputError, match="unknown node 'n9'"):
            line_network(2).skim(by="length", terminals=["n9"], engine=engine)


def test_the_engine_is_chosen_by_size_and_density(monkeypatch: Any) -> None:
    # every two of five nodes are joined: eliminating them takes 6 + 3 + 1 triangles
    nodes = pd.DataFrame({"node_id": list("abcde"), "x_coord": 0.0, "y_coord": 0.0})
    ends = [(a, b) for a in "abcde" for b in "abcde" if a < b]
    links = pd.DataFrame(ends, columns=["from_node_id", "to_node_id"])
    links = links.assign(link_id=links.sum(axis=1), mode="road", length_km=1.0)
    network = sco.Network.from_frames(nodes, links)
    ordered = []
    monkeypatch.setattr(
        skims, "eliminate", lambda *a: ordered.append(a) or elimination.eliminate(*a)
    )

    def costs(**options: Any) -> list[list[float]]:
        return network.skim(by="length", terminals=["a", "e"], **options).matrix.tolist()

    assert costs() == [[0, 1], [1, 0]]
    assert not ordered  # ten cells: Dijkstra
    monkeypatch.setattr(skims, "ELIMINATION_CELLS", 10)
    assert costs() == [[0, 1], [1, 0]]
    assert len(ordered) == 1
    monkeypatch.setattr(elimination, "MOST_TRIANGLES", 9)
    assert costs() == [[0, 1], [1, 0]]  # too dense: Dijkstra after all
    with pytest.raises(
        sco.ScoError,
        match="5 nodes with 10 connections are too dense.*more than 3.6e-08 GB. Use the engine",
    ):
        costs(engine="elimination")


def test_without_numba_dijkstra_answers() -> None:
    code = (
        "import sys; sys.modules['numba'] = None\n"
        "from worlds import line_network\n"
        "from sco_network.routing import skim\n"
        "skim.ELIMINATION_CELLS = 0\n"
        "ask = lambda **options: line_network(2).skim(by='length', terminals=['n0', 'n1'], **options)\n"
        "assert ask().matrix.tolist() == [[0, 2], [2, 0]]\n"
        "try: ask(engine='elimination')\n"
        "except ImportError: sys.exit(0)\n"
        "sys.exit('numba was there')\n"
    )
    tests = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=tests, check=False)
    assert done.returncode == 0


def test_one_order_gives_the_skims_of_a_base_and_a_variant(base: sco.Network) -> None:
    variant = base.with_scenarios(sco.Scenario.load("wakhan-corridor"))
    terminals = ["tashkent", "karachi", "almaty", "tehran", "osh"]
    graphs = expand(base), expand(variant)
    order = skims.CommonOrder.of(*graphs, terminals)
    for by in ("time", "length", "cost", "generalised"):
        found = order.skims(by)
        for graph, one in zip(graphs, found, strict=True):
            searched = skims.skim(graph, terminals, by, engine="dijkstra").matrix
            np.testing.assert_allclose(one.matrix, searched, rtol=1e-12)
        # what the variant leaves as it is, is the same to the last bit
        before, after = (one.matrix for one in found)
        moved = before != after
        assert (np.abs(before - after)[moved] > 1e-6).all()
        assert not moved.all()


@pytest.mark.parametrize("order", ["wxyz", "xyzw", "yzxw", "zwyx"])
def test_a_place_passed_twice_counts_once(order: str) -> None:
    #   w ──sea── x ──sea── y, where containers change to the railway  y ──rail── x ──rail── z
    nodes = pd.DataFrame({"node_id": list(order), "x_coord": 0.0, "y_coord": 0.0})
    links = pd.DataFrame(
        [("wx", "sea", None), ("xy", "sea", None), ("yx", "rail", 1520), ("xz", "rail", 1520)],
        columns=["link_id", "mode", "gauge_mm"],
    )
    links = links.assign(
        from_node_id=links["link_id"].str[0], to_node_id=links["link_id"].str[1], length_km=10.0
    )
    transfer = {"transfer_id": ["t"], "node_id": "y", "from_layer": "sea", "to_layer": "rail-1520"}
    network = sco.Network.from_frames(nodes, links, transfers=pd.DataFrame(transfer))
    route = network.route("w", "z", by="length")
    assert [leg.link_id for leg in route.legs] == ["wx", "xy", "yx", "xz"]
    graph = expand(network, ["sea", "rail"])

    def shares(ends: str) -> dict[str, float]:
        found = skims.betweenness(graph, list(ends), "length").tolist()
        return dict(zip(order, found, strict=True))

    assert shares("wz") == {"w": 0, "x": 1, "y": 1, "z": 0}
    # of six journeys, each way alike, w–y, w–z and y–z pass x, and w–z alone passes y
    assert shares("wxyz") == {"w": 0, "x": 6 / 12, "y": 2 / 12, "z": 0}
