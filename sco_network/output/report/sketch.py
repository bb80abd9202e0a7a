"""The map of one proposal, drawn once for page and print."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from sco_network.output import style
from sco_network.output.ground import Floats
from sco_network.output.links import SHOWN_LAYERS, lines_of

from .drawing import Box, Frame, Label, Shapes, Wish, nations, paths, place_labels
from .effects import Effect

WIDTH, SHAPE = 3000, 0.72  # units of the SVG, four to a point; height over width
LETTERS, SMALL = 62.0, 54.0
LEAST_KM = 700.0
LONGEST_NAME = 24  # of a place that is named for its part in a proposal alone
NAMED_ENDS, NAMED_CITIES, MOST_SPOTS = 18, 26, 400
SCALES_KM = (50, 100, 200, 500, 1000, 2000)
LAND = ("country", "lake", "border", "disputed")


@dataclass
class Sketch:
    """Paths, spots and words of a map, in the units of its SVG, and its legend."""

    width: int
    height: int
    alt: str
    paths: list[tuple[str, str]] = field(default_factory=list)
    spots: list[tuple[str, int, int, str]] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    legend: list[tuple[str, str]] = field(default_factory=list)
    scale: tuple[int, str] = (0, "")


def sketch(effect: Effect, lines: Shapes, alt: str) -> Sketch:
    """Draw a proposal: what it adds, changes and closes, and the route that moves most.

    Parameters
    ----------
    lines
        The courses of the base's links, projected.
    alt
        What the map shows, in words, for those who cannot see it.
    """
    ground = effect.ground
    lines = np.concatenate([lines, lines_of(effect.network, effect.new, ground)])
    projected = ground.project(effect.network.coordinates)
    frame = _frame(effect, projected)
    made = Sketch(frame.width, frame.height, alt)
    for kind in LAND:
        if kind in ground.parts:
            _draw(made, kind, paths(ground.parts[kind].shapes, frame, 2))
    _network(made, effect, lines, frame)
    _ways(made, effect, lines, frame)
    _changes(made, effect, lines, frame)
    taken = _spots(made, effect, projected, frame)
    taken.append(_scale(made, frame))
    made.labels = place_labels(_wanted(effect, projected, frame), frame, taken)
    return made


def _frame(effect: Effect, projected: Floats) -> Frame:
    """Return the frame around all that changes and the route that moves; else around all."""
    nodes = effect.nodes_of(
        [
            *effect.added,
            *effect.upgraded,
            *effect.closed,
            *effect.before,
            *effect.after,
        ]
    )
    nodes += [end for spot in effect.spots for end in spot.node_ids]
    index = effect.network.nodes.index
    points = projected[[index[n] for n in nodes] or slice(None)]
    points = points[np.isfinite(points).all(axis=1)]
    if len(nodes) > 150:  # a few far ends do not shrink what the proposal is about
        points = np.percentile(points, [2, 98], axis=0)
    return Frame.around(points, WIDTH, SHAPE, least_km=LEAST_KM)


def _draw(made: Sketch, kind: str, found: list[str], words: str = "") -> None:
    """Add the shapes of one kind as one path, and a word for the legend."""
    drawn = "".join(found)
    if drawn:
        made.paths.append((kind, drawn))
        if words:
            made.legend.append((kind, words))


def _network(made: Sketch, effect: Effect, lines: Shapes, frame: Frame) -> None:
    """Draw the links of today in the modes that are compared."""
    base = effect.base
    is_open = base.links["status"] == "operating"
    shown = np.isin(base.links["mode"].astype(str), effect.proposal.modes) & is_open
    for layer in SHOWN_LAYERS:
        rows = np.flatnonzero(shown & (base.layers == layer))
        _draw(made, layer, paths(lines[rows], frame, 2), style.LAYER_WORDS[layer])


def _ways(made: Sketch, effect: Effect, lines: Shapes, frame: Frame) -> None:
    """Draw the route that moves most, below the changes."""
    words = ("Best route today, of the pair named above", "Best route with it")
    ways = effect.before, effect.after
    for kind, way, word in zip(("way-before", "way-after"), ways, words, strict=True):
        rows = np.array(way, dtype=np.int64)
        _draw(made, kind, paths(lines[rows], frame, 2), word)


def _changes(made: Sketch, effect: Effect, lines: Shapes, frame: Frame) -> None:
    _draw(made, "upgraded", paths(lines[effect.upgraded], frame, 2), "Changed line")
    for status in dict.fromkeys(effect.added.values()):
        rows = [row for row, own in effect.added.items() if own == status]
        words = f"New line ({style.words(status)})" if status else "New line"
        _draw(made, f"added {status}", paths(lines[rows], frame, 2), words)
    _draw(made, "closed", paths(lines[effect.closed], frame, 2), "Closed line")


def _spots(made: Sketch, effect: Effect, projected: Floats, frame: Frame) -> list[Box]:
    """Mark crossings and terminals that change; return where the marks are."""
    index, boxes = effect.network.nodes.index, list[Box]()
    words = {"eased": "Border crossing or terminal changed", "shut": "Border crossing closed"}
    for spot in effect.spots[:MOST_SPOTS]:
        middle = projected[[index[n] for n in spot.node_ids]].mean(axis=0, keepdims=True)
        (at,) = frame.place(middle)
        if frame.holds(at[None])[0]:
            x, y = int(at[0]), int(at[1])
            made.spots.append((spot.kind, x, y, spot.words))
            boxes.append((x - 26, y - 26, x + 26, y + 26))
    made.legend += [(k, words[k]) for k in words if any(s[0] == k for s in made.spots)]
    return boxes


def _scale(made: Sketch, frame: Frame) -> Box:
    """Choose the length of the scale bar; return where it stands."""
    km = min(SCALES_KM, key=lambda km: abs(km - frame.width_km / 7))
    length = round(km * frame.scale)
    made.scale = length, f"{km:,} km"
    return 0.0, frame.height - 150.0, length + 100.0, float(frame.height)


def _wanted(effect: Effect, projected: Floats, frame: Frame) -> list[Wish]:
    """Return the words that a map should have, the most needed first."""
    network = effect.network
    nodes, index = network.nodes, network.nodes.index
    at = frame.place(projected)
    seen = frame.holds(at)
    ends = list(effect.pair or ())
    changed = effect.nodes_of([*effect.added, *effect.upgraded, *effect.closed])
    if len(effect.spots) <= NAMED_ENDS:
        changed += [end for spot in effect.spots for end in spot.node_ids]
    changed = [n for n in dict.fromkeys(changed) if len(network.name_of(n)) <= LONGEST_NAME]
    people = np.where(seen, np.nan_to_num(nodes["population"]), 0)
    cities = [nodes.ids[i] for i in np.argsort(-people, kind="stable")[:NAMED_CITIES] if people[i]]
    others = [*(changed if len(changed) <= NAMED_ENDS else ()), *cities]

    def wishes(names: Iterable[str], size: float, kind: str) -> list[Wish]:
        rows = [index[n] for n in names]
        return [
            Wish(network.name_of(nodes.ids[row]), [tuple(at[row].tolist())], size, kind)
            for row in rows
            if seen[row]
        ]

    return [
        *wishes(ends, LETTERS, "end"),
        *nations(network, frame, effect.ground, SMALL),
        *wishes((n for n in dict.fromkeys(others) if n not in ends), SMALL, "place"),
    ]
