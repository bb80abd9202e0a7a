"""Letters in figures: the fonts that have them, how wide words are, and words that fit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Asked in this order for letters that DejaVu Sans lacks: Chinese, Japanese, Korean, Indian.
LETTERS = "DejaVu Sans"
OTHER_LETTERS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "SimHei",
    "Arial Unicode MS",
    "Noto Sans Arabic",
    "Noto Sans Devanagari",
    "Noto Sans Bengali",
    "Noto Sans Georgian",
    "Nirmala UI",
    "Lohit Devanagari",
)
NO_LETTER = "□"


@cache
def families() -> tuple[str, ...]:
    """Return the fonts to ask for a letter, one after the other: those that are installed."""
    from matplotlib.font_manager import fontManager

    installed = {font.name for font in fontManager.ttflist}
    return (LETTERS, *(name for name in OTHER_LETTERS if name in installed))


@cache
def _letters() -> frozenset[int]:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return frozenset().union(
        *(get_font(findfont(FontProperties(family=name))).get_charmap() for name in families())
    )


def missing_letters(text: str) -> set[str]:
    """Return what no font of this machine has of a text; control characters are no letters."""
    if text.isascii() and text.isprintable():
        return set()
    return {c for c in text if unicodedata.category(c) in {"Cc", "Cs"} and c != "\n"} | {
        c
        for c in text
        if not c.isspace() and unicodedata.category(c) != "Cf" and ord(c) not in _letters()
    }


def drawable(text: str) -> str:
    """Return a text with a box for every letter that no font of this machine has."""
    missing = missing_letters(text)
    return "".join(NO_LETTER if c in missing else c for c in text)


def broken(
    figure: Figure, text: str, width: float, size: float, weight: str = "normal"
) -> list[str]:
    """Return a text as lines that are at most so wide, inches; its own line breaks stay."""
    lines: list[str] = []
    space = text_size(figure, "n n", size, weight)[0] - text_size(figure, "nn", size, weight)[0]
    for paragraph in text.split("\n") if text else ():
        line, wide = "", 0.0
        for word in paragraph.split(" "):
            own = text_size(figure, word, size, weight)[0]  # words come up again and again
            if line and wide + space + own > width * figure.dpi:
                lines.append(line)
                line, wide = word, own
            else:
                line, wide = (f"{line} {word}", wide + space + own) if line else (word, own)
        lines.append(line)
    return lines


def text_size(
    figure: Figure, text: str, size: float, weight: str = "normal"
) -> tuple[float, float]:
    """Return the width and height of a line of text, pixels."""
    width, height, _ = _text_size(drawable(text), size, weight)
    return width * figure.dpi / 72, height * figure.dpi / 72


def descent(figure: Figure, size: float, weight: str = "normal") -> float:
    """Return how far a line of text reaches below its baseline, pixels."""
    return _text_size(LINE, size, weight)[2] * figure.dpi / 72


def width_of(texts: Iterable[str], size: float, weight: str = "normal") -> float:
    """Return the width of the widest of some lines of text, inches; 0 where there is none."""
    widths = (_text_size(drawable(text), size, weight)[0] for text in texts)
    return max(widths, default=0.0) / 72


def shortened(text: str, width: float, size: float, weight: str = "normal") -> str:
    """Return a text that is at most so wide, inches: as it is, or cut after a word, with `…`.

    Brackets are kept whole or left out.

    >>> shortened("Gwadar railways Gwadar–Mastung (old)", 2.0, 9.0)
    'Gwadar railways Gwadar …'
    """
    if width_of([text], size, weight) <= width:
        return text
    ends = [m.start() for m in re.finditer("[ –]", text)]
    ends = [end for end in ends if text[:end].count("(") == text[:end].count(")")]
    shorter = [f"{text[:end].rstrip(' ,:;–')} …" for end in reversed(ends)]
    shorter += [f"{text[:end]}…" for end in range(len(text) - 1, 0, -1)]  # within the first word
    return next((s for s in shorter if width_of([s], size, weight) <= width), "…")


LINE = "lp"  # a line of text is never lower than these letters


@lru_cache(maxsize=10_000)  # the same names come up on many maps
def _text_size(text: str, size: float, weight: str) -> tuple[float, float, float]:
    """Return width, height and descent, points; letters are not hinted, as in `outlines`."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family=list(families()), size=size, weight=weight)
    width, height, below = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    if text != LINE:
        _, line, beneath = _text_size(LINE, size, weight)
        height, below = max(height, line), max(below, beneath)
    return float(width), float(height), float(below)
