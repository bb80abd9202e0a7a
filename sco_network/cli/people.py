"""The command about people: people."""

from __future__ import annotations

import click

from .options import draw, grouped, load, plotted, print_json, shared, split


@click.command()
@shared("names", "together")
@click.option(
    "--top", type=click.IntRange(1), default=10, show_default=True, help="Places to print."
)
@plotted("the map")
@shared("data", "scenarios", "by", "modes", "basemap", "json")
def people(
    names: tuple[str, ...],
    together: bool,
    top: int,
    plot: str | None,
    data: str | None,
    folder: str | None,
    by: str,
    modes: str | None,
    basemap: str | None,
    as_json: bool,
) -> None:
    """Print what proposals change for people: access, the way to the sea, winners and losers."""
    from sco_network.analysis.people import people as find
    from sco_network.output.ground import check_basemap
    from sco_network.output.people import print_people
    from sco_network.output.people_maps import draw_people

    check_basemap(basemap)
    network, scenarios = load(data, folder, names)
    base = find(network, by=by, modes=split(modes)).comparison.before
    found = [
        find(network, group, by=by, modes=split(modes), before=base)
        for group in grouped(scenarios, together=together)
    ]
    if plot:
        draw(plot, draw_people(found, basemap=basemap))
    if as_json:
        print_json([f.as_dict() for f in found])
    else:
        for answer in found:
            print_people(answer, top=top)
