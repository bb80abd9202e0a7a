"""Who contributes what to a joint gain: Shapley values, interactions, the best order to build.

A set of scenarios gains `v(S)` (`gains`). Where members of S conflict, or one lacks its companion,
S counts as the one of its largest compatible parts that gains most: of rivals the better is
built, and a proposal without what it requires adds nothing. Largest means that no member of S
could be added.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import pandas as pd

from sco_network.errors import bad_argument
from sco_network.markup import html_table
from sco_network.model.network import Network
from sco_network.model.scenario import Scenario
from sco_network.routing.impedance import Floats
from sco_network.routing.space import ScenarioSpace

from .combine import ScenarioSpace as Space
from .compare import records
from .gains import WORDS, Gains, Measure, check_measure, unit_of
from .workers import Progress, silent

EXACT_UP_TO = 14
PERMUTATIONS = 200


@dataclass(frozen=True)
class Ranking:
    """The joint gain and each scenario's share of it.

    `table` has one row per scenario: its Shapley value, the standard error of that (0 where all
    sets were worked out), what it gains alone, and what it adds last, when all others are there.
    `interactions` has one row per pair: above 0 the two are worth more together than apart,
    below 0 one makes the other partly redundant. `order` is the best order to build in, with
    the gain at each step; `left_out` those that conflict with what is built.
    """

    by: str
    measure: Measure
    unit: str
    total: float
    table: pd.DataFrame
    interactions: pd.DataFrame
    order: pd.DataFrame
    left_out: tuple[str, ...]
    permutations: int | None

    @property
    def is_exact(self) -> bool:
        """Whether every set was worked out."""
        return self.permutations is None

    def __getitem__(self, column: str) -> pd.Series[Any]:
        return self.table[column]

    def _repr_html_(self) -> str:
        rows = [
            (r["scenario"], r["shapley"], r["alone"], r["last"])
            for r in self.table.to_dict("records")
        ]
        title = f"Shares of a joint gain of {self.total:.3g} {self.unit}"
        note = f"{WORDS[self.measure].capitalize()} by {self.by}, {self.unit}"
        return html_table(
            title, ["scenario", "share (Shapley)", "alone", "as the last"], rows, note
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the ranking with the keys of `rank --json`."""
        return {
            "by": self.by,
            "measure": self.measure,
            "total": self.total,
            "scenarios": records(self.table),
            "interactions": records(self.interactions),
            "unit": self.unit,
            "exact": self.is_exact,
            "permutations": self.permutations,
            "interaction": "Shapley interaction index" if self.is_exact else "in pairs, alone",
            "order": records(self.order),
            "left_out": list(self.left_out),
        }


def rank(  # noqa: PLR0913 - options, each by its name
    network: Network,
    scenarios: Iterable[Scenario],
    *,
    by: str = "time",
    measure: str = "efficiency",
    modes: Iterable[str] | None = None,
    terminals: Sequence[str] | None = None,
    permutations: int | None = None,
    seed: int = 0,
    jobs: int | None = None,
    progress: Progress = silent,
) -> Ranking:
    """Return what each scenario contributes to the joint gain of all.

    Parameters
    ----------
    by
        `length` (km), `time` (h), `cost` (USD per TEU) or `generalised` (USD).
    measure
        `efficiency` or `market_access` (gains in % of the base), or `mean_cost` (what the mean
        journey saves).
    permutations
        How many orders to sample, in pairs of one and its reverse (antithetic). Without it all
        sets are worked out for up to 14 scenarios, and 200 orders sampled for more.
    seed
        Of the sampled orders.
    jobs
        Threads; without it one a core. The result is the same.

    Raises
    ------
    InputError
        Where a scenario does not fit the base or its companion is not among those given.

    References
    ----------
    Shapley (1953), A value for n-person games; Grabisch and Roubens (1999), International
    Journal of Game Theory 28:547–565, for interactions; Castro, Gómez and Tejada (2009),
    Computers & Operations Research 36:1726–1730, for sampling.
    """
    members = list({s.id: s for s in scenarios}.values())
    if not members:
        raise bad_argument("scenarios", "there is nothing to rank", "Name at least one scenario")
    if permutations is not None and permutations < 4:
        raise bad_argument("permutations", "at least 4 are needed", "200 is a good number")
    space = Space(network, members, by=by, modes=modes, terminals=terminals)
    game = Game(space, check_measure(measure))
    if permutations is None and len(members) <= EXACT_UP_TO:
        return _exact(game, jobs, progress)
    return _sampled(game, permutations or PERMUTATIONS, seed, progress)


class Game:
    """The value of every set of members; sets are bits, in the order of the space's members."""

    def __init__(self, space: ScenarioSpace, measure: Measure) -> None:
        self.space = space
        self.measure = measure
        self.ids = space.ids
        self.n = len(self.ids)
        self.masks = [space.mask([name]) for name in self.ids]
        self.everyone = (1 << self.n) - 1
        self.parts = cache(self._parts)

    def atoms(self, members: int) -> int:
        """Return the atoms of a set of members."""
        mask = 0
        for i in bits(members):
            mask |= self.masks[i]
        return mask

    def allows(self, members: int) -> bool:
        """Return whether a set can be applied as it is."""
        return self.space.allows(self.atoms(members))

    def _parts(self, members: int) -> tuple[int, ...]:
        """Return the largest compatible parts of a set."""
        if self.allows(members):
            return (members,)
        rules, atoms = self.space.rules, self.atoms(members)
        for i in bits(members):
            if rules.lacks_companion(self.masks[i], atoms):
                return self.parts(members & ~(1 << i))
        i, j = next(
            (i, j)
            for i, j in combinations(bits(members), 2)
            if rules.conflict(self.masks[i], self.masks[j])
        )
        found = {*self.parts(members & ~(1 << i)), *self.parts(members & ~(1 << j))}
        return tuple(sorted(p for p in found if not any(p & q == p != q for q in found)))

    def value(self, members: int, known: Callable[[int], float]) -> float:
        """Return what a set gains, given what compatible sets gain."""
        return max(known(part) for part in self.parts(members))


def bits(members: int) -> list[int]:
    """Return the numbers of the bits that are set.

    >>> bits(0b1101)
    [0, 2, 3]
    """
    return [i for i in range(members.bit_length()) if members >> i & 1]


def shapley(value: Floats) -> Floats:
    """Return the Shapley value of each of n players from the values of all 2ⁿ sets.

    φᵢ = Σ over sets S without i of |S|! (n − |S| − 1)! / n! · (v(S + i) − v(S)).

    Two players are worth 1 and 2 alone, and 5 together; they share what is over:

    >>> shapley(np.array([0.0, 1.0, 2.0, 5.0]))
    array([2., 3.])
    """
    n = len(value).bit_length() - 1
    sets = np.arange(len(value))
    size = np.array([int(s).bit_count() for s in sets])
    weight = np.array([factorial(s) * factorial(n - s - 1) / factorial(n) for s in range(n)])
    found = np.empty(n)
    for i in range(n):
        without = sets[sets >> i & 1 == 0]
        gain = value[without | 1 << i] - value[without]
        found[i] = (weight[size[without]] * gain).sum()
    return found


def interactions(value: Floats) -> Floats:
    """Return the Shapley interaction index of each pair, n × n, from the values of all sets.

    Iᵢⱼ = Σ over sets S without i and j of |S|! (n − |S| − 2)! / (n − 1)! ·
    (v(S + i + j) − v(S + i) − v(S + j) + v(S)).

    >>> interactions(np.array([0.0, 1.0, 2.0, 5.0]))[0, 1]
    np.float64(2.0)
    """
    n = len(value).bit_length() - 1
    sets = np.arange(len(value))
    size = np.array([int(s).bit_count() for s in sets])
    weight = [factorial(s) * factorial(n - s - 2) / factorial(n - 1) for s in range(n - 1)]
    found = np.zeros((n, n))
    for i, j in combinations(range(n), 2):
        a, b = 1 << i, 1 << j
        rest = sets[sets & (a | b) == 0]
        joint = value[rest | a | b] - value[rest | a] - value[rest | b] + value[rest]
        found[i, j] = found[j, i] = (np.array(weight)[size[rest]] * joint).sum()
    return found


def _exact(game: Game, jobs: int | None, progress: Progress) -> Ranking:
    compatible = _all_values(game, jobs, progress)
    value = np.array(
        [game.value(s, lambda part: float(compatible[part])) for s in range(1 << game.n)]
    )
    pair = interactions(value)
    rows = [(i, j, pair[i, j]) for i, j in combinations(range(game.n), 2)]
    order, left_out = _best_order(game, value)
    return _ranking(
        game,
        shares=shapley(value),
        errors=np.zeros(game.n),
        known=lambda s: float(value[s]),
        pairs=rows,
        order=order,
        left_out=left_out,
        permutations=None,
    )


def _all_values(game: Game, jobs: int | None, progress: Progress) -> Floats:
    """Return the gain of every set that can be applied as it is; nan for the others.

    Sets are visited in Gray code order, one member coming or going at a time. Members that
    many places notice come and go least often.
    """
    n = game.n
    gains = Gains(game.space, game.measure)
    notice = [gains.notice(mask) for mask in game.masks]
    member = sorted(range(n), key=lambda i: notice[i])
    value = np.full(1 << n, np.nan)
    workers = min(jobs or os.cpu_count() or 1, 8)
    fixed = min(n, (workers - 1).bit_length())  # each thread fixes the last few members
    done = 0

    def visit(top: int) -> None:
        nonlocal done
        mine = Gains(game.space, game.measure) if top else gains
        for k in range(1 << (n - fixed)):
            code = k ^ (k >> 1) | top << (n - fixed)
            members = sum(1 << member[i] for i in bits(code))
            mask = game.atoms(members)
            if game.space.allows(mask):
                value[members] = mine.of(mask)
            done += 1
            if done % 64 == 0:
                progress(done, 1 << n, "sets")

    with ThreadPoolExecutor(max_workers=workers) as pool:
        list(pool.map(visit, range(1 << fixed)))
    progress(1 << n, 1 << n, "sets")
    return value


def _best_order(game: Game, value: Floats) -> tuple[list[int], list[int]]:
    """Return the members in the order that keeps the gain highest all along, and those left out.

    Of the largest compatible sets the one that gains most is built; of all orders in which
    every step can stand by itself, the one with the highest sum of gains after each step
    (dynamic programming over sets; Bellman 1962).
    """
    goal = max(game.parts(game.everyone), key=lambda s: (value[s], -s))
    best: dict[int, tuple[float, int]] = {0: (0.0, -1)}
    for s in sorted(_subsets(goal), key=lambda s: (s.bit_count(), s))[1:]:
        if game.allows(s):
            steps = [(best[s & ~(1 << i)][0], -i) for i in bits(s) if s & ~(1 << i) in best]
            if steps:
                before, last = max(steps)
                best[s] = (before + value[s], -last)
    if goal not in best:  # two that require each other can only come together
        return bits(goal), bits(game.everyone & ~goal)
    order, s = [], goal
    while s:
        last = best[s][1]
        order.append(last)
        s &= ~(1 << last)
    return order[::-1], bits(game.everyone & ~goal)


def _subsets(members: int) -> Iterator[int]:
    s = members
    while True:
        yield s
        if not s:
            return
        s = (s - 1) & members


def _sampled(game: Game, permutations: int, seed: int, progress: Progress) -> Ranking:
    """Sample orders of building, each with its reverse, and average what each member adds."""
    n = game.n
    gains = Gains(game.space, game.measure)
    compatible = cache(lambda s: gains.of(game.atoms(s)))

    @cache
    def known(s: int) -> float:
        return game.value(s, compatible)

    rng = np.random.default_rng(seed)
    pairs = permutations // 2
    added = np.zeros((pairs, n))
    for p in range(pairs):
        order = rng.permutation(n).tolist()
        for way in (order, order[::-1]):
            s, before = 0, 0.0
            for i in way:
                s |= 1 << i
                after = known(s)
                added[p, i] += (after - before) / 2
                before = after
        progress(2 * p + 2, 2 * pairs, "orders")
    alone = [known(1 << i) for i in range(n)]
    pair = [
        (i, j, known(1 << i | 1 << j) - alone[i] - alone[j]) for i, j in combinations(range(n), 2)
    ]
    order, left_out = _greedy_order(game, known)
    return _ranking(
        game,
        shares=added.mean(0),
        errors=added.std(0, ddof=1) / np.sqrt(pairs),
        known=known,
        pairs=pair,
        order=order,
        left_out=left_out,
        permutations=2 * pairs,
    )


def _greedy_order(game: Game, known: Callable[[int], float]) -> tuple[list[int], list[int]]:
    """Return the members, each time the one that adds most, and those left out."""
    order: list[int] = []
    s = 0
    while True:
        free = [i for i in range(game.n) if not s >> i & 1 and game.allows(s | 1 << i)]
        if not free:
            return order, bits(game.everyone & ~s)
        best = max(free, key=lambda i: (known(s | 1 << i), -i))
        order.append(best)
        s |= 1 << best


def _ranking(
    game: Game,
    *,
    shares: Floats,
    errors: Floats,
    known: Callable[[int], float],
    pairs: list[tuple[int, int, float]],
    order: list[int],
    left_out: list[int],
    permutations: int | None,
) -> Ranking:
    ids, everyone = game.ids, game.everyone
    total = known(everyone)
    table = pd.DataFrame(
        {
            "scenario": ids,
            "shapley": shares,
            "alone": [known(1 << i) for i in range(game.n)],
            "last": [total - known(everyone & ~(1 << i)) for i in range(game.n)],
            "standard_error": errors,
        }
    )
    steps, s = [], 0
    for i in order:
        before = known(s) if s else 0.0
        s |= 1 << i
        steps.append((ids[i], known(s) - before, known(s)))
    together = pd.DataFrame([(ids[i], ids[j], v) for i, j, v in pairs], columns=["a", "b", "value"])
    return Ranking(
        by=game.space.by,
        measure=game.measure,
        unit=unit_of(game.measure, game.space.by),
        total=total,
        table=_falling(table, table["shapley"]),
        interactions=_falling(together, together["value"].abs()),
        order=pd.DataFrame(steps, columns=["scenario", "adds", "total"]),
        left_out=tuple(ids[i] for i in left_out),
        permutations=permutations,
    )


def _falling(frame: pd.DataFrame, key: pd.Series[Any]) -> pd.DataFrame:
    order = np.argsort(-key.to_numpy(), kind="stable")
    return frame.iloc[order].reset_index(drop=True)
