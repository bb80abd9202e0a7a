"""The rows of the data files: one schema for checks, editors, the data package and docs.

Column names follow GMNS where GMNS has a name. Units stand in the names.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

GAUGES = (600, 750, 762, 1000, 1067, 1435, 1520, 1524, 1668, 1676)
MODES = ("road", "rail", "sea", "gas", "oil")
FREIGHT = ("road", "rail", "sea")
PIPELINES = ("gas", "oil")

Mode = Literal["rail", "road", "sea", "gas", "oil"]
Confidence = Literal["A", "B", "C", "D"]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=100)]
CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 3166 alpha-3")]
SMALLEST, LARGEST = 1e-9, 1e15


def _not_too_large(number: float) -> float:
    """Refuse what nothing on Earth measures, of which sums would overflow."""
    if abs(number) > LARGEST:
        raise ValueError(f"{number:g}, more than {LARGEST:g}, is too large")
    return number


def _not_too_small(number: float) -> float:
    """Refuse what quotients by would overflow."""
    if number < SMALLEST:
        raise ValueError(f"{number:g}, less than {SMALLEST:g}, is too small")
    return number


Number = Annotated[float, AfterValidator(_not_too_large)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False), AfterValidator(_not_too_large)]
Positive = Annotated[
    float,
    Field(gt=0, allow_inf_nan=False),
    AfterValidator(_not_too_large),
    AfterValidator(_not_too_small),
]


class Row(BaseModel):
    """What every row of fact carries: where it comes from and how far to trust it."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    source_id: str | None = Field(None, description="Key into sources.csv")
    confidence: Confidence | None = Field(
        None,
        description="A operator or treaty, B serious third party, C measured on a map, D estimated",
    )
    notes: str = Field("", description="Anything a reader should know; a D row says how")


class Node(Row):
    """A place: city, border station, port, junction, field or terminal."""

    node_id: Id
    name: str = ""
    country: CountryCode | None = None
    x_coord: float = Field(ge=-180, le=180, description="Longitude, degrees, EPSG:4326")
    y_coord: float = Field(ge=-90, le=90, description="Latitude, degrees, EPSG:4326")
    node_type: Literal["city", "border", "port", "junction", "field", "terminal"] = "junction"
    population: NotNegative | None = Field(None, description="People in the urban area")
    other_names: str = Field("", description="Other spellings, separated by semicolons")


class Link(Row):
    """A rail, road, sea or pipeline connection between two nodes."""

    link_id: Id
    name: str = Field("", description="Line or road number as published")
    from_node_id: Id
    to_node_id: Id
    directed: bool = Field(default=False, description="true: usable from → to only")
    mode: Mode
    facility_type: str = Field("", description="main, trunk, lane, transmission, …")
    length_km: Positive = Field(description="Length on the ground, km; never the straight line")
    free_speed_km_h: Positive | None = Field(None, description="Running speed of freight, km/h")
    gauge_mm: int | None = Field(None, description="Track gauge, mm; rail only")
    tracks: int | None = Field(None, ge=1, le=8)
    electrified: bool | None = None
    capacity_value: NotNegative | None = None
    capacity_unit: Literal["bcm_y", "mt_y", "trains_d", "teu_y"] | None = None
    status: Literal["operating", "suspended", "under_construction"] = "operating"
    open_year: int | None = Field(None, ge=1800, le=2100)

    @field_validator("gauge_mm")
    @classmethod
    def _known_gauge(cls, gauge: int | None) -> int | None:
        if gauge is not None and gauge not in GAUGES:
            known = ", ".join(map(str, GAUGES))
            raise ValueError(f"{gauge} mm is not a gauge in use; the known ones are {known}")
        return gauge

    @model_validator(mode="after")
    def _ends_differ(self) -> Link:
        if self.from_node_id == self.to_node_id:
            raise ValueError("the link begins and ends at the same node")
        return self


class Crossing(Row):
    """The border between the two end nodes of a link in different countries."""

    crossing_id: Id
    name: str = ""
    from_node_id: Id
    to_node_id: Id
    mode: Mode
    wait_h: NotNegative | None = Field(
        None, description="Hours across, both sides, queues included"
    )
    fee_usd: NotNegative | None = Field(None, description="Payments per truck, wagon or container")
    status: Literal["open", "closed"] = "open"


class Transfer(Row):
    """A change of mode or gauge at one node; it works in both directions."""

    transfer_id: Id
    node_id: Id
    from_layer: str
    to_layer: str
    transfer_h: NotNegative | None = Field(None, description="Handling and waiting, hours")
    fee_usd: NotNegative | None = Field(None, description="Charge per TEU")
    status: Literal["open", "closed"] = "open"


class Country(Row):
    """A state, its role in the SCO and its main gauge."""

    country: CountryCode
    name: str
    sco_role: Literal["member", "observer", "partner", "transit"] = "transit"
    gauge_mm: int | None = None
    population: NotNegative | None = None
    gdp_busd: NotNegative | None = Field(None, description="GDP, billion US dollars")


class Source(BaseModel):
    """A page, report or data set that a figure was taken from."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    source_id: Id
    title: str
    publisher: str = ""
    year: int | None = Field(None, ge=1800, le=2100)
    url: str = ""
    licence: str = ""


class Benchmark(Row):
    """A published route figure that the base network must reproduce."""

    benchmark_id: Id
    from_node_id: Id
    to_node_id: Id
    via: str = Field("", description="Node ids on the way, separated by semicolons")
    modes: str = Field("", description="Modes allowed, separated by semicolons; empty: all freight")
    by: Literal["length", "time", "cost"] = "length"
    published_value: Positive
    unit: Literal["km", "h", "USD"] = "km"


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the tables: its name, its id column and the schema of its rows."""

    name: str
    id_field: str
    model: type[BaseModel]

    @property
    def file_name(self) -> str:
        """Name of the file in a data folder."""
        return f"{self.name}.csv"

    def columns(self) -> list[str]:
        """Return the columns, the id first and provenance last."""
        provenance = ["source_id", "confidence", "notes"]
        own = [f for f in self.model.model_fields if f == self.id_field or f not in provenance]
        return own + [f for f in provenance if f in self.model.model_fields and f not in own]

    def required(self) -> list[str]:
        """Return the columns that a file must have."""
        return [name for name, field in self.model.model_fields.items() if field.is_required()]

    def dtype(self, column: str) -> str:
        """Return `number`, `flag` or `text`: how a column is kept in memory."""
        kinds = _annotation(self.model, column)
        if "float" in kinds or "int" in kinds:
            return "number"
        return "flag" if "bool" in kinds else "text"

    def whole(self, column: str) -> bool:
        """Whether a column of numbers holds whole ones only, such as a gauge or a year."""
        kinds = _annotation(self.model, column)
        return "int" in kinds and "float" not in kinds

    def default(self, column: str) -> Any:
        """Return the value of a column that a row does not give."""
        return self.model.model_fields[column].default


@cache  # asked for every cell that a scenario sets
def _annotation(model: type[BaseModel], column: str) -> str:
    return str(model.model_fields[column].annotation)


@dataclass(frozen=True, slots=True)
class Kinds:
    """The tables of a data folder."""

    nodes: ClassVar[Kind] = Kind("nodes", "node_id", Node)
    links: ClassVar[Kind] = Kind("links", "link_id", Link)
    crossings: ClassVar[Kind] = Kind("crossings", "crossing_id", Crossing)
    transfers: ClassVar[Kind] = Kind("transfers", "transfer_id", Transfer)
    countries: ClassVar[Kind] = Kind("countries", "country", Country)
    sources: ClassVar[Kind] = Kind("sources", "source_id", Source)
    benchmarks: ClassVar[Kind] = Kind("benchmarks", "benchmark_id", Benchmark)


ALL_KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kinds.nodes,
        Kinds.links,
        Kinds.crossings,
        Kinds.transfers,
        Kinds.countries,
        Kinds.sources,
        Kinds.benchmarks,
    )
}
# The tables that a scenario may change.
NETWORK_TABLES = ("nodes", "links", "crossings", "transfers")
# The tables whose rows name the source of what they say.
SOURCED_TABLES = tuple(name for name in ALL_KINDS if name != "sources")
# The columns that name nodes, by table.
ENDS = ("from_node_id", "to_node_id")
NODE_COLUMNS = {"links": ENDS, "crossings": ENDS, "transfers": ("node_id",), "benchmarks": ENDS}


def layer_of(mode: str, gauge_mm: float | None) -> str:
    """Return the layer a link belongs to.

    >>> layer_of("rail", 1520), layer_of("road", None)
    ('rail-1520', 'road')
    """
    if mode == "rail" and gauge_mm and gauge_mm == gauge_mm:
        return f"rail-{int(gauge_mm)}"
    return mode
