"""Areas to ask for: a box given in words, a polygon of a GeoJSON file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sco_network.errors import InputError, Problem, Problems, bad_argument
from sco_network.model.textfile import read_text, shown

MAX_BYTES = 64 * 1024 * 1024


def box_area(text: str) -> Any:
    """Return the box `W,S,E,N`, degrees, as a polygon.

    Raises
    ------
    InputError
        Where it is no box on Earth.
    """
    from shapely import box

    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        message = f"'{text}' is not a box"
        raise bad_argument("--box", message, "Write west,south,east,north: 60,35,70,42") from error
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        message = f"'{text}' is not a box of degrees with west < east and south < north"
        raise bad_argument("--box", message, "Write west,south,east,north: 60,35,70,42")
    return box(west, south, east, north)


def polygon_area(path: Path) -> Any:
    """Return the union of the polygons of a GeoJSON file.

    Raises
    ------
    InputError
        Where the file is missing, damaged, in another coordinate system or without a polygon.
    """
    from shapely import unary_union
    from shapely.errors import ShapelyError
    from shapely.geometry import shape

    problems, name = Problems(), shown(path)
    text = read_text(path, MAX_BYTES, problems)
    problems.raise_if_any()
    try:
        value = json.loads(text or "")
        features = value["features"] if value["type"] == "FeatureCollection" else [value]
        shapes = [shape(f["geometry"] if f["type"] == "Feature" else f) for f in features]
        areas = [s for s in shapes if s.geom_type in {"Polygon", "MultiPolygon"}]
        area = unary_union([s if s.is_valid else s.buffer(0) for s in areas])
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
        OverflowError,
        ShapelyError,
    ) as error:
        message = f"this is not GeoJSON with polygons ({error!r:.100})"
        raise InputError([Problem(name, None, "", message)]) from error
    if area.is_empty or not area.area:
        raise InputError([Problem(name, None, "", "there is no polygon in the file")])
    west, south, east, north = area.bounds
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        message = "the coordinates are not degrees of longitude and latitude"
        raise InputError([Problem(name, None, "", message, "Save the file in EPSG:4326")])
    return area
