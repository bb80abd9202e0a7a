"""The formats that a network is written in and read from, by name."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from sco_network.errors import Problems, bad_argument, did_you_mean
from sco_network.model.network import Network
from sco_network.model.writing import path_to_replace, refuse_other_content, replaced_folder

from .incoming import Note, checked_network

N = TypeVar("N", bound=Network)

# Each name is a module with `write_NAME(network, path)` and `read_NAME(path, problems)`; what
# the module itself needs is imported when the format is used.
FORMS = ("gmns", "gpkg", "geojson", "graphml")
_ENDINGS = {".gpkg": "gpkg", ".geojson": "geojson", ".json": "geojson", ".graphml": "graphml"}


def form_of(path: Path, form: str | None = None) -> str:
    """Return the format given, or the one that a path's ending stands for; a folder is GMNS.

    >>> form_of(Path("net.gpkg")), form_of(Path("net"))
    ('gpkg', 'gmns')
    """
    found = form or _ENDINGS.get(path.suffix.lower(), "" if path.suffix else "gmns")
    if found not in FORMS:
        hint = did_you_mean(found, FORMS) or "Give one of " + ", ".join(FORMS)
        raise bad_argument("form", f"'{found or path.name}' is no format known", hint)
    return found


def _room(form: str) -> Any:
    return import_module(f"{__package__}.{form}")


def write(network: Network, path: Path, form: str | None = None) -> None:
    """Write a network, whole or not at all: GMNS is a folder, the others are one file.

    Raises
    ------
    InputError
        Where nothing can be written there, or a folder holds other things.
    """
    form = form_of(path, form)
    room = _room(form)
    if form == "gmns":
        refuse_other_content(path, room.FILES)
        with replaced_folder(path) as folder:
            room.write_gmns(network, folder)
    else:
        with path_to_replace(path) as fresh:
            getattr(room, f"write_{form}")(network, fresh)


def read(cls: type[N], path: Path, form: str | None, note: Note) -> N:
    """Return the network that a file, or a folder of GMNS, holds.

    Parameters
    ----------
    note
        Called with a sentence on everything that was left out, measured or written otherwise.

    Raises
    ------
    InputError
        With everything that is wrong with it.
    """
    form = form_of(path, form)
    problems = Problems()
    incoming = getattr(_room(form), f"read_{form}")(path, problems)
    return checked_network(cls, incoming, problems, note)
