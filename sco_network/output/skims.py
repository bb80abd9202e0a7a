"""Skims for people: a CSV file, and a summary."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any, Literal, TextIO

import numpy as np

from sco_network.routing.impedance import UNITS
from sco_network.routing.skim import Skim

from .tables import number, out, table

Form = Literal["matrix", "pairs"]


def write_skim(skim: Skim, file: TextIO, form: Form = "matrix") -> None:
    """Write a skim as CSV, row by row; an empty cell is no route.

    As `matrix`, one row an origin and one column a destination, and the first cell says what
    the cells are: `time_h`. As `pairs`, one row for every ordered pair of different terminals.
    """
    measure = f"{skim.by}_{UNITS[skim.by].lower()}"
    rows = _matrix_rows(skim, measure) if form == "matrix" else _pair_rows(skim, measure)
    csv.writer(file, lineterminator="\n").writerows(rows)


def _matrix_rows(skim: Skim, measure: str) -> Iterator[list[str]]:
    yield [measure, *skim.terminals]
    for origin, costs in zip(skim.terminals, skim.matrix, strict=True):
        yield [origin, *(_cell(c) for c in costs.tolist())]


def _pair_rows(skim: Skim, measure: str) -> Iterator[tuple[str, str, str]]:
    yield "from_node_id", "to_node_id", measure
    for origin, costs in zip(skim.terminals, skim.matrix, strict=True):
        for destination, cost in zip(skim.terminals, costs.tolist(), strict=True):
            if destination != origin:
                yield origin, destination, _cell(cost)


def _cell(cost: float) -> str:
    return f"{cost:.8g}" if cost < float("inf") else ""


def skim_record(skim: Skim) -> dict[str, Any]:
    """Return a skim's summary: how many pairs have a route, and what they cost.

    `mean` is over the ordered pairs that have one; None where there are none.
    """
    n = len(skim.terminals)
    costs = skim.matrix[np.isfinite(skim.matrix) & ~np.eye(n, dtype=bool)]
    return {
        "by": skim.by,
        "unit": UNITS[skim.by],
        "terminals": n,
        "pairs": n * (n - 1),
        "pairs_with_route": len(costs),
        "mean": float(costs.mean()) if len(costs) else None,
        "highest": float(costs.max()) if len(costs) else None,
    }


def print_skim(record: dict[str, Any]) -> None:
    """Print a skim's summary."""
    unit = record["unit"]
    without = record["pairs"] - record["pairs_with_route"]
    rows = [
        ("terminals", number(record["terminals"], 0)),
        ("pairs with a route", number(record["pairs_with_route"], 0)),
        ("pairs without one", number(without, 0)),
        (f"mean of pairs with a route, {unit}", number(record["mean"])),
        (f"highest, {unit}", number(record["highest"])),
        ("worked out, seconds", number(record["seconds"], 2)),
        ("worked out", record["where"]),
    ]
    out().print(table(f"Skim by {record['by']}", ("", ""), rows))
