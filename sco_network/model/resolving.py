"""From scenarios to changes: each is read against the base, and all are merged."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from sco_network.errors import Problems, did_you_mean, place_of

from .assumptions import Spread
from .changeset import CLOSED, FIXED, ChangeSet, Key, Setting, merge
from .rows import ALL_KINDS, NETWORK_TABLES, NODE_COLUMNS, Kind
from .scenario import Edit, Scenario
from .table import Table, check_row, explain
from .textfile import Loc, dotted


def selected(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """Return the scenarios and all they include, each once, in the order of their ids."""
    found = {s.id: s for scenario in scenarios for s in scenario.whole}
    return [found[name] for name in sorted(found)]


def resolve(
    scenarios: Sequence[Scenario], tables: Mapping[str, Table], problems: Problems
) -> ChangeSet:
    """Check scenarios against the base and merge them; problems are collected, not raised."""
    chosen = selected(scenarios)
    _check_company(chosen, problems)
    names = {s.id: s for s in chosen}
    resolved = {s.id: resolve_one(s, tables, names, problems) for s in chosen}
    return merge([resolved[s.id] for s in chosen], problems)


def _check_company(chosen: Sequence[Scenario], problems: Problems) -> None:
    """Refuse scenarios that lack a companion or exclude one another."""
    present = {s.id: s for s in chosen}
    for s in chosen:
        check_requires(s, present, problems, where="applied with it", verb="Apply")
        for i, name in enumerate(s.content.conflicts):
            if name in present:
                other = present[name]
                line = other.line("scenario")
                problems.add(
                    s.file,
                    s.line("conflicts", i),
                    f"conflicts[{i}]",
                    f"'{s.id}' conflicts with '{name}' ({place_of(other.file, line)})",
                    "Apply only one of them",
                )


def check_requires(
    scenario: Scenario, present: Container[str], problems: Problems, *, where: str, verb: str
) -> None:
    """Refuse a scenario that lacks a companion; `where` it is missing, and what to do (`verb`)."""
    for i, name in enumerate(scenario.content.requires):
        if name not in present:
            problems.add(
                scenario.file,
                scenario.line("requires", i),
                f"requires[{i}]",
                f"'{scenario.id}' requires '{name}', which is not {where}",
                f"{verb} '{name}' too",
            )


def resolve_one(
    scenario: Scenario,
    tables: Mapping[str, Table],
    company: Mapping[str, Scenario],
    problems: Problems,
) -> ChangeSet:
    """Turn one scenario into changes of the base.

    Selections see the base alone, so a scenario means the same in any company.
    """
    reader = _Reader(scenario, tables, problems)
    if not (scenario.members or scenario.content.includes) and scenario.changes_nothing:
        reader.problem(
            ("scenario",),
            f"the scenario '{scenario.id}' changes nothing",
            "Give it at least one of add, change, close or includes",
        )
    for name in NETWORK_TABLES:
        reader.additions(name)
    for name in NETWORK_TABLES:
        reader.edits(name)
        reader.closures(name)
    reader.references(company)
    if reader.settings and not reader.added and not reader.trouble:
        same = all(
            _equal(tables[t][c][tables[t].index[r]], s.value)
            for (t, r, c), s in reader.settings.items()
        )
        if same:
            reader.problem(
                ("change",),
                "every value is the one that the base has: the scenario changes nothing",
                "Check the values to set",
            )
    return ChangeSet(reader.settings, frozenset(reader.added))


def edits_of(scenario: Scenario, tables: Mapping[str, Table], problems: Problems) -> ChangeSet:
    """Return what a scenario's `change` sets, also where the tables have that value already."""
    reader = _Reader(scenario, tables, problems)
    for name in NETWORK_TABLES:
        reader.edits(name)
    return ChangeSet(reader.settings)


class _Reader:
    """Reads one scenario against the base and collects settings."""

    def __init__(self, scenario: Scenario, tables: Mapping[str, Table], problems: Problems) -> None:
        self.scenario = scenario
        self.tables = tables
        self.problems = problems
        self.settings: dict[Key, Setting] = {}
        self.added: set[tuple[str, str]] = set()
        self.trouble = False

    def problem(self, loc: Loc, message: str, hint: str = "") -> None:
        self.trouble = True
        line = self.scenario.line(*loc)
        self.problems.add(self.scenario.file, line, dotted(loc), message, hint)

    def put(self, key: Key, value: Any, loc: Loc, spread: Spread | None) -> None:
        where = ".".join(map(str, loc))
        line = self.scenario.line(*loc)
        setting = Setting(value, self.scenario.id, self.scenario.file, line, where, spread)
        old = self.settings.setdefault(key, setting)
        if (old.value, old.spread) != (value, spread):
            self.problem(
                loc,
                f"{key[1]}.{key[2]} is set to {value!r} here, to {old.value!r} on line {old.line}",
                "Keep one of them",
            )

    def additions(self, table: str) -> None:
        kind = ALL_KINDS[table]
        for i, given in enumerate(getattr(self.scenario.content.add, table)):
            loc = ("add", table, i)
            before = len(self.problems.found)
            values, spreads = self._split_spreads(given, loc)
            if len(self.problems.found) > before:
                continue
            checked = check_row(
                kind, values, self.scenario.file, self.scenario.line(*loc), self.problems
            )
            self.trouble |= len(self.problems.found) > before
            if checked is None:
                continue
            row_id = checked[kind.id_field]
            if row_id in self.tables[table]:
                self.problem(
                    loc,
                    f"the base already has {table[:-1]} '{row_id}'",
                    "Use 'change' for what exists, or another id",
                )
                continue
            if (table, row_id) in self.added:
                self.problem(loc, f"the id '{row_id}' is added twice", "Give each row its own id")
                continue
            self.added.add((table, row_id))
            if "source_id" in checked and not checked["source_id"]:
                checked["source_id"] = next(iter(self.scenario.content.sources), "")
            for column, value in checked.items():
                if column in given or column in {"source_id", "status", "directed"}:
                    at = (*loc, column) if column in given else loc
                    self.put((table, row_id, column), value, at, spreads.get(column))

    def _split_spreads(
        self, given: Mapping[str, Any], loc: Loc
    ) -> tuple[dict[str, Any], dict[str, Spread]]:
        """Separate the `{low, mode, high}` values of a row from their modes."""
        values, spreads = {}, {}
        for column, value in given.items():
            values[column] = value
            if isinstance(value, dict):
                spread = self._spread(value, (*loc, column))
                if spread:
                    values[column], spreads[column] = spread.mode, spread
        return values, spreads

    def _spread(self, value: Mapping[str, Any], loc: Loc) -> Spread | None:
        try:
            return Spread.model_validate(value)
        except ValidationError as error:
            for detail in error.errors():
                self.problem((*loc, *detail["loc"]), *explain(detail, Spread))
            return None

    def edits(self, table: str) -> None:
        kind = ALL_KINDS[table]
        for i, given in enumerate(getattr(self.scenario.content.change, table)):
            loc: Loc = ("change", table, i)
            columns = [c for c in given if c != "where"]
            if not columns:
                self.problem(loc, "nothing is set here", "Add a column, such as wait_h: {set: 8}")
            rows = self.select(table, given.get("where"), (*loc, "where"))
            for column in columns:
                self._edit_column(kind, rows, column, given[column], (*loc, column))

    def _edit_column(
        self,
        kind: Kind,
        rows: Sequence[str],
        column: str,
        value: Any,
        loc: Loc,
    ) -> None:
        if column not in kind.columns() or column in FIXED:
            known = [c for c in kind.columns() if c not in FIXED]
            hint = did_you_mean(column, known) or "What can be is " + ", ".join(known)
            self.problem(loc, f"'{column}' cannot be changed", hint)
            return
        if not isinstance(value, dict) or not ({"set", "scale"} & value.keys()):
            self.problem(loc, "expected {set: value}", f"Write {column}: {{set: {value}}}")
            return
        try:
            edit = Edit.model_validate(value)
        except ValidationError as error:
            for detail in error.errors():
                self.problem(loc, *explain(detail, Edit))
            return
        for row_id in rows:
            self._edit_cell(kind, row_id, column, edit, loc)

    def _edit_cell(self, kind: Kind, row_id: str, column: str, edit: Edit, loc: Loc) -> None:
        table = self.tables[kind.name]
        base = table.row(row_id)[column]
        if edit.existing is not None and not _equal(base, edit.existing):
            self.problem(
                (*loc, "existing"),
                f"the base has {_shown(base)} for '{row_id}', not {_shown(edit.existing)}",
                f"Write {_shown(base)}, or check why the base moved"
                if base is not None
                else "Leave 'existing' out, or check why the base moved",
            )
            return
        new: Any = edit.set
        spread: Spread | None = None
        if edit.scale is not None:
            if base is None:
                self.problem(
                    (*loc, "scale"),
                    f"'{row_id}' has no {column} to scale",
                    "Use set, or choose rows that have a value",
                )
                return
            new = _scaled(base, edit.scale)
        if isinstance(new, Spread):
            new, spread = new.mode, new
        check = {k: v for k, v in table.row(row_id).items() if v not in (None, "")} | {column: new}
        before = len(self.problems.found)
        checked = check_row(
            kind, check, self.scenario.file, self.scenario.line(*loc), self.problems
        )
        self.trouble |= len(self.problems.found) > before
        if checked is not None:
            self.put((kind.name, row_id, column), checked[column], loc, spread)

    def closures(self, table: str) -> None:
        for i, given in enumerate(getattr(self.scenario.content.close, table, ())):
            loc = ("close", table, i)
            where = (
                {ALL_KINDS[table].id_field: given} if isinstance(given, str) else given.get("where")
            )
            for row_id in self.select(table, where, loc):
                self.put((table, row_id, "status"), CLOSED[table], loc, None)

    def select(self, table: str, where: Any, loc: Loc) -> list[str]:
        """Return the ids of the base's rows that have all the given values."""
        if not isinstance(where, dict) or not where:
            self.problem(loc, "expected 'where: {column: value}'", "Say which rows are meant")
            return []
        kind, base = ALL_KINDS[table], self.tables[table]
        chosen: Sequence[int] = range(len(base))
        for column, wanted in where.items():
            values = wanted if isinstance(wanted, list) else [wanted]
            if any(isinstance(value, list | dict) for value in values):
                hint = f"Write {column}: value, or {column}: [one, another]"
                self.problem((*loc, column), f"'{wanted}' is no value to select by", hint)
                return []
            if column == "country":
                chosen = [i for i in chosen if self._countries(table, i) & set(values)]
            elif column not in kind.columns():
                hint = did_you_mean(column, kind.columns()) or ", ".join(kind.columns())
                self.problem((*loc, column), f"unknown column '{column}'", hint)
                return []
            elif column == kind.id_field:
                for value in values:
                    if value not in base:
                        self._unknown_row(table, value, loc)
                found = {base.index[value] for value in values if value in base}
                chosen = sorted(found.intersection(chosen))
            else:
                cells = base[column].tolist()
                right = {c for c in set(cells) if any(_equal(c, value) for value in values)}
                chosen = [i for i in chosen if cells[i] in right]
        if not chosen and kind.id_field not in where:
            wanted = ", ".join(f"{column}: {_shown(value)}" for column, value in where.items())
            hint = f"None has {wanted}"
            self.problem(loc, f"the selection matches no {table[:-1]} of the base", hint)
        return [str(base.ids[i]) for i in chosen]

    def _countries(self, table: str, i: int) -> set[str]:
        nodes = self.tables["nodes"]
        ends = NODE_COLUMNS.get(table, ("node_id",))
        rows = [nodes.index.get(self.tables[table][end][i]) for end in ends]
        return {nodes["country"][r] for r in rows if r is not None}

    def _unknown_row(self, table: str, value: Any, loc: Loc) -> None:
        known = self.tables[table].index
        hint = did_you_mean(value, known)
        if (table, value) in self.added:
            hint = "It is added by this scenario: write the value there"
        self.problem(loc, f"unknown {table[:-1]} '{value}'", hint)

    def references(self, company: Mapping[str, Scenario]) -> None:
        """Every added row stands on nodes that exist, here or in a required scenario."""
        base = self.tables["nodes"]
        names = (*self.scenario.content.requires, *(m.id for m in self.scenario.members))
        near = [self.scenario, *(company[name] for name in names if name in company)]
        nodes = {str(n.get("node_id")) for s in near for n in s.content.add.nodes}
        for table in ("links", "crossings", "transfers"):
            for i, row in enumerate(getattr(self.scenario.content.add, table)):
                for column in NODE_COLUMNS[table]:
                    end = row.get(column)
                    if isinstance(end, str) and end not in nodes and end not in base:
                        hint = did_you_mean(end, [*base.index, *nodes])
                        self.problem(("add", table, i, column), f"unknown node '{end}'", hint)


def _equal(base: Any, value: Any) -> bool:
    if isinstance(base, float) and isinstance(value, int | float) and not isinstance(value, bool):
        return abs(base - value) <= 1e-9 * max(1.0, abs(base))
    return bool(base == value)


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else "nothing" if value is None else str(value)


def _scaled(base: float, scale: Spread | float) -> Spread | float:
    if isinstance(scale, Spread):
        return Spread(low=base * scale.low, mode=base * scale.mode, high=base * scale.high)
    return base * scale
