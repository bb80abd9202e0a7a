"""Maps: the network, and a proposal before and after."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.lines import Line2D
from matplotlib.path import Path as DrawnPath
from numpy.typing import NDArray
from pyproj import Geod, Transformer

from sco_network.model.network import Network

from . import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sco_network.analysis.compare import Comparison

Floats = NDArray[np.float64]
Extent = tuple[float, float, float, float]  # west, east, south, north, km

# Albers equal-area conic for the middle of Eurasia: areas true, little distortion 20–60° N.
PROJECTION = "+proj=aea +lat_1=25 +lat_2=55 +lat_0=40 +lon_0=72 +ellps=WGS84 +units=m"
SHOWN_LAYERS = ("road", "sea", "rail-1435", "rail-1520", "rail-1676", "rail-1000", "oil", "gas")


@cache
def _transformer() -> Transformer:
    return Transformer.from_crs("EPSG:4326", PROJECTION, always_xy=True)


def project(lonlat: Floats) -> Floats:
    """Return map coordinates, km, for longitudes and latitudes, m × 2."""
    x, y = _transformer().transform(lonlat[:, 0], lonlat[:, 1])
    return np.column_stack([x, y]) / 1000


@cache
def basemap() -> dict[str, list[tuple[str, list[Floats]]]]:
    """Return the parts of the base map by kind: name and projected rings or lines."""
    text = resources.files("sco_network").joinpath("basemap/basemap.geojson").read_text("utf-8")
    parts: dict[str, list[tuple[str, list[Floats]]]] = {}
    for feature in json.loads(text)["features"]:
        rings = [project(np.array(ring)) for ring in _rings(feature["geometry"])]
        properties = feature["properties"]
        parts.setdefault(properties["kind"], []).append((properties.get("name") or "", rings))
    return parts


def _rings(geometry: dict[str, Any]) -> Iterable[list[list[float]]]:
    coordinates = geometry["coordinates"]
    match geometry["type"]:
        case "LineString":
            yield coordinates
        case "MultiLineString" | "Polygon":
            yield from coordinates
        case "MultiPolygon":
            for polygon in coordinates:
                yield from polygon


def draw_basemap(ax: Axes, extent: Extent) -> None:
    """Draw land, lakes, borders and disputed boundaries within (west, east, south, north), km."""
    west, east, south, north = extent
    ax.set_xlim(west, east)
    ax.set_ylim(south, north)
    ax.set_aspect("equal")
    ax.set_facecolor(style.SEA)
    ax.set_xticks([])
    ax.set_yticks([])
    base = basemap()
    for kind, colour in (("country", style.LAND), ("lake", style.LAKE)):
        rings = [ring for _, rings in base[kind] for ring in rings if _visible(ring, extent)]
        ax.add_collection(
            PathCollection(
                [DrawnPath(r) for r in rings], facecolor=colour, edgecolor="none", zorder=0
            )
        )
    for kind, dashes in (("border", "-"), ("disputed", (0, (3, 2)))):
        lines = [line for _, lines in base[kind] for line in lines if _visible(line, extent)]
        ax.add_collection(
            LineCollection(
                lines, colors=style.BORDER, linewidths=0.7, linestyles=[dashes], zorder=1
            )
        )


def _visible(line: Floats, extent: Extent) -> bool:
    west, east, south, north = extent
    low, high = line.min(axis=0), line.max(axis=0)
    return bool(low[0] < east and high[0] > west and low[1] < north and high[1] > south)


def course(network: Network, row: int) -> Floats:
    """Return the course of a link as longitudes and latitudes; without one, a great circle."""
    known = network.geometry.get(network.links.ids[row])
    if known is not None:
        return known
    index = network.nodes.index
    ends = [network.links[c][row] for c in ("from_node_id", "to_node_id")]
    a, b = network.coordinates[[index[e] for e in ends]]
    between = Geod(ellps="WGS84").npts(a[0], a[1], b[0], b[1], 12)
    return np.vstack([a, *between, b])


def _lines(network: Network, rows: Iterable[int]) -> list[Floats]:
    return [project(course(network, int(row))) for row in rows]


def draw_links(ax: Axes, network: Network, layers: Sequence[str], *, strength: float = 1.0) -> None:
    """Draw the operating links of some layers in the layers' colours."""
    status = network.links["status"]
    for layer in layers:
        rows = np.flatnonzero((network.layers == layer) & (status == "operating"))
        width = (0.7 if layer in {"road", "sea"} else 1.1) * strength
        if len(rows):
            # where the course is not known, a fainter line says so
            known = np.array([network.links.ids[r] in network.geometry for r in rows])
            ax.add_collection(
                LineCollection(
                    _lines(network, rows),
                    colors=style.LAYER_COLOURS[layer],
                    linewidths=np.where(known, width, 0.6 * width),
                    alpha=np.where(known, 1.0, 0.45),
                    linestyles=[(0, (4, 2)) if layer == "sea" else "-"],
                    zorder=2,
                )
            )


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


def label_places(
    ax: Axes, network: Network, node_ids: Sequence[str], *, size: float = 7.5, taken: Any = None
) -> list[Any]:
    """Write the names of places, the first ones first; a name that would overlap is left out."""
    figure = ax.figure
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    boxes = list(taken or [])
    frame = ax.get_window_extent(renderer)
    (west, east), (south, north) = ax.get_xlim(), ax.get_ylim()
    points = project(network.coordinates[[network.nodes.index[n] for n in node_ids]])
    for node_id, (x, y) in zip(node_ids, points, strict=True):
        if not (west < x < east and south < y < north):
            continue
        for dx, dy, ha, va in _PLACES:
            text = ax.annotate(
                network.name_of(node_id),
                (x, y),
                xytext=(dx, dy),
                textcoords="offset points",
                fontsize=size,
                color=style.INK,
                ha=ha,
                va=va,
                zorder=9,
                path_effects=_halo(),
            )
            box = text.get_window_extent(renderer).expanded(1.02, 1.05)
            inside = frame.contains(box.x0, box.y0) and frame.contains(box.x1, box.y1)
            if inside and not any(box.overlaps(other) for other in boxes):
                boxes.append(box)
                ax.plot(x, y, "o", ms=3, mfc="white", mec=style.INK, mew=0.8, zorder=8)
                break
            text.remove()
    return boxes


_PLACES = (
    (4, 3, "left", "bottom"),
    (-4, 3, "right", "bottom"),
    (4, -3, "left", "top"),
    (-4, -3, "right", "top"),
)


def _halo() -> list[Any]:
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=2, foreground="white")]


def label_countries(ax: Axes, network: Network, extent: Extent) -> list[Any]:
    """Write the names of the countries whose places are in view, in the middle of them."""
    renderer = ax.figure.canvas.get_renderer()  # type: ignore[attr-defined]
    frame = ax.get_window_extent(renderer)
    countries = network.tables["countries"]
    points = project(network.coordinates)
    west, east, south, north = extent
    inside = (
        (points[:, 0] > west)
        & (points[:, 0] < east)
        & (points[:, 1] > south)
        & (points[:, 1] < north)
    )
    boxes: list[Any] = []
    for row in range(len(countries)):
        here = inside & (network.nodes["country"] == countries.ids[row])
        if here.sum() < 3:
            continue
        x, y = np.median(points[here], axis=0)
        text = ax.text(
            x,
            y,
            countries["name"][row].upper(),
            fontsize=8.5,
            color=style.FAINT,
            alpha=0.75,
            ha="center",
            va="center",
            zorder=7,
            path_effects=_halo(),
        )
        box = text.get_window_extent(renderer)
        inside_frame = frame.contains(box.x0, box.y0) and frame.contains(box.x1, box.y1)
        if not inside_frame or any(box.overlaps(other) for other in boxes):
            text.remove()
        else:
            boxes.append(box)
    return boxes


def draw_scale(ax: Axes) -> None:
    """Draw a scale bar in the lower left corner."""
    west, east = ax.get_xlim()
    south, north = ax.get_ylim()
    span = east - west
    length = min((50, 100, 200, 500, 1000, 2000), key=lambda km: abs(km - span / 6))
    x, y = west + span * 0.03, south + (north - south) * 0.035
    ax.plot([x, x + length], [y, y], color=style.INK, lw=2.5, zorder=10, solid_capstyle="butt")
    ax.text(
        x + length / 2,
        y + (north - south) * 0.012,
        f"{length:,} km",
        ha="center",
        fontsize=7.5,
        color=style.INK,
        zorder=10,
        path_effects=_halo(),
    )


def draw_network(network: Network, ax: Axes | None = None) -> Axes:
    """Draw the whole network by mode and gauge."""
    if ax is None:
        figure = style.new_figure(15, 10.4)
        ax = figure.add_axes((0.01, 0.045, 0.98, 0.905))
        figure.suptitle("The base network by mode and gauge", x=0.01, ha="left", fontsize=15)
    points = project(network.coordinates)
    low, high = np.percentile(points, [1.5, 98.5], axis=0)
    west, south, east, north = (float(v) for v in (*low, *high))
    extent = (west - 350, east + 350, south - 300, north + 300)
    draw_basemap(ax, extent)
    layers = [layer for layer in SHOWN_LAYERS if (network.layers == layer).any()]
    draw_links(ax, network, layers)
    boxes = label_countries(ax, network, extent)
    order = np.argsort(-np.nan_to_num(network.nodes["population"]))
    label_places(ax, network, network.nodes.ids[order[:140]].tolist(), size=6.5, taken=boxes)
    handles = [
        Line2D([], [], color=style.LAYER_COLOURS[la], lw=1.8, label=style.LAYER_WORDS[la])
        for la in layers
    ]
    ax.legend(handles=handles, loc="lower right", fontsize=8, framealpha=0.95)
    draw_scale(ax)
    _foot(ax, "Operating links, 2026; faint where the course is not known.")
    return ax


def _foot(ax: Axes, text: str) -> None:
    ax.figure.text(
        0.012,
        0.012,
        f"{text} {style.BORDER_NOTE} {style.SOURCE_NOTE}",
        fontsize=6.8,
        color=style.FAINT,
    )


def draw_comparison(comparison: Comparison, ax: Axes | None = None) -> Axes:
    """Draw what a proposal adds, upgrades, eases and closes, and the routes that gain most."""
    if ax is None:
        figure = style.new_figure(11, 8.6)
        ax = figure.add_axes((0.012, 0.045, 0.976, 0.875))
        figure.suptitle(
            comparison.title, x=0.012, y=0.985, ha="left", va="top", fontsize=14, wrap=True
        )
        figure.text(0.012, 0.935, _subtitle(comparison), ha="left", fontsize=9, color=style.FAINT)
    network, changes = comparison.after.network, _Changes(comparison)
    shown = _top_routes(comparison)
    extent = extent_of(project(changes.points(shown)))
    draw_basemap(ax, extent)
    layers = [layer for layer in SHOWN_LAYERS if layer.split("-")[0] in comparison.before.modes]
    draw_links(ax, comparison.before.network, layers, strength=0.75)
    for route in shown:
        rows = [network.links.index[leg.link_id] for leg in route.legs]
        ax.add_collection(
            LineCollection(
                _lines(network, rows),
                colors=style.ROUTE,
                linewidths=6.5,
                alpha=0.75,
                zorder=1.5,
                capstyle="round",
            )
        )
    changes.draw(ax)
    handles = changes.handles()
    if shown:
        handles.append(
            Line2D(
                [], [], color=style.ROUTE, lw=6.5, alpha=0.75, label="Best route with it (examples)"
            )
        )
    used = {network.layers[r] for r in range(len(network.links))}
    handles += [
        Line2D([], [], color=style.LAYER_COLOURS[la], lw=1.5, label=style.LAYER_WORDS[la])
        for la in layers
        if la in used
    ]
    legend = ax.legend(handles=handles, loc="lower right", fontsize=7.5, framealpha=0.95)
    legend.set_zorder(11)
    renderer = ax.figure.canvas.get_renderer()  # type: ignore[attr-defined]
    boxes = [legend.get_window_extent(renderer)]
    ends = [place for route in shown for place in (route.origin, route.destination)]
    cities = np.argsort(-np.nan_to_num(network.nodes["population"]))
    wanted = list(
        dict.fromkeys([*ends, *changes.places, *network.nodes.ids[cities[:120]].tolist()])
    )
    boxes = label_places(ax, network, wanted, taken=boxes)
    label_countries(ax, network, extent)
    draw_scale(ax)
    _foot(ax, "")
    return ax


def _subtitle(comparison: Comparison) -> str:
    counts = comparison.pair_counts
    parts = [
        f"{counts[c]:,} {style.words(c)}"
        for c in ("improved", "newly_connected", "worse", "lost")
        if counts[c]
    ]
    content = comparison.scenarios[0].content
    status = style.words(content.status) if len(comparison.scenarios) == 1 else "combined"
    what = ", ".join(parts) or "no pair changes"
    return f"Status: {status}.  Pairs of places by {comparison.by} ({comparison.unit}): {what}."


def _top_routes(comparison: Comparison, count: int = 3) -> list[Any]:
    from sco_network.routing.route import find_routes

    found: list[Any] = []
    ends: set[str] = set()
    gains = comparison.routes
    gains = gains[gains["category"].isin(["improved", "newly_connected"])]
    for origin, destination in zip(gains["from"], gains["to"], strict=True):
        if {origin, destination} & ends:
            continue
        ends |= {origin, destination}
        found += find_routes(
            comparison.after.network,
            origin,
            destination,
            by=comparison.by,
            modes=comparison.before.modes,
        )
        if len(found) == count:
            break
    return found


class _Changes:
    """The rows that a comparison's scenarios add, change and close."""

    def __init__(self, comparison: Comparison) -> None:
        self.network = comparison.after.network
        changes = self.network.changes
        self.added = [r for t, r in sorted(changes.added) if t == "links"]
        edited = {(t, r) for t, r, _ in changes.settings if (t, r) not in changes.added}
        self.closed = sorted(
            (t, r)
            for (t, r, c), s in changes.settings.items()
            if c == "status" and s.value in {"closed", "suspended"}
        )
        self.edited = sorted(edited - set(self.closed))
        statuses = {s.id: s.content.status for sc in comparison.scenarios for s in sc.whole}
        self.status = {
            r: statuses.get(s.scenario, "")
            for (t, r, c), s in changes.settings.items()
            if t == "links" and c == "link_id"
        }

    def _link_rows(self, table_rows: Iterable[tuple[str, str]]) -> list[int]:
        return [self.network.links.index[r] for t, r in table_rows if t == "links"]

    def _spots(self, table_rows: Iterable[tuple[str, str]]) -> Floats:
        """Map points of crossings (half way between their ends) and transfers."""
        network, points = self.network, []
        for table, row_id in table_rows:
            row = network.tables[table].row(row_id) if table in {"crossings", "transfers"} else {}
            ends = [row[c] for c in ("from_node_id", "to_node_id", "node_id") if row.get(c)]
            if ends:
                xy = network.coordinates[[network.nodes.index[e] for e in ends]]
                points.append(project(xy).mean(axis=0))
        return np.array(points).reshape(-1, 2)

    @property
    def places(self) -> list[str]:
        """The ends of what is added, changed or closed."""
        network, found = self.network, []
        rows = [("links", r) for r in self.added] + self.edited + self.closed
        for table, row_id in rows:
            row = network.tables[table].row(row_id)
            found += [row[c] for c in ("from_node_id", "to_node_id", "node_id") if row.get(c)]
        return list(dict.fromkeys(found))

    def points(self, routes: Sequence[Any]) -> Floats:
        """Longitudes and latitudes that the map has to show."""
        nodes = self.places + [r.origin for r in routes] + [r.destination for r in routes]
        rows = [self.network.nodes.index[n] for n in nodes]
        return self.network.coordinates[rows or slice(None)]

    def draw(self, ax: Axes) -> None:
        """Draw the changes above the base network."""
        lines = _lines(self.network, self._link_rows(self.edited))
        ax.add_collection(LineCollection(lines, colors=style.UPGRADED, linewidths=2.6, zorder=4))
        for link_id in self.added:
            (line,) = _lines(self.network, [self.network.links.index[link_id]])
            dashes = style.STATUS_LINES.get(self.status.get(link_id, ""), "-")
            ax.plot(*line.T, color="white", lw=4.2, zorder=5, solid_capstyle="butt")
            ax.plot(*line.T, color=style.ADDED, lw=2.8, ls=dashes, zorder=5.5)
        lines = _lines(self.network, self._link_rows(self.closed))
        ax.add_collection(LineCollection(lines, colors=style.CLOSED, linewidths=2.6, zorder=4))
        eased, shut = self._spots(self.edited), self._spots(self.closed)
        ax.plot(*eased.T, "o", ms=7, mfc="white", mec=style.UPGRADED, mew=2, zorder=6, ls="")
        ax.plot(*shut.T, "X", ms=9, mfc=style.CLOSED, mec="white", zorder=6, ls="")

    def handles(self) -> list[Line2D]:
        """Legend entries of what there is."""
        found: list[Line2D] = []
        styles = {self.status.get(r, "") for r in self.added}
        for status in sorted(styles):
            dashes = style.STATUS_LINES.get(status, "-")
            label = f"Added ({style.words(status)})" if status else "Added"
            found.append(Line2D([], [], color=style.ADDED, lw=2.8, ls=dashes, label=label))
        spots = [e for e in self.edited if e[0] in {"crossings", "transfers"}]
        if any(t == "links" for t, _ in self.edited):
            found.append(Line2D([], [], color=style.UPGRADED, lw=2.6, label="Upgraded"))
        if spots:
            found.append(
                Line2D(
                    [],
                    [],
                    ls="",
                    marker="o",
                    ms=7,
                    mfc="white",
                    mec=style.UPGRADED,
                    mew=2,
                    label="Border or terminal changed",
                )
            )
        if self.closed:
            found.append(
                Line2D(
                    [], [], ls="", marker="X", ms=9, mfc=style.CLOSED, mec="white", label="Closed"
                )
            )
        return found


__all__ = ["draw_basemap", "draw_comparison", "draw_network", "project"]
