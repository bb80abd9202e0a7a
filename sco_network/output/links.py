"""Links on maps: their courses, and how each layer is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from sco_network.model.network import Network

from . import style
from .ground import GROUND, Extent, Floats, Ground, cut, draw_pieces

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# What lies below comes first.
SHOWN_LAYERS = (
    "road",
    "sea",
    "oil",
    "gas",
    "rail",
    "rail-1000",
    "rail-1676",
    "rail-1435",
    "rail-1520",
)
STEPS = 12  # points of a great circle between its ends


def course(network: Network, row: int) -> Floats:
    """Return the course of a link as longitudes and latitudes; without one, a great circle."""
    (line,) = courses(network, [row])
    return line


def courses(network: Network, rows: Iterable[int]) -> list[Floats]:
    """Return the courses of links as longitudes and latitudes, m × 2 each."""
    chosen = np.fromiter((int(r) for r in rows), dtype=np.int64)
    ids, known = network.links.ids, network.geometry
    found: list[Any] = [known.get(ids[row]) for row in chosen]
    without = [i for i, line in enumerate(found) if line is None]
    if without:
        index, links = network.nodes.index, network.links
        a, b = (
            network.coordinates[[index[links[end][row]] for row in chosen[without]]]
            for end in ("from_node_id", "to_node_id")
        )
        for i, line in zip(without, great_circles(a, b), strict=True):
            found[i] = line
    return found


def great_circles(a: Floats, b: Floats) -> Floats:
    """Return great circles between points given as longitudes and latitudes, n × m × 2.

    Spherical linear interpolation (Shoemake 1985). A quarter of the equator, half way:

    >>> great_circles(np.array([[0.0, 0.0]]), np.array([[90.0, 0.0]]))[0, 0].tolist()
    [0.0, 0.0]
    """
    start, end = _on_sphere(a), _on_sphere(b)
    angle = np.arccos(np.clip((start * end).sum(axis=1), -1, 1))[:, None, None]
    share = np.linspace(0, 1, STEPS + 2)[None, :, None]
    near = angle < 1e-9
    weight = np.where(near, 1, np.sin(np.where(near, 1, angle)))
    left = np.where(near, 1 - share, np.sin((1 - share) * angle) / weight)
    right = np.where(near, share, np.sin(share * angle) / weight)
    x, y, z = np.moveaxis(left * start[:, None] + right * end[:, None], -1, 0)
    return np.stack([np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))], -1)


def _on_sphere(lonlat: Floats) -> Floats:
    lon, lat = np.radians(lonlat).T
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def lines_of(network: Network, rows: Iterable[int], ground: Ground = GROUND) -> NDArray[np.object_]:
    """Return the courses of links as lines on the map, km."""
    found = courses(network, rows)
    if not found:
        return np.empty(0, dtype=object)
    index = np.repeat(np.arange(len(found)), [len(line) for line in found])
    lines: NDArray[np.object_] = shapely.linestrings(
        ground.project(np.vstack(found)), indices=index
    )
    return lines


def draw_lines(ax: Axes, lines: NDArray[np.object_], **look: Any) -> None:
    """Draw lines of the map that look alike, cut to its frame."""
    draw_pieces(ax, cut(ax, frame(ax), lines), **look)


def frame(ax: Axes) -> Extent:
    """Return what a map shows: west, east, south, north, km."""
    return (*ax.get_xlim(), *ax.get_ylim())


def draw_links(
    ax: Axes,
    network: Network,
    layers: Sequence[str],
    *,
    strength: float = 1.0,
    ground: Ground = GROUND,
) -> None:
    """Draw the operating links of some layers; where only some courses are known, others fainter.

    Below a `strength` of one lines are thinner and paler, to lie beneath something else.
    """
    status = network.links["status"]
    for layer in layers:
        rows = np.flatnonzero((network.layers == layer) & (status == "operating"))
        if not len(rows):
            continue
        courses_known = network.geometry
        known = np.array([not courses_known or network.links.ids[r] in courses_known for r in rows])
        lines = lines_of(network, rows, ground)
        for chosen, width, alpha in ((~known, 0.6, 0.5), (known, 1.0, 1.0)):
            if chosen.any():
                draw_lines(
                    ax,
                    lines[chosen],
                    edgecolor=style.LAYER_COLOURS[layer],
                    linewidth=style.LAYER_WIDTHS[layer] * width * strength,
                    alpha=alpha * min(1.0, 0.25 + 0.75 * strength),
                    linestyle=style.LAYER_LINES.get(layer, "-"),
                    zorder=2,
                )


def layer_handles(layers: Iterable[str], *, strength: float = 1.0) -> list[Line2D]:
    """Return legend entries for layers, as `draw_links` draws them."""
    return [
        Line2D(
            [],
            [],
            color=style.LAYER_COLOURS[layer],
            lw=max(style.LAYER_WIDTHS[layer] * strength * 1.4, 1.0),
            ls=style.LAYER_LINES.get(layer, "-"),
            alpha=min(1.0, 0.25 + 0.75 * strength),
            label=style.LAYER_WORDS[layer],
        )
        for layer in reversed(SHOWN_LAYERS)
        if layer in layers
    ]


def layers_in(network: Network, extent: Extent, ground: Ground = GROUND) -> set[str]:
    """Return the layers of operating links with an end in a frame."""
    west, east, south, north = extent
    points = ground.project(network.coordinates)
    inside = np.all((points > (west, south)) & (points < (east, north)), axis=1).tolist()
    index, links = network.nodes.index, network.links
    ends = (links[end].tolist() for end in ("from_node_id", "to_node_id"))
    seen = np.array([inside[index[a]] or inside[index[b]] for a, b in zip(*ends, strict=True)])
    return set(network.layers[seen.astype(bool) & (links["status"] == "operating")].tolist())
