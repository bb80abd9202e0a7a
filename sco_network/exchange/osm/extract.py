"""Read ways from `.osm`, `.osm.gz` and `.osm.pbf` files, and from the answers of Overpass."""

from __future__ import annotations

import json
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import osmium
from numpy.typing import NDArray

from sco_network.errors import InputError, Problem, bad_argument
from sco_network.model.textfile import shown

from .tags import KEYS, Way, classify

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ENDINGS = (".osm", ".osm.gz", ".osm.pbf")
# Some 100 bytes a point while reading: all railways of the world fit, all its footpaths do not.
MAX_POINTS = 20_000_000
_NO_ANSWER = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
_DAY = re.compile(r"20\d\d-\d\d-\d\d")
CUT = "way pieces whose points are not in the file"


@dataclass(frozen=True)
class Extract:
    """The ways of one extract that are ours, as segments between points.

    Attributes
    ----------
    lonlat
        Points, degrees, n × 2.
    node_ids
        Their ids in OpenStreetMap, n.
    ends
        Segments as pairs of points, m × 2.
    way
        The row in `ways` of each segment, m.
    date
        Day of the data, as `2026-11-23`; empty where the file does not say.
    dropped
        How many ways were left out, by reason.
    """

    lonlat: Floats
    node_ids: Ints
    ends: Ints
    way: Ints
    ways: Sequence[Way]
    date: str
    origin: str
    dropped: Counter[str]

    def within(self, area: Any) -> Extract:
        """Return the ways that have a point in an area (a shapely geometry, EPSG:4326).

        Raises
        ------
        InputError
            Where there is none.
        """
        from shapely import contains_xy

        inside = contains_xy(area, self.lonlat[:, 0], self.lonlat[:, 1])
        reached = np.zeros(len(self.ways), dtype=bool)
        reached[self.way[inside[self.ends].any(axis=1)]] = True
        kept = reached[self.way]
        dropped = self.dropped + Counter({"ways outside the area": int((~reached).sum())})
        if not kept.any():
            raise bad_argument("area", *_nothing({way.mode for way in self.ways}, dropped))
        return Extract(
            self.lonlat,
            self.node_ids,
            self.ends[kept],
            self.way[kept],
            self.ways,
            self.date,
            self.origin,
            dropped,
        )


@dataclass
class Collected:
    """Ways as they come in, one after the other; each id is taken once."""

    modes: Iterable[str]
    ways: list[Way] = field(default_factory=list)
    refs: array[int] = field(default_factory=lambda: array("q"))
    lengths: array[int] = field(default_factory=lambda: array("q"))
    dropped: Counter[str] = field(default_factory=Counter)
    seen: set[int] = field(default_factory=set)
    latest: str = ""

    def add(self, osm_id: int, tags: Mapping[str, str], refs: Sequence[int]) -> None:
        """Take a way, or note why not."""
        if osm_id in self.seen:
            return
        self.seen.add(osm_id)
        found = classify(osm_id, tags)
        if isinstance(found, str):
            if found:
                self.dropped[found] += 1
        elif found.mode not in self.modes:
            self.dropped[f"ways of modes not asked for ({found.mode})"] += 1
        elif len(refs) < 2:
            self.dropped["ways with fewer than two points"] += 1
        else:
            self.ways.append(found)
            self.refs.extend(refs)
            self.lengths.append(len(refs))
        if len(self.refs) > MAX_POINTS:
            raise bad_argument(
                "area",
                f"the lines here have more than {MAX_POINTS:,} points, too many for the memory",
                "Ask for fewer --modes, or cut the file by area first",
            )

    def extract(self, node_ids: Ints, lonlat: Floats, date: str, origin: str) -> Extract:
        """Return the segments, given the points that were found."""
        order = np.argsort(node_ids, kind="stable")
        node_ids, lonlat = node_ids[order], lonlat[order]
        refs = np.array(self.refs, dtype=np.int64)
        place = np.searchsorted(node_ids, refs)
        place[place == len(node_ids)] = 0
        known = node_ids[place] == refs if len(node_ids) else np.zeros(len(refs), dtype=bool)
        way = np.repeat(np.arange(len(self.ways)), np.array(self.lengths, dtype=np.int64))
        within = way[1:] == way[:-1]
        whole = within & known[1:] & known[:-1]
        cut = int((within & ~whole).sum())
        ends = np.column_stack([place[:-1][whole], place[1:][whole]])
        moving = ends[:, 0] != ends[:, 1]
        return Extract(
            lonlat,
            node_ids,
            ends[moving],
            way[:-1][whole][moving],
            self.ways,
            next((day for day in (date, self.latest) if _DAY.fullmatch(day)), ""),
            origin,
            self.dropped + Counter({CUT: cut}),
        )


def read_file(path: Path, modes: Sequence[str]) -> Extract:
    """Read the ways of some modes from a file; relations (multipolygons) are only counted.

    The file is streamed twice, ways first and then the points they need, so that memory goes
    with the lines that are kept, not with the size of the file. XML with entities is refused by
    the reader, so that no file can blow itself up.

    Raises
    ------
    InputError
        Where the file is missing, truncated, damaged or of another kind.
    """
    name = shown(path)
    if not path.name.endswith(ENDINGS):
        message = f"the file does not end in {', '.join(ENDINGS)}"
        raise InputError([Problem(name, None, "", message, "Give an OpenStreetMap extract")])
    if not path.is_file():
        raise InputError([Problem(name, None, "", "the file does not exist")])
    with _file_errors(name):
        with osmium.io.Reader(str(path)) as reader:
            date = reader.header().get("osmosis_replication_timestamp", "")[:10]
        collected = _ways(path, modes)
        node_ids, lonlat = _points(path, set(collected.refs))
    extract = collected.extract(node_ids, lonlat, date, path.name)
    if not len(extract.ends):
        raise InputError([Problem(name, None, "", *_nothing(modes, extract.dropped))])
    return extract


def _ways(path: Path, modes: Sequence[str]) -> Collected:
    kinds = osmium.osm.WAY | osmium.osm.RELATION
    collected = Collected(modes)
    latest = 0.0
    for item in osmium.FileProcessor(str(path), kinds).with_filter(osmium.filter.KeyFilter(*KEYS)):
        tags = {tag.k: tag.v for tag in item.tags}
        if isinstance(item, osmium.osm.Way):
            collected.add(item.id, tags, [node.ref for node in item.nodes])
            latest = max(latest, item.timestamp.timestamp())
        else:
            kind = tags.get("type", "")
            what = "multipolygons" if kind == "multipolygon" else "other relations"
            collected.dropped[what] += 1
    collected.latest = str(np.datetime64(int(latest), "s"))[:10] if latest else ""
    return collected


def _points(path: Path, wanted: set[int]) -> tuple[Ints, Floats]:
    """Return ids and coordinates of the nodes wanted, as far as the file has them."""
    nodes = osmium.FileProcessor(str(path), osmium.osm.NODE)
    if wanted and min(wanted) > 0:  # objects that were never uploaded have negative ids
        nodes.with_filter(osmium.filter.IdFilter(wanted))
    ids, degrees = array("q"), array("d")
    for node in nodes:
        if isinstance(node, osmium.osm.Node) and node.id in wanted and node.location.valid():
            ids.append(node.id)
            degrees.extend((node.lon, node.lat))
    return np.array(ids, dtype=np.int64), np.array(degrees, dtype=np.float64).reshape(-1, 2)


def read_answers(paths: Sequence[Path], modes: Sequence[str], origin: str) -> Extract:
    """Read ways from answers of Overpass (JSON) that were kept in files.

    Raises
    ------
    InputError
        Where a file is damaged, or nothing was found.
    """
    collected = Collected(modes)
    degrees: dict[int, tuple[float, float]] = {}
    dates = []
    for path in paths:
        try:
            answer = json.loads(path.read_text(encoding="utf-8"))
            dates.append(str(answer.get("osm3s", {}).get("timestamp_osm_base", ""))[:10])
            for element in answer["elements"]:
                if element["type"] == "node":
                    degrees[int(element["id"])] = _place(element)
                elif element["type"] == "way":
                    tags = {str(k): str(v) for k, v in element.get("tags", {}).items()}
                    collected.add(int(element["id"]), tags, [int(n) for n in element["nodes"]])
        except _NO_ANSWER as error:
            message = f"this is not an answer of Overpass ({error!r:.100})"
            hint = "Remove the file and import again"
            raise InputError([Problem(shown(path), None, "", message, hint)]) from error
    needed = sorted(set(collected.refs) & degrees.keys())
    lonlat = np.array([degrees[i] for i in needed], dtype=np.float64).reshape(-1, 2)
    oldest = min((d for d in dates if d), default="")
    extract = collected.extract(np.array(needed, dtype=np.int64), lonlat, oldest, origin)
    if not len(extract.ends):
        raise bad_argument("area", *_nothing(modes, extract.dropped))
    return extract


def _place(element: Mapping[str, Any]) -> tuple[float, float]:
    lon, lat = float(element["lon"]), float(element["lat"])
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise ValueError(f"{lon}, {lat} is not a place on Earth")
    return lon, lat


def _nothing(modes: Iterable[str], dropped: Counter[str]) -> tuple[str, str]:
    left = "; ".join(f"{n:,} {reason}" for reason, n in dropped.most_common())
    hint = f"Left out: {left}" if left else ""
    return f"there is no line here of the modes {', '.join(modes)}", hint


@contextmanager
def _file_errors(name: str) -> Iterator[None]:
    """Say in words what the reader of OpenStreetMap files met."""
    try:
        yield
    except (RuntimeError, ValueError, OverflowError, osmium.InvalidLocationError) as error:
        said = str(error)
        hint = "Fetch the file again; it may be damaged or cut short"
        if "entities" in said:
            hint = "A file of OpenStreetMap needs none; this one may be meant to do harm"
        message = f"this is not a whole OpenStreetMap file ({said[:200]})"
        raise InputError([Problem(name, None, "", message, hint)]) from error
