"""The command that sets proposals beside cuts of border waits: breakeven."""

from __future__ import annotations

from pathlib import Path

import click

from sco_network.api import Network

from .options import print_json, progress_bar, proposals, say, shared, split


@click.command()
@click.argument("names", nargs=-1, metavar="[SCENARIO]...")
@click.option(
    "--crossing",
    "crossings",
    multiple=True,
    metavar="ID|all-on-route",
    help="A crossing whose wait is cut (repeatable); default: those that the gain passes most.",
)
@click.option("--from", "origin", metavar="A", help="The gain between two places: from here …")
@click.option("--to", "destination", metavar="B", help="… to here.")
@click.option("--plot", type=click.Path(dir_okay=False), help="Also draw the curves (PNG or SVG).")
@shared("data", "scenarios", "by", "modes", "json")
def breakeven(
    names: tuple[str, ...],
    crossings: tuple[str, ...],
    origin: str | None,
    destination: str | None,
    plot: str | None,
    data: str | None,
    folder: str | None,
    by: str,
    modes: str | None,
    as_json: bool,
) -> None:
    """Find the cut of border waits that equals a proposal, and where the proposal stops paying.

    Without names: every proposal but pipelines, at whose borders nothing waits, and what is
    cancelled. Each is taken with what it requires.
    """
    from sco_network.analysis import breakeven as contest
    from sco_network.output.breakeven import draw_contest, print_breakeven

    network = Network.load(data)
    groups = proposals(folder, names)
    found, printable = [], []
    with progress_bar(len(groups), "Bisecting") as progress:
        for done, group in enumerate(groups, 1):
            one = contest.breakeven(
                network,
                group,
                crossings=crossings,
                origin=origin,
                destination=destination,
                by=by,
                modes=split(modes),
            )
            found.append(one)
            printable.append(one.as_dict())  # here the work is done
            progress(done, len(groups), group[0].id)
    if plot:
        from sco_network.output.results import replaced_figure

        replaced_figure(Path(plot), draw_contest(found))
        say(f"Drew {plot}")
    if as_json:
        print_json(printable)
    else:
        print_breakeven(found)
