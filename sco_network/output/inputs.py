"""Uncertain numbers in words: of the assumptions by their keys, of scenarios by what they set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sco_network.routing.draws import input_name

from . import lettering, style

if TYPE_CHECKING:
    from sco_network.model.network import Network
    from sco_network.model.scenario import Scenario

QUANTITIES = {
    "border.fee_usd": "Border fee",
    "border.wait_h": "Wait at a border",
    "cost": "Freight rate",
    "duty": "Share of the day in motion",
    "market_access.theta": "Exponent of distance in market access",
    "speed": "Speed",
    "transfer.fee_usd": "Fee of a transfer or change of gauge",
    "transfer.hours": "Time of a transfer or change of gauge",
    "value_of_time": "Value of time",
}
WAYS = {
    "rail": "railways",
    "rail.main": "main railways",
    "rail.secondary": "secondary railways",
    "road": "roads",
    "road.motorway": "motorways",
    "road.trunk": "trunk roads",
    "road.primary": "primary roads",
    "road.secondary": "secondary roads",
    "sea": "sea lanes",
    "gas": "gas pipelines",
    "oil": "oil pipelines",
}
COLUMNS = {
    "capacity_value": "Capacity",
    "fee_usd": "Fee",
    "free_speed_km_h": "Speed",
    "length_km": "Length",
    "transfer_h": "Time of transfer",
    "wait_h": "Wait",
}
MANY = {"links": "links", "crossings": "borders", "transfers": "terminals"}


def assumption_words(key: str, countries: Mapping[str, str]) -> str:
    """Return an assumption in words: what, on which ways, in which country.

    >>> assumption_words("speed.rail.main.RUS", {"RUS": "Russia"})
    'Speed, main railways, Russia'
    >>> assumption_words("border.wait_h.road", {}), assumption_words("value_of_time", {})
    ('Wait at a border, roads', 'Value of time')
    >>> assumption_words("toll.bridge_usd", {})
    'Toll bridge usd'
    """
    what = next((q for q in QUANTITIES if key == q or key.startswith(f"{q}.")), "")
    if not what:
        return style.words(key.replace(".", " ")).capitalize()
    *way, last = key.removeprefix(what).split(".")[1:] or [""]
    rest = [*way, *([] if last in countries else [last])]
    name = ".".join(rest)
    parts = [QUANTITIES[what], WAYS.get(name, style.words(name.replace(".", " ")))]
    return ", ".join(p for p in (*parts, countries.get(last, "")) if p)


def input_words(
    names: Sequence[str], network: Network, scenarios: Sequence[Scenario], own: str
) -> list[str]:
    """Return uncertain numbers in words; those of scenarios other than `own` with their title."""
    table = network.tables["countries"]
    countries = dict(zip(table.ids.tolist(), map(str, table["name"]), strict=True))
    found = {name: assumption_words(name, countries) for name in names}
    for scenario in scenarios:
        if any(name.startswith(f"{scenario.id}: ") for name in names):
            title = "" if scenario.id == own else f"{scenario.title}: "
            set_ = _set_words(network.with_scenarios(scenario))
            found |= {name: f"{title}{set_[name]}" for name in names if name in set_}
    return [lettering.drawable(found[name]) for name in names]


def _set_words(network: Network) -> dict[str, str]:
    """Return what a network's scenarios set, in words by the input's name."""
    rows: dict[str, list[tuple[str, str, str]]] = {}
    for key, setting in network.changes.settings.items():
        rows.setdefault(input_name(setting), []).append(key)
    found = {}
    for name, keys in rows.items():
        table, row_id, column = keys[0]
        what = COLUMNS.get(column, style.words(column).capitalize())
        where = _row_words(network, table, row_id)
        found[name] = f"{what}, {where if len(keys) == 1 else f'{len(keys)} {MANY[table]}'}"
    return found


def _row_words(network: Network, table: str, row_id: str) -> str:
    row = network.tables[table].row(row_id)
    if table == "transfers":
        return network.name_of(row["node_id"])
    if table == "crossings" and row["name"]:
        return str(row["name"])
    return " – ".join(network.name_of(row[end]) for end in ("from_node_id", "to_node_id"))
