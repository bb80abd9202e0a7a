"""What is measured: reruns and first answers beside other libraries, subsets, growth.

Ours and the others take turns (ours, one, ours, the next …), so that a busy minute of the
machine falls on all of them; every answer is compared with ours.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from statistics import median
from time import perf_counter, sleep
from typing import Any

import numpy as np
from libraries import ByOrigin, Floats, Library, Problem
from networks import Case, random_case, region_case
from ours import Ours

from sco_network.analysis.metrics import market_access

Result = dict[str, Any]
# Libraries keep their threads spinning for a moment after a call.
PAUSE_S = 0.02
# Rows that a slow library is asked for first, to see how long all would take.
PROBE_ROWS = 4


def timed(function: Callable[..., Any], *arguments: Any) -> tuple[float, Any]:
    """Return how many seconds a call takes, and what it returns."""
    sleep(PAUSE_S)
    begin = perf_counter()
    found = function(*arguments)
    return perf_counter() - begin, found


def say(text: str) -> None:
    """Tell on stderr what is being done."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def silence() -> Iterator[None]:
    """Keep what compiled libraries print from stdout."""
    sys.stdout.flush()
    kept = os.dup(1)
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a file descriptor is needed
        os.dup2(nowhere.fileno(), 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def difference(found: Floats, truth: Floats) -> float:
    """Return the largest relative difference; inf where one has a route and the other has none."""
    truth = truth[: len(found)]
    apart = ~np.eye(*truth.shape, dtype=bool) & (truth > 0)
    if not np.array_equal(np.isfinite(found[apart]), np.isfinite(truth[apart])):
        return float("inf")
    both = apart & np.isfinite(truth)
    return float(np.abs(found[both] / truth[both] - 1).max(initial=0.0))


class Rival:
    """A library at work on a problem, with its times and its differences from ours."""

    def __init__(self, kind: type[Library], budget_s: float) -> None:
        self.kind = kind
        self.budget_s = budget_s
        self.result: Result = {
            "version": kind.version(),
            "licence": kind.licence,
            "is_exact": kind.is_exact,
            "reruns": [],
            "difference": 0.0,
            "rows": None,
            "reason": None,
        }

    def begin(self, problem: Problem, truth: Floats) -> None:
        """Prepare, and give the first answer; what goes wrong is noted as the reason."""
        try:
            with silence():
                import_module(self.kind.name)
                prepare, self.library = timed(self.kind, problem)
                if isinstance(self.library, ByOrigin):
                    self._choose_rows(problem)
                seconds, found = self._answer(problem.costs[0])
        except Exception as error:  # noqa: BLE001 - any failure of another library is a result
            self.result["reason"] = f"{type(error).__name__}: {error}"
            return
        self.result |= {"prepare": prepare, "first": prepare + seconds}
        self._compare(found, truth)

    def _choose_rows(self, problem: Problem) -> None:
        """Ask for some rows only where all would take longer than the budget."""
        n = len(problem.origins)
        probe, _ = timed(self.library.rows, problem.costs[0], PROBE_ROWS)
        if probe * n / PROBE_ROWS > self.budget_s:
            rows = int(self.budget_s / probe * PROBE_ROWS)
            self.result["rows"] = max(PROBE_ROWS, min(n, rows // 4))

    def _answer(self, cost: Floats) -> tuple[float, Floats]:
        rows = self.result["rows"]
        with silence():
            if rows is None:
                return timed(self.library.matrix, cost)
            seconds, found = timed(self.library.rows, cost, rows)
        return seconds * len(self.library.problem.origins) / rows, found

    def _compare(self, found: Floats, truth: Floats) -> None:
        self.result["difference"] = max(self.result["difference"], difference(found, truth))

    @property
    def is_ready(self) -> bool:
        """Whether there is time for one more rerun."""
        done = self.result["reruns"]
        spent = sum(done)
        return self.result["reason"] is None and (not done or spent + done[-1] < self.budget_s)

    def rerun(self, cost: Floats, truth: Floats) -> None:
        """Answer another cost vector."""
        seconds, found = self._answer(cost)
        self.result["reruns"].append(seconds)
        self._compare(found, truth)

    def finished(self) -> Result:
        """Return the result, with medians."""
        if self.result["reruns"]:
            self.result["rerun"] = median(self.result["reruns"])
        return self.result


def beside(
    case: Case, kinds: Sequence[type[Library]], rounds: int, budget_s: float
) -> tuple[Ours, Result]:
    """Measure first answers and reruns of one case."""
    setup, ours = timed(Ours, case)
    problem = ours.problem()
    truths = [ours.fresh(cost) for cost in ours.vectors]
    mine: dict[str, list[float]] = {"first": [], "order": [], "fresh": [], "step": [], "public": []}
    rivals = {kind.name: Rival(kind, budget_s) for kind in kinds}
    ours.first()
    for name, rival in rivals.items():
        say(f"  {name}: first answer")
        mine["first"].append(timed(ours.first)[0])
        rival.begin(problem, truths[0])
        mine["order"].append(timed(ours.order)[0])
    gap = 0.0
    for k in range(rounds):
        scenario = 1 + k % (len(problem.costs) - 1)
        cost, truth = ours.vectors[scenario], truths[scenario]
        for name, rival in rivals.items():
            mine["fresh"].append(timed(ours.fresh, cost)[0])
            seconds, found = timed(ours.step, cost)
            mine["step"].append(seconds)
            gap = max(gap, difference(found, truth))
            subset = ours.subsets[scenario]
            mine["public"].append(timed(ours.space.skim, subset)[0])
            if rival.is_ready:
                say(f"  {name}: rerun {k + 1}")
                rival.rerun(problem.costs[scenario], truth)
    order = ours.elimination
    return ours, {
        "title": case.title,
        "by": case.by,
        "terminals": len(case.terminals),
        "scenarios": len(case.scenarios),
        "nodes": problem.size,
        "arcs": len(problem.tail),
        "edges": len(order.upper),
        "triangles": len(order.triangle),
        "setup": setup,
        "ours": {name: median(times) for name, times in mine.items() if times} | {"all": mine},
        "ours_difference": gap,
        "libraries": {name: rival.finished() for name, rival in rivals.items()},
    }


def all_subsets(case: Case, kinds: Sequence[type[Library]], rounds: int, budget_s: float) -> Result:
    """Measure the market access of every subset of a case's scenarios.

    The others are asked for some subsets: each scenario alone, and all together; the mean
    stands for all 2ⁿ.
    """
    ours = Ours(case)
    ids = [s.id for s in case.scenarios]
    subsets = [[], *([name] for name in ids), ids]
    problem = ours.problem(subsets)
    people = ours.space.population()
    theta = case.network.assumptions["market_access.theta"]
    ours.rank()
    times: list[float] = []
    libraries: Result = {}
    for kind in kinds:
        say(f"  {kind.name}: {len(subsets)} of {1 << len(ids):,} subsets")
        for _ in range(rounds):
            seconds, ranking = timed(ours.rank)
            times.append(seconds)
        table = ranking.table.set_index("scenario")
        truth = [0.0, *table.loc[ids, "alone"], ranking.total]
        libraries[kind.name] = _access(kind, problem, people, theta, truth, budget_s)
    return {
        "title": case.title,
        "subsets": 1 << len(ids),
        "ours": median(times),
        "all": times,
        "libraries": libraries,
    }


def _access(
    kind: type[Library],
    problem: Problem,
    people: Floats,
    theta: float,
    truth: Sequence[float],
    budget_s: float,
) -> Result:
    """Return seconds a subset, and how far the gains are from ours (in units of the base)."""
    try:
        with silence():
            library = kind(problem)
            library.matrix(problem.costs[0])
            times, access = [], []
            for cost in problem.costs:
                seconds, total = timed(
                    lambda c: people @ market_access(library.matrix(c), people, theta), cost
                )
                times.append(seconds)
                access.append(total)
                if sum(times) > budget_s:
                    break
    except Exception as error:  # noqa: BLE001 - any failure of another library is a result
        return {"reason": f"{type(error).__name__}: {error}"}
    gains = [100 * (a / access[0] - 1) for a in access]
    gap = max(abs(a - b) / 100 for a, b in zip(gains, truth, strict=False))
    return {
        "reason": None,
        "is_exact": kind.is_exact,
        "per_subset": float(np.mean(times)),
        "asked": len(times),
        "difference": gap,
    }


def growth_with_nodes(kind: type[Library] | None, *, quick: bool) -> list[Result]:
    """Measure parts of the region, each twice as large as the one before."""
    rows = []
    for share in (0.05, 0.1) if quick else (0.125, 0.25, 0.5, 1.0):
        case = region_case(share, scenarios=0)
        rows.append({"nodes": len(case.network.nodes), **_growth(case, kind)})
    return rows


def growth_with_terminals(kind: type[Library] | None, *, quick: bool) -> list[Result]:
    """Measure a quarter of the region with more and more terminals."""
    rows = []
    for terminals in (50, 100) if quick else (100, 200, 400, 800, 1600):
        case = region_case(0.05 if quick else 0.25, terminals, scenarios=0)
        rows.append({"terminals": len(case.terminals), **_growth(case, kind)})
    return rows


def _growth(case: Case, kind: type[Library] | None) -> Result:
    say(f"  {case.title}, {len(case.terminals)} terminals")
    ours = Ours(case)
    found: Result = {
        "order": median(timed(ours.order)[0] for _ in range(3)),
        "fresh": median(timed(ours.fresh, ours.vectors[0])[0] for _ in range(5)),
    }
    if kind is not None:
        problem = ours.problem()
        library = kind(problem)
        found["peer"] = timed(library.matrix, problem.costs[0])[0]
    return found


def growth_with_changes(ours: Ours) -> list[Result]:
    """Measure steps that make more and more links a tenth dearer."""
    rng = np.random.default_rng(1)
    links = len(ours.case.network.links)
    rows = []
    for count in (1, 10, 100, 1000, 10_000, 100_000):
        if count <= links:
            vectors = [ours.dearer(rng.choice(links, count, replace=False)) for _ in range(5)]
            times = [timed(ours.step, cost)[0] for cost in vectors]
            rows.append({"links": count, "step": median(times)})
    return rows


def growth_with_scenarios(*, quick: bool) -> list[Result]:
    """Measure the ranking of more and more scenarios, each twice as many subsets."""
    rows = []
    for scenarios in (2, 4, 6) if quick else (2, 4, 6, 8, 10, 12):
        ours = Ours(random_case(scenarios=scenarios))
        ours.rank()
        seconds = median(timed(ours.rank)[0] for _ in range(3))
        rows.append({"scenarios": scenarios, "subsets": 1 << scenarios, "rank": seconds})
    return rows
