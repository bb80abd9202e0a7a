"""The main job: every scenario against the base, into one folder, all of it or nothing."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sco_network.analysis.compare import evaluate, modes_of, terminals_of
from sco_network.analysis.essentials import QUESTIONS, Tables, own_tables
from sco_network.analysis.people import inhabited
from sco_network.analysis.turnable import Turnable
from sco_network.analysis.workers import pool_of
from sco_network.errors import InputError, Problem, Problems, bad_argument
from sco_network.model.network import Network
from sco_network.model.scenario import Scenario
from sco_network.model.textfile import MAX_YAML_BYTES, read_text, shown
from sco_network.model.writing import replaced_file, replaced_folder
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
    refuse_foreign(out)
    check_basemap(basemap)
    tasks = [(network, group, by, basemap) for group in groups]
    changed = [network.with_scenarios(*group) for group in groups]  # all problems before any work
    with replaced_folder(out) as folder:
        (folder / "figures").mkdir()
        outcomes: list[Outcome | None] = [None] * len(tasks)
        workers = min(jobs or os.cpu_count() or 1, len(tasks))
        with _survivors(), pool_of(max(workers, 1)) as pool:
            drawn = pool.submit(_base_map, network, basemap, folder / "figures")
            asked = [pool.submit(ask, network, scenarios, by) for ask in QUESTIONS]
            futures = {
                pool.submit(_one, *task, folder / "figures"): i for i, task in enumerate(tasks)
            }
            for done, future in enumerate(as_completed(futures), 1):
                i = futures[future]
                outcomes[i] = future.result()
                progress(done, len(tasks), scenarios[i].id)
            drawn.result()
            tables = [answer.result() for answer in asked]
        ready = [o for o in outcomes if o is not None]
        summary = pd.DataFrame([o.summary for o in ready])
        found = {
            "summary": summary,
            "metrics": pd.concat([o.metrics for o in ready]),
            "routes": pd.concat([o.routes for o in ready]),
            **_joined([*tables, *(o.tables for o in ready)]),
        }
        for name, frame in found.items():
            write_csv(frame, folder / f"{name}.csv")
        write_run_report(changed, network, by, found, folder / "report.html", basemap=basemap)
        record = {
            "package": _version(),
            "data": network.hash,
            "courses": _courses_hash(network),
            "scenarios": {s.id: s.hash for s in scenarios},
            "by": by,
            "basemap": _basemap_record(basemap),
        }
        text = json.dumps(record, indent=1, sort_keys=True) + "\n"
        (folder / MARKER).write_text(text, encoding="utf-8")
        refuse_foreign(out)  # again: the work took a while
    return summary


@contextmanager
def _survivors() -> Iterator[None]:
    """Say in words that a process of the pool was killed."""
    try:
        yield
    except BrokenProcessPool as error:
        message = "a process died; it was killed, or ran out of memory"
        raise bad_argument("jobs", message, "Try fewer jobs; nothing was changed") from error


def _joined(answers: Sequence[Tables]) -> Tables:
    """Join the tables of one name; their rows say which scenario they are of."""
    names = dict.fromkeys(name for tables in answers for name in tables)
    return {name: pd.concat([t[name] for t in answers if name in t]) for name in names}


def _version() -> str:
    from importlib.metadata import version

    return version("sco-network")


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


def _base_map(network: Network, basemap: str | None, folder: Path) -> None:
    from .maps import draw_network

    _save(draw_network(network, basemap=basemap), folder / "base-network")


def _save(ax: Axes, stem: Path) -> None:
    """Write a figure as PNG and SVG."""
    for kind in ("png", "svg"):
        stem.with_suffix(f".{kind}").write_bytes(image(ax, kind))


_BASES: dict[tuple[str, str, tuple[str, ...], tuple[str, ...]], Turnable] = {}


def _base(network: Network, by: str, modes: tuple[str, ...], places: tuple[str, ...]) -> Turnable:
    """Return the base seen from some places, which the scenarios of one process share."""
    key = (network.hash, by, modes, places)
    if key not in _BASES:
        _BASES[key] = Turnable(evaluate(network, by=by, modes=modes, terminals=places, many=True))
    return _BASES[key]


def _one(
    network: Network, group: tuple[Scenario, ...], by: str, basemap: str | None, folder: Path
) -> Outcome:
    modes = modes_of(group)
    after = network.with_scenarios(*group)
    places, homes = (
        tuple(p for p in some if p in network.nodes)
        for some in (terminals_of(after, modes), inhabited(after, modes))
    )
    today = _base(network, by, modes, places)
    comparison = Comparison.of(network, group, before=today.evaluation)
    name = group[0].id
    for kind, ax in _figures(comparison, basemap):
        _save(ax, folder / f"{name}-{kind}")
    metrics, routes = comparison.metrics.copy(), comparison.routes.head(ROUTES_KEPT).copy()
    metrics.insert(0, "scenario_id", name)
    routes.insert(0, "scenario_id", name)
    tables = own_tables(comparison, today, _base(network, by, modes, homes).evaluation)
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


def refuse_foreign(out: Path, marker: str = MARKER) -> None:
    """Refuse to replace a folder that is not an earlier result, which holds the marker.

    Raises
    ------
    InputError
        Where the folder holds anything else, or is a file.
    """
    foreign = any(out.iterdir()) and not (out / marker).exists() if out.is_dir() else out.exists()
    if foreign:
        raise InputError(
            [
                Problem(
                    str(out),
                    None,
                    "",
                    "this is not a folder of earlier results, so it is not replaced",
                    "Choose another one with --out",
                )
            ]
        )


def replaced_figure(path: Path, ax: Axes) -> None:
    """Write a figure as PNG or SVG, by its name's ending."""
    replaced_file(path, image(ax, picture_kind(path)))
