"""The tables of a report that set all proposals side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sco_network.analysis.benchmarks import Benchmarks
from sco_network.analysis.explain import coverage
from sco_network.output import style

from .findings import closure_name
from .grids import (
    Cell,
    Column,
    Grid,
    change_cell,
    claim_cells,
    count_cell,
    level,
    number_cell,
    scenario_cell,
    source_cell,
    verdict_cell,
)
from .study import Study
from .words import MINUS, figure, listed

# Shares of a gain, and changes in percent, at which a shade of a heat table begins.
KEPT_SHADES = (0.1, 0.5, 0.9, 0.995)
ACCESS_SHADES = (0.05, 0.5, 2.0, 10.0)
MOST_CRITICAL, MOST_INTERACTIONS = 20, 12


def summary_grid(study: Study) -> Grid:
    """Return one line per proposal."""
    unit = study.unit
    columns = [
        Column("Proposal", kind="words"),
        Column("Kind", kind="words"),
        Column("Status", kind="words"),
        Column("Improved", "Ordered pairs of places that improve"),
        Column("New", "Ordered pairs that get their first route"),
        Column("Worse", "Ordered pairs that get worse"),
        Column("Lost", "Ordered pairs that lose their last route"),
        Column("Efficiency", f"Change of the mean of 1/{unit} over all pairs, %"),
        Column("by gen. cost", "Change of efficiency by generalised cost, %"),
        Column("Market access", "Change of market access, mean over people, %"),
        Column(f"Largest change, {unit}", kind="words"),
    ]
    rows = [
        [
            scenario_cell(study, p.id),
            Cell(r["kind"]),
            Cell(style.words(r["status"])),
            *(count_cell(r[c]) for c in ("improved", "newly_connected", "worse", "lost")),
            *(
                change_cell(r[f"{c}_percent"])
                for c in ("efficiency", "efficiency_by_generalised", "market_access")
            ),
            _top_route(study, r),
        ]
        for p, r in zip(study.proposals, study.summary, strict=True)
    ]
    caption = f"Every scenario beside the base, by {study.by}; changes in percent"
    return Grid("summary", caption, columns, rows)


def _top_route(study: Study, row: dict[str, Any]) -> Cell:
    if not isinstance(row["top_route_from"], str):
        return Cell("none")
    ends = [study.place(row[f"top_route_{end}"]) for end in ("from", "to")]
    levels = [level(row[f"top_route_{end}"]) for end in ("baseline", "scenario")]
    return Cell(f"{' – '.join(ends)}: {' → '.join(levels)}")


def claims_grid(study: Study) -> Grid:
    """Return every published claim beside the model's figures."""
    columns = [
        Column("Claim", kind="words"),
        Column("Scenario", kind="words"),
        Column("Published", "As published: before → after, or the change", kind="words"),
        Column("Model", "The model’s: before → after, or the change", kind="words"),
        Column("Verdict", kind="words"),
        Column("Remarks", kind="words"),
        Column("Source", kind="words"),
    ]
    rows = [
        [
            Cell(row["text"]),
            scenario_cell(study, row["scenario"]),
            *claim_cells(row),
            verdict_cell(row["verdict"]),
            Cell(row["remarks"]),
            source_cell(study, row["source_id"]),
        ]
        for row in study.tables["claims"].to_dict("records")
    ]
    tolerance = listed([f"{t:g}" for t in sorted(set(study.tables["claims"]["tolerance_percent"]))])
    caption = f"Published claims and what the model finds, tolerance {tolerance} %"
    return Grid("claims-table", caption, columns, rows)


def waits_grid(study: Study) -> Grid:
    """Return the cut of border waits that gains as much as each proposal."""
    columns = [
        Column("Proposal", kind="words"),
        Column("Gain", "Change of efficiency by building, %"),
        Column("Equal cut", "Cut of waits that gains as much, %"),
        Column("No wait at all", "Share of the gain that no wait at all would reach, %"),
        Column("At these crossings", kind="words"),
    ]
    rows = [
        [
            scenario_cell(study, row["scenario_id"]),
            change_cell(row["gain_percent"]),
            number_cell(row["cut_percent"]),
            number_cell(row["reach_percent"]),
            Cell(row["crossings"] or row["verdict"]),
        ]
        for row in study.tables["breakeven"].to_dict("records")
    ]
    caption = "Concrete or customs: cuts of today’s border waits that gain as much as building, %"
    return Grid("waits-table", caption, columns, rows)


def ranking_grid(study: Study) -> Grid:
    """Return who contributes what to the joint gain."""
    columns = [
        Column("Proposal", kind="words"),
        Column("Share", "Shapley value: its mean addition over all orders of building, %"),
        Column("± error", "Standard error of a sampled share, %"),
        Column("Alone", "Gain if nothing else is built, %"),
        Column("Last", "Gain if all others are there, %"),
    ]
    rows = [
        [
            scenario_cell(study, row["scenario"]),
            change_cell(row["shapley"], 3),
            number_cell(row["standard_error"], 1),
            change_cell(row["alone"], 3),
            change_cell(row["last"], 3),
        ]
        for row in study.tables["ranking"].to_dict("records")
    ]
    return Grid("ranking-table", "Who contributes what to the joint gain, %", columns, rows)


def order_grid(study: Study) -> Grid:
    """Return the order of building that keeps the gain high."""
    columns = [
        Column("Proposal", kind="words"),
        Column("Step"),
        Column("Adds", "What it adds to the gain at its step, %"),
        Column("Together", "The gain once it is built, %"),
    ]
    rows = [
        [
            scenario_cell(study, row["scenario"]),
            count_cell(i),
            change_cell(row["adds"], 3),
            number_cell(row["total"]),
        ]
        for i, row in enumerate(study.tables["building-order"].to_dict("records"), 1)
    ]
    return Grid("order-table", "What to build first, by gain, %", columns, rows)


def interactions_grid(study: Study) -> Grid:
    """Return the pairs that help or replace each other most."""
    columns = [
        Column("One", kind="words"),
        Column("and the other", kind="words"),
        Column("Together", "What the two gain together beyond what they gain apart, %"),
    ]
    rows = [
        [
            scenario_cell(study, row["a"]),
            scenario_cell(study, row["b"]),
            change_cell(row["value"]),
        ]
        for row in study.tables["interactions"].head(MOST_INTERACTIONS).to_dict("records")
    ]
    caption = "Pairs that are worth more together (+) or replace each other (−), %"
    return Grid("interactions-table", caption, columns, rows)


def survival_grid(study: Study) -> Grid:
    """Return how much of each gain is left under each closure, as a heat table."""
    table = study.tables["survival"]
    wide = table.pivot_table(index="scenario", columns="closure", values="share", sort=False)
    columns = [
        Column("Proposal", kind="words"),
        *(Column(closure_name(study, c), kind="heat") for c in wide.columns),
    ]
    rows = [
        [
            scenario_cell(study, str(name)),
            *(
                Cell(f"{100 * v:.0f}", 100 * v, f"kept-{_shade(v, KEPT_SHADES)}")
                if np.isfinite(v)
                else Cell("–")
                for v in line
            ),
        ]
        for name, line in zip(wide.index, wide.to_numpy(), strict=True)
    ]
    caption = "Share of a proposal’s gain that is left when something is closed, %"
    return Grid("survival-table", caption, columns, rows, "heat-table")


def _shade(value: float, steps: Sequence[float]) -> int:
    return int(np.searchsorted(steps, value, side="right"))


def critical_grid(study: Study) -> Grid:
    """Return the links and crossings whose loss costs most today."""
    table = study.tables["critical"]
    columns = [
        Column("What is lost", kind="words"),
        Column("Kind", kind="words"),
        Column("Mode", kind="words"),
        Column("Countries", kind="words"),
        Column("Efficiency", "Fall of efficiency without it, %"),
        Column("Pairs cut", "Ordered pairs that are left without a route"),
    ]
    rows = [
        [
            Cell(_lost_name(study, row)),
            Cell(row["kind"]),
            Cell(row["mode"]),
            Cell(row["countries"]),
            change_cell(-row["loss"]),
            count_cell(row["pairs_lost"]),
        ]
        for row in table[table["network"] == "base"].head(MOST_CRITICAL).to_dict("records")
    ]
    return Grid("critical-table", "Links and crossings that the base misses most", columns, rows)


def _lost_name(study: Study, row: dict[Any, Any]) -> str:
    """Return the name of a crossing, or a link's ends and name: a railway has many links."""
    if row["kind"] == "crossing":
        return str(row["name"])
    link = study.network.links.row(row["id"])
    ends = " – ".join(study.place(link[end]) for end in ("from_node_id", "to_node_id"))
    return ends if row["name"] in {row["id"], ends} else f"{ends} ({row['name']})"


def access_grid(study: Study) -> Grid:
    """Return the change of market access by proposal and country, as a heat table."""
    table = study.tables["people"]
    wide = table.pivot_table(
        index="scenario_id", columns="country", values="access_percent", sort=False
    )
    inside = study.sco_countries
    shown = [c for c in wide.columns if not inside or c in inside]
    wide = wide[[c for c in shown if wide[c].abs().max() > 0]]
    columns = [
        Column("Proposal", kind="words"),
        *(Column(str(c), study.country(str(c)), kind="heat") for c in wide.columns),
    ]
    rows = [
        [scenario_cell(study, str(name)), *map(_access_cell, line)]
        for name, line in zip(wide.index, wide.to_numpy(), strict=True)
    ]
    where = "members, observers and partners of the SCO" if inside else "every country"
    caption = (
        f"Change of market access in {where}, mean over people, %; a dot is less than "
        f"{ACCESS_SHADES[0]:g}"
    )
    return Grid("access-table", caption, columns, rows, "heat-table")


def _access_cell(value: float) -> Cell:
    if not np.isfinite(value):
        return Cell("–")
    way = "gain" if value > 0 else "loss"
    shade = _shade(abs(value), ACCESS_SHADES)
    text = "·" if shade == 0 else f"{value:+.{0 if abs(value) >= 10 else 1}f}".replace("-", MINUS)
    return Cell(text, value, f"{way}-{shade}")


def countries_grid(study: Study) -> Grid:
    """Return each country's way to the sea today, and what helps and hurts it most."""
    table = study.tables["people"]
    unit = study.unit
    columns = [
        Column("Country", kind="words"),
        Column("People", "Of its places in the network, millions"),
        Column(f"To the sea, {unit}", "Mean best way to a deep-sea port today"),
        Column("Borders", "Mean number of borders on that way"),
        Column(f"Penalty, {unit}", "Above the median coastal country; landlocked ones only"),
        Column("Helped most by", kind="words"),
        Column("Market access", "Change by that proposal, %"),
        Column("Hurt most by", kind="words"),
        Column("Market access", "Change by that scenario, %"),
    ]
    rows = []
    for country, lines in table.groupby("country", sort=True):
        first = lines.iloc[0]
        best, worst = (
            lines.loc[getattr(lines["access_percent"], which)()] for which in ("idxmax", "idxmin")
        )
        rows.append(
            [
                Cell(study.country(str(country))),
                Cell(f"{first['population'] / 1e6:,.1f}", first["population"]),
                *(
                    number_cell(first[c], d)
                    for c, d in (
                        ("to_port_before", 3),
                        ("borders_before", 2),
                        ("penalty_before", 3),
                    )
                ),
                *_most(study, best, 1),
                *_most(study, worst, -1),
            ]
        )
    caption = "Countries: the way to the sea today, and which scenario changes market access most"
    return Grid("countries-table", caption, columns, rows)


def _most(study: Study, row: pd.Series[Any], way: int) -> tuple[Cell, Cell]:
    if not row["access_percent"] * way > 0:
        return Cell("–"), Cell("–")
    return scenario_cell(study, row["scenario_id"]), change_cell(row["access_percent"])


def programme_grid(study: Study) -> Grid:
    """Return the programme in the order of opening."""
    columns = [
        Column("Proposal", kind="words"),
        Column("Opens", "Most likely year (earliest–latest)"),
        Column("Adds", "What it adds when it opens, after all before it, %"),
        Column("Alone", "What it gains on its own, %"),
        Column("Cost, billion USD", "Capital cost as published (low–high)"),
        Column("% per billion", "Gain of efficiency for each billion US dollars"),
        Column("Lost by delay", "Gain lost if it comes five years later, percent-years"),
    ]
    rows = [
        [
            scenario_cell(study, row["scenario"]),
            Cell(_range(row, "year", 0), row["year_mode"]),
            change_cell(row["adds_percent"]),
            change_cell(row["alone_percent"]),
            Cell(_range(row, "capex_busd", 2), row["capex_busd_mode"]),
            number_cell(row["percent_per_busd_mode"], 2),
            number_cell(row["lost_by_delay"], 2),
        ]
        for row in study.tables["programme"].to_dict("records")
    ]
    return Grid("programme-table", "The programme in the order of opening", columns, rows)


def _range(row: dict[Any, Any], name: str, digits: int) -> str:
    low, mode, high = (row[f"{name}_{end}"] for end in ("low", "mode", "high"))
    if pd.isna(mode):
        return "not published" if name == "capex_busd" else "–"

    def said(value: float) -> str:
        return figure(value, digits) if digits else f"{value:.0f}"

    return said(mode) if low == high else f"{said(mode)} ({said(low)}–{said(high)})"


def flows_grid(study: Study) -> Grid:
    """Return what pipelines can carry between countries where a proposal changes it."""
    table = study.tables["flows"]
    moved = table[(table["before_status"] != table["after_status"]) | (table["change"] != 0)]
    columns = [
        Column("Proposal", kind="words"),
        Column("Goods", kind="words"),
        Column("From", kind="words"),
        Column("To", kind="words"),
        Column("Today", "Most that can flow, bcm or Mt a year"),
        Column("With it", "Most that can flow, bcm or Mt a year"),
        Column("Change", "bcm or Mt a year"),
    ]
    rows = [
        [
            scenario_cell(study, row["scenario_id"]),
            Cell(row["commodity"]),
            Cell(_end(study, row["from"])),
            Cell(_end(study, row["to"])),
            *(flow_cell(row[w], row[f"{w}_status"]) for w in ("before", "after")),
            change_cell(row["change"], 3) if np.isfinite(row["change"]) else Cell("–"),
        ]
        for row in moved.to_dict("records")
    ]
    return Grid(
        "flows-table", "What pipelines can carry, where a proposal changes it", columns, rows
    )


def _end(study: Study, code: str) -> str:
    return "all countries" if code == "all" else study.country(code)


def flow_cell(value: float, status: str) -> Cell:
    """Return a flow, or in words why there is no figure."""
    return number_cell(value, 4) if status == "flow" else Cell(status)


def errors_grid(study: Study) -> Grid:
    """Return how closely the base comes to published route figures."""
    columns = [
        Column("Figures", kind="words"),
        Column("How many"),
        Column("Median error", "Median of |error|, %"),
        Column("95th percentile", "of |error|, %"),
        Column("Within 5 %", "Share of figures, %"),
        Column("Without a route"),
    ]
    rows = [
        [
            Cell(name),
            count_cell(e["figures"]),
            number_cell(e["median_percent"], 2),
            number_cell(e["p95_percent"], 2),
            number_cell(e["within_5_percent"], 2),
            count_cell(e["unreachable"]),
        ]
        for name, e in Benchmarks(study.tables["benchmarks"], study.base_year).errors.items()
    ]
    return Grid("errors-table", "Published route figures beside the model’s", columns, rows)


def confidence_grid(study: Study) -> Grid:
    """Return places, kilometres and how far they can be trusted, by mode."""
    columns = [
        Column("Mode", kind="words"),
        Column("Places"),
        Column("Length, km"),
        *(Column(f"{grade}, %") for grade in "ABCD"),
    ]
    rows = [
        [
            Cell(row["mode"]),
            count_cell(row["nodes"]),
            count_cell(row["km"]),
            *(Cell(f"{row[f'{grade}_percent']:.0f}", row[f"{grade}_percent"]) for grade in "ABCD"),
        ]
        for row in coverage(study.network)
        if row["country"] == "all"
    ]
    caption = "Kilometres of the base network by confidence of their length"
    return Grid("confidence-table", caption, columns, rows)
