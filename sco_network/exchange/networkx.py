"""A network as a networkx graph."""

from __future__ import annotations

from typing import Any

import networkx as nx

from sco_network.model.network import Network


def to_networkx(network: Network) -> nx.MultiDiGraph[Any]:
    """Return nodes and links with all their columns as attributes.

    Nodes are keyed by `node_id`, links by `link_id`; a link that is not directed stands in
    both directions. Missing values are left out.
    """
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    for node in network.nodes:
        graph.add_node(node["node_id"], **_given(node))
    for link in network.links:
        ends = link["from_node_id"], link["to_node_id"]
        attributes = _given(link)
        graph.add_edge(ends[0], ends[1], key=link["link_id"], **attributes)
        if not link["directed"]:
            graph.add_edge(ends[1], ends[0], key=link["link_id"], **attributes)
    return graph


def _given(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None and value != ""}
