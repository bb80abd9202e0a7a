"""The command that sets proposals beside cuts of border waits: breakeven."""

from __future__ import annotations

from collections.abc import Sequence

import click

from sco_network.api import Network
from sco_network.model.scenario import Scenario

from .options import draw, everything, named, plotted, print_json, progress_bar, shared, split


@click.command()
@click.option(
    "--crossing",
    "crossings",
    multiple=True,
    metavar="ID|all-on-route",
    help="A crossing whose wait is cut (repeatable); default: those that the gain passes most.",
)
@click.option("--from", "origin", metavar="A", help="The gain between two places: from here …")
@click.option("--to", "destination", metavar="B", help="… to here.")
@plotted("the curves")
@shared("names", "data", "scenarios", "by", "modes", "json")
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
    groups = _proposals(folder, names)
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
        draw(plot, draw_contest(found))
    if as_json:
        print_json(printable)
    else:
        print_breakeven(found)


def _proposals(folder: str | None, names: Sequence[str]) -> list[list[Scenario]]:
    """Return each scenario named with those that it requires, from the same folder.

    Without names: all that build or reform something; no closure, no pipeline (nothing waits
    at its borders), nothing cancelled.
    """
    from sco_network.routing.topology import with_companions

    known = everything(folder)
    chosen = named(folder, names) or [
        s
        for s in known.values()
        if s.content.kind not in {"closure", "pipeline"} and s.content.status != "cancelled"
    ]
    return [with_companions(s, known) for s in chosen]
