"""Routes without a common link, of a network and of its variants."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

import sco_network as sco
from sco_network.analysis.disjoint import disjoint_routes

OLD, ALL = 9, 12


def network(places: int, links: list[tuple[int, int, str]]) -> sco.Network:
    """Return places n0, n1, … in three countries in turn, joined by roads open or closed."""
    rows = range(places)
    nodes = {
        "node_id": [f"n{i}" for i in rows],
        "country": [["AAA", "BBB", "CCC"][i % 3] for i in rows],
    }
    ends = [(f"n{a}", f"n{b}") for a, b, _ in links]
    return sco.Network.from_frames(
        pd.DataFrame(nodes | {"x_coord": 60.0, "y_coord": 40.0}),
        pd.DataFrame(
            {
                "link_id": [f"l{i}" for i in range(len(links))],
                "from_node_id": [a for a, _ in ends],
                "to_node_id": [b for _, b in ends],
                "mode": "road",
                "length_km": 1.0,
                "status": [status for *_, status in links],
            }
        ),
    )


def some_links(places: int, most: int) -> st.SearchStrategy[list[tuple[int, int, str]]]:
    place = st.integers(0, places - 1)
    status = st.sampled_from(["operating", "operating", "operating", "closed"])
    link = st.tuples(place, place, status).filter(lambda row: row[0] != row[1])
    return st.lists(link, min_size=1, max_size=most)


@settings(max_examples=150, deadline=None)
@given(some_links(OLD, 20), some_links(ALL, 5), st.sets(st.integers(0, 19), max_size=3))
def test_a_variant_has_the_counts_of_a_network_of_its_own(
    old: list[tuple[int, int, str]], added: list[tuple[int, int, str]], shut: set[int]
) -> None:
    base = network(OLD, old)
    kept = [(a, b, "closed" if i in shut else s) for i, (a, b, s) in enumerate(old)]
    variant = network(ALL, kept + added)
    found = disjoint_routes(variant, base=disjoint_routes(base))
    assert found.counts == disjoint_routes(variant).counts


def test_only_flows_over_a_cut_that_is_crossed_are_worked_out_again() -> None:
    #   a ─── b ─── c      one route from AAA to BBB, to CCC, and from BBB to CCC
    base = disjoint_routes(network(3, [(0, 1, "operating"), (1, 2, "operating")]))
    again = network(3, [(0, 1, "operating"), (1, 2, "operating"), (1, 2, "operating")])
    # what the base says is believed where no cut is crossed: a second b–c leaves a's only link
    base.counts["AAA", "BBB"] = 7
    assert disjoint_routes(again, base=base).counts == {
        ("AAA", "BBB"): 7,
        ("AAA", "CCC"): 1,
        ("BBB", "CCC"): 2,
    }


def test_what_is_gone_matters_only_to_the_flows_that_used_it() -> None:
    #   a ═══ b ─── c      two links from AAA to BBB, one of which goes
    base = disjoint_routes(
        network(3, [(0, 1, "operating"), (0, 1, "operating"), (1, 2, "operating")])
    )
    shut = network(3, [(0, 1, "closed"), (0, 1, "operating"), (1, 2, "operating")])
    base.counts["BBB", "CCC"] = 7  # believed: its only link is still there
    assert disjoint_routes(shut, base=base).counts == {
        ("AAA", "BBB"): 1,
        ("AAA", "CCC"): 1,
        ("BBB", "CCC"): 7,
    }
