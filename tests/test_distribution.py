"""What goes to the index: a wheel and an archive that work where nothing else is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
UV = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".uv/bin/uv")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path(UV).exists(), reason="uv, which builds, is not here"),
]


def done(command: Sequence[str | Path], folder: Path, code: int = 0) -> str:
    """Run a program without this environment's packages and return what it prints."""
    kept = {k: v for k, v in os.environ.items() if k not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    ran = subprocess.run(command, cwd=folder, env=kept, capture_output=True, text=True, check=False)
    assert ran.returncode == code, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The archive, and the wheel that is made of the archive alone."""
    folder = tmp_path_factory.mktemp("dist")
    done([UV, "build", "-q", "--out-dir", folder, ROOT], folder)
    return {"wheel": next(folder.glob("*.whl")), "archive": next(folder.glob("*.tar.gz"))}


def test_the_index_would_take_them(built: dict[str, Path]) -> None:
    done([sys.executable, "-m", "twine", "check", "--strict", *built.values()], ROOT)


def test_the_wheel_holds_data_scenarios_and_no_tests(built: dict[str, Path]) -> None:
    names = zipfile.ZipFile(built["wheel"]).namelist()
    packaged = {n.removeprefix("sco_network/_packaged/") for n in names if "_packaged/" in n}
    for folder in ("data", "scenarios"):
        ours = {p.relative_to(ROOT).as_posix() for p in (ROOT / folder).iterdir() if p.is_file()}
        assert ours <= packaged
    assert {n.split("/")[0].split("-")[0] for n in names} == {"sco_network"}


def test_it_runs_from_an_empty_environment(built: dict[str, Path], tmp_path: Path) -> None:
    done([UV, "venv", "-q", "--python", sys.executable, "venv"], tmp_path)
    programs = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    done([UV, "pip", "install", "-q", "--python", programs / "python", built["wheel"]], tmp_path)
    ours = programs / "sco-network"
    route = json.loads(done([ours, "route", "Karachi", "Tashkent", "--json"], tmp_path))
    assert route["reachable"]
    assert len(json.loads(done([ours, "list", "--json"], tmp_path))) >= 33
    done([ours, "init", "my study"], tmp_path)
    done([ours, "validate"], tmp_path / "my study")
    done([ours, "compare", "wakhan-corridor"], tmp_path / "my study")
