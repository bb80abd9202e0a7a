"""The tables of a report about one proposal."""

from __future__ import annotations

from typing import Any

import numpy as np

from sco_network.output import style
from sco_network.output.charts import telling_routes

from .grids import (
    Cell,
    Column,
    Grid,
    change_text,
    claim_cells,
    level,
    number_cell,
    source_cell,
    verdict_cell,
)
from .study import Proposal, Study
from .words import signed

ROUTES_SHOWN = 10


def routes_grid(study: Study, proposal: Proposal) -> Grid:
    """Return the routes that change most, each with a bar from its cost today to that with it."""
    table = telling_routes(study.rows_of("routes", proposal.id), ROUTES_SHOWN)
    levels = table[["baseline", "scenario"]].to_numpy()
    known = levels[np.isfinite(levels)]
    most = known.max() if known.size else 1.0
    columns = [
        Column("Route", kind="words"),
        Column(f"Today, {study.unit}"),
        Column(f"With it, {study.unit}"),
        Column("Change, %"),
        Column("Today → with it", kind="bar"),
    ]
    rows = [
        [
            Cell(f"{study.place(row['from'])} – {study.place(row['to'])}"),
            *(Cell(level(row[c]), row[c]) for c in ("baseline", "scenario")),
            _change(row),
            _bar(row, most),
        ]
        for row in table.to_dict("records")
    ]
    return Grid(f"{proposal.anchor}-routes", "Routes that change most", columns, rows)


def _change(row: dict[Any, Any]) -> Cell:
    if np.isfinite(row["percent_change"]):
        value = row["percent_change"]
        return Cell(signed(value), value, "better" if value < 0 else "worse")
    return (
        Cell("new", look="better")
        if row["category"] == "newly_connected"
        else Cell("lost", look="worse")
    )


def _bar(row: dict[Any, Any], most: float) -> Cell:
    if not np.isfinite(row["percent_change"]):
        return Cell("")
    ends = tuple(round(100 * float(row[c]) / most, 1) for c in ("baseline", "scenario"))
    return Cell("", bar=(ends[0], ends[1]), look="better" if ends[1] < ends[0] else "worse")


def measures_grid(study: Study, proposal: Proposal) -> Grid:
    """Return the measures that a proposal changes."""
    table = study.rows_of("metrics", proposal.id)
    columns = [
        Column("Measure", kind="words"),
        Column("Unit", kind="words"),
        Column("Today"),
        Column("With it"),
        Column("Change, %"),
    ]
    moved = table[(table["change"] != 0) & ~table["metric"].str.contains(":")]
    rows = [
        [
            Cell(style.words(row["metric"])),
            Cell(row["unit"]),
            number_cell(row["baseline"], 4),
            number_cell(row["scenario"], 4),
            Cell(change_text(row["percent_change"]), row["percent_change"]),
        ]
        for row in moved.dropna(subset=["change"]).to_dict("records")
    ]
    return Grid(f"{proposal.anchor}-measures", "Measures that change", columns, rows)


def own_claims_grid(study: Study, proposal: Proposal) -> Grid:
    """Return the claims made for one proposal."""
    table = study.rows_of("claims", proposal.id)
    columns = [
        Column(t, kind="words") for t in ("Claim", "Published", "Model", "Verdict", "Source")
    ]
    rows = [
        [
            Cell(row["text"]),
            *claim_cells(row),
            verdict_cell(row["verdict"]),
            source_cell(study, row["source_id"]),
        ]
        for row in table.to_dict("records")
    ]
    return Grid(f"{proposal.anchor}-claims", "What is claimed for it", columns, rows)
