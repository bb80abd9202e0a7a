"""Before/after analysis of transport and energy connectivity proposals.

>>> import sco_network as sco                                       # doctest: +SKIP
>>> net = sco.Network.load()                                        # doctest: +SKIP
>>> uap = sco.Scenario.load("uap-railway")                          # doctest: +SKIP
>>> sco.compare(net, uap, by="time").metrics                        # doctest: +SKIP
"""

from typing import TYPE_CHECKING, Any

from sco_network import api
from sco_network.api import Network, Scenario, compare, scenarios
from sco_network.errors import InputError, Problem, ScoError

if TYPE_CHECKING:
    from sco_network.analysis.breakeven import breakeven
    from sco_network.analysis.combine import ScenarioSpace
    from sco_network.analysis.timeline import timeline

__all__ = [
    "InputError",
    "Network",
    "Problem",
    "Scenario",
    "ScenarioSpace",
    "ScoError",
    "breakeven",
    "compare",
    "scenarios",
    "timeline",
]


def __getattr__(name: str) -> Any:
    """Return public names that are imported when they are asked for."""
    return getattr(api, name)
