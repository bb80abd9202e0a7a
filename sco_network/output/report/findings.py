"""The headlines of a report: sentences made of the tables' numbers, true for any of them.

Each function reads one table and yields sentences, or none where the table has nothing to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sco_network.model.rows import PIPELINES
from sco_network.output.tables import millions

from .study import Study, short
from .words import amount, counted, figure, listed, percent, shared_out, signed, some_of

CUT = {"time": "shortened", "length": "shortened", "cost": "cheapened", "generalised": "cheapened"}
MEASURES = {"time": "time", "length": "length", "cost": "cost", "generalised": "generalised cost"}
FLOW_UNITS = {"gas": "bcm", "oil": "Mt"}
# Shares of a gain that count as kept and as mostly lost; a cut of waits that counts as moderate.
KEPT_PERCENT, LOST_PERCENT, HALF_PERCENT = 90.0, 50.0, 50.0
NAMED = 3  # in a list, before the rest is counted


@dataclass(frozen=True)
class Finding:
    """A sentence or two, and the section of the report that has the numbers."""

    text: str
    section: str


def findings(study: Study) -> list[Finding]:
    """Return the headlines of a study, the most general first."""
    return [
        Finding(text, section)
        for section, table, say in _SAY
        if len(study.tables.get(table, ()))
        for text in say(study)
    ]


def in_short(study: Study, row: dict[str, Any]) -> list[str]:
    """Return what one proposal does, in a sentence or two; `row` is its row of the summary."""
    changed, pairs = _pairs(row)
    if not changed:
        return [f"By {MEASURES[study.by]} none of {counted(pairs, 'pair')} of places changes."]
    found = [f"{_capital(_gain_words(row))}."]
    if isinstance(row["top_route_from"], str):
        ends = " – ".join(study.place(row[f"top_route_{end}"]) for end in ("from", "to"))
        before, after = row["top_route_baseline"], row["top_route_scenario"]
        levels = f"{amount(before, study.unit)} → {amount(after, study.unit)}"
        relative = 100 * (after - before) / before
        more = f" ({signed(relative)} %)" if np.isfinite(relative) else ""
        found.append(f"The route that changes most: {ends}, {levels}{more}.")
    return found


def what_they_do(study: Study) -> Iterator[str]:
    """Say how many proposals improve journeys, worsen them, do both or neither."""
    kinds = [
        (r["improved"] + r["newly_connected"] > 0, r["worse"] + r["lost"] > 0)
        for r in study.summary
    ]
    parts = [
        (kinds.count((True, False)), "improves or opens journeys", "improve or open journeys"),
        (kinds.count((False, True)), "worsens or cuts journeys", "worsen or cut journeys"),
        (kinds.count((True, True)), "does both", "do both"),
        (kinds.count((False, False)), "changes none", "change none"),
    ]
    if kinds.count((True, True)) == len(kinds):
        both = "journeys and worsens others", "journeys and worsen others"
        parts[2] = (len(kinds), f"improves some {both[0]}", f"improve some {both[1]}")
    if kinds.count((False, False)) == len(kinds):
        parts[3] = (len(kinds), "changes no journey", "change no journey")
    compared = f" compared with the network of {study.base_year} by {MEASURES[study.by]}"
    yield f"{shared_out(noun(study), parts, compared)}."


def noun(study: Study) -> str:
    """Return what the proposals are called together: a closure proposes nothing."""
    closures = [p.first.content.kind == "closure" for p in study.proposals]
    if not any(closures):
        return "proposal"
    return "closure" if all(closures) else "scenario"


def gains(study: Study) -> Iterator[str]:
    """Say which proposal gains most over all pairs, for freight and for pipelines."""
    if len(study.summary) == 1:
        (row,) = study.summary
        yield f"With {_quoted(row)} {_gain_words(row)}."
        return
    groups = _by_goods(study)
    for goods, rows in groups.items():
        best = max(rows, key=_gain)
        if not _gain(best) > 0:
            continue
        of_goods = f"For {goods}, the" if len(groups) > 1 else "The"
        said = f"{of_goods} largest gain is that of {_quoted(best)}: {_gain_words(best)}."
        single = max((r for r in rows if r["kind"] != "package"), key=_gain, default=best)
        if best["kind"] == "package" and _gain(single) > 0:
            said += (
                f" Without packages, which contain others, it is that of {_quoted(single)}: "
                f"{percent(single['efficiency_percent'])}."
            )
        yield said


def losses(study: Study) -> Iterator[str]:
    """Say which scenario costs most over all pairs."""
    if len(study.summary) > 1:
        worst = min(study.summary, key=lambda r: np.nan_to_num(r["efficiency_percent"]))
        if worst["efficiency_percent"] < 0:
            yield f"The largest loss is that of {_quoted(worst)}: {_gain_words(worst)}."


def journeys(study: Study) -> Iterator[str]:
    """Say which journey gains most, and where places get their first route."""
    yield from _most_shortened(study)
    first = sorted(
        (r for r in study.summary if r["newly_connected"]), key=lambda r: -r["newly_connected"]
    )
    if first:
        named = [f"{_quoted(r)} ({counted(r['newly_connected'], 'pair')})" for r in first]
        verb = "connects" if len(first) == 1 else "connect"
        yield (
            f"{counted(len(first), noun(study))} {verb} places that have no route today: "
            f"{listed(named, NAMED)}."
        )


def _most_shortened(study: Study) -> Iterator[str]:
    goods = _by_goods(study)
    rows = goods.get("freight") or goods.get("pipelines", ())
    improving = {r["scenario"] for r in rows if r["improved"]}
    routes = study.tables["routes"]
    better = routes[(routes["category"] == "improved") & routes["scenario_id"].isin(improving)]
    # the table has the routes that change most of each: of one that is full of first routes none
    if not improving or set(better["scenario_id"]) != improving:
        return
    most = better["percent_change"].min()
    same = better[np.isclose(better["percent_change"], most, rtol=1e-6)]
    row = same.iloc[0]
    pair = same[(same["from"] == row["from"]) & (same["to"] == row["to"])]
    ends = f"{study.place(row['from'])} – {study.place(row['to'])}"
    levels = [amount(row[c], study.unit) for c in ("baseline", "scenario")]
    by = [_titled(study, i) for i in dict.fromkeys(pair["scenario_id"])]
    yield (
        f"No journey is {CUT[study.by]} more than {ends}: from {levels[0]} to {levels[1]} "
        f"({signed(row['percent_change'])} %) with {listed(by, NAMED, 'or')}."
    )


def claims(study: Study) -> Iterator[str]:
    """Say how many published claims hold."""
    table = study.tables["claims"]
    verdicts = table["verdict"].value_counts()
    parts = [
        (int(verdicts.get(verdict, 0)), one, many)
        for verdict, one, many in (
            ("holds", "holds", "hold"),
            ("partly", "holds in part", "hold in part"),
            ("does not hold", "does not hold", "do not hold"),
            ("cannot be tested", "cannot be tested", "cannot be tested"),
        )
    ]
    tolerance = listed([f"{t:g}" for t in sorted(set(table["tolerance_percent"]))])
    yield f"{shared_out('published claim', parts)}, within {tolerance} % of what is published."
    only = int(table["only_without_borders"].sum())
    if only:
        its = "keeps its hours" if only == 1 else "keep their hours"
        yield (
            f"{counted(only, 'claim')} {its} only where no hour is lost at borders, in transfers "
            "and at breaks of gauge."
        )


def waits(study: Study) -> Iterator[str]:
    """Say which cut of border waits would gain as much as building."""
    table = study.tables["breakeven"]
    gaining = table[table["gain_percent"] > 0]
    known = gaining.dropna(subset=["cut_percent"])
    if not len(known):
        return
    top = _row_of_most(known, "gain_percent")
    names = str(top["crossings"]).split("; ")
    where = names[0] if len(names) == 1 else f"{len(names)} crossings ({listed(names, 2)})"
    yield (
        f"Cutting today’s waits by {percent(top['cut_percent'])} at {where} would gain as much "
        f"as {_titled(study, top['scenario_id'])}."
    )
    moderate = int((known["cut_percent"] <= HALF_PERCENT).sum())
    if moderate and len(gaining) > 1:
        said = some_of(moderate, len(gaining), "gaining proposal", "gains", "gain")
        yield (
            f"{_capital(said)} no more than waits halved at the crossings on today’s routes would."
        )


def together(study: Study) -> Iterator[str]:
    """Say what all proposals gain together, and how few of them bring half of it."""
    table, order = study.tables["ranking"], study.tables["building-order"]
    total = table["shapley"].sum()
    if not total > 0:
        return
    top = _row_of_most(table, "shapley")
    yield (
        f"Built together, the {counted(len(table), 'proposal')} that the ranking compares would "
        f"raise efficiency by {percent(total)}; {percent(100 * top['shapley'] / total)} of that "
        f"is the share of {_titled(study, top['scenario'])}."
    )
    half = int((order["total"] < order["total"].iloc[-1] / 2).sum()) + 1
    if half < len(order):
        first = listed([_titled(study, i) for i in order["scenario"].iloc[:half]], NAMED)
        yield f"Half of what can be gained is there with {half} of {len(order)}: {first}."


def survival(study: Study) -> Iterator[str]:
    """Say how many gains no closure hurts, and which closure takes most of them."""
    table = study.tables["survival"].dropna(subset=["share"])
    known = table[table["gain"] > 0]
    if not len(known):
        return
    closures = known["closure"].nunique()
    tested = {1: "the one closure", 2: "both closures"}.get(closures, f"all {closures} closures")
    safe = known.groupby("scenario")["share"].min() >= KEPT_PERCENT / 100
    kept = f"at least {KEPT_PERCENT:g} %"
    said = some_of(
        int(safe.sum()),
        len(safe),
        "proposal",
        f"keeps {kept} of its gain",
        f"keep {kept} of their gain",
    )
    yield f"{_capital(said)} under {tested} tested."
    lost = known[known["share"] < LOST_PERCENT / 100].groupby("closure")["scenario"].count()
    if len(lost):
        worst = str(lost.idxmax())
        said = some_of(
            int(lost[worst]),
            len(safe),
            "proposal",
            "loses more than half of its gain",
            "lose more than half of their gain",
        )
        yield f"With “{closure_name(study, worst)}” {said}, the most with any closure."


def closure_name(study: Study, closure: str) -> str:
    """Return what is closed: a scenario's title, or the name of a crossing or link."""
    for table, state in (("crossings", "shut"), ("links", "cut")):
        if closure in study.network.tables[table]:
            return f"{study.network.tables[table].row(closure)['name'] or closure} {state}"
    return study.title(closure)


def people(study: Study) -> Iterator[str]:
    """Say with how many proposals nobody is worse off, and who is with the others."""
    hurt = study.tables["people"].groupby("scenario_id", sort=False)["worse_off"].sum()
    closes = {p.id for p in study.proposals if p.first.content.kind == "closure"}
    for what, chosen in (
        ("freight proposal", hurt[~hurt.index.isin(closes)]),
        ("closure", hurt[hurt.index.isin(closes)]),
    ):
        if len(chosen):
            yield _worse_off(study, what, chosen)


def _worse_off(study: Study, what: str, hurt: pd.Series[float]) -> str:
    n, worst = len(hurt), str(hurt.idxmax())
    which = f"the one {what}" if n == 1 else f"any of the {n} {what}s"
    if not hurt.any():
        return f"Nobody is worse off with {which}."
    who = f"{_titled(study, worst)} ({millions(hurt[worst])} people)"
    if n == 1:
        return f"People are worse off with {who}."
    some = int((hurt > 0).sum())
    share = f"each of the {n}" if some == n else f"{some} of the {n}"
    return f"With {share} {what}s people are worse off, most with {who}."


def years(study: Study) -> Iterator[str]:
    """Say when the gains come, and which delay costs most."""
    table, plan = study.tables["timeline"], study.tables["programme"]
    by_year = table.pivot_table(index="year", columns="case", values="efficiency_percent")
    middle, last = (by_year.index[i] for i in (len(by_year) // 2, -1))
    said = f"If all opens as planned, efficiency is {_above(by_year.loc[middle, 'mode'])}"
    said += f" in {middle}; if all opens late, {_above(by_year.loc[middle, 'high'])}."
    if middle != last:
        said += f" As planned it is {_above(by_year.loc[last, 'mode'])} in {last}."
    yield said
    costs = plan.set_index("scenario")["lost_by_delay"].dropna()
    if len(costs) > 1 and costs.max() > 0:
        yield f"The delay that costs most is that of {_titled(study, str(costs.idxmax()))}."


def _above(percent_change: float) -> str:
    if not percent_change:
        return "that of today"
    return f"{percent(percent_change)} {'above' if percent_change > 0 else 'below'} today’s"


def flows(study: Study) -> Iterator[str]:
    """Say which proposal raises most what pipelines carry from one country to another."""
    table = study.tables["flows"]
    pairs = table[(table["from"] != "all") & (table["to"] != "all")]
    # a flow that is at most so much, or without a stated limit, is no figure to compare
    known = pairs[
        pairs["after_status"].isin(["flow", "no path"])
        & pairs["before_status"].isin(["flow", "no path"])
    ]
    known = known.assign(rise=known["after"].fillna(0.0) - known["before"].fillna(0.0))
    if not known["rise"].max() > 0:
        return
    row = _row_of_most(known, "rise")
    yield (
        f"What pipelines can carry rises most for {row['commodity']} from "
        f"{study.country(row['from'])} to {study.country(row['to'])}: by "
        f"{figure(row['rise'], 3)} {FLOW_UNITS[row['commodity']]} a year, with "
        f"{_titled(study, row['scenario_id'])}."
    )


def trust(study: Study) -> Iterator[str]:
    """Say how closely the base network comes to published route figures."""
    table = study.tables["benchmarks"].dropna(subset=["error_percent"])
    parts = [
        f"{percent(rows['error_percent'].abs().median())} for {counted(len(rows), str(by))}"
        for by, rows in table.groupby("by")
    ]
    if parts:
        yield (
            "Against published route figures the median error of the base network is "
            f"{listed(parts)}."
        )


def _row_of_most(table: pd.DataFrame, column: str) -> dict[Any, Any]:
    """Return the row where a column is largest."""
    return table.nlargest(1, column).to_dict("records")[0]


def _pairs(row: dict[str, Any]) -> tuple[int, int]:
    """Return how many pairs change, and how many there are."""
    changed = sum(row[c] for c in ("improved", "worse", "newly_connected", "lost"))
    return changed, changed + row["unchanged"]


def _gain(row: dict[str, Any]) -> float:
    change = float(row["efficiency_percent"])
    return change if np.isfinite(change) else -np.inf


def _gain_words(row: dict[str, Any]) -> str:
    """Return how efficiency and pairs change, to end a sentence with."""
    change = row["efficiency_percent"]
    said = "efficiency stays the same"
    if np.isfinite(change) and change:
        said = f"efficiency {'rises' if change > 0 else 'falls'} by {percent(change)}"
    moved = [
        f"{row[category]:,} {one if row[category] == 1 else many}"
        for category, one, many in (
            ("improved", "improves", "improve"),
            ("newly_connected", "is newly connected", "are newly connected"),
            ("worse", "gets worse", "get worse"),
            ("lost", "loses its route", "lose their route"),
        )
        if row[category]
    ]
    pairs = counted(_pairs(row)[1], "pair")
    return f"{said}; of {pairs} of places {listed(moved or ['none changes'])}"


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def _quoted(row: dict[str, Any]) -> str:
    return f"“{short(row['title'])}”"


def _titled(study: Study, scenario_id: str) -> str:
    return f"“{study.title(scenario_id)}”"


def _by_goods(study: Study) -> dict[str, Sequence[dict[str, Any]]]:
    """Return the summary's rows of freight and of pipelines, whose pairs differ."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in study.summary:
        goods = "pipelines" if set(row["modes"].split("+")) <= set(PIPELINES) else "freight"
        groups.setdefault(goods, []).append(row)
    return {goods: groups[goods] for goods in ("freight", "pipelines") if goods in groups}


# Where the numbers of each sentence stand, and the table that it needs.
_SAY: tuple[tuple[str, str, Callable[[Study], Iterator[str]]], ...] = (
    ("glance", "summary", what_they_do),
    ("glance", "summary", gains),
    ("glance", "summary", losses),
    ("glance", "routes", journeys),
    ("claims", "claims", claims),
    ("waits", "breakeven", waits),
    ("ranking", "ranking", together),
    ("survival", "survival", survival),
    ("people", "people", people),
    ("timeline", "timeline", years),
    ("flows", "flows", flows),
    ("quality", "benchmarks", trust),
)
