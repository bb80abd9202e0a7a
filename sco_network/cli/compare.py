"""Commands that set before beside after: run, compare, route."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from sco_network.api import Network
from sco_network.routing.route import Route

from .options import (
    draw,
    everything,
    grouped,
    load,
    named,
    plotted,
    print_json,
    progress_bar,
    say,
    shared,
    split,
)


@click.command()
@click.option("--out", default="results", show_default=True, metavar="DIR", help="Where to write.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes (default: one a core).")
@shared("names", "data", "scenarios", "by", "basemap", "json")
def run(
    names: tuple[str, ...],
    out: str,
    jobs: int | None,
    data: str | None,
    folder: str | None,
    by: str,
    basemap: str | None,
    as_json: bool,
) -> None:
    """Compare every scenario (or those named) with the base; write tables, figures, a report."""
    from sco_network.model.writing import refuse_foreign
    from sco_network.output import results

    refuse_foreign(Path(out), results.MARKER)
    network = Network.load(data)
    scenarios = named(folder, names) or list(everything(folder).values())
    with progress_bar(len(scenarios), "Comparing") as progress:
        summary = results.run(
            network, scenarios, Path(out), by=by, jobs=jobs, basemap=basemap, progress=progress
        )
    if as_json:
        print_json(json.loads(summary.to_json(orient="records")))
    else:
        from sco_network.output.terminal import print_summary

        print_summary(summary, network)
    say(f"Tables, figures and report.html of {len(scenarios)} scenarios: {Path(out).absolute()}")


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="SCENARIO...")
@shared("together")
@click.option("--from", "origin", metavar="A", help="Only routes from this place.")
@click.option("--to", "destination", metavar="B", help="Only routes to this place.")
@shared("data", "scenarios", "by", "modes", "json")
def compare(
    names: tuple[str, ...],
    together: bool,
    origin: str | None,
    destination: str | None,
    data: str | None,
    folder: str | None,
    by: str,
    modes: str | None,
    as_json: bool,
) -> None:
    """Print before and after for each scenario, or for all of them together."""
    from sco_network.analysis.ends import compare_between
    from sco_network.output.terminal import print_comparison

    network, scenarios = load(data, folder, names)
    found = [
        compare_between(network, group, origin, destination, by=by, modes=split(modes))
        for group in grouped(scenarios, together=together)
    ]
    if as_json:
        print_json([c.as_dict() for c in found])
        return
    for comparison in found:
        print_comparison(comparison, pair=origin is not None and destination is not None)


@click.command()
@click.argument("origin")
@click.argument("destination")
@shared("scenario")
@click.option("--avoid", metavar="AFG,…", help="Countries to keep out of.")
@click.option("--via", metavar="PLACE,…", help="Places to pass, in order.")
@click.option(
    "--alternatives", type=click.IntRange(1, 20), default=1, metavar="K", help="Routes to show."
)
@plotted("hours and dollars over distance, today and with the scenarios")
@click.option(
    "--dossier",
    type=click.Path(dir_okay=False),
    help="Also write one HTML page with the drawing, the legs and their sources.",
)
@shared("data", "scenarios", "by", "modes", "json")
def route(
    origin: str,
    destination: str,
    names: tuple[str, ...],
    avoid: str | None,
    via: str | None,
    alternatives: int,
    plot: str | None,
    dossier: str | None,
    data: str | None,
    folder: str | None,
    by: str,
    modes: str | None,
    as_json: bool,
) -> None:
    """Print one route leg by leg; exit code 1 if there is none."""
    network, scenarios = load(data, folder, names)
    find = partial(
        network.routes,
        origin,
        destination,
        by=by,
        modes=split(modes),
        avoid=split(avoid) or (),
        via=split(via) or (),
    )
    routes = find(scenarios=scenarios, alternatives=alternatives)
    if plot or dossier:
        _write([*(find() if scenarios else []), *routes], plot, dossier)
    if as_json:
        print_json(routes[0].as_dict() if alternatives == 1 else [r.as_dict() for r in routes])
    else:
        from sco_network.output.terminal import print_route

        for found in routes:
            print_route(found)
    if not routes[0].reachable:
        sys.exit(1)


def _write(routes: Sequence[Route], plot: str | None, dossier: str | None) -> None:
    """Write the drawing and the dossier that were asked for."""
    from sco_network.output.dossier import write_dossier
    from sco_network.output.staircase import draw_staircase

    if not any(route.legs for route in routes):
        say("There is nothing to draw, so no file was written")
        return
    if plot:
        draw(plot, draw_staircase(routes))
    if dossier:
        write_dossier(routes, Path(dossier))
        say(f"Wrote {dossier}")
