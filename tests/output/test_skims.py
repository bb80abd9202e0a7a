"""The command `skim`, as users meet it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from worlds import sco_network

import sco_network as sco
from sco_network.model.writing import file_to_replace, refuse_unwritable


def test_a_matrix_says_what_its_cells_are_and_leaves_those_without_a_route_empty(
    study: Path,
) -> None:
    (study / "places.txt").write_text("Gamma Border\na\n\nEpsilon\n")
    done = sco_network(
        "skim",
        "--terminals",
        "places.txt",
        "--out",
        "out.csv",
        "--by",
        "length",
        "--modes",
        "road",
        cwd=study,
    )
    assert done.returncode == 0, done.stderr
    assert (study / "out.csv").read_text() == "length_km,c,a,e\nc,0,,\na,,0,390\ne,,390,0\n"
    assert "pairs without one" in done.stdout
    assert "Wrote out.csv" in done.stderr
    assert [p.name for p in study.glob(".out*")] == []


def test_pairs_and_summary_agree_with_a_skim_in_python(study: Path) -> None:
    options = ("--format", "pairs", "--terminals", "all", "--scenario", "short-cut", "--jobs", "2")
    done = sco_network("skim", "--out", "new/pairs.csv", *options, "--json", cwd=study)
    assert done.returncode == 0, done.stderr
    network = sco.Network.load(study / "data")
    after = network.with_scenarios(sco.Scenario.load(study / "scenarios/short-cut.yaml"))
    skim = after.skim(terminals=list("abcde"))
    pairs = pd.read_csv(study / "new/pairs.csv")
    assert list(pairs.columns) == ["from_node_id", "to_node_id", "time_h"]
    expected = [skim.cost(a, b) for a in "abcde" for b in "abcde" if a != b]
    np.testing.assert_allclose(pairs["time_h"], expected, rtol=1e-7)
    record = json.loads(done.stdout)
    assert record["mean"] == pytest.approx(np.mean(expected))
    assert record["highest"] == pytest.approx(max(expected))
    assert (record["terminals"], record["pairs"], record["pairs_with_route"]) == (5, 20, 20)
    assert (record["by"], record["unit"], record["where"]) == ("time", "h", "2 processes")
    assert record["seconds"] > 0


def test_bad_input_is_said_in_words_and_nothing_is_written(study: Path) -> None:
    (study / "places.txt").write_text("Alpha\nAlhpa\na\n")
    done = sco_network("skim", "--out", "out.csv", "--terminals", "places.txt", cwd=study)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "error: places.txt:2: unknown place 'Alhpa'. Did you mean 'Alpha'?",
        "error: places.txt:3: 'a' stands in line 1 already. Keep one of them",
    ]
    assert not list(study.glob("*out.csv*"))


@pytest.mark.parametrize("name", [".", "a-file/out.csv"])
def test_a_file_that_cannot_be_written_is_refused_before_the_work(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "a-file").touch()
    with pytest.raises(sco.InputError, match=f"{name}: a file cannot be written here"):
        refuse_unwritable(tmp_path / name)


def test_a_file_stays_as_it_was_when_writing_breaks_off(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("old")
    with pytest.raises(KeyboardInterrupt), file_to_replace(tmp_path / "out.csv") as file:
        file.write("new")
        raise KeyboardInterrupt
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("out.csv", "old")]
