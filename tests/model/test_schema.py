"""What editors and other programs are told about the files is what the checks ask for."""

from __future__ import annotations

import pytest

import sco_network as sco
from sco_network.model.schema import data_package, json_schema


def test_an_editor_knows_the_keys_of_a_scenario() -> None:
    schema = json_schema()
    assert schema == json_schema("scenario")
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["required"] == ["scenario"]
    assert schema["additionalProperties"] is False
    assert list(schema["properties"]) == [
        "scenario", "title", "kind", "status", "build_year", "capex_musd", "requires", "conflicts",
        "includes", "sources", "notes", "add", "change", "close", "claims",
    ]  # fmt: skip
    claim = schema["$defs"]["Claim"]
    assert claim["required"] == ["text", "from", "to"]
    assert schema["properties"]["kind"]["enum"][:3] == ["rail", "road", "pipeline"]


def test_a_number_that_is_added_may_be_a_range_and_a_word_may_not() -> None:
    rows = json_schema()["$defs"]["Additions"]["properties"]
    assert list(rows) == ["nodes", "links", "crossings", "transfers"]
    spread = {
        "type": "object",
        "properties": {part: {"type": "number"} for part in ("low", "mode", "high")},
        "required": ["low", "mode", "high"],
        "additionalProperties": False,
    }
    link = rows["links"]["items"]
    assert link["required"] == ["link_id", "from_node_id", "to_node_id", "mode", "length_km"]
    number, range_ = link["properties"]["length_km"]["anyOf"]
    assert number["exclusiveMinimum"] == 0
    assert range_ == spread
    assert rows["crossings"]["items"]["properties"]["wait_h"]["anyOf"][-1] == spread
    assert "anyOf" not in link["properties"]["mode"]
    assert spread not in link["properties"]["gauge_mm"].get("anyOf", [])


def test_a_table_has_the_schema_of_its_rows() -> None:
    assert json_schema("sources")["required"] == ["source_id", "title"]
    assert "anyOf" not in json_schema("links")["properties"]["length_km"]
    assert json_schema("datapackage") == data_package()


@pytest.mark.parametrize(
    ("what", "hint"),
    [
        ("scenaro", "Did you mean 'scenario'?"),
        ("lnks", "Did you mean 'links'?"),
        ("qqq", "One of scenario, datapackage, nodes, links, crossings, transfers, countries, sources, benchmarks"),
    ],
)  # fmt: skip
def test_a_schema_that_is_not_there(what: str, hint: str) -> None:
    with pytest.raises(sco.InputError) as caught:
        json_schema(what)
    assert str(caught.value) == f"argument what: no schema for '{what}'. {hint}"


def test_the_data_package_by_hand() -> None:
    package = data_package()
    assert (package["profile"], package["name"]) == ("tabular-data-package", "sco-network-data")
    assert package["licenses"][0]["path"] == "https://opendatacommons.org/licenses/odbl/1-0/"
    names = [r["name"] for r in package["resources"]]
    assert names == [
        "nodes",
        "links",
        "crossings",
        "transfers",
        "countries",
        "sources",
        "benchmarks",
    ]
    nodes, links, *_, sources, _ = (r["schema"] for r in package["resources"])
    assert nodes["foreignKeys"] == [
        {"fields": "country", "reference": {"resource": "countries", "fields": "country"}},
        {"fields": "source_id", "reference": {"resource": "sources", "fields": "source_id"}},
    ]
    assert "foreignKeys" not in sources
    assert [k["fields"] for k in links["foreignKeys"]] == [
        "from_node_id",
        "to_node_id",
        "source_id",
    ]
    assert {k["fields"]: k["reference"]["resource"] for k in links["foreignKeys"]}[
        "to_node_id"
    ] == "nodes"
    fields = {f["name"]: f for f in links["fields"]}
    assert fields["length_km"] == {
        "name": "length_km",
        "type": "number",
        "description": "Length on the ground, km; never the straight line",
        "unit": "km",
        "constraints": {"required": True},
    }
    assert fields["directed"]["type"] == "boolean"
    assert fields["from_node_id"]["description"] == "Node at one end"
    assert fields["link_id"] == {
        "name": "link_id",
        "type": "string",
        "description": "Id of the link",
        "constraints": {"required": True},
    }
    assert {k: v for k, v in package["resources"][3].items() if k != "schema"} == {
        "name": "transfers",
        "path": "transfers.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "encoding": "utf-8",
        "description": "A change of mode or gauge at one node; it works in both directions.",
    }
    assert package["resources"][3]["schema"]["primaryKey"] == "transfer_id"
    assert package["resources"][3]["schema"]["missingValues"] == [""]
