"""Our ranges beside published ones, as a table and as a chart.

Both take a frame with one row a line: `label`; `low`, `high` (ours, %); `reform` (ours with a
reform as well, %); `published_low`, `published_high` (%; nothing published: missing; without
`published_low` the other is a maximum).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from . import style
from .tables import markdown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PUBLISHED = "#C9C4B8"


def ranges_markdown(rows: pd.DataFrame, reform: str) -> str:
    """Return the rows as a table for a page; `reform` says what the last column adds."""
    columns = ["Change, %", "published", "ours", f"ours, {reform}"]
    cells = [
        (
            row["label"],
            _span(row["published_low"], row["published_high"]),
            _span(row["low"], row["high"]),
            f"{row['reform']:.1f}",
        )
        for row in rows.to_dict("records")
    ]
    return markdown(columns, cells)


def _span(low: float, high: float) -> str:
    """Return two bounds as words.

    >>> _span(-1.2, -2.5), _span(float("nan"), -2.5), _span(float("nan"), float("nan"))
    ('-1.2 to -2.5', 'up to -2.5', '–')
    """
    if np.isnan(high):
        return "–"
    return f"up to {high:.1f}" if np.isnan(low) else f"{low:.1f} to {high:.1f}"


def draw_ranges(
    rows: pd.DataFrame, title: str, note: str, reform: str, ax: Axes | None = None
) -> Axes:
    """Draw changes in percent: published, ours from low to high, and ours with the reform.

    `title` is the headline, `note` the small print: what is shown, years and sources;
    `reform` names the reform in the legend.
    """
    if ax is None:
        high = 0.5 * len(rows) + 0.1
        figure, box = style.titled_figure(9.5, high + 0.95, title, "", note)
        ax = style.panel(figure, box, 2.47, 0.35, 6.75, high)
    for y, row in zip(range(len(rows), 0, -1), rows.to_dict("records"), strict=True):
        theirs = row["published_low"], row["published_high"]
        if np.isfinite(theirs[0]):
            ax.barh(y, theirs[1] - theirs[0], 0.4, theirs[0], color=PUBLISHED, zorder=1)
        elif np.isfinite(theirs[1]):
            ax.plot([theirs[1]] * 2, [y - 0.2, y + 0.2], color=PUBLISHED, lw=5, zorder=1)
        if np.isfinite(theirs[1]):
            _say(ax, _span(*theirs), theirs[1], y, (-6, -3), style.FAINT)
        ax.plot([row["low"], row["high"]], [y, y], color=style.AFTER, lw=2.4, zorder=2)
        ax.plot(row["low"], y, "o", ms=7, mfc="white", mec=style.AFTER, mew=1.8, zorder=3)
        ax.plot(row["high"], y, "o", ms=7.5, color=style.AFTER, zorder=3)
        ax.plot(row["reform"], y, "D", ms=6.5, color=style.ADDED, zorder=3)
        _say(ax, f"{row['high']:.1f}", row["high"], y, (0, 9), style.AFTER)
        _say(ax, f"{row['reform']:.1f}", row["reform"], y, (0, 9), style.ADDED)
    ax.set_yticks(range(len(rows), 0, -1), rows["label"].tolist())
    ax.set_xlabel("Change of shipment time, %", fontsize=9)
    ax.tick_params(labelsize=9, length=0)
    ax.grid(axis="x", color="#DDDDDD", lw=0.7)
    ax.set_axisbelow(True)
    ax.set_ylim(0.4, len(rows) + 0.65)
    ax.axvline(0, color=style.INK, lw=0.9)
    ax.set_xlim(right=0.6)
    ax.spines[["top", "right", "left"]].set_visible(False)
    _legend(ax, reform)
    return ax


def _say(ax: Axes, text: str, x: float, y: float, offset: tuple[int, int], colour: str) -> None:
    ax.annotate(
        text.replace("-", "−"),
        (x, y),
        xytext=offset,
        textcoords="offset points",
        ha="center" if offset[0] == 0 else "right",
        fontsize=8,
        color=colour,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
    )


def _legend(ax: Axes, reform: str) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    def dot(label: str, marker: str, **look: Any) -> Line2D:
        return Line2D([], [], ls="", marker=marker, label=label, **look)

    handles = [
        Patch(color=PUBLISHED, label="published"),
        dot("ours, modes of today", "o", ms=7, mfc="white", mec=style.AFTER, mew=1.8),
        dot("ours, free choice of mode", "o", ms=7.5, color=style.AFTER),
        dot(f"ours, {reform}", "D", ms=6.5, color=style.ADDED),
    ]
    ax.legend(
        handles=handles,
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=4,
        fontsize=8,
        frameon=False,
        handletextpad=0.4,
        columnspacing=1.2,
    )
