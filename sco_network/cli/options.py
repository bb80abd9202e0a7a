"""What several commands share: options, loading, printing, progress."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from sco_network.api import Network, Scenario

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


def split(text: str | None) -> list[str] | None:
    """Return the parts of a list given with commas."""
    return [part.strip() for part in text.split(",") if part.strip()] if text is not None else None


def print_json(value: Any) -> None:
    """Print a value as JSON on stdout."""
    click.echo(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False))


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
