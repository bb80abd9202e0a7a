"""Kilometres, hours and dollars of every link, crossing and transfer of a network."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from sco_network.errors import bad_argument, did_you_mean
from sco_network.model.assumptions import Assumptions
from sco_network.model.network import Network
from sco_network.model.scenario import UNIT_OF
from sco_network.model.table import Table

By = Literal["length", "time", "cost", "generalised"]
UNITS: dict[str, str] = UNIT_OF
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Value = TypeVar("Value", bound=Hashable)


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
    `link_usd` freight plus border payments (`border_usd`) per TEU; for pipelines the unit is USD
    per thousand m³ (gas) or tonne (oil). A closed row is not open. Where many draws are worked
    out at once, numbers have the draws as first axis.
    """

    km: Floats
    run_h: Floats
    border_h: Floats
    link_usd: Floats
    border_usd: Floats
    link_open: NDArray[np.bool_]
    transfer_h: Floats
    transfer_usd: Floats
    transfer_open: NDArray[np.bool_]
    is_gauge: NDArray[np.bool_]
    value_of_time: Floats


def impedance(network: Network) -> Impedance:
    """Return the impedance of every row; a row's own value wins over the assumptions."""
    return Formula.of(network).impedance()


@dataclass(frozen=True)
class Formula:
    """Of which numbers the impedance of every row is made, apart from what they are.

    `values` are the assumptions in the order of `keys`, then a zero for what there is no
    assumption of; `cells` the rows' own numbers by table and column, nan where a row says
    nothing. `speed` and `rate` (2 × links, one for each end's country), `duty`, `wait` and
    `fee` are places in `values`; `crossing` is the row of the border that a link passes, or −1.
    """

    keys: tuple[str, ...]
    values: Floats
    cells: Mapping[tuple[str, str], Floats]
    speed: Ints
    rate: Ints
    duty: Ints
    wait: Ints
    fee: Ints
    crossing: Ints
    link_open: NDArray[np.bool_]
    transfer_open: NDArray[np.bool_]
    is_gauge: NDArray[np.bool_]

    @classmethod
    def of(cls, network: Network) -> Formula:
        """Read a network's formula."""
        links, crossings, transfers = network.links, network.crossings, network.transfers
        known = network.assumptions
        keys = tuple(sorted(known))
        place = {key: i for i, key in enumerate(keys)}
        modes = links["mode"].tolist()
        speed, rate = _rate_places(network, place)
        crossing = crossing_of_links(network)
        shut = np.append(crossings["status"] != "open", False)[crossing]
        gauge = [
            a.startswith("rail") and b.startswith("rail")
            for a, b in zip(transfers["from_layer"], transfers["to_layer"], strict=True)
        ]

        def places(prefix: str) -> Ints:
            by_mode = {m: place.get(f"{prefix}.{m}", len(keys)) for m in set(modes)}
            return np.array([by_mode[m] for m in modes], dtype=np.int64)

        return cls(
            keys=keys,
            values=np.array([*(known[key] for key in keys), 0.0]),
            cells={(t.kind.name, c): t[c] for t, c in _numbers(links, crossings, transfers)},
            speed=speed,
            rate=rate,
            duty=places("duty"),
            wait=places("border.wait_h"),
            fee=places("border.fee_usd"),
            crossing=crossing,
            link_open=(links["status"] == "operating") & ~shut.astype(bool),
            transfer_open=transfers["status"] == "open",
            is_gauge=np.array(gauge, dtype=bool),
        )

    def impedance(
        self,
        values: Floats | None = None,
        cells: Mapping[tuple[str, str], Floats] | None = None,
    ) -> Impedance:
        """Return the impedance, or what it is with other assumptions and cells.

        Parameters
        ----------
        values
            In the order of `keys`, with a zero at the end; or draws × such.
        cells
            Columns to use instead of the rows' own; or draws × such.

        Notes
        -----
        Hours are length / speed / duty, the share of the day that vehicles are under way.
        A link between two countries runs half its length at the speed and rate of each.
        """
        value = self.values if values is None else values
        cell = {**self.cells, **(cells or {})}
        km, own = cell["links", "length_km"], cell["links", "free_speed_km_h"]
        pace = (1 / value[..., self.speed[0]] + 1 / value[..., self.speed[1]]) / 2
        usd_per_km = (value[..., self.rate[0]] + value[..., self.rate[1]]) / 2
        with np.errstate(invalid="ignore"):
            hours = np.where(np.isnan(own), km * pace, km / own)

        def at_border(column: str, default: Ints) -> Floats:
            given = cell["crossings", column]
            if not given.shape[-1]:
                return np.zeros(len(self.crossing))
            there = given[..., self.crossing]
            found = np.where(np.isnan(there), value[..., default], there)
            return np.where(self.crossing < 0, 0.0, found)

        def at_transfer(column: str, key: str) -> Floats:
            given, default = cell["transfers", column], value[..., [self.keys.index(key)]]
            return np.where(np.isnan(given), default, given)

        fee = at_border("fee_usd", self.fee)
        return Impedance(
            km=km,
            run_h=hours / value[..., self.duty],
            border_h=at_border("wait_h", self.wait),
            link_usd=km * usd_per_km + fee,
            border_usd=fee,
            link_open=self.link_open,
            transfer_h=at_transfer("transfer_h", "transfer.hours"),
            transfer_usd=at_transfer("fee_usd", "transfer.fee_usd"),
            transfer_open=self.transfer_open,
            is_gauge=self.is_gauge,
            value_of_time=value[..., [self.keys.index("value_of_time")]],
        )


def _numbers(links: Table, crossings: Table, transfers: Table) -> list[tuple[Table, str]]:
    return [
        (links, "length_km"),
        (links, "free_speed_km_h"),
        (crossings, "wait_h"),
        (crossings, "fee_usd"),
        (transfers, "transfer_h"),
        (transfers, "fee_usd"),
    ]


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


def _rate_places(network: Network, place: Mapping[str, int]) -> tuple[Ints, Ints]:
    """Return the places of speed and rate at both ends of every link, each 2 × links."""
    links, nodes = network.links, network.nodes
    country, code_of_country = _codes(nodes["country"].tolist())
    kind, code_of_kind = _codes(
        zip(links["mode"].tolist(), links["facility_type"].tolist(), strict=True)
    )
    ends = np.stack([links.rows_in(c, nodes) for c in ("from_node_id", "to_node_id")])
    # of the many links each combination is looked up once
    pairs = code_of_kind * len(country) + code_of_country[ends]
    used, which = np.unique(pairs, return_inverse=True)
    rates = []
    for pair in used.tolist():
        (mode, facility), where = kind[pair // len(country)], country[pair % len(country)]
        rates.append([place[k] for k in rate_keys(network.assumptions, mode, facility, where)])
    found = np.array(rates, dtype=np.int64).reshape(-1, 2)
    speed, cost = found[which.reshape(ends.shape)].transpose(2, 0, 1)
    return speed, cost


def _codes(values: Iterable[Value]) -> tuple[list[Value], Ints]:
    """Return the different values in order of appearance, and which of them each one is."""
    code: dict[Value, int] = {}
    codes = [code.setdefault(value, len(code)) for value in values]
    return list(code), np.array(codes, dtype=np.int64)


def crossing_of_links(network: Network) -> Ints:
    """Return the row of the crossing that each link passes; −1 where it passes none."""
    tables = network.crossings, network.links
    mode, codes = _codes(m for table in tables for m in table["mode"].tolist())
    keys, first = [], 0
    for table in tables:
        ends = [table.rows_in(c, network.nodes) for c in ("from_node_id", "to_node_id")]
        low, high = np.minimum(*ends), np.maximum(*ends)
        own = codes[first : first + len(table)]
        keys.append((low * len(network.nodes) + high) * len(mode) + own)
        first += len(table)
    at = {key: row for row, key in enumerate(keys[0].tolist())}
    return np.array([at.get(key, -1) for key in keys[1].tolist()], dtype=np.int64)
