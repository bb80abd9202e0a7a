"""A network as a GeoPackage: a layer for each table, open in QGIS as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FieldError, GeometryError

from sco_network.errors import InputError, Problem, Problems, did_you_mean
from sco_network.model.network import Network
from sco_network.model.rows import ALL_KINDS
from sco_network.model.textfile import shown

from .geoframes import SPATIAL, from_layers, geo_layers
from .incoming import NEEDED, Incoming, refuse_unreadable

_SHAPES = {"links": "LineString"}
_UNREADABLE = (DataLayerError, DataSourceError, FieldError, GeometryError, ValueError)


def write_gpkg(network: Network, path: Path) -> None:
    """Write a network as a GeoPackage; `path` must not exist."""
    for name, layer in geo_layers(network).items():
        if name in SPATIAL:
            shape = _SHAPES.get(name, "Point")
            pyogrio.write_dataframe(layer, path, layer=name, driver="GPKG", geometry_type=shape)
        elif len(layer):
            pyogrio.write_dataframe(layer, path, layer=name, driver="GPKG")


def read_gpkg(path: Path, problems: Problems) -> Incoming:
    """Return the tables of a GeoPackage with at least the layers `nodes` and `links`.

    Raises
    ------
    InputError
        Where the file is no GeoPackage, or broken.
    """
    refuse_unreadable(path)
    with path.open("rb") as file:  # GDAL would open archives and addresses on the net as well
        if file.read(16) != b"SQLite format 3\0":
            raise _broken(path, "it does not begin as one")
    try:
        there = [str(name) for name, _ in pyogrio.list_layers(path)]
        layers: dict[str, Any] = {
            name: pyogrio.read_dataframe(path, layer=name)
            for name in (*ALL_KINDS, "assumptions")
            if name in there
        }
    except _UNREADABLE as error:
        raise _broken(path, str(error)) from error
    for name in NEEDED:
        if name not in layers:
            hint = did_you_mean(name, there) or "Its layers: " + (", ".join(there) or "none")
            problems.add(shown(path), None, "", f"the layer '{name}' is missing", hint)
    return from_layers(layers, shown(path), problems)


def _broken(path: Path, why: str) -> InputError:
    message = f"this is not a whole GeoPackage ({why})"
    return InputError([Problem(shown(path), None, "", message, "Save it again from QGIS")])
