"""The base beside a scenario: every pair of terminals, the measures, the routes that change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from sco_network.markup import html_table
from sco_network.model.network import Network
from sco_network.model.rows import FREIGHT, PIPELINES
from sco_network.model.scenario import Scenario
from sco_network.routing.impedance import UNITS, Floats
from sco_network.routing.states import check_modes

from . import metrics as m
from .evaluation import Evaluation, evaluate, terminals_of
from .plain import records

Category = Literal["improved", "worse", "newly_connected", "lost", "unchanged"]
CATEGORIES: tuple[Category, ...] = ("improved", "worse", "newly_connected", "lost", "unchanged")
ROUTE_COLUMNS = ["from", "to", "baseline", "scenario", "change", "percent_change", "category"]
METRIC_COLUMNS = ["metric", "unit", "baseline", "scenario", "change", "percent_change"]
# Changes smaller than this share of the cost are rounding, not change.
TOLERANCE = 1e-9
Flags = np.ndarray[Any, np.dtype[np.bool_]]
ORDER_DIGITS = 9


def modes_of(scenarios: Iterable[Scenario]) -> tuple[str, ...]:
    """Return the modes to compare in: pipelines for pipeline proposals, else freight."""
    kinds = {s.content.kind for scenario in scenarios for s in scenario.whole if not s.members}
    return PIPELINES if kinds == {"pipeline"} else FREIGHT


def categorise(base: Floats, new: Floats) -> dict[Category, Flags]:
    """Return which ordered pairs fall in each category, from best costs before and after."""
    had, has = np.isfinite(base), np.isfinite(new)
    with np.errstate(invalid="ignore"):
        moved = had & has & (np.abs(new - base) > TOLERANCE * np.maximum(base, 1))
    better = moved & (new < base)
    return {
        "improved": better,
        "worse": moved & ~better,
        "newly_connected": ~had & has,
        "lost": had & ~has,
        "unchanged": (had == has) & ~moved,
    }


@dataclass(frozen=True)
class Comparison:
    """Two evaluations over the same terminals, in the same modes and measure."""

    before: Evaluation
    after: Evaluation
    scenarios: tuple[Scenario, ...]
    centre: str | None = None

    @property
    def name(self) -> str:
        """The scenario's id, or several joined by +."""
        return " + ".join(s.id for s in self.scenarios)

    @property
    def title(self) -> str:
        """The scenario's title."""
        return " + ".join(s.title for s in self.scenarios)

    @property
    def by(self) -> str:
        """The measure compared."""
        return self.before.by

    @property
    def unit(self) -> str:
        """Its unit."""
        return UNITS[self.by]

    @cached_property
    def categories(self) -> np.ndarray[Any, np.dtype[np.object_]]:
        """The category of every ordered pair, n × n."""
        result = np.full(self.before.skim.matrix.shape, "unchanged", dtype=object)
        for category, pairs in self._in_category.items():
            result[pairs] = category
        return result

    @cached_property
    def _in_category(self) -> dict[Category, Flags]:
        return categorise(self.before.skim.matrix, self.after.skim.matrix)

    @cached_property
    def pair_counts(self) -> dict[str, int]:
        """How many ordered pairs fall in each category."""
        wanted = self._wanted()
        return {c: int((self._in_category[c] & wanted).sum()) for c in CATEGORIES}

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """Every ordered pair: from, to, baseline, scenario, change, percent_change, category."""
        return self._frame(*np.nonzero(self._wanted()))

    @cached_property
    def routes(self) -> pd.DataFrame:
        """The pairs that change, those that change most first; each direction pair once.

        Newly connected pairs come first, then lost ones, then the largest relative changes.
        First and last routes have no size of change: of them the ones between large places near
        each other come first, by gravity, people · people / km².
        """
        i, j = np.nonzero(~self._in_category["unchanged"] & self._wanted())
        keep = (i < j) | ~self._same_both_ways(i, j)
        i, j = i[keep], j[keep]
        frame = self._frame(i, j)
        rank = frame["category"].map(_ROUTE_ORDER)
        size = frame["percent_change"].abs().round(ORDER_DIGITS)  # else rounding orders ties
        people = 1 + self.before.population
        pull = people[i] * people[j] / np.maximum(self.before.straight_km[i, j], 1) ** 2
        order = np.lexsort((frame["to"], frame["from"], -size.fillna(pd.Series(pull)), rank))
        return frame.iloc[order].reset_index(drop=True)

    def _wanted(self) -> Flags:
        """Return which ordered pairs are compared: all, or those that touch the centre."""
        wanted = ~np.eye(len(self.before.terminals), dtype=bool)
        if self.centre is not None:
            at = np.array([t == self.centre for t in self.before.terminals])
            wanted &= at[:, None] | at[None, :]
        return wanted

    def _same_both_ways(self, i: Any, j: Any) -> Flags:
        base, new = self.before.skim.matrix, self.after.skim.matrix
        return _close(base[i, j], base[j, i]) & _close(new[i, j], new[j, i])

    def _frame(self, i: Any, j: Any) -> pd.DataFrame:
        ids = np.array(self.before.terminals, dtype=object)
        base, new = self.before.skim.matrix[i, j], self.after.skim.matrix[i, j]
        with np.errstate(invalid="ignore", divide="ignore"):
            change = new - base
            change[~(np.isfinite(base) & np.isfinite(new))] = np.nan
            percent = 100 * change / base
        columns = (ids[i], ids[j], base, new, change, percent, self.categories[i, j])
        return pd.DataFrame(dict(zip(ROUTE_COLUMNS, columns, strict=True)))

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """The measures before and after, with unit, change and percentage."""
        frame = pd.DataFrame(list(self._metric_rows()), columns=METRIC_COLUMNS[:4])
        frame["change"] = frame["scenario"] - frame["baseline"]
        frame["percent_change"] = 100 * frame["change"] / frame["baseline"].abs().replace(0, np.nan)
        return frame

    @cached_property
    def cost_measures(self) -> list[tuple[str, str, float, float]]:
        """The measures that rest on best costs alone: name, unit, baseline, scenario."""
        old, new, unit = self.before, self.after, self.unit
        a, b = old.skim.matrix, new.skim.matrix
        access = [m.weighted_mean(side.market_access, side.population) for side in (old, new)]
        return [
            (f"mean_{self.by}", unit, m.mean_cost(a, b), m.mean_cost(b, a)),
            ("efficiency", f"1/{unit}", m.efficiency(a), m.efficiency(b)),
            ("reachable_pairs", "%", m.reachable_share(a), m.reachable_share(b)),
            ("market_access", self.access_unit, access[0], access[1]),
        ]

    @property
    def access_unit(self) -> str:
        """The unit of market access."""
        theta = self.before.network.assumptions["market_access.theta"]
        return f"people/{self.unit}" if theta == 1 else f"people/{self.unit}^{theta:g}"

    def _metric_rows(self) -> Iterable[tuple[str, str, float, float]]:
        old, new = self.before, self.after
        yield from self.cost_measures
        yield (
            "detour_index",
            "ratio",
            m.detour_index(old.length_skim.matrix, old.straight_km),
            m.detour_index(new.length_skim.matrix, new.straight_km),
        )
        for name, value in old.connectivity.items():
            yield name, "ratio", value, new.connectivity[name]
        yield (
            "edge_disjoint_routes",
            "routes",
            _mean(old.disjoint.values()),
            _mean(new.disjoint.values()),
        )
        for country in sorted(set(old.countries)):
            here = np.array([c == country for c in old.countries])
            if old.population[here].sum() > 0:
                yield (
                    f"market_access:{country}",
                    self.access_unit,
                    m.weighted_mean(old.market_access[here], old.population[here]),
                    m.weighted_mean(new.market_access[here], new.population[here]),
                )
        for pair, count in new.disjoint.items():
            if count != old.disjoint.get(pair, 0):
                name = "edge_disjoint_routes:" + "-".join(pair)
                yield name, "routes", old.disjoint.get(pair, 0), count
        yield from self._betweenness_rows()
        for key, flow in new.pipeline_flows.items():
            before = old.pipeline_flows.get(key, 0.0)
            if flow != before:
                mode, origin, market = key
                unit = "bcm/y" if mode == "gas" else "Mt/y"
                yield f"max_flow:{mode}:{origin}-{market}", unit, before, flow

    def _betweenness_rows(self, top: int = 5) -> Iterable[tuple[str, str, float, float]]:
        """Yield the places whose share of best routes changes most."""
        old = dict(zip(self.before.network.nodes.ids, 100 * self.before.betweenness, strict=True))
        new = dict(zip(self.after.network.nodes.ids, 100 * self.after.betweenness, strict=True))
        change = {node: share - old.get(node, 0.0) for node, share in new.items()}
        most = sorted(change, key=lambda node: (-abs(change[node]), node))[:top]
        for node in most:
            if abs(change[node]) > TOLERANCE:
                yield f"betweenness:{node}", "% of routes", old.get(node, 0.0), new[node]

    def efficiency_change(self, by: str) -> float:
        """Return the change of efficiency in another measure, percent."""
        old, new = self.before.efficiency(by), self.after.efficiency(by)
        return 100 * (new - old) / old if old else float("nan")

    def _repr_html_(self, routes: int = 5) -> str:
        counts = ", ".join(f"{c.replace('_', ' ')} {n:,}" for c, n in self.pair_counts.items())
        measures = [
            (name, unit, old, new, 100 * (new - old) / abs(old) if old else float("nan"))
            for name, unit, old, new in self.cost_measures
        ]
        name = self.after.network.name_of
        pairs = [
            (f"{name(r['from'])} – {name(r['to'])}", r["baseline"], r["scenario"], r["change"])
            for r in self.routes.head(routes).to_dict("records")
        ]
        title = f"{self.title or 'No scenario'}, by {self.by}"
        return html_table(
            title, ["measure", "unit", "before", "after", "change, %"], measures
        ) + html_table(
            "Routes that change most", ["", f"before, {self.unit}", "after", "change"], pairs,
            f"Ordered pairs: {counts}",
        )  # fmt: skip

    def as_dict(self, routes: int = 50) -> dict[str, Any]:
        """Return the comparison with the keys of `compare --json`."""
        return {
            "scenario": self.name,
            "by": self.by,
            "pairs": self.pair_counts,
            "metrics": records(self.metrics),
            "routes": records(self.routes.head(routes)),
        }


_ROUTE_ORDER = {"newly_connected": 0, "lost": 1, "improved": 2, "worse": 3}


def _close(a: Floats, b: Floats) -> Flags:
    return np.isclose(a, b, rtol=TOLERANCE, atol=TOLERANCE)


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return float(np.mean(found)) if found else float("nan")


def compare(
    network: Network,
    scenario: Scenario | Sequence[Scenario],
    *,
    by: str = "time",
    modes: Iterable[str] | None = None,
    terminals: Sequence[str] | None = None,
    before: Evaluation | None = None,
    centre: str | None = None,
) -> Comparison:
    """Compare the base with a scenario, or with several applied together.

    Parameters
    ----------
    by
        `length` (km), `time` (h), `cost` (USD per TEU) or `generalised` (USD).
    modes
        Modes that may be used; without it freight, or gas and oil for pipeline proposals.
    terminals
        Node ids; without it the ports, and the cities above a stated size.
    before
        The base's evaluation if it is known already.
    centre
        A node id: only pairs that begin or end there are compared.
    """
    scenarios = (scenario,) if isinstance(scenario, Scenario) else tuple(scenario)
    after_network = network.with_scenarios(*scenarios)
    if before is None:
        chosen = modes_of(scenarios) if modes is None else check_modes(modes)
        places = terminals
        if places is None:
            # a place that a proposal connects for the first time counts before it, too
            places = [t for t in terminals_of(after_network, chosen) if t in network.nodes]
        before = evaluate(network, by=by, modes=chosen, terminals=places)
    return Comparison(before, before.variant(after_network), scenarios, centre)
