"""A programme over the years: tables, and a chart of steps with what opens when."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from . import lettering, style
from .tables import number, out, percent, table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sco_network.analysis.order import Order
    from sco_network.analysis.timeline import Timeline

CASE_WORDS = {"low": "early", "mode": "base", "high": "late"}
RULE_WORDS = {"gain": "what adds most", "gain per billion": "what adds most per dollar"}
METHOD_WORDS = {"greedy": "greedy", "exact": "exact", "announced": "as announced"}
UNPUBLISHED = "not published"
ROW_INCHES = 0.25
WIDTH, STEPS = 11.0, 3.3  # inches: the figure, the steps
LONGEST, LETTERS = 3.6, 8.5  # of a title: inches, points
NAMED = 2.4  # inches, of a title beside a step
NOTE = (
    "Build years: the sources of each scenario file. Efficiency: mean of 1/cost over all pairs of "
    "terminals."
)
# A step is named beside the line if it adds at least this share of the whole.
NAMED_SHARE = 0.08
# Gains below the first are not told apart, those below the second are rounding.
SMALLEST, NOTHING = 0.001, 1e-9


def print_timeline(found: Timeline) -> None:
    """Print the years in which something opens, the proposals, the orders, and who is left out."""
    console = out()
    console.print(_years_table(found), "")
    console.print(_proposals_table(found), "")
    summed = found.cumulated
    all_of_it = ", ".join(f"{CASE_WORDS[case]} {total:.1f}" for case, total in summed.items())
    console.print(f"Gain summed over {found.first}–{found.last}, percent-years: {all_of_it}.\n")
    for rule in RULE_WORDS:
        _print_order([o for o in found.orders if o.rule == rule])
    for name, why in found.programme.left_out.items():
        console.print(f"left out: {name}: {why}")


def _years_table(found: Timeline) -> Any:
    percents = [_series(found, case) for case in CASE_WORDS]
    before = found.programme.measures(())
    rows = [
        (
            str(r["year"]),
            ", ".join(r["opens"]) or "–",
            *(gain(series[r["year"]]) for series in percents),
            gain(100 * (r["market_access"] / before.market_access - 1)),
            number(r[f"mean_{found.by}"], 2),
        )
        for r in found.years[found.years["case"] == found.case].to_dict("records")
        if r["opens"] or r["year"] in {found.first, found.last}
    ]
    columns = (
        "year",
        f"opens, {CASE_WORDS[found.case]} case",
        *(f"efficiency, {words} %" for words in CASE_WORDS.values()),
        "market access %",
        f"mean {found.by}",
    )
    title = f"The programme by {found.by}, change against the base, {found.first}–{found.last}"
    return table(title, columns, rows, left=2)


def _series(found: Timeline, case: str) -> pd.Series[float]:
    """Return the gain in efficiency by year, percent."""
    rows = found.years[found.years["case"] == case]
    return rows.set_index("year")["efficiency_percent"]


def gain(value: float) -> str:
    """Return a gain in percent with three digits that count.

    >>> gain(1.43634), gain(0.0029154), gain(2e-6), gain(0.0)
    ('+1.44', '+0.00292', '< 0.001', '0')
    """
    if abs(value) < SMALLEST:
        return "0" if abs(value) < NOTHING else f"< {SMALLEST:g}"
    return f"{value:+.3g}"


def _range(row: dict[Any, Any], name: str, digits: int) -> str:
    low, mode, high = (row[f"{name}_{end}"] for end in CASE_WORDS)
    if pd.isna(mode):
        return UNPUBLISHED
    if abs(high) < SMALLEST:
        return gain(high)
    shown = [f"{v:.{digits}g}" for v in (low, mode, high)]
    return shown[1] if low == high else f"{shown[1]} ({shown[0]}–{shown[2]})"


def _proposals_table(found: Timeline) -> Any:
    rows = [
        (
            r["scenario"],
            _years(r),
            gain(r["adds_percent"]),
            gain(r["alone_percent"]),
            _range(r, "capex_busd", 3),
            _range(r, "percent_per_busd", 2),
            gain(r["lost_by_delay"]).lstrip("+"),
            gain(r["lost_if_late"]).lstrip("+"),
        )
        for r in found.proposals.to_dict("records")
    ]
    columns = (
        "proposal",
        "opens",
        "adds %",
        "alone %",
        "capex, bn USD",
        "alone % per bn USD",
        f"lost, {found.delay} years late",
        "lost, late case",
    )
    title = (
        "Proposals as they open: gain in efficiency; value for money; cost of delay in "
        f"percent-years up to {found.last}"
    )
    return table(title, columns, rows, left=2)


def _years(row: dict[Any, Any]) -> str:
    low, mode, high = (f"{row[f'year_{end}']:.0f}" for end in CASE_WORDS)
    return mode if low == high else f"{mode} ({low}–{high})"


def _print_order(orders: list[Order]) -> None:
    """Print the best order of a rule, beside the share in hand of the others."""
    best = orders[-1]
    if best.steps.empty:
        return
    rows = [
        (
            str(place),
            r["scenario"],
            gain(r["adds_percent"]),
            gain(r["gain_percent"]),
            UNPUBLISHED if pd.isna(r["capex_busd"]) else number(r["capex_busd"]),
        )
        for place, r in enumerate(best.steps.to_dict("records"), 1)
    ]
    in_hand = ", ".join(
        f"{METHOD_WORDS[o.method]} {number(o.in_hand_percent, 0)} %" for o in orders
    )
    title = f"Order of building by {RULE_WORDS[best.rule]} ({METHOD_WORDS[best.method]})"
    columns = ("", "proposal", "adds %", "in all %", "capex, bn USD")
    console = out()
    console.print(table(title, columns, rows, left=2))
    console.print(f"Share of the whole gain in hand while it is built: {in_hand}.")
    if best.method == "greedy":
        console.print(
            "Greedy: next always the best by itself; a line that pays only with another comes late."
        )
    console.print("")


def draw_timeline(found: Timeline, ax: Axes | None = None) -> Axes:
    """Draw the gain over the years as steps, early to late as a band, and each opening below."""
    if ax is None:
        below = ROW_INCHES * len(found.proposals)
        network = found.programme.space.network
        base_year = network.base_year
        figure, box = style.titled_figure(
            WIDTH,
            STEPS + below + 1.0,
            f"The programme, {found.first}–{found.last}",
            f"Gain in efficiency by {found.by} over the network of {base_year}, as proposals "
            f"open. Line and dots: {CASE_WORDS[found.case]} years; band and bars: early to late "
            "years.",
            f"{NOTE} {style.source_note(network)}",
        )
        left, width = LONGEST + 0.3, WIDTH - LONGEST - 1.35
        ax = style.panel(figure, box, left, 0.15, width, STEPS)
        lower = style.panel(figure, box, left, STEPS + 0.6, width, below, sharex=ax)
        _draw_openings(lower, found)
    _draw_steps(ax, found)
    return ax


def _draw_steps(ax: Axes, found: Timeline) -> None:
    series = {case: _series(found, case) for case in CASE_WORDS}
    line = series[found.case]
    years = line.index.to_numpy()
    ax.fill_between(
        years, series["low"], series["high"], step="post", color=style.AFTER, alpha=0.16, lw=0
    )
    ax.step(years, line, where="post", color=style.AFTER, lw=2.4)
    top = float(max(s.max() for s in series.values()))
    ax.set_xlim(found.first, found.last)
    ax.set_ylim(0, top * 1.12 if top > 0 else 1)
    ax.set_ylabel("Gain in efficiency, %", fontsize=9)
    ax.tick_params(labelsize=8.5, length=0)
    ax.grid(color="#E3E3E3", lw=0.7)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
    _name_steps(ax, found, line)
    named: list[float] = []
    for case in (found.case, *CASE_WORDS):
        end = float(series[case].iloc[-1])
        if all(abs(end - other) > 0.06 * top for other in named):
            named.append(end)
            ax.annotate(
                f"{CASE_WORDS[case]} {percent(end)}",
                (found.last, end),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                fontsize=8.5,
                annotation_clip=False,
                weight="bold" if case == found.case else "normal",
                color=style.AFTER if case == found.case else style.FAINT,
            )


def _name_steps(ax: Axes, found: Timeline, line: pd.Series[float]) -> None:
    """Name what opens beside each large step; such labels lie at heights of their own."""
    opening: dict[int, list[dict[Any, Any]]] = {}
    for r in found.proposals.to_dict("records"):
        opening.setdefault(math.ceil(r[f"year_{found.case}"]), []).append(r)
    for year, group in opening.items():
        if not found.first <= year <= found.last:
            continue
        after, before = line[year], line.get(year - 1, 0.0)
        if after - before < NAMED_SHARE * line.iloc[-1]:
            continue
        best = max(group, key=lambda r: float(r["adds_percent"]))
        words = lettering.shortened(lettering.drawable(best["title"]), NAMED, LETTERS)
        if len(group) > 1:
            words += f" and {len(group) - 1} more"
        late = year > (found.first + found.last) / 2
        ax.annotate(
            f"{year}: {words}",
            (year, (before + after) / 2),
            xytext=(-6 if late else 6, 0),
            textcoords="offset points",
            ha="right" if late else "left",
            va="center",
            fontsize=LETTERS,
            color=style.INK,
        )


def _draw_openings(ax: Axes, found: Timeline) -> None:
    """Draw a line for each proposal: early to late year, base year marked, what it adds."""
    rows = found.proposals.to_dict("records")
    largest = max((r["adds_percent"] for r in rows), default=0.0)
    for level, r in enumerate(rows):
        low, high, opens = (r[f"year_{case}"] for case in ("low", "high", found.case))
        strong = largest > 0 and r["adds_percent"] >= NAMED_SHARE * largest
        colour = style.AFTER if strong else style.BEFORE
        ax.plot([low, high], [level, level], color=colour, lw=4, alpha=0.3, solid_capstyle="butt")
        if opens <= found.last:
            ax.plot([opens], [level], "o", ms=6, color=colour, zorder=3, clip_on=False)
        else:
            ax.text(found.last, level, f"{opens:.0f} → ", ha="right", va="center", fontsize=7.5)
        ax.text(
            1.012,
            level,
            gain(r["adds_percent"]),
            transform=ax.get_yaxis_transform(),
            va="center",
            fontsize=8.2,
            color=style.INK if strong else style.FAINT,
        )
    names = [lettering.shortened(lettering.drawable(r["title"]), LONGEST, LETTERS) for r in rows]
    ax.set_yticks(range(len(rows)), names, fontsize=LETTERS)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.text(
        1.012, -1, "adds, %", transform=ax.get_yaxis_transform(), fontsize=8.2, color=style.FAINT
    )
    ax.tick_params(axis="x", labelsize=8.5)
    ax.tick_params(length=0)
    ax.grid(axis="x", color="#E3E3E3", lw=0.7)
    ax.set_axisbelow(True)
    ax.spines[["top", "right", "left"]].set_visible(False)
