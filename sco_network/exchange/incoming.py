"""What comes in from another format, checked by the rules of our own data folders."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sco_network.errors import InputError, Problem, Problems, did_you_mean
from sco_network.model.assumptions import assumptions_of
from sco_network.model.checks import check_structure
from sco_network.model.network import Network
from sco_network.model.rows import ALL_KINDS, NETWORK_TABLES, NODE_COLUMNS
from sco_network.model.table import read_table
from sco_network.model.textfile import CsvFile, YamlFile, read_text, shown

from .frames import ASSUMPTION_COLUMNS

N = TypeVar("N", bound=Network)
Note = Callable[[str], None]

MAX_BYTES = 256 * 2**20
NEEDED = ("nodes", "links")
# Columns of other programs that say nothing of the network: no word is lost about them.
_SILENT = {"fid", "ogc_fid", "id", "geometry", "geometry_id", "course", "table", "dir_flag"}
_PLAIN_ID = re.compile(r"[a-z0-9][a-z0-9._-]*\Z")


@dataclass
class Incoming:
    """The tables of a network as text, with the courses of its links."""

    file: str
    tables: dict[str, CsvFile] = field(default_factory=dict)
    courses: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def table(self, name: str) -> CsvFile:
        """Return a table; one without rows has all columns."""
        found = self.tables.get(name, CsvFile(self.file, [], []))
        columns = ALL_KINDS[name].columns() if name in ALL_KINDS else ASSUMPTION_COLUMNS
        return found if found.rows else CsvFile(found.file, columns, [])


def refuse_unreadable(path: Path) -> None:
    """Refuse what is no file or too large to be held in memory.

    Raises
    ------
    InputError
        With the reason, before anything is read.
    """
    if not path.is_file():
        message = "this is a folder, not a file" if path.is_dir() else "the file does not exist"
        raise InputError([Problem(shown(path), None, "", message)])
    size = path.stat().st_size
    if size > MAX_BYTES:
        message = (
            f"the file has {size / 2**20:,.0f} MB; more than {MAX_BYTES / 2**20:,.0f} MB would "
            "not fit into memory as a network"
        )
        hint = "Keep the part you need, or give the tables to Network.from_frames"
        raise InputError([Problem(shown(path), None, "", message, hint)])


def read_whole(path: Path) -> str:
    """Return the text of a UTF-8 file within the limit of size.

    Raises
    ------
    InputError
        Where it cannot be read.
    """
    refuse_unreadable(path)
    problems = Problems()
    text = read_text(path, MAX_BYTES, problems)
    problems.raise_if_any()
    return text or ""


def checked_network(cls: type[N], incoming: Incoming, problems: Problems, note: Note) -> N:
    """Return the network that the tables describe.

    Parameters
    ----------
    note
        Called with a sentence on everything that was left out or written otherwise.

    Raises
    ------
    InputError
        With everything that is wrong: missing columns of all tables first, then every row.
    """
    _refuse_missing_columns(incoming, problems)
    problems.raise_if_any()
    for sentence in incoming.notes:
        note(sentence)
    _drop_unknown_columns(incoming, note)
    _respell_ids(incoming, problems, note)
    tables = {n: read_table(kind, incoming.table(n), problems) for n, kind in ALL_KINDS.items()}
    assumptions = assumptions_of(_entries(incoming.table("assumptions"), problems), problems)
    check_structure(tables, assumptions, problems)
    problems.raise_if_any()
    ids, drawn = tables["links"].ids.tolist(), incoming.courses
    courses = {link_id: drawn[link_id] for link_id in ids if link_id in drawn}
    return cls(tables, assumptions, courses=courses)


def _refuse_missing_columns(incoming: Incoming, problems: Problems) -> None:
    """Name every column that is missing, with the column that may have been meant."""
    if not incoming.table("nodes").rows and not problems.found:
        problems.add(incoming.file, None, "", "there are no nodes in it", "A node is a point")
    for name, kind in ALL_KINDS.items():
        table = incoming.table(name)
        for column in kind.required():
            if column not in table.header:
                spare = [c for c in table.header if c not in kind.columns()]
                meant = did_you_mean(column, spare).replace("Did you mean", "Rename")
                needs = f"A table of {name} needs " + ", ".join(kind.required())
                hint = meant.replace("?", f" to '{column}'") if meant else needs
                message = f"the column '{column}' of {name} is missing"
                problems.add(table.file, None, "", message, hint)


def _drop_unknown_columns(incoming: Incoming, note: Note) -> None:
    for name, kind in ALL_KINDS.items():
        table, known = incoming.table(name), kind.columns()
        unknown = [c for c in table.header if c not in known]
        told = [c for c in unknown if c.casefold() not in _SILENT]
        if told:
            note(f"Left out of {name}, as the model has no such columns: {', '.join(told)}")
        if unknown and name in incoming.tables:
            rows = [(n, {c: v for c, v in row.items() if c in known}) for n, row in table.rows]
            header = [c for c in table.header if c in known]
            incoming.tables[name] = CsvFile(table.file, header, rows)


def respelt(row_id: str) -> str:
    """Return an id in the letters that ids of the data files are written in.

    >>> respelt("Ölfeld 12/A"), respelt("007")
    ('olfeld-12-a', '007')
    """
    plain = unicodedata.normalize("NFKD", row_id).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9._-]+", "-", plain).strip("-._")


def _respell_ids(incoming: Incoming, problems: Problems, note: Note) -> None:
    """Write ids as the data files have them, in all tables that name them."""
    nodes: Mapping[str, str] = {}
    for name in NETWORK_TABLES:
        table, id_field = incoming.table(name), ALL_KINDS[name].id_field
        spelt = _spellings(table, id_field, problems)
        if spelt:
            one, other = next(iter(spelt.items()))
            note(f"{len(spelt)} ids of {name} are spelt as data files have them: {one} → {other}")
        nodes = spelt if name == "nodes" else nodes
        for _, row in table.rows:
            row[id_field] = spelt.get(row.get(id_field, ""), row.get(id_field, ""))
        if name == "links":
            incoming.courses = {spelt.get(i, i): c for i, c in incoming.courses.items()}
    for name, columns in NODE_COLUMNS.items():
        for _, row in incoming.table(name).rows:
            for end in columns:
                row[end] = nodes.get(row.get(end, ""), row.get(end, ""))


def _spellings(table: CsvFile, id_field: str, problems: Problems) -> dict[str, str]:
    """Return new spellings of the ids that need one; two that would become one are refused."""
    ids = {row.get(id_field, "") for _, row in table.rows} - {""}
    spelt = {i: respelt(i) or i for i in ids if not _PLAIN_ID.match(i)}
    owner: dict[str, str] = {i: i for i in ids if i not in spelt}
    for one in sorted(spelt):
        other = owner.setdefault(spelt[one], one)
        if other != one:
            message = f"the ids '{other}' and '{one}' differ in more than data files can tell apart"
            hint = "Use small letters, digits and hyphens, such as tashkent-samarkand"
            problems.add(table.file, None, id_field, message, hint)
    return {i: spelt[i] for i in sorted(spelt)}


def _entries(table: CsvFile, problems: Problems) -> YamlFile:
    """Return a table of assumptions as the YAML file that it would be."""
    value: dict[str, dict[str, str]] = {}
    lines: dict[tuple[str | int, ...], int] = {}
    for number, row in table.rows:
        key = row.get("assumption_id", "")
        if key in value:
            problems.add(table.file, number, "assumption_id", f"the key '{key}' appears twice")
        cells = {c: v for c, v in row.items() if c in ASSUMPTION_COLUMNS[1:] and v != ""}
        value[key] = {"unit": "", **cells}
        lines[key,] = number
    return YamlFile(table.file, value, lines)
