"""Put a report together and write it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sco_network.analysis.capital import as_spread
from sco_network.model.network import Network
from sco_network.model.writing import replaced_file
from sco_network.output import style
from sco_network.output.ground import Ground, ground_for
from sco_network.output.links import lines_of
from sco_network.routing.impedance import impedance

from .atlas import atlas
from .chapter_grids import measures_grid, own_claims_grid, routes_grid
from .drawing import Shapes
from .effects import Effect, effects_of
from .findings import findings, in_short
from .grids import Grid
from .page import data_block, methods, render
from .sections import filled
from .sketch import Sketch, sketch
from .study import Proposal, Study, Tables
from .words import figure, listed

if TYPE_CHECKING:
    from sco_network.output.comparison import Comparison

# More would make the page too large to mail; the tables still have all of them.
SHOWN_IN_DEPTH = 60


@dataclass(frozen=True)
class Chapter:
    """One proposal in depth."""

    study: Study
    proposal: Proposal
    words: list[str]
    sketch: Sketch
    grids: list[Grid]
    sources: list[tuple[str, str]]

    @cached_property
    def facts(self) -> list[tuple[str, str]]:
        """What it is, when it opens, what it costs, and what it needs or excludes."""
        content = self.proposal.first.content
        found = [("Kind", content.kind), ("Status", style.words(content.status))]
        year, cost = as_spread(content.build_year), as_spread(content.capex_musd)
        if content.kind == "closure":
            found = found[:1]
        if year is not None:
            found.append(("Opens", _spread(year.low, year.mode, year.high, "{:.0f}")))
        if cost is not None:
            low, mode, high = (figure(v / 1000, 2) for v in (cost.low, cost.mode, cost.high))
            found.append(("Cost", f"{_spread(low, mode, high, '{}')} billion USD"))
        for name in ("requires", "conflicts", "includes"):
            if getattr(content, name):
                found.append(
                    (name.capitalize(), listed(list(map(self.study.title, getattr(content, name)))))
                )
        return found


def _spread(low: Any, mode: Any, high: Any, form: str) -> str:
    said = [form.format(v) for v in (low, mode, high)]
    return said[1] if said[0] == said[2] else f"{said[1]} ({said[0]}–{said[2]})"


def write_report(comparisons: Sequence[Comparison], path: Path) -> Path:
    """Write comparisons with one base as one HTML file and return its path."""
    study = Study.of_comparisons(comparisons)
    title = " · ".join(dict.fromkeys(p.title for p in study.proposals))
    replaced_file(path, report_html(study, title, ground_for(study.network)))
    return path


def write_run_report(
    changed: Sequence[Network],
    base: Network,
    by: str,
    tables: Tables,
    path: Path,
    *,
    basemap: str | None = None,
) -> None:
    """Write the report of a run.

    Parameters
    ----------
    changed
        The base with each scenario and what it requires, in the order of the summary.
    tables
        The tables of the run by the names of their files.
    basemap
        What maps are drawn on instead of the packaged base map: a GeoJSON file, or `none`.
    """
    study = Study.of_run(base, changed, by, tables)
    where = " in the SCO region" if study.sco_countries else ""
    title = f"Connectivity proposals{where}, before and after"
    path.write_text(report_html(study, title, ground_for(base, basemap)), encoding="utf-8")


def report_html(study: Study, title: str, ground: Ground) -> str:
    """Return the report of a study as one page."""
    lines = lines_of(study.network, range(len(study.network.links)), ground)
    deep = _most_telling(study)
    told = [
        (effect, in_short(study, row))
        for effect, row in zip(effects_of(study, ground), study.summary, strict=True)
        if effect.proposal.id in deep
    ]
    drawn = atlas(study.network, told, lines, impedance(study.network), ground)
    return render(
        "report.html",
        title=title,
        study=study,
        findings=findings(study),
        atlas=drawn,
        data=data_block(drawn.data),
        sections=filled(study),
        chapters=[_chapter(study, effect, words, lines) for effect, words in told],
        briefly=[
            (p, in_short(study, row))
            for p, row in zip(study.proposals, study.summary, strict=True)
            if p.id not in deep
        ],
        methods=methods(),
        sources=_sources(study.network),
        facts=_facts(study),
        layers=style.LAYER_WORDS,
        map_note=ground.note,
    )


def _chapter(study: Study, effect: Effect, words: list[str], lines: Shapes) -> Chapter:
    """Return what the report says of one proposal; `words` are its sentences in short."""
    proposal = effect.proposal
    drawn = sketch(effect, lines, f"Map of {proposal.title}. {' '.join(words)}")
    grids = _chapter_grids(study, proposal)
    return Chapter(study, proposal, words, drawn, grids, _sources_of(study, proposal))


def _most_telling(study: Study) -> set[str]:
    """Return the proposals that are shown in depth: those that change most."""
    size = [abs(np.nan_to_num(r["efficiency_percent"])) for r in study.summary]
    order = np.argsort(-np.array(size), kind="stable")[:SHOWN_IN_DEPTH].tolist()
    return {study.proposals[i].id for i in order}


def _chapter_grids(study: Study, proposal: Proposal) -> list[Grid]:
    made = [make(study, proposal) for make in (routes_grid, measures_grid, own_claims_grid)]
    return [grid for grid in made if grid.rows]


def _sources_of(study: Study, proposal: Proposal) -> list[tuple[str, str]]:
    """Return the ids of what is cited for a proposal, with publisher and year."""
    table = study.network.tables["sources"]
    cited = dict.fromkeys(
        i for s in proposal.group for part in s.whole for i in part.content.sources if i in table
    )
    return [(i, style.publisher_year(table.row(i)) or i) for i in cited]


def _sources(network: Network) -> list[dict[str, Any]]:
    return [row | {"by": style.publisher_year(row)} for row in network.tables["sources"]]


def _facts(study: Study) -> list[tuple[str, str]]:
    """Return what a reader needs to cite or repeat the report."""
    network = study.network
    years = network.tables["sources"]["year"]
    known = years[np.isfinite(years)]
    rows = {
        name: len(network.tables[name]) for name in ("nodes", "links", "crossings", "transfers")
    }
    return [
        ("Package", f"sco_network {version('sco-network')}"),
        ("Data", f"{network.hash} (changes whenever a row or an assumption does)"),
        ("Base year", str(study.base_year)),
        ("Newest source", f"{known.max():.0f}" if len(known) else "not stated"),
        ("Rows", ", ".join(f"{count:,} {name}" for name, count in rows.items())),
        ("Measure", f"{study.by}, {study.unit}"),
    ]
