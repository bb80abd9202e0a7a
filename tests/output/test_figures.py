"""Figures look as they did: small pictures of a small study, compared with some tolerance.

Where a figure is meant to look different, write the pictures anew and look at each of them:

    UPDATE_FIGURES=1 .uv/bin/uv run pytest -n 0 tests/output/test_figures.py
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from worlds import write_study

import sco_network as sco
from sco_network.analysis.benchmarks import run_benchmarks
from sco_network.output.charts import draw_benchmarks
from sco_network.output.style import whole_figure
from sco_network.output.weighing import draw_ranking, draw_stress, draw_uncertainty

KEPT = Path(__file__).parent / "figures"
DPI = 48
BLOCK = 6  # pixels that are looked at as one, so that the edge of a letter does not count
MEAN, WORST = 0.8, 30.0  # of 255: difference over the picture, and of its worst block
BENCHMARKS = """benchmark_id,from_node_id,to_node_id,via,modes,by,published_value,unit,source_id,confidence,notes
ac,a,c,,rail,length,198,km,survey,A,
ae,a,e,,road,length,350,km,survey,A,
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_study(tmp_path_factory.mktemp("figures") / "study")
    (folder / "data/benchmarks.csv").write_text(BENCHMARKS, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def figures(world: Path) -> dict[str, Callable[[], Any]]:
    net = sco.Network.load(world / "data")
    names = ("faster-border", "short-cut", "road-closed")
    faster, short, closed = (sco.Scenario.load(n, world / "scenarios") for n in names)
    cut, shut = sco.compare(net, short), sco.compare(net, closed)
    proposals = [faster, short]
    return {
        "network": net.plot,
        "map": cut.plot_map,
        "map-of-a-closure": shut.plot_map,
        "access": cut.plot_access,
        "countries": cut.plot_countries,
        "routes": shut.plot_routes,
        "benchmarks": lambda: draw_benchmarks(run_benchmarks(net)),
        "ranking": lambda: draw_ranking(sco.rank(net, proposals, jobs=1)),
        "uncertainty": lambda: draw_uncertainty(sco.uncertainty(net, proposals, draws=40, jobs=1)),
        "stress": lambda: draw_stress(sco.stress(net, proposals, closures=[closed])),
    }


FIGURES = (
    "network",
    "map",
    "map-of-a-closure",
    "access",
    "countries",
    "routes",
    "benchmarks",
    "ranking",
    "uncertainty",
    "stress",
)


def picture(ax: Any) -> Image.Image:
    buffer = io.BytesIO()
    whole_figure(ax).savefig(buffer, format="png", dpi=DPI)
    return Image.open(buffer).convert("RGB")


def blocks(image: Image.Image) -> np.ndarray:
    """Mean colour of blocks of pixels."""
    high, wide = (n // BLOCK * BLOCK for n in (image.height, image.width))
    pixels = np.asarray(image, dtype=float)[:high, :wide]
    return pixels.reshape(high // BLOCK, BLOCK, wide // BLOCK, BLOCK, 3).mean(axis=(1, 3))


def differences(a: Image.Image, b: Image.Image) -> tuple[float, float]:
    if abs(a.width - b.width) > 2 or abs(a.height - b.height) > 2:
        return np.inf, np.inf
    one, two = blocks(a), blocks(b)
    rows, columns = (min(n) for n in zip(one.shape[:2], two.shape[:2], strict=True))
    apart = np.abs(one[:rows, :columns] - two[:rows, :columns])
    return float(apart.mean()), float(apart.max())


def is_alike(a: Image.Image, b: Image.Image) -> bool:
    mean, worst = differences(a, b)
    return mean <= MEAN and worst <= WORST


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_looks_as_it_did(name: str, figures: dict[str, Any], tmp_path: Path) -> None:
    now, kept = picture(figures[name]()), KEPT / f"{name}.png"
    if os.environ.get("UPDATE_FIGURES"):
        now.quantize(250).save(kept, optimize=True)
    then = Image.open(kept).convert("RGB")
    now.save(tmp_path / "now.png")
    mean, worst = differences(now, then)
    assert is_alike(now, then), f"{name}: {mean:.1f} on average, {worst:.0f} at worst, {tmp_path}"


def test_what_is_missing_or_has_another_colour_is_noticed(
    figures: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sco_network.output import style

    then = Image.open(KEPT / "map.png").convert("RGB")
    ax = figures["map"]()
    (label,) = (text for text in ax.texts if text.get_text() == "Epsilon")
    label.remove()
    assert not is_alike(picture(ax), then)
    monkeypatch.setattr(style, "ADDED", "#009E73")
    assert not is_alike(picture(figures["map"]()), then)


def test_the_pictures_are_small_and_all_are_compared() -> None:
    assert sorted(p.stem for p in KEPT.glob("*.png")) == sorted(FIGURES)
    assert sum(p.stat().st_size for p in KEPT.glob("*.png")) < 200_000
