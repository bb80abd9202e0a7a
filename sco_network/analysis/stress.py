"""What hurts when it is lost: closures by what they cost, and by what they leave of gains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sco_network.errors import Problems, bad_argument, did_you_mean
from sco_network.markup import html_table
from sco_network.model.changeset import CLOSED, ChangeSet, merge
from sco_network.model.network import Network
from sco_network.model.resolving import resolve_one, selected
from sco_network.model.scenario import Scenario
from sco_network.routing.impedance import Floats, Ints
from sco_network.routing.states import check_countries
from sco_network.routing.topology import with_companions

from .combine import ScenarioSpace
from .gains import WORDS, Gains, Measure, check_measure, unit_of
from .plain import records
from .workers import Progress, silent

BASE = "base"
CRITICAL_COLUMNS = ["network", "kind", "id", "name", "mode", "countries", "loss", "pairs_lost"]
SURVIVAL_COLUMNS = ["scenario", "closure", "gain", "remaining", "share"]


@dataclass(frozen=True)
class Stress:
    """What closures cost, and what is left of gains.

    `critical` has one row per link and crossing (of the base, and with each scenario) whose
    closure costs anything: the loss in `unit`, and how many ordered pairs of places are left
    without a route. `survival` has one row per scenario and closure: what the scenario gains
    with nothing closed, what it gains where the closure is there before and after, and the
    share of the one in the other. `network` and `scenarios` (proposals and closures) are what
    was tried.
    """

    by: str
    measure: Measure
    unit: str
    critical: pd.DataFrame
    survival: pd.DataFrame
    network: Network = field(repr=False)
    scenarios: tuple[Scenario, ...] = field(repr=False)

    def _repr_html_(self, shown: int = 8) -> str:
        critical = [
            (r["name"] or r["id"], r["kind"], r["mode"], r["countries"], r["loss"], r["pairs_lost"])
            for r in self.critical.head(shown).to_dict("records")
        ]
        left = [
            (r["scenario"], r["closure"], r["gain"], r["remaining"])
            for r in self.survival.head(shown).to_dict("records")
        ]
        what = f"{WORDS[self.measure]} by {self.by}, {self.unit}"
        columns = ["", "kind", "mode", "in or between", "loss", "pairs left without a route"]
        return html_table(f"What its loss costs: {what}", columns, critical) + html_table(
            "Gains that closures leave", ["scenario", "closed", "gain", "remaining"], left
        )

    def as_dict(self) -> dict[str, Any]:
        """Return everything, for `stress --json`."""
        return {
            "by": self.by,
            "measure": self.measure,
            "unit": self.unit,
            "critical": records(self.critical),
            "survival": records(self.survival),
        }


@dataclass(frozen=True)
class Closure:
    """Something that may be shut: a closure scenario, a crossing, a link, or a country."""

    kind: str
    id: str
    name: str


def stress(  # noqa: PLR0913 - options, each by its name
    network: Network,
    scenarios: Iterable[Scenario] = (),
    *,
    closures: Iterable[Scenario | str] = (),
    avoid: Iterable[str] = (),
    by: str = "time",
    measure: str = "efficiency",
    modes: Iterable[str] | None = None,
    terminals: Sequence[str] | None = None,
    top: int = 10,
    each: bool = True,
    progress: Progress = silent,
) -> Stress:
    """Return what the loss of every link and crossing costs, and how gains survive closures.

    Parameters
    ----------
    scenarios
        Proposals, each applied with what it requires.
    closures
        Scenarios that close something, or ids of crossings and links: for the survival of
        gains. The `top` most critical crossings of the base come along.
    avoid
        Countries that are shut to all traffic, each by itself; pairs that begin or end there
        do not count, so what is lost is what others lose.
    top
        How many of the most critical crossings are closed to see which gains survive.
    each
        Whether to work out criticality with each proposal built, too, or in the base alone.

    Notes
    -----
    The loss is the fall of the measure, in percent of what it was (hours or dollars of the mean
    journey for `mean_cost`). Where a closure and a proposal set the same thing, it is closed;
    and where a closure selects what it shuts by columns (all borders of a country), it shuts
    what the proposal adds there, too.

    References
    ----------
    Jenelius, Petersen and Mattsson (2006), Importance and exposure in road network
    vulnerability analysis, Transportation Research A 40:537–560.
    """
    members = list({s.id: s for s in scenarios}.values())
    shut = list(closures)
    named = [c for c in shut if isinstance(c, Scenario)]
    space = ScenarioSpace(
        network,
        [*members, *(c for c in named if c.id not in {m.id for m in members})],
        by=by,
        modes=modes,
        terminals=terminals,
    )
    test = _Test(space, check_measure(measure), members)
    rows = [_row(network, c) for c in shut if isinstance(c, str)]
    countries = sorted(check_countries(network, avoid))
    critical = test.critical({BASE: 0, **(test.masks if each else {})}, progress)
    worst = [c for c in critical[BASE] if c[0].kind == "crossing"][:top]
    closed = [
        *(Closure("scenario", c.id, c.title) for c in named),
        *(Closure("country", c, c) for c in countries),
        *dict.fromkeys([*rows, *(c[0] for c in worst)]),
    ]
    survival = test.survival(closed, progress)
    return Stress(
        by=by,
        measure=test.measure,
        unit=unit_of(test.measure, by),
        critical=test.critical_frame(critical),
        survival=survival,
        network=network,
        scenarios=tuple(space.scenarios),
    )


def _row(network: Network, name: str) -> Closure:
    for table, kind in (("crossings", "crossing"), ("links", "link")):
        if name in network.tables[table]:
            return Closure(kind, name, str(network.tables[table].row(name)["name"] or name))
    known = [*network.crossings.index, *network.links.index]
    hint = did_you_mean(name, known)
    raise bad_argument("close", f"unknown crossing or link '{name}'", hint)


class _Test:
    """A space to close things in."""

    def __init__(self, space: ScenarioSpace, measure: Measure, members: Sequence[Scenario]) -> None:
        self.space = space
        self.measure = measure
        names = {s.id: s for s in selected(space.scenarios)}
        self.masks = {s.id: space.mask(with_companions(s, names)) for s in members}
        self.gains = Gains(space, measure, returning=True)

    def critical(
        self, networks: Mapping[str, int], progress: Progress
    ) -> dict[str, list[tuple[Closure, float, int]]]:
        """Return every link and crossing with its loss and lost pairs, the worst first."""
        found = {}
        for name, mask in networks.items():
            vector = self.space.costs.vector(mask)
            self.gains.restart(vector)
            before = self.gains.routes()
            rows = []
            everything = list(self._rows(vector))
            for done, (closure, arcs) in enumerate(everything, 1):
                loss = -self.gains.at(_without(vector, arcs), mask)
                rows.append((closure, loss, before - self.gains.routes()))
                if done % 50 == 0 or done == len(everything):
                    progress(done, len(everything), name)
            found[name] = sorted(
                (r for r in rows if r[1] != 0 or r[2]), key=lambda r: (-r[1], -r[2], r[0].id)
            )
        return found

    def _rows(self, vector: Floats) -> Iterator[tuple[Closure, Ints]]:
        """Yield the links and crossings that are open under a vector."""
        network = self.space.network
        added = {
            (table, row_id)
            for changes in self.space.topology.changes
            for table, row_id in changes.added
        }
        for kind, table in (("crossing", "crossings"), ("link", "links")):
            new = sorted(row_id for t, row_id in added if t == table)
            for row_id in [*network.tables[table].ids.tolist(), *new]:
                arcs = self.space.arcs_of(table, row_id)
                if np.isfinite(vector[arcs]).any():
                    yield Closure(kind, row_id, row_id), arcs

    def survival(self, closed: Sequence[Closure], progress: Progress) -> pd.DataFrame:
        """Return what each scenario gains where something is closed before and after."""
        rows = []
        everywhere = Gains(self.space, self.measure, returning=True)
        between_all = {name: everywhere.of(mask) for name, mask in self.masks.items()}
        for done, closure in enumerate(closed, 1):
            gains, whole = everywhere, between_all
            if closure.kind == "country":
                among = self._outside(closure.id)
                gains = Gains(self.space, self.measure, among=among, returning=True)
                whole = {name: gains.of(mask) for name, mask in self.masks.items()}
            if self.measure == "mean_cost":  # a mean over the pairs that the closure leaves
                gains.restart(self._closed(closure, 0))
                shut = 0.0
            else:
                shut = gains.at(self._closed(closure, 0))
            for name, mask in self.masks.items():
                left = gains.at(self._closed(closure, mask), mask) - shut
                share = left / whole[name] if whole[name] else np.nan
                rows.append((name, closure.id, whole[name], left, share))
            progress(done, len(closed), "closures")
        return pd.DataFrame(rows, columns=SURVIVAL_COLUMNS)

    def _outside(self, country: str) -> NDArray[np.bool_]:
        """Return which places lie outside a country."""
        nodes = self.space.network.nodes
        return np.array([nodes["country"][nodes.index[t]] != country for t in self.space.terminals])

    def _closed(self, closure: Closure, mask: int) -> Floats:
        """Return the vector of a mask with something closed on top."""
        space = self.space
        if closure.kind == "country":
            return _without(space.costs.vector(mask), space.arcs_in(closure.id))
        if closure.kind != "scenario":
            table = "crossings" if closure.kind == "crossing" else "links"
            return _without(space.costs.vector(mask), space.arcs_of(table, closure.id))
        own = space.mask([closure.id])
        alone = space.costs.vector(own)
        shut = np.flatnonzero(np.isinf(alone) & np.isfinite(space.costs.base))
        added = [self.space.arcs_of(*row) for row in self._shut_of_added(closure, mask)]
        return _without(space.costs.vector(mask | own), np.concatenate([shut, *added]))

    def _shut_of_added(self, closure: Closure, mask: int) -> list[tuple[str, str]]:
        """Return the rows that a proposal adds and a closure would select."""
        changes = self._merged(mask)
        tables = self.space.network.with_changes(changes).tables
        (scenario,) = (s for s in self.space.scenarios if s.id == closure.id)
        found = [resolve_one(part, tables, {}, Problems()) for part in scenario.whole]
        return sorted(
            {
                (table, row)
                for part in found
                for (table, row, column), setting in part.settings.items()
                if (table, row) in changes.added
                and column == "status"
                and setting.value == CLOSED.get(table)
            }
        )

    def _merged(self, mask: int) -> ChangeSet:
        chosen = [c for i, c in enumerate(self.space.topology.changes) if mask >> i & 1]
        return merge(chosen, Problems())

    def critical_frame(self, found: dict[str, list[tuple[Closure, float, int]]]) -> pd.DataFrame:
        """Return what was found as a table, with names, modes and countries."""
        rows = []
        for name, losses in found.items():
            changes = self._merged(self.masks.get(name, 0))
            tables = self.space.network.with_changes(changes).tables
            country = tables["nodes"]["country"]
            index = tables["nodes"].index
            for closure, loss, lost in losses:
                row = tables["crossings" if closure.kind == "crossing" else "links"].row(closure.id)
                ends = [country[index[row[c]]] for c in ("from_node_id", "to_node_id")]
                where = "–".join(dict.fromkeys(ends))
                label = row["name"] or closure.id
                rows.append((name, closure.kind, closure.id, label, row["mode"], where, loss, lost))
        return pd.DataFrame(rows, columns=CRITICAL_COLUMNS)


def _without(vector: Floats, arcs: NDArray[np.integer[Any]]) -> Floats:
    vector = vector.copy()
    vector[arcs] = np.inf
    return vector
