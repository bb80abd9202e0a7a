"""What a report is about: the base, proposals set beside it, and the tables that came of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from sco_network.analysis.compare import modes_of
from sco_network.model.network import Network
from sco_network.model.scenario import Scenario
from sco_network.output import style
from sco_network.output.results import summary_row
from sco_network.routing.impedance import UNITS

if TYPE_CHECKING:
    from sco_network.output.comparison import Comparison

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Proposal:
    """One scenario, or several that are applied together; `group` holds its companions, too.

    `network` is the base with all of them.
    """

    id: str
    title: str
    group: tuple[Scenario, ...]
    network: Network
    modes: tuple[str, ...]

    @property
    def first(self) -> Scenario:
        """The scenario that the others come with."""
        return self.group[0]

    @property
    def anchor(self) -> str:
        """Its name in addresses within the page."""
        return "p-" + re.sub(r"[^a-z0-9]+", "-", self.id.casefold()).strip("-")


@dataclass(frozen=True)
class Study:
    """A base network, proposals, and tables by name, in the columns of the files of `run`.

    `summary`, `metrics` and `routes` have rows for every proposal; any other table may be absent,
    and the report then says nothing of what it would have shown.
    """

    network: Network
    proposals: tuple[Proposal, ...]
    by: str
    tables: Tables

    @classmethod
    def of_run(
        cls,
        network: Network,
        changed: Sequence[Network],
        by: str,
        tables: Tables,
    ) -> Study:
        """Return the study of a run: each network is the base with a scenario and companions."""
        proposals = tuple(
            Proposal(g[0].id, g[0].title, g, after, modes_of(g))
            for after in changed
            for g in (after.scenarios,)
        )
        # rows joined from several answers repeat their numbers
        numbered = {name: frame.reset_index(drop=True) for name, frame in tables.items()}
        return cls(network, proposals, by, numbered)

    @classmethod
    def of_comparisons(cls, comparisons: Sequence[Comparison]) -> Study:
        """Return the study of comparisons with one base in one measure."""
        proposals, summary, metrics, routes = [], [], [], []
        for c in comparisons:
            proposal = Proposal(c.name, c.title, c.scenarios, c.after.network, c.before.modes)
            proposals.append(proposal)
            summary.append(summary_row(c) | {"scenario": c.name, "title": c.title})
            metrics.append(c.metrics.assign(scenario_id=c.name))
            routes.append(c.routes.assign(scenario_id=c.name))
        tables = {
            "summary": pd.DataFrame(summary),
            "metrics": pd.concat(metrics, ignore_index=True),
            "routes": pd.concat(routes, ignore_index=True),
        }
        first = comparisons[0]
        return cls(first.before.network, tuple(proposals), first.by, tables)

    @property
    def unit(self) -> str:
        """Unit of the measure: h, km or USD."""
        return UNITS[self.by]

    @cached_property
    def sco_countries(self) -> frozenset[str]:
        """Members, observers and partners of the SCO; none in a study of another region."""
        rows = self.network.tables["countries"]
        return frozenset(c["country"] for c in rows if c["sco_role"] != "transit")

    @property
    def base_year(self) -> int:
        """The year that the base network describes."""
        return self.network.base_year

    @cached_property
    def summary(self) -> list[dict[str, Any]]:
        """One record per proposal, in the order of the proposals."""
        rows = self.tables["summary"].to_dict("records")
        return [{str(k): v for k, v in row.items()} for row in rows]

    @cached_property
    def titles(self) -> dict[str, str]:
        """Titles of proposals by id."""
        return {p.id: p.title for p in self.proposals}

    def title(self, scenario_id: str) -> str:
        """Return the short title of a proposal, or its id where it is not one of the study."""
        return short(self.titles.get(scenario_id, scenario_id))

    def place(self, node_id: str) -> str:
        """Return a place's name, of the base or of what a proposal adds."""
        if node_id in self.network.nodes:
            return self.network.name_of(node_id)
        return next(
            (p.network.name_of(node_id) for p in self.proposals if node_id in p.network.nodes),
            node_id,
        )

    def country(self, code: str) -> str:
        """Return a country's name, or its code."""
        return style.country_name(self.network, code)

    def rows_of(self, table: str, proposal_id: str) -> pd.DataFrame:
        """Return the rows of a table that are about one proposal; none where there are none."""
        none = self.tables[table].head(0) if table in self.tables else pd.DataFrame()
        return self._by_proposal.get(table, {}).get(proposal_id, none)

    @cached_property
    def _by_proposal(self) -> dict[str, dict[Any, pd.DataFrame]]:
        found = {}
        for name, frame in self.tables.items():
            columns = [c for c in ("scenario_id", "scenario") if c in frame.columns]
            if columns:
                found[name] = dict(iter(frame.groupby(columns[0], sort=False)))
        return found


def short(title: str) -> str:
    """Return a title without what stands in brackets at its end.

    >>> short("Middle Corridor programme (Kazakh railways and ports)")
    'Middle Corridor programme'
    """
    return title.split(" (", maxsplit=1)[0] if title.endswith(")") else title
