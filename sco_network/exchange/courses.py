"""Courses of links as well-known text (WKT), to the last digit."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from sco_network.errors import Problems

_DEEP = re.compile(r"(\([^()]*){5}")


def to_wkt(course: NDArray[np.float64]) -> str:
    """Return a course as WKT.

    >>> to_wkt(np.array([[60.1, 40.0], [61.0, 40.5]]))
    'LINESTRING (60.1 40.0, 61.0 40.5)'
    """
    return "LINESTRING (" + ", ".join(f"{x!r} {y!r}" for x, y in course.tolist()) + ")"


def from_wkt(
    text: str, file: str, line: int | None, problems: Problems
) -> NDArray[np.float64] | None:
    """Return the course that a text describes, or None after noting what is wrong with it."""
    shape = _shape(text)
    if shape is None:
        problems.add(file, line, "geometry", "this is not well-known text", "LINESTRING (x y, x y)")
        return None
    if shape.geom_type == "MultiLineString":
        shape = shapely.line_merge(shape)
    if shape.geom_type != "LineString" or shape.is_empty:
        message = f"the geometry is a {shape.geom_type}, not one line"
        problems.add(file, line, "geometry", message, "Write one LINESTRING for every link")
        return None
    return np.array(shape.coords, dtype=np.float64)


def _shape(text: str) -> Any:
    """Return the flat shape of a text, or None where it is not well-known text."""
    if _DEEP.search(text):  # GEOS takes a call for each level of brackets; a line of lines has two
        return None
    try:
        return shapely.force_2d(shapely.from_wkt(text))
    except (shapely.GEOSException, TypeError):
        return None
