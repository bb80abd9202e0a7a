"""What if: some scenarios and a few numbers of one's own, answered while one waits.

A *question* ticks scenarios, edits border waits and speeds, and may ask for one pair of places.
Its answer is the comparison that `compare` makes and the routes that `route` finds; only that
the best costs come from the space of all scenarios, which needs milliseconds.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sco_network.errors import InputError, Problems, bad_argument, did_you_mean
from sco_network.model.authoring import written
from sco_network.model.changeset import ChangeSet, Key, Setting, merge
from sco_network.model.network import Network
from sco_network.model.resolving import edits_of
from sco_network.model.rows import ALL_KINDS, FREIGHT, MODES, PIPELINES
from sco_network.model.scenario import Scenario
from sco_network.model.table import Table, explain
from sco_network.routing.impedance import Floats
from sco_network.routing.route import Route, best_route
from sco_network.routing.skim import Skim
from sco_network.routing.states import StateGraph, check_modes, expand
from sco_network.routing.topology import ArcKey, arc_keys, with_companions

from .combine import ScenarioSpace
from .compare import Comparison
from .evaluation import Evaluation, terminals_of
from .gains import Gains
from .plain import plain
from .shapley import bits

REMEMBERED = 256  # answers kept, so that going back costs nothing
COLUMN_OF = {"crossings": "wait_h", "links": "free_speed_km_h"}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Edit(_Part):
    """A number of one's own: hours at crossings, or km/h of links.

    `where` selects rows as a scenario file does. Ids may be those of rows that a scenario adds;
    a selection by columns means the rows of today.
    """

    table: Literal["crossings", "links"]
    where: tuple[tuple[str, tuple[str, ...]], ...] = Field(max_length=5)
    value: float = Field(ge=0, le=10_000)

    @model_validator(mode="before")
    @classmethod
    def _as_pairs(cls, given: Any) -> Any:
        """Take `where` as the mapping that a file has; keep it as pairs, which can be a key."""
        if isinstance(given, dict) and isinstance(given.get("where"), dict):
            where = {
                k: (v,) if isinstance(v, str) else v for k, v in sorted(given["where"].items())
            }
            return given | {"where": tuple(where.items())}
        return given

    @property
    def column(self) -> str:
        """The column that is set."""
        return COLUMN_OF[self.table]

    @property
    def row_ids(self) -> tuple[str, ...]:
        """The ids of the rows, where it selects by id."""
        return dict(self.where).get(ALL_KINDS[self.table].id_field, ())


class Question(_Part):
    """What is ticked, edited and asked for; places are given by id or by name."""

    scenarios: tuple[str, ...] = Field((), max_length=2000)
    edits: tuple[Edit, ...] = Field((), max_length=60)
    origin: str = Field("", max_length=200)
    destination: str = Field("", max_length=200)
    by: Literal["length", "time", "cost", "generalised"] = "time"
    modes: tuple[str, ...] = Field(FREIGHT, max_length=len(MODES))
    measure: Literal["efficiency", "market_access"] = "efficiency"

    @classmethod
    def of(cls, given: Any) -> Self:
        """Return a question from plain data.

        Raises
        ------
        InputError
            With everything that is wrong.
        """
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            problems = Problems()
            for detail in error.errors():
                place = ".".join(map(str, detail["loc"]))
                problems.add("question", None, place, *explain(detail, cls))
            raise InputError(problems.found) from None


@dataclass(frozen=True)
class Answer:
    """The base beside the question's network, and the pair's best routes before and after."""

    comparison: Comparison
    before: Route | None
    after: Route | None

    @property
    def measures(self) -> list[dict[str, Any]]:
        """The measures that rest on best costs, as `compare --json` has them."""
        return [
            {
                "metric": metric,
                "unit": unit,
                "baseline": plain(old),
                "scenario": plain(new),
                "change": plain(new - old),
                "percent_change": plain(100 * (new - old) / abs(old) if old else float("nan")),
            }
            for metric, unit, old, new in self.comparison.cost_measures
        ]


@dataclass(frozen=True)
class Marginal:
    """What one scenario adds to all that is ticked, or what it would take with it.

    `gain` is in percent of what the measure is today; None where the scenario cannot come, or
    changes nothing for these modes, and `note` says which.
    """

    scenario: str
    gain: float | None
    note: str = ""


@dataclass(frozen=True)
class World:
    """The network with what is ticked and edited, and its expanded graph."""

    network: Network
    graph: StateGraph
    mask: int
    terminals: tuple[str, ...]


class WhatIf:
    """Answers questions about a network and all combinations of some scenarios.

    Raises
    ------
    InputError
        Where a scenario does not fit the network.
    """

    def __init__(self, network: Network, scenarios: Iterable[Scenario]) -> None:
        self.network = network
        self.scenarios = {s.id: s for s in scenarios}
        self._space = cache(self._make_space)
        self._measured = cache(self._measure_space)
        self._outside = cache(self._find_outside)
        self._gains = lru_cache(8)(self._make_gains)
        self._of_today = lru_cache(REMEMBERED)(self._resolve_today)
        self._own = lru_cache(REMEMBERED)(self._resolve_edits)
        self._near = lru_cache(REMEMBERED)(self._find_near)
        self._edited = lru_cache(REMEMBERED)(self._cost_of_edited)
        self._world = lru_cache(REMEMBERED)(self._make_world)
        self._vector = lru_cache(REMEMBERED)(self._make_vector)
        self._evaluation = lru_cache(REMEMBERED)(self._evaluate)
        self._route = lru_cache(REMEMBERED)(self._find_route)

    def space(self, modes: Sequence[str], by: str) -> ScenarioSpace:
        """Return the space in which questions with these modes are answered."""
        return self._measured(_family(check_modes(modes)), by)

    def check(self, question: Question) -> None:
        """Refuse scenarios that are unknown, conflict or lack a companion, and modes that are none.

        Raises
        ------
        InputError
            In the words that applying the scenarios to the network has for it.
        """
        check_modes(question.modes)
        if not question.modes:
            raise bad_argument("modes", "no mode is chosen", "Choose at least one")
        for name in question.scenarios:
            if name not in self.scenarios:
                hint = did_you_mean(name, self.scenarios) or "See 'sco-network list'"
                raise bad_argument("scenarios", f"unknown scenario '{name}'", hint)
        space = self.space(question.modes, question.by)
        if not space.allows(space.mask(question.scenarios)):
            space.explain(question.scenarios)

    def answer(self, question: Question) -> Answer:
        """Return the comparison and the routes of a question."""
        self.check(question)
        q, modes = question, check_modes(question.modes)
        world = self._world(frozenset(q.scenarios), q.edits, modes)
        before = self._evaluation(frozenset(), (), modes, q.by, world.terminals)
        after = self._evaluation(frozenset(q.scenarios), q.edits, modes, q.by, world.terminals)
        ticked = tuple(self.scenarios[name] for name in q.scenarios)
        routes: list[Route | None] = [None, None]
        if q.origin and q.destination:
            ends = world.network.find(q.origin), world.network.find(q.destination)
            routes = [
                self._route(frozenset(), (), modes, q.by, *ends),
                self._route(frozenset(q.scenarios), q.edits, modes, q.by, *ends),
            ]
        return Answer(Comparison(before, after, ticked), *routes)

    def network_of(self, question: Question) -> Network:
        """Return the network with what is ticked and edited."""
        self.check(question)
        modes = check_modes(question.modes)
        return self._world(frozenset(question.scenarios), question.edits, modes).network

    def gains(self, question: Question) -> list[Marginal]:
        """Return what each scenario adds to, or takes from, what is ticked.

        In percent of the measure today, between the places of the answer:
        100 · (v(T + s) − v(T)) / v(∅) for a scenario s that is not ticked, with what it
        requires; 100 · (v(T) − v(T − s)) / v(∅) for one that is, with what requires it.
        """
        answer = self.answer(question)
        name = question.measure
        old, new = next((a, b) for n, _, a, b in answer.comparison.cost_measures if n == name)
        share = new / old if old else float("nan")
        step, ticked = self._steps(question), set(question.scenarios)
        asked = {s: step(s) for s in self.scenarios}
        worked_out = iter(self._work_out(question, [m for m in asked.values() if type(m) is int]))
        marginal = []
        for s, there in asked.items():
            if isinstance(there, str):
                marginal.append(Marginal(s, None, there))
            elif (gain := next(worked_out)) is None or not np.isfinite(share):
                marginal.append(Marginal(s, None, "changes nothing for these modes"))
            else:
                marginal.append(Marginal(s, gain * share * (-1 if s in ticked else 1)))
        return marginal

    def _steps(self, question: Question) -> Callable[[str], int | str]:
        """Return what says for a scenario where its step leads, or why it cannot be taken."""
        space = self.space(question.modes, question.by)
        here = space.mask(question.scenarios)
        company = {
            s: {c.id for c in with_companions(self.scenarios[s], self.scenarios)}
            for s in self.scenarios
        }

        def step(name: str) -> int | str:
            if name in question.scenarios:
                there = space.mask(t for t in question.scenarios if name not in company[t])
            else:
                own = space.mask(company[name])
                there = here | own
                if not space.allows(there):
                    rivals = (
                        t for t in question.scenarios if space.rules.conflict(own, space.mask([t]))
                    )
                    return "conflicts with " + ", ".join(rivals)
            return "part of what is ticked" if there == here else there

        return step

    def _work_out(self, question: Question, masks: Sequence[int]) -> list[float | None]:
        """Return the gains at some subsets over what is ticked, in percent of that.

        None where no arc costs anything else.
        """
        q, modes = question, check_modes(question.modes)
        world = self._world(frozenset(q.scenarios), q.edits, modes)
        here = self._vector(world.mask, q.edits, modes, q.by)
        jobs = max(min(os.cpu_count() or 1, 4, len(masks)), 1)

        def share(k: int) -> list[float | None]:
            gains = self._gains(modes, q.by, q.measure, world.terminals, k)
            gains.restart(here, mask=world.mask)
            found: list[float | None] = []
            for mask in masks[k::jobs]:
                there = self._vector(mask, q.edits, modes, q.by)
                found.append(None if np.array_equal(there, here) else gains.at(there, mask))
            return found

        all_found: list[float | None] = [None] * len(masks)
        with ThreadPoolExecutor(jobs) as pool:
            for k, part in enumerate(pool.map(share, range(jobs))):
                all_found[k::jobs] = part
        return all_found

    def scenario(self, question: Question, name: str, title: str = "") -> dict[str, Any]:
        """Return the content of a scenario file that makes the question's network by itself.

        Raises
        ------
        InputError
            Where there is nothing to write, or it is no scenario that `compare` takes.
        """
        self.check(question)
        space = self.space(question.modes, question.by)
        mask = space.mask(question.scenarios)
        atoms = [space.topology.atoms[i] for i in bits(mask)]
        changes = self._changes(mask, question.edits, _family(question.modes))
        if not changes.settings:
            raise bad_argument("question", "there is nothing to save", "Tick or edit something")
        kinds = {a.content.kind for a in atoms} - {"package"}
        about = "Made in the explorer from " + (", ".join(question.scenarios) or "the base network")
        if question.edits:
            about += f", with {len(question.edits)} numbers of its own"
        content = written(
            changes,
            {
                "scenario": name,
                "title": title or name,
                "kind": kinds.pop() if len(kinds) == 1 else "policy",
                "sources": list(dict.fromkeys(s for a in atoms for s in a.content.sources)),
                "notes": about + ".",
            },
        )
        self.network.with_scenarios(Scenario.from_dict(content))
        return content

    def _make_space(self, family: tuple[str, ...]) -> ScenarioSpace:
        return ScenarioSpace(self.network, self.scenarios.values(), modes=family)

    def _measure_space(self, family: tuple[str, ...], by: str) -> ScenarioSpace:
        return self._space(family).measured(by)

    def _find_outside(self, modes: tuple[str, ...], family: tuple[str, ...]) -> Any:
        """Return for each arc whether it joins a layer that is not to be used."""
        modes_of_arc = np.array(
            [[layer.partition("-")[0] for _, layer in key[2:]] for key in self._space(family).keys]
        ).reshape(-1, 2)
        return ~np.isin(modes_of_arc, modes).all(1)

    def _changes(self, mask: int, edits: tuple[Edit, ...], family: tuple[str, ...]) -> ChangeSet:
        """Return what scenarios and edits change together; an edit wins over a scenario."""
        ticked = self._ticked(mask, family)
        own = self._own(mask, edits, family) if edits else ChangeSet()
        return ChangeSet({**ticked.settings, **own.settings}, ticked.added)

    def _ticked(self, mask: int, family: tuple[str, ...]) -> ChangeSet:
        changes = self._space(family).topology.changes
        return merge([changes[i] for i in bits(mask)], Problems())

    def _resolve_edits(
        self, mask: int, edits: tuple[Edit, ...], family: tuple[str, ...]
    ) -> ChangeSet:
        """Return what edits change; of two that set the same number the later one counts.

        Rows of scenarios that are not ticked are passed over.
        """
        ticked = self._ticked(mask, family)
        there = self.network.with_changes(ticked).tables
        absent = {r for c in self._space(family).topology.changes for r in c.added - ticked.added}
        settings: dict[Key, Setting] = {}
        for edit in edits:
            if not edit.row_ids:
                settings.update(self._of_today(edit))
            elif ids := [r for r in edit.row_ids if (edit.table, r) not in absent]:
                settings.update(_settings(edit, {ALL_KINDS[edit.table].id_field: ids}, there))
        return ChangeSet(settings)

    def _resolve_today(self, edit: Edit) -> Mapping[Key, Setting]:
        """Return what an edit changes that selects rows of today by columns."""
        return _settings(edit, dict(edit.where), self.network.tables)

    def _make_world(
        self, ids: frozenset[str], edits: tuple[Edit, ...], modes: tuple[str, ...]
    ) -> World:
        space = self._space(_family(modes))
        mask = space.mask(ids)
        network = self.network.with_changes(self._changes(mask, edits, _family(modes)))
        network = replace(network, scenarios=tuple(self.scenarios[i] for i in sorted(ids)))
        known = set(space.terminals)
        terminals = tuple(
            t for t in terminals_of(network, modes) if t in self.network.nodes and t in known
        )
        return World(network, expand(network, modes), mask, terminals)

    def _make_vector(
        self, mask: int, edits: tuple[Edit, ...], modes: tuple[str, ...], by: str
    ) -> Floats:
        """Return what the arcs of the space cost; what lies outside the modes is closed."""
        family = _family(modes)
        cost = self._measured(family, by).costs.vector(mask)
        if edits:
            arcs, values = self._edited(mask & self._near(edits, family), edits, family, by)
            cost[arcs] = values
        cost[self._outside(modes, family)] = np.inf
        return cost

    def _find_near(self, edits: tuple[Edit, ...], family: tuple[str, ...]) -> int:
        """Return the atoms on which it depends what edited arcs cost."""
        space = self._space(family)
        rows: set[tuple[str, str]] = {(e.table, r) for e in edits for r in e.row_ids}
        rows |= {key[:2] for e in edits if not e.row_ids for key in self._of_today(e)}
        arcs = np.concatenate([np.zeros(0, dtype=np.int64), *(space.arcs_of(*r) for r in rows)])
        near = 0
        for group in space.topology.groups:
            if np.isin(group.arcs, arcs).any():
                near |= group.mask
        return near

    def _cost_of_edited(
        self, mask: int, edits: tuple[Edit, ...], family: tuple[str, ...], by: str
    ) -> tuple[list[int], list[float]]:
        """Return the arcs that edits reach and what these cost, from their own rows alone."""
        space = self._measured(family, by)
        changes = self._changes(mask, edits, family)
        own = self._own(mask, edits, family)
        arcs = {int(a) for t, r, _ in own.settings for a in space.arcs_of(t, r)}
        number: dict[ArcKey, int] = {space.keys[a]: a for a in arcs}
        links = {key[1] for key in number}
        kept = np.flatnonzero(np.isin(self.network.links.ids.astype(str), sorted(links)))
        tables = {
            **self.network.tables,
            "links": self.network.links.taking(kept),
            "transfers": self.network.transfers.taking(np.zeros(0, dtype=np.int64)),
        }
        here = ChangeSet(
            {k: s for k, s in changes.settings.items()
             if k[0] in {"nodes", "crossings"} or (k[0] == "links" and k[1] in links)},
            frozenset(r for r in changes.added
                      if r[0] in {"nodes", "crossings"} or (r[0] == "links" and r[1] in links)),
        )  # fmt: skip
        graph = expand(replace(self.network, tables=tables).with_changes(here), family)
        cost = graph.cost(space.costs.by)
        found = [(number[k], float(cost[i])) for i, k in enumerate(arc_keys(graph)) if k in number]
        return [arc for arc, _ in found], [value for _, value in found]

    def _evaluate(
        self,
        ids: frozenset[str],
        edits: tuple[Edit, ...],
        modes: tuple[str, ...],
        by: str,
        terminals: tuple[str, ...],
    ) -> Evaluation:
        world = self._world(ids, edits, modes)
        space = self._measured(_family(modes), by)
        matrix = space.between(self._vector(world.mask, edits, modes, by))
        place = {t: i for i, t in enumerate(space.terminals)}
        some = [place[t] for t in terminals]
        answered = Skim(matrix[np.ix_(some, some)], terminals, space.costs.by)
        return Evaluation(world.network, terminals, by, modes, answered)

    def _find_route(
        self,
        ids: frozenset[str],
        edits: tuple[Edit, ...],
        modes: tuple[str, ...],
        by: Any,
        origin: str,
        destination: str,
    ) -> Route:
        world = self._world(ids, edits, modes)
        if origin not in world.network.nodes or destination not in world.network.nodes:
            return Route(world.network, origin, destination, by, reachable=False)
        return best_route(world.graph, origin, destination, by)

    def _make_gains(
        self, modes: tuple[str, ...], by: str, measure: str, terminals: tuple[str, ...], _lane: int
    ) -> Gains:
        """Return what counts gains; one for each thread."""
        space = self._measured(_family(modes), by)
        among = np.isin(space.terminals, terminals)
        costs = self._vector(0, (), modes, by)
        return Gains(space, measure, costs=costs, among=among, returning=True)


def _settings(
    edit: Edit, where: Mapping[str, Sequence[str]], tables: Mapping[str, Table]
) -> Mapping[Key, Setting]:
    """Return what an edit changes, checked as a scenario file is."""
    problems = Problems()
    entry = {"where": {c: list(v) for c, v in where.items()}, edit.column: {"set": edit.value}}
    own = Scenario.from_dict({"scenario": "edit", "change": {edit.table: [entry]}})
    changes = edits_of(own, tables, problems)
    problems.raise_if_any()
    return changes.settings


def _family(modes: Iterable[str]) -> tuple[str, ...]:
    """Return the modes that are worked out together with some."""
    return next(f for f in (FREIGHT, PIPELINES, MODES) if set(modes) <= set(f))
