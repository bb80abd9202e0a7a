"""What proposals cost to build, as published; what is not published is not zero."""

from __future__ import annotations

from collections.abc import Iterable

from sco_network.model.assumptions import Spread
from sco_network.model.scenario import Scenario

MILLIONS_IN_BILLION = 1000.0


def as_spread(quantity: Spread | float | None) -> Spread | None:
    """Return a quantity with its lowest, most likely and highest value.

    >>> as_spread(5.0)
    Spread(low=5.0, mode=5.0, high=5.0)
    """
    if quantity is None or isinstance(quantity, Spread):
        return quantity
    return Spread(low=quantity, mode=quantity, high=quantity)


def capex(scenarios: Iterable[Scenario]) -> Spread | None:
    """Return what scenarios cost together, billion US dollars; None if one cost is not published.

    A package without a cost of its own costs what its members do. The lowest costs are added
    to one another, and so are the highest: the widest range that the sources allow.
    """
    parts = {part.id: part for scenario in scenarios for part in _priced(scenario)}
    found = [as_spread(part.content.capex_musd) for part in parts.values()]
    known = [cost for cost in found if cost is not None]
    if len(known) < len(found):
        return None
    low, mode, high = (sum(getattr(c, end) for c in known) for end in ("low", "mode", "high"))
    return Spread(
        low=low / MILLIONS_IN_BILLION,
        mode=mode / MILLIONS_IN_BILLION,
        high=high / MILLIONS_IN_BILLION,
    )


def _priced(scenario: Scenario) -> list[Scenario]:
    """Return the scenario, or the members of a package that has no cost of its own."""
    if scenario.content.capex_musd is not None or not scenario.members:
        return [scenario]
    members = [part for member in scenario.members for part in _priced(member)]
    return members if scenario.changes_nothing else [*members, scenario]


def per_billion(gain: float, cost: Spread | None) -> Spread | None:
    """Return the gain for each billion dollars: lowest with the highest cost, and so on.

    >>> per_billion(6.0, Spread(low=1, mode=2, high=4))
    Spread(low=1.5, mode=3.0, high=6.0)
    """
    if cost is None or cost.low <= 0:
        return None
    low, mode, high = sorted(gain / c for c in (cost.low, cost.mode, cost.high))
    return Spread(low=low, mode=mode, high=high)
