"""Any subset of any scenarios equals the network with them, from scratch."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from test_oracle import LAYERS, numbers, worlds

import sco_network as sco
from sco_network.errors import InputError, Problems
from sco_network.model.resolving import resolve
from sco_network.model.rows import layer_of
from sco_network.routing import elimination
from sco_network.routing.skim import skim
from sco_network.routing.space import ByDijkstra, ScenarioSpace
from sco_network.routing.states import expand

NAMES = ("s0", "s1", "s2")


def layers_at(links: list[dict[str, Any]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for link in links:
        layer = layer_of(link["mode"], link.get("gauge_mm"))
        for end in ("from_node_id", "to_node_id"):
            found.setdefault(link[end], set()).add(layer)
    return found


@st.composite
def proposals(  # noqa: C901, PLR0912, PLR0915
    draw: Any, world: dict[str, pd.DataFrame], name: str
) -> dict[str, Any]:
    """A scenario that adds, improves, worsens, rebuilds and closes."""
    nodes = dict(zip(world["nodes"]["node_id"], world["nodes"]["country"], strict=True))
    links, crossings = world["links"].to_dict("records"), world["crossings"].to_dict("records")
    transfers = world["transfers"].to_dict("records")
    crossed = {(frozenset((c["from_node_id"], c["to_node_id"])), c["mode"]) for c in crossings}
    add: dict[str, list[Any]] = {"nodes": [], "links": [], "crossings": [], "transfers": []}
    if draw(st.booleans()):
        new = f"{name}-n"
        nodes[new] = draw(st.sampled_from(["AAA", "BBB"]))
        add["nodes"].append({"node_id": new, "country": nodes[new], "x_coord": 0, "y_coord": 0})
    for i in range(draw(st.integers(0, 3))):
        a, b = draw(st.lists(st.sampled_from(sorted(nodes)), min_size=2, max_size=2))
        mode, gauge = draw(st.sampled_from(LAYERS))
        if a == b:
            continue
        link = {
            "link_id": f"{name}-l{i}", "from_node_id": a, "to_node_id": b, "mode": mode,
            "length_km": draw(numbers), "free_speed_km_h": draw(numbers),
            "directed": draw(st.booleans()),
        }  # fmt: skip
        add["links"].append(link | ({"gauge_mm": gauge} if gauge else {}))
        pair = (frozenset((a, b)), mode)
        if nodes[a] != nodes[b] and pair not in crossed:
            crossed.add(pair)
            add["crossings"].append(
                {"crossing_id": f"{name}-c{i}", "from_node_id": b, "to_node_id": a, "mode": mode,
                 "wait_h": draw(numbers)}
            )  # fmt: skip
    usable = [(n, sorted(ls)) for n, ls in sorted(layers_at(links + add["links"]).items())]
    usable = [(n, ls) for n, ls in usable if len(ls) > 1]
    if usable and draw(st.booleans()):
        node, found = draw(st.sampled_from(usable))
        one, other = draw(st.permutations(found))[:2]
        add["transfers"].append(
            {"transfer_id": f"{name}-t", "node_id": node, "from_layer": one, "to_layer": other,
             "transfer_h": draw(numbers)}
        )  # fmt: skip
    change: dict[str, list[Any]] = {"links": [], "crossings": [], "transfers": []}
    close: dict[str, list[str]] = {"links": [], "crossings": [], "transfers": []}
    rows = [("links", r["link_id"], r) for r in links]
    rows += [("crossings", r["crossing_id"], r) for r in crossings]
    rows += [("transfers", r["transfer_id"], r) for r in transfers]
    for table, row_id, row in draw(
        st.lists(st.sampled_from(rows), max_size=4, unique_by=lambda r: r[:2])
    ) if rows else []:  # fmt: skip
        if draw(st.integers(0, 3)) == 0:
            close[table].append(row_id)
            continue
        column = {
            "links": ["length_km", "free_speed_km_h", "directed", "status", "gauge_mm"],
            "crossings": ["wait_h", "fee_usd", "status"],
            "transfers": ["transfer_h", "status"],
        }[table]
        chosen = draw(st.sampled_from(column))
        value: Any = draw(numbers)
        if chosen == "status":
            value = "operating" if table == "links" else "open"
        elif chosen == "directed":
            value = draw(st.booleans())
        elif chosen == "gauge_mm":
            if row["mode"] != "rail":
                continue
            value = draw(st.sampled_from([1520, 1435]))
        where = {f"{table[:-1]}_id": row_id}
        change[table].append({"where": where, chosen: {"set": value}})
    content = {"scenario": name, "add": add, "change": change, "close": close}
    if draw(st.integers(0, 5)) == 0:
        content["conflicts"] = [draw(st.sampled_from([n for n in NAMES if n != name]))]
    if draw(st.integers(0, 5)) == 0 and name != "s0":
        content["requires"] = ["s0"]
    return content


@st.composite
def spaces(draw: Any) -> tuple[sco.Network, list[sco.Scenario]]:
    world = draw(worlds())
    served = layers_at(world["links"].to_dict("records"))
    swaps = world["transfers"]
    good = [{t.from_layer, t.to_layer} <= served.get(t.node_id, set()) for t in swaps.itertuples()]
    world["transfers"] = swaps[np.array(good, dtype=bool)]
    contents = [draw(proposals(world, name)) for name in NAMES]
    given = [
        c
        for c in contents
        if any(p for part in ("add", "change", "close") for p in c[part].values())
    ]
    assume(all(set(c.get("requires", [])) <= {g["scenario"] for g in given} for c in given))
    return sco.Network.from_frames(**world), [sco.Scenario.from_dict(c) for c in given]


@pytest.mark.parametrize("engine", ["elimination", "dijkstra"])
@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(spaces(), st.sampled_from(["length", "time", "cost", "generalised"]))
def test_any_subset_equals_the_network_from_scratch(
    engine: str, case: tuple[sco.Network, list[sco.Scenario]], by: str
) -> None:
    network, members = case
    ids = network.nodes.ids.tolist()
    try:
        space = ScenarioSpace(network, members, by=by, terminals=ids, engine=engine)
    except InputError:
        assume(False)
    for size in range(len(members) + 1):
        for subset in combinations(members, size):
            problems = Problems()
            changes = resolve(subset, network.tables, problems)
            chosen = {s.id for s in subset}
            if problems.found:
                with pytest.raises(InputError) as refusal:
                    space.skim(chosen)
                assert set(refusal.value.problems) == set(problems.found)
                continue
            scratch = skim(expand(network.with_changes(changes)), ids, by).matrix
            np.testing.assert_allclose(space.skim(chosen).matrix, scratch, rtol=1e-9)


CUT = {
    "scenario": "cut",
    "add": {"links": [{"link_id": "ac", "from_node_id": "a", "to_node_id": "c", "mode": "rail",
                       "gauge_mm": 1520, "length_km": 180, "free_speed_km_h": 50}]},
}  # fmt: skip


def member(**more: Any) -> sco.Scenario:
    return sco.Scenario.from_dict(CUT | more)


def test_a_space_by_hand(small: sco.Network) -> None:
    # by rail a–c: 200 km at 50 km/h today, 180 km with the cut
    space = sco.ScenarioSpace(small, [member()], modes=["rail"], terminals=["a", "c", "e"])
    assert space.base().cost("a", "c") == 4
    assert space.skim({"cut"}).cost("a", "c") == 3.6
    assert space.skim([member()]).cost("a", "e") == pytest.approx(3.6 + 20.2 + 10 + 4)
    assert space.base().cost("a", "c") == 4


def test_conflicts_name_both_places(small: sco.Network, study: Any) -> None:
    slow = study / "scenarios/slow.yaml"
    slow.write_text(
        "scenario: slow\nconflicts: [faster-border]\nchange:\n  crossings:\n"
        "    - {where: {crossing_id: cd-rail}, wait_h: {set: 40}}\n"
    )
    members = [sco.Scenario.load(slow), sco.Scenario.load(study / "scenarios/faster-border.yaml")]
    space = sco.ScenarioSpace(small, members)
    assert space.skim({"slow"}).matrix.shape == space.base().matrix.shape
    with pytest.raises(InputError) as refusal:
        space.skim({"slow", "faster-border"})
    declared, clash = sorted(map(str, refusal.value.problems), key=len)
    assert "slow.yaml:2: 'slow' conflicts with 'faster-border'" in declared
    assert "slow.yaml:5" in clash
    assert "faster-border.yaml:9" in clash


def test_a_companion_is_asked_for(small: sco.Network) -> None:
    other = {"scenario": "more", "requires": ["cut"], "close": {"crossings": ["ae-road"]}}
    more = sco.Scenario.from_dict(other)
    with pytest.raises(InputError, match="'more' requires 'cut', which is not among"):
        sco.ScenarioSpace(small, [more])
    space = sco.ScenarioSpace(small, [more, member()])
    with pytest.raises(InputError, match="'more' requires 'cut', which is not applied"):
        space.skim({"more"})
    assert np.isfinite(space.skim({"more", "cut"}).matrix).all()


def test_unknown_members_and_terminals(small: sco.Network) -> None:
    with pytest.raises(InputError, match="Did you mean 'cut'"):
        sco.ScenarioSpace(small, [member()]).skim({"cuts"})
    with pytest.raises(InputError, match="unknown node 'z'"):
        sco.ScenarioSpace(small, [member()], terminals=["a", "z"])
    with pytest.raises(InputError, match="unknown engine"):
        ScenarioSpace(small, [member()], terminals=["a"], engine="magic")


def test_a_network_too_dense_to_eliminate_is_searched(
    small: sco.Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = ScenarioSpace(small, [member()], terminals=["a", "c"]).skim({"cut"}).matrix
    monkeypatch.setattr(elimination, "MOST_TRIANGLES", 0)
    space = ScenarioSpace(small, [member()], terminals=["a", "c"])
    assert space.skim({"cut"}).matrix.tolist() == expected.tolist()
    with pytest.raises(sco.ScoError, match="too dense to eliminate"):
        ScenarioSpace(small, [member()], terminals=["a", "c"], engine="elimination")


def test_a_member_that_does_not_fit_the_base(small: sco.Network) -> None:
    twice = member(add={"links": [CUT["add"]["links"][0] | {"link_id": "ab"}]})
    with pytest.raises(InputError, match="already has link 'ab'"):
        sco.ScenarioSpace(small, [twice])


def test_a_package_brings_its_members(small: sco.Network) -> None:
    cut = member()
    both = sco.Scenario.from_dict({"scenario": "both", "includes": ["cut"]}, [cut])
    space = sco.ScenarioSpace(small, [both], terminals=["a", "c"])
    assert space.skim({"both"}).cost("a", "c") == 3.6


def test_people_move_with_a_scenario(small: sco.Network) -> None:
    grown = sco.Scenario.from_dict(
        {
            "scenario": "grown",
            "change": {"nodes": [{"where": {"node_id": "a"}, "population": {"set": 5}}]},
        }
    )
    space = sco.ScenarioSpace(small, [grown], terminals=["a", "b"])
    assert space.population().tolist() == [1_000_000, 500_000]
    assert space.population(space.mask({"grown"})).tolist() == [5, 500_000]


@pytest.mark.parametrize("engine", ["elimination", "dijkstra"])
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    spaces(), st.sampled_from(["length", "time", "cost"]), st.lists(st.integers(0, 7), max_size=9)
)
def test_a_walk_finds_what_a_fresh_run_finds(
    engine: str, case: tuple[sco.Network, list[sco.Scenario]], by: str, steps: list[int]
) -> None:
    network, members = case
    ids = network.nodes.ids.tolist()
    try:
        space = ScenarioSpace(network, members, by=by, terminals=ids, engine=engine)
    except InputError:
        assume(False)
    walk = space.walk()
    for step in steps:  # to any subset from any other, allowed or not
        vector = space.costs.vector(step % (1 << len(space.topology.atoms)))
        before = walk.costs.copy()
        touched = walk.move(vector)
        np.testing.assert_allclose(walk.matrix(), fresh(space, vector), rtol=1e-12)
        same = np.delete(np.arange(len(before)), touched)
        assert (walk.costs[same] == before[same]).all()


@pytest.mark.parametrize("engine", ["elimination", "dijkstra"])
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(spaces(), st.lists(st.integers(0, 7), min_size=2, max_size=7))
def test_a_walk_comes_back_to_what_it_kept(
    engine: str, case: tuple[sco.Network, list[sco.Scenario]], steps: list[int]
) -> None:
    network, members = case
    ids = network.nodes.ids.tolist()
    try:
        space = ScenarioSpace(network, members, terminals=ids, engine=engine)
    except InputError:
        assume(False)
    everything = 1 << len(space.topology.atoms)
    kept, *others = (space.costs.vector(step % everything) for step in steps)
    walk = space.walk(costs=kept)
    walk.keep()
    expected = walk.matrix()
    for vector in others:
        walk.move(vector)
        np.testing.assert_allclose(walk.matrix(), fresh(space, vector), rtol=1e-12)
        walk.back()
        assert (walk.matrix() == expected).all()


def fresh(space: ScenarioSpace, vector: Any) -> Any:
    matrix = ByDijkstra(space.topology).matrix(vector)
    np.fill_diagonal(matrix, 0.0)
    return matrix


@pytest.mark.parametrize("engine", ["elimination", "dijkstra"])
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(spaces(), st.sampled_from(["length", "time", "generalised"]), st.integers(0, 7))
def test_a_way_costs_what_the_skim_says(
    engine: str, case: tuple[sco.Network, list[sco.Scenario]], by: str, step: int
) -> None:
    network, members = case
    ids = network.nodes.ids.tolist()
    try:
        space = ScenarioSpace(network, members, by=by, terminals=ids, engine=engine)
    except InputError:
        assume(False)
    mask = step % (1 << len(space.topology.atoms))
    assume(space.allows(mask))
    subset = [s for s in members if space.mask([s]) & mask]
    costs, skim_ = space.costs.vector(mask), space.skim(subset)
    number = {key: arc for arc, key in enumerate(space.keys)}
    for origin in ids:
        for destination in ids:
            way = space.way(subset, origin, destination)
            expected = skim_.cost(origin, destination)
            if way is None:
                assert expected == np.inf
                continue
            assert sum(costs[number[key]] for key in way) == pytest.approx(expected, rel=1e-9)
            places = [origin, *(key[3][0] for key in way)]
            assert [key[2][0] for key in way] == places[:-1]
            assert places[-1] == destination
            assert all(a[3] == b[2] for a, b in pairwise(way))


def test_a_way_between_places_that_are_no_terminals(small: sco.Network) -> None:
    space = sco.ScenarioSpace(small, [member()], terminals=["a", "c"])
    assert [key[1] for key in space.way({"cut"}, "a", "c")] == ["ac"]
    with pytest.raises(InputError, match="'e' is no terminal of this space"):
        space.way((), "a", "e")


def test_pipelines_as_a_space() -> None:
    nodes = pd.DataFrame({"node_id": list("abc"), "x_coord": 0.0, "y_coord": 0.0})
    links = pd.DataFrame({"link_id": ["ab", "bc"], "from_node_id": ["a", "b"],
                          "to_node_id": ["b", "c"], "mode": "gas", "length_km": [30.0, 60.0]})  # fmt: skip
    network = sco.Network.from_frames(nodes, links)
    edit = {"where": {"link_id": "bc"}, "length_km": {"set": 90}}
    longer = sco.Scenario.from_dict({"scenario": "longer", "change": {"links": [edit]}})
    for modes, base, after in ((["gas"], 90, 120), (None, np.inf, np.inf)):
        space = ScenarioSpace(network, [longer], by="length", terminals=["a", "c"], modes=modes)
        assert space.base().cost("a", "c") == base
        assert space.skim({"longer"}).cost("a", "c") == after


def test_a_place_that_changes_hands_changes_its_speed() -> None:
    # 100 km by road at 50 km/h, or half of them at 25 km/h
    nodes = pd.DataFrame({"node_id": ["a", "b"], "country": "AAA", "x_coord": 0.0, "y_coord": 0.0})
    links = pd.DataFrame({"link_id": ["ab"], "from_node_id": "a", "to_node_id": "b", "mode": "road",
                          "length_km": 100.0})  # fmt: skip
    network = sco.Network.from_frames(nodes, links, assumptions={"speed.road.BBB": 25.0})
    edit = {"where": {"node_id": "b"}, "country": {"set": "BBB"}}
    moved = sco.Scenario.from_dict({"scenario": "moved", "change": {"nodes": [edit]}})
    space = sco.ScenarioSpace(network, [moved], terminals=["a", "b"])
    assert space.base().cost("a", "b") == 2
    assert space.skim({"moved"}).cost("a", "b") == 3
    assert space.arcs_in("BBB").tolist() == space.arcs_in("AAA").tolist() == [0, 1]


def test_arcs_by_row_by_crossing_and_by_country(small: sco.Network, study: Any) -> None:
    cut = sco.Scenario.load(study / "scenarios/short-cut.yaml")
    space = sco.ScenarioSpace(small, [cut])
    ids = [(key[0], key[1]) for key in space.keys]

    def rows(arcs: Any) -> list[tuple[str, str]]:
        assert arcs.dtype == np.int64
        return sorted({ids[arc] for arc in arcs})

    assert rows(space.arcs_of("links", "ab")) == [("links", "ab")]
    assert len(space.arcs_of("links", "be")) == 2
    assert rows(space.arcs_of("transfers", "d-gauge")) == [("transfers", "d-gauge")]
    assert rows(space.arcs_of("crossings", "cd-rail")) == [("links", "cd")]
    assert rows(space.arcs_of("crossings", "be-rail")) == [("links", "be")]
    assert rows(space.arcs_of("crossings", "nowhere")) == []
    assert rows(space.arcs_of("links", "nowhere")) == []
    assert rows(space.arcs_in("BBB")) == [
        ("links", "ae"), ("links", "be"), ("links", "cd"), ("links", "de"),
        ("transfers", "d-gauge"), ("transfers", "e-yard"),
    ]  # fmt: skip
    assert rows(space.arcs_in("CCC")) == []


def test_one_way_links_of_members_are_known(small: sco.Network) -> None:
    assert sco.ScenarioSpace(small, [member()]).topology.is_two_way
    link = CUT["add"]["links"][0] | {"directed": True}
    one_way = sco.ScenarioSpace(small, [member(add={"links": [link]})], terminals=["a", "c"])
    assert not one_way.topology.is_two_way
    cut = one_way.walk(one_way.mask({"cut"})).matrix()
    assert cut.tolist() == [[0, 3.6], [4, 0]]
    # one that no journey here uses does not matter
    nodes = pd.DataFrame({"node_id": ["a", "b"], "x_coord": 0.0, "y_coord": 0.0})
    links = pd.DataFrame({"link_id": ["road", "rail"], "from_node_id": "a", "to_node_id": "b",
                          "mode": ["road", "rail"], "length_km": 9.0, "directed": [False, True]})  # fmt: skip
    network = sco.Network.from_frames(nodes, links)
    edit = {"where": {"link_id": "road"}, "length_km": {"set": 5}}
    change = sco.Scenario.from_dict({"scenario": "s", "change": {"links": [edit]}})
    for modes, expected in ((["road"], True), (["road", "rail"], False)):
        space = ScenarioSpace(network, [change], terminals=["a", "b"], modes=modes)
        assert space.topology.is_two_way == expected


def test_a_space_in_another_measure(small: sco.Network) -> None:
    space = sco.ScenarioSpace(small, [member()], modes=["rail"], terminals=["a", "c"])
    length = space.measured("length")
    assert (space.by, length.by) == ("time", "length")
    assert length.base().cost("a", "c") == 200
    assert length.skim({"cut"}).cost("a", "c") == 180
    assert space.skim({"cut"}).cost("a", "c") == 3.6
    with pytest.raises(InputError, match="unknown measure 'tim'"):
        space.measured("tim")


def test_refusals_in_words(small: sco.Network) -> None:
    space = sco.ScenarioSpace(small, [member(), member(scenario="also", conflicts=["cut"], add={},
                              close={"links": ["de"]})], terminals=["a", "c"])  # fmt: skip
    for ask, words in (
        (lambda: space.skim({"cuts"}), "argument subset: 'cuts' is not a member of this space. Did you mean 'cut'?"),
        (lambda: space.skim({"qqq"}), "argument subset: 'qqq' is not a member of this space. The members are cut, also"),
        (lambda: space.way((), "a", "e"), "argument way: 'e' is no terminal of this space. Give the terminals when it is made"),
        (lambda: space.way({"cut", "also"}, "a", "c"), "scenario 'also': 'also' conflicts with 'cut' (scenario 'cut') in conflicts[0]. Apply only one of them"),
        (lambda: ScenarioSpace(small, [member()], terminals=["a"], engine="elim"), "argument engine: unknown engine 'elim'. Use elimination or dijkstra"),
    ):  # fmt: skip
        with pytest.raises(InputError) as caught:
            ask()
        assert str(caught.value) == words
    assert space.way({"cut"}, "a", "a") == []
    assert space.ids == ("cut", "also")
    assert not space.allows(space.mask({"cut", "also"}))


@pytest.mark.parametrize("engine", ["elimination", "dijkstra"])
def test_a_walk_from_any_costs(small: sco.Network, engine: str) -> None:
    space = sco.ScenarioSpace(
        small, [member()], modes=["rail"], terminals=["a", "c"], engine=engine
    )
    walk = space.walk(costs=3 * space.costs.base)
    assert walk.matrix().tolist() == [[0, 12], [12, 0]]
    assert space.walk(space.mask({"cut"})).matrix().tolist() == [[0, 3.6], [3.6, 0]]
    assert space.walk().matrix().tolist() == [[0, 4], [4, 0]]


def test_transfers_of_members_count(small: sco.Network) -> None:
    # a–e by rail: 8.2 h under way, 20 h at the border, 10 h at the break of gauge
    def of(**content: Any) -> float:
        one = sco.Scenario.from_dict({"scenario": "one", **content})
        other = sco.Scenario.from_dict({"scenario": "other", "close": {"links": ["ae"]}})
        space = sco.ScenarioSpace(small, [one, other], modes=["rail", "sea"], terminals=["a", "e"])
        assert space.base().cost("a", "e") == pytest.approx(38.2)
        assert space.skim({"other"}).cost("a", "e") == pytest.approx(38.2)
        assert space.skim({"one", "other"}).matrix.tolist() == space.skim({"one"}).matrix.tolist()
        return space.skim({"one"}).cost("a", "e")

    gauge = {"where": {"transfer_id": "d-gauge"}}
    assert of(change={"transfers": [gauge | {"transfer_h": {"set": 1}}]}) == pytest.approx(29.2)
    assert of(close={"transfers": ["d-gauge"]}) == np.inf
    sea = {"link_id": "bd", "from_node_id": "b", "to_node_id": "d", "mode": "sea", "length_km": 120,
           "free_speed_km_h": 60}  # fmt: skip
    quays = [
        {
            "transfer_id": f"q{n}",
            "node_id": n,
            "from_layer": "sea",
            "to_layer": layer,
            "transfer_h": 1,
        }
        for n, layer in (("b", "rail-1520"), ("d", "rail-1676"))
    ]
    border = {
        "crossing_id": "bd-sea",
        "from_node_id": "b",
        "to_node_id": "d",
        "mode": "sea",
        "wait_h": 3,
    }
    ship = {"links": [sea], "crossings": [border], "transfers": quays}
    # 2 h by rail, 1 h, 2 h at sea and 3 h at the border, 1 h, 4 h by rail
    assert of(add=ship) == pytest.approx(13)


def test_a_transfer_that_waits_for_another_members_link(small: sco.Network) -> None:
    link = {"link_id": "ac", "from_node_id": "a", "to_node_id": "c", "mode": "road", "length_km": 180,
            "free_speed_km_h": 180}  # fmt: skip
    swap = {"transfer_id": "c-yard", "node_id": "c", "from_layer": "road", "to_layer": "rail-1520",
            "transfer_h": 2}  # fmt: skip
    road = sco.Scenario.from_dict({"scenario": "road", "add": {"links": [link]}})
    yard = sco.Scenario.from_dict(
        {"scenario": "yard", "requires": ["road"], "add": {"transfers": [swap]}}
    )
    quick = {"where": {"transfer_id": "a-yard"}, "transfer_h": {"set": 1}}
    gate = sco.Scenario.from_dict({"scenario": "gate", "change": {"transfers": [quick]}})
    space = sco.ScenarioSpace(small, [road, yard, gate], terminals=["b", "d"])
    for subset in ((), ("road",), ("gate",), ("road", "yard"), ("road", "yard", "gate")):
        members = [s for s in (road, yard, gate) if s.id in subset]
        fresh = small.with_scenarios(*members).skim(terminals=["b", "d"])
        assert space.skim(subset).matrix.tolist() == pytest.approx(fresh.matrix)
