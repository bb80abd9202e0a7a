"""OpenStreetMap from Overpass: asked through osmnx of a server on this machine that speaks it."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from osm_world import nodes_csv, overpass, railway
from shapely import Polygon, box

import sco_network as sco
from sco_network.cli import cli
from sco_network.exchange.osm.extract import Extract, read_file
from sco_network.exchange.osm.overpass import (
    Server,
    overpass_extract,
    place_area,
    tiles_of,
)

AREA = box(64.9, 39.6, 66.4, 40.5)  # the line and its branch, not the line at 300 km
QUICK = (0.01,)


SAID: list[str] = []


def ask(url: str, cache: Path, modes=("rail",), area=AREA, patience=QUICK, **options) -> Extract:
    server = Server(f"{url}/api", f"{url}/", patience, SAID.append)
    options.setdefault("tile_degrees", 7.0)  # all of it in one tile
    return overpass_extract(area, modes, cache, server=server, **options)


def refused(url: str, cache: Path, **options) -> str:
    with pytest.raises(sco.InputError) as error:
        ask(url, cache, **options)
    return str(error.value)


def ways_of(extract: Extract) -> set[int]:
    return {extract.ways[i].osm_id for i in extract.way}


def test_overpass_gives_what_the_file_gives(tmp_path):
    from_file = read_file(railway().write(tmp_path / "w.osm"), ["rail"])
    with overpass(railway()) as server:
        found = ask(server.url, tmp_path / "cache")
    assert ways_of(found) == ways_of(from_file) - {11, 12}
    assert found.date == "2026-11-20"
    km = [
        np.ptp(e.lonlat[e.ends][np.array([e.ways[w].osm_id for w in e.way]) == 9], axis=(0, 1))
        for e in (found, from_file)
    ]
    np.testing.assert_allclose(*km)
    assert "light rail" not in str(found.dropped)  # the filter is anchored, so that it never comes
    assert found.dropped == {"sidings, yards and spurs": 1, "areas": 1}


def test_every_mode_is_one_question(tmp_path):
    with overpass(railway()) as server:
        found = ask(server.url, tmp_path, ["rail", "road", "gas", "oil", "sea"])
        assert len(server.asked) == 5
        assert server.statuses > 0
    assert {w.mode for w in found.ways} == {"rail", "road", "gas"}


def test_tiles_are_kept_and_a_broken_import_goes_on(tmp_path):
    with overpass(railway()) as server:
        tiles = tiles_of(AREA, 1.0)
        assert [name for name, _ in tiles] == [
            "39 N 64 E",
            "40 N 64 E",
            "39 N 65 E",
            "40 N 65 E",
            "39 N 66 E",
            "40 N 66 E",
        ]
        server.faults = ["", "", "", "400"]
        assert "refused" in refused(server.url, tmp_path, tile_degrees=1.0)
        assert len(server.asked) == 4
        assert len(list(tmp_path.glob("tile-*"))) == 3
        assert not list(tmp_path.glob(".tile-*"))  # nothing half-written
        whole = ask(server.url, tmp_path, tile_degrees=1.0)
        assert len(server.asked) == 4 + 3  # the finished ones are not asked again
        assert ways_of(whole) >= {1, 2, 5, 6, 7, 8, 9}
        ask(server.url, tmp_path, tile_degrees=1.0)
        assert len(server.asked) == 7


@pytest.mark.parametrize("fault", ["429", "504", "garbage", "truncated", "list"])
def test_a_fault_that_passes_is_asked_again(tmp_path, fault):
    with overpass(railway(), fault) as server:
        assert 9 in ways_of(ask(server.url, tmp_path))
        assert len(server.asked) == 2
    assert SAID[-1].endswith("asking again in 0.01 s")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("429", "is busy (HTTP 429); asked 2 times"),
        ("504", "is busy (HTTP 504); asked 2 times"),
        ("garbage", "not whole JSON; asked 2 times"),
        ("truncated", "not whole JSON; asked 2 times"),
        ("list", "not an answer of Overpass; asked 2 times"),
    ],
)
def test_a_fault_that_stays_ends_in_words(tmp_path, fault, words):
    with overpass(railway(), *[fault] * 9) as server:
        assert words in refused(server.url, tmp_path)
        assert len(server.asked) == 2
    assert list(tmp_path.iterdir()) == []


def test_an_answer_in_part_is_an_error_at_once(tmp_path):
    with overpass(railway(), "remark") as server:
        said = refused(server.url, tmp_path)
        assert "answered in part only: runtime error: Query timed out" in said
        assert "--tile" in said
        assert len(server.asked) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_question_that_is_refused_is_not_asked_again(tmp_path):
    with overpass(railway(), "400") as server:
        said = refused(server.url, tmp_path)
        assert "(HTTP 400): line 1: parse error: Unknown type" in said
        assert len(server.asked) == 1


def test_no_internet_is_said_at_once(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    said = refused(url, tmp_path)
    assert f"no answer from {url}/api" in said
    assert "--file" in said
    assert "not an address" in refused("nowhere", tmp_path)


def test_a_damaged_tile_is_named(tmp_path):
    with overpass(railway()) as server:
        ask(server.url, tmp_path)
        (kept,) = tmp_path.glob("tile-*/*.json")
        kept.write_text(kept.read_text()[:300])
        said = refused(server.url, tmp_path)
    assert kept.name in said
    assert "Remove the file" in said


def test_settings_of_osmnx_are_left_as_they_were(tmp_path):
    import osmnx as ox

    names = [n for n in dir(ox.settings) if n.islower() and not n.startswith("_")]
    before = {n: getattr(ox.settings, n) for n in names}
    with overpass(railway(), "400") as server:
        refused(server.url, tmp_path)
    assert {n: getattr(ox.settings, n) for n in names} == before


def test_a_server_without_slots_is_not_waited_for(tmp_path):
    with overpass(railway()) as server:
        server.limit = 0
        assert 9 in ways_of(ask(server.url, tmp_path))
        assert server.statuses == 1


def test_areas(tmp_path):
    star = Polygon([(60, 35), (70, 35), (60.1, 35.1), (60, 45)])
    tiles = tiles_of(star, 5.0)
    assert sum(t.area for _, t in tiles) == pytest.approx(star.area)
    with pytest.raises(sco.InputError, match="more than 1,000"):
        tiles_of(box(-180, -90, 180, 90), 1.0)
    with pytest.raises(sco.InputError, match="not an area"):
        tiles_of(box(1, 1, 2, 2).exterior)


def test_a_place_by_its_name(tmp_path):
    with overpass(railway()) as server:
        asked = Server(f"{server.url}/api", f"{server.url}/", QUICK)
        assert place_area("Samarkand Region", asked).bounds == (64.5, 39.5, 67.0, 41.0)
        with pytest.raises(sco.InputError, match="no place with an outline is called 'Atlantis'"):
            place_area("Atlantis", asked)


def test_the_command_asks_overpass(tmp_path, monkeypatch):
    nodes_csv(tmp_path / "places.csv")
    with overpass(railway()) as server:
        given = (
            "import",
            "osm",
            "--place",
            "Samarkand Region",
            "--endpoint",
            f"{server.url}/api",
            "--nominatim",
            f"{server.url}/",
        )
        given += ("--cache", "kept", "--terminals", "places.csv", "--out", "mine", "--json")
        monkeypatch.chdir(tmp_path)
        done = CliRunner().invoke(cli, given)
    assert done.exit_code == 0, done.output
    summary = json.loads(done.stdout)
    assert (summary["links"], summary["date"]) == (4, "2026-11-20")
    net = sco.Network.load(tmp_path / "mine")
    assert net.route("a", "d", by="length", modes=["rail"]).length_km == pytest.approx(
        115, rel=0.01
    )
    assert f"Overpass at {server.url}/api" in next(iter(net.tables["sources"]))["title"]


@pytest.mark.online
def test_the_live_server(tmp_path):
    """Hairatan–Mazar-i-Sharif, 75 km published; needs the internet, so it is not run by default."""
    extract = overpass_extract(box(67.0, 36.6, 67.6, 37.3), ["rail"], tmp_path)
    assert extract.date
    assert len(extract.ways) > 10
