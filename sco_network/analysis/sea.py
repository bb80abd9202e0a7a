"""The way to the sea: deep-sea ports, and how far each place is from its nearest one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sco_network.model.distance import great_circle_km
from sco_network.model.network import Network
from sco_network.routing.impedance import Floats
from sco_network.routing.skim import nearest

from .metrics import link_ends, open_links

if TYPE_CHECKING:
    from .evaluation import Evaluation

# A sea counts as open to the ocean where ships reach a place this far away, km in a straight
# line: the Caspian is 1,200 km long, the Persian Gulf 1,000, the Black Sea 1,200; every ocean
# and everything that is open to one is wider.
OCEAN_KM = 3000.0
PORT_RULE = (
    f"those from which open sea links alone lead to a place at least {OCEAN_KM:,.0f} km away"
)


def port_rule(network: Network) -> str:
    """Return in words which ports of a network count as deep-sea ports."""
    return PORT_RULE if _has_sea_links(network) else "every port, as the data have no sea links"


def _has_sea_links(network: Network) -> bool:
    return bool((network.links["mode"] == "sea").any())


def deep_sea_ports(network: Network) -> tuple[str, ...]:
    """Return the deep-sea ports: those from which ships reach the ocean.

    A node of type `port` counts if open sea links alone lead from it to some place at least
    3,000 km away in a straight line. Ports of the Caspian fail, and those of the Persian Gulf
    while Hormuz is shut. Depth of water is not in the data and does not count. A network that
    has no sea links at all, open or shut, says nothing of the oceans: there every port counts.
    """
    nodes = network.nodes
    if not _has_sea_links(network):
        return tuple(sorted(nodes.ids[nodes["node_type"] == "port"].tolist()))
    start, end = link_ends(network, open_links(network, ["sea"]))
    n = len(nodes)
    joined = coo_array((np.ones(len(start)), (start, end)), shape=(n, n)).tocsr()
    sea = connected_components(joined, directed=False)[1]
    afloat = np.unique(np.concatenate([start, end]))
    found: list[str] = []
    for water in np.unique(sea[afloat]):
        here = afloat[sea[afloat] == water]
        xy = network.coordinates[here]
        reach = great_circle_km(xy[:, None, :], xy[None, :, :]).max(axis=1)
        ports = here[(reach >= OCEAN_KM) & (nodes["node_type"][here] == "port")]
        found += nodes.ids[ports].tolist()
    return tuple(sorted(found))


@dataclass(frozen=True)
class SeaAccess:
    """The way from each place to its nearest deep-sea port."""

    evaluation: Evaluation

    @cached_property
    def ports(self) -> tuple[str, ...]:
        """The deep-sea ports."""
        return deep_sea_ports(self.evaluation.network)

    @cached_property
    def _ways(self) -> list[tuple[float, list[int]]]:
        one = self.evaluation
        return nearest(one.graph, one.terminals, self.ports, one.by)

    @cached_property
    def cost(self) -> Floats:
        """Best cost to the nearest deep-sea port, n; inf where none is reached."""
        return np.array([cost for cost, _ in self._ways])

    @cached_property
    def port(self) -> list[str | None]:
        """The nearest deep-sea port of each place."""
        ids = self.evaluation.network.nodes.ids
        return [ids[way[-1]] if way else None for _, way in self._ways]

    @cached_property
    def borders(self) -> Floats:
        """Borders crossed on the way there, n; nan where none is reached."""
        country = self.evaluation.network.nodes["country"]
        return np.array(
            [
                sum(country[a] != country[b] for a, b in pairwise(way)) if way else np.nan
                for _, way in self._ways
            ],
            dtype=np.float64,
        )

    @cached_property
    def coastal(self) -> set[str]:
        """The countries with a deep-sea port of their own."""
        nodes = self.evaluation.network.nodes
        return {nodes["country"][nodes.index[port]] for port in self.ports}
