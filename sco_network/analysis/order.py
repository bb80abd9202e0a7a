"""In which order to build."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Literal

import pandas as pd

from .capital import capex
from .programme import Case, Programme

Rule = Literal["gain", "gain per billion"]
Method = Literal["announced", "greedy", "exact"]
# The best order is found exactly up to this many proposals: 2^n subsets are asked for.
EXACT_UP_TO = 10


@dataclass(frozen=True)
class Order:
    """An order of building, one proposal after the other.

    `steps`: scenario, adds_percent, gain_percent, capex_busd. `in_hand_percent` is the mean,
    over the building time, of the share of the whole gain that is there already: by gain each
    proposal takes one step of time, by gain per billion time in proportion to its cost.
    """

    rule: Rule
    method: Method
    steps: pd.DataFrame
    in_hand_percent: float

    @property
    def ids(self) -> list[str]:
        """The scenarios, first to last."""
        return [str(i) for i in self.steps["scenario"]]


def orders(plan: Programme, case: Case) -> tuple[Order, ...]:
    """Return the announced order, the greedy one and, for few proposals, the best there is.

    By gain alone, and by gain per billion dollars among those whose cost is published.
    """
    opens = plan.years(case)
    announced = sorted(plan.ids, key=lambda i: opens[i])
    costs = {s.id: cost.mode for s in plan.members if (cost := capex([s])) and cost.mode > 0}
    priced = {i: costs[i] for i in announced if {i, *plan.companions[i]} <= set(costs)}
    rules: dict[Rule, dict[str, float]] = {
        "gain": dict.fromkeys(announced, 1.0),
        "gain per billion": priced,
    }
    found = []
    for rule, spent in rules.items():
        by: dict[Method, list[str]] = {"announced": list(spent), "greedy": greedy(plan, spent)}
        if len(spent) <= EXACT_UP_TO:
            by["exact"] = exact(plan, spent)
        for method, ids in by.items():
            steps = _steps(plan, ids, costs)
            found.append(Order(rule, method, steps, _in_hand_percent(steps, spent)))
    return tuple(found)


def _steps(plan: Programme, ids: Sequence[str], costs: Mapping[str, float]) -> pd.DataFrame:
    gains = [plan.gain(ids[:n]) for n in range(len(ids) + 1)]
    return pd.DataFrame(
        {
            "scenario": list(ids),
            "adds_percent": [after - before for before, after in pairwise(gains)],
            "gain_percent": gains[1:],
            "capex_busd": [costs.get(i, math.nan) for i in ids],
        }
    )


def _in_hand_percent(steps: pd.DataFrame, spent: Mapping[str, float]) -> float:
    whole = float(steps["adds_percent"].sum()) * sum(spent.values())
    time = steps["scenario"].map(spent)
    before = steps["gain_percent"] - steps["adds_percent"]
    return 100 * float((before * time).sum()) / whole if whole > 0 else math.nan


def greedy(plan: Programme, spent: Mapping[str, float]) -> list[str]:
    """Return an order: next always what adds most for what is spent on it.

    `spent` gives each proposal's building time: one step, or its cost. A proposal comes after
    its companions. Near-sighted: a line that pays only once another is there comes too late.
    With gains that add up this is Smith's rule and the best order.

    References
    ----------
    Smith (1956), Naval Research Logistics Quarterly 3:59–66.
    """
    built: list[str] = []
    rest = list(spent)
    while rest:
        now = plan.gain(built)
        ready = [i for i in rest if plan.companions[i] <= set(built)]
        worth = {i: (plan.gain([*built, i]) - now) / spent[i] for i in ready}
        best = max(ready, key=lambda i: worth[i])
        built.append(best)
        rest.remove(best)
    return built


def exact(plan: Programme, spent: Mapping[str, float]) -> list[str]:
    """Return the order with the most gain over the building time, by way of all subsets.

    With V(∅) = 0, V(S) = max over the last i of V(S − i) + gain(S − i) · spent(i): what is
    built already gains while the next is under way.

    References
    ----------
    Held and Karp (1962), Journal of the SIAM 10:196–210 (dynamic programming over subsets).
    """
    value: dict[frozenset[str], tuple[float, list[str]]] = {frozenset(): (0.0, [])}
    for size in range(1, len(spent) + 1):
        for chosen in map(frozenset, combinations(spent, size)):
            best: tuple[float, list[str]] | None = None
            for last in sorted(chosen):
                before = chosen - {last}
                if before not in value or not plan.companions[last] <= before:
                    continue
                total = value[before][0] + plan.gain(before) * spent[last]
                if best is None or total > best[0]:
                    best = total, [*value[before][1], last]
            if best is not None:
                value[chosen] = best
    return value[frozenset(spent)][1]
