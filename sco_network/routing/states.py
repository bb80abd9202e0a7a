"""The expanded graph: a state for every (node, layer), links and transfers as its arcs."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sco_network.errors import bad_argument, did_you_mean
from sco_network.model.network import Network
from sco_network.model.rows import FREIGHT, MODES

from .impedance import By, Floats, Impedance, Ints, impedance

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True)
class StateGraph:
    """States and arcs as arrays; an arc is a link in one direction or a transfer.

    `state_node`, `state_layer` give each state's row in nodes.csv, rising, and number in `layers`;
    `tail`, `head` the states an arc joins; `link`, `transfer` its row, −1 where it is the
    other kind; links come first. `use` says what using each row takes.
    """

    network: Network
    layers: tuple[str, ...]
    state_node: Ints
    state_layer: Ints
    tail: Ints
    head: Ints
    link: Ints
    transfer: Ints
    use: Impedance

    @property
    def size(self) -> int:
        """Number of states."""
        return len(self.state_node)

    def cost(self, by: By, use: Impedance | None = None) -> Floats:
        """Return the cost of every arc in km, h or USD; a closed arc costs infinity.

        With another impedance than the network's own, perhaps of many draws: draws × arcs.
        """
        use = self.use if use is None else use
        hours = use.run_h + use.border_h
        match by:
            case "length":
                cost = self._per_arc(use.km, np.zeros_like(use.transfer_h))
            case "time":
                cost = self._per_arc(hours, use.transfer_h)
            case "cost":
                cost = self._per_arc(use.link_usd, use.transfer_usd)
            case "generalised":
                worth = use.value_of_time
                cost = self._per_arc(
                    use.link_usd + worth * hours, use.transfer_usd + worth * use.transfer_h
                )
        return np.where(self._per_arc(use.link_open, use.transfer_open), cost, np.inf)

    @cached_property
    def km(self) -> Floats:
        """Length of every arc, km; a transfer has none."""
        return self._of_links(self.use.km)

    @cached_property
    def run_h(self) -> Floats:
        """Hours under way on every arc."""
        return self._of_links(self.use.run_h)

    @cached_property
    def border_h(self) -> Floats:
        """Hours at the border that an arc crosses."""
        return self._of_links(self.use.border_h)

    @cached_property
    def is_open(self) -> NDArray[np.bool_]:
        """Whether an arc can be used."""
        return self._per_arc(self.use.link_open, self.use.transfer_open)

    def _of_links(self, of_link: Floats) -> Floats:
        return self._per_arc(of_link, np.zeros_like(self.use.transfer_h))

    def _per_arc(self, of_link: NDArray[Any], of_transfer: NDArray[Any]) -> NDArray[Any]:
        """Return what each arc takes from its row; a first axis of draws is kept."""
        links = int((self.link >= 0).sum())
        parts = of_link[..., self.link[:links]], of_transfer[..., self.transfer[links:]]
        draws = np.broadcast_shapes(*(part.shape[:-1] for part in parts))
        return np.concatenate(
            [np.broadcast_to(part, (*draws, part.shape[-1])) for part in parts], axis=-1
        )

    def states_of(self, node_id: str) -> range:
        """Return the states of a node; none if no link of the chosen modes ends there."""
        row = self.network.nodes.index[node_id]
        first, last = np.searchsorted(self.state_node, [row, row + 1]).tolist()
        return range(first, last)

    def best_arcs(self, cost: Floats) -> Ints:
        """Return the arcs that matter: open, and the cheapest between their two states."""
        return best_arcs(self.tail, self.head, cost)

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


def best_arcs(tail: Ints, head: Ints, cost: Floats) -> Ints:
    """Return the arcs of finite cost, the cheapest from each state to each other, by these two."""
    usable = np.flatnonzero(np.isfinite(cost))
    order = usable[np.lexsort((cost[usable], head[usable], tail[usable]))]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(tail[order]) != 0) | (np.diff(head[order]) != 0)
    return order[first]


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

    start, end = (links.rows_in(c, nodes) for c in ("from_node_id", "to_node_id"))
    shut = np.array([c in avoided for c in nodes["country"].tolist()], dtype=bool)
    used = np.array([m in chosen for m in links["mode"].tolist()], dtype=bool)
    kept = np.flatnonzero(used & ~shut[start] & ~shut[end])
    layers = tuple(sorted(set(network.layers[kept].tolist())))
    number = {layer: i for i, layer in enumerate(layers)}
    layer = np.array([number[name] for name in network.layers[kept].tolist()], dtype=np.int64)

    width = max(len(layers), 1)
    tail, head = start[kept] * width + layer, end[kept] * width + layer
    served = np.zeros(len(nodes) * width, dtype=bool)
    served[tail] = served[head] = True
    keys, state = np.flatnonzero(served), np.cumsum(served) - 1
    tail, head = state[tail], state[head]

    two_way = np.flatnonzero(links["directed"][kept] != True)  # noqa: E712 - objects, may be None
    link = np.concatenate([kept, kept[two_way]])
    link_tail, link_head = (
        np.concatenate([tail, head[two_way]]),
        np.concatenate([head, tail[two_way]]),
    )
    swap, swap_tail, swap_head = _transfer_arcs(network, number, keys, width, shut)
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
        use=use,
    )


def _transfer_arcs(
    network: Network,
    number: dict[str, int],
    keys: Ints,
    width: int,
    shut: NDArray[np.bool_],
) -> tuple[Ints, Ints, Ints]:
    """Return row, tail state and head state of every transfer, both ways."""
    transfers = network.transfers
    node = transfers.rows_in("node_id", network.nodes)
    there, states = ~shut[node], []
    for column in ("from_layer", "to_layer"):
        layer = np.array([number.get(name, -1) for name in transfers[column].tolist()], np.int64)
        state = np.searchsorted(keys, node * width + layer)
        there &= (layer >= 0) & (np.append(keys, -1)[state] == node * width + layer)
        states.append(state)
    rows = np.flatnonzero(there)
    ends = np.column_stack(states)[rows]
    return np.repeat(rows, 2), ends.ravel(), ends[:, ::-1].ravel()
