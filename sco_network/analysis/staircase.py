"""A route as a staircase: kilometres along, hours and dollars up.

The time/cost–distance method of UNESCAP: distance from the origin against cumulative time or
cost. What moves the goods is a slope; what stops them, a border, a transfer or a break of
gauge, is a step.

References
----------
UNESCAP (2004 and later), Time/Cost–Distance Methodology,
https://www.unescap.org/resources/timecost-distance-methodology; Regmi and Hanaoka (2012),
Research in Transportation Business & Management 5:27–37.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sco_network.routing.route import Leg, Route

Kind = Literal["run", "border", "transfer", "gauge"]
KINDS: tuple[Kind, ...] = ("run", "border", "transfer", "gauge")


@dataclass(frozen=True, slots=True)
class Piece:
    """One slope or step of a route: what it is, where, and what it takes.

    `place` names the two ends of a run or a border, and the place of a transfer or gauge break.
    """

    kind: Kind
    place: str
    km: float
    h: float
    usd: float


@dataclass(frozen=True, slots=True)
class Point:
    """A corner of the staircase: kilometres, hours and US dollars per TEU since the origin.

    `kind` and `place` are those of the piece that ends here; the first point is the start.
    """

    kind: Kind | Literal["start"]
    place: str
    km: float
    h: float
    usd: float


def pieces(route: Route) -> list[Piece]:
    """Return a route's slopes and steps in the order of the journey.

    A border counts where the leg that crosses it ends. Steps that take neither time nor money
    are left out. Without a route there are none.
    """
    return [piece for leg in route.legs for piece in _of_leg(route, leg)]


def _of_leg(route: Route, leg: Leg) -> Iterator[Piece]:
    start, end = (route.network.name_of(n) for n in (leg.from_node_id, leg.to_node_id))
    running_usd = leg.cost_usd - leg.border_usd - leg.transfer_usd - leg.gauge_usd
    between = f"{start} – {end}"
    found = (
        Piece("transfer", start, 0.0, leg.transfer_h, leg.transfer_usd),
        Piece("gauge", start, 0.0, leg.gauge_h, leg.gauge_usd),
        Piece("run", between, leg.length_km, leg.run_h, running_usd),
        Piece("border", between, 0.0, leg.border_h, leg.border_usd),
    )
    return (piece for piece in found if piece.km or piece.h or piece.usd)


def staircase(route: Route) -> list[Point]:
    """Return the corners of a route's staircase, from the origin on; none without a route.

    Sums of the pieces so far: the last point holds the route's length, time and cost.
    """
    if not route.reachable:
        return []
    points = [Point("start", route.network.name_of(route.origin), 0.0, 0.0, 0.0)]
    for piece in pieces(route):
        last = points[-1]
        sums = (last.km + piece.km, last.h + piece.h, last.usd + piece.usd)
        points.append(Point(piece.kind, piece.place, *sums))
    return points
