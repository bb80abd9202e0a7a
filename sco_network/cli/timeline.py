"""The command that sets a programme on its years: timeline."""

from __future__ import annotations

from collections.abc import Sequence

import click

from sco_network.api import Network
from sco_network.model.scenario import Scenario

from .options import draw, everything, named, plotted, print_json, shared, split


@click.command()
@click.option("--from-year", "first", type=int, metavar="YEAR", help="Default: the base year.")
@click.option("--to-year", "last", type=int, metavar="YEAR", help="Default: the last opening.")
@click.option(
    "--case",
    type=click.Choice(["low", "mode", "high"]),
    default="mode",
    show_default=True,
    help="Early (low), base (mode) or late (high) build years.",
)
@click.option(
    "--delay",
    type=click.IntRange(1, 100),
    default=5,
    show_default=True,
    metavar="YEARS",
    help="How late each proposal comes in the cost of delay.",
)
@plotted("the steps")
@shared("names", "data", "scenarios", "by", "modes", "json")
def timeline(
    names: tuple[str, ...],
    first: int | None,
    last: int | None,
    case: str,
    delay: int,
    plot: str | None,
    data: str | None,
    folder: str | None,
    by: str,
    modes: str | None,
    as_json: bool,
) -> None:
    """Show what opens when, what it adds, what delay costs, and what to build first.

    Without names: every scenario that has a build year, but for cancelled ones and pipelines.
    """
    from sco_network.analysis.timeline import timeline as programme_over_years
    from sco_network.output.timeline import draw_timeline, print_timeline

    found = programme_over_years(
        Network.load(data),
        _programme(folder, names),
        by=by,
        case=case,
        modes=split(modes),
        years=(first, last),
        delay=delay,
        cancelled=bool(names),
    )
    if plot:
        draw(plot, draw_timeline(found))
    if as_json:
        print_json(found.as_dict())
    else:
        print_timeline(found)


def _programme(folder: str | None, names: Sequence[str]) -> list[Scenario]:
    """Return the scenarios named and all they require, or every scenario of the folder."""
    from sco_network.routing.topology import with_companions

    known = everything(folder)
    chosen = named(folder, names) or list(known.values())
    return [*chosen, *(other for s in chosen for other in with_companions(s, known)[1:])]
