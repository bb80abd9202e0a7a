"""Random networks with every table filled, and what it means that two are equal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

import sco_network as sco
from sco_network.model.assumptions import DIVISORS, FALLBACK

LAYERS = [("road", None), ("rail", 1520), ("rail", 1435), ("sea", None), ("gas", None)]
ids = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,6}", fullmatch=True) | st.sampled_from(
    ["007", "7", "1e5", "nan", "true", "no", "null", "0x1f"]
)
letters = st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co")) | st.sampled_from(
    "\n\r\t,;\"'<&"
)
texts = st.text(letters, max_size=12).map(str.strip)
amounts = st.floats(0, 1e9, allow_nan=False) | st.integers(0, 10**6).map(float)
lengths = st.floats(0.001, 1e4, allow_nan=False)
shifts = st.floats(-0.003, 0.003, allow_nan=False)


def or_none(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


@st.composite
def networks(draw: Any) -> sco.Network:
    """A network as a data folder may hold it: one country each side of its only border."""

    def keys(low: int, high: int) -> list[str]:
        return draw(st.lists(ids, min_size=low, max_size=high, unique=True))

    def about() -> dict[str, Any]:
        cited = {"source_id": draw(st.sampled_from(cites)), "notes": draw(texts)}
        return cited | {"confidence": draw(st.sampled_from(["", "A", "D"]))}

    sources = keys(0, 2)
    cites = ["", *sources]
    centre = draw(st.tuples(st.floats(-179, 179), st.floats(-80, 80)))
    nodes = [
        {
            "node_id": key,
            "name": draw(texts),
            "country": draw(st.sampled_from(["AAA", "BBB", ""])),
            "x_coord": centre[0] + draw(shifts),
            "y_coord": centre[1] + draw(shifts),
            "node_type": draw(st.sampled_from(["city", "port", "junction"])),
            "population": draw(or_none(amounts)),
            "other_names": draw(texts),
        }
        | about()
        for key in keys(2, 5)
    ]
    country = {node["node_id"]: node["country"] for node in nodes}
    links: list[dict[str, Any]] = []
    for key in keys(0, 6):
        a, b = draw(st.lists(st.sampled_from(sorted(country)), min_size=2, max_size=2, unique=True))
        mode, gauge = draw(st.sampled_from(LAYERS))
        link = {
            "link_id": key,
            "name": draw(texts),
            "from_node_id": a,
            "to_node_id": b,
            "directed": draw(st.booleans()),
            "mode": mode,
            "facility_type": draw(texts),
            "length_km": draw(lengths),
            "free_speed_km_h": draw(or_none(st.floats(0.1, 400))),
            "gauge_mm": gauge,
            "tracks": draw(or_none(st.integers(1, 8))),
            "electrified": draw(or_none(st.booleans())),
            "capacity_value": draw(or_none(amounts)),
            "capacity_unit": draw(st.sampled_from(["", "bcm_y", "teu_y"])),
            "status": draw(st.sampled_from(["operating", "suspended"])),
            "open_year": draw(or_none(st.integers(1800, 2100))),
        }
        links.append(link | about())
    borders = {
        (*sorted((k["from_node_id"], k["to_node_id"])), k["mode"])
        for k in links
        if len({country[k["from_node_id"]], country[k["to_node_id"]]} | {""}) == 3
    }
    crossings = [
        {
            "crossing_id": f"c{i}",
            "name": draw(texts),
            "from_node_id": a,
            "to_node_id": b,
            "mode": mode,
            "wait_h": draw(or_none(amounts)),
            "fee_usd": draw(or_none(amounts)),
            "status": draw(st.sampled_from(["open", "closed"])),
        }
        | about()
        for i, (a, b, mode) in enumerate(sorted(borders))
    ]
    here: dict[str, set[str]] = {}
    for link in links:
        layer = f"rail-{link['gauge_mm']}" if link["mode"] == "rail" else link["mode"]
        for end in ("from_node_id", "to_node_id"):
            here.setdefault(link[end], set()).add(layer)
    transfers = [
        {
            "transfer_id": f"t-{node}",
            "node_id": node,
            "from_layer": min(layers),
            "to_layer": sorted(layers)[1],
            "transfer_h": draw(or_none(amounts)),
            "fee_usd": draw(or_none(amounts)),
        }
        | about()
        for node, layers in here.items()
        if len(layers) > 1
    ]
    countries = [
        {
            "country": c,
            "name": c.lower(),
            "gauge_mm": draw(or_none(st.just(1520))),
            "gdp_busd": draw(or_none(amounts)),
        }
        | about()
        for c in ("AAA", "BBB")
    ]
    benchmarks = [
        {"benchmark_id": key, "from_node_id": nodes[0]["node_id"], "to_node_id": nodes[1]["node_id"],
         "published_value": draw(lengths), "by": "length", "unit": "km"} | about()
        for key in keys(0, 1)
    ]  # fmt: skip
    assumptions = []
    for key in draw(st.lists(st.sampled_from(sorted(FALLBACK)), max_size=3, unique=True)):
        some = lengths if key.startswith(DIVISORS) else amounts
        low, mode, high = sorted(draw(st.tuples(some, some, some)))
        stated = {"assumption_id": key, "low": low, "mode": mode, "high": high}
        assumptions.append(stated | {"unit": draw(texts)} | about())
    points = [
        {
            "link_id": link["link_id"],
            "x_coord": centre[0] + draw(shifts),
            "y_coord": centre[1] + draw(shifts),
        }
        for link in links
        for _ in range(draw(st.sampled_from([0, 2, 3])))
    ]
    catalogue = [
        {
            "source_id": s,
            "title": draw(texts.filter(bool)),
            "year": draw(or_none(st.just(2025))),
            "url": draw(texts),
        }
        for s in sources
    ]
    columns = {"links": LINKS, "crossings": CROSSINGS, "transfers": TRANSFERS}
    rows = {
        "nodes": nodes, "links": links, "crossings": crossings, "transfers": transfers,
        "countries": countries, "benchmarks": benchmarks, "sources": catalogue,
        "assumptions": assumptions, "geometry": points,
    }  # fmt: skip
    frames = {
        name: pd.DataFrame(found, columns=None if found else columns.get(name))
        for name, found in rows.items()
        if found or name in columns
    }
    return sco.Network.from_frames(**frames)


LINKS = ["link_id", "from_node_id", "to_node_id", "mode", "length_km"]
CROSSINGS = ["crossing_id", "from_node_id", "to_node_id", "mode"]
TRANSFERS = ["transfer_id", "node_id", "from_layer", "to_layer"]


def assert_equal(one: sco.Network, other: sco.Network) -> None:
    """Every row of every table in its order, with its types; assumptions; courses of links."""
    for name, table in one.tables.items():
        for column, cells in table.columns.items():
            again = other.tables[name][column]
            assert cells.dtype == again.dtype
            np.testing.assert_array_equal(cells, again, err_msg=f"{name}.{column}")
            assert [*map(type, cells.tolist())] == [*map(type, again.tolist())], (name, column)
    assert dict(one.assumptions) == dict(other.assumptions)
    assert one.assumptions.entries == other.assumptions.entries
    assert {i: c.tolist() for i, c in one.geometry.items()} == {
        i: c.tolist() for i, c in other.geometry.items()
    }
    assert one.hash == other.hash
