"""Shapes as SVG paths, cut to a frame and no finer than can be seen, and words that fit."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from sco_network.model.network import Network
from sco_network.output.ground import Extent, Floats, Ground
from sco_network.output.placing import Boundaries, country_areas, deepest_spots

Shapes = NDArray[np.object_]
Box = tuple[float, float, float, float]

LETTER = 0.56  # mean width of a letter as a share of its height
PAD, DOT = 2.0, 11.0
MOST_NATIONS, GRID, TRIED = 24, 8, 6
MARGIN = 0.08  # around what a frame has to show, as a share of its size


@dataclass(frozen=True)
class Frame:
    """What a map shows, km on the projected plane, and its size on the page, units of the SVG.

    `reach` is how far beyond its edges things are drawn, as a share of its width.
    """

    west: float
    north: float
    width_km: float
    height_km: float
    width: int
    reach: float = 0.02

    @classmethod
    def around(
        cls, points: Floats, width: int, shape: float, *, least_km: float, reach: float = 0.02
    ) -> Frame:
        """Return the frame of a shape (height over width) that holds projected points, m × 2."""
        low, high = points.min(axis=0), points.max(axis=0)
        across, up = (np.maximum(high - low, least_km) * (1 + 2 * MARGIN)).tolist()
        across = max(across, up / shape)
        x, y = ((low + high) / 2).tolist()
        return cls(x - across / 2, y + across * shape / 2, across, across * shape, width, reach)

    @property
    def scale(self) -> float:
        """Units of the SVG per km."""
        return self.width / self.width_km

    @property
    def height(self) -> int:
        """Height on the page, units of the SVG."""
        return round(self.height_km * self.scale)

    @property
    def extent(self) -> Extent:
        """West, east, south and north of what is seen, km."""
        return self.west, self.west + self.width_km, self.north - self.height_km, self.north

    @property
    def box(self) -> Box:
        """West, south, east and north of what is drawn, km."""
        west, east, south, north = self.extent
        more = self.reach * self.width_km
        return west - more, south - more, east + more, north + more

    def place(self, points: Floats) -> Floats:
        """Return points on the page, m × 2."""
        return np.column_stack(
            [(points[:, 0] - self.west) * self.scale, (self.north - points[:, 1]) * self.scale]
        )

    def holds(self, points: Floats) -> NDArray[np.bool_]:
        """Return which points on the page lie within it."""
        inside: NDArray[np.bool_] = (points >= 0) & (points <= (self.width, self.height))
        return np.asarray(inside.all(axis=1))


def paths(shapes: Shapes, frame: Frame, finest: float = 0.7) -> list[str]:
    """Return each shape as the `d` of an SVG path; empty where it lies outside of the frame.

    Parameters
    ----------
    finest
        Bends smaller than this, in units of the SVG, are left out.
    """
    found = [""] * len(shapes)
    if not len(shapes):
        return found
    box = frame.box
    here = np.flatnonzero(shapely.intersects(shapely.envelope(shapes), shapely.box(*box)))
    seen = shapely.simplify(shapes[here], finest / frame.scale, preserve_topology=False)
    kept = shapely.clip_by_rect(seen, *box)
    parts, owner = shapely.get_parts(kept, return_index=True)
    closed = shapely.get_type_id(parts) == _POLYGON
    rings, ring_owner = shapely.get_rings(parts[closed], return_index=True)
    lines = np.concatenate([parts[~closed], rings])
    owners = np.concatenate([owner[~closed], owner[closed][ring_owner]])
    corners, index = shapely.get_coordinates(lines, return_index=True)
    if not len(corners):
        return found
    points = np.rint(frame.place(corners)).astype(np.int64)
    starts = np.flatnonzero(np.r_[True, np.diff(index) > 0])
    steps = np.diff(points, axis=0, prepend=points[:1])
    for line, start, end in zip(index[starts], starts, [*starts[1:], len(points)], strict=True):
        text = _path(points[start], steps[start + 1 : end])
        if text:
            found[here[owners[line]]] += text + ("z" if line >= (~closed).sum() else "")
    return found


_POLYGON = 3


def _path(start: Any, steps: Any) -> str:
    """Return a line as a start and relative steps; empty where it never leaves its start."""
    moved = steps[steps.any(axis=1)]
    if not len(moved):
        return ""
    said = " ".join(map(str, moved.ravel().tolist())).replace(" -", "-")
    return f"M{start[0]} {start[1]}l{said}"


@dataclass(frozen=True)
class Label:
    """Words on a map for a point `at`; units of the SVG."""

    text: str
    at: tuple[float, float]
    x: float
    y: float
    size: float
    kind: str
    anchor: str = "middle"

    @property
    def box(self) -> Box:
        """Left, top, right and bottom of the words."""
        wide = text_width(self.text) * self.size
        left = self.x - {"start": 0.0, "middle": wide / 2, "end": wide}[self.anchor]
        top, bottom = self.y - 0.8 * self.size, self.y + 0.25 * self.size
        return left - PAD, top - PAD, left + wide + PAD, bottom + PAD


def text_width(text: str) -> float:
    """Return about how wide words are, as a multiple of the size of their letters."""
    return sum(1.0 if unicodedata.east_asian_width(c) in "WF" else LETTER for c in text)


@dataclass(frozen=True)
class Wish:
    """Words that a map should have, at the first of some places where they fit."""

    text: str
    spots: Sequence[tuple[float, float]]
    size: float
    kind: str

    @property
    def is_area(self) -> bool:
        """Whether the words stand upon what they name, not beside a point."""
        return self.kind == "nation"

    @property
    def is_needed(self) -> bool:
        """Whether the words stand there even over something else: the ends of the route shown."""
        return self.kind == "end"

    def labels(self) -> Iterator[Label]:
        """Yield the labels that would do, the best first."""
        if self.is_area:
            for x, y in self.spots:
                yield Label(self.text, (x, y), x, y + 0.3 * self.size, self.size, self.kind)
            return
        ((x, y),) = self.spots
        near = 0.55 * self.size
        for dx, dy, anchor in (
            (near, 0.32 * self.size, "start"),
            (-near, 0.32 * self.size, "end"),
            (near, -0.35 * self.size, "start"),
            (-near, -0.35 * self.size, "end"),
            (near, self.size, "start"),
            (-near, self.size, "end"),
            (0.0, -near, "middle"),
            (0.0, near + 0.8 * self.size, "middle"),
        ):
            yield Label(self.text, (x, y), x + dx, y + dy, self.size, self.kind, anchor)


def place_labels(wishes: Iterable[Wish], frame: Frame, taken: Iterable[Box] = ()) -> list[Label]:
    """Return labels that cover neither one another, nor a place named, nor what is taken.

    The first wishes are granted first.
    """
    covered, dots, found = list[Box](), list(taken), list[Label]()
    for wish in wishes:
        x, y = wish.spots[0]
        dot = (x - DOT, y - DOT, x + DOT, y + DOT)
        if not wish.is_area and _overlaps(dot, covered):
            continue
        inside = [label for label in wish.labels() if _is_inside(label.box, frame)]
        free = (label for label in inside if not _overlaps(label.box, [*covered, *dots]))
        label = next(free, inside[0] if inside and wish.is_needed else None)
        if label is not None:
            covered.append(label.box)
            dots += [] if wish.is_area else [dot]
            found.append(label)
    return found


def _is_inside(box: Box, frame: Frame) -> bool:
    left, top, right, bottom = box
    return left >= 0 and top >= 0 and right <= frame.width and bottom <= frame.height


def _overlaps(box: Box, others: Iterable[Box]) -> bool:
    left, top, right, bottom = box
    return any(left < b[2] and right > b[0] and top < b[3] and bottom > b[1] for b in others)


def nations(network: Network, frame: Frame, ground: Ground, size: float) -> list[Wish]:
    """Return the names of countries where they have room, and not near a disputed boundary."""
    lines = Boundaries(ground, frame.extent)
    found = []
    for name, area in country_areas(network, frame.extent, ground)[:MOST_NATIONS]:
        words = name.upper()
        half = text_width(words) * size / frame.scale / 2
        spots = [
            (float(x), float(y))
            for x, y in deepest_spots(area, GRID)[:TRIED]
            if shapely.contains_xy(area, [x - half, x + half], [y, y]).all()
            and not lines.is_disputed(x, y)
        ]
        if spots:
            at = frame.place(np.array(spots)).tolist()
            found.append(Wish(words, [(x, y) for x, y in at], size, "nation"))
    return found
