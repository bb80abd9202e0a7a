"""What may go wrong around the program: kills, full disks, two at once, clocks, locales, paths."""

from __future__ import annotations

import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import worlds

import sco_network as sco
from sco_network.cli import main
from sco_network.model.writing import replaced_folder

PYTHON = [sys.executable, "-m", "sco_network"]
RUN = [*PYTHON, "run", "faster-border", "--jobs", "2", "--basemap", "none"]
Files = dict[str, bytes]
Say = Callable[..., tuple[int, str]]


def files_of(folder: Path) -> Files:
    """Return every file of a folder by its name."""
    found = (p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in found}


def do(
    study: Path, *command: str, before: Callable[[], None] | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command in a study."""
    return subprocess.run(
        command,
        cwd=study,
        capture_output=True,
        check=False,
        timeout=300,
        encoding="utf-8",
        errors="replace",
        preexec_fn=before,
        env=os.environ | {"COLUMNS": "200"} | environment,
    )


@pytest.fixture
def say(study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Return a function that runs a command in this process: its exit code and words."""
    monkeypatch.chdir(study)

    def run(*command: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["sco-network", *command])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), capsys.readouterr().err

    return run


def hidden(study: Path) -> list[str]:
    return sorted(p.name for p in study.iterdir() if p.name.startswith("."))


# --- kills

SWAP = """
import sys
from pathlib import Path
from sco_network.model.writing import replaced_folder
turn, last = int(sys.argv[2]), int(sys.argv[3])
print("ready", flush=True)
while turn < last:
    turn += 1
    with replaced_folder(Path(sys.argv[1])) as folder:
        for i in range(5):
            (folder / f"{i}.txt").write_text(str(turn))
"""


def swapping(study: Path, first: int, last: int) -> subprocess.Popen[str]:
    """Start a process that replaces a folder again and again."""
    command = [sys.executable, "-c", SWAP, "results", str(first), str(last)]
    process = subprocess.Popen(command, cwd=study, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_a_kill_between_two_folders_leaves_one_of_them_whole(tmp_path: Path) -> None:
    rng = random.Random(3)
    for turn in range(15):
        with swapping(tmp_path, turn * 1_000_000, 10**9) as process:
            time.sleep(rng.uniform(0.005, 0.05))
            process.kill()
        found = files_of(tmp_path / "results")
        assert sorted(found) == [f"{i}.txt" for i in range(5)]
        assert len(set(found.values())) == 1, "the results are a mixture"
        assert int(found["0.txt"]) > turn * 1_000_000
        assert len(hidden(tmp_path)) <= 1, "leftovers heap up"
    with replaced_folder(tmp_path / "results") as folder:
        (folder / "0.txt").write_text("last")
    assert files_of(tmp_path) == {"results/0.txt": b"last"}


def test_two_that_replace_one_folder_at_once_take_turns(tmp_path: Path) -> None:
    both = [swapping(tmp_path, first, first + 200) for first in (0, 1_000_000)]
    for process in both:
        with process:
            # it may have been refused, in words, as the other one took its folder away
            assert process.wait(60) in {0, 1}
    found = files_of(tmp_path / "results")
    assert len(found) == 5
    assert len(set(found.values())) == 1
    assert hidden(tmp_path) == []


def test_a_folder_that_was_set_aside_comes_back(tmp_path: Path) -> None:
    """Where the system cannot exchange folders, a kill may come between two renames."""
    aside = tmp_path / ".results-abcdefgh.old"
    aside.mkdir()
    (aside / "run.json").write_text("old")
    (tmp_path / ".results-abcdefgh").mkdir()
    (tmp_path / ".results-of-mine").mkdir()
    with pytest.raises(RuntimeError), replaced_folder(tmp_path / "results"):
        raise RuntimeError
    assert (tmp_path / "results/run.json").read_text() == "old"
    assert hidden(tmp_path) == [".results-of-mine"]


@pytest.fixture(scope="module")
def killing(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Files], float]:
    """A study, all the files of its results by time and by cost, and how long a run takes."""
    study = worlds.write_study(tmp_path_factory.mktemp("kill") / "study")
    found = {}
    for by in ("cost", "time"):
        began = time.monotonic()
        done = do(study, *RUN, "--by", by)
        assert done.returncode == 0, done.stderr
        found[by] = files_of(study / "results")
    assert found["time"]["summary.csv"] != found["cost"]["summary.csv"]
    return study, found, time.monotonic() - began


def interrupted(study: Path, by: str, after_s: float, number: int) -> int:
    """Run, and send a signal to the parent alone after a while; return its exit code."""
    process = subprocess.Popen(
        [*RUN, "--by", by], cwd=study, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        process.wait(after_s)
    except subprocess.TimeoutExpired:
        process.send_signal(number)
    _, said = process.communicate(timeout=100)
    # a signal may come before the program itself begins, while Python starts
    assert "Traceback" not in said or after_s < 3, said
    return process.returncode


@pytest.mark.slow
def test_a_hundred_runs_killed_at_random_leave_the_old_results_or_the_new(
    killing: tuple[Path, dict[str, Files], float],
) -> None:
    study, found, whole_s = killing
    rng, now = random.Random(1), "time"
    seen = {"killed": 0, "old": 0, "new": 0, "left something": 0, "ended before": 0}
    while seen["killed"] < 100:
        by = "cost" if now == "time" else "time"
        number = rng.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT))
        # half of them near the end, where the folders change places
        after_s = whole_s * rng.uniform(0.8 if rng.random() < 0.5 else 0, 1.05)
        began, before = time.monotonic(), set(hidden(study))
        code = interrupted(study, by, after_s, number)
        files = files_of(study / "results")
        assert files in (found[now], found[by]), "the results are a mixture"
        assert code != 0 or files == found[by]
        if code == 0:  # before the signal: the machine has more time than it had
            seen["ended before"] += 1
            whole_s = 0.5 * (whole_s + time.monotonic() - began)
        else:
            seen["killed"] += 1
            seen["old" if files == found[now] else "new"] += 1
        seen["left something"] += bool(set(hidden(study)) - before)
        assert len(hidden(study)) <= 3, "leftovers heap up"
        now = now if files == found[now] else by
    time.sleep(0.5)  # until the last one's workers have seen that their parent is gone
    assert do(study, *RUN, "--by", "time").returncode == 0
    assert files_of(study / "results") == found["time"]
    assert hidden(study) == []
    if log := os.environ.get("SCO_TEST_LOG"):
        Path(log).write_text(json.dumps(seen), encoding="utf-8")
    assert seen["old"] > 50, f"the moments were badly chosen: {seen}"


@pytest.mark.slow
def test_a_run_whose_process_is_killed_is_as_whole_as_another(study: Path) -> None:
    process = subprocess.Popen(
        [*PYTHON, "run", "--jobs", "2"], cwd=study, stderr=subprocess.PIPE, text=True
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if not children.exists():
        process.kill()
        process.communicate()
        pytest.skip("needs /proc")
    while not (workers := children.read_text().split()) and process.poll() is None:
        time.sleep(0.02)
    os.kill(int(workers[0]), signal.SIGKILL)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert worlds.sco_network("run", "--out", "again", cwd=study).returncode == 0
    assert files_of(study / "results") == files_of(study / "again")


# --- disks


def little_room() -> None:
    """No file may have more than 2 kB; the write that passes it fails as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))


@pytest.mark.parametrize(
    "command",
    [
        ("export", "gpkg", "--out", "old"),
        ("export", "geojson", "--out", "old"),
        ("route", "a", "e", "--plot", "old.svg"),
        ("init", "fresh"),
    ],
    ids=str,
)
def test_a_full_disk_is_said_and_the_old_file_stays(study: Path, command: tuple[str, ...]) -> None:
    for name in ("old", "old.svg"):
        (study / name).write_text("old")
    done = do(study, *PYTHON, *command, before=little_room)
    assert done.returncode == 1
    assert "error:" in done.stderr
    assert "Traceback" not in done.stderr
    assert (study / "old").read_text() == (study / "old.svg").read_text() == "old"
    assert hidden(study) == []


@contextmanager
def mounted(folder: Path, size: str) -> Iterator[None]:
    """Mount a disk of its own at a folder."""
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        pytest.skip("needs the right to mount")
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={size}", "none"]
    if subprocess.run([mount, *options, folder], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.fixture
def full(study: Path) -> Iterator[Path]:
    """A study on a disk of its own that has no more room than for itself."""
    disk = study.parent / "disk"
    with mounted(disk, "256k"):
        shutil.copytree(study, disk / "study")
        yield disk / "study"


@pytest.mark.slow
def test_a_run_on_a_full_disk_leaves_nothing_behind(full: Path) -> None:
    (full / "results").mkdir()
    (full / "results/run.json").write_text("old")
    done = do(full, *RUN)
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert files_of(full / "results") == {"run.json": b"old"}
    assert hidden(full) == []


def in_read_only(folder: Path, command: list[str]) -> list[str]:
    """Return a command for which a folder can only be read; root too, in a mount of its own."""
    if os.geteuid() != 0:
        folder.chmod(0o555)
        return command
    script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && cd "$0" && exec "$@"'
    trial = ["unshare", "-m", "sh", "-c", script, str(folder), "true"]
    if not shutil.which("unshare") or subprocess.run(trial, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    return [*trial[:-1], *command]


@pytest.mark.parametrize(
    "command",
    [
        ("run", "faster-border", "--basemap", "none"),
        ("export", "gmns", "--out", "net"),
        ("export", "graphml", "--out", "net.graphml"),
        ("new", "mine"),
        ("init", "fresh"),
        ("skim", "--out", "skim.csv"),
    ],
    ids=str,
)
def test_a_read_only_folder_is_said(study: Path, command: tuple[str, ...]) -> None:
    done = do(study, *in_read_only(study, [*PYTHON, *command]))
    assert done.returncode == 1, done.stderr
    assert any(w in done.stderr for w in ("Read-only", "Permission denied", "cannot be written"))
    assert "Traceback" not in done.stderr


# --- links, mounted disks, devices


def test_links_lead_to_what_is_replaced_on_another_disk_too(study: Path, say: Say) -> None:
    disk = study.parent / "disk"
    with mounted(disk, "1m"):
        for name in ("net", "net.geojson"):
            (study / name).symlink_to(disk / name)
        for _ in range(2):  # where nothing is yet, and where something is
            assert say("export", "gmns", "--out", "net")[0] == 0
            assert say("export", "geojson", "--out", "net.geojson")[0] == 0
            found = files_of(disk)
            assert found["net/link.csv"]
            assert json.loads(found["net.geojson"])["type"] == "FeatureCollection"
            assert not [name for name in found if name.startswith(".")]
        assert (study / "net").is_symlink()
        assert (study / "net.geojson").is_symlink()
    assert hidden(study) == []


@pytest.mark.slow
def test_a_run_into_a_link_is_as_any_other(
    killing: tuple[Path, dict[str, Files], float], tmp_path: Path
) -> None:
    study, found, _ = killing
    with mounted(tmp_path / "disk", "20m"):
        (study / "elsewhere").symlink_to(tmp_path / "disk/results")
        for by in ("cost", "time"):
            done = do(study, *RUN, "--by", by, "--out", "elsewhere")
            assert done.returncode == 0, done.stderr
            there = files_of(tmp_path / "disk")
            assert there == {f"results/{name}": raw for name, raw in found[by].items()}
        (tmp_path / "disk/results/run.json").unlink()
        done = do(study, *RUN, "--out", "elsewhere")
        assert (done.returncode, "not a folder of earlier results" in done.stderr) == (1, True)
        assert (tmp_path / "disk/results/summary.csv").is_file()
    (study / "elsewhere").unlink()


def test_a_mounted_folder_is_refused_before_any_work(study: Path, say: Say) -> None:
    with mounted(study / "results", "1m"):
        (study / "results/run.json").write_text("old")
        for command in ("run", "run --out results/"):
            code, said = say(*command.split())
            assert (code, "a disk is mounted here" in said) == (1, True)
            assert "Comparing: " not in said, "a scenario was compared in vain"
        assert files_of(study / "results") == {"run.json": b"old"}
        assert say("export", "gmns", "--out", "results/net")[0] == 0
    assert hidden(study) == []


def test_a_device_is_not_replaced(study: Path, say: Say) -> None:
    """Root may replace /dev/null by a file; then little on the machine works any more."""
    (study / "net").symlink_to("/dev/null")
    for command in ("skim --out", "export geojson --out", "export gmns --out", "run --out",
                    "route a e --plot"):  # fmt: skip
        code, said = say(*command.split(), "net")
        assert (code, "Choose another" in said) == (1, True), said
    assert Path("/dev/null").is_char_device()
    assert hidden(study) == []


# --- names that are too long, output that has nowhere to go


@pytest.mark.parametrize(
    "command",
    ["list --scenarios", "validate", "run --out", "explain", "new", "init", "diff data",
     "import geojson --out net", "export gmns --out", "route a e --plot", "route a e --scenario"],
)  # fmt: skip
def test_a_name_that_is_too_long_is_said(say: Say, command: str) -> None:
    code, said = say(*command.split(), "x" * 300)
    assert (code, "x" * 300 in said) == (1, True)


@pytest.mark.parametrize("command", ["list", "route a e --json", "--help"])
def test_output_onto_a_full_disk_is_said(study: Path, command: str) -> None:
    with Path("/dev/full").open("w") as full_disk:
        done = subprocess.run(
            [*PYTHON, *command.split()],
            cwd=study,
            stdout=full_disk,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "error: output: No space left on device.\n"


@pytest.mark.parametrize("command", ["list", "route a e --json"])
def test_output_that_is_closed_is_no_fault(study: Path, command: str) -> None:
    done = do(study, *PYTHON, *command.split(), before=lambda: os.close(1))
    assert (done.returncode, done.stderr) == (0, "")


# --- clocks, locales, paths


@pytest.mark.slow
def test_results_are_the_same_whenever_wherever_and_with_whatever_workers(
    killing: tuple[Path, dict[str, Files], float], tmp_path: Path
) -> None:
    study, found, _ = killing
    by_time = found["time"]

    def again(*before: str, at: Path = study, **environment: str) -> Files:
        done = do(at, *before, *RUN, "--out", "again", **environment)
        assert done.returncode == 0, done.stderr
        return files_of(at / "again")

    assert again(PYTHONHASHSEED="1") == by_time
    assert again(PYTHONHASHSEED="2", SOURCE_DATE_EPOCH="1") == by_time
    assert again(LANG="C", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0") == by_time
    done = do(study, *RUN[:-4], "--basemap", "none", "--jobs", "1", "--out", "one")
    assert (done.returncode, files_of(study / "one")) == (0, by_time)
    elsewhere = tmp_path / "поезд и 路 – it's"
    shutil.copytree(study / "data", elsewhere / "data")
    shutil.copytree(study / "scenarios", elsewhere / "scenarios")
    assert again(at=elsewhere) == by_time
    if "de_DE.utf8" in do(study, "locale", "-a").stdout:
        assert again(LC_ALL="de_DE.UTF-8", LANG="de_DE.UTF-8") == by_time
    if faketime := shutil.which("faketime"):
        assert again(faketime, "2001-01-01 00:00:00") == by_time
        assert again(faketime, "-f", "+40y x500") == by_time  # a clock that runs away


@pytest.mark.slow
def test_a_clock_that_jumps_while_a_run_works_changes_nothing(
    killing: tuple[Path, dict[str, Files], float], tmp_path: Path
) -> None:
    study, found, _ = killing
    faketime = shutil.which("faketime")
    if faketime is None:
        pytest.skip("needs faketime")
    said = subprocess.run([faketime, "now", "env"], capture_output=True, text=True, check=True)
    preload = next(x for x in said.stdout.splitlines() if x.startswith("LD_PRELOAD="))
    clock = tmp_path / "clock"
    clock.write_text("+0")
    settings = {
        "LD_PRELOAD": preload.partition("=")[2],
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # as it is where the clock of a machine is set
        "FORCE_COLOR": "1",  # the progress bar as on a terminal
    }
    process = subprocess.Popen(
        [*RUN, "--out", "jumped"],
        cwd=study,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | settings,
    )
    while not hidden(study) and process.poll() is None:
        time.sleep(0.01)
    years = set()
    while process.poll() is None:
        clock.write_text("-20y" if len(years) % 2 else "+20y")
        years.add(do(study, "date", "+%Y", **settings).stdout)
        time.sleep(0.1)
    assert len(years) == 2
    _, progress = process.communicate()
    assert process.returncode == 0
    assert files_of(study / "jumped") == found["time"]
    assert hidden(study) == []
    spent = re.findall(r"1/1.*?(-?\d+:\d\d:\d\d)", progress)
    assert spent
    assert all(re.match(r"0:0[0-4]:", one) for one in spent), "the bar counted the jumps"


@pytest.mark.parametrize("encoding", ["C", "de_DE.UTF-8"])
def test_words_and_json_bear_any_locale(study: Path, encoding: str) -> None:
    nodes = study / "data/nodes.csv"
    nodes.write_text(nodes.read_text().replace("Alpha", "Ürümqi – 乌鲁木齐"), encoding="utf-8")
    settings = {"LANG": encoding, "LC_ALL": encoding, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = do(study, *PYTHON, "show", "a", "--json", **settings)
    assert done.returncode == 0, done.stderr
    assert "Ürümqi – 乌鲁木齐" in json.dumps(json.loads(done.stdout), ensure_ascii=False)
    for command in (["route", "a", "e"], ["show", "a"], ["list"], ["route", "\udcff", "e"]):
        done = do(study, *PYTHON, *command, **settings)
        assert done.returncode == (1 if "\udcff" in command else 0), done.stderr
        assert "Traceback" not in done.stderr
    assert "mqi" in do(study, *PYTHON, "show", "a", **settings).stdout


def test_windows_line_ends_and_byte_order_marks_change_nothing(study: Path) -> None:
    before = sco.Network.load(study / "data")
    scenario = sco.Scenario.load("short-cut", study / "scenarios")
    for path in [*study.rglob("*.csv"), *study.rglob("*.yaml")]:
        text = path.read_text(encoding="utf-8")
        path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert sco.Network.load(study / "data").hash == before.hash
    assert sco.Scenario.load("short-cut", study / "scenarios").hash == scenario.hash


def test_what_made_results_is_shown(study: Path) -> None:
    record = {
        "package": "0.1",
        "data": "0123",
        "by": "cost",
        "basemap": "none",
        "scenarios": {"x": "4567"},
    }
    (study / "results").mkdir()
    made = study / "results/run.json"
    made.write_text(json.dumps(record))
    shown = do(study, *PYTHON, "explain", "results").stdout
    for value in ("0.1", "0123", "cost", "none", "scenario x", "4567"):
        assert value in shown
    assert json.loads(do(study, *PYTHON, "explain", "results", "--json").stdout) == record
    made.write_text("[]")
    wrong = do(study, *PYTHON, "explain", "results")
    assert (wrong.returncode, "not what 'sco-network run' writes" in wrong.stderr) == (1, True)
