"""Distances on the Earth taken as a sphere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG


def great_circle_km(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return great-circle distances, km, between points given as (lon, lat) in the last axis.

    Haversine formula on a sphere of mean radius 6371.0088 km (IUGG).

    A degree of longitude on the equator:

    >>> round(float(great_circle_km(np.array([0.0, 0.0]), np.array([1.0, 0.0]))), 1)
    111.2
    """
    lon_a, lat_a = np.moveaxis(np.radians(a), -1, 0)
    lon_b, lat_b = np.moveaxis(np.radians(b), -1, 0)
    h = (
        np.sin((lat_b - lat_a) / 2) ** 2
        + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    )
    result: NDArray[np.float64] = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(h, 1.0)))
    return result
