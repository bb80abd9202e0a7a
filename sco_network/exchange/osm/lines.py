"""The lines of one layer as a graph of points: joined, looked over for gaps, terminals snapped.

Lengths are geodesic, on the WGS 84 ellipsoid (Karney, Algorithms for geodesics, J. Geodesy 87,
2013; through pyproj).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from sco_network.model.distance import EARTH_RADIUS_KM

from .extract import Extract

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Bridge = tuple[float, float, float, float]  # lon, lat of one side of a gap, lon, lat of the other
Bridges = Sequence[Bridge]

GEOD = Geod(ellps="WGS84")
STEP_KM = 0.25  # points along a line are at most this far apart: a terminal is snapped to one
JOIN_KM = 0.06
PIECE_KM = 5.0


@dataclass(frozen=True)
class Lines:
    """Points and the segments between them.

    Attributes
    ----------
    lonlat
        Points, degrees, n × 2.
    node_ids
        Their ids in OpenStreetMap, n; 0 for points set along a segment.
    ends
        Segments as pairs of points, m × 2.
    km
        Their lengths, m.
    way
        The row of each segment's way in the extract, m; −1 where two ends were joined.
    """

    lonlat: Floats
    node_ids: Ints
    ends: Ints
    km: Floats
    way: Ints

    @property
    def degree(self) -> Ints:
        """How many segments meet at each point."""
        return np.bincount(self.ends.ravel(), minlength=len(self.lonlat))

    def pieces(self) -> Ints:
        """Return the number of the connected piece that each point belongs to."""
        n, ones = len(self.lonlat), np.ones(len(self.ends))
        graph = coo_array((ones, tuple(self.ends.T)), shape=(n, n))
        return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)

    def taking(self, kept: Flags) -> Lines:
        """Return some of the segments, and the points that they need."""
        used, ends = np.unique(self.ends[kept], return_inverse=True)
        return Lines(
            self.lonlat[used],
            self.node_ids[used],
            ends.reshape(-1, 2).astype(np.int64),
            self.km[kept],
            self.way[kept],
        )

    def with_segments(self, pairs: Ints) -> Lines:
        """Return the lines with straight segments added between pairs of points."""
        km = geodesic_km(self.lonlat[pairs[:, 0]], self.lonlat[pairs[:, 1]])
        return Lines(
            self.lonlat,
            self.node_ids,
            np.vstack([self.ends, pairs]),
            np.concatenate([self.km, np.maximum(km, 1e-6)]),
            np.concatenate([self.way, np.full(len(pairs), -1, dtype=np.int64)]),
        )

    @property
    def tree(self) -> cKDTree:
        """The points for searches by distance; see `on_sphere`."""
        return cKDTree(on_sphere(self.lonlat))


def prepared(
    extract: Extract, wanted: Flags, bridges: Bridges
) -> tuple[Lines, int, tuple[int, float]]:
    """Return lines joined, bridged and without scraps; the joints; number and km of scraps."""
    lines, joints = joined(lines_of(extract, wanted))
    lines, scraps, km = without_scraps(bridged(lines, bridges))
    return lines, joints, (scraps, km)


def lines_of(extract: Extract, wanted: Flags) -> Lines:
    """Return the segments of the ways wanted (one flag a way), with points at most 250 m apart.

    Segments that two ways share count once.
    """
    chosen = np.flatnonzero(wanted[extract.way])
    pairs = np.sort(extract.ends[chosen], axis=1)
    _, first = np.unique(pairs, axis=0, return_index=True)
    chosen = chosen[np.sort(first)]
    ends = extract.ends[chosen]
    km = geodesic_km(extract.lonlat[ends[:, 0]], extract.lonlat[ends[:, 1]])
    lines = Lines(extract.lonlat, extract.node_ids, ends, km, extract.way[chosen])
    return _densified(lines.taking(km > 0))


def _densified(lines: Lines) -> Lines:
    """Set points along the great circle of every segment that is longer than `STEP_KM`."""
    parts = np.maximum(1, np.ceil(lines.km / STEP_KM)).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(parts - 1)])
    segment = np.repeat(np.arange(len(parts)), parts - 1)
    share = (np.arange(first[-1]) - first[segment] + 1) / parts[segment]
    lonlat = _between(lines.lonlat[lines.ends[segment]], share)
    n = len(lines.lonlat)
    # point k of a segment: its own end, one of the new ones, or its other end
    owner = np.repeat(np.arange(len(parts)), parts)
    k = np.arange(len(owner)) - np.concatenate([[0], np.cumsum(parts)])[owner]
    start = np.where(k == 0, lines.ends[owner, 0], n + first[owner] + k - 1)
    end = np.where(k == parts[owner] - 1, lines.ends[owner, 1], n + first[owner] + k)
    return Lines(
        np.vstack([lines.lonlat, lonlat]),
        np.concatenate([lines.node_ids, np.zeros(len(lonlat), dtype=np.int64)]),
        np.column_stack([start, end]),
        (lines.km / parts)[owner],
        lines.way[owner],
    )


def _between(ends: Floats, share: Floats) -> Floats:
    """Return points at a share of the great circles between pairs of points, k × 2 × 2."""
    a, b = on_sphere(ends[:, 0]), on_sphere(ends[:, 1])
    # segments are short beside the Earth, so the chord's point lies under the arc's
    xyz = a + (b - a) * share[:, None]
    lon = np.degrees(np.arctan2(xyz[:, 1], xyz[:, 0]))
    lat = np.degrees(np.arctan2(xyz[:, 2], np.hypot(xyz[:, 0], xyz[:, 1])))
    return np.column_stack([lon, lat])


def geodesic_km(a: Floats, b: Floats) -> Floats:
    """Return geodesic distances, km, between points (lon, lat) in the last axis."""
    a, b = np.broadcast_arrays(a, b)
    metres = GEOD.inv(a[..., 0], a[..., 1], b[..., 0], b[..., 1])[2]
    return np.asarray(metres, dtype=np.float64) / 1000


def on_sphere(lonlat: Floats) -> Floats:
    """Return points on a sphere in km, n × 3; near points are as far apart as on the ground."""
    lon, lat = np.radians(lonlat.T)
    xyz = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    return np.asarray(EARTH_RADIUS_KM * xyz, dtype=np.float64)


def joined(lines: Lines, within_km: float = JOIN_KM) -> tuple[Lines, int]:
    """Join dead ends to dead ends or to other pieces that lie within some metres.

    Drawn by hand, the ends of two ways that are one line often miss each other. Returns the
    lines and the number of joints.
    """
    before = len(lines.ends)
    dead = np.flatnonzero(lines.degree == 1)
    if len(dead) > 1:
        tree = cKDTree(on_sphere(lines.lonlat[dead]))
        pairs = tree.query_pairs(within_km, output_type="ndarray").astype(np.int64)
        lines = lines.with_segments(dead[pairs])
    dead, piece = np.flatnonzero(lines.degree == 1), lines.pieces()
    if len(dead) and piece.max():
        xyz = on_sphere(lines.lonlat[dead])
        away, numbers = lines.tree.query(xyz, k=16, distance_upper_bound=within_km)
        near = np.where(np.isfinite(away), numbers, 0)
        other = np.isfinite(away) & (piece[near] != piece[dead][:, None])
        found = np.flatnonzero(other.any(axis=1))
        pairs = np.column_stack([dead[found], near[found, other[found].argmax(axis=1)]])
        lines = lines.with_segments(pairs.astype(np.int64))
    return lines, len(lines.ends) - before


def bridged(lines: Lines, bridges: Bridges) -> Lines:
    """Close gaps that a person confirmed, given as lon, lat, lon, lat; off our lines: ignored."""
    if not bridges or not len(lines.ends):
        return lines
    both = on_sphere(np.array(bridges, dtype=np.float64).reshape(-1, 2))
    away, nearest = lines.tree.query(both)
    pairs = np.asarray(nearest, dtype=np.int64).reshape(-1, 2)
    near = (np.asarray(away) < JOIN_KM).reshape(-1, 2).all(axis=1)
    pairs = pairs[near & (pairs[:, 0] != pairs[:, 1])]
    return lines.with_segments(pairs)


def without_scraps(lines: Lines, shorter_than_km: float = PIECE_KM) -> tuple[Lines, int, float]:
    """Leave out pieces that hang together with nothing; return also their number and km.

    The longest piece always stays.
    """
    piece = lines.pieces()[lines.ends[:, 0]]
    km = np.bincount(piece, weights=lines.km, minlength=1)
    kept = km >= min(shorter_than_km, km.max())
    scraps = (km > 0) & ~kept
    return lines.taking(kept[piece]), int(scraps.sum()), float(km[scraps].sum())


def snapped(lines: Lines, lonlat: Floats, limit_km: float) -> tuple[Ints, Floats]:
    """Return for each place the nearest point on a line and its distance, km; −1 if too far."""
    if not len(lines.ends) or not len(lonlat):
        return np.full(len(lonlat), -1, dtype=np.int64), np.full(len(lonlat), np.inf)
    away, point = lines.tree.query(on_sphere(lonlat))
    return np.where(away <= limit_km, point, -1).astype(np.int64), np.asarray(away)
