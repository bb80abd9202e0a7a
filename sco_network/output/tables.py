"""Tables for terminals and files: numbers with units, words for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.table import Table as RichTable

if TYPE_CHECKING:
    import pandas as pd
from sco_network.model.assumptions import Spread


def number(value: float | None, digits: int = 1) -> str:
    """Return a number for people; what is missing or infinite is a dash.

    >>> number(1234.56), number(float("inf")), number(0.00123)
    ('1,234.6', '–', '0.00123')
    """
    if value is None or not np.isfinite(value):
        return "–"
    if value != 0 and abs(value) < 0.1:
        return f"{value:.3g}"
    return f"{value:,.{digits}f}"


def percent(value: float | None) -> str:
    """Return a signed percentage.

    >>> percent(-12.345)
    '-12.3 %'
    """
    return "–" if value is None or not np.isfinite(value) else f"{value:+.1f} %"


def millions(people: float) -> str:
    """Return a count of people: in millions from a hundred thousand on.

    >>> millions(12_345_678), millions(99_999)
    ('12.3 million', '99,999')
    """
    return f"{people / 1e6:,.1f} million" if people >= 1e5 else f"{people:,.0f}"


def spread(value: Spread | None, digits: int = 1) -> str:
    """Return a value with its range; nothing where there is none.

    >>> spread(Spread(low=5.24, mode=7.54, high=8.84))
    '7.5 (5.2–8.8)'
    """
    if value is None:
        return ""
    low, mode, high = (number(v, digits) for v in (value.low, value.mode, value.high))
    return mode if low == high else f"{mode} ({low}–{high})"


def table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1
) -> RichTable:
    """Return a table for the terminal; the first `left` columns hold words."""
    made = RichTable(
        title=title, title_justify="left", title_style="bold", box=None, pad_edge=False
    )
    for i, column in enumerate(columns):
        made.add_column(column, justify="left" if i < left else "right", overflow="fold")
    for row in rows:
        made.add_row(*row)
    return made


def markdown(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table for a page: the first column holds words, the others numbers.

    >>> print(markdown(["pair", "h"], [["A–B", "12"]]))
    | pair | h |
    |---|--:|
    | A–B | 12 |
    """
    lines = [f"| {' | '.join(line)} |" for line in (columns, *rows)]
    lines.insert(1, "|---" + "|--:" * (len(columns) - 1) + "|")
    return "\n".join(lines)


def out() -> Console:
    """Return the console for results; wide enough where there is no terminal."""
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, width=140)
    return console


def csv_text(frame: pd.DataFrame) -> str:
    """Return a frame as CSV with enough digits to repeat a figure and none that are noise.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    words_only = frame.select_dtypes(["object", "string"]).columns
    frame = frame.assign(**{c: frame[c].map(_no_formula) for c in words_only})
    return str(frame.to_csv(index=False, float_format="%.8g", lineterminator="\n"))


def _no_formula(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@")) else cell


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as CSV."""
    path.write_text(csv_text(frame), encoding="utf-8", newline="")


def records_html(frame: pd.DataFrame, digits: dict[str, int] | None = None) -> str:
    """Return a frame as an HTML table, numbers aligned right."""

    def cell(value: Any, column: str) -> str:
        if isinstance(value, float | np.floating):
            return number(float(value), (digits or {}).get(column, 1))
        return str(value)

    shown = frame.copy().astype(object)
    for column in shown.columns:
        shown[column] = [cell(v, str(column)) for v in shown[column]]
    return str(shown.to_html(index=False, border=0, classes="table", escape=True))
