"""What was written or read: rows of every table."""

from __future__ import annotations

from typing import Any

from sco_network.model.network import Network

from .tables import number, out, table


def network_record(network: Network) -> dict[str, Any]:
    """Return how many rows every table of a network has, courses and assumptions included."""
    return {
        **{name: len(rows) for name, rows in network.tables.items()},
        "assumptions": len(network.assumptions.entries),
        "geometry": len(network.geometry),
        "scenarios": [scenario.id for scenario in network.scenarios],
    }


def print_network(record: dict[str, Any]) -> None:
    """Print the rows of every table."""
    rows = [(name, number(n, 0)) for name, n in record.items() if isinstance(n, int) and n]
    out().print(table("Network", ("table", "rows"), rows))
