"""The command line: parse, call, print."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from types import FrameType

import click

from sco_network.errors import InputError, Problem, ScoError, in_order

from . import (
    breakeven,
    claims,
    combine,
    compare,
    diff,
    evidence,
    exchange,
    explore,
    files,
    flows,
    imports,
    osm,  # noqa: F401 - a command of the group import, not of its own
    people,
    skims,
    timeline,
)
from .options import say


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sco-network")
def cli() -> None:
    """Compare transport and energy proposals with the network of today."""


for _room in (
    breakeven,
    claims,
    combine,
    compare,
    diff,
    evidence,
    exchange,
    explore,
    files,
    flows,
    imports,
    people,
    skims,
    timeline,
):
    for _command in vars(_room).values():
        if isinstance(_command, click.Command):
            cli.add_command(_command)


@contextmanager
def _ending_in_good_order() -> Iterator[None]:
    """Leave on SIGTERM as on Ctrl-C, so that nothing half-written stays."""
    ours = os.getpid()

    def end(number: int, _frame: FrameType | None) -> None:
        if os.getpid() != ours:  # a process that was forked this moment has nothing to put in order
            os._exit(128 + number)
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def main() -> None:
    """Run the command line; bad input ends with its problems and exit code 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # what a terminal of few letters cannot show
            stream.reconfigure(errors="backslashreplace")
    try:
        with _ending_in_good_order():
            cli(prog_name="sco-network")
    except InputError as error:
        for problem in in_order(error.problems):
            say(f"error: {problem}")
        sys.exit(1)
    except ScoError as error:
        say(f"error: {error}")
        sys.exit(1)
    except OSError as error:
        # a name too long, a folder closed to us, no room where stdout goes; not that the reader
        # of our output has gone, as in `| head`
        if not isinstance(error, BrokenPipeError):
            name = str(error.filename or "output")
            say(f"error: {Problem(name, None, '', error.strerror or str(error))}")
        _let_go_of_stdout()
        sys.exit(1)


def _let_go_of_stdout() -> None:
    """Keep Python from trying again, as it ends, to write what could not be written."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
