"""Charts: routes before and after, and the model beside published lengths."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sco_network.errors import bad_argument

from . import lettering, style
from .ground import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sco_network.analysis.benchmarks import Benchmarks
    from sco_network.analysis.compare import Comparison

WIDTH, WIDEST, LETTERS = 10.0, 3.6, 9.0  # inches, of a figure and of a label; points
SHOWN = 16
LEAST_SHOWN = 3  # of each category that there is
SECTIONS = {
    "newly_connected": "Newly connected",
    "improved": "Better",
    "worse": "Worse",
    "lost": "Lost",
}


def draw_routes(comparison: Comparison, ax: Axes | None = None, *, count: int = SHOWN) -> Axes:
    """Draw the routes that change most as dumbbells, by category: before and after, with values.

    No place comes up more than three times before others have, so that the chart is not about
    one place only.
    """
    rows = telling_routes(comparison.routes, count)
    sections = [(c, rows[rows["category"] == c]) for c in SECTIONS]
    sections = [(c, some) for c, some in sections if len(some)]
    name = partial(style.place_name, comparison.after.network)
    pairs = [_pair_words(name(a), name(b)) for a, b in zip(rows["from"], rows["to"], strict=True)]
    if ax is None:
        headings = [_heading_words(comparison, category) for category, _ in sections]
        ax = _sheet(comparison, pairs, headings)
    y, ticks = 0.0, []
    for category, some in sections:
        _heading(ax, y, _heading_words(comparison, category))
        levels = y - 1.0 - np.arange(len(some), dtype=np.float64)
        _dumbbells(ax, levels, some, category)
        ticks += levels.tolist()
        y -= len(some) + 1
    ax.set_yticks(ticks, pairs)
    ax.set_ylim(y + 0.4, 0.6)
    ax.set_xlabel(f"{comparison.by.capitalize()}, {_unit(comparison)}", fontsize=9.5)
    ax.tick_params(labelsize=LETTERS, length=0)
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    ax.grid(axis="x", color=style.GRID, lw=0.7)
    ax.set_axisbelow(True)
    ax.spines[["top", "right", "left"]].set_visible(False)
    if len(rows):
        values = rows[["baseline", "scenario"]].to_numpy()
        ax.set_xlim(0, 1.28 * np.max(values[np.isfinite(values)]))
        _legend(ax, sections)
    else:
        ax.set_axis_off()
        ax.text(0, 0.5, "No route changes.", color=style.INK, transform=ax.transAxes)
    return ax


def _sheet(comparison: Comparison, pairs: Sequence[str], headings: Sequence[str]) -> Axes:
    """Return axes with a line for each route and heading, and room for their words beside them."""
    figure, (left, bottom, wide, high) = style.titled_figure(
        WIDTH,
        0.34 * max(len(pairs) + len(headings), 3) + 0.95,
        lettering.drawable(comparison.title),
        f"Routes that change most, {_measure(comparison)}. {_counts(comparison)}",
        f"{style.source_note(comparison.before.network)}{style.scenario_note(comparison)}",
    )
    whole = figure.get_figheight()
    beside = max(
        lettering.width_of("\n".join(pairs).split("\n"), LETTERS),
        lettering.width_of(headings, LETTERS + 0.5, "bold"),
    )
    start = left + (beside + 0.12) / WIDTH
    return figure.add_axes(
        (start, bottom + 0.5 / whole, left + wide - start, high - (0.5 + 0.3) / whole)
    )


def _pair_words(origin: str, destination: str) -> str:
    """Return the ends of a route in one line, or in two where they are long."""
    ends = f"{origin} – {destination}"
    if lettering.width_of([ends], LETTERS) <= WIDEST:
        return ends
    lines = (lettering.shortened(line, WIDEST, LETTERS) for line in (f"{origin} –", destination))
    return "\n".join(lines)


def _heading_words(comparison: Comparison, category: str) -> str:
    return f"{SECTIONS[category]}: {comparison.pair_counts[category]:,} pairs"


def telling_routes(frame: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return routes that change most, some of each category that there is.

    A place comes up a fourth time only to fill up. `frame` has the columns of
    `Comparison.routes`, the routes that change most first.
    """
    there = [c for c in SECTIONS if (frame["category"] == c).any()]
    kept: list[int] = []
    for i, category in enumerate(there):
        rest = sum(min(LEAST_SHOWN, int((frame["category"] == c).sum())) for c in there[i + 1 :])
        some = frame[frame["category"] == category]
        kept += _varied(some, count - len(kept) - rest)
    return frame.loc[kept].reset_index(drop=True)


def _varied(frame: pd.DataFrame, count: int, often: int = 3) -> list[int]:
    """Return the labels of the first rows in which no place comes up more than `often`."""
    seen: dict[str, int] = {}
    first: list[int] = []
    rest: list[int] = []
    for i, a, b in zip(frame.index, frame["from"], frame["to"], strict=True):
        if len(first) == count:
            break
        if max(seen.get(a, 0), seen.get(b, 0)) < often:
            first.append(i)
            seen[a], seen[b] = seen.get(a, 0) + 1, seen.get(b, 0) + 1
        else:
            rest.append(i)
    return sorted([*first, *rest[: max(count - len(first), 0)]])


def _heading(ax: Axes, y: float, words: str) -> None:
    ax.annotate(
        words,
        (0, y),
        xycoords=("axes fraction", "data"),
        xytext=(-6, 0),
        textcoords="offset points",
        ha="right",
        va="center",
        fontsize=9.5,
        weight="bold",
        color=style.INK,
    )


def _dumbbells(ax: Axes, levels: Floats, rows: pd.DataFrame, category: str) -> None:
    """Draw the routes of a category: costs before and after, joined, and their values in words."""
    before, after = rows["baseline"].to_numpy(), rows["scenario"].to_numpy()
    had, has, look = np.isfinite(before), np.isfinite(after), _look(category)
    both = had & has
    ax.hlines(levels[both], before[both], after[both], look["color"], lw=2.2, alpha=0.55, zorder=2)
    ax.plot(before[had], levels[had], **_BEFORE, zorder=3)
    ax.plot(after[has], levels[has], **look, zorder=3.5)
    for y, row in zip(levels, rows.to_dict("records"), strict=True):
        ends = row["baseline"], row["scenario"]
        ax.annotate(
            _change_words(*ends, row["percent_change"]),
            (max(v for v in ends if np.isfinite(v)), y),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=style.INK,
        )


def _change_words(before: float, after: float, percent: float) -> str:
    """Return a cost before and after.

    >>> _change_words(10.0, 9.0, -10.0), _change_words(float("inf"), 9.0, float("nan"))
    ('10 → 9  (−10 %)', 'no route → 9')
    """
    if not np.isfinite(before):
        return f"no route → {after:,.0f}"
    if not np.isfinite(after):
        return f"{before:,.0f} → no route"
    change = f"{percent:+.0f}".replace("-", "−")
    return f"{before:,.0f} → {after:,.0f}  ({change} %)"


_BEFORE: dict[str, Any] = {
    "ls": "",
    "marker": "o",
    "ms": 7,
    "mfc": "white",
    "mec": style.BEFORE,
    "mew": 1.8,
}


def _look(category: str) -> dict[str, Any]:
    """Return the mark of the cost after: a diamond is new, a triangle worse, a dot better."""
    colour = style.WORSE if category == "worse" else style.AFTER
    marker = {"newly_connected": "D", "worse": "^"}.get(category, "o")
    return {"ls": "", "marker": marker, "ms": 7.5, "color": colour}


def _legend(ax: Axes, sections: list[tuple[str, pd.DataFrame]]) -> None:
    from matplotlib.lines import Line2D

    words = {
        "newly_connected": "With it, new",
        "improved": "With it, better",
        "worse": "With it, worse",
    }
    there = [category for category, _ in sections]
    handles = [Line2D([], [], **_look(c), label=words[c]) for c in there if c in words]
    if set(there) != {"newly_connected"}:
        handles.insert(0, Line2D([], [], **_BEFORE, label="Today"))
    ax.legend(
        handles=handles,
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=4,
        fontsize=9,
        frameon=False,
        borderaxespad=0.2,
    )


def _unit(comparison: Comparison) -> str:
    return {"h": "hours", "km": "km", "USD": "US dollars per TEU"}[comparison.unit]


def _measure(comparison: Comparison) -> str:
    modes = ", ".join(comparison.before.modes)
    return f"by {comparison.by} in {_unit(comparison)}; modes: {modes}"


def _counts(comparison: Comparison) -> str:
    same = comparison.pair_counts["unchanged"]
    return (
        f"Of {sum(comparison.pair_counts.values()):,} ordered pairs of places {same:,} stay as "
        "they are."
    )


_MARKERS = {"rail": "o", "road": "s", "gas": "^", "oil": "v"}


def draw_benchmarks(found: Benchmarks, ax: Axes | None = None) -> Axes:
    """Draw model against published lengths, with the 5 % band and the furthest ones named."""
    table = found.table[found.table["by"] == "length"].dropna(subset=["model"])
    if table.empty:
        raise bad_argument("--plot", "no published length can be drawn", "Add data/benchmarks.csv")
    if ax is None:
        errors = found.errors["length"]
        figure, (left, bottom, wide, high) = style.titled_figure(
            8.4,
            7.6,
            "Published route lengths and the model",
            f"Kilometres of {len(table)} routes; median error {errors['median_percent']:.1f} %, "
            f"95 % within {errors['p95_percent']:.1f} %. Band: ±5 %. "
            "Named: the routes that are furthest off.",
            f"Both axes are logarithmic. sco_network, base year {found.base_year}; each published "
            "figure with its source in data/benchmarks.csv.",
        )
        ax = figure.add_axes((0.115, bottom + 0.065, left + wide - 0.115, high - 0.075))
    low, high = table["published"].min() * 0.8, table["published"].max() * 1.25
    line = np.array([low, high])
    ax.fill_between(line, line * 0.95, line * 1.05, color="#E8E8E8", zorder=0)
    ax.plot(line, line, color="#BBBBBB", lw=1, zorder=1)
    for mode, rows in table.groupby("modes"):
        _dots(ax, str(mode), rows)
    _logarithmic(ax, low, high)
    for row in table.head(6).to_dict("records"):
        _name_route(ax, row)
    ax.set_xlabel("Published length, km")
    ax.set_ylabel("Model, km")
    ax.legend(loc="upper left", fontsize=9, frameon=False)
    return ax


def _dots(ax: Axes, modes: str, rows: pd.DataFrame) -> None:
    """Draw the routes of some modes, `;` between them."""
    ax.plot(
        rows["published"],
        rows["model"],
        _MARKERS.get(modes, "P"),
        ms=5.5,
        color=style.LAYER_COLOURS.get(modes.split(";", maxsplit=1)[0], style.INK),
        mec="white",
        mew=0.4,
        alpha=0.85,
        ls="",
        label=f"{modes.replace(';', ' and ')} ({len(rows)})",
    )


def _logarithmic(ax: Axes, low: float, high: float) -> None:
    """Give both axes one logarithmic scale."""
    is_short = high < 10 * low  # too few powers of ten to read by
    ax.set(xscale="log", yscale="log", xlim=(low, high), ylim=(low, high))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(lambda v, _: f"{v:,.0f}")
        axis.set_minor_formatter(lambda v, _: f"{v:,.0f}" if is_short else "")


def _name_route(ax: Axes, row: dict[Any, Any]) -> None:
    """Write the ends of a route and its error on the side where no other dots are."""
    ends = " – ".join(str(row[end]).replace("-", " ").title() for end in ("from", "to"))
    is_below = row["error_percent"] < 0
    ax.annotate(
        f"{ends} {row['error_percent']:+.0f} %".replace("-", "−"),
        (row["published"], row["model"]),
        xytext=(9, -12) if is_below else (-9, 7),
        textcoords="offset points",
        ha="left" if is_below else "right",
        fontsize=8.5,
        color=style.INK,
    )
