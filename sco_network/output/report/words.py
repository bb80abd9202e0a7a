"""Numbers and lists as English: one, none or many, with enough digits and no more."""

from __future__ import annotations

import math
from collections.abc import Sequence

MINUS = "−"


def counted(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun.

    >>> counted(0, "proposal"), counted(1, "proposal"), counted(1200, "country", "countries")
    ('no proposal', '1 proposal', '1,200 countries')
    """
    noun = one if count < 2 else many or f"{one}s"
    return f"{count:,} {noun}" if count else f"no {noun}"


def listed(words: Sequence[str], most: int = 0, joint: str = "and") -> str:
    """Return words as a list; beyond `most` of them the rest is counted.

    >>> listed(["A"]), listed(["A", "B"]), listed(["A", "B", "C"])
    ('A', 'A and B', 'A, B and C')
    >>> listed(["A", "B", "C", "D"], most=2)
    'A, B and 2 more'
    """
    kept = list(words)
    if most and len(kept) > most + 1:  # "and 1 more" would be longer than its name
        kept = [*kept[:most], f"{len(kept) - most} more"]
    return f" {joint} ".join([", ".join(kept[:-1]), kept[-1]] if len(kept) > 1 else kept)


def shared_out(noun: str, parts: Sequence[tuple[int, str, str]], after: str = "") -> str:
    """Return how many of some things do what, as the beginning of a sentence.

    Parameters
    ----------
    parts
        How many, what one does, what several do; together they are all there are.
    after
        Words that follow the noun.

    >>> shared_out("claim", [(2, "holds", "hold"), (1, "does not", "do not")])
    'Of 3 claims 2 hold and 1 does not'
    >>> shared_out("claim", [(2, "holds", "hold"), (0, "does not", "do not")])
    'Both claims hold'
    >>> shared_out("claim", [(0, "holds", "hold"), (1, "does not", "do not")], " made")
    'The one claim made does not'
    """
    there = [part for part in parts if part[0]]
    total = sum(count for count, *_ in there)
    if len(there) == 1:
        _, one, many = there[0]
        first = {1: f"The one {noun}", 2: f"Both {noun}s"}.get(total, f"All {total:,} {noun}s")
        return f"{first}{after} {one if total == 1 else many}"
    clauses = [f"{count:,} {one if count == 1 else many}" for count, one, many in there]
    comma = "," if after else ""
    return f"Of {counted(total, noun)}{after}{comma} {listed(clauses)}"


def some_of(count: int, total: int, noun: str, one: str, many: str) -> str:
    """Return how many of some things do what, to go into a sentence.

    >>> some_of(0, 3, "claim", "holds", "hold"), some_of(1, 3, "claim", "holds", "hold")
    ('no claim holds', '1 of 3 claims holds')
    >>> some_of(2, 2, "claim", "holds", "hold"), some_of(1, 1, "claim", "holds", "hold")
    ('both claims hold', 'the one claim holds')
    """
    if count == total and total:
        words = {1: f"the one {noun}", 2: f"both {noun}s"}.get(total, f"all {total:,} {noun}s")
        return f"{words} {one if total == 1 else many}"
    subject = f"{count:,} of {counted(total, noun)}" if count else f"no {noun}"
    return f"{subject} {one if count < 2 else many}"


def figure(value: float, digits: int = 2) -> str:
    """Return a number with so many significant digits, whole numbers in full.

    >>> figure(0.001234), figure(1.96), figure(45.27), figure(77706.4), figure(-0.5)
    ('0.0012', '2.0', '45', '77,706', '−0.50')
    >>> figure(0.999), figure(9.99)
    ('1.0', '10')
    >>> figure(float("inf")), figure(float("nan")), figure(0)
    ('no route', '–', '0')
    """
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "no route"
    if value == 0:
        return "0"
    size = math.floor(math.log10(float(f"{abs(value):.{digits - 1}e}")))  # once it is rounded
    places = max(digits - 1 - size, 0)
    return signed_as(f"{abs(value):,.{min(places, 12)}f}", value)


def signed_as(text: str, value: float) -> str:
    """Return the digits of a number with a minus sign where it is negative."""
    return f"{MINUS}{text}" if value < 0 else text


def percent(value: float) -> str:
    """Return a percentage without a sign, for sentences that say whether it rises or falls.

    >>> percent(-12.345), percent(0.00291), percent(0.0)
    ('12 %', '0.0029 %', '0 %')
    """
    return f"{figure(abs(value))} %"


def signed(value: float, digits: int = 2) -> str:
    """Return a number with its sign.

    >>> signed(12.3), signed(-0.004), signed(0.0)
    ('+12', '−0.0040', '0')
    """
    text = figure(value, digits)
    return f"+{text}" if value > 0 and math.isfinite(value) else text


def amount(value: float, unit: str) -> str:
    """Return a cost of travel with its unit, whole from 10 on.

    >>> amount(45.27, "h"), amount(8.44, "h"), amount(float("inf"), "h"), amount(1234.5, "USD")
    ('45 h', '8.4 h', 'no route', '1,234 USD')
    """
    if not math.isfinite(value):
        return figure(value)
    return f"{value:,.0f} {unit}" if abs(value) >= 10 else f"{value:.1f} {unit}"
