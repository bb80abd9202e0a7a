r"""Measure the engine beside other libraries, on the same networks in the same run.

    uv run --group peers python benchmarks/peers.py
    uv run --group peers python benchmarks/peers.py --quick --only random --only networkit

Without options everything is measured (half an hour on two cores) and docs/performance.md is
written anew. `--only` takes a part (commands, memory, random, packaged, region, subsets, growth)
or a library, and may be repeated.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import report
from floor import distance
from libraries import LIBRARIES, Library
from measure import (
    all_subsets,
    beside,
    growth_with_changes,
    growth_with_nodes,
    growth_with_scenarios,
    growth_with_terminals,
    say,
)
from networks import Case, packaged_case, random_case, region_case
from processes import commands, machine, memory

CASES = ("random", "packaged", "region")
PARTS = ("commands", "memory", *CASES, "subsets", "growth")
NAMES = (*PARTS, *(kind.name for kind in LIBRARIES))


@click.command()
@click.option("--quick", is_flag=True, help="A twentieth of the region, few repetitions.")
@click.option("--only", multiple=True, type=click.Choice(NAMES), help="A part or a library.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Also write all results.")
@click.option(
    "--page",
    type=click.Path(path_type=Path, exists=True),
    help="Write docs/performance.md from the results of an earlier full run; measure nothing.",
)
def main(*, quick: bool, only: Sequence[str], file: Path | None, page: Path | None) -> None:
    """Measure, print tables and goals; a full run writes docs/performance.md."""
    if page is not None:
        report.write_page(json.loads(page.read_text(encoding="utf-8")))
        return
    parts = [name for name in PARTS if name in only] or list(PARTS)
    kinds = [kind for kind in LIBRARIES if kind.name in only] or list(LIBRARIES)
    results = measured(parts, kinds, quick=quick)
    for name, text in report.sections(results).items():
        print(f"\n## {name}\n\n{text}")
    if file is not None:
        file.write_text(json.dumps(results, indent=1), encoding="utf-8")
    if not quick and not only:
        report.write_page(results)
        say(f"{report.PAGE} is written")


def measured(
    parts: Sequence[str], kinds: Sequence[type[Library]], *, quick: bool
) -> dict[str, Any]:
    """Return the results of some parts."""
    results: dict[str, Any] = {
        "date": datetime.now(UTC).date().isoformat(),
        "quick": quick,
        "machine": machine(),
        "cases": {},
        "floor": {},
    }
    load = [os.getloadavg()[0]]
    for part in parts:
        say(part)
        _measure(part, results, kinds, quick=quick)
        load.append(os.getloadavg()[0])
    results["machine"]["load_most"] = max(load)
    return results


def _measure(
    part: str, results: dict[str, Any], kinds: Sequence[type[Library]], *, quick: bool
) -> None:
    """Add the results of one part."""
    budget, rounds = (5.0, 3) if quick else (60.0, 10)
    match part:
        case "commands":
            results["commands"] = commands(quick=quick)
        case "memory":
            results["memory"] = memory()
        case "subsets":
            results["subsets"] = all_subsets(random_case(), kinds, 1 if quick else 3, budget)
        case "growth":
            peer = next((kind for kind in kinds if kind.version()), None)
            results["growth"] = {
                "peer": peer.name if peer else None,
                "nodes": growth_with_nodes(peer, quick=quick),
                "terminals": growth_with_terminals(peer, quick=quick),
                "scenarios": growth_with_scenarios(quick=quick),
            }
        case _:
            ours, results["cases"][part] = beside(_case(part, quick=quick), kinds, rounds, budget)
            results["floor"][part] = distance(ours)
            if part == "region":
                results["changes"] = growth_with_changes(ours)


def _case(name: str, *, quick: bool) -> Case:
    match name:
        case "random":
            return random_case()
        case "packaged":
            return packaged_case()
        case _:
            return region_case(0.05 if quick else 1.0)


if __name__ == "__main__":
    main()
