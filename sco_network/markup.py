"""Short tables for notebooks; every text is escaped, so that no name becomes markup."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any


def html_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], note: str = ""
) -> str:
    """Return a table as HTML: words left, numbers right; what is missing or infinite is a dash.

    >>> html_table("A & B", ["place", "h"], [["<x>", 1234.56]]).count("&lt;x&gt;")
    1
    """
    head = "".join(f'<th style="text-align:left">{escape(column)}</th>' for column in columns)
    body = "".join(f"<tr>{''.join(_cell(cell) for cell in row)}</tr>" for row in rows)
    below = f"<p>{escape(note)}</p>" if note else ""
    return (
        f"<p><b>{escape(title)}</b></p><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>{below}"
    )


def _cell(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f'<td style="text-align:left">{escape(str(value))}</td>'
    return f'<td style="text-align:right">{figure(value)}</td>'


def figure(value: float) -> str:
    """Return a number with the digits that count.

    >>> figure(1234.56), figure(12.345), figure(0.00123456), figure(math.inf)
    ('1,235', '12.3', '0.00123', '–')
    """
    if not math.isfinite(value):
        return "–"
    if value == 0 or abs(value) >= 100 or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:.3g}"
