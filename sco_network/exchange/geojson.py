"""A network as one GeoJSON file: a feature a row, the property `table` says of which table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.errors import ShapelyError
from shapely.geometry import mapping, shape

from sco_network.errors import InputError, Problem, Problems
from sco_network.model.frames import given
from sco_network.model.network import Network
from sco_network.model.rows import ALL_KINDS
from sco_network.model.textfile import shown

from .folder import write_features
from .frames import cell_value
from .geoframes import CRS, from_layers, geo_layers
from .incoming import NEEDED, Incoming, read_whole

_TABLE_OF = {
    "Point": "nodes",
    "MultiPoint": "nodes",
    "LineString": "links",
    "MultiLineString": "links",
}
_NO_SHAPE = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    IndexError,
    OverflowError,
    ShapelyError,
)
# The `mode` of an assumption: beside the modes of links, GDAL would take the column for JSON.
_MOST_LIKELY = "most_likely"


def write_geojson(network: Network, path: Path) -> None:
    """Write a network as GeoJSON (RFC 7946), a feature a line; missing values are left out."""
    write_features(_features(network), path)


def _features(network: Network) -> Iterator[tuple[dict[str, Any], Any]]:
    for name, layer in geo_layers(network).items():
        spatial = isinstance(layer, gpd.GeoDataFrame)
        shapes = layer.geometry if spatial else [None] * len(layer)
        rows = pd.DataFrame(layer.drop(columns="geometry") if spatial else layer)
        if name == "assumptions":
            rows = rows.rename(columns={"mode": _MOST_LIKELY})
        for row, place in zip(rows.to_dict("records"), shapes, strict=True):
            cells = {column: cell_value(cell) for column, cell in given(row).items()}
            yield {"table": name} | cells, mapping(place) if place else None


def read_geojson(path: Path, problems: Problems) -> Incoming:
    """Return the tables of a GeoJSON file.

    A feature without the property `table` is a node where it is a point, a link where it is a
    line. The `crs` of the older standard (2008) is heeded where a file has one.

    Raises
    ------
    InputError
        Where the file is no GeoJSON, or broken.
    """
    name = shown(path)
    content = _parsed(read_whole(path), name)
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list):
        raise _broken(name, None, "this is not a FeatureCollection")
    rows: dict[str, list[dict[str, Any]]] = {"nodes": [], "links": []}
    shapes: dict[str, list[Any]] = {"nodes": [], "links": []}
    for number, feature in enumerate(features, 1):
        table, row, place = _row(feature, number, name, problems)
        rows.setdefault(table, []).append(row)
        shapes.setdefault(table, []).append(place)
    problems.raise_if_any()
    crs = _crs(content, name)
    layers: dict[str, Any] = {
        table: gpd.GeoDataFrame(found, geometry=shapes[table], crs=crs)
        if table in NEEDED
        else pd.DataFrame(found)
        for table, found in rows.items()
    }
    return from_layers(layers, name, problems)


def _row(
    feature: Any, number: int, name: str, problems: Problems
) -> tuple[str, dict[str, Any], Any]:
    """Return table, properties and geometry of one feature."""
    where = f"features[{number - 1}]"
    if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict):
        problems.add(name, None, where, "this is not a feature", "It needs properties and geometry")
        return "nodes", {}, None
    row = dict(feature.get("properties") or {})
    place = None
    if feature.get("geometry"):
        try:
            place = shape(feature["geometry"])
        except _NO_SHAPE:
            problems.add(name, None, where, "the geometry is not well-formed")
    table = row.pop("table", None) or _TABLE_OF.get(place.geom_type if place else "", "")
    if table == "assumptions":
        row["mode"] = row.pop(_MOST_LIKELY, None)
    if table not in {*ALL_KINDS, "assumptions"}:
        problems.add(
            name,
            None,
            where,
            f"the feature belongs to no table ({table or 'no property table'})",
            "A node is a point, a link a line; of the others the property 'table' says the table",
        )
    return str(table), row, place


def _parsed(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise _broken(name, error.lineno, f"this is not whole JSON ({error.msg})") from error
    except RecursionError as error:
        raise _broken(name, None, "the file is nested too deeply") from error


def _crs(content: dict[str, Any], name: str) -> str:
    declared = content.get("crs")
    if declared is None:
        return CRS
    properties = declared.get("properties") if isinstance(declared, dict) else None
    crs = properties.get("name") if isinstance(properties, dict) else None
    try:
        return str(gpd.GeoSeries([], crs=crs or "").crs)
    except (ValueError, TypeError, RuntimeError) as error:
        raise _broken(name, None, f"the coordinate system '{crs}' is unknown") from error


def _broken(name: str, line: int | None, message: str) -> InputError:
    return InputError([Problem(name, line, "", message, "Save the file again as GeoJSON")])
