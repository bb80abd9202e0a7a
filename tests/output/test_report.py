"""One page, complete in itself, safe and readable by everyone; with the numbers of the tables."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from pages import Page, digest
from worlds import sco_network, small_results, write_study

import sco_network as sco
from sco_network.analysis.essentials import claim_tables
from sco_network.output.ground import GROUND, ground_for
from sco_network.output.report import write_report
from sco_network.output.report.study import Study
from sco_network.output.report.words import figure, percent, signed
from sco_network.output.report.write import SHOWN_IN_DEPTH, report_html

ROOT = Path(__file__).parents[2]
NASTY = '<script>window.hurt = 1</script><img src=x onerror="window.hurt = 2">&"quoted"'
NASTY_SCENARIO = f"""scenario: nasty
title: '{NASTY}'
kind: rail
sources: [survey]
notes: '{NASTY}'
add:
  nodes:
    - {{node_id: f, name: '{NASTY}', country: BBB, x_coord: 64.5, y_coord: 40.5, node_type: city}}
  links:
    - {{link_id: be, name: '</script>{NASTY}', from_node_id: b, to_node_id: e, mode: rail,
       gauge_mm: 1520, length_km: 260, free_speed_km_h: 52}}
    - {{link_id: ef, from_node_id: e, to_node_id: f, mode: road, length_km: 80}}
  crossings:
    - {{crossing_id: be-rail, from_node_id: b, to_node_id: e, mode: rail, wait_h: 3, fee_usd: 10}}
claims:
  - {{text: '{NASTY}', from: a, to: e, by: time, after: 12, unit: h, source_id: survey}}
"""
NASTY_SOURCES = """source_id,title,publisher,year,url,licence
survey,"<b onclick=alert(1)>A survey</b>","Émile & Σία",2025,javascript:alert(1),CC0
"""
SCRIPTS = """node_id,name,country,x_coord,y_coord,node_type,population,other_names,source_id,confidence,notes
a,Ташкент,AAA,60.0,40.0,city,1000000,,survey,A,
b,كابول,AAA,61.0,40.0,city,500000,,survey,A,
c,喀什,AAA,62.0,40.0,border,,,survey,A,
d,Delta,BBB,62.1,40.0,border,,,survey,A,
e,ทะเลสาบ,BBB,64.0,40.0,city,2000000,,survey,A,
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of all scenarios of the small study."""
    return small_results(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="module")
def page(results: Path) -> Page:
    return Page.read(results / "report.html")


def written(study: Path, scenario: str) -> Page:
    net = sco.Network.load(study / "data")
    cmp = sco.compare(net, sco.Scenario.load(scenario, study / "scenarios"))
    return Page.read(cmp.report(study / "one.html"))


def test_the_page_asks_nobody_for_anything(page: Page) -> None:
    assert page.loads() == []
    (policy,) = (a for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    (script,) = page.texts["script"][1:]
    (style,) = page.texts["style"]
    assert policy["content"].startswith("default-src 'none'; ")
    assert f"script-src {digest(script)};" in policy["content"]
    assert f"style-src {digest(style)};" in policy["content"]
    assert "unsafe" not in policy["content"]
    assert [a for _, a in page.elements if "style" in a or any(k.startswith("on") for k in a)] == []


def test_a_page_can_be_read_aloud_and_walked_by_keyboard(page: Page) -> None:
    assert page.all("html") == [{"lang": "en"}]
    levels = [int(t[1]) for t, _ in page.elements if re.fullmatch("h[1-6]", t)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    assert len(page.ids) == len(set(page.ids))
    here = [a["href"][1:] for a in page.all("a") if a["href"].startswith("#")]
    assert set(here) <= set(page.ids)
    assert page.all("a")[0] == {"class": "skip", "href": "#main"}
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(a["scope"] in {"col", "row"} for a in page.all("th"))
    assert all(a.get("aria-label") or a.get("aria-hidden") for a in page.all("svg"))
    assert all(a["tabindex"] == "0" for a in page.all("div") if "scroll" in a.get("class", ""))


def test_a_table_on_the_page_is_the_table_in_the_folder(results: Path) -> None:
    html = (results / "report.html").read_text(encoding="utf-8")
    summary = pd.read_csv(results / "summary.csv")
    body = re.search(r'<table id="summary".*?</table>', html, re.DOTALL)
    assert body
    for column in ("improved", "worse", "efficiency_percent", "market_access_percent"):
        for value in summary[column]:
            assert f'data-value="{value:.8g}"' in body[0]
    assert all(title in body[0] for title in summary["title"])


def test_every_question_has_its_section(page: Page, results: Path) -> None:
    sections = {"findings", "map", "glance", "claims", "waits", "ranking", "survival", "people"}
    sections |= {"timeline", "chapters", "quality", "methods", "sources"}
    assert sections <= set(page.ids)
    assert not (results / "flows.csv").exists()
    assert "flows" not in page.ids
    assert {"p-faster-border", "p-short-cut", "p-road-closed"} <= set(page.ids)
    said = " ".join(page.texts["li"])
    assert "Of 3 scenarios compared with the network of 2026 by time" in said


def test_version_data_and_year_are_named(page: Page, results: Path) -> None:
    record = json.loads((results / "run.json").read_text(encoding="utf-8"))
    facts = " ".join(page.texts["dd"])
    assert f"sco_network {record['package']}" in facts
    assert record["data"] in facts
    assert "2026" in facts
    assert "2025" in facts  # the newest source


def test_what_a_file_says_comes_out_as_text(tmp_path: Path) -> None:
    study = write_study(tmp_path, sources=NASTY_SOURCES)
    (study / "scenarios" / "nasty.yaml").write_text(NASTY_SCENARIO, encoding="utf-8")
    net, nasty = sco.Network.load(study / "data"), sco.Scenario.load("nasty", study / "scenarios")
    plain = Study.of_comparisons([sco.compare(net, nasty)])
    claimed = replace(plain, tables={**plain.tables, **claim_tables(net, [nasty], "time")})
    page = Page()
    page.feed(report_html(claimed, NASTY, GROUND))
    assert len(page.all("script")) == 2
    assert page.all("img", "b") == []
    for place in ("title", "h1", "h3", "p", "th"):
        assert any(NASTY in text for text in page.texts[place]), place
    data = json.loads(page.texts["script"][0])
    (made,) = data["proposals"]
    assert NASTY in made["names"]
    assert any(f"</script>{NASTY}" in record for _, record in made["new"])
    assert not [a for a in page.all("a") if a["href"].startswith("javascript")]
    assert "javascript:alert(1)" in " ".join(page.texts["li"] + page.texts["code"])


def test_names_in_any_script(tmp_path: Path) -> None:
    page = written(write_study(tmp_path, nodes=SCRIPTS), "short-cut")
    words = " ".join(page.texts["text"])
    assert "Ташкент" in words
    assert "ทะเลสาบ" in words
    assert json.loads(page.texts["script"][0])["names"][2] == "喀什"


def test_a_comparison_has_the_sections_that_it_knows(study: Path) -> None:
    page = written(study, "road-closed")
    assert {"findings", "map", "glance", "chapters", "methods", "sources"} <= set(page.ids)
    assert not {"claims", "ranking", "survival", "people", "timeline"} & set(page.ids)
    assert page.texts["h1"] == ["The highway border is shut"]
    assert page.loads() == []


def test_a_proposal_that_changes_nothing(study: Path) -> None:
    same = study / "scenarios" / "same.yaml"
    same.write_text(
        "scenario: same\nsources: [survey]\n"
        "change: {crossings: [{where: {crossing_id: cd-rail}, fee_usd: {set: 31}}]}\n"
    )
    page = written(study, "same")
    said = " ".join(page.texts["li"] + page.texts["strong"])
    assert "changes no journey" in said
    assert "By time none of 6 pairs of places changes." in said


def test_several_scenarios_together_are_one_proposal(study: Path) -> None:
    net = sco.Network.load(study / "data")
    both = [sco.Scenario.load(n, study / "scenarios") for n in ("short-cut", "faster-border")]
    page = Page.read(sco.compare(net, both).report(study / "both.html"))
    assert page.texts["h1"] == ["A direct railway + A faster border"]
    assert "p-short-cut-faster-border" in page.ids


def test_a_network_without_courses_sources_or_a_place_in_eurasia(tmp_path: Path) -> None:
    nodes = pd.DataFrame(
        {
            "node_id": ["nyc", "chi", "lax"],
            "x_coord": [-74.0, -87.6, -118.2],
            "y_coord": [40.7, 41.9, 34.1],
            "population": [8e6, 3e6, 4e6],
            "node_type": "city",
        }
    )
    links = pd.DataFrame(
        {
            "link_id": ["east", "west"],
            "from_node_id": ["nyc", "chi"],
            "to_node_id": ["chi", "lax"],
            "mode": "road",
            "length_km": [1270, 3240],
        }
    )
    change = {"links": [{"where": {"link_id": "west"}, "length_km": {"scale": 0.9}}]}
    proposal = sco.Scenario.from_dict({"scenario": "straight", "change": change})
    page = Page.read(
        sco.compare(sco.Network.from_frames(nodes, links), proposal).report(tmp_path / "us.html")
    )
    assert {"chi", "lax"} <= set(page.texts["text"])
    drawn = [a["d"] for a in page.all("path") if a.get("data-i")]
    assert len(drawn) == 2


def test_railways_of_no_stated_gauge_are_drawn_once(tmp_path: Path) -> None:
    nodes = pd.DataFrame(
        {"node_id": ["p", "q", "r"], "x_coord": [70.0, 71.0, 72.0], "y_coord": [40.0] * 3}
    )
    links = pd.DataFrame(
        {
            "link_id": ["pq", "qr"],
            "from_node_id": ["p", "q"],
            "to_node_id": ["q", "r"],
            "mode": "rail",
            "length_km": 90.0,
            "status": ["operating", "suspended"],
        }
    )
    change = {"links": [{"where": {"link_id": "pq"}, "length_km": {"set": 88}}]}
    proposal = sco.Scenario.from_dict({"scenario": "straight", "change": change})
    net = sco.Network.from_frames(nodes, links)
    page = Page.read(sco.compare(net, proposal, terminals=["p", "q", "r"]).report(tmp_path / "p"))
    assert sorted(a["data-i"] for a in page.all("path") if "data-i" in a) == ["0", "1"]
    assert len([a for a in page.all("path") if a.get("class") == "rail"]) == 3  # two are legends


def test_maps_without_a_base_map(study: Path) -> None:
    net = sco.Network.load(study / "data")
    cmp = sco.compare(net, sco.Scenario.load("short-cut", study / "scenarios"))
    page = Page()
    page.feed(report_html(Study.of_comparisons([cmp]), "Bare", ground_for(net, "none")))
    assert not [a for a in page.all("path") if a.get("class") == "country"]
    assert "Natural Earth" not in " ".join(page.texts["figcaption"])


def test_many_proposals_make_no_endless_page(study: Path) -> None:
    net = sco.Network.load(study / "data")
    many = [
        sco.Scenario.from_dict(
            {
                "scenario": f"wait-{hours}",
                "change": {
                    "crossings": [{"where": {"crossing_id": "cd-rail"}, "wait_h": {"set": hours}}]
                },
            }
        )
        for hours in range(30, 100)
    ]
    path = write_report([sco.compare(net, s) for s in many], study / "many.html")
    page = Page.read(path)
    assert len([a for a in page.all("svg") if a.get("class") == "sketch"]) == SHOWN_IN_DEPTH
    assert {f"p-wait-{hours}" for hours in range(30, 100)} <= set(page.ids)


def test_the_report_is_small(base: sco.Network, tmp_path: Path) -> None:
    cmp = sco.compare(base, sco.Scenario.load("sco-bri-cpec"))
    assert cmp.report(tmp_path / "one.html").stat().st_size < 2_000_000


@pytest.mark.slow
def test_all_packaged_scenarios_fit_into_a_mail(tmp_path: Path) -> None:
    done = sco_network("run", "--out", str(tmp_path / "all"), cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "all" / "report.html").stat().st_size < 8_000_000


def test_figures_have_the_digits_that_matter() -> None:
    assert [figure(v) for v in (1234.5, 99.96, 0.999)] == ["1,234", "100", "1.0"]
    assert percent(-0.0004) == "0.00040 %"
    assert [signed(v) for v in (-3.0, 0.0, float("inf"))] == ["−3.0", "0", "no route"]
