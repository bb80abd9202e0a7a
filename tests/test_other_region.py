"""A study of another region works with nothing but its own folder.

`east_africa/` holds 15 real places of Kenya, Uganda, Rwanda and Tanzania with published lengths;
its sources.csv names the pages. The hours and rates are round estimates.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from worlds import sco_network

import sco_network as sco
from sco_network.analysis.benchmarks import run_benchmarks
from sco_network.analysis.explain import explain_route
from sco_network.analysis.sea import deep_sea_ports
from sco_network.analysis.validate import validate_paths
from sco_network.model.scaffold import Connection, new_scenario
from sco_network.output.ground import EURASIA, ground_for
from sco_network.output.people_maps import draw_people

REGION = Path(__file__).parent / "east_africa"


@pytest.fixture(scope="module")
def region() -> sco.Network:
    return sco.Network.load(REGION / "data")


@pytest.fixture(scope="module")
def proposals() -> dict[str, sco.Scenario]:
    return {s.id: s for s in sco.scenarios(REGION / "scenarios")}


@pytest.fixture
def own_study(tmp_path: Path) -> Path:
    return Path(shutil.copytree(REGION, tmp_path / "east_africa"))


def test_nothing_is_wrong_with_it() -> None:
    folders = str(REGION / "data"), str(REGION / "scenarios")
    assert [str(p) for p in validate_paths([], *folders)] == []


def test_published_lengths_come_out(region: sco.Network) -> None:
    table = run_benchmarks(region).table
    assert len(table) == 2
    assert table["error_percent"].abs().max() < 0.5


def test_a_route_over_two_borders(region: sco.Network) -> None:
    route = region.route("Mombasa", "Kigali", modes=["road"])
    km = 482 + 438 + 2 + 232 + 127 + 138 + 125 + 76
    assert route.length_km == km
    assert route.time_h == pytest.approx(km / 50 / 0.5 + 2 * 12)  # half the day under way
    assert {"aaroads-a109", "wikipedia-malaba-kenya"} <= {leg.source_id for leg in route.legs}
    cited = {e.source_id for e in explain_route(route)}
    assert {"aaroads-a109", "wikipedia-mbarara-katuna", "estimate"} <= cited


def test_a_railway_is_compared_ranked_and_held_against_its_promise(
    region: sco.Network, proposals: dict[str, sco.Scenario]
) -> None:
    sgr, border = proposals["sgr-to-kampala"], proposals["malaba-faster"]
    routes = sco.compare(region, sgr).routes.set_index(["from", "to"])
    best = routes.loc[("mombasa", "kampala")]
    assert best["baseline"] == pytest.approx((482 + 438 + 2 + 232) / 50 / 0.5 + 12)  # by road
    assert best["scenario"] == pytest.approx((472 + 120 + 475 + 2 + 272) / 60 + 12)
    found = sco.rank(region, [sgr, border], jobs=1)
    assert found.table["shapley"].sum() == pytest.approx(found.total)
    assert set(found.table["scenario"]) == {"sgr-to-kampala", "malaba-faster"}
    assert found.network.base_year == 2025
    assert sco.claims(region, [sgr]).table["verdict"].tolist() == ["does not hold"]


def test_ports_are_by_the_sea_where_no_ship_is_in_the_data(region: sco.Network) -> None:
    assert deep_sea_ports(region) == ("dar-es-salaam", "mombasa")


@pytest.mark.parametrize("basemap", [None, "none"])
def test_its_maps_show_its_own_land_and_year(
    region: sco.Network, proposals: dict[str, sco.Scenario], basemap: str | None
) -> None:
    ax = sco.compare(region, proposals["malaba-closed"]).plot_map(basemap=basemap)
    words = " ".join(t.get_text() for t in (*ax.texts, *ax.figure.artists))
    assert all(name in words for name in ("Nairobi", "KENYA", "UGANDA", "base year 2025"))
    assert ("Natural Earth" in words) == (basemap is None)
    assert not [name for name in ("RUSSIA", "CHINA", "SCO region", "2026") if name in words]
    low, high = ax.get_xlim()
    x = ground_for(region).project(region.coordinates)[:, 0]
    assert ((x > low) & (x < high)).all()
    assert 1000 < high - low < 2500  # km


@pytest.mark.parametrize(
    ("lon", "lat"), [(36.8, -1.3), (4.4, 50.8), (139.7, 35.7), (69.2, 41.3), (-58.4, -34.6)]
)
def test_north_is_up_wherever_a_study_lies(lon: float, lat: float) -> None:
    spread = np.linspace(-1, 1, 5)
    nodes = pd.DataFrame(
        {"node_id": list("abcde"), "x_coord": lon + spread, "y_coord": lat + spread}
    )
    links = pd.DataFrame({"link_id": ["l"], "from_node_id": ["a"], "to_node_id": ["b"]})
    network = sco.Network.from_frames(nodes, links.assign(mode="road", length_km=100))
    ground = ground_for(network)
    here, north = ground.project(np.array([[lon, lat], [lon, lat + 0.1]]))
    lean = np.degrees(np.arctan2(*(north - here)))
    assert abs(lean) < 20
    assert (ground.projection == EURASIA) == (lon == 69.2)


def test_a_new_line_of_the_region_is_estimated_with_its_own_detours(
    region: sco.Network, own_study: Path
) -> None:
    path = own_study / "scenarios/dodoma-kigali.yaml"
    path.write_text(
        new_scenario(region, "dodoma-kigali", joins=Connection("Dodoma", "Kigali", "rail"))
    )
    assert validate_paths([path], str(own_study / "data")) == []
    added = sco.Scenario.load(path).content.add
    assert added.links[0]["gauge_mm"] == 1435
    assert [row["crossing_id"] for row in added.crossings] == ["dodoma-kigali-border"]


def test_the_command_line_knows_this_region_alone(own_study: Path) -> None:
    listed = json.loads(sco_network("list", "--json", cwd=own_study).stdout)
    assert {s["scenario"] for s in listed} == {"sgr-to-kampala", "malaba-faster", "malaba-closed"}
    done = sco_network("run", "sgr-to-kampala", cwd=own_study)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    for name in ("base-network", "sgr-to-kampala-map", "sgr-to-kampala-access"):
        assert (own_study / f"results/figures/{name}.png").stat().st_size > 10_000
    page = (own_study / "results/report.html").read_text(encoding="utf-8")
    assert "Connectivity proposals, before and after" in page
    assert "the network of 2025" in page
    assert "Kampala" in page
    assert "SCO region" not in page
    assert "of the SCO" not in page


def test_the_map_of_people_is_in_the_regions_own_projection(
    region: sco.Network, proposals: dict[str, sco.Scenario]
) -> None:
    figure = draw_people([sco.people(region, proposals["sgr-to-kampala"])]).figure
    assert "base year 2025" in " ".join(t.get_text() for t in figure.artists)
    kampala = region.coordinates[[region.nodes.index["kampala"]]]
    spots = np.vstack([c.get_offsets() for a in figure.axes for c in a.collections])
    assert np.hypot(*(spots - ground_for(region).project(kampala)).T).min() < 1  # km
