"""One set of colours, line styles and words for every figure.

Colours are those of Okabe and Ito (2008), which colour-blind readers can tell apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LAYER_COLOURS = {
    "rail-1520": "#0072B2",
    "rail-1435": "#009E73",
    "rail-1676": "#CC79A7",
    "rail-1000": "#7A5195",
    "rail": "#0072B2",
    "road": "#9A9A9A",
    "sea": "#56B4E9",
    "gas": "#E69F00",
    "oil": "#4D4D4D",
}
LAYER_WORDS = {
    "rail-1520": "Railway, 1520 mm",
    "rail-1435": "Railway, 1435 mm",
    "rail-1676": "Railway, 1676 mm",
    "rail-1000": "Railway, 1000 mm",
    "rail": "Railway",
    "road": "Road",
    "sea": "Sea or ferry",
    "gas": "Gas pipeline",
    "oil": "Oil pipeline",
}
ADDED, UPGRADED, CLOSED, ROUTE = "#D55E00", "#B8860B", "#000000", "#F0E442"
BEFORE, AFTER, WORSE = "#7F7F7F", "#0072B2", "#D55E00"
# Further routes beside those before and after.
OTHERS = ("#009E73", "#CC79A7", "#7A5195", "#B8860B")
LAND, SEA, BORDER, LAKE = "#F4F1EA", "#DCE9F2", "#B9B2A3", "#DCE9F2"
INK, FAINT = "#222222", "#6B6B6B"

# How firm a proposal is shows in its line.
STATUS_LINES: dict[str, str] = {
    "under_consideration": ":",
    "in_planning": "--",
    "in_permitting": "--",
    "under_construction": "-.",
    "operating": "-",
    "cancelled": ":",
}

BORDER_NOTE = "Dashed grey: disputed boundaries. Borders and names imply no opinion."
SOURCE_NOTE = "Base map: Natural Earth. Network: sco_network data, sources in sources.csv."


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure, in inches, that no window or global state knows of."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=150, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def whole_figure(ax: Axes) -> Figure:
    """Return the figure that axes stand in."""
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError("these axes stand in no figure")
    return figure


def words(identifier: str) -> str:
    """Return an identifier as words: `in_planning` → `in planning`."""
    return identifier.replace("_", " ")
