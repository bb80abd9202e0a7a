"""Published claims beside the model's figures: the table, the chart, and the words for both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from sco_network.analysis import claims as _claims
from sco_network.analysis.claims import VERDICTS, CheckedClaim, Share, Verdict
from sco_network.analysis.staircase import Kind
from sco_network.model.network import Network
from sco_network.model.scenario import Scenario

from . import style
from .tables import number, out, table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKS: dict[Verdict, str] = {
    "holds": "✓",
    "partly": "◐",
    "does not hold": "✗",
    "cannot be tested": "?",
}
_COLOURS: dict[Verdict, str] = {
    "holds": "#009E73",
    "partly": "#B8860B",
    "does not hold": "#D55E00",
    "cannot be tested": style.FAINT,
}
WIDTH = 13.5  # inches
FOOT = (
    "Chart: share of the published figure that the model finds. Right of the line the model gains "
    "more, or is shorter, sooner or cheaper; left of it the opposite. Levels before → after are "
    "those of the model's best route. Claims and their sources: scenario files."
)
_KINDS: dict[Kind, str] = {
    "run": "running",
    "border": "borders",
    "transfer": "transfers",
    "gauge": "gauge",
}


class Claims(_claims.Claims):
    """The claims as users hold them: `table`, `counts`, and a picture of them."""

    @classmethod
    def of(cls, network: Network, scenarios: Iterable[Scenario], **options: Any) -> Self:
        """Check the claims; the options are those of `analysis.claims.check_claims`."""
        return cls(_claims.check_claims(network, scenarios, **options).checked, network)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw what the model finds of each published figure."""
        return draw_claims(self, ax=ax)


def print_claims(claims: _claims.Claims) -> None:
    """Print every claim with its verdict, and below what explains those that do not simply hold."""
    console = out()
    rows, before = [], ""
    for c in claims.checked:
        name = "" if c.scenario.id == before else c.scenario.id
        before = c.scenario.id
        words = f"{MARKS[c.verdict]} {c.verdict}"
        rows.append((name, c.claim.text, published_words(c), model_words(c), words))
    columns = ("scenario", "claim", "published", "model", "verdict")
    console.print(table(f"{len(rows)} published claims", columns, rows, left=5))
    console.print("")
    for c in claims.checked:
        if c.remarks or c.verdict != "holds":
            source = f"  [{c.claim.source_id}]" if c.claim.source_id else ""
            title = f"{MARKS[c.verdict]} {c.scenario.id}: {c.claim.text}{source}"
            console.print(title, style="bold")
            console.print(f"  {explanation_words(c)}")
    console.print(f"\n{counts_words(claims)}. {tolerance_words(claims)}")


def counts_words(claims: _claims.Claims) -> str:
    """Return how many claims have each verdict, in words."""
    many = ("hold", "hold partly", "do not hold", "cannot be tested")
    one = ("holds", "holds partly", "does not hold", "cannot be tested")
    found = zip(claims.counts.values(), one, many, strict=True)
    return ", ".join(f"{n} {single if n == 1 else plural}" for n, single, plural in found)


def tolerance_words(claims: _claims.Claims) -> str:
    """Return the tolerance in words."""
    percents = sorted({c.tolerance_percent for c in claims.checked})
    return "".join(f"Tolerance {p:g} % of the published figure." for p in percents)


def published_words(c: CheckedClaim) -> str:
    """Return the published figures as they are published, with their unit."""
    claim = c.claim
    levels = [f"{v:,.10g}" for v in (claim.before, claim.after) if v is not None]
    words = [f"{' → '.join(levels)} {unit_words(claim.unit)}"] if levels else []
    if claim.before is not None and claim.after is None:
        words[0] += " today"
    if claim.change is not None:
        words.append(f"{claim.change:+,.10g} {unit_words(claim.unit)}".replace("-", "−"))
    return ", ".join(words) or "no figure"


def model_words(c: CheckedClaim) -> str:
    """Return the model's figures, and its change where a change is published."""
    levels = " → ".join(_level(side.value) for side in (c.before, c.after))
    words = f"{levels} {unit_words(c.claim.model_unit)}"
    if c.claim.change is None or c.model_change is None:
        return words
    return f"{words}, {_signed(c.model_change)} {unit_words(c.claim.unit)}"


def _level(value: float | None) -> str:
    return "none" if value is None else number(value, 0 if value >= 100 else 1)


def _signed(value: float) -> str:
    return f"{value:+,.0f}".replace("-", "−") if abs(value) >= 0.5 else "0"


def unit_words(unit: str) -> str:
    """Return a unit of a claim as people write it."""
    return {"bcm_y": "bcm/y", "mt_y": "Mt/y"}.get(unit, unit)


def explanation_words(c: CheckedClaim, largest: int = 3) -> str:
    """Return the remarks, what the hours, kilometres or dollars go to, and the largest pieces."""
    if c.verdict == "cannot be tested":
        return "; ".join(c.remarks)
    parts = [*c.remarks, *_narrowest(c)]
    side = c.before if c.stated == "before" else c.after
    sums = c.by_kind(side)
    if len(sums) > 1:
        words = ", ".join(f"{_KINDS[kind]} {number(value, 0)}" for kind, value in sums.items())
        parts.append(f"{words} {unit_words(c.claim.model_unit)}")
    if c.published_change is not None and c.before.route is not None:
        found = [(s, _signed(s.change)) for s in c.shares if abs(s.change) >= 0.5]
        title = "what changes most: "
    else:
        values = [(s, s.before if side is c.before else s.after) for s in c.shares]
        found = [(s, number(v, 0)) for s, v in sorted(values, key=lambda v: -(v[1] or 0)) if v]
        title = "most: "
    if found:
        parts.append(title + ", ".join(f"{_place(s)} {value}" for s, value in found[:largest]))
    return "; ".join(parts)


def _place(share: Share) -> str:
    return share.place if share.kind == "run" else f"{share.place} ({share.kind})"


def _narrowest(c: CheckedClaim) -> Iterator[str]:
    """Yield the narrowest piece of the shortest pipeline route, where the claim is about a flow."""
    route = c.after.route
    if c.claim.measured != "flow" or route is None:
        return
    links, name = route.network.links, route.network.name_of
    leg = min(route.legs, key=lambda leg: links.row(leg.link_id)["capacity_value"] or 0.0)
    carries = links.row(leg.link_id)["capacity_value"]
    ends = f"{name(leg.from_node_id)} – {name(leg.to_node_id)}"
    yield f"narrowest on the shortest way: {ends}, {number(carries)} {unit_words(c.claim.unit)}"


def delivered_percent(c: CheckedClaim) -> float | None:
    """Return how much of the figure stated the model finds, percent; None where untested.

    100 is as published. Below it the model gains less, or is longer, later or dearer: model
    over published for changes and flows, published over model for kilometres, hours and dollars.
    """
    claim = c.claim
    published, model = c.published, c.figure
    if c.verdict == "cannot be tested" or not published or model is None:
        return None
    if c.stated == "change" or claim.measured == "flow":
        return 100 * model / published
    return 100 * published / model if model else None


# Where the words stand, as shares of the chart's width.
_COLUMNS = {"claim": -1.16, "published": 1.08, "model": 1.52, "verdict": 2.07}
_HEADS = {"published": "Published", "model": "Model, today → with it", "verdict": "Verdict"}


def draw_claims(claims: _claims.Claims, ax: Axes | None = None) -> Axes:
    """Draw what the model finds of each published figure, with the verdict in sign and words."""
    rows = list(_rows(claims))
    heights = [0.4 if isinstance(row, str) else 0.37 for row in rows]
    if ax is None:
        tall = sum(heights) + 0.3
        figure, box = style.titled_figure(
            WIDTH,
            tall + 1.15,
            "Do the promises hold?",
            f"{len(claims.checked)} published claims against the model: {counts_words(claims)}. "
            f"{tolerance_words(claims)}",
            f"{FOOT} {style.source_note(claims.network)}",
        )
        ax = style.panel(figure, box, 0.325 * WIDTH, 0.75, 0.27 * WIDTH, tall)
        _legend(ax)
    levels = -np.cumsum(heights)
    ax.set_ylim(levels[-1] - 0.3 if rows else -1, 0)
    ax.set_xlim(-8, 208)
    ax.set_xticks([0, 50, 100, 150, 200], ["0", "50", "as published", "150", "200 %"])
    ax.tick_params(labelsize=8, length=0, labeltop=True)
    ax.set_yticks([])
    ax.axvline(100, color=style.INK, lw=1, zorder=1)
    ax.grid(axis="x", color="#E4E4E4", lw=0.7)
    ax.set_axisbelow(True)
    ax.spines[:].set_visible(False)
    for column, words in _HEADS.items():
        _write(ax, _COLUMNS[column], 0.12, words, fontsize=8, color=style.FAINT)
    for row, y in zip(rows, levels.tolist(), strict=True):
        if isinstance(row, str):
            _heading(ax, y, row)
        else:
            _claim(ax, y, row)
    return ax


def _rows(claims: _claims.Claims) -> Iterator[str | CheckedClaim]:
    """Yield the claims, before those of each scenario its title."""
    for scenario, group in groupby(claims.checked, key=lambda c: c.scenario.id):
        found = list(group)
        yield f"{found[0].scenario.title}  [{scenario}]"
        yield from found


def _heading(ax: Axes, y: float, title: str) -> None:
    _write(ax, _COLUMNS["claim"] - 0.02, y, title, fontsize=8.5, weight="bold")
    ends = [_COLUMNS["claim"] - 0.02, 2.48]
    where = ax.get_yaxis_transform()
    ax.plot(ends, [y + 0.22] * 2, transform=where, color="#CCCCCC", lw=0.6, clip_on=False)


def _write(ax: Axes, x: float, y: float, words: str, **how: Any) -> None:
    """Write words at a share of the chart's width, which may lie outside of it."""
    where = ax.get_yaxis_transform()
    ax.text(x, y, words, transform=where, **({"va": "center", "color": style.INK} | how))


def _claim(ax: Axes, y: float, c: CheckedClaim) -> None:
    colour = _COLOURS[c.verdict]
    text = "\n".join(wrap(c.claim.text, 76, max_lines=2, placeholder=" …"))
    _write(ax, _COLUMNS["claim"], y, text, fontsize=7.6, linespacing=1.1)
    _write(ax, _COLUMNS["published"], y, published_words(c), fontsize=7.8)
    _write(ax, _COLUMNS["model"], y, model_words(c), fontsize=7.8)
    note = "holds without border hours" if c.only_without_borders else ""
    verdict = f"{MARKS[c.verdict]} {c.verdict}"
    _write(
        ax,
        _COLUMNS["verdict"],
        y + 0.07 * bool(note),
        verdict,
        fontsize=8.5,
        color=colour,
        weight="bold",
    )
    _write(ax, _COLUMNS["verdict"] + 0.045, y - 0.1, note, fontsize=6.8, color=style.FAINT)
    value = delivered_percent(c)
    if value is None:
        return
    shown = min(max(value, 0.0), 200.0)
    ax.plot([100, shown], [y, y], color=colour, lw=1.8, alpha=0.6, zorder=2)
    ax.plot(shown, y, zorder=3, **_marker(c.verdict))
    if shown != value:
        ax.text(
            shown + (5 if value > shown else -5),
            y,
            f"{value:,.0f}",
            va="center",
            ha="left" if value > shown else "right",
            fontsize=6.8,
            color=style.FAINT,
        )


def _marker(verdict: Verdict) -> dict[str, Any]:
    """Return a mark that tells the verdict by its shape as well as its colour."""
    colour = _COLOURS[verdict]
    shape: dict[Verdict, dict[str, Any]] = {
        "holds": {"marker": "o"},
        "partly": {"marker": "o", "fillstyle": "left", "markerfacecoloralt": "white"},
        "does not hold": {"marker": "X", "ms": 8.5},
        "cannot be tested": {"marker": "$?$"},
    }
    return {"ls": "", "ms": 7.5, "color": colour, "mec": colour, **shape[verdict]}


def _legend(ax: Axes) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.transforms import blended_transform_factory

    ax.legend(
        handles=[Line2D([], [], label=v, **_marker(v)) for v in VERDICTS],
        loc="lower left",
        bbox_to_anchor=(-1.2, 0.2),
        bbox_transform=blended_transform_factory(ax.transAxes, ax.transData),
        ncols=4,
        fontsize=8.5,
        frameon=False,
    )
