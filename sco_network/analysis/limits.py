"""Where a proposal stops paying: the wait at its new crossings, or the speed of its new links.

Only what is new is turned: an upgrade pays as long as it is better than today.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sco_network.routing.impedance import Floats, Ints

from .compare import TOLERANCE
from .turnable import Turnable, bisect

# How closely bisection finds a wait or a speed, relative to its size.
LIMIT_TOLERANCE = 1e-4
# The longest wait, and the slowest train against the planned one, that are tried.
LONGEST_H = 10_000.0
SLOWEST = 1_000.0
GainOf = Callable[[Floats], float]


@dataclass(frozen=True)
class Limit:
    """The wait at what is new, or its speed, from which on the proposal gains nothing.

    `value` is None where there is none; `left_percent` is then the share of the gain that is
    left in the worst case tried.
    """

    what: Literal["wait", "speed"]
    where: tuple[str, ...]
    unit: str
    proposed: float
    value: float | None
    left_percent: float


def wait_limit(built: Turnable, gain_of: GainOf) -> Limit | None:
    """Return the wait at the new crossings from which on nothing is gained; None without any.

    The longest of the waits is named; the shorter ones keep their ratio to it.
    """
    new = _is_new(built, "crossings", built.crossing)
    if not new.any():
        return None
    now = built.graph.border_h
    longest = float(now[new].max())
    ratio = np.ones(len(now))
    if longest > 0:
        ratio[new] = now[new] / longest

    def hours(wait: float) -> Floats:
        return np.where(new, wait * ratio - now, 0.0)

    value, left = _last_gain(built, gain_of, hours, (longest, LONGEST_H), new)
    ids = built.evaluation.network.crossings.ids
    where = tuple(sorted({str(ids[row]) for row in built.crossing[new]}))
    return Limit("wait", where, "h", longest, value, left)


def speed_limit(built: Turnable, gain_of: GainOf) -> Limit | None:
    """Return the mean speed of the new links below which nothing is gained; None without any.

    All of them are slowed down by one factor.
    """
    graph, network = built.graph, built.evaluation.network
    new = _is_new(built, "links", graph.link) & graph.is_open
    if not graph.run_h[new].any():
        return None
    modes = network.links["mode"][graph.link[new]].tolist()
    under_way = np.array([network.assumptions[f"duty.{mode}"] for mode in modes])
    planned = float(graph.km[new].sum() / (graph.run_h[new] * under_way).sum())

    def hours(slower: float) -> Floats:
        return np.where(new, (slower - 1) * graph.run_h, 0.0)

    slower, left = _last_gain(built, gain_of, hours, (1.0, SLOWEST), new)
    where = tuple(sorted({str(network.links.ids[row]) for row in graph.link[new]}))
    value = None if slower is None else planned / slower
    return Limit("speed", where, "km/h", planned, value, left)


def _is_new(built: Turnable, table: str, rows: Ints) -> NDArray[np.bool_]:
    """Return which rows the proposal adds; row −1 is none."""
    network = built.evaluation.network
    ids = [*network.tables[table].ids.tolist(), ""]
    added = {row_id for name, row_id in network.changes.added if name == table}
    return np.array([ids[row] in added for row in rows.tolist()], dtype=bool)


def _last_gain(
    built: Turnable,
    gain_of: GainOf,
    hours: Callable[[float], Floats],
    span: tuple[float, float],
    new: NDArray[np.bool_],
) -> tuple[float | None, float]:
    """Return the smallest value in a span at which nothing is gained any more, None if none is.

    Also the share of the gain, percent, that is left where what is new is closed.
    """
    planned = gain_of(built.matrix())
    left = 100 * gain_of(built.matrix(np.where(new, np.inf, 0.0))) / planned

    def gone(value: float) -> bool:
        return gain_of(built.matrix(hours(value))) <= TOLERANCE

    start, most = span
    high = max(2 * start, 1.0)
    while not gone(high):
        if high >= most:
            return None, left
        high = min(2 * high, most)
    return bisect(gone, start, high, LIMIT_TOLERANCE * high), left
