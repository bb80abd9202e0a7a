"""How many routes between countries share no link."""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations

import numpy as np

from sco_network.model.network import Network
from sco_network.model.rows import FREIGHT
from sco_network.routing.maxflow import unit_flows

from .metrics import link_ends, open_links


def disjoint_routes(
    network: Network, modes: Collection[str] = FREIGHT
) -> dict[tuple[str, str], int]:
    """Return for each pair of countries how many routes share no link.

    By Menger's theorem this is the least number of links whose loss parts them: a maximum
    flow of one unit per open link from all places of one country to all of the other.

    References
    ----------
    Menger (1927), Fundamenta Mathematicae 10:96–115; Ford and Fulkerson (1956).
    """
    start, end = link_ends(network, open_links(network, modes))
    country = network.nodes["country"]
    served = sorted(set(country[np.concatenate([start, end])].tolist()) - {""})
    flows = unit_flows(len(country), start, end, [np.flatnonzero(country == c) for c in served])
    return {
        (served[i], served[j]): int(flows[i, j]) for i, j in combinations(range(len(served)), 2)
    }
