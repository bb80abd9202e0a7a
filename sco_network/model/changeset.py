"""A set of changes: order-free, and merged with every clash named at both places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sco_network.errors import Problems, place_of

from .assumptions import Spread

CLOSED = {"links": "suspended", "crossings": "closed", "transfers": "closed"}
_PROVENANCE = {"source_id", "confidence", "notes"}
# What makes a row the one it is; another end or mode is another row.
FIXED = ("node_id", "link_id", "crossing_id", "transfer_id", "from_node_id", "to_node_id", "mode")

Key = tuple[str, str, str]  # table, row id, column


@dataclass(frozen=True, slots=True)
class Setting:
    """A cell's new value, its uncertainty, and the place that says so."""

    value: Any
    scenario: str
    file: str
    line: int | None
    where: str
    spread: Spread | None = None


@dataclass(frozen=True)
class ChangeSet:
    """Which cells get which values, and which rows are new.

    A map has no order, so neither has the result of applying several scenarios.
    """

    settings: Mapping[Key, Setting] = field(default_factory=dict)
    added: frozenset[tuple[str, str]] = frozenset()

    def of_table(self, table: str) -> Iterator[tuple[str, str, Setting]]:
        """Yield row id, column and setting of one table."""
        return ((r, c, s) for (t, r, c), s in self.settings.items() if t == table)

    @property
    def borders(self) -> dict[tuple[frozenset[str], str], str]:
        """The crossings that are added, by the two places and the mode they serve."""
        found = {}
        for row_id in sorted(row_id for table, row_id in self.added if table == "crossings"):
            columns = ("from_node_id", "to_node_id", "mode")
            a, b, mode = (self.settings["crossings", row_id, c].value for c in columns)
            found[frozenset((a, b)), mode] = row_id
        return found

    @property
    def spreads(self) -> dict[Key, Spread]:
        """The uncertain values among the settings."""
        return {key: s.spread for key, s in self.settings.items() if s.spread is not None}


def merge(changesets: Iterable[ChangeSet], problems: Problems) -> ChangeSet:
    """Join change sets; one cell set to two different values is a clash."""
    settings: dict[Key, Setting] = {}
    added: set[tuple[str, str]] = set()
    borders: dict[tuple[frozenset[str], str], Setting] = {}
    for changes in changesets:
        added |= changes.added
        for border, row_id in changes.borders.items():
            new = changes.settings["crossings", row_id, "mode"]
            old = borders.setdefault(border, new)
            if old.scenario != new.scenario:
                _note_second_crossing(border, old, new, problems)
        for key, new in changes.settings.items():
            old = settings.setdefault(key, new)
            if key[2] in _PROVENANCE or (old.value, old.spread) == (new.value, new.spread):
                continue
            first, second = sorted((old, new), key=lambda s: (s.file, s.line or 0))
            problems.add(
                second.file,
                second.line,
                ".".join(key),
                f"'{second.scenario}' sets this to {second.value!r} but '{first.scenario}' "
                f"({place_of(first.file, first.line)}) sets it to {first.value!r}",
                "Keep one of them, or declare that the two scenarios conflict",
            )
    return ChangeSet(settings, frozenset(added))


def _note_second_crossing(
    border: tuple[frozenset[str], str], old: Setting, new: Setting, problems: Problems
) -> None:
    first, second = sorted((old, new), key=lambda s: (s.file, s.line or 0))
    places, mode = " – ".join(sorted(border[0])), border[1]
    problems.add(
        second.file,
        second.line,
        second.where,
        f"'{second.scenario}' adds the {mode} crossing {places}, which '{first.scenario}' "
        f"({place_of(first.file, first.line)}) adds as well",
        "Put it in one of them and let the other require that, or declare that they conflict",
    )
