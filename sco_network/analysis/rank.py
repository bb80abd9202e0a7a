"""Who contributes what to a joint gain: Shapley values, interactions, the best order to build.

What a set gains, conflicts included, is the matter of `shapley`; here all sets are visited, or
many orders of building sampled.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, combinations
from operator import or_
from typing import Any

import numpy as np
import pandas as pd

from sco_network.errors import bad_argument
from sco_network.markup import html_table
from sco_network.model.network import Network
from sco_network.model.scenario import Scenario
from sco_network.routing.impedance import Floats

from .combine import ScenarioSpace as Space
from .gains import WORDS, Gains, Measure, check_measure, unit_of
from .plain import plain, records
from .shapley import Game, bits, interactions, shapley
from .workers import Progress, silent

EXACT_UP_TO = 14
PERMUTATIONS = 200
MOST_THREADS = 8


@dataclass(frozen=True)
class Ranking:
    """The joint gain and each scenario's share of it.

    `table` has one row per scenario: its Shapley value, the standard error of that (0 where all
    sets were worked out), what it gains alone, and what it adds last, when all others are there.
    `interactions` has one row per pair: above 0 the two are worth more together than apart,
    below 0 one makes the other partly redundant. `order` is the best order to build in, with
    the gain at each step; `left_out` those that conflict with what is built. `network` and
    `scenarios` are what was ranked.
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
    network: Network = field(repr=False)
    scenarios: tuple[Scenario, ...] = field(repr=False)

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
            "total": plain(self.total),
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
    return _sampled(game, permutations or PERMUTATIONS, seed, jobs, progress)


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
    gains = Gains(game.space, game.measure)
    notice = [gains.notice(mask) for mask in game.masks]
    member = sorted(range(game.n), key=lambda i: notice[i])
    codes = (k ^ (k >> 1) for k in range(1 << game.n))
    sets = (sum(1 << member[i] for i in bits(code)) for code in codes)
    known = _values(game, gains, [s for s in sets if game.allows(s)], jobs, progress)
    value = np.full(1 << game.n, np.nan)
    value[list(known)] = list(known.values())
    return value


def _values(
    game: Game, gains: Gains, sets: Sequence[int], jobs: int | None, progress: Progress
) -> dict[int, float]:
    """Return the gains of sets that can be applied as they are.

    Each thread takes a run of them, from one to the next: it is quicker where neighbours differ
    little, and where it began does not matter (see `routing.walk`).
    """
    workers = min(jobs or os.cpu_count() or 1, MOST_THREADS)
    run = max(-(-len(sets) // workers), 1)
    found: dict[int, float] = {}

    def visit(first: int) -> None:
        mine = Gains(game.space, game.measure) if first else gains
        for s in sets[first : first + run]:
            found[s] = mine.of(game.atoms(s))
            if len(found) % 64 == 0:
                progress(len(found), len(sets), "sets")

    with ThreadPoolExecutor(max_workers=workers) as pool:
        list(pool.map(visit, range(0, len(sets), run)))
    progress(len(sets), len(sets), "sets")
    return found


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


def _sampled(
    game: Game, permutations: int, seed: int, jobs: int | None, progress: Progress
) -> Ranking:
    """Sample orders of building, each with its reverse, and average what each member adds."""
    n, rng = game.n, np.random.default_rng(seed)
    pairs = permutations // 2
    orders = [rng.permutation(n).tolist() for _ in range(pairs)]
    ways = [way for order in orders for way in (order, order[::-1])]
    steps = [list(accumulate((1 << i for i in way), or_)) for way in ways]
    wanted = dict.fromkeys(part for sets in steps for s in sets for part in game.parts(s))
    gains = Gains(game.space, game.measure)
    values = _values(game, gains, list(wanted), jobs, progress)

    def compatible(s: int) -> float:
        if s not in values:
            values[s] = gains.of(game.atoms(s))
        return values[s]

    @cache
    def known(s: int) -> float:
        return game.value(s, compatible)

    added = np.zeros((2 * pairs, n))
    for p, (way, sets) in enumerate(zip(ways, steps, strict=True)):
        added[p, way] = np.diff([0.0, *map(known, sets)])
    added = added.reshape(pairs, 2, n).mean(1)
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
        network=game.space.network,
        scenarios=tuple(game.space.scenarios),
    )


def _falling(frame: pd.DataFrame, key: pd.Series[Any]) -> pd.DataFrame:
    order = np.argsort(-key.to_numpy(), kind="stable")
    return frame.iloc[order].reset_index(drop=True)
