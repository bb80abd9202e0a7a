"""What must hold in a network, one small function a rule.

Structural rules are checked whenever a folder is read or a scenario applied; the rules on
plausibility (`check_data`) belong to `sco-network validate`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sco_network.errors import Problems, did_you_mean

from .assumptions import Assumptions
from .changeset import ChangeSet
from .distance import great_circle_km
from .rows import ENDS, MODES, NODE_COLUMNS, PIPELINES, SOURCED_TABLES, layer_of
from .table import Table

Tables = Mapping[str, Table]
Rows = NDArray[np.int64]


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
    """Apply every structural rule.

    None where a file as a whole was refused: what rests on it cannot be judged. What rests on
    single rows that are wrong is not reported either, for the cause is named where they stand.
    """
    if any(table.refused is None for table in tables.values()):
        return
    world = World(tables, assumptions, problems, changes or ChangeSet())
    for rule in _STRUCTURE:
        rule(world)


def _refused(table: Table, *columns: str) -> set[str]:
    """Return what stands in some columns of the rows that were refused."""
    return {row[column] for row in table.refused or () for column in columns if column in row}


def _ends_of_wrong(tables: Tables, name: str) -> set[str]:
    """Return the nodes that wrong rows name: rows that were refused, or have an unknown end."""
    table = tables[name]
    wrong = np.any([table.rows_in(end, tables["nodes"]) < 0 for end in ENDS], axis=0)
    return _refused(table, *ENDS).union(*(table[end][wrong].tolist() for end in ENDS))


def _references(world: World, table: str, column: str, target: str) -> Iterable[tuple[int, str]]:
    """Yield row and id of every cell of a column that names no row of another table."""
    cells, other = world.tables[table][column].tolist(), world.tables[target]
    known = other.index.keys() | _refused(other, other.kind.id_field)
    unknown = set(cells) - known - {"", None}
    if unknown:
        yield from ((row, value) for row, value in enumerate(cells) if value in unknown)


def _ends(tables: Tables) -> tuple[Rows, Rows]:
    """Return the rows of both ends of every link; −1 for an end that does not exist."""
    links, nodes = tables["links"], tables["nodes"]
    return links.rows_in("from_node_id", nodes), links.rows_in("to_node_id", nodes)


def _at(tables: Tables, table: str, *columns: str) -> NDArray[np.bool_]:
    """Return which nodes a table names; the last entry, for nodes that do not exist, is true."""
    found = np.zeros(len(tables["nodes"]) + 1, dtype=bool)
    found[-1] = True
    for column in columns:
        found[tables[table].rows_in(column, tables["nodes"])] = True
    return found


@structural
def nodes_exist(world: World) -> None:
    """Every link, crossing, transfer and benchmark stands on nodes that exist."""
    nodes = world.tables["nodes"]
    refused = _refused(nodes, "node_id")
    for name, columns in NODE_COLUMNS.items():
        table = world.tables[name]
        for column in columns:
            for row in np.flatnonzero(table.rows_in(column, nodes) < 0).tolist():
                value = table[column][row]
                if value not in refused:
                    hint = did_you_mean(value, nodes.index)
                    world.report(name, row, column, f"unknown node '{value}'", hint)


@structural
def sources_exist(world: World) -> None:
    """Every source that is cited stands in sources.csv, where there is one."""
    if not len(world.tables["sources"]):
        return
    known = world.tables["sources"].index
    for table in SOURCED_TABLES:
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
    nodes, links = world.tables["nodes"], world.tables["links"]
    start, end = _ends(world.tables)
    good = np.flatnonzero((start >= 0) & (end >= 0))
    xy = np.column_stack([nodes["x_coord"], nodes["y_coord"]])
    straight = great_circle_km(xy[start[good]], xy[end[good]])
    for i in np.flatnonzero(links["length_km"][good] < straight * 0.99 - 2):
        row = int(good[i])
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
    wrong_links, wrong_crossings = (
        _ends_of_wrong(world.tables, name) for name in ("links", "crossings")
    )
    start, end = _ends(world.tables)
    country = np.append(nodes["country"], "")  # the last one is that of no node
    over = (country[start] != country[end]) & (country[start] != "") & (country[end] != "")
    for row in np.flatnonzero(over & (links["status"] == "operating")).tolist():
        ends, mode = _pair(links, row)
        if mode not in PIPELINES and (ends, mode) not in crossed and not ends & wrong_crossings:
            world.report(
                "links",
                row,
                "to_node_id",
                f"'{links.ids[row]}' joins two countries but has no crossing",
                f"Add a row to crossings.csv for {' – '.join(sorted(ends))}, mode {mode}",
            )
    at_border = _at(world.tables, "crossings", *ENDS)
    near = np.flatnonzero(at_border[start] & at_border[end])
    linked = {_pair(links, row) for row in near.tolist()}
    for pair, row in crossed.items():
        known = pair[0] <= nodes.index.keys()
        if known and pair not in linked and not pair[0] & wrong_links:
            names, mode = sorted(pair[0]), pair[1]
            world.report(
                "crossings",
                row,
                "from_node_id",
                f"no {mode} link joins {' and '.join(names)}, so nothing can cross here",
                "Add the link, or correct the ends or the mode",
            )


@structural
def one_crossing_a_border(world: World) -> None:
    """Require that no two crossings serve the same two places by the same mode."""
    crossings = world.tables["crossings"]
    first: dict[tuple[frozenset[str], str], int] = {}
    for row in range(len(crossings)):
        known = first.setdefault(_pair(crossings, row), row)
        if known != row:
            world.report(
                "crossings",
                row,
                "crossing_id",
                f"'{crossings.ids[row]}' joins the same places by the same mode as "
                f"'{crossings.ids[known]}'",
                "Keep one of them: a link passes one crossing",
            )


@structural
def transfers_join_layers_present(world: World) -> None:
    """Require that a transfer joins two different layers with links at its node."""
    links, transfers = world.tables["links"], world.tables["transfers"]
    if not len(transfers):
        return
    present: dict[str, set[str]] = {}
    start, end = _ends(world.tables)
    at_transfer = _at(world.tables, "transfers", "node_id")
    near = np.flatnonzero(at_transfer[start] | at_transfer[end])
    wrong = _ends_of_wrong(world.tables, "links")
    closed = {(i, c) for i, c, s in world.changes.of_table("transfers") if s.value == "closed"}
    columns = (links[c][near] for c in ("from_node_id", "to_node_id", "mode", "gauge_mm"))
    for a, b, mode, gauge in zip(*columns, strict=True):
        layer = layer_of(mode, gauge)
        present.setdefault(a, set()).add(layer)
        present.setdefault(b, set()).add(layer)
    for row in range(len(transfers)):
        if (transfers.ids[row], "status") in closed:
            continue  # a line may be regauged and its break of gauge closed by one scenario
        node = transfers["node_id"][row]
        layers = [transfers["from_layer"][row], transfers["to_layer"][row]]
        if layers[0] == layers[1]:
            world.report("transfers", row, "to_layer", "the transfer joins a layer to itself")
        here = present.get(node, set())
        for column, layer in zip(("from_layer", "to_layer"), layers, strict=True):
            if layer not in here and node in world.tables["nodes"] and node not in wrong:
                hint = did_you_mean(layer, here) or "Layers here: " + (
                    ", ".join(sorted(here)) or "none"
                )
                world.report(
                    "transfers", row, column, f"no link of layer '{layer}' ends at '{node}'", hint
                )


def check_frames(tables: Tables, problems: Problems) -> None:
    """Check a network given as frames, by whole columns."""
    for table in tables.values():
        _check_ids(table, problems)
    _check_numbers(tables["nodes"], tables["links"], problems)
    _check_borders(tables["crossings"], problems)
    modes = set(tables["links"]["mode"].tolist()) - set(MODES)
    if modes:
        problems.add("links", None, "mode", f"unknown mode {sorted(map(str, modes))}")
    for name, columns in NODE_COLUMNS.items():
        for column in columns:
            _check_ends(tables[name], column, tables["nodes"], problems)


def _check_ids(table: Table, problems: Problems) -> None:
    if len(table.index) < len(table):
        ids, counts = np.unique(table.ids.astype(str), return_counts=True)
        twice = ids[counts > 1]
        message = f"{len(twice)} ids are used more than once, for example '{twice[0]}'"
        problems.add(table.file, None, table.kind.id_field, message)


def _check_numbers(nodes: Table, links: Table, problems: Problems) -> None:
    for column, bound in (("x_coord", 180), ("y_coord", 90)):
        beyond = int((~(np.abs(nodes[column]) <= bound)).sum())
        if beyond:
            problems.add("nodes", None, column, f"{beyond} values are not degrees")
    wrong = np.flatnonzero(~(links["length_km"] > 0) | ~np.isfinite(links["length_km"]))
    if len(wrong):
        example = links.ids[wrong[0]]
        message = f"{len(wrong)} lengths are missing, zero or negative, for example '{example}'"
        problems.add("links", None, "length_km", message)


def _check_borders(crossings: Table, problems: Problems) -> None:
    borders = Counter(_pair(crossings, row) for row in range(len(crossings)))
    for (ends, mode), count in borders.items():
        if count > 1:
            places = " and ".join(sorted(map(str, ends)))
            message = f"{count} crossings join {places} by {mode}; a link passes one"
            problems.add(crossings.file, None, "crossing_id", message)


def _check_ends(table: Table, column: str, nodes: Table, problems: Problems) -> None:
    unknown = set(table[column][table.rows_in(column, nodes) < 0].tolist())
    if unknown:
        some = ", ".join(sorted(map(str, unknown))[:3])
        message = f"{len(unknown)} unknown nodes, such as {some}"
        problems.add(table.file, None, column, message)
