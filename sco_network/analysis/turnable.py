"""A network whose arcs take more hours, or fewer, and the value at which an answer turns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sco_network.routing.impedance import Floats, Ints, crossing_of_links
from sco_network.routing.skim import searches
from sco_network.routing.space import Reruns
from sco_network.routing.states import StateGraph
from sco_network.routing.walk import Walk

from .combine import ScenarioSpace
from .evaluation import Evaluation


@dataclass(frozen=True)
class Turnable:
    """A network in which hours can be added to any arc, answered in milliseconds."""

    evaluation: Evaluation

    @cached_property
    def graph(self) -> StateGraph:
        """The expanded graph, whose arcs the hours belong to."""
        return self.evaluation.graph

    @cached_property
    def space(self) -> ScenarioSpace:
        """The network alone, ordered once."""
        seen = self.evaluation
        return ScenarioSpace(
            seen.network, (), by=seen.by, modes=seen.modes, terminals=seen.terminals
        )

    @cached_property
    def crossing(self) -> Ints:
        """The row of the crossing that each arc passes, −1 where it passes none."""
        passed = np.append(crossing_of_links(self.evaluation.network), -1)
        found: Ints = passed[self.graph.link]  # transfers have link −1: the last one
        return found

    def matrix(self, hours: Floats | None = None) -> Floats:
        """Return best costs with some hours more (or fewer) on every arc; inf closes it."""
        if hours is None:
            return self.space.matrix(0)
        hour = (
            self.evaluation.network.assumptions["value_of_time"]
            if self.evaluation.by == "generalised"
            else 1.0
        )
        # time that is added and taken off again leaves rounding behind, never a negative cost
        self._walk.move(np.maximum(self.space.costs.base + hour * hours, 0.0))
        return self._walk.matrix()

    def loads(self, weight: Floats) -> Floats:
        """Return, for each arc, the weight of the pairs whose best route uses it.

        Parameters
        ----------
        weight
            What each ordered pair of terminals counts, n × n; pairs with 0 need no route.
        """
        graph, size, n = self.graph, self.graph.size, len(self.evaluation.terminals)
        arcs = graph.best_arcs(self.space.costs.base)
        keys = graph.tail[arcs] * size + graph.head[arcs]  # rising: best_arcs sorts them so
        load = np.zeros(len(graph.tail))
        origin, goal = np.nonzero(weight)
        worth, point = weight[origin, goal], self._came_from[origin, size + n + goal]
        # all routes are walked back together, one step at a time
        while len(point):
            previous = self._came_from[origin, point]
            inner = (previous >= 0) & (previous < size)
            origin, worth = origin[inner], worth[inner]
            passed = np.searchsorted(keys, previous[inner] * np.int64(size) + point[inner])
            load += np.bincount(arcs[passed], weights=worth, minlength=len(load))
            point = previous[inner]
        return load

    @cached_property
    def _came_from(self) -> NDArray[np.int32]:
        """The point before each one on the best routes from each terminal; see `searches`."""
        found = searches(self.graph, self.space.costs.base, self.evaluation.terminals)
        return np.stack([before for _, _, before in found])

    @cached_property
    def _walk(self) -> Walk | Reruns:
        """What remembers the last answer: hours that turn change few arcs."""
        return self.space.walk()


def inverse(cost: Floats) -> Floats:
    """Return 1/cost of every pair; 0 where there is no route, and on the diagonal."""
    return np.divide(1.0, cost, out=np.zeros_like(cost), where=cost > 0)


def bisect(holds: Callable[[float], bool], low: float, high: float, tolerance: float) -> float:
    """Return the smallest value at which a condition that holds from some value on does hold.

    It holds at `high`; the answer is at most `tolerance` too large.

    >>> round(bisect(lambda x: x * x >= 2, 0.0, 2.0, 1e-6), 5)
    1.41421
    """
    if holds(low):
        return low
    while high - low > tolerance:
        middle = (low + high) / 2
        if holds(middle):
            high = middle
        else:
            low = middle
    return high
