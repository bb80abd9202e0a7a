"""The command that works out all best costs between many places."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import load, print_json, progress_bar, say, shared, split

if TYPE_CHECKING:
    from sco_network.output.skims import Form


@click.command()
@click.option(
    "--terminals",
    metavar="FILE|all",
    help="Places by id or name, one a line, or a CSV file with node_id; or all places "
    "(default: ports and larger cities).",
)
@click.option("--out", required=True, metavar="FILE", help="CSV file to write.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["matrix", "pairs"]),
    default="matrix",
    show_default=True,
    help="One row an origin, or one row a pair.",
)
@shared("scenario")
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes (default: one a core).")
@click.option("--cluster", metavar="ADDRESS", help="Use a running Dask cluster.")
@shared("data", "scenarios", "by", "modes", "json")
def skim(
    terminals: str | None,
    out: str,
    form: Form,
    names: tuple[str, ...],
    jobs: int | None,
    cluster: str | None,
    data: str | None,
    folder: str | None,
    by: str,
    modes: str | None,
    as_json: bool,
) -> None:
    """Write the best costs between all pairs of many places as CSV."""
    from sco_network.analysis.large_skim import large_skim
    from sco_network.analysis.places import chosen_places
    from sco_network.model.writing import file_to_replace, refuse_unwritable
    from sco_network.output.skims import print_skim, skim_record, write_skim
    from sco_network.routing.states import expand

    refuse_unwritable(Path(out))
    network, scenarios = load(data, folder, names)
    graph = expand(network.with_scenarios(*scenarios), split(modes))
    places = chosen_places(graph, terminals)
    begin, where = time.perf_counter(), ""
    with progress_bar(len(places), "Skimming") as bar:

        def progress(done: int, total: int, place: str) -> None:
            nonlocal where
            where = place
            bar(done, total, place)

        found = large_skim(graph, places, by, jobs=jobs, cluster=cluster, progress=progress)
    seconds = round(time.perf_counter() - begin, 3)
    with file_to_replace(Path(out)) as file:
        write_skim(found, file, form)
    record = {"out": out, **skim_record(found), "seconds": seconds, "where": where}
    if as_json:
        print_json(record)
    else:
        print_skim(record)
    say(f"Wrote {out}")
