"""Charts of routes before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from . import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sco_network.analysis.benchmarks import Benchmarks
    from sco_network.analysis.compare import Comparison

SHOWN = 14


def draw_routes(comparison: Comparison, ax: Axes | None = None, *, count: int = SHOWN) -> Axes:
    """Draw the routes that change most as dumbbells: before and after, with their values.

    One route per origin is shown before a second one, so that the chart is not about one
    place only.
    """
    rows = telling_routes(comparison, count)
    if ax is None:
        figure = style.new_figure(9.5, 1.9 + 0.36 * max(len(rows), 3))
        height = figure.get_figheight()
        ax = figure.add_axes((0.34, 0.75 / height, 0.58, 1 - 1.85 / height))
        figure.suptitle(
            comparison.title, x=0.02, y=1 - 0.12 / height, ha="left", va="top", fontsize=13
        )
        figure.text(
            0.02,
            1 - 0.72 / height,
            f"Routes that change most, {_measure(comparison)}",
            fontsize=9,
            color=style.FAINT,
        )
        figure.text(0.02, 0.12 / height, style.SOURCE_NOTE, fontsize=6.8, color=style.FAINT)
    names = comparison.after.network.name_of
    y = np.arange(len(rows))[::-1]
    for level, row in zip(y, rows.to_dict("records"), strict=True):
        _dumbbell(ax, float(level), row)
    ax.set_yticks(
        y, [f"{names(a)} – {names(b)}" for a, b in zip(rows["from"], rows["to"], strict=True)]
    )
    ax.set_xlabel(f"{comparison.by.capitalize()}, {_unit(comparison)}", fontsize=9)
    ax.tick_params(labelsize=8.5, length=0)
    ax.grid(axis="x", color="#DDDDDD", lw=0.7)
    ax.set_axisbelow(True)
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    ax.margins(y=0.08 if len(rows) else 0.5)
    low, high = ax.get_xlim()
    ax.set_xlim(min(0, low), high + (high - min(0, low)) * 0.14)
    if len(rows):
        _legend(ax)
    else:
        ax.text(
            0.5, 0.5, "No route changes", transform=ax.transAxes, ha="center", color=style.FAINT
        )
    return ax


def telling_routes(comparison: Comparison, count: int) -> pd.DataFrame:
    """Return the routes that change most; a place comes up a fourth time only to fill up."""
    frame = comparison.routes
    seen: dict[str, int] = {}
    first, rest = [], []
    for i, (a, b) in enumerate(zip(frame["from"], frame["to"], strict=True)):
        if max(seen.get(a, 0), seen.get(b, 0)) < 3:
            first.append(i)
            seen[a], seen[b] = seen.get(a, 0) + 1, seen.get(b, 0) + 1
        else:
            rest.append(i)
        if len(first) == count:
            break
    kept = sorted([*first, *rest[: count - len(first)]])
    return frame.iloc[kept].reset_index(drop=True)


def _dumbbell(ax: Axes, y: float, row: dict[Any, Any]) -> None:
    before, after = row["baseline"], row["scenario"]
    had, has = np.isfinite(before), np.isfinite(after)
    colour = style.WORSE if row["category"] in {"worse", "lost"} else style.AFTER
    if had and has:
        ax.plot([before, after], [y, y], color=colour, lw=2.2, alpha=0.55, zorder=2)
    if had:
        ax.plot(before, y, "o", ms=7, mfc="white", mec=style.BEFORE, mew=1.8, zorder=3)
    if has:
        ax.plot(after, y, "o", ms=7.5, color=colour, zorder=3)
    if had and has:
        words = f"{before:,.0f} → {after:,.0f}  ({row['percent_change']:+.0f} %)"
    else:
        words = f"new: {after:,.0f}" if has else f"lost: was {before:,.0f}"
    right = max(v for v in (before, after) if np.isfinite(v))
    ax.annotate(
        words,
        (right, y),
        xytext=(7, 0),
        textcoords="offset points",
        va="center",
        fontsize=8,
        color=style.INK,
    )


def _legend(ax: Axes) -> None:
    from matplotlib.lines import Line2D

    ax.legend(
        handles=[
            Line2D(
                [],
                [],
                ls="",
                marker="o",
                ms=7,
                mfc="white",
                mec=style.BEFORE,
                mew=1.8,
                label="Before",
            ),
            Line2D([], [], ls="", marker="o", ms=7.5, color=style.AFTER, label="After, better"),
            Line2D(
                [], [], ls="", marker="o", ms=7.5, color=style.WORSE, label="After, worse or lost"
            ),
        ],
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=3,
        fontsize=8,
        frameon=False,
    )


def _unit(comparison: Comparison) -> str:
    return {"h": "hours", "km": "km", "USD": "US dollars per TEU"}[comparison.unit]


def _measure(comparison: Comparison) -> str:
    modes = ", ".join(comparison.before.modes)
    return f"by {comparison.by} in {_unit(comparison)}; modes: {modes}"


def draw_benchmarks(found: Benchmarks, ax: Axes | None = None) -> Axes:
    """Draw model against published lengths, with the 5 % band and the furthest ones named."""
    table = found.table[found.table["by"] == "length"].dropna(subset=["model"])
    if ax is None:
        figure = style.new_figure(8.4, 8.0)
        ax = figure.add_axes((0.1, 0.1, 0.86, 0.78))
        errors = found.errors["length"]
        figure.suptitle("Published route lengths and the model", x=0.1, ha="left", fontsize=14)
        figure.text(
            0.1,
            0.915,
            f"{len(table)} figures; median error {errors['median_percent']:.1f} %, "
            f"95 % within {errors['p95_percent']:.1f} %. Band: ±5 %.",
            fontsize=9.5,
            color=style.FAINT,
        )
        figure.text(0.1, 0.015, style.SOURCE_NOTE, fontsize=6.8, color=style.FAINT)
    low, high = table["published"].min() * 0.8, table["published"].max() * 1.25
    line = np.array([low, high])
    ax.fill_between(line, line * 0.95, line * 1.05, color="#E8E8E8", zorder=0)
    ax.plot(line, line, color="#BBBBBB", lw=1, zorder=1)
    for mode, rows in table.groupby("modes"):
        first = str(mode).split(";", maxsplit=1)[0]
        colour = style.LAYER_COLOURS.get("rail-1520" if first == "rail" else first, style.INK)
        label = f"{str(mode).replace(';', ', ')} ({len(rows)})"
        ax.plot(
            rows["published"],
            rows["model"],
            "o",
            ms=5,
            color=colour,
            alpha=0.75,
            ls="",
            label=label,
        )
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(low, high)
    ax.set_ylim(low, high)
    for row in table.head(6).to_dict("records"):
        ends = " – ".join(str(row[end]).replace("-", " ").title() for end in ("from", "to"))
        right = row["error_percent"] < 0
        ax.annotate(
            f"{ends} {row['error_percent']:+.0f} %",
            (row["published"], row["model"]),
            xytext=(9, -12) if right else (-9, 7),
            textcoords="offset points",
            ha="left" if right else "right",
            fontsize=7,
            color=style.FAINT,
        )
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    ax.yaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    ax.set_xlabel("Published length, km")
    ax.set_ylabel("Model, km")
    ax.legend(loc="upper left", fontsize=9, frameon=False)
    return ax
