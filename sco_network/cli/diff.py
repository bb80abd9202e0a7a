"""The command `diff`: what differs, and the scenario that makes the difference."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sco_network.api import Network, diff
from sco_network.errors import bad_argument
from sco_network.model.differences import common_kind
from sco_network.model.folders import scenario_folder

from .options import print_json, say, shared


@click.command("diff")
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="How to print the differences.",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(0, 1),
    default=0.0,
    metavar="SHARE",
    help="Numbers this close are the same: 0.001 is a thousandth of the larger one.",
)
@click.option("--exit-code", is_flag=True, help="Exit with 1 where anything differs, like git.")
@click.option(
    "--as-scenario", "scenario", metavar="ID", help="Write the scenario that turns data A into B."
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Where that scenario goes, ID.yaml (default: stdout).",
)
@click.option("--title", default="", help="Its title.")
@click.option("--partial", is_flag=True, help="Leave out of it what no scenario can say.")
@shared("data", "scenarios", "json")
def diff_(
    old: str,
    new: str,
    style: str,
    tolerance: float,
    exit_code: bool,
    scenario: str | None,
    out: str | None,
    title: str,
    partial: bool,
    data: str | None,
    folder: str | None,
    as_json: bool,
) -> None:
    """Show what differs between two data folders, two scenarios or two folders of results.

    Rows are told apart by their ids and numbers compared by value; the order of rows and columns
    does not matter. The exit code is 0 also where something differs, unless --exit-code is given.
    """
    if scenario is None and (out or title or partial):
        raise click.UsageError("--out, --title and --partial belong to --as-scenario")
    if scenario is not None:
        _as_scenario(old, new, scenario, folder, out=out, title=title, partial=partial)
        return
    found = diff(old, new, data=data, scenarios=folder, tolerance=tolerance)
    if as_json or style == "json":
        print_json(found.as_dict())
    else:
        from sco_network.output.differences import as_markdown, as_text

        click.echo(as_markdown(found) if style == "markdown" else as_text(found))
    if exit_code and found.rows:
        sys.exit(1)


def _as_scenario(
    old: str,
    new: str,
    scenario: str,
    folder: str | None,
    *,
    out: str | None,
    title: str,
    partial: bool,
) -> None:
    from sco_network.model.authoring import to_yaml
    from sco_network.model.transition import scenario_between

    if common_kind(old, new, scenario_folder(folder)) != "data":
        raise bad_argument("A B", "a scenario turns one data folder into another", "Name two")
    if out and Path(out).name != f"{scenario}.yaml":
        raise bad_argument(
            "--out", f"'{out}' is not called '{scenario}.yaml'", "Give both one name"
        )
    content, found = scenario_between(
        Network.load(old), Network.load(new), scenario, title=title, partial=partial
    )
    text = to_yaml(content)
    if out:
        from sco_network.model.writing import replaced_file

        replaced_file(Path(out), text)
        say(f"Wrote {out}")
    else:
        click.echo(text, nl=False)
    for problem in found.left_out:
        say(f"left out: {problem}")
    if found.courses:
        links = ", ".join(found.courses[:3]) + (", …" if len(found.courses) > 3 else "")
        say(f"left out: the course on the map of {len(found.courses)} links ({links})")
        say("A scenario carries no geometry: new links are drawn straight; no figure changes")
