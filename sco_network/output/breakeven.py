"""Concrete or customs: the contest as a table and as curves."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from . import lettering, style
from .tables import number, out, percent, spread, table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sco_network.analysis.breakeven import Breakeven, Match
    from sco_network.analysis.limits import Limit

PANELS = 12
COLUMNS = 3
# Shares of the gain above this are cut off, so that the panels can be compared.
HIGHEST_PERCENT = 200.0
BUILDING, ALL, WINNERS = style.INK, style.AFTER, style.ADDED
NOTE = "Border waits alone are cut, in proportion; running, transfers and changes of gauge stay."
WIDTH, PANEL, OVER = 11.0, 2.8, 0.85  # inches: the figure, a panel, what is written over it
LETTERS = 9.0  # points, of its title


def print_breakeven(found: Sequence[Breakeven]) -> None:
    """Print one line a proposal, and words where there is no match; for one its crossings."""
    console = out()
    first = found[0]
    rows = [
        (
            f.comparison.name,
            gain_words(f),
            str(len(f.cut_at) or "–"),
            _cut(f.same_gain),
            _cut(f.same_winners),
            spread(f.capex) or "not published",
            "; ".join(_limit(limit) for limit in f.limits) or "–",
        )
        for f in found
    ]
    columns = (
        "proposal",
        "gain",
        "crossings",
        "equal cut",
        "for its winners",
        "capex, bn USD",
        "gains nothing from",
    )
    where = _pair(first) if first.is_pair else "all terminals"
    title = f"Building, or cutting border waits? By {first.comparison.by}, {where}"
    console.print(table(title, columns, rows), "")
    for f in found:
        if len(found) == 1 or f.same_gain.cut is None:
            console.print(f"{f.comparison.name}: {f.verdict}.")
    if len(found) == 1 and first.cut_at:
        _print_crossings(first)


def _print_crossings(found: Breakeven) -> None:
    rows = [
        (
            r["name"],
            r["mode"],
            f"{r['share_percent']:.0f} %",
            number(r["wait_h"]),
            number(r["same_gain_h"]),
            number(r["same_winners_h"]),
        )
        for r in found.crossings.to_dict("records")
    ]
    columns = ("crossing", "mode", "of the gain", "wait, h", "equal gain, h", "its winners, h")
    out().print(table("\nThe crossings, and the waits that would do", columns, rows, left=2))


def gain_words(found: Breakeven) -> str:
    """Return the gain with its unit: `0.675 %` of efficiency, or `133.5 h`."""
    if not np.isfinite(found.gain):
        return "first route" if found.gain > 0 else "no route"
    if not found.gain:
        return "none"
    return f"{found.gain:,.1f} {found.unit}" if found.is_pair else f"{found.gain:.3g} %"


def _cut(match: Match) -> str:
    if match.cut is not None:
        return percent(-100 * match.cut)
    return f"reaches {match.reach_percent:.0f} %" if match.reach_percent > 0 else "–"


def _limit(limit: Limit) -> str:
    plan = f"(plan {limit.proposed:.0f})"
    if limit.value is not None:
        return f"{limit.what} {number(limit.value, 0)} {limit.unit} {plan}"
    if limit.left_percent >= 0.5:
        stays = f"{limit.left_percent:.0f} % stays"
    else:  # a first route gains however slow it is, but nothing if it is shut
        stays = "< 1 % stays" if limit.left_percent > 0 else "first routes"
    return f"never by {limit.what} {plan}: {stays}"


def _pair(found: Breakeven) -> str:
    name = found.comparison.after.network.name_of
    return " – ".join(name(t) for t in found.comparison.before.terminals)


def draw_breakeven(found: Breakeven, ax: Axes | None = None) -> Axes:
    """Draw what cuts of the waits gain, beside what building gains."""
    if ax is None:
        where = f", {_pair(found)}" if found.is_pair else ", all terminals"
        names = "; ".join(found.crossings["name"]) or "none"
        figure, box = style.titled_figure(
            8.4,
            5.0,
            lettering.drawable(found.comparison.title),
            f"Gains by {found.comparison.by}{where}, as shares of what building gains. Waits cut "
            f"at: {names}.",
            _note(found),
        )
        ax = style.panel(figure, box, 0.75, 0.6, 7.3, 3.8)
        ax.set_xlabel("Cut of the border waits, %", fontsize=9)
        ax.set_ylabel("Share of the gain of building, %", fontsize=9)
    _curves(ax, found)
    return ax


def _note(found: Breakeven) -> str:
    return f"{NOTE} {style.source_note(found.comparison.before.network)}"


def draw_contest(found: Sequence[Breakeven]) -> Axes:
    """Draw one panel a proposal, those that gain most first; return the first panel."""
    shown = sorted((f for f in found if f.gain > 0), key=lambda f: -f.gain)[:PANELS]
    if len(found) == 1 or not shown:
        return draw_breakeven(found[0])
    first = found[0]
    where = _pair(first) if first.is_pair else "all terminals"
    left_out = f"; the {len(shown)} that gain most" if len(shown) < len(found) else ""
    rows = -(-len(shown) // COLUMNS)
    figure, box = style.titled_figure(
        WIDTH,
        PANEL * rows + 0.5,
        "Concrete or customs?",
        "What cuts of border waits gain, as a share of what building gains: in sum over all, and "
        f"for the pairs that gain by building. By {first.comparison.by}, {where}{left_out}.",
        _note(first),
    )
    across = (WIDTH - 0.8) / COLUMNS
    wide, high = across - 0.25, PANEL - OVER - 0.2
    for i, one in enumerate(shown):
        row, column = divmod(i, COLUMNS)
        left, above = 0.75 + column * across, row * PANEL + OVER
        ax = style.panel(figure, box, left, above, wide, high)
        _curves(ax, one)
        title = _title_lines(figure, one, wide)
        ax.set_title("\n".join(title), fontsize=LETTERS, loc="left", pad=31)
        ax.tick_params(labelleft=not column, labelbottom=i + COLUMNS >= len(shown))
    foot = box[1] + 0.1 / figure.get_figheight()
    figure.supxlabel("Cut of the border waits, %", fontsize=9, y=foot)
    figure.supylabel("Share of the gain of building, %", fontsize=9, x=0.015)
    return figure.axes[0]


def _title_lines(figure: Figure, found: Breakeven, width: float) -> list[str]:
    """Return a proposal's title in one line or two; what does not fit into two is cut."""
    title = lettering.drawable(found.comparison.title)
    first, *more = lettering.broken(figure, title, width, LETTERS)
    return [first, *([lettering.shortened(" ".join(more), width, LETTERS)] if more else [])]


def _curves(ax: Axes, found: Breakeven) -> None:
    ax.axhline(100, color=BUILDING, lw=1.2, ls=(0, (4, 2)), zorder=2)
    _over(ax, (0.0, 1.1), f"Building gains {gain_words(found)}", BUILDING)
    if found.gain > 0 and np.isfinite(found.gain) and found.cut_at:
        curve = found.curve
        ax.plot(curve["cut_percent"], curve["gain_percent"], color=ALL, lw=2.2)
        who = "Waits" if found.is_pair else "In all"
        _over(ax, (0.0, 1.03), f"{who}: {_match_words(found.same_gain)}", ALL)
        _meet(ax, found.same_gain, ALL)
        if not found.is_pair:
            ax.plot(curve["cut_percent"], curve["winners_percent"], color=WINNERS, lw=1.6)
            words = f"Its winners: {_match_words(found.same_winners)}"
            _over(ax, (0.48, 1.03), words, WINNERS)
            _meet(ax, found.same_winners, WINNERS)
    else:
        words = textwrap.fill(found.verdict, 40)
        ax.text(50, 45, words, ha="center", va="center", fontsize=8.5, color=style.FAINT)
    ax.set_xlim(0, 100)
    ax.set_ylim(0, HIGHEST_PERCENT)
    ax.tick_params(labelsize=8, length=0)
    ax.grid(color="#E3E3E3", lw=0.6)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)


def _over(ax: Axes, at: tuple[float, float], words: str, colour: str) -> None:
    """Write a value above the axes, in its line's colour: a legend that says how much."""
    ax.text(*at, words, transform=ax.transAxes, fontsize=8, color=colour, weight="bold")


def _match_words(match: Match) -> str:
    if match.cut is not None:
        return f"cut of {100 * match.cut:.1f} %"
    return f"{max(match.reach_percent, 0):.0f} % reached"


def _meet(ax: Axes, match: Match, colour: str) -> None:
    """Mark the cut that equals building, or how far no wait at all would reach."""
    x, y = (100.0, match.reach_percent) if match.cut is None else (100 * match.cut, 100.0)
    ax.plot([x], [y], "o", ms=6, color=colour, mec="white", zorder=4, clip_on=False)
