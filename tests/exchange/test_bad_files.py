"""Files that are broken, foreign or hostile: every problem in words, nothing half-written."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, MultiLineString, Point, Polygon
from worlds import line_network, sco_network

import sco_network as sco
from sco_network.exchange import incoming

FORMS = ("gpkg", "geojson", "graphml")


@pytest.fixture
def line() -> sco.Network:
    return line_network(10, 20)


def refused(path: Path, form: str | None = None) -> str:
    with pytest.raises(sco.InputError) as raised:
        sco.Network.read(path, form)
    return str(raised.value)


def layers(line: sco.Network) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    nodes, links = line.to_geopandas()
    return nodes.drop(columns=["x_coord", "y_coord"]), links.drop(columns="course")


def write_layers(path: Path, nodes: Any, links: Any) -> Path:
    nodes.to_file(path, layer="nodes", engine="pyogrio")
    links.to_file(path, layer="links", engine="pyogrio")
    return path


@pytest.mark.parametrize("form", FORMS)
def test_a_truncated_file_is_refused(line: sco.Network, form: str, tmp_path: Path) -> None:
    path = tmp_path / f"n.{form}"
    line.write(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "not whole" in refused(path) or "not a whole" in refused(path)


@pytest.mark.parametrize("form", FORMS)
def test_a_file_that_is_another_thing_is_refused(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"n.{form}"
    path.write_bytes(b"PK\x03\x04 an archive")
    assert "error" not in refused(path)


@pytest.mark.parametrize("form", FORMS)
def test_a_file_of_500_mb_is_refused_before_it_is_read(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"n.{form}"
    path.touch()
    os.truncate(path, 500 * 2**20)  # sparse: takes no room on the disk
    assert "500 MB; more than 256 MB would not fit" in refused(path)


def test_the_limit_of_size_is_that_of_the_file(
    line: sco.Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.write(tmp_path / "n.geojson")
    monkeypatch.setattr(incoming, "MAX_BYTES", (tmp_path / "n.geojson").stat().st_size - 1)
    assert "would not fit into memory" in refused(tmp_path / "n.geojson")


@pytest.mark.parametrize("form", [*FORMS, "gmns"])
def test_a_file_that_is_not_there_is_named(form: str, tmp_path: Path) -> None:
    assert "nowhere" in refused(tmp_path / "nowhere", form)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_entities_never_multiply(encoding: str, tmp_path: Path) -> None:
    bomb = f"""<?xml version="1.0" encoding="{encoding}"?>
<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<graphml><graph><node id="&b;"/></graph></graphml>"""
    path = tmp_path / "n.graphml"
    path.write_bytes(bomb.encode(encoding))
    assert f"{path}:2: the file declares a document type" in refused(path)


def test_graphml_of_other_kinds_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "n.graphml"
    path.write_text("<html><body/></html>")
    assert "not GraphML" in refused(path)
    path.write_text("<graphml>\n<x:graph/></graphml>")
    assert ":2: this is not whole XML (unbound prefix" in refused(path)


def test_a_control_character_is_refused_by_graphml_and_by_readers(
    small: sco.Network, tmp_path: Path
) -> None:
    frames = small.to_frames()
    frames["nodes"]["name"] = frames["nodes"]["name"].replace("Alpha", "Al\x01pha")
    network = sco.Network.from_frames(**frames)
    network.write(tmp_path / "n.geojson")
    with pytest.raises(sco.InputError, match="a control character stands in the text in name"):
        sco.Network.read(tmp_path / "n.geojson")
    with pytest.raises(sco.InputError, match="the text of 'a' holds a control character in name"):
        network.write(tmp_path / "n.graphml")
    assert not (tmp_path / "n.graphml").exists()


def test_another_declared_crs_is_turned_into_degrees(line: sco.Network, tmp_path: Path) -> None:
    nodes, links = layers(line)
    path = write_layers(tmp_path / "n.gpkg", nodes.to_crs(32631), links.to_crs(32631))
    again = sco.Network.read(path)
    assert again.coordinates == pytest.approx(line.coordinates, abs=1e-9)


def test_metres_without_a_declared_crs_are_refused(line: sco.Network, tmp_path: Path) -> None:
    nodes, links = layers(line)
    moved = nodes.to_crs(32631).set_crs(None, allow_override=True)
    with pytest.raises(sco.InputError) as raised:
        sco.Network.from_geopandas(moved, links)
    assert "nodes: 3 coordinates, such as 166021, 0, are not degrees and no CRS" in str(
        raised.value
    )
    content = {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"node_id": "a"},
         "geometry": {"type": "Point", "coordinates": [166021, 0]}}]}  # fmt: skip
    path = tmp_path / "n.geojson"
    path.write_text(json.dumps(content))
    assert "although the file declares EPSG:4326" in refused(path)
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32631"}}
    path.write_text(json.dumps(content | {"crs": crs}))
    assert sco.Network.read(path).coordinates[0] == pytest.approx([0, 0], abs=1e-4)
    crs["properties"]["name"] = "Atlantis 1900"  # type: ignore[index]
    path.write_text(json.dumps(content | {"crs": crs}))
    assert "the coordinate system 'Atlantis 1900' is unknown" in refused(path)


def test_degrees_without_a_declared_crs_are_accepted(line: sco.Network) -> None:
    nodes, links = layers(line)
    bare = [layer.set_crs(None, allow_override=True) for layer in (nodes, links)]
    assert sco.Network.from_geopandas(*bare).hash == line.hash


def test_parts_of_a_line_are_joined_or_refused_with_their_ids(line: sco.Network) -> None:
    nodes, links = layers(line)
    joined = MultiLineString([[(0, 0), (0.0005, 1)], [(0.0005, 1), (0.001, 0)]])
    links.geometry = [joined, None]
    network = sco.Network.from_geopandas(nodes, links)
    assert network.geometry["l0"].tolist() == [[0, 0], [0.0005, 1], [0.001, 0]]
    links.geometry = [None, MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3)]])]
    with pytest.raises(sco.InputError, match="the parts of 1 multi-lines do not join: 'l1'"):
        sco.Network.from_geopandas(nodes, links)


def test_mixed_geometry_is_refused_with_all_ids(line: sco.Network) -> None:
    nodes, links = layers(line)
    nodes.geometry = [Point(0, 0), LineString([(0, 0), (1, 1)]), Polygon([(0, 0), (1, 1), (1, 0)])]
    links.geometry = [Point(0, 0), None]
    with pytest.raises(sco.InputError) as raised:
        sco.Network.from_geopandas(nodes, links)
    assert "2 nodes are not points: 'n1', 'n2'" in str(raised.value)
    assert "1 links are not lines: 'l0'" in str(raised.value)


def test_all_missing_columns_are_named_at_once(line: sco.Network, tmp_path: Path) -> None:
    nodes, links = layers(line)
    links = links.rename(columns={"length_km": "lenght_km"}).drop(columns="mode")
    nodes = nodes.drop(columns="node_id")
    found = refused(write_layers(tmp_path / "n.gpkg", nodes, links))
    assert "the column 'node_id' of nodes is missing" in found
    assert "the column 'mode' of links is missing" in found
    assert "Rename 'lenght_km' to 'length_km'" in found
    assert "A table of links needs link_id, from_node_id, to_node_id, mode, length_km" in found


def test_rows_are_named_by_layer_and_number(line: sco.Network, tmp_path: Path) -> None:
    nodes, links = layers(line)
    nodes["node_id"] = ["n0", "n1", "n1"]
    links = links.assign(length_km=["10", "long"], status=["open", "operating"])
    found = refused(write_layers(tmp_path / "n.gpkg", nodes, links))
    assert "|nodes:3: the id 'n1' is already used on line 2" in found
    assert "|links:2: 'long' is not a number in length_km" in found
    assert "|links:1: 'open' is not one of" in found


def test_a_missing_layer_is_named(line: sco.Network, tmp_path: Path) -> None:
    nodes, _ = layers(line)
    nodes.to_file(tmp_path / "n.gpkg", layer="Node")
    found = refused(tmp_path / "n.gpkg")
    assert "the layer 'nodes' is missing. Did you mean 'Node'?" in found
    assert "the layer 'links' is missing. Its layers: Node" in found
    sqlite3.connect(tmp_path / "other.gpkg").execute("create table t (a)").connection.commit()
    assert "not a whole GeoPackage" in refused(tmp_path / "other.gpkg")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1, 2]", "this is not a FeatureCollection"),
        ('{"features": 3}', "this is not a FeatureCollection"),
        ('{"features": [3]}', "this is not a feature in features[0]"),
        ('{"features": []}', "there are no nodes in it"),
        ('{"features": [{"properties": {"table": "trains"}}]}', "belongs to no table (trains)"),
        ('{"features": [{"properties": {}, "geometry": {"type": "Point", "coordinates": "x"}}]}',
         "the geometry is not well-formed in features[0]"),
        ('{"features": [{"properties": {}, "geometry": {"type": "Pooint", "coordinates": [0, 0]}}]}',
         "the geometry is not well-formed in features[0]"),
        ("[" * 100_000, "nested too deeply"),
        ('{"features":\n oops', ":2: this is not whole JSON"),
    ],
)  # fmt: skip
def test_json_of_other_kinds_is_refused(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "n.geojson"
    path.write_text(text)
    assert message in refused(path)


def test_ids_are_spelt_as_data_files_have_them(tmp_path: Path) -> None:
    nodes = pd.DataFrame({"node_id": ["A 1", "007"], "x_coord": 0.0, "y_coord": 0.0})
    links = pd.DataFrame(
        {
            "link_id": ["Ü/1"],
            "from_node_id": ["A 1"],
            "to_node_id": ["007"],
            "mode": "road",
            "length_km": 1,
        }
    )
    points = pd.DataFrame({"link_id": "Ü/1", "x_coord": [0, 1, 0], "y_coord": 0})
    network = sco.Network.from_frames(nodes, links, geometry=points)
    network.write(tmp_path / "n.gpkg")
    notes: list[str] = []
    again = sco.Network.read(tmp_path / "n.gpkg", note=notes.append)
    assert again.nodes.ids.tolist() == ["a-1", "007"]
    assert again.links.row(0)["from_node_id"] == "a-1"
    assert list(again.geometry) == ["u-1"]
    assert notes == [
        "1 ids of nodes are spelt as data files have them: A 1 → a-1",
        "1 ids of links are spelt as data files have them: Ü/1 → u-1",
    ]
    nodes["node_id"] = ["A 1", "a-1"]
    links["to_node_id"] = "a-1"
    sco.Network.from_frames(nodes, links).write(tmp_path / "m.gpkg")
    assert "the ids 'a-1' and 'A 1' differ in more" in refused(tmp_path / "m.gpkg")


def test_the_command_line_writes_nothing_for_bad_input(tmp_path: Path) -> None:
    (tmp_path / "n.geojson").write_text("{")
    done = sco_network("import", "geojson", "n.geojson", "--out", "new", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: n.geojson:1: this is not whole JSON")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["n.geojson"]
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine.txt").write_text("keep")
    for command in (("import", "geojson", "n.geojson"), ("export", "gmns")):
        done = sco_network(*command, "--out", "full", cwd=tmp_path)
        assert done.returncode == 1
        assert "the folder holds other things (mine.txt), so it is not replaced" in done.stderr
    assert (tmp_path / "full/mine.txt").read_text() == "keep"
