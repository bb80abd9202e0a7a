"""Changes written as a file and read again are the same changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sco_network as sco
from sco_network.errors import Problems
from sco_network.model.authoring import to_yaml, written
from sco_network.model.changeset import ChangeSet
from sco_network.model.resolving import resolve

TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=20)
WORDS = TEXT | st.sampled_from(
    ["no", "1e5", "12", "1:30", "true", "~", "é, {x}: #y", "Кабул", "喀什"]
)


def changes_of(network: sco.Network, *scenarios: sco.Scenario) -> ChangeSet:
    problems = Problems()
    changes = resolve(scenarios, network.tables, problems)
    problems.raise_if_any()
    return changes


def said(changes: ChangeSet) -> dict[object, object]:
    return {
        key: (s.value, s.spread) for key, s in changes.settings.items() if s.value not in (None, "")
    }


def test_every_packaged_scenario_survives(base: sco.Network, tmp_path: Path) -> None:
    for scenario in sco.scenarios():
        changes = changes_of(
            base, *[s for s in sco.scenarios() if s.id in {scenario.id, *scenario.content.requires}]
        )
        path = tmp_path / "copy.yaml"
        path.write_text(
            to_yaml(written(changes, {"scenario": "copy", "sources": scenario.content.sources})),
            encoding="utf-8",
        )
        again = changes_of(base, sco.Scenario.load(path))
        assert said(again) == said(changes), scenario.id
        assert again.added == changes.added


def test_a_file_has_one_row_a_line_and_rows_alike_together(base: sco.Network) -> None:
    changes = changes_of(base, sco.Scenario.load("integrated-railways"))
    text = to_yaml(written(changes, {"scenario": "copy"}))
    rows = [line for line in text.splitlines() if line.lstrip().startswith("- {where")]
    assert len(rows) < len(changes.settings)
    assert all("set: " in row for row in rows)


def test_letters_of_any_script_stay_readable() -> None:
    assert to_yaml({"scenario": "kabul", "title": "Кабул – 喀什"}).endswith("title: Кабул – 喀什\n")


@given(name=WORDS, number=st.floats(0, 1e6))
def test_words_and_numbers_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, name: str, number: float
) -> None:
    path = tmp_path_factory.mktemp("written") / "copy.yaml"
    path.write_text(
        to_yaml(
            {
                "scenario": "copy",
                "title": name,
                "add": {"nodes": [{"node_id": "x", "name": name, "x_coord": number}]},
            }
        ),
        encoding="utf-8",
    )
    from sco_network.model.textfile import read_yaml

    problems = Problems()
    document = read_yaml(path, problems)
    assert not problems.found
    assert document is not None
    assert document.value["title"] == name
    assert document.value["add"]["nodes"][0] == {"node_id": "x", "name": name, "x_coord": number}
