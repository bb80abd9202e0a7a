"""Every kind of bad file gets file, line, words and hint; never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from worlds import (
    ASSUMPTIONS,
    CROSSINGS,
    FASTER_BORDER,
    LINKS,
    NODES,
    TRANSFERS,
    sco_network,
    write_study,
)

import sco_network as sco

# file, its new content, and what the message must say (with the line where there is one)
CASES: dict[str, tuple[str, str | bytes, list[str]]] = {
    "latitude of 340": ("data/nodes.csv", NODES.replace("60.0,40.0", "60.0,340"), [":2:", "340 is too large", "at most 90"]),
    "gauge of 15200": ("data/links.csv", LINKS.replace("100,50,1520", "100,50,15200", 1), [":2:", "15200 mm is not a gauge"]),
    "negative length": ("data/links.csv", LINKS.replace("false,rail,main,10,", "false,rail,main,-10,"), [":4:", "too small", "more than 0"]),
    "missing length": ("data/links.csv", LINKS.replace("false,rail,main,10,", "false,rail,main,,"), [":4:", "required", "length_km"]),
    "length in words": ("data/links.csv", LINKS.replace("false,rail,main,10,", "false,rail,main,ten,"), [":4:", "'ten' is not a number"]),
    "decimal comma": ("data/links.csv", LINKS.replace("false,rail,main,10,", 'false,rail,main,"10,5",'), [":4:", "decimal point"]),
    "unknown node": ("data/links.csv", LINKS.replace("cd,Border line,c,d", "cd,Border line,c,dd"), [":4:", "unknown node 'dd'"]),
    "duplicate id": ("data/links.csv", LINKS.replace("bc,North", "ab,North"), [":3:", "already used on line 2"]),
    "missing column": ("data/links.csv", LINKS.replace("length_km", "lenght_km"), [":1:", "unknown column 'lenght_km'", "'length_km'", "missing"]),
    "too many fields": ("data/links.csv", LINKS.replace("North line,b", "North, line,b"), [":3:", "the row has 20 fields, the header 19"]),
    "border without crossing": ("data/crossings.csv", CROSSINGS.replace("cd-rail,Gamma,c,d", "cd-rail,Gamma,b,d"), ["links.csv:4", "has no crossing", "no rail link joins b and d"]),
    "two crossings of one border": ("data/crossings.csv", CROSSINGS + "again,Gamma,d,c,rail,1,,open,survey,A,\n", [":4:", "'again' joins the same places by the same mode as 'cd-rail'", "Keep one"]),
    "transfer without layer": ("data/transfers.csv", TRANSFERS.replace("d,rail-1520,rail-1676", "d,rail-1520,rail-1435"), [":2:", "no link of layer 'rail-1435' ends at 'd'"]),
    "unknown source": ("data/links.csv", LINKS.replace("survey", "surwey", 1), [":2:", "unknown source 'surwey'", "'survey'"]),
    "shorter than straight": ("data/links.csv", LINKS.replace("main,200,", "main,100,"), [":5:", "less than the straight line"]),
    "empty file": ("data/links.csv", "", ["the file is empty"]),
    "binary file": ("data/links.csv", b"\x00\x01\x02links", ["binary file"]),
    "latin-1 file": ("data/nodes.csv", NODES.replace("Alpha", "Älpha").encode("latin-1"), ["not UTF-8"]),
    "unclosed quote": ("data/nodes.csv", NODES.replace("Alpha", '"Alpha', 1), ["not well-formed CSV"]),
    "misspelt assumption": ("data/assumptions.yaml", ASSUMPTIONS.replace("value_of_time", "value_of_tme"), [":3:", "unknown assumption", "'value_of_time'"]),
    "low above high": ("data/assumptions.yaml", ASSUMPTIONS.replace("low: 5, mode: 10", "low: 15, mode: 10"), [":3:", "rising order"]),
    "a speed of nothing": ("data/assumptions.yaml", ASSUMPTIONS + "speed.rail: {low: 0, mode: 0, high: 50, unit: km/h, source_id: survey}\n", [":5:", "0 is too small in speed.rail.mode", "at least 1e-09"]),
    "a negative rate": ("data/assumptions.yaml", ASSUMPTIONS.replace("low: 0.5", "low: -0.5"), [":1:", "-0.5 is too small in cost.rail.low", "at least 0"]),
    "hours that overflow": ("data/links.csv", LINKS.replace("100,50,1520", "100,1e-300,1520", 1), [":2:", "1e-300, less than 1e-09, is too small in free_speed_km_h"]),
    "sums that overflow": ("data/crossings.csv", CROSSINGS.replace("20,30", "1e308,30"), [":2:", "1e+308, more than 1e+15, is too large in wait_h"]),
    "misspelt key": ("scenarios/faster-border.yaml", FASTER_BORDER.replace("status:", "staus:"), [":4:", "unknown key 'staus'", "'status'"]),
    "unknown status": ("scenarios/faster-border.yaml", FASTER_BORDER.replace("in_planning", "planned"), [":4:", "'planned' is not one of"]),
    "duplicate key": ("scenarios/faster-border.yaml", FASTER_BORDER + "title: Again\n", [":10:", "'title' appears twice"]),
    "another name": ("scenarios/faster-border.yaml", FASTER_BORDER.replace("scenario: faster-border", "scenario: faster"), [":1:", "called 'faster'"]),
    "existing moved": ("scenarios/faster-border.yaml", FASTER_BORDER.replace("existing: 20", "existing: 24"), [":9:", "the base has 20", "not 24"]),
    "changes nothing": ("scenarios/faster-border.yaml", FASTER_BORDER.split("change:")[0], ["changes nothing"]),
    "unknown scenario source": ("scenarios/faster-border.yaml", FASTER_BORDER.replace("[survey]", "[surveys]"), [":5:", "unknown source 'surveys'", "'survey'"]),
    "yaml that is none": ("scenarios/faster-border.yaml", "scenario: [a\nb: }", ["not well-formed YAML"]),
    "a list": ("scenarios/faster-border.yaml", "- a\n- b\n", ["expected 'key: value' lines"]),
    "an alias bomb": ("scenarios/faster-border.yaml", "a: &a [x, x]\nb: [*a, *a]\n", [":2:", "aliases"]),
    "a python tag": ("scenarios/faster-border.yaml", "scenario: !!python/object/apply:os.system ['true']\n", ["tags", "not accepted"]),
    "empty scenario": ("scenarios/faster-border.yaml", "", ["the file is empty"]),
    "an include too long for a file": ("scenarios/faster-border.yaml", FASTER_BORDER + f"includes: [{'x' * 300}]\n", [":10:", "unknown scenario 'xxx"]),
    "unknown conflict": ("scenarios/faster-border.yaml", FASTER_BORDER + "conflicts: [short-kut]\n", ["unknown scenario 'short-kut'", "'short-cut'"]),
}  # fmt: skip


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Validate every case through the Python call that the command makes."""
    from sco_network.analysis.validate import validate_paths

    found = {}
    for name, (file, content, _) in CASES.items():
        study = write_study(tmp_path_factory.mktemp("case"))
        raw = content if isinstance(content, bytes) else content.encode()
        (study / file).write_bytes(raw)
        problems = validate_paths([study / "data", study / "scenarios"], str(study / "data"))
        found[name] = [str(p) for p in problems]
    return found


@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_explained(messages: dict[str, list[str]], name: str) -> None:
    text = "\n".join(messages[name])
    file, _, words = CASES[name]
    for expected in words:
        assert expected in text
    assert Path(file).name in text


def test_good_input_has_no_problem(study: Path) -> None:
    from sco_network.analysis.validate import validate_paths

    problems = validate_paths([study / "scenarios"], str(study / "data"))
    assert [str(p) for p in problems] == []


def test_all_errors_of_all_files_are_listed_at_once(study: Path) -> None:
    (study / "data/nodes.csv").write_text(NODES.replace("60.0,40.0", "60.0,340"))
    (study / "data/links.csv").write_text(
        LINKS.replace("false,rail,main,10,", "false,rail,main,-10,")
    )
    (study / "scenarios/faster-border.yaml").write_text(FASTER_BORDER.replace("kind:", "kindd:"))
    done = sco_network("validate", "--json", cwd=study)
    assert done.returncode == 1
    result = json.loads(done.stdout)
    assert result["ok"] is False
    assert {e["file"] for e in result["errors"]} >= {"data/nodes.csv", "data/links.csv"}
    assert set(result["errors"][0]) == {"file", "line", "field", "message", "hint"}
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace(",", ";"),
        lambda text: text.replace(",", "\t"),
        lambda text: text + "\n\n",
    ],
    ids=["byte-order mark", "Windows line ends", "semicolons", "tabs", "blank lines"],
)
def test_harmless_variants_are_simply_read(study: Path, change) -> None:
    expected = sco.Network.load(study / "data").hash
    for name in ("nodes.csv", "links.csv", "crossings.csv"):
        path = study / "data" / name
        path.write_bytes(change(path.read_text()).encode())
    assert sco.Network.load(study / "data").hash == expected


def test_a_huge_file_is_refused_without_reading_it(study: Path) -> None:
    with (study / "data/links.csv").open("ab") as file:
        file.truncate(100 * 2**20)
    done = sco_network("route", "a", "e", cwd=study)
    assert done.returncode == 1
    assert "the file has 100 MB" in done.stderr


def test_bad_input_ends_with_code_one_and_writes_nothing(study: Path) -> None:
    (study / "data/links.csv").write_text(LINKS.replace("c,d,false", "c,zz,false"))
    done = sco_network("run", cwd=study)
    assert (done.returncode, done.stdout) == (1, "")
    assert "data/links.csv:4: unknown node 'zz' in to_node_id" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(p.name for p in study.iterdir()) == ["data", "scenarios"]


def test_usage_errors_end_with_code_two(study: Path) -> None:
    assert sco_network("route", "a", cwd=study).returncode == 2
    assert sco_network("route", "a", "e", "--by", "colour", cwd=study).returncode == 2
    assert sco_network("dance", cwd=study).returncode == 2


def test_frames_are_checked(small: sco.Network) -> None:
    import pandas as pd

    nodes = pd.DataFrame(
        {"node_id": ["a", "b", "b"], "x_coord": [0, 1, 999], "y_coord": [0.0, 0, 0]}
    )
    links = pd.DataFrame(
        {
            "link_id": ["l"],
            "from_node_id": ["a"],
            "to_node_id": ["z"],
            "mode": ["rail"],
            "length_km": [-1],
        }
    )
    with pytest.raises(sco.InputError) as caught:
        sco.Network.from_frames(nodes, links)
    text = str(caught.value)
    for words in ("used more than once", "not degrees", "missing, zero or negative", "such as z"):
        assert words in text
    border = {"from_node_id": ["a", "b"], "to_node_id": ["b", "a"], "mode": "rail"}
    twice = pd.DataFrame({"crossing_id": ["x", "y"], **border})
    with pytest.raises(sco.InputError, match="2 crossings join a and b by rail; a link passes one"):
        sco.Network.from_frames(nodes, links, twice)
    with pytest.raises(sco.InputError, match="the column 'length_km' is missing"):
        sco.Network.from_frames(nodes, links.drop(columns="length_km"))
