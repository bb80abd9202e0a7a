"""The scenario that turns one network into another, and what no scenario can say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sco_network.errors import InputError, Problem, Problems, bad_argument

from .authoring import written
from .changeset import CLOSED, FIXED, ChangeSet, Key, Setting
from .differences import Difference, compare, data_records
from .network import Network
from .rows import ALL_KINDS, NETWORK_TABLES
from .scenario import KIND_OF_MODE, Scenario


@dataclass(frozen=True)
class Transition:
    """The changes that turn one network into another; what they leave out; what is only drawn.

    `courses` are the links whose line on the map differs: no scenario carries geometry, and no
    figure depends on it.
    """

    changes: ChangeSet
    left_out: tuple[Problem, ...]
    courses: tuple[str, ...]


def transition(old: Network, new: Network) -> Transition:
    """Return the changes of a scenario that turns `old` into `new`.

    A link, crossing or transfer that is gone is closed: it stays in the table and cannot be used.
    """
    writer = _Writer(old, new)
    for difference in compare(data_records(old), data_records(new)):
        writer.take(difference)
    changes = ChangeSet(writer.settings, frozenset(writer.added))
    return Transition(changes, tuple(writer.left_out.found), tuple(writer.courses))


def scenario_between(
    old: Network, new: Network, scenario_id: str, *, title: str = "", partial: bool = False
) -> tuple[dict[str, Any], Transition]:
    """Return the content of the scenario file that turns `old` into `new`, tried on `old`.

    Each changed value stands beside the one it replaces, so that the file is refused where the
    data have moved on.

    Parameters
    ----------
    partial
        Write what a scenario can say also where it cannot say all.

    Raises
    ------
    InputError
        With everything that a scenario cannot say, unless `partial`; where nothing is left to
        say; or where the changes do not fit `old`.
    """
    found = transition(old, new)
    if found.left_out and not partial:
        raise InputError(found.left_out)
    if not found.changes.settings:
        raise bad_argument(
            "A B", "there is no difference that a scenario could make", "See 'sco-network diff A B'"
        )
    head = {
        "scenario": scenario_id,
        "title": title or scenario_id,
        "kind": _kind(found.changes),
        "sources": _sources(found.changes),
    }
    content = written(found.changes, head, existing=_values(old, found.changes))
    old.with_scenarios(Scenario.from_dict(content))
    return content, found


class _Writer:
    """Turns differences into settings, and notes what has no place in a scenario."""

    def __init__(self, old: Network, new: Network) -> None:
        self.old = old
        self.new = new
        self.settings: dict[Key, Setting] = {}
        self.added: set[tuple[str, str]] = set()
        self.left_out = Problems()
        self.courses: list[str] = []

    def take(self, difference: Difference) -> None:
        table, row_id = difference.table, difference.row_id
        if table == "geometry":
            self.courses.append(row_id)
        elif table not in NETWORK_TABLES:
            self.leave_out(
                difference,
                f"'{row_id}' is {difference.change}, and a scenario changes the network only",
                f"Make the same edit to {_file(table)} of A first",
            )
        elif difference.change == "added":
            self.added.add((table, row_id))
            self.set_row(table, row_id, {c: new for c, (_, new) in difference.fields.items()})
        elif difference.change == "removed":
            self.remove(difference)
        else:
            self.edit(difference)

    def set_row(self, table: str, row_id: str, values: Mapping[str, Any]) -> None:
        for column, value in values.items():
            self.settings[table, row_id, column] = Setting(value, "", "", None, "")

    def edit(self, difference: Difference) -> None:
        kind = ALL_KINDS[difference.table]
        fixed = [c for c in difference.fields if c in FIXED]
        if fixed:
            self.leave_out(
                difference,
                f"{' and '.join(fixed)} of '{difference.row_id}' cannot be changed by a scenario",
                "Give the row a new id in B: the old one is then closed and the new one added",
            )
            return
        # an empty cell is None where the column may lack a value, else the empty text
        values = {
            column: kind.default(column) if new is None else new
            for column, (_, new) in difference.fields.items()
        }
        self.set_row(difference.table, difference.row_id, values)

    def remove(self, difference: Difference) -> None:
        table, row_id = difference.table, difference.row_id
        if table == "nodes":
            self.leave_out(
                difference,
                f"the place '{row_id}' is gone (or renamed), and no scenario removes a place",
                "Keep its row in B; where no link ends, nothing passes",
            )
        elif table == "crossings" and self._still_linked(row_id):
            self.leave_out(
                difference,
                f"the crossing '{row_id}' is gone but a link of its mode still passes there: "
                "a scenario can close it, not remove it",
                "Set its status to closed in B, or remove the link too",
            )
        elif self.old.tables[table].row(row_id)["status"] in {"operating", "open"}:
            self.set_row(table, row_id, {"status": CLOSED[table]})

    def _still_linked(self, crossing_id: str) -> bool:
        crossing, links = self.old.crossings.row(crossing_id), self.new.links
        ends = {crossing["from_node_id"], crossing["to_node_id"]}
        return any(
            {a, b} == ends and mode == crossing["mode"] and status == "operating"
            for a, b, mode, status in zip(
                *(links[c].tolist() for c in ("from_node_id", "to_node_id", "mode", "status")),
                strict=True,
            )
        )

    def leave_out(self, difference: Difference, message: str, hint: str) -> None:
        gone = difference.change == "removed"
        table = (self.old if gone else self.new).tables.get(difference.table)
        file, line = _file(difference.table), None
        if table is not None:
            file, line = table.file, table.line(difference.row_id)
        self.left_out.add(file, line, "", message, hint)


def _file(table: str) -> str:
    return "assumptions.yaml" if table == "assumptions" else ALL_KINDS[table].file_name


def _values(network: Network, changes: ChangeSet) -> dict[Key, Any]:
    """Return what a network has in the cells that changes set."""
    return {
        (table, row_id, column): network.tables[table].row(row_id)[column]
        for table, row_id, column in changes.settings
        if (table, row_id) not in changes.added
    }


def _sources(changes: ChangeSet) -> list[str]:
    """Return the sources that new rows cite; none where a row cites none and would be given one."""
    cited = dict.fromkeys(changes.added, "")
    for (table, row_id, column), setting in changes.settings.items():
        if column == "source_id" and (table, row_id) in cited:
            cited[table, row_id] = setting.value
    return sorted(set(cited.values())) if all(cited.values()) else []


def _kind(changes: ChangeSet) -> str:
    """Return the kind of scenario: the mode most links are added of, else what is changed."""
    modes = Counter(
        KIND_OF_MODE[setting.value]
        for (table, row_id, column), setting in sorted(changes.settings.items())
        if table == "links" and column == "mode" and (table, row_id) in changes.added
    )
    if modes:
        return modes.most_common(1)[0][0]
    if all(s.value == CLOSED.get(t) for (t, _, _), s in changes.settings.items()):
        return "closure"
    return "border" if all(t == "crossings" for t, _, _ in changes.settings) else "policy"
