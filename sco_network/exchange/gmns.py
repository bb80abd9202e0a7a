"""A network in the General Modeling Network Specification (GMNS), version 0.96.

The specification: https://github.com/zephyr-data-specs/GMNS. Its tables are `node`, `link`,
`use_definition`, `use_group`, `config` and `geometry`; what it has no place for stands in
further columns of these, and in tables of ours beside them, as it allows.
"""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pandas as pd

from sco_network.errors import InputError, Problem, Problems
from sco_network.model.network import Network
from sco_network.model.rows import ALL_KINDS, FREIGHT, MODES, PIPELINES, Node
from sco_network.model.textfile import CsvFile, read_csv, shown

from . import gmns_links, gmns_units
from .courses import to_wkt
from .folder import write_csv
from .frames import OTHER_TABLES, to_frames
from .geoframes import CRS
from .incoming import Incoming

VERSION = 0.96
FASTEST = 200  # the specification's limit of free_speed
_SPEC_TABLES = ("config", "geometry", "link", "node", "use_definition", "use_group")
FILES = frozenset(f"{name}.csv" for name in (*OTHER_TABLES, *_SPEC_TABLES))


def write_gmns(network: Network, folder: Path) -> None:
    """Write the files of GMNS into a folder that exists: lengths in km, speeds in km/h."""
    frames = to_frames(network)
    courses = network.geometry
    frames["node"] = frames.pop("nodes")
    frames["link"] = _links_out(frames.pop("links"), set(courses))
    frames["geometry"] = pd.DataFrame(
        [(link_id, to_wkt(course)) for link_id, course in courses.items()],
        columns=["geometry_id", "geometry"],
    )
    frames["config"] = pd.DataFrame([CONFIG])
    frames["use_definition"] = pd.DataFrame(USES)
    frames["use_group"] = pd.DataFrame(GROUPS)
    for name, frame in frames.items():
        if len(frame) or name in {"node", "link"}:
            write_csv(frame, folder / f"{name}.csv")


CONFIG = {
    "dataset_name": "sco_network",
    "short_length": "m",
    "long_length": "km",
    "speed": "kph",
    "crs": CRS,
    "geometry_field_format": "WKT",
    "currency": "USD",
    "version_number": VERSION,
    "id_type": "string",
}
# GMNS wants persons and passenger-car equivalents of every use; goods have neither.
USES = [
    {"use": mode, "persons_per_vehicle": 0, "pce": 0, "description": f"{what} by {mode}"}
    for mode in MODES
    for what in ["goods" if mode in FREIGHT else "pipeline"]
]
GROUPS = [
    {"use_group": "freight", "uses": ",".join(FREIGHT), "description": "goods"},
    {"use_group": "pipelines", "uses": ",".join(PIPELINES), "description": "gas and oil"},
]


def _links_out(links: pd.DataFrame, drawn: set[str]) -> pd.DataFrame:
    """Return links in the columns of GMNS; `capacity` and `lanes` of roads are not ours."""
    speed = links["free_speed_km_h"]
    links = links.rename(columns={"length_km": "length"}).drop(columns="free_speed_km_h")
    links["free_speed"] = speed.where(speed <= FASTEST)
    if (speed > FASTEST).any():
        links["free_speed_km_h"] = speed.where(speed > FASTEST)
    links["allowed_uses"] = links["mode"]
    with_course = links["link_id"].isin(drawn)
    links["geometry_id"] = links["link_id"].where(with_course)
    links["dir_flag"] = with_course.astype(int)
    return links


_NEEDED = {
    "node": ("node_id", "x_coord", "y_coord"),
    "link": ("link_id", "from_node_id", "to_node_id", "directed"),
}


def read_gmns(folder: Path, problems: Problems) -> Incoming:
    """Return the tables of a GMNS folder, ours or another's.

    Lengths and speeds are turned into km and km/h by the units in config.csv, coordinates into
    degrees by its crs. Without a column `mode`, it follows from `allowed_uses` and
    `facility_type`; a length that is missing is measured along the geometry.

    Raises
    ------
    InputError
        Where the folder is no GMNS network, or its units are unknown.
    """
    files = _files(folder, problems)
    problems.raise_if_any()
    node, link = files["node"], files["link"]
    incoming = Incoming(shown(folder), {n: files[n] for n in OTHER_TABLES if n in files})
    incoming.tables |= {"nodes": node, "links": link}
    _clear_unknown(node, link, incoming)
    units = gmns_units.declared(files.get("config"), link, problems)
    problems.raise_if_any()
    incoming.courses = gmns_links.courses(link, files.get("geometry"), problems)
    units.convert(node, link, incoming.courses, problems)
    problems.raise_if_any()
    ours = "mode" in link.header
    gmns_links.find_modes(link, files.get("use_group"), incoming)
    gmns_links.measure(link, incoming, problems)
    if not ours:
        gmns_units.refuse_wrong(node, link, units, problems)
    problems.raise_if_any()
    return incoming


def _files(folder: Path, problems: Problems) -> dict[str, CsvFile]:
    if not folder.is_dir():
        message = "GMNS is a folder with node.csv and link.csv; there is no such folder"
        raise InputError([Problem(shown(folder), None, "", message)])
    files: dict[str, CsvFile] = {}
    for name in sorted(FILES):
        path = folder / name
        table = read_csv(path, problems) if path.exists() else None
        if table:
            files[path.stem] = table
    for name, columns in _NEEDED.items():
        if name not in files:
            if not (folder / f"{name}.csv").exists():
                problems.add(shown(folder), None, "", f"{name}.csv is missing", "GMNS needs it")
            continue
        lacking = [c for c in columns if c not in files[name].header]
        for column in lacking:
            hint = "GMNS needs " + ", ".join(columns)
            problems.add(files[name].file, 1, column, f"the column '{column}' is missing", hint)
    return files


def _clear_unknown(node: CsvFile, link: CsvFile, incoming: Incoming) -> None:
    """Take NaN, which GMNS has for a missing value, and node types of others for nothing."""
    for table, kind in ((node, ALL_KINDS["nodes"]), (link, ALL_KINDS["links"])):
        numbers = {c for c in kind.columns() if kind.dtype(c) == "number"}
        for column in numbers & set(table.header) | {"length", "free_speed"}:
            for _, row in table.rows:
                if row.get(column, "").casefold() == "nan":
                    row[column] = ""
    known = get_args(Node.model_fields["node_type"].annotation)
    foreign = {row.get("node_type", "") for _, row in node.rows} - {*known, ""}
    for _, row in node.rows:
        if row.get("node_type") in foreign:
            row["node_type"] = "junction"
    if foreign:
        words = ", ".join(sorted(foreign)[:5])
        incoming.notes.append(
            f"Nodes of types that the model does not have ({words}) are junctions"
        )
