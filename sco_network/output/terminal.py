"""What the commands print for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sco_network.analysis.capital import as_spread
from sco_network.analysis.explain import CONFIDENCE_WORDS

from .style import words
from .tables import number, out, percent, table

if TYPE_CHECKING:
    import pandas as pd

    from sco_network.analysis.benchmarks import Benchmarks
    from sco_network.analysis.compare import Comparison
    from sco_network.analysis.explain import Evidence
    from sco_network.analysis.lookup import Found
    from sco_network.model.assumptions import Spread
    from sco_network.model.network import Network
    from sco_network.model.scenario import Scenario
    from sco_network.routing.route import Route


def print_route(route: Route) -> None:
    """Print a route leg by leg with its totals."""
    name = route.network.name_of
    ends = f"{name(route.origin)} – {name(route.destination)}"
    console = out()
    if not route.reachable:
        console.print(f"{ends}: no route with these modes, countries and scenarios")
        return
    with_them = ", ".join(s.id for s in route.network.scenarios)
    rows = [
        (
            f"{name(leg.from_node_id)} – {name(leg.to_node_id)}",
            leg.layer,
            number(leg.length_km, 0),
            number(leg.run_h),
            number(leg.border_h) if leg.border_h else "",
            number(leg.transfer_h + leg.gauge_h) if leg.transfer_h + leg.gauge_h else "",
            number(leg.cost_usd, 0),
            leg.source_id,
        )
        for leg in route.legs
    ]
    total = (
        "Total",
        "",
        number(route.length_km, 0),
        number(sum(leg.run_h for leg in route.legs)),
        number(sum(leg.border_h for leg in route.legs)),
        number(sum(leg.transfer_h + leg.gauge_h for leg in route.legs)),
        number(route.cost_usd, 0),
        "",
    )
    title = f"{ends}, best by {route.by}" + (f", with {with_them}" if with_them else "")
    columns = ("leg", "layer", "km", "running h", "border h", "transfer h", "USD/TEU", "source")
    console.print(table(title, columns, [*rows, total], left=2))
    console.print(
        f"{number(route.length_km, 0)} km, {number(route.time_h)} h "
        f"({number(route.time_h / 24)} days), {number(route.cost_usd, 0)} USD per TEU, "
        f"detour index {number(route.detour_index, 2)}, through {', '.join(route.countries)}\n"
    )


def print_comparison(comparison: Comparison, *, pair: bool = False, routes: int = 15) -> None:
    """Print a comparison: counts, main measures, routes that change most."""
    console = out()
    counts = comparison.pair_counts
    console.print(f"{comparison.title}  [{comparison.name}], by {comparison.by}", style="bold")
    console.print("  ".join(f"{words(k)} {v:,}" for k, v in counts.items()) + "  (ordered pairs)\n")
    name = comparison.after.network.name_of
    shown = comparison.pairs if pair else comparison.routes.head(routes)
    rows = [
        (
            f"{name(r['from'])} – {name(r['to'])}",
            number(r["baseline"]),
            number(r["scenario"]),
            number(r["change"]),
            percent(r["percent_change"]),
            words(r["category"]),
        )
        for r in shown.to_dict("records")
    ]
    unit = comparison.unit
    heads = ("route", f"before, {unit}", f"after, {unit}", "change", "%", "")
    console.print(table("Routes", heads, rows))
    if pair:
        return
    metrics = comparison.metrics[comparison.metrics["change"] != 0].dropna(subset=["change"])
    measures: list[tuple[str, ...]] = [
        (
            r["metric"],
            r["unit"],
            number(r["baseline"], 3),
            number(r["scenario"], 3),
            percent(r["percent_change"]),
        )
        for r in metrics.to_dict("records")
    ]
    columns = ("measure", "unit", "before", "after", "%")
    console.print(table("\nMeasures that change", columns, measures, left=2))
    console.print("")


def print_summary(summary: pd.DataFrame, network: Network) -> None:
    """Print one line per scenario."""
    rows = []
    for r in summary.to_dict("records"):
        top = "–"
        if isinstance(r["top_route_from"], str):
            ends = [_name(network, r[f"top_route_{end}"]) for end in ("from", "to")]
            values = [number(r[f"top_route_{end}"], 0) for end in ("baseline", "scenario")]
            top = f"{' – '.join(ends)}: {' → '.join(values)}"
        rows.append(
            (
                r["scenario"],
                r["kind"],
                f"{r['improved']:,}",
                f"{r['newly_connected']:,}",
                f"{r['worse'] + r['lost']:,}",
                percent(r["efficiency_percent"]),
                percent(r["efficiency_by_generalised_percent"]),
                percent(r["market_access_percent"]),
                top,
            )
        )
    by = summary["by"].iloc[0] if len(summary) else ""
    columns = (
        "scenario",
        "kind",
        "improved",
        "new",
        "worse",
        "efficiency",
        "by gen. cost",
        "access",
        f"largest change ({by})",
    )
    out().print(table(f"Every scenario against the base, by {by}", columns, rows, left=2))


def _name(network: Network, node_id: str) -> str:
    return network.name_of(node_id) if node_id in network.nodes else node_id


def scenario_record(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario with the keys of `list --json`."""
    content = scenario.content.model_dump(mode="json")
    keys = (
        "scenario",
        "title",
        "kind",
        "status",
        "build_year",
        "requires",
        "conflicts",
        "includes",
    )
    return {key: content[key] for key in keys}


def print_list(scenarios: Sequence[Scenario]) -> None:
    """Print the scenarios, one a line."""
    rows = [
        (
            s.id,
            s.title,
            s.content.kind,
            words(s.content.status),
            _year(s.content.build_year),
            ", ".join(s.content.conflicts),
        )
        for s in scenarios
    ]
    columns = ("scenario", "title", "kind", "status", "year", "conflicts with")
    out().print(table(f"{len(rows)} scenarios", columns, rows, left=6))


def _year(value: Spread | float | None) -> str:
    year = as_spread(value)
    return "" if year is None else f"{year.mode:.0f}"


def print_found(found: Sequence[Found]) -> None:
    """Print what names stand for."""
    console = out()
    for item in found:
        console.print(f"{item.kind} {item.name}", style="bold")
        for key, value in item.fields.items():
            shown = (
                ", ".join(map(str, value))
                if isinstance(value, list) and value and not isinstance(value[0], dict)
                else value
            )
            if isinstance(shown, list | dict):
                shown = str(shown)
            console.print(f"  {key}: {shown}")
        for source in item.sources:
            console.print(f"  source {source['source_id']}: {source['title']} {source['url']}")
        console.print("")


def print_benchmarks(found: Benchmarks, network: Network, worst: int) -> None:
    """Print the size of the errors, and the rows that are furthest off with their notes."""
    console = out()
    for by, errors in found.errors.items():
        console.print(
            f"{by}: {errors['figures']:.0f} published figures, "
            f"median |error| {errors['median_percent']:.1f} %, "
            f"95th percentile {errors['p95_percent']:.1f} %, "
            f"{errors['within_5_percent']:.0f} % within 5 %, "
            f"{errors['unreachable']:.0f} unreachable",
            style="bold",
        )
    rows = [
        (
            f"{_name(network, r['from'])} – {_name(network, r['to'])}",
            r["modes"],
            f"{number(r['published'], 0)} {r['unit']}",
            f"{number(r['model'], 0)} {r['unit']}",
            percent(r["error_percent"]),
            r["source_id"],
            r["notes"],
        )
        for r in found.table.head(worst).to_dict("records")
    ]
    columns = ("route", "modes", "published", "model", "error", "source", "why")
    console.print(table(f"\nThe {len(rows)} furthest off", columns, rows, left=2))


def print_evidence(title: str, evidence: Sequence[Evidence], share: dict[str, float]) -> None:
    """Print what a result rests on."""
    console = out()
    rows = [(e.table, e.row_id, e.says, e.confidence, e.source_id, e.notes) for e in evidence]
    columns = ("table", "row", "says", "", "source", "notes")
    console.print(table(f"{title} rests on", columns, rows, left=6))
    console.print("")
    for e in {e.source_id: e for e in evidence if e.source_id}.values():
        console.print(f"{e.source_id}: {e.title} {e.url}")
    if share:
        parts = [f"{v:.0f} % {grade} ({CONFIDENCE_WORDS[grade]})" for grade, v in share.items()]
        console.print("\nKilometres by confidence: " + ", ".join(parts))


def print_record(folder: str, record: Mapping[str, Any]) -> None:
    """Print what made a folder of results."""
    words = {
        "package": "sco-network",
        "data": "data (hash of all tables and assumptions)",
        "courses": "courses of links (hash)",
        "by": "compared by",
        "basemap": "base map",
    }
    rows = [(words.get(k, k), str(v)) for k, v in record.items() if k != "scenarios"]
    rows += [(f"scenario {name}", str(digest)) for name, digest in record["scenarios"].items()]
    out().print(table(f"What made {folder}", ("", ""), rows, left=2))


def print_coverage(rows: Sequence[dict[str, Any]]) -> None:
    """Print what the data covers, by country and mode."""
    shown = [
        (
            r["country"],
            r["mode"],
            f"{r['nodes']:,}",
            number(r["km"], 0),
            *(number(r[f"{grade}_percent"], 0) for grade in "ABCD"),
        )
        for r in rows
    ]
    columns = ("country", "mode", "places", "km", "A %", "B %", "C %", "D %")
    out().print(table("Places and kilometres, by confidence", columns, shown, left=2))
