"""An import from OpenStreetMap, and our links beside it, as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sco_network.exchange.osm.check import OUTSIDE, Measured
from sco_network.exchange.osm.gaps import Gap

from .tables import number, out, percent, table

GAPS_SHOWN = 12
LINKS_SHOWN = 40


def print_import(summary: Mapping[str, Any], gaps: Sequence[Gap]) -> None:
    """Print what was made, what was left out and why, and which gaps a person should look at."""
    console = out()
    when = f"data of {summary['date']}" if summary["date"] else "date unknown"
    console.print(f"{summary['links']:,} links between {summary['nodes']:,} places ({when})\n")
    rows = [
        (
            layer["layer"],
            number(layer["line_km"], 0),
            f"{layer['joints']:,}",
            f"{layer['terminals']:,}",
            f"{layer['links']:,}",
            number(layer["link_km"], 0),
            f"{layer['bypasses_pruned']:,}",
            number(layer["unused_km"], 0),
        )
        for layer in summary["layers"]
    ]
    heads = (
        "layer", "lines km", "ends joined", "terminals", "links", "links km",
        "bypasses pruned", "not used km",
    )  # fmt: skip
    console.print(table("From lines to links", heads, rows))
    _print_left_out(summary)
    if gaps:
        _print_gaps(gaps)


def _print_left_out(summary: Mapping[str, Any]) -> None:
    """Print what was left out of the links and why, and what was assumed."""
    console = out()
    left = [(reason, f"{count:,}") for reason, count in summary["dropped"].items()]
    left += [
        (f"{one['layer']}: pieces cut off ({one['scraps_km']:,.0f} km)", f"{one['scraps']:,}")
        for one in summary["layers"]
        if one["scraps"]
    ]
    console.print()
    console.print(table("Left out", ("what", "how many"), left))
    for key, words in (
        ("pipelines_without_capacity", "pipelines without capacity: fill in links.csv"),
        ("gauges_assumed", "railway ways without a gauge: taken from the nearest, or the country"),
        ("speed_limits_not_binding", "speed limits that do not slow freight: not used"),
        ("lengths_raised_to_the_straight_line", "lengths raised to the straight line"),
    ):
        if summary[key]:
            console.print(f"{summary[key]:,} {words}")


def _print_gaps(gaps: Sequence[Gap]) -> None:
    rows = [
        (
            gap.layer,
            f"{gap.start[1]:.5f} N {gap.start[0]:.5f} E",
            f"{gap.end[1]:.5f} N {gap.end[0]:.5f} E",
            number(gap.gap_km * 1000, 0),
            number(gap.way_round_km, 0) if gap.way_round_km < float("inf") else "no way",
        )
        for gap in gaps[:GAPS_SHOWN]
    ]
    heads = ("layer", "dead end", "across", "gap m", "way round km")
    console = out()
    console.print()
    console.print(table("Gaps to look at", heads, rows, left=3))
    more = len(gaps) - len(rows)
    rest = f", {more} more in gaps.csv" if more else ""
    console.print(
        f"{len(gaps)} gaps{rest}. Keep the rows of gaps.csv that are holes in the map, "
        "and import again with --bridge gaps.csv"
    )


def print_check(found: Sequence[Measured]) -> None:
    """Print our links beside OpenStreetMap's, the largest difference first."""
    console = out()
    known = [one for one in found if one.osm_km is not None]
    rows = [
        (
            one.link_id,
            one.mode,
            number(one.length_km),
            number(one.osm_km),
            number(one.difference_km),
            percent(one.difference_percent),
            one.source_id,
        )
        for one in known[:LINKS_SHOWN]
    ]
    heads = ("link", "mode", "ours km", "OSM km", "difference km", "difference", "our source")
    console.print(table("Our links beside OpenStreetMap", heads, rows, left=2))
    if len(known) > len(rows):
        console.print(
            f"{len(known) - len(rows):,} more with smaller differences (--json lists all)"
        )
    off = [abs(one.difference_percent or 0.0) for one in known]
    if off:
        within = sum(value <= 5 for value in off)
        console.print(f"\n{within:,} of {len(off):,} links measured are within 5 %")
    broken = [one.link_id for one in found if one.why and one.why != OUTSIDE]
    if broken:
        console.print(f"{len(broken):,} without a way along the lines: {', '.join(broken)}")
    outside = sum(one.why == OUTSIDE for one in found)
    if outside:
        console.print(f"{outside:,} links lie outside the extract, in whole or in part")
