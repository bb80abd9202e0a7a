"""One self-contained HTML page: figures, tables, notes; no request to any other host."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .results import replaced_file
from .style import image
from .tables import records_html

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .comparison import Comparison

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#222;max-width:68rem;margin:2rem auto;
padding:0 1rem}
h1{font-size:1.7rem}h2{font-size:1.2rem;margin-top:2rem}figure{margin:1rem 0}
svg{width:100%;height:auto}
.table{border-collapse:collapse;font-size:.85rem;width:100%}
.table td,.table th{padding:.25rem .5rem;
border-bottom:1px solid #ddd;text-align:right}
.table td:first-child,.table th:first-child{text-align:left}
.words .table td,.words .table th{text-align:left;vertical-align:top}
.note{color:#555}@media print{body{margin:0;max-width:none}}
"""


def write_report(comparisons: Sequence[Comparison], path: Path) -> Path:
    """Write the comparisons as one HTML file and return its path."""
    title = " · ".join(c.title for c in comparisons)
    replaced_file(path, html_page(title, "\n".join(_section(c) for c in comparisons)))
    return path


def html_page(title: str, body: str) -> str:
    """Return a page that needs no other file."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body>{body}</body></html>"
    )


def html_figure(label: str, ax: Axes) -> str:
    """Return a figure as SVG, with words for those who cannot see it."""
    return f'<figure role="img" aria-label="{html.escape(label)}">{_svg(ax)}</figure>'


def _section(comparison: Comparison) -> str:
    counts = comparison.pair_counts
    content = comparison.scenarios[0].content
    sentence = (
        f"Of {sum(counts.values()):,} ordered pairs of places, compared by {comparison.by}, "
        f"{counts['improved']:,} improve, {counts['newly_connected']:,} are newly connected, "
        f"{counts['worse']:,} get worse and {counts['lost']:,} are lost."
    )
    figures = "".join(
        html_figure(label, draw())
        for label, draw in (
            (f"Map of {comparison.title}", comparison.plot_map),
            ("Routes that change most, before and after", comparison.plot_routes),
        )
    )
    sources = ", ".join(content.sources)
    return (
        f"<h1>{html.escape(comparison.title)}</h1><p>{sentence}</p>"
        f'<p class="note">{html.escape(content.notes)}</p>{figures}'
        f"<h2>Routes ({comparison.unit})</h2>{records_html(comparison.routes.head(40))}"
        f"<h2>Measures</h2>{records_html(comparison.metrics)}"
        f'<p class="note">Sources: {html.escape(sources)}</p>'
    )


def _svg(ax: Axes) -> str:
    text = image(ax, "svg").decode("utf-8")
    return text[text.index("<svg") :]
