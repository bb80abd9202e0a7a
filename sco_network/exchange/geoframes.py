"""A network as GeoDataFrames."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString

from sco_network.model.network import Network

CRS = "EPSG:4326"


def to_geopandas(network: Network) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return nodes (points) and links (lines), EPSG:4326, with all their columns.

    A link without a course in geometry.geojson is a straight line between its ends.
    """
    nodes = pd.DataFrame(dict(network.nodes.columns))
    links = pd.DataFrame(dict(network.links.columns))
    points = gpd.points_from_xy(nodes["x_coord"], nodes["y_coord"])
    index, xy = network.nodes.index, network.coordinates
    lines = [
        LineString(network.geometry.get(link_id, np.array([xy[index[a]], xy[index[b]]])))
        for link_id, a, b in zip(
            links["link_id"], links["from_node_id"], links["to_node_id"], strict=True
        )
    ]
    return (
        gpd.GeoDataFrame(nodes, geometry=points, crs=CRS),
        gpd.GeoDataFrame(links, geometry=lines, crs=CRS),
    )
