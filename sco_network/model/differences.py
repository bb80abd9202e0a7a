"""What differs between two data folders, two scenarios or two folders of results."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sco_network.errors import Problems, bad_argument

from . import library
from .changeset import ChangeSet, merge
from .folders import data_folder, scenario_folder
from .network import Network
from .resolving import resolve_one, selected
from .rows import ALL_KINDS, NETWORK_TABLES
from .scenario import Scenario
from .textfile import CsvFile, plain_scalar, read_csv, read_yaml, shown

Kind = Literal["data", "scenario", "results"]
Change = Literal["added", "removed", "changed"]
Record = dict[str, Any]
Records = dict[str, dict[str, Record]]  # table → row's id → field → value; nothing is left out

WORDS: dict[Kind, str] = {
    "data": "data folder",
    "scenario": "scenario",
    "results": "folder of results",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that was added, removed or changed: (old, new) of each field that differs."""

    table: str
    row_id: str
    change: Change
    fields: Mapping[str, tuple[Any, Any]]

    def as_dict(self) -> dict[str, Any]:
        """Return the difference as plain data; what a row does not have is None."""
        fields = {name: {"old": old, "new": new} for name, (old, new) in self.fields.items()}
        return {
            "table": self.table,
            "id": self.row_id,
            "change": self.change,
            "fields": fields,
        }


@dataclass(frozen=True)
class Differences:
    """All that differs between two things of one kind, by table and row."""

    kind: Kind
    old: str
    new: str
    rows: tuple[Difference, ...]

    def counts(self) -> dict[str, dict[Change, int]]:
        """Return how many rows of each table were added, removed and changed."""
        found: dict[str, dict[Change, int]] = {}
        for row in self.rows:
            of_table = found.setdefault(row.table, {"added": 0, "removed": 0, "changed": 0})
            of_table[row.change] += 1
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return the differences as plain data, with the keys of `diff --json`."""
        return {
            "kind": self.kind,
            "old": self.old,
            "new": self.new,
            "counts": self.counts(),
            "differences": [row.as_dict() for row in self.rows],
        }


def diff(
    old: str | Path,
    new: str | Path,
    *,
    data: str | Path | None = None,
    scenarios: str | Path | None = None,
    tolerance: float = 0.0,
) -> Differences:
    """Return what differs between two data folders, scenarios or folders of results.

    Parameters
    ----------
    old, new
        Two folders with nodes.csv, two folders with summary.csv, or two scenarios by id or file.
    data, scenarios
        The data that scenarios are resolved against, and where their ids are looked for.
    tolerance
        Relative difference up to which two numbers count as the same: |a − b| ≤ tolerance ·
        max(|a|, |b|).

    Raises
    ------
    InputError
        Where one is none of these, the two are of different kinds, or a file is wrong.
    """
    folder = scenario_folder(scenarios)
    kind = common_kind(old, new, folder)
    readers: dict[Kind, Callable[[], tuple[Records, Records]]] = {
        "data": lambda: (data_records(Network.load(old)), data_records(Network.load(new))),
        "scenario": lambda: _two_scenarios(old, new, folder, data),
        "results": lambda: result_records(Path(old), Path(new)),
    }
    return Differences(kind, str(old), str(new), tuple(compare(*readers[kind](), tolerance)))


def common_kind(old: str | Path, new: str | Path, scenarios: Path) -> Kind:
    """Return what both are, or refuse what is nothing known and a mixture."""
    kinds = [kind_of(given, scenarios) for given in (old, new)]
    if kinds[0] != kinds[1]:
        a, b = (WORDS[kind] for kind in kinds)
        raise bad_argument(
            "A B",
            f"'{old}' is a {a} and '{new}' is a {b}; these cannot be compared",
            "Give two of a kind",
        )
    return kinds[0]


def kind_of(given: str | Path, scenarios: Path) -> Kind:
    """Return whether a name stands for a data folder, a scenario or a folder of results."""
    path = Path(given)
    if (path / "nodes.csv").exists():
        return "data"
    if (path / "summary.csv").exists():
        return "results"
    if path.is_dir():
        inside = path / "data"
        raise bad_argument(
            "A B",
            f"'{given}' has neither nodes.csv (data) nor summary.csv (results)",
            f"Did you mean '{inside}'?" if (inside / "nodes.csv").exists() else "",
        )
    library.find_scenario(given, scenarios)
    return "scenario"


def compare(old: Records, new: Records, tolerance: float = 0.0) -> Iterator[Difference]:
    """Yield every row that differs; the order of rows and columns does not matter."""
    for table in dict.fromkeys((*old, *new)):
        before, after = old.get(table, {}), new.get(table, {})
        for row_id in sorted(before.keys() | after.keys()):
            a, b = before.get(row_id), after.get(row_id)
            change: Change = "added" if a is None else "removed" if b is None else "changed"
            a, b = a or {}, b or {}
            fields = {
                name: (a.get(name), b.get(name))
                for name in dict.fromkeys((*a, *b))
                if not same(a.get(name), b.get(name), tolerance)
            }
            if fields or change != "changed":
                yield Difference(table, row_id, change, fields)


def same(a: Any, b: Any, tolerance: float = 0.0) -> bool:
    """Return whether two values are equal; numbers by value, up to a relative tolerance.

    >>> same(12, 12.0), same(1.0, 1.001), same(1.0, 1.001, 0.01), same("12", 12)
    (True, False, True, False)
    """
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (a, b))
    return math.isclose(a, b, rel_tol=tolerance) if numbers else bool(a == b)


def data_records(network: Network) -> Records:
    """Return all that a data folder says: its tables, assumptions and courses of links."""
    records: Records = {
        name: {row.pop(table.kind.id_field): _filled(row) for row in table}
        for name, table in network.tables.items()
    }
    entries = network.assumptions.entries.items()
    records["assumptions"] = {key: _filled(entry.model_dump()) for key, entry in entries}
    records["geometry"] = {
        link: {"course": course.tolist()} for link, course in network.geometry.items()
    }
    return records


def _filled(row: Mapping[str, Any]) -> Record:
    return {name: value for name, value in row.items() if value not in (None, "")}


def _two_scenarios(
    old: str | Path, new: str | Path, folder: Path, data: str | Path | None
) -> tuple[Records, Records]:
    network = Network.load(data_folder(data))
    a, b = (scenario_records(library.find_scenario(name, folder), network) for name in (old, new))
    return a, b


def scenario_records(path: Path, network: Network) -> Records:
    """Return what a scenario says of itself and what it does to the rows of a network.

    Selections are followed to the rows that they choose, so that two ways to write the same
    thing are the same. A package does what its members do.
    """
    scenario = Scenario.read(path)
    required = library.read_required([scenario], path.parent, Scenario)
    problems = Problems()
    company = {s.id: s for s in selected([scenario, *required])}
    changes = merge(
        [resolve_one(s, network.tables, company, problems) for s in scenario.whole], problems
    )
    problems.raise_if_any()
    head = scenario.content.model_dump(
        mode="json", by_alias=True, exclude={"add", "change", "close", "claims"}
    )
    records: Records = {
        "head": {"scenario": {k: v for k, v in head.items() if v not in (None, "")}}
    }
    records |= _change_records(changes)
    claims = [c.model_dump(mode="json", by_alias=True) for c in scenario.content.claims]
    return records | {"claims": _numbered((c.pop("text"), c) for c in claims)}


def _change_records(changes: ChangeSet) -> Records:
    records: Records = {f"{v} {t}": {} for v in ("add", "change") for t in NETWORK_TABLES}
    for (table, row_id, column), setting in changes.settings.items():
        if column != ALL_KINDS[table].id_field:
            verb = "add" if (table, row_id) in changes.added else "change"
            value = setting.spread.model_dump() if setting.spread else setting.value
            records[f"{verb} {table}"].setdefault(row_id, {})[column] = value
    for name, rows in records.items():
        columns = ALL_KINDS[name.split()[1]].columns()
        records[name] = {i: {c: row[c] for c in columns if c in row} for i, row in rows.items()}
    return records


def result_records(old: Path, new: Path) -> tuple[Records, Records]:
    """Return the CSV tables of two folders of results by their keys, and what made them.

    The key of a table is the shortest run of its first columns that tells its rows apart in
    both folders.
    """
    problems = Problems()
    tables = [_csv_files(folder, problems) for folder in (old, new)]
    made = [_run_record(folder, problems) for folder in (old, new)]
    problems.raise_if_any()
    records: list[Records] = [{"run": {"run": record}} for record in made]
    for name in sorted(set().union(*tables)):
        files = [found[name] for found in tables if name in found]
        key = _key_of(files)
        for found, into in zip(tables, records, strict=True):
            if name in found:
                into[name] = _keyed(found[name], key)
    return records[0], records[1]


def _csv_files(folder: Path, problems: Problems) -> dict[str, CsvFile]:
    read = {path.stem: read_csv(path, problems) for path in sorted(folder.glob("*.csv"))}
    return {name: file for name, file in read.items() if file is not None}


def _run_record(folder: Path, problems: Problems) -> Record:
    """Return what run.json says of the data, the scenarios and the package behind results."""
    path = folder / "run.json"
    if not path.exists():
        return {}
    document = read_yaml(path, problems)  # JSON is YAML
    made = document.value if document else {}
    scenarios = made.get("scenarios", {}) if isinstance(made, dict) else None
    if not isinstance(scenarios, dict):
        problems.add(shown(path), 1, "", "this is not what 'run' writes", "Run it again")
        return {}
    head = {name: value for name, value in made.items() if name != "scenarios"}
    return head | {f"scenario {name}": value for name, value in scenarios.items()}


def _key_of(files: Sequence[CsvFile]) -> list[str]:
    """Return the shortest run of columns that tells the rows of each file apart."""
    columns = [c for c in files[0].header if all(c in file.header for file in files)]
    for length in range(1, len(columns)):
        key = columns[:length]
        if all(len({_id(cells, key) for _, cells in f.rows}) == len(f.rows) for f in files):
            return key
    return columns


def _id(cells: Mapping[str, str], key: Sequence[str]) -> str:
    return " / ".join(cells[column] for column in key)


def _keyed(file: CsvFile, key: Sequence[str]) -> dict[str, Record]:
    cells = ((_id(row, key), row) for _, row in file.rows)
    return _numbered((name, {c: plain_scalar(v) for c, v in row.items()}) for name, row in cells)


def _numbered(rows: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Record]:
    """Return rows by name; from the second of one name on they are numbered."""
    found: dict[str, Record] = {}
    count: Counter[str] = Counter()
    for name, row in rows:
        count[name] += 1
        found[name if count[name] == 1 else f"{name} ({count[name]})"] = _filled(row)
    return found
