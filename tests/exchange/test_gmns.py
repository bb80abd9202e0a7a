"""GMNS: what validators say of ours, and networks of others with units of their own."""

from __future__ import annotations

import json
import logging
import warnings
from pathlib import Path

import numpy as np
import pytest
from worlds import sco_network

import sco_network as sco

SPEC = Path(__file__).parent / "gmns_spec"
KM_PER_MILE = 1.609344

# Two places on the equator, a degree (111.195 km) apart, and a third a degree north.
NODE = "node_id,name,x_coord,y_coord,node_type,zone_id\n1,West,0,0,external,9\n2,East,1,0,,\n3,North,1,1,,\n"
LINK = "link_id,from_node_id,to_node_id,directed,length,free_speed,facility_type,allowed_uses,lanes,geometry\n"
CONFIG = "dataset_name,long_length,speed,crs\ntheirs,{},{},{}\n"


def theirs(folder: Path, links: str, config: str | None = None, **more: str) -> Path:
    """A GMNS folder of someone else."""
    files = {
        "node": NODE,
        "link": LINK + links,
        "config": config or CONFIG.format("mi", "mph", "4326"),
    } | more
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def refused(folder: Path) -> str:
    with pytest.raises(sco.InputError) as raised:
        sco.Network.read(folder)
    return str(raised.value)


@pytest.fixture(scope="module")
def exported(base: sco.Network, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gmns") / "out"
    base.write(folder)
    return folder


def test_every_table_fits_the_schemas_of_the_specification(exported: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what its libraries deprecate
        from frictionless import Detector, Package, Resource, Schema

        resources = []
        for path in sorted(SPEC.glob("*.schema.json")):
            schema = json.loads(path.read_text())
            for key in ("$schema", "fieldsMatch", "numRows"):  # of version 2 of the standard
                schema.pop(key, None)
            there = {"node", "link", "geometry", ""}
            header = (
                (exported / f"{path.name.split('.')[0]}.csv").open().readline().strip().split(",")
            )
            schema["foreignKeys"] = [
                key
                for key in schema.get("foreignKeys", [])
                if key["fields"] in header and key["reference"]["resource"] in there
            ]
            name = path.name.split(".")[0]
            resources.append(
                Resource(
                    name=name,
                    path=f"{name}.csv",
                    schema=Schema.from_descriptor(schema),
                    detector=Detector(schema_sync=True),
                )
            )
        report = Package(resources=resources, basepath=str(exported)).validate()
    assert [task.name for task in report.tasks] == [
        "config", "geometry", "link", "node", "use_definition", "use_group"
    ]  # fmt: skip
    assert report.valid, report.flatten(["name", "rowNumber", "note"])[:5]


def test_gmnspy_reads_it_without_an_error(exported: Path, caplog: pytest.LogCaptureFixture) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from gmnspy.in_out import read_gmns_network

        with caplog.at_level(logging.ERROR):
            tables = read_gmns_network(str(exported), raise_error=True)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert {"node", "link", "geometry", "use_definition", "use_group"} <= tables.keys()


@pytest.mark.parametrize(
    ("unit", "km"),
    [("km", 1), ("Mile", KM_PER_MILE), ("m", 0.001), ("feet", 0.0003048), ("foot", 0.0003048)],
)
def test_lengths_are_turned_by_the_declared_unit(unit: str, km: float, tmp_path: Path) -> None:
    config = CONFIG.format(unit, "mph", "4326")
    folder = theirs(tmp_path, f"10,1,2,1,{112 / km!r},50,,auto,,\n", config)
    link = sco.Network.read(folder).links.row("10")
    assert link["length_km"] == pytest.approx(112)
    assert link["free_speed_km_h"] == pytest.approx(50 * KM_PER_MILE)
    assert link["directed"] is True


@pytest.mark.parametrize(("unit", "speed"), [("kph", 50), ("m/s", 180), ("", 50 * KM_PER_MILE)])
def test_speeds_are_turned_by_the_declared_unit_else_that_of_lengths(
    unit: str, speed: float, tmp_path: Path
) -> None:
    folder = theirs(tmp_path, "10,1,2,0,70,50,,,,\n", CONFIG.format("mi", unit, ""))
    assert sco.Network.read(folder).links.row("10")["free_speed_km_h"] == pytest.approx(speed)


def test_modes_follow_from_uses_groups_and_facilities(tmp_path: Path) -> None:
    links = (
        'a,1,2,1,70,,,"TRUCK, BIKE",,\n'
        "b,2,1,1,70,,freeway,goods,,\n"  # a group of use_group.csv
        "c,1,2,0,70,,railway,,,\n"
        "d,1,2,0,70,,,ferry,,\n"
        "e,1,2,0,70,,something,,,\n"
        'f,1,2,0,70,,trunk,"walk,bike",,\n'
        "g,1,1,0,70,,trunk,auto,,\n"
    )
    folder = theirs(tmp_path, links, use_group="use_group,uses\ngoods,rail\n")
    notes: list[str] = []
    network = sco.Network.read(folder, note=notes.append)
    modes = dict(zip(network.links.ids, network.links["mode"], strict=True))
    assert modes == {"a": "road", "b": "rail", "c": "rail", "d": "sea", "e": "road"}
    assert notes == [
        "Nodes of types that the model does not have (external) are junctions",
        "2 links are left out: for walking or cycling only, or ending where they begin",
        "1 links are taken as road: allowed_uses and facility_type do not tell",
        "Left out of nodes, as the model has no such columns: zone_id",
        "Left out of links, as the model has no such columns: lanes",
    ]


def test_a_missing_length_is_measured_along_the_geometry(tmp_path: Path) -> None:
    links = '10,1,3,0,,,,,,"LINESTRING (0 0, 1 0, 1 1)"\n'
    network = sco.Network.read(theirs(tmp_path, links))
    assert network.links.row("10")["length_km"] == pytest.approx(2 * 111.195, rel=1e-5)
    assert network.geometry["10"].tolist() == [[0, 0], [1, 0], [1, 1]]
    found = refused(theirs(tmp_path, "10,1,3,0,NaN,,,,,\n"))
    assert "1 links have neither length nor geometry: '10'" in found


def test_projected_coordinates_and_a_table_of_geometry(tmp_path: Path) -> None:
    node = "node_id,x_coord,y_coord\n1,500000,0\n2,500000,110682.8\n"
    link = "link_id,from_node_id,to_node_id,directed,dir_flag,geometry_id\n7,1,2,true,-1,g\n"
    geometry = 'geometry_id,geometry\ng,"LINESTRING (500000 110682.8, 500000 50000, 500000 0)"\n'
    config = CONFIG.format("", "", "32642")
    network = sco.Network.read(
        theirs(tmp_path, "", config, node=node, link=link, geometry=geometry)
    )
    np.testing.assert_allclose(network.coordinates, [[69, 0], [69, 1.0014]], atol=1e-3)
    assert network.geometry["7"][0] == pytest.approx([69, 0], abs=1e-6)  # from from_node_id on
    assert network.links.row("7")["length_km"] == pytest.approx(111.3, abs=0.2)


def test_units_that_are_not_declared_are_asked_for(tmp_path: Path) -> None:
    found = refused(theirs(tmp_path, "10,1,2,0,70,50,,,,\n", "dataset_name\nx\n"))
    assert "no unit is declared for the column 'length' of link.csv" in found
    assert "Write long_length into config.csv, one of km, m, mi, ft" in found
    found = refused(theirs(tmp_path, "10,1,2,0,70,50,,,,\n", CONFIG.format("mls", "knots", "Mars")))
    assert "unknown unit 'mls' in long_length" in found
    assert "unknown unit 'knots' in speed" in found
    assert "the coordinate system 'Mars' is unknown in crs" in found


def test_a_unit_that_cannot_be_right_is_refused(tmp_path: Path) -> None:
    """The published examples declare miles and give feet."""
    found = refused(theirs(tmp_path, "10,1,2,0,370000,,,,,\n"))
    assert "config.csv: in mi, links would be 5,355 times as long as the straight lines" in found
    assert "The lengths look like ft" in found


def test_missing_files_and_columns_are_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "node.csv").write_text("node_id,x\n1,0\n")
    found = refused(tmp_path)
    assert "link.csv is missing" in found
    assert "the column 'x_coord' is missing" in found
    assert "the column 'y_coord' is missing" in found


def test_bad_rows_are_named_by_their_lines(tmp_path: Path) -> None:
    links = '10,1,2,maybe,70,fast,,,,\n11,1,4,0,70,,,,,"POINT (0 0)"\n'
    found = refused(theirs(tmp_path, links))
    assert "link.csv:3: the geometry is a Point, not one line" in found
    found = refused(theirs(tmp_path, links.replace("POINT (0 0)", "")))
    assert "link.csv:2: 'fast' is not a number in free_speed_km_h" in found
    assert "link.csv:2:" in found
    assert "link.csv:3: unknown node '4' in to_node_id" in found


def test_speeds_beyond_the_specification_stand_in_a_column_of_ours(
    small: sco.Network, tmp_path: Path
) -> None:
    frames = small.to_frames()
    frames["links"]["free_speed_km_h"] = [350.0, 50, 50, 50, float("nan")]
    network = sco.Network.from_frames(**frames)
    network.write(tmp_path / "out")
    rows = (tmp_path / "out/link.csv").read_text().splitlines()
    header = rows[0].split(",")
    first = dict(zip(header, rows[1].split(","), strict=True))
    assert (first["free_speed"], first["free_speed_km_h"]) == ("", "350")
    assert sco.Network.read(tmp_path / "out").hash == network.hash


def test_from_the_command_line_and_back(study: Path) -> None:
    out = sco_network(
        "export", "gmns", "--out", "out", "--scenario", "short-cut", "--json", cwd=study
    )
    assert out.returncode == 0, out.stderr
    assert json.loads(out.stdout)["links"] == 6
    back = sco_network("import", "gmns", "out", "--out", "new/data", cwd=study)
    assert back.returncode == 0, back.stderr
    assert "Next: sco-network validate new/data" in back.stderr
    proposal = sco.Scenario.load(study / "scenarios/short-cut.yaml")
    with_it = sco.Network.load(study / "data").with_scenarios(proposal)
    assert sco.Network.load(study / "new/data").hash == with_it.hash
