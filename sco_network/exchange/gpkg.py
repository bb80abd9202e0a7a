"""A network as a GeoPackage: a layer for each table, open in QGIS as it is."""

from __future__ import annotations

import errno
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
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

# Version 1.2 is what QGIS of the last years reads without a warning.
_GPKG: dict[str, Any] = {"driver": "GPKG", "dataset_options": {"VERSION": "1.2"}}
_SHAPES = {"links": "LineString"}
_UNREADABLE = (DataLayerError, DataSourceError, FieldError, GeometryError, ValueError)


def write_gpkg(network: Network, path: Path) -> None:
    """Write a network as a GeoPackage; `path` must not exist.

    Raises
    ------
    OSError
        Where GDAL cannot write it.
    """
    named = path.with_suffix(".gpkg")  # GDAL adds no layers to a file of another ending
    try:
        _write_layers(network, named)
    except _UNREADABLE as error:
        raise OSError(errno.EIO, str(error)[:200]) from error
    named.replace(path)


def _write_layers(network: Network, path: Path) -> None:
    with _quiet():
        for name, layer in geo_layers(network).items():
            if name in SPATIAL:
                shape = _SHAPES.get(name, "Point")
                pyogrio.write_dataframe(layer, path, layer=name, geometry_type=shape, **_GPKG)
            elif len(layer):
                pyogrio.write_dataframe(layer, path, layer=name, **_GPKG)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep back GDAL's warning of a name that does not end in .gpkg."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


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
        with _quiet():
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
