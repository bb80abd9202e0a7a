"""The sheet that a map is drawn on: words above, a legend and small print below."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

from . import style
from .ground import Extent, shape_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW, LETTERS = 0.25, 9.0  # of the legend under a map: inches, points


def sheet(
    extent: Extent,
    title: str,
    subtitle: str,
    note: str,
    handles: Sequence[Any] = (),
    *,
    width: float = 10.0,
    columns: int = 4,
    row: float = ROW,
) -> Axes:
    """Return empty axes of the shape of a frame, with words above, legend and small print below."""
    room = width - 2 * style.MARGIN
    legend = row * ceil(len(handles) / columns) + 0.12 if handles else 0.0
    figure, (left, bottom, wide, high) = style.titled_figure(
        width, room * shape_of(extent) + legend, title, subtitle, note
    )
    whole = figure.get_figheight()
    ax = figure.add_axes((left, bottom + legend / whole, wide, high - legend / whole))
    if handles:
        figure.legend(
            handles=handles,
            loc="lower left",
            bbox_to_anchor=(left, bottom, wide, legend / whole),
            mode="expand",
            ncols=columns,
            fontsize=LETTERS,
            frameon=False,
            borderaxespad=0,
            borderpad=0,
            handlelength=3.4,
            handleheight=72 * row / LETTERS - 0.6,
            labelspacing=0.6,
        )
    return ax
