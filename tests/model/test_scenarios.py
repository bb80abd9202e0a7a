"""Applying scenarios: the base stays, order does not matter, clashes name both places."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from worlds import write_study

import sco_network as sco


def load(study: Path, *names: str) -> list[sco.Scenario]:
    return [sco.Scenario.load(name, study / "scenarios") for name in names]


def test_a_faster_border_saves_its_hours(study: Path) -> None:
    net = sco.Network.load(study / "data")
    (faster,) = load(study, "faster-border")
    before = net.route("a", "e", modes=["rail"]).time_h
    after = net.route("a", "e", modes=["rail"], scenarios=[faster]).time_h
    assert before - after == pytest.approx(18)


def test_the_base_is_never_changed(study: Path) -> None:
    net = sco.Network.load(study / "data")
    hash_before = net.hash
    changed = net.with_scenarios(*load(study, "faster-border", "short-cut", "road-closed"))
    assert changed.hash != hash_before
    assert sco.Network(net.tables, net.assumptions).hash == hash_before
    assert "be" not in net.links
    assert "be" in changed.links
    with pytest.raises(ValueError, match="read-only"):
        net.links["length_km"][0] = 1


def test_a_new_link_uses_its_most_likely_length(study: Path) -> None:
    net = sco.Network.load(study / "data").with_scenarios(*load(study, "short-cut"))
    route = net.route("a", "e", by="time", modes=["rail"])
    # 100 km at 50, then 260 km at 52, border 3 h; the new line arrives in 1520 mm, no break
    assert route.time_h == pytest.approx(2 + 5 + 3)
    assert net.changes.spreads["links", "be", "length_km"].high == 280


def test_a_closure_takes_the_road_away(study: Path) -> None:
    net = sco.Network.load(study / "data").with_scenarios(*load(study, "road-closed"))
    assert not net.route("a", "e", modes=["road"]).reachable
    assert net.route("a", "e").time_h == pytest.approx(38.2)


edits = st.dictionaries(
    st.sampled_from(["ab", "bc", "de"]), st.sampled_from([10, 20, 40]), min_size=1
)


def speeds(name: str, values: dict[str, int]) -> sco.Scenario:
    return sco.Scenario.from_dict(
        {
            "scenario": name,
            "change": {
                "links": [
                    {"where": {"link_id": k}, "free_speed_km_h": {"set": v}}
                    for k, v in values.items()
                ]
            },
        }
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits, edits)
def test_the_order_of_scenarios_does_not_matter(
    small: sco.Network, one: dict[str, int], other: dict[str, int]
) -> None:
    a, b = speeds("a", one), speeds("b", other)

    def outcome(*scenarios: sco.Scenario) -> Any:
        try:
            return small.with_scenarios(*scenarios).hash
        except sco.InputError as error:
            return {str(p) for p in error.problems}

    assert outcome(a, b) == outcome(b, a)
    clash = any(one[k] != other[k] for k in one.keys() & other.keys())
    assert isinstance(outcome(a, b), set) == clash


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits)
def test_a_scenarios_skim_is_that_of_a_network_written_so(
    small: sco.Network, values: dict[str, int]
) -> None:
    """Applying a scenario gives the same as reading files that already say so."""
    import pandas as pd

    changed = small.with_scenarios(speeds("a", values))
    frames = {
        n: pd.DataFrame(dict(small.tables[n].columns))
        for n in ("nodes", "links", "crossings", "transfers")
    }
    links = frames["links"].set_index("link_id", drop=False).copy()
    for link, speed in values.items():
        links.loc[link, "free_speed_km_h"] = speed
    written = sco.Network.from_frames(
        frames["nodes"], links, frames["crossings"], frames["transfers"],
        assumptions=dict(small.assumptions),
    )  # fmt: skip
    ids = ["a", "b", "e"]
    for by in ("length", "time", "cost", "generalised"):
        np.testing.assert_allclose(
            changed.skim(by=by, terminals=ids).matrix, written.skim(by=by, terminals=ids).matrix
        )


def refused(net: sco.Network, *contents: dict[str, Any]) -> str:
    scenarios = [sco.Scenario.from_dict({"scenario": f"s{i}", **c}) for i, c in enumerate(contents)]
    with pytest.raises(sco.InputError) as caught:
        net.with_scenarios(*scenarios)
    return str(caught.value)


def test_contradictions_name_both_places(study: Path) -> None:
    text = (study / "scenarios/faster-border.yaml").read_text()
    other = text.replace("faster-border", "slow-border").replace("set: 2}", "set: 30}")
    (study / "scenarios/slow-border.yaml").write_text(other)
    net = sco.Network.load(study / "data")
    with pytest.raises(sco.InputError) as caught:
        net.with_scenarios(*load(study, "faster-border", "slow-border"))
    message = str(caught.value)
    assert "slow-border.yaml:9" in message
    assert "faster-border.yaml:9" in message
    assert "30" in message


def test_conflicts_and_requirements_are_refused(small: sco.Network) -> None:
    change = {"change": {"links": [{"where": {"link_id": "ab"}, "free_speed_km_h": {"set": 60}}]}}
    assert "'s0' conflicts with 's1'" in refused(small, {"conflicts": ["s1"], **change}, change)
    assert "'s0' requires 's9'" in refused(small, {"requires": ["s9"], **change})


def test_one_border_has_one_crossing(small: sco.Network) -> None:
    # which of the two waits would count would depend on their names
    link = {
        "from_node_id": "b",
        "to_node_id": "e",
        "mode": "rail",
        "gauge_mm": 1520,
        "length_km": 300,
    }

    def line(name: str, wait_h: float) -> sco.Scenario:
        border = {"from_node_id": "e", "to_node_id": "b", "mode": "rail", "wait_h": wait_h}
        add = {
            "links": [link | {"link_id": name}],
            "crossings": [border | {"crossing_id": f"{name}-b"}],
        }
        return sco.Scenario.from_dict({"scenario": name, "add": add})

    one, other = line("one", 3), line("other", 30)
    with pytest.raises(sco.InputError) as caught:
        small.with_scenarios(other, one)
    assert "'other' adds the rail crossing b – e, which 'one' (scenario 'one') adds as well" in str(
        caught.value
    )
    hint = "Put it in one of them and let the other require that, or declare that they conflict"
    assert caught.value.problems[0].hint == hint
    space = sco.ScenarioSpace(small, [one, other], terminals=["b", "e"], modes=["rail"])
    assert space.skim(["one"]).cost("b", "e") < space.skim(["other"]).cost("b", "e")
    with pytest.raises(sco.InputError, match="adds the rail crossing b – e"):
        space.skim(["one", "other"])


def test_one_cell_is_set_once_in_a_file(small: sco.Network) -> None:
    where = {"where": {"link_id": "ab"}}
    spread = {"low": 110, "mode": 120, "high": 200}
    edits = [where | {"length_km": {"set": value}} for value in (120, spread)]
    assert "ab.length_km is set to 120" in refused(small, {"change": {"links": edits}})
    assert (
        small.with_scenarios(
            sco.Scenario.from_dict({"scenario": "s", "change": {"links": edits[:1] * 2}})
        ).links["length_km"][0]
        == 120
    )


def test_selection_by_attributes_and_scale(small: sco.Network) -> None:
    half = sco.Scenario.from_dict(
        {
            "scenario": "half",
            "change": {
                "crossings": [
                    {"where": {"mode": "rail", "country": "BBB"}, "wait_h": {"scale": 0.5}}
                ]
            },
        }
    )
    assert small.with_scenarios(half).crossings.row("cd-rail")["wait_h"] == 10


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"where": {"link_id": "abx"}, "free_speed_km_h": {"set": 60}}, "unknown link 'abx'"),
        ({"where": {"mode": "sea"}, "free_speed_km_h": {"set": 60}}, "matches no link"),
        ({"where": {"modes": "rail"}, "free_speed_km_h": {"set": 60}}, "unknown column 'modes'"),
        ({"where": {"link_id": "ab"}, "free_speed_km_h": {"set": -1}}, "too small"),
        ({"where": {"link_id": "ab"}, "free_speed_km_h": 60}, "expected {set: value}"),
        ({"where": {"link_id": "ab"}, "speed": {"set": 60}}, "'speed' cannot be changed"),
        ({"where": {"link_id": "ab"}}, "nothing is set here"),
        ({"where": {"link_id": "ab"}, "free_speed_km_h": {"existing": 65, "set": 60}}, "the base has 50 for 'ab', not 65"),
        ({"where": {"link_id": "ab"}, "free_speed_km_h": {"set": 50}}, "changes nothing"),
        ({"where": {"link_id": "ab"}, "gauge_mm": {"set": 15200}}, "15200 mm is not a gauge"),
        ({"where": {"link_id": "ab"}, "capacity_value": {"scale": 2}}, "no capacity_value to scale"),
        ({"where": {"link_id": "ab"}, "length_km": {"set": {"low": 200, "mode": 150, "high": 300}}}, "rising order"),
    ],
)  # fmt: skip
def test_changes_that_cannot_be_are_explained(
    small: sco.Network, change: dict[str, Any], words: str
) -> None:
    assert words in refused(small, {"change": {"links": [change]}})


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"link_id": "ab", "from_node_id": "a", "to_node_id": "c", "mode": "rail", "length_km": 300}, "already has link 'ab'"),
        ({"link_id": "x", "from_node_id": "a", "to_node_id": "zz", "mode": "rail", "length_km": 300}, "unknown node 'zz'"),
        ({"link_id": "x", "from_node_id": "a", "to_node_id": "c", "mode": "rail"}, "required"),
        ({"link_id": "x", "from_node_id": "a", "to_node_id": "c", "mode": "rail", "length_km": 30}, "less than the straight line"),
        ({"link_id": "x", "from_node_id": "b", "to_node_id": "e", "mode": "rail", "length_km": 300}, "has no crossing"),
        ({"link_id": "x", "from_node_id": "a", "to_node_id": "c", "mode": "rial", "length_km": 300}, "Did you mean 'rail'"),
        ({"link_id": "x", "from_node_id": "a", "to_node_id": "c", "mode": "rail", "length_km": 300, "gage": 1}, "unknown key 'gage'"),
    ],
)  # fmt: skip
def test_additions_that_cannot_be_are_explained(
    small: sco.Network, row: dict[str, Any], words: str
) -> None:
    assert words in refused(small, {"add": {"links": [row]}})


def test_a_package_applies_its_members(study: Path) -> None:
    (study / "scenarios/both.yaml").write_text(
        "scenario: both\nkind: package\nincludes: [faster-border, road-closed]\n"
    )
    net = sco.Network.load(study / "data").with_scenarios(*load(study, "both"))
    assert net.crossings.row("ae-road")["status"] == "closed"
    assert net.crossings.row("cd-rail")["wait_h"] == 2


def test_an_include_cycle_is_printed(study: Path) -> None:
    for name, other in (("one", "two"), ("two", "one")):
        (study / f"scenarios/{name}.yaml").write_text(f"scenario: {name}\nincludes: [{other}]\n")
    with pytest.raises(sco.InputError, match="one → two → one"):
        sco.Scenario.load("one", study / "scenarios")


def test_an_unknown_scenario_is_explained(study: Path) -> None:
    with pytest.raises(sco.InputError, match="Did you mean 'short-cut'"):
        sco.Scenario.load("short-cat", study / "scenarios")


def test_a_name_may_not_leave_the_folder(study: Path) -> None:
    (study / "secret.yaml").write_text("scenario: secret\n")
    (study / "scenarios/sly.yaml").write_text("scenario: sly\nincludes: ['../secret']\n")
    with pytest.raises(sco.InputError, match="unknown scenario '../secret'"):
        sco.Scenario.load("sly", study / "scenarios")


def test_the_hash_follows_the_content(study: Path) -> None:
    (one,) = load(study, "faster-border")
    text = (study / "scenarios/faster-border.yaml").read_text()
    (study / "scenarios/faster-border.yaml").write_text(text.replace("set: 2}", "set: 3}"))
    (two,) = load(study, "faster-border")
    assert one.hash != two.hash


def test_the_study_is_written_where_asked(tmp_path: Path) -> None:
    assert (write_study(tmp_path) / "data/nodes.csv").exists()
