"""Commands that work on files: list, show, validate, schema, init."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sco_network.api import Network, Scenario
from sco_network.errors import bad_argument
from sco_network.model import library
from sco_network.model.folders import packaged, scenario_folder

from .options import print_json, say, shared


@click.command("list")
@shared("scenarios", "json")
def list_(folder: str | None, as_json: bool) -> None:
    """List the scenarios."""
    from sco_network.output.terminal import print_list, scenario_record

    scenarios = library.read_all(scenario_folder(folder), Scenario)
    if as_json:
        print_json([scenario_record(s) for s in scenarios])
    else:
        print_list(scenarios)


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="SCENARIO|PLACE|ID...")
@shared("data", "scenarios", "json")
def show(names: tuple[str, ...], data: str | None, folder: str | None, as_json: bool) -> None:
    """Show a scenario, a place, or any row of the data by its id."""
    from sco_network.analysis.lookup import look_up
    from sco_network.output.terminal import print_found

    network = Network.load(data)
    found = [look_up(network, scenario_folder(folder), name) for name in names]
    if as_json:
        print_json([f.as_dict() for f in found])
    else:
        print_found(found)


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@shared("data", "scenarios", "json")
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
        print_json({"ok": not problems, "errors": [p.as_dict() for p in problems]})
    else:
        for problem in problems:
            click.echo(str(problem))
        say(f"{len(problems)} problems" if problems else "No problem found")
    if problems:
        sys.exit(1)


@click.command()
@click.argument("what", default="scenario")
@shared("json")
def schema(what: str, as_json: bool) -> None:  # noqa: ARG001 - a schema is JSON either way
    """Print the JSON Schema of scenario files, of a table (nodes, links, …), or datapackage."""
    from sco_network.model.schema import json_schema

    print_json(json_schema(what))


@click.command()
@click.argument("folder", metavar="DIR")
@shared("json")
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
        print_json({"folder": str(target.absolute()), "copied": ["data", "scenarios"]})
    say(f"Copied data/ and scenarios/ to {target.absolute()}")
    say(f"Next: cd {folder} && sco-network run")
