"""Uncertain numbers in words, and titles that are cut."""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds import write_study

import sco_network as sco
from sco_network.output import lettering
from sco_network.output.inputs import input_words


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_study(tmp_path_factory.mktemp("inputs") / "study")


def test_a_scenarios_number_is_told_by_its_ends_and_another_ones_by_its_title(world: Path) -> None:
    net = sco.Network.load(world / "data")
    short = sco.Scenario.load("short-cut", world / "scenarios")
    names = ["short-cut: add.links.0.length_km", "speed.rail"]
    own = input_words(names, net, [short], "short-cut")
    assert own == ["Length, Beta – Epsilon", "Speed, railways"]
    assert input_words(names[:1], net, [short], "other") == [f"{short.title}: {own[0]}"]


@pytest.mark.parametrize("width", [0.3, 0.8, 1.5, 2.5, 4.0])
def test_a_title_is_never_wider_than_its_room_and_loses_no_half_bracket(width: float) -> None:
    title = "Middle Corridor programme (Kazakh railways and Caspian ports)"
    found = lettering.shortened(title, width, 9.0)
    assert lettering.width_of([found], 9.0) <= width
    assert found.count("(") == found.count(")")
    assert found == title or found.endswith("…")
