"""Rows that name rows of another table, by number."""

from __future__ import annotations

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from sco_network.model.plausibility import _components
from sco_network.model.rows import Kinds, layer_of
from sco_network.model.table import Table

NODE = {"x_coord": 0.0, "y_coord": 0.0}
LINK = {"to_node_id": "a", "mode": "road", "length_km": 1.0}


def nodes(*ids: str) -> Table:
    return Table.from_rows(Kinds.nodes, [NODE | {"node_id": i} for i in ids])


def links(*ends: str) -> Table:
    rows = [LINK | {"link_id": f"l{i}", "from_node_id": end} for i, end in enumerate(ends)]
    return Table.from_rows(Kinds.links, rows)


def test_cells_name_rows_of_another_table() -> None:
    assert links("b", "x", "a").rows_in("from_node_id", nodes("a", "b")).tolist() == [1, -1, 0]
    assert links().rows_in("from_node_id", nodes("a")).tolist() == []


def test_rows_follow_the_tables() -> None:
    base, ends = nodes("a", "b"), links("b", "c")
    assert ends.rows_in("from_node_id", base).tolist() == [1, -1]
    # another population leaves the ids alone; another node, or another link, does not
    grown = base.changed({("a", "population"): 5.0}, [])
    assert ends.rows_in("from_node_id", grown) is ends.rows_in("from_node_id", base)
    more = base.changed({}, [NODE | {"node_id": "c"}])
    assert ends.rows_in("from_node_id", more).tolist() == [1, 2]
    longer = ends.changed({("l0", "length_km"): 9.0}, [])
    assert longer.rows_in("from_node_id", more) is ends.rows_in("from_node_id", more)
    assert longer.index is ends.index
    added = ends.changed({}, [LINK | {"link_id": "l2", "from_node_id": "a"}])
    assert added.rows_in("from_node_id", more).tolist() == [1, 2, 0]
    # a table made anew is another one, even with the same first row
    assert ends.rows_in("from_node_id", nodes("b")).tolist() == [0, -1]
    assert added.rows_in("from_node_id", nodes("c", "b")).tolist() == [1, 0, -1]


def test_rows_of_grown_tables_are_those_found_anew() -> None:
    base, ends = nodes("a", "b"), links("b", "c", "x")
    ends.rows_in("from_node_id", base)
    for new_nodes in ([], ["c"]):
        grown = base.changed({}, [NODE | {"node_id": i} for i in new_nodes])
        for new_ends in ([], ["c", "a"]):
            rows = [LINK | {"link_id": f"m{i}", "from_node_id": i} for i in new_ends]
            longer = ends.changed({("l0", "length_km"): 2.0}, rows)
            again = links("b", "c", "x", *new_ends).rows_in("from_node_id", grown)
            assert longer.rows_in("from_node_id", grown).tolist() == again.tolist()


def test_a_cell_that_is_emptied_holds_its_columns_sign_for_missing() -> None:
    emptied = links("b").changed(
        {("l0", c): None for c in ("gauge_mm", "electrified", "capacity_unit")}, []
    )
    assert emptied["gauge_mm"].tolist() != emptied["gauge_mm"].tolist()  # nan
    assert emptied["electrified"].tolist() == [None]
    assert emptied["capacity_unit"].tolist() == [""]


def test_layers() -> None:
    assert layer_of("rail", 1520.0) == "rail-1520"
    assert layer_of("rail", None) == layer_of("rail", float("nan")) == layer_of("rail", 0) == "rail"
    assert layer_of("road", 1520) == "road"


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")), max_size=9))
def test_what_hangs_together(pairs: list[tuple[str, str]]) -> None:
    found = _components(pairs)
    expected = nx.connected_components(nx.Graph(pairs))
    assert sorted(map(sorted, found)) == sorted(map(sorted, expected))
