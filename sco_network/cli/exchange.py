"""Commands that write a network for other programs and read it from them."""

from __future__ import annotations

from pathlib import Path

import click

from sco_network.api import Network

from .imports import import_group
from .options import load, print_json, say, shared

FORMS = {
    "gmns": "GMNS, a folder of CSV files (General Modeling Network Specification)",
    "gpkg": "GeoPackage, a layer for each table",
    "geojson": "GeoJSON, one file",
    "graphml": "GraphML, one file",
}


@click.group()
def export() -> None:
    """Write the network for other programs: QGIS, Gephi, models that read GMNS."""


def _export_to(form: str, what: str) -> click.Command:
    """Return the command that writes a format."""

    @click.command(form, help=f"Write the network as {what}.")
    @click.option("--out", required=True, metavar="PATH", help="What to write.")
    @shared("scenario", "data", "scenarios", "json")
    def command(
        out: str, names: tuple[str, ...], data: str | None, folder: str | None, as_json: bool
    ) -> None:
        network, scenarios = load(data, folder, names)
        changed = network.with_scenarios(*scenarios)
        changed.write(out, form)
        _report(changed, "Wrote", out, as_json)

    return command


def _import_from(form: str, what: str) -> click.Command:
    """Return the command that reads a format."""

    @click.command(form, help=f"Write a data folder from {what}.")
    @click.argument("path", metavar="PATH")
    @click.option("--out", required=True, metavar="DIR", help="Data folder to write.")
    @shared("json")
    def command(path: str, out: str, as_json: bool) -> None:
        from sco_network.exchange.folder import write_folder
        from sco_network.model.writing import refuse_other_content, replaced_folder

        refuse_other_content(Path(out))
        network = Network.read(path, form, note=say)
        with replaced_folder(Path(out)) as folder:
            write_folder(network, folder)
        _report(network, "Wrote the data folder", out, as_json)
        if not as_json:
            say(f"Next: sco-network validate {out}")

    return command


def _report(network: Network, done: str, out: str, as_json: bool) -> None:
    from sco_network.output.exchange import network_record, print_network

    record = {"out": out, **network_record(network)}
    if as_json:
        print_json(record)
    else:
        print_network(record)
    say(f"{done} {out}")


for _form, _what in FORMS.items():
    export.add_command(_export_to(_form, _what))
    import_group.add_command(_import_from(_form, _what))
