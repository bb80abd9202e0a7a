"""What must hold in a network, one small function a rule.

Structural rules are checked whenever a folder is read or a scenario applied; the rules on
plausibility (`check_data`) belong to `sco-network validate`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sco_network.errors import Problems, did_you_mean

from .assumptions import Assumptions
from .changeset import ChangeSet
from .rows import PIPELINES, layer_of
from .table import Table

Tables = Mapping[str, Table]


@dataclass(frozen=True, slots=True)
class World:
    """What a rule looks at, and where it reports."""

    tables: Tables
    assumptions: Assumptions
    problems: Problems
    changes: ChangeSet

    def report(self, table: str, row: int, column: str, message: str, hint: str = "") -> None:
        """Note a problem at the file and line that the row, or the changed cell, comes from."""
        source = self.tables[table]
        row_id = str(source.ids[row])
        file, line = source.file, source.line(row)
        keys = [(table, row_id, column)]
        if (table, row_id) in self.changes.added:
            keys += [k for k in self.changes.settings if k[:2] == (table, row_id)]
        for key in keys:
            if key in self.changes.settings:
                setting = self.changes.settings[key]
                file, line, column = setting.file, setting.line, setting.where
                break
        self.problems.add(file, line, column, message, hint)


Rule = Callable[[World], None]
_STRUCTURE: list[Rule] = []


def structural(rule: Rule) -> Rule:
    """Register a rule that every network must keep."""
    _STRUCTURE.append(rule)
    return rule


def check_structure(
    tables: Tables,
    assumptions: Assumptions,
    problems: Problems,
    changes: ChangeSet | None = None,
) -> None:
    """Apply every structural rule."""
    world = World(tables, assumptions, problems, changes or ChangeSet())
    for rule in _STRUCTURE:
        rule(world)


def _references(world: World, table: str, column: str, target: str) -> Iterable[tuple[int, str]]:
    known = world.tables[target].index
    for row, value in enumerate(world.tables[table][column].tolist()):
        if value and value not in known:
            yield row, value


@structural
def nodes_exist(world: World) -> None:
    """Every link, crossing, transfer and benchmark stands on nodes that exist."""
    columns = {
        "links": ("from_node_id", "to_node_id"),
        "crossings": ("from_node_id", "to_node_id"),
        "transfers": ("node_id",),
        "benchmarks": ("from_node_id", "to_node_id"),
    }
    for table, names in columns.items():
        for column in names:
            for row, value in _references(world, table, column, "nodes"):
                hint = did_you_mean(value, world.tables["nodes"].index)
                world.report(table, row, column, f"unknown node '{value}'", hint)


@structural
def sources_exist(world: World) -> None:
    """Every source that is cited stands in sources.csv, where there is one."""
    if not len(world.tables["sources"]):
        return
    known = world.tables["sources"].index
    for table in ("nodes", "links", "crossings", "transfers", "countries", "benchmarks"):
        for row, value in _references(world, table, "source_id", "sources"):
            hint = did_you_mean(value, known) or "Add it to sources.csv"
            world.report(table, row, "source_id", f"unknown source '{value}'", hint)
    for key, entry in world.assumptions.entries.items():
        if entry.source_id and entry.source_id not in known:
            world.problems.add(
                world.assumptions.file,
                world.assumptions.lines.get(key),
                f"{key}.source_id",
                f"unknown source '{entry.source_id}'",
                did_you_mean(entry.source_id, known) or "Add it to sources.csv",
            )


@structural
def countries_exist(world: World) -> None:
    """Every node's country stands in countries.csv, where there is one."""
    if len(world.tables["countries"]):
        for row, value in _references(world, "nodes", "country", "countries"):
            hint = did_you_mean(value, world.tables["countries"].index) or "Add it to countries.csv"
            world.report("nodes", row, "country", f"unknown country '{value}'", hint)


@structural
def links_not_shorter_than_straight(world: World) -> None:
    """No link is shorter than the great circle between its ends (1 % and 2 km for rounding)."""
    from .network import great_circle_km

    nodes, links = world.tables["nodes"], world.tables["links"]
    good = [
        row
        for row, ends in enumerate(zip(links["from_node_id"], links["to_node_id"], strict=True))
        if ends[0] in nodes and ends[1] in nodes
    ]
    if not good:
        return
    xy = np.column_stack([nodes["x_coord"], nodes["y_coord"]])
    a = xy[[nodes.index[e] for e in links["from_node_id"][good]]]
    b = xy[[nodes.index[e] for e in links["to_node_id"][good]]]
    straight = great_circle_km(a, b)
    for i in np.flatnonzero(links["length_km"][good] < straight * 0.99 - 2):
        row = good[int(i)]
        world.report(
            "links",
            row,
            "length_km",
            f"'{links.ids[row]}' has {links['length_km'][row]:g} km, less than the straight line "
            f"of {straight[i]:.0f} km",
            "Check the length and the coordinates of both ends",
        )


def _pair(table: Table, row: int) -> tuple[frozenset[str], str]:
    ends = frozenset((table["from_node_id"][row], table["to_node_id"][row]))
    return ends, table["mode"][row]


@structural
def borders_have_crossings(world: World) -> None:
    """Require a crossing for every link over a border, and a link for every crossing."""
    nodes, links, crossings = (world.tables[t] for t in ("nodes", "links", "crossings"))
    if not len(crossings):
        return
    crossed = {_pair(crossings, row): row for row in range(len(crossings))}
    linked = set()
    for row in range(len(links)):
        ends, mode = _pair(links, row)
        linked.add((ends, mode))
        rows = [nodes.index.get(e) for e in sorted(ends)]
        if None in rows or len(rows) < 2:
            continue
        countries = {nodes["country"][r] for r in rows}
        if (
            len(countries) == 2
            and "" not in countries
            and links["status"][row] == "operating"
            and mode not in PIPELINES
            and (ends, mode) not in crossed
        ):
            world.report(
                "links",
                row,
                "to_node_id",
                f"'{links.ids[row]}' joins two countries but has no crossing",
                f"Add a row to crossings.csv for {' – '.join(sorted(ends))}, mode {mode}",
            )
    for pair, row in crossed.items():
        if pair not in linked:
            names, mode = sorted(pair[0]), pair[1]
            world.report(
                "crossings",
                row,
                "from_node_id",
                f"no {mode} link joins {' and '.join(names)}, so nothing can cross here",
                "Add the link, or correct the ends or the mode",
            )


@structural
def transfers_join_layers_present(world: World) -> None:
    """Require that a transfer joins two different layers with links at its node."""
    links, transfers = world.tables["links"], world.tables["transfers"]
    if not len(transfers):
        return
    present: dict[str, set[str]] = {}
    rows = (links["from_node_id"], links["to_node_id"], links["mode"], links["gauge_mm"])
    for start, end, mode, gauge in zip(*(r.tolist() for r in rows), strict=True):
        layer = layer_of(mode, gauge)
        present.setdefault(start, set()).add(layer)
        present.setdefault(end, set()).add(layer)
    for row in range(len(transfers)):
        node = transfers["node_id"][row]
        layers = [transfers["from_layer"][row], transfers["to_layer"][row]]
        if layers[0] == layers[1]:
            world.report("transfers", row, "to_layer", "the transfer joins a layer to itself")
        here = present.get(node, set())
        for column, layer in zip(("from_layer", "to_layer"), layers, strict=True):
            if layer not in here and node in world.tables["nodes"]:
                hint = did_you_mean(layer, here) or "Layers here: " + (
                    ", ".join(sorted(here)) or "none"
                )
                world.report(
                    "transfers", row, column, f"no link of layer '{layer}' ends at '{node}'", hint
                )


def check_frames(tables: Tables, problems: Problems) -> None:  # noqa: C901 - a list of rules
    """Check a network given as frames, by whole columns."""
    nodes, links = tables["nodes"], tables["links"]
    for table in tables.values():
        if len(table.index) < len(table):
            ids, counts = np.unique(table.ids.astype(str), return_counts=True)
            twice = ids[counts > 1]
            problems.add(
                table.file,
                None,
                table.kind.id_field,
                f"{len(twice)} ids are used more than once, for example '{twice[0]}'",
            )
    bad: dict[str, Any] = {
        "x_coord": ~(np.abs(nodes["x_coord"]) <= 180),
        "y_coord": ~(np.abs(nodes["y_coord"]) <= 90),
    }
    for column, rows in bad.items():
        if rows.any():
            problems.add("nodes", None, column, f"{int(rows.sum())} values are not degrees")
    wrong = ~(links["length_km"] > 0) | ~np.isfinite(links["length_km"])
    if wrong.any():
        example = links.ids[int(np.flatnonzero(wrong)[0])]
        problems.add(
            "links",
            None,
            "length_km",
            f"{int(wrong.sum())} lengths are missing, zero or negative, for example '{example}'",
        )
    modes = set(links["mode"].tolist()) - {"rail", "road", "sea", "gas", "oil"}
    if modes:
        problems.add("links", None, "mode", f"unknown mode {sorted(map(str, modes))}")
    for table in (tables["links"], tables["crossings"], tables["transfers"]):
        for column in ("from_node_id", "to_node_id", "node_id"):
            if column in table.columns:
                unknown = {v for v in table[column].tolist() if v not in nodes.index}
                if unknown:
                    some = ", ".join(sorted(map(str, unknown))[:3])
                    problems.add(
                        table.file, None, column, f"{len(unknown)} unknown nodes, such as {some}"
                    )
