"""Before/after analysis of transport and energy connectivity proposals.

>>> import sco_network as sco                                       # doctest: +SKIP
>>> net = sco.Network.load()                                        # doctest: +SKIP
>>> uap = sco.Scenario.load("uap-railway")                          # doctest: +SKIP
>>> sco.compare(net, uap, by="time").metrics                        # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sco_network.errors import InputError, Problem, ScoError

if TYPE_CHECKING:
    from sco_network.analysis.breakeven import breakeven
    from sco_network.analysis.combine import ScenarioSpace
    from sco_network.analysis.flows import flows
    from sco_network.analysis.people import people
    from sco_network.analysis.rank import rank
    from sco_network.analysis.stress import stress
    from sco_network.analysis.timeline import timeline
    from sco_network.analysis.uncertainty import uncertainty
    from sco_network.api import Network, Scenario, claims, compare, diff, scenarios, staircase

__all__ = [
    "InputError",
    "Network",
    "Problem",
    "Scenario",
    "ScenarioSpace",
    "ScoError",
    "breakeven",
    "claims",
    "compare",
    "diff",
    "flows",
    "people",
    "rank",
    "scenarios",
    "staircase",
    "stress",
    "timeline",
    "uncertainty",
]


def __getattr__(name: str) -> Any:
    """Return a public name; the libraries behind it are imported when it is first asked for."""
    return getattr(import_module("sco_network.api"), name)


def __dir__() -> list[str]:
    """Return the public names, so that completion knows them before they are imported."""
    return sorted(__all__)
