"""A table of rows, kept as read-only columns and found by id."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from sco_network.errors import Problems, did_you_mean

from .rows import ALL_KINDS, Kind
from .textfile import CONTROL, CsvFile, has_control_characters

_MISSING = {"number": np.nan, "flag": None, "text": ""}


class Table:
    """Rows of one kind: numbers as float64 (missing: nan), words and flags as objects.

    `refused` are the cells of rows that stand in the file but are wrong, which is said where they
    stand; None where that is the file as a whole.
    """

    def __init__(
        self,
        kind: Kind,
        columns: Mapping[str, NDArray[Any]],
        *,
        file: str = "",
        lines: Sequence[int] = (),
        refused: Sequence[Mapping[str, str]] | None = (),
    ) -> None:
        self.kind = kind
        self.columns = types.MappingProxyType(dict(columns))
        self.file = file or kind.file_name
        self.lines = lines
        self.refused = refused
        self.grown_from: NDArray[np.object_] | None = None  # the ids before rows were added
        self._rows_in: dict[str, tuple[NDArray[np.object_], NDArray[np.int64]]] = {}
        for column in self.columns.values():
            column.flags.writeable = False

    def __reduce__(self) -> tuple[Any, ...]:
        # a mapping proxy cannot be pickled, and workers need tables
        return _remade, (self.kind.name, dict(self.columns), self.file, self.lines)

    def __getitem__(self, column: str) -> NDArray[Any]:
        return self.columns[column]

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, row_id: object) -> bool:
        return row_id in self.index

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (self.row(i) for i in range(len(self)))

    @property
    def ids(self) -> NDArray[np.object_]:
        """The id of every row."""
        return self.columns[self.kind.id_field]

    @cached_property
    def index(self) -> dict[str, int]:
        """Row number of every id."""
        return {row_id: i for i, row_id in enumerate(self.ids.tolist())}

    def rows_in(self, column: str, other: Table) -> NDArray[np.int64]:
        """Return the row of another table that each cell of a column names; −1 if there is none.

        Worked out once: a large network asks for the ends of its links again and again. Tables
        grow at their ends, so what was found stays so in a table that has grown.
        """
        ids, known = self._rows_in.get(column, (None, np.zeros(0, dtype=np.int64)))
        if ids is other.ids and len(known) == len(self):
            return known
        rows = np.full(len(self), -1, dtype=np.int64)
        if ids is not None and (ids is other.ids or ids is other.grown_from):
            rows[: len(known)] = known
        missing, index = np.flatnonzero(rows < 0), other.index
        rows[missing] = [index.get(row_id, -1) for row_id in self[column][missing].tolist()]
        rows.flags.writeable = False
        self._rows_in[column] = other.ids, rows
        return rows

    def row(self, which: int | str) -> dict[str, Any]:
        """Return one row by number or id; missing numbers are None."""
        i = which if isinstance(which, int) else self.index[which]
        row: dict[str, Any] = {}
        for name, column in self.columns.items():
            value = column[i]
            if isinstance(value, float):
                value = None if np.isnan(value) else float(value)
            row[name] = value
        return row

    def line(self, which: int | str) -> int | None:
        """Return the line of the file that a row stands on, where it came from a file."""
        i = which if isinstance(which, int) else self.index[which]
        return self.lines[i] if i < len(self.lines) else None

    def changed(
        self, edits: Mapping[tuple[str, str], Any], added: Sequence[Mapping[str, Any]]
    ) -> Table:
        """Return a copy with cells `(id, column)` replaced and rows added at the end."""
        if not edits and not added:
            return self
        columns: dict[str, NDArray[Any]] = {}
        touched = {column for _, column in edits}
        for name, column in self.columns.items():
            new = column
            if added:
                dtype = self.kind.dtype(name)
                cells = [row.get(name, self.kind.default(name)) for row in added]
                new = np.concatenate([column, as_column(cells, dtype)])
            elif name in touched:
                new = column.copy()
            columns[name] = new
        for (row_id, name), value in edits.items():
            missing = _MISSING[self.kind.dtype(name)]
            columns[name][self.index[row_id]] = missing if value is None else value
        table = Table(self.kind, columns, file=self.file, lines=self.lines)
        table._rows_in = {c: rows for c, rows in self._rows_in.items() if c not in touched}
        if added:
            table.grown_from = self.ids
        else:
            table.index = self.index
        return table

    def taking(self, rows: NDArray[np.integer[Any]]) -> Table:
        """Return a table of some of the rows, in the order given."""
        columns = {name: column[rows] for name, column in self.columns.items()}
        lines = [self.lines[i] for i in rows.tolist()] if len(self.lines) else ()
        return Table(self.kind, columns, file=self.file, lines=lines)

    @classmethod
    def from_rows(
        cls,
        kind: Kind,
        rows: Sequence[Mapping[str, Any]],
        *,
        file: str = "",
        lines: Sequence[int] = (),
        refused: Sequence[Mapping[str, str]] | None = (),
    ) -> Table:
        """Build a table from checked rows."""
        columns: dict[str, NDArray[Any]] = {}
        for name in kind.columns():
            default = kind.default(name)
            columns[name] = as_column([row.get(name, default) for row in rows], kind.dtype(name))
        return cls(kind, columns, file=file, lines=lines, refused=refused)


def _remade(
    kind: str, columns: Mapping[str, NDArray[Any]], file: str, lines: Sequence[int]
) -> Table:
    return Table(ALL_KINDS[kind], columns, file=file, lines=lines)


def as_column(cells: Sequence[Any], dtype: str) -> NDArray[Any]:
    """Return cells as one column; None becomes the kind's sign for missing."""
    if dtype == "number":
        return np.array([np.nan if c is None else c for c in cells], dtype=np.float64)
    column = np.empty(len(cells), dtype=object)
    column[:] = [_MISSING[dtype] if c is None else c for c in cells]
    return column


def read_table(kind: Kind, file: CsvFile, problems: Problems) -> Table:
    """Check every row of a file against its schema and return the good ones."""
    known = kind.columns()
    for column in file.header:
        if column not in known:
            hint = did_you_mean(column, known) or "The columns are " + ", ".join(known)
            problems.add(file.file, 1, column, f"unknown column '{column}'", hint)
    for column in kind.required():
        if column not in file.header:
            problems.add(file.file, 1, column, f"the column '{column}' is missing", "Add it")
            return Table.from_rows(kind, [], file=file.file, refused=None)
    rows: list[dict[str, Any]] = []
    refused = list(file.refused)
    lines: list[int] = []
    first_line: dict[str, int] = {}
    for line, cells in file.rows:
        row = check_row(
            kind,
            {k: v for k, v in cells.items() if k in known and v != ""},
            file.file,
            line,
            problems,
        )
        if row is None:
            refused.append(cells)
            continue
        row_id = row[kind.id_field]
        if row_id in first_line:
            problems.add(
                file.file,
                line,
                kind.id_field,
                f"the id '{row_id}' is already used on line {first_line[row_id]}",
                "Give each row an id of its own",
            )
            continue
        first_line[row_id] = line
        rows.append(row)
        lines.append(line)
    return Table.from_rows(kind, rows, file=file.file, lines=lines, refused=refused)


def check_row(
    kind: Kind, cells: Mapping[str, Any], file: str, line: int | None, problems: Problems
) -> dict[str, Any] | None:
    """Return the row with its types, or None after noting all that is wrong with it."""
    try:
        row = kind.model.model_validate(cells)
    except ValidationError as error:
        for detail in error.errors():
            column = ".".join(map(str, detail["loc"]))
            problems.add(file, line, column, *explain(detail, kind.model))
        return None
    found = row.model_dump()
    for column, cell in found.items():
        if isinstance(cell, str) and has_control_characters(cell):
            problems.add(file, line, column, CONTROL, "Remove it")
    return found


def explain(  # noqa: C901, PLR0911 - one answer per kind of error
    detail: Any, model: type[BaseModel]
) -> tuple[str, str]:
    """Return message and hint for one error of pydantic, in the words of a data author."""
    value = detail.get("input")
    context = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            return "a value is required here", "Fill it in"
        case "extra_forbidden":
            word = detail["loc"][-1]
            known = [field.alias or name for name, field in model.model_fields.items()]
            hint = did_you_mean(word, known) or "The keys are " + ", ".join(known)
            return f"unknown key '{word}'", hint
        case "literal_error":
            expected = context["expected"]
            words = expected.replace("'", "").replace(" or ", ", ").split(", ")
            return f"'{value}' is not one of {expected}", did_you_mean(value, words)
        case "float_parsing" | "int_parsing" | "int_from_float" | "float_type" | "int_type":
            if isinstance(value, str) and value.count(",") == 1:
                return f"'{value}' is not a number", "Write a decimal point, not a comma"
            return f"'{value}' is not a number", "Write a plain number such as 12.5, without unit"
        case "finite_number":
            return f"'{value}' is not a finite number", "Leave the cell empty where it is not known"
        case "bool_parsing" | "bool_type":
            return f"'{value}' is neither true nor false", "Write true or false"
        case "greater_than" | "greater_than_equal":
            bound = context.get("gt", context.get("ge"))
            return f"{value} is too small", f"It must be {_more(detail['type'])} {bound:g}"
        case "less_than_equal":
            return f"{value} is too large", f"It must be at most {context['le']:g}"
        case "string_pattern_mismatch":
            return f"'{value}' is not a valid id or code", _id_hint(context["pattern"])
        case "value_error":
            return str(context["error"]), ""
        case _:
            return f"{detail['msg']} (found {value!r})"[:300], ""


def _more(kind: str) -> str:
    return "more than" if kind == "greater_than" else "at least"


def _id_hint(pattern: str) -> str:
    if "A-Z" in pattern:
        return "Use the three-letter ISO code in capitals, such as UZB"
    return "Use small letters, digits and hyphens, such as tashkent-samarkand"
