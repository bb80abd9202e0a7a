"""Our own links measured on the lines of an extract."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from sco_network.model.network import Network

from .contract import ROWS, chains
from .extract import Extract
from .lines import Bridges, prepared, snapped
from .study import SNAP_KM

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
OUTSIDE = "outside the extract"
NO_WAY = "no way along the lines"


@dataclass(frozen=True)
class Measured:
    """A link of ours beside the same way on OpenStreetMap; `osm_km` is None where there is none.

    `why` says in words why not.
    """

    link_id: str
    start: str
    end: str
    mode: str
    length_km: float
    osm_km: float | None
    source_id: str
    why: str = ""

    @property
    def difference_km(self) -> float | None:
        """Ours less OpenStreetMap's, km."""
        return None if self.osm_km is None else self.length_km - self.osm_km

    @property
    def difference_percent(self) -> float | None:
        """Ours less OpenStreetMap's, percent of OpenStreetMap's."""
        return None if not self.osm_km else 100 * (self.length_km / self.osm_km - 1)

    def as_dict(self) -> dict[str, Any]:
        """Return the row of `--json`."""

        def rounded(value: float | None) -> float | None:
            return None if value is None else round(value, 2)

        return {
            "link_id": self.link_id,
            "from": self.start,
            "to": self.end,
            "mode": self.mode,
            "length_km": self.length_km,
            "osm_km": rounded(self.osm_km),
            "difference_km": rounded(self.difference_km),
            "difference_percent": rounded(self.difference_percent),
            "source_id": self.source_id,
            "why": self.why,
        }


def measured(
    network: Network,
    extract: Extract,
    modes: Sequence[str],
    *,
    bridges: Bridges = (),
    snap_km: float = SNAP_KM,
    progress: Callable[[str], None] = lambda _what: None,
) -> list[Measured]:
    """Return every link of some modes beside the shortest way on OpenStreetMap.

    All gauges count as one network here. The largest difference (of their ratio, either way)
    comes first; links outside the extract, or without a way, come last.
    """
    found: list[Measured] = []
    for mode in modes:
        progress(mode)
        wanted = np.array([way.mode == mode for way in extract.ways], dtype=bool)
        rows = np.flatnonzero(network.links["mode"] == mode)
        if not len(rows):
            continue
        far, inside = _ways_along(network, extract, wanted, rows, bridges, snap_km)
        for row, km, both in zip(rows.tolist(), far.tolist(), inside.tolist(), strict=True):
            link = network.links.row(row)
            known = both and np.isfinite(km) and km > 0
            found.append(
                Measured(
                    link["link_id"],
                    link["from_node_id"],
                    link["to_node_id"],
                    mode,
                    link["length_km"],
                    km if known else None,
                    link["source_id"] or "",
                    "" if known else (NO_WAY if both else OUTSIDE),
                )
            )
    return sorted(found, key=_by_difference)


def _by_difference(one: Measured) -> tuple[bool, bool, float, str]:
    if not one.osm_km:
        return True, one.why == OUTSIDE, 0.0, one.link_id
    return False, False, -abs(float(np.log(one.length_km / one.osm_km))), one.link_id


def _ways_along(
    network: Network,
    extract: Extract,
    wanted: NDArray[np.bool_],
    rows: Ints,
    bridges: Bridges,
    snap_km: float,
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return for each link the km along the lines, and whether both its ends are on them."""
    if not wanted[extract.way].any():
        return np.full(len(rows), np.inf), np.zeros(len(rows), dtype=bool)
    lines, _, _ = prepared(extract, wanted, bridges)
    points, _ = snapped(lines, network.coordinates, snap_km)
    columns = (network.links[c][rows] for c in ("from_node_id", "to_node_id"))
    index = network.nodes.index
    ends = np.array([[points[index[n]] for n in column] for column in columns], dtype=np.int64)
    inside = np.asarray((ends >= 0).all(axis=0), dtype=bool)
    graph = chains(lines, np.unique(ends[:, inside]))
    start, end = graph.row_of(ends)
    km = np.full(len(rows), np.inf)
    matrix = graph.matrix()
    origins = np.unique(start[inside])
    for first in range(0, len(origins), step := max(1, ROWS // max(1, len(graph.points)))):
        some = origins[first : first + step]
        far = dijkstra(matrix, indices=some)
        mine = inside & np.isin(start, some)
        km[mine] = far[np.searchsorted(some, start[mine]), end[mine]]
    return km, inside
