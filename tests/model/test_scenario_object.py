"""A scenario as an object, the folder it stands in, and what a set of them becomes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from cells import text_of
from test_network import refusal
from worlds import SHORT_CUT

import sco_network as sco
from sco_network.errors import Problems
from sco_network.model import folders
from sco_network.model.assumptions import Spread
from sco_network.model.authoring import to_yaml, written
from sco_network.model.library import find_scenario, names, read_all, read_required
from sco_network.model.resolving import edits_of, resolve, selected


def scenario(name: str, *members: sco.Scenario, **content: Any) -> sco.Scenario:
    return sco.Scenario.from_dict({"scenario": name, **content}, members)


def speed(value: Any, **where: Any) -> dict[str, Any]:
    return {"links": [{"where": where or {"link_id": "ab"}, "free_speed_km_h": value}]}


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(f"scenario: {name}\n{text}")
    return path


# ------------------------------------------------------------------ the object


def test_a_scenario_in_a_notebook() -> None:
    one = scenario("one", title="The one", kind="rail", status="in_planning", notes="Why & how",
                   add={"nodes": [{}, {}]}, change=speed({"set": 1}), close={"crossings": ["x"]})  # fmt: skip
    assert text_of(one._repr_html_()) == [
        "The one [one]", "rail, in planning", "entries", "adds", "nodes", "2", "changes", "links", "1",
        "closes", "crossings", "1", "Why &amp; how",
    ]  # fmt: skip
    assert text_of(scenario("both", one)._repr_html_()) == [
        "both [both]", "policy, under consideration", "entries", "includes", "one", "1",
    ]  # fmt: skip


def test_a_package_is_its_members_each_once() -> None:
    a, b = scenario("a"), scenario("b")
    inner = scenario("inner", a, b)
    outer = scenario("outer", inner, b)
    assert [s.id for s in outer.whole] == ["a", "b", "inner", "outer"]
    assert [s.id for s in selected([outer, inner, scenario("c")])] == [
        "a",
        "b",
        "c",
        "inner",
        "outer",
    ]
    assert re.fullmatch("[0-9a-f]{12}", outer.hash)
    assert outer.hash != scenario("outer", inner).hash or len(inner.whole) == 3
    assert scenario("p", a).hash != scenario("p", scenario("a", notes="!")).hash
    assert (a.title, a.file, a.line("scenario")) == ("a", "scenario 'a'", None)
    assert scenario("a", close={"links": ["x"]}).changes_nothing is False
    assert a.changes_nothing is True


def test_a_content_that_is_wrong() -> None:
    with pytest.raises(sco.InputError) as caught:
        sco.Scenario.from_dict({"titel": "x", "capex_musd": -1})
    assert {str(p) for p in caught.value.problems} == {
        "scenario '?': a value is required here in scenario. Fill it in",
        "scenario '?': unknown key 'titel' in titel. Did you mean 'title'?",
    }


def test_a_claim_knows_what_it_measures() -> None:
    def claim(**more: Any) -> Any:
        return scenario("s", claims=[{"text": "", "from": "a", "to": "b", **more}]).content.claims[
            0
        ]

    assert (claim().measured, claim().model_unit) == ("time", "h")
    assert claim(unit="USD", by="generalised").measured == "generalised"
    of_length = claim(unit="km", by="time", measure="length")
    assert (of_length.measured, of_length.model_unit) == ("length", "km")
    flow = claim(unit="bcm_y", after=3)
    assert (flow.measured, flow.model_unit) == ("flow", "bcm_y")
    assert claim(unit="%", change=-20).model_unit == "h"
    for wrong in ({"unit": "%", "before": 1}, {"unit": "%", "after": 1}, {"unit": "km"}):
        with pytest.raises(sco.InputError):
            claim(**wrong)


def test_a_file_is_read_with_what_it_includes(study: Path) -> None:
    folder = study / "scenarios"
    both = write(folder, "both", "includes: [short-cut, faster-border]\n")
    found = sco.Scenario.read(both)
    assert [m.id for m in found.members] == ["short-cut", "faster-border"]
    assert found.members[0].line("claims", 0, "before") == 15
    assert found.members[0].title == "A direct railway"
    assert found.file.endswith("scenarios/both.yaml")
    assert refusal(sco.Scenario.read, folder / "none.yaml") == [
        f"{folder}/none.yaml: the file does not exist."
    ]


def test_eight_scenarios_deep_and_no_deeper(study: Path) -> None:
    folder = study / "scenarios"
    for i in range(9):
        write(folder, f"p{i}", f"includes: [{f'p{i + 1}' if i < 8 else 'short-cut'}]\n")
    assert len(sco.Scenario.read(folder / "p1.yaml").whole) == 9
    (said,) = refusal(sco.Scenario.read, folder / "p0.yaml")
    assert said == f"{folder}/p8.yaml:2: the includes are nested too deeply in includes."


# ------------------------------------------------------------------ the folder


def test_scenarios_of_a_folder(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = study / "scenarios"
    assert names(folder) == ["faster-border", "road-closed", "short-cut"]
    assert [s.id for s in read_all(folder, sco.Scenario)] == names(folder)
    assert find_scenario("short-cut", folder) == folder / "short-cut.yaml"
    assert find_scenario(folder / "short-cut.yaml", study) == folder / "short-cut.yaml"
    monkeypatch.chdir(folder)
    assert find_scenario("short-cut.yaml", study) == Path("short-cut.yaml")
    (folder / "other.yml").write_text("scenario: other\n")
    assert find_scenario("other.yml", study) == Path("other.yml")
    assert refusal(find_scenario, "short-cutt", folder) == [
        "argument scenario: unknown scenario 'short-cutt'. Did you mean 'short-cut'?"
    ]
    assert refusal(find_scenario, "x/short-cutt.yaml", folder)[0].endswith(
        "Did you mean 'short-cut'?"
    )
    assert refusal(find_scenario, "qqq", folder) == [
        f"argument scenario: unknown scenario 'qqq'. See 'sco-network list'; looked in {folder}"
    ]
    for name in ("one", "two"):
        write(folder, name, "kind: rial\n")
    assert len(refusal(read_all, folder, sco.Scenario)) == 2


def test_companions_are_fetched_from_the_folder(study: Path) -> None:
    folder = study / "scenarios"
    write(folder, "one", "requires: [two, short-cut]\nclose: {links: [ab]}\n")
    write(folder, "two", "requires: [three, nowhere, short-cut]\nclose: {links: [bc]}\n")
    write(folder, "three", "requires: [one]\nclose: {links: [cd]}\n")
    one = sco.Scenario.load("one", folder)
    found = [s.id for s in read_required([one], folder, sco.Scenario)]
    assert sorted(found) == ["short-cut", "three", "two"]
    assert read_required([sco.Scenario.load("short-cut", folder)], folder, sco.Scenario) == []


def test_a_study_here_comes_before_the_packaged_one(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(study)
    assert folders.data_folder() == Path("data")
    assert folders.scenario_folder() == Path("scenarios")
    monkeypatch.chdir(tmp_path)
    assert (folders.data_folder() / "nodes.csv").exists()
    assert (folders.scenario_folder() / "uap-railway.yaml").exists()
    assert folders.data_folder("x") == folders.scenario_folder("x") == Path("x")
    assert folders.packaged("data") == folders.data_folder()
    inside = tmp_path / "house"
    (inside / "_packaged" / "data").mkdir(parents=True)
    monkeypatch.setattr(folders, "_PACKAGE", inside)
    assert folders.packaged("data") == inside / "_packaged" / "data"
    assert folders.packaged("scenarios") == tmp_path / "scenarios"


# ------------------------------------------------------------------ changes


def changes(network: sco.Network, *scenarios: sco.Scenario) -> Any:
    problems = Problems()
    found = resolve(scenarios, network.tables, problems)
    problems.raise_if_any()
    return found


def test_a_selection_by_any_column(small: sco.Network) -> None:
    def rows(**where: Any) -> list[str]:
        found = changes(small, scenario("s", change=speed({"set": 77}, **where)))
        return sorted(row for _, row, _ in found.settings)

    assert rows(mode="rail") == ["ab", "bc", "cd", "de"]
    assert rows(mode="rail", gauge_mm=1676) == ["de"]
    assert rows(gauge_mm=[1676, 1520]) == ["ab", "bc", "cd", "de"]
    assert rows(link_id=["de", "ab"]) == ["ab", "de"]
    assert rows(link_id=["de", "ab"], mode=["rail", "sea"], gauge_mm=1520) == ["ab"]
    assert rows(country="BBB") == ["ae", "cd", "de"]
    assert rows(country=["AAA", "BBB"], mode="road") == ["ae"]
    assert rows(directed=False, facility_type="trunk") == ["ae"]
    assert rows(length_km=100.00000000001) == ["ab", "bc"]
    nodes = scenario(
        "n", change={"nodes": [{"where": {"country": "BBB"}, "population": {"set": 1}}]}
    )
    assert sorted(row for _, row, _ in changes(small, nodes).settings) == ["d", "e"]
    swaps = scenario(
        "t", change={"transfers": [{"where": {"country": "BBB"}, "transfer_h": {"set": 1}}]}
    )
    assert sorted(row for _, row, _ in changes(small, swaps).settings) == ["d-gauge", "e-yard"]
    shut = scenario("c", close={"links": [{"where": {"country": "AAA", "mode": "rail"}}, "de"]})
    assert {k[1]: s.value for k, s in changes(small, shut).settings.items()} == dict.fromkeys(
        ["ab", "bc", "cd", "de"], "suspended"
    )


def test_values_set_scaled_and_uncertain(small: sco.Network) -> None:
    def value(edit: Any) -> tuple[Any, Spread | None]:
        ((_, setting),) = changes(small, scenario("s", change=speed(edit))).settings.items()
        return setting.value, setting.spread

    assert value({"set": 60}) == (60.0, None)
    assert value({"existing": 50.0000000001, "set": 60}) == (60.0, None)
    assert value({"scale": 1.5}) == (75.0, None)
    assert value({"scale": 0.5, "existing": 50}) == (25.0, None)
    assert value({"set": {"low": 55, "mode": 60, "high": 80}}) == (
        60.0,
        Spread(low=55, mode=60, high=80),
    )
    assert value({"scale": {"low": 1, "mode": 1.5, "high": 2}}) == (
        75.0,
        Spread(low=50, mode=75, high=100),
    )
    nothing = scenario(
        "s", change={"crossings": [{"where": {"crossing_id": "cd-rail"}, "wait_h": {"scale": 0}}]}
    )
    assert changes(small, nothing).settings["crossings", "cd-rail", "wait_h"].value == 0


def test_an_added_row_keeps_what_it_says_and_what_everyone_has(
    small: sco.Network, study: Path
) -> None:
    cut = sco.Scenario.load("short-cut", study / "scenarios")
    found = changes(small, cut)
    link = {column: s.value for (_, row, column), s in found.settings.items() if row == "be"}
    assert link == {
        "link_id": "be", "from_node_id": "b", "to_node_id": "e", "mode": "rail", "gauge_mm": 1520,
        "length_km": 260, "free_speed_km_h": 52, "directed": False, "status": "operating", "source_id": "survey",
    }  # fmt: skip
    assert found.added == {("links", "be"), ("crossings", "be-rail")}
    assert found.spreads == {("links", "be", "length_km"): Spread(low=255, mode=260, high=280)}
    assert (
        found.settings["links", "be", "length_km"].line
        == SHORT_CUT[: SHORT_CUT.index("length_km")].count("\n") + 1
    )
    assert (
        found.settings["links", "be", "status"].line
        == SHORT_CUT[: SHORT_CUT.index("link_id")].count("\n") + 1
    )
    assert found.borders == {(frozenset("be"), "rail"): "be-rail"}


def test_what_says_the_same_twice_goes_together(small: sco.Network) -> None:
    one, two = (scenario(n, sources=["survey"], change=speed({"set": 60})) for n in ("one", "two"))
    assert len(changes(small, one, two).settings) == 1
    wide = scenario("wide", change=speed({"set": {"low": 50, "mode": 60, "high": 70}}))
    said = refusal(small.with_scenarios, one, wide)
    assert said == [
        "scenario 'wide': 'wide' sets this to 60.0 but 'one' (scenario 'one') sets it to 60.0 in links.ab.free_speed_km_h. Keep one of them, or declare that the two scenarios conflict"
    ]
    notes = [
        scenario(n, change={"links": [{"where": {"link_id": "ab"}, "notes": {"set": n}}]})
        for n in ("x", "y")
    ]
    assert (
        changes(small, *notes).settings["links", "ab", "notes"].value == "x"
    )  # not a fact about the link


def test_companions_and_rivals(small: sco.Network) -> None:
    one = scenario("one", requires=["two", "three"], conflicts=["four"], change=speed({"set": 60}))
    four = scenario("four", close={"links": ["de"]})
    assert refusal(small.with_scenarios, one, four) == [
        "scenario 'one': 'one' requires 'two', which is not applied with it in requires[0]. Apply 'two' too",
        "scenario 'one': 'one' requires 'three', which is not applied with it in requires[1]. Apply 'three' too",
        "scenario 'one': 'one' conflicts with 'four' (scenario 'four') in conflicts[0]. Apply only one of them",
    ]


def test_places_of_companions_and_members_are_known(small: sco.Network) -> None:
    place = {"node_id": "phi", "country": "AAA", "x_coord": 60.5, "y_coord": 40}
    link = {
        "link_id": "n1",
        "from_node_id": "a",
        "to_node_id": "phi",
        "mode": "road",
        "length_km": 60,
    }
    first = scenario("first", add={"nodes": [place]})
    assert small.with_scenarios(scenario("x", add={"nodes": [place], "links": [link]})).nodes.row("phi") == {
        "node_id": "phi", "name": "", "country": "AAA", "x_coord": 60.5, "y_coord": 40, "node_type": "junction",
        "population": None, "other_names": "", "source_id": "", "confidence": "", "notes": "",
    }  # fmt: skip
    second = scenario("second", requires=["first"], add={"links": [link]})
    assert small.with_scenarios(first, second).route("a", "phi").length_km == 60
    package = scenario("package", first, includes=["first"], add={"links": [link]})
    assert small.with_scenarios(package).route("a", "phi").length_km == 60
    alone = scenario(
        "alone",
        add={"links": [link | {"to_node_id": "phii"}], "nodes": [place | {"node_id": "phiii"}]},
    )
    assert refusal(small.with_scenarios, alone) == [
        "scenario 'alone': unknown node 'phii' in add.links[0].to_node_id. Did you mean 'phiii'?"
    ]


def test_edits_that_change_nothing_can_be_asked_for(small: sco.Network) -> None:
    problems = Problems()
    same = scenario("same", change=speed({"set": 50}))
    found = edits_of(same, small.tables, problems)
    assert problems.found == []
    assert [s.value for s in found.settings.values()] == [50]
    assert found.added == frozenset()
    assert len(refusal(small.with_scenarios, same)) == 1


# ------------------------------------------------------------------ written down again


def test_a_written_file_by_hand(small: sco.Network, study: Path) -> None:
    more = scenario(
        "more",
        change={
            "links": [{"where": {"mode": "rail"}, "free_speed_km_h": {"set": 60}},
                      {"where": {"link_id": "ae"}, "length_km": {"set": {"low": 380, "mode": 391.5, "high": 400}}}],
            "crossings": [{"where": {"crossing_id": "cd-rail"}, "wait_h": {"set": 2}, "fee_usd": {"set": 0}}],
        },
        close={"transfers": ["a-yard"]},
    )  # fmt: skip
    cut = sco.Scenario.load("short-cut", study / "scenarios")
    text = to_yaml(
        written(
            changes(small, more, cut), {"scenario": "copy", "sources": ["survey"], "title": "no"}
        )
    )
    assert (
        text
        == """scenario: copy
sources: [survey]
title: 'no'
add:
  links:
  - {link_id: be, from_node_id: b, to_node_id: e, directed: false, mode: rail, length_km: {low: 255, mode: 260, high: 280}, free_speed_km_h: 52, gauge_mm: 1520, status: operating, source_id: survey}
  crossings:
  - {crossing_id: be-rail, from_node_id: b, to_node_id: e, mode: rail, wait_h: 3, fee_usd: 10, status: open, source_id: survey}
change:
  links:
  - {where: {link_id: [ab, bc, cd, de]}, free_speed_km_h: {set: 60}}
  - {where: {link_id: ae}, length_km: {set: {low: 380, mode: 391.5, high: 400}}}
  crossings:
  - {where: {crossing_id: cd-rail}, fee_usd: {set: 0}, wait_h: {set: 2}}
close:
  transfers:
  - a-yard
"""
    )
