"""What can go wrong, in words a person can act on.

ScoError                 everything raised on purpose
├── InputError           the input is wrong: carries every `Problem` found
└── TooDenseError        a network too dense for elimination; see `routing.elimination`
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, where it stands, and what to write instead."""

    file: str
    line: int | None
    field: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = place_of(self.file, self.line)
        where = f" in {self.field}" if self.field else ""
        hint = f" {self.hint}" if self.hint else ""
        return _harmless(f"{place}: {self.message}{where}.{hint}")

    def as_dict(self) -> dict[str, str | int | None]:
        """Return the problem with the keys of `validate --json`."""
        return {
            "file": self.file,
            "line": self.line,
            "field": self.field,
            "message": self.message,
            "hint": self.hint,
        }


def place_of(file: str, line: int | None) -> str:
    """Return a place in a file as messages name it.

    >>> place_of("data/links.csv", 4), place_of("data/links.csv", None)
    ('data/links.csv:4', 'data/links.csv')
    """
    return f"{file}:{line}" if line else file


# What could steer a terminal, such as the escape character; not tabs and ends of lines.
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def _harmless(text: str) -> str:
    """Return a text in which what could steer a terminal is written out."""
    return CONTROLS.sub(lambda found: ascii(found[0])[1:-1], text)


class ScoError(Exception):
    """Base of everything this package raises on purpose."""


class InputError(ScoError):
    """The input is wrong; `problems` lists all that was found, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)  # as args, so that it survives pickling by a worker

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


@dataclass(slots=True)
class Problems:
    """Collects problems, so that a reader sees all of them at once."""

    found: list[Problem] = field(default_factory=list)

    def add(self, file: object, line: int | None, where: str, message: str, hint: str = "") -> None:
        """Note one problem; a repetition is ignored."""
        problem = Problem(str(file), line, where, message, hint)
        if problem not in self.found:
            self.found.append(problem)

    def take(self, problems: Iterable[Problem]) -> None:
        """Note problems that were found elsewhere; a repetition is ignored."""
        self.found += [problem for problem in problems if problem not in self.found]

    def raise_if_any(self) -> None:
        """Raise `InputError` with all problems, in the order of files and lines."""
        if self.found:
            raise InputError(in_order(self.found))


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems in the order of files and lines."""
    return sorted(problems, key=lambda p: (p.file, p.line or 0))


def bad_argument(name: str, message: str, hint: str = "") -> InputError:
    """Return the error for one wrong argument of a command or a call."""
    return InputError([Problem(f"argument {name}", None, "", message, hint)])


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """Return `Did you mean 'x'?` for the known words nearest to a misspelt one.

    >>> did_you_mean("karachy", ["karachi", "kabul"])
    "Did you mean 'karachi'?"
    >>> did_you_mean("zzz", ["karachi"])
    ''
    """
    by_fold = {k.casefold(): k for k in known}
    near = difflib.get_close_matches(str(word).casefold(), by_fold, n=3, cutoff=0.7)
    if not near:
        return ""
    return "Did you mean " + " or ".join(f"'{by_fold[n]}'" for n in near) + "?"
