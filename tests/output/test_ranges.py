"""Our ranges beside published ones."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sco_network.output.ranges import draw_ranges, ranges_markdown

ROWS = pd.DataFrame(
    [
        ("Here", -1.0, -2.04, -9.0, -1.7, -3.2),
        ("There", -0.4, -0.5, -4.0, np.nan, -11.9),
        ("Nowhere", -0.1, -0.2, -0.3, np.nan, np.nan),
    ],
    columns=["label", "low", "high", "reform", "published_low", "published_high"],
)


def test_the_table_says_what_is_published_and_what_is_not() -> None:
    assert ranges_markdown(ROWS, "half the waits").splitlines() == [
        "| Change, % | published | ours | ours, half the waits |",
        "|---|--:|--:|--:|",
        "| Here | -1.7 to -3.2 | -1.0 to -2.0 | -9.0 |",
        "| There | up to -11.9 | -0.4 to -0.5 | -4.0 |",
        "| Nowhere | – | -0.1 to -0.2 | -0.3 |",
    ]


def test_the_chart_names_every_row_and_every_sign() -> None:
    ax = draw_ranges(ROWS, "A headline", "A source", "half the waits")
    assert [t.get_text() for t in ax.get_yticklabels()] == ROWS["label"].tolist()
    words = {t.get_text() for t in ax.texts}
    assert words >= {"−1.7 to −3.2", "up to −11.9", "−2.0", "−9.0"}
    legend = [t.get_text() for t in ax.get_legend().get_texts()]
    assert legend[0] == "published"
    assert legend[-1] == "ours, half the waits"
