"""CSV and YAML in, every value with the line it stands on, within stated limits."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sco_network.errors import CONTROLS, Problems

MAX_CSV_BYTES = 64 * 1024 * 1024
MAX_YAML_BYTES = 2 * 1024 * 1024
MAX_YAML_DEPTH = 20

# The course of one link may be longer than the 128 KB that Python allows a field.
csv.field_size_limit(MAX_CSV_BYTES)

Loc = tuple[str | int, ...]

_INT = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?\Z")
CONTROL = "a control character stands in the text"
_CORE_TAGS = {
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "seq", "map", "timestamp", "merge", "value")
}
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def shown(path: Path) -> str:
    """Return a path as a person would write it: relative where that is shorter."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def read_text(path: Path, limit: int, problems: Problems) -> str | None:
    """Return the text of a UTF-8 file, or None after noting why it cannot be read."""
    name = shown(path)
    try:
        size = path.stat().st_size
        if size > limit:
            problems.add(
                name,
                None,
                "",
                f"the file has {size / 2**20:,.0f} MB, more than the {limit / 2**20:,.0f} allowed",
                "Is this the right file? Large networks go through Network.from_frames",
            )
            return None
        raw = path.read_bytes()
    except FileNotFoundError:
        problems.add(name, None, "", "the file does not exist")
        return None
    except OSError as error:
        problems.add(name, None, "", f"the file cannot be read: {error.strerror}")
        return None
    if b"\0" in raw:
        problems.add(name, None, "", "this is a binary file, not text", "Save it as UTF-8 text")
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        problems.add(name, line, "", "this is not UTF-8 text", "Save the file as 'CSV UTF-8'")
        return None


@dataclass(slots=True)
class CsvFile:
    """A CSV file's header and rows; each row knows its line.

    `refused` are the rows whose cells are not as many as the columns, as far as they go.
    """

    file: str
    header: list[str]
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    refused: list[dict[str, str]] = field(default_factory=list)


def read_csv(path: Path, problems: Problems) -> CsvFile | None:
    """Read a CSV file with commas, semicolons or tabs, with or without a byte-order mark."""
    text = read_text(path, MAX_CSV_BYTES, problems)
    if text is None:
        return None
    name = shown(path)
    first = text.split("\n", 1)[0]
    if not first.strip():
        problems.add(name, 1, "", "the file is empty", "Its first line must name the columns")
        return None
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    file = CsvFile(name, [])
    line = 1
    try:
        header = file.header = [column.strip() for column in next(reader)]
        for repeated in sorted({c for c in header if header.count(c) > 1}):
            problems.add(name, 1, repeated, "the column appears twice", "Remove one of them")
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                row = {c: v.strip() for c, v in zip(header, cells, strict=False)}
                if len(cells) == len(header):
                    file.rows.append((line, row))
                else:
                    file.refused.append(row)
                    message = f"the row has {len(cells)} fields, the header {len(header)}"
                    hint = "A text with a comma needs quotes around it"
                    problems.add(name, line, "", message, hint)
            line = reader.line_num + 1
    except csv.Error as error:
        problems.add(name, line, "", f"this is not well-formed CSV ({error})", "Check the quotes")
        return None
    return file


@dataclass(slots=True)
class YamlFile:
    """A YAML file as plain values, and the line of each of them."""

    file: str
    value: Any
    lines: dict[Loc, int] = field(default_factory=dict)

    def line(self, loc: Loc) -> int | None:
        """Return the line of a value, or of the nearest value around it."""
        while loc:
            if loc in self.lines:
                return self.lines[loc]
            loc = loc[:-1]
        return self.lines.get(())


def read_yaml(path: Path, problems: Problems) -> YamlFile | None:
    """Read one YAML document safely: no tags, no aliases, no duplicate keys.

    Scalars are read as YAML 1.2 does: `no` stays a word and `20:30` a time.
    """
    text = read_text(path, MAX_YAML_BYTES, problems)
    if text is None:
        return None
    name = shown(path)
    try:
        refusal = _refusal(text)
        if refusal:
            problems.add(name, *refusal)
            return None
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problems.add(
            name,
            mark.line + 1 if mark else None,
            "",
            f"this is not well-formed YAML ({error.problem or error.context})",
            "Check the indentation, the colons and the brackets",
        )
        return None
    except (yaml.YAMLError, RecursionError) as error:
        problems.add(name, None, "", f"this is not well-formed YAML ({error})")
        return None
    if root is None:
        problems.add(name, 1, "", "the file is empty")
        return None
    document = YamlFile(name, None)
    document.value = _plain(root, (), document, problems)
    return document


def _refusal(text: str) -> tuple[int | None, str, str, str] | None:
    """Return line, field, message and hint where a document must not be composed.

    That would multiply what aliases repeat, and takes a call for each level of nesting.
    """
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_YAML_DEPTH:
            return _line(event), "", "the file is nested too deeply", ""
        if isinstance(event, yaml.AliasEvent):
            return _line(event), "", "aliases (*name) are not accepted", "Write the value out"
    return None


def _line(event: yaml.Event) -> int | None:
    return event.start_mark.line + 1 if event.start_mark else None


def _plain(node: yaml.Node, loc: Loc, document: YamlFile, problems: Problems) -> Any:
    line = node.start_mark.line + 1
    document.lines[loc] = line
    if node.tag not in _CORE_TAGS:
        problems.add(document.file, line, dotted(loc), f"tags ({node.tag}) are not accepted")
        return None
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*loc, i), document, problems) for i, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else None
            key_line = key_node.start_mark.line + 1
            if key is None:
                problems.add(document.file, key_line, "", "a key must be a word")
                continue
            if key in result:
                problems.add(
                    document.file,
                    key_line,
                    dotted((*loc, key)),
                    f"the key '{key}' appears twice",
                    "Keep one of them",
                )
            result[key] = _plain(value_node, (*loc, key), document, problems)
        return result
    if has_control_characters(str(node.value)):
        problems.add(document.file, line, dotted(loc), CONTROL, "Remove it")
    return _scalar(node)


def has_control_characters(text: str) -> bool:
    r"""Return whether a text holds what could steer a terminal, such as an escape sequence.

    >>> has_control_characters("two\nlines"), has_control_characters("\x1b[31m")
    (False, True)
    """
    return CONTROLS.search(text) is not None


def _scalar(node: yaml.Node) -> Any:
    text = str(node.value)
    return text if getattr(node, "style", None) in ("'", '"', "|", ">") else plain_scalar(text)


def plain_scalar(text: str) -> str | float | bool | None:
    """Return what a bare word of a YAML file stands for.

    >>> plain_scalar("no"), plain_scalar("12"), plain_scalar("true"), plain_scalar("")
    ('no', 12, True, None)
    """
    if text in {"", "~", "null", "Null", "NULL"}:
        return None
    if text in {"true", "True", "TRUE", "false", "False", "FALSE"}:
        return text.casefold() == "true"
    if _INT.match(text) and len(text) < 19:
        return int(text)
    return float(text) if _FLOAT.match(text) else text


def dotted(loc: Loc) -> str:
    """Return a place in a file as people write it: `add.links[2].length_km`."""
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text
