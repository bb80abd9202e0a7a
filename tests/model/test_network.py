"""A network as an object: finding places, frames, the hash, what a notebook shows."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cells import text_of
from worlds import NODES, write_study

import sco_network as sco
from sco_network.model.distance import great_circle_km
from sco_network.model.network import folded


def refusal(call: object, *arguments: object, **options: object) -> list[str]:
    with pytest.raises(sco.InputError) as caught:
        call(*arguments, **options)  # type: ignore[operator]
    return [str(p) for p in caught.value.problems]


@pytest.fixture
def towns(tmp_path: Path) -> sco.Network:
    nodes = NODES.replace("b,Beta,AAA", "b,Alpha,AAA").replace("e,Epsilon,", "e,Äl-Kamā l’Est,")
    nodes = nodes.replace("2000000,,", "2000000,Kama; East.Kama,")
    return sco.Network.load(write_study(tmp_path / "towns", nodes=nodes) / "data")


@pytest.mark.parametrize(
    ("place", "node"),
    [
        ("a", "a"), ("C", "c"), (" gamma_border ", "c"), ("GAMMA-BORDER", "c"), ("al kama lest", "e"),
        ("Al-Kama L'Est", "e"), ("kama", "e"), ("east kama", "e"), ("Old Alpha", "a"),
        ("Gamma Border, aaa", "c"),
    ],
)  # fmt: skip
def test_a_place_is_found_however_it_is_written(towns: sco.Network, place: str, node: str) -> None:
    assert towns.find(place) == node


def test_a_place_that_is_not_found(towns: sco.Network) -> None:
    assert refusal(towns.find, "alpha") == [
        "place: 'alpha' is the name of 2 places. Write one of the ids 'a', 'b', or add the country: 'alpha, IND'"
    ]
    assert refusal(towns.find, "Gamma Border, BBB") == [
        "place: unknown place 'Gamma Border, BBB'. Did you mean 'Gamma Border'?"
    ]
    assert refusal(towns.find, "Old Alfa") == [
        "place: unknown place 'Old Alfa'. Did you mean 'Old Alpha'?"
    ]
    assert refusal(towns.find, "qqq") == ["place: unknown place 'qqq'."]
    nodes = pd.DataFrame({"node_id": ["first", "second"], "x_coord": 0.0, "y_coord": 0.0})
    links = pd.DataFrame({"link_id": ["l"], "from_node_id": "first", "to_node_id": "second",
                          "mode": "road", "length_km": 1.0})  # fmt: skip
    bare = sco.Network.from_frames(nodes, links)
    assert refusal(bare.find, "secnd") == ["place: unknown place 'secnd'. Did you mean 'second'?"]
    assert bare.name_of("first") == "first"
    assert towns.name_of("c") == "Gamma Border"


@pytest.mark.parametrize(
    ("name", "plain"),
    [("Xi’an", "xian"), (" Mazar-i_Sharif ", "mazar i sharif"), ("St. Petersburg", "st petersburg"),
     ("Ürümqi", "urumqi"), ('`ʻOʼahu"', "oahu"), ("a  b", "a b"), ("ẞ", "ss")],
)  # fmt: skip
def test_folded_names(name: str, plain: str) -> None:
    assert folded(name) == plain


def test_great_circles_by_hand() -> None:
    quarter = np.pi / 2 * 6371.0088
    point = np.array(
        [[0.0, 0.0], [90.0, 0.0], [0.0, 90.0], [0.0, -90.0], [180.0, 0.0], [60.0, 60.0]]
    )
    km = great_circle_km(point[:, None], point[None, :])
    assert km[0] == pytest.approx(
        [0, quarter, quarter, quarter, 2 * quarter, 6371.0088 * np.arccos(0.25)]
    )
    assert km[2, 3] == pytest.approx(2 * quarter)
    assert km[2, 5] == pytest.approx(quarter / 3)
    assert km == pytest.approx(km.T)


def test_a_network_in_a_notebook(small: sco.Network, study: Path) -> None:
    assert text_of(small._repr_html_()) == [
        "Network: 5 places", "mode", "links", "km", "border crossings",
        "rail", "4", "410", "1", "road", "1", "390", "1",
        "3 transfers between modes and gauges",
    ]  # fmt: skip
    cut, closed = (sco.Scenario.load(n, study / "scenarios") for n in ("short-cut", "road-closed"))
    shown = text_of(small.with_scenarios(cut, closed)._repr_html_())
    assert shown[0] == "Network: 5 places, with short-cut, road-closed"
    assert shown[5:9] == ["rail", "5", "670", "2"]


def test_scenarios_are_applied_once(small: sco.Network, study: Path) -> None:
    closed = sco.Scenario.load("road-closed", study / "scenarios")
    with_it = small.with_scenarios(closed)
    assert with_it.scenarios == (closed,)
    assert refusal(with_it.with_scenarios, closed) == [
        "network: scenarios are already applied to this network. Start from the base and name all of them at once"
    ]


def test_the_hash_follows_tables_and_assumptions(tmp_path: Path) -> None:
    def of(**changed: str) -> str:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        return sco.Network.load(write_study(folder, **changed) / "data").hash

    from worlds import ASSUMPTIONS

    assert re.fullmatch("[0-9a-f]{12}", of())
    assert of() == of()
    assert len({of(), of(nodes=NODES.replace("2000000", "2000001")), of(nodes=NODES.replace("Beta", "Bata")),
                of(assumptions=ASSUMPTIONS.replace("mode: 10", "mode: 11"))}) == 4  # fmt: skip


def frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    nodes = pd.DataFrame({"node_id": [1, 2], "x_coord": [0.0, 0.001], "y_coord": [0, 0], "name": ["A", None],
                          "population": [5, None]})  # fmt: skip
    links = pd.DataFrame({"link_id": [7, 8], "from_node_id": ["1", "2"], "to_node_id": ["2", "1"],
                          "mode": "rail", "length_km": [1, 2], "directed": [1, float("nan")],
                          "gauge_mm": [1520, None], "colour": "red"})  # fmt: skip
    return nodes, links


def test_frames_as_pandas_has_them() -> None:
    network = sco.Network.from_frames(*frames(), assumptions={"speed.rail": 20.0})
    assert network.nodes.ids.tolist() == ["1", "2"]
    assert network.nodes["name"].tolist() == ["A", ""]
    assert network.nodes["node_type"].tolist() == ["junction", "junction"]
    assert np.isnan(network.nodes["population"]).tolist() == [False, True]
    assert network.links["directed"].tolist() == [True, None]
    assert network.links["status"].tolist() == ["operating", "operating"]
    assert network.layers.tolist() == ["rail-1520", "rail"]
    assert "colour" not in network.links.columns
    assert (len(network.crossings), len(network.transfers), len(network.tables["sources"])) == (
        0,
        0,
        0,
    )
    assert network.assumptions["speed.rail"] == 20
    assert network.assumptions["speed.road"] == 50
    assert network.geometry == {}
    assert network.coordinates.tolist() == [[0, 0], [0.001, 0]]


def test_frames_that_are_wrong() -> None:
    nodes, links = frames()
    assert refusal(sco.Network.from_frames, nodes.drop(columns=["x_coord", "y_coord"]), links) == [
        "nodes: the column 'x_coord' is missing in x_coord. Add it",
        "nodes: the column 'y_coord' is missing in y_coord. Add it",
    ]
    words = links.assign(length_km=["1", "two"])
    assert refusal(sco.Network.from_frames, nodes, words) == [
        "links: not all values are numbers (could not convert string to float: 'two') in length_km."
    ]
    bad = links.assign(
        link_id=[7, 7], mode=["rail", "tram"], length_km=[0, float("inf")], to_node_id=["2", "3"]
    )
    assert refusal(
        sco.Network.from_frames, nodes.assign(x_coord=[181, 0], y_coord=[0, -91]), bad
    ) == [
        "links: 1 ids are used more than once, for example '7' in link_id.",
        "links: 2 lengths are missing, zero or negative, for example '7' in length_km.",
        "links: unknown mode ['tram'] in mode.",
        "links: 1 unknown nodes, such as 3 in to_node_id.",
        "nodes: 1 values are not degrees in x_coord.",
        "nodes: 1 values are not degrees in y_coord.",
    ]
    swaps = pd.DataFrame(
        {
            "transfer_id": list("pqrs"),
            "node_id": list("9876"),
            "from_layer": "road",
            "to_layer": "rail",
        }
    )
    assert refusal(sco.Network.from_frames, nodes, links, None, swaps) == [
        "transfers: 4 unknown nodes, such as 6, 7, 8 in node_id."
    ]
