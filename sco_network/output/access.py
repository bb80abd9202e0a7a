"""Change of market access on a map, with one scale for every scenario."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D

from . import lettering, style
from .changes import Changes
from .ground import (
    Extent,
    Floats,
    Ground,
    draw_basemap,
    draw_scale,
    extent_of,
    extent_of_most,
    ground_for,
)
from .placing import ink_of, label_countries, label_places
from .sheet import sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sco_network.analysis.compare import Comparison

# Classes of change, %, and the diameter of their symbols, points: the same on every map, so that
# maps of two scenarios can be laid side by side.
CLASSES = (0.1, 0.5, 2.0, 10.0, 50.0)
DIAMETERS = (4.5, 8.0, 12.5, 18.0, 25.0)
UNMOVED, NAMED = 2.2, 10  # diameter, points; how many places are named first
IN_FRAME = 1 / 40  # of the largest change: places that move by as much are in the frame
ALPHA = 0.72


@dataclass(frozen=True)
class Access:
    """Change of market access of each place, %; inf where there was none before."""

    percent: Floats

    @classmethod
    def of(cls, comparison: Comparison) -> Access:
        """Return 100 · (after − before) / before of every place."""
        old, new = comparison.before.market_access, comparison.after.market_access
        with np.errstate(invalid="ignore", divide="ignore"):
            percent = 100 * (new - old) / old
        return cls(np.where((old == 0) & (new == 0), 0.0, percent))

    @property
    def size(self) -> Any:
        """Class of each place: 0 for less than the smallest, then 1, 2, …."""
        return np.digitize(np.abs(self.percent), CLASSES)

    @property
    def sign(self) -> Any:
        """1 where a place gains, −1 where it loses, inf where it had no access before."""
        return np.where(np.isinf(self.percent), np.inf, np.sign(self.percent))

    @property
    def order(self) -> Any:
        """The places that move, those that move most first."""
        moved = np.flatnonzero(self.size)
        return moved[np.argsort(-np.abs(self.percent[moved]), kind="stable")]


def draw_access(
    comparison: Comparison, ax: Axes | None = None, *, basemap: str | None = None
) -> Axes:
    """Draw by how much each place's market access changes, in classes of percent.

    Parameters
    ----------
    basemap
        A GeoJSON file to draw beneath instead of the packaged base map, or `none`.
    """
    before = comparison.before
    network = comparison.after.network
    ground, access = ground_for(network, basemap), Access.of(comparison)
    points = ground.project(before.network.coordinates[before.rows])
    extent, outside = _frame(points, access)
    changes = Changes(network, ground)
    handles = _handles(access, has_lines=bool(changes.added))
    if ax is None:
        far = f" Outside the frame: {outside:,} more places that move." if outside else ""
        note = f"{_formula(comparison)}{far} {ground.note}{style.source_note(network)}"
        ax = sheet(
            extent,
            f"{lettering.drawable(comparison.title)}: change of market access",
            _subtitle(comparison, access),
            note + style.scenario_note(comparison),
            handles,
            row=0.36,
        )
    else:
        ax.legend(handles=handles, loc="lower right", fontsize=7.5).set_zorder(11)
    draw_basemap(ax, extent, ground)
    changes.draw_new(ax, width=1.8)
    ax.plot(*points[access.size == 0].T, **_UNMOVED, ms=UNMOVED, zorder=3)
    for size in range(len(CLASSES), 0, -1):  # the largest first, so that small ones lie on top
        for sign in (1.0, -1.0, np.inf):
            here = (access.size == size) & (access.sign == sign)
            if here.any():
                ax.plot(*points[here].T, **_look(sign, size), zorder=6)
    ink = np.vstack([ink_of(ax, changes.new_lines), _under_symbols(ax, points, access)])
    _label(ax, comparison, access, extent, ground, ink)
    return ax


def _label(
    ax: Axes,
    comparison: Comparison,
    access: Access,
    extent: Extent,
    ground: Ground,
    ink: Floats,
) -> None:
    """Name the places that move most, the countries, and then other places, large ones too."""
    before, network = comparison.before, comparison.after.network
    gaps = {before.terminals[i]: 2.5 + DIAMETERS[access.size[i] - 1] / 2 for i in access.order}
    named = list(gaps)[:NAMED]
    people = np.argsort(-before.population, kind="stable")
    rest = [*list(gaps)[NAMED:60], *(before.terminals[i] for i in people[:60])]
    options: dict[str, Any] = {"ground": ground, "ink": ink}
    boxes = [draw_scale(ax, ink)]
    boxes = label_places(ax, network, named, size=9, taken=boxes, needed=named, gap=gaps, **options)
    boxes = label_countries(ax, network, extent, taken=boxes, **options)
    others = [place for place in rest if place not in named]
    label_places(ax, network, others, size=8.5, taken=boxes, gap=gaps, **options)


def _frame(points: Floats, access: Access) -> tuple[Extent, int]:
    """Return the frame of the places that move most, and how many that move lie outside."""
    moved = points[access.order]
    if not len(moved):
        return extent_of_most(points)[0], 0
    change = np.minimum(np.abs(access.percent[access.order]), 1e3)
    frame = extent_of(moved[change >= change[0] * IN_FRAME], margin=0.08, least_km=1400)
    west, east, south, north = frame
    inside = ((moved > (west, south)) & (moved < (east, north))).all(axis=1)
    return frame, int((~inside).sum())


_UNMOVED: dict[str, Any] = {"marker": "o", "color": style.BEFORE, "ls": ""}


def _look(percent: float, size: int) -> dict[str, Any]:
    """Return a symbol: circles gain, triangles lose, diamonds are reached for the first time."""
    marker, colour = ("o", style.AFTER) if percent > 0 else ("v", style.WORSE)
    return {
        "marker": "D" if np.isinf(percent) else marker,
        "ms": 11.0 if np.isinf(percent) else DIAMETERS[size - 1],
        "mfc": colour,
        "mec": "white",
        "mew": 0.9,
        "alpha": ALPHA,
        "ls": "",
    }


def _under_symbols(ax: Axes, points: Floats, access: Access) -> Floats:
    """Return points in pixels under the symbols, which names cover only where they must."""
    disc = np.array([(x, y) for x in (-0.7, 0, 0.7) for y in (-0.7, 0, 0.7)])
    radius = np.array([DIAMETERS[k - 1] / 2 for k in access.size[access.order]])
    pixels = ax.transData.transform(points[access.order])
    spread = radius[:, None, None] * disc * ax.figure.dpi / 72
    under: Floats = (pixels[:, None] + spread).reshape(-1, 2)
    return under


def _handles(access: Access, *, has_lines: bool) -> list[Any]:
    """Return legend entries: every class, so that all maps have the same, and what else is."""
    bounds = [*pairwise(CLASSES), (CLASSES[-1], None)]
    words = [f"{low:g}–{high:g} %" if high else f"over {low:g} %" for low, high in bounds]
    change = access.percent[access.order]
    sign = -1.0 if len(change) and (change < 0).all() else 1.0
    found = [
        Line2D([], [], **_look(sign, k), label=f"{'Gain' if sign > 0 else 'Loss'} of {word}")
        for k, word in enumerate(words, 1)
    ]
    if sign > 0 and (change < 0).any():
        found.append(Line2D([], [], **_look(-1.0, 3), label="Loss, same sizes"))
    if np.isinf(change).any():
        found.append(Line2D([], [], **_look(np.inf, 3), label="Had no access before"))
    found.append(Line2D([], [], **_UNMOVED, ms=3.5, label=f"Less than {CLASSES[0]:g} %"))
    if has_lines:
        found.append(Line2D([], [], color=style.ADDED, lw=1.8, label="New line"))
    return found


def _subtitle(comparison: Comparison, access: Access) -> str:
    moved, people = access.size > 0, comparison.before.population
    parts = [
        f"{int(here.sum()):,} with {people[here].sum() / 1e6:,.0f} million people {what} "
        f"{CLASSES[0]:g} % or more"
        for here, what in (
            (moved & (access.percent > 0), "gain"),
            (moved & (access.percent < 0), "lose"),
        )
        if here.any()
    ]
    what = "; ".join(parts) or f"none gains or loses {CLASSES[0]:g} %"
    return f"By {comparison.by}, %. Of {len(people):,} places {what}."


def _formula(comparison: Comparison) -> str:
    theta = comparison.before.network.assumptions["market_access.theta"]
    power = "" if theta == 1 else f" to the power of {theta:g}"
    return (
        f"Market access of a place: the people of all other places, each over the "
        f"{comparison.by} to get there ({comparison.unit}{power}). Symbols have the same size in "
        f"every figure of this kind."
    )
