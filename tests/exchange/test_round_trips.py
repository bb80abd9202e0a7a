"""What goes out and comes back is equal, in every format."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from networks import assert_equal, networks

import sco_network as sco
from sco_network.exchange.folder import write_folder

FORMS = ("gmns", "gpkg", "geojson", "graphml")
# A network is many draws: to shrink one that fails takes minutes and shows little more.
often = settings(
    max_examples=10,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.mark.parametrize("form", ["gmns", "geojson", "graphml"])
@often
@given(network=networks())
def test_files_hold_the_whole_network(form: str, network: sco.Network) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network"
        network.write(path, form)
        assert_equal(network, sco.Network.read(path, form))


@settings(often, max_examples=4)  # GDAL waits for the disk after every layer
@given(network=networks())
def test_geopackages_hold_the_whole_network(network: sco.Network) -> None:
    with tempfile.TemporaryDirectory() as folder:
        network.write(Path(folder) / "n.gpkg")
        assert_equal(network, sco.Network.read(Path(folder) / "n.gpkg"))


@often
@given(network=networks())
def test_a_data_folder_holds_the_whole_network(network: sco.Network) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_folder(network, Path(folder))
        assert_equal(network, sco.Network.load(folder))


@often
@given(network=networks())
def test_frames_and_graphs_hold_the_whole_network(network: sco.Network) -> None:
    assert_equal(network, sco.Network.from_frames(**network.to_frames()))
    assert_equal(network, sco.Network.from_networkx(network.to_networkx()))


@often
@given(network=networks())
def test_geoframes_hold_the_whole_network(network: sco.Network) -> None:
    frames = network.to_frames()
    others = {k: v for k, v in frames.items() if k not in {"nodes", "links", "geometry"}}
    assert_equal(network, sco.Network.from_geopandas(*network.to_geopandas(), **others))


@pytest.mark.parametrize("form", FORMS)
def test_the_packaged_network_comes_back(form: str, base: sco.Network, tmp_path: Path) -> None:
    base.write(tmp_path / "out", form)
    assert_equal(base, sco.Network.read(tmp_path / "out", form))


@pytest.mark.parametrize("form", FORMS)
def test_parallel_links_whose_ids_are_one_number_stay_two(form: str, tmp_path: Path) -> None:
    nodes = pd.DataFrame({"node_id": ["a", "b"], "x_coord": [0.0, 0.01], "y_coord": 0.0})
    links = pd.DataFrame({"link_id": ["007", "7"], "from_node_id": "a", "to_node_id": "b"})
    network = sco.Network.from_frames(nodes, links.assign(mode="road", length_km=[2.0, 3.0]))
    network.write(tmp_path / f"n.{form}", form)
    assert_equal(network, sco.Network.read(tmp_path / f"n.{form}", form))
