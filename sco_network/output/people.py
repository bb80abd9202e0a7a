"""What proposals mean for people, in tables: who wins and loses, the way to the sea, inequality."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sco_network.analysis.sea import port_rule

from . import style
from .tables import millions, number, out, percent, table

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from sco_network.analysis.people import People

ROWS = 10
# A change that a reader would notice, and one too small to be shown, percent.
NOTABLE, SHOWN = 1.0, 0.05


def print_people(found: People, *, top: int = ROWS) -> None:
    """Print who wins and loses, the way to the sea, and inequality."""
    console = out()
    places = found.places
    console.print(f"{found.title}  [{found.name}], by {found.comparison.by}", style="bold")
    console.print(
        f"{_crowd(places)}; market access in {found.access_unit}. "
        f"{len(found.sea_after.ports) or 'no'} deep-sea ports "
        f"({port_rule(found.comparison.after.network)}).\n"
    )
    if not found.is_base:
        console.print("Is anyone worse off?  " + answer(found) + "\n")
        for title, frame in (("Winners", found.winners), ("Losers", found.losers)):
            _print_places(console, found, title, frame.head(top))
    _print_countries(console, found)
    _print_inequality(console, found)


def answer(found: People) -> str:
    """Return in words whether anyone is worse off, and who gains."""
    places, worse, better = found.places, found.worse_off, found.winners
    gains = _tally(better, "gain market access") if len(better) else "Nobody's access rises."
    if not len(worse):
        return f"Nobody: every one of {len(places):,} places is at least as well off. {gains}"
    names = ", ".join(
        f"{name} ({percent(change)})" if np.isfinite(change) else name
        for name, change in zip(worse["name"][:6], worse["access_percent"][:6], strict=True)
    )
    cut_off = ~np.isfinite(worse["to_port_after"]) & np.isfinite(worse["to_port_before"])
    lost = f"{_crowd(worse[cut_off])} lose every way to a deep-sea port. " if cut_off.any() else ""
    what = "have less market access or a longer way to the sea"
    return f"Yes: {_tally(worse, what)} Most: {names}. {lost}{gains}"


def _crowd(frame: pd.DataFrame) -> str:
    plural = "place" if len(frame) == 1 else "places"
    return f"{len(frame):,} {plural} with {millions(frame['population'].sum())} people"


def _tally(frame: pd.DataFrame, what: str) -> str:
    """Return how many places and people, and those whose change is worth a word."""
    notable = frame[~(frame["access_percent"].abs() < NOTABLE)]
    return f"{_crowd(frame)} {what}; by {NOTABLE:g} % or more: {_crowd(notable)}."


def _cost(value: float) -> str:
    return number(value) if np.isfinite(value) else "no route"


def _print_places(console: Console, found: People, title: str, frame: pd.DataFrame) -> None:
    if not len(frame):
        return
    unit, name = found.comparison.unit, found.comparison.after.network.name_of
    rows = [
        (
            r["name"],
            r["country"],
            f"{r['population']:,.0f}",
            number(r["access_before"] / 1000, 0),
            number(r["access_after"] / 1000, 0),
            percent(r["access_percent"]) if np.isfinite(r["access_percent"]) else "new",
            _cost(r["to_port_before"]),
            _cost(r["to_port_after"]),
            name(r["port_after"]) if isinstance(r["port_after"], str) else "",
        )
        for r in frame.to_dict("records")
    ]
    columns = (
        "place", "country", "people", "access, 1000s", "after", "change",
        f"to the sea, {unit}", "after", "by",
    )  # fmt: skip
    console.print(table(f"{title}: largest change of market access", columns, rows, left=2))
    console.print("")


def _print_countries(console: Console, found: People) -> None:
    unit, frame = found.comparison.unit, found.countries
    if found.is_base:
        told = frame[(frame["to_port_before"] > 0) | (frame["cut_off_before"] > 0)]
        told = told.sort_values("to_port_before", ascending=False, na_position="first")
        columns: tuple[str, ...] = (
            "country",
            "people here",
            f"to the sea, {unit}",
            "borders",
            f"penalty, {unit}",
        )
        rest = "more with nothing but ports here"
    else:
        moved = frame["access_percent"].abs() >= SHOWN
        moved |= frame["to_port_before"].fillna(-1) != frame["to_port_after"].fillna(-1)
        told = frame[moved].sort_values("access_percent", ascending=False)
        columns = (
            "country", "people here", "access", f"to the sea, {unit}", "after", "borders",
            f"penalty, {unit}", "after",
        )  # fmt: skip
        rest = f"more whose access changes by less than {SHOWN} %"
    rows = [_country_row(found, r) for r in told.to_dict("records")]
    if rows:
        console.print(table("By country, mean over the people of its places", columns, rows))
    if len(frame) > len(told):
        count = len(frame) - len(told)
        console.print(f"{count} {'country' if count == 1 else 'countries'} {rest}")
    if np.isfinite(found.benchmark):
        console.print(
            f"Penalty: above the median coastal country's {number(found.benchmark)} {unit}; for "
            "countries without a deep-sea port of their own here."
        )
    else:
        console.print("No penalty: no coastal country with an interior to compare with is here.")
    console.print("")


def _country_row(found: People, r: dict[Any, Any]) -> tuple[str, ...]:
    name = style.country_name(found.comparison.before.network, r["country"])
    start = (name, millions(r["population"]))
    penalties = [number(r[f"penalty_{when}"]) for when in ("before", "after")]
    if found.is_base:
        return (*start, _country_cost(r, "before"), _borders(r, "before"), penalties[0])
    return (
        *start,
        percent(r["access_percent"]),
        _country_cost(r, "before"),
        _country_cost(r, "after"),
        f"{_borders(r, 'before')} → {_borders(r, 'after')}",
        *penalties,
    )


def _borders(r: dict[Any, Any], when: str) -> str:
    crossed = r[f"borders_{when}"]
    return f"{crossed:.1f}" if np.isfinite(crossed) else "–"


def _country_cost(r: dict[Any, Any], when: str) -> str:
    cut_off = r[f"cut_off_{when}"]
    value = number(r[f"to_port_{when}"])
    if not cut_off:
        return value
    lost = f"no route for {millions(cut_off)}"
    return lost if cut_off == r["population"] else f"{value}, {lost}"


_MEASURES = {
    "gini": "Gini coefficient",
    "theil": "Theil index",
    "theil_between": "  between countries",
    "theil_within": "  within countries",
}


def _print_inequality(console: Console, found: People) -> None:
    rows = []
    for r in found.inequality.to_dict("records"):
        values = [f"{r['before']:.4f}", f"{r['after']:.4f}", f"{r['change']:+.4f}"]
        shown = ["–" if "nan" in value else value for value in values]
        rows.append((_MEASURES[r["measure"]], *shown[: 1 if found.is_base else 3]))
    columns = ("inequality of market access", "before", "after", "change")
    console.print(table("", columns[: 2 if found.is_base else 4], rows))
    console.print("")
