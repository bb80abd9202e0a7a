"""Words on maps, set off by a halo from the lines behind them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from matplotlib.colors import to_rgb
from matplotlib.text import Text
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D, offset_copy

from . import lettering, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.font_manager import FontProperties
    from numpy.typing import NDArray

HALO, HALO_ALPHA = 2.2, 0.9  # width, points


class Name(Text):
    """A line of text with a halo, from its baseline's left end.

    Drawn from the outline of its letters, which is worked out once for all pictures: on maps
    nothing else takes as long as text does. Neither turned nor broken into lines.
    """

    def draw(self, renderer: Any) -> None:
        """Draw the halo and the letters."""
        if not self.get_visible():
            return
        outline = _outline(self.get_text(), self.get_fontproperties().copy())
        x, y = self.get_transform().transform(self.get_position())
        place = Affine2D().scale(renderer.points_to_pixels(1.0)).translate(x, y)
        renderer.open_group("text", self.get_gid())
        gc = renderer.new_gc()
        gc.set_foreground("white")
        gc.set_alpha(HALO_ALPHA)
        gc.set_joinstyle("round")
        gc.set_linewidth(renderer.points_to_pixels(HALO))
        renderer.draw_path(gc, outline, place)
        gc.set_alpha(self.get_alpha())
        gc.set_linewidth(0.0)
        renderer.draw_path(gc, outline, place, to_rgb(self.get_color()))
        gc.restore()
        renderer.close_group("text")
        self.stale = False


@lru_cache(maxsize=4000)  # the same names come up on many maps
def _outline(words: str, font: FontProperties) -> TextPath:
    """Return the outline of a line of text, points, from its baseline's left end."""
    return TextPath((0, 0), words, prop=font)


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
