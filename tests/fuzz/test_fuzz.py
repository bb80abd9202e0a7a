"""Every reader bears inputs that nobody meant for it; `tools/fuzz.py` tries many more."""

from __future__ import annotations

import random
import signal
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from readers import READERS, Reader, mutated, survives

FOUND = Path(__file__).parent / "found"
LIMIT_S = 30  # of a busy machine; what hangs, hangs for ever
# Commands take longer than files do; libosmium leaves files open that it cannot read.
TIMES = {
    "command-line": 25,
    "command-line-starting": 3,
    "gpkg": 40,
    "osm-pbf": 60,
    "csv-tables": 120,
    "yaml-assumptions": 120,
}


@pytest.fixture(autouse=True)
def within_time() -> Iterator[None]:
    """End what hangs; warnings of numpy at odd numbers are no findings."""

    def give_up(_number: int, _frame: object) -> None:
        raise TimeoutError("an input took too long")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(LIMIT_S)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("reader", READERS.values(), ids=str)
def test_changed_files_are_read_or_refused_in_words(reader: Reader) -> None:
    rng, corpus = random.Random(2026), reader.corpus()
    for _ in range(TIMES.get(reader.name, 300)):
        survives(reader, mutated(reader, rng.choice(corpus), corpus, rng))


@pytest.mark.parametrize("reader", READERS.values(), ids=str)
def test_the_files_themselves_are_read(reader: Reader) -> None:
    corpus = reader.corpus()
    for data in corpus[:: 1 + len(corpus) // TIMES.get(reader.name, 20)]:
        survives(reader, data)


@pytest.mark.parametrize("case", sorted(FOUND.iterdir()), ids=lambda path: path.name)
def test_what_fuzzing_found_stays_mended(case: Path) -> None:
    name = case.name.rpartition("-")[0]
    survives(READERS[name], case.read_bytes())
