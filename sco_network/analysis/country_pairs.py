"""From pairs of cities to pairs of countries, as studies of corridors report them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd

from sco_network.model.network import Network
from sco_network.model.rows import FREIGHT
from sco_network.routing.skim import Skim, skim
from sco_network.routing.states import expand

COLUMNS = ["from", "to", "city_pairs", "baseline", "scenario", "percent_change"]


def country_pairs(
    network: Network, before: Skim, after: Skim, *, by_population: bool = False
) -> pd.DataFrame:
    """Return the cost between every two countries before and after, and its change.

    The cost t from country A to country B is the mean over the places i of A and j of B,

        t_AB = Σ w_ij t_ij / Σ w_ij,    w_ij = 1, or populationᵢ · populationⱼ,

    over the pairs that have a route both before and after; the change is that of the mean, so
    that a long way counts for more than a short one. Pairs within a country are left out.

    Parameters
    ----------
    network
        Where the places of the skims stand, with their countries and populations.
    before, after
        Skims of the same terminals, n × n, in km, h or USD.
    by_population
        Whether pairs of large cities weigh more.

    Returns
    -------
    DataFrame
        One row per ordered pair of countries: from, to, city_pairs, baseline, scenario (in the
        unit of the skims), percent_change.

    References
    ----------
    de Soyres, Mulabdic, Murray, Rocha and Ruta (2018), World Bank Policy Research Working
    Paper 8614: shipment times between cities, reported by pairs of countries.
    """
    rows = [network.nodes.index[t] for t in before.terminals]
    country = network.nodes["country"][rows]
    people = np.nan_to_num(network.nodes["population"][rows])
    i, j = np.nonzero(np.isfinite(before.matrix) & np.isfinite(after.matrix))
    weight = people[i] * people[j] if by_population else np.ones(len(i))
    frame = pd.DataFrame({"from": country[i], "to": country[j], "city_pairs": weight > 0})
    frame["weight"] = weight
    frame["baseline"], frame["scenario"] = (weight * s.matrix[i, j] for s in (before, after))
    found = frame[(frame["from"] != frame["to"]) & frame["city_pairs"]]
    total = found.groupby(["from", "to"], as_index=False).sum()
    for column in ("baseline", "scenario"):
        total[column] /= total["weight"]
    total["percent_change"] = 100 * (total["scenario"] / total["baseline"] - 1)
    return total[COLUMNS]


def mean_change(pairs: pd.DataFrame, countries: Collection[str] = ()) -> float:
    """Return the mean change over pairs of countries, %; with `countries`, among those alone."""
    wanted = pairs if not countries else pairs[pairs[["from", "to"]].isin(countries).all(axis=1)]
    return float(wanted["percent_change"].mean())


def keeping_modes(
    before: Network, after: Network, terminals: Sequence[str], by: str = "time"
) -> Skim:
    """Return best costs after, where no pair of places takes to a mode that it does not use today.

    A pair's modes are the fewest that its best route before needs; what is new in another mode
    does not help it. This is the lower bound of studies in which shippers do not change from
    road to rail or from sea to land; `after.skim(...)`, with a free choice, is the upper one.

    Parameters
    ----------
    before, after
        Two networks with all terminals.
    terminals
        Node ids.
    by
        `length` (km), `time` (h), `cost` or `generalised` (USD).
    """
    best = skim(expand(before, FREIGHT), terminals, by)
    kept = np.full_like(best.matrix, np.inf)
    settled = ~np.isfinite(best.matrix)
    for size in range(1, len(FREIGHT) + 1):
        for modes in combinations(FREIGHT, size):
            today = skim(expand(before, modes), terminals, by).matrix
            here = ~settled & np.isclose(today, best.matrix, rtol=1e-9, atol=1e-9)
            kept[here] = skim(expand(after, modes), terminals, by).matrix[here]
            settled |= here
    return replace(best, matrix=kept)
