"""What may be replaced: what we wrote ourselves, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

import sco_network as sco
from sco_network.model.writing import refuse_foreign, refuse_other_content


def test_an_earlier_result_is_told_by_its_marker(tmp_path: Path) -> None:
    refuse_foreign(tmp_path / "new", "run.json")
    refuse_foreign(tmp_path, "run.json")  # empty
    (tmp_path / "report.html").write_text("")
    with pytest.raises(sco.InputError, match=r"not a folder of earlier results.* Choose another"):
        refuse_foreign(tmp_path, "run.json")
    (tmp_path / "run.json").write_text("")
    refuse_foreign(tmp_path, "run.json")


def test_other_content_is_all_but_the_files_named(tmp_path: Path) -> None:
    refuse_other_content(tmp_path / "new")
    refuse_other_content(tmp_path)
    (tmp_path / "node.csv").write_text("")
    refuse_other_content(tmp_path, {"node.csv", "link.csv"})
    with pytest.raises(sco.InputError, match=r"holds other things \(node.csv\)"):
        refuse_other_content(tmp_path)


def test_a_file_is_no_folder_to_be_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("ten years")
    for refuse in (refuse_foreign, refuse_other_content):
        with pytest.raises(sco.InputError, match="this is a file, not a folder"):
            refuse(tmp_path / "thesis.doc", "run.json")
