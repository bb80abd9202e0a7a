"""The main job: every scenario against the base, into one folder, all of it or nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sco_network.analysis.compare import modes_of
from sco_network.analysis.essentials import QUESTIONS, Question, Tables, own_tables
from sco_network.analysis.evaluation import evaluate, terminals_of
from sco_network.analysis.people import inhabited
from sco_network.analysis.turnable import Turnable
from sco_network.analysis.workers import as_they_come
from sco_network.errors import InputError, Problem, Problems
from sco_network.model.network import Network
from sco_network.model.scenario import Scenario
from sco_network.model.textfile import MAX_YAML_BYTES, read_text, shown
from sco_network.model.writing import refuse_foreign, replaced_file, replaced_folder
from sco_network.routing.topology import with_companions

from .comparison import Comparison
from .ground import NONE, check_basemap
from .style import image, picture_kind
from .tables import write_csv

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKER = "run.json"
ROUTES_KEPT = 200


@dataclass(frozen=True)
class Outcome:
    """One scenario's share of the results."""

    summary: dict[str, Any]
    metrics: pd.DataFrame
    routes: pd.DataFrame
    tables: Tables


def run(
    network: Network,
    scenarios: Sequence[Scenario],
    out: Path,
    *,
    by: str = "time",
    jobs: int | None = None,
    basemap: str | None = None,
    progress: Callable[[int, int, str], None] = lambda _done, _all, _what: None,
) -> pd.DataFrame:
    """Compare every scenario with the base; write tables, figures and a report into a folder.

    A scenario that requires others is applied together with them.

    Parameters
    ----------
    basemap
        What maps are drawn on instead of the packaged base map: a GeoJSON file, or `none`.

    Returns
    -------
    The summary, one row per scenario.

    Raises
    ------
    InputError
        Where a scenario does not fit, or the folder holds something else; nothing is written.
    """
    from .report import write_run_report

    names = {s.id: s for s in scenarios}
    groups = [tuple(with_companions(s, names)) for s in scenarios]
    refuse_foreign(out, MARKER)
    check_basemap(basemap)
    changed = [network.with_scenarios(*group) for group in groups]  # all problems before any work
    with replaced_folder(out) as folder:
        (folder / "figures").mkdir()
        work = _Work(network, scenarios, groups, by, basemap, folder / "figures")
        found = _tables_of(work, jobs, progress)
        for name, frame in found.items():
            write_csv(frame, folder / f"{name}.csv")
        write_run_report(changed, network, by, found, folder / "report.html", basemap=basemap)
        text = json.dumps(_record(work), indent=1, sort_keys=True) + "\n"
        (folder / MARKER).write_text(text, encoding="utf-8")
        refuse_foreign(out, MARKER)  # again: the work took a while
    return found["summary"]


Base = tuple[tuple[str, ...], tuple[str, ...]]  # modes, places


@dataclass(frozen=True)
class _Work:
    """What all parts of a run share; a process keeps the bases that its scenarios share."""

    network: Network
    scenarios: Sequence[Scenario]
    groups: Sequence[tuple[Scenario, ...]]
    by: str
    basemap: str | None
    figures: Path
    _bases: dict[Base, Turnable] = field(default_factory=dict)

    def base(self, modes: tuple[str, ...], places: tuple[str, ...]) -> Turnable:
        """Return the base seen from some places."""
        key = (modes, places)
        if key not in self._bases:
            seen = evaluate(self.network, by=self.by, modes=modes, terminals=places, many=True)
            self._bases[key] = Turnable(seen)
        return self._bases[key]


Part = Callable[[_Work], Outcome | Tables]


def _tables_of(
    work: _Work, jobs: int | None, progress: Callable[[int, int, str], None]
) -> dict[str, pd.DataFrame]:
    """Draw all figures, and return the tables of all scenarios and questions, by name."""
    first: list[Part] = [_base_map, *(partial(_answer, ask) for ask in QUESTIONS)]
    parts: list[Part] = [*first, *(partial(_one, i) for i in range(len(work.groups)))]
    found: dict[int, Outcome | Tables] = {}
    with closing(as_they_come(_do, parts, shared=work, jobs=jobs)) as arriving:
        for i, result in arriving:
            found[i] = result
            if i >= len(first):
                done = sum(isinstance(one, Outcome) for one in found.values())
                progress(done, len(work.groups), work.groups[i - len(first)][0].id)
    in_order = [found[i] for i in range(len(parts))]
    outcomes = [one for one in in_order if isinstance(one, Outcome)]
    answers = [one for one in in_order if not isinstance(one, Outcome)]
    return {
        "summary": pd.DataFrame([o.summary for o in outcomes]),
        "metrics": pd.concat([o.metrics for o in outcomes]),
        "routes": pd.concat([o.routes for o in outcomes]),
        **_joined([*answers, *(o.tables for o in outcomes)]),
    }


def _do(work: _Work, part: Part) -> Outcome | Tables:
    return part(work)


def _answer(ask: Question, work: _Work) -> Tables:
    return ask(work.network, work.scenarios, work.by)


def _record(work: _Work) -> dict[str, Any]:
    """Return what results rest on."""
    return {
        "package": version("sco-network"),
        "data": work.network.hash,
        "courses": _courses_hash(work.network),
        "scenarios": {s.id: s.hash for s in work.scenarios},
        "by": work.by,
        "basemap": _basemap_record(work.basemap),
    }


def _joined(answers: Sequence[Tables]) -> Tables:
    """Join the tables of one name; their rows say which scenario they are of."""
    names = dict.fromkeys(name for tables in answers for name in tables)
    return {name: pd.concat([t[name] for t in answers if name in t]) for name in names}


def _courses_hash(network: Network) -> str:
    """Return twelve hex digits for the courses that maps show; no table rests on them."""
    digest = hashlib.sha256()
    for link_id, course in sorted(network.geometry.items()):
        digest.update(repr((link_id, course.tolist())).encode())
    return digest.hexdigest()[:12]


def _basemap_record(basemap: str | None) -> str:
    """Return `packaged`, `none`, or the name and hash of a file; not its place on this machine."""
    if basemap in {None, NONE}:
        return basemap or "packaged"
    path = Path(basemap or "")
    return f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"


def _base_map(work: _Work) -> Tables:
    from .maps import draw_network

    _save(draw_network(work.network, basemap=work.basemap), work.figures / "base-network")
    return {}


def _save(ax: Axes, stem: Path) -> None:
    """Write a figure as PNG and SVG."""
    for kind in ("png", "svg"):
        stem.with_suffix(f".{kind}").write_bytes(image(ax, kind))


def _one(i: int, work: _Work) -> Outcome:
    """Draw the figures of a scenario, and return its share of the tables."""
    network, group = work.network, work.groups[i]
    modes, after = modes_of(group), network.with_scenarios(*group)
    places, homes = (
        tuple(p for p in some if p in network.nodes)
        for some in (terminals_of(after, modes), inhabited(after, modes))
    )
    today = work.base(modes, places)
    comparison = Comparison.of(network, group, before=today.evaluation)
    name = group[0].id
    for kind, ax in _figures(comparison, work.basemap):
        _save(ax, work.figures / f"{name}-{kind}")
    metrics, routes = comparison.metrics.copy(), comparison.routes.head(ROUTES_KEPT).copy()
    metrics.insert(0, "scenario_id", name)
    routes.insert(0, "scenario_id", name)
    tables = own_tables(comparison, today, work.base(modes, homes).evaluation)
    return Outcome(summary_row(comparison), metrics, routes, tables)


def _figures(comparison: Comparison, basemap: str | None) -> Iterator[tuple[str, Axes]]:
    """Yield the figures of a comparison; that of access where any pair changes.

    The pairs of countries are drawn on demand (`plot_countries`): every figure of every proposal
    costs the main job seconds.
    """
    yield "map", comparison.plot_map(basemap=basemap)
    yield "routes", comparison.plot_routes()
    if len(comparison.routes):
        yield "access", comparison.plot_access(basemap=basemap)


def summary_row(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison in one line."""
    content = comparison.scenarios[0].content
    metrics = comparison.metrics.set_index("metric")
    row: dict[str, Any] = {
        "scenario": content.scenario,
        "title": comparison.scenarios[0].title,
        "kind": content.kind,
        "status": content.status,
        "by": comparison.by,
        "modes": "+".join(comparison.before.modes),
        **comparison.pair_counts,
    }
    for metric in (f"mean_{comparison.by}", "efficiency", "market_access"):
        row[f"{metric}_percent"] = metrics.loc[metric, "percent_change"]
    for by in ("cost", "generalised"):
        row[f"efficiency_by_{by}_percent"] = comparison.efficiency_change(by)
    best = comparison.routes.head(1)
    for column in ("from", "to", "baseline", "scenario"):
        row[f"top_route_{column}"] = best[column].iloc[0] if len(best) else np.nan
    return row


def read_record(out: Path) -> dict[str, Any]:
    """Return what made a folder of results: package, data, scenarios and options.

    Raises
    ------
    InputError
        Where the folder's run.json is not what a run writes.
    """
    problems = Problems()
    text = read_text(out / MARKER, MAX_YAML_BYTES, problems)
    problems.raise_if_any()
    try:
        record = json.loads(text or "")
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict) or not isinstance(record.get("scenarios"), dict):
        message = "this is not what 'sco-network run' writes"
        raise InputError([Problem(shown(out / MARKER), None, "", message, "Run it again")])
    return record


def replaced_figure(path: Path, ax: Axes) -> None:
    """Write a figure as PNG or SVG, by its name's ending."""
    replaced_file(path, image(ax, picture_kind(path)))
