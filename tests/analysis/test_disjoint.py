"""Routes without a common link."""

from __future__ import annotations

import pandas as pd

import sco_network as sco
from sco_network.analysis.disjoint import disjoint_routes


def network(links: list[tuple[int, int, str]]) -> sco.Network:
    """Return places n0, n1, … n5 in three countries in turn, joined by roads open or closed."""
    nodes = pd.DataFrame(
        {"node_id": [f"n{i}" for i in range(6)], "country": ["AAA", "BBB", "CCC"] * 2}
    )
    columns = ["from_node_id", "to_node_id", "status"]
    roads = pd.DataFrame([(f"n{a}", f"n{b}", status) for a, b, status in links], columns=columns)
    roads = roads.assign(link_id=[f"l{i}" for i in roads.index], mode="road", length_km=1.0)
    return sco.Network.from_frames(nodes.assign(x_coord=60.0, y_coord=40.0), roads)


def test_open_links_alone_are_ways() -> None:
    #   a ═══ b ─── c      a third a–b is shut, and so is the only link of a second c
    links = [(0, 1, "operating"), (0, 1, "operating"), (0, 1, "closed"), (1, 2, "operating")]
    assert disjoint_routes(network([*links, (0, 5, "closed")])) == {
        ("AAA", "BBB"): 2,
        ("AAA", "CCC"): 1,
        ("BBB", "CCC"): 1,
    }


def test_ways_begin_and_end_anywhere_in_their_countries() -> None:
    #   a ─── b ─── c
    #   a ─── c         another place of each
    both = network([(0, 1, "operating"), (1, 2, "operating"), (3, 5, "operating")])
    assert disjoint_routes(both) == {("AAA", "BBB"): 1, ("AAA", "CCC"): 2, ("BBB", "CCC"): 1}
    assert disjoint_routes(both, ["rail"]) == {}
