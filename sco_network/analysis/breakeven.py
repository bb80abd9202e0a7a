"""Concrete or customs: the cut in border waits that equals a proposal, and where it stops paying.

Both questions turn one number, the share of border waits taken off or the hours and the speed of
what is new, and ask a network again until the gains meet. More hours on an arc never shorten a
route, so the gain is monotone in that number and bisection finds where it passes a level.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from sco_network.errors import Problems, did_you_mean
from sco_network.model.assumptions import Spread
from sco_network.model.network import Network
from sco_network.model.scenario import Scenario
from sco_network.routing.impedance import UNITS, Floats

from . import metrics as m
from .capital import capex
from .compare import TOLERANCE, Comparison
from .ends import compare_between
from .limits import Limit, speed_limit, wait_limit
from .plain import finite, records
from .turnable import Turnable, bisect, inverse

# Which crossings are cut where none is named: those on which most of the gain passes.
CROSSINGS_CUT = 5
LEAST_SHARE_PERCENT = 1.0
ALL_ON_ROUTE = "all-on-route"
# How closely bisection finds the share of the waits.
CUT_TOLERANCE = 1e-5
CURVE_POINTS = 21
CROSSING_COLUMNS = [
    "crossing_id",
    "name",
    "mode",
    "share_percent",
    "wait_h",
    "same_gain_h",
    "same_winners_h",
]


@dataclass(frozen=True)
class Match:
    """The cut of waits that gains as much as building; `cut` is None where there is none.

    `reach_percent` is the share of the gain that no wait at all would reach; it may exceed 100.
    """

    cut: float | None
    reach_percent: float

    def left_of(self, wait_h: float) -> float:
        """Return what is left of a wait, h; nan without a match."""
        return float("nan") if self.cut is None else wait_h * (1 - self.cut)


@dataclass(frozen=True)
class Breakeven:
    """A proposal beside cuts of border waits on the network of today.

    Over all terminals the gain is the change of efficiency, percent; between two places it is
    what is saved from the first to the second, in hours (or USD, generalised). `named` are the
    crossings to cut, as `breakeven` takes them; `shared` is the base, if it is ordered already.
    """

    comparison: Comparison
    is_pair: bool = False
    named: tuple[str, ...] = ()
    shared: Turnable | None = None

    @property
    def unit(self) -> str:
        """The unit of the gain."""
        return UNITS[self.comparison.by] if self.is_pair else "%"

    @cached_property
    def today(self) -> Turnable:
        """The base."""
        return self.shared or Turnable(self.comparison.before)

    @cached_property
    def built(self) -> Turnable:
        """The network with the proposal."""
        return Turnable(self.comparison.after)

    @property
    def base(self) -> Floats:
        """Best costs today, n × n."""
        return self.comparison.before.skim.matrix

    @property
    def built_costs(self) -> Floats:
        """Best costs with the proposal, n × n."""
        return self.comparison.after.skim.matrix

    def gain_of(self, matrix: Floats) -> float:
        """Return the gain of best costs over today's.

        It is inf where the pair gets its first route, −inf where it loses its last.
        """
        if self.is_pair:
            before, after = float(self.base[0, 1]), float(matrix[0, 1])
            return before - after if np.isfinite(min(before, after)) else 0.0
        before = m.efficiency(self.base)
        return 100 * (m.efficiency(matrix) - before) / before if before else 0.0

    @cached_property
    def gain(self) -> float:
        """What building gains."""
        return self.gain_of(self.built_costs)

    @cached_property
    def pair_gains(self) -> Floats:
        """What each pair that has a route today gains in 1/cost, n × n; 0 for all others."""
        more = inverse(self.built_costs) - inverse(self.base)
        moved = np.isfinite(self.base) & (more > TOLERANCE * inverse(self.base))
        if self.is_pair:
            moved[1, 0] = False
        return np.where(moved, more, 0.0)

    @cached_property
    def passing(self) -> pd.Series[float]:
        """The share of the gain whose routes of today pass each crossing with a wait, percent."""
        graph, weight = self.today.graph, self.pair_gains
        load = self.today.loads(weight)
        waits = (self.today.crossing >= 0) & (graph.border_h > 0) & (load > 0)
        crossings = self.comparison.before.network.crossings
        ids = [crossings.ids[row] for row in self.today.crossing[waits]]
        share = pd.Series(100 * load[waits] / max(weight.sum(), np.finfo(float).tiny), index=ids)
        total = share.groupby(level=0).sum().sort_index()
        return total.sort_values(ascending=False, kind="stable")

    @cached_property
    def cut_at(self) -> tuple[str, ...]:
        """The crossings whose waits are cut.

        Those named. Without names: between two places all on today's route; else, of the
        crossings on which at least `LEAST_SHARE_PERCENT` of the proposal's gain passes by
        today's best routes, the `CROSSINGS_CUT` with most of it.
        """
        on_route = [str(i) for i in self.passing.index]
        if self.named or self.is_pair:
            names = self.named or (ALL_ON_ROUTE,)
            cut = [i for n in names for i in (on_route if n == ALL_ON_ROUTE else [n])]
            return tuple(dict.fromkeys(cut))
        return tuple(i for i in on_route[:CROSSINGS_CUT] if self.passing[i] >= LEAST_SHARE_PERCENT)

    @cached_property
    def _waits(self) -> Floats:
        """Hours of waiting on each arc of today that can be cut."""
        rows = [self.comparison.before.network.crossings.index[i] for i in self.cut_at]
        return np.where(np.isin(self.today.crossing, rows), self.today.graph.border_h, 0.0)

    def matrix_with(self, cut: float) -> Floats:
        """Return best costs today with that share of the waits taken off, nothing built."""
        return self.today.matrix(-cut * self._waits)

    def gain_with(self, cut: float) -> float:
        """Return what a cut of the waits gains; 0 is no cut, 1 leaves no wait."""
        return self.gain_of(self.matrix_with(cut))

    def winners_gain_with(self, cut: float) -> float:
        """Return what a cut gives to the pairs that gain by building, in sum of 1/cost."""
        more = inverse(self.matrix_with(cut)) - inverse(self.base)
        return float(more[self.pair_gains > 0].sum())

    @cached_property
    def same_gain(self) -> Match:
        """The cut that gains as much in all as building does, whoever gains."""
        return self._match(self.gain_with, self.gain)

    @cached_property
    def same_winners(self) -> Match:
        """The cut that gives the pairs which gain by building as much, in sum of 1/cost.

        A cut of waits serves whoever passes the crossing, so the same gain in all may leave
        the proposal's own winners with little. Between two places both cuts are the same.
        """
        if self.is_pair:
            return self.same_gain
        return self._match(self.winners_gain_with, float(self.pair_gains.sum()))

    def _match(self, gain_with: Callable[[float], float], gain: float) -> Match:
        if not 0 < gain < np.inf:
            return Match(None, float("nan"))
        most, enough = gain_with(1.0), gain * (1 - TOLERANCE)
        if most < enough:
            return Match(None, 100 * most / gain)
        cut = bisect(lambda cut: gain_with(cut) >= enough, 0.0, 1.0, CUT_TOLERANCE)
        return Match(cut, 100 * most / gain)

    @cached_property
    def crossings(self) -> pd.DataFrame:
        """The crossings that are cut: share of the gain, wait today and once they match, h."""
        table = self.comparison.before.network.crossings
        rows = []
        for crossing_id in self.cut_at:
            row = table.index[crossing_id]
            at = self.today.graph.border_h[self.today.crossing == row]
            wait = float(at.max()) if len(at) else 0.0
            share = float(self.passing.get(crossing_id, 0.0))
            names = (crossing_id, table["name"][row] or crossing_id, table["mode"][row])
            after = (self.same_gain.left_of(wait), self.same_winners.left_of(wait))
            rows.append((*names, share, wait, *after))
        return pd.DataFrame(rows, columns=CROSSING_COLUMNS)

    @cached_property
    def curve(self) -> pd.DataFrame:
        """What cuts from nothing to all gain, as shares of the gain of building, percent."""
        cuts = np.linspace(0, 1, CURVE_POINTS).tolist()
        won = self.gain if self.is_pair else float(self.pair_gains.sum())
        winners = self.gain_with if self.is_pair else self.winners_gain_with
        return pd.DataFrame(
            {
                "cut_percent": [100 * cut for cut in cuts],
                "gain_percent": [100 * self.gain_with(cut) / self.gain for cut in cuts],
                "winners_percent": [100 * winners(cut) / won for cut in cuts],
            }
        )

    @cached_property
    def capex(self) -> Spread | None:
        """What building costs, billion US dollars; None where that is not published."""
        return capex(self.comparison.scenarios)

    @cached_property
    def limits(self) -> tuple[Limit, ...]:
        """Where the proposal stops paying: the wait at its crossings, the speed of its links."""
        if not self.gain > 0:
            return ()
        found = (wait_limit(self.built, self.gain_of), speed_limit(self.built, self.gain_of))
        return tuple(limit for limit in found if limit is not None)

    @property
    def verdict(self) -> str:
        """The answer to `concrete or customs?` in words."""
        n = len(self.cut_at)
        at = "this crossing" if n == 1 else f"these {n} crossings"
        if self.same_gain.cut is not None:
            return f"waits cut by {100 * self.same_gain.cut:.1f} % at {at} gain as much"
        return self._why_no_gain() or (
            self._why_no_cut(at)
            or f"even with no wait at all at {at} only {self.same_gain.reach_percent:.0f} % "
            "of the gain is reached"
        )

    def _why_no_gain(self) -> str:
        if self.is_pair and not np.isfinite(self.built_costs[0, 1]):
            return "the pair has no route with it"
        if not self.gain > TOLERANCE:
            return "nothing is gained, so there is nothing to match"
        if not self.pair_gains.any():
            return "all it gains are first routes: no cut of waits gives one"
        return ""

    def _why_no_cut(self, at: str) -> str:
        if self._waits.any():
            return ""
        if self.cut_at:
            return f"there is no wait to cut at {at}"
        if self.is_pair:
            return "today's route waits at no border: there is no wait to cut"
        least = f"{LEAST_SHARE_PERCENT:g} %"
        return f"no border takes part: at none with a wait passes {least} of the gain today"

    def as_dict(self) -> dict[str, Any]:
        """Return the answer as `breakeven --json` prints it."""
        ends = self.comparison.before.terminals if self.is_pair else (None, None)
        cost = self.capex
        return {
            "scenario": self.comparison.name,
            "by": self.comparison.by,
            "modes": list(self.comparison.before.modes),
            "from": ends[0],
            "to": ends[1],
            "gain": finite(self.gain),
            "unit": self.unit,
            "verdict": self.verdict,
            "same_gain": _match_dict(self.same_gain),
            "same_winners": _match_dict(self.same_winners),
            "capex_busd": None if cost is None else cost.model_dump(),
            "crossings": records(self.crossings),
            "limits": [asdict(limit) for limit in self.limits],
        }


def _match_dict(match: Match) -> dict[str, float | None]:
    cut = None if match.cut is None else round(100 * match.cut, 2)
    return {"cut_percent": cut, "reach_percent": finite(match.reach_percent)}


def breakeven(
    network: Network,
    scenario: Scenario | Sequence[Scenario],
    *,
    crossings: Iterable[str] = (),
    origin: str | None = None,
    destination: str | None = None,
    by: str = "time",
    modes: Iterable[str] | None = None,
) -> Breakeven:
    """Set a proposal, or several applied together, beside cuts of the border waits of today.

    Parameters
    ----------
    crossings
        Ids of the crossings whose waits are cut, or `all-on-route`: all on today's routes of
        the pairs that gain. Without it see `Breakeven.cut_at`.
    origin, destination
        Two places; the gain is then what is saved between them. Without them it is the change
        of efficiency over all terminals.
    by
        `time` or `generalised`; border waits do not count in the other measures.

    Raises
    ------
    InputError
        For a crossing that today's network does not have, or one place without the other.
    """
    scenarios = (scenario,) if isinstance(scenario, Scenario) else tuple(scenario)
    named = tuple(crossings)
    problems = Problems()
    _check_pair(network, origin, destination, problems)
    if by in {"length", "cost"}:
        message = f"border waits do not count in '{by}'"
        problems.add("argument by", None, "", message, "Use time or generalised")
    _check_crossings(network, scenarios, named, problems)
    problems.raise_if_any()
    found = compare_between(network, scenarios, origin, destination, by=by, modes=modes)
    return Breakeven(found, origin is not None, named)


def _check_pair(
    network: Network, origin: str | None, destination: str | None, problems: Problems
) -> None:
    if origin is not None and destination is not None:
        if network.find(origin) == network.find(destination):
            message = f"'{origin}' and '{destination}' are one place"
            problems.add("argument destination", None, "", message, "Give two places")
    elif origin is not None or destination is not None:
        missing = "destination" if destination is None else "origin"
        message, hint = "one place alone is no pair", "Give both places, or none"
        problems.add(f"argument {missing}", None, "", message, hint)


def _check_crossings(
    network: Network, scenarios: Sequence[Scenario], named: Iterable[str], problems: Problems
) -> None:
    added = {
        row.get("crossing_id"): part.id
        for scenario in scenarios
        for part in scenario.whole
        for row in part.content.add.crossings
    }
    known = [*network.crossings.ids.tolist(), ALL_ON_ROUTE]
    for name in named:
        if name in added:
            message = f"the crossing '{name}' is built by '{added[name]}'; there is no wait today"
            problems.add("argument crossing", None, "", message, "Name one that is there today")
        elif name not in known:
            hint = did_you_mean(name, known) or "See data/crossings.csv"
            problems.add("argument crossing", None, "", f"unknown crossing '{name}'", hint)
