"""A route's staircase: slopes where it runs, steps where it stands."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sco_network as sco
from sco_network.analysis.staircase import pieces, staircase

PLACES = ["tashkent", "karachi", "moscow", "mumbai", "shanghai", "tehran", "kashgar", "duisburg"]


def corners(route):
    return [
        (p.kind, p.place, round(p.km, 6), round(p.h, 6), round(p.usd, 6)) for p in staircase(route)
    ]


def test_a_border_and_a_break_of_gauge_are_steps(small: sco.Network) -> None:
    assert corners(small.route("a", "e", modes=["rail"])) == [
        ("start", "Alpha", 0, 0, 0),
        ("run", "Alpha – Beta", 100, 2, 100),
        ("run", "Beta – Gamma Border", 200, 4, 200),
        ("run", "Gamma Border – Delta Border", 210, 4.2, 210),
        ("border", "Gamma Border – Delta Border", 210, 24.2, 240),
        ("gauge", "Delta Border", 210, 34.2, 290),
        ("run", "Delta Border – Epsilon", 410, 38.2, 490),
    ]


def test_a_transfer_stands_before_the_leg_it_leads_to(small: sco.Network) -> None:
    assert corners(small.route("b", "e")) == [
        ("start", "Beta", 0, 0, 0),
        ("run", "Beta – Alpha", 100, 2, 100),
        ("transfer", "Alpha", 100, 6, 140),
        ("run", "Alpha – Epsilon", 490, 16, 920),
        ("border", "Alpha – Epsilon", 490, 21, 980),
    ]


def test_without_a_way_there_is_no_staircase(small: sco.Network) -> None:
    assert staircase(small.route("a", "c", modes=["road"])) == []
    assert corners(small.route("a", "a")) == [("start", "Alpha", 0, 0, 0)]


@given(
    origin=st.sampled_from(PLACES),
    destination=st.sampled_from(PLACES),
    by=st.sampled_from(["length", "time", "cost"]),
)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_last_corner_is_the_total_and_no_step_leads_down(
    base: sco.Network, origin: str, destination: str, by: str
) -> None:
    route = base.route(origin, destination, by=by)
    points = staircase(route)
    last = points[-1]
    totals = route.length_km, route.time_h, route.cost_usd
    assert (last.km, last.h, last.usd) == pytest.approx(totals)
    for piece in pieces(route):
        assert min(piece.km, piece.h) >= 0
        assert piece.usd >= -1e-9
        assert (piece.kind == "run") == (piece.km > 0)
