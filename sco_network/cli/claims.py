"""The command that holds published claims against the model."""

from __future__ import annotations

import click

from sco_network.api import Network, Scenario
from sco_network.errors import bad_argument
from sco_network.model import library
from sco_network.model.folders import scenario_folder

from .options import draw, named, plotted, print_json, progress_bar, shared


@click.command()
@click.option(
    "--tolerance",
    type=click.FloatRange(0, 100),
    default=15,
    show_default=True,
    metavar="PERCENT",
    help="How far a figure may be off, percent of the published one.",
)
@plotted("them")
@shared("names", "data", "scenarios", "json")
def claims(
    names: tuple[str, ...],
    tolerance: float,
    plot: str | None,
    data: str | None,
    folder: str | None,
    as_json: bool,
) -> None:
    """Hold the published claims of every scenario (or those named) against the model."""
    from sco_network.output.claims import Claims, print_claims

    where = scenario_folder(folder)
    network = Network.load(data)
    chosen = named(folder, names) or library.read_all(where, Scenario)
    if not any(s.content.claims for s in chosen):
        raise bad_argument("scenario", "there is no claim to test", f"Looked in {where}")
    with progress_bar(len(chosen), "Testing") as progress:
        found = Claims.of(
            network,
            chosen,
            required=library.read_required(chosen, where, Scenario),
            tolerance_percent=tolerance,
            progress=progress,
        )
    if plot:
        draw(plot, found.plot())
    if as_json:
        print_json([c.as_dict() for c in found.checked])
    else:
        print_claims(found)
