"""Ask Overpass for the ways of an area, tile by tile, through osmnx.

osmnx writes the queries, waits for the server's slots and sends them; what it lacks is added
here: an answer with a remark ("Query timed out") is an error, since it holds but a part; 429 and
504 are asked again a few times, not for ever; and every finished tile is kept in a folder of its
own, so that an import that was broken off goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from sco_network.errors import InputError, Problem, bad_argument
from sco_network.model.textfile import shown

from .extract import Extract, read_answers
from .tags import FILTERS

ENDPOINT = "https://overpass-api.de/api"
NOMINATIM = "https://nominatim.openstreetmap.org/"
TILE_DEGREES = 4.0  # some 440 × 340 km at 40° north; railways of one come in seconds
MAX_TILES = 1000
PATIENCE = (5.0, 20.0, 60.0)  # seconds before each further attempt
TIMEOUT_S = 180
_AGAIN = frozenset({429, 502, 503, 504})


@dataclass(frozen=True)
class Server:
    """An Overpass server, how patiently to ask it, and where to say that we wait."""

    endpoint: str = ENDPOINT
    nominatim: str = NOMINATIM
    patience: Sequence[float] = PATIENCE
    tell: Callable[[str], None] = lambda _what: None


class _BusyError(Exception):
    """The server asks to come back later, or its answer came broken: worth another attempt."""


def place_area(place: str, server: Server) -> Any:
    """Return the outline of a place by its name (Nominatim through osmnx), as a shapely geometry.

    Raises
    ------
    InputError
        Where there is no such place, or no answer.
    """
    import osmnx as ox

    def ask() -> Any:
        try:
            return ox.geocode_to_gdf(place).geometry.iloc[0]
        except (ox._errors.InsufficientResponseError, TypeError) as error:  # noqa: SLF001
            message = f"no place with an outline is called '{place}'"
            hint = "Write it as OpenStreetMap does, 'Samarkand Region, Uzbekistan', or give --box"
            raise bad_argument("--place", message, hint) from error

    with _settings(server, None):
        return _patiently(ask, server, "--place")


def overpass_extract(
    area: Any,
    modes: Sequence[str],
    cache: Path,
    *,
    server: Server = Server(),
    tile_degrees: float = TILE_DEGREES,
    progress: Callable[[int, int, str], None] = lambda _done, _all, _what: None,
) -> Extract:
    """Return the ways of some modes that touch an area.

    Parameters
    ----------
    area
        Polygon or multipolygon, EPSG:4326.
    cache
        Folder in which every finished tile is kept, and found again.
    tile_degrees
        Edge of a tile; ask for smaller ones where the server times out.

    Raises
    ------
    InputError
        Where the server cannot be reached, refuses, stays busy or answers in part.
    """
    tiles = tiles_of(area, tile_degrees)
    answers: list[Path] = []
    for done, (name, tile) in enumerate(tiles):
        progress(done, len(tiles), name)
        folder = cache / _key(tile, modes, server)
        if not folder.is_dir():
            _fetch(tile, modes, folder, server)
        answers += sorted(folder.glob("*.json"))
    progress(len(tiles), len(tiles), "all")
    return read_answers(answers, modes, f"Overpass at {server.endpoint}")


def tiles_of(area: Any, degrees: float = TILE_DEGREES) -> list[tuple[str, Any]]:
    """Return the parts of an area in the cells of a grid, with their names.

    Raises
    ------
    InputError
        Where the area is empty or no area, or takes more than `MAX_TILES` tiles.
    """
    from shapely import MultiPolygon, Polygon, box
    from shapely.ops import unary_union

    if area.geom_type not in {"Polygon", "MultiPolygon"} or area.is_empty or not area.area:
        raise bad_argument("area", "this is not an area", "Give a box, a polygon or a place")
    west, south, east, north = area.bounds
    columns = range(math.floor(west / degrees), math.ceil(east / degrees))
    rows = range(math.floor(south / degrees), math.ceil(north / degrees))
    if len(columns) * len(rows) > MAX_TILES:
        message = f"the area takes {len(columns) * len(rows):,} tiles, more than {MAX_TILES:,}"
        raise bad_argument("area", message, "Use an extract (--file), or larger tiles (--tile)")
    found = []
    for x in columns:
        for y in rows:
            cell = box(x * degrees, y * degrees, (x + 1) * degrees, (y + 1) * degrees)
            part = area.intersection(cell)
            areas = [
                piece
                for piece in getattr(part, "geoms", [part])
                if isinstance(piece, Polygon | MultiPolygon) and piece.area
            ]
            if areas:
                found.append((f"{y * degrees:g} N {x * degrees:g} E", unary_union(areas)))
    return found


def _key(tile: Any, modes: Sequence[str], server: Server) -> str:
    said = "|".join((tile.wkt, *(FILTERS[mode] for mode in sorted(modes)), server.endpoint))
    return f"tile-{hashlib.sha256(said.encode()).hexdigest()[:24]}"


def _fetch(tile: Any, modes: Sequence[str], folder: Path, server: Server) -> None:
    """Ask for one tile; its folder appears once all its answers are there."""
    import osmnx as ox

    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        message = f"cannot write here: {error.strerror}"
        raise InputError(
            [Problem(shown(folder.parent), None, "", message, "Choose another --cache")]
        ) from error

    def ask() -> None:
        try:
            ox.graph_from_polygon(
                tile,
                simplify=False,
                retain_all=True,
                custom_filter=[FILTERS[mode] for mode in modes],
            )
        except ox._errors.CacheOnlyInterruptError:  # noqa: SLF001
            return  # as asked for: the answers are in the folder, no graph is built of them

    try:
        with _settings(server, fresh):
            _patiently(ask, server, "--endpoint")
        fresh.rename(folder)
    except OSError as error:
        if isinstance(error, requests.RequestException):
            raise
        message = f"writing failed: {error.strerror}"
        raise InputError([Problem(shown(folder.parent), None, "", message)]) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _patiently(ask: Callable[[], Any], server: Server, argument: str) -> Any:
    """Ask, and ask again after a while where that helps.

    Raises
    ------
    InputError
        Where it did not help.
    """
    for pause in (*server.patience, None):
        try:
            return ask()
        except (_BusyError, requests.RequestException) as error:
            if pause is None:
                raise bad_argument(argument, *_in_words(error, server)) from error
            server.tell(f"{error}: asking again in {pause:g} s")
            time.sleep(pause)
    raise AssertionError  # pragma: no cover


def _in_words(error: Exception, server: Server) -> tuple[str, str]:
    hint = "What is finished is kept; run the same command again later"
    if isinstance(error, _BusyError):
        return f"{error}; asked {len(server.patience) + 1} times", hint
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema):
        return f"'{server.endpoint}' is not an address", f"Write it like {ENDPOINT}"
    return (
        f"no answer from {server.endpoint} ({type(error).__name__})",
        "Check the connection to the internet, or read a file with --file",
    )


@contextmanager
def _settings(server: Server, folder: Path | None) -> Iterator[None]:
    """Set osmnx up for our questions, and back again: its settings belong to the whole process."""
    import osmnx as ox

    ours: dict[str, Any] = {
        "overpass_url": server.endpoint,
        "nominatim_url": server.nominatim,
        "overpass_rate_limit": folder is not None and _has_slots(server),
        "requests_timeout": TIMEOUT_S,
        "requests_kwargs": {"hooks": {"response": _judge}},
        "doh_url_template": None,
        "max_query_area_size": 1e14,  # a tile is one question; tiles are made here
        "use_cache": folder is not None,
        "cache_only_mode": folder is not None,
        "cache_folder": folder or "",
    }
    before = {name: getattr(ox.settings, name) for name in ours}
    try:
        for name, value in ours.items():
            setattr(ox.settings, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(ox.settings, name, value)


def _has_slots(server: Server) -> bool:
    """Return whether a server rations its slots; one without such a limit need not be waited for.

    Raises
    ------
    InputError
        Where the server cannot be reached.
    """
    try:
        status = requests.get(server.endpoint.rstrip("/") + "/status", timeout=30)
    except requests.RequestException as error:
        raise bad_argument("--endpoint", *_in_words(error, server)) from error
    return bool(re.search(r"^Rate limit: [1-9]", status.text, re.MULTILINE))


def _judge(response: requests.Response, *_args: Any, **_options: Any) -> requests.Response:
    """Look at every answer before osmnx does: its own handling waits for ever, or not at all."""
    where = response.url.split("?")[0]
    if where.endswith("/status"):
        return response
    host = where.split("/")[2] if where.count("/") > 1 else where
    body = response.content  # read, so that the connection is free again
    if response.status_code in _AGAIN:
        raise _BusyError(f"{host} is busy (HTTP {response.status_code})")
    if not response.ok:
        said = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.text[:20_000])).strip()
        said = said.split("Error", 1)[-1].strip(" :")[:300]
        message = f"{host} refused the question (HTTP {response.status_code}): {said}"
        raise bad_argument("--endpoint", message)
    try:
        answer = json.loads(body)
    except ValueError as error:
        raise _BusyError(f"{host} sent something that is not whole JSON") from error
    if where.endswith("/interpreter"):
        if not isinstance(answer, Mapping) or not isinstance(answer.get("elements"), list):
            raise _BusyError(f"{host} sent something that is not an answer of Overpass")
        if remark := answer.get("remark"):
            message = f"{host} answered in part only: {str(remark)[:200]}"
            raise bad_argument("--endpoint", message, "Ask for smaller tiles (--tile) or an area")
    return response


def default_cache() -> Path:
    """Return the folder in which tiles are kept where none is given."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "sco-network" / "osm"
