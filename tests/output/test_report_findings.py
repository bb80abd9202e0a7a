"""The headlines say what the tables say, in correct English, for none, one and many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import inf, nan
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sco_network as sco
from sco_network.output.report import findings as f
from sco_network.output.report.study import Proposal, Study

CHANGES = ("improved", "worse", "newly_connected", "lost", "unchanged")


@pytest.fixture
def study_of(small: sco.Network) -> Callable[..., Study]:
    """Return a study made of rows of the summary and of other tables."""

    def make(rows: Iterable[dict[str, Any]] = (), by: str = "time", **tables: Any) -> Study:
        given = [
            {"scenario": f"s{i}", "title": f"Line {i}", "kind": "rail", "modes": "road+rail+sea"}
            | dict.fromkeys(CHANGES, 0)
            | {"efficiency_percent": 0.0, "top_route_from": nan}
            | row
            for i, row in enumerate(rows, 1)
        ]
        proposals = tuple(
            Proposal(
                r["scenario"],
                r["title"],
                (sco.Scenario.from_dict({"scenario": r["scenario"], "kind": r["kind"]}),),
                small,
                tuple(r["modes"].split("+")),
            )
            for r in given
        )
        frames = {name.replace("_", "-"): pd.DataFrame(t) for name, t in tables.items()}
        frames = {"summary": pd.DataFrame(given), "routes": pd.DataFrame()} | frames
        return Study(small, proposals, by, frames)

    return make


def only(sentences: Iterator[str]) -> str:
    (sentence,) = sentences
    return sentence


BETTER, WORSE, BOTH = {"improved": 2}, {"lost": 1}, {"improved": 1, "worse": 1}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([BETTER], "The one proposal compared with the network of 2026 by time improves or opens journeys."),
        ([BETTER, BETTER], "Both proposals compared with the network of 2026 by time improve or open journeys."),
        ([{}, {}, {}], "All 3 proposals compared with the network of 2026 by time change no journey."),
        ([BOTH], "The one proposal compared with the network of 2026 by time improves some journeys and worsens others."),
        (
            [BETTER, BETTER, {}],
            "Of 3 proposals compared with the network of 2026 by time, 2 improve or open journeys and 1 changes none.",
        ),
        (
            [BETTER, WORSE | {"kind": "closure"}, BOTH, {}],
            "Of 4 scenarios compared with the network of 2026 by time, 1 improves or opens journeys, 1 worsens or cuts journeys, 1 does both and 1 changes none.",
        ),
        ([WORSE | {"kind": "closure"}], "The one closure compared with the network of 2026 by time worsens or cuts journeys."),
    ],
)  # fmt: skip
def test_what_proposals_do(study_of: Callable[..., Study], rows: list[Any], said: str) -> None:
    assert only(f.what_they_do(study_of(rows))) == said


def test_the_measure_is_named(study_of: Callable[..., Study]) -> None:
    said = only(f.what_they_do(study_of([BETTER], by="generalised")))
    assert "the network of 2026 by generalised cost improves" in said


def gain(percent: float, **row: Any) -> dict[str, Any]:
    return {"efficiency_percent": percent, "improved": 3, "unchanged": 7} | row


def test_the_largest_gain(study_of: Callable[..., Study]) -> None:
    one = study_of([gain(1.234)])
    assert only(f.gains(one)) == (
        "With “Line 1” efficiency rises by 1.2 %; of 10 pairs of places 3 improve."
    )
    assert list(f.losses(one)) == []
    two = study_of([gain(0.5), gain(2.0)])
    assert only(f.gains(two)) == (
        "The largest gain is that of “Line 2”: efficiency rises by 2.0 %; of 10 pairs of places "
        "3 improve."
    )
    assert list(f.gains(study_of([gain(0.0), gain(-1.0)]))) == []


def test_a_package_is_named_beside_the_best_of_the_others(study_of: Callable[..., Study]) -> None:
    packed = study_of([gain(3.0, kind="package"), gain(2.0), gain(1.0)])
    assert only(f.gains(packed)).endswith(
        "Without packages, which contain others, it is that of “Line 2”: 2.0 %."
    )
    assert "packages" not in only(f.gains(study_of([gain(3.0, kind="package"), gain(0.0)])))


def test_freight_and_pipelines_are_told_apart(study_of: Callable[..., Study]) -> None:
    pipe = {"modes": "gas+oil", "kind": "pipeline"}
    freight, pipes = f.gains(study_of([gain(1.0), gain(9.0, **pipe)]))
    assert freight.startswith("For freight, the largest gain is that of “Line 1”")
    assert pipes.startswith("For pipelines, the largest gain is that of “Line 2”")


def test_the_largest_loss(study_of: Callable[..., Study]) -> None:
    rows = [gain(1.0), {"efficiency_percent": -0.5, "worse": 1, "lost": 2, "unchanged": 1}]
    assert only(f.losses(study_of(rows))) == (
        "The largest loss is that of “Line 2”: efficiency falls by 0.50 %; of 4 pairs of places "
        "1 gets worse and 2 lose their route."
    )


def routes(*rows: tuple[str, str, str, float, float, str]) -> dict[str, list[Any]]:
    names = ("scenario_id", "from", "to", "baseline", "scenario", "category")
    table: dict[str, list[Any]] = {
        n: list(c) for n, c in zip(names, zip(*rows, strict=True), strict=True)
    }
    table["percent_change"] = [100 * (r[4] - r[3]) / r[3] if r[3] < inf else nan for r in rows]
    return table


def test_the_journey_that_gains_most(study_of: Callable[..., Study]) -> None:
    table = routes(
        ("s1", "a", "e", 20, 10, "improved"),
        ("s2", "a", "e", 20, 10, "improved"),
        ("s2", "b", "e", 40, 36, "improved"),
    )
    study = study_of([gain(1), gain(2)], routes=table)
    assert only(f.journeys(study)) == (
        "No journey is shortened more than Alpha – Epsilon: from 20 h to 10 h (−50 %) with "
        "“Line 1” or “Line 2”."
    )


def test_no_record_is_claimed_where_the_table_is_cut_off(study_of: Callable[..., Study]) -> None:
    table = routes(
        ("s1", "a", "e", 20, 10, "improved"), ("s2", "a", "b", inf, 9, "newly_connected")
    )
    study = study_of([gain(1), gain(2, newly_connected=500)], routes=table)
    assert only(f.journeys(study)) == (
        "1 proposal connects places that have no route today: “Line 2” (500 pairs)."
    )


def test_first_routes_are_counted(study_of: Callable[..., Study]) -> None:
    rows = [{"newly_connected": n} for n in (1, 5, 3, 2, 4)]
    empty = routes(("s1", "a", "b", inf, 9, "newly_connected"))
    assert only(f.journeys(study_of(rows, routes=empty))) == (
        "5 proposals connect places that have no route today: “Line 2” (5 pairs), “Line 5” "
        "(4 pairs), “Line 3” (3 pairs) and 2 more."
    )


def verdicts(*found: str, bare: int = 0) -> list[dict[str, Any]]:
    return [
        {"verdict": v, "tolerance_percent": 15.0, "only_without_borders": i < bare}
        for i, v in enumerate(found)
    ]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (verdicts("holds"), ["The one published claim holds, within 15 % of what is published."]),
        (verdicts("holds", "holds"), ["Both published claims hold, within 15 % of what is published."]),
        (
            verdicts("does not hold", "holds", "partly", bare=1),
            [
                "Of 3 published claims 1 holds, 1 holds in part and 1 does not hold, within 15 % of what is published.",
                "1 claim keeps its hours only where no hour is lost at borders, in transfers and at breaks of gauge.",
            ],
        ),
        (
            verdicts("does not hold", "does not hold", "cannot be tested", bare=2),
            [
                "Of 3 published claims 2 do not hold and 1 cannot be tested, within 15 % of what is published.",
                "2 claims keep their hours only where no hour is lost at borders, in transfers and at breaks of gauge.",
            ],
        ),
    ],
)  # fmt: skip
def test_claims(study_of: Callable[..., Study], table: list[Any], said: list[str]) -> None:
    assert list(f.claims(study_of([{}], claims=table))) == said


def cut(scenario: str, gain: float, cut: float, crossings: str) -> dict[str, Any]:
    return {
        "scenario_id": scenario,
        "gain_percent": gain,
        "cut_percent": cut,
        "crossings": crossings,
    }


def test_waits_cut_beside_building(study_of: Callable[..., Study]) -> None:
    rows = [
        cut("s1", 2.0, 60, "Torkham"),
        cut("s2", 1.0, 40, "A; B; C; D"),
        cut("s3", 3.0, nan, ""),
    ]
    study = study_of([{}, {}, {}], breakeven=rows)
    assert list(f.waits(study)) == [
        "Cutting today’s waits by 60 % at Torkham would gain as much as “Line 1”.",
        (
            "1 of 3 gaining proposals gains no more than waits halved at the crossings on today’s "
            "routes would."
        ),
    ]
    rows[0]["gain_percent"] = 0.5
    assert next(f.waits(study_of([{}, {}, {}], breakeven=rows))) == (
        "Cutting today’s waits by 40 % at 4 crossings (A, B and 2 more) would gain as much as "
        "“Line 2”."
    )
    assert list(f.waits(study_of([{}], breakeven=[cut("s1", 0.0, nan, "")]))) == []


def test_what_all_gain_together(study_of: Callable[..., Study]) -> None:
    ranking = {"scenario": ["s2", "s1"], "shapley": [3.0, 1.0]}
    order = {"scenario": ["s2", "s1"], "adds": [3.0, 1.0], "total": [3.0, 4.0]}
    study = study_of([{}, {}], ranking=ranking, building_order=order)
    assert list(f.together(study)) == [
        (
            "Built together, the 2 proposals that the ranking compares would raise efficiency by "
            "4.0 %; 75 % of that is the share of “Line 2”."
        ),
        "Half of what can be gained is there with 1 of 2: “Line 2”.",
    ]
    nothing = {"scenario": ["s1", "s2"], "shapley": [0.0, 0.0]}
    assert list(f.together(study_of([{}, {}], ranking=nothing, building_order=order))) == []


def left(**shares: Iterable[float]) -> list[dict[str, Any]]:
    return [
        {"scenario": name, "closure": f"c{i}", "gain": 1.0, "share": share}
        for name, found in shares.items()
        for i, share in enumerate(found)
    ]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (left(s1=[1.0]), ["The one proposal keeps at least 90 % of its gain under the one closure tested."]),
        (left(s1=[1.0, 0.95], s2=[1, 1]), ["Both proposals keep at least 90 % of their gain under both closures tested."]),
        (
            left(s1=[1.0, 1.0, 0.2], s2=[1, 1, 1]),
            [
                "1 of 2 proposals keeps at least 90 % of its gain under all 3 closures tested.",
                "With “c2” 1 of 2 proposals loses more than half of its gain, the most with any closure.",
            ],
        ),
        (
            left(s1=[0.1, 0.8], s2=[0.2, 1]),
            [
                "No proposal keeps at least 90 % of its gain under both closures tested.",
                "With “c0” both proposals lose more than half of their gain, the most with any closure.",
            ],
        ),
        ([{"scenario": "s1", "closure": "c", "gain": 0.0, "share": nan}], []),
    ],
)  # fmt: skip
def test_survival(study_of: Callable[..., Study], table: list[Any], said: list[str]) -> None:
    assert list(f.survival(study_of([{}, {}], survival=table))) == said


def hurt(**people: float) -> list[dict[str, Any]]:
    return [{"scenario_id": k, "country": "AAA", "worse_off": v} for k, v in people.items()]


@pytest.mark.parametrize(
    ("kinds", "table", "said"),
    [
        (["rail"], hurt(s1=0), ["Nobody is worse off with the one freight proposal."]),
        (["rail", "road"], hurt(s1=0, s2=0), ["Nobody is worse off with any of the 2 freight proposals."]),
        (["rail"], hurt(s1=500), ["People are worse off with “Line 1” (500 people)."]),
        (
            ["rail", "road", "closure"],
            hurt(s1=0, s2=2.5e6, s3=7e5),
            [
                "With 1 of the 2 freight proposals people are worse off, most with “Line 2” (2.5 million people).",
                "People are worse off with “Line 3” (0.7 million people).",
            ],
        ),
        (
            ["closure", "closure"],
            hurt(s1=9, s2=1),
            ["With each of the 2 closures people are worse off, most with “Line 1” (9 people)."],
        ),
    ],
)  # fmt: skip
def test_people(
    study_of: Callable[..., Study], kinds: list[str], table: list[Any], said: list[str]
) -> None:
    assert list(f.people(study_of([{"kind": k} for k in kinds], people=table))) == said


def test_years(study_of: Callable[..., Study]) -> None:
    by_case = {"low": (1.0, 2.0, 2.0), "mode": (0.0, 1.0, 2.0), "high": (0.0, 0.0, 1.0)}
    rows = [
        {"case": case, "year": 2030 + i, "efficiency_percent": v}
        for case, values in by_case.items()
        for i, v in enumerate(values)
    ]
    plan = {"scenario": ["s1", "s2"], "lost_by_delay": [1.0, 2.0]}
    assert list(f.years(study_of([{}, {}], timeline=rows, programme=plan))) == [
        (
            "If all opens as planned, efficiency is 1.0 % above today’s in 2031; if all opens late, "
            "that of today. As planned it is 2.0 % above today’s in 2032."
        ),
        "The delay that costs most is that of “Line 2”.",
    ]


def flow(start: str, end: str, before: float, after: float, state: str = "flow") -> dict[str, Any]:
    return {
        "scenario_id": "s1",
        "commodity": "gas",
        "from": start,
        "to": end,
        "before": before,
        "before_status": "no path" if np.isnan(before) else "flow",
        "after": after,
        "after_status": state,
    }


def test_flows(study_of: Callable[..., Study]) -> None:
    rows = [
        flow("AAA", "all", nan, 99),
        flow("AAA", "BBB", nan, 33),
        flow("BBB", "AAA", 10, 12),
        flow("BBB", "CCC", 1, 500, "at most"),
    ]
    assert list(f.flows(study_of([{}], flows=rows))) == [
        (
            "What pipelines can carry rises most for gas from Aland to Beland: by 33.0 bcm a year, "
            "with “Line 1”."
        )
    ]
    assert list(f.flows(study_of([{}], flows=[flow("AAA", "BBB", 5, 5)]))) == []


def test_trust(study_of: Callable[..., Study]) -> None:
    rows = [("length", 1.0), ("length", -3.0), ("length", nan), ("time", 40.0)]
    table = [{"by": by, "error_percent": e} for by, e in rows]
    assert list(f.trust(study_of([{}], benchmarks=table))) == [
        (
            "Against published route figures the median error of the base network is 2.0 % for "
            "2 lengths and 40 % for 1 time."
        )
    ]


def test_one_proposal_in_short(study_of: Callable[..., Study]) -> None:
    row = gain(0.00291, top_route_from="a", top_route_to="e")
    row |= {"top_route_baseline": 20.0, "top_route_scenario": 14.96}
    study = study_of([row])
    assert f.in_short(study, study.summary[0]) == [
        "Efficiency rises by 0.0029 %; of 10 pairs of places 3 improve.",
        "The route that changes most: Alpha – Epsilon, 20 h → 15 h (−25 %).",
    ]
    study = study_of([row | {"top_route_baseline": inf}])
    assert f.in_short(study, study.summary[0])[1].endswith("Alpha – Epsilon, no route → 15 h.")
    study = study_of([{"unchanged": 1}])
    assert f.in_short(study, study.summary[0]) == ["By time none of 1 pair of places changes."]


def test_findings_name_the_section_that_has_the_numbers(study_of: Callable[..., Study]) -> None:
    found = f.findings(study_of([gain(1.0)], claims=verdicts("holds")))
    assert [one.section for one in found] == ["glance", "glance", "claims"]
