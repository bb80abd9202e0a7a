"""A proposal on a map: what it adds, changes and closes, and the routes that move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from sco_network.routing.impedance import check_by
from sco_network.routing.route import Route, route_finder

from . import style
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
MANY = 40  # borders and terminals that change, for smaller symbols
FAINT_NETWORK = 0.6
ROUTE_EDGE = "#A89400"
OLD_ROUTE = "#8E8E8E"
CLOSED_WORDS = {"closed", "suspended"}
STATUS_ORDER = ("", *style.STATUS_LINES)
TABLES = {"links": "link", "crossings": "border crossing", "transfers": "terminal"}


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
        note = f"{ground.note}{style.source_note(network)}{sources_of(comparison)}"
        title = style.drawable(comparison.title)
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


def sources_of(comparison: Comparison, most: int = 5) -> str:
    """Return the publishers of what is known of the proposal."""
    table = comparison.before.network.tables["sources"]
    cited = dict.fromkeys(
        source
        for scenario in comparison.scenarios
        for part in scenario.whole
        for source in part.content.sources
    )
    named = dict.fromkeys(
        f"{table.row(s)['publisher']} {_year(table.row(s)['year'])}".strip()
        for s in cited
        if s in table
    )
    if not named:
        return ""
    more = f" and {len(named) - most} more" if len(named) > most else ""
    return f" Scenario: {'; '.join(list(named)[:most])}{more}."


def _year(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and np.isfinite(value) else str(value or "")


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
        band.set_path_effects(_edge())
        found.append(band)
    if any(move.before.legs and move.has_moved for move in moves):
        found.append(
            Line2D(
                [], [], color=OLD_ROUTE, lw=5, alpha=0.55, label="Best route today, where it moves"
            )
        )
    return found


def _edge() -> list[Any]:
    from matplotlib.patheffects import Normal, Stroke

    return [Stroke(linewidth=7.4, foreground=ROUTE_EDGE), Normal()]


class Changes:
    """The rows that a network's scenarios add, open, change and close."""

    def __init__(self, network: Network, ground: Ground) -> None:
        self.network = network
        self.ground = ground
        settings, added = network.changes.settings, network.changes.added
        states = {(t, r): s.value for (t, r, c), s in settings.items() if c == "status"}
        opened = {k for k, v in states.items() if v in {"operating", "open"} and k not in added}
        self.added = sorted(r for t, r in added | opened if t == "links")
        self.closed = sorted(k for k, v in states.items() if v in CLOSED_WORDS)
        edited = {(t, r) for t, r, _ in settings} - added - set(self.closed)
        self.edited = sorted(k for k in edited if k[0] in TABLES and k[1] not in self.added)

    @cached_property
    def status(self) -> dict[str, str]:
        """How firm the proposal is that adds a link."""
        known = {
            part.id: part.content.status if part.content.kind != "closure" else ""
            for scenario in self.network.scenarios
            for part in scenario.whole
        }
        return {
            r: known.get(s.scenario, "")
            for (t, r, c), s in self.network.changes.settings.items()
            if t == "links" and r in set(self.added)
        }

    def lines(self, table_rows: Iterable[tuple[str, str]]) -> NDArray[np.object_]:
        """Return the links among some rows as lines on the map."""
        rows = [self.network.links.index[r] for t, r in table_rows if t == "links"]
        return lines_of(self.network, rows, self.ground)

    @cached_property
    def new_lines(self) -> NDArray[np.object_]:
        """The links that are added or opened, as lines on the map."""
        return self.lines(("links", r) for r in self.added)

    def spots(self, table_rows: Iterable[tuple[str, str]]) -> Floats:
        """Return map points of crossings (half way between their ends) and transfers."""
        points = []
        for table, row_id in table_rows:
            if table in {"crossings", "transfers"}:
                ends = [self.network.nodes.index[n] for n in self._nodes(table, row_id)]
                points.append(self.ground.project(self.network.coordinates[ends]).mean(axis=0))
        return np.unique(np.array(points).reshape(-1, 2).round(1), axis=0)

    @cached_property
    def eased(self) -> dict[str, Any]:
        """The symbol of a border or terminal that changes: smaller where there are many."""
        return _EASED | (_SMALLER if len(self.spots(self.edited)) > MANY else {})

    def _nodes(self, table: str, row_id: str) -> list[str]:
        row = self.network.tables[table].row(row_id)
        return [row[c] for c in ("from_node_id", "to_node_id", "node_id") if row.get(c)]

    @cached_property
    def places(self) -> list[str]:
        """The ends of what is added, changed or closed; of what is new first."""
        rows = [("links", r) for r in self.added] + self.closed + self.edited
        return list(dict.fromkeys(n for table, r in rows for n in self._nodes(table, r)))

    def draw(self, ax: Axes) -> None:
        """Draw the changes above the base network."""
        upgraded = self.lines(self.edited)
        # hollow, so that an upgrade and a new line differ in grey, too
        for colour, width, order in ((style.UPGRADED, 4.2, 4.0), ("white", 1.5, 4.1)):
            draw_lines(ax, upgraded, edgecolor=colour, linewidth=width, zorder=order)
        self.draw_new(ax)
        closed = self.lines(self.closed)
        draw_lines(ax, closed, edgecolor=style.CLOSED, linewidth=1.6, zorder=4.5)
        crosses = [self.spots(self.closed)]
        if len(closed):
            half = shapely.line_interpolate_point(closed, 0.5, normalized=True)
            crosses.append(shapely.get_coordinates(half))
        ax.plot(*self.spots(self.edited).T, **self.eased, zorder=6)
        ax.plot(*np.vstack(crosses).T, **_SHUT, zorder=6.5)

    def draw_new(self, ax: Axes, *, width: float = 3.4) -> None:
        """Draw the links that are added or opened, dashed by how firm the proposal is."""
        draw_lines(ax, self.new_lines, edgecolor="white", linewidth=width + 2, zorder=5, alpha=0.9)
        for status in set(self.status.values()):
            rows = [r for r in self.added if self.status.get(r, "") == status]
            draw_lines(
                ax,
                self.lines(("links", r) for r in rows),
                edgecolor=style.ADDED,
                linewidth=width,
                linestyle=style.STATUS_LINES.get(status, "-"),
                zorder=5.5,
            )

    def marks(self, ax: Axes) -> list[Any]:
        """Return the boxes of the symbols of what changes or is closed, pixels."""
        points = np.vstack([self.spots(self.edited), self.spots(self.closed)])
        half = 0.43 * self.eased["ms"] * ax.figure.dpi / 72
        return [Bbox([at - half, at + half]) for at in ax.transData.transform(points)]

    def handles(self) -> list[Any]:
        """Return legend entries of what there is."""
        found: list[Any] = []
        for status in sorted(set(self.status.values()), key=STATUS_ORDER.index):
            dashes = style.STATUS_LINES.get(status, "-")
            label = f"New line ({style.words(status)})" if status else "New line"
            found.append(Line2D([], [], color=style.ADDED, lw=3.4, ls=dashes, label=label))
        if any(t == "links" for t, _ in self.edited):
            line = Line2D([], [], color="white", lw=1.5, label="Upgraded line")
            line.set_path_effects(_hollow())
            found.append(line)
        if any(t in {"crossings", "transfers"} for t, _ in self.edited):
            found.append(Line2D([], [], **self.eased, label="Border or terminal changed"))
        if self.closed:
            found.append(Line2D([], [], **_SHUT, color=style.CLOSED, label="Closed"))
        return found


_EASED: dict[str, Any] = {
    "ls": "",
    "marker": "o",
    "ms": 7.5,
    "mfc": "white",
    "mec": style.UPGRADED,
    "mew": 2.2,
}
_SMALLER: dict[str, Any] = {"ms": 4.8, "mew": 1.5}
_SHUT: dict[str, Any] = {
    "ls": "",
    "marker": "X",
    "ms": 10,
    "mfc": style.CLOSED,
    "mec": "white",
    "mew": 1.0,
}


def _hollow() -> list[Any]:
    from matplotlib.patheffects import Normal, Stroke

    return [Stroke(linewidth=4.2, foreground=style.UPGRADED), Normal()]


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
