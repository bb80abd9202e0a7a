"""Change between countries: a heatmap of every pair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sco_network.analysis.country_pairs import country_pairs

from . import lettering, style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from sco_network.analysis.compare import Comparison

MOST = 18  # countries shown
LEAST = 0.5  # a change that is shown, %; smaller ones are blank cells
STEPS = (-50, -25, -10, -5, -2, -0.5, 0.5, 2, 5, 10, 25, 50)  # %, the same for every scenario
CELL, LARGEST_CELL, SIDE = 0.46, 0.95, 4.2  # inches: cells, and the matrix that they would fill
LETTERS = 9.0  # points
NOTHING, NO_ROUTE = "#F3F1EC", "#E4E4E4"


def draw_countries(comparison: Comparison, ax: Axes | None = None) -> Axes:
    """Draw the change between every two countries, %, as a matrix: from (rows), to (columns)."""
    matrix, new, gone = changes_between(comparison)
    names = matrix.index.tolist()
    network = comparison.before.network
    words = [lettering.drawable(style.country_name(network, c)) for c in names]
    are_flat = ax is None and bool(words) and lettering.width_of(words, LETTERS) < _cell(len(words))
    if ax is None:
        ax = _sheet(comparison, words, are_flat=are_flat)
    if not names:
        ax.set_axis_off()
        ax.text(
            0,
            0.5,
            f"No pair of countries changes by {LEAST:g} %.",
            color=style.FAINT,
            transform=ax.transAxes,
        )
        return ax
    _draw_cells(ax, matrix.to_numpy(), new.to_numpy(), gone.to_numpy())
    tilted: dict[str, Any] = (
        {} if are_flat else {"rotation": 45, "ha": "left", "rotation_mode": "anchor"}
    )
    ax.set_xticks(range(len(names)), words, **tilted)
    ax.set_yticks(range(len(names)), words)
    ax.xaxis.tick_top()
    ax.tick_params(length=0, labelsize=LETTERS)
    ax.spines[:].set_visible(False)
    if np.isfinite(matrix.to_numpy()).any():
        _key(ax)
    return ax


def _cell(count: int) -> float:
    """Return the side of a cell, inches: larger where there are few countries."""
    return min(max(SIDE / count, CELL), LARGEST_CELL) if count else 0.0


def _sheet(comparison: Comparison, names: list[str], *, are_flat: bool) -> Axes:
    """Return axes with square cells, and room for the names and the scale of colours."""
    longest = lettering.width_of(names, LETTERS)
    slope = 0.0 if are_flat else 0.72 * longest
    side, top, size = longest + 0.3, slope + 0.25, _cell(len(names)) * len(names)
    width = max(side + size + top, 8.4)
    figure, (_, bottom, _, _) = style.titled_figure(
        width,
        top + size + 0.8,
        f"{lettering.drawable(comparison.title)}: between countries",
        _subtitle(comparison, len(names)),
        _note(comparison),
    )
    whole = figure.get_figheight()
    return figure.add_axes(
        (side / width, bottom + 0.75 / whole, size / width, size / whole), facecolor="none"
    )


def changes_between(comparison: Comparison) -> tuple[pd.DataFrame, Any, Any]:
    """Return the change between countries, %, and how many pairs of places are new and lost.

    The change is that of the mean cost over pairs of places with a route before and after
    (`analysis.country_pairs`). Countries come in the order of all their changes, a
    new or lost pair of countries counting as 100 %; those without any are left out. The counts
    are of the same shape.
    """
    found = country_pairs(comparison.before.network, comparison.before.skim, comparison.after.skim)
    change = found.pivot_table(index="from", columns="to", values="percent_change")
    new, gone = (_count(comparison, category) for category in ("newly_connected", "lost"))
    every = sorted({*change.index, *change.columns, *new.index, *gone.index})
    change, new, gone = (f.reindex(index=every, columns=every) for f in (change, new, gone))
    other = new.fillna(0) + gone.fillna(0)
    size = change.abs().fillna(0)
    size = size.where(size >= LEAST, 0) + 100 * (other > 0)
    total = size.sum(axis=0) + size.sum(axis=1)
    kept = total[total > 0].sort_values(ascending=False, kind="stable").index[:MOST]
    return change.loc[kept, kept], new.loc[kept, kept], gone.loc[kept, kept]


def _count(comparison: Comparison, category: str) -> pd.DataFrame:
    """Return how many pairs of places of a category lie between every two countries."""
    import pandas as pd

    code = np.array(comparison.before.countries, dtype=object)
    i, j = np.nonzero(comparison.categories == category)
    pairs = pd.DataFrame({"from": code[i], "to": code[j], "count": 1})
    pairs = pairs[pairs["from"] != pairs["to"]]
    table = pairs.pivot_table(index="from", columns="to", values="count", aggfunc="sum")
    every = sorted({*table.index, *table.columns})
    return table.reindex(index=every, columns=every)


def _draw_cells(ax: Axes, values: Any, new: Any, gone: Any) -> None:
    from matplotlib.patches import Rectangle

    n = len(values)
    values = np.where(np.eye(n, dtype=bool), np.nan, values.astype(float))
    colours, norm = scale_of_change()
    edges = np.arange(n + 1) - 0.5
    shown = np.where(np.isnan(values) & (new > 0), STEPS[0] - 1, values)  # as strong as can be
    shown = np.where(np.isnan(shown) & (gone > 0), STEPS[-1] + 1, shown)
    shown = np.ma.masked_invalid(shown)
    ax.pcolormesh(edges, edges, shown, cmap=colours, norm=norm, edgecolors="white", lw=1.5)
    for i, j in zip(*np.nonzero(~np.eye(n, dtype=bool)), strict=True):
        word = _word(values[i, j], new[i, j], gone[i, j])
        if word:
            is_dark = abs(values[i, j]) >= 10 or word in {"new", "lost"}
            ax.text(
                j,
                i,
                word,
                ha="center",
                va="center_baseline",
                fontsize=8.5,
                color="white" if is_dark else style.INK,
            )
    for i in range(n):
        ax.add_patch(Rectangle((i - 0.5, i - 0.5), 1, 1, facecolor="white", lw=0))
    ax.set_xlim(-0.5, n - 0.5)
    ax.set_ylim(n - 0.5, -0.5)
    ax.set_aspect("equal")


def _word(value: float, new: float, gone: float) -> str:
    """Return what stands in a cell: a change, that pairs are new or lost, or that none is there.

    >>> _word(-12.4, float("nan"), float("nan")), _word(0.2, 0, 0), _word(float("nan"), 3, 0)
    ('−12', '', 'new')
    """
    if not np.isfinite(value):
        return "new" if new > 0 else "lost" if gone > 0 else "–"
    plus = "*" if new > 0 or gone > 0 else ""
    return plus if abs(value) < 0.5 else f"{value:+.0f}".replace("-", "−") + plus


def scale_of_change() -> tuple[Any, Any]:
    """Return colours and classes of a change, %: blue is less, orange is more."""
    from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap

    shades: Any = LinearSegmentedColormap.from_list(
        "change", ["#003F66", style.AFTER, "#9CCBE8", NOTHING, "#F3B98B", style.WORSE, "#7A3300"]
    )
    return shades.with_extremes(bad=NO_ROUTE), BoundaryNorm(STEPS, shades.N, extend="both")


def _key(ax: Axes) -> None:
    """Draw the scale of colours below the cells."""
    from matplotlib.cm import ScalarMappable

    colours, norm = scale_of_change()
    figure, box = ax.figure, ax.get_position()
    whole = figure.get_figheight()  # type: ignore[union-attr]
    below = figure.add_axes((box.x0, box.y0 - 0.32 / whole, max(box.width, 0.6), 0.14 / whole))
    bar = figure.colorbar(
        ScalarMappable(norm, colours),
        cax=below,
        orientation="horizontal",
        ticks=STEPS,
        spacing="uniform",
    )
    bar.ax.set_xticklabels([f"{v:+g}".replace("-", "−") for v in STEPS], fontsize=8)
    bar.ax.tick_params(length=2)
    bar.outline.set_visible(False)
    bar.set_label("Change of the mean, %", fontsize=9, labelpad=2)


def _subtitle(comparison: Comparison, shown: int) -> str:
    every = len(set(comparison.before.countries))
    rest = every - shown
    if not shown:
        return f"{comparison.by.capitalize()} between {every} countries."
    others = f" The other {rest} change less or not at all." if rest else ""
    return (
        f"Change of mean {comparison.by} ({comparison.unit}) from the country of the row to that "
        f"of the column, %, of the {shown} countries that change most.{others}"
    )


def _note(comparison: Comparison) -> str:
    modes = ", ".join(comparison.before.modes)
    return (
        f"Mean over pairs of places with a route before and after; modes: {modes}. new, lost: all "
        "such pairs; *: some of them; –: no route before or after; empty: less than half a "
        f"percent. {len(comparison.before.terminals):,} ports, cities or fields. "
        f"{style.source_note(comparison.before.network)}{style.scenario_note(comparison)}"
    )
