"""Text that is drawn from the outlines of its letters, kept from one picture to the next."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

from . import style

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties

HALO_ALPHA = 0.9


class Outlined(Text):
    """Lines of text from the left end of the last one's baseline, upright.

    Text takes most of the time of a picture: it is laid out letter by letter, for PNG and for SVG
    and in every figure anew. Here a line's outline is worked out once. In an SVG what has no halo
    is left to matplotlib, which writes every letter once and points to it: that is much smaller.
    """

    halo = 0.0  # its width, points

    def draw(self, renderer: Any) -> None:
        """Draw the lines, each over its halo."""
        if not self.get_visible():
            return
        if not self.halo and not isinstance(renderer, RendererAgg):
            super().draw(renderer)
            return
        x, y = self.get_transform().transform(self.get_position())
        font, point = self.get_fontproperties().copy(), renderer.points_to_pixels(1.0)
        step = style.STEP * font.get_size_in_points() * point
        renderer.open_group("text", self.get_gid())
        gc = renderer.new_gc()
        gc.set_joinstyle("round")
        for above, line in enumerate(reversed(self.get_text().split("\n"))):
            if not line.strip():
                continue
            outline = _outline(line, font)
            place = Affine2D().scale(point).translate(x, y + above * step)
            if self.halo:
                gc.set_foreground("white")
                gc.set_alpha(HALO_ALPHA)
                gc.set_linewidth(self.halo * point)
                renderer.draw_path(gc, outline, place)
            gc.set_alpha(self.get_alpha())
            gc.set_linewidth(0.0)
            renderer.draw_path(gc, outline, place, to_rgb(self.get_color()))
        gc.restore()
        renderer.close_group("text")
        self.stale = False


@lru_cache(maxsize=4000)
def _outline(words: str, font: FontProperties) -> TextPath:
    """Return the outline of a line of text, points, from its baseline's left end."""
    return TextPath((0, 0), words, prop=font)
