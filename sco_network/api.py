"""The public classes: every method is one line that names the room where the work is done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sco_network.model import differences as _differences
from sco_network.model import network as _network
from sco_network.model import scenario as _scenario
from sco_network.model.folders import scenario_folder
from sco_network.model.library import find_scenario, read_all, read_required
from sco_network.routing import route as _route

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx
    import pandas as pd
    from matplotlib.axes import Axes

    from sco_network.analysis.compare import Comparison as _Comparison
    from sco_network.output.claims import Claims
    from sco_network.routing.skim import Skim


# Names that need scipy, pandas or numba, imported when they are asked for, and their rooms.
_LATE = {
    "ScenarioSpace": "combine",
    "breakeven": "breakeven",
    "flows": "flows",
    "people": "people",
    "rank": "rank",
    "stress": "stress",
    "timeline": "timeline",
    "uncertainty": "uncertainty",
}


def __getattr__(name: str) -> Any:
    """Return a public name that is imported when it is asked for."""
    if name in _LATE:
        return getattr(import_module(f"sco_network.analysis.{_LATE[name]}"), name)
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
        engine: str | None = None,
        jobs: int | None = None,
        cluster: str | None = None,
    ) -> Skim:
        """Return best costs between all terminals (node ids), n × n; inf is no route.

        With `jobs` (local processes) or `cluster` (address of a Dask scheduler) the origins
        are shared out; see `analysis.large_skim`.
        """
        from sco_network.analysis.evaluation import terminals_of
        from sco_network.analysis.large_skim import large_skim
        from sco_network.routing.skim import skim
        from sco_network.routing.states import check_modes, expand

        if modes is None and terminals is not None:
            modes = tuple(dict.fromkeys(self.links["mode"].tolist()))
        places = terminals_of(self, check_modes(modes)) if terminals is None else terminals
        graph = expand(self, modes, avoid)
        if jobs is None and cluster is None:
            return skim(graph, places, by, engine=engine)
        return large_skim(graph, places, by, jobs=jobs, cluster=cluster)

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """Return nodes and links as a networkx graph with all their columns as attributes."""
        from sco_network.exchange.networkx import to_networkx

        return to_networkx(self)

    def to_geopandas(self) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
        """Return nodes and links as two GeoDataFrames (EPSG:4326)."""
        from sco_network.exchange.geoframes import to_geopandas

        return to_geopandas(self)

    def to_frames(self) -> dict[str, pd.DataFrame]:
        """Return every table as a DataFrame: `from_frames(**net.to_frames())` is equal."""
        from sco_network.exchange.frames import to_frames

        return to_frames(self)

    @classmethod
    def from_networkx(cls, graph: nx.Graph[Any]) -> Self:
        """Return the network of a graph with the attributes of `to_networkx`."""
        from sco_network.exchange.networkx import from_networkx

        return from_networkx(cls, graph)

    @classmethod
    def from_geopandas(
        cls,
        nodes: gpd.GeoDataFrame,
        links: gpd.GeoDataFrame,
        crossings: Any = None,
        transfers: Any = None,
        **others: Any,
    ) -> Self:
        """Return the network of points and lines in any CRS; `others` as in `from_frames`."""
        from sco_network.exchange.geoframes import from_geopandas

        return from_geopandas(cls, nodes, links, crossings, transfers, **others)

    @classmethod
    def read(
        cls,
        path: str | Path,
        form: str | None = None,
        *,
        note: Callable[[str], None] = lambda _: None,
    ) -> Self:
        """Read GMNS, GeoPackage, GeoJSON or GraphML; the form follows from the path's ending.

        `note` is called with a sentence on whatever is left out or written otherwise.
        """
        from sco_network.exchange.forms import read

        return read(cls, Path(path), form, note)

    def write(self, path: str | Path, form: str | None = None) -> None:
        """Write GMNS, GeoPackage, GeoJSON or GraphML; the form follows from the path's ending."""
        from sco_network.exchange.forms import write

        write(self, Path(path), form)

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


def diff(old: str | Path, new: str | Path, **options: Any) -> _differences.Differences:
    """Return what differs between two data folders, scenarios or results; see `model.differences`.

    `.rows` are the rows that were added, removed or changed, `.as_dict()` is all of it.
    """
    return _differences.diff(old, new, **options)


def claims(
    network: _network.Network,
    scenarios: Iterable[_scenario.Scenario] | None = None,
    *,
    tolerance_percent: float = 15.0,
) -> Claims:
    """Hold published claims against the model: `.table`, `.counts`, `.checked`, `.plot()`.

    Without scenarios, the claims of all in the scenarios folder; see `analysis.claims`.
    """
    from sco_network.output.claims import Claims

    folder = scenario_folder()
    chosen = read_all(folder, Scenario) if scenarios is None else list(scenarios)
    required = read_required(chosen, folder, Scenario)
    return Claims.of(network, chosen, required=required, tolerance_percent=tolerance_percent)


def staircase(*routes: _route.Route) -> Axes:
    """Draw routes as time–distance and cost–distance staircases, one beside the other."""
    from sco_network.output.staircase import draw_staircase

    return draw_staircase(routes)
