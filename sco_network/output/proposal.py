"""A proposal on a map: what it adds, changes and closes, and the routes that move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from sco_network.routing.impedance import check_by
from sco_network.routing.route import Route, route_finder

from . import lettering, style
from .changes import Changes, edged
from .ground import Extent, Floats, Ground, draw_basemap, draw_scale, extent_of, ground_for
from .links import SHOWN_LAYERS, draw_lines, draw_links, layer_handles, layers_in, lines_of
from .placing import Room, ink_of, label_countries, label_places
from .sheet import sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sco_network.analysis.compare import Comparison
    from sco_network.model.network import Network

EXAMPLES = 3  # routes
NBSP = "\u00a0"
FEW = 24  # places of a proposal that are named before countries
FAINT_NETWORK = 0.6
ROUTE_EDGE = "#A89400"
OLD_ROUTE = "#8E8E8E"


def draw_comparison(
    comparison: Comparison, ax: Axes | None = None, *, basemap: str | None = None
) -> Axes:
    """Draw what a proposal adds, upgrades, eases and closes, and the routes that move most.

    Parameters
    ----------
    basemap
        A GeoJSON file to draw beneath instead of the packaged base map, or `none`.
    """
    network = comparison.after.network
    ground = ground_for(network, basemap)
    changes, moves = Changes(network, ground), telling_moves(comparison)
    extent = _frame(network, changes, moves, ground)
    there = layers_in(comparison.before.network, extent, ground)
    modes = comparison.before.modes
    layers = [layer for layer in SHOWN_LAYERS if layer in there and layer.split("-")[0] in modes]
    handles = [
        *changes.handles(),
        *_move_handles(moves),
        *layer_handles(layers, strength=FAINT_NETWORK),
    ]
    if ax is None:
        note = f"{ground.note}{style.source_note(network)}{style.scenario_note(comparison)}"
        title = lettering.drawable(comparison.title)
        ax = sheet(extent, title, _subtitle(comparison, moves), note, handles)
    else:
        ax.legend(handles=handles, loc="lower right", fontsize=7.5).set_zorder(11)
    draw_basemap(ax, extent, ground)
    draw_links(ax, comparison.before.network, layers, strength=FAINT_NETWORK, ground=ground)
    for move in moves:
        move.draw(ax, ground)
    changes.draw(ax)
    _label(ax, network, extent, ground, changes, moves)
    return ax


def _frame(network: Network, changes: Changes, moves: Sequence[Move], ground: Ground) -> Extent:
    """Return the frame of the changes and of the ends of the routes, else of the network."""
    places = [*changes.places, *(end for move in moves for end in move.ends)]
    rows = [network.nodes.index[n] for n in places]
    shown = [ground.project(network.coordinates[rows or slice(None)])]
    shown += [shapely.get_coordinates(move.lines(move.after, ground)) for move in moves]
    points = np.vstack(shown)
    return extent_of(points[np.isfinite(points).all(axis=1)], margin=0.09)


def _subtitle(comparison: Comparison, moves: Sequence[Move]) -> str:
    counts = comparison.pair_counts
    parts = [
        f"{counts[c]:,} {word}"
        for c, word in (
            ("improved", "improve"),
            ("newly_connected", "are newly connected"),
            ("worse", "get worse"),
            ("lost", "are lost"),
        )
        if counts[c]
    ]
    (content, *others) = (s.content for s in comparison.scenarios)
    status = "" if others or content.kind == "closure" else style.words(content.status)
    what = ", ".join(parts) or "none changes"
    pairs = f"By {comparison.by}, of {sum(counts.values()):,} ordered pairs of places: {what}."
    found = f"{status.capitalize()}. {pairs}" if status else pairs
    if moves:  # an example is never broken over two lines
        unbroken = (f"{i} {m.words(comparison)}".replace(" ", NBSP) for i, m in enumerate(moves, 1))
        found += f"\nRoutes that move most: {'; '.join(unbroken)}."
    return found


@dataclass(frozen=True)
class Move:
    """One pair of places: its best route before and after, and its category."""

    before: Route
    after: Route
    category: str

    @property
    def ends(self) -> tuple[str, str]:
        """Origin and destination."""
        return self.after.origin, self.after.destination

    @property
    def has_moved(self) -> bool:
        """Whether the way itself is another one."""
        return [leg.link_id for leg in self.before.legs] != [leg.link_id for leg in self.after.legs]

    def words(self, comparison: Comparison) -> str:
        """Return the ends, and the cost before and after."""
        network, unit = comparison.after.network, comparison.unit
        ends = " – ".join(style.place_name(network, end) for end in self.ends)
        old, new = self.before.total, self.after.total
        if self.category == "newly_connected":
            return f"{ends} {new:,.0f} {unit}, no route before"
        if self.category == "lost":
            return f"{ends} {old:,.0f} {unit}, then no route"
        percent = f"{100 * (new - old) / old:+.0f}".replace("-", "−")
        return f"{ends} {old:,.0f} → {new:,.0f} {unit} ({percent} %)"

    def lines(self, route: Route, ground: Ground) -> NDArray[np.object_]:
        """Return a route's links as lines on the map, in the direction of the route."""
        network = route.network
        lines = lines_of(network, [network.links.index[leg.link_id] for leg in route.legs], ground)
        if not len(lines):
            return lines
        nodes = [network.nodes.index[leg.from_node_id] for leg in route.legs]
        starts = shapely.points(ground.project(network.coordinates[nodes]))
        first, last = (shapely.distance(starts, shapely.get_point(lines, i)) for i in (0, -1))
        ordered: NDArray[np.object_] = np.where(first <= last, lines, shapely.reverse(lines))
        return ordered

    def draw(self, ax: Axes, ground: Ground) -> None:
        """Draw today's way as a grey band, and the way with the proposal as a yellow one."""
        if self.before.legs and self.has_moved:
            lines = self.lines(self.before, ground)
            draw_lines(
                ax,
                lines,
                edgecolor=OLD_ROUTE,
                linewidth=5,
                alpha=0.55,
                zorder=1.4,
                capstyle="round",
            )
        lines = self.lines(self.after, ground)
        for colour, width, order in ((ROUTE_EDGE, 7.4, 1.5), (style.ROUTE, 6.0, 1.6)):
            draw_lines(ax, lines, edgecolor=colour, linewidth=width, zorder=order, capstyle="round")

    def along(self, ground: Ground) -> Floats:
        """Return points along the route that is drawn, from its middle outwards."""
        lines = self.lines(self.after if self.after.legs else self.before, ground)
        if not len(lines):
            return np.empty((0, 2))
        ends = np.cumsum(shapely.length(lines))
        reached = ends[-1] * np.array([0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82])
        at = np.minimum(np.searchsorted(ends, reached), len(lines) - 1)
        left = reached - (ends - shapely.length(lines))[at]
        flat = shapely.line_interpolate_point(lines[at], left)
        points: Floats = shapely.get_coordinates(flat)
        return points


def telling_moves(comparison: Comparison, count: int = EXAMPLES) -> list[Move]:
    """Return the routes that move most, no place twice, and new pairs of countries first."""
    nodes = comparison.after.network.nodes
    frame = comparison.routes.head(4000)
    ends: set[str] = set()
    countries: set[frozenset[str]] = set()
    chosen: list[tuple[str, str, str]] = []
    for again in (False, True):
        for a, b, category in zip(frame["from"], frame["to"], frame["category"], strict=True):
            pair = frozenset(nodes["country"][nodes.index[n]] for n in (a, b))
            if len(chosen) == count:
                break
            if not {a, b} & ends and (again or pair not in countries):
                chosen.append((a, b, category))
                ends |= {a, b}
                countries.add(pair)
    by = check_by(comparison.by)
    before, after = (route_finder(s.graph, by) for s in (comparison.before, comparison.after))
    return [Move(before(a, b), after(a, b), category) for a, b, category in chosen]


def _move_handles(moves: Sequence[Move]) -> list[Any]:
    found: list[Any] = []
    numbers = ", ".join(str(i) for i, _ in enumerate(moves, 1))
    if any(move.after.legs for move in moves):
        band = Line2D([], [], color=style.ROUTE, lw=6, label=f"Best route with it ({numbers})")
        band.set_path_effects(edged(ROUTE_EDGE, 7.4))
        found.append(band)
    if any(move.before.legs and move.has_moved for move in moves):
        found.append(
            Line2D(
                [], [], color=OLD_ROUTE, lw=5, alpha=0.55, label="Best route today, where it moves"
            )
        )
    return found


def _label(
    ax: Axes,
    network: Network,
    extent: Extent,
    ground: Ground,
    changes: Changes,
    moves: Sequence[Move],
) -> None:
    """Name the ends of routes, what changes, the countries and then the largest cities."""
    lines = [changes.new_lines, changes.lines(changes.edited), changes.lines(changes.closed)]
    lines += [move.lines(move.after, ground) for move in moves]
    ink = ink_of(ax, np.concatenate(lines))
    boxes = _number(ax, moves, ground, [draw_scale(ax, ink), *changes.marks(ax)])
    options: dict[str, Any] = {"ground": ground, "ink": ink}
    ends = [end for move in moves for end in move.ends]
    changed = [place for place in changes.places if place not in ends]
    cities = network.nodes.ids[
        np.argsort(-np.nan_to_num(network.nodes["population"]), kind="stable")[:150]
    ]
    rest = [*changed[FEW:], *(c for c in cities if c not in {*ends, *changed})]
    boxes = label_places(ax, network, ends, size=9.5, taken=boxes, needed=ends, gap=6, **options)
    boxes = label_places(ax, network, changed[:FEW], size=9, taken=boxes, gap=6, **options)
    boxes = label_countries(ax, network, extent, taken=boxes, **options)
    label_places(ax, network, rest, size=8.5, taken=boxes, **options)


def _number(ax: Axes, moves: Sequence[Move], ground: Ground, taken: Sequence[Any]) -> list[Any]:
    """Write each route's number on it, near its middle; return the boxes taken."""
    room, numbers = Room(ax, taken), Room(ax)
    half = 8.5 * ax.figure.dpi / 72
    for number, move in enumerate(moves, 1):
        points = move.along(ground)
        pixels = ax.transData.transform(points) if len(points) else points
        boxes = np.hstack([pixels - half, pixels + half])
        if not len(boxes):
            continue
        # beside the symbols if there is room, else over them
        free = [*np.flatnonzero(room.is_free(boxes)), *np.flatnonzero(numbers.is_free(boxes)), 0]
        ax.annotate(
            str(number),
            tuple(points[free[0]]),
            fontsize=9,
            weight="bold",
            ha="center",
            va="center",
            color=style.INK,
            zorder=8.5,
            bbox={
                "boxstyle": "circle,pad=0.22",
                "facecolor": style.ROUTE,
                "edgecolor": style.INK,
                "linewidth": 0.9,
            },
        )
        for one in (room, numbers):
            one.take(boxes[free[0]])
    return room.taken
