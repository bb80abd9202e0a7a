"""What reads input from elsewhere, as functions of bytes; and the real files to begin with.

A reader takes any bytes and a folder of its own to work in. It may answer, or refuse with a
`ScoError`; the command line may end with 0, 1 or 2. Everything else is a finding.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import click
import numpy as np
import osm_world
import worlds
from numpy.typing import NDArray
from shapely import LineString

import sco_network as sco
from sco_network.analysis.places import read_places
from sco_network.analysis.whatif import Question, WhatIf
from sco_network.cli import cli, main
from sco_network.errors import ScoError
from sco_network.exchange import forms
from sco_network.exchange.osm.areas import box_area, polygon_area
from sco_network.exchange.osm.extract import Extract, read_answers, read_file
from sco_network.exchange.osm.gaps import read_bridges
from sco_network.exchange.osm.lines import lines_of
from sco_network.model import network as network_module
from sco_network.output.explorer.app import Desk, create_app
from sco_network.output.ground import check_basemap

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Reader:
    """One way in: its name, the inputs to begin with, and what is done with an input."""

    name: str
    corpus: Callable[[], list[bytes]]
    read: Callable[[bytes, Path], None]
    tokens: tuple[bytes, ...] = ()
    by_token: bool = False  # mutate whole lines, as an argument is one

    def __str__(self) -> str:
        return self.name


READERS: dict[str, Reader] = {}


def reader(
    corpus: Callable[[], list[bytes]], *tokens: str, by_token: bool = False
) -> Callable[[Callable[[bytes, Path], None]], Callable[[bytes, Path], None]]:
    """Register a function as the reader of its name."""

    def register(read: Callable[[bytes, Path], None]) -> Callable[[bytes, Path], None]:
        name = read.__name__.replace("_", "-")
        words = tuple(t.encode() for t in tokens)
        READERS[name] = Reader(name, corpus, read, words, by_token)
        return read

    return register


# Several files make one input: the first byte says which of them the rest stands for.


def bundle(files: dict[str, bytes]) -> list[bytes]:
    return [bytes([i]) + content for i, content in enumerate(files.values())]


def unbundle(data: bytes, files: dict[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    name = list(files)[(data[0] if data else 0) % len(files)]
    (folder / name).write_bytes(data[1:])


STUDY = {name: text.encode() for name, text in worlds.FILES.items()}
TABLES = {name: text for name, text in STUDY.items() if name.endswith(".csv")}
NUMBERS = ("nan", "inf", "-1", "0", "1e308", "1e-320", "9" * 30, "0x10", "1_000", "١٢", "1,5")


@cache
def small() -> sco.Network:
    with tempfile.TemporaryDirectory() as folder:
        return worlds.small_network(Path(folder))


def use(network: sco.Network) -> None:
    """Do with a network that was accepted what everybody does: it must bear that."""
    ends = network.nodes.ids.tolist()
    for by in ("length", "time", "cost", "generalised"):
        found = network.route(ends[0], ends[-1], by=by).as_dict()
        json.dumps(found, allow_nan=False)
        if found["reachable"] and min(found[x] for x in ("length_km", "time_h", "cost_usd")) < 0:
            raise AssertionError(f"less than nothing: {found}")


@reader(lambda: bundle(TABLES), *NUMBERS, "false", "rail-1520", '"', ";", "\t", "\r", "\ufeff")
def csv_tables(data: bytes, folder: Path) -> None:
    unbundle(data, STUDY, folder)
    use(sco.Network.load(folder / "data"))


def _scenario_files() -> list[bytes]:
    own = [text for name, text in STUDY.items() if name.startswith("scenarios/")]
    # the words of every kind of packaged file, though their ids are not in the small network
    some = ("uap-railway", "hormuz-closed", "sco-bri-cpec", "khunjerab-winter")
    return [*own, RICH, *((ROOT / f"scenarios/{s}.yaml").read_bytes() for s in some
                          if (ROOT / f"scenarios/{s}.yaml").exists())]  # fmt: skip


RICH = b"""scenario: rich
title: Everything at once
kind: package
build_year: 2030
capex_musd: {low: 1, mode: 2, high: 3}
requires: []
conflicts: [road-closed]
includes: [faster-border]
sources: [survey]
add:
  nodes: [{node_id: f, name: Zeta, country: BBB, x_coord: 64.5, y_coord: 40, node_type: city}]
  links: [{link_id: ef, from_node_id: e, to_node_id: f, mode: road, length_km: 60}]
  transfers: [{transfer_id: f-yard, node_id: e, from_layer: road, to_layer: rail-1676}]
change:
  links:
    - {where: {mode: rail, gauge_mm: 1520}, free_speed_km_h: {scale: 1.5}}
    - {where: {link_id: [ab, bc]}, tracks: {set: 2}}
close:
  links: [{where: {mode: road}}]
  crossings: [ae-road]
claims:
  - {text: t, from: a, to: e, by: cost, change: -5, unit: "%", source_id: survey}
"""


@reader(_scenario_files, *NUMBERS, "!!python/object/apply:os.system", "&a [*a]", "<<: *a", "{set: ",
        "? ", "- - - -", "~", "2001-01-01", "where: {mode: rail}", "existing: ")  # fmt: skip
def yaml_scenarios(data: bytes, folder: Path) -> None:
    named = re.search(rb"scenario: ([a-z0-9-]{1,40})\s", data)
    for name, content in STUDY.items():
        if name.startswith("scenarios/"):
            (folder / Path(name).name).write_bytes(content)
    path = folder / (f"{named[1].decode()}.yaml" if named else "x.yaml")
    path.write_bytes(data)
    scenario = sco.Scenario.read(path)
    needed = [sco.Scenario.load(s, folder) for s in scenario.content.requires]
    use(small().with_scenarios(scenario, *needed))


def _assumption_files() -> list[bytes]:
    return [worlds.ASSUMPTIONS.encode(), (ROOT / "data/assumptions.yaml").read_bytes()]


@reader(_assumption_files, *NUMBERS, "low: ", "mode: ", "high: ", "speed.rail: ", "duty.rail.AAA: ")
def yaml_assumptions(data: bytes, folder: Path) -> None:
    unbundle(b"\0" + STUDY["data/nodes.csv"], STUDY, folder)
    (folder / "data/assumptions.yaml").write_bytes(data)
    use(sco.Network.load(folder / "data"))


COURSES = b"""{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"link_id":"ab"},"geometry":{"type":"LineString","coordinates":[[60,40],[60.5,40.1],[61,40]]}},
{"type":"Feature","properties":{"link_id":"ae"},"geometry":{"type":"LineString","coordinates":[[60,40],[64,40]]}}
]}"""
JSON_WORDS = ("null", "NaN", "-Infinity", "[[]]", "{}", "1e999", "[" * 3000, '"\\ud800"', "true", '"a"',
              '"type":"MultiLineString"', '"coordinates":[]', "[0,0,0]")  # fmt: skip


@reader(lambda: [COURSES], *JSON_WORDS)
def courses(data: bytes, folder: Path) -> None:
    (folder / "geometry.geojson").write_bytes(data)
    network_module.read_courses.cache_clear()
    for course in network_module.read_courses(folder / "geometry.geojson", 0).values():
        LineString(course)  # what maps and exports do with it


# --- networks in other formats


def _exported(form: str) -> dict[str, bytes]:
    """Write the small network, with courses, in a format; return its files."""
    with tempfile.TemporaryDirectory() as name:
        study = worlds.write_study(Path(name) / "study")
        (study / "data/geometry.geojson").write_bytes(COURSES)
        target = Path(name) / f"net.{form}"
        forms.write(sco.Network.load(study / "data"), target, form)
        files = sorted(target.iterdir()) if target.is_dir() else [target]
        return {file.name: file.read_bytes() for file in files}


@cache
def gmns_files() -> dict[str, bytes]:
    return _exported("gmns")


def _imported(form: str, path: Path) -> None:
    use(forms.read(sco.Network, path, form, lambda _note: None))


@reader(lambda: bundle(gmns_files()), *NUMBERS, "LINESTRING (0 0, 1 1)", "MULTILINESTRING EMPTY",
        "EPSG:3857", "kph", "mi", "WKT")  # fmt: skip
def gmns(data: bytes, folder: Path) -> None:
    unbundle(data, gmns_files(), folder)
    _imported("gmns", folder)


def _one(form: str) -> Callable[[], list[bytes]]:
    return lambda: list(_exported(form).values())


@reader(_one("geojson"), *JSON_WORDS, '"table":"links"', '"EPSG:3857"', '"crs":')
def geojson(data: bytes, folder: Path) -> None:
    (folder / "net.geojson").write_bytes(data)
    _imported("geojson", folder / "net.geojson")


@reader(_one("graphml"), *NUMBERS, "<!DOCTYPE x>", "<!ENTITY a '&a;'>", "]]>", "<node id='q'/>", "&#0;",
        "attr.type='int'", "<hyperedge/>", "LINESTRING (0 0, 1 1)")  # fmt: skip
def graphml(data: bytes, folder: Path) -> None:
    (folder / "net.graphml").write_bytes(data)
    _imported("graphml", folder / "net.graphml")


@reader(_one("gpkg"), "\0\0", "nodes", "links", "CREATE TABLE")
def gpkg(data: bytes, folder: Path) -> None:
    (folder / "net.gpkg").write_bytes(data)
    _imported("gpkg", folder / "net.gpkg")


# --- OpenStreetMap


def _osm(ending: str) -> Callable[[], list[bytes]]:
    def made() -> list[bytes]:
        with tempfile.TemporaryDirectory() as folder:
            return [osm_world.railway().write(Path(folder) / f"x{ending}").read_bytes()]

    return made


def _rail(extract: Extract) -> NDArray[np.bool_]:
    return np.array([way.mode == "rail" for way in extract.ways], dtype=bool)


def _read_extract(path: Path) -> None:
    extract = read_file(path, ("rail", "road"))
    lines_of(extract, _rail(extract))


@reader(_osm(".osm"), *NUMBERS, "<!DOCTYPE x>", "<!ENTITY a '&a;'>", '<nd ref="1000"/>', "]]>")
def osm_xml(data: bytes, folder: Path) -> None:
    (folder / "x.osm").write_bytes(data)
    _read_extract(folder / "x.osm")


@reader(_osm(".osm.gz"), "\0\0\0", "\x1f\x8b")
def osm_gz(data: bytes, folder: Path) -> None:
    (folder / "x.osm.gz").write_bytes(data)
    _read_extract(folder / "x.osm.gz")


@reader(_osm(".osm.pbf"), "OSMData", "OSMHeader", "\0\0\0\x0d")
def osm_pbf(data: bytes, folder: Path) -> None:
    (folder / "x.osm.pbf").write_bytes(data)
    _read_extract(folder / "x.osm.pbf")


def _answer() -> list[bytes]:
    world = osm_world.railway()
    nodes = [{"type": "node", "id": i, "lon": x, "lat": y} for i, (x, y) in world.nodes.items()]
    ways = [
        {"type": "way", "id": i, "nodes": refs, "tags": tags}
        for i, (refs, tags) in world.ways.items()
    ]
    stamp = {"timestamp_osm_base": "2026-11-20T00:00:00Z"}
    return [json.dumps({"osm3s": stamp, "elements": nodes + ways}).encode()]


@reader(_answer, *JSON_WORDS, "9" * 30)
def overpass_answer(data: bytes, folder: Path) -> None:
    (folder / "tile.json").write_bytes(data)
    extract = read_answers([folder / "tile.json"], ("rail",), "overpass")
    lines_of(extract, _rail(extract))


# --- small files: places, gaps, areas, base maps


SMALL_FILES = {
    "places.txt": b"Alpha\nBeta\nEpsilon\n",
    "places.csv": b"node_id,name\na,Alpha\ne,Epsilon\n",
    "gaps.csv": b"layer,from_x,from_y,to_x,to_y,gap_m,way_round_km\nrail-1520,65,40,65.1,40,90,\n",
    "area.geojson": b'{"type":"Polygon","coordinates":[[[60,35],[70,35],[70,42],[60,35]]]}',
    "box.txt": b"60,35,70,42",
    "basemap.geojson": b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":'
    b'{"kind":"land","name":"A","country":"AAA"},"geometry":{"type":"Polygon","coordinates":'
    b"[[[60,35],[70,35],[70,42],[60,35]]]}}]}",
}


@reader(lambda: bundle(SMALL_FILES), *NUMBERS, *JSON_WORDS)
def small_files(data: bytes, folder: Path) -> None:
    names = list(SMALL_FILES)
    path = folder / names[(data[0] if data else 0) % len(names)]
    path.write_bytes(data[1:])
    match path.name:
        case "gaps.csv":
            read_bridges(path)
        case "area.geojson":
            polygon_area(path)
        case "box.txt":
            box_area(data[1:].decode("utf-8", "replace"))
        case "basemap.geojson":
            check_basemap(str(path))
        case _:
            read_places(small(), path)


# --- the explorer's endpoints


@cache
def explorer_app() -> Any:
    with tempfile.TemporaryDirectory() as name:
        study = worlds.write_study(Path(name))
        desk = Desk(WhatIf(small(), sco.scenarios(study / "scenarios")), Question())
    return create_app(desk)


def _requests() -> list[bytes]:
    full = {"scenarios": ["short-cut"], "origin": "Alpha", "destination": "e", "by": "cost",
            "modes": ["rail", "road"], "measure": "market_access",
            "edits": [{"table": "crossings", "where": {"crossing_id": "cd-rail"}, "value": 3},
                      {"table": "links", "where": {"mode": ["rail"]}, "value": 70}]}  # fmt: skip
    bodies = {"answer": full, "gains": full, "scenario": {"question": full, "name": "x", "title": "t"},
              "link": {"question": full, "link": "be"}}  # fmt: skip
    return [
        f"POST /api/{kind}\nhost: localhost\ncontent-type: application/json\n\n{json.dumps(body)}".encode()
        for kind, body in bodies.items()
    ] + [b"GET /api/atlas\nhost: 127.0.0.1\n\n", b"GET /static/main.js\nhost: [::1]:80\n\n"]


@reader(_requests, *JSON_WORDS, *NUMBERS, "..", "%2e%2e/", "host: evil", "sec-fetch-site: cross-site",
        "origin: http://evil.example", '"scenarios":["road-closed"]', '"modes":["gas"]')  # fmt: skip
def explorer_requests(data: bytes, folder: Path) -> None:
    status, body = asyncio.run(ask(data))
    if status not in {200, 206, 304, 307, 400, 403, 404, 405, 413, 415, 416, 421, 422}:
        raise AssertionError(f"status {status}")
    if body.startswith(b"{"):
        json.loads(body)


async def ask(data: bytes) -> tuple[int, bytes]:
    head, _, body = data.partition(b"\n\n")
    first, *lines = head.split(b"\n")
    method, _, path = first.decode("latin-1").partition(" ")
    headers = [tuple(part.strip() for part in line.partition(b":")[::2]) for line in lines]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http",
        "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
        "root_path": "", "headers": [(k.lower(), v) for k, v in headers],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    sent: list[Any] = []

    waiting = [{"type": "http.disconnect"}, {"type": "http.request", "body": body}]

    async def receive() -> dict[str, Any]:
        return waiting.pop() if len(waiting) > 1 else waiting[0]

    async def send(message: Any) -> None:
        sent.append(message)

    await explorer_app()(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent)


# --- the command line: an argument a line


WORDS = ("a", "Alpha", "Beta", "Epsilon", "e", "zz", "", "-", "--", "faster-border", "short-cut",
         "road-closed", "scenarios/short-cut.yaml", "data", "scenarios", "data/nodes.csv", "nowhere",
         "rail", "road", "rail,road", "gas", "AAA", "BBB", "ae-road", "cd-rail", "be", "ab", "out.csv",
         "out.png", "out.svg", "out.html", "new-folder", "time", "cost", "5", "0", "-1", "1e9", "nan",
         "nodes", "datapackage", "none", "x" * 300, "2030", "net.gpkg", "net.geojson", "Ω", "a b", "\x1b[31m")  # fmt: skip
# What goes onto the net is tested by itself.
ELSEWHERE = {"--cluster", "--endpoint", "--nominatim", "--place", "--box", "--polygon"}
# What starts a server or processes takes a hundred times as long, and is a reader of its own.
STARTING = {"explore", "run", "--jobs"}


def _commands(starting: bool) -> list[bytes]:
    """Return every command with each of its options once: those that start others, or the rest."""
    vectors: list[list[str]] = [[], ["--help"], ["--version"]]
    waiting: list[tuple[list[str], click.Command]] = [([], cli)]
    while waiting:
        path, command = waiting.pop()
        if isinstance(command, click.Group):
            waiting += [([*path, name], sub) for name, sub in command.commands.items()]
            continue
        wanted = [p for p in command.params if isinstance(p, click.Argument) or p.required]
        start = [*path, *(word for p in wanted for word in _given(p))]
        vectors += [start, [*start, "--json"], [*path, "--help"]]
        others = [p for p in command.params if isinstance(p, click.Option) and p not in wanted]
        vectors += [[*start, *_given(p)] for p in others]
    return [
        "\n".join(v).encode()
        for v in vectors
        if not ELSEWHERE & set(v) and bool(STARTING & set(v)) is starting
    ]


def _given(param: click.Parameter) -> list[str]:
    values = {"origin": "Alpha", "destination": "Epsilon", "names": "short-cut", "what": "short-cut",
              "old": "data", "new": "data", "data": "data", "folder": "scenarios", "paths": "data",
              "name": "fresh", "modes": "rail", "via": "b", "avoid": "BBB", "names_": "a"}  # fmt: skip
    value = values.get(str(param.name), "out.csv")
    if isinstance(param.type, click.Choice):
        value = param.type.choices[0]
    elif "Range" in type(param.type).__name__ or param.type is click.INT:
        value = "5"
    elif isinstance(param.type, click.Path):
        value = "out.png"
    if isinstance(param, click.Argument):
        return [value]
    return [param.opts[0]] if getattr(param, "is_flag", False) else [param.opts[0], value]


def _is_harmless(arguments: Iterable[str]) -> bool:
    """Whether arguments stay in their folder and on this machine."""
    return not any(
        a.partition("=")[0] in ELSEWHERE or a.startswith(("/", "~")) or "=/" in a or ".." in a
        for a in arguments
    )


OPTIONS = (
    "json",
    "by",
    "modes",
    "scenario",
    "plot",
    "data",
    "scenarios",
    "out",
    "avoid",
    "via",
    "help",
)


@reader(lambda: _commands(False), *WORDS, *NUMBERS, *(f"--{w}" for w in OPTIONS), by_token=True)
def command_line(data: bytes, folder: Path) -> None:
    arguments = os.fsdecode(data).replace("\0", "").split("\n") if data else []
    if not STARTING & set(arguments):
        _ends_in_words(arguments, folder)


@reader(lambda: _commands(True), *WORDS, *NUMBERS, "run", "explore", "--jobs", "--port", "--host", "::1",
        "localhost", *(f"--{w}" for w in OPTIONS), by_token=True)  # fmt: skip
def command_line_starting(data: bytes, folder: Path) -> None:
    arguments = os.fsdecode(data).replace("\0", "").split("\n")
    if "explore" in arguments and "--port" not in arguments:
        arguments += ["--port", "0"]  # the usual one may be taken on this machine
    _ends_in_words(arguments, folder)
    left = [p.name for p in folder.iterdir() if p.name.startswith(".")]
    if left:
        raise AssertionError(f"left behind: {left}")


def _ends_in_words(arguments: Sequence[str], folder: Path) -> None:
    """Run the command line in a study: it must end as promised."""
    if not _is_harmless(arguments) or len(arguments) > 30:
        return
    worlds.write_study(folder)
    code, out, err = run_in(folder, arguments)
    if code not in {0, 1, 2}:
        raise AssertionError(f"exit code {code}")
    if "Traceback" in err or (code == 2 and not err):
        raise AssertionError(f"said: {err[-500:]}")
    as_json = any(word == "--json" and before[:1] != "-" for before, word in pairwise(arguments))
    if code == 0 and as_json and out and "--help" not in arguments:
        json.loads(out, parse_constant=_refuse_constant)


def _refuse_constant(word: str) -> None:
    raise AssertionError(f"{word} in JSON")


def run_in(folder: Path, arguments: Sequence[str]) -> tuple[int, str, str]:
    """Run the command line in this process; return exit code, stdout and stderr."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    here, before = Path.cwd(), sys.argv
    os.chdir(folder)
    sys.argv = ["sco-network", *arguments]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), _visited(err.buffer):
            main()
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else (0 if error.code is None else 1)
    finally:
        sys.argv = before
        os.chdir(here)
    said = [stream.buffer.getvalue().decode("utf-8", "replace") for stream in (out, err)]
    return code, said[0], said[1]


@contextlib.contextmanager
def _visited(said: io.BytesIO) -> Iterator[None]:
    """Ask an explorer that says its address for its page, and press Ctrl-C."""
    over = threading.Event()

    def visit() -> None:
        while not over.wait(0.01):
            if found := re.search(rb"The explorer is at (http://\S+)", said.getvalue()):
                with contextlib.suppress(HTTPError):
                    urlopen(found[1].decode(), timeout=5).close()  # noqa: S310 - this machine's
                os.kill(os.getpid(), signal.SIGINT)
                return

    visitor = threading.Thread(target=visit)
    visitor.start()
    try:
        yield
    finally:
        over.set()
        visitor.join()


# --- running


def survives(given: Reader, data: bytes) -> None:
    """Read an input in an empty folder; only a refusal in words may come out of it."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-", dir=SCRATCH))
    try:
        with contextlib.suppress(ScoError):
            given.read(data, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


SCRATCH = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - made by mkdtemp


def mutated(given: Reader, data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Return an input changed in one to six places."""
    change = _token_changed if given.by_token else _byte_changed
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        data = change(given, data, others, rng)
    return data


def _byte_changed(  # noqa: PLR0911 - one answer per kind of change
    given: Reader, data: bytes, others: Sequence[bytes], rng: random.Random
) -> bytes:
    a = rng.randrange(len(data) + 1)
    b = min(len(data), a + rng.choice((0, 1, 2, 4, 8, 30, 200)))
    match rng.randrange(8):
        case 0:  # flip a bit
            return (
                data[:a] + bytes([data[a] ^ 1 << rng.randrange(8)]) + data[a + 1 :]
                if a < len(data)
                else data
            )
        case 1:  # a random byte
            return data[:a] + bytes([rng.randrange(256)]) + data[a + 1 :]
        case 2:  # take out
            return data[:a] + data[b:]
        case 3:  # repeat
            return data[:b] + data[a:b] * rng.choice((1, 1, 2, 50)) + data[b:]
        case 4:  # cut off
            return data[:a]
        case 5:  # join with another
            other = rng.choice(others)
            return data[:a] + other[rng.randrange(len(other) + 1) :]
        case 6:  # a number becomes another
            numbers = list(re.finditer(rb"-?\d+\.?\d*", data))
            if numbers:
                spot = rng.choice(numbers)
                return data[: spot.start()] + rng.choice(NUMBERS).encode() + data[spot.end() :]
            return data
        case _:  # a word that means something
            return data[:a] + rng.choice(given.tokens or (b"0",)) + data[b:]


def _token_changed(
    given: Reader, data: bytes, others: Sequence[bytes], rng: random.Random
) -> bytes:
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    match rng.randrange(5):
        case 0:
            lines.insert(at + 1, rng.choice(given.tokens))
        case 1:
            del lines[at]
        case 2:
            lines[at] = rng.choice(given.tokens)
        case 3:
            other = rng.choice(others).split(b"\n")
            lines += other[rng.randrange(len(other)) :]
        case _:
            lines[at] = _byte_changed(given, lines[at], others[:0] or [b"x"], rng)
    return b"\n".join(lines)
