"""Places that a file names: one a line, or the `node_id` column of a CSV file."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from sco_network.errors import InputError, Problems
from sco_network.model.network import Network
from sco_network.model.textfile import MAX_CSV_BYTES, read_csv, read_text, shown
from sco_network.routing.states import StateGraph

from .evaluation import terminals_of


def chosen_places(graph: StateGraph, given: str | None) -> tuple[str, ...]:
    """Return node ids of terminals: of a file, `all` that a mode serves, or the usual ones."""
    network = graph.network
    if given is None:
        modes = tuple(dict.fromkeys(network.links["mode"][graph.link[graph.link >= 0]].tolist()))
        return terminals_of(network, modes)
    if given == "all":
        return tuple(network.nodes.ids[np.unique(graph.state_node)].tolist())
    return read_places(network, Path(given))


def read_places(network: Network, path: Path) -> tuple[str, ...]:
    """Return the node ids of the places in a file, given by id or name, in their order.

    Raises
    ------
    InputError
        Where the file cannot be read or names none; where a place is unknown or comes twice.
    """
    problems = Problems()
    found: dict[str, int] = {}
    for line, place in _rows(path, problems):
        try:
            node_id = network.find(place)
        except InputError as error:
            for problem in error.problems:
                problems.add(shown(path), line, "", problem.message, problem.hint)
            continue
        first = found.setdefault(node_id, line)
        if first != line:
            message = f"'{place}' stands in line {first} already"
            problems.add(shown(path), line, "", message, "Keep one of them")
    if not found and not problems.found:
        problems.add(shown(path), None, "", "the file names no place", "Write one a line")
    problems.raise_if_any()
    return tuple(found)


def _rows(path: Path, problems: Problems) -> list[tuple[int, str]]:
    """Return the places with their lines."""
    text = read_text(path, MAX_CSV_BYTES, problems) or ""
    header, *_ = text.split("\n", 1)
    if "node_id" in re.split(r'[,;\t\s"]+', header):
        table = read_csv(path, problems)
        if table and "node_id" not in table.header:
            hint = "Part the columns by commas, semicolons or tabs"
            problems.add(shown(path), 1, "node_id", "there is no column of this name", hint)
            return []
        return [(line, row["node_id"]) for line, row in table.rows] if table else []
    return [(i, line.strip()) for i, line in enumerate(text.split("\n"), 1) if line.strip()]
