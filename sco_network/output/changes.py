"""What scenarios change of a network: the rows, and how a map shows them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from sco_network.model.changeset import CLOSED

from . import style
from .ground import Floats, Ground
from .links import draw_lines, lines_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sco_network.model.network import Network

MANY = 40  # borders and terminals that change, for smaller symbols
STATUS_ORDER = ("", *style.STATUS_LINES)
TABLES = ("links", "crossings", "transfers")  # whose changes are drawn
SHUT = frozenset(CLOSED.values())  # what the status of a closed row says


def ends_of(network: Network, table: str, row_id: str) -> tuple[str, ...]:
    """Return the places of a link or crossing (two) or of a transfer (one)."""
    row = network.tables[table].row(row_id)
    return tuple(row[c] for c in ("from_node_id", "to_node_id", "node_id") if row.get(c))


class Changes:
    """The rows that a network's scenarios add, open, change and close."""

    def __init__(self, network: Network, ground: Ground) -> None:
        self.network = network
        self.ground = ground
        settings, added = network.changes.settings, network.changes.added
        states = {(t, r): s.value for (t, r, c), s in settings.items() if c == "status"}
        opened = {k for k, v in states.items() if v in {"operating", "open"} and k not in added}
        self.added = sorted(r for t, r in added | opened if t == "links")
        self.closed = sorted(k for k, v in states.items() if v in SHUT)
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
                ends = [self.network.nodes.index[n] for n in ends_of(self.network, table, row_id)]
                points.append(self.ground.project(self.network.coordinates[ends]).mean(axis=0))
        return np.unique(np.array(points).reshape(-1, 2).round(1), axis=0)

    @cached_property
    def eased(self) -> dict[str, Any]:
        """The symbol of a border or terminal that changes: smaller where there are many."""
        return _EASED | (_SMALLER if len(self.spots(self.edited)) > MANY else {})

    @cached_property
    def places(self) -> list[str]:
        """The ends of what is added, changed or closed; of what is new first."""
        rows = [("links", r) for r in self.added] + self.closed + self.edited
        return list(dict.fromkeys(n for table, r in rows for n in ends_of(self.network, table, r)))

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
            line.set_path_effects(edged(style.UPGRADED, 4.2))
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


def edged(colour: str, width: float) -> list[Any]:
    """Return what gives the line of a legend an edge; `width`, points, is that of both."""
    from matplotlib.patheffects import Normal, Stroke

    return [Stroke(linewidth=width, foreground=colour), Normal()]
