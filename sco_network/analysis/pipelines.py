"""Pipelines as flows: what they can carry, where they are narrowest, what is lost when one shuts.

Only pipelines limit these flows: the data states no production of fields and no demand of
markets, so a field gives and a market takes whatever the pipelines carry.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from sco_network.model.network import Network
from sco_network.routing.impedance import Floats, Ints
from sco_network.routing.maxflow import (
    Arcs,
    Flags,
    MaxFlow,
    connected,
    least_length,
    max_flow,
)

from .metrics import open_links, served

MARKETS = ("city", "port", "terminal")


@dataclass(frozen=True)
class End:
    """Where a flow begins or ends: a country's fields or markets, or one place."""

    name: str
    country: str
    place: str | None = None

    @property
    def id(self) -> str:
        """The node id of a place, else the country's code."""
        return self.place or self.country

    def nodes(self, of_country: Mapping[str, Sequence[str]]) -> Sequence[str]:
        """Return the node ids it stands for, given the fields or markets of each country."""
        return of_country.get(self.country, ()) if self.place is None else (self.place,)


@dataclass(frozen=True)
class Pipelines:
    """The open pipelines of one commodity in a network.

    A link that states no capacity limits nothing: it counts as unlimited, and every answer
    that rests on it says so.
    """

    network: Network
    commodity: str

    @cached_property
    def rows(self) -> Ints:
        """Rows of the open links in links.csv."""
        return open_links(self.network, [self.commodity])

    @cached_property
    def capacity(self) -> Floats:
        """What each open link can carry, bcm or Mt a year; inf where it is not stated."""
        stated = self.network.links["capacity_value"][self.rows]
        return np.where(np.isnan(stated), np.inf, stated)

    @cached_property
    def length_km(self) -> Floats:
        """Length of each open link, km."""
        km: Floats = self.network.links["length_km"][self.rows]
        return km

    @cached_property
    def two_way(self) -> Ints:
        """The open links, as positions in `rows`, that may carry either way."""
        directed = self.network.links["directed"][self.rows]
        return np.flatnonzero(directed != True)  # noqa: E712 - objects, may be None

    @cached_property
    def places(self) -> dict[str, int]:
        """The ids of the places at pipelines, open or not, with their number in `arcs`."""
        places = sorted(served(self.network, [self.commodity]))
        return {node_id: i for i, node_id in enumerate(places)}

    @cached_property
    def country(self) -> list[str]:
        """The country of each place."""
        nodes = self.network.nodes
        return [nodes["country"][nodes.index[node_id]] for node_id in self.places]

    @cached_property
    def arcs(self) -> Arcs:
        """Every open link once, and the two-way ones once more the other way round."""
        links, back = self.network.links, self.two_way
        start, end = (
            np.array([self.places[n] for n in links[c][self.rows].tolist()], dtype=np.int64)
            for c in ("from_node_id", "to_node_id")
        )
        both = np.concatenate
        return Arcs(
            len(self.places),
            both([start, end[back]]),
            both([end, start[back]]),
            both([self.capacity, self.capacity[back]]),
        )

    @cached_property
    def fields(self) -> dict[str, list[str]]:
        """The fields at pipelines of the commodity by country."""
        return self._by_country(("field",))

    @cached_property
    def markets(self) -> dict[str, list[str]]:
        """The cities, ports and terminals at pipelines of the commodity by country."""
        return self._by_country(MARKETS)

    def _by_country(self, kinds: Collection[str]) -> dict[str, list[str]]:
        nodes = self.network.nodes
        found: dict[str, list[str]] = {}
        for node_id, country in zip(self.places, self.country, strict=True):
            if nodes["node_type"][nodes.index[node_id]] in kinds:
                found.setdefault(country, []).append(node_id)
        return dict(sorted(found.items()))

    def flow(self, origins: Sequence[End], destinations: Sequence[End]) -> Flow:
        """Return the joint flow from all origins together to all destinations together."""
        return self.between(
            [n for end in origins for n in end.nodes(self.fields)],
            [n for end in destinations for n in end.nodes(self.markets)],
        )

    def between(self, sources: Iterable[str], sinks: Iterable[str]) -> Flow:
        """Return the joint flow between node ids; those without a pipeline add nothing."""
        ends = (
            np.array(sorted({self.places[n] for n in ids if n in self.places}), dtype=np.int64)
            for ids in (sources, sinks)
        )
        return Flow(self, *ends)

    def countries_of(self, at: int) -> tuple[str, ...]:
        """Return the countries of a link's two ends, `at` being its position in `rows`."""
        ends = self.arcs.tail[at], self.arcs.head[at]
        return tuple(dict.fromkeys(self.country[end] for end in ends))

    def label(self, at: int) -> str:
        """Return a link's name with its two ends, for people."""
        name = self.network.name_of
        link = self.network.links.row(self.network.links.ids[self.rows[at]])
        ends = f"{name(link['from_node_id'])} – {name(link['to_node_id'])}"
        return f"{link['name']}: {ends}" if link["name"] else ends

    def describe(self, at: int) -> dict[str, Any]:
        """Return what a table says of every link: id, name, countries, capacity."""
        return {
            "link_id": self.network.links.ids[self.rows[at]],
            "name": self.label(at),
            "country": "–".join(self.countries_of(at)),
            "capacity": self.capacity[at],
        }

    @property
    def without_capacity(self) -> list[str]:
        """The open links that state no capacity."""
        ids: list[str] = self.network.links.ids[self.rows[np.isinf(self.capacity)]].tolist()
        return ids


@dataclass(frozen=True)
class Flow:
    """The most that pipelines carry from some places together to others together."""

    pipelines: Pipelines
    sources: Ints
    sinks: Ints

    @cached_property
    def _found(self) -> MaxFlow:
        return max_flow(self.pipelines.arcs, self.sources, self.sinks)

    @property
    def value(self) -> float:
        """Bcm or Mt a year; 0 without a path, inf where a path states no capacity at all."""
        return self._found.value

    def without(self, shut: Flags) -> float:
        """Return the flow if some links, given by position in the pipelines' `rows`, shut."""
        lines = self.pipelines
        gone = np.concatenate([shut, shut[lines.two_way]])
        arcs = replace(lines.arcs, capacity=np.where(gone, 0.0, lines.arcs.capacity))
        return max_flow(arcs, self.sources, self.sinks).value

    @cached_property
    def at_least(self) -> float:
        """The flow if links that state no capacity carried nothing."""
        unknown = np.isinf(self.pipelines.capacity)
        return self.without(unknown) if unknown.any() else self.value

    @cached_property
    def status(self) -> str:
        """`flow`, `at most` (links without capacity matter), `no limit stated` or `no path`."""
        if not connected(self.pipelines.arcs, self.sources, self.sinks):
            return "no path"
        if np.isinf(self.value):
            return "no limit stated"
        return "flow" if self.at_least == self.value else "at most"

    @cached_property
    def by_link(self) -> Floats:
        """Flow on every link, from → to positive, of a maximum flow of least length.

        All zero where no limit is stated: no assignment is better than another then.
        """
        lines, m = self.pipelines, len(self.pipelines.rows)
        if np.isinf(self.value) or self.value == 0:
            return np.zeros(m)
        lengths = np.concatenate([lines.length_km, lines.length_km[lines.two_way]])
        on_arc = least_length(lines.arcs, lengths, self.sources, self.sinks)
        flow: Floats = on_arc[:m].copy()
        flow[lines.two_way] -= on_arc[m:]
        return flow

    def bottlenecks(self) -> pd.DataFrame:
        """Return the links of the minimum cuts nearest to the fields and to the markets.

        Columns: link_id, name, country, capacity, near_fields, near_markets. A link in both
        is in every minimum cut: widening it alone would raise the flow.
        """
        columns = ["link_id", "name", "country", "capacity", "near_fields", "near_markets"]
        if self.status in {"no path", "no limit stated"}:
            return pd.DataFrame(columns=columns)
        first, last = (self._crosses(s) for s in (self._found.near_sources, self._found.near_sinks))
        rows = [
            self.pipelines.describe(at)
            | {"near_fields": bool(first[at]), "near_markets": bool(last[at])}
            for at in np.flatnonzero(first | last).tolist()
        ]
        frame = pd.DataFrame(rows, columns=columns)
        order = ["near_fields", "capacity", "link_id"]
        return frame.sort_values(order, ascending=[False, False, True], ignore_index=True)

    def _crosses(self, side: Flags) -> Flags:
        """Return which links lead out of one side of a cut."""
        lines = self.pipelines
        arcs = lines.arcs
        out = side[arcs.tail] & ~side[arcs.head]
        links = out[: len(lines.rows)].copy()
        links[lines.two_way] |= out[len(lines.rows) :]
        return links

    def links(self) -> pd.DataFrame:
        """Return the links in use: capacity, flow, spare and share used of the assignment."""
        flow = np.abs(self.by_link)
        rows = [
            self.pipelines.describe(at)
            | {
                "flow": flow[at],
                "spare": self.pipelines.capacity[at] - flow[at],
                "used_percent": 100 * flow[at] / self.pipelines.capacity[at],
            }
            for at in np.flatnonzero(flow).tolist()
        ]
        columns = ["link_id", "name", "country", "capacity", "flow", "spare", "used_percent"]
        frame = pd.DataFrame(rows, columns=columns)
        order = ["used_percent", "flow", "link_id"]
        return frame.sort_values(order, ascending=[False, False, True], ignore_index=True)

    def losses(self, spared: Collection[str] = ()) -> pd.DataFrame:
        """Return what is lost when one link, one crossing or one country shuts, most first.

        Only links in use can cost anything: without another one the same flow still runs. A
        link that crosses a border counts as that crossing, with all links beside it. Columns:
        kind, line (its published name), name, country, left, lost, lost_percent.

        Parameters
        ----------
        spared
            Countries that are not shut: the question's own ends.

        References
        ----------
        The N−1 rule of Regulation (EU) 2017/1938, annex II: supply without the single
        largest piece of infrastructure.
        """
        rows = []
        for kind, line, name, country, shut in self._closures(spared):
            left = self.without(shut)
            lost = self.value - left
            if lost > 1e-9:
                rows.append((kind, line, name, country, left, lost, 100 * lost / self.value))
        columns = ["kind", "line", "name", "country", "left", "lost", "lost_percent"]
        frame = pd.DataFrame(rows, columns=columns)
        order = ["lost", "kind", "name"]
        return frame.sort_values(order, ascending=[False, True, True], ignore_index=True)

    def _closures(self, spared: Collection[str]) -> Iterator[tuple[str, str, str, str, Flags]]:
        lines, m = self.pipelines, len(self.pipelines.rows)
        used = np.flatnonzero(self.by_link).tolist()
        tail, head = lines.arcs.tail[:m], lines.arcs.head[:m]
        pairs = np.sort(np.column_stack([tail, head]), axis=1)
        seen: set[tuple[int, ...]] = set()
        for at in used:
            countries = lines.countries_of(at)
            line = lines.network.links["name"][lines.rows[at]]
            if len(countries) == 1:
                yield "link", line, lines.label(at), countries[0], np.arange(m) == at
            elif tuple(pairs[at]) not in seen:
                seen.add(tuple(pairs[at]))
                beside = (pairs == pairs[at]).all(axis=1)
                yield "crossing", line, lines.label(at), "–".join(countries), beside
        names = self.pipelines.network.tables["countries"]
        for country in sorted({c for at in used for c in lines.countries_of(at)} - set(spared)):
            name = names.row(country)["name"] if country in names else country
            inside = np.array([c == country for c in lines.country])
            yield "country", country, str(name), country, inside[tail] | inside[head]
