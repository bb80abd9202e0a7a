"""Words on maps, set off by a halo from the lines behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.transforms import offset_copy

from . import lettering, style
from .outlines import Outlined

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray


class Name(Outlined):
    """A line of text with a halo."""

    halo = 2.2


def write_name(
    ax: Axes,
    words: str,
    point: tuple[float, float],
    box: NDArray[Any],
    *,
    size: float,
    colour: str = style.INK,
    weight: str = "normal",
    zorder: float = 9,
) -> None:
    """Write a name in a box that was measured for it (`lettering.text_size`).

    Parameters
    ----------
    point
        The point of the map that the name belongs to: whatever the resolution, it stays as many
        points away from it.
    box
        West, south, east and north, pixels; it may be larger all round than the text.
    """
    figure: Any = ax.figure
    width, height = lettering.text_size(figure, words, size, weight)
    middle = (box[:2] + box[2:]) / 2
    left = middle - (width / 2, height / 2 - lettering.descent(figure, size, weight))
    x, y = (left - ax.transData.transform(point)) * 72 / figure.dpi
    ax.add_artist(
        Name(
            *point,
            words,
            transform=offset_copy(ax.transData, figure, x, y, "points"),
            fontsize=size,
            fontfamily=list(lettering.families()),
            color=colour,
            weight=weight,
            zorder=zorder,
            parse_math=False,
        )
    )
