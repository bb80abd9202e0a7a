"""JSON Schemas for editors, from the same models that check the files."""

from __future__ import annotations

from typing import Any

from sco_network.errors import bad_argument, did_you_mean

from .rows import ALL_KINDS, NETWORK_TABLES
from .scenario import ScenarioFile


def json_schema(what: str = "scenario") -> dict[str, Any]:
    """Return the JSON Schema of a scenario file or of the rows of a table."""
    if what == "scenario":
        schema = ScenarioFile.model_json_schema(by_alias=True)
        rows = {name: ALL_KINDS[name].model.model_json_schema() for name in NETWORK_TABLES}
        for name, row in rows.items():
            schema["$defs"]["Additions"]["properties"][name]["items"] = _open(row)
        return schema | {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    if what in ALL_KINDS:
        return ALL_KINDS[what].model.model_json_schema()
    known = ["scenario", *ALL_KINDS]
    raise bad_argument("what", f"no schema for '{what}'", did_you_mean(what, known) or str(known))


def _open(row: dict[str, Any]) -> dict[str, Any]:
    """Let every number of an added row be `{low, mode, high}` as well."""
    spread = {
        "type": "object",
        "properties": {k: {"type": "number"} for k in ("low", "mode", "high")},
        "required": ["low", "mode", "high"],
        "additionalProperties": False,
    }
    properties = {
        name: {"anyOf": [field, spread]} if "number" in str(field) else field
        for name, field in row["properties"].items()
    }
    return row | {"properties": properties}
