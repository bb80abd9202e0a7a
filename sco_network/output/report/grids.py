"""Tables of a page: columns, cells, and how numbers, claims and sources are shown in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sco_network.analysis.claims import Verdict
from sco_network.output import style
from sco_network.output.claims import MARKS, unit_words

from .study import Study
from .words import figure, signed, signed_as

LEAST_SHOWN = 0.001


@dataclass(frozen=True)
class Column:
    """A column: its head, what it means in full, and whether it holds words or numbers."""

    title: str
    hint: str = ""
    kind: str = "number"


@dataclass(frozen=True)
class Cell:
    """A cell: what is read, what is sorted by if that is not the same, a look, an address.

    `bar` is a change as the two ends of a bar, 0 to 100.
    """

    text: str
    value: float | str | None = None
    look: str = ""
    href: str = ""
    bar: tuple[float, float] | None = None


@dataclass(frozen=True)
class Grid:
    """A table with a caption; the first cell of a row is its head."""

    id: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    look: str = ""


def level(value: float) -> str:
    """Return a cost of travel, whole, or that there is no route."""
    return f"{value:,.0f}" if np.isfinite(value) else "no route"


def count_cell(value: float) -> Cell:
    """Return a cell with a whole number."""
    return Cell(f"{value:,.0f}", value)


def change_text(value: float, digits: int = 2) -> str:
    """Return a signed change; what is too small to matter has no more digits.

    >>> change_text(1.234), change_text(-0.0000123), change_text(0.0)
    ('+1.2', '−0.000', '0')
    """
    return signed_as("0.000", value) if 0 < abs(value) < LEAST_SHOWN else signed(value, digits)


def change_cell(value: float, digits: int = 2) -> Cell:
    """Return a cell with a signed change, and a look for more and for less."""
    look = "up" if value > 0 else "down" if value < 0 else ""
    return Cell(change_text(value, digits), value, look)


def number_cell(value: float, digits: int = 3) -> Cell:
    """Return a cell with a number; what is missing is a dash."""
    return Cell(figure(value, digits), value)


def scenario_cell(study: Study, scenario_id: str) -> Cell:
    """Return a proposal's title as a link to its page."""
    anchors = {p.id: p.anchor for p in study.proposals}
    href = f"#{anchors[scenario_id]}" if scenario_id in anchors else ""
    return Cell(study.title(scenario_id), href=href)


def claim_cells(row: dict[Any, Any]) -> tuple[Cell, Cell]:
    """Return what a claim publishes and what the model has for it, each in its unit."""
    found = []
    for who in ("published", "model"):
        before, after, change = (row[f"{who}_{what}"] for what in ("before", "after", "change"))
        parts = []
        if not (pd.isna(before) and pd.isna(after)):
            unit = unit_words(row["unit"] if who == "published" else row["model_unit"])
            parts.append(_levels(before, after, unit))
        stated = pd.isna(row["published_before"]) and pd.isna(row["published_after"])
        if stated and not pd.isna(change) and not pd.isna(row["published_change"]):
            parts.append(f"{signed(change)} {unit_words(row['unit'])}")
        found.append(Cell("; ".join(parts) or "no figure", _first(after, change, before)))
    return found[0], found[1]


def _levels(before: float, after: float, unit: str) -> str:
    """Return one or two levels with their unit."""
    if pd.isna(after):
        return f"{_figure(before)} {unit} today"
    if pd.isna(before):
        return f"{_figure(after)} {unit} with it"
    return f"{_figure(before)} → {_figure(after)} {unit}"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"


def _first(*values: float) -> float | None:
    return next((float(v) for v in values if not pd.isna(v)), None)


def verdict_cell(verdict: Verdict) -> Cell:
    """Return a verdict with a mark that can be told apart without colours."""
    look = f"verdict {verdict.replace(' ', '-')}"
    return Cell(f"{MARKS[verdict]} {verdict}", verdict, look)


def source_cell(study: Study, source_id: Any) -> Cell:
    """Return a source as a link into the list of sources."""
    sources = study.network.tables["sources"]
    if not isinstance(source_id, str) or source_id not in sources:
        return Cell("–")
    return Cell(style.publisher_year(sources.row(source_id)) or source_id, href=f"#s-{source_id}")
