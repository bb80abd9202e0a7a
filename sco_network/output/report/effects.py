"""What a proposal does to the network, as rows of its links, spots, and the route that moves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sco_network.model.network import Network
from sco_network.output.changes import Changes, ends_of
from sco_network.output.ground import Ground
from sco_network.routing.impedance import Impedance, check_by
from sco_network.routing.skim import way_between
from sco_network.routing.states import StateGraph, expand

from .study import Proposal, Study


def effects_of(study: Study, ground: Ground) -> list[Effect]:
    """Return what every proposal of a study does; maps are drawn on the ground."""
    today = {m: expand(study.network, m) for m in dict.fromkeys(p.modes for p in study.proposals)}
    return [_effect(study, p, today[p.modes], ground) for p in study.proposals]


def _effect(study: Study, proposal: Proposal, today: StateGraph, ground: Ground) -> Effect:
    then = expand(proposal.network, proposal.modes)
    routes = study.rows_of("routes", proposal.id)
    pair = (routes["from"].iloc[0], routes["to"].iloc[0]) if len(routes) else None
    ways = [way(graph, study.by, *pair) if pair else () for graph in (today, then)]
    return Effect(proposal, study.network, today.use, then.use, ground, pair, *ways)


def way(graph: StateGraph, by: str, origin: str, destination: str) -> tuple[int, ...]:
    """Return the rows of the links on the best route between two places; none without one."""
    cost, ends = graph.cost(check_by(by)), (graph.states_of(p) for p in (origin, destination))
    rows = graph.link[way_between(graph.size, graph.tail, graph.head, cost, *ends) or []]
    return tuple(rows[rows >= 0].tolist())


@dataclass(frozen=True)
class Spot:
    """A crossing or transfer that is changed or closed: where, what, and its row's name."""

    kind: str
    node_ids: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class Effect:
    """A proposal beside the base. Links of the base have the same rows in both networks.

    `before` and `after` are the rows of the links on the best route between the pair that
    changes most, today and with the proposal; empty where there is no route.
    """

    proposal: Proposal
    base: Network
    base_use: Impedance
    use: Impedance
    ground: Ground
    pair: tuple[str, str] | None
    before: tuple[int, ...]
    after: tuple[int, ...]

    @property
    def network(self) -> Network:
        """The network with the proposal."""
        return self.proposal.network

    @cached_property
    def changes(self) -> Changes:
        """The rows that the proposal adds, opens, changes and closes."""
        return Changes(self.network, self.ground)

    @cached_property
    def new(self) -> list[int]:
        """Rows of links that the base does not have."""
        return list(range(len(self.base.links), len(self.network.links)))

    @cached_property
    def added(self) -> dict[int, str]:
        """How firm the proposal behind each link is that is new or opened, by row."""
        index, status = self.network.links.index, self.changes.status
        return {index[i]: status.get(i, "") for i in self.changes.added}

    @cached_property
    def closed(self) -> list[int]:
        """Rows of links that are shut."""
        return self._links(self.changes.closed)

    @cached_property
    def upgraded(self) -> list[int]:
        """Rows of links of the base that say something else."""
        return self._links(self.changes.edited)

    @cached_property
    def touched(self) -> list[int]:
        """Rows of links of the base that say or take something else, at the border, too."""
        old, new, n = self.base_use, self.use, len(self.base.links)
        moved = ~np.isclose(old.border_h, new.border_h[:n]) | (old.link_open != new.link_open[:n])
        opened = [row for row in self.added if row < n]
        found = {*np.flatnonzero(moved).tolist(), *opened, *self.upgraded, *self.closed}
        return sorted(row for row in found if row < n)

    def _links(self, rows: Iterable[tuple[str, str]]) -> list[int]:
        return [self.network.links.index[i] for table, i in rows if table == "links"]

    @cached_property
    def spots(self) -> list[Spot]:
        """Crossings and transfers that change or close."""
        found = []
        for kind, rows in (("eased", self.changes.edited), ("shut", self.changes.closed)):
            for table, row_id in rows:
                if table in {"crossings", "transfers"}:
                    ends = ends_of(self.network, table, row_id)
                    row = self.network.tables[table].row(row_id)
                    name = row.get("name") or " – ".join(map(self.network.name_of, ends))
                    found.append(Spot(kind, ends, name))
        return found

    def nodes_of(self, rows: Iterable[int]) -> list[str]:
        """Return the ends of links, each once."""
        links = self.network.links
        ends = (links[c][row] for row in rows for c in ("from_node_id", "to_node_id"))
        return list(dict.fromkeys(ends))
