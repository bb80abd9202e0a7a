"""Pipeline flows for people: tables, and maps before and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.transforms import Bbox

from sco_network.analysis.flows import EVERYONE

from . import style
from .ground import Extent, Floats, Ground, draw_basemap, draw_scale, extent_of, ground_for
from .links import course, lines_of
from .placing import ink_of, label_countries, label_places
from .tables import number, out, table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from rich.console import Console

    from sco_network.analysis.flows import Flows
    from sco_network.analysis.pipelines import Flow

LIMITS = (
    "Pipelines alone limit these flows: the data states no production of fields and no demand "
    "of markets."
)
ASSIGNMENT = (
    "Flow and spare capacity: of the maximum flow whose Σ flow × length is least; it ends at the "
    "nearest markets."
)
ROWS = 12


def print_flows(found: Flows) -> None:
    """Print what pipelines carry, where they are narrowest, and what a closure costs."""
    console = out()
    console.print(f"{found.title}  [{found.name}], {found.commodity}", style="bold")
    if found.is_pair:
        console.print(_sentence(found))
    else:
        _print_pairs(console, found)
        _print_supply(console, found)
    if found.joint is not None:
        if not found.is_pair:
            console.print(_sentence(found))
        _print_detail(console, found)
    console.print(LIMITS)
    missing = found.after.without_capacity
    if missing:
        console.print(
            f"{len(missing)} links state no capacity and count as unlimited, so that a flow that "
            f"needs them is an upper bound: {', '.join(missing[:8])}"
            + (" …" if len(missing) > 8 else "")
        )
    console.print("")


def _words(value: float, status: str) -> str:
    """Return a flow for people: a number, at most a number, or why there is none."""
    if status == "flow":
        return number(value, 2)
    return f"at most {number(value, 2)}" if status == "at most" else status


def _amount(flow: Flow, unit: str) -> str:
    words = _words(flow.value, flow.status)
    if not words[-1].isdigit():
        return words
    return f"{words.rstrip('0').rstrip('.')} {unit}" if "." in words else f"{words} {unit}"


def _sentence(found: Flows) -> str:
    before, after = found.joint or (None, None)
    if before is None or after is None:
        return ""
    ends = f"{_ends(found)}: "
    if not found.scenarios:
        return ends + _amount(after, found.unit)
    return f"{ends}{_amount(before, found.unit)} before, {_amount(after, found.unit)} after"


def _ends(found: Flows) -> str:
    a = found.origin.name if found.origin else "All other countries' fields together"
    b = found.destination.name if found.destination else "all other countries' markets together"
    return f"{a} → {b}"


def _print_pairs(console: Console, found: Flows) -> None:
    pairs = found.pairs
    if found.scenarios:
        shown = pairs[pairs["change"] != 0].sort_values("change", ascending=False, kind="stable")
        rows = [
            (
                _name(found, r["from"]),
                _name(found, r["to"]),
                _words(r["before"], r["before_status"]),
                _words(r["after"], r["after_status"]),
                f"{r['change']:+,.2f}",
            )
            for r in shown.to_dict("records")
        ]
        if rows:
            columns = ("from fields of", "to markets of", "before", "after", "change")
            console.print(table(f"Flows that change, {found.unit}", columns, rows, left=2))
        else:
            console.print("No flow between countries changes.")
    else:
        console.print(_matrix(found, pairs))
    apart = pairs[pairs["after_status"] == "no path"]
    singles = apart[(apart["from"] != EVERYONE) & (apart["to"] != EVERYONE)]
    total = (pairs["from"] != EVERYONE) & (pairs["to"] != EVERYONE)
    console.print(f"{len(singles)} of {total.sum()} pairs of countries have no path.\n")


def _matrix(found: Flows, pairs: pd.DataFrame) -> Any:
    """Return a table of suppliers by markets."""
    origins, ends = (list(dict.fromkeys(pairs[c])) for c in ("from", "to"))
    cells = {
        (r["from"], r["to"]): _words(r["after"], r["after_status"]).replace("no path", "–")
        for r in pairs.to_dict("records")
    }
    columns = [e for e in ends if any(cells.get((o, e), "–") != "–" for o in origins)]
    rows = [
        (_name(found, o), *(cells.get((o, e), "") for e in columns))
        for o in origins
        if any(cells.get((o, e), "–") != "–" for e in columns)
    ]
    title = f"From fields of … to markets of …, {found.unit} (–: no path)"
    return table(title, ("", *columns), rows)


def _name(found: Flows, code: str) -> str:
    if code == EVERYONE:
        return "all abroad together"
    names = {e.id: e.name for e in (*found.origins, *found.destinations)}
    return names.get(code, code)


def _print_supply(console: Console, found: Flows) -> None:
    supply = found.supply
    if found.scenarios and found.destination is None:
        changed = supply["before_flow"].fillna(0) != supply["after_flow"].fillna(0)
        supply = supply[changed]
    if len(supply):
        sides = ("before", "after") if found.scenarios else ("after",)
        rows = []
        for r in supply.to_dict("records"):
            for when in sides:
                worst = [
                    f"{r[f'{when}_{w}']}: −{r[f'{when}_{w}_percent']:.0f} %"
                    if isinstance(r[f"{when}_{w}"], str)
                    else "–"
                    for w in ("worst_link", "worst_country")
                ]
                rows.append(
                    (
                        _name(found, r["country"]),
                        when if found.scenarios else "",
                        number(r[f"{when}_flow"], 2),
                        str(r[f"{when}_suppliers"]),
                        number(r[f"{when}_hhi"], 2),
                        *worst,
                    )
                )
        columns = (
            "supply from abroad", "", found.unit, "suppliers", "HHI",
            "worst link or crossing to lose", "worst country to lose",
        )  # fmt: skip
        console.print(table("Who depends on whom", columns, rows, left=2))
        console.print("")
    if len(found.suppliers):
        shares = [
            (
                _name(found, r["supplier"]),
                number(r["before_alone"], 2),
                number(r["after_alone"], 2),
                number(r["before_share_percent"]),
                number(r["after_share_percent"]),
            )
            for r in found.suppliers.to_dict("records")
        ]
        headings = ("supplier", "alone, before", "alone, after", "share %, before", "after")
        title = f"Suppliers: {found.unit} alone, and share of the joint flow (Shapley value)"
        console.print(table(title, headings, shares))
        console.print("")


def _print_detail(console: Console, found: Flows) -> None:
    if found.joint is None:
        return
    before, after = found.joint
    if found.scenarios:
        _print_bottleneck(console, before, found.unit, "Bottleneck before")
    _print_bottleneck(console, after, found.unit, "Bottleneck")
    links = after.links()
    if len(links):
        rows = [
            (
                r["name"],
                r["country"],
                number(r["capacity"], 2),
                number(r["flow"], 2),
                number(r["spare"], 2),
                number(r["used_percent"], 0),
            )
            for r in links.head(2 * ROWS).to_dict("records")
        ]
        columns = ("link", "country", f"capacity, {found.unit}", "flow", "spare", "used %")
        title = f"Links in use ({len(rows)} of {len(links)}, fullest first)"
        console.print(table(title, columns, rows, left=2))
        console.print(ASSIGNMENT + "\n")
    losses = after.losses(found.spared)
    # of links one behind the other on one line, which cost the same, the first stands for all
    shown = losses.drop_duplicates(["kind", "line", "left"])
    if len(shown):
        shut = [
            (r["kind"], r["name"], r["country"], number(r["left"], 2), f"{r['lost_percent']:.0f}")
            for r in shown.head(ROWS).to_dict("records")
        ]
        headings = ("shut", "name", "country", f"left, {found.unit}", "lost %")
        title = "What is lost when one shuts (one link for all of a line that cost the same)"
        console.print(table(title, headings, shut, left=3))
        console.print("")


def _print_bottleneck(console: Console, flow: Flow, unit: str, title: str) -> None:
    narrow = flow.bottlenecks()
    if not len(narrow):
        return
    where = {
        (True, True): "in every minimum cut: widening it alone helps",
        (True, False): "cut nearest to the fields",
        (False, True): "cut nearest to the markets",
    }
    rows = [
        (
            r["name"],
            r["country"],
            number(r["capacity"], 2),
            where[r["near_fields"], r["near_markets"]],
        )
        for r in narrow.to_dict("records")
    ]
    console.print(table(title, ("link", "country", unit, ""), rows, left=2))
    if not (narrow["near_fields"] & narrow["near_markets"]).all():
        console.print("What lies between the two cuts is as narrow: both have to be widened.")
    console.print("")


# Free pipes are blue, the darker the fuller; a pipe that is full is orange with a dark edge, which
# tells it in grey, too.
FULL = "#D55E00"
USED = LinearSegmentedColormap.from_list("used", ["#9ECAE1", "#2171B5", "#08306B"])
UNUSED, NARROW = "#A8A8A8", "#000000"
WIDEST, EDGE = 7.0, 2.0  # points
SIDES = np.array([(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)])  # of a line
TODAY, WITH_IT = "today", "with it"
HEADING, SCALES, APART = 0.52, 0.5, 0.2  # inches: over a map, under all, between two
LETTERS = 10.0  # of a heading, points
FIRST, MOST_NAMED = 6, 40  # places named before countries, and in all


def draw_flows(found: Sequence[Flows], *, basemap: str | None = None) -> Axes:
    """Draw one pair of ends of each answer on maps: today where anything flows, and after.

    Width is flow and colour the share of capacity used, on one scale for all maps.

    Parameters
    ----------
    basemap
        A GeoJSON file to draw beneath instead of the packaged base map, or `none`.
    """
    panels = [
        (one, flow, when)
        for one in (f.telling for f in found)
        if one is not None
        for flow, when in _moments(one)
    ]
    if not panels:
        figure = style.new_figure(8, 2)
        ax = figure.add_axes((0, 0, 1, 1))
        ax.set_axis_off()
        what = f"No {found[0].commodity} pipeline leads from any country to another."
        ax.text(0.5, 0.5, what, ha="center", color=style.FAINT)
        return ax
    most = max(float(np.abs(flow.by_link).max()) for _, flow, _ in panels) or 1.0
    ground = ground_for(found[0].after.network, basemap)
    across = min(len(panels), 2)
    down = -(-len(panels) // across)
    width = 15.0 if across == 2 else 10.0
    wide = (width - 2 * style.MARGIN - APART * (across - 1)) / across
    high = 0.75 * wide  # a map is 4 wide and 3 high
    figure, box = style.titled_figure(
        width,
        (high + HEADING) * down + SCALES,
        f"What {found[0].commodity} pipelines can carry, {found[0].unit}",
        f"{LIMITS} {ASSIGNMENT}",
        f"Grey: operating pipelines that carry none of this flow. Straight: course not known. "
        f"{ground.note}{style.source_note(found[0].after.network)}",
    )
    for i, (one, flow, when) in enumerate(panels):
        row, column = divmod(i, across)
        left = style.MARGIN + column * (wide + APART)
        ax = style.panel(figure, box, left, row * (high + HEADING) + HEADING, wide, high)
        _draw_panel(ax, one, flow, most, ground)
        lines = [*([f"{one.title}, {when}"] if one.scenarios else []), _answer(one, flow, when)]
        words = [style.shortened(style.drawable(line), wide, LETTERS) for line in lines]
        ax.set_title("\n".join(words), loc="left", fontsize=LETTERS)
    _draw_scales(figure, box[1], most, found[0].unit)
    return figure.axes[0]


def _answer(one: Flows, flow: Flow, when: str) -> str:
    """Return the amount that flows, with that of today where no map shows it."""
    ends, amount = _ends(one), _amount(flow, one.unit)
    if one.joint is None or when == TODAY or one.joint[0].value > 0:
        return f"{ends}: {amount}"
    before = _amount(one.joint[0], one.unit)
    return f"{ends}: {before} today → {amount} with it"


def _moments(one: Flows) -> list[tuple[Flow, str]]:
    """Return what is drawn of an answer: before only where something flows then."""
    if one.joint is None:
        return []
    before, after = one.joint
    if not one.scenarios:
        return [(after, TODAY)]
    return [(before, TODAY), (after, WITH_IT)] if before.value > 0 else [(after, WITH_IT)]


def _draw_panel(ax: Axes, one: Flows, flow: Flow, most: float, ground: Ground) -> None:
    lines, amounts = flow.pipelines, np.abs(flow.by_link)
    network = lines.network
    courses = [ground.project(course(network, int(row))) for row in lines.rows]
    extent = _extent(one, ground)
    draw_basemap(ax, extent, ground)
    ax.add_collection(LineCollection(courses, colors=UNUSED, linewidths=0.7, zorder=2))
    used = np.flatnonzero(amounts)
    share = amounts[used] / lines.capacity[used]
    drawn, widths = [courses[at] for at in used], 0.8 + (WIDEST - 0.8) * amounts[used] / most
    edges = np.where(_is_full(share), widths + EDGE, 0.0)
    fills = [_colour(s) for s in share]
    for colours, thick, order in ((style.INK, edges, 3.9), (fills, widths, 4.0)):
        look: dict[str, Any] = {"colors": colours, "linewidths": thick, "zorder": order}
        ax.add_collection(LineCollection(drawn, capstyle="round", **look))
    narrow = set(flow.bottlenecks()["link_id"])
    spots = np.array(
        [
            _middle(courses[at])
            for at in range(len(lines.rows))
            if network.links.ids[lines.rows[at]] in narrow
        ]
    ).reshape(-1, 2)
    ax.plot(
        *spots.T,
        ls="",
        marker="D",
        ms=6.5,
        mfc="white",
        mec=NARROW,
        mew=1.4,
        zorder=6,
    )
    middle = ink_of(ax, lines_of(network, lines.rows[used], ground))
    half = 0.5 * (WIDEST + EDGE) * ax.figure.dpi / 72
    ink = np.vstack([middle + half * side for side in SIDES])
    # a name must not cover the mark of a bottleneck
    marks = [Bbox.from_bounds(x - 14, y - 14, 28, 28) for x, y in ax.transData.transform(spots)]
    _label(ax, flow, extent, [draw_scale(ax, ink), *marks], ink, ground)


def _is_full(share: Any) -> Any:
    return share > 1 - 1e-6


def _colour(share: float) -> Any:
    return FULL if _is_full(share) else USED(share)


def _middle(line: Floats) -> Floats:
    """Return the point half way along a line."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    return np.array([np.interp(along[-1] / 2, along, line[:, k]) for k in (0, 1)])


def _extent(one: Flows, ground: Ground) -> Extent:
    """Return the frame of all that flows before and after, so that both maps show the same."""
    points = [
        ground.project(course(flow.pipelines.network, int(flow.pipelines.rows[at])))
        for flow in one.joint or ()
        for at in np.flatnonzero(flow.by_link)
    ]
    return extent_of(np.vstack(points) if points else ground.project(one.after.network.coordinates))


def _label(
    ax: Axes, flow: Flow, extent: Extent, taken: list[Any], ink: Floats, ground: Ground
) -> None:
    """Name the ends of the flow and the places on its way, those that carry most first."""
    lines, amounts = flow.pipelines, np.abs(flow.by_link)
    network, arcs, m = lines.network, lines.arcs, len(lines.rows)
    ids = list(lines.places)
    through = np.zeros(arcs.n)
    np.maximum.at(through, arcs.tail[:m], amounts)
    np.maximum.at(through, arcs.head[:m], amounts)
    ends = np.concatenate([flow.sources, flow.sinks])
    rank = through + np.where(np.isin(np.arange(arcs.n), ends), 1e6, 0)
    order = [i for i in np.argsort(-rank, kind="stable").tolist() if through[i] > 0]
    places = [ids[i] for i in order[:MOST_NAMED]]
    options: dict[str, Any] = {"ground": ground, "ink": ink}
    beside = {"size": 8.5, "cover": np.inf, **options}  # a place lies on its line
    boxes = label_places(ax, network, places[:FIRST], taken=taken, **beside)
    boxes = label_countries(ax, network, extent, taken=boxes, **options)
    label_places(ax, network, places[FIRST:], taken=boxes, **beside)


def _draw_scales(figure: Figure, bottom: float, most: float, unit: str) -> None:
    """Draw the scales of width and colour, and the mark of a bottleneck, at the foot."""
    height = figure.get_figheight()
    ax = figure.add_axes((0.008, bottom + 0.06 / height, 0.98, 0.36 / height))
    ax.set_xlim(0, 100)
    ax.set_ylim(0, 1)
    ax.set_axis_off()
    x = 0.0
    for amount in _steps(most):
        ax.plot([x, x + 4], [0.5, 0.5], color=USED(0.6), solid_capstyle="butt",
                lw=0.8 + (WIDEST - 0.8) * amount / most)  # fmt: skip
        ax.text(x + 4.6, 0.5, f"{amount:g} {unit}", va="center", fontsize=8)
        x += 11
    for i in range(20):
        ax.fill_between([x + 0.5 * i, x + 0.5 * i + 0.5], 0.3, 0.7, color=USED(i / 19), lw=0)
    ax.text(x, 0.74, "0 %", fontsize=7, va="bottom")
    ax.text(x + 10, 0.74, "100 % used", fontsize=7, va="bottom", ha="right")
    for colour, width in ((style.INK, 5 + EDGE), (FULL, 5)):
        ax.plot([x + 12, x + 15], [0.5, 0.5], color=colour, lw=width, solid_capstyle="butt")
    ax.text(x + 15.6, 0.5, "full", va="center", fontsize=8)
    ax.plot(x + 21, 0.5, marker="D", ms=6.5, mfc="white", mec=NARROW, mew=1.4)
    mark = "bottleneck (minimum cut); between two marks all is as narrow"
    ax.text(x + 22, 0.5, mark, va="center", fontsize=8)


def _steps(most: float) -> list[float]:
    """Return three round flows up to the largest."""
    unit = 10 ** np.floor(np.log10(most))
    top = next(m * unit for m in (5, 2, 1) if m * unit <= most)
    return [float(top / 5), float(top / 2), float(top)]
