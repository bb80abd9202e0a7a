"""Flows before and after: from country to country, their bottlenecks, and who supplies whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import pandas as pd

from sco_network.errors import InputError, Problems, bad_argument, did_you_mean
from sco_network.model.network import Network, folded
from sco_network.model.rows import PIPELINES
from sco_network.model.scenario import Claim, Scenario

from .pipelines import End, Flow, Pipelines
from .plain import finite, records

UNITS = {"gas": "bcm/y", "oil": "Mt/y"}
CLAIM_UNITS = {"gas": "bcm_y", "oil": "mt_y"}
# Shapley values ask for the flow of every subset of suppliers; 2^12 are still quick.
MOST_SUPPLIERS = 12
EVERYONE = "all"


def concentration(shares: Iterable[float]) -> float:
    """Return the Herfindahl–Hirschman index Σ share², 0 to 1; nan without any supply.

    One supplier gives 1, n equal ones give 1/n.

    References
    ----------
    Hirschman (1945), National Power and the Structure of Foreign Trade; Herfindahl (1950).

    >>> concentration([30.0, 10.0])
    0.625
    """
    parts = np.array(list(shares))
    total = parts.sum()
    return float(((parts / total) ** 2).sum()) if total > 0 else float("nan")


def supplier_shares(
    pipelines: Pipelines, suppliers: Sequence[End], market: End
) -> dict[str, float]:
    """Return what each supplier contributes to the joint flow to a market: Shapley values.

    Suppliers that share one pipeline could each fill it, so that a flow has no unique split
    among them. The Shapley value is the mean, over all orders in which suppliers may come,
    of what a supplier adds to the flow of those before it; the values sum to the joint flow.

    Returns
    -------
    Bcm or Mt a year by country code; empty beyond 12 suppliers.

    References
    ----------
    Shapley (1953); for flows, Kalai and Zemel (1982), Mathematics of Operations Research
    7:476–478; for Eurasian gas, Hubert and Ikonnikova (2011), Journal of Industrial
    Economics 59:85–116.
    """
    able = [s for s in suppliers if pipelines.flow([s], [market]).value > 0]
    n = len(able)
    if n > MOST_SUPPLIERS:
        return {}
    worth = {
        frozenset(group): pipelines.flow(group, [market]).value
        for size in range(n + 1)
        for group in combinations(able, size)
    }
    return {
        one.id: sum(
            (worth[group | {one}] - value) / (n * comb(n - 1, len(group)))
            for group, value in worth.items()
            if one not in group
        )
        for one in able
    }


@dataclass(frozen=True)
class Flows:
    """Flows before and after scenarios, from one end to another or between all countries."""

    before: Pipelines
    after: Pipelines
    scenarios: tuple[Scenario, ...]
    origin: End | None = None
    destination: End | None = None

    @property
    def name(self) -> str:
        """The scenarios' ids joined by +, or `base`."""
        return " + ".join(s.id for s in self.scenarios) or "base"

    @property
    def title(self) -> str:
        """The scenarios' titles."""
        return " + ".join(s.title for s in self.scenarios) or "The base network"

    @property
    def commodity(self) -> str:
        """`gas` or `oil`."""
        return self.before.commodity

    @property
    def unit(self) -> str:
        """`bcm/y` for gas, `Mt/y` for oil."""
        return UNITS[self.commodity]

    @property
    def is_pair(self) -> bool:
        """Whether both ends are given."""
        return self.origin is not None and self.destination is not None

    @cached_property
    def origins(self) -> tuple[End, ...]:
        """The origin given, or every country with fields other than the destination."""
        return self._ends(self.origin, self.destination, "fields")

    @cached_property
    def destinations(self) -> tuple[End, ...]:
        """The destination given, or every country with markets other than the origin."""
        return self._ends(self.destination, self.origin, "markets")

    def _ends(self, given: End | None, other: End | None, kind: str) -> tuple[End, ...]:
        if given is not None:
            return (given,)
        found = sorted(set(getattr(self.before, kind)) | set(getattr(self.after, kind)))
        away = other.country if other is not None else None
        return tuple(country_end(self.after.network, c) for c in found if c != away)

    @cached_property
    def joint(self) -> tuple[Flow, Flow] | None:
        """The joint flow before and after, from or to the ends given; None if none is."""
        if self.origin is None and self.destination is None:
            return None
        return (
            self.before.flow(self.origins, self.destinations),
            self.after.flow(self.origins, self.destinations),
        )

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """Every origin to every destination, and the joint flows from and to `all`.

        Columns: from, to, before, before_status, after, after_status, change. The change
        counts no path as nothing carried; `before` and `after` are missing there.
        """
        rows = [
            self._pair(a.id, b.id, [a], [b])
            for a in self.origins
            for b in self.destinations
            if self.is_pair or a.country != b.country
        ]
        if self.destination is None:
            rows += [
                self._pair(a.id, EVERYONE, [a], abroad)
                for a in self.origins
                if len(abroad := [b for b in self.destinations if b.country != a.country]) > 1
            ]
        if self.origin is None:
            rows += [
                self._pair(EVERYONE, b.id, abroad, [b])
                for b in self.destinations
                if len(abroad := [a for a in self.origins if a.country != b.country]) > 1
            ]
        columns = ["from", "to", "before", "before_status", "after", "after_status", "change"]
        return pd.DataFrame(rows, columns=columns)

    def _pair(self, a: str, b: str, origins: Sequence[End], ends: Sequence[End]) -> tuple[Any, ...]:
        old, new = self.before.flow(origins, ends), self.after.flow(origins, ends)
        shown = [np.nan if f.status == "no path" else f.value for f in (old, new)]
        change = 0.0 if old.value == new.value else new.value - old.value
        return a, b, shown[0], old.status, shown[1], new.status, change

    @cached_property
    def supply(self) -> pd.DataFrame:
        """Each destination's supply from abroad: joint flow, HHI, and the worst single losses.

        Columns: country, then before_ and after_ each with flow, suppliers, hhi, worst_link
        (a link or crossing), worst_link_percent, worst_country and worst_country_percent.
        Empty where an origin is given.
        """
        rows = []
        for market in self.destinations if self.origin is None else ():
            row: dict[str, Any] = {"country": market.id}
            old = self._supply_of(self.before, market)
            new = old if self.after is self.before else self._supply_of(self.after, market)
            for when, side in (("before", old), ("after", new)):
                row |= {f"{when}_{k}": v for k, v in side.items()}
            if row["before_suppliers"] or row["after_suppliers"]:
                rows.append(row)
        worst = [f"worst_{w}{p}" for w in ("link", "country") for p in ("", "_percent")]
        measures = ("flow", "suppliers", "hhi", *worst)
        columns = ["country", *(f"{w}_{m}" for w in ("before", "after") for m in measures)]
        return pd.DataFrame(rows, columns=columns)

    def _suppliers(self, market: End) -> list[End]:
        return [a for a in self.origins if a.country != market.country]

    def _supply_of(self, lines: Pipelines, market: End) -> dict[str, Any]:
        suppliers = self._suppliers(market)
        joint = lines.flow(suppliers, [market])
        able = [s for s in suppliers if lines.flow([s], [market]).value > 0]
        shares = supplier_shares(lines, suppliers, market) if np.isfinite(joint.value) else {}
        found: dict[str, Any] = {
            "flow": joint.value if able else np.nan,
            "suppliers": len(able),
            "hhi": concentration(shares.values()),
        }
        losses = joint.losses({market.country})
        for word, some in (
            ("link", losses[losses["kind"] != "country"]),
            ("country", losses[losses["kind"] == "country"]),
        ):
            found[f"worst_{word}"] = some["name"].iloc[0] if len(some) else None
            found[f"worst_{word}_percent"] = some["lost_percent"].iloc[0] if len(some) else np.nan
        return found

    @cached_property
    def suppliers(self) -> pd.DataFrame:
        """What each country could deliver to the destination alone, and its share of all.

        Columns: supplier, then before_ and after_ each with alone, contribution and
        share_percent; empty unless a destination is given without an origin.
        """
        rows = []
        market = self.destination
        if market is not None and self.origin is None:
            sides = {"before": self.before, "after": self.after}
            parts = {
                w: supplier_shares(p, self._suppliers(market), market) for w, p in sides.items()
            }
            for one in self._suppliers(market):
                row: dict[str, Any] = {"supplier": one.id}
                for when, lines in sides.items():
                    share, total = parts[when].get(one.id, 0.0), sum(parts[when].values())
                    row[f"{when}_alone"] = lines.flow([one], [market]).value
                    row[f"{when}_contribution"] = share
                    row[f"{when}_share_percent"] = 100 * share / total if total else np.nan
                if row["before_alone"] or row["after_alone"]:
                    rows.append(row)
        measures = ("alone", "contribution", "share_percent")
        columns = ["supplier", *(f"{w}_{m}" for w in ("before", "after") for m in measures)]
        return pd.DataFrame(rows, columns=columns)

    @property
    def spared(self) -> set[str]:
        """The countries of the ends given, which no closure shuts."""
        return {end.country for end in (self.origin, self.destination) if end is not None}

    @cached_property
    def telling(self) -> Flows | None:
        """The question to be drawn; None where nothing flows.

        With an end given, the question itself; else the ends of the scenario's first published
        promise of a flow; else the pair of countries that gains most (without scenarios: that
        carries most), of equal ones that whose flow goes furthest (Σ flow · km).
        """
        if self.joint is not None:
            return self
        if self._promises:
            claim = self._promises[0]
            ends = (
                find_end(self.after.network, place, "claims")
                for place in (claim.origin, claim.destination)
            )
            return replace(self, origin=next(ends), destination=next(ends))
        pairs = self.pairs[(self.pairs["from"] != EVERYONE) & (self.pairs["to"] != EVERYONE)]
        size = (pairs["change"].abs() if self.scenarios else pairs["after"]).fillna(0)
        size = size[np.isfinite(size) & (size > 0)]
        if size.empty:
            return None
        known = {(a.id, b.id): (a, b) for a in self.origins for b in self.destinations}
        best = pairs.loc[size[size > size.max() - 1e-9].index]
        found = [
            replace(self, origin=a, destination=b)
            for a, b in (known[pair] for pair in zip(best["from"], best["to"], strict=True))
        ]
        return max(found, key=lambda f: f.work)

    @property
    def _promises(self) -> list[Claim]:
        """The scenarios' published claims about flows of the commodity."""
        parts = (part for scenario in self.scenarios for part in scenario.whole)
        unit = CLAIM_UNITS[self.commodity]
        return [c for part in parts for c in part.content.claims if c.unit == unit]

    @property
    def work(self) -> float:
        """Flow times length of the joint flow, before or after, whichever is more; bcm·km."""
        return max(float(np.abs(f.by_link) @ f.pipelines.length_km) for f in (self.joint or ()))

    def as_dict(self) -> dict[str, Any]:
        """Return the answer with the keys of `flows --json`."""
        answer: dict[str, Any] = {
            "scenario": self.name,
            "commodity": self.commodity,
            "unit": self.unit,
            "from": self.origin.id if self.origin else EVERYONE,
            "to": self.destination.id if self.destination else EVERYONE,
            "limited_by": "pipelines alone; the data states no production and no demand",
            "links_without_capacity": self.after.without_capacity,
            "pairs": records(self.pairs),
            "supply": records(self.supply),
            "suppliers": records(self.suppliers),
        }
        if self.joint is not None:
            for when, flow in zip(("before", "after"), self.joint, strict=True):
                answer[when] = {
                    "flow": None if flow.status == "no path" else finite(flow.value),
                    "status": flow.status,
                    "bottlenecks": records(flow.bottlenecks()),
                    "links": records(flow.links()),
                    "losses": records(flow.losses(self.spared)),
                }
        return answer


def country_end(network: Network, code: str) -> End:
    """Return a country as an end of flows."""
    countries = network.tables["countries"]
    name = countries.row(code)["name"] if code in countries else code
    return End(str(name), code)


def find_end(network: Network, text: str, option: str) -> End:
    """Return the country or place that a word names: a code, a country's name, a place.

    Raises
    ------
    InputError
        Where nothing has that name.
    """
    countries = network.tables["countries"]
    known = set(network.nodes["country"].tolist()) - {""}
    names = {folded(country_end(network, code).name): code for code in sorted(known)}
    code = text.upper() if text.upper() in known else names.get(folded(text))
    if code is not None:
        return country_end(network, code)
    try:
        place = network.find(text)
    except InputError as error:
        words = [str(countries.row(c)["name"]) for c in sorted(known) if c in countries]
        problem = error.problems[0]
        near = did_you_mean(text, [*words, *sorted(known)])
        message = problem.message.replace("unknown place", "unknown country or place")
        raise bad_argument(option, message, near or problem.hint) from None
    row = network.nodes.index[place]
    return End(network.name_of(place), str(network.nodes["country"][row]), place)


def flows(
    network: Network,
    scenarios: Scenario | Sequence[Scenario] = (),
    *,
    commodity: str = "gas",
    origin: str | None = None,
    destination: str | None = None,
) -> Flows:
    """Return what pipelines can carry in the base, and with scenarios applied together.

    Parameters
    ----------
    commodity
        `gas` (billion m³ a year) or `oil` (million tonnes a year).
    origin, destination
        A country (its fields, its markets) by code or name, or one place by id or name;
        without one, all countries.

    Raises
    ------
    InputError
        For an unknown commodity, country or place; where there is no such pipeline, field or
        market; where no pipeline states a capacity.
    """
    chosen = (scenarios,) if isinstance(scenarios, Scenario) else tuple(scenarios)
    if commodity not in PIPELINES:
        hint = did_you_mean(commodity, PIPELINES) or "Use gas or oil"
        raise bad_argument("commodity", f"unknown commodity '{commodity}'", hint)
    before = after = Pipelines(network, commodity)
    if chosen:
        after = Pipelines(network.with_scenarios(*chosen), commodity)
    _refuse_silence(before, after)
    problems = Problems()
    ends: dict[str, End | None] = {}
    for option, text in (("from", origin), ("to", destination)):
        try:
            ends[option] = None if text is None else _end(before, after, text, option)
        except InputError as error:
            problems.found += error.problems
    problems.raise_if_any()
    if ends["from"] is not None and ends["from"] == ends["to"] and ends["from"].place:
        raise bad_argument("to", "the flow begins and ends at the same place")
    return Flows(before, after, chosen, ends["from"], ends["to"])


def _refuse_silence(before: Pipelines, after: Pipelines) -> None:
    """Refuse a commodity that nothing can be said about."""
    what = before.commodity
    lines = [p for p in (before, after) if len(p.rows)]
    if not lines:
        raise bad_argument("commodity", f"no {what} pipeline is open in this network")
    if all(np.isinf(p.capacity).all() for p in lines):
        raise bad_argument(
            "commodity",
            f"no {what} pipeline states a capacity, so that no flow can be given",
            "Fill in capacity_value in links.csv",
        )


def _end(before: Pipelines, after: Pipelines, text: str, option: str) -> End:
    end = find_end(after.network, text, option)
    if end.place is not None:
        if end.place not in before.places and end.place not in after.places:
            raise bad_argument(option, f"{end.name} lies at no {after.commodity} pipeline")
        return end
    kind = "fields" if option == "from" else "markets"
    known = set(getattr(before, kind)) | set(getattr(after, kind))
    if end.country not in known:
        what = "field" if option == "from" else "market (city, port or terminal)"
        raise bad_argument(
            option,
            f"no {what} of {end.name} lies at a {after.commodity} pipeline",
            "Countries that have one: " + ", ".join(sorted(known)),
        )
    return end
