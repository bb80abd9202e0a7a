"""The public classes: every method is one line that names the room where the work is done."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sco_network.model import network as _network
from sco_network.model import scenario as _scenario
from sco_network.model.folders import scenario_folder
from sco_network.model.library import find_scenario, read_all
from sco_network.routing import route as _route

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx
    from matplotlib.axes import Axes

    from sco_network.analysis.compare import Comparison as _Comparison
    from sco_network.routing.skim import Skim


_LATE = {  # public names that need scipy, pandas or numba, and where they live
    "ScenarioSpace": "sco_network.analysis.combine",
    "rank": "sco_network.analysis.rank",
    "stress": "sco_network.analysis.stress",
    "uncertainty": "sco_network.analysis.uncertainty",
}


def __getattr__(name: str) -> Any:
    """Return a name that is imported when it is asked for."""
    if name in _LATE:
        from importlib import import_module

        return getattr(import_module(_LATE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class Scenario(_scenario.Scenario):
    """A proposal: `Scenario.load("uap-railway")`, a path, or `Scenario.from_dict({...})`."""

    @classmethod
    def load(cls, name: str | Path, folder: str | Path | None = None) -> Self:
        """Read a scenario by name from the scenarios folder, or a file by its path."""
        return cls.read(find_scenario(name, scenario_folder(folder)))


def scenarios(folder: str | Path | None = None) -> list[Scenario]:
    """Return every scenario of a folder; without one, `./scenarios` or the packaged ones."""
    return read_all(scenario_folder(folder), Scenario)


class Network(_network.Network):
    """A network: `Network.load()`, `Network.load("my-data/")` or `Network.from_frames(...)`."""

    def route(
        self,
        origin: str,
        destination: str,
        *,
        by: str = "time",
        modes: Iterable[str] | None = None,
        avoid: Collection[str] = (),
        via: Iterable[str] = (),
        scenarios: Sequence[_scenario.Scenario] = (),
    ) -> _route.Route:
        """Return the best route between two places, given by id or name."""
        return self.routes(
            origin, destination, by=by, modes=modes, avoid=avoid, via=via, scenarios=scenarios
        )[0]

    def routes(
        self,
        origin: str,
        destination: str,
        *,
        by: str = "time",
        modes: Iterable[str] | None = None,
        avoid: Collection[str] = (),
        via: Iterable[str] = (),
        scenarios: Sequence[_scenario.Scenario] = (),
        alternatives: int = 1,
    ) -> list[_route.Route]:
        """Return the best route and alternatives to it, best first."""
        network = self.with_scenarios(*scenarios) if scenarios else self
        return _route.find_routes(
            network,
            origin,
            destination,
            by=by,
            modes=modes,
            avoid=avoid,
            via=via,
            alternatives=alternatives,
        )

    def skim(
        self,
        *,
        by: str = "time",
        terminals: Sequence[str] | None = None,
        modes: Iterable[str] | None = None,
        avoid: Collection[str] = (),
    ) -> Skim:
        """Return best costs between all terminals (node ids), n × n; inf is no route."""
        from sco_network.analysis.compare import terminals_of
        from sco_network.routing.skim import skim
        from sco_network.routing.states import check_modes, expand

        if modes is None and terminals is not None:
            modes = tuple(dict.fromkeys(self.links["mode"].tolist()))
        places = terminals_of(self, check_modes(modes)) if terminals is None else terminals
        return skim(expand(self, modes, avoid), places, by)

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """Return nodes and links as a networkx graph with all their columns as attributes."""
        from sco_network.exchange.networkx import to_networkx

        return to_networkx(self)

    def to_geopandas(self) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
        """Return nodes and links as two GeoDataFrames (EPSG:4326)."""
        from sco_network.exchange.geoframes import to_geopandas

        return to_geopandas(self)

    def plot(self, ax: Axes | None = None, *, basemap: str | None = None) -> Axes:
        """Draw the network by mode and gauge, on the packaged base map, a file's, or `none`."""
        from sco_network.output.maps import draw_network

        return draw_network(self, ax=ax, basemap=basemap)


def compare(
    network: _network.Network,
    scenario: _scenario.Scenario | Sequence[_scenario.Scenario],
    **options: Any,
) -> _Comparison:
    """Compare the base with a scenario, or with several together; see `analysis.compare`."""
    from sco_network.output.comparison import Comparison

    return Comparison.of(network, scenario, **options)
