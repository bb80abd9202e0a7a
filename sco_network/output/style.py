"""One set of colours, line styles, frames and words for every figure.

Colours are those of Okabe and Ito (2008), which colour-blind readers can tell apart; what differs
in colour differs in width, dashes or lightness, too, so that it can be told apart in grey.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sco_network.errors import InputError, Problem

from . import lettering

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sco_network.analysis.compare import Comparison
    from sco_network.model.network import Network

    Box = tuple[float, float, float, float]  # left, bottom, width, height; shares of the figure

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
# Dashes and widths, points; gauges differ in lightness, and in width from narrow to broad.
LAYER_LINES: dict[str, Any] = {
    "rail-1435": (0, (6, 0.9)),
    "sea": (0, (4, 2)),
    "gas": (0, (7, 1.5)),
    "oil": (0, (5, 1.5, 1, 1.5)),
}
LAYER_WIDTHS = {
    "rail-1520": 1.5,
    "rail-1435": 1.15,
    "rail-1676": 1.9,
    "rail-1000": 0.9,
    "rail": 1.3,
    "road": 0.7,
    "sea": 0.8,
    "gas": 1.3,
    "oil": 1.3,
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
INK, FAINT, GRID = "#222222", "#6B6B6B", "#DDDDDD"

# How firm a proposal is shows in its line.
STATUS_LINES: dict[str, Any] = {
    "under_consideration": (0, (1, 1)),
    "in_planning": (0, (3, 1.2)),
    "in_permitting": (0, (3, 1.2)),
    "under_construction": (0, (6, 1, 1.2, 1)),
    "operating": "-",
    "cancelled": (0, (1, 2.5)),
}

BORDER_NOTE = "Dashed grey: disputed boundaries. Borders and names imply no opinion."
SOURCE_NOTE = "Base map: Natural Earth. Network: sco_network data, sources in sources.csv."

TITLE_SIZE, SUBTITLE_SIZE, NOTE_SIZE = 15.0, 10.0, 7.5
MARGIN = 0.13  # inches
STEP = 1.25  # from one line of a text to the next, in sizes of its letters
DPI = 130  # of saved pictures
# How pictures are written: hinting of letters is not seen at this resolution, but takes long.
DRAWN: dict[Any, Any] = {"svg.hashsalt": "sco-network", "text.hinting": "none"}
PNG_LEVEL = 3  # of compression: files 2 % larger than at 6, in about three quarters of the time
MATHS = r"\mathdefault"  # in numbers that matplotlib writes on axes
USE = "Use png or svg"


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure, in inches, that no window or global state knows of."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=150, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def titled_figure(
    width: float, height: float, title: str, subtitle: str = "", note: str = ""
) -> tuple[Figure, Box]:
    """Return a figure with words above and below, and the space that is left between them.

    Parameters
    ----------
    width, height
        Of the space for the drawing, inches, margins included; the figure is as much higher as
        its words need when they are broken into lines.
    title, subtitle
        The headline, and what is shown with its unit.
    note
        Small print: years, sources, how to read it.
    """
    figure = new_figure(width, height)
    room = width - 2 * MARGIN
    wrap = 0.97 * room  # a line may be a little wider than its words together
    above = [
        (lettering.broken(figure, title, wrap, TITLE_SIZE, "bold"), TITLE_SIZE, INK, "bold"),
        (lettering.broken(figure, subtitle, wrap, SUBTITLE_SIZE), SUBTITLE_SIZE, FAINT, "normal"),
    ]
    below = lettering.broken(figure, note, wrap, NOTE_SIZE)
    top = sum(_height(lines, size) for lines, size, *_ in above) + MARGIN
    bottom = _height(below, NOTE_SIZE) + MARGIN
    whole = height + top + bottom
    figure.set_size_inches(width, whole)
    y = whole - MARGIN
    for lines, size, colour, weight in above:
        _write(figure, lines, y - _lines_height(figure, lines, size), size, colour, weight)
        y -= _height(lines, size)
    _write(figure, below, MARGIN, NOTE_SIZE, FAINT)
    return figure, (MARGIN / width, bottom / whole, room / width, height / whole)


def _lines_height(figure: Figure, lines: list[str], size: float) -> float:
    """Return the height of lines of text, inches."""
    first = lettering.text_size(figure, lettering.LINE, size)[1] / figure.dpi
    return first + (len(lines) - 1) * STEP * size / 72


def _write(
    figure: Figure, lines: list[str], y: float, size: float, colour: str, weight: str = "normal"
) -> None:
    """Write lines at the left margin of a figure, their foot at a height, inches."""
    from .outlines import Outlined

    width, whole = figure.get_size_inches()
    baseline = y + lettering.descent(figure, size, weight) / figure.dpi
    figure.add_artist(
        Outlined(
            MARGIN / width,
            baseline / whole,
            "\n".join(lines),
            fontsize=size,
            color=colour,
            weight=weight,
            linespacing=STEP,
            parse_math=False,
            transform=figure.transFigure,
        )
    )


def panel(
    figure: Figure, box: Box, left: float, above: float, width: float, height: float, **how: Any
) -> Axes:
    """Return axes at inches from the left and from the top of a box of the figure."""
    wide, high = figure.get_size_inches()
    top = (box[1] + box[3]) * high - above
    return figure.add_axes((left / wide, (top - height) / high, width / wide, height / high), **how)


def _height(lines: list[str], size: float) -> float:
    """Return the height of lines of text with a little room after them, inches."""
    return (len(lines) * 1.4 + 0.45) * size / 72 if lines else 0.0


def round_steps(most: float, *parts: int) -> list[float]:
    """Return parts of the largest round number that is not above a value, for a legend of sizes.

    >>> round_steps(37.0, 5, 2, 1)
    [4.0, 10.0, 20.0]
    """
    unit = 10.0 ** math.floor(math.log10(most))
    top = next(m * unit for m in (5, 2, 1) if m * unit <= most)
    return [top / part for part in parts]


def whole_figure(ax: Axes) -> Figure:
    """Return the figure that axes stand in, ready to be saved.

    Letters that DejaVu Sans lacks are looked for in other fonts of the machine. What no font has
    becomes a box, and a line at the foot says which letters those are.
    """
    from matplotlib.text import Text

    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError("these axes stand in no figure")
    missing: set[str] = set()
    for axis in (axis for one in figure.axes for axis in (one.xaxis, one.yaxis)):
        labels = [t.get_text() for t in axis.get_ticklabels()]
        if any(map(lettering.missing_letters, labels)):
            missing = missing.union(*map(lettering.missing_letters, labels))
            axis.set_ticks(axis.get_ticklocs(), labels=[*map(lettering.drawable, labels)])
    for text in figure.findobj(Text):
        words_ = text.get_text()
        if "$" in words_ and MATHS not in words_:
            text.set_parse_math(False)  # a name with dollar signs is no formula
        if lettering.missing_letters(words_) or not words_.isascii():
            text.set_fontfamily(list(lettering.families()))
            missing |= lettering.missing_letters(words_)
            text.set_text(lettering.drawable(words_))
    if missing:
        figure.text(
            0.995,
            0.002,
            f"{lettering.NO_LETTER}: {len(missing)} letters that no font of this machine has "
            f"({', '.join(f'U+{ord(c):04X}' for c in sorted(missing)[:4])} …)",
            fontsize=NOTE_SIZE - 1,
            color=WORSE,
            ha="right",
            va="bottom",
        )
    return figure


def picture_kind(path: str | Path) -> str:
    """Return what a picture is to be by its file's ending: `png`, `svg` or `pdf`.

    Raises
    ------
    InputError
        For any other ending; without one it is a PNG.
    """
    kind = Path(path).suffix.lstrip(".").lower() or "png"
    if kind not in {"png", "svg", "pdf"}:
        raise InputError([Problem(str(path), None, "", f"cannot draw a '{kind}' file", USE)])
    return kind


def image(ax: Axes, kind: str) -> bytes:
    """Return the figure that axes stand in as the bytes of a `png`, `svg` or `pdf` file.

    An SVG carries no date and no random names, so that results can be compared, and corners to a
    hundredth of a point.
    """
    from matplotlib import rc_context

    figure, buffer = whole_figure(ax), io.BytesIO()
    metadata: dict[str, Any] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind, {})
    options: dict[str, Any] = {"pil_kwargs": {"compress_level": PNG_LEVEL}} if kind == "png" else {}
    with rc_context(DRAWN):
        figure.savefig(buffer, format=kind, dpi=DPI, metadata=metadata, **options)
    if kind != "svg":
        return buffer.getvalue()
    text = buffer.getvalue().decode("utf-8")
    return _PATH.sub(lambda d: _DECIMALS.sub("", d[0]), text).encode("utf-8")


_PATH, _DECIMALS = re.compile(r' d="[^"]*"'), re.compile(r"(?<=\.\d\d)\d+")


def place_name(network: Network, node_id: str) -> str:
    """Return a place's name, or its id as words where no font has the name's letters."""
    name = network.name_of(node_id)
    if not lettering.missing_letters(name):
        return name
    return lettering.drawable(node_id.replace("-", " ").title())


def source_note(network: Network) -> str:
    """Return where a figure's numbers come from: network and year."""
    if network.folder is None:
        return "Network: tables given in Python."
    count = len(network.tables["sources"])
    return (
        f"Network: sco_network, base year {network.base_year}; every row has its source, "
        f"{count:,} in {network.folder.name}/sources.csv."
    )


def country_name(network: Network, code: str) -> str:
    """Return a country's name, or its code where the table of countries has none."""
    countries = network.tables["countries"]
    return str(countries.row(code)["name"]) if code in countries else code


def scenario_note(comparison: Comparison, most: int = 5) -> str:
    """Return the publishers of what is known of the scenarios that are compared."""
    table = comparison.before.network.tables["sources"]
    cited = dict.fromkeys(
        source
        for scenario in comparison.scenarios
        for part in scenario.whole
        for source in part.content.sources
    )
    named = list(dict.fromkeys(publisher_year(table.row(s)) for s in cited if s in table))
    if not named:
        return ""
    more = f" and {len(named) - most} more" if len(named) > most else ""
    return f" Scenario: {'; '.join(named[:most])}{more}."


def publisher_year(source: Mapping[str, Any]) -> str:
    """Return who published a source and when."""
    year = "" if source["year"] is None else f"{source['year']:.0f}"
    return " ".join(filter(None, (source["publisher"], year)))


def words(identifier: str) -> str:
    """Return an identifier as words: `in_planning` → `in planning`."""
    return identifier.replace("_", " ")
