"""What people see of rank, uncertainty and stress."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from .tables import number, out, percent, table

if TYPE_CHECKING:
    import pandas as pd

    from sco_network.analysis.gains import Measure
    from sco_network.analysis.rank import Ranking
    from sco_network.analysis.stress import Stress
    from sco_network.analysis.uncertainty import Uncertainty

WORDS: dict[Measure, str] = {
    "efficiency": "efficiency",
    "market_access": "market access",
    "mean_cost": "mean journey",
}


def gain(value: float) -> str:
    """Return a gain with its sign and three figures that count.

    >>> gain(0.12345), gain(-3.2), gain(0), gain(float("nan"))
    ('+0.123', '-3.2', '0', '–')
    """
    if not np.isfinite(value):
        return "–"
    return f"{value:+.3g}" if value else "0"


def _what(measure: Measure, by: str, unit: str) -> str:
    return f"{WORDS[measure]} by {by}, {unit}"


def print_ranking(found: Ranking, pairs: int = 8) -> None:
    """Print each scenario's share, the strongest interactions, and the order to build in."""
    console = out()
    how = (
        "every combination worked out" if found.is_exact else f"{found.permutations} orders sampled"
    )
    console.print(
        f"All together gain {gain(found.total)} {found.unit} in {WORDS[found.measure]} by "
        f"{found.by} ({how}).\n",
        style="bold",
    )
    errors = not found.is_exact
    rows = [
        (
            r["scenario"],
            gain(r["shapley"]) + (f" ± {r['standard_error']:.1g}" if errors else ""),
            percent(100 * r["shapley"] / found.total if found.total else None),
            gain(r["alone"]),
            gain(r["last"]),
        )
        for r in found.table.to_dict("records")
    ]
    columns = ("scenario", "share (Shapley)", "of all", "alone", "as the last")
    title = f"Who contributes what: {_what(found.measure, found.by, found.unit)}"
    console.print(table(title, columns, rows))
    _print_interactions(found, pairs)
    steps = [
        (f"{i}. {r['scenario']}", gain(r["adds"]), gain(r["total"]))
        for i, r in enumerate(found.order.to_dict("records"), 1)
    ]
    console.print(table("\nBest order to build", ("scenario", "adds", "in all"), steps))
    if found.left_out:
        console.print("Left out, as they conflict with what is built: " + ", ".join(found.left_out))


def _print_interactions(found: Ranking, pairs: int) -> None:
    shown = found.interactions[found.interactions["value"].abs() > 1e-9].head(pairs)
    rows = [
        (
            f"{r['a']} + {r['b']}",
            gain(r["value"]),
            "worth more together" if r["value"] > 0 else "partly redundant",
        )
        for r in shown.to_dict("records")
    ]
    if rows:
        out().print(table("\nStrongest interactions", ("pair", found.unit, ""), rows))


def print_uncertainty(found: Uncertainty, inputs: int = 3, scenarios: int = 5) -> None:
    """Print ranges of gains, who beats whom, and the inputs that matter most."""
    console = out()
    rows = [
        (
            r["scenario"],
            gain(r["at_modes"]),
            gain(r["p5"]),
            gain(r["p50"]),
            gain(r["p95"]),
            f"{100 * r['positive']:.0f} %",
            f"{r['rank_median']:.0f} ({r['rank_p5']:.0f}–{r['rank_p95']:.0f})",
        )
        for r in found.table.to_dict("records")
    ]
    columns = ("scenario", "at modes", "5 %", "median", "95 %", "gains", "rank (5–95 %)")
    title = (
        f"Gain in {_what(found.measure, found.by, found.unit)}: {len(found.gains):,} paired "
        f"{found.shape} draws of {len(found.inputs)} inputs, seed {found.seed}"
    )
    console.print(table(title, columns, rows))
    console.print(
        f"\nThe order of the scenarios agrees with that at the modes to Kendall τ = "
        f"{number(found.rank_agreement, 2)} on average."
    )
    names = list(found.table["scenario"])
    chance = found.beats.set_index(["a", "b"])["probability"]
    duels = [(f"{a} over {b}", f"{100 * chance[a, b]:.0f} %") for a, b in pairwise(names)]
    if duels:
        console.print(table("\nHow often each beats the next", ("pair", "of draws"), duels[:10]))
    heads = ("scenario", "input", "from", "to", "gain at low", "gain at high")
    effects = _tornado(found.tornado, names[:scenarios], inputs)
    console.print(table("\nWhat matters most", heads, effects, left=2))


def _tornado(frame: pd.DataFrame, names: list[str], inputs: int) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for name in names:
        for r in frame[frame["scenario"] == name].head(inputs).to_dict("records"):
            ends = (f"{r['low']:g} {r['unit']}", f"{r['high']:g} {r['unit']}")
            rows.append((name, r["input"], *ends, gain(r["gain_at_low"]), gain(r["gain_at_high"])))
    return rows


def print_stress(found: Stress, top: int = 10) -> None:
    """Print the links and crossings that hurt most, and what closures leave of gains."""
    what = _what(found.measure, found.by, found.unit)
    for network, frame in found.critical.groupby("network", sort=False):
        where = "" if network == "base" else f" with {network}"
        crossings = frame[frame["kind"] == "crossing"]
        _print_critical(crossings.head(top), f"Crossings whose loss costs most{where}: {what}")
        links = frame[frame["kind"] == "link"]
        for mode, some in links.groupby("mode", sort=False):
            title = f"{str(mode).capitalize()} links whose loss costs most{where}: {what}"
            _print_critical(some.head(top), title)
    scenarios = list(dict.fromkeys(found.survival["scenario"]))
    for i in range(0, len(scenarios), SIDE_BY_SIDE):
        _print_survival(found.survival, scenarios[i : i + SIDE_BY_SIDE], found.unit)


SIDE_BY_SIDE = 4


def _print_critical(frame: pd.DataFrame, title: str) -> None:
    rows = [
        (
            r["id"],
            r["name"],
            r["mode"],
            r["countries"],
            gain(r["loss"]).lstrip("+"),
            f"{r['pairs_lost']:,}" if r["pairs_lost"] else "",
        )
        for r in frame.to_dict("records")
    ]
    columns = ("", "name", "mode", "in or between", "loss", "pairs left without a route")
    out().print(table(title, columns, rows, left=4))
    out().print("")


def _print_survival(frame: pd.DataFrame, scenarios: list[str], unit: str) -> None:
    """Print what is left of gains, a closure a line and some scenarios side by side."""
    cells = frame.set_index(["closure", "scenario"])
    first = frame.drop_duplicates("scenario").set_index("scenario")["gain"]
    rows = [("with nothing closed", *(gain(first[s]) for s in scenarios))]
    for closure in dict.fromkeys(frame["closure"]):
        shown = (cells.loc[(closure, s)] for s in scenarios)
        rows.append((closure, *(f"{gain(c['remaining'])} {_share(c['share'])}" for c in shown)))
    title = f"Gains that are left where something is closed before and after, {unit}"
    out().print(table(title, ("closed", *scenarios), rows))
    out().print("")


def _share(share: float) -> str:
    """Return a share of a gain: percent, or how many times as much.

    >>> _share(0.5), _share(17.04), _share(float("nan"))
    ('( 50 %)', '(17 ×)', '')
    """
    if not np.isfinite(share):
        return ""
    return f"({share:.0f} ×)" if share >= 2 else f"({100 * share:3.0f} %)"
