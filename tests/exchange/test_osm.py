"""OpenStreetMap from files: what becomes a link, what is left out, what is refused."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from osm_world import PLACES, World, along, lonlat, nodes_csv, railway
from worlds import sco_network

import sco_network as sco
from sco_network.analysis.validate import validate_paths
from sco_network.cli import cli
from sco_network.exchange.osm import extract as reading
from sco_network.exchange.osm.areas import box_area, polygon_area
from sco_network.exchange.osm.check import NO_WAY, OUTSIDE, measured
from sco_network.exchange.osm.contract import contract
from sco_network.exchange.osm.extract import Extract, read_file
from sco_network.exchange.osm.gaps import gaps_of, read_bridges
from sco_network.exchange.osm.lines import Lines, geodesic_km, joined, lines_of, without_scraps
from sco_network.exchange.osm.places import gauges_of
from sco_network.exchange.osm.study import Study, prepared, study_of
from sco_network.exchange.osm.tags import classify

ROOT = Path(__file__).parents[2]
MODES = ["rail"]


def places(**more) -> list[dict]:
    return [
        {
            "node_id": n,
            "name": n,
            "x_coord": lonlat(*xy)[0],
            "y_coord": lonlat(*xy)[1],
            "node_type": "city",
        }
        for n, xy in (PLACES | more).items()
    ]


def only(**given) -> list[dict]:
    return [place for place in places(**given) if place["node_id"] in given]


def read(world: World, folder: Path, modes=MODES, name="world.osm") -> Extract:
    return read_file(world.write(folder / name), modes)


def made(world: World, folder: Path, base, terminals=None, modes=MODES, **options) -> Study:
    return study_of(
        read(world, folder, modes), base, places() if terminals is None else terminals, **options
    )


def lengths(study: Study) -> dict[frozenset, float]:
    return {
        frozenset((k["from_node_id"], k["to_node_id"])): k["length_km"]
        for k in study.tables["links"]
    }


@pytest.fixture(scope="module")
def base():
    return sco.Network.load(ROOT / "data")


def test_a_line_becomes_links_between_terminals_and_junctions(tmp_path, base):
    study = made(railway(), tmp_path, base)
    found = lengths(study)
    junction = next(n["node_id"] for n in study.tables["nodes"] if n["node_id"].startswith("osm-n"))
    assert set(found) == {
        frozenset(p) for p in (("a", "b"), ("b", junction), (junction, "c"), (junction, "d"))
    }
    wanted = {"ab": 50, "bj": 25, "cj": 25, "dj": 40}
    for ends, km in wanted.items():
        pair = frozenset(ends.replace("j", "")) | ({junction} if "j" in ends else set())
        assert found[pair] == pytest.approx(km, rel=0.01)


def test_the_length_is_geodesic(tmp_path, base):
    """From 40° to 41° on a meridian of the WGS 84 ellipsoid are 111.044 km, not the sphere's 111.195."""
    world = World()
    world.rail(1, (0, 0), (0, 111.04))
    study = made(world, tmp_path, base, only(x=(0, 0), y=(0, 111.04)))
    assert next(iter(lengths(study).values())) == pytest.approx(111.044, abs=0.006)


def test_tags_become_columns(tmp_path, base):
    study = made(railway(), tmp_path, base)
    rows = {frozenset((k["from_node_id"], k["to_node_id"])): k for k in study.tables["links"]}
    ab = rows[frozenset("ab")]
    assert (ab["gauge_mm"], ab["electrified"], ab["tracks"], ab["name"]) == (
        1520,
        True,
        2,
        "Northern Line",
    )
    assert ab["facility_type"] == "main"
    assert ab["confidence"] == "C"
    assert ab["source_id"] == "osm-import-2026-11-20"
    b = next(k for ends, k in rows.items() if "b" in ends and "a" not in ends)
    assert (b["facility_type"], b["electrified"]) == ("secondary", False)


def test_a_speed_limit_counts_where_it_slows_freight(tmp_path, base):
    """10 km/h is below what the model assumes for Uzbekistan (21.9); 200 is not."""
    world = railway()
    world.ways[2][1]["maxspeed"] = "10"
    world.ways[9][1]["maxspeed"] = "200"
    study = made(world, tmp_path, base)
    speeds = {
        frozenset((k["from_node_id"], k["to_node_id"])): k["free_speed_km_h"]
        for k in study.tables["links"]
    }
    assert speeds[frozenset("ab")] == 10
    assert all(v is None for k, v in speeds.items() if k != frozenset("ab"))
    assert study.summary["speed_limits_not_binding"] == 1


def test_what_is_left_out_is_said(tmp_path, base):
    summary = made(railway(), tmp_path, base).summary
    assert summary["dropped"] | {} == {
        "sidings, yards and spurs": 1,
        "lines not in use (construction, proposed, disused)": 1,
        "light rail, trams, metros and the like": 1,
        "areas": 1,
        "ways of modes not asked for (road)": 1,
        "ways of modes not asked for (gas)": 1,
        "multipolygons": 1,
        "other relations": 1,
    }
    layer = summary["layers"][0]
    assert (layer["scraps"], layer["scraps_km"]) == (1, pytest.approx(2, rel=0.02))
    assert layer["unused_km"] == pytest.approx(
        50 + 2 + 40, rel=0.05
    )  # second track, spur, far line
    assert summary["gauges_assumed"] == 1
    assert summary["terminals_off_the_lines"] == []  # 'far' is outside the box of the lines


@pytest.mark.parametrize("name", ["w.osm", "w.osm.gz", "w.osm.pbf"])
def test_every_format_gives_the_same(tmp_path, name):
    first, other = read(railway(), tmp_path), read(railway(), tmp_path, name=name)
    assert other.dropped == first.dropped
    assert other.date == "2026-11-20"
    np.testing.assert_array_equal(other.ends, first.ends)
    np.testing.assert_allclose(other.lonlat, first.lonlat, atol=1e-7)
    assert other.ways == first.ways


def test_ends_that_miss_each_other_by_30_m_are_joined_and_by_615_m_are_listed(tmp_path, base):
    world = railway()
    world.ways[7][0][0] = 5000
    world.nodes[5000] = lonlat(60.6, 0)
    # the way round, so that the hole lies inside one piece: 50 + 60 + 25 + 60 − (50 → 75)
    world.rail(20, (50, 0), (50, -60), (75, -60), (75, 0))
    study = made(world, tmp_path, base)
    gap = study.gaps[0]
    assert gap.gap_km == pytest.approx(0.615, rel=0.01)
    assert gap.way_round_km == pytest.approx(9.985 + 60 + 25 + 60 + 14.4, rel=0.01)
    assert len(study.gaps) == 1
    closed = made(world, tmp_path, base, bridges=[(*gap.start, *gap.end)])
    assert closed.gaps == []
    ways = [nx.Graph([(*k, {"km": v}) for k, v in lengths(s).items()]) for s in (study, closed)]
    km = [nx.dijkstra_path_length(g, "b", "c", weight="km") for g in ways]
    assert km == [pytest.approx(60 + 25 + 60 + 25, rel=0.01), pytest.approx(50, rel=0.01)]


def test_a_gap_between_two_pieces_has_no_way_round(tmp_path):
    world = World()
    world.rail(1, (0, 0), (20, 0))
    world.rail(2, (20.5, 0), (40, 0))
    lines, _, _ = prepared(read(world, tmp_path), np.ones(2, dtype=bool), ())
    (gap,) = gaps_of(lines, "rail")
    assert gap.as_dict()["way_round_km"] is None
    assert gap.gap_km == pytest.approx(0.5, rel=0.01)


def test_pieces_cut_off_are_dropped_and_named_or_kept(tmp_path, base):
    terminals = places(e=(300, 0), f=(340, 0))
    study = made(railway(), tmp_path, base, terminals)
    said = [what for what in study.summary["dropped"] if what.startswith("links cut off")]
    assert said == ["links cut off from the rest (40 km, by e, f)"]
    assert "e" not in {n["node_id"] for n in study.tables["nodes"]}
    kept = made(railway(), tmp_path, base, terminals, keep_pieces=True)
    assert lengths(kept)[frozenset("ef")] == pytest.approx(40, rel=0.02)


def test_without_terminals_the_ends_of_lines_are_the_terminals(tmp_path, base):
    world = World()
    world.rail(1, (0, 0), (50, 0), (100, 0))
    world.rail(2, (50, 0), (50, 40))
    world.rail(3, (70, 0), (70, 9))  # a branch too short to be the end of a line
    world.ways[1][0].insert(2, world.ways[3][0][0])
    study = made(world, tmp_path, base, [])
    assert sorted(lengths(study).values()) == [pytest.approx(km, rel=0.01) for km in (40, 50, 50)]


def test_the_gauge_splits_layers_and_a_change_of_gauge_gets_a_transfer(tmp_path, base):
    world = World()
    world.rail(1, (0, 0), (50, 0))
    world.rail(2, (50, 0), (100, 0), gauge="1435;1520")
    world.rail(3, (100, 0), (150, 0), gauge="1435")
    study = made(world, tmp_path, base, places(m=(150, 0)))
    ids = {k["link_id"] for k in study.tables["links"]}
    assert ids == {"rail-1520-a-b", "rail-1520-b-c", "rail-1435-b-c", "rail-1435-c-m"}
    changes = {(t["node_id"], t["from_layer"], t["to_layer"]) for t in study.tables["transfers"]}
    assert changes == {("b", "rail-1435", "rail-1520"), ("c", "rail-1435", "rail-1520")}


def test_a_gauge_without_a_tag_comes_from_the_nearest_then_the_option_then_the_country(
    tmp_path, base
):
    world = World()
    world.rail(1, (0, 0), (50, 0), gauge="1435")
    world.way(2, (50, 0), (100, 0), railway="rail")
    world.way(3, (0, 50), (50, 50), railway="rail")
    found = read(world, tmp_path)
    countries = base.tables["countries"]
    assert gauges_of(found, countries)[0] == [(1435,), (1435,), (1520,)]  # Uzbekistan
    assert gauges_of(found, countries, 1000)[0][2] == (1000,)


def test_roads_ferries_and_pipelines(tmp_path, base):
    world = railway()
    world.way(30, (100, 0), (140, 0), route="ferry")
    study = made(world, tmp_path, base, places(p=(140, 0)), ["rail", "road", "sea", "gas"])
    by_id = {k["link_id"]: k for k in study.tables["links"]}
    road = by_id["road-a-b"]
    assert road["length_km"] == pytest.approx(along((0, 0), (0, -30), (50, -30), (50, 0)), rel=0.01)
    assert (road["facility_type"], road["name"]) == ("trunk", "M39")
    assert by_id["sea-c-p"]["mode"] == "sea"
    changes = {
        (t["from_layer"], t["to_layer"]) for t in study.tables["transfers"] if t["node_id"] == "c"
    }
    assert changes == {("rail-1520", "sea")}


def test_a_link_over_a_border_has_a_crossing(tmp_path, base):
    """Termez in Uzbekistan and Hairatan in Afghanistan lie 10 km apart."""
    world = World()
    world.nodes = {1: (67.27, 37.24), 2: (67.42, 37.21)}
    world.ways[1] = ([1, 2], {"railway": "rail", "gauge": "1520"})
    both = [
        {"node_id": f"t{i}", "x_coord": x, "y_coord": y, "node_type": "border"}
        for i, (x, y) in world.nodes.items()
    ]
    both[1]["country"] = "AFG"
    study = made(world, tmp_path, base, both)
    assert [n["country"] for n in study.tables["nodes"]] == ["UZB", "AFG"]
    (crossing,) = study.tables["crossings"]
    assert (crossing["crossing_id"], crossing["confidence"]) == ("t1-t2-rail", "D")
    assert {c["country"] for c in study.tables["countries"]} == {"UZB", "AFG"}


def test_the_folder_is_valid_and_routes(tmp_path):
    world = railway().write(tmp_path / "line.osm.pbf")
    nodes_csv(tmp_path / "places.csv")
    done = sco_network(
        "import",
        "osm",
        "--file",
        str(world),
        "--terminals",
        "places.csv",
        "--modes",
        "rail,road",
        "--out",
        "mine",
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "multipolygons" in done.stdout
    assert "Wrote mine" in done.stderr
    assert validate_paths([tmp_path / "mine"]) == []
    net = sco.Network.load(tmp_path / "mine")
    route = net.route("A", "D", by="length", modes=["rail"])
    assert route.length_km == pytest.approx(50 + 25 + 40, rel=0.01)
    assert len(net.geometry) == len(net.links)
    ways = csv.DictReader((tmp_path / "mine/osm_ways.csv").read_text().splitlines())
    ab = {int(r["osm_way_id"]) for r in ways if r["link_id"] == "rail-1520-a-b"}
    assert ab
    assert ab <= {1, 2, 3, 4}
    assert json.loads((tmp_path / "mine/import.json").read_text())["date"] == "2026-11-20"


def test_an_import_replaces_an_earlier_one_and_nothing_else(tmp_path, monkeypatch):
    world = str(railway().write(tmp_path / "line.osm"))
    nodes_csv(tmp_path / "places.csv")
    given = ("import", "osm", "--file", world, "--terminals", "places.csv", "--json", "--out")
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        done = CliRunner().invoke(cli, [*given, "mine"])
        assert json.loads(done.stdout)["links"] == 4
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "letter.txt").write_text("keep me")
    assert "is not replaced" in str(CliRunner().invoke(cli, [*given, "foreign"]).exception)
    assert [p.name for p in foreign.iterdir()] == ["letter.txt"]


def test_check_puts_our_links_beside(tmp_path, monkeypatch):
    world = railway()
    extract = read(world, tmp_path)
    nodes_csv(tmp_path / "nodes.csv", **PLACES, e=(300, 0))
    links = "link_id,from_node_id,to_node_id,mode,length_km\nab,a,b,rail,50\nac,a,c,rail,120\naf,a,far,rail,80\nae,a,e,rail,310\nroad,a,b,road,60\n"
    (tmp_path / "links.csv").write_text(links)
    net = sco.Network.load(tmp_path)
    found = {m.link_id: m for m in measured(net, extract, MODES)}
    assert list(found) == ["ac", "ab", "ae", "af"]
    assert found["ac"].osm_km == pytest.approx(100, rel=0.01)
    assert found["ac"].difference_percent == pytest.approx(20, abs=1)
    assert (found["ae"].why, found["af"].why) == (NO_WAY, OUTSIDE)
    assert found["af"].as_dict()["osm_km"] is None
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(
        cli, ["import", "osm", "--file", "world.osm", "--check", "--data", "."]
    )
    assert done.exit_code == 0
    assert "1 links lie outside the extract" in done.stdout
    assert "1 without a way along the lines: ae" in done.stdout


def test_a_box_or_polygon_cuts_a_file(tmp_path):
    extract = read(railway(), tmp_path)
    west, south = lonlat(-5, -5)
    east, north = lonlat(55, 5)
    cut = extract.within(box_area(f"{west},{south},{east},{north}"))
    assert {cut.ways[i].osm_id for i in cut.way} == {1, 2, 3, 4, 5, 6}
    assert cut.dropped["ways outside the area"] == 5
    feature = {
        "type": "Feature",
        "properties": {},
        "geometry": box_area("64,39,65.1,41").__geo_interface__,
    }
    (tmp_path / "p.geojson").write_text(json.dumps(feature))
    assert polygon_area(tmp_path / "p.geojson").area == pytest.approx(1.1 * 2)


def test_a_name_or_date_out_of_order_does_no_harm(tmp_path, base):
    world = World(date="1970-01-01T00:00:00Z")
    world.rail(1, (0, 0), (50, 0), name='North,\n"Line"\u200b')
    study = made(world, tmp_path, base)
    assert study.tables["links"][0]["name"] == 'North, "Line"'
    assert study.summary["source"] == "osm-import-undated"


# --- properties -----------------------------------------------------------------------------


@st.composite
def grids(draw):
    """A grid of lines 10 km apart with some of them missing, and terminals at some corners."""
    n = draw(st.integers(2, 5))
    corners = [(10 * x, 10 * y) for x in range(n) for y in range(n)]
    sides = [((x, y), (x + 10, y)) for x, y in corners if x < 10 * (n - 1)]
    sides += [((x, y), (x, y + 10)) for x, y in corners if y < 10 * (n - 1)]
    kept = draw(st.lists(st.sampled_from(sides), min_size=1, unique=True))
    terminals = draw(st.lists(st.sampled_from(corners), min_size=2, unique=True))
    return kept, terminals


@settings(max_examples=60)
@given(grids())
def test_links_keep_the_distances_between_terminals(grid):
    """Never shorter than the lines; longer only by what a pruned bypass may cost."""
    kept, terminals = grid
    at = {}
    for side in kept:
        for corner in side:
            at.setdefault(corner, len(at))
    xy = np.array([lonlat(*c) for c in at])
    ends = np.array([(at[a], at[b]) for a, b in kept])
    km = geodesic_km(xy[ends[:, 0]], xy[ends[:, 1]])
    lines = Lines(xy, np.arange(1, len(at) + 1), ends, km, np.zeros(len(ends), dtype=int))
    places = [at[c] for c in terminals if c in at]
    found = contract(lines, places)
    raw, links = nx.Graph(), nx.Graph()
    raw.add_weighted_edges_from((*e, k) for e, k in zip(ends.tolist(), km.tolist(), strict=True))
    links.add_weighted_edges_from((k.start, k.end, k.km) for k in found.links)
    assert all(sum(km[list(k.segments)]) == pytest.approx(k.km) for k in found.links)
    for a in places:
        far = nx.single_source_dijkstra_path_length(raw, a)
        mine = nx.single_source_dijkstra_path_length(links, a) if a in links else {a: 0}
        assert set(mine) & set(places) == set(far) & set(places)
        for b in set(mine) & set(places):
            assert far[b] - 1e-6 <= mine[b] <= far[b] * 1.1 + 1e-6


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=8, unique=True)
)
def test_points_along_a_line_keep_its_length(points):
    world = World()
    world.rail(1, *[(float(x), float(y)) for x, y in points])
    refs = world.ways[1][0]
    xy = np.array([world.nodes[i] for i in refs])
    ends = np.array([(i, i + 1) for i in range(len(refs) - 1)])
    way = classify(1, world.ways[1][1])
    extract = Extract(
        xy, np.array(refs), ends, np.zeros(len(ends), dtype=int), [way], "", "", reading.Counter()
    )
    lines = lines_of(extract, np.array([True]))
    assert lines.km.sum() == pytest.approx(geodesic_km(xy[:-1], xy[1:]).sum(), rel=1e-9)
    assert lines.km.max() <= 0.2500001
    drawn = geodesic_km(lines.lonlat[lines.ends[:, 0]], lines.lonlat[lines.ends[:, 1]])
    np.testing.assert_allclose(drawn, lines.km, rtol=1e-4)


def test_three_links_that_meet_in_a_wye_meet_in_one_point(tmp_path, base):
    """A triangle with sides of 1 km: the ways through it stay as long as they are."""
    world = World()
    world.rail(1, (0, 0), (20, 0))
    world.rail(2, (20, 0), (21, 0))
    world.rail(3, (21, 0), (40, 0))
    world.rail(4, (20, 0), (20.5, 0.866), (20.5, 20))
    world.rail(5, (21, 0), (20.5, 0.866))
    study = made(world, tmp_path, base, only(a=(0, 0), b=(40, 0), c=(20.5, 20)))
    assert len(study.tables["links"]) == 3
    graph = nx.Graph([(*k, {"km": v}) for k, v in lengths(study).items()])
    km = {p: nx.dijkstra_path_length(graph, *p, weight="km") for p in ("ab", "ac", "bc")}
    assert km["ab"] == pytest.approx(40, rel=0.01)
    assert km["ac"] == pytest.approx(20 + 1 + 19.134, rel=0.01)
    assert km["bc"] == pytest.approx(19 + 1 + 19.134, rel=0.01)


def test_joining_and_scraps_by_hand(tmp_path):
    lines = lines_of(read(railway(), tmp_path), np.ones(11, dtype=bool))
    after, joints = joined(lines)
    assert joints == 1
    assert len(set(lines.pieces())) == 4
    whole, scraps, km = without_scraps(after)
    assert (scraps, round(km, 1)) == (1, 2.0)
    assert len(set(whole.pieces())) == 2


TAGS = [
    {"railway": "rail"},
    {"railway": "rail", "gauge": "1435;1520"},
    {"railway": "narrow_gauge", "gauge": "metre"},
    {"highway": "primary", "maxspeed": "60 mph"},
    {"route": "ferry"},
]
POINT = st.tuples(st.integers(0, 4), st.integers(0, 4))
WAYS = st.lists(
    st.tuples(st.lists(POINT, min_size=1, max_size=6), st.sampled_from(TAGS)),
    min_size=1,
    max_size=8,
)


@settings(max_examples=60)
@given(WAYS, st.lists(POINT, max_size=4, unique=True), st.sampled_from([0.01, 0.3, 20.0]))
def test_any_ways_make_a_network_or_are_refused(tmp_path_factory, base, ways, stops, km):
    """Rings, ways that fold back, single points, stations in a heap: never anything but InputError."""
    folder = tmp_path_factory.mktemp("any")
    world = World()
    for i, (points, tags) in enumerate(ways):
        world.way(i + 1, *[(km * x, km * y) for x, y in points], **tags)
    terminals = only(**{f"t{x}{y}": (km * x, km * y) for x, y in stops})
    try:
        study = made(world, folder, base, terminals, ["rail", "road", "sea"])
    except sco.InputError:
        return
    study.write(folder)
    net = sco.Network.load(folder)
    assert len(net.links) == study.summary["links"]


# --- bad input ------------------------------------------------------------------------------


def refused(path: Path) -> str:
    with pytest.raises(sco.InputError) as error:
        read_file(path, MODES)
    return str(error.value)


BOMB = """<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]>
<osm version="0.6"><node id="1" lat="1" lon="1"><tag k="railway" v="&d;"/></node></osm>"""
BAD = {
    "bomb.osm": (BOMB, "entities"),
    "bomb.osm.gz": (gzip.compress(BOMB.encode()), "entities"),
    "words.osm": ("hello", "not a whole OpenStreetMap file"),
    "words.osm.pbf": (b"hello", "not a whole OpenStreetMap file"),
    "empty.osm": ("", "not a whole OpenStreetMap file"),
    "empty.osm.pbf": (b"", "not a whole OpenStreetMap file"),
    "other.osm": ("<gpx/>", "Unknown top-level element"),
    "degrees.osm": (
        '<osm version="0.6"><node id="1" lat="40" lon="400"/><way id="1"><nd ref="1"/><nd ref="1"/><tag k="railway" v="rail"/></way></osm>',
        "coordinate",
    ),
    "number.osm": (
        '<osm version="0.6"><way id="x"><tag k="railway" v="rail"/></way></osm>',
        "not a whole",
    ),
    "points.osm": (
        '<osm version="0.6"><way id="1"><nd ref="1"/><nd ref="2"/><tag k="railway" v="rail"/></way></osm>',
        "Left out: 1 way pieces whose points are not in the file",
    ),
    "nothing.osm": ('<osm version="0.6"><node id="1" lat="40" lon="40"/></osm>', "no line here"),
    "world.zip": (b"PK", "does not end in"),
}


@pytest.mark.parametrize("name", BAD)
def test_files_that_are_no_extract_are_refused_in_words(tmp_path, name):
    content, words = BAD[name]
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    assert words in refused(tmp_path / name)


@pytest.mark.parametrize("name", ["w.osm", "w.osm.gz", "w.osm.pbf"])
def test_a_truncated_file_is_refused_wherever_it_is_cut(tmp_path, name):
    whole = railway().write(tmp_path / name).read_bytes()
    for share in (0.1, 0.5, 0.9):
        (tmp_path / name).write_bytes(whole[: int(len(whole) * share)])
        assert "not a whole OpenStreetMap file" in refused(tmp_path / name)


def test_ways_without_their_points_are_cut_and_counted(tmp_path):
    world = railway()
    del world.nodes[world.ways[9][0][1]]
    extract = read(world, tmp_path)
    assert extract.dropped[reading.CUT] == 2


def test_more_points_than_the_memory_holds_are_refused_while_reading(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_POINTS", 20)
    path = railway().write(tmp_path / "w.osm.pbf")
    assert "too many for the memory" in refused(path)


def test_a_file_that_is_not_there_says_so_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["import", "osm", "--file", "gone.osm.pbf", "--out", "mine"])
    assert "gone.osm.pbf: the file does not exist" in str(done.exception)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--out", "x"], 2, "give --file, or one of"),
        (["--file", "w.osm"], 2, "give either --out DIR or --check"),
        (["--box", "1,2,3", "--out", "x"], 1, "is not a box"),
        (["--box", "70,35,60,42", "--out", "x"], 1, "west < east"),
        (["--file", "w.osm", "--modes", "rial", "--out", "x"], 1, "Did you mean 'rail'?"),
        (["--file", "w.osm", "--gauge", "1530", "--out", "x"], 1, "not a gauge in use"),
        (["--file", "w.osm", "--bridge", "b.csv", "--out", "x"], 1, "b.csv:2: not all coordinates"),
        (["--polygon", "w.osm", "--out", "x"], 1, "this is not GeoJSON"),
    ],
)
def test_wrong_arguments(tmp_path, monkeypatch, arguments, code, words):
    railway().write(tmp_path / "w.osm")
    (tmp_path / "b.csv").write_text("from_x,from_y,to_x,to_y\n1,2,three,4\n")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["import", "osm", *arguments])
    assert done.exit_code == code
    if code == 1:
        assert isinstance(done.exception, sco.InputError)
    assert words in done.output + str(done.exception)
    assert not (tmp_path / "x").exists()


def test_bridges_must_be_on_earth(tmp_path):
    path = tmp_path / "b.csv"
    path.write_text("from_x,from_y,to_x,to_y\n1,2,3,4\n1,2,300,4\nnan,2,3,4\n")
    with pytest.raises(sco.InputError) as error:
        read_bridges(path)
    assert [p.line for p in error.value.problems] == [3, 4]
