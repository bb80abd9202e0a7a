"""The scenarios of a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from sco_network.errors import Problems, bad_argument, did_you_mean

from .scenario import Scenario


def find_scenario(name: str | Path, folder: Path) -> Path:
    """Return the file of a scenario given by its id or by a path.

    Raises
    ------
    InputError
        Where there is no such file.
    """
    path = Path(name)
    if path.suffix in {".yaml", ".yml"} or len(path.parts) > 1:
        if path.exists():
            return path
    elif str(name) in names(folder):
        return folder / f"{name}.yaml"
    hint = did_you_mean(path.stem, names(folder)) or f"See 'sco-network list'; looked in {folder}"
    raise bad_argument("scenario", f"unknown scenario '{name}'", hint)


def names(folder: Path) -> list[str]:
    """Return the ids of a folder's scenarios."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


S = TypeVar("S", bound=Scenario)


def read_all(folder: Path, cls: type[S]) -> list[S]:
    """Read every scenario of a folder.

    Raises
    ------
    InputError
        With the problems of all of them.
    """
    problems = Problems()
    found: list[S] = []
    for name in names(folder):
        scenario = cls.collect(folder / f"{name}.yaml", problems)
        if scenario is not None:
            found.append(scenario)
    problems.raise_if_any()
    return found


def read_required(scenarios: Sequence[Scenario], folder: Path, cls: type[S]) -> list[S]:
    """Read what scenarios require, directly or through others, as far as the folder has it."""
    known = {s.id for s in scenarios}
    found: list[S] = []
    waiting: list[Scenario] = list(scenarios)
    while waiting:
        for part in waiting.pop().whole:
            for name in part.content.requires:
                if name not in known and name in names(folder):
                    known.add(name)
                    found.append(cls.read(folder / f"{name}.yaml"))
                    waiting.append(found[-1])
    return found
