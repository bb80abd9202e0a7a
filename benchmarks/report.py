"""Tables, goals and the page docs/performance.md, all made from the results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template
from typing import Any

Result = dict[str, Any]
TEMPLATE = Path(__file__).with_name("performance.template.md")
PAGE = Path(__file__).parents[1] / "docs/performance.md"
SAME = 1e-9  # relative difference up to which two answers are the same


def seconds(value: float | None) -> str:
    """Return a time for people.

    >>> seconds(0.00071), seconds(0.0931), seconds(17.2), seconds(401)
    ('0.71 ms', '93 ms', '17.2 s', '401 s')
    """
    if value is None:
        return "–"
    if value < 0.1:
        return f"{1e3 * value:.2g} ms" if value < 0.01 else f"{1e3 * value:.0f} ms"
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s" if value < 100 else f"{value:.0f} s"


def times(value: float) -> str:
    """Return a ratio for people.

    >>> times(3.14159), times(187.3)
    ('3.1 ×', '187 ×')
    """
    return f"{value:.1f} ×" if value < 20 else f"{value:,.0f} ×"


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; the first column holds words, the others numbers."""
    lines = [header, ["---", *("---:" for _ in header[1:])], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def is_same(library: Result) -> bool:
    """Whether a library's answers are ours."""
    return library["reason"] is None and library["difference"] <= SAME


def fastest(case: Result, what: str, *, same: bool) -> tuple[str, float] | None:
    """Return the quickest library and its time, perhaps among those with the same answers."""
    found = [
        (library[what], name)
        for name, library in case["libraries"].items()
        if library["reason"] is None and what in library and (is_same(library) or not same)
    ]
    return (min(found)[1], min(found)[0]) if found else None


def case_table(case: Result) -> str:
    """Return first answers and reruns of one case."""
    mine = case["ours"]
    best = min(mine["fresh"], mine["step"])
    gaps = ["", "", ""]
    rows = [
        ["**sco_network**, from the base", "–", f"**{seconds(mine['step'])}**", *gaps],
        ["**sco_network**, afresh", seconds(mine["first"]), f"**{seconds(mine['fresh'])}**", *gaps],
    ]
    for name, library in sorted(
        case["libraries"].items(), key=lambda item: item[1].get("rerun", float("inf"))
    ):
        label = f"{name} {library['version']}"
        if library["reason"] is not None:
            rows.append([label, "not measured", library["reason"], "", "", ""])
            continue
        sampled = f", from {library['rows']} origins" if library["rows"] else ""
        rerun = library.get("rerun")
        rows.append(
            [
                label,
                seconds(library["first"]),
                seconds(rerun) + sampled,
                times(library["first"] / mine["first"]),
                times(rerun / best) if rerun else "–",
                difference(library),
            ]
        )
    header = ("", "first answer", "rerun", "first ÷ ours", "rerun ÷ ours", "largest difference")
    return markdown(header, rows)


def difference(library: Result) -> str:
    """Return how far a library's answers are from ours."""
    gap = library["difference"]
    words = "" if library["is_exact"] else ", integers"
    return ("routes differ" if gap == float("inf") else f"{gap:.0e}") + words


def case_words(case: Result) -> str:
    """Return what a case is, in one paragraph."""
    return (
        f"{case['title']}; as states and arcs of the expanded graph {case['nodes']:,} and "
        f"{case['arcs']:,}; {case['terminals']} terminals, by {case['by']}; {case['scenarios']} "
        f"scenarios. Elimination leaves {case['edges']:,} edges and {case['triangles']:,} "
        f"triangles. The space of scenarios is set up in {seconds(case['setup'])}, of which "
        f"ordering {seconds(case['ours']['order'])}; `space.skim(...)` as users call it takes "
        f"{seconds(case['ours']['public'])}."
    )


def subsets_table(found: Result) -> str:
    """Return what all subsets take."""
    rows = [["**sco_network**, `rank`", "all", "", f"**{seconds(found['ours'])}**", "", ""]]
    for name, library in sorted(
        found["libraries"].items(), key=lambda item: item[1].get("per_subset", float("inf"))
    ):
        if library["reason"] is not None:
            rows.append([name, "not measured", library["reason"], "", "", ""])
            continue
        total = library["per_subset"] * found["subsets"]
        rows.append(
            [
                name,
                str(library["asked"]),
                seconds(library["per_subset"]),
                seconds(total),
                times(total / found["ours"]),
                difference(library),
            ]
        )
    header = ("", "subsets asked", "each", f"all {found['subsets']:,}", "÷ ours", "difference")
    return markdown(header, rows)


def floor_table(floors: dict[str, Result]) -> str:
    """Return how near we come to what the machine can do."""
    rows = []
    for name, f in floors.items():
        memory, sums = f["sweep_floor_memory"], f["sweep_floor_sums"]
        rows += [
            [
                f"{name}: closing {f['triangles']:,} triangles",
                seconds(f["closing"]),
                f"{seconds(f['closing_floor'])} at {f['scatter'] / 1e9:.2f} billion sums/s",
                times(f["closing"] / f["closing_floor"]),
            ],
            [
                f"{name}: sweep, {f['sweep_sums'] / 1e6:,.1f} million sums",
                seconds(f["sweep"]),
                f"{seconds(sums)} at {f['relax'] / 1e9:.1f} billion sums/s",
                times(f["sweep"] / sums),
            ],
            [
                f"{name}: sweep, {f['sweep_bytes'] / 1e6:,.0f} MB moved",
                seconds(f["sweep"]),
                f"{seconds(memory)} at {f['copy_work'] / 1e9:.0f} GB/s",
                times(f["sweep"] / memory),
            ],
        ]
    return markdown(("", "measured", "floor", "measured ÷ floor"), rows)


def growth_tables(growth: Result) -> dict[str, str]:
    """Return how cost grows, one table for each thing that grows."""
    peer = growth["peer"] or "–"

    def row(first: str, r: Result) -> list[str]:
        other = r.get("peer")
        return [
            first,
            seconds(r["order"]),
            seconds(r["fresh"]),
            seconds(other),
            times(other / r["fresh"]) if other else "–",
        ]

    columns = ("order, once", "answer", peer, "÷ ours")
    return {
        "growth_nodes": markdown(
            ("nodes", *columns), [row(f"{r['nodes']:,}", r) for r in growth["nodes"]]
        ),
        "growth_terminals": markdown(
            ("terminals", *columns), [row(f"{r['terminals']:,}", r) for r in growth["terminals"]]
        ),
        "growth_scenarios": markdown(
            ("scenarios", "subsets", "`rank`", "a subset"),
            [
                [
                    str(r["scenarios"]),
                    f"{r['subsets']:,}",
                    seconds(r["rank"]),
                    seconds(r["rank"] / r["subsets"]),
                ]
                for r in growth["scenarios"]
            ],
        ),
    }


def changes_table(rows: Sequence[Result]) -> str:
    """Return how a step grows with the links that change."""
    return markdown(
        ("links changed", "step from the base"),
        [[f"{row['links']:,}", seconds(row["step"])] for row in rows],
    )


def commands_table(found: Result) -> str:
    """Return cold starts."""
    rows = [
        [f"`{name}`", "not measured", row["reason"]]
        if row["reason"] is not None
        else [f"`{name}`", seconds(row["later"]), seconds(row["first"])]
        for name, row in found.items()
    ]
    return markdown(("", "cold start", "first start ever (no bytecode yet)"), rows)


def memory_words(found: Result) -> str:
    """Return what the region takes by the public calls."""
    return (
        f"In a process of its own: `Network.from_frames` {seconds(found['from_frames'])}, the "
        f"first `skim` {seconds(found['skim_cold'])} (loading the compiled loops included), "
        f"another {seconds(found['skim'])}, a `ScenarioSpace` of {found['scenarios']} scenarios "
        f"{seconds(found['space'])}, the first subset {seconds(found['scenario'])}; "
        f"at its peak the process holds {found['peak_gb']:.2f} GB."
    )


def goals(results: Result) -> list[tuple[str, str, str, str]]:
    """Return each goal with what was found against libraries that give the same answers."""
    rows: list[tuple[str, str, str, str]] = []

    def judge(goal: str, found: str, *, met: bool, beside: str = "") -> None:
        rows.append((goal, found, "met" if met else "**not met**", beside))

    cases = results.get("cases", {})
    if "random" in cases:
        case = cases["random"]
        best = min(case["ours"]["fresh"], case["ours"]["step"])
        _ratio(judge, "a scenario's skim, 400 nodes: ≥ 20 ×", case, "rerun", best, 20)
    if "subsets" in results:
        found = results["subsets"]
        judge("1,024 subsets: < 1 s", seconds(found["ours"]), met=found["ours"] < 1)
        _ratio(
            judge,
            "1,024 subsets: ≥ 15 ×",
            found,
            "per_subset",
            found["ours"] / found["subsets"],
            15,
        )
    if "region" in cases:
        case = cases["region"]
        mine = case["ours"]
        _ratio(judge, "region, first answer: ≥ 8 ×", case, "first", mine["first"], 8)
        if "memory" in results:
            public = results["memory"]["from_frames"] + results["memory"]["skim"]
            goal = "the same from data frames, by the public calls: ≥ 8 ×"
            _ratio(judge, goal, case, "first", public, 8)
        best = min(mine["fresh"], mine["step"])
        _ratio(judge, "region, each further scenario: ≥ 150 ×", case, "rerun", best, 150)
    if "memory" in results:
        peak = results["memory"]["peak_gb"]
        judge("region: < 3 GB", f"{peak:.2f} GB", met=peak < 3)
    limits = {"rank": 5.0, "uncertainty": 60.0, "route": 1.0, "import sco_network": 0.3}
    for name, row in results.get("commands", {}).items():
        limit = next((value for word, value in limits.items() if word in name), None)
        if limit is not None and row["reason"] is None:
            judge(f"`{name}`: < {limit:g} s", seconds(row["later"]), met=row["later"] < limit)
    return rows


def _ratio(judge: Any, goal: str, case: Result, what: str, mine: float, needed: float) -> None:
    same, every = (fastest(case, what, same=flag) for flag in (True, False))
    if same is None or every is None:
        return
    beside = ""
    if every != same:
        beside = f"{every[0]} {times(every[1] / mine)}, but in integers"
    ratio = same[1] / mine
    judge(goal, f"{times(ratio)} ({same[0]})", met=ratio >= needed, beside=beside)


def goals_table(results: Result) -> str:
    """Return the goals as a table."""
    header = ("goal", "found (fastest with the same answers)", "", "fastest of all, if another")
    return markdown(header, goals(results))


def sections(results: Result) -> dict[str, str]:
    """Return every part of the page that was measured, by its name in the template."""
    found = {"goals": goals_table(results), "machine": _machine(results)}
    for name, case in results.get("cases", {}).items():
        found[f"{name}_words"], found[f"{name}_table"] = case_words(case), case_table(case)
    if "subsets" in results:
        found["subsets"] = subsets_table(results["subsets"])
    if results.get("floor"):
        found["floor"] = floor_table(results["floor"])
    if "changes" in results:
        found["growth_changes"] = changes_table(results["changes"])
    if "growth" in results:
        found |= growth_tables(results["growth"])
    if "commands" in results:
        found["commands"] = commands_table(results["commands"])
    if "memory" in results:
        found["memory"] = memory_words(results["memory"])
    return found


def _machine(results: Result) -> str:
    m = results["machine"]
    return (
        f"{m['processor']}, {m['cores']} cores, {m['memory_gb']:.0f} GB, {m['system']}, Python "
        f"{m['python']}; measured on {results['date']}, load average before it "
        f"{m['load_before']:.1f} and during it up to {m['load_most']:.1f}."
    )


def write_page(results: Result) -> None:
    """Write docs/performance.md."""
    template = Template(TEMPLATE.read_text(encoding="utf-8"))
    PAGE.write_text(template.substitute(sections(results)), encoding="utf-8")
