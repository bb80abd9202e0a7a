"""The command line: parse, call, print."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from sco_network.api import Network, Scenario
from sco_network.errors import InputError, Problems, ScoError, bad_argument
from sco_network.model import library
from sco_network.model.folders import packaged, scenario_folder

F = TypeVar("F", bound=Callable[..., Any])
BY = click.Choice(["length", "time", "cost", "generalised"])


def _shared(*names: str) -> Callable[[F], F]:
    """Add the options that several commands share."""
    options = {
        "data": click.option(
            "--data", metavar="DIR", help="Data folder (default: ./data, else the packaged data)."
        ),
        "scenarios": click.option(
            "--scenarios",
            "folder",
            metavar="DIR",
            help="Scenario folder (default: ./scenarios, else the packaged ones).",
        ),
        "by": click.option(
            "--by", type=BY, default="time", show_default=True, help="What to compare by."
        ),
        "modes": click.option(
            "--modes", metavar="MODES", help="Modes to use, e.g. rail,road (default: freight)."
        ),
        "json": click.option("--json", "as_json", is_flag=True, help="Print JSON."),
    }

    def add(command: F) -> F:
        for name in reversed(names):
            command = options[name](command)
        return command

    return add


def _load(
    data: str | None, folder: str | None, names: Sequence[str]
) -> tuple[Network, list[Scenario]]:
    return Network.load(data), [Scenario.load(name, folder) for name in names]


def _split(text: str | None) -> list[str] | None:
    return [part.strip() for part in text.split(",") if part.strip()] if text is not None else None


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False))


def _say(text: str) -> None:
    click.echo(text, err=True)


@contextmanager
def _progress(total: int, what: str) -> Iterator[Callable[[int, int, str], None]]:
    """Show a progress bar on stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=total)

        def advance(done: int, _all: int, name: str) -> None:
            bar.update(task, completed=done, description=f"{what}: {name}")

        yield advance


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sco-network")
def cli() -> None:
    """Compare transport and energy proposals with the network of today."""


@cli.command()
@click.argument("names", nargs=-1, metavar="[SCENARIO]...")
@click.option("--out", default="results", show_default=True, metavar="DIR", help="Where to write.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes (default: one a core).")
@_shared("data", "scenarios", "by", "json")
def run(
    names: tuple[str, ...],
    out: str,
    jobs: int | None,
    data: str | None,
    folder: str | None,
    by: str,
    as_json: bool,
) -> None:
    """Compare every scenario (or those named) with the base; write tables and figures."""
    from sco_network.output import results

    where = scenario_folder(folder)
    chosen = names or tuple(library.names(where))
    if not chosen:
        raise bad_argument("--scenarios", f"there is no scenario in {where}")
    results.refuse_foreign(Path(out))
    network = Network.load(data)
    scenarios = (
        [s for s in library.read_all(where, Scenario) if s.id in chosen]
        if not names
        else [Scenario.load(name, folder) for name in names]
    )
    with _progress(len(scenarios), "Comparing") as progress:
        summary = results.run(network, scenarios, Path(out), by=by, jobs=jobs, progress=progress)
    if as_json:
        _print_json(json.loads(summary.to_json(orient="records")))
    else:
        from sco_network.output.terminal import print_summary

        print_summary(summary, network)
    _say(f"Tables and figures of {len(scenarios)} scenarios are in {Path(out).absolute()}")


@cli.command()
@click.argument("names", nargs=-1, required=True, metavar="SCENARIO...")
@click.option("--together", is_flag=True, help="Apply all of them at once.")
@click.option("--from", "origin", metavar="A", help="Only routes from this place.")
@click.option("--to", "destination", metavar="B", help="Only routes to this place.")
@_shared("data", "scenarios", "by", "modes", "json")
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

    network, scenarios = _load(data, folder, names)
    groups = [tuple(scenarios)] if together else [(s,) for s in scenarios]
    found = [
        compare_between(network, group, origin, destination, by=by, modes=_split(modes))
        for group in groups
    ]
    if as_json:
        _print_json([c.as_dict() for c in found])
        return
    for comparison in found:
        print_comparison(comparison, pair=origin is not None and destination is not None)


@cli.command()
@click.argument("origin")
@click.argument("destination")
@click.option(
    "--scenario", "names", multiple=True, metavar="S", help="Apply a scenario (repeatable)."
)
@click.option("--avoid", metavar="AFG,…", help="Countries to keep out of.")
@click.option("--via", metavar="PLACE,…", help="Places to pass, in order.")
@click.option(
    "--alternatives", type=click.IntRange(1, 20), default=1, metavar="K", help="Routes to show."
)
@_shared("data", "scenarios", "by", "modes", "json")
def route(
    origin: str,
    destination: str,
    names: tuple[str, ...],
    avoid: str | None,
    via: str | None,
    alternatives: int,
    data: str | None,
    folder: str | None,
    by: str,
    modes: str | None,
    as_json: bool,
) -> None:
    """Print one route leg by leg; exit code 1 if there is none."""
    network, scenarios = _load(data, folder, names)
    routes = network.routes(
        origin,
        destination,
        by=by,
        modes=_split(modes),
        avoid=_split(avoid) or (),
        via=_split(via) or (),
        scenarios=scenarios,
        alternatives=alternatives,
    )
    if as_json:
        _print_json(routes[0].as_dict() if alternatives == 1 else [r.as_dict() for r in routes])
    else:
        from sco_network.output.terminal import print_route

        for found in routes:
            print_route(found)
    if not routes[0].reachable:
        sys.exit(1)


@cli.command("list")
@_shared("scenarios", "json")
def list_(folder: str | None, as_json: bool) -> None:
    """List the scenarios."""
    from sco_network.output.terminal import print_list, scenario_record

    scenarios = library.read_all(scenario_folder(folder), Scenario)
    if as_json:
        _print_json([scenario_record(s) for s in scenarios])
    else:
        print_list(scenarios)


@cli.command()
@click.argument("names", nargs=-1, required=True, metavar="SCENARIO|PLACE|ID...")
@_shared("data", "scenarios", "json")
def show(names: tuple[str, ...], data: str | None, folder: str | None, as_json: bool) -> None:
    """Show a scenario, a place, or any row of the data by its id."""
    from sco_network.analysis.lookup import look_up
    from sco_network.output.terminal import print_found

    network = Network.load(data)
    found = [look_up(network, scenario_folder(folder), name) for name in names]
    if as_json:
        _print_json([f.as_dict() for f in found])
    else:
        print_found(found)


@cli.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@_shared("data", "scenarios", "json")
def validate(
    paths: tuple[str, ...],
    data: str | None,
    folder: str | None,
    as_json: bool,
) -> None:
    """Check data folders and scenario files; list everything that is wrong at once."""
    from sco_network.analysis.validate import validate_paths

    problems = validate_paths([Path(p) for p in paths], data, folder)
    if as_json:
        _print_json({"ok": not problems, "errors": [p.as_dict() for p in problems]})
    else:
        for problem in problems:
            click.echo(str(problem))
        _say(f"{len(problems)} problems" if problems else "No problem found")
    if problems:
        sys.exit(1)


@cli.command()
@click.option("--plot", type=click.Path(dir_okay=False), help="Also draw the scatter (PNG or SVG).")
@click.option("--worst", type=int, default=10, show_default=True, help="Rows to print.")
@_shared("data", "json")
def benchmarks(plot: str | None, worst: int, data: str | None, as_json: bool) -> None:
    """Hold the base network against published route figures."""
    from sco_network.analysis.benchmarks import run_benchmarks
    from sco_network.analysis.compare import records
    from sco_network.output.terminal import print_benchmarks

    network = Network.load(data)
    found = run_benchmarks(network)
    if plot:
        from sco_network.output.charts import draw_benchmarks
        from sco_network.output.results import replaced_figure

        replaced_figure(Path(plot), draw_benchmarks(found))
        _say(f"Drew {plot}")
    if as_json:
        _print_json({"errors": found.errors, "figures": records(found.table)})
    else:
        print_benchmarks(found, network, worst)


@cli.command()
@click.argument("what", nargs=-1, metavar="[ORIGIN DESTINATION | SCENARIO | RESULTS]")
@click.option("--scenario", "names", multiple=True, metavar="S", help="Apply a scenario.")
@_shared("data", "scenarios", "by", "modes", "json")
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
    from sco_network.output.terminal import print_coverage, print_evidence

    if len(what) == 1 and (Path(what[0]) / MARKER).exists():
        click.echo((Path(what[0]) / MARKER).read_text(encoding="utf-8"), nl=False)
        return
    if not what:
        rows = reasons.coverage(Network.load(data))
        if as_json:
            _print_json(rows)
        else:
            print_coverage(rows)
        return
    if len(what) > 2:
        raise click.UsageError("give two places, one scenario, or one results folder")
    scenario_names = (*names, what[0]) if len(what) == 1 else names
    network, scenarios = _load(data, folder, scenario_names)
    if len(what) == 1:
        changed = network.with_scenarios(*scenarios)
        evidence, share = reasons.explain_changes(changed), {}
        added = [e.row_id for e in evidence if e.table == "links"]
        share = reasons.share_by_confidence(changed, added)
    else:
        route = network.route(*what, by=by, modes=_split(modes), scenarios=scenarios)
        if not route.reachable:
            raise bad_argument("route", f"there is no route from {what[0]} to {what[1]}")
        evidence = reasons.explain_route(route)
        legs = [leg.link_id for leg in route.legs]
        share = reasons.share_by_confidence(route.network, legs)
    if as_json:
        rows = [e.as_dict() for e in evidence]
        _print_json({"km_percent_by_confidence": share, "rows": rows})
    else:
        print_evidence(" – ".join(what), evidence, share)


@cli.command()
@click.argument("what", default="scenario")
@_shared("json")
def schema(what: str, as_json: bool) -> None:  # noqa: ARG001 - a schema is JSON either way
    """Print the JSON Schema of scenario files, of a table (nodes, links, …), or datapackage."""
    from sco_network.model.schema import json_schema

    _print_json(json_schema(what))


@cli.command()
@click.argument("folder", metavar="DIR")
@_shared("json")
def init(folder: str, as_json: bool) -> None:
    """Copy the packaged data and scenarios into a folder of your own."""
    import shutil

    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise bad_argument("DIR", f"'{folder}' is not an empty folder", "Choose a new name")
    try:
        for name in ("data", "scenarios"):
            shutil.copytree(
                packaged(name), target / name, ignore=shutil.ignore_patterns("__pycache__", ".*")
            )
    except OSError as error:
        raise bad_argument("DIR", f"cannot write to '{folder}': {error.strerror}") from error
    if as_json:
        _print_json({"folder": str(target.absolute()), "copied": ["data", "scenarios"]})
    _say(f"Copied data/ and scenarios/ to {target.absolute()}")
    _say(f"Next: cd {folder} && sco-network run")


def main() -> None:
    """Run the command line; bad input ends with its problems and exit code 1."""
    try:
        cli(prog_name="sco-network")
    except InputError as error:
        problems = Problems(list(error.problems))
        for problem in sorted(problems.found, key=lambda p: (p.file, p.line or 0)):
            _say(f"error: {problem}")
        sys.exit(1)
    except ScoError as error:
        _say(f"error: {error}")
        sys.exit(1)
    except BrokenPipeError:  # the reader of our output has gone, as in `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
