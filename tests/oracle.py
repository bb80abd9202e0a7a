"""Random worlds, and answers to them from rows alone by plain networkx and brute force.

Nothing of the package is imported here: what docs/methods.md says is written down a second
time, so that both can only be wrong together where the text is.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Any

import networkx as nx

Row = dict[str, Any]
Rows = dict[str, list[Row]]

COUNTRIES = ("AAA", "BBB", "CCC")
FREIGHT = ("road", "rail", "sea")
GAUGES = (1435, 1520, 1676)
ID = {
    "nodes": "node_id",
    "links": "link_id",
    "crossings": "crossing_id",
    "transfers": "transfer_id",
}
CLOSED = {"links": "suspended", "crossings": "closed", "transfers": "closed"}
COLUMNS = {
    "nodes": ["node_id", "country", "x_coord", "y_coord", "node_type", "population"],
    "links": ["link_id", "from_node_id", "to_node_id", "mode", "gauge_mm", "facility_type",
              "length_km", "free_speed_km_h", "directed", "status", "capacity_value", "capacity_unit"],
    "crossings": ["crossing_id", "from_node_id", "to_node_id", "mode", "wait_h", "fee_usd", "status"],
    "transfers": ["transfer_id", "node_id", "from_layer", "to_layer", "transfer_h", "fee_usd", "status"],
}  # fmt: skip


@dataclass
class World:
    """Rows of a base, assumptions, and scenarios as the content of their files."""

    rows: Rows
    assumptions: dict[str, float]
    scenarios: list[Row]


# ---------------------------------------------------------------- random worlds


def random_world(seed: int) -> World:
    rng = random.Random(seed)
    rows: Rows = {table: [] for table in ID}
    for i in range(rng.randint(2, 8)):
        rows["nodes"].append(
            {
                "node_id": f"n{i}",
                "country": rng.choice(COUNTRIES),
                "x_coord": rng.uniform(0, 0.008),
                "y_coord": rng.uniform(0, 0.008),
                "node_type": rng.choice(("city", "port", "field", "junction")),
                "population": rng.choice((None, rng.randint(1, 9) * 1e5)),
            }
        )
    for i in range(rng.randint(1, 26)):
        _random_link(rng, rows, f"l{i}", rows["nodes"])
    for i in range(rng.randint(0, 10)):
        _random_transfer(rng, rows, rows["links"], f"t{i}")
    scenarios = [_random_scenario(rng, rows, f"s{i}") for i in range(rng.randint(1, 4))]
    for scenario in scenarios:
        others = [s["scenario"] for s in scenarios if s is not scenario]
        for key in ("conflicts", "requires"):
            if others and rng.random() < 0.15:
                scenario[key] = [rng.choice(others)]
    return World(rows, _random_assumptions(rng), scenarios)


def _random_assumptions(rng: random.Random) -> dict[str, float]:
    found: dict[str, float] = {}
    for mode in (*FREIGHT, "gas", "oil"):
        found[f"speed.{mode}"] = rng.uniform(10, 90)
        found[f"duty.{mode}"] = rng.uniform(0.3, 1)
        found[f"cost.{mode}"] = rng.uniform(0.1, 2)
        for more in ("main", "AAA"):
            if rng.random() < 0.3:
                found[f"speed.{mode}.{more}"] = rng.uniform(10, 90)
                found[f"cost.{mode}.{more}"] = rng.uniform(0.1, 2)
        if rng.random() < 0.3:
            found[f"speed.{mode}.main.BBB"] = rng.uniform(10, 90)
    for mode in FREIGHT:
        found[f"border.wait_h.{mode}"] = rng.uniform(0, 40)
        found[f"border.fee_usd.{mode}"] = rng.uniform(0, 90)
    found["transfer.hours"] = rng.uniform(1, 20)
    found["transfer.fee_usd"] = rng.uniform(1, 200)
    found["value_of_time"] = rng.uniform(1, 20)
    found["market_access.theta"] = rng.choice((1.0, rng.uniform(0.5, 3)))
    return found


def _random_link(rng: random.Random, rows: Rows, link_id: str, nodes: Sequence[Row]) -> Row | None:
    """Add a link between two places, and its crossing where it has none yet."""
    a, b = rng.sample(list(nodes), 2)
    mode = rng.choice((*FREIGHT, "road", "rail", "rail", "gas"))
    link: Row = {
        "link_id": link_id,
        "from_node_id": a["node_id"],
        "to_node_id": b["node_id"],
        "mode": mode,
        "gauge_mm": rng.choice(GAUGES) if mode == "rail" else None,
        "facility_type": rng.choice(("", "main")),
        "length_km": rng.uniform(1, 100),
        "free_speed_km_h": rng.choice((None, rng.uniform(5, 120))),
        "directed": rng.random() < 0.2,
        "status": rng.choice(["operating"] * 6 + ["suspended", "under_construction"]),
        "capacity_value": rng.choice((None, float(rng.randint(0, 60)))) if mode == "gas" else None,
        "capacity_unit": "bcm_y" if mode == "gas" else None,
    }
    rows["links"].append(link)
    known = {_pair(c) for c in rows["crossings"]}
    if (
        a["country"] != b["country"]
        and _pair(link) not in known
        and (mode != "gas" or rng.random() < 0.5)
    ):
        ends = rng.sample([a["node_id"], b["node_id"]], 2)
        rows["crossings"].append(
            {
                "crossing_id": f"{link_id}-border",
                "from_node_id": ends[0],
                "to_node_id": ends[1],
                "mode": mode,
                "wait_h": rng.choice((None, rng.uniform(0, 50))),
                "fee_usd": rng.choice((None, rng.uniform(0, 90))),
                "status": rng.choice(("open", "open", "open", "closed")),
            }
        )  # fmt: skip
    return link


def _random_transfer(rng: random.Random, rows: Rows, links: Sequence[Row], name: str) -> None:
    at: dict[str, set[str]] = {}
    for link in links:
        for end in (link["from_node_id"], link["to_node_id"]):
            at.setdefault(end, set()).add(layer_of(link))
    places = sorted(node for node, layers in at.items() if len(layers) > 1)
    if places:
        node = rng.choice(places)
        one, other = rng.sample(sorted(at[node]), 2)
        rows["transfers"].append(
            {
                "transfer_id": name,
                "node_id": node,
                "from_layer": one,
                "to_layer": other,
                "transfer_h": rng.choice((None, rng.uniform(0, 30))),
                "fee_usd": rng.choice((None, rng.uniform(0, 90))),
                "status": rng.choice(("open", "open", "open", "closed")),
            }
        )


def _random_scenario(rng: random.Random, base: Rows, name: str) -> Row:
    """Return a proposal that adds, improves, worsens, reopens, rebuilds and closes."""
    rows = {table: list(base[table]) for table in base}
    nodes = list(rows["nodes"])
    if rng.random() < 0.4:
        new = {"node_id": f"{name}-n", "country": rng.choice(COUNTRIES), "x_coord": 0.004,
               "y_coord": 0.004, "node_type": "city", "population": 2e5}  # fmt: skip
        nodes.append(new)
        rows["nodes"].append(new)
    for i in range(rng.randint(0, 2)):
        _random_link(rng, rows, f"{name}-l{i}", nodes)
    if rng.random() < 0.4:
        _random_transfer(rng, rows, rows["links"], f"{name}-t")
    add = {table: rows[table][len(base[table]) :] for table in rows}
    change: Rows = {table: [] for table in base}
    close: dict[str, list[Any]] = {}
    for _ in range(rng.randint(0, 3)):
        table = rng.choice(("links", "links", "crossings", "transfers", "nodes"))
        if not base[table]:
            continue
        row = rng.choice(base[table])
        if table != "nodes" and rng.random() < 0.3:
            close.setdefault(table, []).append(row[ID[table]])
        else:
            change[table].append(_random_edit(rng, base, table, row))
    if not any((*add.values(), *change.values(), *close.values())):
        close["links"] = [rng.choice(base["links"])["link_id"]]
    return {
        "scenario": name,
        "add": {table: [_without_blanks(row) for row in found] for table, found in add.items()},
        "change": change,
        "close": close,
    }


def _random_edit(rng: random.Random, base: Rows, table: str, row: Row) -> Row:
    where: Row = {ID[table]: row[ID[table]]}
    if table in {"links", "crossings"}:
        several = [row[ID[table]], rng.choice(base[table])[ID[table]]]
        where = rng.choice(
            (where, where, {ID[table]: several}, {"mode": row["mode"]},
             {"country": _country(base, row["from_node_id"]), "mode": row["mode"]})
        )  # fmt: skip
    column = rng.choice(
        {
            "nodes": ["population"],
            "links": ["length_km", "free_speed_km_h", "directed", "status"],
            "crossings": ["wait_h", "fee_usd", "status"],
            "transfers": ["transfer_h", "fee_usd", "status"],
        }[table]
    )
    if column == "status":
        value: Row = {"set": "operating" if table == "links" else "open"}
    elif column == "directed":
        value = {"set": rng.random() < 0.5}
    elif column == "length_km" and rng.random() < 0.5:
        value = {"scale": rng.uniform(0.3, 3)}
    else:
        value = {"set": rng.uniform(1, 90)}
        if rng.random() < 0.2:
            value["set"] = {"low": value["set"] / 2, "mode": value["set"], "high": 2 * value["set"]}
    return {"where": where, column: value}


def _without_blanks(row: Row) -> Row:
    return {column: value for column, value in row.items() if value not in (None, "")}


# ---------------------------------------------------------------- scenarios


def refused(world: World, names: Iterable[str]) -> bool:
    """Return whether scenarios do not go together, or one of them changes nothing."""
    return clash(world, names) or any(_is_idle(world, s) for s in _chosen(world, names))


def clash(world: World, names: Iterable[str]) -> bool:
    """Return whether scenarios exclude, lack or contradict one another."""
    chosen = _chosen(world, names)
    ids = {s["scenario"] for s in chosen}
    if any(ids & set(s.get("conflicts", ())) or set(s.get("requires", ())) - ids for s in chosen):
        return True
    cells: dict[Any, Any] = {}
    borders: set[Any] = set()
    for scenario in chosen:
        if any(cells.setdefault(c, v) != v for c, v in cells_of(world.rows, scenario)):
            return True
        new = {_pair(crossing) for crossing in scenario["add"]["crossings"]}
        if borders & new:
            return True
        borders |= new
    return False


def _chosen(world: World, names: Iterable[str]) -> list[Row]:
    wanted = set(names)
    return [s for s in world.scenarios if s["scenario"] in wanted]


def _is_idle(world: World, scenario: Row) -> bool:
    """Return whether a scenario only says what the base says."""
    return not any(scenario["add"].values()) and all(
        _row(world.rows, table, row_id)[column] == value
        for (table, row_id, column), (value, _) in cells_of(world.rows, scenario)
    )


def _row(rows: Rows, table: str, row_id: str) -> Row:
    return next(row for row in rows[table] if row[ID[table]] == row_id)


def with_companions(world: World, name: str) -> set[str]:
    """Return a scenario and all that it requires, directly or through others."""
    found, waiting = set(), {name}
    while waiting:
        found |= waiting
        waiting = {n for s in _chosen(world, waiting) for n in s.get("requires", ())} - found
    return found


def cells_of(base: Rows, scenario: Row) -> list[tuple[tuple[str, str, str], Any]]:
    """Return each cell of the base that a scenario sets: its new value, and range if it has one."""
    found: list[Any] = []
    for table, edits in scenario["change"].items():
        for edit in edits:
            for row in base[table]:
                if not _matches(base, row, edit["where"]):
                    continue
                for column, new in edit.items():
                    if column != "where":
                        value, spread = new.get("set"), None
                        if "scale" in new:
                            value = row[column] * new["scale"]
                        if isinstance(value, dict):
                            value, spread = value["mode"], tuple(sorted(value.items()))
                        found.append(((table, row[ID[table]], column), (value, spread)))
    for table, ids in scenario["close"].items():
        found += [((table, row_id, "status"), (CLOSED[table], None)) for row_id in ids]
    return found


def _matches(base: Rows, row: Row, where: Row) -> bool:
    for column, wanted in where.items():
        if column == "country":
            if wanted not in {_country(base, row[c]) for c in ("from_node_id", "to_node_id")}:
                return False
        elif row[column] not in (wanted if isinstance(wanted, list) else [wanted]):
            return False
    return True


def applied(world: World, names: Iterable[str]) -> Rows:
    """Return the rows as they stand when scenarios that go together are carried out."""
    rows = deepcopy(world.rows)
    for scenario in _chosen(world, names):
        for (table, row_id, column), (value, _) in cells_of(world.rows, scenario):
            _row(rows, table, row_id)[column] = value
        for table, new in scenario["add"].items():
            rows[table] += [dict.fromkeys(COLUMNS[table]) | row for row in new]
    return rows


def _country(rows: Rows, node_id: str) -> str:
    return next(n["country"] for n in rows["nodes"] if n["node_id"] == node_id)


# ---------------------------------------------------------------- costs and routes


def layer_of(link: Row) -> str:
    return f"rail-{int(link['gauge_mm'])}" if link["mode"] == "rail" else str(link["mode"])


def _pair(row: Row) -> tuple[frozenset[str], str]:
    return frozenset((row["from_node_id"], row["to_node_id"])), row["mode"]


def usage(rows: Rows, known: dict[str, float], table: str, row: Row) -> dict[str, float]:
    """Return km, running hours, border hours, transfer hours and dollars of using a row."""
    if table == "transfers":
        hours = known["transfer.hours"] if row["transfer_h"] is None else row["transfer_h"]
        fee = known["transfer.fee_usd"] if row["fee_usd"] is None else row["fee_usd"]
        return {"km": 0.0, "run_h": 0.0, "border_h": 0.0, "transfer_h": hours, "usd": fee}
    mode, km, kind = row["mode"], row["length_km"], row["facility_type"]
    pace, rate = 0.0, 0.0
    for end in ("from_node_id", "to_node_id"):  # half of the way in each end's country
        country = _country(rows, row[end])
        speeds = [f"speed.{mode}.{kind}.{country}", f"speed.{mode}.{country}",
                  f"speed.{mode}.{kind}", f"speed.{mode}"]  # fmt: skip
        rates = [f"cost.{mode}.{kind}", f"cost.{mode}.{country}", f"cost.{mode}"]
        pace += 0.5 / next(known[key] for key in speeds if key in known)
        rate += 0.5 * next(known[key] for key in rates if key in known)
    run = km * pace if row["free_speed_km_h"] is None else km / row["free_speed_km_h"]
    border_h = fee = 0.0
    for crossing in rows["crossings"]:
        if _pair(crossing) == _pair(row):
            wait, fee = crossing["wait_h"], crossing["fee_usd"]
            border_h = known.get(f"border.wait_h.{mode}", 0.0) if wait is None else wait
            fee = known.get(f"border.fee_usd.{mode}", 0.0) if fee is None else fee
    run /= known[f"duty.{mode}"]
    return {"km": km, "run_h": run, "border_h": border_h, "transfer_h": 0.0, "usd": km * rate + fee}


def is_open(rows: Rows, link: Row) -> bool:
    shut = {_pair(c) for c in rows["crossings"] if c["status"] != "open"}
    return link["status"] == "operating" and _pair(link) not in shut


def graph_of(
    rows: Rows, known: dict[str, float], modes: Iterable[str], avoid: Iterable[str] = ()
) -> nx.MultiDiGraph:
    """Return (place, layer) pairs, joined by links and transfers with what these take.

    A place has the layers of all links that end there, in use or not: a line that is shut keeps
    its yards, and what a scenario does to one row never takes another row away.
    """
    graph = nx.MultiDiGraph()
    away = {n["node_id"] for n in rows["nodes"] if n["country"] in set(avoid)}

    def join(a: Any, b: Any, table: str, row: Row, *, both_ways: bool) -> None:
        use = usage(rows, known, table, row)
        hours = use["run_h"] + use["border_h"] + use["transfer_h"]
        cost = {"length": use["km"], "time": hours, "cost": use["usd"],
                "generalised": use["usd"] + known["value_of_time"] * hours}  # fmt: skip
        for tail, head in ((a, b), (b, a)) if both_ways else ((a, b),):
            graph.add_edge(tail, head, row=row[ID[table]], table=table, **cost)

    for link in rows["links"]:
        ends = link["from_node_id"], link["to_node_id"]
        if link["mode"] in set(modes) and not away & set(ends):
            a, b = ((end, layer_of(link)) for end in ends)
            graph.add_nodes_from([a, b])
            if is_open(rows, link):
                join(a, b, "links", link, both_ways=not link["directed"])
    for swap in rows["transfers"]:
        a, b = ((swap["node_id"], swap[layer]) for layer in ("from_layer", "to_layer"))
        if swap["status"] == "open" and a in graph and b in graph:
            join(a, b, "transfers", swap, both_ways=True)
    return graph


def best_costs(graph: nx.MultiDiGraph, by: str, places: Sequence[str]) -> list[list[float]]:
    """Return best costs between places; a journey begins and ends in any layer."""
    matrix = []
    for origin in places:
        reached = _reached(graph, by, [(s, 0.0) for s in graph if s[0] == origin])
        row = [
            min((c for s, c in reached.items() if s[0] == end), default=math.inf) for end in places
        ]
        matrix.append(
            [0.0 if end == origin else cost for end, cost in zip(places, row, strict=True)]
        )
    return matrix


def cost_through(graph: nx.MultiDiGraph, by: str, stops: Sequence[str]) -> float:
    """Return the best cost of a journey through places in order, layers kept at each."""
    if len(set(stops)) == 1:
        return 0.0
    here = [(s, 0.0) for s in graph if s[0] == stops[0]]
    for stop in stops[1:]:
        here = [(s, c) for s, c in _reached(graph, by, here).items() if s[0] == stop]
    return min((cost for _, cost in here), default=math.inf)


def _reached(graph: nx.MultiDiGraph, by: str, begins: list[tuple[Any, float]]) -> dict[Any, float]:
    if not begins:
        return {}
    wider = graph.copy()
    for state, cost in begins:
        wider.add_edge("begin", state, **{by: cost})
    found = nx.single_source_dijkstra_path_length(wider, "begin", weight=by)
    return {state: cost for state, cost in found.items() if state != "begin"}


def shares_passing(
    graph: nx.MultiDiGraph, by: str, places: Sequence[str]
) -> dict[str, float] | None:
    """Return the share of best routes between places that pass each other place.

    None where two ways by different places are equally good, so that there is no one answer.
    """
    passing: Counter[str] = Counter()
    pairs = 0
    for origin, end in permutations(places, 2):
        wider = nx.DiGraph()
        for a, b, data in graph.edges(data=True):
            if not wider.has_edge(a, b) or data[by] < wider[a][b]["w"]:
                wider.add_edge(a, b, w=data[by])
        wider.add_edges_from(("begin", s, {"w": 0.0}) for s in graph if s[0] == origin)
        wider.add_edges_from((s, "end", {"w": 0.0}) for s in graph if s[0] == end)
        if not (
            wider.has_node("begin") and wider.has_node("end") and nx.has_path(wider, "begin", "end")
        ):
            continue
        pairs += 1
        ways = {
            frozenset(s[0] for s in way[1:-1]) - {origin, end}
            for way in _some(nx.all_shortest_paths(wider, "begin", "end", weight="w"), 20)
        }
        if len(ways) > 1:
            return None
        passing.update(ways.pop())
    return {place: count / pairs for place, count in passing.items()}


def _some(found: Iterable[Any], most: int) -> list[Any]:
    return [one for one, _ in zip(found, range(most), strict=False)]


def great_circle(a: Row, b: Row) -> float:
    """Return the distance on a sphere of 6371.0088 km by the law of cosines, in exact form."""
    lon_a, lat_a, lon_b, lat_b = (
        math.radians(r[c]) for r in (a, b) for c in ("x_coord", "y_coord")
    )
    p = [(math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat))
         for lon, lat in ((lon_a, lat_a), (lon_b, lat_b))]  # fmt: skip
    return 2 * 6371.0088 * math.asin(math.dist(*p) / 2)


# ---------------------------------------------------------------- measures of a network


def disjoint_routes(rows: Rows, modes: Iterable[str]) -> dict[tuple[str, str], int]:
    """Return how many routes between two countries share no open link."""
    graph = nx.Graph()
    for link in rows["links"]:
        if link["mode"] in set(modes) and is_open(rows, link):
            ends = link["from_node_id"], link["to_node_id"]
            old = graph.edges[ends]["capacity"] if graph.has_edge(*ends) else 0
            graph.add_edge(*ends, capacity=old + 1)
    of = {node: _country(rows, node) for node in graph}
    found = {}
    for a, b in combinations(sorted(set(of.values())), 2):
        wider = graph.copy()
        wider.add_edges_from(("begin", n) for n in graph if of[n] == a)
        wider.add_edges_from((n, "end") for n in graph if of[n] == b)
        found[a, b] = int(nx.maximum_flow_value(wider, "begin", "end"))
    return found


def kansky(rows: Rows, modes: Iterable[str]) -> dict[str, float]:
    graph = nx.Graph()
    for link in rows["links"]:
        if link["mode"] in set(modes) and is_open(rows, link):
            graph.add_edge(link["from_node_id"], link["to_node_id"])
    v, e = graph.number_of_nodes(), graph.number_of_edges()
    if v < 3:
        return dict.fromkeys(("alpha", "beta", "gamma"), math.nan)
    p = nx.number_connected_components(graph)
    return {
        "alpha": (e - v + p) / max(2 * v - 5 * p, 1),
        "beta": e / v,
        "gamma": e / max(3 * (v - 2 * p), 1),
    }


def pipeline_flow(rows: Rows, mode: str, sources: Sequence[str], sinks: Sequence[str]) -> float:
    """Return the most that open pipelines carry; one without stated capacity has no limit."""
    graph = nx.DiGraph()
    for i, link in enumerate(rows["links"]):
        if link["mode"] == mode and is_open(rows, link):
            limit = {} if link["capacity_value"] is None else {"capacity": link["capacity_value"]}
            ends = link["from_node_id"], link["to_node_id"]
            for k, (a, b) in enumerate((ends,) if link["directed"] else (ends, ends[::-1])):
                graph.add_edge(a, (i, k), **limit)  # parallel pipes each get a place half way
                graph.add_edge((i, k), b, **limit)
    if set(sources) & set(sinks) & set(graph):
        return math.inf
    graph.add_edges_from(("begin", n) for n in sources if n in graph)
    graph.add_edges_from((n, "end") for n in sinks if n in graph)
    if not (graph.has_node("begin") and graph.has_node("end")):
        return 0.0
    try:
        return float(nx.maximum_flow_value(graph, "begin", "end"))
    except nx.NetworkXUnbounded:
        return math.inf


# ---------------------------------------------------------------- shares


def shapley(players: Sequence[str], value: Any) -> dict[str, float]:
    """Return each player's mean contribution over all orders in which they may come."""
    orders = list(permutations(players))
    found = dict.fromkeys(players, 0.0)
    for order in orders:
        for i, player in enumerate(order):
            found[player] += value(frozenset(order[: i + 1])) - value(frozenset(order[:i]))
    return {player: total / len(orders) for player, total in found.items()}


def compatible_parts(world: World, names: Iterable[str]) -> list[frozenset[str]]:
    """Return the largest parts of a set of scenarios that can be applied together."""
    every = sorted(names)
    good = [
        frozenset(part)
        for size in range(len(every) + 1)
        for part in combinations(every, size)
        if not clash(world, part)
    ]
    return [p for p in good if not any(p < q for q in good)]


def efficiency(matrix: Sequence[Sequence[float]]) -> float:
    pairs = [c for i, row in enumerate(matrix) for j, c in enumerate(row) if i != j]
    return sum(1 / c for c in pairs if c > 0) / len(pairs) if pairs else 0.0
