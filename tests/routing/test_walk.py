"""Walks without the compiler, where a loop that leaves its arrays is an error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_elimination import costs, dijkstra, graphs

from sco_network.routing import kernels, walking
from sco_network.routing.elimination import eliminate, plan_sweep
from sco_network.routing.walk import Walk


@pytest.fixture(scope="module", autouse=True)
def plain_loops() -> Any:
    """Compiled loops read on behind the end of an array; plain ones raise IndexError."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (kernels, walking):
            for name, loop in list(vars(module).items()):
                if hasattr(loop, "py_func"):
                    patch.setattr(module, name, loop.py_func)
        yield


def walk_of(n: int, arcs: list[Any], terminals: list[list[int]]) -> Walk:
    tail, head = (np.array([arc[k] for arc in arcs], dtype=int) for k in (0, 1))
    sweep = plan_sweep(eliminate(n, tail, head), terminals)
    return Walk(sweep, np.array([arc[2] for arc in arcs], dtype=float), is_same=False)


def test_a_move_to_where_one_is_touches_nothing() -> None:
    walk = walk_of(3, [(0, 1, 2.0), (1, 2, 3.0)], [[0], [2]])
    assert walk.move(np.array([2.0, 3.0])).tolist() == []
    assert walk.matrix().tolist() == [[0, 5], [np.inf, 0]]


def test_a_walk_without_arcs() -> None:
    walk = walk_of(2, [], [[0], [1]])
    assert walk.move(np.empty(0)).tolist() == []
    assert walk.matrix().tolist() == [[0, np.inf], [np.inf, 0]]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(graphs(), st.data())
def test_a_walk_finds_what_networkx_finds(graph: dict[str, Any], data: Any) -> None:
    n, arcs, terminals = graph["n"], graph["arcs"], graph["terminals"]
    walk = walk_of(n, arcs, terminals)
    for _ in range(3):
        moved = [
            (a, b, data.draw(costs) if data.draw(st.integers(0, 3)) == 0 else c) for a, b, c in arcs
        ]
        walk.move(np.array([c for _, _, c in moved], dtype=float))
        expected = dijkstra(n, moved, terminals)
        np.fill_diagonal(expected, 0.0)
        np.testing.assert_allclose(walk.matrix(), expected, rtol=1e-9)
        arcs = moved


@pytest.mark.parametrize("is_same", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_few_arcs_move_and_lanes_lie_in_several_blocks(
    seed: int, is_same: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "WIDTH", 4)
    rng = np.random.default_rng(seed)
    n, m = 26, 45
    ends = rng.integers(0, n, (2, m))
    tail, head = np.concatenate([ends, ends[::-1]], axis=1)

    def drawn(count: int) -> np.ndarray[Any, Any]:
        cost = np.where(rng.random(2 * count) < 0.1, np.inf, rng.integers(1, 64, 2 * count) / 8)
        return np.concatenate([cost[:count], cost[:count] if is_same else cost[count:]])

    terminals = [rng.choice(n, rng.integers(1, 3), replace=False).tolist() for _ in range(11)]
    sweep = plan_sweep(eliminate(n, tail, head), terminals)

    def fresh(cost: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        matrix = sweep.matrix(cost)
        np.fill_diagonal(matrix, 0.0)
        return matrix

    cost = drawn(m)
    walk = Walk(sweep, cost, is_same=is_same)
    np.testing.assert_array_equal(walk.matrix(), fresh(cost))
    graph = [(int(a), int(b), float(c)) for a, b, c in zip(tail, head, cost, strict=True)]
    expected = dijkstra(n, graph, terminals)
    np.fill_diagonal(expected, 0.0)
    np.testing.assert_array_equal(walk.matrix(), expected)  # eighths are exact
    for step in range(14):
        moved, some = cost.copy(), rng.choice(m, rng.integers(1, 4), replace=False)
        new = drawn(len(some))
        moved[some], moved[some + m] = new[: len(some)], new[len(some) :]
        before = walk.costs.copy()
        walk.keep()
        touched = walk.move(moved)
        changed = np.flatnonzero((walk.costs != before).any(axis=1))
        assert touched.tolist() == changed.tolist()
        np.testing.assert_array_equal(walk.matrix(), fresh(moved))
        if step % 3 == 0:
            assert walk.back().tolist() == touched.tolist()
            np.testing.assert_array_equal(walk.matrix(), fresh(cost))
        else:
            cost = moved
