"""What a proposal means for people: market access, the way to the sea, who wins and who loses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sco_network.errors import bad_argument
from sco_network.model.distance import great_circle_km
from sco_network.model.network import Network
from sco_network.model.rows import FREIGHT
from sco_network.model.scenario import Scenario
from sco_network.routing.impedance import Floats, impedance
from sco_network.routing.skim import nearest
from sco_network.routing.states import check_modes

from . import metrics as m
from .compare import TOLERANCE, Comparison, Evaluation, compare, evaluate, records

# A sea counts as open to the ocean where ships reach a place this far away, km in a straight
# line: the Caspian is 1,200 km long, the Persian Gulf 1,000, the Black Sea 1,200; every ocean
# and everything that is open to one is wider.
OCEAN_KM = 3000.0
PORT_RULE = (
    f"those from which open sea links alone lead to a place at least {OCEAN_KM:,.0f} km away"
)


def port_rule(network: Network) -> str:
    """Return in words which ports of a network count as deep-sea ports."""
    return PORT_RULE if _has_sea_links(network) else "every port, as the data have no sea links"


def _has_sea_links(network: Network) -> bool:
    return bool((network.links["mode"] == "sea").any())


def deep_sea_ports(network: Network) -> tuple[str, ...]:
    """Return the deep-sea ports: those from which ships reach the ocean.

    A node of type `port` counts if open sea links alone lead from it to some place at least
    3,000 km away in a straight line. Ports of the Caspian fail, and those of the Persian Gulf
    while Hormuz is shut. Depth of water is not in the data and does not count. A network that
    has no sea links at all, open or shut, says nothing of the oceans: there every port counts.
    """
    nodes, links = network.nodes, network.links
    if not _has_sea_links(network):
        return tuple(sorted(nodes.ids[nodes["node_type"] == "port"].tolist()))
    rows = np.flatnonzero(impedance(network).link_open & (links["mode"] == "sea"))
    start, end = (
        np.array([nodes.index[n] for n in links[c][rows].tolist()], dtype=np.int64)
        for c in ("from_node_id", "to_node_id")
    )
    n = len(nodes)
    joined = coo_array((np.ones(len(rows)), (start, end)), shape=(n, n)).tocsr()
    sea = connected_components(joined, directed=False)[1]
    afloat = np.unique(np.concatenate([start, end]))
    found: list[str] = []
    for water in np.unique(sea[afloat]):
        here = afloat[sea[afloat] == water]
        xy = network.coordinates[here]
        reach = great_circle_km(xy[:, None, :], xy[None, :, :]).max(axis=1)
        ports = here[(reach >= OCEAN_KM) & (nodes["node_type"][here] == "port")]
        found += nodes.ids[ports].tolist()
    return tuple(sorted(found))


def inhabited(network: Network, modes: Sequence[str] = FREIGHT) -> tuple[str, ...]:
    """Return the places where people live and that a link of the modes serves."""
    nodes, links = network.nodes, network.links
    wanted = np.isin(links["mode"].astype(str), list(modes))
    served = {n for c in ("from_node_id", "to_node_id") for n in links[c][wanted].tolist()}
    people = np.nan_to_num(nodes["population"])
    return tuple(
        n for n, p in zip(nodes.ids.tolist(), people, strict=True) if p > 0 and n in served
    )


@dataclass(frozen=True)
class SeaAccess:
    """The way from each place to its nearest deep-sea port."""

    evaluation: Evaluation

    @cached_property
    def ports(self) -> tuple[str, ...]:
        """The deep-sea ports."""
        return deep_sea_ports(self.evaluation.network)

    @cached_property
    def _ways(self) -> list[tuple[float, list[int]]]:
        one = self.evaluation
        return nearest(one.graph, one.terminals, self.ports, one.by)

    @cached_property
    def cost(self) -> Floats:
        """Best cost to the nearest deep-sea port, n; inf where none is reached."""
        return np.array([cost for cost, _ in self._ways])

    @cached_property
    def port(self) -> list[str | None]:
        """The nearest deep-sea port of each place."""
        ids = self.evaluation.network.nodes.ids
        return [ids[way[-1]] if way else None for _, way in self._ways]

    @cached_property
    def borders(self) -> Floats:
        """Borders crossed on the way there, n; nan where none is reached."""
        country = self.evaluation.network.nodes["country"]
        return np.array(
            [
                sum(country[a] != country[b] for a, b in pairwise(way)) if way else np.nan
                for _, way in self._ways
            ],
            dtype=np.float64,
        )

    @cached_property
    def coastal(self) -> set[str]:
        """The countries with a deep-sea port of their own."""
        nodes = self.evaluation.network.nodes
        return {nodes["country"][nodes.index[port]] for port in self.ports}


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
        return SeaAccess(self.comparison.before)

    @cached_property
    def sea_after(self) -> SeaAccess:
        """The ways to the sea with the scenarios."""
        return self.sea_before if self.is_base else SeaAccess(self.comparison.after)

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
        means = [
            _mean_to_port(frame[frame["country"] == c], "to_port_before") for c in sorted(counted)
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
        rows = []
        for country, group in self.places.groupby("country", sort=True):
            weights = group["population"].to_numpy()
            access = [
                m.weighted_mean(group[f"access_{w}"].to_numpy(), weights)
                for w in ("before", "after")
            ]
            row: dict[str, Any] = {
                "country": country,
                "population": weights.sum(),
                "access_before": access[0],
                "access_after": access[1],
                "access_percent": 100 * (access[1] / access[0] - 1) if access[0] else np.nan,
            }
            both = group[np.isfinite(group["to_port_before"] + group["to_port_after"])]
            both = both if len(both) else group
            for what in ("to_port", "borders"):
                for when in ("before", "after"):
                    row[f"{what}_{when}"] = _mean_to_port(both, f"{what}_{when}")
            for when in ("before", "after"):
                cut_off = ~np.isfinite(group[f"to_port_{when}"])
                row[f"cut_off_{when}"] = group["population"][cut_off].sum()
            row["worse_off"] = group["population"][group["worse"]].sum()
            row["own_port"] = country in self.sea_before.coastal
            for when in ("before", "after"):
                row[f"penalty_{when}"] = (
                    np.nan if row["own_port"] else row[f"to_port_{when}"] - self.benchmark
                )
            rows.append(row)
        return pd.DataFrame(rows)

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
        theta = self.comparison.before.network.assumptions["market_access.theta"]
        unit = self.comparison.unit
        return f"people/{unit}" if theta == 1 else f"people/{unit}^{theta:g}"

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
            "coastal_median": self.benchmark if np.isfinite(self.benchmark) else None,
            "inequality": records(self.inequality),
            "countries": records(self.countries),
            "places": records(places),
        }


def _falls(old: Floats, new: Floats) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return where a value falls by more than rounding; −inf is the lowest of all."""
    with np.errstate(invalid="ignore"):
        gap = np.where(old == new, 0.0, old - new)
    return gap > TOLERANCE * np.maximum(np.where(np.isfinite(old), np.abs(old), 1.0), 1.0)


def _mean_to_port(group: pd.DataFrame, column: str) -> float:
    """Return the mean of a column over the people of places that reach a port."""
    values, people = group[column].to_numpy(), group["population"].to_numpy()
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
    if not chosen:
        return People(Comparison(before, before, ()))
    return People(compare(network, chosen, before=before))
