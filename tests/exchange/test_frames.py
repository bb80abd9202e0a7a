"""The network as other libraries see it."""

from __future__ import annotations

import networkx as nx
import pytest

import sco_network as sco


def test_networkx_gets_places_links_and_their_columns(small: sco.Network) -> None:
    graph = small.to_networkx()
    assert set(graph.nodes) == {"a", "b", "c", "d", "e"}
    assert graph.nodes["a"]["name"] == "Alpha"
    assert graph.edges["a", "b", "ab"]["length_km"] == 100
    assert graph.edges["b", "a", "ab"]["gauge_mm"] == 1520
    assert nx.shortest_path_length(graph, "a", "e", weight="length_km") == 390


def test_geopandas_gets_points_and_lines(small: sco.Network) -> None:
    nodes, links = small.to_geopandas()
    assert (len(nodes), len(links)) == (5, 5)
    assert nodes.crs.to_epsg() == links.crs.to_epsg() == 4326
    line = links.set_index("link_id").geometry["ab"]
    assert list(line.coords) == [(60.0, 40.0), (61.0, 40.0)]


def test_a_drawing_has_axes_of_its_own(small: sco.Network) -> None:
    axes = small.plot()
    assert axes.get_figure() is not None
    assert small.plot(ax=axes) is axes


def test_pickled_networks_are_the_same(small: sco.Network) -> None:
    import pickle

    again = pickle.loads(pickle.dumps(small))  # noqa: S301 - our own
    assert again.hash == small.hash
    assert again.route("a", "e").time_h == pytest.approx(small.route("a", "e").time_h)
