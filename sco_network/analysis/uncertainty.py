"""What is not known for certain: gains over many draws of all uncertain numbers.

In each draw every `{low, mode, high}` of the assumptions and of the scenario files takes one
value; the base and all scenarios are evaluated on the same draw, so that what they share cancels.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from sco_network.errors import bad_argument
from sco_network.markup import html_table
from sco_network.model.assumptions import Spread
from sco_network.model.network import Network
from sco_network.model.resolving import selected
from sco_network.model.scenario import Scenario
from sco_network.routing.draws import Draws, Shape, check_shape, input_name
from sco_network.routing.impedance import Floats
from sco_network.routing.topology import with_companions

from .combine import ScenarioSpace
from .gains import WORDS, Gains, Measure, check_measure, unit_of
from .plain import plain, records
from .workers import Progress, silent, spread_out

DRAWS = 1000
CHUNK = 20  # draws worked out side by side
# What decides which places are compared is a choice, not something unknown.
CHOICES = {"terminal.population"}
QUANTILES = (5, 25, 50, 75, 95)


@dataclass(frozen=True)
class Input:
    """An uncertain number: its name, its range and unit, and the line that states it."""

    name: str
    spread: Spread
    unit: str
    place: str


@dataclass(frozen=True)
class Uncertainty:
    """Gains of each scenario over paired draws.

    `gains` has one row per draw and one column per scenario. `table` gives the gain at the
    modes, quantiles, how often it is above zero, and how firm the scenario's rank is. `beats`
    gives for each ordered pair how often the first gains more (a tie counts half). `tornado`
    gives what each scenario gains with one input at its low or high and all others at their
    mode. `network` and `scenarios` are what was drawn of.
    """

    by: str
    measure: Measure
    unit: str
    seed: int
    shape: Shape
    gains: pd.DataFrame
    at_modes: pd.Series[float]
    tornado: pd.DataFrame
    inputs: tuple[Input, ...]
    network: Network = field(repr=False)
    scenarios: tuple[Scenario, ...] = field(repr=False)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per scenario, the best median first."""
        gains = self.gains.to_numpy()
        ranks = self._ranks
        rows = {
            "scenario": self.gains.columns,
            "at_modes": self.at_modes.to_numpy(),
            "mean": gains.mean(0),
            **{f"p{q}": np.percentile(gains, q, axis=0) for q in QUANTILES},
            "positive": (gains > 0).mean(0),
            "rank_p5": np.percentile(ranks, 5, axis=0),
            "rank_median": np.median(ranks, axis=0),
            "rank_p95": np.percentile(ranks, 95, axis=0),
            "first": (ranks == 1).mean(0),
        }
        frame = pd.DataFrame(rows)
        return frame.iloc[np.argsort(-frame["p50"].to_numpy(), kind="stable")].reset_index(
            drop=True
        )

    def _repr_html_(self) -> str:
        rows = [
            (r["scenario"], r["at_modes"], r["p5"], r["p50"], r["p95"], 100 * r["positive"])
            for r in self.table.to_dict("records")
        ]
        title = f"Gains in {WORDS[self.measure]} by {self.by}, {self.unit}"
        columns = ["scenario", "at modes", "5 %", "median", "95 %", "draws above 0, %"]
        note = f"{len(self.gains):,} paired draws of {len(self.inputs)} inputs, seed {self.seed}"
        return html_table(title, columns, rows, note)

    @property
    def _ranks(self) -> Floats:
        ranks: Floats = self.gains.rank(axis=1, ascending=False, method="min").to_numpy()
        return ranks

    @cached_property
    def rank_agreement(self) -> float:
        """Mean Kendall τ between each draw's order of the scenarios and that at the modes."""
        from scipy.stats import kendalltau

        if len(self.gains.columns) < 2:
            return 1.0
        best = self.at_modes.to_numpy()
        found = [kendalltau(best, row).statistic for row in self.gains.to_numpy()]
        return float(np.nanmean(found)) if np.isfinite(found).any() else float("nan")

    @cached_property
    def beats(self) -> pd.DataFrame:
        """How often each scenario gains more than each other one: a, b, probability."""
        gains, names = self.gains.to_numpy(), self.gains.columns
        rows = []
        for i, a in enumerate(names):
            for j, b in enumerate(names):
                if i != j:
                    better = (gains[:, i] > gains[:, j]).mean()
                    equal = (gains[:, i] == gains[:, j]).mean()
                    rows.append((a, b, better + equal / 2))
        return pd.DataFrame(rows, columns=["a", "b", "probability"])

    def as_dict(self) -> dict[str, Any]:
        """Return everything but the single draws, for `uncertainty --json`."""
        return {
            "by": self.by,
            "measure": self.measure,
            "unit": self.unit,
            "draws": len(self.gains),
            "seed": self.seed,
            "distribution": self.shape,
            "rank_agreement": plain(self.rank_agreement),
            "scenarios": records(self.table),
            "beats": records(self.beats),
            "tornado": records(self.tornado),
            "inputs": [
                {"input": i.name, **i.spread.model_dump(include={"low", "mode", "high"})}
                | {"unit": i.unit, "place": i.place}
                for i in self.inputs
            ],
        }


def uncertainty(  # noqa: PLR0913 - options, each by its name
    network: Network,
    scenarios: Iterable[Scenario],
    *,
    by: str = "time",
    measure: str = "efficiency",
    modes: Iterable[str] | None = None,
    terminals: Sequence[str] | None = None,
    draws: int = DRAWS,
    seed: int = 0,
    distribution: str = "triangular",
    jobs: int | None = None,
    cluster: str | None = None,
    progress: Progress = silent,
) -> Uncertainty:
    """Return the gain of each scenario, applied with what it requires, over paired draws.

    Parameters
    ----------
    draws
        How many; the first thousand of two thousand are the same thousand.
    seed
        Of the draws. An input's draws depend on the seed and its name alone, so they are the
        same in any company, on any number of workers.
    distribution
        `triangular` or `pert`.
    jobs, cluster
        Local processes, or the address of a running Dask scheduler.

    Raises
    ------
    InputError
        Where a scenario does not fit, nothing is uncertain, or the cluster does not answer.
    """
    members = list({s.id: s for s in scenarios}.values())
    if not members:
        raise bad_argument("scenarios", "there is nothing to compare", "Name a scenario")
    if draws < 2:
        raise bad_argument("draws", f"{draws} is too few", "1000 is a good number")
    study = _Study(
        network,
        tuple(members),
        by,
        check_measure(measure),
        None if modes is None else tuple(modes),
        None if terminals is None else tuple(terminals),
    )
    shape = check_shape(distribution)
    known = inputs(network, members)
    if not known:
        raise bad_argument(
            "scenarios", "nothing here is uncertain", "Write {low, mode, high} for some values"
        )
    tasks = _parts(_random(known, draws, seed, shape)) + _parts(_one_at_a_time(known, shape))
    found = np.vstack(
        spread_out(_evaluate, tasks, shared=study, jobs=jobs, cluster=cluster, progress=progress)
    )
    ids = [s.id for s in members]
    low, high = found[draws + 1 :: 2], found[draws + 2 :: 2]
    return Uncertainty(
        by=by,
        measure=study.measure,
        unit=unit_of(study.measure, by),
        seed=seed,
        shape=shape,
        gains=pd.DataFrame(found[:draws], columns=ids),
        at_modes=pd.Series(found[draws], index=ids),
        tornado=_tornado(known, ids, low, high),
        inputs=tuple(known),
        network=network,
        scenarios=tuple(members),
    )


def inputs(network: Network, scenarios: Sequence[Scenario]) -> list[Input]:
    """Return every uncertain number of the assumptions and the scenarios, by name."""
    known = network.assumptions
    found = {
        key: Input(key, entry, entry.unit, f"{known.file}:{known.lines.get(key, '')}")
        for key, entry in known.entries.items()
        if entry.low < entry.high and key not in CHOICES
    }
    names = {s.id: s for s in selected(scenarios)}
    for scenario in scenarios:
        company = with_companions(scenario, names)
        for (_, _, column), setting in network.with_scenarios(*company).changes.settings.items():
            if setting.spread is not None and setting.spread.low < setting.spread.high:
                name = input_name(setting)
                place = f"{setting.file}:{setting.line}"
                found.setdefault(name, Input(name, setting.spread, _unit(column), place))
    return [found[name] for name in sorted(found)]


def _unit(column: str) -> str:
    units = {"_km_h": "km/h", "_km": "km", "_h": "h", "_usd": "USD", "_mm": "mm"}
    return next((unit for ending, unit in units.items() if column.endswith(ending)), "")


def _random(known: Sequence[Input], count: int, seed: int, shape: Shape) -> Draws:
    position = {}
    for item in known:
        word = int.from_bytes(hashlib.sha256(item.name.encode()).digest()[:8])
        position[item.name] = np.random.default_rng([seed, word]).random(count)
    return Draws(position, count, shape)


def _one_at_a_time(known: Sequence[Input], shape: Shape) -> Draws:
    """Return one draw with all inputs at their mode, then two per input: its low and its high."""
    count = 1 + 2 * len(known)
    position = {}
    for i, item in enumerate(known):
        position[item.name] = np.full(count, np.nan)
        position[item.name][1 + 2 * i : 3 + 2 * i] = 0.0, 1.0
    return Draws(position, count, shape)


def _parts(draws: Draws) -> list[Draws]:
    return [draws.part(i, i + CHUNK) for i in range(0, draws.count, CHUNK)]


@dataclass(frozen=True)
class _Study:
    """What every worker needs; the space is built where it is used, once."""

    network: Network
    scenarios: tuple[Scenario, ...]
    by: str
    measure: Measure
    modes: tuple[str, ...] | None
    terminals: tuple[str, ...] | None

    def __getstate__(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @cached_property
    def space(self) -> ScenarioSpace:
        return ScenarioSpace(
            self.network, self.scenarios, by=self.by, modes=self.modes, terminals=self.terminals
        )

    @cached_property
    def masks(self) -> list[int]:
        names = {s.id: s for s in selected(self.scenarios)}
        return [self.space.mask(with_companions(s, names)) for s in self.scenarios]


def _evaluate(study: _Study, draws: Draws) -> Floats:
    """Return the gain of every scenario in some draws, draws × scenarios."""
    costs = study.space.costs.drawn(draws)
    vectors = [costs.vector(mask) for mask in study.masks]
    gains = Gains(study.space, study.measure, costs=costs.base[0], returning=True)
    theta = draws.value(
        "market_access.theta", study.network.assumptions.entries.get("market_access.theta")
    )
    found = np.empty((draws.count, len(vectors)))
    for k in range(draws.count):
        gains.restart(costs.base[k], None if theta is None else float(theta[k]))
        for s, (vector, mask) in enumerate(zip(vectors, study.masks, strict=True)):
            found[k, s] = gains.at(vector[k], mask)
    return found


def _tornado(known: Sequence[Input], ids: Sequence[str], low: Floats, high: Floats) -> pd.DataFrame:
    """Return scenario, input, its range, the gain at either end, and the swing; widest first."""
    rows = [
        (name, item.name, item.spread.low, item.spread.high, item.unit, low[i, s], high[i, s])
        for s, name in enumerate(ids)
        for i, item in enumerate(known)
        if low[i, s] != high[i, s]
    ]
    columns = ["scenario", "input", "low", "high", "unit", "gain_at_low", "gain_at_high"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["swing"] = (frame["gain_at_high"] - frame["gain_at_low"]).abs()
    place = {name: i for i, name in enumerate(ids)}
    order = np.lexsort((frame["input"], -frame["swing"], frame["scenario"].map(place)))
    return frame.iloc[order].reset_index(drop=True)
