"""One network seen from its terminals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sco_network.model.distance import great_circle_km
from sco_network.model.network import Network
from sco_network.model.rows import FREIGHT, PIPELINES
from sco_network.routing.elimination import TooDenseError
from sco_network.routing.impedance import Floats, check_by
from sco_network.routing.skim import CommonOrder, Skim, betweenness, skim
from sco_network.routing.states import StateGraph, check_modes, expand

from . import metrics as m
from .disjoint import disjoint_routes
from .pipelines import Pipelines
from .sea import SeaAccess


@dataclass(frozen=True)
class Evaluation:
    """One network seen from its terminals: skims and measures, each computed once.

    `answered` are best costs that are known already. With a `base`, the evaluation that this one
    is a variant of: what it leaves as it is, is taken from there. `many` says that more
    evaluations follow, so that loading compiled loops pays.
    """

    network: Network
    terminals: tuple[str, ...]
    by: str
    modes: tuple[str, ...]
    answered: Skim | None = None
    base: Evaluation | None = None
    many: bool = False

    def variant(self, network: Network) -> Evaluation:
        """Return another network seen from the same terminals, with this one as its base."""
        return replace(self, network=network, base=self)

    @cached_property
    def graph(self) -> StateGraph:
        """The expanded graph of the chosen modes."""
        return expand(self.network, self.modes)

    @cached_property
    def skim(self) -> Skim:
        """Best costs in the chosen measure."""
        return self.answered or self.skim_by(self.by)

    @cached_property
    def length_skim(self) -> Skim:
        """Shortest lengths, km."""
        return self.skim_by("length")

    def skim_by(self, by: str) -> Skim:
        """Return best costs in a measure."""
        if by not in self._skims:
            self._skims[by] = self._beside_base(by) or skim(self.graph, self.terminals, by)
        return self._skims[by]

    @cached_property
    def _skims(self) -> dict[str, Skim]:
        return {}

    def _beside_base(self, by: str) -> Skim | None:
        """Return best costs by the order that this graph has in common with the base's."""
        if self._common_order is None or self.base is None:
            return None
        there, here = self._common_order.skims(by)
        known = self.base.skim_by(by).matrix
        return replace(here, matrix=np.where(here.matrix == there.matrix, known, here.matrix))

    @cached_property
    def _common_order(self) -> CommonOrder | None:
        if self.base is None or not self.many:
            return None
        try:
            return CommonOrder.of(self.base.graph, self.graph, self.terminals)
        except (ImportError, TooDenseError):  # no compiler here, or not a network of this kind
            return None

    def efficiency(self, by: str) -> float:
        """Return the efficiency in any measure."""
        return m.efficiency(self.skim_by(by).matrix)

    @cached_property
    def rows(self) -> list[int]:
        """Row of each terminal in nodes.csv."""
        return [self.network.nodes.index[t] for t in self.terminals]

    @cached_property
    def coordinates(self) -> Floats:
        """Longitude and latitude of each terminal, degrees, n × 2."""
        return self.network.coordinates[self.rows]

    @cached_property
    def straight_km(self) -> Floats:
        """Great-circle distances between the terminals, km, n × n."""
        xy = self.coordinates
        if self.base is not None and np.array_equal(xy, self.base.coordinates):
            return self.base.straight_km
        straight: Floats = great_circle_km(xy[:, None, :], xy[None, :, :])
        return straight

    @cached_property
    def population(self) -> Floats:
        """People at each terminal."""
        people: Floats = np.nan_to_num(self.network.nodes["population"][self.rows])
        return people

    @cached_property
    def market_access(self) -> Floats:
        """Market access of each terminal, people per unit of cost^θ."""
        theta = self.network.assumptions["market_access.theta"]
        return m.market_access(self.skim.matrix, self.population, theta)

    @cached_property
    def sea(self) -> SeaAccess:
        """The way from each terminal to its nearest deep-sea port."""
        return SeaAccess(self)

    @cached_property
    def countries(self) -> list[str]:
        """Country of each terminal."""
        return [self.network.nodes["country"][row] for row in self.rows]

    @cached_property
    def connectivity(self) -> dict[str, float]:
        """The α, β and γ indices."""
        return m.connectivity(self.network, self.modes)

    @cached_property
    def disjoint(self) -> dict[tuple[str, str], int]:
        """Edge-disjoint routes between countries."""
        return disjoint_routes(self.network, self.modes)

    @cached_property
    def betweenness(self) -> Floats:
        """Share of best routes that pass each node."""
        return betweenness(self.graph, self.terminals, self.by)

    @cached_property
    def pipeline_flows(self) -> dict[tuple[str, str, str], float]:
        """Most that pipelines carry from one country's fields to another's markets."""
        return {
            (mode, a, b): lines.between(sources, sinks).value
            for mode in sorted(set(self.modes) & set(PIPELINES))
            for lines in (Pipelines(self.network, mode),)
            for a, sources in lines.fields.items()
            for b, sinks in lines.markets.items()
            if a != b
        }


def terminals_of(network: Network, modes: Sequence[str] = FREIGHT) -> tuple[str, ...]:
    """Return the origins and destinations: ports, and cities above a stated size.

    The size is `terminal.population` of the assumptions. For pipelines the fields, cities,
    ports and terminals that have one.
    """
    nodes, served = network.nodes, m.served(network, modes)
    size = network.assumptions["terminal.population"]
    people = np.nan_to_num(nodes["population"])
    kinds = nodes["node_type"].tolist()
    if set(modes) <= set(PIPELINES):
        chosen = [k in {"field", "city", "port", "terminal"} for k in kinds]
    else:
        chosen = [
            k == "port" or (k == "city" and p >= size) for k, p in zip(kinds, people, strict=True)
        ]
    return tuple(n for n, c in zip(nodes.ids.tolist(), chosen, strict=True) if c and n in served)


def evaluate(
    network: Network,
    *,
    by: str = "time",
    modes: Iterable[str] | None = None,
    terminals: Sequence[str] | None = None,
    many: bool = False,
) -> Evaluation:
    """Return a network's evaluation between its terminals; `many` if it is one of several."""
    chosen = check_modes(modes)
    places = terminals_of(network, chosen) if terminals is None else tuple(terminals)
    return Evaluation(network, places, check_by(by), chosen, many=many)
