"""Pipeline flows on maps, before and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.transforms import Bbox

from . import lettering, style
from .flows import ASSIGNMENT, LIMITS, amount, ends_words
from .ground import Extent, Floats, Ground, draw_basemap, draw_scale, extent_of, ground_for
from .links import course, lines_of
from .placing import ink_of, label_countries, label_places

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sco_network.analysis.flows import Flows
    from sco_network.analysis.pipelines import Flow

# Free pipes are blue, the darker the fuller; a pipe that is full is orange with a dark edge, which
# tells it in grey, too.
FULL = "#D55E00"
USED = LinearSegmentedColormap.from_list("used", ["#9ECAE1", "#2171B5", "#08306B"])
UNUSED, NARROW = "#A8A8A8", "#000000"
WIDEST, EDGE = 7.0, 2.0  # points
SIDES = np.array([(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)])  # of a line
TODAY, WITH_IT = "today", "with it"
HEADING, SCALES, APART = 0.52, 0.5, 0.2  # inches: over a map, under all, between two
LETTERS = 10.0  # of a heading, points
FIRST, MOST_NAMED = 6, 40  # places named before countries, and in all


def draw_flows(found: Sequence[Flows], *, basemap: str | None = None) -> Axes:
    """Draw one pair of ends of each answer on maps: today where anything flows, and after.

    Width is flow and colour the share of capacity used, on one scale for all maps.

    Parameters
    ----------
    basemap
        A GeoJSON file to draw beneath instead of the packaged base map, or `none`.
    """
    panels = [
        (one, flow, when)
        for one in (f.telling for f in found)
        if one is not None
        for flow, when in _moments(one)
    ]
    if not panels:
        figure = style.new_figure(8, 2)
        ax = figure.add_axes((0, 0, 1, 1))
        ax.set_axis_off()
        what = f"No {found[0].commodity} pipeline leads from any country to another."
        ax.text(0.5, 0.5, what, ha="center", color=style.FAINT)
        return ax
    most = max(float(np.abs(flow.by_link).max()) for _, flow, _ in panels) or 1.0
    ground = ground_for(found[0].after.network, basemap)
    across = min(len(panels), 2)
    down = -(-len(panels) // across)
    width = 15.0 if across == 2 else 10.0
    wide = (width - 2 * style.MARGIN - APART * (across - 1)) / across
    high = 0.75 * wide  # a map is 4 wide and 3 high
    figure, box = style.titled_figure(
        width,
        (high + HEADING) * down + SCALES,
        f"What {found[0].commodity} pipelines can carry, {found[0].unit}",
        f"{LIMITS} {ASSIGNMENT}",
        f"Grey: operating pipelines that carry none of this flow. Straight: course not known. "
        f"{ground.note}{style.source_note(found[0].after.network)}",
    )
    for i, (one, flow, when) in enumerate(panels):
        row, column = divmod(i, across)
        left = style.MARGIN + column * (wide + APART)
        ax = style.panel(figure, box, left, row * (high + HEADING) + HEADING, wide, high)
        _draw_panel(ax, one, flow, most, ground)
        lines = [*([f"{one.title}, {when}"] if one.scenarios else []), _answer(one, flow, when)]
        words = [lettering.shortened(lettering.drawable(line), wide, LETTERS) for line in lines]
        ax.set_title("\n".join(words), loc="left", fontsize=LETTERS)
    _draw_scales(figure, box[1], most, found[0].unit)
    return figure.axes[0]


def _answer(one: Flows, flow: Flow, when: str) -> str:
    """Return the amount that flows, with that of today where no map shows it."""
    ends, now = ends_words(one), amount(flow, one.unit)
    if one.joint is None or when == TODAY or one.joint[0].value > 0:
        return f"{ends}: {now}"
    return f"{ends}: {amount(one.joint[0], one.unit)} today → {now} with it"


def _moments(one: Flows) -> list[tuple[Flow, str]]:
    """Return what is drawn of an answer: before only where something flows then."""
    if one.joint is None:
        return []
    before, after = one.joint
    if not one.scenarios:
        return [(after, TODAY)]
    return [(before, TODAY), (after, WITH_IT)] if before.value > 0 else [(after, WITH_IT)]


def _draw_panel(ax: Axes, one: Flows, flow: Flow, most: float, ground: Ground) -> None:
    """Draw one flow on its map: pipes, bottlenecks, names."""
    lines = flow.pipelines
    courses = [ground.project(course(lines.network, int(row))) for row in lines.rows]
    extent = _extent(one, ground)
    draw_basemap(ax, extent, ground)
    _draw_pipes(ax, flow, courses, most)
    narrow = set(flow.bottlenecks()["link_id"])
    ids = lines.network.links.ids[lines.rows]
    middles = [
        _middle(line) for line, link_id in zip(courses, ids, strict=True) if link_id in narrow
    ]
    spots = np.array(middles).reshape(-1, 2)
    ax.plot(*spots.T, **_BOTTLENECK, zorder=6)
    used = lines.rows[np.flatnonzero(flow.by_link)]
    middle = ink_of(ax, lines_of(lines.network, used, ground))
    half = 0.5 * (WIDEST + EDGE) * ax.figure.dpi / 72
    ink = np.vstack([middle + half * side for side in SIDES])
    # a name must not cover the mark of a bottleneck
    marks = [Bbox.from_bounds(x - 14, y - 14, 28, 28) for x, y in ax.transData.transform(spots)]
    _label(ax, flow, extent, [draw_scale(ax, ink), *marks], ink, ground)


_BOTTLENECK: dict[str, Any] = {
    "ls": "",
    "marker": "D",
    "ms": 6.5,
    "mfc": "white",
    "mec": NARROW,
    "mew": 1.4,
}


def _draw_pipes(ax: Axes, flow: Flow, courses: list[Floats], most: float) -> None:
    """Draw all pipes, those in use by how much they carry and how full they are."""
    amounts = np.abs(flow.by_link)
    ax.add_collection(LineCollection(courses, colors=UNUSED, linewidths=0.7, zorder=2))
    used = np.flatnonzero(amounts)
    share = amounts[used] / flow.pipelines.capacity[used]
    drawn, widths = [courses[at] for at in used], _width(amounts[used], most)
    edges = np.where(_is_full(share), widths + EDGE, 0.0)
    fills = [_colour(s) for s in share]
    for colours, thick, order in ((style.INK, edges, 3.9), (fills, widths, 4.0)):
        look: dict[str, Any] = {"colors": colours, "linewidths": thick, "zorder": order}
        ax.add_collection(LineCollection(drawn, capstyle="round", **look))


def _width(amount: Any, most: float) -> Any:
    """Return the width of a pipe, points, by what it carries."""
    return 0.8 + (WIDEST - 0.8) * amount / most


def _is_full(share: Any) -> Any:
    return share > 1 - 1e-6


def _colour(share: float) -> Any:
    return FULL if _is_full(share) else USED(share)


def _middle(line: Floats) -> Floats:
    """Return the point half way along a line."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    return np.array([np.interp(along[-1] / 2, along, line[:, k]) for k in (0, 1)])


def _extent(one: Flows, ground: Ground) -> Extent:
    """Return the frame of all that flows before and after, so that both maps show the same."""
    points = [
        ground.project(course(flow.pipelines.network, int(flow.pipelines.rows[at])))
        for flow in one.joint or ()
        for at in np.flatnonzero(flow.by_link)
    ]
    return extent_of(np.vstack(points) if points else ground.project(one.after.network.coordinates))


def _label(
    ax: Axes, flow: Flow, extent: Extent, taken: list[Any], ink: Floats, ground: Ground
) -> None:
    """Name the ends of the flow and the places on its way, those that carry most first."""
    lines, amounts = flow.pipelines, np.abs(flow.by_link)
    network, arcs, m = lines.network, lines.arcs, len(lines.rows)
    ids = list(lines.places)
    through = np.zeros(arcs.n)
    np.maximum.at(through, arcs.tail[:m], amounts)
    np.maximum.at(through, arcs.head[:m], amounts)
    ends = np.concatenate([flow.sources, flow.sinks])
    rank = through + np.where(np.isin(np.arange(arcs.n), ends), 1e6, 0)
    order = [i for i in np.argsort(-rank, kind="stable").tolist() if through[i] > 0]
    places = [ids[i] for i in order[:MOST_NAMED]]
    options: dict[str, Any] = {"ground": ground, "ink": ink}
    beside = {"size": 8.5, "cover": np.inf, **options}  # a place lies on its line
    boxes = label_places(ax, network, places[:FIRST], taken=taken, **beside)
    boxes = label_countries(ax, network, extent, taken=boxes, **options)
    label_places(ax, network, places[FIRST:], taken=boxes, **beside)


def _draw_scales(figure: Figure, bottom: float, most: float, unit: str) -> None:
    """Draw the scales of width and colour, and the mark of a bottleneck, at the foot."""
    height = figure.get_figheight()
    ax = figure.add_axes((0.008, bottom + 0.06 / height, 0.98, 0.36 / height))
    ax.set_xlim(0, 100)
    ax.set_ylim(0, 1)
    ax.set_axis_off()
    x = 0.0
    for step in style.round_steps(most, 5, 2, 1):
        look: dict[str, Any] = {"color": USED(0.6), "lw": _width(step, most)}
        ax.plot([x, x + 4], [0.5, 0.5], solid_capstyle="butt", **look)
        ax.text(x + 4.6, 0.5, f"{step:g} {unit}", va="center", fontsize=8)
        x += 11
    for i in range(20):
        ax.fill_between([x + 0.5 * i, x + 0.5 * i + 0.5], 0.3, 0.7, color=USED(i / 19), lw=0)
    ax.text(x, 0.74, "0 %", fontsize=7, va="bottom")
    ax.text(x + 10, 0.74, "100 % used", fontsize=7, va="bottom", ha="right")
    for colour, width in ((style.INK, 5 + EDGE), (FULL, 5)):
        ax.plot([x + 12, x + 15], [0.5, 0.5], color=colour, lw=width, solid_capstyle="butt")
    ax.text(x + 15.6, 0.5, "full", va="center", fontsize=8)
    ax.plot(x + 21, 0.5, **_BOTTLENECK)
    mark = "bottleneck (minimum cut); between two marks all is as narrow"
    ax.text(x + 22, 0.5, mark, va="center", fontsize=8)
