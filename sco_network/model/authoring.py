"""Changes written down as a scenario file that stands by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from .changeset import CLOSED, ChangeSet, Key, Setting
from .rows import ALL_KINDS, NETWORK_TABLES
from .textfile import plain_scalar

Row = dict[str, Any]


def written(
    changes: ChangeSet, head: Mapping[str, Any], *, existing: Mapping[Key, Any] | None = None
) -> dict[str, Any]:
    """Return the content of a scenario file that makes these changes, below some head keys.

    Read again, the file makes the same changes: rows that are added, values that are set (with
    their ranges), and rows that are closed. Rows that get the same values share one entry.
    Values that are there today, where given, stand beside those that are set.
    """
    today = existing or {}
    cells: dict[tuple[str, str], dict[str, Setting]] = {}
    for (table, row_id, column), setting in sorted(changes.settings.items()):
        cells.setdefault((table, row_id), {})[column] = setting
    parts: dict[str, dict[str, list[Any]]] = {"add": {}, "change": {}, "close": {}}
    alike: dict[str, dict[str, tuple[Row, list[str]]]] = {}
    for (table, row_id), row in cells.items():
        if (table, row_id) in changes.added:
            parts["add"].setdefault(table, []).append(_added(table, row_id, row))
        elif [s.value for s in row.values()] == [CLOSED.get(table)] and "status" in row:
            parts["close"].setdefault(table, []).append(row_id)
        else:
            edit = {
                column: _existing(today.get((table, row_id, column))) | {"set": _value(setting)}
                for column, setting in row.items()
            }
            alike.setdefault(table, {}).setdefault(repr(edit), (edit, []))[1].append(row_id)
    for table, edits in alike.items():
        id_field = ALL_KINDS[table].id_field
        parts["change"][table] = [
            {"where": {id_field: ids if len(ids) > 1 else ids[0]}, **edit}
            for edit, ids in edits.values()
        ]
    body = {
        part: {table: found[table] for table in NETWORK_TABLES if table in found}
        for part, found in parts.items()
        if found
    }
    return {**head, **body}


def _added(table: str, row_id: str, row: Mapping[str, Setting]) -> Row:
    kind = ALL_KINDS[table]
    given = {column: _value(row[column]) for column in kind.columns() if column in row}
    return {kind.id_field: row_id} | {c: v for c, v in given.items() if v not in (None, "")}


def _existing(value: Any) -> Row:
    return {} if value in (None, "") else {"existing": _short(value)}


def _value(setting: Setting) -> Any:
    if setting.spread is None:
        return _short(setting.value)
    return {part: _short(value) for part, value in setting.spread.model_dump().items()}


def _short(value: Any) -> Any:
    """Return a whole number as people write it: 93, not 93.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class _Dumper(yaml.SafeDumper):
    """Writes rows on one line each, as the packaged files have them."""


class _Line(dict[str, Any]):
    """A mapping that stands on one line."""


class _Words(list[str]):
    """A list that stands on one line."""


_Dumper.add_representer(
    _Line,
    lambda dumper, line: dumper.represent_mapping("tag:yaml.org,2002:map", line, flow_style=True),
)
_Dumper.add_representer(
    _Words,
    lambda dumper, words: dumper.represent_sequence(
        "tag:yaml.org,2002:seq", words, flow_style=True
    ),
)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # quoted where our reader would take the bare word for a number, a flag or nothing
    style = None if isinstance(plain_scalar(text), str) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def to_yaml(content: Mapping[str, Any]) -> str:
    """Return the content of a scenario file as YAML, one row a line."""
    shown: dict[str, Any] = {k: _Words(v) if isinstance(v, list) else v for k, v in content.items()}
    for part in ("add", "change", "close"):
        if part in shown:
            shown[part] = {table: list(_lines(rows)) for table, rows in shown[part].items()}
    return _dumped(shown)


def one_line(value: Any) -> str:
    """Return a word or a row as it stands in a scenario file.

    >>> one_line({"where": {"mode": "rail"}, "wait_h": {"set": 6.0}}), one_line("12")
    ('{where: {mode: rail}, wait_h: {set: 6}}', '"12"')
    """
    return _dumped([_whole(value)]).removeprefix("- ").rstrip("\n")


def _whole(value: Any) -> Any:
    """Return a row, and the rows within it, as lines with short numbers."""
    if isinstance(value, dict):
        return _Line({k: _whole(v) for k, v in value.items()})
    return _short(value)


def entries_yaml(entries: Mapping[str, Row]) -> str:
    """Return `key: {…}` entries as YAML, one a line."""
    return _dumped({key: _Line(entry) for key, entry in entries.items()})


def _dumped(value: Any) -> str:
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)


def _lines(rows: Iterable[Any]) -> Iterable[Any]:
    return (_Line(row) if isinstance(row, dict) else row for row in rows)
