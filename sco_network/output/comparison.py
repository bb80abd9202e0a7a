"""The comparison as users hold it: frames, figures and a report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sco_network.analysis import compare as _compare
from sco_network.model.network import Network
from sco_network.model.scenario import Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Comparison(_compare.Comparison):
    """Base beside scenario: `metrics`, `pairs`, `routes`, and pictures of them."""

    @classmethod
    def of(cls, network: Network, scenario: Scenario | Sequence[Scenario], **options: Any) -> Self:
        """Compare; the options are those of `analysis.compare.compare`."""
        found = _compare.compare(network, scenario, **options)
        return cls(found.before, found.after, found.scenarios, found.centre)

    def plot_map(self, ax: Axes | None = None, *, basemap: str | None = None) -> Axes:
        """Draw what changes on a map."""
        from .proposal import draw_comparison

        return draw_comparison(self, ax=ax, basemap=basemap)

    def plot_access(self, ax: Axes | None = None, *, basemap: str | None = None) -> Axes:
        """Draw by how much each place's market access changes, on a map."""
        from .access import draw_access

        return draw_access(self, ax=ax, basemap=basemap)

    def plot_countries(self, ax: Axes | None = None) -> Axes:
        """Draw the change between every two countries as a heatmap."""
        from .countries import draw_countries

        return draw_countries(self, ax=ax)

    def plot_routes(self, ax: Axes | None = None) -> Axes:
        """Draw the routes that change most."""
        from .charts import draw_routes

        return draw_routes(self, ax=ax)

    def report(self, path: str | Path) -> Path:
        """Write one self-contained HTML page with figures and tables; return its path."""
        from .report import write_report

        return write_report([self], Path(path))
