"""Our engine, asked the same as the others; what depends on its interior stands here alone."""

from __future__ import annotations

import numpy as np
from libraries import Floats, Ints, Problem
from networks import Case

import sco_network as sco
from sco_network.analysis.rank import Ranking, rank
from sco_network.routing.elimination import Elimination, Sweep, eliminate, plan_sweep
from sco_network.routing.walk import Walk


class Ours:
    """A case's space of scenarios: fresh answers, and steps from the base to a scenario."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.space = sco.ScenarioSpace(
            case.network,
            case.scenarios,
            by=case.by,
            terminals=case.terminals,
            modes=case.modes,
        )
        ids = [s.id for s in case.scenarios]
        self.subsets: list[list[str]] = [[], *([name] for name in ids)]
        self.vectors = [self.vector(subset) for subset in self.subsets]
        self._walk = self._begun()
        self._away = False

    def vector(self, subset: list[str]) -> Floats:
        """Return what every arc costs with some scenarios."""
        return self.space.costs.vector(self.space.mask(subset))

    @property
    def elimination(self) -> Elimination:
        """Order, edges and triangles."""
        return self._walk.sweep.elimination

    def _begun(self) -> Walk:
        walk = self.space.walk()
        if not isinstance(walk, Walk):
            raise TypeError("numba is not here, so there is no elimination to measure")
        walk.keep()
        return walk

    def first(self) -> Floats:
        """Return the base's matrix from arrays alone: order, edges, triangles, answer."""
        return self.order().matrix(self.vectors[0])

    def order(self) -> Sweep:
        """Order the topology and plan the sweep between the terminals: what is done once."""
        topology = self.space.topology
        order = eliminate(topology.size, topology.tail, topology.head)
        return plan_sweep(order, topology.points)

    def fresh(self, cost: Floats) -> Floats:
        """Return the matrix of a cost vector without knowing any other's."""
        return self._walk.sweep.matrix(cost)

    def step(self, cost: Floats) -> Floats:
        """Return the matrix of a scenario by a walk from the base, to which it goes back first."""
        if self._away:
            self._walk.back()
        self._walk.move(cost)
        self._away = True
        return self._walk.matrix()

    def rank(self) -> Ranking:
        """Return the joint gain in market access shared out: every subset is worked out.

        The space of scenarios is built anew.
        """
        case = self.case
        return rank(
            case.network,
            case.scenarios,
            by=case.by,
            measure="market_access",
            modes=case.modes,
            terminals=case.terminals,
        )

    def dearer(self, links: Ints) -> Floats:
        """Return the base's costs with some links (rows of links.csv) a tenth dearer."""
        cost, link = self.vectors[0].copy(), self.space.costs.graph.link
        cost[: len(link)][np.isin(link, links)] *= 1.1
        return cost

    def problem(self, subsets: list[list[str]] | None = None) -> Problem:
        """Return the same graph, costs and terminals as arrays for any library.

        Costs are those of some subsets; without any, of the base and each scenario. A terminal
        that may begin in several layers becomes two nodes, one with ways out and one with ways
        in. Of parallel arcs the cheapest stays.
        """
        topology, points = self.space.topology, self.space.topology.points
        n, size = len(points), topology.size
        tail, head = topology.tail, topology.head
        costs = self.vectors if subsets is None else [self.vector(subset) for subset in subsets]
        if all(len(p) == 1 for p in points):
            origins = destinations = np.array([p[0] for p in points])
        else:
            which = np.repeat(np.arange(n), [len(p) for p in points])
            state = np.array([s for p in points for s in p], dtype=np.int64)
            tail = np.concatenate([tail, size + which, state])
            head = np.concatenate([head, state, size + n + which])
            costs = [np.concatenate([c, np.zeros(2 * len(which))]) for c in costs]
            origins, destinations = size + np.arange(n), size + n + np.arange(n)
            size += 2 * n
        keys, begin, order = _sorted(tail * size + head)
        costs = [np.minimum.reduceat(c[order], begin) for c in costs]
        xy = np.zeros((size, 2))
        graph = self.space.costs.graph
        xy[: graph.size] = self.case.network.coordinates[graph.state_node]
        base = self.fresh(self.vectors[0])
        longest = float(base[np.isfinite(base)].max())
        return Problem(
            size, keys // size, keys % size, *xy.T, origins, destinations, costs, longest
        )


def _sorted(keys: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the different keys, where each begins among the sorted ones, and their order."""
    order = np.argsort(keys, kind="stable")
    first = np.flatnonzero(np.diff(keys[order], prepend=-1))
    return keys[order][first], first, order
