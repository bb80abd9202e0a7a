"""The command about pipelines: flows."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .options import load, print_json, say, shared


@click.command()
@click.argument("names", nargs=-1, metavar="[SCENARIO]...")
@click.option("--together", is_flag=True, help="Apply all of them at once.")
@click.option(
    "--commodity",
    default="gas",
    show_default=True,
    metavar="gas|oil",
    help="What flows: gas (bcm/y) or oil (Mt/y).",
)
@click.option("--from", "origin", metavar="A", help="Only from this country's fields, or a place.")
@click.option(
    "--to", "destination", metavar="B", help="Only to this country's markets, or a place."
)
@click.option("--plot", type=click.Path(dir_okay=False), help="Also draw the map (PNG or SVG).")
@shared("data", "scenarios", "basemap", "json")
def flows(
    names: tuple[str, ...],
    together: bool,
    commodity: str,
    origin: str | None,
    destination: str | None,
    plot: str | None,
    data: str | None,
    folder: str | None,
    basemap: str | None,
    as_json: bool,
) -> None:
    """Print what pipelines can carry before and after, their bottlenecks and dependencies.

    Exit code 1 if both ends are given and no pipeline leads from one to the other.
    """
    from sco_network.analysis.flows import flows as find
    from sco_network.output.flows import draw_flows, print_flows
    from sco_network.output.ground import check_basemap

    check_basemap(basemap)
    network, scenarios = load(data, folder, names)
    groups = [tuple(scenarios)] if together or not scenarios else [(s,) for s in scenarios]
    found = [
        find(network, group, commodity=commodity, origin=origin, destination=destination)
        for group in groups
    ]
    if plot:
        from sco_network.output.results import replaced_figure

        replaced_figure(Path(plot), draw_flows(found, basemap=basemap))
        say(f"Drew {plot}")
    if as_json:
        print_json([f.as_dict() for f in found])
    else:
        for answer in found:
            print_flows(answer)
    if all(f.is_pair and f.joint and f.joint[1].status == "no path" for f in found):
        sys.exit(1)
