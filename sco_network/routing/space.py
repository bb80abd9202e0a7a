"""Every combination of some scenarios: one topology, and a vector of costs for each subset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from sco_network.errors import Problems, bad_argument, did_you_mean
from sco_network.model.changeset import merge
from sco_network.model.network import Network
from sco_network.model.resolving import resolve
from sco_network.model.scenario import Scenario

from .draws import Draws, arc_costs
from .elimination import TooDenseError
from .impedance import By, Floats, Ints, check_by
from .memory import require_memory
from .skim import Skim, between_points, check_engine, way_between
from .states import StateGraph, check_modes
from .topology import ArcKey, Topology, Variant, arc_keys, build
from .unpack import Closed
from .walk import Walk


class Costs:
    """What the arcs of a topology cost: in the base, and in each group's choices.

    With draws, every vector is draws × arcs.
    """

    def __init__(
        self, topology: Topology, graph: StateGraph, by: By, draws: Draws | None = None
    ) -> None:
        self.topology = topology
        self.graph = graph
        self.by = by
        self.draws = draws
        cost = arc_costs(graph, by, draws)
        later = np.full((*cost.shape[:-1], len(topology.tail) - cost.shape[-1]), np.inf)
        self.base = np.concatenate([cost, later], axis=-1)
        self._variants: dict[tuple[int, int], Variant] = {}
        self._known: dict[tuple[int, int], Floats] = {}

    @property
    def network(self) -> Network:
        """The base."""
        return self.graph.network

    def drawn(self, draws: Draws) -> Costs:
        """Return what the same arcs cost in each of some draws."""
        costs = Costs(self.topology, self.graph, self.by, draws)
        costs._variants = self._variants
        return costs

    def measured(self, by: By) -> Costs:
        """Return what the same arcs cost in another measure."""
        costs = Costs(self.topology, self.graph, by, self.draws)
        costs._variants = self._variants
        return costs

    def vector(self, mask: int) -> Floats:
        """Return the cost of every arc with the atoms of a mask applied; inf is closed."""
        cost = self.base.copy()
        for i, group in enumerate(self.topology.groups):
            chosen = mask & group.mask
            if chosen:
                cost[..., group.arcs] = self._of_group(i, chosen)
        return cost

    def _of_group(self, i: int, chosen: int) -> Floats:
        key = (i, chosen)
        if key not in self._known:
            if key not in self._variants:
                group, modes = self.topology.groups[i], self.topology.modes
                self._variants[key] = group.variant(self.network, chosen, modes)
            self._known[key] = self._variants[key].costs(self.by, self.draws)
        return self._known[key]


class ScenarioSpace:
    """Scenarios that may be combined at will, with exact skims of any subset.

    Parameters
    ----------
    network
        The base, without scenarios.
    scenarios
        The members. Those that a package includes come along with it.
    by
        `length` (km), `time` (h), `cost` (USD per TEU) or `generalised` (USD).
    terminals
        Node ids, in the order of rows and columns; nodes that a member adds are allowed.
    modes
        Modes that may be used; without it freight.
    engine
        `elimination`, or `dijkstra`, which asks scipy anew for each subset and needs no
        compiled loops; without it the first, where numba is there.

    Raises
    ------
    InputError
        Where a member does not fit the base, or requires one that is not a member.

    Notes
    -----
    Every member is checked against the base as `Network.with_scenarios` does; conflicts
    and missing companions are refused when a subset is asked for.
    """

    def __init__(
        self,
        network: Network,
        scenarios: Iterable[Scenario],
        *,
        by: str = "time",
        terminals: Sequence[str],
        modes: Iterable[str] | None = None,
        engine: str | None = None,
    ) -> None:
        self.scenarios = tuple({s.id: s for s in scenarios}.values())
        self.terminals = tuple(terminals)
        self.by = check_by(by)
        topology, graph = build(network, self.scenarios, check_modes(modes), self.terminals)
        self.topology = topology
        self.costs = Costs(topology, graph, self.by)
        self._people: dict[int, Floats] = {}
        self.rules = Rules.of(topology)
        self._answer = _engine(engine, topology)

    @property
    def network(self) -> Network:
        """The base."""
        return self.costs.network

    @property
    def ids(self) -> tuple[str, ...]:
        """The members' ids."""
        return tuple(s.id for s in self.scenarios)

    def base(self) -> Skim:
        """Return the skim without any scenario."""
        return self.skim(())

    def skim(self, subset: Iterable[str | Scenario]) -> Skim:
        """Return the skim with some members applied, given by id.

        The same matrix as `network.with_scenarios(...)` has from scratch.

        Raises
        ------
        InputError
            Where one is not a member, two conflict, or one lacks a companion.
        """
        mask = self.mask(subset)
        if not self.allows(mask):
            self.explain(subset)
        return Skim(self.matrix(mask), self.terminals, self.by)

    def mask(self, subset: Iterable[str | Scenario]) -> int:
        """Return a subset as bits, one for every atom: a member, or one that a package includes."""
        mask = 0
        for member in subset:
            name = member.id if isinstance(member, Scenario) else member
            if name not in self.rules.members:
                hint = did_you_mean(name, self.ids) or "The members are " + ", ".join(self.ids)
                raise bad_argument("subset", f"'{name}' is not a member of this space", hint)
            mask |= self.rules.members[name]
        return mask

    def allows(self, mask: int) -> bool:
        """Return whether the atoms of a mask can be applied together."""
        return self.rules.allow(mask)

    def explain(self, subset: Iterable[str | Scenario]) -> None:
        """Raise what is wrong with a subset, with the places of both sides."""
        names = {m.id if isinstance(m, Scenario) else m for m in subset}
        problems = Problems()
        resolve([s for s in self.scenarios if s.id in names], self.network.tables, problems)
        problems.raise_if_any()

    def matrix(self, mask: int) -> Floats:
        """Return the best costs with the atoms of a mask, n × n, in the order of terminals."""
        return self.between(self.costs.vector(mask))

    def between(self, costs: Floats) -> Floats:
        """Return the best costs between the terminals, n × n, where arcs cost what is given."""
        matrix = self._answer.matrix(costs)
        np.fill_diagonal(matrix, 0.0)
        return matrix

    def way(
        self, subset: Iterable[str | Scenario], origin: str, destination: str
    ) -> list[ArcKey] | None:
        """Return the arcs of a best way between two terminals with some members applied.

        Each arc as its table (links or transfers), the row's id, and the (place, layer) where it
        begins and ends; None where there is no route. Found by unpacking the elimination, or
        by scipy's search where there are no compiled loops.

        Raises
        ------
        InputError
            For places that are no terminals of the space, and as `skim` does.
        """
        mask = self.mask(subset)
        if not self.allows(mask):
            self.explain(subset)
        ends = []
        for name in (origin, destination):
            if name not in self.terminals:
                hint = did_you_mean(name, self.terminals) or "Give the terminals when it is made"
                raise bad_argument("way", f"'{name}' is no terminal of this space", hint)
            ends.append(self.topology.points[self.terminals.index(name)])
        if origin == destination:
            return []
        arcs = self._answer.way(self.costs.vector(mask), *ends)
        return None if arcs is None else [self.keys[arc] for arc in arcs]

    def measured(self, by: str) -> Self:
        """Return the same space in another measure; what does not depend on it is shared."""
        other = copy(self)
        other.by = check_by(by)
        other.costs = self.costs.measured(other.by)
        return other

    def population(self, mask: int = 0) -> Floats:
        """Return the people at each terminal with the atoms of a mask; a member may change it."""
        moved = mask & self._movers
        if moved not in self._people:
            self._people[moved] = self._population(moved)
        return self._people[moved]

    @cached_property
    def _movers(self) -> int:
        """The atoms that change how many people live somewhere."""
        return sum(
            1 << atom
            for atom, changes in enumerate(self.topology.changes)
            if any(column == "population" for _, column, _ in changes.of_table("nodes"))
        )

    def _population(self, mask: int) -> Floats:
        nodes = self.network.nodes
        people = {
            t: float(nodes["population"][nodes.index[t]]) for t in self.terminals if t in nodes
        }
        for atom, changes in enumerate(self.topology.changes):
            if mask >> atom & 1:
                for row_id, column, setting in changes.of_table("nodes"):
                    if column == "population" and setting.value is not None:
                        people[row_id] = float(setting.value)
        found: Floats = np.nan_to_num(np.array([people.get(t, 0.0) for t in self.terminals]))
        found.flags.writeable = False
        return found

    def arcs_of(self, table: str, row_id: str) -> Ints:
        """Return the arcs of a link or a transfer, or those that pass a crossing.

        Rows that a member adds are known, too; what is nowhere has no arcs.
        """
        arcs = self._arcs.get((table, row_id), [])
        if table == "crossings":
            for ends, mode in self.topology.pairs_of_crossing(self.network, row_id):
                arcs = self._arcs.get((mode, *sorted(ends)), [])
        return np.array(arcs, dtype=np.int64)

    def arcs_in(self, country: str) -> Ints:
        """Return the arcs that begin or end in a country."""
        return np.array(self._arcs.get(("countries", country), []), dtype=np.int64)

    @cached_property
    def keys(self) -> tuple[ArcKey, ...]:
        """What each arc is: links or transfers, row id, and the states it joins."""
        known = {arc: key for group in self.topology.groups for key, arc in group.number.items()}
        known.update(enumerate(arc_keys(self.costs.graph)))
        return tuple(known[arc] for arc in range(len(self.topology.tail)))

    @cached_property
    def _arcs(self) -> dict[tuple[str, ...], list[int]]:
        """Arcs by (table, row), by (mode, end, end), and by country."""
        nodes = self.network.nodes
        country = dict(zip(nodes.ids.tolist(), nodes["country"].tolist(), strict=True))
        for changes in self.topology.changes:
            for row_id, column, setting in changes.of_table("nodes"):
                if column == "country":
                    country[row_id] = setting.value
        found: dict[tuple[str, ...], list[int]] = {}
        for arc, (table, row_id, tail, head) in enumerate(self.keys):
            found.setdefault((table, row_id), []).append(arc)
            if table == "links":
                mode = tail[1].partition("-")[0]
                found.setdefault((mode, *sorted((tail[0], head[0]))), []).append(arc)
            for code in {country.get(tail[0], ""), country.get(head[0], "")}:
                found.setdefault(("countries", code), []).append(arc)
        return found

    def walk(self, mask: int = 0, costs: Floats | None = None) -> Walk | Reruns:
        """Return a walk that begins with the atoms of a mask, or with any vector of arc costs.

        Moving it to the vector of another subset (`costs.vector`) costs only what changes.
        """
        vector = self.costs.vector(mask) if costs is None else costs
        return self._answer.walk(vector, is_same=self.topology.is_two_way)


@dataclass(frozen=True)
class Rules:
    """Which atoms go together, as bits."""

    members: Mapping[str, int]
    excluded: tuple[int, ...]
    required: tuple[int, ...]

    @classmethod
    def of(cls, topology: Topology) -> Rules:
        """Read declared conflicts and companions, and what two atoms set or cross differently."""
        bit = {s.id: 1 << i for i, s in enumerate(topology.atoms)}
        excluded, required = [0] * len(bit), [0] * len(bit)
        touched = [c.settings.keys() | c.borders.keys() for c in topology.changes]
        for i, atom in enumerate(topology.atoms):
            required[i] = sum(bit[name] for name in atom.content.requires)
            for name in atom.content.conflicts:
                if name in bit:
                    j = bit[name].bit_length() - 1
                    excluded[i] |= bit[name]
                    excluded[j] |= 1 << i
            for j in range(i):
                if touched[i].isdisjoint(touched[j]):
                    continue
                problems = Problems()
                merge([topology.changes[i], topology.changes[j]], problems)
                if problems.found:
                    excluded[i] |= 1 << j
                    excluded[j] |= 1 << i
        members = {s.id: sum(bit[m.id] for m in s.whole) for s in topology.atoms}
        return cls(members, tuple(excluded), tuple(required))

    def allow(self, mask: int) -> bool:
        """Return whether no two atoms of a mask conflict and none lacks a companion."""
        return not self.conflict(mask, mask) and not self.lacks_companion(mask, mask)

    def conflict(self, mask: int, other: int) -> bool:
        """Return whether an atom of one mask excludes one of another."""
        return any(self.excluded[i] & other for i in _bits(mask))

    def lacks_companion(self, mask: int, company: int) -> bool:
        """Return whether an atom of a mask requires one that is not in its company."""
        return any(self.required[i] & ~company for i in _bits(mask))


def _bits(mask: int) -> Iterator[int]:
    while mask:
        yield (mask & -mask).bit_length() - 1
        mask &= mask - 1


class Answer(Protocol):
    """What turns a cost vector into a matrix."""

    def matrix(self, cost: Floats) -> Floats:
        """Return best costs between the terminals, n × n, for one cost per arc."""

    def walk(self, cost: Floats, *, is_same: bool) -> Walk | Reruns:
        """Return a walk that begins at a vector."""

    def way(self, cost: Floats, begins: Sequence[int], ends: Sequence[int]) -> list[int] | None:
        """Return the arcs of a best way from some states to others; None without one."""


class ByElimination:
    """Orders the topology once; then closes and sweeps each vector."""

    def __init__(self, topology: Topology) -> None:
        from .elimination import eliminate, plan_sweep

        order = eliminate(topology.size, topology.tail, topology.head)
        self.sweep = plan_sweep(order, topology.points)
        n = len(topology.points)
        require_memory(8 * n**2 + self.sweep.work_bytes, f"a space of {n:,} terminals")

    def matrix(self, cost: Floats) -> Floats:
        """Return best costs between the terminals."""
        return self.sweep.matrix(cost)

    def walk(self, cost: Floats, *, is_same: bool) -> Walk:
        """Return a walk that begins at a vector."""
        return Walk(self.sweep, cost, is_same=is_same)

    def way(self, cost: Floats, begins: Sequence[int], ends: Sequence[int]) -> list[int] | None:
        """Return the arcs of a best way from some states to others."""
        return Closed.of(self.sweep.elimination, cost).best_way(begins, ends)


class ByDijkstra:
    """Asks scipy anew for every vector: the reference, and what works without numba."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology

    def matrix(self, cost: Floats) -> Floats:
        """Return best costs between the terminals."""
        t = self.topology
        return between_points(t.size, t.tail, t.head, cost, t.points)

    def walk(self, cost: Floats, *, is_same: bool) -> Reruns:  # noqa: ARG002 - no use of it
        """Return what answers like a walk."""
        return Reruns(self, cost)

    def way(self, cost: Floats, begins: Sequence[int], ends: Sequence[int]) -> list[int] | None:
        """Return the arcs of a best way from some states to others."""
        t = self.topology
        return way_between(t.size, t.tail, t.head, cost, begins, ends)


class Reruns:
    """What a `Walk` answers, from scratch at every move."""

    is_same = False

    def __init__(self, answer: ByDijkstra, cost: Floats) -> None:
        self.answer = answer
        self.lane = np.arange(len(answer.topology.points))
        self.move(cost)

    def move(self, cost: Floats) -> NDArray[np.intp]:
        """Go to another cost vector; return all lanes."""
        self.costs = self.answer.matrix(cost).T
        np.fill_diagonal(self.costs, np.inf)
        return np.arange(len(self.lane))

    def keep(self) -> None:
        """Remember the costs now, for `back`."""
        self._kept = self.costs

    def back(self) -> NDArray[np.intp]:
        """Return to what was kept; return all lanes."""
        self.costs = self._kept
        return np.arange(len(self.lane))

    def matrix(self) -> Floats:
        """Return best costs from each terminal to each, n × n."""
        found = self.costs.T.copy()
        np.fill_diagonal(found, 0.0)
        return found


def _engine(name: str | None, topology: Topology) -> Answer:
    if check_engine(name) != "dijkstra":
        try:
            return ByElimination(topology)
        except (ImportError, TooDenseError):  # no compiler here, or a network of another kind
            if name is not None:
                raise
    return ByDijkstra(topology)
