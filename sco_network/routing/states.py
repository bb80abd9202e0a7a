"""The expanded graph: a state for every (node, layer), links and transfers as its arcs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sco_network.errors import bad_argument, did_you_mean
from sco_network.model.network import Network
from sco_network.model.rows import FREIGHT, MODES

from .impedance import By, Floats, impedance

if TYPE_CHECKING:
    import networkx as nx

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class StateGraph:
    """States and arcs as arrays; an arc is a link in one direction or a transfer.

    `state_node`, `state_layer` give each state's row in nodes.csv and number in `layers`;
    `tail`, `head` the states an arc joins; `link`, `transfer` its row, −1 where it is the
    other kind. `km … usd` say what using the arc takes; `border_usd` and `gauge_usd` are the
    parts of `usd` paid at a border and at a change of gauge.
    """

    network: Network
    layers: tuple[str, ...]
    state_node: Ints
    state_layer: Ints
    tail: Ints
    head: Ints
    link: Ints
    transfer: Ints
    km: Floats
    run_h: Floats
    border_h: Floats
    transfer_h: Floats
    gauge_h: Floats
    usd: Floats
    border_usd: Floats
    gauge_usd: Floats
    is_open: NDArray[np.bool_]

    @property
    def size(self) -> int:
        """Number of states."""
        return len(self.state_node)

    def cost(self, by: By) -> Floats:
        """Return the cost of every arc in km, h or USD; a closed arc costs infinity."""
        hours = self.run_h + self.border_h + self.transfer_h + self.gauge_h
        match by:
            case "length":
                cost = self.km
            case "time":
                cost = hours
            case "cost":
                cost = self.usd
            case "generalised":
                cost = self.usd + self.network.assumptions["value_of_time"] * hours
        return np.where(self.is_open, cost, np.inf)

    @cached_property
    def states_of_node(self) -> dict[int, list[int]]:
        """The states of each node row that has any."""
        found: dict[int, list[int]] = {}
        for state, node in enumerate(self.state_node.tolist()):
            found.setdefault(node, []).append(state)
        return found

    def states_of(self, node_id: str) -> list[int]:
        """Return the states of a node; none if no link of the chosen modes ends there."""
        return self.states_of_node.get(self.network.nodes.index[node_id], [])

    def best_arcs(self, cost: Floats) -> Ints:
        """Return the arcs that matter: open, and the cheapest between their two states."""
        usable = np.flatnonzero(np.isfinite(cost))
        order = usable[np.lexsort((cost[usable], self.head[usable], self.tail[usable]))]
        tail, head = self.tail[order], self.head[order]
        first = np.ones(len(order), dtype=bool)
        first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
        return order[first]

    def to_networkx(self, cost: Floats) -> nx.DiGraph[int]:
        """Return the usable arcs as a directed graph with `cost` and `arc` on its edges."""
        import networkx as nx

        graph: nx.DiGraph[int] = nx.DiGraph()
        graph.add_nodes_from(range(self.size))
        arcs = self.best_arcs(cost)
        columns = (self.tail[arcs], self.head[arcs], cost[arcs], arcs)
        graph.add_edges_from(
            (tail, head, {"cost": c, "arc": arc})
            for tail, head, c, arc in zip(*(c.tolist() for c in columns), strict=True)
        )
        return graph


def check_modes(modes: Iterable[str] | None) -> tuple[str, ...]:
    """Return the modes to use: the freight modes unless others are given."""
    if modes is None:
        return FREIGHT
    chosen = tuple(dict.fromkeys(modes))
    for mode in chosen:
        if mode not in MODES:
            hint = did_you_mean(mode, MODES) or "Use " + ", ".join(MODES)
            raise bad_argument("modes", f"unknown mode '{mode}'", hint)
    return chosen


def check_countries(network: Network, countries: Iterable[str]) -> frozenset[str]:
    """Return country codes, or refuse one that no node has."""
    known = set(network.nodes["country"].tolist()) - {""}
    chosen = frozenset(c.upper() for c in countries)
    for country in sorted(chosen - known):
        hint = did_you_mean(country, known) or "Use codes such as " + ", ".join(sorted(known)[:5])
        raise bad_argument("avoid", f"no place lies in country '{country}'", hint)
    return chosen


def expand(
    network: Network,
    modes: Iterable[str] | None = None,
    avoid: Collection[str] = (),
) -> StateGraph:
    """Build the expanded graph of some modes, without the countries to avoid."""
    chosen = check_modes(modes)
    avoided = check_countries(network, avoid)
    use = impedance(network)
    links, nodes = network.links, network.nodes

    start = _rows(links["from_node_id"], nodes.index)
    end = _rows(links["to_node_id"], nodes.index)
    shut = np.isin(nodes["country"].astype(str), sorted(avoided))
    kept = np.flatnonzero(np.isin(links["mode"].astype(str), chosen) & ~shut[start] & ~shut[end])
    layers = tuple(sorted(set(network.layers[kept].tolist())))
    number = {layer: i for i, layer in enumerate(layers)}
    layer = np.array([number[name] for name in network.layers[kept].tolist()], dtype=np.int64)

    width = max(len(layers), 1)
    keys = np.unique(np.concatenate([start[kept], end[kept]]) * width + np.tile(layer, 2))
    tail = np.searchsorted(keys, start[kept] * width + layer)
    head = np.searchsorted(keys, end[kept] * width + layer)

    two_way = np.flatnonzero(links["directed"][kept] != True)  # noqa: E712 - objects, may be None
    link = np.concatenate([kept, kept[two_way]])
    link_tail, link_head = (
        np.concatenate([tail, head[two_way]]),
        np.concatenate([head, tail[two_way]]),
    )
    swap, swap_tail, swap_head = _transfer_arcs(network, number, keys, width, shut)
    nothing = np.zeros(len(swap))
    gauge = use.is_gauge[swap]
    hours, charge = use.transfer_h[swap], use.transfer_usd[swap]
    both = np.concatenate
    return StateGraph(
        network=network,
        layers=layers,
        state_node=keys // width,
        state_layer=keys % width,
        tail=both([link_tail, swap_tail]),
        head=both([link_head, swap_head]),
        link=both([link, np.full(len(swap), -1)]),
        transfer=both([np.full(len(link), -1), swap]),
        km=both([use.km[link], nothing]),
        run_h=both([use.run_h[link], nothing]),
        border_h=both([use.border_h[link], nothing]),
        transfer_h=both([np.zeros(len(link)), np.where(gauge, 0.0, hours)]),
        gauge_h=both([np.zeros(len(link)), np.where(gauge, hours, 0.0)]),
        usd=both([use.link_usd[link], charge]),
        border_usd=both([use.border_usd[link], nothing]),
        gauge_usd=both([np.zeros(len(link)), np.where(gauge, charge, 0.0)]),
        is_open=both([use.link_open[link], use.transfer_open[swap]]),
    )


def _rows(ids: NDArray[Any], index: dict[str, int]) -> Ints:
    return np.array([index[i] for i in ids.tolist()], dtype=np.int64)


def _transfer_arcs(
    network: Network,
    number: dict[str, int],
    keys: Ints,
    width: int,
    shut: NDArray[np.bool_],
) -> tuple[Ints, Ints, Ints]:
    """Return row, tail state and head state of every transfer, both ways."""
    transfers, index = network.transfers, network.nodes.index
    found: list[tuple[int, int, int]] = []
    columns: Sequence[list[str]] = [
        transfers[c].tolist() for c in ("node_id", "from_layer", "to_layer")
    ]
    states = {int(key): state for state, key in enumerate(keys.tolist())} if columns[0] else {}
    for row, (node_id, one, other) in enumerate(zip(*columns, strict=True)):
        node = index[node_id]
        if one not in number or other not in number or shut[node]:
            continue
        a = states.get(node * width + number[one])
        b = states.get(node * width + number[other])
        if a is not None and b is not None:
            found += [(row, a, b), (row, b, a)]
    rows = np.array(found, dtype=np.int64).reshape(-1, 3)
    return rows[:, 0], rows[:, 1], rows[:, 2]
