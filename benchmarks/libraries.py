"""Other libraries, each asked for the same matrix in the quickest way that it offers.

A library is prepared once with the graph and its first costs (`prepare`), then answers any cost
vector (`matrix`). Preparing may take as long as it likes: only `matrix` counts as a rerun, and
both together as a first answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# Largest sum that a library with 32-bit integers holds, with room to spare.
LARGEST = 1_000_000_000
# What pandana answers where there is no route: the largest integer of 32 bits, in thousandths.
UNREACHABLE = 4_000_000
# Cells of distances that one call may fill, so that all fits in memory.
CELLS = 40_000_000


@dataclass(frozen=True)
class Problem:
    """A directed graph without parallel arcs, and the nodes between which costs are wanted.

    `costs` are vectors of one number per arc, inf where it is closed: the base, then the
    scenarios. `longest` is the largest answer, which tells integers how fine they can be.
    """

    size: int
    tail: Ints
    head: Ints
    x: Floats
    y: Floats
    origins: Ints
    destinations: Ints
    costs: Sequence[Floats]
    longest: float


class Library:
    """A library prepared for a problem."""

    name = ""
    licence = ""
    is_exact = True  # in float64, not in integers of 32 bits

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.cost = problem.costs[0]
        self.prepare()

    @classmethod
    def version(cls) -> str:
        """Return the version installed, or nothing."""
        try:
            return version(cls.name)
        except PackageNotFoundError:
            return ""

    def prepare(self) -> None:
        """Build what is needed once."""
        raise NotImplementedError

    def matrix(self, cost: Floats) -> Floats:
        """Return the best costs from every origin to every destination; inf is no route."""
        raise NotImplementedError

    def changed(self, cost: Floats) -> Iterator[tuple[int, float]]:
        """Yield arcs whose costs are not those of the last call, and the new costs."""
        arcs = np.flatnonzero(cost != self.cost)
        self.cost = cost
        return zip(arcs.tolist(), cost[arcs].tolist(), strict=True)


class ByOrigin(Library):
    """A library that searches from one origin after the other, so that a few may stand for all."""

    def matrix(self, cost: Floats) -> Floats:
        return self.rows(cost, len(self.problem.origins))

    def rows(self, cost: Floats, count: int) -> Floats:
        """Return the first rows of the matrix."""
        raise NotImplementedError


class Scipy(Library):
    """`scipy.sparse.csgraph.dijkstra` from all origins, in as few calls as memory allows."""

    name, licence = "scipy", "BSD"

    def prepare(self) -> None:
        from scipy.sparse import csr_array

        p = self.problem
        self.order = np.lexsort((p.head, p.tail))
        start = np.searchsorted(p.tail[self.order], np.arange(p.size + 1))
        self.arcs = csr_array(
            (p.costs[0][self.order], p.head[self.order].astype(np.int32), start.astype(np.int32)),
            shape=(p.size, p.size),
        )

    def matrix(self, cost: Floats) -> Floats:
        from scipy.sparse.csgraph import dijkstra

        p = self.problem
        self.arcs.data[:] = cost[self.order]
        step = max(1, CELLS // p.size)
        rows = [
            dijkstra(self.arcs, indices=p.origins[k : k + step])[:, p.destinations]
            for k in range(0, len(p.origins), step)
        ]
        return np.vstack(rows)


class Networkx(ByOrigin):
    """`single_source_dijkstra_path_length` from each origin."""

    name, licence = "networkx", "BSD"

    def prepare(self) -> None:
        import networkx as nx

        p = self.problem
        self.graph = nx.DiGraph()
        self.graph.add_nodes_from(range(p.size))
        self.ends = list(zip(p.tail.tolist(), p.head.tolist(), strict=True))
        self.graph.add_weighted_edges_from(
            (a, b, c) for (a, b), c in zip(self.ends, p.costs[0].tolist(), strict=True)
        )

    def rows(self, cost: Floats, count: int) -> Floats:
        import networkx as nx

        for arc, value in self.changed(cost):
            a, b = self.ends[arc]
            self.graph[a][b]["weight"] = value
        destinations = self.problem.destinations.tolist()
        found = []
        for origin in self.problem.origins[:count].tolist():
            reached = nx.single_source_dijkstra_path_length(self.graph, origin)
            found.append([reached.get(node, np.inf) for node in destinations])
        return np.array(found)


class Igraph(Library):
    """`Graph.distances` with all sources and targets at once; GPL."""

    name, licence = "igraph", "GPL"

    def prepare(self) -> None:
        import igraph

        p = self.problem
        ends = np.column_stack([p.tail, p.head])
        self.graph = igraph.Graph(n=p.size, edges=ends, directed=True)

    def matrix(self, cost: Floats) -> Floats:
        p = self.problem
        found = self.graph.distances(
            source=p.origins.tolist(),
            target=p.destinations.tolist(),
            weights=cost.tolist(),
            mode="out",
            algorithm="dijkstra",
        )
        return np.array(found)


class Rustworkx(ByOrigin):
    """`dijkstra_shortest_path_lengths` from each origin, or all pairs at once on all cores."""

    name, licence = "rustworkx", "Apache"

    def prepare(self) -> None:
        import rustworkx as rx

        p = self.problem
        self.graph = rx.PyDiGraph(multigraph=False)
        self.graph.add_nodes_from(range(p.size))
        columns = (p.tail.tolist(), p.head.tolist(), p.costs[0].tolist())
        self.graph.add_edges_from(list(zip(*columns, strict=True)))

    def rows(self, cost: Floats, count: int) -> Floats:
        import rustworkx as rx

        p = self.problem
        for arc, value in self.changed(cost):
            self.graph.update_edge_by_index(arc, value)
        origins, destinations = p.origins[:count].tolist(), p.destinations.tolist()
        if p.size <= 2 * count:
            every = rx.digraph_all_pairs_dijkstra_path_lengths(self.graph, float)
            reached = (every[origin] for origin in origins)
        else:
            reached = (
                rx.digraph_dijkstra_shortest_path_lengths(self.graph, origin, float)
                for origin in origins
            )
        rows = []
        for origin, row in zip(origins, reached, strict=True):
            known = dict(row) | {origin: 0.0}
            rows.append([known.get(node, np.inf) for node in destinations])
        return np.array(rows)


class Networkit(Library):
    """`SPSP` with targets, on all cores."""

    name, licence = "networkit", "MIT"

    def prepare(self) -> None:
        import networkit as nk

        p = self.problem
        self.graph = nk.GraphFromCoo(
            (p.costs[0], (p.tail, p.head)), n=p.size, weighted=True, directed=True
        )

    def matrix(self, cost: Floats) -> Floats:
        import networkit as nk

        p = self.problem
        for arc, value in self.changed(cost):
            self.graph.setWeight(int(p.tail[arc]), int(p.head[arc]), value)
        search = nk.distance.SPSP(self.graph, p.origins.tolist())
        search.setTargets(p.destinations.tolist())
        search.run()
        found = np.array(search.getDistances(asarray=True))
        found[found > self.problem.longest * 1e6] = np.inf
        return found


class Pandana(Library):
    """`shortest_path_lengths` of all pairs; its contraction hierarchy is built for one vector."""

    name, licence, is_exact = "pandana", "AGPL", False

    def prepare(self) -> None:
        """Do nothing: a hierarchy answers one cost vector."""

    def matrix(self, cost: Floats) -> Floats:
        import pandana
        import pandas as pd

        p = self.problem
        # It keeps thousandths of what it is given, and hangs where sums of these overflow.
        scale = LARGEST / 10_000 / p.longest
        used = np.flatnonzero(np.isfinite(cost))
        nodes = pd.DataFrame({"x": p.x, "y": p.y})
        network = pandana.Network(
            nodes["x"],
            nodes["y"],
            pd.Series(p.tail[used]),
            pd.Series(p.head[used]),
            pd.DataFrame({"cost": cost[used] * scale}),
            twoway=False,
        )
        n = len(p.origins)
        found = network.shortest_path_lengths(
            np.repeat(p.origins, n).tolist(), np.tile(p.destinations, n).tolist()
        )
        lengths = np.array(found).reshape(n, n)
        return np.where(lengths > UNREACHABLE, np.inf, lengths / scale)


class Routingkit(Library):
    """RoutingKit's customizable contraction hierarchy: many to many, 32-bit integers."""

    name, licence, is_exact = "pyroutingkit", "MIT", False

    def prepare(self) -> None:
        import pyroutingkit as rk

        p = self.problem
        self.topology = rk.CCHTopology()
        self.topology.build(
            p.tail.astype(np.uint32),
            p.head.astype(np.uint32),
            p.y.astype(np.float32),
            p.x.astype(np.float32),
            p.size,
        )
        self.metric = rk.CCHMetric(self.topology)

    def matrix(self, cost: Floats) -> Floats:
        import pyroutingkit as rk

        p = self.problem
        scale = LARGEST / p.longest
        with np.errstate(invalid="ignore"):
            weights = np.where(np.isfinite(cost), np.rint(cost * scale), rk.INF_WEIGHT)
        self.metric.customize(weights.astype(np.uint32), 2)
        found = self.metric.distances_many_to_many(
            p.origins.astype(np.uint32), p.destinations.astype(np.uint32)
        )
        return np.where(found >= rk.INF_WEIGHT, np.inf, found / scale)


LIBRARIES: tuple[type[Library], ...] = (
    Networkit,
    Routingkit,
    Scipy,
    Igraph,
    Pandana,
    Rustworkx,
    Networkx,
)
