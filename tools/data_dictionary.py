"""The data dictionary: every column of every table, from the models that check the files.

`uv run python tools/data_dictionary.py` prints it; the site has it as a page.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sco_network.errors import Problems
from sco_network.model.assumptions import read_assumptions
from sco_network.model.rows import ALL_KINDS
from sco_network.model.scenario import ScenarioFile
from sco_network.model.schema import data_package

ROOT = Path(__file__).parents[1]
INTRODUCTION = """# Data dictionary

All tables of a data folder (`data/`, or your own), column by column; then the keys of scenario
files, and the assumptions that stand in for what a row does not say. This page is made from the
models that check the files, so it cannot be out of date; `data/datapackage.json` says the same to
programs.

- Files are CSV in UTF-8, one row a thing. An empty cell means *not known*: the default or the
  assumption counts.
- **bold** columns are required. Columns may stand in any order, and optional ones may be missing.
- Longitude and latitude are EPSG:4326. Countries are ISO 3166 alpha-3 codes.
- Ids are lower-case words joined by hyphens, such as `termez-hairatan-rail`.
"""


def data_dictionary() -> str:
    """Return the page."""
    tables = "\n".join(_table(resource) for resource in data_package()["resources"])
    return f"{INTRODUCTION}\n{tables}\n{_scenario_keys()}\n{_assumptions()}"


def _table(resource: dict[str, Any]) -> str:
    kind = ALL_KINDS[resource["name"]]
    rows = []
    for field in resource["schema"]["fields"]:
        name = field["name"]
        required = "required" in field.get("constraints", {})
        default = kind.default(name)
        meaning = field["description"]
        if not required and default not in (None, "", False):
            meaning += f"; default `{default}`"
        shown = f"**`{name}`**" if required else f"`{name}`"
        rows.append((shown, field.get("unit", "–"), field["type"], meaning))
    head = f"## `{resource['path']}` {{ #{resource['name']} }}\n\n{resource['description']}\n"
    return f"{head}\n{_grid(('column', 'unit', 'type', 'meaning'), rows)}\n"


def _scenario_keys() -> str:
    """Return the keys of a scenario file with their meaning."""
    rows = []
    for name, field in ScenarioFile.model_fields.items():
        shown = f"**`{name}`**" if field.is_required() else f"`{name}`"
        rows.append((shown, field.description or ""))
    head = (
        "## Scenario files { #scenario-files }\n\nOne YAML file a proposal. Any number may be a "
        "range, `{low: 8, mode: 10, high: 20}`. `sco-network schema` prints the full schema for "
        "editors.\n"
    )
    return f"{head}\n{_grid(('key', 'meaning'), rows)}\n"


def _assumptions() -> str:
    """Return the packaged assumptions with their ranges and sources."""
    known = read_assumptions(ROOT / "data/assumptions.yaml", Problems()).entries
    rows = [
        (f"`{key}`", *(f"{v:g}" for v in (a.low, a.mode, a.high)), a.unit, a.source_id or "")
        for key, a in sorted(known.items())
    ]
    head = "## `assumptions.yaml` { #assumptions }\n\nWhat counts where a row says nothing.\n"
    return f"{head}\n{_grid(('key', 'low', 'mode', 'high', 'unit', 'source'), rows)}\n"


def _grid(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(data_dictionary())
