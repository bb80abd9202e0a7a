"""Objects show themselves in notebooks, and the notebooks of the docs still run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from worlds import NODES, write_study

import sco_network as sco

ROOT = Path(__file__).parents[2]
BAD = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """One of everything that shows itself, in a world of hostile names."""
    study = write_study(tmp_path_factory.mktemp("bad"), nodes=NODES.replace("Alpha", BAD))
    path = study / "scenarios/short-cut.yaml"
    path.write_text(path.read_text().replace("A direct railway", f"'{BAD}'"), encoding="utf-8")
    net = sco.Network.load(study / "data")
    scenarios = sco.scenarios(study / "scenarios")
    cut = next(s for s in scenarios if s.id == "short-cut")
    closed = next(s for s in scenarios if s.id == "road-closed")
    return {
        "network": net.with_scenarios(cut),
        "scenario": cut,
        "route": net.route("a", "e", scenarios=[cut]),
        "no route": net.route("a", "c", modes=["road"]),
        "skim": net.skim(),
        "comparison": sco.compare(net, cut),
        "ranking": sco.rank(net, scenarios),
        "uncertainty": sco.uncertainty(net, [cut], draws=4, jobs=1),
        "stress": sco.stress(net, [cut], closures=[closed]),
    }


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("network", ["5 places", "with short-cut", "rail", "670"]),
        ("scenario", ["[short-cut]", "adds", "rail, under consideration"]),
        ("route", ["rail-1520", "260", "through AAA, BBB", "10.0 h"]),
        ("no route", ["no route"]),
        ("skim", ["3 × 3", "time, h"]),
        ("comparison", ["mean_time", "efficiency", "improved 4"]),
        ("ranking", ["short-cut", "Shapley"]),
        ("uncertainty", ["4 paired draws", "median"]),
        ("stress", ["road-closed", "remaining"]),
    ],
)
def test_it_shows_what_it_is_and_escapes_names(
    things: dict[str, object], name: str, words: list[str]
) -> None:
    shown = things[name]._repr_html_()  # type: ignore[attr-defined]
    assert "<script" not in shown
    assert len(shown) < 6000
    for word in words:
        assert word in shown
    if name in {"scenario", "route", "comparison"}:
        assert "&lt;script&gt;" in shown


@pytest.mark.filterwarnings("ignore::Warning")
@pytest.mark.parametrize(
    "path", sorted((ROOT / "docs/notebooks").glob("*.ipynb")), ids=lambda p: p.stem
)
def test_a_notebook_runs_and_shows_what_it_showed(path: Path) -> None:
    import nbformat
    from nbclient import NotebookClient

    assert path.stat().st_size < 400_000
    stored = nbformat.read(path, as_version=4)
    assert all(
        c.outputs
        for c in stored.cells
        if c.cell_type == "code" and not c.source.startswith("import")
    )
    fresh = nbformat.read(path, as_version=4)
    NotebookClient(
        fresh, timeout=240, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}
    ).execute()
    for old, new in zip(stored.cells, fresh.cells, strict=True):
        assert _tables(old) == _tables(new), old.source


def _tables(cell: dict[str, Any]) -> list[str]:
    data = (output.get("data", {}) for output in cell.get("outputs", []))
    return [shown["text/html"] for shown in data if "text/html" in shown]
