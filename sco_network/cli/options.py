"""What several commands share: options, loading, printing, progress."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from sco_network.api import Network, Scenario
from sco_network.errors import bad_argument
from sco_network.model import library
from sco_network.model.folders import scenario_folder

F = TypeVar("F", bound=Callable[..., Any])
BY = click.Choice(["length", "time", "cost", "generalised"])


def shared(*names: str) -> Callable[[F], F]:
    """Add the options that several commands share."""
    options = {
        "data": click.option(
            "--data", metavar="DIR", help="Data folder (default: ./data, else the packaged data)."
        ),
        "scenarios": click.option(
            "--scenarios",
            "folder",
            metavar="DIR",
            help="Scenario folder (default: ./scenarios, else the packaged ones).",
        ),
        "by": click.option(
            "--by", type=BY, default="time", show_default=True, help="What to compare by."
        ),
        "modes": click.option(
            "--modes", metavar="MODES", help="Modes to use, e.g. rail,road (default: freight)."
        ),
        "basemap": click.option(
            "--basemap",
            metavar="FILE|none",
            help="Draw maps on a GeoJSON file of your own, or on nothing.",
        ),
        "json": click.option("--json", "as_json", is_flag=True, help="Print JSON."),
    }

    def add(command: F) -> F:
        for name in reversed(names):
            command = options[name](command)
        return command

    return add


def load(
    data: str | None, folder: str | None, names: Sequence[str]
) -> tuple[Network, list[Scenario]]:
    """Return the network and the scenarios named."""
    return Network.load(data), [Scenario.load(name, folder) for name in names]


def proposals(folder: str | None, names: Sequence[str]) -> list[list[Scenario]]:
    """Return each scenario named with those that it requires, from the same folder.

    Without names: all that build or reform something; no closure, no pipeline (nothing waits
    at its borders), nothing cancelled.
    """
    known = everything(folder)
    chosen = [Scenario.load(name, folder) for name in names] or [
        s
        for s in known.values()
        if s.content.kind not in {"closure", "pipeline"} and s.content.status != "cancelled"
    ]
    return [[s, *companions(s, known)] for s in chosen]


def programme(folder: str | None, names: Sequence[str]) -> list[Scenario]:
    """Return the scenarios named and all they require, or every scenario of the folder."""
    known = everything(folder)
    chosen = [Scenario.load(name, folder) for name in names] or list(known.values())
    return [*chosen, *(other for s in chosen for other in companions(s, known))]


def everything(folder: str | None) -> dict[str, Scenario]:
    """Return every scenario of a folder by its id.

    Raises
    ------
    InputError
        Where there is none.
    """
    where = scenario_folder(folder)
    known = {s.id: s for s in library.read_all(where, Scenario)}
    if not known:
        raise bad_argument("--scenarios", f"there is no scenario in {where}")
    return known


def companions(scenario: Scenario, known: Mapping[str, Scenario]) -> list[Scenario]:
    """Return what a scenario requires, directly or through others, as far as it is known."""
    found: dict[str, Scenario] = {}
    waiting = [scenario]
    while waiting:
        for part in waiting.pop().whole:
            for name in part.content.requires:
                if name in known and name not in found:
                    found[name] = known[name]
                    waiting.append(known[name])
    return list(found.values())


def split(text: str | None) -> list[str] | None:
    """Return the parts of a list given with commas."""
    return [part.strip() for part in text.split(",") if part.strip()] if text is not None else None


def print_json(value: Any) -> None:
    """Print a value as JSON on stdout."""
    encoding = getattr(sys.stdout, "encoding", None) or ""  # stdout is None where it is closed
    ascii_only = encoding.casefold().replace("-", "") != "utf8"
    click.echo(json.dumps(value, indent=1, ensure_ascii=ascii_only, allow_nan=False))


def say(text: str) -> None:
    """Print words for people on stderr."""
    click.echo(text, err=True)


@contextmanager
def progress_bar(total: int, what: str) -> Iterator[Callable[[int, int, str], None]]:
    """Show a progress bar on stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=total)

        def advance(done: int, everything: int, name: str) -> None:
            bar.update(task, completed=done, total=everything, description=f"{what}: {name}")

        yield advance
