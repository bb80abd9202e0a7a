"""The map to play with: every link with its figures, and what each proposal changes of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sco_network.analysis.explain import CONFIDENCE_WORDS
from sco_network.model.network import Network
from sco_network.output import style
from sco_network.output.ground import Ground
from sco_network.output.links import SHOWN_LAYERS, lines_of
from sco_network.routing.impedance import Impedance, crossing_of_links

from .drawing import Frame, Shapes, nations, paths
from .effects import Effect
from .sketch import LAND

WIDTH, SHAPE = 14000, 0.62  # 0.7 km to a unit for the region's network
REACH = 0.75  # beyond the first view, as a share of its width
FINEST = 1.5
NAMED_PLACES = 500
NATION_SIZE = 150.0


@dataclass(frozen=True)
class Atlas:
    """What the page draws (`land` and `links`, by kind) and what its script reads (`data`)."""

    width: int
    height: int
    land: list[tuple[str, str]]
    links: dict[str, list[tuple[int, str]]]
    data: dict[str, Any]


def atlas(
    network: Network,
    told: Sequence[tuple[Effect, list[str]]],
    lines: Shapes,
    use: Impedance,
    ground: Ground,
) -> Atlas:
    """Return the map of a network and of proposals for it.

    Parameters
    ----------
    told
        What each proposal does, on the map and in sentences.
    lines
        The courses of the network's links, projected.
    use
        What each link takes today.
    """
    projected = ground.project(network.coordinates)
    seen = projected[np.isfinite(projected).all(axis=1)]
    corners = np.percentile(seen, [1.5, 98.5], axis=0) if len(seen) else np.zeros((2, 2))
    frame = Frame.around(corners, WIDTH, SHAPE, least_km=900, reach=REACH)
    records = _Records(network, use)
    return Atlas(
        width=frame.width,
        height=frame.height,
        land=[
            (kind, "".join(paths(ground.parts[kind].shapes, frame, FINEST)))
            for kind in LAND
            if kind in ground.parts
        ],
        links=_by_layer(network, paths(lines, frame, FINEST)),
        data={
            "names": [network.name_of(i) for i in network.nodes.ids.tolist()],
            "links": [records.of(row) for row in range(len(network.links))],
            "crossings": _crossings(network),
            "places": _places(network, frame.place(projected)),
            "countries": [
                [wish.text, *_point(wish.spots[0])]
                for wish in nations(network, frame, ground, NATION_SIZE)
            ],
            "proposals": [_proposal(e, frame) | {"words": words} for e, words in told],
            "sources": _sources([network, *(e.network for e, _ in told)]),
            "layers": style.LAYER_WORDS,
            "grades": CONFIDENCE_WORDS,
        },
    )


def _by_layer(network: Network, drawn: Sequence[str]) -> dict[str, list[tuple[int, str]]]:
    """Return the links that are on the map, by layer; those not open by themselves."""
    found: dict[str, list[tuple[int, str]]] = {"idle": []}
    is_open = network.links["status"] == "operating"
    for layer in (*SHOWN_LAYERS, *sorted(set(network.layers.tolist()) - set(SHOWN_LAYERS))):
        of_layer = np.flatnonzero(network.layers == layer).tolist()
        found[layer] = [(row, drawn[row]) for row in of_layer if drawn[row] and is_open[row]]
        found["idle"] += [(row, drawn[row]) for row in of_layer if drawn[row] and not is_open[row]]
    return {layer: rows for layer, rows in found.items() if rows}


class _Records:
    """What the page says of a network's links, each as a short list."""

    def __init__(self, network: Network, use: Impedance) -> None:
        self.network, self.use = network, use
        self.ends = [
            network.links.rows_in(c, network.nodes) for c in ("from_node_id", "to_node_id")
        ]
        self.crossing = crossing_of_links(network)

    def of(self, row: int) -> list[Any]:
        """Return ends, layer, name, km, hours under way and at the border, and who says so."""
        links, use = self.network.links, self.use
        return [
            int(self.ends[0][row]),
            int(self.ends[1][row]),
            self.network.layers[row],
            links["name"][row],
            _rounded(use.km[row]),
            _rounded(use.run_h[row]),
            _rounded(use.border_h[row]),
            int(self.crossing[row]),
            links["status"][row] if use.link_open[row] else _shut_word(links["status"][row]),
            links["confidence"][row] or "?",
            links["source_id"][row] or "",
        ]


def _shut_word(status: str) -> str:
    """Return why a link cannot be used: its own status, or its border."""
    return "border closed" if status == "operating" else status


def _rounded(value: float) -> float | None:
    return round(float(value), 2) if np.isfinite(value) else None


def _crossings(network: Network) -> list[list[str]]:
    columns = (network.crossings[c].tolist() for c in ("name", "source_id"))
    return [[name, source or ""] for name, source in zip(*columns, strict=True)]


def _places(network: Network, at: Any) -> list[list[Any]]:
    """Return the largest places first: name, x, y."""
    people = np.nan_to_num(network.nodes["population"])
    order = np.argsort(-people, kind="stable")[:NAMED_PLACES].tolist()
    ids = network.nodes.ids
    return [[network.name_of(ids[i]), *_point(at[i])] for i in order if _on_map(at[i])]


def _on_map(point: Any) -> bool:
    return bool(np.isfinite(point).all())


def _point(point: Any) -> list[int]:
    return [round(float(v)) for v in point]


def _proposal(effect: Effect, frame: Frame) -> dict[str, Any]:
    """Return what the page draws and says of a proposal, today and with it."""
    network, records = effect.network, _Records(effect.network, effect.use)
    drawn = paths(lines_of(network, effect.new, effect.ground), frame, FINEST)
    at = frame.place(effect.ground.project(network.coordinates))
    index = network.nodes.index
    here = {index[n] for n in effect.nodes_of([*effect.added, *effect.upgraded, *effect.closed])}
    here |= {index[n] for n in effect.nodes_of([*effect.before, *effect.after])}
    spots = []
    for spot in effect.spots:
        rows = [index[n] for n in spot.node_ids]
        here |= set(rows)
        middle = at[rows].mean(axis=0)
        if _on_map(middle):
            spots.append([spot.kind, *_point(middle), spot.words])
    return {
        "id": effect.proposal.anchor,
        "frame": _bounds(at[sorted(here)]),
        "ends": [[network.name_of(n), *_point(at[index[n]])] for n in effect.pair or ()],
        "names": [network.name_of(i) for i in network.nodes.ids[len(effect.base.nodes) :]],
        "crossings": _crossings(network)[len(effect.base.crossings) :],
        "new": [[d, records.of(row)] for row, d in zip(effect.new, drawn, strict=True)],
        "added": list(effect.added.items()),
        "changed": {row: records.of(row) for row in effect.touched},
        "upgraded": effect.upgraded,
        "closed": effect.closed,
        "before": effect.before,
        "after": effect.after,
        "spots": spots,
    }


def _bounds(points: Any) -> list[int] | None:
    """Return left, top, right and bottom of points; None without any."""
    known = points[np.isfinite(points).all(axis=1)]
    return [*_point(known.min(axis=0)), *_point(known.max(axis=0))] if len(known) else None


def _sources(networks: Iterable[Network]) -> dict[str, list[str]]:
    """Return what is cited by any link or crossing: words and address."""
    cited: set[str] = set()
    for network in networks:
        cited |= {*network.links["source_id"].tolist(), *network.crossings["source_id"].tolist()}
    table = network.tables["sources"]
    return {
        i: [f"{row['title']} ({style.publisher_year(row)})", row["url"]]
        for i in sorted(cited & set(table.ids.tolist()))
        for row in (table.row(i),)
    }
