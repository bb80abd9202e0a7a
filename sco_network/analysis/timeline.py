"""A programme over the years: what opens when, what it adds, what delay costs, what comes first."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from sco_network.errors import Problems, did_you_mean
from sco_network.model.assumptions import Spread
from sco_network.model.network import Network
from sco_network.model.scenario import Scenario
from sco_network.routing.impedance import UNITS

from .capital import capex, per_billion
from .order import Order, orders
from .plain import finite, records
from .programme import CASES, Case, Programme, programme, year_of

DELAY_YEARS = 5
# The last year that is shown is a multiple of this.
YEAR_STEP = 5
LONGEST_YEARS = 200


@dataclass(frozen=True)
class Timeline:
    """A programme from a first to a last year, in early, base and late cases."""

    programme: Programme
    first: int
    last: int
    case: Case = "mode"
    delay: int = DELAY_YEARS

    @property
    def by(self) -> str:
        """The measure compared."""
        return self.programme.space.by

    def built(self, year: float, years: Mapping[str, float]) -> list[str]:
        """Return what stands in a year: all that opens at or before it."""
        return [i for i in self.programme.ids if years[i] <= year]

    @cached_property
    def years(self) -> pd.DataFrame:
        """One row per case and year: what opens, efficiency, market access, mean cost."""
        rows = []
        for case in CASES:
            years = self.programme.years(case)
            for year in range(self.first, self.last + 1):
                built = self.built(year, years)
                new = set(built) - set(self.built(year - 1, years) if year > self.first else ())
                found = self.programme.measures(built)
                rows.append(
                    {
                        "case": case,
                        "year": year,
                        "opens": [i for i in built if i in new],
                        "efficiency": found.efficiency,
                        "efficiency_percent": self.programme.gain(built),
                        "market_access": found.market_access,
                        f"mean_{self.by}": found.mean,
                    }
                )
        return pd.DataFrame(rows)

    @cached_property
    def proposals(self) -> pd.DataFrame:
        """One row per proposal, in the order of opening.

        Years in the three cases, companions included; what it adds when it opens (after all
        that opened before) and on its own (beyond its companions), percent of efficiency;
        capital cost, billion USD, and gain per billion, each low, mode and high; and what is
        lost if it comes `delay` years later, or in its late year while the others keep
        to theirs, percent-years.
        """
        plan = self.programme
        cases = {case: plan.years(case) for case in CASES}
        base = cases[self.case]
        whole = self._cumulated(base)
        order = sorted(plan.members, key=lambda s: base[s.id])
        rows, before = [], list[str]()
        for s in order:
            company = plan.companions[s.id]
            alone = plan.gain({s.id, *company}) - plan.gain(company)
            cost = capex([s])
            late = year_of(s, "high") - year_of(s, self.case)
            rows.append(
                {
                    "scenario": s.id,
                    "title": s.title,
                    "status": s.content.status,
                    **{f"year_{case}": years[s.id] for case, years in cases.items()},
                    "adds_percent": plan.gain([*before, s.id]) - plan.gain(before),
                    "alone_percent": alone,
                    **_columns("capex_busd", cost),
                    **_columns("percent_per_busd", per_billion(alone, cost)),
                    "lost_by_delay": whole - self._cumulated(self._later(s, self.delay)),
                    "lost_if_late": whole - self._cumulated(self._later(s, late)),
                }
            )
            before.append(s.id)
        return pd.DataFrame(rows)

    def _later(self, scenario: Scenario, years: float) -> dict[str, float]:
        return self.programme.years(self.case, {scenario.id: years})

    def _cumulated(self, years: Mapping[str, float]) -> float:
        """Return the gain summed over the years shown, percent-years."""
        shown = range(self.first, self.last + 1)
        return sum(self.programme.gain(self.built(year, years)) for year in shown)

    @cached_property
    def cumulated(self) -> dict[Case, float]:
        """The gain summed over the years shown in each case, percent-years."""
        return {case: self._cumulated(self.programme.years(case)) for case in CASES}

    @cached_property
    def orders(self) -> tuple[Order, ...]:
        """The announced order and better ones, by gain and by gain per billion dollars."""
        return orders(self.programme, self.case)

    def as_dict(self) -> dict[str, Any]:
        """Return the timeline as `timeline --json` prints it."""
        return {
            "by": self.by,
            "modes": list(self.programme.space.topology.modes),
            "unit": UNITS[self.by],
            "case": self.case,
            "first_year": self.first,
            "last_year": self.last,
            "delay_years": self.delay,
            "left_out": [
                {"scenario": name, "reason": why} for name, why in self.programme.left_out.items()
            ],
            "cumulated_percent_years": dict(self.cumulated),
            "years": records(self.years),
            "proposals": records(self.proposals),
            "orders": [
                {
                    "rule": order.rule,
                    "method": order.method,
                    "in_hand_percent": finite(order.in_hand_percent),
                    "steps": records(order.steps),
                }
                for order in self.orders
            ],
        }


def _columns(name: str, spread: Spread | None) -> dict[str, float]:
    """Return a spread as three columns; nan where there is none."""
    return {f"{name}_{end}": getattr(spread, end, math.nan) for end in CASES}


def timeline(
    network: Network,
    scenarios: Iterable[Scenario],
    *,
    by: str = "time",
    case: str = "mode",
    modes: Iterable[str] | None = None,
    years: tuple[int | None, int | None] = (None, None),
    delay: int = DELAY_YEARS,
    cancelled: bool = False,
) -> Timeline:
    """Set a programme on its years: measures per year, what delay costs, what to build first.

    A scenario is in a year's network when its build year is at or before it, and those of what
    it requires. Left out, with the reason: scenarios without a build year, cancelled ones
    (unless `cancelled`), pipelines among freight. A package is replaced by its members. Of two
    that conflict the one that opens first in the base case stays, or the one that gains more.

    Parameters
    ----------
    case
        `low` (early), `mode` (base) or `high` (late) build years, for the order, the gains
        and the cost of delay; measures per year are there in all three.
    years
        First and last year shown; without them the base year (`base.year` of the assumptions),
        and the last opening of the base case, rounded up to five years.
    delay
        Years by which each proposal is put off to find the cost of delay.

    Raises
    ------
    InputError
        For a year before the base year, and where there is nothing to build.
    """
    begins, ends = years
    base_year = network.base_year
    first = base_year if begins is None else begins
    problems = Problems()
    if case not in CASES:
        hint = did_you_mean(case, CASES) or "Use low (early), mode (base) or high (late)"
        problems.add("argument case", None, "", f"unknown case '{case}'", hint)
    for name, year in (("from-year", begins), ("to-year", ends)):
        if year is not None and year < base_year:
            message = f"the year {year} is before the base year {base_year}"
            hint = f"The base network is that of {base_year}: see base.year in the assumptions"
            problems.add(f"argument {name}", None, "", message, hint)
    if ends is not None and not 0 <= ends - first <= LONGEST_YEARS:
        message = f"the years {first} to {ends} are no period of up to {LONGEST_YEARS} years"
        problems.add("argument to-year", None, "", message, "Let it end after it begins")
    problems.raise_if_any()
    plan = programme(network, scenarios, by=by, modes=modes, cancelled=cancelled)
    opened = max(*plan.years("mode").values(), first)
    last = YEAR_STEP * math.ceil(opened / YEAR_STEP) if ends is None else ends
    return Timeline(plan, first, last, case, delay)  # type: ignore[arg-type]
