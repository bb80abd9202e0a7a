"""The charts of a report, as lines and points on an SVG: programme and benchmarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil, floor, log10
from typing import Any

import pandas as pd

from .study import Study
from .words import counted, figure

WIDTH, HEIGHT = 760, 340
LEFT, RIGHT, TOP, BOTTOM = 62, 96, 14, 46


@dataclass
class Graph:
    """A chart: ticks as (place, words), shapes as (class, `d`), points as (class, x, y, words)."""

    id: str
    title: str
    alt: str
    x_title: str
    y_title: str
    width: int = WIDTH
    height: int = HEIGHT
    x_ticks: list[tuple[float, str]] = field(default_factory=list)
    y_ticks: list[tuple[float, str]] = field(default_factory=list)
    shapes: list[tuple[str, str]] = field(default_factory=list)
    points: list[tuple[str, float, float, str]] = field(default_factory=list)
    words: list[tuple[str, float, float, str]] = field(default_factory=list)

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of the field."""
        return LEFT, TOP, self.width - RIGHT, self.height - BOTTOM


@dataclass(frozen=True)
class Scale:
    """Values to places on the page; `log` for ratios."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """Return the place of a value."""
        low, high, at = (
            (log10(v) for v in (self.low, self.high, value))
            if self.log
            else (self.low, self.high, value)
        )
        return round(self.start + (at - low) / (high - low) * (self.end - self.start), 1)


def steps(high: float, count: int = 5) -> list[float]:
    """Return round numbers from 0 to at least a value.

    >>> steps(3.6), steps(0.034)
    ([0.0, 1.0, 2.0, 3.0, 4.0], [0.0, 0.01, 0.02, 0.03, 0.04])
    """
    rough = high / (count - 1)
    unit = 10.0 ** floor(log10(rough))
    step = next(m * unit for m in (1, 2, 2.5, 5, 10) if m * unit >= rough)
    return [round(i * step, 12) for i in range(ceil(high / step - 1e-9) + 1)]


def timeline_graph(study: Study) -> Graph:
    """Draw the gain of efficiency by year: as planned, and between early and late opening."""
    table = study.tables["timeline"]
    wide = table.pivot_table(index="year", columns="case", values="efficiency_percent")
    made = Graph(
        "timeline-graph",
        "Gain of efficiency by year: as planned (line), and from all early to all late (band)",
        "",
        "Year",
        "Efficiency above today’s, %",
    )
    left, top, right, bottom = made.box
    ticks = steps(max(float(wide.to_numpy().max()), 1e-6))
    x = Scale(float(wide.index[0]), float(max(wide.index[-1], wide.index[0] + 1)), left, right)
    y = Scale(0.0, ticks[-1], bottom, top)
    made.y_ticks = [(y(t), f"{t:g}") for t in ticks]
    made.x_ticks = [(x(t), f"{t}") for t in wide.index if t % 5 == 0 or t == wide.index[0]]
    stairs = {case: _stairs(wide[case], x, y) for case in ("low", "mode", "high")}
    band = [*stairs["low"], *reversed(stairs["high"])]
    made.shapes = [("band", f"{_line(band)}z"), ("line", _line(stairs["mode"]))]
    words = {"low": "if all open early", "mode": "as planned", "high": "if all open late"}
    ends = {case: (stairs[case][-1], float(wide[case].iloc[-1])) for case in words}
    end, value = ends["mode"]
    made.words = [
        ("end", end[0] + 8, end[1] + 4, f"{figure(value)} %"),
        ("end", end[0] + 8, end[1] + 20, words["mode"]),
    ]
    made.alt = "; ".join(
        f"{words[case]} it is {figure(value)} % in {wide.index[-1]}"
        for case, (_, value) in ends.items()
    ).capitalize()
    return made


def _stairs(values: pd.Series[float], x: Scale, y: Scale) -> list[tuple[float, float]]:
    """Return a line that stays level within a year and rises at its end."""
    points: list[tuple[float, float]] = []
    for year, value in values.items():
        if points:
            points.append((x(float(str(year))), points[-1][1]))
        points.append((x(float(str(year))), y(float(value))))
    return points


def _line(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{px:g} {py:g}" for px, py in points)


def benchmark_graph(study: Study) -> Graph | None:
    """Draw the model's route lengths against published ones, with a band of ±5 %."""
    table = study.tables["benchmarks"]
    table = table[(table["by"] == "length") & table["model"].notna()]
    if not len(table):
        return None
    made = Graph(
        "benchmark-graph",
        "Route lengths: published and of the model, both scales logarithmic; band ±5 %",
        f"{counted(len(table), 'route length')}, most of them on the diagonal",
        "Published, km",
        "Model, km",
        height=420,
    )
    left, top, right, bottom = made.box
    low = float(table[["published", "model"]].min().min()) * 0.8
    high = float(table[["published", "model"]].max().max()) * 1.25
    x, y = Scale(low, high, left, right, log=True), Scale(low, high, bottom, top, log=True)
    tens = [v for e in range(7) for v in (10**e, 3 * 10**e) if low <= v <= high]
    made.x_ticks = [(x(v), f"{v:,}") for v in tens]
    made.y_ticks = [(y(v), f"{v:,}") for v in tens]
    corners = [(low, low * 1.05), (high / 1.05, high), (high, high * 0.95), (low / 0.95, low)]
    made.shapes = [
        ("band", _line([(x(a), y(b)) for a, b in corners]) + "z"),
        ("faint", _line([(x(low), y(low)), (x(high), y(high))])),
    ]
    made.points = [
        (
            f"dot-{row['modes'].split(';')[0]}",
            x(row["published"]),
            y(row["model"]),
            _point_words(study, row),
        )
        for row in table.to_dict("records")
    ]
    return made


def _point_words(study: Study, row: dict[Any, Any]) -> str:
    ends = f"{study.place(row['from'])} – {study.place(row['to'])}"
    return f"{ends}: published {row['published']:,.0f} km, model {row['model']:,.0f} km"
