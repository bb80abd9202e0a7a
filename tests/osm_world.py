"""A small railway in OpenStreetMap's words, its files, and a server that speaks Overpass."""

from __future__ import annotations

import gzip
import json
import math
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import quoteattr

import osmium
from shapely import Point, Polygon

# Kilometres east and north of 65° E 40° N, in the middle of Uzbekistan.
EAST_KM, NORTH_KM = 85.39, 111.04


def lonlat(x: float, y: float) -> tuple[float, float]:
    """Return degrees for kilometres east and north of the origin (good to 1 % near it)."""
    return round(65 + x / EAST_KM, 7), round(40 + y / NORTH_KM, 7)


@dataclass
class World:
    """Nodes and ways; points are given in km and shared where they are the same."""

    nodes: dict[int, tuple[float, float]] = field(default_factory=dict)
    ways: dict[int, tuple[list[int], dict[str, str]]] = field(default_factory=dict)
    relations: list[dict[str, str]] = field(default_factory=list)
    at: dict[tuple[float, float], int] = field(default_factory=dict)
    date: str = "2026-11-20T00:00:00Z"

    def way(self, way_id: int, *points: tuple[float, float], **tags: str) -> None:
        refs = []
        for point in points:
            if point not in self.at:
                self.at[point] = 1000 + len(self.at)
                self.nodes[self.at[point]] = lonlat(*point)
            refs.append(self.at[point])
        self.ways[way_id] = (refs, {k.replace("__", ":"): v for k, v in tags.items()})

    def rail(self, way_id: int, *points: tuple[float, float], **tags: str) -> None:
        self.way(way_id, *points, **({"railway": "rail", "gauge": "1520"} | tags))

    def xml(self) -> str:
        lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6">']
        for i, (lon, lat) in self.nodes.items():
            lines.append(f'<node id="{i}" version="1" lon="{lon}" lat="{lat}"/>')
        for i, (refs, tags) in self.ways.items():
            stamp = f'timestamp="{self.date}"' if self.date else ""
            lines.append(f'<way id="{i}" version="1" {stamp}>')
            lines += [f'<nd ref="{ref}"/>' for ref in refs]
            lines += [f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items()]
            lines.append("</way>")
        for i, tags in enumerate(self.relations):
            lines.append(f'<relation id="{i + 1}" version="1">')
            lines.append(f'<member type="way" ref="{next(iter(self.ways))}" role="outer"/>')
            lines += [f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items()]
            lines.append("</relation>")
        return "\n".join([*lines, "</osm>"])

    def write(self, path: Path) -> Path:
        """Write the world in the format of the file's ending."""
        if path.name.endswith(".pbf"):
            source = path.with_name("for_pbf.osm")
            source.write_text(self.xml(), encoding="utf-8")
            with osmium.SimpleWriter(str(path), overwrite=True) as writer:
                for item in osmium.FileProcessor(str(source)):
                    writer.add(item)
            source.unlink()
        elif path.name.endswith(".gz"):
            path.write_bytes(gzip.compress(self.xml().encode()))
        else:
            path.write_text(self.xml(), encoding="utf-8")
        return path

    def answer(self, key: str, pattern: re.Pattern[str], area: Polygon) -> dict[str, Any]:
        """Return what Overpass answers to `way[key~pattern](poly); >;`."""
        found = {
            i: (refs, tags)
            for i, (refs, tags) in self.ways.items()
            if pattern.search(tags.get(key, ""))
            and any(area.contains(Point(self.nodes[r])) for r in refs)
        }
        needed = sorted({ref for refs, _ in found.values() for ref in refs})
        nodes = [
            {"type": "node", "id": i, "lon": self.nodes[i][0], "lat": self.nodes[i][1]}
            for i in needed
        ]
        ways = [{"type": "way", "id": i, "nodes": r, "tags": t} for i, (r, t) in found.items()]
        osm3s = {"timestamp_osm_base": self.date, "copyright": "© OpenStreetMap contributors, ODbL"}
        return {
            "version": 0.6,
            "generator": "Overpass API",
            "osm3s": osm3s,
            "elements": nodes + ways,
        }


def railway() -> World:
    r"""A line with what real ones have, km; terminals a, b, c, d.

                                       d (75, 40)
                                       │
      a (0, 0) ══════ b (50, 0) ───────j (75, 0) ────── c (100, 0)
         └ spur (25, 2)

    a–b has two tracks 10 m apart, with crossovers; b–j is drawn as two ways whose ends miss each
    other by 30 m at x = 60; a siding lies at c; (300, 0)–(340, 0) is a line by itself, and
    (300, 20)–(302, 20) a scrap.
    """
    world = World()
    north = 0.01
    world.rail(
        1,
        (0, 0),
        (10, 0),
        (20, 0),
        (25, 0),
        (40, 0),
        (50, 0),
        usage="main",
        electrified="yes",
        maxspeed="10",
        tracks="2",
        name="Northern Line",
    )
    world.rail(
        2, (0, 0), (0.3, north), (20, north), (40, north), (49.7, north), (50, 0), usage="main"
    )
    world.rail(3, (20, 0), (20.2, north), service="crossover")
    world.rail(4, (40, 0), (40.2, north), service="crossover")
    world.ways[2][0][3:3] = [world.ways[3][0][1]]
    world.ways[2][0][5:5] = [world.ways[4][0][1]]
    world.rail(5, (25, 0), (25, 2))
    world.rail(6, (50, 0), (59.985, 0), electrified="no", usage="branch")
    world.rail(7, (60.015, 0), (75, 0), electrified="no", usage="branch")
    world.way(
        8, (75, 0), (90, 0), (100, 0), railway="rail", electrified="no"
    )  # its gauge: a neighbour's
    world.rail(9, (75, 0), (75, 20), (75, 40))
    world.rail(10, (99, 0.02), (100, 0.02), service="siding")
    world.rail(11, (300, 0), (320, 0), (340, 0))
    world.rail(12, (300, 20), (302, 20))
    world.way(13, (0, 5), (10, 5), railway="construction", construction="rail")
    world.way(14, (0, 6), (10, 6), railway="light_rail")
    world.way(15, (1, 1), (1, 2), (2, 2), (1, 1), railway="rail", area="yes")
    world.way(16, (3, 3), (3, 4), building="yes")
    world.way(17, (0, 0), (0, -30), (50, -30), (50, 0), highway="trunk", maxspeed="90", ref="M39")
    world.way(18, (75, 0), (75, -20), man_made="pipeline", substance="gas", usage="transmission")
    world.relations = [
        {"type": "multipolygon", "railway": "station"},
        {"type": "route", "route": "ferry"},
    ]
    return world


PLACES = {"a": (0, 0), "b": (50, 0), "c": (100, 0), "d": (75, 40), "far": (0, 70)}


def nodes_csv(path: Path, **places: tuple[float, float]) -> Path:
    """Write a nodes table with the places of the railway, or those given, km."""
    rows = ["node_id,name,x_coord,y_coord,node_type"]
    for name, (x, y) in (places or PLACES).items():
        lon, lat = lonlat(x, y)
        rows.append(f"{name},{name.upper()},{lon},{lat},city")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


QUERY = re.compile(
    r'\[out:json\]\[timeout:(\d+)\];\(way((?:\["[^\]]*\])+)\(poly:\'([-\d. ]+)\'\);>;\);out;'
)
FILTER = re.compile(r'\["([a-z_]+)"(?:(=|~)"([^"]*)")?\]')
STATUS = """Connected as: 2130706433
Current time: 2026-11-26T12:00:00Z
Announced endpoint: none
Rate limit: {limit}
{slots} slots available now.
Currently running queries (pid, space limit, time limit, start time):
"""


@dataclass
class Overpass:
    """A server over a world; `faults` are used up one a question."""

    world: World
    url: str = ""
    faults: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    statuses: int = 0
    limit: int = 2

    def reply(self, query: str) -> tuple[int, bytes]:
        self.asked.append(query)
        fault = self.faults.pop(0) if self.faults else ""
        if fault in {"429", "504"}:
            return int(fault), b"<html><body>The server is probably too busy</body></html>"
        match = QUERY.fullmatch(query)
        if fault == "400" or not match:
            return (
                400,
                b"<html><p><strong>Error</strong>: line 1: parse error: Unknown type </p></html>",
            )
        numbers = [float(v) for v in match[3].split()]
        area = Polygon([(lon, lat) for lat, lon in zip(numbers[::2], numbers[1::2], strict=True)])
        tests = FILTER.findall(match[2])
        key, sign, value = tests[0]
        pattern = re.compile(value if sign == "~" else f"^{re.escape(value)}$")
        answer = self.world.answer(key, pattern, area)
        for other, mark, word in tests[1:]:
            test = re.compile(word if mark == "~" else f"^{re.escape(word)}$")
            answer["elements"] = [
                e
                for e in answer["elements"]
                if e["type"] == "node" or test.search(e["tags"].get(other, ""))
            ]
        if fault == "remark":
            answer["elements"] = answer["elements"][: len(answer["elements"]) // 2]
            answer["remark"] = (
                'runtime error: Query timed out in "query" at line 1 after 181 seconds.'
            )
        body = json.dumps(answer).encode()
        if fault == "garbage":
            return 200, b"\x00\xff<<<not json"
        if fault == "list":
            return 200, b"[1, 2]"
        return 200, body[: len(body) // 2] if fault == "truncated" else body


def _handler(server: Overpass) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def send(self, code: int, body: bytes, kind: str) -> None:
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            path = urlsplit(self.path)
            if path.path == "/api/status":
                server.statuses += 1
                text = STATUS.format(limit=server.limit, slots=server.limit)
                self.send(200, text.encode(), "text/plain")
            elif path.path == "/search":
                name = parse_qs(path.query)["q"][0]
                west, south, east, north = 64.5, 39.5, 67.0, 41.0
                ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
                place = {
                    "place_id": 1, "osm_type": "relation", "osm_id": 1, "lat": "40.2", "lon": "65.7",
                    "class": "boundary", "type": "administrative", "place_rank": 8, "importance": 0.5,
                    "name": name, "display_name": name, "addresstype": "state",
                    "boundingbox": [str(south), str(north), str(west), str(east)],
                    "geojson": {"type": "Polygon", "coordinates": [ring]},
                }  # fmt: skip
                found = [place] if name == "Samarkand Region" else []
                self.send(200, json.dumps(found).encode(), "application/json")
            else:
                self.send(404, b"not found", "text/html")

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            form = parse_qs(self.rfile.read(length).decode())
            if urlsplit(self.path).path != "/api/interpreter" or set(form) != {"data"}:
                self.send(404, b"not found", "text/html")
                return
            code, body = server.reply(form["data"][0])
            self.send(code, body, "application/json" if code == 200 else "text/html")

        def log_message(self, *_args: Any) -> None:
            pass

    return Handler


@contextmanager
def overpass(world: World, *faults: str) -> Iterator[Overpass]:
    """Start the server on any free port of this machine."""
    served = Overpass(world, faults=list(faults))
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(served))
    served.url = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def along(*points: tuple[float, float]) -> float:
    """Return the km of a course by Pythagoras, on the plane that the world is drawn on."""
    return sum(math.dist(a, b) for a, b in pairwise(points))
