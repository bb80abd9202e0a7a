"""A network as GeoDataFrames, and as the layers of a GeoPackage or a GeoJSON file."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, TypeVar, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray
from shapely import LineString

from sco_network.errors import Problems
from sco_network.model.network import Network
from sco_network.model.rows import ALL_KINDS

from .frames import Frames, cell_text, points_frame, table_of, to_frames
from .incoming import Incoming

CRS = "EPSG:4326"
SPATIAL = ("nodes", "links", "crossings", "transfers")
N = TypeVar("N", bound=Network)


def to_geopandas(network: Network) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return nodes (points) and links (lines), EPSG:4326, with all columns of `to_frames`.

    A link without a course in geometry.geojson is a straight line between its ends; the
    column `course` of links tells which lines are courses (true) and which are only drawn.
    """
    layers = geo_layers(network)
    return layers["nodes"], layers["links"]


def geo_layers(network: Network) -> dict[str, Any]:
    """Return all tables of a network; those with a place on the map as GeoDataFrames.

    Crossings are points midway between their two nodes, transfers points at their node: these
    are for the eye, and not read again.
    """
    frames = to_frames(network)
    del frames["geometry"]
    index, xy = network.nodes.index, network.coordinates

    def at(table: str, column: str) -> NDArray[np.float64]:
        return xy[[index[i] for i in network.tables[table][column].tolist()]].reshape(-1, 2)

    middle = (at("crossings", "from_node_id") + at("crossings", "to_node_id")) / 2
    ends = np.stack([at("links", "from_node_id"), at("links", "to_node_id")], axis=1)
    ids, courses = network.links.ids.tolist(), network.geometry
    lines = [LineString(courses.get(i, straight)) for i, straight in zip(ids, ends, strict=True)]
    frames["links"] = frames["links"].assign(course=[i in courses for i in ids])
    shapes: dict[str, Any] = {
        "nodes": shapely.points(xy),
        "links": lines,
        "crossings": shapely.points(middle),
        "transfers": shapely.points(at("transfers", "node_id")),
    }
    return frames | {
        name: gpd.GeoDataFrame(frames[name], geometry=shapes[name], crs=CRS) for name in SPATIAL
    }


def from_geopandas(
    cls: type[N],
    nodes: gpd.GeoDataFrame,
    links: gpd.GeoDataFrame,
    crossings: Any = None,
    transfers: Any = None,
    **others: Any,
) -> N:
    """Return a network from points and lines in any coordinate system; see `from_frames`.

    Raises
    ------
    InputError
        Where geometries are not points and lines, or their coordinate system is unknown.
    """
    problems = Problems()
    frames, courses = read_shapes({"nodes": nodes, "links": links}, problems)
    problems.raise_if_any()
    others = {"geometry": points_frame(courses)} | others
    return cls.from_frames(frames["nodes"], frames["links"], crossings, transfers, **others)


def from_layers(layers: dict[str, Any], file: str, problems: Problems) -> Incoming:
    """Return what the layers of a file hold; the reader names rows as `file|layer:number`."""
    names = {name: f"{file}|{name}" for name in layers}
    frames, courses = read_shapes(layers, problems, names)
    tables = {name: table_of(frame, names[name]) for name, frame in frames.items()}
    return Incoming(file, tables, courses)


def read_shapes(
    layers: dict[str, Any], problems: Problems, names: dict[str, str] | None = None
) -> tuple[Frames, dict[str, NDArray[np.float64]]]:
    """Return plain frames with `x_coord` and `y_coord` of nodes, and the courses of links.

    A point's place comes from its geometry, whatever the columns say, since that is what is
    moved on a map. A line of two points is a course only where the column `course` says so.
    """
    names = names or {}
    frames: Frames = dict(layers)
    courses: dict[str, NDArray[np.float64]] = {}
    for name in ("nodes", "links"):
        layer, called = layers.get(name), names.get(name, name)
        if not isinstance(layer, gpd.GeoDataFrame) or not _has_shapes(layer):
            continue
        ids = _ids(layer, name)
        shapes = _in_degrees(layer, called, problems)
        if name == "nodes":
            xy = _places(shapes, ids, called, problems)
            frames[name] = pd.DataFrame(layer).assign(x_coord=xy[:, 0], y_coord=xy[:, 1])
        else:
            lines = _lines(shapes, ids, called, problems)
            stated = layer.get("course", pd.Series(index=layer.index, dtype=object))
            courses = {
                link_id: shapely.get_coordinates(line)
                for link_id, line, sure in zip(ids, lines, stated.tolist(), strict=True)
                if line is not None and (len(line.coords) > 2 or sure is True or sure == 1)
            }
    plain = {
        name: pd.DataFrame(frame).drop(columns=_shape_columns(frame))
        for name, frame in frames.items()
    }
    return plain, courses


def _has_shapes(layer: gpd.GeoDataFrame) -> bool:
    return layer.active_geometry_name is not None and not layer.geometry.isna().all()


def _shape_columns(frame: Any) -> list[str]:
    return [c for c in frame.columns if isinstance(frame[c].dtype, gpd.array.GeometryDtype)]


def _ids(layer: gpd.GeoDataFrame, name: str) -> list[str]:
    """Return the ids as the table will have them, or row numbers where there is no id."""
    column = ALL_KINDS[name].id_field
    if column not in layer.columns:
        return [f"row {i}" for i in range(1, len(layer) + 1)]
    return [cell_text(cell) for cell in layer[column].tolist()]


def _in_degrees(layer: gpd.GeoDataFrame, name: str, problems: Problems) -> NDArray[np.object_]:
    """Return flat geometries in EPSG:4326, from the coordinate system that the layer declares."""
    shapes = layer.geometry
    if layer.crs is not None and not layer.crs.equals(CRS):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # of points beyond the projection
            try:
                shapes = shapes.to_crs(CRS)
            except pyproj.exceptions.ProjError as error:
                problems.add(name, None, "geometry", f"cannot be turned into degrees ({error})")
    flat = cast("NDArray[np.object_]", shapely.force_2d(shapes.to_numpy()))
    refuse_not_degrees(shapely.get_coordinates(flat), str(layer.crs or ""), name, problems)
    return flat


def refuse_not_degrees(xy: NDArray[np.float64], crs: str, name: str, problems: Problems) -> None:
    """Note, once for a whole layer, coordinates that cannot be longitude and latitude."""
    outside = ~(np.abs(xy) <= [180, 90]).all(axis=1)
    if outside.any():
        x, y = xy[np.flatnonzero(outside)[0]]
        problems.add(
            name,
            None,
            "geometry",
            f"{int(outside.sum())} coordinates, such as {x:g}, {y:g}, are not degrees "
            + (f"although the file declares {crs}" if crs else "and no CRS is declared"),
            "Declare the coordinate system that they are in, or save the file in EPSG:4326",
        )


def _some(ids: Sequence[str], wrong: NDArray[np.bool_]) -> str:
    found = [ids[i] for i in np.flatnonzero(wrong)[:5]]
    more = int(wrong.sum()) - len(found)
    return ", ".join(f"'{i}'" for i in found) + (f" and {more} more" if more else "")


def _places(
    shapes: NDArray[np.object_], ids: Sequence[str], name: str, problems: Problems
) -> NDArray[np.float64]:
    """Return longitude and latitude of points; a multipoint of one point is one."""
    single = np.array([_only_part(shape, "MultiPoint") for shape in shapes], dtype=object)
    good = shapely.get_type_id(single) == 0
    good &= ~shapely.is_empty(single)
    if not good.all():
        problems.add(
            name,
            None,
            "geometry",
            f"{int((~good).sum())} nodes are not points: {_some(ids, ~good)}",
            "Every node needs one point",
        )
    xy = np.full((len(single), 2), np.nan)
    xy[good] = shapely.get_coordinates(single[good])
    return xy


def _lines(
    shapes: NDArray[np.object_], ids: Sequence[str], name: str, problems: Problems
) -> list[LineString | None]:
    """Return one line a link; the parts of a multi-line are joined where they meet."""
    merged = [
        shapely.line_merge(s) if s is not None and s.geom_type == "MultiLineString" else s
        for s in shapes
    ]
    array = np.array(merged, dtype=object)
    kinds = shapely.get_type_id(array)
    gaps = kinds == 5
    if gaps.any():
        problems.add(
            name,
            None,
            "geometry",
            f"the parts of {int(gaps.sum())} multi-lines do not join: {_some(ids, gaps)}",
            "Close the gaps, or make a link of each part with a node between them",
        )
    wrong = ~np.isin(kinds, [-1, 1, 5])
    if wrong.any():
        problems.add(
            name,
            None,
            "geometry",
            f"{int(wrong.sum())} links are not lines: {_some(ids, wrong)}",
            "Every link needs one line, or no geometry",
        )
    usable = (kinds == 1) & ~shapely.is_empty(array)
    return [line if ok else None for line, ok in zip(merged, usable, strict=True)]


def _only_part(shape: Any, kind: str) -> Any:
    if shape is not None and shape.geom_type == kind and len(shape.geoms) == 1:
        return shape.geoms[0]
    return shape
