"""Networks in which borders and terminals take more or less time than they do."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from sco_network.model.network import Network
from sco_network.model.rows import PIPELINES
from sco_network.routing.impedance import impedance

AnyNetwork = TypeVar("AnyNetwork", bound=Network)


def scaled_hours(
    network: AnyNetwork, *, borders: float = 1.0, transfers: float = 1.0
) -> AnyNetwork:
    """Return the network with the hours at land borders and at transfers multiplied.

    A scenario file sees the base alone; this also reaches what scenarios have added or set, so
    that "half of whatever wait is left" can be asked of a network with scenarios applied.

    Parameters
    ----------
    network
        With or without scenarios; it is not changed.
    borders
        Factor on the hours of every road and rail crossing; ports keep theirs.
    transfers
        Factor on the hours of every change of mode or gauge.
    """
    values = network.assumptions
    waits = {
        (row["crossing_id"], "wait_h"): borders
        * (values[f"border.wait_h.{row['mode']}"] if row["wait_h"] is None else row["wait_h"])
        for row in network.crossings
        if row["mode"] not in {"sea", *PIPELINES}
    }
    lifts = dict(
        zip(
            [(transfer_id, "transfer_h") for transfer_id in network.transfers.ids],
            transfers * impedance(network).transfer_h,
            strict=True,
        )
    )
    tables = {
        **network.tables,
        "crossings": network.crossings.changed(waits, []),
        "transfers": network.transfers.changed(lifts, []),
    }
    return replace(network, tables=tables)
