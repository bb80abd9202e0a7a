"""Scenarios to be combined, with the modes and terminals that a comparison would use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sco_network.errors import Problems
from sco_network.model.network import Network
from sco_network.model.resolving import resolve, selected
from sco_network.model.scenario import Scenario
from sco_network.routing import space as _space
from sco_network.routing.states import check_modes
from sco_network.routing.topology import with_companions

from .compare import modes_of
from .evaluation import terminals_of


class ScenarioSpace(_space.ScenarioSpace):
    """A space of scenarios; modes and terminals are chosen as `compare` chooses them.

    Without `terminals`: every place of the base that is one in the base or with any member.

    Examples
    --------
    >>> space = ScenarioSpace(net, [uap, cku], by="time")              # doctest: +SKIP
    >>> space.skim({"uap-railway"}).matrix                             # doctest: +SKIP
    """

    def __init__(
        self,
        network: Network,
        scenarios: Iterable[Scenario],
        *,
        by: str = "time",
        modes: Iterable[str] | None = None,
        terminals: Sequence[str] | None = None,
        engine: str | None = None,
    ) -> None:
        members = list(scenarios)
        chosen = modes_of(members) if modes is None else check_modes(modes)
        if terminals is None:
            terminals = _terminals(network, members, chosen)
        super().__init__(network, members, by=by, terminals=terminals, modes=chosen, engine=engine)


def proposals(scenarios: Iterable[Scenario]) -> tuple[list[Scenario], list[Scenario]]:
    """Return the scenarios to set against one another where none are named, and the rest.

    Those are proposals to build or agree on something for freight: no closures, nothing
    cancelled, no packages (their members stand for themselves) and no pipelines, which carry
    other goods. What a proposal requires comes with it.
    """
    given = {s.id: s for s in scenarios}
    chosen = {
        s.id
        for s in given.values()
        if s.content.kind not in {"closure", "package", "pipeline"}
        and s.content.status != "cancelled"
    }
    chosen |= {c.id for i in list(chosen) for c in with_companions(given[i], given)}
    return (
        [s for s in given.values() if s.id in chosen],
        [s for s in given.values() if s.id not in chosen],
    )


def _terminals(network: Network, scenarios: Sequence[Scenario], modes: Sequence[str]) -> list[str]:
    found = set(terminals_of(network, modes))
    names = {s.id: s for s in selected(scenarios)}
    for scenario in scenarios:
        if all(name in names for s in scenario.whole for name in s.content.requires):
            # what is wrong with a member is said when the space is made
            changes = resolve(with_companions(scenario, names), network.tables, Problems())
            found |= set(terminals_of(network.with_changes(changes), modes))
    return [n for n in network.nodes.ids.tolist() if n in found]
