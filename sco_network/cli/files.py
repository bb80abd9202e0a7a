"""Commands that work on files: list, show, validate, schema, init, new."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import get_args

import click

from sco_network.api import Network, Scenario
from sco_network.errors import bad_argument
from sco_network.model import library
from sco_network.model.folders import packaged, scenario_folder
from sco_network.model.rows import MODES
from sco_network.model.scenario import Kind

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
@click.option("--empty", is_flag=True, help="Empty tables instead, for another region.")
@shared("json")
def init(folder: str, empty: bool, as_json: bool) -> None:
    """Copy the packaged data and scenarios into a folder of your own, or begin an empty study."""
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise bad_argument("DIR", f"'{folder}' is not an empty folder", "Choose a new name")
    try:
        if empty:
            _write_empty_study(target)
        else:
            _copy_packaged(target)
    except OSError as error:
        raise bad_argument("DIR", f"cannot write to '{folder}': {error.strerror}") from error
    if as_json:
        made = "written" if empty else "copied"
        print_json({"folder": str(target.absolute()), made: ["data", "scenarios"]})
    if empty:
        say(f"Wrote empty tables to {target.absolute()}; data/README.md says what goes where")
        say(f"Next: cd {folder}, fill data/nodes.csv and data/links.csv, then sco-network validate")
    else:
        say(f"Copied data/ and scenarios/ to {target.absolute()}")
        say(f"Next: cd {folder} && sco-network run")


def _copy_packaged(target: Path) -> None:
    import shutil

    for name in ("data", "scenarios"):
        ignore = shutil.ignore_patterns("__pycache__", ".*")
        shutil.copytree(packaged(name), target / name, ignore=ignore)


def _write_empty_study(target: Path) -> None:
    from sco_network.errors import Problems
    from sco_network.model.assumptions import read_assumptions
    from sco_network.model.scaffold import empty_study

    known = read_assumptions(packaged("data") / "assumptions.yaml", Problems())
    for name, text in empty_study(known).items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")


@click.command()
@click.argument("name", metavar="ID")
@click.option("--title", default="", help="Its title.")
@click.option("--kind", type=click.Choice(get_args(Kind)), help="What kind of proposal it is.")
@click.option("--from", "origin", metavar="PLACE", help="Add a link that begins here.")
@click.option("--to", "destination", metavar="PLACE", help="And ends here.")
@click.option("--mode", type=click.Choice(MODES), help="Of this mode.")
@shared("data", "scenarios", "json")
def new(
    name: str,
    title: str,
    kind: str | None,
    origin: str | None,
    destination: str | None,
    mode: str | None,
    data: str | None,
    folder: str | None,
    as_json: bool,
) -> None:
    """Begin a scenario: a file with comments and examples that loads as it stands.

    With --from, --to and --mode it adds that link; its length is the great circle times the
    detour of the data's links of that mode, an estimate (D) to replace.
    """
    from sco_network.model.scaffold import Connection, new_scenario
    from sco_network.model.writing import replaced_file

    given = [part for part in (origin, destination, mode) if part]
    if given and len(given) < 3:
        raise click.UsageError("--from, --to and --mode go together")
    joins = Connection(*given) if given else None
    home = Path(folder or "scenarios")
    path, first = home / f"{name}.yaml", not any(home.glob("*.yaml"))
    if path.exists():
        raise bad_argument("ID", f"there is a scenario '{name}' in {home}", "Choose another id")
    network = Network.load(data)
    replaced_file(path, new_scenario(network, name, title=title, kind=kind, joins=joins))
    if as_json:
        print_json({"scenario": name, "file": str(path)})
    say(f"Wrote {path}")
    if first and folder is None:
        say("Commands run here look into scenarios/ now, no longer at the packaged proposals")
    say(f"Next: edit it, then sco-network validate {path}")
