"""The model beside published route figures that the base network must reproduce."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sco_network.model.network import Network
from sco_network.routing.route import find_routes

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

    @property
    def errors(self) -> dict[str, dict[str, float]]:
        """Per measure: figures, unreachable ones, median and 95th percentile of |error|, %."""
        found: dict[str, dict[str, float]] = {}
        for by, rows in self.table.groupby("by"):
            size = rows["error_percent"].abs().dropna().to_numpy()
            found[str(by)] = {
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
    for row in network.tables["benchmarks"]:
        modes = [m for m in row["modes"].split(";") if m] or None
        route = find_routes(
            network,
            row["from_node_id"],
            row["to_node_id"],
            by=row["by"],
            modes=modes,
            via=[v for v in row["via"].split(";") if v],
        )[0]
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
    return Benchmarks(table.loc[order].reset_index(drop=True))
