"""Whole worlds against plain networkx and brute force: see tests/oracle.py.

A failure names its seed: `check(seed)` repeats it.
"""

from __future__ import annotations

import math
import random
from itertools import permutations
from typing import Any

import numpy as np
import oracle
import pandas as pd
import pytest
from oracle import FREIGHT, World, random_world

import sco_network as sco
from sco_network.analysis.flows import supplier_shares
from sco_network.analysis.pipelines import End, Pipelines
from sco_network.routing.skim import betweenness
from sco_network.routing.states import expand

MEASURES = ("length", "time", "cost", "generalised")
inf = math.inf


def network_of(world: World) -> sco.Network:
    frames = (
        pd.DataFrame(world.rows[table], columns=columns)
        for table, columns in oracle.COLUMNS.items()
    )
    return sco.Network.from_frames(*frames, assumptions=world.assumptions)


def places_of(rows: oracle.Rows) -> list[str]:
    return [n["node_id"] for n in rows["nodes"]]


class Case:
    """One world with a question about it: a measure, modes, and countries to avoid."""

    def __init__(self, seed: int) -> None:
        self.world = random_world(seed)
        self.rng = random.Random(-1 - seed)
        self.by = self.rng.choice(MEASURES)
        self.modes = tuple(self.rng.sample(FREIGHT, self.rng.choice((1, 2, 3, 3, 3, 3))))
        self.network = network_of(self.world)
        self.places = places_of(self.world.rows)
        self.scenarios = {s["scenario"]: sco.Scenario.from_dict(s) for s in self.world.scenarios}

    def costs(
        self, rows: oracle.Rows, places: list[str], by: str | None = None
    ) -> np.ndarray[Any, Any]:
        graph = oracle.graph_of(rows, self.world.assumptions, self.modes)
        return np.array(oracle.best_costs(graph, by or self.by, places))


def check_skims_and_routes(case: Case) -> None:
    avoid = case.rng.choice(((), (), ("CCC",)))
    if avoid and avoid[0] not in {n["country"] for n in case.world.rows["nodes"]}:
        avoid = ()
    graph = oracle.graph_of(case.world.rows, case.world.assumptions, case.modes, avoid)
    expected = np.array(oracle.best_costs(graph, case.by, case.places))
    for engine in (None, "elimination", "dijkstra"):
        found = case.network.skim(
            by=case.by, terminals=case.places, modes=case.modes, avoid=avoid, engine=engine
        ).matrix
        np.testing.assert_allclose(found, expected, rtol=1e-9)
    a, b, c = (case.rng.choice(case.places) for _ in range(3))
    options: dict[str, Any] = {"by": case.by, "modes": case.modes, "avoid": avoid}
    routes = case.network.routes(a, b, alternatives=3, **options)
    assert routes[0].total == pytest.approx(expected[case.places.index(a), case.places.index(b)])
    assert [r.total for r in routes] == sorted(r.total for r in routes)
    ways = [tuple(leg.link_id for leg in r.legs) for r in routes]
    assert len(set(ways)) == len(ways)
    around = case.network.route(a, b, via=[c], **options)
    assert around.total == pytest.approx(oracle.cost_through(graph, case.by, [a, c, b]))
    for route in (*routes, around):
        if route.reachable:
            check_legs(case, graph, route)


def check_legs(case: Case, graph: Any, route: Any) -> None:
    """Every leg says what its rows say, legs hang together, and the whole is their sum."""
    rows, known = case.world.rows, case.world.assumptions
    links = {link["link_id"]: link for link in rows["links"]}
    at = route.origin
    for leg in route.legs:
        link = links[leg.link_id]
        assert leg.from_node_id == at
        assert graph.has_edge((at, leg.layer), (leg.to_node_id, leg.layer))
        assert leg.layer == oracle.layer_of(link)
        use = oracle.usage(rows, known, "links", link)
        assert (leg.length_km, leg.run_h) == pytest.approx((use["km"], use["run_h"]))
        assert leg.border_h == pytest.approx(use["border_h"])
        moved = leg.transfer_usd + leg.gauge_usd
        assert leg.cost_usd == pytest.approx(use["usd"] + moved)
        at = leg.to_node_id
    assert at == route.destination
    hours = sum(leg.time_h for leg in route.legs)
    usd = sum(leg.cost_usd for leg in route.legs)
    assert (route.time_h, route.cost_usd) == pytest.approx((hours, usd))
    total = {"length": route.length_km, "time": hours, "cost": usd,
             "generalised": usd + known["value_of_time"] * hours}  # fmt: skip
    assert route.total == pytest.approx(total[case.by])


def check_scenarios(case: Case) -> None:
    """Any set of scenarios gives what rows written so give, or is refused where it must be."""
    names = list(case.scenarios)
    chosen = [n for n in names if case.rng.random() < 0.6] or names[:1]
    members = [case.scenarios[n] for n in chosen]
    if oracle.refused(case.world, chosen):
        with pytest.raises(sco.InputError):
            case.network.with_scenarios(*members)
        return
    rows = oracle.applied(case.world, chosen)
    places = places_of(rows)
    after = case.network.with_scenarios(*case.rng.sample(members, len(members)))
    expected = case.costs(rows, places)
    found = after.skim(by=case.by, terminals=places, modes=case.modes).matrix
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    space = sco.ScenarioSpace(case.network, members, by=case.by, modes=case.modes, terminals=places)
    np.testing.assert_allclose(space.skim(chosen).matrix, expected, rtol=1e-9)
    check_comparison(case, rows, members)


def check_comparison(case: Case, rows: oracle.Rows, members: list[sco.Scenario]) -> None:
    found = sco.compare(case.network, members, by=case.by, modes=case.modes, terminals=case.places)
    old, new = case.costs(case.world.rows, case.places), case.costs(rows, case.places)
    pairs = list(permutations(range(len(case.places)), 2))
    counts = dict.fromkeys(found.pair_counts, 0)
    for i, j in pairs:
        counts[category(old[i, j], new[i, j])] += 1
    assert found.pair_counts == counts
    metrics = found.metrics.set_index("metric")
    sides = (("baseline", case.world.rows, old, new), ("scenario", rows, new, old))
    for column, side, matrix, other in sides:
        for name, value in measures(case, side, matrix, other).items():
            if name in metrics.index or not name.startswith(("market_access:", "edge_disjoint")):
                expected = pytest.approx(value, nan_ok=True)
                assert metrics[column][name] == expected, name
    known = oracle.disjoint_routes(case.world.rows, case.modes)
    for pair, count in oracle.disjoint_routes(rows, case.modes).items():
        name = "edge_disjoint_routes:" + "-".join(pair)
        if count == known.get(pair, 0):
            assert name not in metrics.index
        else:
            assert metrics["scenario"][name] == count


def category(old: float, new: float) -> str:
    if math.isinf(old) or math.isinf(new):
        kinds = {(False, True): "lost", (True, False): "newly_connected"}
        return kinds.get((math.isinf(old), math.isinf(new)), "unchanged")
    if abs(new - old) <= 1e-9 * max(old, 1):
        return "unchanged"
    return "improved" if new < old else "worse"


def measures(
    case: Case, rows: oracle.Rows, matrix: np.ndarray[Any, Any], other: np.ndarray[Any, Any]
) -> dict[str, float]:
    """Return what `compare` must say of one side, from rows and best costs."""
    n = len(case.places)
    nodes = {node["node_id"]: node for node in rows["nodes"]}
    pairs = [(i, j) for i in range(n) for j in range(n) if i != j]
    both = [matrix[p] for p in pairs if matrix[p] < inf and other[p] < inf]
    people = [nodes[p]["population"] or 0.0 for p in case.places]
    theta = case.world.assumptions["market_access.theta"]
    access = [
        sum(
            people[j] * matrix[i, j] ** -theta
            for j in range(n)
            if j != i and 0 < matrix[i, j] < inf
        )
        for i in range(n)
    ]
    found = {
        f"mean_{case.by}": sum(both) / len(both) if both else math.nan,
        "efficiency": oracle.efficiency(matrix.tolist()),
        "reachable_pairs": 100 * sum(matrix[p] < inf for p in pairs) / len(pairs),
        "market_access": weighted(access, people),
    }
    for country in {nodes[p]["country"] for p in case.places}:
        here = [i for i, p in enumerate(case.places) if nodes[p]["country"] == country]
        found[f"market_access:{country}"] = weighted(
            [access[i] for i in here], [people[i] for i in here]
        )
    km = case.costs(rows, case.places, "length")
    detours = [
        km[i, j] / oracle.great_circle(nodes[case.places[i]], nodes[case.places[j]])
        for i, j in pairs
        if km[i, j] < inf
    ]
    found["detour_index"] = sum(detours) / len(detours) if detours else math.nan
    disjoint = oracle.disjoint_routes(rows, case.modes)
    found["edge_disjoint_routes"] = sum(disjoint.values()) / len(disjoint) if disjoint else math.nan
    return found | oracle.kansky(rows, case.modes)


def weighted(values: list[float], weights: list[float]) -> float:
    total = sum(weights)
    return sum(v * w for v, w in zip(values, weights, strict=True)) / total if total else math.nan


def check_betweenness(case: Case) -> None:
    by = case.rng.choice(MEASURES)
    graph = oracle.graph_of(case.world.rows, case.world.assumptions, case.modes)
    expected = oracle.shares_passing(graph, by, case.places)
    if expected is not None:
        found = betweenness(expand(case.network, case.modes), case.places, by)
        assert found == pytest.approx([expected.get(p, 0.0) for p in case.places])


def check_flows(case: Case) -> None:
    rows, lines = case.world.rows, Pipelines(case.network, "gas")
    ends = {
        kinds: {
            c: [
                n["node_id"] for n in rows["nodes"] if n["country"] == c and n["node_type"] in kinds
            ]
            for c in oracle.COUNTRIES
        }
        for kinds in (("field",), ("city", "port", "terminal"))
    }
    fields, markets = ends.values()

    def flow(group: Any, to: str) -> float:
        sources = [n for c in group for n in fields[c]]
        return oracle.pipeline_flow(rows, "gas", sources, markets[to])

    for to in oracle.COUNTRIES:
        market = End(to, to)
        others = [c for c in oracle.COUNTRIES if c != to]
        suppliers = [End(c, c) for c in others]
        joint = flow(others, to)
        assert lines.flow(suppliers, [market]).value == pytest.approx(joint)
        if joint < inf:
            shares = oracle.shapley(others, lambda group, to=to: flow(group, to))
            found = supplier_shares(lines, suppliers, market)
            assert {c: found.get(c, 0.0) for c in others} == pytest.approx(shares)


def check_ranking(case: Case) -> None:
    """Shapley values of all scenarios, gains being those of the best that can be built of a set."""
    world, names = case.world, list(case.scenarios)
    if any(oracle.refused(world, oracle.with_companions(world, name)) for name in names):
        return
    base = oracle.efficiency(case.costs(world.rows, case.places).tolist())
    if not base:
        return
    known: dict[frozenset[str], float] = {}

    def gain(part: frozenset[str]) -> float:
        if part not in known:
            after = case.costs(oracle.applied(world, part), case.places).tolist()
            known[part] = 100 * (oracle.efficiency(after) / base - 1)
        return known[part]

    def value(some: frozenset[str]) -> float:
        return max(gain(part) for part in oracle.compatible_parts(world, some))

    found = sco.rank(
        case.network, case.scenarios.values(), by=case.by, modes=case.modes,
        terminals=case.places, jobs=1,
    )  # fmt: skip
    shares = dict(zip(found.table["scenario"], found.table["shapley"], strict=True))
    assert shares == pytest.approx(oracle.shapley(names, value), abs=1e-6)
    assert found.total == pytest.approx(value(frozenset(names)), abs=1e-6)


CHECKS = (
    check_skims_and_routes,
    check_scenarios,
    check_betweenness,
    check_flows,
    check_ranking,
)


def check(seed: int) -> None:
    for one in CHECKS:
        try:
            one(Case(seed))
        except BaseException as error:
            error.add_note(f"{one.__name__}(Case({seed}))")
            raise


@pytest.mark.parametrize("block", range(4))
def test_a_hundred_worlds(block: int) -> None:
    for seed in range(25 * block, 25 * (block + 1)):
        check(seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(30))
def test_three_thousand_worlds(block: int) -> None:
    for seed in range(1000 + 100 * block, 1000 + 100 * (block + 1)):
        check(seed)
