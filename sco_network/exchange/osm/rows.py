"""Rows of the tables: what is found on the map, what the base network adds, what is assumed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from sco_network.model.assumptions import Assumptions
from sco_network.model.network import Network
from sco_network.model.plausibility import SPEEDS
from sco_network.model.rows import FREIGHT, PIPELINES, layer_of

from .extract import Extract
from .lines import geodesic_km
from .places import countries_at

Row = dict[str, Any]
SITE = "https://www.openstreetmap.org/copyright"


def short_id(link_id: str) -> str:
    """Return an id within the length that ids may have."""
    if len(link_id) <= 100:
        return link_id
    return link_id[:90] + "-" + hashlib.sha256(link_id.encode()).hexdigest()[:9]


def source_of(extract: Extract) -> Row:
    """Return the row of sources.csv for an extract."""
    what = f"extract of {extract.date}" if extract.date else "extract of unknown date"
    return {
        "source_id": f"osm-import-{extract.date or 'undated'}",
        "title": f"OpenStreetMap, {what} ({extract.origin})",
        "publisher": "OpenStreetMap contributors",
        "year": int(extract.date[:4]) if extract.date else None,
        "url": SITE,
        "licence": "ODbL 1.0",
    }


def tables_of(
    made: Mapping[str, Row], links: Sequence[Row], base: Network, source: Row
) -> dict[str, list[Row]]:
    """Return the rows of all tables; what is taken from the base keeps its sources."""
    used = {k[end] for k in links for end in ("from_node_id", "to_node_id")}
    nodes = [row for node_id, row in made.items() if node_id in used]
    codes = countries_at(np.array([(n["x_coord"], n["y_coord"]) for n in nodes]))
    known = base.tables["sources"]
    own: list[Row] = []
    for node, code in zip(nodes, codes, strict=True):
        row = {**node, "country": node.get("country") or code or None}
        if row.get("source_id") not in known:
            note = row.get("notes") or "a junction of the lines"
            row |= {"source_id": source["source_id"], "confidence": "C", "notes": note}
        row["confidence"] = row.get("confidence") or "C"
        own.append(row)
    country = {row["node_id"]: row["country"] for row in own}
    sourced = [row | {"source_id": source["source_id"]} for row in links]
    tables = {
        "nodes": own,
        "links": sourced,
        "crossings": _crossings(sourced, country, source),
        "transfers": _transfers(sourced, source),
        "countries": _countries({c for c in country.values() if c}, base, source),
    }
    cited = {row["source_id"] for rows in tables.values() for row in rows}
    cited |= {e.source_id for e in base.assumptions.entries.values() if e.source_id}
    taken = [row for row in known if row["source_id"] in cited]
    return tables | {"sources": [source, *taken]}


def _crossings(links: Sequence[Row], country: Mapping[str, str | None], source: Row) -> list[Row]:
    made: dict[tuple[str, str, str], Row] = {}
    for link in links:
        a, b, mode = link["from_node_id"], link["to_node_id"], link["mode"]
        if mode in PIPELINES or not (country[a] and country[b]) or country[a] == country[b]:
            continue
        made[*sorted((a, b)), mode] = {
            "crossing_id": short_id(f"{a}-{b}-{mode}"),
            "from_node_id": a,
            "to_node_id": b,
            "mode": mode,
            "status": "open",
            "source_id": source["source_id"],
            "confidence": "D",
            "notes": "a border on the map; open, wait and fee are assumed (assumptions.yaml)",
        }
    return list(made.values())


def _transfers(links: Sequence[Row], source: Row) -> list[Row]:
    """Return changes of mode at terminals, and of gauge wherever two gauges meet."""
    layers: dict[str, set[str]] = {}
    for link in links:
        if link["mode"] in FREIGHT:
            for end in ("from_node_id", "to_node_id"):
                layers.setdefault(link[end], set()).add(layer_of(link["mode"], link["gauge_mm"]))
    return [
        {
            "transfer_id": short_id(f"{node}-{a}-{b}"),
            "node_id": node,
            "from_layer": a,
            "to_layer": b,
            "status": "open",
            "source_id": source["source_id"],
            "confidence": "D",
            "notes": "both layers end here; that one can change, time and fee are assumed",
        }
        for node, here in layers.items()
        for a, b in combinations(sorted(here), 2)
        if not node.startswith("osm-") or (a.startswith("rail") and b.startswith("rail"))
    ]


def _countries(codes: set[str], base: Network, source: Row) -> list[Row]:
    known = base.tables["countries"]
    return [
        known.row(code)
        if code in known
        else {
            "country": code,
            "name": code,
            "sco_role": "transit",
            "source_id": source["source_id"],
            "confidence": "C",
        }
        for code in sorted(codes)
    ]


def raise_to_straight(tables: Mapping[str, list[Row]]) -> int:
    """Raise lengths that are below the straight line, for places lie off their lines; count."""
    place = {n["node_id"]: (n["x_coord"], n["y_coord"]) for n in tables["nodes"]}
    raised = 0
    for link in tables["links"]:
        ends = np.array([place[link["from_node_id"]], place[link["to_node_id"]]])
        straight = round(float(geodesic_km(ends[0], ends[1])), 2)
        if link["length_km"] < straight:
            link["notes"] += f"; {link['length_km']:g} km along the line, ends off it"
            link["length_km"] = straight
            raised += 1
    return raised


def keep_binding_limits(
    links: Sequence[Row], assumptions: Assumptions, nodes: Sequence[Row]
) -> int:
    """Keep a speed limit only where it is below the speed that the model assumes anyway.

    A limit is no running speed of freight; where it is lower, freight keeps to it. Returns how
    many were not kept.
    """
    country = {n["node_id"]: n["country"] or "" for n in nodes}
    unused = 0
    for link in links:
        limit, mode = link["free_speed_km_h"], link["mode"]
        if limit is None:
            continue
        general = f"speed.{mode}"
        kind = f"{general}.{link['facility_type']}"
        codes = (country[link[end]] for end in ("from_node_id", "to_node_id"))
        usual = min(assumptions[assumptions.first_key(f"{kind}.{c}", kind, general)] for c in codes)
        binding = SPEEDS[mode][0] <= limit < usual
        link["free_speed_km_h"] = round(limit, 1) if binding else None
        unused += not binding
    return unused
