"""Questions are answered as `compare`, `route` and a run from scratch answer them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import small_network

import sco_network as sco
from sco_network.analysis.gains import Gains
from sco_network.analysis.plain import records
from sco_network.analysis.whatif import Question, WhatIf
from sco_network.errors import InputError
from sco_network.model.authoring import to_yaml


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> WhatIf:
    folder = tmp_path_factory.mktemp("small")
    network = small_network(folder)
    return WhatIf(network, sco.scenarios(folder / "scenarios"))


def ask(desk: WhatIf, *ticked: str, **options: object):
    return desk.answer(
        Question.of({"scenarios": ticked, "origin": "a", "destination": "e", **options})
    )


WAIT = {"table": "crossings", "where": {"crossing_id": "cd-rail"}, "value": 1}


def test_a_pair_before_and_after_by_hand(desk: WhatIf) -> None:
    # road today: 390 km / 39 km/h + 5 h at the border; the short cut: 2 h + 260 / 52 + 3 h
    answer = ask(desk, "short-cut")
    assert (answer.before.time_h, answer.after.time_h) == (15, 10)
    assert [leg.link_id for leg in answer.after.legs] == ["ab", "be"]


def test_an_own_wait_counts_hour_by_hour(desk: WhatIf) -> None:
    # by rail: 210 / 50 + 200 / 50 running, 10 at the gauge, 20 at the border that become 1
    assert ask(desk, modes=["rail"]).after.time_h == pytest.approx(38.2)
    assert ask(desk, modes=["rail"], edits=[WAIT]).after.time_h == pytest.approx(19.2)


def test_an_edit_wins_over_a_scenario_that_sets_the_same(desk: WhatIf) -> None:
    assert ask(desk, "faster-border", modes=["rail"]).after.time_h == pytest.approx(20.2)
    assert ask(desk, "faster-border", modes=["rail"], edits=[WAIT]).after.time_h == pytest.approx(
        19.2
    )


def test_an_own_speed_reaches_new_lines_by_id_and_those_of_today_by_country(desk: WhatIf) -> None:
    line = {"table": "links", "where": {"link_id": ["be"]}, "value": 130}
    country = {"table": "links", "where": {"mode": "rail", "country": "AAA"}, "value": 100}
    assert ask(desk, "short-cut", edits=[line]).after.time_h == pytest.approx(2 + 2 + 3)
    assert ask(desk, "short-cut", edits=[country]).after.time_h == pytest.approx(
        1 + 5 + 3
    )  # a–b alone
    assert ask(desk, edits=[line]).after.time_h == 15  # its proposal is not ticked


LINE = {"table": "links", "where": {"link_id": "be"}, "value": 70}
RAILWAYS = {"table": "links", "where": {"mode": "rail"}, "value": 33}


@given(
    ticked=st.sets(st.sampled_from(["faster-border", "short-cut", "road-closed"])),
    edits=st.sampled_from([[], [WAIT], [LINE], [RAILWAYS], [RAILWAYS, LINE, WAIT]]),
    by=st.sampled_from(["length", "time", "cost", "generalised"]),
    modes=st.sampled_from([["rail"], ["road"], ["road", "rail", "sea"]]),
)
@settings(max_examples=40, deadline=None)
def test_answers_equal_a_comparison_from_scratch(desk: WhatIf, ticked, edits, by, modes) -> None:
    question = Question.of({"scenarios": sorted(ticked), "edits": edits, "by": by, "modes": modes, "origin": "a", "destination": "e"})  # fmt: skip
    answer = desk.answer(question)
    nothing = not ticked and edits in ([], [LINE])
    own = [] if nothing else [sco.Scenario.from_dict(desk.scenario(question, "own"))]
    expected = sco.compare(desk.network, own, by=by, modes=modes)
    for found, (_, _, before, after) in zip(
        answer.comparison.cost_measures, expected.cost_measures, strict=True
    ):
        assert found[2:] == pytest.approx((before, after), rel=1e-12, nan_ok=True)
    assert answer.comparison.pair_counts == expected.pair_counts
    route = desk.network.route("a", "e", by=by, modes=modes, scenarios=own)
    assert answer.after.total == pytest.approx(route.total)
    i, j = (answer.comparison.after.terminals.index(n) for n in "ae")
    assert answer.comparison.after.skim.matrix[i, j] == pytest.approx(route.total)


def test_marginal_gains_are_differences_of_gains(base: sco.Network) -> None:
    names = [
        "uap-railway",
        "uap-torkham",
        "cku-railway",
        "khaf-herat-mazar",
        "five-nations-railway",
        "tapi-pipeline",
        "hormuz-closed",
    ]
    desk = WhatIf(base, [sco.Scenario.load(name) for name in names])
    question = Question.of(
        {
            "scenarios": ["uap-railway", "khaf-herat-mazar", "five-nations-railway"],
            "modes": ["rail", "road", "sea"],
        }
    )
    found = {m.scenario: m for m in desk.gains(question)}
    space = desk.space(question.modes, "time")
    gains = Gains(
        space, among=np.isin(space.terminals, desk.answer(question).comparison.before.terminals)
    )
    here = gains.of(space.mask(question.scenarios))
    with_cku = gains.of(space.mask([*question.scenarios, "cku-railway"]))
    without_khaf = gains.of(space.mask(["uap-railway"]))  # five-nations-railway requires it
    assert found["cku-railway"].gain == pytest.approx(with_cku - here, rel=1e-6)
    assert found["khaf-herat-mazar"].gain == pytest.approx(here - without_khaf, rel=1e-6)
    assert found["hormuz-closed"].gain < 0
    assert (found["uap-torkham"].gain, found["uap-torkham"].note) == (
        None,
        "conflicts with uap-railway",
    )
    assert (found["tapi-pipeline"].gain, found["tapi-pipeline"].note) == (
        None,
        "changes nothing for these modes",
    )


def test_what_is_saved_stands_by_itself(desk: WhatIf, tmp_path: Path) -> None:
    question = Question.of(
        {
            "scenarios": ["short-cut", "road-closed"],
            "edits": [WAIT],
            "origin": "a",
            "destination": "e",
        }
    )
    path = tmp_path / "mine.yaml"
    path.write_text(to_yaml(desk.scenario(question, "mine", "Mine")), encoding="utf-8")
    expected = sco.compare(desk.network, sco.Scenario.load(path))
    assert expected.pair_counts == desk.answer(question).comparison.pair_counts
    assert records(expected.metrics)[1]["scenario"] == desk.answer(question).measures[1]["scenario"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"scenarios": ["short-cutt"]}, "Did you mean 'short-cut'?"),
        ({"origin": "Epsilonn", "destination": "a"}, "Did you mean 'Epsilon'?"),
        ({"by": "tome"}, "Did you mean 'time'?"),
        ({"modes": []}, "no mode is chosen"),
        ({"modes": ["rale"]}, "Did you mean 'rail'?"),
        ({"edits": [WAIT | {"value": -1}]}, "too small"),
        ({"edits": [WAIT | {"value": float("nan")}]}, "finite"),
        ({"edits": [WAIT | {"where": {"crossing_id": "cd-rale"}}]}, "Did you mean 'cd-rail'?"),
        ({"edits": [WAIT | {"where": {"mood": "rail"}}]}, "unknown column 'mood'"),
        ({"edits": [WAIT | {"table": "nodes"}]}, "is not one of"),
        ({"edits": [WAIT | {"code": "import os"}]}, "unknown key 'code'"),
        ({"file": "/etc/passwd"}, "unknown key 'file'"),
        ({"scenarios": ["../secret"]}, "unknown scenario"),
    ],
)  # fmt: skip
def test_a_wrong_question_is_refused_in_words(
    desk: WhatIf, given: dict[str, object], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        desk.answer(Question.of(given))


def test_nothing_to_save_is_said(desk: WhatIf) -> None:
    with pytest.raises(InputError, match="nothing to save"):
        desk.scenario(Question(), "empty")


def test_places_go_by_any_of_their_names(desk: WhatIf) -> None:
    assert ask(desk, "short-cut", origin="Old Alpha", destination="EPSILON").after.time_h == 10
