"""JSON Schemas for editors, from the same models that check the files."""

from __future__ import annotations

from typing import Any

from sco_network.errors import bad_argument, did_you_mean

from .rows import ALL_KINDS, NETWORK_TABLES, Kind
from .scenario import ScenarioFile


def json_schema(what: str = "scenario") -> dict[str, Any]:
    """Return the JSON Schema of scenario files or of a table, or the whole data package."""
    if what == "scenario":
        schema = ScenarioFile.model_json_schema(by_alias=True)
        rows = {name: ALL_KINDS[name].model.model_json_schema() for name in NETWORK_TABLES}
        for name, row in rows.items():
            schema["$defs"]["Additions"]["properties"][name]["items"] = _open(row)
        return schema | {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    if what == "datapackage":
        return data_package()
    if what in ALL_KINDS:
        return ALL_KINDS[what].model.model_json_schema()
    known = ["scenario", "datapackage", *ALL_KINDS]
    hint = did_you_mean(what, known) or "One of " + ", ".join(known)
    raise bad_argument("what", f"no schema for '{what}'", hint)


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


# What the columns mean that no model describes.
_DESCRIPTIONS = {
    "node_id": "Id of the place",
    "link_id": "Id of the link",
    "crossing_id": "Id of the border crossing",
    "transfer_id": "Id of the transfer",
    "benchmark_id": "Id of the published figure",
    "source_id": "Id of the source",
    "name": "Name for people",
    "country": "ISO 3166 alpha-3",
    "from_node_id": "Node at one end",
    "to_node_id": "Node at the other end",
    "mode": "rail, road, sea, gas or oil",
    "tracks": "Number of tracks",
    "electrified": "Whether the line is electrified",
    "capacity_value": "What the link can carry a year or a day",
    "capacity_unit": "bcm_y, mt_y, trains_d or teu_y",
    "open_year": "Year of opening",
    "status": "What is not operating or open is not used",
    "node_type": "city, border, port, junction, field or terminal",
    "from_layer": "Layer on one side: road, sea, gas, oil or rail-GAUGE",
    "to_layer": "Layer on the other side",
    "sco_role": "Role in the Shanghai Cooperation Organization, 2025",
    "gauge_mm": "Track gauge, mm",
    "population": "Inhabitants",
    "title": "Title of the page, report or data set",
    "publisher": "Who published it",
    "year": "Year of publication",
    "url": "Where it can be read",
    "licence": "Terms of its use, as far as stated",
    "by": "length, time or cost",
    "published_value": "The figure as published",
    "unit": "Unit of the published figure: km, h or USD",
}
# Units: those that a name ends in, and those that it does not say.
_UNIT_ENDINGS = {
    "_km_h": "km/h",
    "_km": "km",
    "_h": "h",
    "_usd": "USD",
    "_busd": "billion USD",
    "_mm": "mm",
    "_coord": "degrees",
    "year": "year",
}
_UNITS = {
    "population": "people",
    "tracks": "tracks",
    "capacity_value": "as capacity_unit says",
    "published_value": "as unit says",
}


def unit_of(column: str) -> str:
    """Return the unit of a column of numbers.

    >>> unit_of("free_speed_km_h"), unit_of("open_year"), unit_of("population")
    ('km/h', 'year', 'people')
    """
    ending = (unit for end, unit in _UNIT_ENDINGS.items() if column.endswith(end))
    return _UNITS.get(column) or next(ending)


_FRICTIONLESS = {"number": "number", "flag": "boolean", "text": "string"}


def data_package() -> dict[str, Any]:
    """Return the Frictionless description of a data folder, from the same models."""
    resources = [_resource(kind) for kind in ALL_KINDS.values()]
    return {
        "profile": "tabular-data-package",
        "name": "sco-network-data",
        "title": "Transport and energy network of the SCO region",
        "licenses": [
            {
                "name": "ODbL-1.0",
                "title": "Open Data Commons Open Database License 1.0 (see LICENSE)",
                "path": "https://opendatacommons.org/licenses/odbl/1-0/",
            }
        ],
        "resources": resources,
    }


def _resource(kind: Kind) -> dict[str, Any]:
    fields = []
    for column in kind.columns():
        field = kind.model.model_fields[column]
        described: dict[str, Any] = {
            "name": column,
            "type": _FRICTIONLESS[kind.dtype(column)],
            "description": field.description or _DESCRIPTIONS[column],
        }
        if kind.dtype(column) == "number":
            described["unit"] = unit_of(column)
        if field.is_required():
            described["constraints"] = {"required": True}
        fields.append(described)
    schema: dict[str, Any] = {
        "fields": fields,
        "primaryKey": kind.id_field,
        "missingValues": [""],
    }
    keys = _foreign_keys(kind)
    if keys:
        schema["foreignKeys"] = keys
    return {
        "name": kind.name,
        "path": kind.file_name,
        "profile": "tabular-data-resource",
        "format": "csv",
        "encoding": "utf-8",
        "description": (kind.model.__doc__ or "").strip(),
        "schema": schema,
    }


def _foreign_keys(kind: Kind) -> list[dict[str, Any]]:
    targets = {
        "from_node_id": ("nodes", "node_id"),
        "to_node_id": ("nodes", "node_id"),
        "node_id": ("nodes", "node_id"),
        "source_id": ("sources", "source_id"),
        "country": ("countries", "country"),
    }
    return [
        {
            "fields": column,
            "reference": {"resource": targets[column][0], "fields": targets[column][1]},
        }
        for column in kind.columns()
        if column in targets and column != kind.id_field
    ]
