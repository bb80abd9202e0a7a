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
