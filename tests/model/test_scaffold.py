"""New scenarios and studies load as they stand, and their examples are true."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from worlds import sco_network, write_study

import sco_network as sco
from sco_network.analysis.validate import validate_paths
from sco_network.errors import Problems
from sco_network.model.assumptions import read_assumptions
from sco_network.model.folders import packaged, scenario_folder
from sco_network.model.rows import ALL_KINDS
from sco_network.model.scaffold import Connection, empty_study, example_line, new_scenario

EXAMPLE = re.compile(r"# (\s*- |\s*[a-z_]+:)")  # a line of YAML behind a '#'


def problems_of(study: Path, text: str, name: str = "mine") -> list[str]:
    path = study / f"scenarios/{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return [str(p) for p in validate_paths([path], str(study / "data"))]


@pytest.mark.parametrize("kind", [None, "closure", "rail"])
@pytest.mark.parametrize("joins", [None, Connection("Beta", "Epsilon", "rail")])
def test_a_new_scenario_is_valid_with_and_without_its_examples(
    study: Path, kind: str | None, joins: Connection | None
) -> None:
    network = sco.Network.load(study / "data")
    text = new_scenario(network, "mine", title="yes: a 'line'", kind=kind, joins=joins)
    assert problems_of(study, text) == []
    lines = [line[2:] if EXAMPLE.match(line) else line for line in text.splitlines()]
    assert sum(a != b for a, b in zip(lines, text.splitlines(), strict=True)) >= 10
    assert problems_of(study, "\n".join(lines)) == []
    content = sco.Scenario.load(study / "scenarios/mine.yaml").content
    assert content.title == "yes: a 'line'"
    assert content.claims
    assert content.add.nodes
    assert content.change.transfers
    assert content.close.links


def test_a_link_gets_its_length_gauge_crossing_and_transfers(study: Path) -> None:
    network = sco.Network.load(study / "data")
    path = study / "scenarios/mine.yaml"
    path.write_text(new_scenario(network, "mine", joins=Connection("b", "e", "rail")))
    added = sco.Scenario.load(path).content.add
    (link,) = added.links
    # straight 85.2, 85.2, 8.5 and 161.8 km; 100, 100, 10 and 200 km of rail: 1.17 to 1.24
    straight = 255.5
    assert link["length_km"]["mode"] == pytest.approx(straight * 1.174, rel=5e-3)
    assert straight < link["length_km"]["low"] < link["length_km"]["high"] < straight * 1.25
    assert (link["confidence"], link["gauge_mm"]) == ("D", 1520)
    assert "great circle 255.5 km" in link["notes"]
    assert [row["crossing_id"] for row in added.crossings] == ["mine-border"]
    assert [(t["node_id"], t["from_layer"], t["to_layer"]) for t in added.transfers] == [
        ("e", "rail-1676", "rail-1520"), ("e", "road", "rail-1520"),
    ]  # fmt: skip
    route = network.route("a", "e", modes=["rail"], scenarios=[sco.Scenario.load(path)])
    assert "mine-1" in [leg.link_id for leg in route.legs]


def test_a_pipeline_at_home_needs_neither_crossing_nor_transfer() -> None:
    nodes = pd.DataFrame({"node_id": ["n0", "n1", "n2"], "x_coord": [0, 1, 2], "y_coord": 0})
    links = pd.DataFrame({"link_id": ["l"], "from_node_id": ["n0"], "to_node_id": ["n1"]})
    network = sco.Network.from_frames(nodes, links.assign(mode="gas", length_km=120))
    text = new_scenario(network, "x", joins=Connection("n0", "n2", "gas"))
    assert "kind: pipeline" in text
    assert "crossings:\n    -" not in text
    assert "transfers:\n    -" not in text


@pytest.mark.parametrize(
    ("joins", "words"),
    [
        (Connection("b", "x", "rail"), "unknown place 'x'"),
        (Connection("b", "Beta", "rail"), "where the link begins"),
        (Connection("b", "e", "gas"), "the data have no gas link"),
    ],
)
def test_a_link_that_cannot_be_estimated_is_refused(
    study: Path, joins: Connection, words: str
) -> None:
    with pytest.raises(sco.InputError, match=words):
        new_scenario(sco.Network.load(study / "data"), "mine", joins=joins)


def write(folder: Path, texts: dict[str, str]) -> Path:
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_an_empty_study_loads_and_its_examples_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    problems = Problems()
    known = read_assumptions(packaged("data") / "assumptions.yaml", problems)
    texts = empty_study(known)
    study = write(tmp_path, texts)
    assert validate_paths([study / "data"]) == []
    empty = sco.Network.load(study / "data")
    assert len(empty.nodes) == len(empty.links) == 0
    assert empty.assumptions["speed.rail"] == known["speed.rail"]
    assert not [key for key in empty.assumptions if re.search(r"\.[A-Z]{3}$", key)]
    assert "\nchange:" not in new_scenario(empty, "x")
    monkeypatch.chdir(study)
    assert scenario_folder() == Path("scenarios")  # not the packaged ones, which do not fit
    # the example rows of the README, with the places and the link that they speak of
    rows = {name: f"{texts[f'data/{name}.csv']}{example_line(name)}\n" for name in ALL_KINDS}
    for place, country, x, y in (
        ("mombasa", "KEN", 39.67, -4.05), ("malaba-ken", "KEN", 34.28, 0.64),
        ("malaba-uga", "UGA", 34.26, 0.65),
    ):  # fmt: skip
        rows["nodes"] += f"{place},,{country},{x},{y},city,,,atlas,B,\n"
    rows["countries"] += "UGA,Uganda,,,,,atlas,B,\n"
    for link, a, b, km in (
        ("kk", "nairobi", "malaba-ken", 438),
        ("ku", "malaba-ken", "malaba-uga", 3),
    ):
        rows["links"] += f"{link},,{a},{b},,road,,{km},,,,,,,,,atlas,B,\n"
    write(study, {f"data/{name}.csv": text for name, text in rows.items()})
    assert [str(p) for p in validate_paths([study / "data"])] == []
    for name in rows:
        assert example_line(name) in texts["data/README.md"]


def test_init_keeps_what_is_there(tmp_path: Path) -> None:
    assert sco_network("init", "own", "--empty", cwd=tmp_path).returncode == 0
    assert sco_network("validate", cwd=tmp_path / "own").returncode == 0
    write_study(tmp_path / "mine")
    again = sco_network("init", "mine", "--empty", cwd=tmp_path)
    assert (again.returncode, "not an empty folder" in again.stderr) == (1, True)


def test_new_refuses_an_id_that_is_taken(study: Path) -> None:
    done = sco_network("new", "my-line", "--from", "Beta", "--to", "e", "--mode", "rail", cwd=study)
    assert (done.returncode, done.stdout) == (0, "")
    assert sco_network("validate", cwd=study).returncode == 0
    assert sco_network("compare", "my-line", cwd=study).returncode == 0
    taken = sco_network("new", "my-line", cwd=study)
    assert (taken.returncode, "there is a scenario 'my-line'" in taken.stderr) == (1, True)
