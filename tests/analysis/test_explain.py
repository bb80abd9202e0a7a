"""What a figure rests on, and the model beside published figures."""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds import write_study

import sco_network as sco
from sco_network.analysis.benchmarks import run_benchmarks
from sco_network.analysis.explain import explain_changes, explain_route, share_by_confidence


def test_a_route_rests_on_links_border_transfer_and_source(small: sco.Network) -> None:
    route = small.route("a", "e", modes=["rail"])
    evidence = {(e.table, e.row_id): e for e in explain_route(route)}
    assert {t for t, _ in evidence} == {"links", "crossings", "transfers"}
    assert evidence["crossings", "cd-rail"].says == "border 20 h, 30 USD"
    assert evidence["transfers", "d-gauge"].says.endswith("10 h")
    assert {e.source_id for e in evidence.values()} == {"survey"}
    assert evidence["links", "ab"].url == "https://example.org"


def test_an_assumed_speed_is_named(tmp_path: Path) -> None:
    from worlds import LINKS

    links = LINKS.replace("false,rail,main,200,50,", "false,rail,main,200,,")
    network = sco.Network.load(write_study(tmp_path, links=links) / "data")
    evidence = {e.row_id for e in explain_route(network.route("d", "e", modes=["rail"]))}
    assert evidence == {"de", "speed.rail", "cost.rail", "duty.rail"}


def test_shares_are_of_kilometres(tmp_path: Path) -> None:
    from worlds import LINKS

    links = LINKS.replace(
        "de,South line,d,e,false,rail,main,200,50,1676,,,,,operating,,survey,A",
        "de,South line,d,e,false,rail,main,200,50,1676,,,,,operating,,survey,C",
    )
    network = sco.Network.load(write_study(tmp_path, links=links) / "data")
    # 100 + 100 + 10 km are A, 200 km are C
    assert share_by_confidence(network, ["ab", "bc", "cd", "de"]) == pytest.approx(
        {"A": 100 * 210 / 410, "C": 100 * 200 / 410}
    )


def test_a_scenario_shows_its_changes_and_their_lines(study: Path) -> None:
    scenario = sco.Scenario.load("faster-border", study / "scenarios")
    (evidence,) = explain_changes(sco.Network.load(study / "data").with_scenarios(scenario))
    assert evidence.row_id == "cd-rail"
    assert evidence.says.startswith("changes: wait_h = 2 (")
    assert "faster-border.yaml:9" in evidence.says


def test_benchmarks_compare_with_published_figures(study: Path) -> None:
    (study / "data/benchmarks.csv").write_text(
        "benchmark_id,from_node_id,to_node_id,via,modes,by,published_value,unit,source_id,confidence,notes\n"
        "one,a,e,,rail,length,400,km,survey,B,\n"
        "two,a,e,,road,length,390,km,survey,B,\n"
        "old,a,b,,rail,length,50,km,survey,B,KNOWN WRONG: a misprint\n"
        "none,a,c,,road,length,300,km,survey,B,\n"
    )
    found = run_benchmarks(sco.Network.load(study / "data"))
    table = found.table.set_index("benchmark")
    assert table.loc["one", "error_percent"] == pytest.approx(2.5)
    assert table.loc["two", "error_percent"] == 0
    everything = found.errors["length"]
    assert (everything["figures"], everything["unreachable"]) == (4, 1)
    assert everything["median_percent"] == pytest.approx(2.5)
    sound = found.errors["length, without those known to be wrong"]
    assert sound["median_percent"] == pytest.approx(1.25)
