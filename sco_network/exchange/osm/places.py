"""What the map says about a point: its country, and the gauge of a railway without a tag."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from sco_network.model.plausibility import outlines
from sco_network.model.table import Table

from .extract import Extract
from .lines import geodesic_km

Floats = NDArray[np.float64]
AT_SEA_DEGREES = 1.0


def countries_at(lonlat: Floats) -> list[str]:
    """Return the country of each point, or of the nearest coast; empty far out at sea."""
    from shapely import STRtree, points

    known = outlines()
    codes = np.array(list(known), dtype=object)
    tree = STRtree(list(known.values()))
    found = np.full(len(lonlat), "", dtype=object)
    if len(lonlat):
        (which, country) = tree.query_nearest(
            points(lonlat), max_distance=AT_SEA_DEGREES, all_matches=False
        )
        found[which] = codes[country]
    return [str(code) for code in found.tolist()]


def gauges_of(
    extract: Extract, countries: Table, otherwise: int | None = None
) -> tuple[list[tuple[int, ...]], int]:
    """Return the gauges of every way, mm, and how many of them no tag tells.

    A railway without a tag has the gauge of the nearest one along the lines that has; where
    none is tagged, the one given, else the main gauge of its country (countries.csv).
    """
    gauges = [way.gauges for way in extract.ways]
    rail = np.array([way.mode == "rail" for way in extract.ways], dtype=bool)
    tagged = np.array([bool(g) for g in gauges], dtype=bool)
    bare = np.flatnonzero(rail & ~tagged)
    if not len(bare):
        return gauges, 0
    nearest = _nearest_tagged(extract, rail, tagged)
    first = np.zeros(len(extract.ways), dtype=np.int64)
    first[extract.way[::-1]] = extract.ends[::-1, 0]
    codes = countries_at(extract.lonlat[first[bare]])
    main = dict(zip(countries["country"].tolist(), countries["gauge_mm"].tolist(), strict=True))
    for way, code in zip(bare.tolist(), codes, strict=True):
        source = int(nearest[first[way]])
        national = main.get(code, np.nan)
        if source >= 0:
            gauges[way] = gauges[source]
        elif otherwise is not None:
            gauges[way] = (otherwise,)
        elif np.isfinite(national):
            gauges[way] = (int(national),)
    return gauges, len(bare)


def _nearest_tagged(
    extract: Extract, rail: NDArray[np.bool_], tagged: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return for every point the tagged way that is nearest along the railways, or −1."""
    n = len(extract.lonlat)
    ends = extract.ends[rail[extract.way]]
    km = np.maximum(geodesic_km(extract.lonlat[ends[:, 0]], extract.lonlat[ends[:, 1]]), 1e-9)
    graph = coo_array((km, tuple(ends.T)), shape=(n, n)).tocsr()
    at = np.full(n, -1, dtype=np.int64)
    known = tagged[extract.way]
    at[extract.ends[known].ravel()] = np.repeat(extract.way[known], 2)
    sources = np.flatnonzero(at >= 0)
    if not len(sources):
        return at
    _, _, nearest = dijkstra(
        graph, directed=False, indices=sources, return_predecessors=True, min_only=True
    )
    return np.where(nearest >= 0, at[np.maximum(nearest, 0)], -1)
