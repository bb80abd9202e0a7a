"""What a set of scenarios gains in one measure, for as many sets and draws as are asked for."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from sco_network.errors import bad_argument, did_you_mean
from sco_network.routing.impedance import UNITS, Floats
from sco_network.routing.space import ScenarioSpace

Measure = Literal["efficiency", "market_access", "mean_cost"]
MEASURES: tuple[Measure, ...] = get_args(Measure)
WORDS: dict[Measure, str] = {
    "efficiency": "efficiency",
    "market_access": "market access",
    "mean_cost": "mean cost",
}


def check_measure(measure: str) -> Measure:
    """Return the measure, or refuse what is none."""
    if measure not in MEASURES:
        hint = did_you_mean(measure, MEASURES) or "Use " + ", ".join(MEASURES)
        raise bad_argument("measure", f"unknown measure '{measure}'", hint)
    return measure


def unit_of(measure: Measure, by: str) -> str:
    """Return the unit of a gain: percent of the base, or what a mean journey saves."""
    return UNITS[by] if measure == "mean_cost" else "% of the base"


class Gains:
    """Gains over the base of any cost vectors, one after the other.

    *efficiency* and *market access* (weighted by people) gain percent of the base's; *mean
    cost* gains what the mean journey saves, over ordered pairs with a route before and after.
    More is better in all of them. Formulas are those of `metrics`; here the sums over pairs are
    kept terminal by terminal, and only those of terminals whose costs changed are taken anew.

    Parameters
    ----------
    space
        The scenarios; what the base's arcs cost in a draw may be given as `costs`.
    theta
        Exponent of market access; without it the assumption's.
    among
        Which terminals count as ends of pairs, one truth value each; without it all.
    returning
        Whether the vectors are near the base rather than each near the one before; then the
        walk returns to the base in between, which is quick.
    """

    def __init__(
        self,
        space: ScenarioSpace,
        measure: str = "efficiency",
        *,
        costs: Floats | None = None,
        theta: float | None = None,
        among: NDArray[np.bool_] | None = None,
        returning: bool = False,
    ) -> None:
        self.space = space
        self._among = np.ones(len(space.terminals)) if among is None else among.astype(float)
        self.measure = check_measure(measure)
        self.unit = unit_of(self.measure, space.by)
        self._theta = space.network.assumptions["market_access.theta"] if theta is None else theta
        self._returning = returning
        self._walk = space.walk(costs=space.costs.base if costs is None else costs)
        self._restart()

    def restart(self, costs: Floats, theta: float | None = None, mask: int = 0) -> None:
        """Count from another base, as in another draw, or with the atoms of a mask there."""
        self._theta = self._theta if theta is None else theta
        self._return()
        self._walk.move(costs)
        self._restart(mask)

    def _restart(self, mask: int = 0) -> None:
        lanes = len(self._walk.lane)
        self._weight = self._base_weight = self._weights(mask)
        self._sums = np.zeros((2, lanes))
        self._before = self._walk.costs.copy()
        self._take(np.arange(lanes))
        self._base = self._total()
        self._away = False
        if self._returning:
            self._walk.keep()
            self._kept = self._sums.copy()

    def _return(self) -> None:
        """Go back to the base, if that is the way of these gains."""
        if self._returning and self._away:
            self._walk.back()
            self._sums[:] = self._kept
            self._weight = self._base_weight
            self._away = False

    def of(self, mask: int) -> float:
        """Return the gain with the atoms of a mask."""
        return self.at(self.space.costs.vector(mask), mask)

    def at(self, costs: Floats, mask: int = 0) -> float:
        """Return the gain where arcs cost something else; `mask` says which people live where."""
        self._return()
        touched = self._walk.move(costs)
        self._away = True
        weight = self._weights(mask)
        if not np.array_equal(weight, self._weight):
            self._weight, touched = weight, np.arange(len(weight))
        self._take(touched)
        total = self._total()
        if self.measure == "mean_cost":
            return total
        return 100 * (total - self._base) / self._base if self._base else np.nan

    def notice(self, mask: int) -> int:
        """Return how many terminals notice the atoms of a mask; the walk goes there and back."""
        count = len(self._walk.move(self.space.costs.vector(mask)))
        self._take(self._walk.move(self.space.costs.base))
        return count

    def routes(self) -> int:
        """Return how many ordered pairs have a route now."""
        found = int(np.isfinite(self._walk.costs).sum())
        return 2 * found if self._walk.is_same else found

    def _weights(self, mask: int) -> Floats:
        """Return what each lane counts for: its people in market access, else one."""
        weight = self._among
        if self.measure == "market_access":
            weight = weight * self.space.population(mask)
        by_lane = np.empty(len(weight))
        by_lane[self._walk.lane] = weight
        return by_lane

    def _take(self, rows: NDArray[np.integer[Any]]) -> None:
        """Take the sums over pairs that end at some lanes."""
        cost, weight = self._walk.costs[rows], self._weight
        if self.measure == "mean_cost":
            before = self._before[rows]
            both = np.isfinite(cost) & np.isfinite(before)
            saved = np.subtract(before, cost, where=both, out=np.zeros(cost.shape))
            terms = np.stack([saved, both.astype(float)])
        else:
            with np.errstate(divide="ignore"):
                inverse = 1 / cost if self._exponent == 1 else cost**-self._exponent
            inverse[cost <= 0] = 0.0
            terms = inverse[None]
        if (weight != 1).any():
            terms *= weight  # not a matrix product, whose rounding depends on how many rows it has
        self._sums[: len(terms), rows] = terms.sum(2) * weight[rows]

    @property
    def _exponent(self) -> float:
        return self._theta if self.measure == "market_access" else 1.0

    def _total(self) -> float:
        total, count = self._sums.sum(1)
        if self.measure == "mean_cost":
            return float(total / count) if count else np.nan
        return float(total)
