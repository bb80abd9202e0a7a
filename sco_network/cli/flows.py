"""The command about pipelines: flows."""

from __future__ import annotations

import sys

import click

from .options import draw, grouped, load, plotted, print_json, shared


@click.command()
@shared("names", "together")
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
@plotted("the map")
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
    from sco_network.output.flow_maps import draw_flows
    from sco_network.output.flows import print_flows
    from sco_network.output.ground import check_basemap

    check_basemap(basemap)
    network, scenarios = load(data, folder, names)
    found = [
        find(network, group, commodity=commodity, origin=origin, destination=destination)
        for group in grouped(scenarios, together=together)
    ]
    if plot:
        draw(plot, draw_flows(found, basemap=basemap))
    if as_json:
        print_json([f.as_dict() for f in found])
    else:
        for answer in found:
            print_flows(answer)
    if all(f.is_pair and f.joint and f.joint[1].status == "no path" for f in found):
        sys.exit(1)
