"""Check data folders and scenario files as a whole: everything wrong at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sco_network.errors import Problem, Problems, did_you_mean, in_order
from sco_network.model import library
from sco_network.model.checks import check_structure
from sco_network.model.folders import data_folder, scenario_folder
from sco_network.model.network import Network, read_folder
from sco_network.model.plausibility import check_data
from sco_network.model.resolving import resolve, selected
from sco_network.model.scenario import Scenario


def validate_paths(
    paths: Sequence[Path], data: str | None = None, scenarios: str | None = None
) -> list[Problem]:
    """Return the problems of data folders, scenario folders and scenario files.

    Without paths, the data and scenario folders in use are checked. Scenarios are checked
    against the data.
    """
    problems = Problems()
    folders = [
        p for p in paths if (p.is_dir() and not any(p.glob("*.yaml"))) or (p / "nodes.csv").exists()
    ]
    files = [f for p in paths if p not in folders for f in (_files(p) if p.is_dir() else [p])]
    if not paths:
        folders, files = [data_folder(data)], _files(scenario_folder(scenarios))
    for folder in folders:
        network = read_folder(Network, folder, problems)
        if network is not None and not problems.found:
            check_data(network, problems)
    if files:
        base = Problems()
        network = read_folder(Network, data_folder(data), base)
        if paths:
            problems.take(base.found)
        if network is not None and not base.found:
            _check_scenarios(network, files, problems)
    return in_order(problems.found)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.yaml"))


def _check_scenarios(network: Network, files: Sequence[Path], problems: Problems) -> None:
    for path in files:
        scenario = Scenario.collect(path, problems)
        if scenario is not None:
            check_scenario(network, scenario, path.parent, problems)


def check_scenario(network: Network, scenario: Scenario, folder: Path, problems: Problems) -> None:
    """Check one scenario against the data: selections, sources, claims and the result."""
    before = len(problems.found)
    content, known = scenario.content, library.names(folder)
    for field in ("requires", "conflicts"):
        for i, name in enumerate(getattr(content, field)):
            if name not in known:
                hint = did_you_mean(name, known)
                line = scenario.line(field, i)
                problems.add(
                    scenario.file, line, f"{field}[{i}]", f"unknown scenario '{name}'", hint
                )
    _check_sources(network, scenario, problems)
    check_claim_places(network, scenario, problems)
    if len(problems.found) > before:
        return
    company = {
        name: Scenario.collect(folder / f"{name}.yaml", problems) for name in _needed(scenario)
    }
    together = [scenario, *(s for s in company.values() if s is not None)]
    changes = resolve(together, network.tables, problems)
    if len(problems.found) == before:
        after = network.with_changes(changes)
        check_structure(after.tables, after.assumptions, problems, changes)


def _needed(scenario: Scenario) -> list[str]:
    return sorted({name for s in selected([scenario]) for name in s.content.requires})


def _check_sources(network: Network, scenario: Scenario, problems: Problems) -> None:
    known = network.tables["sources"].index
    cited: list[tuple[tuple[str | int, ...], str]]
    cited = [(("sources", i), s) for i, s in enumerate(scenario.content.sources)]
    cited += [
        (("claims", i, "source_id"), c.source_id)
        for i, c in enumerate(scenario.content.claims)
        if c.source_id
    ]
    for loc, source in cited:
        if known and source not in known:
            hint = did_you_mean(source, known) or "Add it to sources.csv"
            line = scenario.line(*loc)
            problems.add(scenario.file, line, str(loc[0]), f"unknown source '{source}'", hint)


def check_claim_places(network: Network, scenario: Scenario, problems: Problems) -> None:
    """Check that the places of every claim are in the network or added by the scenario."""
    added = {str(n.get("node_id")) for s in scenario.whole for n in s.content.add.nodes}
    for i, claim in enumerate(scenario.content.claims):
        for field, place in (("from", claim.origin), ("to", claim.destination)):
            if place not in network.nodes and place not in added:
                hint = did_you_mean(place, (*network.nodes.index, *added))
                line = scenario.line("claims", i, field)
                problems.add(
                    scenario.file, line, f"claims[{i}].{field}", f"unknown node '{place}'", hint
                )
