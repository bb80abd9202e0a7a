"""Differences as text or Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sco_network.model.differences import WORDS, Difference, Differences

SIGN = {"added": "+", "removed": "-", "changed": "~"}
LONGEST = 300  # characters of one value


def as_text(found: Differences) -> str:
    """Return differences for a terminal: `+` added, `-` removed, `~` changed (old → new)."""
    lines = [_title(found)]
    for table, counts in found.counts().items():
        lines.append(f"{table}: {_counts(counts)}")
        lines += [line for row in _rows_of(found, table) for line in _text_lines(row)]
    return "\n".join(lines)


def as_markdown(found: Differences) -> str:
    """Return differences as a page: a table of fields for every table of rows."""
    lines = [f"# {_escaped(_title(found))}"]
    for table, counts in found.counts().items():
        lines += ["", f"## {table}: {_counts(counts)}", ""]
        lines += ["| | id | field | old | new |", "|---|---|---|---|---|"]
        for row in _rows_of(found, table):
            lines += ["| " + " | ".join(map(_escaped, cells)) + " |" for cells in _page_rows(row)]
    return "\n".join(lines)


def _title(found: Differences) -> str:
    between = f"{WORDS[found.kind]} {found.old} → {found.new}"
    if not found.rows:
        return f"No difference: {between}"
    return f"{between}: {len(found.rows):,} rows differ"


def _counts(counts: Mapping[Any, int]) -> str:
    return ", ".join(f"{count:,} {change}" for change, count in counts.items() if count)


def _rows_of(found: Differences, table: str) -> Iterator[Difference]:
    return (row for row in found.rows if row.table == table)


def _text_lines(row: Difference) -> Iterator[str]:
    sign = SIGN[row.change]
    if row.change != "changed":
        yield f"  {sign} {row.row_id}: {_in_one(row)}"
        return
    for name, a, b in _cells(row):
        yield f"  {sign} {row.row_id}: {name} {a or 'nothing'} → {b or 'nothing'}"


def _page_rows(row: Difference) -> list[tuple[str, ...]]:
    """Return the lines of a page's table: one a field, or one for a row that is new or gone."""
    if row.change == "changed":
        return [(row.change, row.row_id, *cells) for cells in _cells(row)]
    words = _in_one(row)
    return [(row.change, row.row_id, "", *(("", words) if row.change == "added" else (words, "")))]


def _in_one(row: Difference) -> str:
    return ", ".join(f"{name} {old or new}" for name, old, new in _cells(row))


def _cells(row: Difference) -> list[tuple[str, str, str]]:
    return [(name, value_text(a), value_text(b)) for name, (a, b) in row.fields.items()]


def value_text(value: Any) -> str:
    """Return a value as it stands in a file; the course of a link as its number of points.

    >>> value_text(12.0), value_text({"low": 1.0, "mode": 2.5, "high": 4.0}), value_text(True)
    ('12', '{low: 1, mode: 2.5, high: 4}', 'true')
    """
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case dict():
            return "{" + ", ".join(f"{k}: {value_text(v)}" for k, v in value.items()) + "}"
        case list():
            return _list_text(value)
        case _:
            text = " ".join(str(value).split())
            return text if len(text) <= LONGEST else text[:LONGEST] + " …"


def _list_text(values: list[Any]) -> str:
    if values and isinstance(values[0], list):
        return f"{len(values)} points from {values[0]} to {values[-1]}"
    return "[" + ", ".join(map(value_text, values)) + "]"


def _escaped(text: str) -> str:
    """Return text that stays in one cell and is no markup."""
    for mark in ("\\", "|", "*", "_", "`", "<", "["):
        text = text.replace(mark, f"\\{mark}")
    return text
