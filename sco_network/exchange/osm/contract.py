"""From lines to links: shortest paths between terminals, and where those paths meet.

A railway in OpenStreetMap is a ladder of tracks, crossovers and sidings. Its links are found
without sorting them out: the shortest paths that lead from a terminal to its neighbours take one
track each, so their union is the line, and the points where they part are its junctions. What
two tracks still leave is collapsed: junctions within `STATION_KM` of each other become one, and
links that the rest of the network replaces at `BYPASS` times their length, and with at most
`BYPASS_KM` more, are taken out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from .lines import Lines

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BYPASS = 1.10
BYPASS_KM = 2.0
TERMINAL_KM = 1.0
STATION_KM = 2.0
ROWS = 2**24  # distances kept at once, 12 bytes each with their predecessors


@dataclass(frozen=True)
class Chains:
    """Lines between the points that matter: junctions, dead ends and the points marked.

    Attributes
    ----------
    points
        The points that matter, as numbers in `lines`, n.
    ends
        Chains as pairs of rows in `points`, m × 2.
    km
        Their lengths, m.
    courses
        The points along each chain, both ends included, m.
    segments
        The segments along each chain, m.
    """

    lines: Lines
    points: Ints
    ends: Ints
    km: Floats
    courses: Sequence[Sequence[int]]
    segments: Sequence[Sequence[int]]

    @cached_property
    def best(self) -> Ints:
        """The shortest chain between each two points, sorted by its ends."""
        order = np.lexsort((self.km, self.ends[:, 1], self.ends[:, 0]))
        ends = self.ends[order]
        fresh = np.ones(len(order), dtype=bool)
        fresh[1:] = (ends[1:] != ends[:-1]).any(axis=1)
        return order[fresh]

    def matrix(self) -> csr_array[np.float64]:
        """Return the lengths between neighbouring points, km, n × n, both ways."""
        a, b = self.ends[self.best].T
        km, n = self.km[self.best], len(self.points)
        rows, columns = np.concatenate([a, b]), np.concatenate([b, a])
        return csr_array((np.concatenate([km, km]), (rows, columns)), shape=(n, n))

    def row_of(self, points: Ints) -> Ints:
        """Return the rows of points that matter; −1 stays −1."""
        rows = np.searchsorted(self.points, points)
        return np.where(points >= 0, rows, -1)


def chains(lines: Lines, marked: Iterable[int] = ()) -> Chains:
    """Return the chains of segments between junctions, dead ends and the points marked."""
    n = len(lines.lonlat)
    matters = lines.degree != 2
    matters[np.fromiter(marked, dtype=np.int64)] = True
    both = np.concatenate([lines.ends, lines.ends[:, ::-1]])
    order = np.argsort(both[:, 0], kind="stable")
    beginning = np.searchsorted(both[order, 0], np.arange(n + 1)).tolist()
    neighbour = both[order, 1].tolist()
    segment = (order % len(lines.ends)).tolist() if len(lines.ends) else []
    stops = matters.tolist()
    points = np.flatnonzero(matters & (lines.degree > 0))
    courses: list[list[int]] = []
    segments: list[list[int]] = []
    done = bytearray(len(lines.ends))
    for start in points.tolist():
        for k in range(beginning[start], beginning[start + 1]):
            if done[segment[k]]:
                continue
            done[segment[k]] = 1
            course, passed, here = [start, neighbour[k]], [segment[k]], neighbour[k]
            while not stops[here]:
                i = beginning[here] + (segment[beginning[here]] == passed[-1])
                here = neighbour[i]
                done[segment[i]] = 1
                course.append(here)
                passed.append(segment[i])
            if course[0] > course[-1]:
                course.reverse()
                passed.reverse()
            if course[0] != course[-1]:  # a loop leads nowhere
                courses.append(course)
                segments.append(passed)
    ends = np.array([(c[0], c[-1]) for c in courses], dtype=np.int64).reshape(-1, 2)
    km = np.array([lines.km[s].sum() for s in segments], dtype=np.float64)
    return Chains(lines, points, np.searchsorted(points, ends), km, courses, segments)


@dataclass(frozen=True)
class Found:
    """A link found on the lines: its ends are points of the lines.

    `km` also holds the way to the middle of the junctions at its ends, which `course` and
    `segments`, the points and segments along it, do not show.
    """

    start: int
    end: int
    km: float
    course: Sequence[int]
    segments: Sequence[int]


@dataclass(frozen=True)
class Contracted:
    """The links of one layer, and how much of its lines they do not use."""

    links: Sequence[Found]
    bypasses: int
    unused_km: float


def contract(lines: Lines, terminals: Sequence[int]) -> Contracted:
    """Return links between terminals (points of the lines) and junctions.

    Lengths are those along the lines, within some hundred metres a station. A line that no
    shortest path between neighbouring terminals takes is left out, as are dead ends without a
    terminal.
    """
    found = chains(lines, terminals)
    places = np.searchsorted(found.points, np.unique(np.array(terminals, dtype=np.int64)))
    used = _between_terminals(found, places)
    graph: nx.Graph[int] = nx.Graph()
    for i in used.tolist():
        a, b = found.ends[i].tolist()
        _lay(graph, a, b, float(found.km[i]), ((i, True),))
    kept = set(places.tolist())
    _tidy(graph, kept)
    graph = _merged(graph, kept)
    _tidy(graph, kept)
    bypasses = _prune(graph)
    _tidy(graph, kept)
    links = [_link(found, a, b, data) for a, b, data in graph.edges(data=True)]
    unused = float(lines.km.sum() - sum(link.km for link in links))
    links.sort(key=lambda link: (link.start, link.end))
    return Contracted(links, bypasses, unused)


def _between_terminals(found: Chains, places: Ints) -> Ints:
    """Return the chains on shortest paths between terminals that pass through no third one."""
    n, k = len(found.points), len(places)
    if k < 2:
        return np.zeros(0, dtype=np.int64)
    a, b = found.ends[found.best].T
    tail, head = np.concatenate([a, b]), np.concatenate([b, a])
    number = np.full(n, -1)
    number[places] = np.arange(k)
    # what leaves a terminal leaves its double, so that no path goes on through it
    tail = np.where(number[tail] >= 0, n + number[tail], tail)
    km = np.tile(found.km[found.best], 2)
    matrix = csr_array((km, (tail, head)), shape=(n + k, n + k))
    chain_of = dict(zip(zip(a.tolist(), b.tolist(), strict=True), found.best, strict=True))
    used: set[int] = set()
    for first in range(0, k, step := max(1, ROWS // (n + k))):
        origins = np.arange(n + first, n + min(first + step, k))
        far, before = dijkstra(matrix, indices=origins, return_predecessors=True)
        for origin, distance, came in zip(origins.tolist(), far, before, strict=True):
            for pair in _tree(places[np.isfinite(distance[places])], came, origin, places, n):
                used.add(int(chain_of[pair]))
    return np.array(sorted(used), dtype=np.int64)


def _tree(
    reached: Ints, came: NDArray[np.int32], origin: int, places: Ints, n: int
) -> Iterator[tuple[int, int]]:
    """Yield the steps of the paths from one origin to the terminals that it reaches."""
    passed: set[int] = set()
    for place in reached.tolist():
        here = place
        while here not in passed and here != origin:
            passed.add(here)
            back = int(came[here])
            plain = int(places[back - n]) if back >= n else back
            yield (plain, here) if plain < here else (here, plain)
            here = back


Parts = tuple[tuple[int, bool], ...]


def _lay(graph: nx.Graph[int], a: int, b: int, km: float, parts: Parts) -> None:
    """Add a link, or keep the one that is there where that is shorter; parts run from a to b."""
    if a == b or (graph.has_edge(a, b) and graph[a][b]["km"] <= km):
        return
    graph.add_edge(a, b, km=km, start=a, parts=parts)


def _parts(graph: nx.Graph[int], a: int, b: int) -> Parts:
    """Return the parts of a link in the order from a to b."""
    data = graph[a][b]
    if data["start"] == a:
        return tuple(data["parts"])
    return tuple((i, not forward) for i, forward in reversed(data["parts"]))


def _tidy(graph: nx.Graph[int], terminals: set[int]) -> None:
    """Take out dead ends without a terminal, and points where a line only goes on."""
    waiting = [node for node in graph if node not in terminals]
    while waiting:
        node = waiting.pop()
        if node not in graph or node in terminals or graph.degree(node) > 2:
            continue
        around = list(graph[node])
        if len(around) == 2:
            a, b = around
            km = graph[a][node]["km"] + graph[node][b]["km"]
            parts = _parts(graph, a, node) + _parts(graph, node, b)
            graph.remove_node(node)
            _lay(graph, a, b, km, parts)
        else:
            graph.remove_node(node)
        waiting += around


def _merged(graph: nx.Graph[int], terminals: set[int]) -> nx.Graph[int]:
    """Return a network in which the throats, wyes and bypasses of a station are one point.

    Junctions within `TERMINAL_KM` of a terminal along the line are the terminal; other junctions
    within `STATION_KM` of each other become one of them. A link into a station is lengthened by
    the way on to its middle: to the terminal, or so that the ways through the station from link
    to link come out as nearly as they can (non-negative least squares; exact for three links).
    """
    short: nx.Graph[int] = nx.Graph()
    short.add_nodes_from(graph)
    short.add_edges_from(e for e in graph.edges(data=True) if e[2]["km"] <= STATION_KM)
    middle = {node: node for node in graph}
    offset = dict.fromkeys(graph, 0.0)
    near: set[int] = set()
    for terminal in sorted(terminals & set(graph)):
        way = nx.single_source_dijkstra_path_length(short, terminal, TERMINAL_KM, weight="km")
        for node, km in way.items():
            if node not in terminals and (node not in near or km < offset[node]):
                near.add(node)
                middle[node], offset[node] = terminal, km
    others = short.subgraph(set(graph) - terminals - near)
    for station in nx.connected_components(others):
        if len(station) > 1:
            _meet(graph, others, station, middle, offset)
    merged: nx.Graph[int] = nx.Graph()
    for a, b, data in graph.edges(data=True):
        km = data["km"] + offset[a] + offset[b]
        _lay(merged, middle[a], middle[b], km, _parts(graph, a, b))
    return merged


def _meet(
    graph: nx.Graph[int],
    near: nx.Graph[int],
    station: set[int],
    middle: dict[int, int],
    offset: dict[int, float],
) -> None:
    """Make the junctions of a station one point; note it and the way to it from each."""
    ports = sorted(n for n in station if any(other not in station for other in graph[n]))
    if not ports:
        return
    km = dict(nx.all_pairs_dijkstra_path_length(near.subgraph(station), weight="km"))
    centre = min(ports, key=lambda n: (max(km[n].values()), n))
    pairs = [(i, j) for i in range(len(ports)) for j in range(i)]
    through = np.zeros((len(pairs), len(ports)))
    for row, pair in enumerate(pairs):
        through[row, pair] = 1
    wanted = np.array([km[ports[i]][ports[j]] for i, j in pairs])
    ways = nnls(through, wanted)[0] if pairs else np.zeros(1)
    for node in station:
        middle[node] = centre
    offset.update(zip(ports, ways.tolist(), strict=True))


def _prune(graph: nx.Graph[int]) -> int:
    """Take out links, longest first, that a path hardly longer replaces; return how many."""
    removed = 0
    by_length: list[tuple[int, int, float]] = sorted(
        graph.edges(data="km"), key=lambda e: (-e[2], e[:2])
    )
    for a, b, km in by_length:
        data = graph[a][b]
        graph.remove_edge(a, b)
        longest = min(BYPASS * km, km + BYPASS_KM)
        within = nx.single_source_dijkstra_path_length(graph, a, cutoff=longest, weight="km")
        if b in within:
            removed += 1
        else:
            graph.add_edge(a, b, **data)
    return removed


def _link(found: Chains, a: int, b: int, data: Mapping[str, Any]) -> Found:
    ends = (a, b) if data["start"] == a else (b, a)
    course: list[int] = []
    segments: list[int] = []
    for i, forward in data["parts"]:
        step = 1 if forward else -1
        course += found.courses[i][::step][1 if course else 0 :]
        segments += found.segments[i][::step]
    start, end = (int(found.points[row]) for row in ends)
    return Found(start, end, data["km"], course, segments)
