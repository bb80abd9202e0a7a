"""Draws of uncertain numbers: what the arcs cost in each of many possible worlds.

An uncertain number is one `{low, mode, high}` as it is written: an assumption, or a value in a
scenario file, which may set many rows at once. In one draw it lies at one point of its range,
whatever network it is used in; so the base and all scenarios are compared in the same world.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np

from sco_network.errors import bad_argument, did_you_mean
from sco_network.model.assumptions import Spread
from sco_network.model.changeset import Setting

from .impedance import By, Floats, Formula
from .states import StateGraph

Shape = Literal["triangular", "pert"]


def check_shape(shape: str) -> Shape:
    """Return the distribution's name, or refuse what is neither triangular nor pert."""
    if shape not in get_args(Shape):
        hint = did_you_mean(shape, get_args(Shape)) or "Use triangular or pert"
        raise bad_argument("distribution", f"unknown distribution '{shape}'", hint)
    return shape  # type: ignore[return-value]


def quantile(spread: Spread, u: Floats, shape: Shape = "triangular") -> Floats:
    """Return the values that a share `u` of a spread's distribution lies below.

    Triangular, or PERT: a beta distribution over the range with parameters
    1 + 4 (mode − low) / (high − low) and 1 + 4 (high − mode) / (high − low)
    (Malcolm, Roseboom, Clark and Fazar 1959, Operations Research 7:646–669).

    >>> quantile(Spread(low=0, mode=1, high=2), np.array([0.0, 0.125, 0.5, 1.0]))
    array([0. , 0.5, 1. , 2. ])
    """
    low, mode, high = spread.low, spread.mode, spread.high
    width = high - low
    if width == 0:
        return np.full(np.shape(u), mode)
    if shape == "pert":
        from scipy.special import betaincinv

        a, b = 1 + 4 * (mode - low) / width, 1 + 4 * (high - mode) / width
        return low + width * np.asarray(betaincinv(a, b, u))
    left = u * width < mode - low
    rising = low + np.sqrt(u * width * (mode - low))
    falling = high - np.sqrt((1 - u) * width * (high - mode))
    return np.where(left, rising, falling)


def input_name(setting: Setting) -> str:
    """Return the name of a scenario's uncertain number: the file's value, not the row's."""
    return f"{setting.scenario}: {setting.where}"


@dataclass(frozen=True)
class Draws:
    """Where in its range each uncertain number lies in each draw.

    `position` gives for an input's name one number from 0 to 1 per draw: the share of its
    distribution that lies below; nan stands for the mode. Assumptions go by their key, values
    of scenarios by `input_name`; an input that is not there keeps its mode.
    """

    position: Mapping[str, Floats]
    count: int
    shape: Shape = "triangular"
    _known: dict[Any, Floats] = field(default_factory=dict, init=False, compare=False, repr=False)

    def part(self, begin: int, end: int) -> Draws:
        """Return some of the draws."""
        some = {name: u[begin:end] for name, u in self.position.items()}
        return Draws(some, min(end, self.count) - begin, self.shape)

    def value(self, name: str, spread: Spread | None) -> Floats | None:
        """Return an input's value in each draw, or None where it is not drawn."""
        u = self.position.get(name)
        if u is None or spread is None:
            return None
        key = (name, spread.low, spread.mode, spread.high)
        if key not in self._known:
            drawn = quantile(spread, np.where(np.isnan(u), 0.0, u), self.shape)
            self._known[key] = np.where(np.isnan(u), spread.mode, drawn)
        return self._known[key]

    def assumptions(self, formula: Formula, entries: Mapping[str, Spread]) -> Floats:
        """Return the values of a formula in each draw, draws × keys."""
        if formula.keys not in self._known:
            values = np.repeat(formula.values[None, :], self.count, axis=0)
            for i, key in enumerate(formula.keys):
                drawn = self.value(key, entries.get(key))
                if drawn is not None:
                    values[:, i] = drawn
            self._known[formula.keys] = values
        return self._known[formula.keys]


def arc_costs(graph: StateGraph, by: By, draws: Draws | None = None) -> Floats:
    """Return what every arc of a graph costs; with draws, draws × arcs."""
    if draws is None:
        return graph.cost(by)
    network = graph.network
    formula = Formula.of(network)
    cells: dict[tuple[str, str], Any] = {}
    for (table, row_id, column), setting in network.changes.settings.items():
        given = formula.cells.get((table, column))
        if setting.spread is None or given is None or row_id not in network.tables[table]:
            continue
        drawn = draws.value(input_name(setting), setting.spread)
        if drawn is not None:
            here = cells.setdefault((table, column), np.repeat(given[None, :], draws.count, axis=0))
            here[:, network.tables[table].index[row_id]] = drawn
    values = draws.assumptions(formula, network.assumptions.entries)
    return graph.cost(by, formula.impedance(values, cells))
