"""Maximum flows, their cuts and their least-length assignments, against networkx."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sco_network.routing.maxflow import Arcs, connected, least_length, max_flow


@st.composite
def drawn(draw: st.DrawFn) -> tuple[Arcs, np.ndarray]:
    """A few arcs, parallel and opposite ones among them, with whole capacities and lengths."""
    n = draw(st.integers(3, 7))
    ends = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda e: e[0] != e[1])
    rows = draw(
        st.lists(st.tuples(ends, st.integers(0, 40), st.integers(1, 30)), min_size=1, max_size=16)
    )
    tail, head = (np.array([ends[k] for ends, _, _ in rows]) for k in (0, 1))
    capacity = np.array([c for _, c, _ in rows], dtype=float)
    return Arcs(n, tail, head, capacity), np.array([km for _, _, km in rows], dtype=float)


def as_networkx(arcs: Arcs, length: np.ndarray) -> nx.DiGraph:
    """Parallel arcs, which networkx's flows refuse, each get a place of their own half way."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(arcs.n))
    rows = zip(arcs.tail, arcs.head, arcs.capacity, length, strict=True)
    for i, (a, b, c, km) in enumerate(rows):
        graph.add_edge(int(a), f"half {i}", capacity=int(c), weight=int(km))
        graph.add_edge(f"half {i}", int(b), capacity=int(c), weight=0)
    return graph


A, B = np.array([0]), np.array([1])


@given(drawn())
def test_value_and_cuts_agree_with_networkx(case: tuple[Arcs, np.ndarray]) -> None:
    arcs, length = case
    expected = nx.maximum_flow_value(as_networkx(arcs, length), 0, 1)
    found = max_flow(arcs, A, B)
    assert found.value == pytest.approx(expected)
    for side in (found.near_sources, found.near_sinks):
        assert side[0]
        assert not side[1]
        crossing = side[arcs.tail] & ~side[arcs.head]
        assert arcs.capacity[crossing].sum() == pytest.approx(expected)  # so it is a minimum cut
    assert not (found.near_sources & ~found.near_sinks).any()  # the first lies inside the last


@given(drawn())
def test_an_arc_in_both_cuts_raises_the_flow_when_widened(case: tuple[Arcs, np.ndarray]) -> None:
    arcs, _ = case
    found = max_flow(arcs, A, B)
    first, last = (s[arcs.tail] & ~s[arcs.head] for s in (found.near_sources, found.near_sinks))
    for at in range(len(arcs.tail)):
        wider = arcs.capacity + np.where(np.arange(len(arcs.tail)) == at, 1.0, 0.0)
        raised = max_flow(Arcs(arcs.n, arcs.tail, arcs.head, wider), A, B).value > found.value
        assert raised == (first[at] and last[at])


@given(drawn())
def test_the_assignment_is_a_maximum_flow_of_least_length(case: tuple[Arcs, np.ndarray]) -> None:
    arcs, length = case
    flow = least_length(arcs, length, A, B)
    assert (flow >= -1e-9).all()
    assert (flow <= arcs.capacity + 1e-9).all()
    balance = np.bincount(arcs.head, flow, arcs.n) - np.bincount(arcs.tail, flow, arcs.n)
    assert balance[1] == pytest.approx(max_flow(arcs, A, B).value)
    assert balance[2:] == pytest.approx(0)
    graph = as_networkx(arcs, length)
    best = nx.max_flow_min_cost(graph, 0, 1)
    assert flow @ length == pytest.approx(nx.cost_of_flow(graph, best))


def test_no_limit_and_no_path_are_told_apart() -> None:
    #  0 ──∞── 1      2 ──0── 1      3 alone
    arcs = Arcs(4, np.array([0, 2]), np.array([1, 1]), np.array([np.inf, 0.0]))
    assert max_flow(arcs, A, B).value == np.inf
    with pytest.raises(ValueError, match="^a flow without limit has no cut$"):
        max_flow(arcs, A, B).near_sources  # noqa: B018
    shut = max_flow(arcs, np.array([2]), B)
    assert (shut.value, shut.near_sources.tolist()) == (0.0, [False, False, True, False])
    assert connected(arcs, np.array([2]), B)
    assert not connected(arcs, np.array([3]), B)


def test_an_arc_without_limit_does_not_limit() -> None:
    #  0 ──∞── 2 ──7.125── 1, beside a second way of 1.5
    arcs = Arcs(3, np.array([0, 2, 0]), np.array([2, 1, 1]), np.array([np.inf, 7.125, 1.5]))
    assert max_flow(arcs, A, B).value == 8.625


def test_capacities_beyond_32_bits_are_counted_in_coarser_steps() -> None:
    arcs = Arcs(3, np.array([0, 2]), np.array([2, 1]), np.array([4e9, 9e9]))
    assert max_flow(arcs, A, B).value == pytest.approx(4e9, rel=1e-6)
