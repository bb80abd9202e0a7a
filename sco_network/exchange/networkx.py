"""A network as a networkx graph, and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import networkx as nx
import numpy as np
import pandas as pd
from shapely import LineString

from sco_network.model.frames import given
from sco_network.model.network import Network
from sco_network.model.rows import ALL_KINDS

from .frames import OTHER_TABLES, Frames, points_frame, to_frames

N = TypeVar("N", bound=Network)
Row = dict[str, Any]

ORDER = "link_order"


def to_networkx(network: Network) -> nx.MultiDiGraph[Any]:
    """Return nodes and links with all their columns as attributes, missing values left out.

    Nodes are keyed by `node_id`, links by `link_id`; a link that is not directed stands in
    both directions. A link with a course has it as `geometry`, a shapely LineString. The other
    tables stand in `graph.graph` as lists of rows: `crossings`, `transfers`, `countries`,
    `sources`, `benchmarks`, `assumptions`; `link_order` keeps the order of links, which a graph
    groups by node; `crs` says what the coordinates are in.
    """
    graph = one_way_graph(network)
    for start, end, link_id, link in list(graph.edges(keys=True, data=True)):
        if link_id in network.geometry:
            link["geometry"] = LineString(network.geometry[link_id])
        if not link["directed"]:
            graph.add_edge(end, start, key=link_id, **link)
    return graph


def one_way_graph(network: Network) -> nx.MultiDiGraph[Any]:
    """Return the graph with every link once, from `from_node_id` to `to_node_id`."""
    frames = to_frames(network)
    tables = {name: [given(row) for row in frames[name].to_dict("records")] for name in frames}
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph(crs="epsg:4326")
    graph.graph[ORDER] = network.links.ids.tolist()
    graph.graph.update({name: tables[name] for name in OTHER_TABLES if tables[name]})
    for node in tables["nodes"]:
        graph.add_node(node["node_id"], **node)
    for link in tables["links"]:
        ends = link["from_node_id"], link["to_node_id"]
        graph.add_edge(*ends, key=link["link_id"], **link)
    return graph


def from_networkx(cls: type[N], graph: nx.Graph[Any]) -> N:
    """Return the network that a graph describes, with the attributes of `to_networkx`.

    Needed are `x_coord` and `y_coord` of nodes (degrees), `mode` and `length_km` of edges. A
    node without `node_id` is called by its key; an edge without `link_id` by its key or its
    ends, and is directed where the graph is.

    Raises
    ------
    InputError
        As `from_frames` does.
    """
    return cls.from_frames(**graph_frames(graph))


def graph_frames(graph: nx.Graph[Any]) -> Frames:
    """Return the tables that a graph holds."""
    ids = {key: str(node.get("node_id", key)) for key, node in graph.nodes(data=True)}
    nodes = [node | {"node_id": ids[key]} for key, node in graph.nodes(data=True)]
    places = {link_id: i for i, link_id in enumerate(graph.graph.get(ORDER, ()))}
    links = sorted(_links(graph, ids), key=lambda r: places.get(r["link_id"], len(places)))
    columns = None if links else ALL_KINDS["links"].columns()
    frames = {"nodes": pd.DataFrame(nodes), "links": pd.DataFrame(links, columns=columns)}
    for name in OTHER_TABLES:
        rows = graph.graph.get(name)
        if rows and isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
            frames[name] = pd.DataFrame(rows)
    shapes = {link["link_id"]: link.get("geometry") for link in links}
    frames["geometry"] = points_frame(
        {i: np.array(s.coords)[:, :2] for i, s in shapes.items() if isinstance(s, LineString)}
    )
    return frames


def _links(graph: nx.Graph[Any], ids: dict[Any, str]) -> Iterator[Row]:
    """Yield every link once: what is only the way back of another edge is passed over."""
    edges = list(_edges(graph, ids))
    there = {link["link_id"] for link, is_back in edges if not is_back}
    for link, is_back in edges:
        if not (is_back and link["link_id"] in there):
            yield link


def _edges(graph: nx.Graph[Any], ids: dict[Any, str]) -> Iterator[tuple[Row, bool]]:
    """Yield the edges as rows, and whether one runs against its own link."""
    edges: Any = graph.edges
    several = graph.is_multigraph()
    for edge in edges(keys=True, data=True) if several else edges(data=True):
        start, end, key, attributes = edge if several else (*edge[:2], None, edge[2])
        ends = ids[start], ids[end]
        name = key if isinstance(key, str) else "-".join([*ends, *([str(key)] if key else [])])
        link = {
            "link_id": name,
            "from_node_id": ends[0],
            "to_node_id": ends[1],
            "directed": graph.is_directed(),
        } | attributes
        link |= {c: str(link[c]) for c in ("link_id", "from_node_id", "to_node_id")}
        yield link, (link["to_node_id"], link["from_node_id"]) == ends
