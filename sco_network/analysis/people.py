"""What a proposal means for people: market access, the way to the sea, who wins and who loses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from sco_network.errors import bad_argument
from sco_network.model.network import Network
from sco_network.model.rows import FREIGHT
from sco_network.model.scenario import Scenario
from sco_network.routing.impedance import Floats
from sco_network.routing.states import check_modes

from . import metrics as m
from .compare import TOLERANCE, Comparison
from .evaluation import Evaluation, evaluate
from .plain import finite, records
from .sea import SeaAccess, port_rule

WHEN = ("before", "after")


def inhabited(network: Network, modes: Sequence[str] = FREIGHT) -> tuple[str, ...]:
    """Return the places where people live and that a link of the modes serves."""
    nodes, served = network.nodes, m.served(network, modes)
    people = np.nan_to_num(nodes["population"])
    return tuple(
        n for n, p in zip(nodes.ids.tolist(), people, strict=True) if p > 0 and n in served
    )


@dataclass(frozen=True)
class People:
    """A comparison seen from the places where people live, each weighted by its people."""

    comparison: Comparison

    @property
    def name(self) -> str:
        """The scenarios' ids joined by +, or `base`."""
        return self.comparison.name or "base"

    @property
    def title(self) -> str:
        """The scenarios' titles."""
        return self.comparison.title or "The base network"

    @property
    def is_base(self) -> bool:
        """Whether no scenario is applied."""
        return not self.comparison.scenarios

    @cached_property
    def sea_before(self) -> SeaAccess:
        """The ways to the sea in the base."""
        return self.comparison.before.sea

    @cached_property
    def sea_after(self) -> SeaAccess:
        """The ways to the sea with the scenarios."""
        return self.comparison.after.sea

    @cached_property
    def places(self) -> pd.DataFrame:
        """Every place: people, market access and way to the sea before and after.

        Columns: node_id, name, country, population; access_before, access_after (people per
        unit of cost^θ), access_percent; port_before, port_after (node ids); to_port_before,
        to_port_after (h, km or USD, inf without a route), to_port_change; borders_before,
        borders_after; worse (access falls, or the sea is further away).
        """
        old, new = self.comparison.before, self.comparison.after
        sea, then = self.sea_before, self.sea_after
        with np.errstate(divide="ignore", invalid="ignore"):
            percent = 100 * (new.market_access - old.market_access) / old.market_access
            longer = np.where(sea.cost == then.cost, 0.0, then.cost - sea.cost)
        return pd.DataFrame(
            {
                "node_id": old.terminals,
                "name": [old.network.name_of(t) for t in old.terminals],
                "country": old.countries,
                "population": old.population,
                "access_before": old.market_access,
                "access_after": new.market_access,
                "access_percent": percent,
                "port_before": sea.port,
                "port_after": then.port,
                "to_port_before": sea.cost,
                "to_port_after": then.cost,
                "to_port_change": longer,
                "borders_before": sea.borders,
                "borders_after": then.borders,
                "worse": _falls(old.market_access, new.market_access)
                | _falls(-sea.cost, -then.cost),
            }
        )

    @cached_property
    def worse_off(self) -> pd.DataFrame:
        """The places that are worse off, those that lose most first; empty if nobody is."""
        frame = self.places[self.places["worse"]]
        return frame.sort_values("access_percent", kind="stable", ignore_index=True)

    @cached_property
    def winners(self) -> pd.DataFrame:
        """The places whose market access rises, most first."""
        return self._changed(rising=True)

    @cached_property
    def losers(self) -> pd.DataFrame:
        """The places whose market access falls, most first."""
        return self._changed(rising=False)

    def _changed(self, *, rising: bool) -> pd.DataFrame:
        frame = self.places
        old, new = frame["access_before"].to_numpy(), frame["access_after"].to_numpy()
        moved = _falls(new, old) if rising else _falls(old, new)
        order = frame[moved].sort_values(
            ["access_percent", "population"], ascending=[not rising, False], kind="stable"
        )
        return order.reset_index(drop=True)

    @cached_property
    def benchmark(self) -> float:
        """The median of coastal countries' mean cost to a deep-sea port, in the base.

        Coastal countries that are here with nothing but ports do not count: their way to
        the sea is 0 because their interior is missing.
        """
        frame = self.places
        inland = frame[~frame["node_id"].isin(self.sea_before.ports)]
        counted = self.sea_before.coastal & set(inland["country"])
        columns = frame["country"], frame["to_port_before"], frame["population"]
        country, cost, people = (column.to_numpy() for column in columns)
        means = [
            _mean_where_there(cost[country == c], people[country == c]) for c in sorted(counted)
        ]
        known = [mean for mean in means if np.isfinite(mean)]
        return float(np.median(known)) if known else float("nan")

    @cached_property
    def countries(self) -> pd.DataFrame:
        """Every country, by the mean over the people of its places.

        Columns: country, population; access_before, access_after, access_percent;
        to_port_before, to_port_after, borders_before, borders_after (over places that reach
        a port both before and after, if there are any); cut_off_before, cut_off_after
        (people of places that reach none); worse_off (people of places that are); own_port
        (whether a deep-sea port is its own); penalty_before, penalty_after (cost above the
        median coastal country of the base).
        """
        # as arrays, since frames of a few rows are slow
        columns = {name: column.to_numpy() for name, column in self.places.items()}
        rows = []
        for country in sorted(set(self.comparison.before.countries)):
            here = columns["country"] == country
            group = {str(name): column[here] for name, column in columns.items()}
            rows.append(self._of_country(country, group))
        return pd.DataFrame(rows)

    def _of_country(self, country: str, places: Mapping[str, Any]) -> dict[str, Any]:
        people = places["population"]
        access = [m.weighted_mean(places[f"access_{when}"], people) for when in WHEN]
        row: dict[str, Any] = {
            "country": country,
            "population": people.sum(),
            "access_before": access[0],
            "access_after": access[1],
            "access_percent": 100 * (access[1] / access[0] - 1) if access[0] else np.nan,
        }
        both = np.isfinite(places["to_port_before"] + places["to_port_after"])
        both |= not both.any()
        for what in ("to_port", "borders"):
            for when in WHEN:
                values = places[f"{what}_{when}"]
                row[f"{what}_{when}"] = _mean_where_there(values[both], people[both])
        for when in WHEN:
            row[f"cut_off_{when}"] = people[~np.isfinite(places[f"to_port_{when}"])].sum()
        row["worse_off"] = people[places["worse"]].sum()
        row["own_port"] = country in self.sea_before.coastal
        for when in WHEN:
            above = row[f"to_port_{when}"] - self.benchmark
            row[f"penalty_{when}"] = np.nan if row["own_port"] else above
        return row

    @cached_property
    def inequality(self) -> pd.DataFrame:
        """Gini and Theil of market access over people, before and after.

        Columns: measure (gini, theil, theil_between, theil_within countries), before, after,
        change. Between and within sum to the Theil index.
        """
        sides = [
            _inequality(e.market_access, e.population, e.countries)
            for e in (self.comparison.before, self.comparison.after)
        ]
        rows = [(k, sides[0][k], sides[1][k], sides[1][k] - sides[0][k]) for k in sides[0]]
        return pd.DataFrame(rows, columns=["measure", "before", "after", "change"])

    @property
    def access_unit(self) -> str:
        """Unit of market access."""
        return self.comparison.access_unit

    def as_dict(self) -> dict[str, Any]:
        """Return the answer with the keys of `people --json`."""
        places = self.places
        groups = {
            "worse_off": self.worse_off,
            "better_off": self.winners,
            "no_way_to_the_sea": places[~np.isfinite(places["to_port_after"])],
        }
        return {
            "scenario": self.name,
            "by": self.comparison.by,
            "unit": self.comparison.unit,
            "access_unit": self.access_unit,
            "place_count": len(places),
            "people": float(places["population"].sum()),
            "anyone_worse_off": bool(len(self.worse_off)),
            **{
                key: {
                    "places": len(frame),
                    "people": float(frame["population"].sum()),
                    "node_ids": frame["node_id"].tolist(),
                }
                for key, frame in groups.items()
            },
            "deep_sea_ports": {
                "rule": port_rule(self.comparison.after.network),
                "node_ids": list(self.sea_after.ports),
            },
            "coastal_median": finite(self.benchmark),
            "inequality": records(self.inequality),
            "countries": records(self.countries),
            "places": records(places),
        }


def _falls(old: Floats, new: Floats) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return where a value falls by more than rounding; −inf is the lowest of all."""
    with np.errstate(invalid="ignore"):
        gap = np.where(old == new, 0.0, old - new)
    return gap > TOLERANCE * np.maximum(np.where(np.isfinite(old), np.abs(old), 1.0), 1.0)


def _mean_where_there(values: Floats, people: Floats) -> float:
    """Return the mean over people, leaving out where a value is not finite."""
    there = np.isfinite(values)
    return m.weighted_mean(values[there], people[there])


def _inequality(access: Floats, people: Floats, countries: Sequence[str]) -> dict[str, float]:
    between, within = m.theil_parts(access, people, countries)
    return {
        "gini": m.gini(access, people),
        "theil": m.theil(access, people),
        "theil_between": between,
        "theil_within": within,
    }


def people(
    network: Network,
    scenarios: Scenario | Sequence[Scenario] = (),
    *,
    by: str = "time",
    modes: Iterable[str] | None = None,
    before: Evaluation | None = None,
) -> People:
    """Return what scenarios, applied together, change for the people of every inhabited place.

    Parameters
    ----------
    by
        `time` (h), `cost` (USD per TEU), `generalised` (USD) or `length` (km).
    modes
        Freight modes that may be used; all without it.
    before
        The base's evaluation if it is known already.

    Raises
    ------
    InputError
        For an unknown measure or mode, and where nobody lives at a link of the modes.
    """
    chosen = (scenarios,) if isinstance(scenarios, Scenario) else tuple(scenarios)
    wanted = check_modes(modes)
    if not set(wanted) <= set(FREIGHT):
        raise bad_argument("modes", "pipelines carry no people's goods", "Use road, rail, sea")
    changed = network.with_scenarios(*chosen) if chosen else network
    # a place that a proposal serves for the first time counts before it, too
    places = [p for p in inhabited(changed, wanted) if p in network.nodes]
    if not places:
        raise bad_argument(
            "modes",
            f"nobody lives at a link of the modes {', '.join(wanted)}",
            "Fill in population in nodes.csv, or choose other modes",
        )
    asked = (tuple(places), by, wanted)
    if before is None or (before.terminals, before.by, before.modes) != asked:
        before = evaluate(network, by=by, modes=wanted, terminals=places)
    return People(Comparison(before, before.variant(changed) if chosen else before, chosen))
