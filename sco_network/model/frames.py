"""Tables, assumptions and courses given as data frames, checked by whole columns.

Frames of any library will do that have `columns`, and columns that have `tolist`.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sco_network.errors import Problems

from .assumptions import Assumptions, assumptions_of
from .rows import ALL_KINDS
from .table import Table, as_column
from .textfile import YamlFile


def table_from_frame(name: str, frame: Any, problems: Problems) -> Table:
    """Return a table from a frame with its required columns; the others take their defaults."""
    kind = ALL_KINDS[name]
    if frame is None:
        return Table.from_rows(kind, [])
    missing = [c for c in kind.required() if c not in frame.columns]
    for column in missing:
        problems.add(name, None, column, f"the column '{column}' is missing", "Add it")
    if missing:
        return Table.from_rows(kind, [])
    columns: dict[str, NDArray[Any]] = {}
    for column in kind.columns():
        dtype = kind.dtype(column)
        if column not in frame.columns:
            filler = as_column([kind.default(column)], dtype)
            columns[column] = np.repeat(filler, len(frame))
        elif dtype == "number":
            columns[column] = _numbers(frame[column], name, column, problems)
        else:
            cells = [None if is_missing(cell) else cell for cell in frame[column].tolist()]
            columns[column] = _words(cells, dtype, name, column, problems)
    return Table(kind, columns, file=name)


def is_missing(cell: Any) -> bool:
    """Whether a cell of a frame is None, nan or pandas' NA, which equals nothing."""
    return cell is None or (cell != cell) is not False


def given(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    """Return the cells of a frame's row that hold something."""
    return {str(name): cell for name, cell in row.items() if not is_missing(cell) and cell != ""}


def _numbers(cells: Any, name: str, column: str, problems: Problems) -> NDArray[np.float64]:
    try:
        return np.array(cells, dtype=np.float64)
    except (TypeError, ValueError):  # None and NA among them, or something else than a number
        given = [np.nan if is_missing(cell) else cell for cell in cells.tolist()]
    try:
        return np.array(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        problems.add(name, None, column, f"not all values are numbers ({error})")
        return np.full(len(given), np.nan)


_FLAGS = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}


def _words(
    cells: Sequence[Any], dtype: str, name: str, column: str, problems: Problems
) -> NDArray[np.object_]:
    if dtype == "text":
        return as_column([None if cell is None else str(cell) for cell in cells], dtype)
    words = {cell for cell in cells if isinstance(cell, str)}
    unknown = sorted(word for word in words if word.strip().casefold() not in _FLAGS)
    if unknown:
        problems.add(name, None, column, f"'{unknown[0]}' is neither true nor false")
        return as_column([None] * len(cells), dtype)
    flags = {word: _FLAGS[word.strip().casefold()] for word in words}
    return as_column([None if c is None else flags.get(c, bool(c)) for c in cells], dtype)


def assumptions_from(values: Any, problems: Problems) -> Assumptions:
    """Return assumptions given as they are, as values by key, or as a frame."""
    if isinstance(values, Assumptions):
        return values
    if values is None or isinstance(values, Mapping):
        return Assumptions(values=values)
    entries = {}
    for row in values.to_dict("records"):
        cells = given(row)
        key = str(cells.pop("assumption_id", ""))
        entries[key] = {"unit": "", **cells}
    return assumptions_of(YamlFile("assumptions", entries), problems)


def courses_from_frame(points: Any, problems: Problems) -> dict[str, NDArray[np.float64]]:
    """Return the course of every link from a frame with one row a point."""
    columns = ["link_id", "x_coord", "y_coord"]
    missing = [c for c in columns if c not in points.columns]
    for column in missing:
        problems.add("geometry", None, column, f"the column '{column}' is missing", "Add it")
    if missing:
        return {}
    xy = np.column_stack([_numbers(points[c], "geometry", c, problems) for c in columns[1:]])
    rows: dict[str, list[int]] = {}
    for i, link_id in enumerate(points["link_id"].tolist()):
        rows.setdefault(str(link_id), []).append(i)
    return {link_id: xy[found] for link_id, found in rows.items()}
