"""The command that sets a programme on its years: timeline."""

from __future__ import annotations

from pathlib import Path

import click

from sco_network.api import Network

from .options import print_json, programme, say, shared, split


@click.command()
@click.argument("names", nargs=-1, metavar="[SCENARIO]...")
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
@click.option("--plot", type=click.Path(dir_okay=False), help="Also draw the steps (PNG or SVG).")
@shared("data", "scenarios", "by", "modes", "json")
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
        programme(folder, names),
        by=by,
        case=case,
        modes=split(modes),
        years=(first, last),
        delay=delay,
        cancelled=bool(names),
    )
    if plot:
        from sco_network.output.results import replaced_figure

        replaced_figure(Path(plot), draw_timeline(found))
        say(f"Drew {plot}")
    if as_json:
        print_json(found.as_dict())
    else:
        print_timeline(found)
