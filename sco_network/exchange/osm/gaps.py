"""Where a line seems to be broken: dead ends whose bridging would shorten the way greatly.

Such a hole may lie inside one connected piece, where the way round is merely long: joining
pieces never finds it. Only a person can tell a hole in the map from the end of a line, so gaps
are listed, and those that come back confirmed are bridged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from sco_network.errors import Problems
from sco_network.model.textfile import read_csv

from .contract import ROWS, Chains, chains
from .lines import Bridge, Lines, geodesic_km, on_sphere

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
REACH_KM = 2.0
ROUND_KM = 10.0
COLUMNS = ("layer", "from_x", "from_y", "to_x", "to_y", "gap_m", "way_round_km")


@dataclass(frozen=True)
class Gap:
    """A dead end and what lies across.

    Attributes
    ----------
    gap_km
        The straight line between them.
    way_round_km
        The way along the lines; inf where there is none.
    """

    layer: str
    start: tuple[float, float]
    end: tuple[float, float]
    gap_km: float
    way_round_km: float

    def as_dict(self) -> dict[str, str | float | None]:
        """Return the gap in the columns of gaps.csv."""
        known = np.isfinite(self.way_round_km)
        (x, y), (to_x, to_y) = self.start, self.end
        return {
            "layer": self.layer,
            "from_x": round(x, 6),
            "from_y": round(y, 6),
            "to_x": round(to_x, 6),
            "to_y": round(to_y, 6),
            "gap_m": round(self.gap_km * 1000),
            "way_round_km": round(self.way_round_km, 1) if known else None,
        }


def gaps_of(lines: Lines, layer: str) -> list[Gap]:
    """Return dead ends within `REACH_KM` of a line that is over `ROUND_KM` away along the lines.

    A hole is listed once, by its shortest bridge. The longest way round comes first; gaps
    without any way round come last.
    """
    dead = np.flatnonzero(lines.degree == 1)
    found = chains(lines)
    ends = _ends_of(found)
    around = lines.tree.query_ball_point(on_sphere(lines.lonlat[dead]), REACH_KM)
    bridges: list[tuple[float, int, int]] = []
    for here, near, distances in zip(dead.tolist(), around, _within(found, dead), strict=True):
        across = np.array(near, dtype=np.int64)
        across = across[(ends[across] >= 0).all(axis=1)]
        across = across[np.isinf(distances[ends[across]]).all(axis=1)]
        if len(across):
            km = geodesic_km(lines.lonlat[across], lines.lonlat[here])
            bridges.append((float(km.min()), here, int(across[km.argmin()])))
    gaps = [
        Gap(layer, _place(lines, a), _place(lines, b), km, _way_round(found, ends, a, b))
        for km, a, b in _one_a_hole(found, ends, sorted(bridges))
    ]
    return sorted(gaps, key=by_way_round)


def by_way_round(gap: Gap) -> tuple[bool, float, float]:
    """Return what gaps are sorted by: the longest way round first, no way at all last."""
    return bool(np.isinf(gap.way_round_km)), -gap.way_round_km, gap.gap_km


def _one_a_hole(
    found: Chains, ends: Ints, bridges: Sequence[tuple[float, int, int]]
) -> list[tuple[float, int, int]]:
    """Return bridges, shortest first, without those over a hole that a shorter one is over.

    The same hole: their ends are near each other along the lines, on both sides of it.
    """
    xyz, matrix = on_sphere(found.lines.lonlat), found.matrix()
    kept: list[tuple[float, int, int]] = []
    reached: list[Floats] = []  # from both ends of each, km to all points that matter

    def same(i: int, a: int, b: int) -> bool:
        here = kept[i][1:]
        return any(
            all(
                np.linalg.norm(xyz[end] - xyz[other]) < REACH_KM
                and np.isfinite(near[ends[other]]).any()
                for end, near, other in zip(here, reached[i], pair, strict=True)
            )
            for pair in ((a, b), (b, a))
        )

    for km, a, b in bridges:
        if not any(same(i, a, b) for i in range(len(kept))):
            kept.append((km, a, b))
            reached.append(dijkstra(matrix, indices=ends[[a, b], 0], limit=ROUND_KM))
    return kept


def _ends_of(found: Chains) -> Ints:
    """Return for every point the rows of both ends of its chain, or twice its own; −1 on loops."""
    ends = np.full((len(found.lines.lonlat), 2), -1, dtype=np.int64)
    for row, course in zip(found.ends, found.courses, strict=True):
        ends[course] = row
    ends[found.points] = np.arange(len(found.points))[:, None]
    return ends


def _within(found: Chains, dead: Ints) -> Iterator[Floats]:
    """Yield for each dead end the km to all points that matter; inf beyond `ROUND_KM`."""
    matrix, rows = found.matrix(), found.row_of(dead)
    for first in range(0, len(rows), step := max(1, ROWS // max(1, len(found.points)))):
        yield from dijkstra(matrix, indices=rows[first : first + step], limit=ROUND_KM)


def _way_round(found: Chains, ends: Ints, a: int, b: int) -> float:
    """Return the way along the lines, km, to the nearer end of the other point's chain."""
    far = dijkstra(found.matrix(), indices=ends[a, :1])[0]
    return float(far[ends[b]].min())


def _place(lines: Lines, point: int) -> tuple[float, float]:
    lon, lat = lines.lonlat[point].tolist()
    return lon, lat


def read_bridges(path: Path) -> list[Bridge]:
    """Read gaps to be bridged: a CSV file with from_x, from_y, to_x, to_y, one gap a row.

    Raises
    ------
    InputError
        With every row that is not a gap on Earth.
    """
    problems = Problems()
    file = read_csv(path, problems)
    problems.raise_if_any()
    wanted = COLUMNS[1:5]
    bridges: list[Bridge] = []
    if file is not None:
        for column in (c for c in wanted if c not in file.header):
            problems.add(file.file, 1, column, f"the column '{column}' is missing", "Add it")
        problems.raise_if_any()
        for line, row in file.rows:
            try:
                x, y, to_x, to_y = (float(row[c]) for c in wanted)
            except ValueError:
                problems.add(file.file, line, "", "not all coordinates are numbers")
                continue
            if not (abs(x) <= 180 and abs(to_x) <= 180 and abs(y) <= 90 and abs(to_y) <= 90):
                problems.add(file.file, line, "", "these are not degrees", "Write lon, lat")
                continue
            bridges.append((x, y, to_x, to_y))
    problems.raise_if_any()
    return bridges
