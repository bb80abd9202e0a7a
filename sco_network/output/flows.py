"""Pipeline flows in tables: what can flow, what limits it, what a closure costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sco_network.analysis.flows import EVERYONE

from .tables import number, out, table

if TYPE_CHECKING:
    import pandas as pd
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
        _print_suppliers(console, found)
    if found.joint is not None:
        before, after = found.joint
        if not found.is_pair:
            console.print(_sentence(found))
        if found.scenarios:
            _print_bottleneck(console, before, found.unit, "Bottleneck before")
        _print_bottleneck(console, after, found.unit, "Bottleneck")
        _print_links(console, after, found.unit)
        _print_losses(console, after.losses(found.spared), found.unit)
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


def amount(flow: Flow, unit: str) -> str:
    """Return a flow with its unit, or why there is none."""
    words = _words(flow.value, flow.status)
    if not words[-1].isdigit():
        return words
    return f"{words.rstrip('0').rstrip('.')} {unit}" if "." in words else f"{words} {unit}"


def _sentence(found: Flows) -> str:
    before, after = found.joint or (None, None)
    if before is None or after is None:
        return ""
    ends = f"{ends_words(found)}: "
    if not found.scenarios:
        return ends + amount(after, found.unit)
    return f"{ends}{amount(before, found.unit)} before, {amount(after, found.unit)} after"


def ends_words(found: Flows) -> str:
    """Return from where to where the joint flow goes."""
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
    """Print how each country is supplied; with scenarios those whose supply they change."""
    supply = found.supply
    if found.scenarios and found.destination is None:
        changed = supply["before_flow"].fillna(0) != supply["after_flow"].fillna(0)
        supply = supply[changed]
    if not len(supply):
        return
    columns = (
        "supply from abroad", "", found.unit, "suppliers", "HHI",
        "worst link or crossing to lose", "worst country to lose",
    )  # fmt: skip
    rows = _supply_rows(found, supply)
    console.print(table("Who depends on whom", columns, rows, left=2))
    console.print("")


def _supply_rows(found: Flows, supply: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    sides = ("before", "after") if found.scenarios else ("after",)
    for r in supply.to_dict("records"):
        for when in sides:
            yield (
                _name(found, r["country"]),
                when if found.scenarios else "",
                number(r[f"{when}_flow"], 2),
                str(r[f"{when}_suppliers"]),
                number(r[f"{when}_hhi"], 2),
                *(_worst(r, f"{when}_{what}") for what in ("worst_link", "worst_country")),
            )


def _worst(row: dict[Any, Any], column: str) -> str:
    """Return what costs a country most when it shuts, and how much of its supply that is."""
    if not isinstance(row[column], str):
        return "–"
    return f"{row[column]}: −{row[f'{column}_percent']:.0f} %"


def _print_suppliers(console: Console, found: Flows) -> None:
    if not len(found.suppliers):
        return
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


def _print_links(console: Console, flow: Flow, unit: str) -> None:
    links = flow.links()
    if not len(links):
        return
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
    columns = ("link", "country", f"capacity, {unit}", "flow", "spare", "used %")
    title = f"Links in use ({len(rows)} of {len(links)}, fullest first)"
    console.print(table(title, columns, rows, left=2))
    console.print(ASSIGNMENT + "\n")


def _print_losses(console: Console, losses: pd.DataFrame, unit: str) -> None:
    # of links one behind the other on one line, which cost the same, the first stands for all
    shown = losses.drop_duplicates(["kind", "line", "left"])
    if not len(shown):
        return
    rows = [
        (r["kind"], r["name"], r["country"], number(r["left"], 2), f"{r['lost_percent']:.0f}")
        for r in shown.head(ROWS).to_dict("records")
    ]
    columns = ("shut", "name", "country", f"left, {unit}", "lost %")
    title = "What is lost when one shuts (one link for all of a line that cost the same)"
    console.print(table(title, columns, rows, left=3))
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
