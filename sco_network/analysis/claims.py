"""Published claims beside what the model finds: whether the promise holds.

A claim publishes a level before, a level after, a change, or several of these; where both levels
are published, so is the change between them. With the tolerance t (15 % unless another is given)
each figure p is held against the model's m:

- A *level before*, a length, and every figure of a closure describe: met where |m − p| ≤ t·|p|.
- A *level after* of a proposal promises: hours and dollars are met where m ≤ (1 + t)·p, a flow
  where m ≥ (1 − t)·p. To do better than promised is to keep the promise.
- A *change* promises as well: met where the model's change goes the same way and reaches
  (1 − t)·p. The tolerance of a percentage is a share of that percentage, not points: −75 % is met
  from −63.75 % on. A closure's change is met where |m − p| ≤ t·|p|.

A level missed by no more than 2·t, or a change that reaches half of what is published, is *near*;
anything else is *missed*. The claim

- *holds* where all its figures are met;
- *does not hold* where all that it says about the time after (about today, if it says nothing
  else) is missed: a true level before does not save a promise;
- holds *partly* otherwise;
- *cannot be tested* where the model has no route, pipeline or figure to hold it against, or the
  claim says itself why not.

Where the hours that a claim states (after, or as a change, or before, in this order) are exceeded,
they are held once more against networks in which every border, transfer and gauge hour is zero, to
say whether they hold there, and only there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from typing import Any, Literal

import numpy as np
import pandas as pd

from sco_network.errors import Problems, bad_argument
from sco_network.model.network import Network
from sco_network.model.scenario import PIPELINE_UNITS, Claim, Scenario
from sco_network.routing.route import Route, route_finder
from sco_network.routing.states import expand
from sco_network.routing.topology import with_companions

from .pipelines import Pipelines
from .staircase import KINDS, Kind, pieces
from .validate import check_claim_places

Verdict = Literal["holds", "partly", "does not hold", "cannot be tested"]
VERDICTS: tuple[Verdict, ...] = ("holds", "partly", "does not hold", "cannot be tested")
Figure = Literal["before", "after", "change"]
Grade = Literal["met", "near", "missed"]
TOLERANCE_PERCENT = 15.0
# A change that falls short of the one published by no more than this is near it.
HALF_PERCENT = 50.0
# Differences smaller than this, in per cent of the published figure, are rounding.
ROUNDING = 1e-6


@dataclass(frozen=True)
class Side:
    """What the model finds before or after: a figure with its route, or why there is none."""

    value: float | None
    route: Route | None = None
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """A piece of the routes in the claim's measure, before and after; None where it is absent."""

    kind: Kind
    place: str
    before: float | None
    after: float | None

    @property
    def change(self) -> float:
        """How much more it takes after."""
        return (self.after or 0.0) - (self.before or 0.0)


@dataclass(frozen=True)
class CheckedClaim:
    """A published claim, the model's figures, and the verdict."""

    scenario: Scenario
    claim: Claim
    before: Side
    after: Side
    tolerance_percent: float
    without_borders: tuple[Side, Side] | None = None

    @property
    def published_change(self) -> float | None:
        """The change that is published, or the one between before and after."""
        claim = self.claim
        if claim.change is not None or claim.before is None or claim.after is None:
            return claim.change
        return claim.after - claim.before

    @property
    def model_change(self) -> float | None:
        """The model's change, in the claim's unit; None where one side has no figure."""
        return _change(self.claim, self.before, self.after)

    @property
    def is_promise(self) -> bool:
        """Whether more than what is published would be welcome; a closure promises nothing."""
        return self.scenario.content.kind != "closure"

    @cached_property
    def obstacle(self) -> str:
        """Why the claim cannot be tested; empty where it can."""
        claim = self.claim
        promises = claim.after is not None or claim.change is not None
        needs_before = claim.change is not None or not promises
        reasons = (
            (True, claim.untestable),
            (claim.before is None and not promises, "it publishes no figure"),
            (
                claim.measured == "flow" and bool(claim.avoid),
                "the most that pipelines carry is not found around countries",
            ),
            (promises and self.after.value is None, f"with the scenario, {self.after.missing}"),
            (needs_before and self.before.value is None, f"today, {self.before.missing}"),
            (claim.unit == "%" and self.before.value == 0, "nothing is a share of zero"),
        )
        return next((reason for applies, reason in reasons if applies and reason), "")

    @cached_property
    def verdict(self) -> Verdict:
        """Whether the claim holds; the rules stand at the head of this module."""
        if self.obstacle:
            return "cannot be tested"
        if set(self.grades.values()) == {"met"}:
            return "holds"
        return "does not hold" if set(_promised(self.grades)) == {"missed"} else "partly"

    @cached_property
    def grades(self) -> dict[Figure, Grade]:
        """How near the model comes to each figure that is published."""
        return self._grades(self.before, self.after)

    def _grades(self, before: Side, after: Side) -> dict[Figure, Grade]:
        claim = self.claim
        found: dict[Figure, Grade] = {}
        if claim.before is not None:
            found["before"] = self._level(claim.before, before.value, 0)
        if claim.after is not None:
            sense = {"flow": 1, "length": 0}.get(claim.measured, -1) if self.is_promise else 0
            found["after"] = self._level(claim.after, after.value, sense)
        change = _change(claim, before, after)
        if self.published_change and change is not None:
            found["change"] = self._difference(self.published_change, change)
        return found

    def _level(self, published: float, model: float | None, sense: int) -> Grade:
        """Grade a level; `sense` −1 welcomes less, +1 welcomes more, 0 neither."""
        if model is None:  # where nothing is published, nothing is what should be there
            return "missed" if published else "met"
        off = model - published
        miss = max(-sense * off, 0.0) if sense else abs(off)
        return self._grade(miss, published, 2 * self.tolerance_percent)

    def _difference(self, published: float, model: float) -> Grade:
        short = published - model if published > 0 else model - published
        miss = max(short, 0.0) if self.is_promise else abs(short)
        return self._grade(miss, published, HALF_PERCENT)

    def _grade(self, miss: float, published: float, near_percent: float) -> Grade:
        percent = 100 * miss / abs(published) if published else np.inf if miss else 0.0
        if percent <= self.tolerance_percent + ROUNDING:
            return "met"
        return "near" if percent <= near_percent + ROUNDING else "missed"

    @cached_property
    def only_without_borders(self) -> bool:
        """Whether its hours hold with no border, transfer and gauge hours, and only then."""
        if self.without_borders is None:
            return False
        return self._grades(*self.without_borders).get(self.stated) == "met"

    @property
    def stated(self) -> Figure:
        """The figure that matters most of those published."""
        claim = self.claim
        if claim.after is not None:
            return "after"
        return "before" if claim.change is None else "change"

    @cached_property
    def remarks(self) -> list[str]:
        """What a reader should know beside the verdict."""
        return [self.obstacle] if self.obstacle else list(self._remarks())

    def _remarks(self) -> Iterator[str]:
        claim, unit = self.claim, self.claim.model_unit
        before = self.before.value
        if before is None:
            yield f"today, {self.before.missing}"
        elif claim.before is not None and self.grades["before"] != "met":
            yield f"today the model has {before:,.0f} {unit}, not {claim.before:,.0f}"
        if self.is_promise and self.published_change and self.model_change == 0:
            yield "the scenario changes nothing on this route"
        elif self._so_today():
            yield "so it is today, without the scenario"
        if self._far_beyond():
            yield "the model goes far beyond what is published"
        if self.without_borders is not None and self.model_change != 0:
            value = self._figure(*self.without_borders)
            found = "no route" if value is None else f"{value:,.0f} {claim.unit}".replace("-", "−")
            which = "holds only" if self.only_without_borders else "not even"
            yield f"{which} without any border, transfer and gauge hours ({found})"

    @property
    def takes_too_long(self) -> bool:
        """Whether the stated figure is missed because the model has more of it, or saves less."""
        if self.obstacle or self.grades.get(self.stated) == "met" or self.figure is None:
            return False
        return self.figure > (self.published or 0.0)

    @property
    def published(self) -> float | None:
        """The figure that is stated."""
        claim = self.claim
        return {"before": claim.before, "after": claim.after, "change": claim.change}[self.stated]

    @property
    def figure(self) -> float | None:
        """The model's figure beside the one that is stated."""
        return self._figure(self.before, self.after)

    def _figure(self, before: Side, after: Side) -> float | None:
        change = _change(self.claim, before, after)
        return {"before": before.value, "after": after.value, "change": change}[self.stated]

    def _so_today(self) -> bool:
        """Return whether a promised level is there already."""
        if not self.is_promise or self.stated != "after" or self.claim.measured == "length":
            return False
        return self._grades(self.before, self.before)["after"] == "met"

    def _far_beyond(self) -> bool:
        """Return whether a promise is kept more than one and a half times over."""
        claim, beyond = self.claim, 1 + HALF_PERCENT / 100
        change, after = self.model_change, self.after.value
        if not self.is_promise or self.verdict != "holds":
            return False
        if claim.change is not None and change is not None:
            return abs(change) > beyond * abs(claim.change)
        if claim.after is None or after is None or claim.measured == "length":
            return False
        if claim.measured == "flow":
            return after > beyond * claim.after
        return claim.after > beyond * after

    @cached_property
    def shares(self) -> list[Share]:
        """The pieces of both routes in the claim's measure, those that change most first.

        Without a route before, those that take most. None for a flow.
        """
        old, new = (_pieces(side, self.claim) for side in (self.before, self.after))
        found = [Share(*key, old.get(key), new.get(key)) for key in {**new, **old}]
        return sorted(found, key=lambda s: (-abs(s.change), s.kind, s.place))

    def by_kind(self, side: Side) -> dict[Kind, float]:
        """Return what running, borders, transfers and gauge breaks take on one side."""
        found = _pieces(side, self.claim)
        sums = {kind: sum(v for (k, _), v in found.items() if k == kind) for kind in KINDS}
        return {kind: value for kind, value in sums.items() if value}

    def as_dict(self) -> dict[str, Any]:
        """Return the claim with the keys of `claims --json`, and more after them."""
        claim = self.claim
        bare = [side.value for side in self.without_borders or ()] or [None, None]
        return {
            "scenario": self.scenario.id,
            "text": claim.text,
            "published_before": claim.before,
            "published_after": claim.after,
            "model_before": _round(self.before.value),
            "model_after": _round(self.after.value),
            "unit": claim.unit,
            "verdict": self.verdict,
            "published_change": self.published_change,
            "model_change": _round(self.model_change),
            "model_unit": claim.model_unit,
            "from": claim.origin,
            "to": claim.destination,
            "modes": list(claim.modes),
            "avoid": list(claim.avoid),
            "by": claim.by,
            "measured": claim.measured,
            "tolerance_percent": self.tolerance_percent,
            "remarks": self.remarks,
            "only_without_borders": self.only_without_borders,
            "model_before_without_borders": _round(bare[0]),
            "model_after_without_borders": _round(bare[1]),
            "explanation": self._explanation(),
            "source_id": claim.source_id,
            "notes": claim.notes,
        }

    def _explanation(self, largest: int = 5) -> dict[str, Any] | None:
        if not self.shares:
            return None
        sides = {"before": self.before, "after": self.after}
        return {
            **{k: _rounded(self.by_kind(s)) if s.route else None for k, s in sides.items()},
            "largest": [
                {"kind": s.kind, "place": s.place}
                | _rounded({"before": s.before, "after": s.after, "change": s.change})
                for s in self.shares[:largest]
                if s.change
            ],
        }


@dataclass(frozen=True)
class Claims:
    """Every claim of some scenarios, held against the model."""

    checked: tuple[CheckedClaim, ...]
    network: Network = field(repr=False)

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many claims have each verdict."""
        return {v: sum(c.verdict == v for c in self.checked) for v in VERDICTS}

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a claim, in the columns of `claims --json`; what is nested is left out."""
        rows = [{**c.as_dict(), "remarks": "; ".join(c.remarks)} for c in self.checked]
        return pd.DataFrame(rows).drop(columns=["explanation", "modes", "avoid"], errors="ignore")


def check_claims(
    network: Network,
    scenarios: Iterable[Scenario],
    *,
    required: Iterable[Scenario] = (),
    tolerance_percent: float = TOLERANCE_PERCENT,
    progress: Callable[[int, int, str], None] = lambda _done, _all, _what: None,
) -> Claims:
    """Hold every claim of some scenarios against the model.

    Parameters
    ----------
    required
        Scenarios whose claims are not asked for, to be applied with those that require them.
    tolerance_percent
        How far a figure may be off, percent of the published one; from 0 to 100.
    progress
        Called after each scenario with how many are done, how many there are, and its id.

    Raises
    ------
    InputError
        Where a scenario does not fit the network, or a claim names an unknown place.
    """
    if not 0 <= tolerance_percent <= 100:
        raise bad_argument("tolerance", f"{tolerance_percent:g} % is not between 0 and 100 %")
    chosen = list(scenarios)
    names = {s.id: s for s in (*required, *chosen)}
    problems = Problems()
    for scenario in chosen:
        check_claim_places(network, scenario, problems)
    problems.raise_if_any()
    today = _World(network)
    found: list[CheckedClaim] = []
    for done, scenario in enumerate(chosen, 1):
        after = _World(network.with_scenarios(*with_companions(scenario, names)))
        found += [
            _check(today, after, scenario, c, tolerance_percent) for c in scenario.content.claims
        ]
        progress(done, len(chosen), scenario.id)
    return Claims(tuple(found), network)


def _check(
    today: _World, after: _World, scenario: Scenario, claim: Claim, tolerance_percent: float
) -> CheckedClaim:
    sides = today.side(claim), after.side(claim)
    checked = CheckedClaim(scenario, claim, *sides, tolerance_percent)
    if claim.measured != "time" or not checked.takes_too_long:
        return checked
    bare = today.without_border_hours.side(claim), after.without_border_hours.side(claim)
    return replace(checked, without_borders=bare)


class _World:
    """A network that claims are held against; what several of them search is made once."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._graph = cache(partial(expand, network))
        self._finder = cache(lambda modes, avoid, by: route_finder(self._graph(modes, avoid), by))
        self._pipelines = cache(partial(Pipelines, network))

    @cached_property
    def without_border_hours(self) -> _World:
        """The same without border, transfer and gauge hours."""
        return _World(without_border_hours(self.network))

    def side(self, claim: Claim) -> Side:
        """Return what the network says about a claim."""
        ends = claim.origin, claim.destination
        for place in ends:
            if place not in self.network.nodes:
                return Side(None, missing=f"the network has no place '{place}'")
        if claim.measured == "flow":
            return self._flow(PIPELINE_UNITS[claim.unit], *ends)
        find = self._finder(tuple(claim.modes) or None, tuple(claim.avoid), claim.by)
        route = find(*ends)
        if not route.reachable:
            return Side(None, missing="no route joins the two places")
        value = {
            "length": route.length_km,
            "time": route.time_h,
            "cost": route.cost_usd,
            "generalised": replace(route, by="generalised").total,
        }[claim.measured]
        return Side(value, route)

    def _flow(self, mode: str, origin: str, destination: str) -> Side:
        """Return the most that pipelines carry, with the shortest way for an explanation."""
        route = self._finder((mode,), (), "length")(origin, destination)
        if not route.reachable:
            return Side(None, missing="no pipeline joins the two places")
        flow = self._pipelines(mode).between([origin], [destination])
        if flow.at_least != flow.value:
            return Side(None, missing="pipelines on the way have no stated capacity")
        return Side(flow.value, route)


def without_border_hours(network: Network) -> Network:
    """Return a network where borders, transfers and breaks of gauge take no time."""
    tables = dict(network.tables)
    for name, column in (("crossings", "wait_h"), ("transfers", "transfer_h")):
        table = tables[name]
        tables[name] = table.changed({(row_id, column): 0.0 for row_id in table.ids.tolist()}, [])
    return replace(network, tables=tables)


def _change(claim: Claim, before: Side, after: Side) -> float | None:
    if before.value is None or after.value is None:
        return None
    change = after.value - before.value
    if claim.unit != "%":
        return change
    return 100 * change / before.value if before.value else None


def _promised(grades: Mapping[Figure, Grade]) -> list[Grade]:
    """Return the grades of what is said about the time after; of today where that is all."""
    return [g for figure, g in grades.items() if figure != "before"] or list(grades.values())


def _pieces(side: Side, claim: Claim) -> dict[tuple[Kind, str], float]:
    """Return what each piece of a side's route takes in the claim's measure."""
    if side.route is None or claim.measured == "flow":
        return {}
    worth = side.route.network.assumptions["value_of_time"]
    found: dict[tuple[Kind, str], float] = {}
    for piece in pieces(side.route):
        value = {
            "length": piece.km,
            "time": piece.h,
            "cost": piece.usd,
            "generalised": piece.usd + worth * piece.h,
        }[claim.measured]
        if value:
            key = piece.kind, piece.place
            found[key] = found.get(key, 0.0) + value
    return found


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _rounded(values: Mapping[Any, float | None]) -> dict[str, float | None]:
    return {key: _round(value) for key, value in values.items()}
