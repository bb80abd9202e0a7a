"""Units and coordinate system of a GMNS folder, as its config.csv declares them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
from numpy.typing import NDArray

from sco_network.errors import Problems, did_you_mean
from sco_network.model.distance import great_circle_km
from sco_network.model.textfile import CsvFile

from .geoframes import CRS, refuse_not_degrees

_KM = {"km": 1.0, "m": 0.001, "mi": 1.609344, "ft": 0.0003048}
_KM_H = {"kph": 1.0, "mph": 1.609344, "mps": 3.6, "fps": 1.09728}
_SPEED_OF = {"km": "kph", "m": "kph", "mi": "mph", "ft": "mph"}
_NAMES = {
    "km": "km kilometer kilometers kilometre kilometres",
    "m": "m meter meters metre metres",
    "mi": "mi mile miles",
    "ft": "ft foot feet",
    "kph": "kph kmh kmph km/h",
    "mph": "mph mi/h",
    "mps": "mps m/s",
    "fps": "fps ft/s",
}
_UNIT_OF = {word: unit for unit, words in _NAMES.items() for word in words.split()}
# Beyond this factor between lengths and straight lines the declared unit cannot be right.
_ABSURD = 5.0


@dataclass(frozen=True)
class Units:
    """What lengths, speeds and coordinates of a folder are in."""

    file: str
    length: str
    speed: str
    crs: str
    to_degrees: Any

    def convert(
        self,
        node: CsvFile,
        link: CsvFile,
        courses: dict[str, NDArray[np.float64]],
        problems: Problems,
    ) -> None:
        """Write `length_km`, `free_speed_km_h` and degrees into the tables."""
        _scale(link, "length", "length_km", _KM.get(self.length, 1.0))
        _scale(link, "free_speed", "free_speed_km_h", _KM_H.get(self.speed, 1.0))
        rows = list(_placed(node))
        xy = np.array([place for _, place in rows]).reshape(-1, 2)
        if self.to_degrees:
            xy = self._degrees(xy)
            for (row, _), (x, y) in zip(rows, xy.tolist(), strict=True):
                row["x_coord"], row["y_coord"] = repr(x), repr(y)
            courses.update({link_id: self._degrees(c) for link_id, c in courses.items()})
        refuse_not_degrees(xy, self.crs, node.file, problems)
        along = np.concatenate([np.zeros((0, 2)), *courses.values()])
        refuse_not_degrees(along, self.crs, link.file, problems)

    def _degrees(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(self.to_degrees.transform(xy[:, 0], xy[:, 1]))


def _scale(table: CsvFile, column: str, to: str, factor: float) -> None:
    """Write a column in other units; what is not a number is left for the check of rows."""
    table.header += [c for c in [to] if c not in table.header]
    for _, row in table.rows:
        text = row.pop(column, "")
        row[to] = row.get(to) or (text if factor == 1 else _scaled(text, factor))
    table.header[:] = [c for c in table.header if c != column]


def _scaled(text: str, factor: float) -> str:
    value = number(text) * factor
    return text if np.isnan(value) else repr(value)


def _placed(node: CsvFile) -> Iterator[tuple[dict[str, str], tuple[float, float]]]:
    """Yield the rows whose coordinates are numbers; the others are named with their lines."""
    for _, row in node.rows:
        place = number(row["x_coord"]), number(row["y_coord"])
        if not np.isnan(place).any():
            yield row, place


def declared(config: CsvFile | None, link: CsvFile, problems: Problems) -> Units:
    """Return the units that config.csv declares, noting what is unknown or needed and missing."""
    row = config.rows[0][1] if config and config.rows else {}
    file = config.file if config else "config.csv"
    length = _unit(row, "long_length", _KM, file, problems)
    speed = _unit(row, "speed", _KM_H, file, problems) or _SPEED_OF.get(length, "")
    for column, unit, key, units in (
        ("length", length, "long_length", _KM),
        ("free_speed", speed, "speed", _KM_H),
    ):
        if not row.get(key) and not unit and any(r.get(column) for _, r in link.rows):
            problems.add(
                file,
                None,
                key,
                f"no unit is declared for the column '{column}' of link.csv",
                f"Write {key} into config.csv, one of " + ", ".join(units),
            )
    form = row.get("geometry_field_format", "")
    if form.casefold() not in {"", "wkt"}:
        hint = "Write the geometry as WKT"
        problems.add(file, None, "geometry_field_format", f"'{form}' is not read", hint)
    crs = row.get("crs", "")
    return Units(file, length, speed, crs, _transformer(crs, file, problems))


def _unit(
    row: dict[str, str], key: str, units: dict[str, float], file: str, problems: Problems
) -> str:
    """Return the unit's short name, or "" where none is declared."""
    word = row.get(key, "").casefold().replace(" ", "")
    unit = _UNIT_OF.get(word, "")
    if word and unit not in units:
        known = [w for u in units for w in _NAMES[u].split()]
        hint = did_you_mean(word, known) or "Write one of " + ", ".join(units)
        problems.add(file, None, key, f"unknown unit '{row[key]}'", hint)
    return unit


def _transformer(crs: str, file: str, problems: Problems) -> Any:
    """Return what turns coordinates into degrees, or None where they are degrees."""
    if not crs:
        return None
    try:
        system = pyproj.CRS.from_user_input(int(crs) if crs.isdigit() else crs)
        same = system.equals(CRS, ignore_axis_order=True)
        return None if same else pyproj.Transformer.from_crs(system, CRS, always_xy=True)
    except pyproj.exceptions.ProjError:
        hint = "Write an EPSG code, such as EPSG:32642"
        problems.add(file, None, "crs", f"the coordinate system '{crs}' is unknown", hint)
        return None


def refuse_wrong(node: CsvFile, link: CsvFile, units: Units, problems: Problems) -> None:
    """Refuse lengths that as a whole are many times, or a fraction of, the straight lines."""
    places = {row["node_id"]: place for row, place in _placed(node)}
    rows = [r for _, r in link.rows if {r["from_node_id"], r["to_node_id"]} <= places.keys()]
    ends = np.array([[places[r[c]] for c in ("from_node_id", "to_node_id")] for r in rows])
    straight = great_circle_km(*np.moveaxis(ends.reshape(-1, 2, 2), 1, 0))
    lengths = np.array([number(r["length_km"]) for r in rows])
    ratios = lengths[straight > 0] / straight[straight > 0]
    middle = float(np.median(ratios[np.isfinite(ratios)])) if np.isfinite(ratios).any() else 1.0
    if units.length and not 1 / _ABSURD < middle < _ABSURD:
        own = middle / _KM[units.length]
        nearest = min(_KM, key=lambda unit: abs(np.log(max(own * _KM[unit], 1e-12))))
        fits = 1 / _ABSURD < own * _KM[nearest] < _ABSURD
        problems.add(
            units.file,
            None,
            "long_length",
            f"in {units.length}, links would be {middle:,.4g} times as long as the straight lines",
            f"The lengths look like {nearest}" if fits else "Check lengths, coordinates and crs",
        )


def number(text: str) -> float:
    """Return a number, or nan for what is none."""
    try:
        return float(text)
    except ValueError:
        return float("nan")
