"""Labels with leader lines that overlap neither one another nor what is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

import numpy as np

from . import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation

# Where a label may stand, as seen from its anchor: distances in points, directions in degrees
# from the preferred one. What is far, on the other side, or led to across a curve, comes late.
_DISTANCES = (9, 14, 22, 32, 44, 58, 74, 92, 112, 134)
_TURNS = (0, 12, -12, 25, -25, 40, -40, 58, -58, 75, -75, 180, 155, -155, 130, -130)
_SPOTS = sorted(product(_DISTANCES, _TURNS), key=lambda s: s[0] + 50 * (abs(s[1]) > 90))
_CROSSING = 60


@dataclass(frozen=True)
class Label:
    """Words for a point of the data; `direction` is the side preferred, degrees from east."""

    text: str
    x: float
    y: float
    colour: str
    direction: float
    bold: bool = False


def place_labels(
    ax: Axes,
    labels: Iterable[Label],
    curves: Sequence[Any],
    *,
    taken: Iterable[Any] = (),
    size: float = 7.5,
) -> list[Label]:
    """Write labels beside their points, the first ones first; return those left out.

    A label stands at the first spot, from near to far and from its preferred side outwards,
    where it covers no curve, no other label and no leader line, and lies within the axes. One
    that finds no such spot is left out.

    Parameters
    ----------
    curves
        Lines that may not be covered, each n × 2 in data coordinates.
    taken
        Boxes in pixels that are taken already.
    """
    figure = ax.figure
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    point = figure.dpi / 72
    inked = np.vstack([_dense(ax.transData.transform(c)) for c in curves])
    boxes = list(taken)
    left_out = []
    for label in labels:
        anchor = ax.transData.transform((label.x, label.y))
        words = _written(ax, label, size)
        box = words.get_window_extent(renderer)
        spot = _spot(label, anchor, box, ax.bbox, boxes, inked, point)
        if spot is None:
            words.remove()
            left_out.append(label)
            continue
        words.set_position(tuple((spot - anchor) / point))
        here = _box(spot, box.width, box.height)
        end = np.clip(anchor, *here)  # the box's edge nearest to the anchor
        leader = np.linspace(anchor, end, 40)
        ends = ax.transData.inverted().transform(leader[[0, -1]])
        ax.plot(*ends.T, color=style.FAINT, lw=0.6, zorder=7, scalex=False, scaley=False)
        boxes.append(here)
        inked = np.vstack([inked, leader[4:]])
    return left_out


def _written(ax: Axes, label: Label, size: float) -> Annotation:
    """Write a label upon its anchor, to be moved from there once it is measured."""
    return ax.annotate(
        label.text,
        (label.x, label.y),
        xytext=(0, 0),
        textcoords="offset points",
        ha="center",
        va="center",
        fontsize=size,
        color=label.colour,
        weight="bold" if label.bold else "normal",
        linespacing=1.15,
        zorder=8,
        parse_math=False,  # a name with dollar signs is no formula
    )


def _spot(
    label: Label, anchor: Any, box: Any, frame: Any, boxes: Sequence[Any], inked: Any, point: float
) -> Any | None:
    """Return the best free centre for a label, in pixels, or None."""
    pad = 2.5 * point
    half = np.array([box.width, box.height]) / 2
    best, best_cost = None, np.inf
    for distance, turn in _SPOTS:
        cost = distance + 50 * (abs(turn) > 90)
        if cost >= best_cost:
            break
        angle = np.radians(label.direction + turn)
        way = np.array([np.cos(angle), np.sin(angle)])
        # the distance counts to the box's edge or corner, not to its middle
        spot = anchor + way * distance * point + np.sign(np.trunc(way / 0.3)) * half
        low, high = _box(spot, box.width + 2 * pad, box.height + 2 * pad)
        if (low < frame.min).any() or (high > frame.max).any() or _within(inked, low, high):
            continue
        leader = np.linspace(anchor, np.clip(anchor, low, high), 40)
        if any((low < b[1]).all() and (high > b[0]).all() for b in boxes):
            continue
        if any(_within(leader, *b) for b in boxes):
            continue
        cost += _CROSSING * _touches(leader[8:], inked, 2 * point)
        if cost < best_cost:
            best, best_cost = spot, cost
    return best


def _within(points: Any, low: Any, high: Any) -> bool:
    return bool(((points > low) & (points < high)).all(axis=1).any())


def _touches(line: Any, points: Any, reach: float) -> bool:
    return bool((np.abs(line[:, None] - points[None]).max(axis=2) < reach).any())


def _box(centre: Any, width: float, height: float) -> Any:
    half = np.array([width, height]) / 2
    return np.array([centre - half, centre + half])


def _dense(corners: Any, step: float = 3.0) -> Any:
    """Return points along a line of corners, no further apart than a few pixels."""
    parts = [corners[:1]]
    for a, b in pairwise(corners):
        n = max(int(np.hypot(*(b - a)) / step), 1)
        parts.append(np.linspace(a, b, n + 1)[1:])
    return np.vstack(parts)
