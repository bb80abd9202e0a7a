from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import settings

import sco_network as sco

sys.path.insert(0, str(Path(__file__).parent))

from worlds import small_network, write_study

ROOT = Path(__file__).parents[1]

# A busy machine is no failure.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A folder with small data/ and scenarios/."""
    return write_study(tmp_path / "study")


@pytest.fixture
def small(tmp_path: Path) -> sco.Network:
    return small_network(tmp_path / "small")


@pytest.fixture(scope="session")
def base() -> sco.Network:
    """The packaged network."""
    return sco.Network.load(ROOT / "data")
