"""A route's dossier: one self-contained page with the staircase, the legs and their sources."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from sco_network.analysis.explain import Evidence, explain_route
from sco_network.analysis.staircase import KINDS, pieces
from sco_network.model.writing import replaced_file
from sco_network.routing.route import Route

from .report import html_figure, html_page
from .staircase import draw_staircase, ends_words, route_words, standing_words, totals_words
from .tables import records_html

_KINDS = {
    "run": "running",
    "border": "borders and port clearance",
    "transfer": "transfers between modes",
    "gauge": "breaks of gauge",
}


def write_dossier(routes: Sequence[Route], path: Path) -> Path:
    """Write routes between the same two places as one HTML file and return its path.

    Raises
    ------
    InputError
        Where there is nothing to draw, or the file cannot be written.
    """
    title = f"{ends_words(routes[0])}: route dossier"
    label = f"Hours and dollars over kilometres, {ends_words(routes[0])}"
    parts = [
        f"<h1>{html.escape(title)}</h1>",
        html_figure(label, draw_staircase(routes)),
        *(f'<p class="note">{html.escape(words)}</p>' for words in standing_words(routes)),
        *(_section(route, routes[:i]) for i, route in enumerate(routes)),
    ]
    replaced_file(path, html_page(title, "\n".join(parts)))
    return path


def _section(route: Route, earlier: Sequence[Route]) -> str:
    name = html.escape(route_words(route, earlier)[0])
    if not route.legs:
        return f"<h2>{name}</h2><p>No route.</p>"
    evidence = explain_route(route)
    return (
        f"<h2>{name}</h2><p>Best by {route.by}: {html.escape(totals_words(route))}.</p>"
        f"<h3>What it goes to</h3>{records_html(pd.DataFrame(_sums(route)))}"
        f"<h3>Leg by leg</h3>{records_html(pd.DataFrame(_legs(route)))}"
        f'<h3>What it rests on</h3><div class="words">{records_html(_rows(evidence))}</div>'
        f"<h3>Sources</h3><ul>{''.join(_sources(evidence))}</ul>"
    )


def _rows(evidence: Sequence[Evidence]) -> pd.DataFrame:
    columns = {"row_id": "row", "says": "says", "confidence": "", "source_id": "source"}
    rows = pd.DataFrame([e.as_dict() for e in evidence])
    return rows[[*columns, "notes"]].rename(columns=columns)


def _sources(evidence: Sequence[Evidence]) -> Iterator[str]:
    for e in {e.source_id: e for e in evidence if e.source_id}.values():
        words = html.escape(f"{e.source_id}: {e.title} {e.url}".strip())
        yield f"<li>{words}</li>"


def _sums(route: Route) -> Iterator[dict[str, str | float]]:
    found = pieces(route)
    for kind in KINDS:
        of_kind = [p for p in found if p.kind == kind]
        if of_kind:
            yield {
                "kind": _KINDS[kind],
                "places": str(len(of_kind)),
                "hours": sum(p.h for p in of_kind),
                "USD per TEU": sum(p.usd for p in of_kind),
            }


def _legs(route: Route) -> Iterator[dict[str, str | float]]:
    name = route.network.name_of
    km = 0.0
    for leg in route.legs:
        km += leg.length_km
        yield {
            "leg": f"{name(leg.from_node_id)} – {name(leg.to_node_id)}",
            "layer": leg.layer,
            "km": leg.length_km,
            "km so far": km,
            "running h": leg.run_h,
            "border h": leg.border_h or "",
            "transfer h": leg.transfer_h or "",
            "gauge h": leg.gauge_h or "",
            "USD per TEU": leg.cost_usd,
            "source": leg.source_id,
        }
