"""Commands that weigh proposals against one another: rank, uncertainty, stress."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from sco_network.api import Network, Scenario
from sco_network.errors import bad_argument, did_you_mean
from sco_network.model import library
from sco_network.model import scenario as model
from sco_network.model.folders import scenario_folder

from .options import draw, named, plotted, print_json, progress_bar, say, shared, split

MEASURE = click.option(
    "--measure",
    type=click.Choice(["efficiency", "market_access", "mean_cost"]),
    default="efficiency",
    show_default=True,
    help="What is gained.",
)


def _chosen(names: Sequence[str], folder: str | None) -> Sequence[model.Scenario]:
    """Return the scenarios named, or all proposals for freight; say which are left out."""
    from sco_network.analysis.combine import proposals

    if names:
        return named(folder, names)
    found, rest = proposals(library.read_all(scenario_folder(folder), Scenario))
    if not found:
        raise bad_argument("--scenarios", f"no proposal in {scenario_folder(folder)}")
    if rest:
        say("Left out unless named: " + ", ".join(s.id for s in rest))
    return found


@click.command()
@MEASURE
@click.option(
    "--permutations",
    type=click.IntRange(4, 1_000_000),
    help="Orders to sample (default: all sets for up to 14 scenarios, else 200 orders).",
)
@click.option("--seed", default=0, show_default=True, help="Of the sampled orders.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Threads (default: one a core).")
@plotted("it")
@shared("names", "data", "scenarios", "by", "modes", "json")
def rank(
    names: tuple[str, ...],
    measure: str,
    permutations: int | None,
    seed: int,
    jobs: int | None,
    plot: str | None,
    data: str | None,
    folder: str | None,
    by: str,
    modes: str | None,
    as_json: bool,
) -> None:
    """Share the joint gain among scenarios (Shapley), with interactions and building order."""
    from sco_network.analysis.rank import rank as ranked
    from sco_network.output.combine import print_ranking

    scenarios = _chosen(names, folder)
    network = Network.load(data)
    with progress_bar(1, "Ranking") as progress:
        found = ranked(
            network,
            scenarios,
            by=by,
            measure=measure,
            modes=split(modes),
            permutations=permutations,
            seed=seed,
            jobs=jobs,
            progress=progress,
        )
    if plot:
        from sco_network.output.weighing import draw_ranking

        draw(plot, draw_ranking(found))
    if as_json:
        print_json(found.as_dict())
    else:
        print_ranking(found)


@click.command()
@MEASURE
@click.option("--draws", type=click.IntRange(2, 10_000_000), default=1000, show_default=True)
@click.option("--seed", default=0, show_default=True, help="Of the draws.")
@click.option(
    "--distribution",
    type=click.Choice(["triangular", "pert"]),
    default="triangular",
    show_default=True,
    help="Between low, mode and high.",
)
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes (default: one a core).")
@click.option("--cluster", metavar="ADDRESS", help="A running Dask scheduler to use instead.")
@click.option(
    "--out", metavar="FILE", help="Also write every draw's gains as CSV.", type=click.Path()
)
@plotted("it")
@shared("names", "data", "scenarios", "by", "modes", "json")
def uncertainty(
    names: tuple[str, ...],
    measure: str,
    draws: int,
    seed: int,
    distribution: str,
    jobs: int | None,
    cluster: str | None,
    out: str | None,
    plot: str | None,
    data: str | None,
    folder: str | None,
    by: str,
    modes: str | None,
    as_json: bool,
) -> None:
    """Draw every uncertain number: ranges of gains, who beats whom, what matters most."""
    from sco_network.analysis.uncertainty import uncertainty as drawn
    from sco_network.model.writing import refuse_unwritable, replaced_file
    from sco_network.output.combine import print_uncertainty

    if out:
        refuse_unwritable(Path(out))
    scenarios = _chosen(names, folder)
    network = Network.load(data)
    with progress_bar(1, "Drawing") as progress:
        found = drawn(
            network,
            scenarios,
            by=by,
            measure=measure,
            modes=split(modes),
            draws=draws,
            seed=seed,
            distribution=distribution,
            jobs=jobs,
            cluster=cluster,
            progress=progress,
        )
    if out:
        from sco_network.output.tables import csv_text

        replaced_file(Path(out), csv_text(found.gains))
        say(f"Wrote {out}")
    if plot:
        from sco_network.output.weighing import draw_uncertainty

        draw(plot, draw_uncertainty(found))
    if as_json:
        print_json(found.as_dict())
    else:
        print_uncertainty(found)


@click.command()
@MEASURE
@click.option("--avoid", metavar="AFG,…", help="Countries to shut, each by itself.")
@click.option(
    "--close",
    multiple=True,
    metavar="ID",
    help="A closure scenario, a crossing or a link to shut (repeatable; default: all scenarios "
    "of kind closure).",
)
@click.option("--top", type=click.IntRange(0, 1000), default=10, show_default=True, help="Rows.")
@plotted("it")
@shared("names", "data", "scenarios", "by", "modes", "json")
def stress(
    names: tuple[str, ...],
    measure: str,
    avoid: str | None,
    close: tuple[str, ...],
    top: int,
    plot: str | None,
    data: str | None,
    folder: str | None,
    by: str,
    modes: str | None,
    as_json: bool,
) -> None:
    """Rank links and crossings by what their loss costs; see which gains survive closures.

    Criticality is that of the base and, with scenarios named, with each of them built.
    """
    from sco_network.analysis.stress import stress as stressed
    from sco_network.output.combine import print_stress

    network = Network.load(data)
    where = scenario_folder(folder)
    known = library.names(where)
    rows = {*network.crossings.index, *network.links.index}
    for name in close:
        if name not in rows and name not in known:
            hint = did_you_mean(name, [*known, *rows])
            raise bad_argument("--close", f"no scenario, crossing or link is called '{name}'", hint)
    closures: list[Scenario | str] = [Scenario.load(c, folder) if c in known else c for c in close]
    if not close:
        closures += [s for s in library.read_all(where, Scenario) if s.content.kind == "closure"]
    with progress_bar(1, "Closing") as progress:
        found = stressed(
            network,
            _chosen(names, folder),
            each=bool(names),
            closures=closures,
            avoid=split(avoid) or (),
            by=by,
            measure=measure,
            modes=split(modes),
            top=top,
            progress=progress,
        )
    if plot:
        from sco_network.output.weighing import draw_stress

        draw(plot, draw_stress(found))
    if as_json:
        print_json(found.as_dict())
    else:
        print_stress(found, top)
