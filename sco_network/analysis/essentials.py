"""What `run` leaves beside the comparisons: one table for each question that users ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from sco_network.model.network import Network
from sco_network.model.rows import PIPELINES
from sco_network.model.scenario import Scenario

from .benchmarks import run_benchmarks
from .breakeven import Breakeven
from .claims import check_claims
from .combine import proposals
from .compare import Comparison
from .evaluation import Evaluation
from .flows import flows
from .people import People
from .rank import EXACT_UP_TO, rank
from .stress import stress
from .timeline import timeline
from .turnable import Turnable

# Orders sampled for many scenarios: half of what `rank` takes, the errors are small enough.
ORDERS = 100

Tables = dict[str, pd.DataFrame]
Question = Callable[[Network, Sequence[Scenario], str], Tables]


def claim_tables(network: Network, scenarios: Sequence[Scenario], by: str) -> Tables:  # noqa: ARG001 - a claim says by what it was chosen
    """Return every published claim with what the model finds."""
    if not any(part.content.claims for s in scenarios for part in s.whole):
        return {}
    return {"claims": check_claims(network, scenarios).table}


def ranking_tables(network: Network, scenarios: Sequence[Scenario], by: str) -> Tables:
    """Return who contributes what to the joint gain, interactions, and the order to build."""
    chosen, _ = proposals(scenarios)
    if len(chosen) < 2:
        return {}
    few = len(chosen) <= EXACT_UP_TO
    found = rank(network, chosen, by=by, jobs=1, permutations=None if few else ORDERS)
    return {
        "ranking": found.table,
        "interactions": found.interactions,
        "building-order": found.order,
    }


def survival_tables(network: Network, scenarios: Sequence[Scenario], by: str) -> Tables:
    """Return how much of each gain survives the closures, and the most critical rows."""
    chosen, _ = proposals(scenarios)
    closures = [s for s in scenarios if s.content.kind == "closure"]
    if not chosen:
        return {}
    found = stress(network, chosen, closures=closures, by=by, each=False)
    return {"survival": found.survival, "critical": found.critical}


def timeline_tables(network: Network, scenarios: Sequence[Scenario], by: str) -> Tables:
    """Return the programme's measures by year, and what each proposal adds and costs."""
    chosen, _ = proposals(scenarios)
    if not any(s.content.build_year for s in chosen):
        return {}
    found = timeline(network, chosen, by=by)
    years = found.years.assign(opens=[" ".join(opens) for opens in found.years["opens"]])
    return {"timeline": years, "programme": found.proposals}


def benchmark_tables(network: Network, scenarios: Sequence[Scenario], by: str) -> Tables:  # noqa: ARG001 - published figures of the base
    """Return published route figures beside the model's."""
    found = run_benchmarks(network).table
    return {"benchmarks": found} if len(found) else {}


# In the order of the time they take, so that the longest begins first.
QUESTIONS: tuple[Question, ...] = (
    ranking_tables,
    claim_tables,
    survival_tables,
    benchmark_tables,
    timeline_tables,
)


def own_tables(comparison: Comparison, today: Turnable, homes: Evaluation) -> Tables:
    """Return what one scenario means for people and pipelines, and for border waits.

    Parameters
    ----------
    comparison
        The scenario, perhaps with those that it requires, beside the base.
    today
        The comparison's base, ordered.
    homes
        The base seen from the places where people live.
    """
    network, group, by = comparison.before.network, comparison.scenarios, comparison.by
    first = group[0].id
    if comparison.before.modes == PIPELINES:
        frames = [
            flows(network, group, commodity=mode).pairs.assign(commodity=mode)
            for mode in PIPELINES
            if (network.links["mode"] == mode).any()
        ]
        return {"flows": _named(first, pd.concat(frames))} if frames else {}
    found = People(Comparison(homes, homes.variant(comparison.after.network), group))
    tables = {
        "people": _named(first, found.countries),
        "inequality": _named(first, found.inequality),
    }
    if by in {"time", "generalised"} and group[0].content.kind != "closure":
        answer = Breakeven(comparison, shared=today)
        tables["breakeven"] = _named(first, pd.DataFrame([_breakeven_row(answer)]))
    return tables


def _breakeven_row(found: Breakeven) -> dict[str, float | int | str]:
    """Return what cut of border waits gains as much, all in one line."""
    match, crossings = found.same_gain, found.crossings
    return {
        "gain_percent": found.gain,
        "cut_percent": np.nan if match.cut is None else 100 * match.cut,
        "reach_percent": match.reach_percent,
        "crossing_count": len(crossings),
        "crossings": "; ".join(crossings["name"]),
        "verdict": found.verdict,
    }


def _named(scenario: str, frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.copy()
    frame.insert(0, "scenario_id", scenario)
    return frame
