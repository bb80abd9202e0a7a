"""How many routes between countries share no link, for a network and for variants of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sco_network.model.network import Network
from sco_network.model.rows import FREIGHT
from sco_network.routing.maxflow import Flags, Ints, UnitFlows

from .metrics import link_ends, open_links

Pair = tuple[str, str]


@dataclass(frozen=True)
class DisjointRoutes:
    """For each pair of countries, how many routes share no link.

    By Menger's theorem this is the least number of links whose loss parts them: a maximum
    flow of one unit per open link from all places of one country to all of the other.

    Attributes
    ----------
    counts
        The number for each pair.
    sides
        The places on the first country's side of a minimum cut, one truth value per node row;
        none for a variant.
    used
        The arcs that a maximum flow uses and how much each carries, see `MaxFlow.used`; none
        for a variant.

    References
    ----------
    Menger (1927), Fundamenta Mathematicae 10:96–115; Ford and Fulkerson (1956).
    """

    counts: dict[Pair, int]
    sides: dict[Pair, Flags] = field(repr=False)
    used: dict[Pair, tuple[Ints, Ints]] = field(repr=False)
    links: _OpenLinks = field(repr=False)


def disjoint_routes(
    network: Network, modes: Collection[str] = FREIGHT, base: DisjointRoutes | None = None
) -> DisjointRoutes:
    """Return how many routes between countries share no link.

    Parameters
    ----------
    base
        The answer for a network of which this one is a variant. Most pairs need no new flow:
        the old one still runs where no link that it uses is gone, and a minimum cut over which
        no added link leads still bounds it.
    """
    links = _OpenLinks(network, modes)
    known = _still_true(base, links) if base else {}
    counts, sides, used = {}, {}, {}
    for i, j in combinations(range(len(links.countries)), 2):
        pair = links.countries[i], links.countries[j]
        if pair in known:
            counts[pair] = known[pair]
        else:
            found = links.flows.between(i, j)
            counts[pair] = round(found.value)
            if base is None:
                sides[pair], used[pair] = found.near_sources, found.used
    return DisjointRoutes(counts, sides, used, links)


@dataclass(frozen=True)
class _OpenLinks:
    """The open links of some modes, as pairs of node rows."""

    network: Network
    modes: Collection[str]

    @cached_property
    def ends(self) -> NDArray[np.int64]:
        """Both ends of every link, the lower row first, links × 2."""
        ends = link_ends(self.network, open_links(self.network, self.modes))
        return np.sort(np.column_stack(ends), axis=1)

    @cached_property
    def countries(self) -> list[str]:
        """The countries that the links serve."""
        served = self.network.nodes["country"][self.ends.ravel()]
        return sorted(set(served.tolist()) - {""})

    @cached_property
    def flows(self) -> UnitFlows:
        """Flows between the countries, in their order."""
        country, (start, end) = self.network.nodes["country"], self.ends.T
        both = np.concatenate
        groups = [np.flatnonzero(country == c) for c in self.countries]
        return UnitFlows(len(country), both([start, end]), both([end, start]), groups)


def _still_true(base: DisjointRoutes, new: _OpenLinks) -> dict[Pair, int]:
    """Return the counts of a base that hold with other open links, too."""
    old, n = base.links, len(base.links.network.nodes)
    country = new.network.nodes["country"]
    is_variant = all(
        np.array_equal(old.network.nodes[c], new.network.nodes[c][:n])
        for c in ("node_id", "country")
    )
    before, after = (Counter(map(tuple, links.ends.tolist())) for links in (old, new))
    if not is_variant:
        return {}
    added = np.array(list(after - before), dtype=np.int64).reshape(-1, 2)
    # new places are on the side of the places to which added links join them ...
    joined = _joined(added, len(country))
    first, other = joined[(joined < n).all(axis=1)].T
    # ... unless they are ends of the flow themselves
    ends = set(country[n:].tolist())
    left = {a * n + b: after[pair] for pair in before - after for a, b in (pair, pair[::-1])}
    return {
        pair: count
        for pair, count in base.counts.items()
        if ends.isdisjoint(pair)
        and pair in base.sides
        and (base.sides[pair][first] == base.sides[pair][other]).all()
        and _still_runs(*base.used[pair], left)
    }


def _still_runs(arcs: Ints, flow: Ints, left: dict[int, int]) -> bool:
    """Return whether what is left of the links on some arcs still carries a flow."""
    if not left:
        return True
    return all(
        carried <= left[arc]
        for arc, carried in zip(arcs.tolist(), flow.tolist(), strict=True)
        if arc in left
    )


def _joined(links: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Return every place beside the first place to which links join it."""
    graph = coo_array((np.ones(len(links)), links.T), shape=(n, n)).tocsr()
    group = connected_components(graph, directed=False)[1]
    _, first = np.unique(group, return_index=True)
    return np.column_stack([first[group], np.arange(n)])
