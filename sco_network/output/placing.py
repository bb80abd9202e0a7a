"""Names on maps: those that fit, none over another, none over the lines that matter."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from . import lettering, style
from .ground import GROUND, Extent, Floats, Ground
from .names import write_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sco_network.model.network import Network

# Where a name may stand beside its place: to the right first, then left, above and below.
_SIDES = np.array([(1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1), (0, 1), (0, -1)])
_GAP = 4.5  # points between a place and its name
_PAD = 1.2  # points around a name that stay free
_DOT: dict[str, Any] = {
    "ls": "",
    "marker": "o",
    "ms": 3.2,
    "mfc": "white",
    "mec": style.INK,
    "mew": 0.8,
}
_NEAR_DISPUTE = 250.0  # km
# How much of a country's name lies within it; how much smaller it is where it has no room.
WITHIN, SMALLER = 0.8, 0.82


class Room:
    """What is free on a map, pixels: names may not touch boxes that are taken, nor cover ink.

    Parameters
    ----------
    taken
        Boxes that nothing may touch.
    ink
        Points on lines that matter.
    """

    def __init__(self, ax: Axes, taken: Iterable[Any] = (), ink: Floats | None = None) -> None:
        self.frame = np.array(ax.bbox.extents)
        self.boxes = [np.array(box.extents) for box in taken]
        points = np.empty((0, 2)) if ink is None else ink
        self.x, self.y = points[np.argsort(points[:, 0])].T

    def is_free(self, boxes: Floats) -> NDArray[np.bool_]:
        """Return which boxes (n × 4: west, south, east, north) lie on the map and touch none."""
        low, high = boxes[:, :2], boxes[:, 2:]
        free = np.all((low >= self.frame[:2]) & (high <= self.frame[2:]), axis=1)
        if self.boxes:
            other = np.array(self.boxes)
            apart = (low[:, None] >= other[None, :, 2:]) | (high[:, None] <= other[None, :, :2])
            free = free & np.all(np.any(apart, axis=2), axis=1)
        return np.asarray(free, dtype=bool)

    def covered(self, boxes: Floats) -> NDArray[np.int64]:
        """Return how many points of ink each box would cover."""
        first = np.searchsorted(self.x, boxes[:, 0], "right")
        last = np.searchsorted(self.x, boxes[:, 2], "left")
        south, north = boxes[:, 1], boxes[:, 3]
        heights = (self.y[a:b] for a, b in zip(first, last, strict=True))
        counts = [
            np.count_nonzero((y > low) & (y < high))
            for y, low, high in zip(heights, south, north, strict=True)
        ]
        return np.array(counts, dtype=np.int64)

    def take(self, box: Floats) -> None:
        """Keep a box free from now on."""
        self.boxes.append(box)

    @property
    def taken(self) -> list[Any]:
        """The boxes taken, as matplotlib has them."""
        return [Bbox.from_extents(*box) for box in self.boxes]


def label_places(  # noqa: PLR0913 - options, each by its name
    ax: Axes,
    network: Network,
    node_ids: Sequence[str],
    *,
    size: float = 7.5,
    taken: Iterable[Any] = (),
    ground: Ground = GROUND,
    ink: Floats | None = None,
    needed: Collection[str] = (),
    gap: float | Mapping[str, float] = _GAP,
    cover: float = 0,
) -> list[Any]:
    """Write the names of places, the first ones first; a name that does not fit is left out.

    Parameters
    ----------
    taken, ink
        What is not free, as in `Room`.
    needed
        Places whose names are bold and may cover ink, though as little as can be.
    gap
        Between a place and its name, points; one for all, or by place.
    cover
        How many points of ink a name may cover; it covers as few as can be.

    Returns
    -------
    The boxes taken before and now, in pixels.
    """
    room = Room(ax, taken, ink)
    (west, east), (south, north) = ax.get_xlim(), ax.get_ylim()
    known = [n for n in dict.fromkeys(node_ids) if n in network.nodes.index]
    if not known:
        return room.taken
    points = ground.project(network.coordinates[[network.nodes.index[n] for n in known]])
    pixels = ax.transData.transform(points)
    point, dots = ax.figure.dpi / 72, []
    for node_id, (x, y), at in zip(known, points, pixels, strict=True):
        if not (west < x < east and south < y < north):
            continue
        name, must = style.place_name(network, node_id), node_id in needed
        weight = "bold" if must else "normal"
        extent = lettering.text_size(ax.figure, name, size, weight)  # type: ignore[arg-type]
        apart = gap.get(node_id, _GAP) if isinstance(gap, Mapping) else gap
        boxes = _beside(at, extent, apart, point)
        dot = np.concatenate([at - 2.5 * point, at + 2.5 * point])
        covered = room.covered(boxes)
        fits = room.is_free(boxes) & (must | (covered <= cover))
        if apart == _GAP:  # else a symbol is there already, and the dot lies on it
            fits &= room.is_free(dot[None])[0]
        if not fits.any():
            continue
        best = int(np.argmin(np.where(fits, covered, np.iinfo(np.int64).max)))
        write_name(ax, name, (x, y), boxes[best], size=size, weight=weight)
        dots.append((x, y))
        room.take(boxes[best])
        room.take(dot)
    ax.plot(*np.array(dots).reshape(-1, 2).T, **_DOT, zorder=8)
    return room.taken


def _offset(dx: int, dy: int, gap: float) -> tuple[float, float]:
    """Return how far a name stands from its place, points; less where it stands at a corner."""
    near = 0.75 if dx and dy else 1.0
    return dx * gap * near, dy * gap * near


def _beside(at: Floats, size: tuple[float, float], gap: float, point: float) -> Floats:
    """Return the boxes of a name on every side of a place, pixels, with the room around it."""
    offsets = np.array([_offset(int(dx), int(dy), gap) for dx, dy in _SIDES]) * point
    half = np.array(size) / 2
    middles = at + offsets + _SIDES * half
    pad = half + _PAD * point
    return np.hstack([middles - pad, middles + pad])


def label_countries(
    ax: Axes,
    network: Network,
    extent: Extent,
    *,
    taken: Iterable[Any] = (),
    ground: Ground = GROUND,
    ink: Floats | None = None,
    size: float = 9.5,
) -> list[Any]:
    """Write the names of countries in the widest free part of what is seen of them.

    A name that has no room within its country is left out, and none is written near a disputed
    boundary. Without a base map, names stand in the middle of the country's places.

    Returns
    -------
    The boxes taken before and now, in pixels.
    """
    room = Room(ax, taken, ink)
    lines = Boundaries(ground, extent)
    for name, area in country_areas(network, extent, ground):
        _write_country(ax, name, area, room, lines, size)
    return room.taken


class Boundaries:
    """The boundaries that are seen, disputed and not."""

    def __init__(self, ground: Ground, extent: Extent) -> None:
        self.seen = {}
        for kind in ("border", "disputed"):
            parts = ground.parts.get(kind)
            if parts is not None:
                west, east, south, north = extent
                cut = shapely.clip_by_rect(parts.shapes, west, south, east, north)
                self.seen[kind] = shapely.union_all(cut)
                shapely.prepare(self.seen[kind])

    def is_disputed(self, x: float, y: float) -> bool:
        """Return whether the nearest boundary to a point is a disputed one, and near."""
        disputed = self.seen.get("disputed")
        if disputed is None or disputed.is_empty:
            return False
        point = shapely.Point(x, y)
        distance = float(shapely.distance(disputed, point))
        if distance > _NEAR_DISPUTE:
            return False
        other = self.seen.get("border")
        return other is None or other.is_empty or distance < float(shapely.distance(other, point))


def country_areas(network: Network, extent: Extent, ground: Ground) -> list[tuple[str, Any]]:
    """Return the names of countries and what is seen of them, the largest first."""
    west, east, south, north = extent
    countries = network.tables["countries"]
    known = dict(zip(countries.ids.tolist(), countries["name"].tolist(), strict=True))
    parts = ground.parts.get("country")
    if parts is None:
        return _discs_of_places(network, extent, ground, known)
    pieces = shapely.clip_by_rect(parts.shapes, west, south, east, north)
    area = shapely.area(pieces)
    best: dict[str, Any] = {}
    for i in np.argsort(-area, kind="stable"):
        name = known.get(parts.codes[i]) or parts.names[i]
        if area[i] > 0 and name:
            best.setdefault(str(name), pieces[i])
    return list(best.items())


def _discs_of_places(
    network: Network, extent: Extent, ground: Ground, known: dict[str, str]
) -> list[tuple[str, Any]]:
    """Return a disc in the middle of each country's places that are in view."""
    west, east, south, north = extent
    points = ground.project(network.coordinates)
    inside = ((points > (west, south)) & (points < (east, north))).all(axis=1)
    found = []
    for code in dict.fromkeys(network.nodes["country"].tolist()):
        here = inside & (network.nodes["country"] == code)
        if code and here.sum() >= 3:
            middle = np.median(points[here], axis=0)
            found.append((known.get(code, code), shapely.Point(middle).buffer((east - west) / 9)))
    return found


def _write_country(
    ax: Axes, name: str, area: Any, room: Room, lines: Boundaries, size: float
) -> None:
    """Write a name at the spot of an area that is furthest from its edge, and free."""
    words, sizes = name.upper(), (size, SMALLER * size)
    halves = [np.array(lettering.text_size(ax.figure, words, s)) / 2 + 1.5 for s in sizes]  # type: ignore[arg-type]
    west, _, east, _ = area.bounds
    if (east - west) * ax.bbox.width / np.ptp(ax.get_xlim()) < WITHIN * 2 * halves[-1][0]:
        return  # most countries of a large map are too narrow, which is seen at once
    spots = deepest_spots(area)
    pixels = ax.transData.transform(spots)
    for letters, half in zip(sizes, halves, strict=True):
        boxes = np.hstack([pixels - half, pixels + half])
        good = np.flatnonzero(room.is_free(boxes))
        good = good[_within(ax, area, boxes[good])]
        good = good[room.covered(boxes[good]) == 0]
        for i in good:
            if lines.is_disputed(*spots[i]):
                continue
            x, y = spots[i].tolist()
            colour = style.FAINT
            write_name(ax, words, (x, y), boxes[i], size=letters, colour=colour, zorder=7)
            room.take(boxes[i])
            return


_GRID = np.array([(x, y) for x in np.linspace(0, 1, 9) for y in (0.0, 0.5, 1.0)])


def _within(ax: Axes, area: Any, boxes: Floats, share: float = WITHIN) -> NDArray[np.bool_]:
    """Return which boxes, pixels, lie for the most part in an area of the map."""
    low, size = boxes[:, None, :2], boxes[:, None, 2:] - boxes[:, None, :2]
    pixels = (low + _GRID * size).reshape(-1, 2)
    points = ax.transData.inverted().transform(pixels)
    inside = shapely.contains_xy(area, *points.T).reshape(len(boxes), len(_GRID))
    return np.asarray(inside.mean(axis=1) >= share)


def deepest_spots(area: Any, across: int = 14) -> Floats:
    """Return points in an area, those furthest from its edge first."""
    west, south, east, north = area.bounds
    xs, ys = (np.linspace(a, b, across + 2)[1:-1] for a, b in ((west, east), (south, north)))
    x, y = (v.ravel() for v in np.meshgrid(xs, ys))
    shapely.prepare(area)
    inside = shapely.contains_xy(area, x, y)
    found = np.column_stack([x[inside], y[inside]])
    depth = shapely.distance(shapely.points(found), area.boundary)
    ordered: Floats = found[np.argsort(-depth, kind="stable")]
    return ordered


def ink_of(ax: Axes, lines: NDArray[np.object_], step: float = 4.0) -> Floats:
    """Return points in pixels along lines of the map, no further apart than a few pixels."""
    if not len(lines):
        return np.empty((0, 2))
    pixels = shapely.transform(lines, ax.transData.transform)
    points: Floats = shapely.get_coordinates(shapely.segmentize(pixels, step))
    low, high = ax.bbox.min, ax.bbox.max
    inside = ((points > low) & (points < high)).all(axis=1)
    return np.asarray(points[inside])
