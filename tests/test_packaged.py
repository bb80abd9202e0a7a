"""What the packaged data and scenarios promise."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from worlds import python

import sco_network as sco
from sco_network.analysis.benchmarks import run_benchmarks
from sco_network.analysis.validate import validate_paths
from sco_network.model.schema import data_package

ROOT = Path(__file__).parents[1]
MEMBERS = {"CHN", "RUS", "KAZ", "KGZ", "TJK", "UZB", "IND", "PAK", "IRN", "BLR"}
TRANSIT = {"AFG", "TKM", "MNG", "AZE", "GEO", "ARM", "TUR"}
NAMED = {
    "uap-railway", "tapi-pipeline", "wakhan-corridor", "container-corridors", "port-pool",
    "integrated-railways", "cku-railway", "sco-bri-cpec", "kandahar-railway",
    "five-nations-railway", "khaf-herat-mazar", "rasht-astara", "chabahar-zahedan", "ml1-upgrade",
    "quetta-taftan", "gwadar-rail", "iran-pakistan-pipeline", "central-asia-china-line-d",
    "power-of-siberia-2", "middle-corridor", "kkh-realignment", "qtta-facilitation", "zangezur",
    "khunjerab-railway", "bandar-abbas-upgrade", "payment-mechanism", "afghan-transit-closed",
    "torkham-chaman-closed", "hormuz-closed", "malacca-closed",
}  # fmt: skip


def test_nothing_is_wrong_with_the_packaged_files() -> None:
    problems = validate_paths([], str(ROOT / "data"), str(ROOT / "scenarios"))
    assert [str(p) for p in problems] == []


def test_the_network_is_as_large_as_promised(base: sco.Network) -> None:
    modes = Counter(base.links["mode"].tolist())
    assert len(base.nodes) >= 520
    assert len(base.links) >= 1200
    assert modes["rail"] >= 200
    assert modes["road"] >= 170
    assert modes["gas"] + modes["oil"] >= 25
    assert modes["sea"] >= 15
    assert len(base.crossings) >= 45
    assert len(base.transfers) >= 40
    countries = set(base.nodes["country"].tolist())
    assert countries >= MEMBERS | TRANSIT


def test_closed_borders_are_closed_and_say_so(base: sco.Network) -> None:
    shut = [c for c in base.crossings if c["status"] == "closed"]
    assert {("attari", "wagah")} & {
        tuple(sorted((c["from_node_id"], c["to_node_id"]))) for c in shut
    }
    assert all(c["notes"] for c in shut)
    assert not base.route(
        "Amritsar", "Lahore", modes=["rail"], avoid=["CHN", "IRN", "AFG"]
    ).reachable


def test_kilometres_rest_on_published_figures(base: sco.Network) -> None:
    km: Counter[str] = Counter()
    for link in base.links:
        if link["mode"] in {"rail", "road"}:
            km[link["confidence"]] += link["length_km"]
    total = sum(km.values())
    assert (km["A"] + km["B"]) / total >= 0.60
    assert km["D"] / total <= 0.15


def test_most_links_have_a_course(base: sco.Network) -> None:
    assert len(base.geometry) / len(base.links) >= 0.90


def test_crossings_are_named_in_one_style_and_told_apart(base: sco.Network) -> None:
    names = [c["name"] for c in base.crossings if c["mode"] in {"rail", "road", "sea"}]
    one_place = {"Talimarjan", "Torkham", "Ghulam Khan", "Angoor Adda"}
    assert [n for n in names if " – " not in n and n not in one_place] == []
    assert [n for n in names if re.search(r" - |\S–|–\S", n)] == []
    assert [n for n, count in Counter(names).items() if count > 1] == []


def test_capitals_are_places_with_routes_between_them(base: sco.Network) -> None:
    capitals = [
        "Beijing", "Moscow", "Astana", "Bishkek", "Dushanbe", "Tashkent", "Delhi", "Islamabad",
        "Tehran", "Minsk", "Kabul", "Ashgabat", "Ulaanbaatar", "Baku", "Tbilisi", "Yerevan", "Ankara",
    ]  # fmt: skip
    ids = [base.find(name) for name in capitals]
    matrix = base.skim(by="time", terminals=ids, modes=["rail", "road", "sea"]).matrix
    assert matrix.max() < 40 * 24


@pytest.fixture(scope="module")
def benchmarks(base: sco.Network) -> object:
    return run_benchmarks(base)


def test_published_lengths_come_out(benchmarks) -> None:
    assert len(benchmarks.table) >= 120
    everything = benchmarks.errors["length"]
    assert everything["unreachable"] == 0
    assert everything["median_percent"] <= 1.0
    sound = benchmarks.errors["length, without those known to be wrong"]
    assert sound["within_5_percent"] >= 95


@pytest.mark.parametrize(
    ("origin", "destination", "via", "published"),
    [
        # golden distances, by rail
        ("Rohri", "Chaman", (), 523),
        ("Karachi", "Peshawar", ("Khanewal", "Lahore"), 1687),
        ("Istanbul", "Ankara", (), 577),
        ("Tehran", "Mashhad", (), 926),
        ("Lanzhou", "Urumqi", (), 1904),
        ("Naushki", "Zamyn-Uud", (), 1113),
        ("Turkmenbashi", "Turkmenabat", (), 1171),
        ("Harbin", "Manzhouli", (), 935),
        ("Almaty", "Arys", (), 823),
    ],
)
def test_golden_distances(
    base: sco.Network, origin: str, destination: str, via: tuple[str, ...], published: float
) -> None:
    route = base.route(origin, destination, by="length", modes=["rail"], via=via)
    assert route.length_km == pytest.approx(published, rel=0.02)


@pytest.fixture(scope="module")
def proposals() -> list[sco.Scenario]:
    return sco.scenarios(ROOT / "scenarios")


def test_all_named_proposals_are_there(proposals: list[sco.Scenario]) -> None:
    assert {s.id for s in proposals} >= NAMED


def test_every_proposal_is_sourced_and_makes_a_claim(proposals: list[sco.Scenario]) -> None:
    for scenario in proposals:
        content = scenario.content
        assert len(content.sources) >= 2, scenario.id
        assert content.notes, scenario.id
        assert content.claims, scenario.id


def test_rivals_name_each_other(proposals: list[sco.Scenario]) -> None:
    by_id = {s.id: s for s in proposals}
    for scenario in proposals:
        for rival in scenario.content.conflicts:
            assert scenario.id in by_id[rival].content.conflicts


def test_the_description_of_the_data_is_current() -> None:
    written = json.loads((ROOT / "data/datapackage.json").read_text(encoding="utf-8"))
    assert written == data_package()


@pytest.mark.parametrize("script", sorted((ROOT / "scenarios").glob("*.py")), ids=lambda p: p.stem)
def test_scenario_scripts_run(script: Path) -> None:
    done = python(str(script), cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) >= 5


def test_the_railway_through_afghanistan_shortens_the_way_to_the_sea(base: sco.Network) -> None:
    uap = sco.Scenario.load("uap-railway", ROOT / "scenarios")
    before = base.route("Tashkent", "Karachi", by="length", modes=["rail"])
    after = base.route("Tashkent", "Karachi", by="length", modes=["rail"], scenarios=[uap])
    assert after.length_km < before.length_km - 500
    assert "AFG" in after.countries
    assert {leg.layer for leg in after.legs} == {"rail-1520", "rail-1676"}
    assert (
        sum(
            leg.gauge_h
            for leg in base.route("Tashkent", "Karachi", modes=["rail"], scenarios=[uap]).legs
        )
        > 0
    )
