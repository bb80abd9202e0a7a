"""What proposals mean for people, on maps and in bars: who wins and who loses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap

from sco_network.analysis.sea import port_rule

from . import style
from .ground import Floats, Ground, draw_basemap, draw_scale, ground_for
from .people import SHOWN
from .placing import label_countries, label_places
from .tables import millions

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sco_network.analysis.people import People

ROWS, NAMED = 10, 18  # bars of a chart, names on a map
GAIN, LOSS, NONE = style.AFTER, style.WORSE, "#9A9A9A"
FAR = LinearSegmentedColormap.from_list("far", ["#FFF1D6", "#E69F00", "#7A2E00"])
LARGEST_AREA = 480.0  # points², of the largest symbol
# Inches: the figure, a map, the bars and each of them, headings, and the scale under all.
WIDTH, MAP_WIDTH, MAP_HEIGHT = 16.0, 9.3, 6.7
BARS, BAR, HEADING, SCALE = 4.4, 0.27, 0.48, 0.5


def draw_people(found: Sequence[People], *, basemap: str | None = None) -> Axes:
    """Draw the change of market access: a map and two bar charts a scenario, on one scale.

    Without a scenario: the way to the nearest deep-sea port.

    Parameters
    ----------
    basemap
        A GeoJSON file to draw beneath instead of the packaged base map, or `none`.
    """
    network = found[0].comparison.before.network
    ground = ground_for(network, basemap)
    sheets = [_sheet(f) for f in found]
    most = max(s.most for s in sheets)
    longest = max(s.longest for s in sheets)
    height = MAP_HEIGHT + HEADING
    figure, box = style.titled_figure(
        WIDTH,
        height * len(found) + SCALE,
        *_words_of(sheets[0]),
        f"{ground.note}{style.source_note(network)}",
    )
    for i, sheet in enumerate(sheets):
        above = height * i + HEADING
        where = style.panel(figure, box, style.MARGIN, above, MAP_WIDTH, MAP_HEIGHT)
        _draw_map(where, sheet, most, ground)
        for title, bars in sheet.bars:
            high = BAR * max(len(bars), 1)
            where = style.panel(figure, box, WIDTH - BARS - 0.3, above, BARS, high)
            _draw_bars(where, sheet, title, bars, longest)
            above += high + 2 * HEADING
    scale = style.panel(figure, box, style.MARGIN, height * len(found), MAP_WIDTH, SCALE)
    if found[0].is_base:
        _distance_scale(scale, most, found[0].comparison.unit)
    else:
        _change_scale(scale, most)
    return figure.axes[0]


@dataclass(frozen=True)
class _Sheet:
    """What is drawn of one answer: values of places, headings, bars."""

    found: People
    value: Floats
    heading: str
    bars: list[tuple[str, pd.DataFrame]]

    @property
    def most(self) -> float:
        """The largest value of a place."""
        return max(float(np.abs(self.value).max()), 1e-9)

    @property
    def longest(self) -> float:
        """The longest bar."""
        return max([float(bars["value"].abs().max()) for _, bars in self.bars if len(bars)] or [1])


def _sheet(found: People) -> _Sheet:
    column = "to_port_before" if found.is_base else "access_percent"
    value = np.nan_to_num(found.places[column].to_numpy(), posinf=0.0, neginf=0.0)
    network = found.comparison.before.network
    places, countries = found.places, found.countries
    labels = [f"{n} ({c})" for n, c in zip(places["name"], places["country"], strict=True)]
    titles = [style.country_name(network, c) for c in countries["country"]]
    what = (
        f"To the nearest deep-sea port, {found.comparison.unit}: {{}} furthest away"
        if found.is_base
        else "Change of market access, %: {} that change most"
    )
    bars = [
        (what.format(kind), _largest(frame[column], text))
        for kind, frame, text in (("countries", countries, titles), ("places", places, labels))
    ]
    if found.is_base:
        return _Sheet(found, value, "", bars)
    worse = found.worse_off
    heading = (
        f"Worse off: {len(worse):,} of {len(places):,} places, "
        f"{millions(worse['population'].sum())} people."
        if len(worse)
        else f"Worse off: nobody in {len(places):,} places."
    )
    return _Sheet(found, value, f"{found.title}\n{heading}", bars)


def _largest(values: pd.Series[float], labels: Sequence[str]) -> pd.DataFrame:
    """Return the values furthest from 0, sorted, with their labels."""
    frame = pd.DataFrame({"label": labels, "value": values.to_numpy()})
    size = frame["value"].abs().replace(np.inf, np.nan)
    furthest = size[size >= SHOWN].sort_values(ascending=False, kind="stable").index[:ROWS]
    chosen: pd.DataFrame = frame.loc[furthest].sort_values("value", kind="stable")
    return chosen


def _draw_map(ax: Axes, sheet: _Sheet, most: float, ground: Ground) -> None:
    found = sheet.found
    network = found.comparison.before.network
    points = ground.project(network.coordinates[found.comparison.before.rows])
    low, high = np.percentile(points, [2, 98], axis=0)  # far-off ports are left out
    extent = (low[0] - 250, high[0] + 250, low[1] - 250, high[1] + 250)
    ax.set_anchor("NW")
    draw_basemap(ax, extent, ground)
    value = sheet.value
    order = np.argsort(-np.abs(value), kind="stable")
    if found.is_base:
        order = order[np.isfinite(found.places["to_port_before"].to_numpy()[order])]
        _draw_distances(
            ax, points[order], value[order], found.places["population"].to_numpy()[order]
        )
    else:
        order = order[np.abs(value[order]) >= SHOWN]
        _draw_changes(ax, points, value, most)
    ax.set_title(sheet.heading, loc="left", fontsize=10.5)
    ids = found.places["node_id"].to_numpy()
    named = ids[order[:NAMED]].tolist()
    taken = [draw_scale(ax, ax.transData.transform(points[order]))]
    taken = label_places(ax, network, named, size=8.5, taken=taken, ground=ground)
    label_countries(ax, network, extent, taken=taken, ground=ground)


def _draw_changes(ax: Axes, points: Floats, value: Floats, most: float) -> None:
    """Draw symbols whose area is the change; a ring where there is next to none."""
    moved = np.abs(value) >= SHOWN
    ax.plot(*points[~moved].T, "o", ms=2, mfc="none", mec=NONE, mew=0.5, ls="", zorder=3)
    order = np.flatnonzero(moved)[np.argsort(-np.abs(value[moved]), kind="stable")]
    ax.scatter(
        points[order, 0],
        points[order, 1],
        s=LARGEST_AREA * np.abs(value[order]) / most,
        c=[GAIN if v > 0 else LOSS for v in value[order]],
        alpha=0.6,
        edgecolors="white",
        linewidths=0.5,
        zorder=4,
    )


def _draw_distances(ax: Axes, points: Floats, value: Floats, people: Floats) -> None:
    """Draw symbols whose area is the people and whose colour is the way to the sea."""
    if not len(value):  # no place reaches a port
        return
    order = np.argsort(-people, kind="stable")
    ax.scatter(
        points[order, 0],
        points[order, 1],
        s=np.maximum(LARGEST_AREA * people[order] / 2e7, 9),
        c=[FAR(v) for v in value[order] / value.max()],
        edgecolors="#555555",
        linewidths=0.3,
        zorder=4,
    )


def _draw_bars(ax: Axes, sheet: _Sheet, title: str, bars: pd.DataFrame, longest: float) -> None:
    ax.set_title(title, loc="left", fontsize=9.5)
    ax.spines[:].set_visible(False)
    ax.set_xticks([])
    if not len(bars):
        ax.set_yticks([])
        ax.text(0, 0.5, f"No change of {SHOWN} % or more", transform=ax.transAxes, fontsize=9)
        return
    y, value = np.arange(len(bars)), bars["value"].to_numpy()
    colours = [GAIN if v > 0 else LOSS for v in value]
    if sheet.found.is_base:
        colours = [FAR(v / longest) for v in value]
    ax.barh(y, value, color=colours, height=0.68)
    ax.set_ylim(-0.6, len(bars) - 0.4)
    ax.set_yticks(y, bars["label"], fontsize=8.5)
    ax.tick_params(length=0)
    ax.axvline(0, color=style.INK, lw=0.8)
    reach = 1.16 * longest
    ax.set_xlim(-reach if value.min() < 0 else 0, reach if value.max() > 0 else 0)
    for level, v in zip(y, value, strict=True):
        digits = 0 if abs(v) >= 10 else 1 if abs(v) >= 1 else 2
        words = f"{v:.0f}" if sheet.found.is_base else f"{v:+.{digits}f}".replace("-", "−")
        ax.annotate(
            words,
            (v, level),
            xytext=(3 if v > 0 else -3, 0),
            textcoords="offset points",
            va="center",
            ha="left" if v > 0 else "right",
            fontsize=8,
        )


def _words_of(sheet: _Sheet) -> tuple[str, str]:
    """Return the title and what is shown with its unit."""
    found = sheet.found
    here = f"{len(found.places):,} places with {millions(found.places['population'].sum())} people"
    by, unit = found.comparison.by, found.comparison.unit
    if found.is_base:
        return (
            "The way to the nearest deep-sea port today",
            (
                f"Best way by {by}, {unit}, of {here}. Deep-sea ports: "
                f"{port_rule(found.comparison.after.network)}."
            ),
        )
    access = f"people of all other places over the {by} to reach them, {found.access_unit}"
    return (
        "Who gains and who loses market access",
        f"Market access: {access}; {here}. One scale for all.",
    )


def _distance_scale(ax: Axes, most: float, unit: str) -> None:
    _empty(ax)
    for i in range(20):
        ax.fill_between([2 + i, 3 + i], 0.3, 0.7, color=FAR(i / 19), lw=0)
    ax.text(1.5, 0.5, "0", va="center", ha="right", fontsize=8)
    ax.text(22.5, 0.5, f"{most:.0f} {unit}", va="center", fontsize=8)
    x = 33.0
    for people in (1e6, 5e6, 20e6):
        ax.scatter(x, 0.5, s=LARGEST_AREA * people / 2e7, c="white", edgecolors="#555555", lw=0.8)
        ax.text(x + 2.4, 0.5, f"{people / 1e6:.0f} million people", va="center", fontsize=8)
        x += 19


def _change_scale(ax: Axes, most: float) -> None:
    _empty(ax)
    x = 2.0
    for size in style.round_steps(most, 10, 2, 1):
        ax.scatter(x, 0.5, s=LARGEST_AREA * size / most, c=GAIN, alpha=0.6)
        ax.text(x + 2.4, 0.5, f"{size:g} %", va="center", fontsize=8)
        x += 11
    for words, colour in (("gain", GAIN), ("loss", LOSS)):
        ax.scatter(x, 0.5, s=110, c=colour, alpha=0.6)
        ax.text(x + 2, 0.5, words, va="center", fontsize=8)
        x += 9
    ax.plot(x, 0.5, "o", ms=2.5, mfc="none", mec=NONE, mew=0.6)
    ax.text(x + 1.4, 0.5, f"below {SHOWN} %", va="center", fontsize=8)


def _empty(ax: Axes) -> None:
    ax.set_xlim(0, 100)
    ax.set_ylim(0, 1)
    ax.set_axis_off()
