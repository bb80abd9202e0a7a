"""What a figure rests on: rows, sources, and the share of kilometres by confidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sco_network.model.changeset import Setting
from sco_network.model.network import Network
from sco_network.model.rows import ALL_KINDS, layer_of
from sco_network.routing.impedance import rate_keys
from sco_network.routing.route import Leg, Route

CONFIDENCE_WORDS = {
    "A": "operator or treaty",
    "B": "serious third party",
    "C": "measured on a map",
    "D": "estimated",
    "?": "not stated",
}


# Columns of an added row that its id and the lines around it say already.
_UNTOLD = {"source_id", "confidence", "notes", "name", "directed", "status"} | {
    kind.id_field for kind in ALL_KINDS.values()
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One row that a result rests on: what it says, how sure it is, who says so."""

    table: str
    row_id: str
    says: str
    confidence: str
    source_id: str
    title: str
    url: str
    notes: str

    def as_dict(self) -> dict[str, str]:
        """Return the evidence as plain data."""
        return {name: getattr(self, name) for name in self.__slots__}


def explain_route(route: Route) -> list[Evidence]:
    """Return every row that a route's figures rest on, in the order of the journey."""
    found: dict[tuple[str, str], Evidence] = {}
    network = route.network
    for leg in route.legs:
        for evidence in _of_leg(network, leg):
            found.setdefault((evidence.table, evidence.row_id), evidence)
    return list(found.values())


def share_by_confidence(network: Network, link_ids: Iterable[str]) -> dict[str, float]:
    """Return the share of kilometres that rest on each confidence, percent."""
    km: dict[str, float] = {}
    for link_id in link_ids:
        row = network.links.row(link_id)
        grade = row["confidence"] or "?"
        km[grade] = km.get(grade, 0.0) + row["length_km"]
    total = sum(km.values())
    return {grade: 100 * km[grade] / total for grade in sorted(km)} if total else {}


def coverage(network: Network) -> list[dict[str, Any]]:
    """Return places, kilometres and their confidence by country and mode.

    A link between two countries counts half to each. Suspended and unfinished links count
    as well; the last rows sum all countries up by mode.
    """
    country, index = network.nodes["country"], network.nodes.index
    km: dict[tuple[str, str], dict[str, float]] = {}
    places: dict[tuple[str, str], set[str]] = {}
    for link in network.links:
        grade = link["confidence"] or "?"
        for end in (link["from_node_id"], link["to_node_id"]):
            for key in ((country[index[end]], link["mode"]), ("all", link["mode"])):
                grades = km.setdefault(key, {})
                grades[grade] = grades.get(grade, 0.0) + link["length_km"] / 2
                places.setdefault(key, set()).add(end)
    rows = []
    for key in sorted(km, key=lambda k: (k[0] == "all", k)):
        total = sum(km[key].values())
        shares = {f"{g}_percent": 100 * km[key].get(g, 0.0) / total for g in "ABCD"}
        rows.append(
            {"country": key[0], "mode": key[1], "nodes": len(places[key]), "km": total, **shares}
        )
    return rows


def explain_changes(network: Network) -> list[Evidence]:
    """Return what the applied scenarios change, with the places that say so."""
    rows: dict[tuple[str, str], list[tuple[str, Setting]]] = {}
    for (table, row_id, column), setting in network.changes.settings.items():
        rows.setdefault((table, row_id), []).append((column, setting))
    found = []
    for (table, row_id), settings in sorted(rows.items()):
        shown = [
            f"{column} = {_number(s.value)}"
            for column, s in settings
            if (
                column not in _UNTOLD
                or (column == "status" and (table, row_id) not in network.changes.added)
            )
            and s.value not in (None, "")
        ]
        place = settings[0][1]
        row = network.tables[table].row(row_id)
        kind = "adds" if (table, row_id) in network.changes.added else "changes"
        found.append(
            _evidence(
                network, table, row, f"{kind}: {', '.join(shown)} ({place.file}:{place.line})"
            )
        )
    return found


def explain_link(network: Network, link_id: str) -> list[Evidence]:
    """Return every row that a link's figures rest on: its own, assumptions, its crossing."""
    return list(_of_link(network, link_id))


def _of_link(network: Network, link_id: str) -> Iterable[Evidence]:
    link = network.links.row(link_id)
    ends = {link["from_node_id"], link["to_node_id"]}
    says = f"{link['length_km']:g} km {layer_of(link['mode'], link['gauge_mm'])}"
    if link["free_speed_km_h"]:
        says += f" at {link['free_speed_km_h']:g} km/h"
    yield _evidence(network, "links", link, says)
    if not link["free_speed_km_h"]:
        yield from _assumed(network, link)
    for crossing in network.crossings:
        if {crossing["from_node_id"], crossing["to_node_id"]} == ends and (
            crossing["mode"] == link["mode"]
        ):
            said = f"border {_number(crossing['wait_h'])} h, {_number(crossing['fee_usd'])} USD"
            yield _evidence(network, "crossings", crossing, said)


def _of_leg(network: Network, leg: Leg) -> Iterable[Evidence]:
    yield from _of_link(network, leg.link_id)
    if leg.transfer_h or leg.gauge_h:
        for transfer in network.transfers:
            layers = (transfer["from_layer"], transfer["to_layer"])
            if transfer["node_id"] == leg.from_node_id and leg.layer in layers:
                said = f"{' ↔ '.join(layers)}: {_number(transfer['transfer_h'])} h"
                yield _evidence(network, "transfers", transfer, said)


def _assumed(network: Network, link: dict[str, Any]) -> Iterable[Evidence]:
    country = network.nodes["country"]
    index = network.nodes.index
    places = {country[index[link[end]]] for end in ("from_node_id", "to_node_id")}
    for place in sorted(places):
        keys = rate_keys(network.assumptions, link["mode"], link["facility_type"], place)
        for key in (*keys, f"duty.{link['mode']}"):
            entry = network.assumptions.entries.get(key)
            value = network.assumptions[key]
            row = {"key": key} | (entry.model_dump() if entry else {})
            unit = entry.unit if entry else ""
            yield _evidence(network, "assumptions", row, f"{value:g} {unit}")


def _evidence(network: Network, table: str, row: dict[str, Any], says: str) -> Evidence:
    id_field = "key" if table == "assumptions" else network.tables[table].kind.id_field
    source_id = row.get("source_id") or ""
    sources = network.tables["sources"]
    source = sources.row(source_id) if source_id in sources else {}
    return Evidence(
        table,
        row[id_field],
        says,
        row.get("confidence") or "?",
        source_id,
        source.get("title", ""),
        source.get("url", ""),
        row.get("notes") or "",
    )


def _number(value: Any) -> str:
    if value is None:
        return "default"
    return f"{value:g}" if isinstance(value, float) else str(value)
