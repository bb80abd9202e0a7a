"""What several commands share: options, loading, printing, progress."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sco_network.api import Network, Scenario
from sco_network.errors import InputError, Problems, bad_argument
from sco_network.model import library
from sco_network.model.folders import scenario_folder

if TYPE_CHECKING:
    from matplotlib.axes import Axes

F = TypeVar("F", bound=Callable[..., Any])
BY = click.Choice(["length", "time", "cost", "generalised"])


_SHARED = {
    "names": click.argument("names", nargs=-1, metavar="[SCENARIO]..."),
    "scenario": click.option(
        "--scenario", "names", multiple=True, metavar="S", help="Apply a scenario (repeatable)."
    ),
    "together": click.option("--together", is_flag=True, help="Apply all of them at once."),
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


def shared(*names: str) -> Callable[[F], F]:
    """Add arguments and options that several commands share."""

    def add(command: F) -> F:
        for name in reversed(names):
            command = _SHARED[name](command)
        return command

    return add


def plotted(what: str) -> Callable[[F], F]:
    """Add the option `--plot`, which also draws what a command prints."""
    return click.option(
        "--plot",
        type=click.Path(dir_okay=False),
        callback=_drawable,
        help=f"Also draw {what} (PNG or SVG, by the ending).",
    )


def _drawable(_context: click.Context, _option: click.Parameter, path: str | None) -> str | None:
    """Refuse a picture that cannot be drawn, or not written there, before any work is done."""
    if path is not None:
        from sco_network.model.writing import refuse_unwritable
        from sco_network.output.style import picture_kind

        picture_kind(path)
        refuse_unwritable(Path(path))
    return path


def draw(path: str, ax: Axes) -> None:
    """Write a figure and say where."""
    from sco_network.output.results import replaced_figure

    replaced_figure(Path(path), ax)
    say(f"Drew {path}")


def load(
    data: str | None, folder: str | None, names: Sequence[str]
) -> tuple[Network, list[Scenario]]:
    """Return the network and the scenarios named."""
    return Network.load(data), named(folder, names)


def named(folder: str | None, names: Sequence[str]) -> list[Scenario]:
    """Return the scenarios named, or refuse them with the problems of all at once."""
    problems = Problems()
    found = []
    for name in names:
        try:
            found.append(Scenario.load(name, folder))
        except InputError as error:
            problems.take(error.problems)
    problems.raise_if_any()
    return found


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


def grouped(scenarios: Sequence[Scenario], *, together: bool) -> list[tuple[Scenario, ...]]:
    """Return what is applied at once: each scenario, or all; without any, the base alone."""
    return [tuple(scenarios)] if together or not scenarios else [(s,) for s in scenarios]


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
