"""What can be built together, when it opens, and what any part of it gains."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args

from sco_network.errors import bad_argument
from sco_network.model.network import Network
from sco_network.model.rows import FREIGHT, PIPELINES
from sco_network.model.scenario import Scenario
from sco_network.routing.states import check_modes

from . import metrics as m
from .capital import as_spread
from .combine import ScenarioSpace

Case = Literal["low", "mode", "high"]
CASES: tuple[Case, ...] = get_args(Case)


@dataclass(frozen=True)
class Measures:
    """A network in a few numbers."""

    efficiency: float
    market_access: float
    mean: float


@dataclass(frozen=True)
class Programme:
    """Scenarios that can all be built, those left out with the reason, and any subset's measures.

    `members` stand in the order in which they open in the base case.
    """

    space: ScenarioSpace
    members: tuple[Scenario, ...]
    left_out: Mapping[str, str]
    known: dict[int, Measures] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The members' ids."""
        return tuple(s.id for s in self.members)

    @cached_property
    def companions(self) -> dict[str, frozenset[str]]:
        """What each member waits for, directly or through others: what it requires or includes."""
        known = {s.id: s for s in self.members}
        return {s.id: frozenset(_companions(s, known)) for s in self.members}

    def measures(self, built: Iterable[str]) -> Measures:
        """Return the measures with some members built."""
        mask = self.space.mask(built)
        if mask not in self.known:
            cost, people = self.space.matrix(mask), self.space.population(mask)
            theta = self.space.network.assumptions["market_access.theta"]
            access = m.weighted_mean(m.market_access(cost, people, theta), people)
            mean = m.mean_cost(cost, self.space.matrix(0))
            self.known[mask] = Measures(m.efficiency(cost), access, mean)
        return self.known[mask]

    def gain(self, built: Iterable[str]) -> float:
        """Return the change of efficiency with some members built, percent of the base."""
        before = self.measures(()).efficiency
        return 100 * (self.measures(built).efficiency - before) / before if before else 0.0

    def years(self, case: Case, later: Mapping[str, float] | None = None) -> dict[str, float]:
        """Return the year in which each member opens; it waits for its companions.

        `later` puts some members off by that many years.
        """
        own = {s.id: year_of(s, case) + (later or {}).get(s.id, 0) for s in self.members}
        return {i: max(own[j] for j in {i, *self.companions[i]}) for i in own}


def year_of(scenario: Scenario, case: Case) -> float:
    """Return a scenario's own build year; nan where it has none."""
    year = as_spread(scenario.content.build_year)
    return math.nan if year is None else float(getattr(year, case))


def _companions(scenario: Scenario, known: Mapping[str, Scenario]) -> set[str]:
    found: set[str] = set()
    waiting = [scenario]
    while waiting:
        one = waiting.pop()
        for name in (*one.content.requires, *(s.id for s in one.whole)):
            if name in known and name not in found | {scenario.id}:
                found.add(name)
                waiting.append(known[name])
    return found


def programme(
    network: Network,
    scenarios: Iterable[Scenario],
    *,
    by: str = "time",
    modes: Iterable[str] | None = None,
    cancelled: bool = False,
) -> Programme:
    """Choose what can be built together; see `timeline` for the rules."""
    left_out: dict[str, str] = {}
    given = {s.id: s for s in _without_packages(scenarios, left_out)}
    for s in given.values():
        if s.content.status == "cancelled" and not cancelled:
            left_out[s.id] = "cancelled"
        elif s.content.build_year is None:
            closes = " (a closure)" if s.content.kind == "closure" else ""
            left_out[s.id] = f"no build year{closes}"
    dated = [s for s in given.values() if s.id not in left_out]
    if modes is None:
        only_pipelines = all(s.content.kind == "pipeline" for s in dated)
        chosen = check_modes(PIPELINES if dated and only_pipelines else None)
    else:
        chosen = check_modes(modes)
    for s in dated:
        carried = PIPELINES if s.content.kind == "pipeline" else FREIGHT
        if not set(carried) & set(chosen):
            left_out[s.id] = f"carries nothing by {', '.join(chosen)}"
    _without_companions(given, left_out)
    able = [s for s in given.values() if s.id not in left_out]
    if not able:
        reasons = "; ".join(f"{name}: {why}" for name, why in left_out.items())
        raise bad_argument("scenarios", "there is nothing to build", reasons)
    space = ScenarioSpace(network, able, by=by, modes=chosen)
    ordered = _by_opening(Programme(space, tuple(able), {}))
    members = _compatible(space, ordered, left_out)
    return Programme(space, members, dict(sorted(left_out.items())))


def _without_packages(
    scenarios: Iterable[Scenario], left_out: dict[str, str]
) -> Iterator[Scenario]:
    """Yield the scenarios; a package that itself changes nothing is replaced by its members."""
    for scenario in scenarios:
        if scenario.members and scenario.changes_nothing:
            left_out[scenario.id] = "a package: its members come in their own years"
            yield from _without_packages(scenario.members, left_out)
        else:
            yield scenario


def _without_companions(given: Mapping[str, Scenario], left_out: dict[str, str]) -> None:
    """Leave out what requires a scenario that is left out."""
    again = True
    while again:
        again = False
        for s in given.values():
            missing = sorted(set(s.content.requires) & set(left_out))
            if missing and s.id not in left_out:
                left_out[s.id] = f"requires {missing[0]}, which is left out"
                again = True


def _by_opening(all_of: Programme) -> list[Scenario]:
    """Return scenarios by opening year; in one year companions first, then by gain."""
    years = all_of.years("mode")

    def key(s: Scenario) -> tuple[float, int, float, str]:
        company = all_of.companions[s.id]
        gain = all_of.gain({s.id, *company}) - all_of.gain(company)
        return years[s.id], len(company), -gain, s.id

    return sorted(all_of.members, key=key)


def _compatible(
    space: ScenarioSpace, ordered: Sequence[Scenario], left_out: dict[str, str]
) -> tuple[Scenario, ...]:
    """Keep scenarios in order; one that conflicts with an earlier one is left out."""
    known = {s.id: s for s in ordered}
    taken: list[Scenario] = []
    for s in ordered:
        company = {s.id, *_companions(s, known)}
        lost = sorted(company & set(left_out))
        rivals = [
            t.id
            for t in taken
            if not space.allows(space.mask(company | {t.id, *_companions(t, known)}))
        ]
        if lost:
            left_out[s.id] = f"requires {lost[0]}, which is left out"
        elif rivals:
            left_out[s.id] = f"conflicts with {rivals[0]}, which opens first"
        else:
            taken.append(s)
    return tuple(taken)
