"""What maps lie on: an equal-area projection, and a base map of land, water and borders."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.patches import PathPatch
from matplotlib.path import Path as DrawnPath
from matplotlib.transforms import Bbox
from numpy.typing import NDArray
from pyproj import Transformer

from sco_network.errors import bad_argument

from . import lettering, style
from .names import write_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sco_network.model.network import Network

Floats = NDArray[np.float64]
Extent = tuple[float, float, float, float]  # west, east, south, north, km

# Albers equal-area conic for the middle of Eurasia: areas true, little distortion 20–60° N.
EURASIA = "+proj=aea +lat_1=25 +lat_2=55 +lat_0=40 +lon_0=72 +ellps=WGS84 +units=km"
EURASIA_LON, EURASIA_LAT = (-15.0, 150.0), (-5.0, 82.0)
# Where north is up to 20° in it: its meridians lean by 0.62 of their distance from 72° E, where
# 0.62 is the constant of the cone, (sin 25° + sin 55°) / 2 (Snyder 1987, p. 100).
EURASIA_UPRIGHT = (40.0, 104.0)
EURASIA_SEES = (-70.0, 200.0)  # longitudes that it shows without a tear
PACKAGED, NONE = "", "none"
LARGEST_FILE = 50_000_000  # bytes
COAST = "#9FB4C2"
SCALE_SIZE = 8.5  # points, of the letters at the scale bar
_NOT_GEOJSON = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    OverflowError,
    RecursionError,
    shapely.errors.ShapelyError,
)


@dataclass(frozen=True)
class Ground:
    """A projection and a base map: the packaged one, `none`, or a GeoJSON file.

    In a file polygons are land, or lakes where `kind` is `lake`; lines are borders, dashed where
    `kind` is `disputed`; `name` and `country` (three letters) name polygons.
    """

    basemap: str = PACKAGED
    projection: str = EURASIA

    def project(self, lonlat: Floats) -> Floats:
        """Return map coordinates, km, for longitudes and latitudes, m × 2."""
        x, y = _transformer(self.projection).transform(lonlat[:, 0], lonlat[:, 1])
        return np.column_stack([x, y])

    @property
    def parts(self) -> dict[str, Parts]:
        """The parts of the base map that this projection can show, by kind."""
        return _parts(self)

    @property
    def note(self) -> str:
        """What has to be said of the base map under a map."""
        if self.basemap == NONE:
            return ""
        known = self.basemap == PACKAGED
        source = "Natural Earth" if known else Path(self.basemap).name
        return f"{style.BORDER_NOTE} Base map: {source}. "


@dataclass(frozen=True)
class Parts:
    """Shapes on the map, km, each with its name and its country's three letters."""

    shapes: NDArray[np.object_]
    names: NDArray[np.object_]
    codes: NDArray[np.object_]


GROUND = Ground()


def ground_for(network: Network, basemap: str | None = None) -> Ground:
    """Return the ground for a network: that of Eurasia, or one around a network elsewhere."""
    return Ground(basemap or PACKAGED, _projection(network.coordinates))


def _projection(lonlat: Floats) -> str:
    """Return Albers' projection of Eurasia, or Lambert's azimuthal one around other places.

    Both keep areas. A part of Eurasia far from the middle would lean, so it gets its own.
    """
    known = lonlat[np.isfinite(lonlat).all(axis=1)]
    if not len(known):
        return EURASIA
    lon, lat = known.T
    in_eurasia = (
        (lon > EURASIA_LON[0])
        & (lon < EURASIA_LON[1])
        & (lat > EURASIA_LAT[0])
        & (lat < EURASIA_LAT[1])
    )
    upright = EURASIA_UPRIGHT[0] < np.median(lon) < EURASIA_UPRIGHT[1]
    if in_eurasia.mean() > 0.9 and upright:
        return EURASIA
    # the mean of directions, so that 179° E and 179° W have 180° between them, not 0°
    turn = np.exp(1j * np.radians(lon)).mean()
    middle = float(np.degrees(np.angle(turn)))
    return f"+proj=laea +lat_0={np.median(lat):.4g} +lon_0={middle:.4g} +ellps=WGS84 +units=km"


@cache
def _transformer(projection: str) -> Transformer:
    return Transformer.from_crs("EPSG:4326", projection, always_xy=True)


@cache
def _parts(ground: Ground) -> dict[str, Parts]:
    found: dict[str, list[tuple[Any, str, str]]] = {}
    for kind, shape, name, code in _features(ground.basemap):
        for part in shapely.get_parts(shape):
            found.setdefault(kind, []).append((part, name, code))
    result = {}
    for kind, rows in found.items():
        shapes, names, codes = (
            np.array(column, dtype=object) for column in zip(*rows, strict=True)
        )
        seen = np.array([_is_seen(shape, ground.projection) for shape in shapes])
        onto = shapely.transform(shapes[seen], ground.project)
        result[kind] = Parts(onto, names[seen], codes[seen])
    return result


def _is_seen(shape: Any, projection: str) -> bool:
    """Return whether a projection shows a shape without tearing it or turning it inside out."""
    if projection == EURASIA:
        west, _, east, _ = shape.bounds
        return bool(west > EURASIA_SEES[0] and east < EURASIA_SEES[1])
    corners = shapely.get_coordinates(shape)
    x, y = _transformer(projection).transform(*corners.T)
    return bool(np.median(np.hypot(x, y)) < 10_000)  # a quarter of the globe


def _features(basemap: str) -> Iterable[tuple[str, Any, str, str]]:
    """Yield kind, shape, name and country of each feature of a base map."""
    if basemap == NONE:
        return
    if basemap == PACKAGED:
        text = resources.files("sco_network").joinpath("basemap/basemap.geojson").read_text("utf-8")
    else:
        text = _text(Path(basemap))
    try:
        features = json.loads(text)["features"]
        for feature in features:
            shape = shapely.geometry.shape(feature["geometry"])
            given = feature.get("properties") or {}
            lines = shape.geom_type in {"LineString", "MultiLineString"}
            kind = given.get("kind") or ("border" if lines else "country")
            if lines or shape.geom_type in {"Polygon", "MultiPolygon"}:
                lon, lat = np.abs(shapely.get_coordinates(shape)).max(axis=0, initial=0)
                if lon > 360 or lat > 90:
                    raise _bad(basemap, "its coordinates are not longitudes and latitudes")
                yield (
                    str(kind),
                    shape,
                    str(given.get("name") or ""),
                    str(given.get("country") or ""),
                )
    except _NOT_GEOJSON as error:
        raise _bad(basemap, "this is not a GeoJSON file of features") from error


def check_basemap(basemap: str | None) -> str:
    """Return a base map that can be drawn, or refuse it before any work is done.

    Raises
    ------
    InputError
        Where the file is not there or is no GeoJSON in degrees.
    """
    chosen = basemap or PACKAGED
    if chosen not in {PACKAGED, NONE} and not list(_features(chosen)):
        raise _bad(chosen, "there is no polygon and no line in it")
    return chosen


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise _bad(str(path), f"the file is larger than {LARGEST_FILE // 1_000_000} MB")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise _bad(str(path), f"cannot read it: {reason}") from error


def _bad(basemap: str, message: str) -> Exception:
    hint = "Give a GeoJSON file of polygons and lines in degrees, or 'none'"
    return bad_argument("--basemap", f"'{basemap}': {message}", hint)


def draw_basemap(ax: Axes, extent: Extent, ground: Ground = GROUND) -> None:
    """Draw land, lakes, borders and disputed boundaries within (west, east, south, north), km."""
    west, east, south, north = extent
    ax.set_xlim(west, east)
    ax.set_ylim(south, north)
    ax.set_aspect("equal")
    ax.apply_aspect()  # what is measured from now on is where it will be
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set(color=style.FAINT, linewidth=0.8)
    if ground.basemap == NONE:
        ax.set_facecolor("white")
        return
    ax.set_facecolor(style.SEA)
    for below, (kind, colour) in enumerate((("country", style.LAND), ("lake", style.LAKE))):
        rings = pieces(ax, extent, ground, kind)
        # the coast first, so that the fill leaves only its outer half
        for above, (fill, edge, width) in enumerate((("none", COAST, 0.9), (colour, colour, 0.15))):
            draw_pieces(
                ax,
                rings,
                facecolor=fill,
                edgecolor=edge,
                linewidth=width,
                zorder=0.2 * below + 0.1 * above,
            )
    for kind, dashes, colour in (
        ("border", "-", style.BORDER),
        ("disputed", (0, (3, 2)), style.FAINT),
    ):
        lines = pieces(ax, extent, ground, kind)
        draw_pieces(ax, lines, edgecolor=colour, linewidth=0.8, linestyle=dashes, zorder=1)


def draw_pieces(ax: Axes, found: Sequence[Floats], **look: Any) -> None:
    """Draw rings or lines that look alike, m × 2 corners each.

    As one path with many beginnings, which takes a fraction of the time, and of the bytes of an
    SVG, that as many paths would.
    """
    if not found:
        return
    codes = np.full(sum(map(len, found)), DrawnPath.LINETO, dtype=DrawnPath.code_type)
    codes[np.cumsum([0, *map(len, found[:-1])])] = DrawnPath.MOVETO
    look = {"facecolor": "none", "joinstyle": "round"} | look
    ax.add_artist(PathPatch(DrawnPath(np.vstack(found), codes), **look))


def pieces(ax: Axes, extent: Extent, ground: Ground, kind: str) -> list[Floats]:
    """Return the rings or lines of a kind as they are seen: cut to the frame, no finer than ink."""
    parts = ground.parts.get(kind)
    return [] if parts is None else cut(ax, extent, parts.shapes)


def cut(ax: Axes, extent: Extent, shapes: NDArray[np.object_]) -> list[Floats]:
    """Return shapes as corners, m × 2 each, without what lies outside or is too fine to see."""
    west, east, south, north = extent
    pixel = (east - west) / max(ax.bbox.width, 1)
    margin = 12 * pixel  # so that no edge of a cut shows
    box = (west - margin, south - margin, east + margin, north + margin)
    near = shapely.intersects(shapely.envelope(shapes), shapely.box(*box))
    seen = shapely.clip_by_rect(shapely.simplify(shapes[near], pixel / 3), *box)
    parts = shapely.get_parts(seen)
    parts = parts[~shapely.is_empty(parts)]
    is_area = shapely.get_type_id(parts) == 3
    # all turn one way: else there was a hole where two that are filled as one path overlap
    parts[is_area] = shapely.get_exterior_ring(shapely.normalize(parts[is_area]))
    corners, index = shapely.get_coordinates(parts, return_index=True)
    return np.split(corners, np.flatnonzero(np.diff(index)) + 1) if len(corners) else []


def extent_of(points: Floats, margin: float = 0.12, least_km: float = 900) -> Extent:
    """Return (west, east, south, north), km, around projected points, in a 4:3 frame."""
    low, high = points.min(axis=0), points.max(axis=0)
    middle = (low + high) / 2
    width, height = np.maximum(high - low, least_km) * (1 + 2 * margin)
    width, height = max(width, height * 4 / 3), max(height, width * 3 / 4)
    return (
        float(middle[0] - width / 2),
        float(middle[0] + width / 2),
        float(middle[1] - height / 2),
        float(middle[1] + height / 2),
    )


def extent_of_most(points: Floats, margin: float = 0.05) -> tuple[Extent, int]:
    """Return the frame of all points but a few far-off ones, and how many those are."""
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return (-450.0, 450.0, -340.0, 340.0), 0
    low, high = np.percentile(points, [1.5, 98.5], axis=0)
    size = max(*(high - low), 600.0)
    # who is near the others comes in; who is far away does not shrink them
    near = ((points > low - 0.15 * size) & (points < high + 0.15 * size)).all(axis=1)
    low, high = points[near].min(axis=0), points[near].max(axis=0)
    middle, half = (low + high) / 2, np.maximum(high - low, 600.0) * (0.5 + margin)
    half = np.maximum(half, half[::-1] * 0.45)  # neither a ribbon nor a tower
    west, south, east, north = (float(v) for v in (*(middle - half), *(middle + half)))
    return (west, east, south, north), int((~near).sum())


def shape_of(extent: Extent) -> float:
    """Return the height of a frame over its width."""
    west, east, south, north = extent
    return (north - south) / (east - west)


def draw_scale(ax: Axes, ink: Floats | None = None) -> Any:
    """Draw a scale bar in the corner where it covers the least ink; return its box, pixels.

    `ink` are points in pixels on what matters; without it, or where all corners are as free, the
    corner is the lower left one.
    """
    west, east = ax.get_xlim()
    south, north = ax.get_ylim()
    wide, high = east - west, north - south
    length = min((5, 10, 20, 50, 100, 200, 500, 1000, 2000), key=lambda km: abs(km - wide / 6))
    corners = [
        (x, y)
        for y in (south + 0.03 * high, north - 0.07 * high)
        for x in (west + 0.02 * wide, east - 0.02 * wide - length)
    ]
    boxes = [_scale_box(ax, x, y, length) for x, y in corners]
    points = np.empty((0, 2)) if ink is None else ink
    near = 20 * ax.figure.dpi / 72  # what stands so close would have no room for its name
    covered = [((points > b.min - near) & (points < b.max + near)).all(axis=1).sum() for b in boxes]
    best = int(np.argmin(covered))
    x, y = corners[best]
    ax.plot([x, x + length], [y, y], color=style.INK, lw=2.5, zorder=10, solid_capstyle="butt")
    words, above = f"{length:,} km", (x + length / 2, y)
    tall = lettering.text_size(ax.figure, words, SCALE_SIZE)[1]  # type: ignore[arg-type]
    over, up = ax.transData.transform(above)
    up += 3 * ax.figure.dpi / 72 + tall / 2
    write_name(ax, words, above, np.array([over, up, over, up]), size=SCALE_SIZE, zorder=10)
    return boxes[best]


def _scale_box(ax: Axes, x: float, y: float, length: float) -> Any:
    low, high = ax.transData.transform([(x, y), (x + length, y)])
    point = ax.figure.dpi / 72
    return Bbox([low - 4 * point, high + np.array([4, 15]) * point])
