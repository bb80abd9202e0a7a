"""What a new study and a new scenario begin with: files that load, with examples to follow."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np

from sco_network.errors import bad_argument

from .assumptions import FALLBACK, Assumption, Assumptions
from .authoring import one_line
from .distance import great_circle_km
from .network import Network
from .rows import ALL_KINDS, FREIGHT, layer_of
from .scenario import KIND_OF_MODE, Kind, Scenario, Status
from .schema import data_package

STANDARD_GAUGE_MM = 1435
IN_FORCE = "  # an example in force: put your own in its place"
LOOSE, TIGHT = 90, 10  # percentiles of the detour of links, %

Row = dict[str, Any]


@dataclass(frozen=True)
class Connection:
    """The two places, given by id or name, that a scenario is to join, and by what mode."""

    origin: str
    destination: str
    mode: str


def new_scenario(
    network: Network,
    scenario_id: str,
    *,
    title: str = "",
    kind: str | None = None,
    joins: Connection | None = None,
) -> str:
    """Return a scenario file that loads and validates, with an example of every section.

    With `joins` it adds a link, its border crossing and the transfers that it needs; else it
    changes one row of the data, an example to replace.

    Raises
    ------
    InputError
        Where a place is unknown, or the data have no link to learn a detour from.
    """
    kind = kind or (KIND_OF_MODE[joins.mode] if joins else "border")
    Scenario.from_dict({"scenario": scenario_id, "kind": kind, "title": title})
    live = _connection_rows(network, scenario_id, joins) if joins else _example_rows(network, kind)
    lines = [
        *_head(scenario_id, title or scenario_id, kind),
        *_section("add", live, _example_additions(network)),
        *_section("change", live, _example_changes(network)),
        *_section("close", live, _example_closures(network)),
        *_claims(network),
    ]
    if not joins:
        lines = [line + IN_FORCE if line in {"change:", "close:"} else line for line in lines]
    return "\n".join(lines) + "\n"


def _head(scenario_id: str, title: str, kind: str) -> Iterator[str]:
    yield f"scenario: {scenario_id}  # the file's name"
    yield f"title: {one_line(title)}"
    yield f"kind: {kind}  # {', '.join(get_args(Kind))}"
    yield f"status: under_consideration  # {', '.join(get_args(Status))}"
    yield "# build_year: {low: 2030, mode: 2033, high: 2040}"
    yield "# capex_musd: {low: 500, mode: 800, high: 1500}  # million US dollars"
    yield "requires: []  # scenarios that must be applied with it"
    yield "conflicts: []  # scenarios that must not"
    yield "includes: []  # a package names its members here"
    yield "sources: []  # ids of sources.csv that say so"
    yield "notes: What is proposed, by whom, and what is uncertain, for a reader in a hurry."
    yield ""
    yield "# Below, lines behind a '#' are examples: take it away, or the line. Any number may be"
    yield "# a range, {low: 8, mode: 10, high: 20}. All keys: sco-network schema."


def _section(
    name: str,
    live: Mapping[str, Mapping[str, Sequence[Any]]],
    examples: Mapping[str, Sequence[Any]],
) -> Iterator[str]:
    """Yield one section: rows that are in force, and examples behind a `#`."""
    rows = live.get(name, {})
    yield ""
    yield _behind(f"{name}:", on=bool(rows))
    for table in dict.fromkeys((*rows, *examples)):
        yield _behind(f"  {table}:", on=table in rows)
        for row in rows.get(table, ()):
            yield f"    - {one_line(row)}"
        for row in examples.get(table, ()):
            if row not in rows.get(table, ()):
                yield _behind(f"    - {one_line(row)}", on=False)


def _behind(line: str, *, on: bool) -> str:
    return line if on else f"# {line}"


def _claims(network: Network) -> Iterator[str]:
    ends = _ends(network)
    if ends:
        claim = {"text": "A day sooner", "from": ends[0], "to": ends[1], "by": "time"}
        yield ""
        yield "# Promises to hold against the model; 'before' and 'after' are levels."
        yield "# claims:"
        yield f"#   - {one_line(claim | {'change': -24, 'unit': 'h'})}"


def _connection_rows(
    network: Network, scenario_id: str, joins: Connection
) -> dict[str, dict[str, list[Row]]]:
    """Return the rows that join two places: a link, and what it needs at its ends."""
    ends = (network.find(joins.origin), network.find(joins.destination))
    if ends[0] == ends[1]:
        raise bad_argument(
            "--to", f"'{joins.destination}' is where the link begins", "Name another"
        )
    gauge = {"gauge_mm": _gauge_at(network, ends)} if joins.mode == "rail" else {}
    link = {
        "link_id": f"{scenario_id}-1",
        "from_node_id": ends[0],
        "to_node_id": ends[1],
        "mode": joins.mode,
        **gauge,
        **estimated_length(network, ends, joins.mode),
    }
    added: dict[str, list[Row]] = {"links": [link]}
    nodes = network.nodes
    countries = {nodes["country"][nodes.index[end]] for end in ends}
    if (
        len(countries) > 1
        and joins.mode in FREIGHT
        and not _has_crossing(network, ends, joins.mode)
    ):
        crossing = {"crossing_id": f"{scenario_id}-border", "from_node_id": ends[0]}
        added["crossings"] = [crossing | {"to_node_id": ends[1], "mode": joins.mode}]
    if joins.mode in FREIGHT:
        layer = layer_of(joins.mode, gauge.get("gauge_mm"))
        transfers = [
            {"transfer_id": f"{end}-{other}-{layer}", "node_id": end}
            | {"from_layer": other, "to_layer": layer}
            for end in ends
            for other in _layers_at(network, end)
            if layer not in _layers_at(network, end)
        ]
        added |= {"transfers": transfers} if transfers else {}
    return {"add": added}


def estimated_length(network: Network, ends: tuple[str, str], mode: str) -> Row:
    """Return the length of a link not yet measured: great circle times detour, with its reason.

    The detour is that of the network's own links of the mode, the 10th, 50th and 90th
    percentile of length over great circle.

    Raises
    ------
    InputError
        Where the network has no link of that mode.
    """
    nodes, links = network.nodes, network.links
    start, end = (links.rows_in(c, nodes) for c in ("from_node_id", "to_node_id"))
    straight = great_circle_km(network.coordinates[start], network.coordinates[end])
    known = (links["mode"] == mode) & (straight > 1)  # km; a detour of nothing means nothing
    if not known.any():
        raise bad_argument(
            "--mode",
            f"the data have no {mode} link, so there is no detour to estimate the length with",
            "Add the link by hand, with a published length",
        )
    ratio = np.maximum(links["length_km"][known] / straight[known], 1)
    detours = np.percentile(ratio, [TIGHT, 50, LOOSE])
    a, b = (network.coordinates[nodes.index[node]] for node in ends)
    km = float(great_circle_km(a, b))
    low, mode_, high = (round(km * float(detour), 1) for detour in detours)
    return {
        "length_km": {"low": low, "mode": mode_, "high": high},
        "confidence": "D",
        "notes": f"great circle {km:.1f} km times {detours[0]:.2f}, {detours[1]:.2f}, "
        f"{detours[2]:.2f}: 10th, 50th and 90th percentile of {known.sum()} {mode} links",
    }


def _gauge_at(network: Network, ends: tuple[str, str]) -> int:
    """Return the gauge of the railways at the ends, else that of their countries."""
    nodes, countries = network.nodes, network.tables["countries"]
    for end in ends:
        for layer in _layers_at(network, end):
            if layer.startswith("rail-"):
                return int(layer.removeprefix("rail-"))
    for end in ends:
        code = nodes["country"][nodes.index[end]]
        gauge = countries.row(code)["gauge_mm"] if code in countries else None
        if gauge:
            return int(gauge)
    return STANDARD_GAUGE_MM


def _layers_at(network: Network, node: str) -> list[str]:
    """Return the freight layers that have a link at a node."""
    links = network.links
    here = (links["from_node_id"] == node) | (links["to_node_id"] == node)
    here &= np.isin(links["mode"].astype(str), FREIGHT)
    return sorted(set(network.layers[here].tolist()))


def _has_crossing(network: Network, ends: tuple[str, str], mode: str) -> bool:
    return any(
        {row["from_node_id"], row["to_node_id"]} == set(ends) and row["mode"] == mode
        for row in network.crossings
    )


def _example_rows(network: Network, kind: str) -> dict[str, dict[str, list[Any]]]:
    """Return a change in force that shows how: half the wait at one border, or a closure."""
    closures, changes = _example_closures(network), _example_changes(network)
    section, rows = ("close", closures) if kind == "closure" else ("change", changes)
    first = next((table for table in ("crossings", "links") if table in rows), None)
    return {section: {first: list(rows[first])}} if first else {}


def _first(network: Network, table: str, column: str, value: str) -> Row | None:
    return next((row for row in network.tables[table] if row[column] == value), None)


def _ends(network: Network) -> tuple[str, str] | None:
    link = _first(network, "links", "status", "operating")
    return (link["from_node_id"], link["to_node_id"]) if link else None


def _example_additions(network: Network) -> dict[str, list[Row]]:
    """Return a place halfway along the first link, and the link there."""
    link = _first(network, "links", "status", "operating")
    if link is None:
        return {}
    nodes = network.nodes
    a, b = (nodes.row(link[column]) for column in ("from_node_id", "to_node_id"))
    place = {"node_id": "new-place", "name": "New place"} | (
        {"country": a["country"]} if a["country"] else {}
    )
    place |= {c: round((a[c] + b[c]) / 2, 4) for c in ("x_coord", "y_coord")}
    new = {"link_id": "new-link", "from_node_id": a["node_id"], "to_node_id": "new-place"}
    new |= {"mode": link["mode"]} | ({"gauge_mm": link["gauge_mm"]} if link["gauge_mm"] else {})
    return {"nodes": [place], "links": [new | {"length_km": link["length_km"]}]}


def _example_changes(network: Network) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    crossing = _first(network, "crossings", "status", "open")
    if crossing:
        wait = crossing["wait_h"]
        half = {"existing": wait, "set": wait / 2} if wait else {"set": 12}
        found["crossings"] = [{"where": {"crossing_id": crossing["crossing_id"]}, "wait_h": half}]
    link = _first(network, "links", "status", "operating")
    if link:
        speed = {"set": 60}
        found["links"] = [{"where": {"link_id": link["link_id"]}, "free_speed_km_h": speed}]
    transfer = _first(network, "transfers", "status", "open")
    if transfer:
        where = {"transfer_id": transfer["transfer_id"]}
        found["transfers"] = [{"where": where, "transfer_h": {"set": 6}}]
    return found


def _example_closures(network: Network) -> dict[str, list[str]]:
    rows = {
        "crossings": _first(network, "crossings", "status", "open"),
        "links": _first(network, "links", "status", "operating"),
    }
    return {t: [row[ALL_KINDS[t].id_field]] for t, row in rows.items() if row}


# One row of each table, as the README of an empty study shows it.
EXAMPLES: dict[str, Row] = {
    "nodes": {
        "node_id": "nairobi", "name": "Nairobi", "country": "KEN", "x_coord": 36.82,
        "y_coord": -1.29, "node_type": "city", "population": 4400000, "source_id": "atlas",
        "confidence": "B",
    },
    "links": {
        "link_id": "rail-ken-mombasa-nairobi", "from_node_id": "mombasa",
        "to_node_id": "nairobi", "directed": "false", "mode": "rail", "length_km": 472,
        "gauge_mm": 1435, "status": "operating", "source_id": "atlas", "confidence": "B",
    },
    "crossings": {
        "crossing_id": "malaba-road", "from_node_id": "malaba-ken", "to_node_id": "malaba-uga",
        "mode": "road", "wait_h": 12, "status": "open", "source_id": "atlas", "confidence": "B",
    },
    "transfers": {
        "transfer_id": "nairobi-road-rail", "node_id": "nairobi", "from_layer": "road",
        "to_layer": "rail-1435", "transfer_h": 24, "status": "open", "source_id": "atlas",
        "confidence": "B",
    },
    "countries": {
        "country": "KEN", "name": "Kenya", "gauge_mm": 1435, "source_id": "atlas",
        "confidence": "B",
    },
    "sources": {
        "source_id": "atlas", "title": "The page or report", "publisher": "Who wrote it",
        "year": 2025, "url": "https://example.org/page",
    },
    "benchmarks": {
        "benchmark_id": "mombasa-nairobi-rail", "from_node_id": "mombasa",
        "to_node_id": "nairobi", "modes": "rail", "by": "length", "published_value": 472,
        "unit": "km", "source_id": "atlas", "confidence": "B",
    },
}  # fmt: skip


def empty_study(known: Assumptions) -> dict[str, str]:
    """Return the files of a study of another region: empty tables, and what explains them.

    Parameters
    ----------
    known
        Assumptions whose general values (of no country) the study begins with.
    """
    package = {k: v for k, v in data_package().items() if k != "licenses"}
    package |= {"name": "my-network", "title": "Transport and energy network of my region"}
    tables = {f"data/{k.file_name}": ",".join(k.columns()) + "\n" for k in ALL_KINDS.values()}
    return tables | {
        "data/datapackage.json": json.dumps(package, indent=1, ensure_ascii=False) + "\n",
        "data/assumptions.yaml": _assumptions_text(known),
        "data/README.md": _readme(),
        "scenarios/README.md": "Proposals go here: `sco-network new my-proposal` begins one.\n",
    }


def _assumptions_text(known: Assumptions) -> str:
    lines = [
        "# Speeds, rates and defaults: lowest, most likely and highest value; the model uses mode.",
        "# The values are those of the packaged SCO data. Replace them by your region's, with a",
        "# source_id of sources.csv. More specific keys win, such as speed.rail.KEN.",
    ]
    for key in FALLBACK:
        entry = known.entries.get(key)
        if entry is not None:
            lines.append(f"{key}: {one_line(_carried_over(entry))}")
    return "\n".join(lines) + "\n"


def _carried_over(entry: Assumption) -> Row:
    row = entry.model_dump(include={"low", "mode", "high", "unit"})
    note = f"from the SCO data: {entry.notes}" if entry.notes else "from the SCO data"
    return row | {"confidence": "D", "notes": note}


def _readme() -> str:
    lines = [
        "# The data of this study",
        "",
        "One CSV file a table. `nodes.csv` and `links.csv` are needed, the others as far as you",
        "know something; empty cells take the defaults of `assumptions.yaml`. `datapackage.json`",
        "describes every column; `sco-network validate` lists all that is wrong, by file and line.",
        "",
    ]
    for kind in ALL_KINDS.values():
        needed = ", ".join(f"`{column}`" for column in kind.required())
        lines += [
            f"## {kind.file_name}",
            "",
            f"{(kind.model.__doc__ or '').strip()} Needed: {needed}. For example:",
            "",
            "```",
            ",".join(kind.columns()),
            example_line(kind.name),
            "```",
            "",
        ]
    return "\n".join(lines)


def example_line(table: str) -> str:
    """Return an example of a table's row as a line of its file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="")
    writer.writerow([EXAMPLES[table].get(c, "") for c in ALL_KINDS[table].columns()])
    return text.getvalue()
