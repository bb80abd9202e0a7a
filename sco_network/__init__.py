"""Before/after analysis of transport and energy connectivity proposals.

>>> import sco_network as sco                                       # doctest: +SKIP
>>> net = sco.Network.load()                                        # doctest: +SKIP
>>> uap = sco.Scenario.load("uap-railway")                          # doctest: +SKIP
>>> sco.compare(net, uap, by="time").metrics                        # doctest: +SKIP
"""

from sco_network.api import Network, Scenario, compare, scenarios
from sco_network.errors import InputError, Problem, ScoError

__all__ = [
    "InputError",
    "Network",
    "Problem",
    "Scenario",
    "ScoError",
    "compare",
    "scenarios",
]
