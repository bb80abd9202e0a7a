"""A network as pandas frames: the form between the tables and every other format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sco_network.model.assumptions import Assumption, Assumptions
from sco_network.model.frames import is_missing
from sco_network.model.network import Network
from sco_network.model.rows import ALL_KINDS, Kind
from sco_network.model.table import Table
from sco_network.model.textfile import CsvFile

Frames = dict[str, pd.DataFrame]
Courses = Mapping[str, NDArray[np.float64]]

ASSUMPTION_COLUMNS = ["assumption_id", *Assumption.model_fields]
# The frames beside nodes, links and their geometry.
OTHER_TABLES = (*(name for name in ALL_KINDS if name not in {"nodes", "links"}), "assumptions")


def to_frames(network: Network) -> Frames:
    """Return every table of a network as a frame: `from_frames(**to_frames(network))` is equal.

    Returns
    -------
    `nodes`, `links`, `crossings`, `transfers`, `countries`, `sources` and `benchmarks` in the
    columns of the data files: text as str (missing: ""), whole numbers as Int64, other numbers
    as float64 (missing: nan), flags as boolean; `assumptions` with a row a key, in the columns
    `assumption_id, low, mode, high, unit, source_id, confidence, notes`; `geometry` with a row a
    point, in the columns `link_id, x_coord, y_coord` (degrees, EPSG:4326).
    """
    frames = {name: _frame(network.tables[name]) for name in ALL_KINDS}
    frames["assumptions"] = _assumptions_frame(network.assumptions)
    frames["geometry"] = points_frame(network.geometry)
    return frames


def _frame(table: Table) -> pd.DataFrame:
    return pd.DataFrame({c: _column(table.kind, c, table[c]) for c in table.kind.columns()})


def _column(kind: Kind, name: str, cells: NDArray[Any]) -> Any:
    match kind.dtype(name):
        case "flag":
            return pd.array(cells, dtype="boolean")
        case "number" if kind.whole(name) and not np.any(np.nan_to_num(cells) % 1):
            return pd.array(cells, dtype="Int64")
        case "number":
            return cells.copy()
        case _:
            return pd.Series(cells, dtype="str")


def _assumptions_frame(assumptions: Assumptions) -> pd.DataFrame:
    """Return the entries, and what else is in use as a value without a range."""
    rows = []
    stated = Assumptions(assumptions.entries)
    for key, value in assumptions.items():
        entry = assumptions.entries.get(key)
        if stated.get(key) != value:
            unit = entry.unit if entry else ""
            entry = Assumption(low=value, mode=value, high=value, unit=unit)
        if entry:
            given = {name: cell for name, cell in entry.model_dump().items() if cell is not None}
            rows.append({"assumption_id": key, "source_id": "", "confidence": ""} | given)
    numbers = ("low", "mode", "high")
    types = {c: "float64" if c in numbers else "str" for c in ASSUMPTION_COLUMNS}
    return pd.DataFrame(rows, columns=ASSUMPTION_COLUMNS).astype(types)


def points_frame(courses: Courses) -> pd.DataFrame:
    """Return the courses of links with a row a point."""
    counts = [len(course) for course in courses.values()]
    xy = np.concatenate([np.zeros((0, 2)), *courses.values()])
    ids = pd.Series(np.repeat(np.array([*courses], dtype=object), counts), dtype="str")
    return pd.DataFrame({"link_id": ids, "x_coord": xy[:, 0], "y_coord": xy[:, 1]})


def cell_value(cell: Any) -> Any:
    """Return a cell as a plain value of Python, whole numbers without a point."""
    plain = cell.item() if isinstance(cell, np.generic) else cell
    whole = isinstance(plain, float) and plain.is_integer() and abs(plain) < 1e15
    return int(plain) if whole else plain


def cell_text(cell: Any) -> str:
    """Return a cell as the data files write it; what is read from it is equal.

    >>> cell_text(93.0), cell_text(0.1), cell_text(True), cell_text(None), cell_text("007")
    ('93', '0.1', 'true', '', '007')
    """
    if is_missing(cell):
        return ""
    if isinstance(cell, bool | np.bool_):
        return "true" if cell else "false"
    return str(cell_value(cell))


def table_of(frame: pd.DataFrame, file: str, lines: Iterable[int] | None = None) -> CsvFile:
    """Return a frame as the reader of CSV files would have read it; rows are numbered from 1."""
    header = [str(column) for column in frame.columns]
    columns = [[cell_text(cell) for cell in frame[c].tolist()] for c in frame.columns]
    cells = zip(*columns, strict=True) if columns else iter([()] * len(frame))
    numbers = range(1, len(frame) + 1) if lines is None else lines
    rows = [(n, dict(zip(header, row, strict=True))) for n, row in zip(numbers, cells, strict=True)]
    return CsvFile(file, header, rows)
