"""Files as people save them: what is read, what is refused, and the line that is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sco_network.errors import Problems
from sco_network.model import textfile
from sco_network.model.textfile import dotted, plain_scalar, read_csv, read_text, read_yaml


def csv_of(path: Path, text: str) -> tuple[Any, list[str]]:
    path.write_text(text, encoding="utf-8")
    problems = Problems()
    file = read_csv(path, problems)
    assert all(isinstance(p.field, str) for p in problems.found)
    return file, [str(p).replace(str(path), "file") for p in problems.found]


def yaml_of(path: Path, text: str) -> tuple[Any, list[str]]:
    path.write_text(text, encoding="utf-8")
    problems = Problems()
    document = read_yaml(path, problems)
    assert all(isinstance(p.field, str) for p in problems.found)
    return document, [str(p).replace(str(path), "file") for p in problems.found]


def test_rows_know_their_lines(tmp_path: Path) -> None:
    file, problems = csv_of(tmp_path / "x.csv", 'a , b\n1,"two\nlines"\n\n ,\n 3 , 4\n')
    assert problems == []
    assert file.header == ["a", "b"]
    assert file.rows == [(2, {"a": "1", "b": "two\nlines"}), (6, {"a": "3", "b": "4"})]
    assert file.file == str(tmp_path / "x.csv")


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_the_mark_between_columns_is_found(tmp_path: Path, mark: str) -> None:
    file, _ = csv_of(tmp_path / "x.csv", mark.join("abc") + "\n" + mark.join("123") + "\n")
    assert file.rows == [(2, {"a": "1", "b": "2", "c": "3"})]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "file:1: the file is empty. Its first line must name the columns"),
        (" \na\n", "file:1: the file is empty. Its first line must name the columns"),
        ("a,b\n1\n", "file:2: the row has 1 fields, the header 2. A text with a comma needs quotes around it"),
        ('a,b\n1,2\n"3,4\n', "file:3: this is not well-formed CSV (unexpected end of data). Check the quotes"),
        ("a,b,a\n1,2,3\n", "file:1: the column appears twice in a. Remove one of them"),
    ],
)  # fmt: skip
def test_tables_that_are_none(tmp_path: Path, text: str, expected: str) -> None:
    assert csv_of(tmp_path / "x.csv", text)[1] == [expected]


def test_files_that_are_no_text(tmp_path: Path) -> None:
    problems = Problems()
    path = tmp_path / "x.csv"
    assert read_text(path, 10, problems) is None
    assert read_text(tmp_path, 10**6, problems) is None
    path.write_bytes(b"a\nb\n\xff\n")
    assert read_text(path, 10, problems) is None
    path.write_bytes(b"a\0")
    assert read_text(path, 10, problems) is None
    path.write_bytes(b"x" * 3 * 2**20)
    assert read_text(path, 2 * 2**20, problems) is None
    said = [str(p).replace(str(tmp_path), "at") for p in problems.found]
    assert said == [
        "at/x.csv: the file does not exist.",
        "at: the file cannot be read: Is a directory.",
        "at/x.csv:3: this is not UTF-8 text. Save the file as 'CSV UTF-8'",
        "at/x.csv: this is a binary file, not text. Save it as UTF-8 text",
        "at/x.csv: the file has 3 MB, more than the 2 allowed. Is this the right file? Large networks go through Network.from_frames",
    ]
    path.write_bytes(b"\xef\xbb\xbfa,b")
    assert read_text(path, 6, problems) == "a,b"
    assert len(problems.found) == 5


def test_a_path_is_shown_as_one_writes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert textfile.shown(tmp_path / "data" / "x.csv") == "data/x.csv"
    assert textfile.shown(Path("x.csv")) == "x.csv"
    assert textfile.shown(tmp_path.parent / "x.csv") == str(tmp_path.parent / "x.csv")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"), ("yes", "yes"), ("on", "on"), ("true", True), ("FALSE", False), ("True", True),
        ("tRUE", "tRUE"), ("", None), ("~", None), ("null", None), ("nULL", "nULL"), ("NULL", None),
        ("12", 12), ("-3", -3), ("+3", 3), ("007", 7), ("12345678901234567890", 12345678901234567890.0),
        ("999999999999999999", 999999999999999999), ("1.5", 1.5), (".5", 0.5), ("5.", 5.0), ("1e3", 1000.0),
        ("1E-3", 0.001), ("-1.5e+2", -150.0), ("1e", "1e"), ("20:30", "20:30"), ("1_000", "1_000"),
        ("0x10", "0x10"), ("inf", "inf"), (".nan", ".nan"), ("1.2.3", "1.2.3"), ("12 km", "12 km"),
        ("2026-11-26", "2026-11-26"),
    ],
)  # fmt: skip
def test_bare_words(text: str, value: Any) -> None:
    found = plain_scalar(text)
    assert found == value
    assert type(found) is type(value)


def test_a_document_knows_its_lines(tmp_path: Path) -> None:
    text = "a: 1\nb:\n  - {c: 'no', d: \"12\"}\n  - |\n    12\n"
    document, problems = yaml_of(tmp_path / "x.yaml", text)
    assert problems == []
    assert document.value == {"a": 1, "b": [{"c": "no", "d": "12"}, "12\n"]}
    assert document.line(("a",)) == 1
    assert document.line(("b", 0, "d")) == 3
    assert document.line(("b", 0, "nothing", 5)) == 3  # the nearest around it
    assert document.line(("z",)) == 1
    assert textfile.YamlFile("x", None).line(("a",)) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["file:1: the file is empty."]),
        ("a: 1\nb: *a\n", ["file:2: aliases (*name) are not accepted. Write the value out"]),
        ("a:\n  b: 1\n  b: 2\n", ["file:3: the key 'b' appears twice in a.b. Keep one of them"]),
        ("a: !!set {b}\n", ["file:1: tags (tag:yaml.org,2002:set) are not accepted in a."]),
        ("a: [!x 1]\n", ["file:1: tags (!x) are not accepted in a[0]."]),
        ("a: 1\n? {b: 1}\n: 2\n", ["file:2: a key must be a word."]),
        ("a: [1\n", ["file:2: this is not well-formed YAML (did not find expected ',' or ']'). Check the indentation, the colons and the brackets"]),
        ("a: 1\n---\nb: 2\n", ["file:2: this is not well-formed YAML (but found another document). Check the indentation, the colons and the brackets"]),
        ("a: \x07\n", ["file: this is not well-formed YAML (unacceptable character #x0007: control"]),
    ],
)  # fmt: skip
def test_documents_that_are_refused(tmp_path: Path, text: str, expected: list[str]) -> None:
    found = yaml_of(tmp_path / "x.yaml", text)[1]
    assert len(found) == len(expected)
    assert all(f.startswith(e) for f, e in zip(found, expected, strict=True)), found


def test_how_deep_a_document_may_be(tmp_path: Path) -> None:
    deep = "[" * textfile.MAX_YAML_DEPTH + "1" + "]" * textfile.MAX_YAML_DEPTH
    assert yaml_of(tmp_path / "x.yaml", f"{deep}\n")[1] == []
    assert yaml_of(tmp_path / "x.yaml", f"[{deep}]\n")[1] == [
        "file:1: the file is nested too deeply."
    ]


def test_a_place_in_a_file() -> None:
    assert dotted(("add", "links", 2, "length_km")) == "add.links[2].length_km"
    assert dotted((0, "a")) == "[0].a"
    assert dotted(()) == ""
