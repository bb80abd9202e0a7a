"""What QGIS finds in the files, by GDAL, which opens them for it; and what an edit there does."""

from __future__ import annotations

import warnings
from pathlib import Path

import geopandas as gpd
import networkx as nx
import pyogrio
import pytest
from networks import assert_equal
from shapely import LineString, Point
from worlds import sco_network

import sco_network as sco


def test_a_geopackage_has_a_layer_for_each_table(small: sco.Network, tmp_path: Path) -> None:
    path = tmp_path / "n.gpkg"
    small.write(path)
    assert dict(pyogrio.list_layers(path).tolist()) == {
        "nodes": "Point", "links": "LineString", "crossings": "Point", "transfers": "Point",
        "countries": None, "sources": None, "assumptions": None,
    }  # fmt: skip
    info = pyogrio.read_info(path, layer="links")
    assert (info["crs"], info["features"]) == ("EPSG:4326", 5)
    types = dict(zip(info["fields"], info["ogr_types"], strict=True))
    assert types["link_id"] == "OFTString"
    assert types["length_km"] == "OFTReal"
    assert types["gauge_mm"] == "OFTInteger64"
    crossing = pyogrio.read_dataframe(path, layer="crossings").iloc[0]
    assert list(crossing.geometry.coords) == [(62.05, 40)]  # midway between c and d


def test_geojson_opens_as_one_layer_of_points_and_lines(small: sco.Network, tmp_path: Path) -> None:
    path = tmp_path / "n.geojson"
    small.write(path)
    frame = pyogrio.read_dataframe(path)
    assert frame.crs.to_epsg() == 4326
    kinds = frame.groupby("table").geometry.agg(lambda s: set(s.geom_type.dropna()))
    assert kinds["nodes"] == kinds["crossings"] == kinds["transfers"] == {"Point"}
    assert kinds["links"] == {"LineString"}
    assert kinds["sources"] == set()


@pytest.mark.parametrize("form", ["gpkg", "geojson"])
def test_a_file_that_gis_software_wrote_again_is_the_same(
    small: sco.Network, form: str, tmp_path: Path
) -> None:
    small.write(tmp_path / f"n.{form}")
    again = tmp_path / f"again.{form}"
    for name, _ in pyogrio.list_layers(tmp_path / f"n.{form}"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = pyogrio.read_dataframe(tmp_path / f"n.{form}", layer=name)
            pyogrio.write_dataframe(frame, again, layer=name)
    assert_equal(small, sco.Network.read(again))


def test_a_node_moved_and_a_link_bent_on_the_map_are_so_in_the_network(
    small: sco.Network, tmp_path: Path
) -> None:
    nodes, links = small.to_geopandas()
    nodes.loc[nodes["node_id"] == "b", "geometry"] = Point(61.1, 40.1)
    links.loc[links["link_id"] == "ab", "geometry"] = LineString(
        [(60, 40), (60.5, 40.4), (61.1, 40.1)]
    )
    nodes.to_file(tmp_path / "n.gpkg", layer="nodes")
    links.to_file(tmp_path / "n.gpkg", layer="links")
    network = sco.Network.read(tmp_path / "n.gpkg")
    assert network.nodes.row("b")["x_coord"] == 61.1
    assert network.geometry["ab"][1].tolist() == [60.5, 40.4]
    assert list(network.geometry) == ["ab"]  # straight lines between ends are no courses


def test_graphml_is_typed_and_keeps_parallel_links(base: sco.Network, tmp_path: Path) -> None:
    base.write(tmp_path / "n.graphml")
    graph = nx.read_graphml(tmp_path / "n.graphml")
    assert graph.is_multigraph()
    assert graph.is_directed()
    assert graph.number_of_edges() == len(base.links)
    link = graph.edges["lokot", "aul", "rail-kaz-lokot-aul"]
    assert (link["length_km"], link["gauge_mm"], link["directed"]) == (27.0, 1520, False)
    assert {type(link[c]) for c in ("length_km", "gauge_mm", "directed")} == {float, int, bool}


def test_graphs_of_others_need_little(tmp_path: Path) -> None:
    for kind, directed in ((nx.Graph, False), (nx.DiGraph, True), (nx.MultiGraph, False)):
        graph = kind()
        graph.add_node(1, x_coord=0.0, y_coord=0.0)
        graph.add_node("b", x_coord=1.0, y_coord=0.0)
        graph.add_edge(
            1, "b", mode="road", length_km=120, geometry=LineString([(0, 0), (0, 1), (1, 0)])
        )
        network = sco.Network.from_networkx(graph)
        link = network.links.row(0)
        assert (link["link_id"], link["from_node_id"], link["directed"]) == ("1-b", "1", directed)
        assert len(network.geometry["1-b"]) == 3
    nx.write_graphml(nx.path_graph(3), tmp_path / "n.graphml")
    with pytest.raises(sco.InputError) as raised:
        sco.Network.read(tmp_path / "n.graphml")
    for column in ("x_coord", "y_coord", "mode", "length_km"):
        assert f"the column '{column}' of" in str(raised.value)


def test_links_of_one_id_in_both_directions_are_one_only_where_they_say_so() -> None:
    graph: nx.MultiDiGraph = nx.MultiDiGraph()
    for i, key in enumerate("ab"):
        graph.add_node(key, x_coord=float(i), y_coord=0.0)
    for start, end in ("ab", "ba"):
        graph.add_edge(start, end, key="x", mode="road", length_km=120.0)
    with pytest.raises(sco.InputError, match="1 ids are used more than once, for example 'x'"):
        sco.Network.from_networkx(graph)


def test_geoframes_have_documented_columns(small: sco.Network) -> None:
    nodes, links = small.to_geopandas()
    assert isinstance(nodes, gpd.GeoDataFrame)
    assert str(links["gauge_mm"].dtype) == "Int64"
    assert links["course"].tolist() == [False] * 5
    assert str(small.to_frames()["links"]["electrified"].dtype) == "boolean"


def test_frames_of_text_are_read_as_what_they_say(small: sco.Network) -> None:
    frames = {name: frame.astype(str) for name, frame in small.to_frames().items()}
    frames = {n: f.replace({"nan": None, "<NA>": None}) for n, f in frames.items()}
    assert sco.Network.from_frames(**frames).hash == small.hash
    frames["links"]["directed"] = "perhaps"
    with pytest.raises(sco.InputError, match="'perhaps' is neither true nor false in directed"):
        sco.Network.from_frames(**frames)


def test_from_the_command_line_and_back(study: Path) -> None:
    out = sco_network("export", "gpkg", "--out", "out.gpkg", cwd=study)
    assert out.returncode == 0, out.stderr
    assert "links" in out.stdout
    back = sco_network("import", "gpkg", "out.gpkg", "--out", "data2", cwd=study)
    assert back.returncode == 0, back.stderr
    assert sco_network("validate", "--data", "data2", cwd=study).returncode == 0
    assert_equal(sco.Network.load(study / "data"), sco.Network.load(study / "data2"))
