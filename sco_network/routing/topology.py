"""One topology for a base and all that some scenarios may add or change.

The topology holds the arcs of the base and every arc that any member may add. Arcs that no
member touches keep the base's cost. The others fall into *groups* by the members that touch
them: what a group's arcs cost depends on which of those few members are in the subset, and is
worked out for each such choice by expanding the group's own rows with the code that expands
whole networks. A subset is then a base vector with some entries replaced.

An *atom* is one scenario file: a member, or one that a package includes. Sets of atoms are
bits of an integer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from sco_network.errors import Problems, bad_argument
from sco_network.model.changeset import ChangeSet, merge
from sco_network.model.network import Network
from sco_network.model.resolving import check_requires, resolve_one, selected
from sco_network.model.rows import layer_of
from sco_network.model.scenario import Scenario

from .draws import Draws, arc_costs
from .impedance import By, Floats, Ints
from .states import StateGraph, expand

State = tuple[str, str]  # node id, layer
ArcKey = tuple[str, str, State, State]  # links or transfers, row id, tail, head
RowKey = tuple[str, str]  # table, row id
Pair = tuple[frozenset[str], str]  # two ends, mode


@dataclass(frozen=True)
class Group:
    """Arcs that the same atoms touch, and the rows on which their costs depend.

    `number` is the arc of each key, `rows` the base's rows of each table, `changes` what
    each atom does to these rows and which it adds to them.
    """

    mask: int
    number: Mapping[ArcKey, int]
    rows: Mapping[str, Ints]
    changes: Mapping[int, ChangeSet]

    @cached_property
    def arcs(self) -> Ints:
        """Numbers of the group's arcs."""
        return np.fromiter(self.number.values(), dtype=np.int64, count=len(self.number))

    def variant(self, network: Network, mask: int, modes: tuple[str, ...]) -> Variant:
        """Return the group with some atoms applied."""
        tables = {
            name: table.taking(self.rows[name]) if name in self.rows else table
            for name, table in network.tables.items()
        }
        changes = merge([c for atom, c in self.changes.items() if mask >> atom & 1], Problems())
        graph = expand(replace(network, tables=tables).with_changes(changes), modes)
        place = {key: i for i, key in enumerate(self.number)}
        there = [(place[key], arc) for arc, key in enumerate(arc_keys(graph)) if key in place]
        found = np.array(there, dtype=np.int64).reshape(-1, 2)
        return Variant(graph, len(place), found[:, 0], found[:, 1])


@dataclass(frozen=True)
class Variant:
    """A group with some of its atoms applied: `place` of its arcs are there, as `arc` of `graph`.

    The others of its `size` arcs are not there.
    """

    graph: StateGraph
    size: int
    place: Ints
    arc: Ints

    def costs(self, by: By, draws: Draws | None = None) -> Floats:
        """Return the cost of the group's arcs; inf where one is not there. Draws: draws × arcs."""
        cost = arc_costs(self.graph, by, draws)
        found = np.full((*cost.shape[:-1], self.size), np.inf)
        found[..., self.place] = cost[..., self.arc]
        return found


@dataclass(frozen=True)
class Topology:
    """States, arcs and groups of a space: the same for every subset and every draw.

    `points` are the states in which each terminal begins and ends. Where it `is_two_way`, no
    link is one-way in any subset, so that every way costs as much as its way back.
    """

    atoms: tuple[Scenario, ...]
    changes: tuple[ChangeSet, ...]
    size: int
    tail: Ints
    head: Ints
    groups: tuple[Group, ...]
    points: tuple[tuple[int, ...], ...]
    modes: tuple[str, ...]
    is_two_way: bool

    def pairs_of_crossing(self, network: Network, row_id: str) -> list[Pair]:
        """Return the two ends and the mode of a crossing of the base or of an atom."""
        if row_id in network.crossings:
            row = network.crossings.row(row_id)
        else:
            row = {
                column: setting.value
                for changes in self.changes
                for row, column, setting in changes.of_table("crossings")
                if row == row_id
            }
        if not row:
            return []
        return [(frozenset((row["from_node_id"], row["to_node_id"])), row["mode"])]


def build(
    network: Network,
    scenarios: Sequence[Scenario],
    modes: tuple[str, ...],
    terminals: Sequence[str],
) -> tuple[Topology, StateGraph]:
    """Return the topology of a base and its members, and the base's expanded graph.

    The arcs of the expanded graph are the topology's first ones.
    """
    atoms = tuple(selected(scenarios))
    changes = _resolved(network, atoms)
    _check_members(network, scenarios)
    graph = expand(network, modes)
    local = _Local(network, changes)
    states = _States(graph)
    masks = local.masks()
    rows = {
        "links": np.isin(graph.link, local.numbers("links", masks)),
        "transfers": np.isin(graph.transfer, local.numbers("transfers", masks)),
    }
    arcs = np.flatnonzero((graph.link >= 0) & rows["links"] | (graph.link < 0) & rows["transfers"])
    number = dict(zip(arc_keys(graph, arcs), arcs.tolist(), strict=True))
    ends: list[tuple[int, int]] = []
    for key in local.candidates(masks, modes, states):
        if key not in number:
            number[key] = len(graph.tail) + len(ends)
            ends.append((states[key[2]], states[key[3]]))
    new = np.array(ends, dtype=np.int64).reshape(-1, 2)
    topology = Topology(
        atoms=atoms,
        changes=changes,
        size=len(states),
        tail=np.concatenate([graph.tail, new[:, 0]]),
        head=np.concatenate([graph.head, new[:, 1]]),
        groups=tuple(local.groups(masks, number)),
        points=tuple(states.at(t, changes) for t in terminals),
        modes=modes,
        is_two_way=not _any_one_way(network, modes, changes),
    )
    return topology, graph


def _any_one_way(network: Network, modes: Sequence[str], changes: Iterable[ChangeSet]) -> bool:
    used = np.array([mode in modes for mode in network.links["mode"].tolist()], dtype=bool)
    made = any(
        key[0] == "links" and key[2] == "directed" and setting.value
        for c in changes
        for key, setting in c.settings.items()
    )
    return made or bool((network.links["directed"][used] == True).any())  # noqa: E712


def arc_keys(graph: StateGraph, arcs: Ints | None = None) -> Iterator[ArcKey]:
    """Yield the key of every arc, or of some."""
    network, ids = graph.network, graph.network.nodes.ids
    chosen = slice(None) if arcs is None else arcs

    def state(number: int) -> State:
        return ids[graph.state_node[number]], graph.layers[graph.state_layer[number]]

    columns = (graph.link, graph.transfer, graph.tail, graph.head)
    rows = (column[chosen].tolist() for column in columns)
    for link, transfer, tail, head in zip(*rows, strict=True):
        if link >= 0:
            yield "links", network.links.ids[link], state(tail), state(head)
        else:
            yield "transfers", network.transfers.ids[transfer], state(tail), state(head)


def _resolved(network: Network, atoms: Sequence[Scenario]) -> tuple[ChangeSet, ...]:
    """Return the changes of every atom; a companion that is nowhere is refused."""
    problems = Problems()
    names = {s.id: s for s in atoms}
    for atom in atoms:
        check_requires(atom, names, problems, where="among the scenarios given", verb="Name")
    problems.raise_if_any()
    changes = tuple(resolve_one(atom, network.tables, names, problems) for atom in atoms)
    problems.raise_if_any()
    return changes


def _check_members(network: Network, scenarios: Sequence[Scenario]) -> None:
    """Apply every member once, with the companions it needs, so that its own errors show."""
    names = {s.id: s for s in selected(scenarios)}
    for member in scenarios:
        network.with_scenarios(*with_companions(member, names))


def with_companions(member: Scenario, names: Mapping[str, Scenario]) -> list[Scenario]:
    """Return a scenario and all that it requires, directly or through others, as far as known."""
    company = {member.id: member}
    waiting = [member]
    while waiting:
        for part in waiting.pop().whole:
            for name in part.content.requires:
                if name in names and name not in company:
                    company[name] = names[name]
                    waiting.append(names[name])
    return list(company.values())


class _States:
    """Numbers of (node, layer): the base's states, and new ones as they are asked for."""

    def __init__(self, graph: StateGraph) -> None:
        self.graph = graph
        self.new: dict[State, int] = {}

    def __len__(self) -> int:
        return self.graph.size + len(self.new)

    def find(self, state: State) -> int | None:
        """Return the number of a state, if it has one."""
        graph, (node_id, layer) = self.graph, state
        if node_id in graph.network.nodes:
            for number in graph.states_of(node_id):
                if graph.layers[graph.state_layer[number]] == layer:
                    return number
        return self.new.get(state)

    def __getitem__(self, state: State) -> int:
        number = self.find(state)
        return self.new.setdefault(state, len(self)) if number is None else number

    def at(self, node_id: str, changes: Sequence[ChangeSet]) -> tuple[int, ...]:
        """Return all states of a terminal."""
        known = node_id in self.graph.network.nodes
        if not known and not any(("nodes", node_id) in c.added for c in changes):
            raise bad_argument("terminals", f"unknown node '{node_id}'")
        new = tuple(number for (node, _), number in self.new.items() if node == node_id)
        return (*(self.graph.states_of(node_id) if known else ()), *new)


@dataclass
class _Local:
    """The links, crossings and transfers near anything that an atom changes.

    A link's cost depends on its row, the crossings between its ends, and the countries of its
    ends; whether a transfer is there depends on its row and on the links at its node, which
    give the node its layers. So the masks below are unions over what a row depends on.
    """

    network: Network
    changes: Sequence[ChangeSet]
    on_row: dict[RowKey, int] = field(default_factory=dict)
    on_node: dict[str, int] = field(default_factory=dict)
    on_pair: dict[Pair, int] = field(default_factory=dict)
    links: dict[str, set[tuple[str, str, str]]] = field(default_factory=dict)
    crossings: dict[str, set[Pair]] = field(default_factory=dict)
    transfers: dict[str, set[str]] = field(default_factory=dict)
    values: dict[tuple[str, str, str], set[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for atom, changes in enumerate(self.changes):
            self._note(1 << atom, changes)
        self._note_base()
        for row_id, pairs in self.crossings.items():
            for pair in pairs:
                mask = self.on_row.get(("crossings", row_id), 0)
                self.on_pair[pair] = self.on_pair.get(pair, 0) | mask

    def _note(self, bit: int, changes: ChangeSet) -> None:
        rows: dict[RowKey, dict[str, Any]] = {}
        for (table, row_id, column), setting in changes.settings.items():
            rows.setdefault((table, row_id), {})[column] = setting.value
            if column in {"gauge_mm", "from_layer", "to_layer"}:
                self.values.setdefault((table, row_id, column), set()).add(setting.value)
        for (table, row_id), row in rows.items():
            if table != "nodes":
                self.on_row[table, row_id] = self.on_row.get((table, row_id), 0) | bit
            elif "country" in row or (table, row_id) in changes.added:
                self.on_node[row_id] = self.on_node.get(row_id, 0) | bit
            if (table, row_id) in changes.added:
                self._place(table, row_id, row)
                if table == "links" and "gauge_mm" not in row:
                    self.values.setdefault((table, row_id, "gauge_mm"), set()).add(None)

    def _place(self, table: str, row_id: str, row: Mapping[str, Any]) -> None:
        if table == "links":
            ends = (row["from_node_id"], row["to_node_id"], row["mode"])
            self.links.setdefault(row_id, set()).add(ends)
        elif table == "crossings":
            pair = (frozenset((row["from_node_id"], row["to_node_id"])), row["mode"])
            self.crossings.setdefault(row_id, set()).add(pair)
        elif table == "transfers":
            self.transfers.setdefault(row_id, set()).add(row["node_id"])

    def _note_base(self) -> None:
        """Note the base's rows at every node near a change."""
        tables = self.network.tables
        nodes = set(self.on_node)
        for table, row_id in self.on_row:
            if row_id in tables[table]:
                row = tables[table].row(row_id)
                nodes |= {row[c] for c in ("from_node_id", "to_node_id", "node_id") if c in row}
        nodes |= {end for ends in self.links.values() for e in ends for end in e[:2]}
        nodes |= {end for pairs in self.crossings.values() for p in pairs for end in p[0]}
        nodes |= {node for at in self.transfers.values() for node in at}
        near = np.zeros(len(tables["nodes"]), dtype=bool)
        near[[tables["nodes"].index[n] for n in nodes if n in tables["nodes"]]] = True
        for table in ("links", "crossings", "transfers"):
            base = tables[table]
            ends = [c for c in ("from_node_id", "to_node_id", "node_id") if c in base.columns]
            here = [near[base.rows_in(c, tables["nodes"])] for c in ends]
            for number in np.flatnonzero(np.logical_or.reduce(here)).tolist():
                row, row_id = base.row(number), str(base.ids[number])
                self._place(table, row_id, row)
                for column in ("gauge_mm", "from_layer", "to_layer"):
                    if column in row:
                        self.values.setdefault((table, row_id, column), set()).add(row[column])

    @cached_property
    def links_at(self) -> dict[str, set[str]]:
        """The links near a change that end at each node."""
        found: dict[str, set[str]] = {}
        for row_id, variants in self.links.items():
            for a, b, _ in variants:
                found.setdefault(a, set()).add(row_id)
                found.setdefault(b, set()).add(row_id)
        return found

    def masks(self) -> dict[RowKey, int]:
        """Return the links and transfers that atoms touch, with those atoms."""
        found: dict[RowKey, int] = {}
        for row_id, variants in self.links.items():
            mask = self.on_row.get(("links", row_id), 0)
            for a, b, mode in variants:
                mask |= self.on_node.get(a, 0) | self.on_node.get(b, 0)
                mask |= self.on_pair.get((frozenset((a, b)), mode), 0)
            found["links", row_id] = mask
        for row_id, nodes in self.transfers.items():
            mask = self.on_row.get(("transfers", row_id), 0)
            for node in nodes:
                mask |= self.on_node.get(node, 0)
                for link in self.links_at.get(node, ()):
                    if self.changes_layers(link):
                        mask |= found["links", link]
            found["transfers", row_id] = mask
        return {row: mask for row, mask in found.items() if mask}

    def changes_layers(self, link: str) -> bool:
        """Return whether an atom adds a link or changes its gauge."""
        return link not in self.network.links or any(
            ("links", link, "gauge_mm") in c.settings for c in self.changes
        )

    def numbers(self, name: str, masks: Mapping[RowKey, int]) -> Ints:
        """Return the base's row numbers of what is touched in a table."""
        index = self.network.tables[name].index
        rows = [index[row_id] for table, row_id in masks if table == name and row_id in index]
        return np.array(sorted(rows), dtype=np.int64)

    def candidates(
        self, masks: Mapping[RowKey, int], modes: tuple[str, ...], states: _States
    ) -> Iterator[ArcKey]:
        """Yield the key of every arc that a touched row may have in some subset."""
        for table, row_id in masks:
            if table == "links":
                yield from self._link_arcs(row_id, modes)
        for table, row_id in masks:  # by now every state that may exist has a number
            if table == "transfers":
                for key in self._transfer_arcs(row_id):
                    if None not in (states.find(key[2]), states.find(key[3])):
                        yield key

    def _link_arcs(self, row_id: str, modes: tuple[str, ...]) -> Iterator[ArcKey]:
        gauges = self.values.get(("links", row_id, "gauge_mm"), {None})
        for a, b, mode in sorted(self.links[row_id]):
            for layer in sorted({layer_of(mode, g) for g in gauges}):
                if mode in modes:
                    yield "links", row_id, (a, layer), (b, layer)
                    yield "links", row_id, (b, layer), (a, layer)

    def _transfer_arcs(self, row_id: str) -> Iterator[ArcKey]:
        one, other = (
            sorted(self.values["transfers", row_id, c]) for c in ("from_layer", "to_layer")
        )
        for node, a, b in product(sorted(self.transfers[row_id]), one, other):
            if a != b:
                yield "transfers", row_id, (node, a), (node, b)
                yield "transfers", row_id, (node, b), (node, a)

    def groups(self, masks: Mapping[RowKey, int], number: Mapping[ArcKey, int]) -> Iterator[Group]:
        """Yield the groups: touched rows by the atoms that touch them."""
        by_mask: dict[int, set[RowKey]] = {}
        for row, mask in masks.items():
            by_mask.setdefault(mask, set()).add(row)
        keys: dict[RowKey, dict[ArcKey, int]] = {}
        for key, arc in number.items():
            keys.setdefault((key[0], key[1]), {})[key] = arc
        for mask, rows in sorted(by_mask.items()):
            needed = self._needed(rows)
            own = {key: arc for row in sorted(rows) for key, arc in keys.get(row, {}).items()}
            yield Group(mask, own, self._base_rows(needed), self._restricted(mask, needed))

    def _needed(self, rows: Iterable[RowKey]) -> set[RowKey]:
        """Return all rows on which the presence and cost of some rows depend."""
        links = {row_id for table, row_id in rows if table == "links"}
        transfers = {row_id for table, row_id in rows if table == "transfers"}
        at = {node for row_id in transfers for node in self.transfers[row_id]}
        links |= {link for node in at for link in self.links_at.get(node, ())}
        ends = {e for link in links for e in self.links[link]}
        pairs = {(frozenset(e[:2]), e[2]) for e in ends}
        crossings = {row_id for row_id, p in self.crossings.items() if not pairs.isdisjoint(p)}
        nodes = at | {end for e in ends for end in e[:2]}
        return (
            {("links", x) for x in links}
            | {("transfers", x) for x in transfers}
            | {("crossings", x) for x in crossings}
            | {("nodes", x) for x in nodes}
        )

    def _base_rows(self, needed: Iterable[RowKey]) -> dict[str, Ints]:
        tables = self.network.tables
        rows: dict[str, list[int]] = {t: [] for t in ("nodes", "links", "crossings", "transfers")}
        for table, row_id in needed:
            if row_id in tables[table]:
                rows[table].append(tables[table].index[row_id])
        return {table: np.array(sorted(found), dtype=np.int64) for table, found in rows.items()}

    def _restricted(self, mask: int, needed: set[RowKey]) -> dict[int, ChangeSet]:
        return {
            atom: ChangeSet(
                {key: s for key, s in changes.settings.items() if key[:2] in needed},
                frozenset(changes.added & needed),
            )
            for atom, changes in enumerate(self.changes)
            if mask >> atom & 1
        }
