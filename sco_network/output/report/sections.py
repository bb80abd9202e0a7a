"""The sections of a report: what they are called, how they begin, and the tables they show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import study_grids as made
from .graphs import Graph, benchmark_graph, timeline_graph
from .grids import Grid
from .study import Study


@dataclass(frozen=True)
class Section:
    """A section: its name in addresses, heading, first paragraph, and its tables and chart.

    Each table and the chart come with the name of the study's table that they are made of.
    `is_wide` sections are printed on sheets turned sideways.
    """

    anchor: str
    heading: str
    intro: str = ""
    grids: Sequence[tuple[str, Callable[[Study], Grid]]] = ()
    graph: tuple[str, Callable[[Study], Graph | None]] | None = None
    is_wide: bool = False


@dataclass(frozen=True)
class Filled:
    """A section of one report."""

    section: Section
    grids: Sequence[Grid]
    graph: Graph | None


def filled(study: Study) -> list[Filled]:
    """Return the sections that have something to show."""
    found = []
    for section in SECTIONS:
        grids = [make(study) for name, make in section.grids if _has(study, name)]
        graph = None
        if section.graph is not None and _has(study, section.graph[0]):
            graph = section.graph[1](study)
        if grids:
            found.append(Filled(section, grids, graph))
    return found


def _has(study: Study, table: str) -> bool:
    return not table or len(study.tables.get(table, ())) > 0


SECTIONS = (
    Section(
        "glance",
        "Proposals at a glance",
        "Pairs of places are ordered: there and back count as two. The route that changes most is "
        "a first or a lost one, else the one with the largest relative change.",
        (("summary", made.summary_grid),),
        is_wide=True,
    ),
    Section(
        "claims",
        "Do the promises hold?",
        "Each published figure beside the model’s, by the rules of the methods. A verdict is "
        "about the figure, not about the merit of the proposal.",
        (("claims", made.claims_grid),),
        is_wide=True,
    ),
    Section(
        "waits",
        "Concrete or customs?",
        "How much shorter today’s waits would have to be, at the crossings that a proposal’s "
        "gain passes, for the same gain without building anything.",
        (("breakeven", made.waits_grid),),
        is_wide=True,
    ),
    Section(
        "ranking",
        "Who contributes what",
        "Shares are Shapley values: what a proposal adds on average over all orders in which the "
        "proposals may be built. They sum to the joint gain.",
        (
            ("ranking", made.ranking_grid),
            ("building-order", made.order_grid),
            ("interactions", made.interactions_grid),
        ),
    ),
    Section(
        "survival",
        "What survives a closure",
        "What is left of a gain when something is shut both before and after. Closures are the "
        "study’s own and the crossings that the base misses most.",
        (("survival", made.survival_grid), ("critical", made.critical_grid)),
        is_wide=True,
    ),
    Section(
        "people",
        "What it means for people",
        "Market access sums the people that can be reached, each divided by what it takes to "
        "reach them. Nothing here knows congestion, so a new link can make nobody worse off.",
        (("people", made.access_grid), ("people", made.countries_grid)),
        is_wide=True,
    ),
    Section(
        "timeline",
        "When the gains come",
        "A proposal is in a year’s network if its build year, and those of all that it requires, "
        "are at or before it. Early, planned and late take the low, most likely and high years.",
        (("programme", made.programme_grid),),
        ("timeline", timeline_graph),
    ),
    Section(
        "flows",
        "Gas and oil",
        "The most that could flow if all pipelines were at its service, and what limits it.",
        (("flows", made.flows_grid),),
    ),
    Section(
        "quality",
        "How good the data are",
        "Every row names its source and how far to trust it: A operator or treaty, B serious third "
        "party, C measured on a map, D estimated with the reasoning.",
        (("", made.confidence_grid), ("benchmarks", made.errors_grid)),
        ("benchmarks", benchmark_graph),
    ),
)
