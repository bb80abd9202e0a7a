"""Commands that say how far to trust a figure: benchmarks, explain."""

from __future__ import annotations

from pathlib import Path

import click

from sco_network.api import Network
from sco_network.errors import bad_argument

from .options import draw, load, plotted, print_json, shared, split


@click.command()
@plotted("the scatter")
@click.option(
    "--worst", type=click.IntRange(0), default=10, show_default=True, help="Rows to print."
)
@shared("data", "json")
def benchmarks(plot: str | None, worst: int, data: str | None, as_json: bool) -> None:
    """Hold the base network against published route figures."""
    from sco_network.analysis.benchmarks import run_benchmarks
    from sco_network.analysis.plain import records
    from sco_network.output.terminal import print_benchmarks

    network = Network.load(data)
    found = run_benchmarks(network)
    if plot:
        from sco_network.output.charts import draw_benchmarks

        draw(plot, draw_benchmarks(found))
    if as_json:
        print_json({"errors": found.errors, "figures": records(found.table)})
    else:
        print_benchmarks(found, network, worst)


@click.command()
@click.argument("what", nargs=-1, metavar="[ORIGIN DESTINATION | SCENARIO | RESULTS]")
@shared("scenario", "data", "scenarios", "by", "modes", "json")
def explain(
    what: tuple[str, ...],
    names: tuple[str, ...],
    data: str | None,
    folder: str | None,
    by: str,
    modes: str | None,
    as_json: bool,
) -> None:
    """Show the rows and sources that a route, a scenario or a results folder rests on.

    Without arguments: the whole data by country, mode and confidence.
    """
    from sco_network.analysis import explain as reasons
    from sco_network.output.results import MARKER
    from sco_network.output.terminal import print_evidence

    if len(what) > 2:
        raise click.UsageError("give two places, one scenario, or one results folder")
    if not what:
        _explain_data(data, as_json)
        return
    if len(what) == 1 and (Path(what[0]) / MARKER).exists():
        _explain_results(what[0], as_json)
        return
    if len(what) == 1:
        network, scenarios = load(data, folder, (*names, what[0]))
        changed = network.with_scenarios(*scenarios)
        evidence = reasons.explain_changes(changed)
        added = [e.row_id for e in evidence if e.table == "links"]
        share = reasons.share_by_confidence(changed, added)
    else:
        network, scenarios = load(data, folder, names)
        route = network.route(*what, by=by, modes=split(modes), scenarios=scenarios)
        if not route.reachable:
            raise bad_argument("route", f"there is no route from {what[0]} to {what[1]}")
        evidence = reasons.explain_route(route)
        legs = [leg.link_id for leg in route.legs]
        share = reasons.share_by_confidence(route.network, legs)
    if as_json:
        rows = [e.as_dict() for e in evidence]
        print_json({"km_percent_by_confidence": share, "rows": rows})
    else:
        print_evidence(" – ".join(what), evidence, share)


def _explain_data(data: str | None, as_json: bool) -> None:
    from sco_network.analysis.explain import coverage
    from sco_network.output.terminal import print_coverage

    rows = coverage(Network.load(data))
    if as_json:
        print_json(rows)
    else:
        print_coverage(rows)


def _explain_results(out: str, as_json: bool) -> None:
    from sco_network.output.results import read_record
    from sco_network.output.terminal import print_record

    record = read_record(Path(out))
    if as_json:
        print_json(record)
    else:
        print_record(out, record)
