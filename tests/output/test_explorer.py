"""The explorer's server: what it answers, and what it refuses."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from servers import Explorer, explorer
from worlds import NODES, sco_network, write_study

import sco_network as sco
from sco_network.analysis.whatif import Question, WhatIf
from sco_network.errors import InputError
from sco_network.output.explorer.app import Desk, listen

EAST_AFRICA = Path(__file__).parents[1] / "east_africa"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explorer]:
    with explorer(write_study(tmp_path_factory.mktemp("study"))) as running:
        yield running


def test_a_question_is_answered_as_the_command_line_answers_it(served: Explorer) -> None:
    question = {"scenarios": ["short-cut"], "origin": "Alpha", "destination": "Epsilon"}
    status, _, answer = served.send("/api/answer", question)
    assert status == 200
    assert (answer["before"]["time_h"], answer["after"]["time_h"]) == (15, 10)
    assert answer["before"]["legs"][0]["crossing_id"] == "ae-road"
    status, _, gains = served.send("/api/gains", {})
    assert gains["faster-border"]["gain"] > 0
    assert gains["road-closed"]["gain"] < 0


def test_no_route_is_null_and_not_a_number(served: Explorer) -> None:
    _, _, answer = served.send(
        "/api/answer", {"modes": ["road"], "origin": "a", "destination": "c"}
    )
    assert (answer["before"]["reachable"], answer["before"]["total"]) == (False, None)


def test_every_reply_forbids_what_the_page_does_not_need(served: Explorer) -> None:
    for path in ("/", "/static/main.js", "/api/atlas", "/nothing"):
        _, headers, _ = served.send(path)
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    page = served.send("/")[2].decode()
    assert "onclick" not in page
    assert "http" not in page.replace("http-equiv", "")


@pytest.mark.parametrize(
    ("path", "body", "headers", "expected"),
    [
        ("/", None, {"host": "evil.example"}, 421),
        ("/api/answer", {}, {"host": "evil.example:80"}, 421),
        ("/api/answer", {}, {"sec-fetch-site": "cross-site"}, 403),
        ("/api/answer", {}, {"content-type": "text/plain"}, 415),
        ("/api/answer", b"{", {}, 400),
        ("/api/answer", b"[" * 100_000, {}, 400),
        ("/api/answer", [], {}, 400),
        ("/api/answer", b" " * 300_000, {}, 413),
        ("/api/answer", None, {}, 405),
        ("/api/system", {}, {}, 404),
        ("/static/../app.py", None, {}, 404),
        ("/static/%2e%2e/app.py", None, {}, 404),
        ("/api/answer", {"scenarios": ["../../etc/passwd"]}, {}, 422),
        ("/api/answer", {"run": "import os"}, {}, 422),
        ("/api/scenario", {"question": {"scenarios": ["short-cut"]}, "name": "../x"}, {}, 422),
        ("/api/link", {"question": {}, "link": {"a": 1}}, {}, 422),
        ("/api/link", {"question": {}, "link": "nothing"}, {}, 422),
    ],
)  # fmt: skip
def test_what_is_not_a_question_is_refused(
    served: Explorer, path: str, body: object, headers: dict[str, str], expected: int
) -> None:
    status, _, answer = served.send(path, body, **headers)
    assert status == expected
    if isinstance(answer, dict):
        assert all(p["message"] for p in answer["problems"])


def test_a_conflict_is_told_in_the_librarys_words(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    rival = (
        (study / "scenarios/faster-border.yaml")
        .read_text()
        .replace("faster-border", "rival")
        .replace("set: 2", "set: 3")
    )
    (study / "scenarios/rival.yaml").write_text(rival)
    desk = Desk(
        WhatIf(sco.Network.load(study / "data"), sco.scenarios(study / "scenarios")), Question()
    )
    with pytest.raises(sco.InputError, match="sets this to 3.0 but 'faster-border'"):
        desk.ask("answer", {"scenarios": ["rival", "faster-border"]})
    assert (
        desk.ask("gains", {"scenarios": ["rival"]})["faster-border"]["note"]
        == "conflicts with rival"
    )
    assert b'"faster-border": ["rival"]' in desk.atlas


def test_a_link_shows_its_sources(served: Explorer) -> None:
    _, _, rows = served.send("/api/link", {"question": {"scenarios": ["short-cut"]}, "link": "be"})
    assert rows[0]["title"] == "A survey"
    assert rows[0]["url"] == "https://example.org"
    assert [r["table"] for r in rows] == ["links", "crossings"]


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = sco_network("explore", "--port", str(taken.getsockname()[1]), cwd=tmp_path)
    assert done.returncode == 1
    assert "Address already in use" in done.stderr
    assert "--port 0 takes any free one" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("", "'' is no address"),  # nothing would stand for every address of the machine
        ("é..b", "'é..b' is no address"),
        ("192.0.2.1", "cannot listen on port 0 of 192.0.2.1: Cannot assign requested address"),
        ("no.example.invalid", "cannot listen on port 0 of no.example.invalid: "),
    ],
)
def test_an_address_that_is_not_this_machines_is_said(host: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        listen(host, 0)
    assert words in str(caught.value)
    assert "Unknown error" not in str(caught.value)


def test_a_wrong_port_and_a_wrong_folder_are_said(study: Path) -> None:
    assert "70000 is no port" in sco_network("explore", "--port", "70000", cwd=study).stderr
    done = sco_network("explore", "--port", "0", "--data", "nowhere", cwd=study)
    assert (done.returncode, "not a data folder" in done.stderr) == (1, True)


def test_ctrl_c_ends_in_good_order(study: Path) -> None:
    with explorer(study) as running:
        assert running.send("/")[0] == 200
        assert running.stop() == 0


def test_places_off_the_map_and_names_in_other_scripts(tmp_path: Path) -> None:
    odd = NODES + "pole,南极 القطب <b>,AAA,180,-90,city,900000,Полюс,survey,A,\n"
    study = write_study(tmp_path, nodes=odd)
    desk = Desk(
        WhatIf(sco.Network.load(study / "data"), sco.scenarios(study / "scenarios")), Question()
    )
    assert "南极 القطب <b>".encode() in desk.atlas
    answer = desk.ask("answer", {"origin": "Полюс", "destination": "南极 القطب <b>"})
    assert answer["before"]["reachable"]
    assert answer["measures"][2]["metric"] == "reachable_pairs"


def test_what_proposals_add_is_drawn_in_the_projection_of_the_base_map() -> None:
    region = sco.Network.load(EAST_AFRICA / "data")
    adds = {
        "nodes": [
            {"node_id": f"far-{i}", "country": "TZA", "x_coord": 45.0, "y_coord": -20.0 - i}
            for i in range(9)
        ]
    }
    far = sco.Scenario.from_dict({"scenario": "far", "add": adds})
    alone, with_far = (
        json.loads(Desk(WhatIf(region, scenarios), Question.of({"by": "time"})).atlas)
        for scenarios in ([], [far])
    )
    at = {place["id"]: place["at"] for place in with_far["places"]}
    assert all(at[place["id"]] == place["at"] for place in alone["places"])
    assert with_far["basemap"] == alone["basemap"]


def test_a_thousand_scenarios(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    one = (study / "scenarios/faster-border.yaml").read_text()
    for i in range(1000):
        text = one.replace("scenario: faster-border", f"scenario: border-{i}").replace(
            "set: 2", f"set: {1 + i / 100}"
        )
        (study / f"scenarios/border-{i}.yaml").write_text(text)
    desk = Desk(
        WhatIf(sco.Network.load(study / "data"), sco.scenarios(study / "scenarios")), Question()
    )
    gains = desk.ask("gains", {})
    assert len(gains) == 1003
    assert gains["border-0"]["gain"] > gains["border-500"]["gain"] >= gains["border-999"]["gain"]
    began = time.perf_counter()
    assert (
        desk.ask("gains", {"scenarios": ["border-7"]})["border-8"]["note"]
        == "conflicts with border-7"
    )
    assert time.perf_counter() - began < 5


def test_the_pages_files_travel_with_the_package() -> None:
    folder = resources.files("sco_network.output.explorer") / "static"
    names = {"index.html", "explorer.css", "main.js", "map.js", "panels.js", "state.js", "words.js"}
    assert names <= {path.name for path in folder.iterdir()}
    assert "BSD 2-Clause" in (folder / "leaflet/LICENSE").read_text()
