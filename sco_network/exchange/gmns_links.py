"""What links of a GMNS folder leave to be found out: mode, course and length."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sco_network.errors import Problems
from sco_network.model.distance import great_circle_km
from sco_network.model.rows import MODES
from sco_network.model.textfile import CsvFile

from .courses import from_wkt
from .gmns_units import number
from .incoming import Incoming

# Words of allowed_uses and facility_type, by the mode that they speak of.
_WORDS = {
    "road": "road auto car truck hgv hov sov bus taxi motor vehicle driving motorway freeway "
    "expressway highway trunk primary secondary tertiary arterial collector local residential "
    "ramp street",
    "rail": "rail railway railroad train metro subway tram",
    "sea": "sea ship vessel ferry barge shipping waterway",
    "gas": "gas",
    "oil": "oil petroleum",
    "no goods": "walk bike bicycle cycle bikeway cycleway ped pedestrian foot footway path "
    "sidewalk crosswalk steps none",
}
_MODE_OF = {word: mode for mode, words in _WORDS.items() for word in words.split()}


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.casefold())


def find_modes(link: CsvFile, groups: CsvFile | None, incoming: Incoming) -> None:
    """Give every link a mode from `allowed_uses`, else `facility_type`, else road.

    Links for walking and cycling, and those that end where they begin, carry no goods anywhere:
    they are left out.
    """
    members = {
        row["use_group"].casefold(): row["uses"]
        for _, row in (groups.rows if groups else [])
        if "use_group" in row and "uses" in row
    }
    stated = "mode" in link.header
    kept, guessed = [], 0
    for line, row in link.rows:
        if not stated:
            row["mode"] = _mode(_uses(row.get("allowed_uses", ""), members)) or _mode(
                _words(row.get("facility_type", ""))
            )
            guessed += not row["mode"]
            row["mode"] = row["mode"] or "road"
        if row["mode"] != "no goods" and row["from_node_id"] != row["to_node_id"]:
            kept.append((line, row))
    if len(kept) < len(link.rows):
        incoming.notes.append(
            f"{len(link.rows) - len(kept)} links are left out: for walking or cycling only, or "
            "ending where they begin"
        )
    if guessed:
        incoming.notes.append(
            f"{guessed} links are taken as road: allowed_uses and facility_type do not tell"
        )
    link.rows[:] = kept
    link.header[:] = [c for c in link.header if c not in {"mode", "allowed_uses"}] + ["mode"]


def _uses(text: str, members: dict[str, str]) -> list[str]:
    """Return the uses of a list, groups of use_group.csv replaced by what is in them."""
    found: list[str] = []
    waiting, seen = re.split(r"[,;|]", text), set[str]()
    while waiting:
        word = waiting.pop(0).strip().casefold()
        if word in members and word not in seen:
            seen.add(word)
            waiting += re.split(r"[,;|]", members[word])
        else:
            found += _words(word)
    return found


def _mode(words: Iterable[str]) -> str:
    """Return the first mode of goods among the words, `no goods`, or "" where none is known."""
    known = {_MODE_OF[word] for word in words if word in _MODE_OF}
    return next((mode for mode in (*MODES, "no goods") if mode in known), "")


def courses(
    link: CsvFile, shapes: CsvFile | None, problems: Problems
) -> dict[str, NDArray[np.float64]]:
    """Return the courses of links, from the link's own geometry or from geometry.csv."""
    texts: dict[str, tuple[str, str, int]] = {}
    if shapes:
        for line, row in shapes.rows:
            texts[row.get("geometry_id", "")] = row.get("geometry", ""), shapes.file, line
    found: dict[str, NDArray[np.float64]] = {}
    for line, row in link.rows:
        name = row.get("geometry_id", "")
        text, file, at = row.get("geometry", ""), link.file, line
        if not text and name and shapes:
            if name not in texts:
                problems.add(link.file, line, "geometry_id", f"unknown geometry '{name}'")
                continue
            text, file, at = texts[name]
        course = from_wkt(text, file, at, problems) if text else None
        if course is not None:
            backwards = number(row.get("dir_flag", "")) == -1
            found[row["link_id"]] = course[::-1] if backwards else course
    return found


def measure(link: CsvFile, incoming: Incoming, problems: Problems) -> None:
    """Measure links without a length, or with zero, along their course."""
    measured, missing = 0, []
    for _, row in link.rows:
        if number(row["length_km"] or "0") != 0:
            continue
        course = incoming.courses.get(row["link_id"])
        if course is None:
            missing.append(row["link_id"])
        else:
            row["length_km"] = repr(float(great_circle_km(course[:-1], course[1:]).sum()))
            measured += 1
    if measured:
        incoming.notes.append(f"{measured} lengths are measured along the geometry")
    if missing:
        some = ", ".join(f"'{i}'" for i in missing[:5])
        problems.add(
            link.file,
            None,
            "length",
            f"{len(missing)} links have neither length nor geometry: {some}",
            "Give their length on the ground; a straight line would be too short",
        )
