r"""Measure links of ours again on OpenStreetMap, and list both lengths side by side.

Run it:

    uv run --with scgraph_data==2.0.0 --with "scgraph<3" \
        python benchmarks/measure_on_osm.py LINK_ID...

The package scgraph_data carries the world's railways and highways as simplified graphs made
from OpenStreetMap (© OpenStreetMap contributors, ODbL). Dead ends closer than 4 km to another
piece are joined. A difference above 5 % deserves a look at the course: the shortest way may
take a new or high-speed line, or the graph may have a gap.
"""

import sys
from functools import cache
from importlib import import_module

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

import sco_network as sco
from sco_network.model.distance import EARTH_RADIUS_KM, great_circle_km

GRAPHS = {"rail": "world_railways", "road": "world_highways"}
JOIN_KM, SNAP_KM = 4.0, 3.0

Floats = NDArray[np.float64]


def on_sphere(lonlat: Floats) -> Floats:
    """Return points in km from the centre of the earth, n × 3, for near-neighbour searches."""
    lon, lat = np.radians(lonlat).T
    flat = np.cos(lat)
    return EARTH_RADIUS_KM * np.column_stack([flat * np.cos(lon), flat * np.sin(lon), np.sin(lat)])


@cache
def graph(mode: str) -> tuple[Floats, csr_array, cKDTree]:
    """Return the points (lon, lat), the arcs in km and a search tree of one mode."""
    module = import_module(f"scgraph_data.{GRAPHS[mode]}")
    found = getattr(module, f"{GRAPHS[mode]}_geograph")
    lonlat = np.array(found.nodes, dtype=float)[:, ::-1]
    arcs = [(a, b, km) for a, near in enumerate(found.graph) for b, km in near.items() if a != b]
    tail, head, km = (np.array(column) for column in zip(*arcs, strict=True))
    n = len(lonlat)
    tree = cKDTree(on_sphere(lonlat))
    pieces = connected_components(coo_array((km, (tail, head)), shape=(n, n)), directed=False)[1]
    pairs = tree.query_pairs(JOIN_KM, output_type="ndarray")
    apart = pairs[pieces[pairs[:, 0]] != pieces[pairs[:, 1]]]
    gap = great_circle_km(lonlat[apart[:, 0]], lonlat[apart[:, 1]])
    tail, head = np.concatenate([tail, *apart.T]), np.concatenate([head, *apart.T[::-1]])
    weight = np.concatenate([km, gap, gap])
    order = np.lexsort((weight, head, tail))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(tail[order]) != 0) | (np.diff(head[order]) != 0)
    kept = order[first]
    return lonlat, coo_array((weight[kept], (tail[kept], head[kept])), shape=(n, n)).tocsr(), tree


def measured_km(mode: str, ends: Floats) -> float:
    """Return the shortest length between two places (lon, lat), km; inf without a way."""
    lonlat, arcs, tree = graph(mode)
    near = [tree.query_ball_point(p, max(SNAP_KM, tree.query(p)[0] + 0.1)) for p in on_sphere(ends)]
    limit = 4 * float(great_circle_km(ends[0], ends[1])) + 100
    costs = dijkstra(arcs, indices=near[0], limit=limit)
    access = [great_circle_km(lonlat[points], end) for points, end in zip(near, ends, strict=True)]
    return float((costs[:, near[1]] + access[0][:, None] + access[1][None, :]).min())


def main() -> None:
    """Print our length, OpenStreetMap's and the difference for each link named."""
    network = sco.Network.load()
    print(f"{'link':44} {'ours km':>9} {'OSM km':>9} {'diff':>7}")
    for link_id in sys.argv[1:]:
        link = network.links.row(link_id)
        rows = [network.nodes.index[link[end]] for end in ("from_node_id", "to_node_id")]
        osm = measured_km(link["mode"], network.coordinates[rows])
        found = f"{osm:9.1f} {100 * (link['length_km'] / osm - 1):+6.1f}%"
        print(
            f"{link_id:44} {link['length_km']:9.1f} {found if osm < np.inf else '  no way (a gap)'}"
        )


if __name__ == "__main__":
    main()
