"""The command about people: people."""

from __future__ import annotations

from pathlib import Path

import click

from .options import load, print_json, say, shared, split


@click.command()
@click.argument("names", nargs=-1, metavar="[SCENARIO]...")
@click.option("--together", is_flag=True, help="Apply all of them at once.")
@click.option(
    "--top", type=click.IntRange(1), default=10, show_default=True, help="Places to print."
)
@click.option("--plot", type=click.Path(dir_okay=False), help="Also draw the map (PNG or SVG).")
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
    from sco_network.output.people import draw_people, print_people

    check_basemap(basemap)
    network, scenarios = load(data, folder, names)
    groups = [tuple(scenarios)] if together or not scenarios else [(s,) for s in scenarios]
    base = find(network, by=by, modes=split(modes)).comparison.before
    found = [find(network, group, by=by, modes=split(modes), before=base) for group in groups]
    if plot:
        from sco_network.output.results import replaced_figure

        replaced_figure(Path(plot), draw_people(found, basemap=basemap))
        say(f"Drew {plot}")
    if as_json:
        print_json([f.as_dict() for f in found])
    else:
        for answer in found:
            print_people(answer, top=top)
