"""A scenario as it stands in its file: what is proposed, by whom it is said, what is promised."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar, cast, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from sco_network.errors import Problems, did_you_mean
from sco_network.markup import html_table

from .assumptions import Spread
from .rows import NETWORK_TABLES, Id, Mode, Number
from .table import explain
from .textfile import Loc, YamlFile, dotted, read_yaml

MAX_INCLUDE_DEPTH = 8

Kind = Literal["rail", "road", "pipeline", "port", "border", "policy", "closure", "package"]
Status = Literal[
    "under_consideration",
    "in_planning",
    "in_permitting",
    "under_construction",
    "operating",
    "cancelled",
]
KIND_OF_MODE = {"rail": "rail", "road": "road", "sea": "port", "gas": "pipeline", "oil": "pipeline"}
By = Literal["length", "time", "cost", "generalised"]
UNIT_OF = {"length": "km", "time": "h", "cost": "USD", "generalised": "USD"}
PIPELINE_UNITS = {"bcm_y": "gas", "mt_y": "oil"}
Quantity = Annotated[Spread | Number, Field(union_mode="left_to_right")]


class _Part(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, allow_inf_nan=False
    )


class Edit(_Part):
    """A field's new value: `set` it, or `scale` the base's; `existing` asserts the base's."""

    existing: float | bool | str | None = None
    set: Spread | float | bool | str | None = None
    scale: Quantity | None = None

    @field_validator("scale")
    @classmethod
    def _positive(cls, scale: Spread | float | None) -> Spread | float | None:
        if scale is not None and (scale.low if isinstance(scale, Spread) else scale) < 0:
            raise ValueError("a scale cannot be negative")
        return scale


class Additions(_Part):
    """Rows that the proposal adds, in the columns of the data files."""

    nodes: list[dict[str, Any]] = []
    links: list[dict[str, Any]] = []
    crossings: list[dict[str, Any]] = []
    transfers: list[dict[str, Any]] = []


class Changes(_Part):
    """Fields that the proposal changes: `where` selects rows, the other keys are columns."""

    nodes: list[dict[str, Any]] = []
    links: list[dict[str, Any]] = []
    crossings: list[dict[str, Any]] = []
    transfers: list[dict[str, Any]] = []


class Closures(_Part):
    """Rows that the proposal closes: ids, or `{where: {…}}`."""

    links: list[str | dict[str, Any]] = []
    crossings: list[str | dict[str, Any]] = []
    transfers: list[str | dict[str, Any]] = []


class Claim(_Part):
    """A published promise about one route or one pipeline's capacity, to be held against the model.

    `before` and `after` are levels, `change` is a difference, in `unit`; with the unit `%` a
    change is relative to the model's own figure before. `bcm_y` and `mt_y` are the most that
    the gas or oil pipelines carry from one place to the other.
    """

    text: str
    origin: str = Field(alias="from")
    destination: str = Field(alias="to")
    modes: list[Mode] = []
    avoid: list[str] = []
    by: By = "time"
    measure: Literal["length", "time", "cost"] | None = Field(
        None, description="What is measured on the route that `by` chooses; default: `by` itself"
    )
    before: Number | None = None
    after: Number | None = None
    change: Number | None = None
    unit: Literal["km", "h", "USD", "%", "bcm_y", "mt_y"] = "h"
    source_id: str | None = None
    untestable: str = Field(
        "", description="Why no model of goods transport can judge it, where that is so"
    )
    notes: str = ""

    @property
    def measured(self) -> str:
        """What the figures measure: `flow`, or one of the measures of a route."""
        return "flow" if self.unit in PIPELINE_UNITS else self.measure or self.by

    @property
    def model_unit(self) -> str:
        """The unit of the model's figures before and after."""
        return UNIT_OF.get(self.measured, self.unit)

    @model_validator(mode="after")
    def _unit_fits(self) -> Claim:
        if self.unit not in {"%", self.model_unit}:
            raise ValueError(
                f"{self.measured} is counted in {self.model_unit}, not {self.unit}; "
                "say what is measured with 'measure', or correct 'unit'"
            )
        if self.unit == "%" and (self.before is not None or self.after is not None):
            raise ValueError("'before' and 'after' need a unit; a percentage is a 'change'")
        return self


class ScenarioFile(_Part):
    """The schema of a scenario file."""

    scenario: Id = Field(description="Id; the same as the file's name")
    title: str = Field("", description="Name for people")
    kind: Kind = Field("policy", description=f"One of {', '.join(get_args(Kind))}")
    status: Status = Field(
        "under_consideration", description=f"How firm it is: {', '.join(get_args(Status))}"
    )
    build_year: Quantity | None = Field(None, description="Year of opening")
    capex_musd: Quantity | None = Field(None, description="Capital cost, million US dollars")
    requires: list[str] = Field([], description="Scenarios that must be applied with it")
    conflicts: list[str] = Field([], description="Scenarios that must not be applied with it")
    includes: list[str] = Field([], description="Members of a package")
    sources: list[str] = Field([], description="Ids of sources.csv that describe it")
    notes: str = Field("", description="What is proposed, by whom, what is uncertain")
    add: Additions = Field(
        Additions(), description="New rows: nodes, links, crossings, transfers, in their columns"
    )
    change: Changes = Field(
        Changes(),
        description="New values: `where` selects rows by columns; `set` or `scale` gives the "
        "value, `existing` asserts what the base has",
    )
    close: Closures = Field(
        Closures(), description="Links, crossings and transfers to shut: ids, or `where`"
    )
    claims: list[Claim] = Field(
        [], description="Published promises: from, to, by, before, after or change, unit"
    )


@dataclass(frozen=True)
class Scenario:
    """One proposal; a package holds the scenarios it includes in `members`."""

    content: ScenarioFile
    document: YamlFile = field(repr=False, compare=False)
    members: tuple[Scenario, ...] = ()

    @property
    def id(self) -> str:
        """The scenario's id, which is also its file's name."""
        return self.content.scenario

    @property
    def title(self) -> str:
        """The title, or the id where none is given."""
        return self.content.title or self.id

    @property
    def file(self) -> str:
        """The file it came from, for messages."""
        return self.document.file

    def line(self, *loc: str | int) -> int | None:
        """Return the line of a value in the file."""
        return self.document.line(loc)

    @property
    def whole(self) -> tuple[Scenario, ...]:
        """The scenario and all it includes, each once, members first."""
        found: dict[str, Scenario] = {}
        for member in self.members:
            found.update({s.id: s for s in member.whole})
        return (*found.values(), self)

    @property
    def changes_nothing(self) -> bool:
        """Whether the file itself neither adds, changes nor closes anything."""
        parts = (self.content.add, self.content.change, self.content.close)
        return not any(getattr(p, t, None) for p in parts for t in NETWORK_TABLES)

    def _repr_html_(self) -> str:
        content = self.content
        rows = [
            (word, table, len(getattr(part, table)))
            for word, part in (
                ("adds", content.add),
                ("changes", content.change),
                ("closes", content.close),
            )
            for table in NETWORK_TABLES
            if getattr(part, table, None)
        ]
        rows += [("includes", member.id, 1) for member in self.members]
        facts = f"{content.kind}, {content.status.replace('_', ' ')}"
        return html_table(f"{self.title} [{self.id}]", ["", facts, "entries"], rows, content.notes)

    @cached_property
    def hash(self) -> str:
        """Twelve hex digits that change whenever the scenario's content does."""
        content = [s.content.model_dump(mode="json") for s in self.whole]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]

    @classmethod
    def from_dict(cls, content: Mapping[str, Any], members: Iterable[Scenario] = ()) -> Self:
        """Return a scenario assembled in Python from the keys of a scenario file.

        Raises
        ------
        InputError
            With every key or value that is wrong.
        """
        document = YamlFile(f"scenario {content.get('scenario', '?')!r}", dict(content))
        problems = Problems()
        parsed = parse(document, problems)
        problems.raise_if_any()
        return cls(cast("ScenarioFile", parsed), document, tuple(members))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a scenario file and the scenarios that it includes.

        Raises
        ------
        InputError
            With all problems of all files.
        """
        problems = Problems()
        scenario = cls.collect(path, problems)
        problems.raise_if_any()
        return cast("Self", scenario)

    @classmethod
    def collect(cls, path: Path, problems: Problems) -> Self | None:
        """Read a scenario file as `read` does, noting problems instead of raising them."""
        return _read(cls, path, (), problems)


S = TypeVar("S", bound=Scenario)


def _read(cls: type[S], path: Path, above: tuple[str, ...], problems: Problems) -> S | None:
    document = read_yaml(path, problems)
    if document is None:
        return None
    content = parse(document, problems, stem=path.stem)
    if content is None:
        return None
    members = []
    chain = (*above, content.scenario)
    for i, name in enumerate(content.includes):
        line = document.line(("includes", i))
        if name in chain:
            cycle = " → ".join((*chain[chain.index(name) :], name))
            problems.add(
                document.file, line, "includes", f"the includes form a cycle: {cycle}", "Break it"
            )
            continue
        if len(chain) > MAX_INCLUDE_DEPTH:
            problems.add(document.file, line, "includes", "the includes are nested too deeply")
            continue
        known = sorted(p.stem for p in path.parent.glob("*.yaml"))
        if name not in known:  # so that no name leads outside the folder, or is too long for one
            problems.add(
                document.file,
                line,
                f"includes[{i}]",
                f"unknown scenario '{name}'",
                did_you_mean(name, known),
            )
            continue
        member = _read(cls, path.parent / f"{name}.yaml", chain, problems)
        if member is not None:
            members.append(member)
    return cls(content, document, tuple(members))


def parse(document: YamlFile, problems: Problems, stem: str | None = None) -> ScenarioFile | None:
    """Check a scenario file's keys and values; return None after noting problems."""
    before = len(problems.found)
    if not isinstance(document.value, dict):
        problems.add(
            document.file, 1, "", "expected 'key: value' lines", "Begin with 'scenario: id'"
        )
        return None
    try:
        content = ScenarioFile.model_validate(document.value)
    except ValidationError as error:
        for detail in error.errors():
            _note(detail, document, problems)
        return None
    if stem is not None and content.scenario != stem:
        problems.add(
            document.file,
            document.line(("scenario",)),
            "scenario",
            f"the scenario is called '{content.scenario}', the file '{stem}.yaml'",
            "Give both the same name",
        )
    return content if len(problems.found) == before else None


_PARTS: dict[str, type[BaseModel]] = {
    "add": Additions,
    "change": Changes,
    "close": Closures,
    "claims": Claim,
}


def _note(detail: Any, document: YamlFile, problems: Problems) -> None:
    # pydantic names the branches of a union in `loc`; keep what is really in the file
    loc: list[str | int] = []
    value = document.value
    for part in detail["loc"]:
        here = isinstance(value, dict) and part in value
        if here or (isinstance(value, list) and isinstance(part, int) and part < len(value)):
            value = value[part]
            loc.append(part)
        elif ("float" if isinstance(value, dict) else "Spread") in str(part):
            return  # what was written is meant for the other branch
    if detail["type"] == "missing":
        loc.append(detail["loc"][-1])
    at: Loc = tuple(loc)
    model = _PARTS.get(str(loc[0]), ScenarioFile) if len(loc) > 1 else ScenarioFile
    message, hint = explain(detail, model)
    problems.add(document.file, document.line(at), dotted(at), message, hint)
