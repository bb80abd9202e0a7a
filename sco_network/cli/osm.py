"""The command that brings in OpenStreetMap, or measures our links on it: import osm."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sco_network.api import Network
from sco_network.errors import Problems, bad_argument, did_you_mean
from sco_network.model.rows import MODES

from .imports import import_group
from .options import print_json, progress_bar, say, shared, split

if TYPE_CHECKING:
    from sco_network.exchange.osm.extract import Extract
    from sco_network.exchange.osm.lines import Bridges
    from sco_network.exchange.osm.study import Study


@import_group.command("osm")
@click.option("--file", metavar="FILE", help="Read an extract: .osm, .osm.gz or .osm.pbf.")
@click.option("--place", metavar="NAME", help="Ask Overpass for a place, by its name.")
@click.option("--box", metavar="W,S,E,N", help="Ask for a box (degrees), or cut the file to it.")
@click.option("--polygon", metavar="FILE", help="Ask for a polygon (GeoJSON), or cut the file.")
@click.option("--modes", default="rail", show_default=True, metavar="MODES", help="E.g. rail,road.")
@click.option("--out", metavar="DIR", help="Write a data folder here.")
@click.option("--terminals", metavar="FILE", help="Places to join: a nodes.csv (default: --data).")
@click.option("--bridge", metavar="FILE", help="Gaps to close: rows of an earlier gaps.csv.")
@click.option(
    "--snap",
    type=click.FloatRange(0.05, 50),
    default=3.0,
    show_default=True,
    metavar="KM",
    help="How far a place may be from a line.",
)
@click.option("--gauge", type=int, metavar="MM", help="Gauge of railways where none is tagged.")
@click.option("--keep-pieces", is_flag=True, help="Keep links cut off from the rest.")
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing: measure our own links on the lines, and list both.",
)
@click.option("--endpoint", metavar="URL", help="Another Overpass server.")
@click.option("--nominatim", metavar="URL", help="Another server for the names of places.")
@click.option("--cache", metavar="DIR", help="Where finished tiles are kept.")
@click.option(
    "--tile",
    type=click.FloatRange(0.1, 10),
    default=4.0,
    show_default=True,
    metavar="DEGREES",
    help="Edge of a tile of Overpass.",
)
@shared("data", "json")
def import_osm(
    file: str | None,
    place: str | None,
    box: str | None,
    polygon: str | None,
    modes: str,
    out: str | None,
    terminals: str | None,
    bridge: str | None,
    snap: float,
    gauge: int | None,
    keep_pieces: bool,
    check: bool,
    endpoint: str | None,
    nominatim: str | None,
    cache: str | None,
    tile: float,
    data: str | None,
    as_json: bool,
) -> None:
    """Make a data folder of OpenStreetMap, or measure our links on it (--check).

    From a file, or from Overpass for a place, a box or a polygon. Links join the places of
    --terminals, else those of the network, that lie on the lines, and the junctions between.
    """
    from sco_network.exchange.osm.gaps import read_bridges
    from sco_network.model.rows import GAUGES

    if bool(out) == check:
        raise click.UsageError("give either --out DIR or --check")
    if sum(map(bool, (place, box, polygon))) > 1 or not (file or place or box or polygon):
        raise click.UsageError("give --file, or one of --place, --box and --polygon")
    if file and (place or endpoint or cache or nominatim):
        raise click.UsageError("--place, --endpoint and --cache ask a server; --file does not")
    if gauge is not None and gauge not in GAUGES:
        raise bad_argument("--gauge", f"{gauge} mm is not a gauge in use", f"Known: {GAUGES}")
    wanted = _modes(modes)
    network = Network.load(data)
    bridges = read_bridges(Path(bridge)) if bridge else []
    if out:
        from sco_network.exchange.osm.study import MARKER
        from sco_network.model.writing import refuse_foreign

        refuse_foreign(Path(out), MARKER)
    places = _terminals(terminals, network)
    extract = _extract(file, place, box, polygon, wanted, endpoint, nominatim, cache, tile)
    say(f"Read {len(extract.ways):,} ways, {len(extract.ends):,} segments")
    if check:
        _check(network, extract, wanted, bridges, snap, as_json)
        return
    from sco_network.exchange.osm.study import study_of

    study = study_of(
        extract,
        network,
        places,
        bridges=bridges,
        snap_km=snap,
        gauge=gauge,
        keep_pieces=keep_pieces,
        progress=lambda layer: say(f"Contracting {layer}"),
    )
    _write(study, network, out or "", as_json)


def _write(study: Study, network: Network, out: str, as_json: bool) -> None:
    """Write the data folder and say what is in it."""
    from sco_network.model.writing import replaced_folder
    from sco_network.output.osm import print_import

    assumptions = network.folder / "assumptions.yaml" if network.folder else None
    with replaced_folder(Path(out)) as folder:
        study.write(folder, assumptions if assumptions and assumptions.exists() else None)
    if as_json:
        print_json({**study.summary, "gap_list": [gap.as_dict() for gap in study.gaps]})
    else:
        print_import(study.summary, study.gaps)
    say(f"Wrote {out}")
    say(f"Next: sco-network validate {out}")


def _check(
    network: Network,
    extract: Extract,
    modes: Sequence[str],
    bridges: Bridges,
    snap: float,
    as_json: bool,
) -> None:
    """List our links beside OpenStreetMap's."""
    from sco_network.exchange.osm.check import measured
    from sco_network.output.osm import print_check

    found = measured(
        network,
        extract,
        modes,
        bridges=bridges,
        snap_km=snap,
        progress=lambda mode: say(f"Measuring {mode}"),
    )
    if as_json:
        print_json([one.as_dict() for one in found])
    else:
        print_check(found)


def _modes(text: str) -> list[str]:
    modes = list(dict.fromkeys(split(text) or []))
    problems = Problems()
    for mode in modes:
        if mode not in MODES:
            hint = did_you_mean(mode, MODES) or f"The modes are {', '.join(MODES)}"
            problems.add("argument --modes", None, "", f"unknown mode '{mode}'", hint)
    if not modes:
        problems.add("argument --modes", None, "", "no mode is named", f"Known: {', '.join(MODES)}")
    problems.raise_if_any()
    return modes


def _terminals(path: str | None, network: Network) -> list[dict[str, Any]]:
    """Return the places of a nodes.csv, or of the network."""
    if path is None:
        return list(network.nodes)
    from sco_network.model.rows import Kinds
    from sco_network.model.table import read_table
    from sco_network.model.textfile import read_csv

    problems = Problems()
    file = read_csv(Path(path), problems)
    rows = list(read_table(Kinds.nodes, file, problems)) if file else []
    problems.raise_if_any()
    return rows


def _extract(
    file: str | None,
    place: str | None,
    box: str | None,
    polygon: str | None,
    modes: Sequence[str],
    endpoint: str | None,
    nominatim: str | None,
    cache: str | None,
    tile: float,
) -> Extract:
    from sco_network.exchange.osm.areas import box_area, polygon_area
    from sco_network.exchange.osm.extract import read_file

    area = box_area(box) if box else polygon_area(Path(polygon)) if polygon else None
    if file:
        extract = read_file(Path(file), modes)
        return extract if area is None else extract.within(area)
    from sco_network.exchange.osm import overpass

    server = overpass.Server(
        (endpoint or overpass.ENDPOINT).rstrip("/"), nominatim or overpass.NOMINATIM, tell=say
    )
    if place:
        area = overpass.place_area(place, server)
    folder = Path(cache) if cache else overpass.default_cache()
    with progress_bar(1, "Overpass") as progress:
        return overpass.overpass_extract(
            area, modes, folder, server=server, tile_degrees=tile, progress=progress
        )
