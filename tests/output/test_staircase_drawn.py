"""The drawing of staircases: labels that can be read, and the commands that write it."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.text import Annotation
from worlds import sco_network

import sco_network as sco
from sco_network.cli import cli
from sco_network.output import style
from sco_network.output.labels import Label, place_labels
from sco_network.output.staircase import draw_staircase


def boxes(ax):
    renderer = ax.figure.canvas.get_renderer()
    return [t.get_window_extent(renderer) for t in ax.texts if isinstance(t, Annotation)]


@given(
    spots=st.lists(st.tuples(st.floats(0, 10), st.floats(0, 10)), min_size=1, max_size=12),
    heights=st.lists(st.floats(0, 3), min_size=2, max_size=6),
)
@settings(max_examples=15, deadline=None)
def test_labels_cover_neither_one_another_nor_the_curve(spots, heights) -> None:
    ax = style.new_figure(6, 5).add_axes((0.1, 0.1, 0.8, 0.8))
    curve = np.column_stack([np.linspace(0, 10, len(heights)), np.cumsum(heights)])
    ax.set_xlim(0, 10)
    ax.set_ylim(0, 10)
    labels = [
        Label(f"place {i}\nborder {i} h", x, y, "black", 135) for i, (x, y) in enumerate(spots)
    ]
    left_out = place_labels(ax, labels, [curve])
    placed = boxes(ax)
    assert len(placed) + len(left_out) == len(labels)
    assert not any(a.overlaps(b) for a, b in combinations(placed, 2))
    along = np.column_stack([x := np.linspace(0, 10, 2000), np.interp(x, *curve.T)])
    pixels = ax.transData.transform(along)
    for box in placed:
        assert not ((pixels > box.min) & (pixels < box.max)).all(axis=1).any()


@pytest.mark.parametrize(
    ("ends", "modes", "name"),
    [
        (("Tashkent", "Karachi"), ["rail"], "uap-railway"),
        (("Mumbai", "Moscow"), ["sea", "rail"], "rasht-astara"),
        (("Shanghai", "Duisburg"), ["rail"], "integrated-railways"),
    ],
)
def test_steps_of_real_routes_are_named_without_overlap(base, ends, modes, name) -> None:
    scenario = sco.Scenario.load(name)
    routes = [base.route(*ends, modes=modes, scenarios=s) for s in ([], [scenario])]
    ax = sco.staircase(*routes)
    words = " ".join(t.get_text() for t in ax.texts)
    assert "Today" in words
    assert f"With {name}" in words
    assert "border" in words
    assert not any(a.overlaps(b) for a, b in combinations(boxes(ax), 2))


def test_a_route_that_is_missing_or_the_same_is_said_in_words(small, study) -> None:
    cut = sco.Scenario.load(study / "scenarios/short-cut.yaml")
    shut = sco.Scenario.load(study / "scenarios/road-closed.yaml")

    def said(*routes):
        figure = draw_staircase(routes).figure
        return "\n".join(t.get_text() for t in (*figure.texts, *figure.artists))

    road, rail = (
        [small.route("a", "e", modes=[mode], scenarios=s) for s in ([], [shut])]
        for mode in ("road", "rail")
    )
    assert "With road-closed: no route." in said(*road)
    assert "With road-closed: the same as today." in said(*rail)
    assert "short-cut: A direct railway; under consideration, about 2032." in said(
        small.route("a", "e", scenarios=[cut])
    )
    with pytest.raises(sco.InputError, match="there is nothing to draw"):
        draw_staircase([road[1]])


def test_the_route_command_draws_and_writes_a_dossier(study: Path) -> None:
    done = sco_network(
        "route", "a", "e", "--scenario", "short-cut", "--alternatives", "2",
        "--plot", "out/stairs.png", "--dossier", "out/route.html", cwd=study,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (study / "out/stairs.png").read_bytes().startswith(b"\x89PNG")
    page = (study / "out/route.html").read_text(encoding="utf-8")
    for words in ("<h2>Today</h2>", "<h2>With short-cut</h2>", "alternative 1", "Alpha – Beta",
                  "survey: A survey https://example.org", "<svg"):  # fmt: skip
        assert words in page


def test_without_a_route_no_file_is_written(study: Path, tmp_path: Path) -> None:
    plot = tmp_path / "no.png"
    places = ["route", "a", "c", "--modes", "road", "--data", str(study / "data")]
    done = CliRunner().invoke(cli, [*places, "--plot", str(plot)])
    assert (done.exit_code, "nothing to draw" in done.stderr) == (1, True)
    assert not plot.exists()
