"""From an extract to a data folder: nodes, links, borders, transfers, sources, courses."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from sco_network.errors import bad_argument
from sco_network.model.assumptions import Assumptions
from sco_network.model.network import Network
from sco_network.model.plausibility import SPEEDS
from sco_network.model.rows import ALL_KINDS, FREIGHT, MODES, PIPELINES, layer_of

from .contract import Found, chains, contract
from .extract import Extract
from .gaps import COLUMNS, Gap, by_way_round, gaps_of
from .lines import Lines, bridged, geodesic_km, joined, lines_of, snapped, without_scraps
from .places import countries_at, gauges_of
from .tags import Way

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Row = dict[str, Any]
Bridges = Sequence[tuple[float, float, float, float]]
MARKER = "import.json"
SNAP_KM = 3.0
BRANCH_KM = 10.0
COURSE_DEGREES = 0.002
SITE = "https://www.openstreetmap.org/copyright"


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
            kind = ALL_KINDS[name]
            _write_csv(folder / kind.file_name, kind.columns(), rows)
        _write_csv(folder / "gaps.csv", COLUMNS, [gap.as_dict() for gap in self.gaps])
        pairs = [
            {"link_id": link, "osm_way_id": way} for link, ids in self.ways.items() for way in ids
        ]
        _write_csv(folder / "osm_ways.csv", ("link_id", "osm_way_id"), pairs)
        features = ",\n".join(_feature(link, course) for link, course in self.courses.items())
        text = f'{{"type":"FeatureCollection","features":[\n{features}\n]}}\n'
        (folder / "geometry.geojson").write_text(text, encoding="utf-8")
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
    source = _source(extract)
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
    tables = _tables(work, base, source)
    raised = _not_below_straight(tables)
    unused = _keep_binding_limits(tables["links"], base.assumptions, tables["nodes"])
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


def prepared(
    extract: Extract, wanted: Flags, bridges: Bridges
) -> tuple[Lines, int, tuple[int, float]]:
    """Return lines joined, bridged and without scraps; the joints; number and km of scraps."""
    lines, joints = joined(lines_of(extract, wanted))
    lines, scraps, km = without_scraps(bridged(lines, bridges))
    return lines, joints, (scraps, km)


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
    link_id = _short(f"{layer}-{a}-{b}")
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


def _short(link_id: str) -> str:
    """Return an id within the length that ids may have."""
    if len(link_id) <= 100:
        return link_id
    import hashlib

    return link_id[:90] + "-" + hashlib.sha256(link_id.encode()).hexdigest()[:9]


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


def _source(extract: Extract) -> Row:
    word = re.sub(r"[^a-z0-9.-]+", "-", (extract.date or "undated").lower())
    what = f"extract of {extract.date}" if extract.date else "extract of unknown date"
    return {
        "source_id": f"osm-import-{word}",
        "title": f"OpenStreetMap, {what} ({extract.origin})",
        "publisher": "OpenStreetMap contributors",
        "year": int(extract.date[:4]) if extract.date[:4].isdigit() else None,
        "url": SITE,
        "licence": "ODbL 1.0",
    }


def _tables(work: _Work, base: Network, source: Row) -> dict[str, list[Row]]:
    """Return the rows of all tables; what is taken from the base keeps its sources."""
    used = {k[end] for k in work.links for end in ("from_node_id", "to_node_id")}
    nodes = [row for node_id, row in work.nodes.items() if node_id in used]
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
    links = [row | {"source_id": source["source_id"]} for row in work.links]
    tables = {
        "nodes": own,
        "links": links,
        "crossings": _crossings(links, country, source),
        "transfers": _transfers(links, source),
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
            "crossing_id": _short(f"{a}-{b}-{mode}"),
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
            "transfer_id": _short(f"{node}-{a}-{b}"),
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


def _not_below_straight(tables: Mapping[str, list[Row]]) -> int:
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


def _keep_binding_limits(
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


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _feature(link_id: str, course: Floats) -> str:
    geometry = {"type": "LineString", "coordinates": course.tolist()}
    feature = {"type": "Feature", "properties": {"link_id": link_id}, "geometry": geometry}
    return json.dumps(feature, separators=(",", ":"))
