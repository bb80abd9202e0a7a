"""Charts of proposals weighed against one another: shares, uncertainty, stress."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import lettering, style
from .combine import WORDS
from .inputs import input_words
from .tables import number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from sco_network.analysis.rank import Ranking
    from sco_network.analysis.stress import Stress
    from sco_network.analysis.uncertainty import Uncertainty

WIDTH, LONGEST = 11.0, 3.5  # inches: of a figure, and of a name beside a panel
APART = 0.22  # inches: from the edge to a name and from there to the panel
ROW, CELL = 0.29, 0.5  # inches: of one scenario, of one pair
MOST_SHOWN, MOST_PAIRS = 25, 14
TORNADO_INPUTS = 10
TILT, TILTED = 45, 2.4  # names above columns: degrees, inches
LETTERS, SMALL = 9.0, 8.5  # points
BESIDE = 1.9  # inches, right of a panel whose bars have words at their ends
HEADING: dict[str, Any] = {"fontsize": 9.5, "loc": "left", "weight": "bold"}
LIGHT, MIDDLE = "#9CCBE8", style.AFTER


def draw_ranking(found: Ranking, ax: Axes | None = None) -> Axes:
    """Draw each scenario's share of the joint gain, and how pairs add to one another.

    In given axes the shares alone.
    """
    table = found.table.head(MOST_SHOWN)
    titles = [f"{i} {t}" for i, t in enumerate(_titles(found, table["scenario"]), 1)]
    if ax is not None:
        _draw_shares(ax, found, table, titles)
        return ax
    names = dict(zip(table["scenario"], titles, strict=True))
    pairs = _matrix(found, table["scenario"].tolist()[:MOST_PAIRS])
    cells = CELL * (len(pairs) - 1) if len(pairs) > 1 else 0.0
    rows = ROW * len(table)
    how = (
        "every combination worked out"
        if found.is_exact
        else f"{found.permutations:,} orders sampled; lines: ± 2 standard errors"
    )
    interaction = f" Interaction: {_what_interactions(found)}" if cells else ""
    figure, box = style.titled_figure(
        WIDTH,
        rows + 1.05 + (cells + 0.95 if cells else 0),
        f"Who contributes what to the joint gain in {WORDS[found.measure]}",
        f"All together gain {_signed(found.total)} {found.unit} by {found.by} ({how}). "
        "Share: Shapley value, the mean of what a proposal adds over all orders of building.",
        f"A proposal counts with what it requires; rivals are never built together.{interaction} "
        f"{style.source_note(found.network)}",
    )
    side = _beside(titles)
    ax = style.panel(figure, box, side, 0.35, WIDTH - side - 0.3, rows)
    _draw_shares(ax, found, table, titles)
    if cells:
        other = style.panel(figure, box, side, rows + 1.45, cells, cells)
        _draw_pairs(other, pairs, [names[s] for s in pairs.index], found.unit)
    return ax


def _titles(found: Ranking | Uncertainty | Stress, ids: Iterable[str]) -> list[str]:
    """Return scenarios' titles, those that are too long shortened."""
    known = {s.id: lettering.drawable(s.title) for s in found.scenarios}
    return [lettering.shortened(known[name], LONGEST, LETTERS) for name in ids]


def _beside(names: Iterable[str]) -> float:
    """Return the room for names beside a panel, inches."""
    return lettering.width_of(names, LETTERS) + APART


def _draw_shares(ax: Axes, found: Ranking, table: pd.DataFrame, titles: Sequence[str]) -> None:
    y = [float(i) for i in range(len(table))]
    bars = ax.barh(y, table["shapley"], 0.62, color=LIGHT, zorder=2)
    if not found.is_exact:
        errors = 2 * table["standard_error"]
        ax.errorbar(
            table["shapley"], y, xerr=errors, fmt="none", ecolor=style.INK, lw=1.2, zorder=3
        )
    look: dict[str, Any] = {"ls": "", "zorder": 4}
    (alone,) = ax.plot(table["alone"], y, "o", mfc="white", mec=style.INK, ms=6, **look)
    (last,) = ax.plot(table["last"], y, "|", color=style.WORSE, ms=13, mew=2.4, **look)
    columns = table[["shapley", "alone", "last"]].to_numpy()
    for level, value, edge in zip(y, table["shapley"], columns.max(axis=1), strict=True):
        _write(ax, f"{_signed(value)}{_share(value, found.total)}", max(edge, 0), level)
    _finish_rows(ax, titles, f"Gain, {found.unit}")
    low, high = min(0.0, float(columns.min())), max(float(columns.max()), 1e-12)
    ax.set_xlim(low, high + 0.17 * (high - low))
    _legend(ax, [bars, alone, last], ["Share (Shapley value)", "Built alone", "Built as the last"])


def _share(value: float, total: float) -> str:
    """Return a share of a total in brackets; nothing where there is none to speak of.

    >>> _share(0.5, 2.0), _share(0.001, 2.0), _share(0.0, 2.0)
    (' (25 %)', ' (< 1 %)', '')
    """
    if not value or not total:
        return ""
    percent = 100 * value / total
    return f" ({percent:.0f} %)".replace("-", "−") if abs(percent) >= 1 else " (< 1 %)"


def _legend(ax: Axes, handles: Sequence[Any], labels: Sequence[str]) -> None:
    """Write the legend above the rows."""
    ax.legend(
        handles,
        labels,
        loc="lower left",
        bbox_to_anchor=(-0.01, 1),
        ncols=4,
        fontsize=9,
        frameon=False,
        borderpad=0.1,
        borderaxespad=0.2,
    )


def _finish_rows(ax: Axes, names: Sequence[str], label: str) -> None:
    """Name the rows, the first on top, and the axis below."""
    ax.set_yticks(range(len(names)), list(names))
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(labelsize=LETTERS, length=0)
    ax.set_xlabel(label, fontsize=9.5)
    ax.grid(axis="x", color=style.GRID, lw=0.7)
    ax.set_axisbelow(True)
    ax.axvline(0, color=style.INK, lw=0.8, zorder=2.5)
    ax.spines[["top", "right", "left"]].set_visible(False)


def _write(ax: Axes, words: str, x: float, y: float) -> None:
    ax.annotate(
        words,
        (x, y),
        xytext=(8, 0),
        textcoords="offset points",
        va="center_baseline",
        fontsize=SMALL,
        color=style.INK,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.8},
    )


def _signed(value: float) -> str:
    """Return a gain with its sign and two figures that count.

    >>> _signed(0.1234), _signed(-3.0), _signed(0.0), _signed(12345.0)
    ('+0.12', '−3', '0', '+12,345')
    """
    if value == 0 or not np.isfinite(value):
        return "0" if value == 0 else "–"
    text = f"{value:+,.0f}" if abs(value) >= 100 else f"{value:+.2g}"
    return text.replace("-", "−")


def _matrix(found: Ranking, names: list[str]) -> pd.DataFrame:
    """Return the interactions among scenarios that have any, as a square."""
    pairs = found.interactions
    both = pairs[pairs["a"].isin(names) & pairs["b"].isin(names) & (pairs["value"].abs() > 1e-9)]
    there = [n for n in names if n in set(both["a"]) | set(both["b"])]
    square = both.pivot_table(index="a", columns="b", values="value").reindex(
        index=there, columns=there
    )
    return square.fillna(square.T)


def _what_interactions(found: Ranking) -> str:
    if found.is_exact:
        return "Shapley interaction index (Grabisch and Roubens 1999); above 0 worth more together."
    return "what two gain together less what each gains alone; above 0 worth more together."


def _draw_pairs(ax: Axes, pairs: pd.DataFrame, names: Sequence[str], unit: str) -> None:
    """Draw the lower triangle of interactions: orange where two are partly redundant.

    Names begin with a number, which alone stands under the columns.
    """
    from matplotlib.colors import LinearSegmentedColormap, SymLogNorm

    n = len(pairs)
    values = np.where(np.tri(n, k=-1, dtype=bool), pairs.to_numpy(dtype=float), np.nan)
    most = float(np.nanmax(np.abs(values)))
    digits = max(1 - int(np.floor(np.log10(most))), 0)  # two figures of the largest
    shades = LinearSegmentedColormap.from_list("pairs", [style.WORSE, "#F3F1EC", style.AFTER])
    norm = SymLogNorm(most / 10, vmin=-most, vmax=most)
    edges = np.arange(n + 1) - 0.5
    shown = np.ma.masked_invalid(values)
    ax.pcolormesh(edges, edges, shown, cmap=shades, norm=norm, edgecolors="white", lw=1.5)
    for i, j in zip(*np.nonzero(np.isfinite(values)), strict=True):
        text = f"{values[i, j]:+.{digits}f}".replace("-", "−")
        if float(text[1:]) == 0:
            continue
        is_dark = abs(float(norm(values[i, j])) - 0.5) > 0.33
        colour = "white" if is_dark else style.INK
        ax.text(j, i, text, ha="center", va="center_baseline", fontsize=8.5, color=colour)
    ax.set_xlim(-0.5, n - 1.5)
    ax.set_ylim(n - 0.5, 0.5)
    ax.set_yticks(range(1, n), names[1:])
    ax.set_xticks(range(n - 1), [name.split(" ")[0] for name in names[:-1]])
    ax.tick_params(length=0, labelsize=LETTERS)
    ax.spines[:].set_visible(False)
    title = f"How pairs add to one another, {unit}: blue worth more together, orange redundant"
    ax.set_title(title, **HEADING)


def draw_uncertainty(found: Uncertainty, ax: Axes | None = None) -> Axes:
    """Draw the range of each scenario's gain, and which inputs move the best one most.

    In given axes the ranges alone.
    """
    table = found.table.head(MOST_SHOWN)
    titles = _titles(found, table["scenario"])
    if ax is not None:
        _draw_fan(ax, found, table, titles)
        return ax
    best = str(table["scenario"].iloc[0])
    inputs = found.tornado[found.tornado["scenario"] == best].head(TORNADO_INPUTS)
    words = input_words(inputs["input"].tolist(), found.network, found.scenarios, best)
    names = [
        f"{lettering.shortened(text, LONGEST, LETTERS)}: {_range(row)}"
        for text, row in zip(words, inputs.to_dict("records"), strict=True)
    ]
    rows, bars = ROW * len(table), ROW * len(inputs)
    figure, box = style.titled_figure(
        WIDTH,
        rows + 1.05 + (bars + 1.1 if len(inputs) else 0),
        f"How sure are the gains in {WORDS[found.measure]}?",
        f"Gain of each proposal by {found.by}, {found.unit}, in {len(found.gains):,} paired "
        f"{found.shape} draws of {len(found.inputs)} uncertain inputs. The order of the proposals "
        f"agrees with that at the modes to Kendall τ = {number(found.rank_agreement, 2)}.",
        f"Every draw takes each input once, for all proposals alike (seed {found.seed}). "
        f"Below: one input at its low or high, all others at their mode. "
        f"{style.source_note(found.network)}",
    )
    side = _beside([*titles, *names])
    ax = style.panel(figure, box, side, 0.35, WIDTH - side - 0.3, rows)
    _draw_fan(ax, found, table, titles)
    if len(inputs):
        other = style.panel(figure, box, side, rows + 1.45, WIDTH - side - 0.3, bars)
        _draw_tornado(other, inputs, names, float(found.at_modes[best]), found.unit)
        other.set_title(f"What moves {titles[0]} most", **HEADING)
    return ax


def _draw_fan(ax: Axes, found: Uncertainty, table: pd.DataFrame, titles: Sequence[str]) -> None:
    y = [float(i) for i in range(len(table))]
    bands = [
        ax.barh(y, table[high] - table[low], thick, table[low], color=colour, zorder=2)
        for low, high, thick, colour in (("p5", "p95", 0.28, LIGHT), ("p25", "p75", 0.5, MIDDLE))
    ]
    look: dict[str, Any] = {"ls": "", "zorder": 3}
    ax.plot(table["p50"], y, "|", color="white", ms=9, mew=2, **look)
    look |= {"mfc": "white", "mec": style.INK, "ms": 5.5}
    (modes,) = ax.plot(table["at_modes"], y, "D", **look)
    for level, row in zip(y, table.to_dict("records"), strict=True):
        if row["positive"] < 1:
            words = f"gains in {min(round(100 * row['positive']), 99)} % of draws"
            _write(ax, words, max(row["p95"], row["at_modes"], 0), level)
    _finish_rows(ax, titles, f"Gain, {found.unit}")
    ax.use_sticky_edges = False
    ax.margins(x=0.03)
    labels = ["9 draws in 10", "Half of the draws; white: median", "All inputs at their mode"]
    _legend(ax, [*bands, modes], labels)


def _range(row: dict[Any, Any]) -> str:
    """Return the range of an input with its unit.

    >>> _range({"low": 0.45, "high": 0.9, "unit": "share"})
    '0.45–0.9'
    """
    unit = "" if row["unit"] in {"share", "exponent"} else row["unit"]
    return f"{row['low']:g}–{row['high']:g} {unit}".strip()


def _draw_tornado(
    ax: Axes, inputs: pd.DataFrame, names: Sequence[str], middle: float, unit: str
) -> None:
    for y, row in enumerate(inputs.to_dict("records")):
        ends = (row["gain_at_low"], row["gain_at_high"])
        for gain, colour, word in zip(ends, (LIGHT, MIDDLE), ("low", "high"), strict=True):
            ax.barh(y, gain - middle, 0.6, middle, color=colour, zorder=2)
            left = gain < middle
            ax.annotate(
                word,
                (gain, y),
                xytext=(-4 if left else 4, 0),
                textcoords="offset points",
                ha="right" if left else "left",
                va="center_baseline",
                fontsize=8,
                color=style.FAINT,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4},
            )
    _finish_rows(ax, names, f"Gain, {unit}")
    ax.axvline(middle, color=style.INK, lw=1.2, zorder=3)
    ax.margins(x=0.16)


def draw_stress(found: Stress, ax: Axes | None = None) -> Axes:
    """Draw what is left of each proposal's gain where something is closed, as a matrix.

    Beside it stand the crossings whose loss costs the base most. In given axes the matrix alone.
    """
    share = _shares_left(found)
    columns, closures = _titles(found, share.columns), _closures(found, share.index)
    columns = [lettering.shortened(title, TILTED, LETTERS) for title in columns]
    if ax is not None:
        _draw_survival(ax, share, columns, closures)
        return ax
    crossings = found.critical[
        (found.critical["network"] == "base") & (found.critical["kind"] == "crossing")
    ].head(12)
    drawable = map(lettering.drawable, crossings["name"])
    names = [lettering.shortened(name, LONGEST, LETTERS) for name in drawable]
    cell, side = 0.56, _beside([*closures, *names])
    slope = lettering.width_of(columns, LETTERS) * np.cos(np.radians(TILT))  # as high as it is wide
    width = max(side + cell * share.shape[1] + slope, 8.4)
    lower = ROW * len(crossings) + 0.95 if len(crossings) else 0.0
    rows = ROW * len(share)
    above = rows + slope + 0.6 if len(share) else 0.2
    figure, box = style.titled_figure(
        width,
        above + lower,
        "What closures leave of the gains, and what they cost",
        f"Above: share of a proposal's gain in {WORDS[found.measure]} by {found.by} that is left "
        "where something is closed before and after, % (100: all of it; above 100: worth more).",
        f"–: no gain anyway. Below: loss of {WORDS[found.measure]} of the base network "
        f"when one crossing closes, "
        f"{found.unit}; links are listed by the command. {style.source_note(found.network)}",
    )
    first: Axes | None = None
    if len(share) and share.shape[1]:
        first = style.panel(figure, box, side, slope + 0.2, cell * share.shape[1], rows)
        _draw_survival(first, share, columns, closures)
    if len(crossings):
        other = style.panel(
            figure, box, side, above + 0.4, width - side - BESIDE, ROW * len(crossings)
        )
        _draw_losses(other, crossings, names, found.unit)
        first = first or other
    return first or figure.add_axes((0, 0, 1, 1), frameon=False)


def _shares_left(found: Stress) -> pd.DataFrame:
    """Return what is left of gains, a closure a row, a scenario a column, largest gains first."""
    share = found.survival.pivot_table(
        index="closure", columns="scenario", values="share", sort=False, dropna=False
    )
    gains = found.survival.drop_duplicates("scenario").set_index("scenario")["gain"]
    order = gains.sort_values(ascending=False, kind="stable").index[:MOST_SHOWN]
    return share.reindex(columns=[c for c in order if c in share.columns])


def _closures(found: Stress, ids: Iterable[str]) -> list[str]:
    """Return what is closed in words: a scenario's title, a row's name, all of a country."""
    network = found.network
    known = {s.id: s.title for s in found.scenarios}
    for table in ("links", "crossings"):
        rows = network.tables[table]
        known |= {i: str(rows.row(i)["name"] or i) for i in ids if i in rows}
    countries = network.tables["countries"]
    known |= {i: f"All of {countries.row(i)['name']}" for i in ids if i in countries}
    return [lettering.shortened(lettering.drawable(known[i]), LONGEST, LETTERS) for i in ids]


def _draw_survival(
    ax: Axes, share: pd.DataFrame, columns: Sequence[str], closures: Sequence[str]
) -> None:
    from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap

    values = 100 * share.to_numpy(dtype=float)
    down, across = values.shape
    shades: Any = LinearSegmentedColormap.from_list(
        "left", ["#7A3300", style.WORSE, "#F3B98B", "#F3F1EC", "#9CCBE8", style.AFTER]
    )
    shades = shades.with_extremes(bad="#E4E4E4")
    norm = BoundaryNorm([0, 10, 50, 90, 98, 102, 110, 150], shades.N, extend="both")
    shown = np.ma.masked_invalid(values)
    ax.pcolormesh(
        np.arange(across + 1) - 0.5,
        np.arange(down + 1) - 0.5,
        shown,
        cmap=shades,
        norm=norm,
        edgecolors="white",
        lw=1.5,
    )
    for i, j in np.ndindex(down, across):
        value = values[i, j]
        word = "–" if not np.isfinite(value) else f"{value:,.0f}" if value < 1000 else "> 999"
        white = np.isfinite(value) and (value < 50 or value >= 150)
        colour = "white" if white else style.INK if abs(value - 100) > 2 else style.FAINT
        ax.text(j, i, word, ha="center", va="center_baseline", fontsize=8.5, color=colour)
    ax.set_xticks(range(across), columns, rotation=TILT, ha="left", rotation_mode="anchor")
    ax.xaxis.tick_top()
    ax.set_yticks(range(down), closures)
    ax.set_ylim(down - 0.5, -0.5)
    ax.tick_params(length=0, labelsize=LETTERS)
    ax.spines[:].set_visible(False)


def _draw_losses(ax: Axes, crossings: pd.DataFrame, names: Sequence[str], unit: str) -> None:
    y = [float(i) for i in range(len(crossings))]
    losses, words = crossings["loss"].tolist(), [*map(_loss_words, crossings.to_dict("records"))]
    ax.barh(y, losses, 0.62, color="#F3B98B", zorder=2)
    for level, loss, text in zip(y, losses, words, strict=True):
        _write(ax, text, loss, level)
    _finish_rows(ax, names, f"Loss, {unit}")
    ax.set_title("Crossings of the base whose loss costs most", **HEADING)
    wide = ax.get_position().width * ax.figure.get_figwidth()  # type: ignore[union-attr]
    # a bar is as much shorter as its words need, which may reach beyond the panel
    room = [wide + BESIDE - APART - lettering.width_of([text], SMALL) for text in words]
    ends = [loss * wide / min(left, wide) for loss, left in zip(losses, room, strict=True)]
    ax.set_xlim(0, max(ends) or 1.0)


def _loss_words(row: dict[Any, Any]) -> str:
    lost = f", {row['pairs_lost']:,} pairs without a route" if row["pairs_lost"] else ""
    return f"{_signed(row['loss']).lstrip('+')}  {row['mode']}, {row['countries']}{lost}"
