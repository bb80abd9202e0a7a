"""What SECURITY.md promises, sentence by sentence, where no other test does so already.

Names in reports and pages: tests/output/test_report.py, tests/browser; requests that the explorer
refuses: tests/output/test_explorer.py; files of other formats: tests/exchange.
"""

from __future__ import annotations

import ast
import gzip
import subprocess
import sys
import time
from pathlib import Path

import osm_world
import pandas as pd
import pytest
import worlds
from servers import explorer

import sco_network as sco
from sco_network.cli.explore import explore
from sco_network.exchange import forms
from sco_network.exchange.osm.extract import read_file
from sco_network.output.tables import csv_text

ROOT = Path(__file__).parents[1]


def refused(study: Path, text: str) -> str:
    """Return the words in which a scenario file is refused, quickly."""
    path = study / "scenarios/bad.yaml"
    path.write_text(text, encoding="utf-8")
    began = time.perf_counter()
    with pytest.raises(sco.InputError) as caught:
        sco.Scenario.read(path)
    assert time.perf_counter() - began < 5
    return str(caught.value)


# --- YAML


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system ['touch hurt']",
        "!!python/object/new:os.system ['touch hurt']",
        "!!python/name:os.system",
        "!!python/module:antigravity",
        "!!python/object/apply:subprocess.check_output [[touch, hurt]]",
        "!<tag:yaml.org,2002:python/object/apply:os.system> ['touch hurt']",
        "!include /etc/passwd",
        "!!binary aGVsbG8=",
    ],
)
def test_a_tag_runs_nothing(study: Path, tag: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(study)
    assert "not accepted" in refused(study, f"scenario: bad\ntitle: {tag}\n")
    assert not (study / "hurt").exists()


def test_aliases_are_refused_before_they_multiply(study: Path) -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12)
    )
    assert "aliases (*name) are not accepted" in refused(study, bomb)
    assert "aliases" in refused(study, "scenario: bad\nadd: &a\n  <<: *a\n")


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_deep_nesting_is_refused_quickly(study: Path, opening: str) -> None:
    assert "nested too deeply" in refused(study, "scenario: bad\nnotes:\n  " + opening * 100_000)


@pytest.mark.parametrize("number", ["1e999", "9" * 400, "1e308", ".inf", "0x" + "f" * 40])
def test_huge_numbers_are_refused(study: Path, number: str) -> None:
    net = sco.Network.load(study / "data")
    for place in ("mode: 260", "capex_musd: 500", "wait_h: 3", "before: 24"):
        key = place.partition(":")[0]
        text = worlds.SHORT_CUT.replace("short-cut", "bad").replace(place, f"{key}: {number}", 1)
        (study / "scenarios/bad.yaml").write_text(text)
        with pytest.raises(sco.InputError, match=key):
            net.with_scenarios(sco.Scenario.load("bad", study / "scenarios"))


def test_a_file_above_the_stated_size_is_not_read(study: Path) -> None:
    with (study / "scenarios/bad.yaml").open("wb") as file:
        file.truncate(3 * 2**20)
    with pytest.raises(sco.InputError, match="the file has 3 MB, more than the 2 allowed"):
        sco.Scenario.read(study / "scenarios/bad.yaml")


# --- cells and words


def test_a_formula_stays_text_and_is_none_in_results(tmp_path: Path) -> None:
    formula = "=HYPERLINK(1)"
    study = worlds.write_study(tmp_path, nodes=worlds.NODES.replace("Alpha", formula, 1))
    assert sco.Network.load(study / "data").name_of("a") == formula
    written = csv_text(pd.DataFrame({"name": [formula, "@a", "-b", "c"], "km": [-1.0, 2, 3, 4]}))
    assert written == f"name,km\n'{formula},-1\n'@a,2\n'-b,3\nc,4\n"


def test_a_name_cannot_steer_a_terminal(tmp_path: Path) -> None:
    study = worlds.write_study(tmp_path, nodes=worlds.NODES.replace("Alpha", "\x1b]0;x\x07", 1))
    done = worlds.sco_network("validate", cwd=study)
    assert done.returncode == 1
    assert "data/nodes.csv:2: a control character stands in the text in name" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    (study / "scenarios/bad.yaml").write_text('scenario: bad\ntitle: "\\e[31m"\n')
    with pytest.raises(sco.InputError, match="a control character"):
        sco.Scenario.read(study / "scenarios/bad.yaml")
    done = worlds.sco_network("list", "--scenarios", "no\x1b[31mwhere", cwd=study)
    assert "\x1b" not in done.stdout + done.stderr


def test_dollar_signs_and_brackets_in_names_are_names(tmp_path: Path) -> None:
    odd = worlds.NODES.replace("Alpha", r"$\bad{x}$ [/bold]", 1)
    study = worlds.write_study(tmp_path, nodes=odd)
    done = worlds.sco_network("route", "a", "e", "--plot", "route.svg", cwd=study)
    assert done.returncode == 0, done.stderr
    assert "[/bold]" in done.stdout


# --- paths and archives


def test_no_path_in_a_file_leads_outside(study: Path) -> None:
    (study / "secret.yaml").write_text("scenario: secret\n")
    for key in ("includes", "requires"):
        path = study / "scenarios/bad.yaml"
        path.write_text(f"scenario: bad\nsources: [survey]\n{key}: [../secret]\n")
        with pytest.raises(sco.InputError, match=r"\.\./secret"):
            sco.Network.load(study / "data").with_scenarios(sco.Scenario.read(path))
        path.unlink()
    for name in ("../evil", str(study / "evil")):
        assert worlds.sco_network("new", name, cwd=study).returncode == 1
    assert sorted(p.name for p in study.iterdir()) == ["data", "scenarios", "secret.yaml"]


def test_archives_and_addresses_are_not_opened(tmp_path: Path) -> None:
    """GDAL would open these by their names, and look into them."""
    for name in ("/vsizip/x.zip/net.gpkg", "/vsicurl/http://127.0.0.1:1/net.gpkg", "net.zip.gpkg"):
        if not name.startswith("/"):
            (tmp_path / name).write_bytes(b"PK\x03\x04 and so on")
        with pytest.raises(sco.InputError):
            forms.read(sco.Network, tmp_path / name if name[0] != "/" else Path(name), None, print)


@pytest.mark.parametrize("ending", ["osm", "graphml"])
def test_entities_are_refused(study: Path, ending: str) -> None:
    path = study / f"net.{ending}"
    if ending == "osm":
        osm_world.railway().write(path)
    else:
        forms.write(sco.Network.load(study / "data"), path)
    declared = '?><!DOCTYPE x [<!ENTITY a "aaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
    path.write_text(path.read_text().replace("?>", declared, 1))
    with pytest.raises(sco.InputError, match="entit"):
        read_file(path, ("rail",)) if ending == "osm" else forms.read(
            sco.Network, path, None, print
        )


SMALL_MEMORY = """
import resource, sys
from pathlib import Path
from sco_network.errors import InputError
from sco_network.exchange.osm.extract import read_file
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 400 * 2**20,) * 2)
try:
    read_file(Path(sys.argv[1]), ("rail",))
except InputError as error:
    print(error)
"""


@pytest.mark.slow
def test_an_archive_that_grows_is_streamed(tmp_path: Path) -> None:
    """One MB of .osm.gz holds 600 MB; with 400 MB of memory it is read to its end."""
    path = tmp_path / "bomb.osm.gz"
    with gzip.open(path, "wb", compresslevel=6) as file:
        file.write(b'<osm version="0.6">')
        for _ in range(600):
            file.write(b" " * 2**20)
        file.write(b"</osm>")
    assert path.stat().st_size < 2 * 2**20
    command = [sys.executable, "-c", SMALL_MEMORY, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert "there is no line here" in done.stdout, done.stderr


def test_nested_shapes_end_in_words(tmp_path: Path) -> None:
    deep = '{"type":"GeometryCollection","geometries":['
    shape = deep * 400 + "]}" * 400
    feature = f'{{"type":"Feature","properties":{{}},"geometry":{shape}}}'
    path = tmp_path / "net.geojson"
    path.write_text(f'{{"type":"FeatureCollection","features":[{feature}]}}')
    with pytest.raises(sco.InputError):
        forms.read(sco.Network, path, None, print)
    nodes = "node_id,x_coord,y_coord\na,60,40\nb,61,40\n"
    link = "link_id,from_node_id,to_node_id,directed,length,mode,geometry\n"
    text = "GEOMETRYCOLLECTION (" * 50_000
    folder = tmp_path / "net"
    folder.mkdir()
    (folder / "node.csv").write_text(nodes)
    (folder / "link.csv").write_text(link + f"ab,a,b,0,100,road,{text}\n")
    (folder / "config.csv").write_text("long_length\nkm\n")
    done = worlds.sco_network("import", "gmns", "net", "--out", "data", cwd=tmp_path)
    assert done.returncode == 1, done.stderr[-300:]
    assert "Traceback" not in done.stderr


# --- code


def test_nothing_of_a_file_is_evaluated() -> None:
    """No part of the package calls what turns data into code."""
    wrong = {"eval", "exec", "compile", "__import__"}
    attributes = {("pickle", "loads"), ("pickle", "load"), ("os", "system"), ("os", "popen"),
                  ("yaml", "load"), ("yaml", "unsafe_load"), ("yaml", "full_load"),
                  ("shelve", "open"), ("marshal", "loads")}  # fmt: skip
    for path in (ROOT / "sco_network").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Name):
                assert node.func.id not in wrong, f"{path}:{node.lineno}"
            if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
                called = node.func.value.id, node.func.attr
                assert called not in attributes, f"{path}:{node.lineno}"
            assert not any(
                k.arg == "shell" and getattr(k.value, "value", None) for k in node.keywords
            )


# --- the explorer


def test_the_explorer_listens_here_alone_unless_told() -> None:
    (host,) = (p for p in explore.params if p.name == "host")
    assert host.default == "127.0.0.1"


def test_pages_from_elsewhere_get_no_answer(study: Path) -> None:
    with explorer(study) as running:
        own = running.url.rstrip("/")
        assert running.send("/api/answer", {}, origin=own)[0] == 200
        for origin in ("http://evil.example", "null", "https" + own[4:], own + "0"):
            assert running.send("/api/answer", {}, origin=origin)[0] == 403, origin
        for site in ("cross-site", "same-site"):
            assert running.send("/api/answer", {}, sec_fetch_site=site)[0] == 403
        for host in ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "[::1.x]"):
            assert running.send("/", host=host)[0] == 421, host
        for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd",
                     "/static/..%2fapp.py", "/%2e%2e/%2e%2e/etc/passwd"):  # fmt: skip
            assert running.send(path)[0] in {403, 404}, path
        policy = running.send("/")[1]["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
