"""Kilometres, hours and dollars of every link, crossing and transfer of a network."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from sco_network.errors import bad_argument, did_you_mean
from sco_network.model.assumptions import Assumptions
from sco_network.model.network import Network

By = Literal["length", "time", "cost", "generalised"]
UNITS: dict[str, str] = {"length": "km", "time": "h", "cost": "USD", "generalised": "USD"}
Floats = NDArray[np.float64]


def check_by(by: str) -> By:
    """Return `by`, or refuse what is none of length, time, cost and generalised."""
    if by not in get_args(By):
        hint = did_you_mean(by, get_args(By)) or "Use length, time, cost or generalised"
        raise bad_argument("by", f"unknown measure '{by}'", hint)
    return by  # type: ignore[return-value]


@dataclass(frozen=True)
class Impedance:
    """What using each row takes; arrays have one entry per link or per transfer.

    `run_h` is hours under way, `border_h` hours at the crossing that the link passes,
    `link_usd` freight plus border payments per TEU; for pipelines the unit is USD per
    thousand m³ (gas) or tonne (oil). A closed row is not open.
    """

    km: Floats
    run_h: Floats
    border_h: Floats
    link_usd: Floats
    link_open: NDArray[np.bool_]
    transfer_h: Floats
    transfer_usd: Floats
    transfer_open: NDArray[np.bool_]
    is_gauge: NDArray[np.bool_]


def impedance(network: Network) -> Impedance:
    """Return the impedance of every row; a row's own value wins over the assumptions."""
    links, transfers = network.links, network.transfers
    run_h, usd = _running(network)
    border_h, fee, passable = _borders(network)
    values = network.assumptions
    hours, charge = (
        _filled(transfers["transfer_h"], values["transfer.hours"]),
        _filled(transfers["fee_usd"], values["transfer.fee_usd"]),
    )
    gauge = [
        a.startswith("rail") and b.startswith("rail")
        for a, b in zip(transfers["from_layer"], transfers["to_layer"], strict=True)
    ]
    return Impedance(
        km=links["length_km"],
        run_h=run_h,
        border_h=border_h,
        link_usd=usd + fee,
        link_open=(links["status"] == "operating") & passable,
        transfer_h=hours,
        transfer_usd=charge,
        transfer_open=transfers["status"] == "open",
        is_gauge=np.array(gauge, dtype=bool),
    )


def _filled(column: Floats, default: float) -> Floats:
    return np.where(np.isnan(column), default, column)


def rate_keys(values: Assumptions, mode: str, facility: str, country: str) -> tuple[str, str]:
    """Return the keys of the speed and the freight rate in use: the most specific ones."""
    speed = values.first_key(
        f"speed.{mode}.{facility}.{country}",
        f"speed.{mode}.{country}",
        f"speed.{mode}.{facility}",
        f"speed.{mode}",
    )
    cost = values.first_key(f"cost.{mode}.{facility}", f"cost.{mode}.{country}", f"cost.{mode}")
    return speed, cost


def _running(network: Network) -> tuple[Floats, Floats]:
    """Hours and freight charge of running each link.

    Hours are length / speed / duty, the share of the day that vehicles are under way.
    A link between two countries runs half its length at the speed and rate of each.
    """
    values = network.assumptions

    @cache
    def rates(mode: str, facility: str, country: str) -> tuple[float, float]:
        speed, cost = rate_keys(values, mode, facility, country)
        return 1 / values[speed], values[cost]

    @cache
    def both(mode: str, facility: str, a: str, b: str) -> tuple[float, float]:
        (pace_a, cost_a), (pace_b, cost_b) = rates(mode, facility, a), rates(mode, facility, b)
        return (pace_a + pace_b) / 2, (cost_a + cost_b) / 2

    links, index = network.links, network.nodes.index
    country = network.nodes["country"]
    columns = ("mode", "facility_type", "from_node_id", "to_node_id")
    rows = zip(*(links[c].tolist() for c in columns), strict=True)
    per_km = np.array(
        [both(mode, kind, country[index[a]], country[index[b]]) for mode, kind, a, b in rows]
    ).reshape(-1, 2)
    km, speed = links["length_km"], links["free_speed_km_h"]
    with np.errstate(invalid="ignore"):
        hours = np.where(np.isnan(speed), km * per_km[:, 0], km / speed)
    duty = np.array([values[f"duty.{mode}"] for mode in links["mode"].tolist()])
    return hours / duty, km * per_km[:, 1]


def crossing_of_links(network: Network) -> NDArray[np.int64]:
    """Return the row of the crossing that each link passes; −1 where it passes none."""
    links, crossings = network.links, network.crossings
    columns = ("from_node_id", "to_node_id", "mode")
    at = {
        (frozenset((a, b)), mode): row
        for row, (a, b, mode) in enumerate(zip(*(crossings[c] for c in columns), strict=True))
    }
    ends = zip(*(links[c] for c in columns), strict=True)
    rows = [at.get((frozenset((a, b)), mode), -1) for a, b, mode in ends]
    return np.array(rows, dtype=np.int64)


def _borders(network: Network) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Hours and payments at the crossing of each link, and whether it is open."""
    links, crossings, values = network.links, network.crossings, network.assumptions
    hours, fee = np.zeros(len(links)), np.zeros(len(links))
    passable = np.ones(len(links), dtype=bool)
    if not len(crossings):
        return hours, fee, passable
    crossing = crossing_of_links(network)
    for i in np.flatnonzero(crossing >= 0).tolist():
        row, mode = crossing[i], links["mode"][i]
        wait, pay = crossings["wait_h"][row], crossings["fee_usd"][row]
        hours[i] = values.get(f"border.wait_h.{mode}", 0.0) if np.isnan(wait) else wait
        fee[i] = values.get(f"border.fee_usd.{mode}", 0.0) if np.isnan(pay) else pay
        passable[i] = crossings["status"][row] == "open"
    return hours, fee, passable
