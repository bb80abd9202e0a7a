"""Time–distance and cost–distance staircases of routes, one beside the other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from sco_network.analysis.capital import as_spread
from sco_network.analysis.explain import share_by_confidence
from sco_network.analysis.staircase import Point, staircase
from sco_network.errors import bad_argument
from sco_network.routing.route import Route

from . import style
from .labels import Label, place_labels
from .tables import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

Measure = Literal["h", "usd"]
_AXIS = {"h": "Hours since departure", "usd": "US dollars per TEU"}
_UNIT = {"h": "h", "usd": "USD"}
_MARKERS = {"border": "D", "transfer": "s", "gauge": "^"}
_KINDS = {
    "border": "Border or port clearance",
    "transfer": "Transfer between modes",
    "gauge": "Break of gauge",
}
# Steps of at least these shares of the highest staircase are named, and marked.
NAMED, MARKED = 0.025, 0.01
LEGEND_COLUMNS = 5
WIDTH, UPPER, LOWER = 11.5, 4.5, 2.9  # inches: the figure, hours, dollars
METHOD_NOTE = (
    "Time/cost–distance method of UNESCAP: slopes are running, steps are waiting and handling. "
    f"Steps under {100 * NAMED:g} % of the whole, or without room, are not named. "
    "Kilometres by confidence: A operator or treaty, B serious third party, C measured on a map, "
    "D estimated. Every row with its source: sco-network explain."
)


@dataclass(frozen=True)
class _Stair:
    """A route's corners, and the words, colour and line it is drawn in."""

    route: Route
    points: list[Point]
    words: str
    short: str
    colour: str
    dashes: str

    def corners(self, measure: Measure) -> Any:
        """Return kilometres and hours or dollars of the corners, n × 2."""
        return np.array([(p.km, getattr(p, measure)) for p in self.points])

    def steps(self, measure: Measure) -> Iterator[tuple[Point, float, float]]:
        """Yield each step's upper corner with its lower and upper end."""
        for low, high in pairwise(self.points):
            bottom, top = getattr(low, measure), getattr(high, measure)
            if high.kind != "run" and top > bottom:
                yield high, bottom, top


def draw_staircase(routes: Sequence[Route], ax: Axes | None = None) -> Axes:
    """Draw routes as staircases of hours and of dollars over kilometres, in one figure.

    A route without scenarios is grey, as what is there today. With `ax`, only the hours are
    drawn, into it. A route that does not exist, or is one drawn already, is said in words.

    Raises
    ------
    InputError
        Where no route exists, or none goes anywhere.
    """
    stairs, told = _stairs(routes)
    if not stairs:
        raise bad_argument("route", "there is nothing to draw", "Try other places or modes")
    if ax is not None:
        _draw_panel(ax, stairs, "h")
        return ax
    text = "\n".join([*told, *standing_words(routes)])
    handles = _handles(stairs)
    legend = 0.21 * ceil(len(handles) / LEGEND_COLUMNS) + 0.15
    bars = 0.15 * len(stairs)
    figure, box = style.titled_figure(
        WIDTH,
        legend + UPPER + bars + LOWER + 0.8,
        f"{ends_words(routes[0])}: where the hours and the dollars go",
        text,
        f"{METHOD_NOTE} {style.source_note(routes[0].network)}",
    )
    left, wide = 0.86, WIDTH - 1.5
    upper = style.panel(figure, box, left, legend, wide, UPPER)
    strip = style.panel(figure, box, left, legend + UPPER + 0.15, wide, bars, sharex=upper)
    above = legend + UPPER + bars + 0.3
    lower = style.panel(figure, box, left, above, wide, LOWER, sharex=upper)
    _draw_panel(upper, stairs, "h")
    _draw_panel(lower, stairs, "usd")
    _draw_layers(strip, stairs)
    upper.tick_params(labelbottom=False)
    lower.set_xlabel("Kilometres from the origin", fontsize=9.5)
    figure.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.006, box[1] + box[3] - (legend - 0.05) / figure.get_figheight()),
        ncols=LEGEND_COLUMNS,
        fontsize=8.5,
        frameon=False,
        columnspacing=1.6,
    )
    return upper


def _stairs(routes: Sequence[Route]) -> tuple[list[_Stair], list[str]]:
    """Return what to draw, and a line of words for each route."""
    colours, dashes = iter((style.AFTER, *style.OTHERS)), iter(("-", "--", "-.", ":"))
    found: list[_Stair] = []
    told = []
    for i, route in enumerate(routes):
        words, short = route_words(route, routes[:i])
        if not route.legs:
            told.append(f"{words}: {'the same place' if route.reachable else 'no route'}.")
            continue
        same = [s for s in found if s.route.legs == route.legs]
        if same:
            told.append(f"{words}: the same as {same[0].words.lower()}.")
            continue
        told.append(f"{words}, best by {route.by}: {totals_words(route)}.")
        base = short == "Today"
        colour = style.BEFORE if base else next(colours, style.INK)
        line = "-" if base else next(dashes, ":")
        found.append(_Stair(route, staircase(route), words, short, colour, line))
    return found, told


def route_words(route: Route, earlier: Sequence[Route]) -> tuple[str, str]:
    """Return what a route is called in the legend, and beside its bar."""
    scenarios = route.network.scenarios
    words = "With " + " + ".join(s.id for s in scenarios) if scenarios else "Today"
    same = sum(r.network is route.network for r in earlier)
    if same:
        return f"{words}, alternative {same}", f"Alt. {same}"
    return words, "With it" if scenarios else "Today"


def totals_words(route: Route) -> str:
    """Return a route's totals, with the share of its kilometres by confidence."""
    share = share_by_confidence(route.network, [leg.link_id for leg in route.legs])
    grades = ", ".join(f"{v:.0f} % {grade}" for grade, v in share.items() if v >= 0.5)
    return (
        f"{number(route.length_km, 0)} km ({grades}), {number(route.time_h, 0)} h = "
        f"{number(route.time_h / 24)} days, {number(route.cost_usd, 0)} USD per TEU"
    )


def standing_words(routes: Sequence[Route]) -> Iterator[str]:
    """Yield title, status and year of each scenario applied."""
    for scenario in {s.id: s for r in routes for s in r.network.scenarios}.values():
        content = scenario.content
        year = as_spread(content.build_year)
        when = "" if year is None else f", about {year.mode:.0f}"
        yield f"{scenario.id}: {scenario.title}; {style.words(content.status)}{when}."


def ends_words(route: Route) -> str:
    """Return the names of the two ends."""
    name = route.network.name_of
    return f"{name(route.origin)} – {name(route.destination)}"


def _draw_panel(ax: Axes, stairs: Sequence[_Stair], measure: Measure) -> None:
    from matplotlib.ticker import MaxNLocator

    corners = [stair.corners(measure) for stair in stairs]
    top = max(c[-1, 1] for c in corners)
    far = max(c[-1, 0] for c in corners)
    for stair in stairs:
        _draw_stair(ax, stair, measure, MARKED * top)
    ax.set_xlim(0, far * 1.15 or 1)
    ax.set_ylim(0, top * 1.12 or 1)
    ax.set_ylabel(_AXIS[measure], fontsize=9.5)
    ax.grid(color="#E4E4E4", lw=0.7)
    ax.set_axisbelow(True)
    ax.tick_params(labelsize=8.5, length=0)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(9, steps=[1, 2, 5, 10]))
        axis.set_major_formatter(lambda v, _: f"{v:,.10g}")
    ax.spines[["top", "right"]].set_visible(False)
    if measure == "h":
        _add_days(ax)
    place_labels(ax, _labels(stairs, measure, NAMED * top), corners)


def _draw_stair(ax: Axes, stair: _Stair, measure: Measure, least: float) -> None:
    """Draw a route: its line, its steps in bold, and a mark on those of at least so much."""
    line = stair.corners(measure)
    ax.plot(*line.T, color=stair.colour, ls=stair.dashes, lw=2, zorder=4)
    for point, low, high in stair.steps(measure):
        ax.plot(
            [point.km, point.km],
            [low, high],
            color=stair.colour,
            lw=3.6,
            zorder=4.5,
            solid_capstyle="butt",
        )
        if high - low >= least:
            ax.plot(
                point.km,
                (low + high) / 2,
                _MARKERS[point.kind],
                ms=5.5,
                mfc="white",
                mec=stair.colour,
                mew=1.5,
                zorder=6,
            )
    ax.plot(*line[-1], "o", ms=6, color=stair.colour, zorder=6)


def _add_days(ax: Axes) -> None:
    """Write the hours of the axis on the left as days on the right."""
    from matplotlib.ticker import MaxNLocator

    right = ax.secondary_yaxis("right", functions=(_days, _hours))
    right.set_ylabel("Days", fontsize=9.5)
    right.tick_params(labelsize=8.5, length=0)
    right.spines["right"].set_visible(False)
    right.yaxis.set_major_locator(MaxNLocator(8, integer=True, steps=[1, 2, 5, 10]))


def _days(hours: Any) -> Any:
    return hours / 24


def _hours(days: Any) -> Any:
    return days * 24


def _labels(stairs: Sequence[_Stair], measure: Measure, least: float) -> list[Label]:
    """Return what to write: the totals first, then the steps, the highest ones first."""
    totals, steps = [], {}
    for stair in stairs:
        end = stair.points[-1]
        value = getattr(end, measure)
        words = f"{stair.words}\n{number(value, 0)} {_UNIT[measure]}"
        side = _side(stair, stairs, measure, end)
        totals.append(Label(words, end.km, value, stair.colour, side, bold=True))
        for point, low, high in stair.steps(measure):
            if high - low >= least:
                height = number(high - low, 0)
                words = f"{_place(point)}\n{point.kind} {height} {_UNIT[measure]}"
                side = _side(stair, stairs, measure, point)
                label = Label(words, point.km, (low + high) / 2, stair.colour, side)
                # routes that begin alike share their first steps
                same = (words, round(point.km), round(low))
                if same in steps:
                    label = replace(label, colour=style.INK)
                steps[same] = (high - low, label)
    return [*totals, *(label for _, label in sorted(steps.values(), key=lambda s: -s[0]))]


def _place(point: Point) -> str:
    """Return where a step is, without what a gazetteer adds to tell places of one name apart."""
    plain = re.sub(r" \([^)]*\)", "", point.place)
    return " – ".join(dict.fromkeys(plain.split(" – ")))


def _side(stair: _Stair, stairs: Sequence[_Stair], measure: Measure, point: Point) -> float:
    """Return the free side of a step, degrees: left above the uppermost route, right below."""
    others = [
        float(np.interp(point.km, *other.corners(measure).T))
        for other in stairs
        if other is not stair
    ]
    here = getattr(point, measure)
    return -45.0 if any(other > here for other in others) else 135.0


def _draw_layers(ax: Axes, stairs: Sequence[_Stair]) -> None:
    """Draw by which layer each route runs, as one coloured bar a route."""
    for row, stair in enumerate(stairs):
        km = 0.0
        for layer, legs in groupby(stair.route.legs, key=lambda leg: leg.layer):
            length = sum(leg.length_km for leg in legs)
            colour = style.LAYER_COLOURS.get(layer, style.INK)
            ax.barh(-row, length, left=km, height=0.72, lw=0, color=colour)
            km += length
    ax.set_ylim(0.5 - len(stairs), 0.5)
    ax.set_yticks([-row for row in range(len(stairs))], [s.short for s in stairs])
    for tick, stair in zip(ax.get_yticklabels(), stairs, strict=True):
        tick.set_color(stair.colour)
    ax.tick_params(labelsize=7.5, length=0, labelbottom=False)
    ax.spines[:].set_visible(False)


def _handles(stairs: Sequence[_Stair]) -> list[Line2D]:
    from matplotlib.lines import Line2D

    def mark(marker: str, **how: Any) -> Line2D:
        return Line2D([], [], ls="", marker=marker, **how)

    hollow = {"mfc": "white", "mec": style.INK, "mew": 1.4, "ms": 6}
    there = {p.kind for s in stairs for p in s.points}
    layers = dict.fromkeys(leg.layer for s in stairs for leg in s.route.legs)
    return [
        *(Line2D([], [], color=s.colour, ls=s.dashes, lw=2.2, label=s.words) for s in stairs),
        *(mark(_MARKERS[k], label=w, **hollow) for k, w in _KINDS.items() if k in there),
        *(
            mark(
                "s",
                color=style.LAYER_COLOURS.get(la, style.INK),
                ms=8,
                label=style.LAYER_WORDS.get(la, la),
            )
            for la in layers
        ),
    ]
