"""Do what a page of the documentation says, step by step, and keep what its reader would see.

A page starts in a folder with the packaged data/ and scenarios/, as in a fresh clone. In order:

- a `sh` block is run line by line; `# exit code 1` at the end of a line is what that line must
  end with (else 0);
- a `python` block is run, all of a page with one memory;
- a block with `title="FILE"` is written to that file; as `diff`, its lines with - in the file are
  replaced by those with +;
- `<!-- run: COMMAND -->` is run, though nobody sees it; after `<!-- not run: WHY -->` the next
  block is only read: its commands must exist and take these arguments; after `<!-- slow: WHY -->`
  likewise, unless everything is asked for.

The command line runs in this process, through the same `main` as for users: a process of its own
would spend two seconds on imports, a hundred times over. Commands that take every proposal need
minutes and are only read, unless asked for.
"""

from __future__ import annotations

import atexit
import io
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from markdown_it import MarkdownIt

import sco_network.cli

ROOT = Path(__file__).parents[1]
WHOLE_PROGRAMME = {"run", "rank", "uncertainty", "stress", "timeline", "breakeven"}
INSTALLS = {"pip", "python3", "dask", "pytest", "mkdocs"}  # what no page is the place to test
FILES = {"cp", "mkdir", "mv", "sed"}
COMMENT = re.compile(r"<!-- (run|not run|slow): (.*?) -->")
EXIT_CODE = re.compile(r"#.*\bexit code (\d)")
TITLE = re.compile(r'title="([^"]+)"')


class PageError(Exception):
    """A page says what does not work."""


@dataclass(frozen=True)
class Step:
    """One thing that a page lets its reader do."""

    line: int  # where it ends
    language: str
    text: str
    title: str = ""
    unseen: bool = False
    only_read: str = ""  # "not run" or "slow"


@dataclass
class Done:
    """What a step printed, and the pictures it made."""

    step: Step
    printed: str = ""
    pictures: list[str] = field(default_factory=list)


@dataclass
class Walk:
    """All steps of a page, done in a folder of their own."""

    done: list[Done]

    def picture(self, name: str) -> bytes | None:
        """Return a picture that a step made, by its name from where the page ended or began."""
        for one in self.done:
            for path in one.pictures:
                if path.endswith(name):
                    return Path(path).read_bytes()
        return None


def steps(text: str) -> list[Step]:
    """Return the steps of a page."""
    found: list[Step] = []
    only_read = ""
    for token in MarkdownIt().parse(text):
        end = token.map[1] if token.map else 0
        if token.type == "html_block" and (comment := COMMENT.match(token.content)):
            only_read = comment[1].removeprefix("run")
            if not only_read:
                found.append(Step(end, "sh", comment[2], unseen=True))
        elif token.type == "fence":
            language, _, rest = token.info.partition(" ")
            title = TITLE.search(rest)
            if language in {"sh", "python"} or title:
                name = title[1] if title else ""
                found.append(Step(end, language, token.content, name, only_read=only_read))
            only_read = ""
    return found


@cache
def walk(name: str, text: str, *, everything: bool = False) -> Walk:
    """Do all steps of a page; the same page is done once, whoever asks.

    Raises
    ------
    PageError
        With the page, the line, and what was printed, where a step fails.
    """
    folder = TemporaryDirectory(prefix="page-", ignore_cleanup_errors=True)
    atexit.register(folder.cleanup)  # its pictures are wanted as long as the site is built
    start = Path(folder.name).resolve()
    for kept in ("data", "scenarios"):
        shutil.copytree(ROOT / kept, start / kept, ignore=shutil.ignore_patterns("__pycache__"))
    walker = _Walker(start, start, everything=everything)
    done = []
    for step in steps(text):
        before = _pictures(start)
        try:
            printed = walker.do(step)
        except PageError as error:
            raise PageError(f"{name}, block that ends in line {step.line}: {error}") from error
        made = sorted(_pictures(start) - before, key=os.path.getmtime)
        done.append(Done(step, printed, made))
    return Walk(done)


def _pictures(folder: Path) -> set[str]:
    return {str(p) for ending in ("png", "svg") for p in folder.rglob(f"*.{ending}")}


@dataclass
class _Walker:
    """Where a reader stands: the folder, and what Python remembers."""

    start: Path
    here: Path
    everything: bool
    memory: dict[str, Any] = field(default_factory=dict)

    def do(self, step: Step) -> str:
        if step.title:
            self.write(step)
            return ""
        if step.language == "python":
            return "" if self.only_reads(step) else self.python(step.text)
        return "".join(self.line(line, step) for line in _lines(step.text))

    def only_reads(self, step: Step) -> bool:
        return step.only_read == "not run" or (step.only_read == "slow" and not self.everything)

    def write(self, step: Step) -> None:
        """Write a file that the page shows, or make the change that it shows."""
        path = self.here / step.title
        if step.language != "diff":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step.text, encoding="utf-8")
            return
        old, new = (
            "\n".join(line[1:] for line in step.text.splitlines() if line.startswith(sign))
            for sign in "-+"
        )
        content = path.read_text(encoding="utf-8")
        if content.count(old) != 1:
            raise PageError(f"{step.title} has {content.count(old)} times, not once:\n{old}")
        path.write_text(content.replace(old, new), encoding="utf-8")

    def python(self, text: str) -> str:
        with _hearing(self.here) as heard:
            try:
                exec(compile(text, "<page>", "exec"), self.memory)  # noqa: S102 - our own pages
            except Exception as error:
                raise PageError(f"{type(error).__name__}: {error}\n{text}") from error
        return heard.words(self.start)

    def line(self, line: str, step: Step) -> str:
        """Run one line; commands joined by && stand in one line."""
        expected = EXIT_CODE.search(line)
        said, code = "", 0
        for words in _commands(line):
            if not self.only_reads(step):
                said, code = self.command(words)
            elif words[0] == "sco-network":
                _parsed(words[1:])
        if not self.only_reads(step) and code != (int(expected[1]) if expected else 0):
            raise PageError(f"exit code {code} of\n{line}\n{said}")
        return said

    def command(self, words: list[str]) -> tuple[str, int]:
        """Run one command; return what it says and its exit code."""
        if words[:2] in (["uv", "run"], [".uv/bin/uv", "run"]):
            words = words[2:]
        name, *arguments = words
        if name == "sco-network":
            return self.sco_network(arguments)
        if name == "python":
            return self.in_process(arguments[0], arguments[1:])
        if name in FILES:
            ran = subprocess.run(words, cwd=self.here, check=False, capture_output=True, text=True)  # noqa: S603
            return ran.stdout + ran.stderr, ran.returncode
        if name == "cd":
            self.here = self.here / arguments[0]
        elif name not in INSTALLS:
            raise PageError(f"'{name}' is unknown to tools/walkthrough.py")
        return "", 0

    def sco_network(self, arguments: list[str]) -> tuple[str, int]:
        """Run one of our commands, unless it takes minutes."""
        command, parameters = _parsed(arguments)
        if command == "explore":
            return self.explore(arguments), 0
        if command in WHOLE_PROGRAMME and not parameters["names"] and not self.everything:
            return "", 0
        return self.in_process("sco-network", arguments)

    def in_process(self, what: str, arguments: list[str]) -> tuple[str, int]:
        """Run the command line, or a script, as if it were started by itself."""
        target = None
        if ">" in arguments:
            *arguments, _, target = arguments
        code: Any = 0
        with _hearing(self.here, what, *arguments) as heard:
            try:
                if what == "sco-network":
                    sco_network.cli.main()
                else:
                    runpy.run_path(str(self.here / what), run_name="__main__")
            except SystemExit as end:
                code = end.code or 0
        if target:
            (self.here / target).write_text(heard.out.getvalue(), encoding="utf-8")
            return "", int(code)
        return heard.words(self.start), int(code)

    def explore(self, arguments: list[str]) -> str:
        """Start the explorer, ask for its page, and end it; a reader sees the page, not words."""
        command = [sys.executable, "-m", "sco_network", *arguments, "--port", "0", "--no-browser"]
        with subprocess.Popen(  # noqa: S603
            command, cwd=self.here, stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                for line in process.stderr or ():
                    if found := re.search(r"http://\S+/", line):
                        with urllib.request.urlopen(found[0], timeout=60) as page:  # noqa: S310
                            if b"<title>" in page.read():
                                return ""
            finally:
                process.terminate()
        raise PageError("the explorer did not answer")


@dataclass
class _Heard:
    """What was printed."""

    out: io.StringIO = field(default_factory=io.StringIO)
    err: io.StringIO = field(default_factory=io.StringIO)

    def words(self, start: Path) -> str:
        """Return all of it, without progress bars and without this machine's paths."""
        lines = (self.out.getvalue() + self.err.getvalue()).splitlines()
        kept = (line.rstrip() for line in lines if "━" not in line)
        return "".join(f"{line}\n" for line in kept).replace(str(start), "/home/you")


@contextmanager
def _hearing(here: Path, *argv: str) -> Iterator[_Heard]:
    """Stand in a folder, started with these arguments, and hear what is printed."""
    heard, before = _Heard(), sys.argv
    sys.argv = list(argv)
    try:
        with chdir(here), redirect_stdout(heard.out), redirect_stderr(heard.err):
            yield heard
    finally:
        sys.argv = before


def _lines(text: str) -> Iterator[str]:
    """Return the lines of a block, those that end in a backslash joined with the next."""
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield line


def _commands(line: str) -> Iterator[list[str]]:
    words: list[str] = []
    for word in [*shlex.split(line, comments=True), "&&"]:
        if word != "&&":
            words.append(word)
        elif words:
            yield words
            words = []


def _parsed(arguments: list[str]) -> tuple[str, dict[str, Any]]:
    """Return a command's name and parameters, or say how it is misused."""
    command: click.Command = sco_network.cli.cli
    rest = arguments[: arguments.index(">")] if ">" in arguments else list(arguments)
    name = ""
    try:
        while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
            name = rest.pop(0)
            command = command.commands[name]
        return name, command.make_context(name, rest).params
    except (click.UsageError, KeyError) as error:
        said = error.format_message() if isinstance(error, click.UsageError) else str(error)
        raise PageError(f"sco-network {' '.join(arguments)}: {said}") from error
    except click.exceptions.Exit:  # --help
        return name, {"names": ("",)}
