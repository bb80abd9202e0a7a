"""The model beside published route figures that the base network must reproduce."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from sco_network.model.network import Network
from sco_network.routing.route import route_finder
from sco_network.routing.states import expand

COLUMNS = [
    "benchmark",
    "from",
    "to",
    "via",
    "modes",
    "by",
    "unit",
    "published",
    "model",
    "error_percent",
    "confidence",
    "source_id",
    "notes",
]


@dataclass(frozen=True)
class Benchmarks:
    """Every published figure beside the model's; `table` is sorted by the size of the error."""

    table: pd.DataFrame
    base_year: int

    @property
    def errors(self) -> dict[str, dict[str, float]]:
        """Size of the errors: all figures of a measure, and those not known to be wrong.

        Figures, unreachable ones, median and 95th percentile of |error|, share within 5 %.
        A figure is known to be wrong, old or partial where its notes begin with KNOWN.
        """
        found: dict[str, dict[str, float]] = {}
        known = self.table["notes"].str.startswith("KNOWN")
        groups = [(str(by), rows) for by, rows in self.table.groupby("by")]
        groups += [
            (f"{by}, without those known to be wrong", rows[~known[rows.index]])
            for by, rows in groups
            if known[rows.index].any()
        ]
        for by, rows in sorted(groups, key=lambda g: g[0]):
            size = rows["error_percent"].abs().dropna().to_numpy()
            found[by] = {
                "figures": len(rows),
                "unreachable": int(rows["model"].isna().sum()),
                "median_percent": float(np.median(size)) if len(size) else float("nan"),
                "p95_percent": float(np.percentile(size, 95)) if len(size) else float("nan"),
                "within_5_percent": float(100 * (size <= 5).mean()) if len(size) else float("nan"),
            }
        return found


def run_benchmarks(network: Network) -> Benchmarks:
    """Route every benchmark as published: same modes, same places on the way."""
    rows = []
    finder = cache(lambda modes, by: route_finder(expand(network, modes or None), by))
    for row in network.tables["benchmarks"]:
        modes, via = (
            tuple(word for word in row[column].split(";") if word) for column in ("modes", "via")
        )
        route = finder(modes, row["by"])(row["from_node_id"], *via, row["to_node_id"])
        model = route.total if route.reachable else np.nan
        published = row["published_value"]
        rows.append(
            (
                row["benchmark_id"],
                row["from_node_id"],
                row["to_node_id"],
                row["via"],
                row["modes"],
                row["by"],
                row["unit"],
                published,
                model,
                100 * (model - published) / published,
                row["confidence"],
                row["source_id"],
                row["notes"],
            )
        )
    table = pd.DataFrame(rows, columns=COLUMNS)
    order = table["error_percent"].abs().sort_values(ascending=False, na_position="first").index
    return Benchmarks(table.loc[order].reset_index(drop=True), network.base_year)
