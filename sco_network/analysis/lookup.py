"""Anything by its id or name: scenarios, places and rows of the data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sco_network.errors import InputError, Problem, did_you_mean
from sco_network.model import library
from sco_network.model.network import Network
from sco_network.model.scenario import Scenario


@dataclass(frozen=True)
class Found:
    """What a name stands for: its kind, its fields, and the sources it rests on."""

    kind: str
    name: str
    fields: dict[str, Any]
    sources: tuple[dict[str, Any], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        return {
            "kind": self.kind,
            "id": self.name,
            **self.fields,
            "source_rows": list(self.sources),
        }


def look_up(network: Network, folder: Path, name: str) -> Found:
    """Return the scenario, row or place of that name.

    Raises
    ------
    InputError
        Where nothing has that name.
    """
    if name in library.names(folder):
        return _scenario(network, Scenario.read(folder / f"{name}.yaml"))
    for kind, table in network.tables.items():
        if name in table:
            return _row(network, kind, name)
    try:
        return _row(network, "nodes", network.find(name))
    except InputError as error:
        known = {i for table in network.tables.values() for i in table.index}
        known |= set(library.names(folder))
        hint = did_you_mean(name, known) or error.problems[0].hint
        raise InputError(
            [Problem("argument", None, "", f"nothing is called '{name}'", hint)]
        ) from None


def _scenario(network: Network, scenario: Scenario) -> Found:
    fields = scenario.content.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return Found("scenario", scenario.id, fields, _sources(network, scenario.content.sources))


def _row(network: Network, kind: str, row_id: str) -> Found:
    fields = {k: v for k, v in network.tables[kind].row(row_id).items() if v not in (None, "")}
    if kind == "nodes":
        links = network.links
        fields["links"] = [
            link
            for link, a, b in zip(
                links.ids, links["from_node_id"], links["to_node_id"], strict=True
            )
            if row_id in (a, b)
        ]
    cited = [fields["source_id"]] if "source_id" in fields and kind != "sources" else []
    return Found(kind[:-1], row_id, fields, _sources(network, cited))


def _sources(network: Network, ids: list[str]) -> tuple[dict[str, Any], ...]:
    table = network.tables["sources"]
    return tuple(table.row(i) for i in ids if i in table)
