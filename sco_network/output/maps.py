"""Maps of the whole network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import style
from .ground import Ground, draw_basemap, draw_scale, extent_of_most, ground_for
from .links import SHOWN_LAYERS, draw_links, layer_handles, layers_in, lines_of
from .placing import ink_of, label_countries, label_places
from .sheet import sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sco_network.model.network import Network

MANY, FIRST = 400, 40  # places that ask for a larger sheet; that are named before countries


def draw_network(network: Network, ax: Axes | None = None, *, basemap: str | None = None) -> Axes:
    """Draw the whole network by mode and gauge.

    Parameters
    ----------
    basemap
        A GeoJSON file to draw beneath instead of the packaged base map, or `none`.
    """
    ground = ground_for(network, basemap)
    margin = 0.05 if len(network.nodes) > MANY else 0.1
    extent, outside = extent_of_most(ground.project(network.coordinates), margin)
    layers = [layer for layer in SHOWN_LAYERS if layer in layers_in(network, extent, ground)]
    handles = layer_handles(layers)
    if ax is None:
        ax = sheet(
            extent,
            _title(network),
            _counts(network),
            _note(network, ground, outside),
            handles,
            width=14 if len(network.nodes) > MANY else 10,
        )
    else:
        ax.legend(handles=handles, loc="lower right", fontsize=8)
    draw_basemap(ax, extent, ground)
    draw_links(ax, network, layers, ground=ground)
    people = np.nan_to_num(network.nodes["population"])
    places = network.nodes.ids[np.argsort(-people, kind="stable")[:220]].tolist()
    options: dict[str, Any] = {"size": 8.5, "ground": ground, "cover": np.inf}
    options["ink"] = ink_of(ax, lines_of(network, range(len(network.links)), ground), step=9)
    spots = ax.transData.transform(ground.project(network.coordinates))
    scale = draw_scale(ax, np.vstack([options["ink"], np.repeat(spots, 9, axis=0)]))
    boxes = label_places(ax, network, places[:FIRST], taken=[scale], **options)
    boxes = label_countries(ax, network, extent, taken=boxes, ground=ground)
    label_places(ax, network, places[FIRST:], taken=boxes, **options)
    return ax


def _title(network: Network) -> str:
    if network.scenarios:
        return "The network with " + ", ".join(s.title for s in network.scenarios)
    return (
        f"The base network by mode and gauge, {network.base_year}"
        if network.folder
        else "The network"
    )


def _counts(network: Network) -> str:
    """Return what is drawn, in words and kilometres."""
    running = network.links["status"] == "operating"
    length = network.links["length_km"]
    modes = network.links["mode"].astype(str)
    parts = [
        f"{word} {length[running & (modes == mode)].sum():,.0f} km"
        for mode, word in (
            ("rail", "railways"),
            ("road", "roads"),
            ("sea", "sea lanes"),
            ("gas", "gas pipelines"),
            ("oil", "oil pipelines"),
        )
        if (running & (modes == mode)).any()
    ]
    what = ", ".join(parts) or "none"
    return f"Operating links between {len(network.nodes):,} places: {what}."


def _note(network: Network, ground: Ground, outside: int) -> str:
    faint = "Thin and pale: course not known, drawn as a great circle. "
    if not network.geometry:
        faint = "Links are drawn as great circles: their courses are not given. "
    far = f"Outside the frame: {outside:,} of {len(network.nodes):,} places. " if outside else ""
    return f"{faint}{far}{ground.note}{style.source_note(network)}"
