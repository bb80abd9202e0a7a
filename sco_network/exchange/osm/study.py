"""From an extract to a data folder: nodes, links, borders, transfers, sources, courses."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from sco_network.errors import bad_argument
from sco_network.exchange.folder import write_courses, write_rows
from sco_network.model.network import Network
from sco_network.model.rows import ALL_KINDS, FREIGHT, MODES, PIPELINES, layer_of

from .contract import Found, chains, contract
from .extract import Extract
from .gaps import COLUMNS, Gap, by_way_round, gaps_of
from .lines import Bridges, Lines, prepared, snapped
from .places import gauges_of
from .rows import Row, keep_binding_limits, raise_to_straight, short_id, source_of, tables_of
from .tags import Way

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
MARKER = "import.json"
SNAP_KM = 3.0
BRANCH_KM = 10.0
COURSE_DEGREES = 0.002


@dataclass(frozen=True)
class Study:
    """A network made from OpenStreetMap, and what was left out on the way."""

    tables: Mapping[str, Sequence[Row]]
    courses: Mapping[str, Floats]
    ways: Mapping[str, Sequence[int]]
    gaps: Sequence[Gap]
    summary: Mapping[str, Any]

    def write(self, folder: Path, assumptions: Path | None = None) -> None:
        """Write the files of a data folder, and beside them gaps.csv and osm_ways.csv."""
        for name, rows in self.tables.items():
            columns = ALL_KINDS[name].columns()
            cells = ([row.get(column) for column in columns] for row in rows)
            write_rows(columns, cells, folder / ALL_KINDS[name].file_name)
        write_rows(COLUMNS, (gap.as_dict().values() for gap in self.gaps), folder / "gaps.csv")
        pairs = ((link, way) for link, ids in self.ways.items() for way in ids)
        write_rows(("link_id", "osm_way_id"), pairs, folder / "osm_ways.csv")
        write_courses(self.courses, folder / "geometry.geojson")
        if assumptions is not None:
            (folder / "assumptions.yaml").write_bytes(assumptions.read_bytes())
        summary = json.dumps(self.summary, indent=1, ensure_ascii=False) + "\n"
        (folder / MARKER).write_text(summary, encoding="utf-8")


@dataclass
class _Work:
    """What comes together layer by layer."""

    nodes: dict[str, Row] = field(default_factory=dict)
    links: list[Row] = field(default_factory=list)
    courses: dict[str, Floats] = field(default_factory=dict)
    ways: dict[str, list[int]] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    layers: list[Row] = field(default_factory=list)
    snapped: set[str] = field(default_factory=set)
    dropped: Counter[str] = field(default_factory=Counter)


def study_of(
    extract: Extract,
    base: Network,
    terminals: Sequence[Row],
    *,
    bridges: Bridges = (),
    snap_km: float = SNAP_KM,
    gauge: int | None = None,
    keep_pieces: bool = False,
    progress: Callable[[str], None] = lambda _what: None,
) -> Study:
    """Return the links between terminals and junctions on the lines of an extract.

    Parameters
    ----------
    base
        Gives what OpenStreetMap does not say: names, gauges and sources of countries, speeds.
    terminals
        Rows of a nodes table. Those within `snap_km` of a line are its terminals; where there
        is none, the ends of the lines are.
    bridges
        Gaps to be closed, as lon, lat, lon, lat.
    gauge
        Of railways where no gauge is tagged, mm; else the main gauge of the country.
    keep_pieces
        Keep freight links that hang together with nothing else.

    Raises
    ------
    InputError
        Where no link can be made.
    """
    work = _Work(dropped=Counter(extract.dropped))
    gauges, untagged = gauges_of(extract, base.tables["countries"], gauge)
    source = source_of(extract)
    for layer, wanted in _layers(extract, gauges):
        progress(layer)
        _add_layer(work, extract, layer, wanted, terminals, bridges, snap_km)
    work.gaps.sort(key=by_way_round)
    beyond = _off_the_lines(extract, terminals, work.snapped)
    if not keep_pieces:
        _drop_islands(work)
    if not work.links:
        raise bad_argument(
            "terminals",
            "no two terminals here are joined by a line",
            "Give a larger area, places of your own (--terminals) or a larger --snap",
        )
    tables = tables_of(work.nodes, work.links, base, source)
    raised = raise_to_straight(tables)
    unused = keep_binding_limits(tables["links"], base.assumptions, tables["nodes"])
    summary = {
        "source": source["source_id"],
        "origin": extract.origin,
        "date": extract.date or None,
        "nodes": len(tables["nodes"]),
        "links": len(tables["links"]),
        "layers": work.layers,
        "gaps": len(work.gaps),
        "dropped": dict(work.dropped.most_common()),
        "terminals_off_the_lines": beyond,
        "pipelines_without_capacity": sum(k["mode"] in PIPELINES for k in tables["links"]),
        "gauges_assumed": untagged,
        "speed_limits_not_binding": unused,
        "lengths_raised_to_the_straight_line": raised,
    }
    ids = [link["link_id"] for link in tables["links"]]
    return Study(
        tables,
        {i: work.courses[i] for i in ids},
        {i: work.ways[i] for i in ids},
        work.gaps,
        summary,
    )


def _layers(extract: Extract, gauges: Sequence[tuple[int, ...]]) -> Iterable[tuple[str, Flags]]:
    """Yield every layer that is there, and its ways; a way of two gauges is in two layers."""
    modes = np.array([way.mode for way in extract.ways], dtype=object)
    for mode in MODES:
        wanted = modes == mode
        if mode != "rail":
            if wanted.any():
                yield mode, wanted
            continue
        for gauge in sorted({g for i in np.flatnonzero(wanted).tolist() for g in gauges[i]}):
            of_gauge = np.array([gauge in g for g in gauges], dtype=bool)
            yield layer_of("rail", gauge), wanted & of_gauge
        bare = wanted & np.array([not g for g in gauges], dtype=bool)
        if bare.any():
            yield "rail", bare


def _add_layer(
    work: _Work,
    extract: Extract,
    layer: str,
    wanted: Flags,
    terminals: Sequence[Row],
    bridges: Bridges,
    snap_km: float,
) -> None:
    """Contract the lines of one layer to links, and add them."""
    if not wanted[extract.way].any():
        return
    if layer not in PIPELINES:  # a gas field is no station
        terminals = [t for t in terminals if t.get("node_type") != "field"]
    lines, joints, (scraps, scraps_km) = prepared(extract, wanted, bridges)
    at = _terminals_at(work, lines, terminals, snap_km) or _line_ends(lines)
    found = contract(lines, list(at))
    work.gaps += gaps_of(lines, layer)
    for link in found.links:
        _add_link(work, extract, layer, lines, at, link)
    work.layers.append(
        {
            "layer": layer,
            "ways": int(wanted.sum()),
            "line_km": round(float(lines.km.sum()), 1),
            "joints": joints,
            "scraps": scraps,
            "scraps_km": round(scraps_km, 1),
            "terminals": len(at),
            "links": len(found.links),
            "link_km": round(sum(link.km for link in found.links), 1),
            "bypasses_pruned": found.bypasses,
            "unused_km": round(found.unused_km, 1),
        }
    )


def _terminals_at(
    work: _Work, lines: Lines, terminals: Sequence[Row], snap_km: float
) -> dict[int, Row]:
    """Return the terminals by the points that they are snapped to, the nearest one a point."""
    lonlat = np.array([(t["x_coord"], t["y_coord"]) for t in terminals], dtype=np.float64)
    points, away = snapped(lines, lonlat.reshape(-1, 2), snap_km)
    at: dict[int, Row] = {}
    for i in np.argsort(away, kind="stable").tolist():
        point = int(points[i])
        if point >= 0:
            work.snapped.add(terminals[i]["node_id"])
            if point in at:
                work.dropped["terminals at the same point of a line as another"] += 1
            else:
                at[point] = terminals[i]
    return at


def _off_the_lines(extract: Extract, terminals: Sequence[Row], snapped_ids: set[str]) -> list[str]:
    """Return the terminals in the box of the lines that no line comes near."""
    points = extract.lonlat[np.unique(extract.ends)]
    low, high = points.min(axis=0), points.max(axis=0)
    return [
        t["node_id"]
        for t in terminals
        if t["node_id"] not in snapped_ids
        and low[0] <= t["x_coord"] <= high[0]
        and low[1] <= t["y_coord"] <= high[1]
    ]


def _line_ends(lines: Lines) -> dict[int, Row]:
    """Return the ends of branches of some length: the terminals where none are given."""
    found = chains(lines)
    degree = lines.degree
    long = found.km >= BRANCH_KM
    ends = np.unique(found.points[found.ends[long]])
    return {point: _point_row(lines, point) for point in ends[degree[ends] == 1].tolist()}


def _point_row(lines: Lines, point: int) -> Row:
    """Return a node for a point of the lines."""
    lon, lat = (round(v, 5) for v in lines.lonlat[point].tolist())
    osm_id = int(lines.node_ids[point])
    name = f"osm-n{osm_id}" if osm_id else f"osm-p{lat:.5f}_{lon:.5f}"
    return {"node_id": name, "x_coord": lon, "y_coord": lat, "node_type": "junction"}


def _add_link(
    work: _Work,
    extract: Extract,
    layer: str,
    lines: Lines,
    at: Mapping[int, Row],
    found: Found,
) -> None:
    ends = [at.get(point) or _point_row(lines, point) for point in (found.start, found.end)]
    for row in ends:
        work.nodes.setdefault(row["node_id"], row)
    a, b = (row["node_id"] for row in ends)
    passed = np.array(found.segments, dtype=np.int64)
    passed = passed[lines.way[passed] >= 0]
    km = np.bincount(lines.way[passed], weights=lines.km[passed], minlength=len(extract.ways))
    rows = np.unique(lines.way[passed])
    share = [(extract.ways[row], float(km[row])) for row in rows.tolist()]
    link_id = short_id(f"{layer}-{a}-{b}")
    mode, _, gauge = layer.partition("-")
    work.ways[link_id] = [way.osm_id for way, _ in share]
    stops = np.array([(row["x_coord"], row["y_coord"]) for row in ends])
    course = np.vstack([stops[:1], lines.lonlat[list(found.course)], stops[1:]])
    work.courses[link_id] = _simplified(course)
    work.links.append(
        {
            "link_id": link_id,
            "name": _most(share, "name") or "",
            "from_node_id": a,
            "to_node_id": b,
            "directed": False,
            "mode": mode,
            "facility_type": _most(share, "facility_type") or "",
            "length_km": max(0.01, round(found.km, 2)),
            "free_speed_km_h": _limit(share),
            "gauge_mm": int(gauge) if gauge else None,
            "tracks": _most(share, "tracks"),
            "electrified": _most(share, "electrified"),
            "status": "operating",
            "confidence": "C",
            "notes": f"measured on {len(share)} OpenStreetMap ways, listed in osm_ways.csv",
        }
    )


def _most(share: Sequence[tuple[Way, float]], attribute: str) -> Any:
    """Return the value that most of the length has; None where most of it says nothing."""
    km: Counter[Any] = Counter()
    for way, length in share:
        value = getattr(way, attribute)
        km[None if value == "" else value] += length  # type: ignore[assignment]
    return km.most_common(1)[0][0] if km else None


def _limit(share: Sequence[tuple[Way, float]]) -> float | None:
    """Return the mean speed limit, km/h (length over time), where most of the length has one."""
    known = [(way.speed_km_h, km) for way, km in share if way.speed_km_h]
    total, all_km = sum(km for _, km in known), sum(km for _, km in share)
    if not known or total < 0.5 * all_km:
        return None
    return total / sum(km / speed for speed, km in known)


def _simplified(course: Floats) -> Floats:
    from shapely import LineString

    line = LineString(course).simplify(COURSE_DEGREES)
    return np.round(np.array(line.coords), 4)


def _drop_islands(work: _Work) -> None:
    """Keep the connected part of the freight network with the most km; pipelines stay."""
    graph: nx.Graph[str] = nx.Graph()
    freight = [k for k in work.links if k["mode"] in FREIGHT]
    graph.add_edges_from((k["from_node_id"], k["to_node_id"]) for k in freight)
    part = {n: i for i, nodes in enumerate(nx.connected_components(graph)) for n in nodes}
    km: Counter[int] = Counter()
    for link in freight:
        km[part[link["from_node_id"]]] += link["length_km"]
    largest = max(km, key=lambda i: (km[i], -i), default=0)
    gone = {k["link_id"] for k in freight if part[k["from_node_id"]] != largest}
    if gone:
        cut = sorted(n for n, i in part.items() if i != largest and not n.startswith("osm-"))
        by = f", by {', '.join(cut[:8])}" if cut else ""
        what = f"links cut off from the rest ({km.total() - km[largest]:,.0f} km{by})"
        work.dropped[what] = len(gone)
        work.links = [k for k in work.links if k["link_id"] not in gone]
