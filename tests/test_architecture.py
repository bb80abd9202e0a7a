"""Imports run one way through the house."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import sco_network

ROOT = Path(__file__).parents[1]


def test_imports_run_one_way() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_public_names() -> None:
    assert set(sco_network.__all__) >= {"InputError", "Network", "Scenario", "ScoError", "compare"}
    assert all(hasattr(sco_network, name) for name in sco_network.__all__)
