"""Elimination against Dijkstra's algorithm on arbitrary graphs and costs."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sco_network.routing.elimination import eliminate, plan_sweep
from sco_network.routing.unpack import Closed

inf = np.inf
costs = st.one_of(st.just(inf), st.just(0.0), st.floats(0.01, 1000))


@st.composite
def graphs(draw: Any) -> dict[str, Any]:
    """Arcs with loops and parallels, some closed, one way or both, in several parts."""
    n = draw(st.integers(1, 14))
    node = st.integers(0, n - 1)
    arcs = draw(st.lists(st.tuples(node, node, costs), max_size=40))
    if draw(st.booleans()):
        arcs = [arc for a, b, c in arcs for arc in ((a, b, c), (b, a, c))]
    terminals = draw(st.lists(st.lists(node, max_size=3, unique=True), max_size=8))
    return {"n": n, "arcs": arcs, "terminals": terminals}


def dijkstra(n: int, arcs: list[Any], terminals: list[list[int]]) -> np.ndarray[Any, Any]:
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(n))
    graph.add_weighted_edges_from(arc for arc in arcs if arc[2] < inf)
    matrix = np.full((len(terminals), len(terminals)), inf)
    for i, begins in enumerate(terminals):
        for begin in begins:
            reached = nx.single_source_dijkstra_path_length(graph, begin)
            for j, ends in enumerate(terminals):
                matrix[i, j] = min([matrix[i, j], *(reached.get(end, inf) for end in ends)])
    return matrix


def solve(n: int, arcs: list[Any], terminals: list[list[int]]) -> np.ndarray[Any, Any]:
    tail, head, cost = (
        np.array([arc[k] for arc in arcs], dtype=t) for k, t in enumerate((int, int, float))
    )
    sweep = plan_sweep(eliminate(n, tail, head), terminals)
    return sweep.matrix(cost)


@settings(max_examples=100, deadline=None)
@given(graphs(), st.data())
def test_some_origins_give_some_rows(graph: dict[str, Any], data: Any) -> None:
    tail, head, cost = (
        np.array([arc[k] for arc in graph["arcs"]], dtype=t)
        for k, t in enumerate((int, int, float))
    )
    terminals = graph["terminals"]
    begin, end = sorted(data.draw(st.tuples(*[st.integers(0, len(terminals))] * 2)))
    order = eliminate(graph["n"], tail, head)
    sweep = plan_sweep(order.without_triangles(), terminals, range(begin, end))
    rows = sweep.between(*order.closed(cost))
    np.testing.assert_allclose(rows, dijkstra(**graph)[begin:end], rtol=1e-9)


@settings(max_examples=300, deadline=None)
@given(graphs())
def test_costs_agree_with_networkx(graph: dict[str, Any]) -> None:
    np.testing.assert_allclose(solve(**graph), dijkstra(**graph), rtol=1e-9)


@settings(max_examples=50, deadline=None)
@given(graphs(), st.data())
def test_one_order_serves_any_costs(graph: dict[str, Any], data: Any) -> None:
    n, arcs, terminals = graph["n"], graph["arcs"], graph["terminals"]
    tail, head = (np.array([arc[k] for arc in arcs], dtype=int) for k in (0, 1))
    sweep = plan_sweep(eliminate(n, tail, head), terminals)
    for _ in range(3):
        again = data.draw(st.lists(costs, min_size=len(arcs), max_size=len(arcs)))
        changed = [(a, b, c) for (a, b, _), c in zip(arcs, again, strict=True)]
        ours = sweep.matrix(np.array(again, dtype=float))
        np.testing.assert_allclose(ours, dijkstra(n, changed, terminals), rtol=1e-9)


def test_a_square_needs_one_edge_and_its_triangles() -> None:
    #   0 ──1── 1        eliminating any corner joins its two neighbours: one edge more,
    #   4       2        and two triangles stand on it (one below, one of the last three)
    #   3 ──3── 2
    tail, head = np.array([0, 1, 2, 3]), np.array([1, 2, 3, 0])
    square = eliminate(4, tail, head)
    assert len(square.upper) == 5
    assert len(square.triangle) == 2
    one_way = plan_sweep(square, [[0], [2]])
    cost = np.array([1.0, 2.0, 3.0, 4.0])
    assert one_way.matrix(cost).tolist() == [[0, 3], [7, 0]]


def test_a_grid_in_exact_numbers() -> None:
    n, step = 6, Fraction(1, 64)  # sums of 64ths are exact in binary
    grid = nx.convert_node_labels_to_integers(nx.grid_2d_graph(n, n))
    rng = np.random.default_rng(4)
    arcs = [(a, b, float(int(rng.integers(1, 64)) * step)) for a, b in grid.edges]
    arcs += [(b, a, c) for a, b, c in arcs]
    terminals = [[i] for i in range(n * n)]
    assert solve(n * n, arcs, terminals).tolist() == dijkstra(n * n, arcs, terminals).tolist()


def test_fill_stays_small_on_a_large_chain_with_twigs() -> None:
    n = 20_000
    tail = np.concatenate([np.arange(n - 1), np.arange(n)])
    head = np.concatenate([np.arange(1, n), np.arange(n, 2 * n)])
    chain = eliminate(2 * n, tail, head)
    assert len(chain.upper) == len(tail)  # a tree needs no further edge
    assert len(chain.triangle) == 0


@pytest.mark.parametrize("terminals", [[], [[]], [[], [0]]])
def test_terminals_that_no_link_serves(terminals: list[list[int]]) -> None:
    matrix = solve(2, [(0, 1, 1.0)], terminals)
    assert matrix.shape == (len(terminals),) * 2
    assert (matrix[:1] == inf).all()


def test_the_loops_are_right_without_the_compiler() -> None:
    code = (
        "import numpy as np\n"
        "from sco_network.routing.elimination import eliminate, plan_sweep\n"
        "tail, head = np.array([0, 1, 2, 3, 0, 2]), np.array([1, 2, 3, 0, 2, 0])\n"
        "sweep = plan_sweep(eliminate(5, tail, head), [[0], [2], [3, 4]])\n"
        "cost = np.array([1.0, 2.0, 3.0, 4.0, 9.0, np.inf])\n"
        "assert sweep.matrix(cost).tolist() == [[0, 3, 6], [7, 0, 3], [4, 7, 0]]\n"
    )
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run([sys.executable, "-c", code], check=False, env=environment)
    assert done.returncode == 0


@settings(max_examples=300, deadline=None)
@given(graphs())
def test_a_way_is_made_of_the_arcs_that_it_costs(graph: dict[str, Any]) -> None:
    n, arcs, terminals = graph["n"], graph["arcs"], graph["terminals"]
    tail, head, cost = (
        np.array([arc[k] for arc in arcs], dtype=t) for k, t in enumerate((int, int, float))
    )
    closed = Closed.of(eliminate(n, tail, head), cost)
    expected = dijkstra(n, arcs, terminals)
    for i, begins in enumerate(terminals):
        for j, ends in enumerate(terminals):
            way = closed.best_way(begins, ends)
            if way is None:
                assert expected[i, j] == inf
                continue
            assert cost[way].sum() == pytest.approx(expected[i, j], rel=1e-9)
            assert head[way[:-1]].tolist() == tail[way[1:]].tolist()
            assert (
                (tail[way[0]] in begins and head[way[-1]] in ends)
                if way
                else set(begins) & set(ends)
            )


def test_a_way_over_a_grid() -> None:
    n = 7
    grid = nx.convert_node_labels_to_integers(nx.grid_2d_graph(n, n))
    rng = np.random.default_rng(9)
    arcs = [(a, b, float(rng.integers(1, 9))) for a, b in grid.to_directed().edges]
    tail, head = (np.array([arc[k] for arc in arcs]) for k in (0, 1))
    cost = np.array([arc[2] for arc in arcs])
    closed = Closed.of(eliminate(n * n, tail, head), cost)
    ends = [[i] for i in range(0, n * n, 5)]
    expected = dijkstra(n * n, arcs, ends)
    for i, a in enumerate(ends):
        for j, b in enumerate(ends):
            way = closed.best_way(a, b)
            assert way is not None
            assert cost[way].sum() == expected[i, j]
            assert head[way[:-1]].tolist() == tail[way[1:]].tolist()


def test_more_fill_than_there_was_room_for() -> None:
    # every node has eight neighbours anywhere, so that the last hundred become all but a clique
    rng = np.random.default_rng(1)
    n = 150
    tail, head = rng.integers(0, n, (2, 4 * n))
    cost = rng.integers(1, 64, 4 * n) / 8
    order = eliminate(n, tail, head)
    assert len(order.upper) > 2 * 4 * n + 4 * n + 16  # what the first store has left
    assert len(order.upper) == len(eliminate(n, head, tail).upper)
    arcs = list(zip(tail.tolist(), head.tolist(), cost.tolist(), strict=True))
    ends = [[i] for i in range(0, n, 25)]
    np.testing.assert_array_equal(plan_sweep(order, ends).matrix(cost), dijkstra(n, arcs, ends))
