"""The networks that the benchmarks measure on, each with scenarios and terminals.

*random*: 400 places and 1,200 links, all places terminals.
*packaged*: the network in `data/` with its proposals.
*region*: rail and road of the whole region from OpenStreetMap (© OpenStreetMap contributors,
ODbL), as simplified in the package scgraph_data; 400 terminals.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, cKDTree

import sco_network as sco
from sco_network.analysis.combine import proposals
from sco_network.analysis.evaluation import terminals_of
from sco_network.model.distance import great_circle_km

from measure_on_osm import on_sphere  # isort: skip

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CACHE = Path(__file__).with_name(".cache")
WEST, EAST, SOUTH, NORTH = 20.0, 135.0, 5.0, 62.0
JOIN_KM = 3.0
SEED = 4


@dataclass(frozen=True)
class Case:
    """A network, scenarios that go together in any subset, and the places to skim between."""

    name: str
    title: str
    network: sco.Network
    scenarios: Sequence[sco.Scenario]
    terminals: Sequence[str]
    modes: Sequence[str]
    by: str = "time"


def random_case(nodes: int = 400, links: int = 1200, scenarios: int = 10) -> Case:
    """Return places at random, joined to their neighbours and here and there farther."""
    rng = np.random.default_rng(SEED)
    xy = rng.uniform((60, 25), (90, 55), (nodes, 2))
    ends = _near_pairs(xy)
    far = rng.integers(0, nodes, (links, 2))
    far = np.sort(far[far[:, 0] != far[:, 1]], axis=1)
    ends = np.unique(np.vstack([ends, far[: max(0, links - len(ends) + 20)]]), axis=0)
    ends = ends[rng.permutation(len(ends))[:links]]
    frames = _frames(
        [f"n{i}" for i in range(nodes)],
        xy,
        ends,
        great_circle_km(xy[ends[:, 0]], xy[ends[:, 1]]) * rng.uniform(1.05, 1.5, len(ends)),
        mode="road",
        free_speed_km_h=rng.uniform(30, 90, len(ends)),
    )
    frames[0]["population"] = np.round(np.exp(rng.normal(12.5, 1, nodes)))
    network = sco.Network.from_frames(*frames)
    made = tuple(_proposals(*frames, scenarios, added=2, improved=3, closed=1, reach=12))
    title = f"random, {nodes:,} nodes, {len(ends):,} links"
    return Case("random", title, network, made, tuple(frames[0]["node_id"]), ("road",))


def packaged_case() -> Case:
    """Return the packaged network with twelve of its proposals."""
    network = sco.Network.load()
    found, _ = proposals(sco.scenarios())
    made = _compatible(network, found)[:12]
    terminals = terminals_of(network)
    title = f"packaged, {len(network.nodes):,} nodes, {len(network.links):,} links"
    return Case("packaged", title, network, made, terminals, ("road", "rail", "sea"))


def region_case(share: float = 1.0, terminals: int = 400, scenarios: int = 12) -> Case:
    """Return rail and road of the region, or the eastern part with a share of its nodes."""
    nodes, links, transfers = _eastern(*region_frames(), share)
    network = sco.Network.from_frames(nodes, links, transfers=transfers)
    made = tuple(_proposals(nodes, links, scenarios, added=3, improved=20, closed=2, reach=200))
    chosen = _spread(nodes[nodes["node_id"].str.startswith("road")], terminals)
    title = f"{len(nodes):,} nodes, {len(links):,} links"
    return Case("region", f"region, {title}", network, made, chosen, ("road", "rail"))


def _eastern(
    nodes: pd.DataFrame, links: pd.DataFrame, transfers: pd.DataFrame, share: float
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the part of a network that lies east of a meridian, with its share of the nodes."""
    if share == 1:
        return nodes, links, transfers
    kept = nodes[nodes["x_coord"] >= np.quantile(nodes["x_coord"], 1 - share)]
    inside = links["from_node_id"].isin(kept["node_id"]) & links["to_node_id"].isin(kept["node_id"])
    links = links[inside].reset_index(drop=True)
    rail, road = (
        set(chosen["from_node_id"]) | set(chosen["to_node_id"])
        for chosen in (links[links["mode"] == mode] for mode in ("rail", "road"))
    )
    kept = kept[kept["node_id"].isin(rail | road)].reset_index(drop=True)
    return kept, links, transfers[transfers["node_id"].isin(rail & road)]


def region_frames() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return nodes, links and transfers of the region; kept in `.cache/` after the first time."""
    path = CACHE / "region.pickle"
    if not path.exists():
        CACHE.mkdir(exist_ok=True)
        pd.to_pickle(_region_frames(), path)
    nodes, links, transfers = pd.read_pickle(path)  # noqa: S301 - written by ourselves
    return nodes, links, transfers


def _region_frames() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    rail, road = (_clipped(f"world_{name}") for name in ("railways", "highways"))
    ends, counts = np.unique(rail[1], return_counts=True)
    buffers = ends[counts == 1]
    gap, near = cKDTree(on_sphere(road[0])).query(on_sphere(rail[0][buffers]))
    joined, near = buffers[gap <= JOIN_KM], near[gap <= JOIN_KM]
    first = len(rail[0])
    xy = np.vstack([rail[0], road[0]])
    pairs = np.vstack([rail[1], road[1] + first, np.column_stack([joined, near + first])])
    access = np.maximum(great_circle_km(xy[joined], xy[near + first]), 0.01)
    km = np.concatenate([rail[2], road[2], access])
    modes = np.repeat(["rail", "road"], [len(rail[1]), len(road[1]) + len(joined)])
    ids = np.array([f"rail-{i}" for i in range(first)] + [f"road-{i}" for i in range(len(road[0]))])
    kept = _largest_part(len(xy), pairs)
    used = kept[pairs[:, 0]]
    nodes, links = _frames(ids, xy, pairs[used], km[used], mode=modes[used])
    yards = ids[joined[kept[joined]]]
    transfers = pd.DataFrame(
        {"transfer_id": yards, "node_id": yards, "from_layer": "rail", "to_layer": "road"}
    )
    return nodes[kept].reset_index(drop=True), links, transfers


def _clipped(name: str) -> tuple[Floats, Ints, Floats]:
    """Return points (lon, lat), pairs and km of a graph of scgraph_data inside the region."""
    graph = getattr(import_module(f"scgraph_data.{name}"), f"{name}_geograph")
    lonlat = np.array(graph.nodes, dtype=float)[:, ::-1]
    inside = ((lonlat >= (WEST, SOUTH)) & (lonlat <= (EAST, NORTH))).all(axis=1)
    arcs = [
        (a, b, km)
        for a, near in enumerate(graph.graph)
        if inside[a]
        for b, km in near.items()
        if a < b and inside[b]
    ]
    pairs = np.array([arc[:2] for arc in arcs])
    used, numbers = np.unique(pairs, return_inverse=True)
    return lonlat[used], numbers.reshape(-1, 2), np.array([arc[2] for arc in arcs])


def _largest_part(size: int, pairs: Ints) -> NDArray[np.bool_]:
    joined = coo_array((np.ones(len(pairs)), tuple(pairs.T)), shape=(size, size))
    part = connected_components(joined, directed=False)[1]
    return part == np.bincount(part).argmax()


def _frames(
    ids: Any, xy: Floats, pairs: Ints, km: Floats, **columns: Any
) -> tuple[pd.DataFrame, pd.DataFrame]:
    names = np.array(ids, dtype=object)
    nodes = pd.DataFrame({"node_id": names, "x_coord": xy[:, 0], "y_coord": xy[:, 1]})
    links = pd.DataFrame(
        {
            "link_id": [f"link-{i}" for i in range(len(pairs))],
            "from_node_id": names[pairs[:, 0]],
            "to_node_id": names[pairs[:, 1]],
            "length_km": km,
            **columns,
        }
    )
    return nodes, links


def _near_pairs(xy: Floats) -> Ints:
    """Return the pairs that a Delaunay triangulation joins."""
    corners = Delaunay(xy).simplices
    pairs = np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    return np.unique(np.sort(pairs, axis=1), axis=0)


def _spread(nodes: pd.DataFrame, count: int) -> tuple[str, ...]:
    """Return ids of some nodes, few of them near each other: one a cell of a grid, at random."""
    rng = np.random.default_rng(SEED)
    shuffled = nodes.iloc[rng.permutation(len(nodes))]
    step = np.sqrt(np.ptp(nodes["x_coord"]) * np.ptp(nodes["y_coord"]) / count) / 2
    cells = (shuffled[["x_coord", "y_coord"]] // step).to_numpy()
    _, first = np.unique(cells, axis=0, return_index=True)
    return tuple(shuffled["node_id"].iloc[rng.permutation(np.sort(first))[:count]])


def _proposals(
    nodes: pd.DataFrame,
    links: pd.DataFrame,
    count: int,
    *,
    added: int,
    improved: int,
    closed: int,
    reach: int,
) -> Iterator[sco.Scenario]:
    """Yield scenarios, each round a place of its own: new links, faster ones, closed ones."""
    rng = np.random.default_rng(SEED + 1)
    ids, xy = nodes["node_id"].to_numpy(), nodes[["x_coord", "y_coord"]].to_numpy()
    tree = cKDTree(on_sphere(xy))
    row = pd.Series(np.arange(len(ids)), index=ids)
    middle = xy[row[links["from_node_id"]].to_numpy()]
    links_near = cKDTree(on_sphere(middle))
    free = np.ones(len(links), dtype=bool)
    for k in range(count):
        here = int(rng.integers(len(ids)))
        around = tree.query(on_sphere(xy[[here]]), k=reach)[1][0]
        ends = rng.permutation(around[reach // 2 :])[:added]
        new = [
            {
                "link_id": f"new-{k}-{i}",
                "from_node_id": ids[here],
                "to_node_id": ids[end],
                "mode": "road",
                "length_km": round(1.1 * float(great_circle_km(xy[here], xy[end])) + 0.1, 3),
                "free_speed_km_h": 80,
            }
            for i, end in enumerate(ends)
        ]
        near = links_near.query(on_sphere(xy[[here]]), k=20 * (improved + closed))[1][0]
        chosen = near[free[near]][: improved + closed]
        free[chosen] = False
        names = links["link_id"].iloc[rng.permutation(chosen)].tolist()
        yield sco.Scenario.from_dict(
            {
                "scenario": f"proposal-{k}",
                "add": {"links": new},
                "change": {
                    "links": [
                        {"where": {"link_id": names[closed:]}, "free_speed_km_h": {"set": 95}}
                    ]
                },
                "close": {"links": names[:closed]},
            }
        )


def _compatible(network: sco.Network, given: Sequence[sco.Scenario]) -> list[sco.Scenario]:
    """Return scenarios that can all be applied together, taking one after the other."""
    kept: list[sco.Scenario] = []
    for scenario in given:
        try:
            network.with_scenarios(*kept, scenario)
        except sco.InputError:
            continue
        kept.append(scenario)
    return kept
