from __future__ import annotations

from pathlib import Path

import pytest

import sco_network as sco
from sco_network.analysis.places import chosen_places
from sco_network.routing.states import expand


def test_terminals_are_the_usual_ones_or_all_that_the_modes_serve(small: sco.Network) -> None:
    graph = expand(small)
    assert chosen_places(graph, None) == ("a", "b", "e")  # cities
    assert chosen_places(graph, "all") == ("a", "b", "c", "d", "e")
    assert chosen_places(expand(small, ["road"]), "all") == ("a", "e")
    assert chosen_places(expand(small, ["road"]), None) == ("a", "e")


@pytest.mark.parametrize(
    "text",
    ["e\n\nAlpha\n", "Old Alpha\r\n", "\ufeffa\n", "node_id\na\n", 'name,"node_id"\n"x, y",a\n'],
)
def test_a_file_names_places_one_a_line_or_in_a_column(
    small: sco.Network, tmp_path: Path, text: str
) -> None:
    (tmp_path / "places").write_text(text, encoding="utf-8", newline="")
    expected = ("e", "a") if text.startswith("e") else ("a",)
    assert chosen_places(expand(small), str(tmp_path / "places")) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file names no place. Write one a line"),
        ("a\nzz\n", ":2: unknown place 'zz'"),
        ("node_id\na\na\n", ":3: 'a' stands in line 2 already. Keep one of them"),
        ("node_id\n\n", "the file names no place"),
    ],
)
def test_a_file_that_names_none_or_wrong_ones_is_refused(
    small: sco.Network, tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "places").write_text(text)
    with pytest.raises(sco.InputError, match=message):
        chosen_places(expand(small), str(tmp_path / "places"))
    with pytest.raises(sco.InputError, match="none: the file does not exist"):
        chosen_places(expand(small), str(tmp_path / "none"))
