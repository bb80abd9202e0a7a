"""The expanded graph: a state for every (node, layer), links and transfers as its arcs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sco_network.errors import bad_argument, did_you_mean
from sco_network.model.network import Network
from sco_network.model.rows import FREIGHT, MODES

from .impedance import By, Floats, Impedance, impedance

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class StateGraph:
    """States and arcs as arrays; an arc is a link in one direction or a transfer.

    `state_node`, `state_layer` give each state's row in nodes.csv and number in `layers`;
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
                cost = self._per_arc(use.km, np.zeros(use.transfer_h.shape))
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

    def _per_arc(self, of_link: NDArray[Any], of_transfer: NDArray[Any]) -> NDArray[Any]:
        """Return what each arc takes from its row; a first axis of draws is kept."""
        links = int((self.link >= 0).sum())
        parts = of_link[..., self.link[:links]], of_transfer[..., self.transfer[links:]]
        draws = np.broadcast_shapes(*(part.shape[:-1] for part in parts))
        return np.concatenate(
            [np.broadcast_to(part, (*draws, part.shape[-1])) for part in parts], axis=-1
        )

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
