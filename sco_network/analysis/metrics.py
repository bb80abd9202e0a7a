"""Measures of a network, each with its formula and source; no measure without a unit."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sco_network.model.network import Network
from sco_network.model.rows import FREIGHT
from sco_network.routing.impedance import Floats, Ints, impedance


def _off_diagonal(matrix: Floats) -> NDArray[np.bool_]:
    return ~np.eye(len(matrix), dtype=bool)


def efficiency(cost: Floats) -> float:
    """Return the mean of 1/cost over all ordered pairs of different terminals.

    A pair without a route adds nothing, so a newly connected pair raises the result,
    and no stand-in for "very long" is ever averaged.

    Parameters
    ----------
    cost
        Skim, n × n, in km, h or USD; `inf` where there is no route.

    References
    ----------
    Latora and Marchiori (2001), Phys. Rev. Lett. 87:198701, eq. 1.

    Examples
    --------
    One way takes 2 h, the way back has no route:

    >>> efficiency(np.array([[0.0, 2.0], [np.inf, 0.0]]))
    0.25
    """
    pairs = cost[_off_diagonal(cost)]
    good = pairs if (pairs > 0).all() else pairs[pairs > 0]
    return float((1 / good).sum() / len(pairs)) if len(pairs) else 0.0


def mean_cost(cost: Floats, other: Floats) -> float:
    """Return the mean cost over the ordered pairs that have a route in both skims.

    >>> inf = np.inf
    >>> mean_cost(np.array([[0, 2], [inf, 0]]), np.array([[0, 1], [5, 0]]))
    2.0
    """
    both = np.isfinite(cost) & np.isfinite(other) & _off_diagonal(cost)
    return float(cost[both].mean()) if both.any() else float("nan")


def reachable_share(cost: Floats) -> float:
    """Return the share of ordered pairs that have a route, percent.

    >>> reachable_share(np.array([[0.0, 2.0], [np.inf, 0.0]]))
    50.0
    """
    pairs = cost[_off_diagonal(cost)]
    return float(100 * np.isfinite(pairs).mean()) if len(pairs) else float("nan")


def market_access(cost: Floats, population: Floats, theta: float) -> Floats:
    """Return the market access of each terminal: Σ population · cost^−θ over all others.

    Parameters
    ----------
    cost
        Skim, n × n; `inf` where there is no route.
    population
        People at each terminal, n.
    theta
        How fast access falls with cost; 1 in Harris (1954).

    Returns
    -------
    People per unit of cost^θ, n.

    References
    ----------
    Harris (1954), Annals of the AAG 44:315–348; Donaldson and Hornbeck (2016),
    Quarterly Journal of Economics 131:799–858, eq. 9.

    Examples
    --------
    >>> market_access(np.array([[0.0, 2.0], [2.0, 0.0]]), np.array([10.0, 30.0]), 1.0)
    array([15.,  5.])
    """
    with np.errstate(divide="ignore"):
        weight = np.where(_off_diagonal(cost) & (cost > 0), np.power(cost, -theta), 0.0)
    result: Floats = np.where(np.isfinite(weight), weight, 0.0) @ population
    return result


def weighted_mean(values: Floats, weights: Floats) -> float:
    """Return the mean of values weighted by people; nan where nobody lives.

    >>> weighted_mean(np.array([1.0, 4.0]), np.array([2.0, 1.0]))
    2.0
    """
    total = weights.sum()
    return float((values * weights).sum() / total) if total > 0 else float("nan")


def gini(values: Floats, weights: Floats) -> float:
    """Return the Gini coefficient of values weighted by people: 0 all alike, towards 1 unequal.

    Half the mean difference between two people drawn at random, over the mean:
    Σᵢ Σⱼ pᵢ pⱼ |xᵢ − xⱼ| / (2 μ), with p the shares of people.

    References
    ----------
    Gini (1912); the form by ranks is that of Lerman and Yitzhaki (1989), Journal of
    Econometrics 42:43–47.

    Examples
    --------
    Three people without anything and one with all:

    >>> gini(np.array([0.0, 8.0]), np.array([3.0, 1.0]))
    0.75
    """
    order = np.argsort(values)
    x, share = values[order], weights[order] / weights.sum()
    mean = float(share @ x)
    rank = np.cumsum(share) - share / 2
    return float(share @ (x * (2 * rank - 1)) / mean) if mean > 0 else float("nan")


def theil(values: Floats, weights: Floats) -> float:
    """Return the Theil index T of values weighted by people: Σ p (x/μ) ln(x/μ); 0 all alike.

    References
    ----------
    Theil (1967), Economics and Information Theory, chapter 4.

    >>> theil(np.array([5.0, 5.0]), np.array([3.0, 1.0]))
    0.0
    """
    share = weights / weights.sum()
    mean = float(share @ values)
    if mean <= 0:
        return float("nan")
    ratio = values / mean
    logs = np.log(np.where(ratio > 0, ratio, 1.0))  # x ln x tends to 0 with x
    return float(share @ (ratio * logs))


def theil_parts(values: Floats, weights: Floats, groups: Sequence[str]) -> tuple[float, float]:
    """Return the Theil index between groups and within them; the two sum to the whole.

    Between: Σ s ln(μ_g / μ), as if all people of a group had its mean; within: Σ s T_g,
    with s the group's share of the total of x · people.

    References
    ----------
    Shorrocks (1980), Econometrica 48:613–625.

    >>> between, within = theil_parts(np.array([1.0, 3.0, 6.0]), np.ones(3), ["a", "a", "b"])
    >>> round(between + within - theil(np.array([1.0, 3.0, 6.0]), np.ones(3)), 12)
    0.0
    """
    of_group = np.asarray(groups)
    names = np.unique(of_group)
    people = np.array([weights[of_group == g].sum() for g in names])
    amount = np.array([(values * weights)[of_group == g].sum() for g in names])
    filled = (people > 0) & (amount > 0)
    if not filled.any():
        return float("nan"), float("nan")
    between = theil(amount / np.where(people > 0, people, 1.0), people)
    inside = np.array([theil(values[of_group == g], weights[of_group == g]) for g in names[filled]])
    return between, float(amount[filled] @ inside / amount.sum())


def detour_index(length_km: Floats, straight_km: Floats) -> float:
    """Return the mean of route length over great-circle length, over pairs with a route.

    The inverse of Kansky's (1963) network efficiency; 1 would be straight lines.

    >>> detour_index(np.array([[0.0, 15.0], [15.0, 0.0]]), np.array([[0.0, 10.0], [10.0, 0.0]]))
    1.5
    """
    good = np.isfinite(length_km) & (straight_km > 0)
    return float((length_km[good] / straight_km[good]).mean()) if good.any() else float("nan")


def served(network: Network, modes: Collection[str]) -> set[str]:
    """Return the ids of the places at which a link of some modes ends, open or not."""
    links = network.links
    wanted = _of_modes(network, modes)
    return {n for c in ("from_node_id", "to_node_id") for n in links[c][wanted].tolist()}


def open_links(network: Network, modes: Collection[str]) -> NDArray[np.intp]:
    """Return the rows of the links of some modes that can be used."""
    return np.flatnonzero(impedance(network).link_open & _of_modes(network, modes))


def _of_modes(network: Network, modes: Collection[str]) -> NDArray[np.bool_]:
    return np.isin(network.links["mode"].astype(str), list(modes))


def link_ends(network: Network, rows: NDArray[np.intp]) -> tuple[Ints, Ints]:
    """Return the node rows of both ends of some links."""
    links, nodes = network.links, network.nodes
    start, end = (links.rows_in(c, nodes)[rows] for c in ("from_node_id", "to_node_id"))
    return start, end


def connectivity(network: Network, modes: Collection[str] = FREIGHT) -> dict[str, float]:
    """Return the α, β and γ indices of the open links (each pair of nodes counts once).

    With v nodes in use, e joined pairs and p components:
    α = (e − v + p) / (2v − 5p), circuits over the most a plane network could have;
    β = e / v, links per node; γ = e / (3 (v − 2p)), links over the most possible.

    References
    ----------
    Kansky (1963), Structure of Transportation Networks, University of Chicago.
    """
    start, end = link_ends(network, open_links(network, modes))
    pairs = np.unique(np.sort(np.column_stack([start, end]), axis=1), axis=0)
    used, position = np.unique(pairs, return_inverse=True)
    position = position.reshape(pairs.shape)
    v, e = len(used), len(pairs)
    if v < 3:
        return dict.fromkeys(("alpha", "beta", "gamma"), float("nan"))
    graph = coo_array((np.ones(e), (position[:, 0], position[:, 1])), shape=(v, v)).tocsr()
    p = connected_components(graph, directed=False)[0]
    return {
        "alpha": (e - v + p) / max(2 * v - 5 * p, 1),
        "beta": e / v,
        "gamma": e / max(3 * (v - 2 * p), 1),
    }
