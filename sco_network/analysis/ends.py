"""Comparisons between chosen places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sco_network.model.network import Network
from sco_network.model.scenario import Scenario
from sco_network.routing.states import check_modes

from .compare import Comparison, compare, modes_of
from .evaluation import terminals_of


def compare_between(
    network: Network,
    scenarios: Sequence[Scenario],
    origin: str | None,
    destination: str | None,
    *,
    by: str = "time",
    modes: Iterable[str] | None = None,
) -> Comparison:
    """Compare between two places, from or to one place, or between all terminals.

    Places are given by id or by name; one of them alone is compared with all terminals.
    """
    chosen = modes_of(scenarios) if modes is None else check_modes(modes)
    ends = [network.find(place) for place in (origin, destination) if place is not None]
    if len(ends) == 2:
        return compare(network, scenarios, by=by, modes=chosen, terminals=ends)
    places = list(terminals_of(network.with_scenarios(*scenarios), chosen))
    known = [p for p in dict.fromkeys([*ends, *places]) if p in network.nodes]
    return compare(
        network, scenarios, by=by, modes=chosen, terminals=known, centre=ends[0] if ends else None
    )
