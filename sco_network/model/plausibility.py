"""What must hold in curated data beyond its structure: the rules of `sco-network validate`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from sco_network.errors import Problems

from .distance import great_circle_km
from .folders import scenario_folder
from .network import Network
from .rows import FREIGHT, SOURCED_TABLES
from .textfile import shown

# Longest plausible length of a link: factor times the great circle, plus so many km.
DETOUR = {
    "rail": (2.2, 40.0),
    "road": (2.6, 60.0),
    "sea": (4.0, 300.0),
    "gas": (1.8, 120.0),
    "oil": (1.8, 120.0),
}
SPEEDS = {
    "rail": (5.0, 200.0),
    "road": (5.0, 130.0),
    "sea": (5.0, 70.0),
    "gas": (5, 60),
    "oil": (1, 20),
}
UNITS = {"gas": "bcm_y", "oil": "mt_y"}
LARGEST_PIPE = {"gas": 250.0, "oil": 150.0}
# The base map's outlines are simplified, and border posts stand on the line.
BORDER_TOLERANCE_DEGREES = 0.35

Rule = Callable[["Rows"], None]
_RULES: list[Rule] = []


class Rows:
    """A network's rows and the place to report what is wrong with them."""

    def __init__(self, network: Network, problems: Problems) -> None:
        self.network = network
        self.problems = problems

    def report(self, table: str, row: int, column: str, message: str, hint: str = "") -> None:
        """Note a problem with one row."""
        source = self.network.tables[table]
        self.problems.add(source.file, source.line(row), column, message, hint)

    def each(self, table: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield number and content of every row of a table."""
        return enumerate(self.network.tables[table])


def rule(check: Rule) -> Rule:
    """Register a rule."""
    _RULES.append(check)
    return check


def check_data(network: Network, problems: Problems) -> None:
    """Apply every rule to a network read from a data folder."""
    for check in _RULES:
        check(Rows(network, problems))


@rule
def lengths_are_plausible(rows: Rows) -> None:
    """No link is longer than a mode's largest plausible detour."""
    network, nodes = rows.network, rows.network.nodes.index
    for i, link in rows.each("links"):
        ends = network.coordinates[[nodes[link["from_node_id"]], nodes[link["to_node_id"]]]]
        straight = float(great_circle_km(ends[0], ends[1]))
        factor, extra = DETOUR[link["mode"]]
        if link["length_km"] > factor * straight + extra:
            rows.report(
                "links",
                i,
                "length_km",
                f"'{link['link_id']}' has {link['length_km']:g} km, the straight line only "
                f"{straight:.0f} km",
                "Check the length and the coordinates of both ends",
            )


@rule
def speeds_are_plausible(rows: Rows) -> None:
    """A speed given with a link is one that freight runs at."""
    for i, link in rows.each("links"):
        low, high = SPEEDS[link["mode"]]
        speed = link["free_speed_km_h"]
        if speed is not None and not low <= speed <= high:
            rows.report(
                "links",
                i,
                "free_speed_km_h",
                f"{speed:g} km/h is not a speed of {link['mode']} freight",
                f"Expected {low:g} to {high:g}",
            )


@rule
def no_link_twice(rows: Rows) -> None:
    """No two links join the same places in the same layer and direction."""
    seen: dict[tuple[Any, ...], str] = {}
    for i, link in rows.each("links"):
        ends: tuple[str, ...] = (link["from_node_id"], link["to_node_id"])
        if not link["directed"]:
            ends = tuple(sorted(ends))
        key = (*ends, link["directed"], rows.network.layers[i])
        if key in seen:
            rows.report(
                "links",
                i,
                "link_id",
                f"'{link['link_id']}' joins the same places in the same layer as '{seen[key]}'",
                "Keep one, or put a node of its own on the second line",
            )
        seen.setdefault(key, link["link_id"])


@rule
def gauges_fit(rows: Rows) -> None:
    """Every railway states its gauge, and an odd one out between two lines is an error."""
    network = rows.network
    at: dict[str, list[tuple[int, float]]] = {}
    rail = [(i, link) for i, link in rows.each("links") if link["mode"] == "rail"]
    for i, link in rail:
        if link["gauge_mm"] is None:
            rows.report("links", i, "gauge_mm", "a railway needs its gauge", "Write 1435, 1520 …")
            continue
        for end in (link["from_node_id"], link["to_node_id"]):
            at.setdefault(end, []).append((i, link["gauge_mm"]))
    swaps = set(network.transfers["node_id"].tolist())
    for i, link in rail:
        ends = (link["from_node_id"], link["to_node_id"])
        others = [{g for j, g in at.get(end, ()) if j != i} for end in ends]
        lonely = all(o and link["gauge_mm"] not in o for o in others)
        if lonely and not swaps & set(ends):
            rows.report(
                "links",
                i,
                "gauge_mm",
                f"'{link['link_id']}' has another gauge than all lines at both its ends",
                "Check the gauge, or add the transfer where it changes",
            )


@rule
def no_islands(rows: Rows) -> None:
    """All places with freight links hang together."""
    joined = [
        (link["from_node_id"], link["to_node_id"])
        for _, link in rows.each("links")
        if link["mode"] in FREIGHT and link["status"] == "operating"
    ]
    groups = _components(joined)
    largest = max(groups, key=len, default=set())
    for group in groups:
        if group is largest:
            continue
        example = min(group)
        rows.report(
            "nodes",
            rows.network.nodes.index[example],
            "node_id",
            f"{len(group)} places around '{example}' are cut off from the rest of the network",
            "Add the missing link, or mark theirs as suspended",
        )


def _components(pairs: Iterable[tuple[str, str]]) -> list[set[str]]:
    group: dict[str, set[str]] = {}
    for a, b in pairs:
        merged = group.get(a, {a}) | group.get(b, {b})
        if len(group.get(a, ())) == len(merged) and a in group and b in group[a]:
            continue
        for node in merged:
            group[node] = merged
    return list({id(members): members for members in group.values()}.values())


@rule
def places_are_used(rows: Rows) -> None:
    """Every node has a link."""
    links = rows.network.links
    used = set(links["from_node_id"].tolist()) | set(links["to_node_id"].tolist())
    for i, node in rows.each("nodes"):
        if node["node_id"] not in used:
            rows.report("nodes", i, "node_id", f"no link ends at '{node['node_id']}'", "Remove it")


@cache
def outlines() -> dict[str, Any]:
    """Return the outline of every country of the packaged base map (shapely, EPSG:4326)."""
    from shapely.geometry import shape

    text = resources.files("sco_network").joinpath("basemap/basemap.geojson").read_text("utf-8")
    return {
        f["properties"]["country"]: shape(f["geometry"])
        for f in json.loads(text)["features"]
        if f["properties"]["kind"] == "country" and f["properties"]["country"]
    }


@rule
def places_lie_in_their_country(rows: Rows) -> None:
    """A place on land lies within its country's outline, give or take the map's precision."""
    from shapely import Point

    known = outlines()
    for i, node in rows.each("nodes"):
        outline = known.get(node["country"])
        if outline is None or node["node_type"] in {"junction", "field"}:  # may lie at sea
            continue
        point = Point(node["x_coord"], node["y_coord"])
        if outline.distance(point) > BORDER_TOLERANCE_DEGREES:
            rows.report(
                "nodes",
                i,
                "x_coord",
                f"'{node['node_id']}' at {point.y:g} N {point.x:g} E is not in {node['country']}",
                "Check x_coord (longitude), y_coord (latitude) and country",
            )


@rule
def pipelines_have_capacities(rows: Rows) -> None:
    """A pipeline states a plausible capacity in its own unit."""
    for i, link in rows.each("links"):
        unit, capacity = UNITS.get(link["mode"]), link["capacity_value"]
        if unit is None:
            continue
        if capacity is None or link["capacity_unit"] != unit:
            hint = f"Give capacity_value and capacity_unit {unit}"
            rows.report("links", i, "capacity_value", "a pipeline needs its capacity", hint)
        elif not 0 < capacity <= LARGEST_PIPE[link["mode"]]:
            largest = f"The largest systems carry about {LARGEST_PIPE[link['mode']]:g} {unit}"
            rows.report(
                "links", i, "capacity_value", f"{capacity:g} {unit} is not plausible", largest
            )


@rule
def facts_have_sources(rows: Rows) -> None:
    """Every fact names its source and how far to trust it; an estimate says how it was made."""
    if not len(rows.network.tables["sources"]):
        return
    for table in SOURCED_TABLES:
        for i, row in rows.each(table):
            for column in ("source_id", "confidence"):
                if not row[column]:
                    rows.report(table, i, column, "a value is required here", "Say where from")
            if row["confidence"] == "D" and not row["notes"]:
                hint = "Write how the figure was estimated"
                rows.report(table, i, "notes", "an estimate (D) needs an explanation", hint)


@rule
def closures_are_explained(rows: Rows) -> None:
    """A closed border says since when, and when that was checked."""
    for i, crossing in rows.each("crossings"):
        if crossing["status"] == "closed" and not crossing["notes"]:
            hint = "Write since when it is closed and when that was checked"
            rows.report("crossings", i, "notes", "a closed crossing needs a note", hint)


@rule
def sources_are_cited(rows: Rows) -> None:
    """No source stands there that nothing rests on."""
    cited: Counter[str] = Counter()
    network = rows.network
    for table in SOURCED_TABLES:
        cited.update(set(network.tables[table]["source_id"].tolist()))
        for note in set(network.tables[table]["notes"].tolist()):
            cited.update(note.replace(",", " ").replace(";", " ").split())
    cited.update(e.source_id for e in network.assumptions.entries.values() if e.source_id)
    cited.update(_cited_in_scenarios(network))
    for i, source in rows.each("sources"):
        if source["source_id"] not in cited:
            hint = "Remove it, or cite it where it belongs"
            rows.report("sources", i, "source_id", f"nothing cites '{source['source_id']}'", hint)


def _cited_in_scenarios(network: Network) -> set[str]:
    """Return the words of the scenario files beside a data folder, else of those in use."""
    beside = network.folder.parent / "scenarios" if network.folder else None
    folder = beside if beside and beside.exists() else scenario_folder()
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in folder.glob("*.yaml")]
    for mark in ",[]{}:'\"":
        texts = [text.replace(mark, " ") for text in texts]
    return {word for text in texts for word in text.split()}


@rule
def geometry_fits(rows: Rows) -> None:
    """A drawn course belongs to a link and begins and ends at its places."""
    network, links = rows.network, rows.network.links
    index = network.nodes.index
    file = shown(network.folder / "geometry.geojson") if network.folder else ""
    for link_id, course in network.geometry.items():
        if link_id not in links:
            rows.problems.add(file, None, "link_id", f"there is no link '{link_id}'", "Remove it")
            continue
        row = links.index[link_id]
        ends = [index[links[c][row]] for c in ("from_node_id", "to_node_id")]
        gap = great_circle_km(course[[0, -1]], network.coordinates[ends])
        if np.max(gap) > 5:
            rows.problems.add(
                file,
                None,
                link_id,
                f"the course ends {np.max(gap):.0f} km from the place it leads to",
                "Draw it from from_node_id to to_node_id",
            )
