"""A network as a data folder of our own: what `Network.load` and `validate --data` read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sco_network.model.authoring import entries_yaml
from sco_network.model.network import Network

from .frames import Courses, cell_text, cell_value, to_frames


def write_folder(network: Network, folder: Path) -> None:
    """Write the tables, the assumptions and the courses of links into a folder that exists."""
    frames = to_frames(network)
    assumptions, _ = frames.pop("assumptions"), frames.pop("geometry")
    for name, frame in frames.items():
        if len(frame) or name in {"nodes", "links"}:
            write_csv(frame, folder / f"{name}.csv")
    if len(assumptions):
        write_assumptions(assumptions, folder / "assumptions.yaml")
    if network.geometry:
        write_courses(network.geometry, folder / "geometry.geojson")


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as CSV in the way of the data files."""
    columns = [str(column) for column in frame.columns]
    write_rows(columns, zip(*(frame[c].tolist() for c in columns), strict=True), path)


def write_rows(columns: Sequence[str], rows: Iterable[Iterable[Any]], path: Path) -> None:
    """Write rows of cells as CSV in the way of the data files."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(columns) + "\n")
        file.writelines(",".join(_quoted(cell_text(cell)) for cell in row) + "\n" for row in rows)


def _quoted(text: str) -> str:
    # csv.writer would leave a carriage return bare, which csv.reader takes for the end of a row
    if any(mark in text for mark in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def write_assumptions(frame: pd.DataFrame, path: Path) -> None:
    """Write assumptions as YAML, a key a line."""
    entries = {row.pop("assumption_id"): _given(row) for row in frame.to_dict("records")}
    path.write_text(entries_yaml(entries), encoding="utf-8")


def _given(row: dict[Any, Any]) -> dict[Any, Any]:
    return {c: cell_value(cell) for c, cell in row.items() if c == "unit" or cell != ""}


def write_courses(courses: Courses, path: Path) -> None:
    """Write the courses of links as GeoJSON, a link a line."""
    lines = ({"type": "LineString", "coordinates": c.tolist()} for c in courses.values())
    write_features(zip(({"link_id": i} for i in courses), lines, strict=True), path)


def write_features(features: Iterable[tuple[Any, Any]], path: Path) -> None:
    """Write properties and geometries as GeoJSON, a feature a line."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{"type":"FeatureCollection","features":[\n')
        for i, (properties, place) in enumerate(features):
            feature = {"type": "Feature", "properties": properties, "geometry": place}
            text = json.dumps(feature, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
            file.write(",\n" + text if i else text)
        file.write("\n]}\n")
