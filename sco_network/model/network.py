"""The network: nodes, links, crossings and transfers, as of the base year or with scenarios."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Self, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from sco_network.errors import InputError, Problem, Problems, did_you_mean
from sco_network.markup import html_table

from .assumptions import Assumptions, read_assumptions
from .changeset import ChangeSet
from .checks import check_frames, check_structure
from .folders import data_folder
from .frames import assumptions_from, courses_from_frame, table_from_frame
from .resolving import resolve
from .rows import ALL_KINDS, NETWORK_TABLES, layer_of
from .scenario import Scenario
from .table import Table, read_table
from .textfile import MAX_CSV_BYTES, CsvFile, read_csv, read_text, shown


@dataclass(frozen=True)
class Network:
    """A multimodal network as tables; nothing in it is changed after it is made."""

    tables: Mapping[str, Table]
    assumptions: Assumptions = field(default_factory=Assumptions)
    folder: Path | None = None
    scenarios: tuple[Scenario, ...] = ()
    changes: ChangeSet = field(default_factory=ChangeSet)
    courses: Mapping[str, NDArray[np.float64]] | None = field(default=None, repr=False)

    @property
    def nodes(self) -> Table:
        """Nodes, in the columns of nodes.csv."""
        return self.tables["nodes"]

    @property
    def links(self) -> Table:
        """Links, in the columns of links.csv."""
        return self.tables["links"]

    @property
    def crossings(self) -> Table:
        """Border crossings, in the columns of crossings.csv."""
        return self.tables["crossings"]

    @property
    def transfers(self) -> Table:
        """Changes of mode or gauge, in the columns of transfers.csv."""
        return self.tables["transfers"]

    @classmethod
    def load(cls, folder: str | Path | None = None) -> Self:
        """Read a data folder; without one, `./data` or the packaged data.

        Raises
        ------
        InputError
            With every problem of every file.
        """
        problems = Problems()
        network = read_folder(cls, data_folder(folder), problems)
        problems.raise_if_any()
        return cast("Self", network)

    @classmethod
    def from_frames(  # noqa: PLR0913 - one for each table
        cls,
        nodes: Any,
        links: Any,
        crossings: Any = None,
        transfers: Any = None,
        *,
        countries: Any = None,
        sources: Any = None,
        benchmarks: Any = None,
        assumptions: Any = None,
        geometry: Any = None,
    ) -> Self:
        """Return a network from data frames with the columns of the data files.

        Only the required columns need be there: `node_id, x_coord, y_coord` and
        `link_id, from_node_id, to_node_id, mode, length_km`. `to_frames` gives all of them.

        Parameters
        ----------
        assumptions
            Values by key, as in `{"speed.rail": 40}`, or a frame with the columns
            `assumption_id, low, mode, high, unit, source_id, confidence, notes`.
        geometry
            Courses of links: a frame with `link_id, x_coord, y_coord`, a row a point in the order
            of the line, degrees, EPSG:4326.

        Raises
        ------
        InputError
            For a missing column, a repeated id, an unknown end or an impossible number.
        """
        problems = Problems()
        given = {
            "nodes": nodes,
            "links": links,
            "crossings": crossings,
            "transfers": transfers,
            "countries": countries,
            "sources": sources,
            "benchmarks": benchmarks,
        }
        tables = {name: table_from_frame(name, frame, problems) for name, frame in given.items()}
        values = assumptions_from(assumptions, problems)
        courses = None if geometry is None else courses_from_frame(geometry, problems)
        problems.raise_if_any()
        check_frames(tables, problems)
        problems.raise_if_any()
        return cls(tables, values, courses=courses)

    def with_changes(self, changes: ChangeSet) -> Self:
        """Return a network with the changes applied; this one stays as it is."""
        tables = dict(self.tables)
        for name in NETWORK_TABLES:
            edits: dict[tuple[str, str], Any] = {}
            added: dict[str, dict[str, Any]] = {
                row_id: {ALL_KINDS[name].id_field: row_id}
                for table, row_id in sorted(changes.added)
                if table == name
            }
            for row_id, column, setting in changes.of_table(name):
                if row_id in added:
                    added[row_id][column] = setting.value
                else:
                    edits[row_id, column] = setting.value
            tables[name] = tables[name].changed(edits, list(added.values()))
        return replace(self, tables=tables, changes=changes)

    def with_scenarios(self, *scenarios: Scenario) -> Self:
        """Return the network with scenarios applied; their order does not matter.

        Raises
        ------
        InputError
            Where one does not fit the base, two contradict, or one that is required is missing.
        """
        if self.scenarios:
            raise InputError(
                [
                    Problem(
                        "network",
                        None,
                        "",
                        "scenarios are already applied to this network",
                        "Start from the base and name all of them at once",
                    )
                ]
            )
        problems = Problems()
        changes = resolve(scenarios, self.tables, problems)
        problems.raise_if_any()
        network = replace(self.with_changes(changes), scenarios=tuple(scenarios))
        check_structure(network.tables, network.assumptions, problems, changes)
        problems.raise_if_any()
        return network

    @property
    def base_year(self) -> int:
        """The year that the base network shows: `base.year` of the assumptions."""
        return int(self.assumptions["base.year"])

    @cached_property
    def coordinates(self) -> NDArray[np.float64]:
        """Longitude and latitude of the nodes, degrees, n × 2."""
        return np.column_stack([self.nodes["x_coord"], self.nodes["y_coord"]])

    @cached_property
    def layers(self) -> NDArray[np.object_]:
        """The layer of every link."""
        gauge, found = self.links["gauge_mm"], self.links["mode"].copy()
        rail = np.flatnonzero((found == "rail") & ~np.isnan(gauge))
        for width in np.unique(gauge[rail]):
            found[rail[gauge[rail] == width]] = layer_of("rail", width)
        return found

    @cached_property
    def _names(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """Node ids by folded id or name, and by folded other name."""
        first: dict[str, list[str]] = {}
        second: dict[str, list[str]] = {}
        columns = (self.nodes[c].tolist() for c in ("node_id", "name", "other_names"))
        for node_id, name, others in zip(*columns, strict=True):
            for word in {folded(node_id), folded(name)}:
                first.setdefault(word, []).append(node_id)
            for word in {folded(w) for w in others.split(";")} - {""}:
                second.setdefault(word, []).append(node_id)
        return first, second

    def find(self, place: str) -> str:
        """Return the node id of a place given by id or by name.

        A place's own name comes before another place's other name. A name that two places
        share may be followed by the country: `Hyderabad, PAK`.

        Raises
        ------
        InputError
            Where no place, or more than one, has that name.
        """
        if place in self.nodes:
            return place
        word, _, country = place.partition(",")
        first, second = self._names
        found = first.get(folded(word)) or second.get(folded(word), [])
        if country.strip():
            code = country.strip().upper()
            index, codes = self.nodes.index, self.nodes["country"]
            found = [node for node in found if codes[index[node]] == code]
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(f"'{f}'" for f in sorted(found))
            hint = f"Write one of the ids {ids}, or add the country: '{word}, IND'"
            message = f"'{place}' is the name of {len(found)} places"
        else:
            others = ";".join(self.nodes["other_names"].tolist()).split(";")
            labels = {n.strip() for n in (*others, *self.nodes["name"].tolist())} - {""}
            hint = did_you_mean(place, sorted(labels or set(self.nodes.index)))
            message = f"unknown place '{place}'"
        raise InputError([Problem("place", None, "", message, hint)])

    def name_of(self, node_id: str) -> str:
        """Return a node's name for people."""
        return str(self.nodes["name"][self.nodes.index[node_id]] or node_id)

    @cached_property
    def geometry(self) -> dict[str, NDArray[np.float64]]:
        """Course of the links that have one: link id → m × 2 longitudes and latitudes."""
        if self.courses is not None:
            return dict(self.courses)
        path = self.folder / "geometry.geojson" if self.folder else None
        if path is None or not path.exists():
            return {}
        return read_courses(path.resolve(), path.stat().st_mtime_ns)

    def _repr_html_(self) -> str:
        rows = []
        for mode in dict.fromkeys(self.links["mode"].tolist()):
            here = self.links["mode"] == mode
            crossings = int((self.crossings["mode"] == mode).sum())
            rows.append(
                (mode, int(here.sum()), float(self.links["length_km"][here].sum()), crossings)
            )
        with_them = ", with " + ", ".join(s.id for s in self.scenarios) if self.scenarios else ""
        title = f"Network: {len(self.nodes):,} places{with_them}"
        note = f"{len(self.transfers):,} transfers between modes and gauges"
        return html_table(title, ["mode", "links", "km", "border crossings"], rows, note)

    @cached_property
    def hash(self) -> str:
        """Twelve hex digits that change whenever a table or an assumption does."""
        digest = hashlib.sha256()
        for name in sorted(self.tables):
            table = self.tables[name]
            for column in table.kind.columns():
                digest.update(repr((name, column, table[column].tolist())).encode())
        digest.update(repr(sorted(self.assumptions.items())).encode())
        return digest.hexdigest()[:12]


@lru_cache(maxsize=4)
def read_courses(path: Path, _changed_ns: int) -> dict[str, NDArray[np.float64]]:
    """Read the courses of links; once, for all networks that scenarios make of one folder.

    `_changed_ns`, the time of the file's last change, makes sure that a new file is read anew.
    """
    problems = Problems()
    text = read_text(path, MAX_CSV_BYTES, problems)
    problems.raise_if_any()
    try:
        courses = {
            str(f["properties"]["link_id"]): np.array(
                f["geometry"]["coordinates"], dtype=np.float64
            )
            for f in json.loads(text or "")["features"]
        }
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        message = "this is not a GeoJSON file of LineStrings, each with a link_id"
        raise InputError([Problem(shown(path), None, "", message)]) from error
    for link_id, course in courses.items():
        if course.ndim != 2 or len(course) < 2 or course.shape[1] not in {2, 3}:
            message = f"the course of '{link_id}' is not a line of two points or more"
            problems.add(shown(path), None, "coordinates", message)
        elif not (np.abs(course[:, :2]) <= [180, 90]).all():
            message = f"the course of '{link_id}' is not in degrees"
            problems.add(shown(path), None, "coordinates", message, "Write longitude, latitude")
    problems.raise_if_any()
    return {link_id: course[:, :2] for link_id, course in courses.items()}


@lru_cache(maxsize=50_000)  # the same names stand in every variant of a network
def folded(name: str) -> str:
    """Return a name without case, accents, hyphens and apostrophes, for comparison.

    >>> folded("Xi’an") == folded("XIAN"), folded("Mazar-i-Sharif")
    (True, 'mazar i sharif')
    """
    plain = unicodedata.normalize("NFKD", name.strip().casefold())
    kept = "".join(c for c in plain if not unicodedata.combining(c) and c not in "'’`ʻʼ\"")
    return " ".join(kept.replace("-", " ").replace("_", " ").replace(".", " ").split())


N = TypeVar("N", bound=Network)


def read_folder(cls: type[N], folder: Path, problems: Problems) -> N | None:
    """Read a data folder into a network; what is wrong is collected, not raised."""
    tables: dict[str, Table] = {}
    if not (folder / "nodes.csv").exists() or not (folder / "links.csv").exists():
        problems.add(
            shown(folder),
            None,
            "",
            "this is not a data folder: it needs nodes.csv and links.csv",
            "Make one with 'sco-network init my-study'",
        )
        return None
    for name, kind in ALL_KINDS.items():
        path = folder / kind.file_name
        file = read_csv(path, problems) if path.exists() else CsvFile(shown(path), kind.columns())
        tables[name] = (
            Table.from_rows(kind, [], file=shown(path), refused=None)
            if file is None
            else read_table(kind, file, problems)
        )
    assumptions = read_assumptions(folder / "assumptions.yaml", problems)
    check_structure(tables, assumptions, problems)
    return cls(tables, assumptions, folder)
