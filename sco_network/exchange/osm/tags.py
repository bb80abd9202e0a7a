"""What a way of OpenStreetMap is to us, by its tags.

Keys and values as the OpenStreetMap wiki documents them: Key:railway, Key:gauge, Key:electrified,
Key:usage, Key:highway, Key:maxspeed, Tag:man_made=pipeline, Tag:route=ferry.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from sco_network.model.rows import GAUGES

KEYS = ("railway", "highway", "man_made", "route")
ROADS = ("motorway", "trunk", "primary", "secondary")
# Tracks that no through train uses; crossovers stay, for they join the tracks of a line.
_YARD_TRACKS = frozenset({"siding", "yard", "spur"})
_OTHER_USES = frozenset({"industrial", "military", "tourism", "test"})
_NOT_IN_USE = frozenset({"construction", "proposed", "planned", "disused", "abandoned", "razed"})
_SUBSTANCES = {
    "gas": ("gas", "natural_gas", "naturalgas", "cng", "lng"),
    "oil": ("oil", "crude_oil", "petroleum", "fuel", "oil_products", "hydrocarbons"),
}
# Filters in Overpass QL, one request each; anchored, for "rail" alone also finds monorails.
FILTERS = {
    "rail": '["railway"~"^(rail|narrow_gauge)$"]',
    "road": '["highway"~"^(motorway|trunk|primary|secondary)(_link)?$"]',
    "gas": '["man_made"="pipeline"]["substance"~"^(' + "|".join(_SUBSTANCES["gas"]) + ')$"]',
    "oil": '["man_made"="pipeline"]["substance"~"^(' + "|".join(_SUBSTANCES["oil"]) + ')$"]',
    "sea": '["route"="ferry"]',
}
MILE_KM = 1.609344


class Way(NamedTuple):
    """A way that is part of a line: what its tags say in our words."""

    osm_id: int
    mode: str
    facility_type: str
    name: str = ""
    gauges: tuple[int, ...] = ()
    tracks: int | None = None
    electrified: bool | None = None
    speed_km_h: float | None = None


def classify(  # noqa: PLR0911 - one answer per kind of way
    osm_id: int, tags: Mapping[str, str]
) -> Way | str:
    """Return the way in our words, or why it is left out; an empty text where it is none of ours.

    >>> classify(1, {"railway": "rail", "gauge": "1520", "usage": "main"}).gauges
    (1520,)
    >>> classify(2, {"railway": "rail", "service": "yard"})
    'sidings, yards and spurs'
    >>> classify(3, {"building": "yes"})
    ''
    """
    railway, highway = tags.get("railway", ""), tags.get("highway", "")
    if tags.get("area") == "yes":
        return "areas" if any(key in tags for key in KEYS) else ""
    if railway in _NOT_IN_USE or highway in _NOT_IN_USE:
        return "lines not in use (construction, proposed, disused)"
    if railway in {"rail", "narrow_gauge"}:
        return _railway(osm_id, tags)
    if railway in {"light_rail", "monorail", "tram", "subway", "funicular", "miniature"}:
        return "light rail, trams, metros and the like"
    kind = highway.removesuffix("_link")
    if kind in ROADS:
        return Way(osm_id, "road", kind, _name(tags), speed_km_h=_speed(tags))
    if tags.get("man_made") == "pipeline":
        return _pipeline(osm_id, tags)
    if tags.get("route") == "ferry":
        return Way(osm_id, "sea", "lane", _name(tags))
    return ""


def _railway(osm_id: int, tags: Mapping[str, str]) -> Way | str:
    if tags.get("service") in _YARD_TRACKS:
        return "sidings, yards and spurs"
    if tags.get("usage") in _OTHER_USES:
        return "industrial, military and tourist railways"
    return Way(
        osm_id,
        "rail",
        "secondary" if tags.get("usage") == "branch" else "main",
        _name(tags),
        gauges=tuple(g for g in _numbers(tags.get("gauge", "")) if g in GAUGES),
        tracks=next((n for n in _numbers(tags.get("tracks", "")) if 1 <= n <= 8), None),
        electrified={"no": False, "": None}.get(tags.get("electrified", ""), True),
        speed_km_h=_speed(tags),
    )


def _pipeline(osm_id: int, tags: Mapping[str, str]) -> Way | str:
    if tags.get("usage") == "distribution":
        return "pipelines that distribute"
    for mode, substances in _SUBSTANCES.items():
        if tags.get("substance") in substances:
            return Way(osm_id, mode, "transmission", _name(tags))
    return "pipelines of other or unknown substances"


def _name(tags: Mapping[str, str]) -> str:
    name = tags.get("ref") or tags.get("name:en") or tags.get("name") or ""
    return "".join(c for c in " ".join(name.split()) if c.isprintable())[:100]


def _numbers(text: str) -> list[int]:
    return [int(n) for n in re.findall(r"(?<![\d.,])\d{1,4}(?![\d.,])", text)]


def _speed(tags: Mapping[str, str]) -> float | None:
    """Return the speed limit, km/h: of lorries where it is tagged, else of all.

    >>> _speed({"maxspeed": "50 mph"}), _speed({"maxspeed": "RU:rural"}), _speed({"maxspeed": "80"})
    (80.4672, None, 80.0)
    """
    text = tags.get("maxspeed:hgv") or tags.get("maxspeed") or ""
    found = re.fullmatch(r"(\d{1,3})(?: ?(km/h|mph))?", text.strip())
    if not found or not int(found[1]):
        return None
    return int(found[1]) * (MILE_KM if found[2] == "mph" else 1.0)
