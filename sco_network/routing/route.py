"""One route, leg by leg, and alternatives to it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from sco_network.markup import html_table
from sco_network.model.distance import great_circle_km
from sco_network.model.network import Network

from .impedance import By, check_by
from .states import StateGraph, expand

# A link already used costs this much more in the search for the next alternative
# (link penalty method, de la Barra et al. 1993).
ALTERNATIVE_PENALTY = 1.4


@dataclass(frozen=True, slots=True)
class Leg:
    """One link of a route; a transfer counts to the leg that it leads to.

    Hours, dollars per TEU and kilometres of the link itself and of the border it crosses.
    `cost_usd` is all of the leg's cost; `border_usd`, `transfer_usd` and `gauge_usd` are parts
    of it.
    """

    from_node_id: str
    to_node_id: str
    mode: str
    layer: str
    link_id: str
    length_km: float
    run_h: float
    border_h: float
    transfer_h: float
    gauge_h: float
    cost_usd: float
    source_id: str
    border_usd: float = 0.0
    transfer_usd: float = 0.0
    gauge_usd: float = 0.0

    @property
    def time_h(self) -> float:
        """All hours of the leg."""
        return self.run_h + self.border_h + self.transfer_h + self.gauge_h

    def as_dict(self) -> dict[str, Any]:
        """Return the leg with the keys of `route --json`."""
        return {
            "from": self.from_node_id,
            "to": self.to_node_id,
            "mode": self.mode,
            "layer": self.layer,
            "link_id": self.link_id,
            "length_km": round(self.length_km, 3),
            "run_h": round(self.run_h, 3),
            "border_h": round(self.border_h, 3),
            "transfer_h": round(self.transfer_h, 3),
            "gauge_h": round(self.gauge_h, 3),
            "cost_usd": round(self.cost_usd, 2),
            "source_id": self.source_id,
        }


@dataclass(frozen=True)
class Route:
    """One best path between two places, or the honest statement that there is none."""

    network: Network = field(repr=False)
    origin: str
    destination: str
    by: By
    reachable: bool
    legs: tuple[Leg, ...] = ()

    @property
    def length_km(self) -> float:
        """Kilometres; inf where there is no route."""
        return sum(leg.length_km for leg in self.legs) if self.reachable else np.inf

    @property
    def time_h(self) -> float:
        """Hours, with borders, transfers and gauge breaks; inf where there is no route."""
        return sum(leg.time_h for leg in self.legs) if self.reachable else np.inf

    @property
    def cost_usd(self) -> float:
        """US dollars per TEU; inf where there is no route."""
        return sum(leg.cost_usd for leg in self.legs) if self.reachable else np.inf

    @property
    def total(self) -> float:
        """The route's cost in the measure it was chosen by."""
        hours_worth = self.network.assumptions["value_of_time"] * self.time_h
        return {
            "length": self.length_km,
            "time": self.time_h,
            "cost": self.cost_usd,
            "generalised": self.cost_usd + hours_worth,
        }[self.by]

    @property
    def detour_index(self) -> float | None:
        """Route length over great-circle length; None without a route or for one place."""
        rows = [self.network.nodes.index[n] for n in (self.origin, self.destination)]
        a, b = self.network.coordinates[rows]
        straight = float(great_circle_km(a, b))
        return self.length_km / straight if self.reachable and straight > 0 else None

    @property
    def countries(self) -> list[str]:
        """The countries on the way, in order."""
        nodes = self.network.nodes
        ids = [self.origin, *(leg.to_node_id for leg in self.legs)]
        return list(dict.fromkeys(nodes["country"][nodes.index[i]] for i in ids))

    def _repr_html_(self) -> str:
        name = self.network.name_of
        title = f"{name(self.origin)} – {name(self.destination)}, best by {self.by}"
        if not self.reachable:
            return html_table(title, ["no route with these modes, countries and scenarios"], [])
        rows = [
            (
                f"{name(leg.from_node_id)} – {name(leg.to_node_id)}",
                leg.layer,
                leg.length_km,
                leg.run_h,
                leg.border_h,
                leg.transfer_h + leg.gauge_h,
                leg.cost_usd,
            )
            for leg in self.legs
        ]
        columns = ["leg", "layer", "km", "running h", "border h", "transfer h", "USD per TEU"]
        total = f"{self.length_km:,.0f} km, {self.time_h:,.1f} h, {self.cost_usd:,.0f} USD per TEU"
        return html_table(title, columns, rows, f"{total}, through {', '.join(self.countries)}")

    def as_dict(self) -> dict[str, Any]:
        """Return the route with the keys of `route --json`."""

        def shown(value: float | None, digits: int) -> float | None:
            return round(value, digits) if self.reachable and value is not None else None

        return {
            "origin": self.origin,
            "destination": self.destination,
            "by": self.by,
            "scenarios": [s.id for s in self.network.scenarios],
            "reachable": self.reachable,
            "length_km": shown(self.length_km, 3),
            "time_h": shown(self.time_h, 3),
            "cost_usd": shown(self.cost_usd, 2),
            "detour_index": shown(self.detour_index, 4),
            "legs": [leg.as_dict() for leg in self.legs],
        }


def find_routes(
    network: Network,
    origin: str,
    destination: str,
    *,
    by: str = "time",
    modes: Iterable[str] | None = None,
    avoid: Collection[str] = (),
    via: Iterable[str] = (),
    alternatives: int = 1,
) -> list[Route]:
    """Return the best route and up to `alternatives − 1` others, best first.

    The list has one route that is not reachable where there is none.
    """
    measure = check_by(by)
    stops = [network.find(place) for place in (origin, *via, destination)]
    graph = expand(network, modes, avoid)
    cost = graph.cost(measure)
    found: list[Route] = []
    weight = cost.copy()
    for _ in range(alternatives):
        arcs = _through(graph, graph.to_networkx(weight), stops)
        route = _route(graph, arcs, stops, measure)
        if any(_links(route) == _links(other) for other in found):
            weight[arcs] *= ALTERNATIVE_PENALTY
            arcs = _through(graph, graph.to_networkx(weight), stops)
            route = _route(graph, arcs, stops, measure)
        if all(_links(route) != _links(other) for other in found):
            found.append(route)
        if arcs is None:
            break
        weight[arcs] *= ALTERNATIVE_PENALTY
    return sorted(found, key=lambda r: r.total)


def best_route(
    graph: StateGraph, origin: str, destination: str, by: By, *, via: Iterable[str] = ()
) -> Route:
    """Return the best route between two places, given by id, over a graph that is there already."""
    return route_finder(graph, by)(origin, *via, destination)


def route_finder(graph: StateGraph, by: By) -> Callable[..., Route]:
    """Return what finds the best route through places, given by id in their order.

    For many routes: between two places scipy searches, in a fraction of the time that networkx
    takes, but it takes longer to load. What is searched otherwise is made once, and is gone with
    the finder: it takes ten times the memory of the graph.
    """
    from .skim import way_between

    cost = graph.cost(by)
    net = cache(lambda: graph.to_networkx(cost))

    def find(*stops: str) -> Route:
        if len(stops) == 2 and stops[0] != stops[1]:
            ends = (graph.states_of(stop) for stop in stops)
            arcs = way_between(graph.size, graph.tail, graph.head, cost, *ends)
        else:
            arcs = _through(graph, net(), list(stops))
        return _route(graph, arcs, list(stops), by)

    return find


def _links(route: Route) -> list[str]:
    return [leg.link_id for leg in route.legs]


def _through(graph: StateGraph, net: Any, stops: list[str]) -> list[int] | None:
    """Return the arcs of the best path that visits the stops in order, or None.

    `net` is the graph to search, as `StateGraph.to_networkx` makes it. The path is free to
    change layer at a stop only where a transfer allows it.
    """
    if len(set(stops)) == 1:
        return []
    starts = dict.fromkeys(graph.states_of(stops[0]), 0.0)
    came: dict[int, list[int]] = {state: [] for state in starts}
    for stop in stops[1:]:
        if not starts:
            return None
        reached = _search(net, graph, starts, graph.states_of(stop))
        came = {state: came[first] + arcs for state, (_, first, arcs) in reached.items()}
        starts = {state: total for state, (total, _, _) in reached.items()}
    return came[min(starts, key=lambda state: starts[state])] if starts else None


def _search(
    net: Any, graph: StateGraph, starts: dict[int, float], targets: Sequence[int]
) -> dict[int, tuple[float, int, list[int]]]:
    """Return, for each target reached, its cost, the start it came from and the arcs between."""
    import networkx as nx

    source = graph.size
    net.add_edges_from((source, state, {"cost": total}) for state, total in starts.items())
    try:
        totals: Any
        paths: Any
        totals, paths = nx.single_source_dijkstra(net, source, weight=lambda _u, _v, d: d["cost"])
    finally:
        net.remove_node(source)
    return {
        state: (
            totals[state],
            paths[state][1],
            [net[u][v]["arc"] for u, v in zip(paths[state][1:], paths[state][2:], strict=False)],
        )
        for state in targets
        if state in totals
    }


def _route(graph: StateGraph, arcs: list[int] | None, stops: list[str], by: By) -> Route:
    network = graph.network
    if arcs is None:
        return Route(network, stops[0], stops[-1], by, reachable=False)
    legs: list[Leg] = []
    waiting = dict.fromkeys(("transfer_h", "gauge_h", "transfer_usd", "gauge_usd"), 0.0)
    ids, links, use = network.nodes.ids, network.links, graph.use
    for arc in arcs:
        if graph.link[arc] < 0:
            row = int(graph.transfer[arc])
            kind = "gauge" if use.is_gauge[row] else "transfer"
            waiting[f"{kind}_h"] += float(use.transfer_h[row])
            waiting[f"{kind}_usd"] += float(use.transfer_usd[row])
            continue
        row = int(graph.link[arc])
        legs.append(
            Leg(
                from_node_id=ids[graph.state_node[graph.tail[arc]]],
                to_node_id=ids[graph.state_node[graph.head[arc]]],
                mode=links["mode"][row],
                layer=graph.layers[graph.state_layer[graph.tail[arc]]],
                link_id=links.ids[row],
                length_km=float(use.km[row]),
                run_h=float(use.run_h[row]),
                border_h=float(use.border_h[row]),
                transfer_h=waiting["transfer_h"],
                gauge_h=waiting["gauge_h"],
                cost_usd=float(use.link_usd[row]) + waiting["transfer_usd"] + waiting["gauge_usd"],
                source_id=links["source_id"][row],
                border_usd=float(use.border_usd[row]),
                transfer_usd=waiting["transfer_usd"],
                gauge_usd=waiting["gauge_usd"],
            )
        )
        waiting = dict.fromkeys(waiting, 0.0)
    return Route(network, stops[0], stops[-1], by, reachable=True, legs=tuple(legs))
