"""What the explorer's page draws and lists: sent once, when it is opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from sco_network.analysis.capital import as_spread
from sco_network.analysis.evaluation import terminals_of
from sco_network.analysis.explain import CONFIDENCE_WORDS
from sco_network.analysis.whatif import Question, WhatIf
from sco_network.errors import Problems
from sco_network.model.assumptions import Spread
from sco_network.model.changeset import ChangeSet, merge
from sco_network.model.network import Network
from sco_network.model.rows import FREIGHT, PIPELINES
from sco_network.model.scenario import Scenario
from sco_network.output import style
from sco_network.output.changes import SHUT, ends_of
from sco_network.output.ground import Ground, ground_for
from sco_network.output.links import course
from sco_network.routing.impedance import Floats, Impedance, impedance

CLASSES = ("rail", "road")  # modes whose speed may be set country by country


def atlas(desk: WhatIf, start: Question) -> dict[str, Any]:
    """Return the base map, the network, all scenarios and the choices that the page offers.

    Coordinates are kilometres of the maps' projection, flat: x, y, x, y, …
    """
    network, ground = desk.network, ground_for(desk.network)
    topology = desk.space(start.modes, start.by).topology
    changes = dict(zip((a.id for a in topology.atoms), topology.changes, strict=True))
    everything = _with_all_added(network, changes.values())
    adder = {row: name for name, change in changes.items() for row in change.added}
    use = impedance(everything)
    return {
        "basemap": _land(ground),
        "countries": _countries(network, ground),
        "links": [_link(everything, ground, use, i, adder) for i in range(len(everything.links))],
        "places": _places(everything, ground),
        "crossings": _crossings(everything, adder),
        "classes": _classes(network, impedance(network)),
        "scenarios": [_scenario(network, s, changes) for s in desk.scenarios.values()],
        "sources": _sources(network, desk.scenarios.values()),
        "conflicts": _conflicts(desk, start),
        "colours": style.LAYER_COLOURS,
        "layers": style.LAYER_WORDS,
        "confidence": CONFIDENCE_WORDS,
        "note": f"{style.BORDER_NOTE} {style.SOURCE_NOTE}",
        "start": start.model_dump(include={"by", "modes"}) | _pair(desk),
    }


def _with_all_added(network: Network, changes: Iterable[ChangeSet]) -> Network:
    """Return the network with every row that any scenario adds, and nothing else changed."""
    merged = merge(changes, Problems())
    cells = {key: s for key, s in merged.settings.items() if key[:2] in merged.added}
    return network.with_changes(ChangeSet(cells, merged.added))


def _flat(points: Floats) -> list[float]:
    """Return projected points as one list; what has no place on the map is left out."""
    good = points[np.isfinite(points).all(1)]
    return [round(float(v), 1) for v in good.ravel()]


def _land(ground: Ground) -> dict[str, list[list[float]]]:
    """Return the rings and lines of the base map, by kind."""
    return {
        kind: [_flat(line) for shape in parts.shapes for line in _outlines(shape)]
        for kind, parts in ground.parts.items()
    }


def _outlines(shape: Any) -> list[Floats]:
    edge = shapely.get_parts(shape.boundary if shape.geom_type == "Polygon" else shape)
    return [shapely.get_coordinates(line) for line in edge]


def _countries(network: Network, ground: Ground) -> list[dict[str, Any]]:
    """Return each country's name and the middle of its places."""
    points = ground.project(network.coordinates)
    table = network.tables["countries"]
    names = dict(zip(table.ids, table["name"], strict=True))
    found = []
    for code in sorted(set(network.nodes["country"].tolist()) - {""}):
        here = _flat(points[network.nodes["country"] == code])
        if here:
            middle = np.median(np.array(here).reshape(-1, 2), axis=0)
            found.append({"code": code, "name": names.get(code, code), "at": _flat(middle[None])})
    return found


def _link(
    network: Network,
    ground: Ground,
    use: Impedance,
    row: int,
    adder: Mapping[tuple[str, str], str],
) -> dict[str, Any]:
    """Return what the page says about a link; hours are those under way."""
    links = network.links
    hours = float(use.run_h[row])
    return {
        "id": links.ids[row],
        "scenario": adder.get(("links", links.ids[row])),
        "name": links["name"][row],
        "layer": network.layers[row],
        "from": links["from_node_id"][row],
        "to": links["to_node_id"][row],
        "km": round(float(use.km[row]), 1),
        "h": round(hours, 2),
        "km_h": round(float(use.km[row]) / hours, 1) if hours > 0 else None,
        "status": links["status"][row],
        "confidence": links["confidence"][row] or "?",
        "known": links.ids[row] in network.geometry,
        "course": _flat(ground.project(course(network, row))),
    }


def _places(network: Network, ground: Ground) -> list[dict[str, Any]]:
    """Return all places, the largest first, and in which modes a comparison counts them."""
    nodes, points = network.nodes, ground.project(network.coordinates)
    ends = {modes: set(terminals_of(network, modes)) for modes in (FREIGHT, PIPELINES)}
    order = np.argsort(-np.nan_to_num(nodes["population"]), kind="stable").tolist()
    return [
        {
            "id": nodes.ids[i],
            "name": nodes["name"][i] or nodes.ids[i],
            "country": nodes["country"][i],
            "people": int(np.nan_to_num(nodes["population"][i])),
            "ends": [mode for modes in ends if nodes.ids[i] in ends[modes] for mode in modes],
            "at": _flat(points[i : i + 1]),
        }
        for i in order
    ]


def _crossings(network: Network, adder: Mapping[tuple[str, str], str]) -> list[dict[str, Any]]:
    """Return the border crossings of today and those that scenarios add."""
    return [
        {
            "id": row["crossing_id"],
            "name": row["name"] or row["crossing_id"],
            "mode": row["mode"],
            "from": row["from_node_id"],
            "to": row["to_node_id"],
            "h": network.assumptions.get(f"border.wait_h.{row['mode']}", 0.0)
            if row["wait_h"] is None
            else row["wait_h"],
            "scenario": adder.get(("crossings", row["crossing_id"])),
        }
        for row in network.crossings
    ]


def _classes(network: Network, use: Impedance) -> list[dict[str, Any]]:
    """Return each country's railways and roads with the mean and range of their speeds, km/h.

    A link between two countries belongs to both, as it does to a selection in a scenario file.
    """
    links, nodes = network.links, network.nodes
    duty = np.array([network.assumptions[f"duty.{mode}"] for mode in links["mode"].tolist()])
    hours = use.run_h * duty
    ends = [
        nodes["country"][[nodes.index[n] for n in links[c].tolist()]]
        for c in ("from_node_id", "to_node_id")
    ]
    found = []
    for mode in CLASSES:
        for code in sorted(set(nodes["country"].tolist()) - {""}):
            here = (links["mode"] == mode) & ((ends[0] == code) | (ends[1] == code)) & (hours > 0)
            if here.any():
                speeds = use.km[here] / hours[here]
                found.append(
                    {
                        "mode": mode,
                        "country": code,
                        "links": int(here.sum()),
                        "km_h": round(float(use.km[here].sum() / hours[here].sum()), 1),
                        "low": round(float(speeds.min()), 1),
                        "high": round(float(speeds.max()), 1),
                    }
                )
    return found


def _scenario(
    network: Network, scenario: Scenario, changes: Mapping[str, ChangeSet]
) -> dict[str, Any]:
    """Return what a scenario says of itself and which rows of the map it touches."""
    content = scenario.content
    touched: dict[str, set[str]] = {"added": set(), "closed": set(), "eased": set()}
    spots: dict[tuple[str, ...], str] = {}
    for atom in scenario.whole:
        change = changes[atom.id]
        for (table, row_id, column), setting in change.settings.items():
            kind = "eased"
            if (table, row_id) in change.added:
                kind = "added"
            elif column == "status" and setting.value in SHUT:
                kind = "closed"
            if table == "links":
                touched[kind].add(row_id)
            elif table in {"crossings", "transfers"} and kind != "added":
                spots[ends_of(network, table, row_id)] = kind
    return {
        "id": scenario.id,
        "title": scenario.title,
        "kind": content.kind,
        "status": style.words(content.status),
        "dash": content.status,
        "year": _mode(content.build_year),
        "capex": _mode(content.capex_musd),
        "requires": content.requires,
        "members": [m.id for m in scenario.whole if m.id != scenario.id],
        "notes": content.notes,
        "sources": content.sources,
        "speeds": _speeds(changes[scenario.id]),
        **{kind: sorted(rows) for kind, rows in touched.items()},
        "spots": [{"ends": list(ends), "kind": kind} for ends, kind in sorted(spots.items())],
    }


def _mode(value: Spread | float | None) -> float | None:
    known = as_spread(value)
    return None if known is None else float(known.mode)


def _speeds(change: ChangeSet) -> dict[str, Any] | None:
    """Return the new links whose speed the file states: their ids and mean speed, km/h."""
    rows = {
        row_id: (change.settings["links", row_id, "length_km"].value, setting.value)
        for row_id, column, setting in change.of_table("links")
        if ("links", row_id) in change.added and column == "free_speed_km_h" and setting.value
    }
    if not rows:
        return None
    mean = sum(km for km, _ in rows.values()) / sum(km / speed for km, speed in rows.values())
    return {"links": sorted(rows), "km_h": round(mean, 1)}


def _sources(network: Network, scenarios: Iterable[Scenario]) -> dict[str, Any]:
    table = network.tables["sources"]
    cited = {name for s in scenarios for name in s.content.sources if name in table}
    return {
        name: {key: table.row(name)[key] for key in ("title", "publisher", "url")}
        for name in sorted(cited)
    }


def _conflicts(desk: WhatIf, start: Question) -> dict[str, Sequence[str]]:
    """Return for each scenario those that cannot be ticked with it."""
    space = desk.space(start.modes, start.by)
    masks = {name: space.mask([name]) for name in desk.scenarios}
    return {
        a: [b for b in masks if a != b and space.rules.conflict(masks[a], masks[b])] for a in masks
    }


def _pair(desk: WhatIf) -> dict[str, str]:
    """Return the pair to begin with: the one that most claims are about.

    Without claims, the largest places of two countries.
    """
    network = desk.network
    claims = Counter(
        (claim.origin, claim.destination)
        for scenario in desk.scenarios.values()
        for claim in scenario.content.claims
        if claim.origin in network.nodes and claim.destination in network.nodes
    )
    nodes = network.nodes
    places = sorted(
        terminals_of(network), key=lambda t: -np.nan_to_num(nodes["population"][nodes.index[t]])
    )
    country = {t: nodes["country"][nodes.index[t]] for t in places}
    largest = [(places[0], t) for t in places[1:] if country[t] != country[places[0]]]
    pairs = [pair for pair, _ in claims.most_common(1)] + largest[:1]
    return dict(zip(("origin", "destination"), pairs[0], strict=True)) if pairs else {}
