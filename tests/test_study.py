"""The page on the Belt and Road study says what its script prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from worlds import python

ROOT = Path(__file__).parents[1]
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def table_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("|")]


def same(written: str, printed: str) -> bool:
    """Whether two lines have the same words, and numbers within one unit of the last digit."""
    if NUMBER.sub("#", written) != NUMBER.sub("#", printed):
        return False
    pairs = zip(NUMBER.findall(written), NUMBER.findall(printed), strict=True)
    return all(abs(float(a) - float(b)) < (0.11 if "." in a else 1.1) for a, b in pairs)


def test_lines_that_differ_by_more_than_rounding_are_told_apart() -> None:
    assert same("| x | -1.8 | 20 |", "| x | -1.9 | 21 |")
    assert not same("| x | -1.8 |", "| x | -2.0 |")
    assert not same("| x | -1.8 |", "| y | -1.8 |")


@pytest.mark.slow
def test_the_tables_of_the_page_are_those_of_the_script(tmp_path: Path) -> None:
    figure = tmp_path / "study.png"
    done = python("scenarios/belt_and_road_study.py", str(figure), cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert figure.stat().st_size > 10_000
    page = (ROOT / "docs/belt-and-road-study.md").read_text(encoding="utf-8")
    assert done.stdout.splitlines()[0] in page
    written = table_lines(page.split("## Side by side")[1])
    printed = table_lines(done.stdout)
    assert len(written) == len(printed) >= 25
    stale = [new for old, new in zip(written, printed, strict=True) if not same(old, new)]
    assert not stale, "docs/belt-and-road-study.md is out of date; paste what the script prints"
