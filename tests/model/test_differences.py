"""What differs between two networks is found, and the scenario of it makes one into the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from worlds import CROSSINGS, LINKS, NODES, write_study

import sco_network as sco
from sco_network.errors import Problems
from sco_network.model.authoring import to_yaml
from sco_network.model.changeset import CLOSED
from sco_network.model.checks import check_structure
from sco_network.model.differences import Records, compare, data_records
from sco_network.model.rows import ALL_KINDS, NETWORK_TABLES, layer_of
from sco_network.model.table import Table, check_row
from sco_network.model.transition import scenario_between, transition


def network_of(rows: Mapping[str, list[dict[str, Any]]]) -> sco.Network:
    """A network of rows that keep every rule of a data folder."""
    problems = Problems()
    tables = {}
    for name, kind in ALL_KINDS.items():
        checked = [check_row(kind, row, name, None, problems) for row in rows.get(name, [])]
        tables[name] = Table.from_rows(kind, [row for row in checked if row is not None])
    network = sco.Network(tables)
    check_structure(network.tables, network.assumptions, problems)
    problems.raise_if_any()
    return network


WORDS = st.sampled_from(
    ["", "no", "1e5", "12", "true", "~", "a: {b}", "Кабул", "喀什 #1", "O'Neil"]
)
NUMBER = st.none() | st.floats(0.1, 1e6)


def cells(draw: Callable[[Any], Any], **strategies: Any) -> dict[str, Any]:
    return {name: draw(strategy) for name, strategy in strategies.items()}


@st.composite
def two_networks(draw: Any) -> tuple[sco.Network, sco.Network]:
    """Two networks on the same ground: of each row that either may have, none, one or both do.

    Where a row stands (its ends and its mode) belongs to its id; all else may differ.
    """
    count = draw(st.integers(2, 5))
    country = [draw(st.sampled_from(["AAA", "BBB"])) for _ in range(count)]
    places = st.lists(st.integers(0, count - 1), min_size=2, max_size=2, unique=True)
    spots = [(*draw(places), draw(st.sampled_from(["rail", "road", "gas"]))) for _ in range(6)]
    first = draw(world(draw(st.integers(1, count)), country, spots))
    second = draw(world(count, country, spots))
    return first, second


@st.composite
def world(draw: Any, count: int, country: list[str], spots: list[Any]) -> sco.Network:
    nodes = [
        {"node_id": f"n{i}", "country": country[i]}
        | cells(draw, x_coord=st.floats(0, 2), y_coord=st.floats(0, 2), name=WORDS)
        | cells(draw, population=NUMBER, confidence=st.sampled_from([None, "A", "D"]))
        for i in range(count)
    ]
    links, crossings, layers = [], {}, {}
    for k, (a, b, mode) in enumerate(spots):
        if max(a, b) >= count or draw(st.booleans()):
            continue
        link = {"link_id": f"l{k}", "from_node_id": f"n{a}", "to_node_id": f"n{b}", "mode": mode}
        link |= cells(draw, length_km=st.floats(500, 2000), free_speed_km_h=NUMBER, name=WORDS)
        link |= cells(
            draw, directed=st.booleans(), electrified=st.sampled_from([None, True, False])
        )
        link |= cells(draw, status=st.sampled_from(["operating", "suspended"]))
        link |= {"gauge_mm": draw(st.sampled_from([1435, 1520])) if mode == "rail" else None}
        links.append(link)
        for place in (a, b):
            layers.setdefault(place, set()).add(layer_of(mode, link["gauge_mm"]))
        if country[a] != country[b] and mode != "gas":
            ends = {"from_node_id": f"n{min(a, b)}", "to_node_id": f"n{max(a, b)}", "mode": mode}
            crossings["-".join(ends.values())] = ends
    rows = [
        {"crossing_id": name} | ends
        | cells(draw, wait_h=NUMBER, fee_usd=NUMBER, status=st.sampled_from(["open", "closed"]))
        for name, ends in crossings.items()
    ]  # fmt: skip
    transfers = [
        {"transfer_id": f"t{place}", "node_id": f"n{place}"}
        | dict(zip(("from_layer", "to_layer"), sorted(here)[:2], strict=True))
        | cells(draw, transfer_h=NUMBER, notes=WORDS)
        for place, here in layers.items()
        if len(here) > 1 and draw(st.booleans())
    ]
    return network_of({"nodes": nodes, "links": links, "crossings": rows, "transfers": transfers})


def without_closed(after: Records, new: Records) -> Records:
    """Drop the rows that are closed in `after` and not there in `new`."""
    return {
        name: {
            i: row
            for i, row in rows.items()
            if i in new[name] or row.get("status") != CLOSED.get(name)
        }
        for name, rows in after.items()
    }


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(pair=two_networks())
def test_the_scenario_of_a_difference_makes_it(
    tmp_path_factory: pytest.TempPathFactory, pair: tuple[sco.Network, sco.Network]
) -> None:
    old, new = pair
    assume(transition(old, new).changes.settings)
    content, found = scenario_between(old, new, "edit")
    assert not found.left_out
    path = tmp_path_factory.mktemp("edit") / "edit.yaml"
    path.write_text(to_yaml(content), encoding="utf-8")
    after = old.with_scenarios(sco.Scenario.load(path))
    assert without_closed(data_records(after), data_records(new)) == data_records(new)
    places = new.nodes.ids.tolist()
    for by in ("time", "cost"):
        skims = [
            n.skim(by=by, terminals=places, modes=["rail", "road", "gas"]) for n in (after, new)
        ]
        np.testing.assert_allclose(skims[0].matrix, skims[1].matrix)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(pair=two_networks())
def test_differences_turned_round_are_the_same_rows(pair: tuple[sco.Network, sco.Network]) -> None:
    there, back = (list(compare(*map(data_records, p))) for p in (pair, pair[::-1]))
    turned = {"added": "removed", "removed": "added", "changed": "changed"}
    assert {(d.table, d.row_id, d.change) for d in there} == {
        (d.table, d.row_id, turned[d.change]) for d in back
    }
    assert not list(compare(data_records(pair[0]), data_records(pair[0])))


def folder(path: Path, **changed: str) -> Path:
    return write_study(path, **changed) / "data"


def test_rows_columns_and_line_endings_may_come_in_any_order(tmp_path: Path) -> None:
    header, *rows = [line.split(",") for line in LINKS.strip().splitlines()]
    order = list(reversed(range(len(header))))
    lines = [",".join(row[i] for i in order) for row in (header, *reversed(rows))]
    same = "\r\n".join(lines).replace(",200,", ",200.0,") + "\r\n"
    assert "200.0" in same
    assert sco.diff(folder(tmp_path / "a"), folder(tmp_path / "b", links=same)).rows == ()


def test_each_change_is_named_by_id_and_field(tmp_path: Path) -> None:
    links = LINKS.replace(
        "ab,North line,a,b,false,rail,main,100", "ab,North line,a,b,false,rail,main,110"
    )
    links = links.replace("ae,Highway", "ae2,Highway")
    found = sco.diff(folder(tmp_path / "a"), folder(tmp_path / "b", links=links))
    assert [(d.row_id, d.change) for d in found.rows] == [
        ("ab", "changed"), ("ae", "removed"), ("ae2", "added"),
    ]  # fmt: skip
    assert found.rows[0].fields == {"length_km": (100.0, 110.0)}
    assert found.rows[2].fields["length_km"] == (None, 390.0)
    assert found.counts() == {"links": {"added": 1, "removed": 1, "changed": 1}}


def test_a_tolerance_is_relative(tmp_path: Path) -> None:
    links = LINKS.replace("main,100,50", "main,100.05,50")
    pair = folder(tmp_path / "a"), folder(tmp_path / "b", links=links)
    assert len(sco.diff(*pair).rows) == 2
    assert sco.diff(*pair, tolerance=1e-3).rows == ()


def test_two_scenarios_are_compared_by_what_they_do(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    other = study / "scenarios/other.yaml"
    other.write_text(
        "scenario: other\ntitle: A faster border\nkind: border\nstatus: in_planning\n"
        "sources: [survey]\nnotes: Joint control.\nchange:\n  crossings:\n"
        "    - {where: {mode: rail}, wait_h: {scale: 0.1}}\n"
        "    - {where: {mode: road}, wait_h: {set: 4}}\n"
    )
    found = sco.diff("faster-border", other, data=study / "data", scenarios=study / "scenarios")
    assert [d.as_dict() for d in found.rows] == [
        {
            "table": "head", "id": "scenario", "change": "changed",
            "fields": {"scenario": {"old": "faster-border", "new": "other"}},
        },
        {
            "table": "change crossings", "id": "ae-road", "change": "added",
            "fields": {"wait_h": {"old": None, "new": 4.0}},
        },
    ]  # fmt: skip


def results(path: Path, **tables: str) -> Path:
    path.mkdir()
    for name, text in tables.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


def test_results_are_compared_by_the_columns_that_tell_rows_apart(tmp_path: Path) -> None:
    a = results(
        tmp_path / "a",
        summary="scenario,efficiency_percent\nx,1.5\n",
        routes="scenario_id,from,to,scenario\nx,a,b,10\nx,a,c,\ny,a,b,3\n",
        notes="kind,n\nfine,1\nfine,1\n",
    )
    b = results(
        tmp_path / "b",
        summary="efficiency_percent,scenario\n1.50,x\n",
        routes="scenario_id,from,to,scenario\ny,a,b,3\nx,a,c,12\nx,a,b,10.0\n",
        notes="kind,n\nfine,1\n",
    )
    (b / "run.json").write_text('{"by": "time", "scenarios": {"x": "123abc"}}', encoding="utf-8")
    found = sco.diff(a, b)
    assert [(d.table, d.row_id, d.change, d.fields) for d in found.rows] == [
        ("run", "run", "changed", {"by": (None, "time"), "scenario x": (None, "123abc")}),
        ("notes", "fine / 1 (2)", "removed", {"kind": ("fine", None), "n": (1, None)}),
        ("routes", "x / a / c", "changed", {"scenario": (None, 12)}),
    ]


@pytest.mark.parametrize("text", ["[1]", '{"scenarios": 3}', "{", "\0"])
def test_a_broken_record_of_a_run_is_refused(tmp_path: Path, text: str) -> None:
    a, b = (results(tmp_path / name, summary="scenario,x\nx,1\n") for name in "ab")
    (b / "run.json").write_text(text, encoding="utf-8")
    with pytest.raises(sco.InputError, match=r"run\.json"):
        sco.diff(a, b)


def test_what_no_scenario_can_say_is_listed_all_at_once(tmp_path: Path) -> None:
    a = folder(tmp_path / "a")
    b = folder(
        tmp_path / "b",
        nodes=NODES.replace("b,Beta,", "bb,Beta,"),
        links=LINKS.replace(",a,b,", ",a,bb,").replace(",b,c,", ",bb,c,").replace(
            "rail,main,200", "rail,main,210"
        ),
        countries=(a / "countries.csv").read_text().replace(",20,", ",21,"),
        sources=(a / "sources.csv").read_text() + "extra,More,,,,\n",
        assumptions=(a / "assumptions.yaml").read_text().replace("mode: 10,", "mode: 11,"),
    )  # fmt: skip
    old, new = sco.Network.load(a), sco.Network.load(b)
    with pytest.raises(sco.InputError) as caught:
        scenario_between(old, new, "edit")
    said = str(caught.value)
    for words in (
        "the place 'b' is gone", "to_node_id of 'ab' cannot be changed",
        "from_node_id of 'bc' cannot be changed", "'BBB' is changed", "'extra' is added",
        "'value_of_time' is changed", "links.csv:2", "sources.csv:3",
    ):  # fmt: skip
        assert words in said
    assert len(caught.value.problems) == 6
    content, found = scenario_between(old, new, "edit", partial=True)
    assert len(found.left_out) == 6
    assert content["change"]["links"] == [
        {"where": {"link_id": "de"}, "length_km": {"existing": 200, "set": 210}}
    ]
    assert [row["node_id"] for row in content["add"]["nodes"]] == ["bb"]


def test_a_crossing_that_is_gone_under_a_link_is_not_closed_silently(tmp_path: Path) -> None:
    gas = "gas,Pipe,c,d,false,gas,transmission,10,,,,,,,operating,,survey,A,\n"
    shut = "cd-gas,Pipe border,c,d,gas,,,closed,survey,A,\n"
    a = folder(tmp_path / "a", links=LINKS + gas, crossings=CROSSINGS + shut)
    b = folder(tmp_path / "b", links=LINKS + gas)
    with pytest.raises(sco.InputError, match="can close it, not remove it"):
        scenario_between(sco.Network.load(a), sco.Network.load(b), "edit")


def test_the_file_asserts_what_it_replaces(tmp_path: Path) -> None:
    a, b = (
        folder(tmp_path / "a"),
        folder(tmp_path / "b", crossings=CROSSINGS.replace("rail,20,30", "rail,6,")),
    )
    old, new = sco.Network.load(a), sco.Network.load(b)
    content, _ = scenario_between(old, new, "edit")
    assert content["kind"] == "border"
    assert content["change"]["crossings"] == [
        {
            "where": {"crossing_id": "cd-rail"},
            "wait_h": {"existing": 20, "set": 6},
            "fee_usd": {"existing": 30, "set": None},
        }
    ]
    with pytest.raises(sco.InputError, match="the base has 6 for 'cd-rail', not 20"):
        new.with_scenarios(sco.Scenario.from_dict(content))


def test_every_packaged_scenario_is_found_again(base: sco.Network) -> None:
    for name in ("uap-railway", "hormuz-closed", "integrated-railways"):
        after = base.with_scenarios(sco.Scenario.load(name))
        content, found = scenario_between(base, after, "again")
        again = base.with_scenarios(sco.Scenario.from_dict(content))
        assert not found.left_out
        assert not list(compare(data_records(after), data_records(again)))
    assert set(NETWORK_TABLES) <= data_records(base).keys()
