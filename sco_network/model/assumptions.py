"""Speeds, rates and defaults: each with low, mode, high, unit and source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from sco_network.errors import Problems, did_you_mean

from .rows import SMALLEST, Number
from .table import explain
from .textfile import YamlFile, read_yaml


class Spread(BaseModel):
    """An uncertain number: lowest, most likely and highest value."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    low: Number
    mode: Number
    high: Number

    @model_validator(mode="after")
    def _ordered(self) -> Spread:
        if not self.low <= self.mode <= self.high:
            raise ValueError(
                f"low {self.low:g}, mode {self.mode:g}, high {self.high:g} are not in rising order"
            )
        return self


class Assumption(Spread):
    """An uncertain number with its unit and where it comes from."""

    unit: str
    source_id: str | None = None
    confidence: str | None = None
    notes: str = ""


# What the model needs when neither a row nor assumptions.yaml says anything.
FALLBACK: dict[str, float] = {
    "base.year": 2026.0,
    "speed.rail": 40.0,
    "speed.road": 50.0,
    "speed.sea": 26.0,
    "speed.gas": 30.0,
    "speed.oil": 5.0,
    "duty.rail": 1.0,
    "duty.road": 1.0,
    "duty.sea": 1.0,
    "duty.gas": 1.0,
    "duty.oil": 1.0,
    "cost.rail": 0.5,
    "cost.road": 1.2,
    "cost.sea": 0.1,
    "cost.gas": 0.02,
    "cost.oil": 0.02,
    "border.wait_h.rail": 0.0,
    "border.wait_h.road": 0.0,
    "border.wait_h.sea": 0.0,
    "border.fee_usd.rail": 0.0,
    "border.fee_usd.road": 0.0,
    "border.fee_usd.sea": 0.0,
    "transfer.hours": 12.0,
    "transfer.fee_usd": 100.0,
    "value_of_time": 5.0,
    "market_access.theta": 1.0,
    "terminal.population": 300000.0,
}


DIVISORS = ("speed.", "duty.")


class Assumptions(Mapping[str, float]):
    """The values in use, found by dotted key; `spread` gives their uncertainty."""

    def __init__(
        self,
        entries: Mapping[str, Assumption] | None = None,
        *,
        file: str = "assumptions.yaml",
        lines: Mapping[str, int] | None = None,
        values: Mapping[str, float] | None = None,
    ) -> None:
        self.entries = dict(entries or {})
        self.file = file
        self.lines = dict(lines or {})
        self._values = FALLBACK | {key: entry.mode for key, entry in self.entries.items()}
        self._values |= values or {}

    def __getitem__(self, key: str) -> float:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def first_key(self, *keys: str) -> str:
        """Return the first key that is there: the most specific comes first."""
        return next(key for key in keys if key in self._values)

    def with_values(self, values: Mapping[str, float]) -> Assumptions:
        """Return a copy in which some keys have other values, as in an uncertainty draw."""
        return Assumptions(
            self.entries, file=self.file, lines=self.lines, values=self._values | dict(values)
        )


def read_assumptions(path: Path, problems: Problems) -> Assumptions:
    """Read assumptions.yaml; a folder without one uses the fallback values."""
    if not path.exists():
        return Assumptions()
    document = read_yaml(path, problems)
    return Assumptions() if document is None else assumptions_of(document, problems)


def assumptions_of(document: YamlFile, problems: Problems) -> Assumptions:
    """Check values and lines of `key: {low, mode, high, …}`, from a YAML file or elsewhere."""
    if not isinstance(document.value, dict):
        problems.add(document.file, 1, "", "expected 'key: {low, mode, high, unit, source_id}'")
        return Assumptions()
    entries: dict[str, Assumption] = {}
    lines: dict[str, int] = {}
    for key, value in document.value.items():
        entry = _entry(key, value, document, problems)
        if entry is not None:
            entries[key] = entry
            lines[key] = document.line((key,)) or 1
    return Assumptions(entries, file=document.file, lines=lines)


def _entry(key: str, value: Any, document: YamlFile, problems: Problems) -> Assumption | None:
    line = document.line((key,))
    if not any(key == known or key.startswith(known + ".") for known in FALLBACK):
        hint = did_you_mean(key, FALLBACK) or "Known keys: " + ", ".join(FALLBACK)
        problems.add(document.file, line, key, f"unknown assumption '{key}'", hint)
        return None
    try:
        entry = Assumption.model_validate(value)
    except ValidationError as error:
        for detail in error.errors():
            at = document.line((key, *detail["loc"]))
            where = ".".join(map(str, (key, *detail["loc"])))
            problems.add(document.file, at, where, *explain(detail, Assumption))
        return None
    for part, least in (("low", 0), ("mode", SMALLEST if key.startswith(DIVISORS) else 0)):
        if (number := getattr(entry, part)) < least:
            at = document.line((key, part))
            hint = f"It must be at least {least:g}"
            problems.add(document.file, at, f"{key}.{part}", f"{number:g} is too small", hint)
            return None
    return entry
