"""How long the commands of every day take, beside another version of this project.

    python benchmarks/everyday.py [--times 5] [--with-run] [--against OTHER_CHECKOUT] [--page FILE]

Each command is a process of its own, as a user starts it. With another checkout (set up with its
own `.venv`) the two take turns, so that a busy machine slows both: look at the ratio. CPU seconds
count all processes that a command starts.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
COMMANDS = {
    "start (`--help`)": ["--help"],
    "`list`": ["list"],
    "`validate`": ["validate"],
    "`route Karachi Tashkent`": ["route", "Karachi", "Tashkent"],
    "`compare cku-railway`": ["compare", "cku-railway"],
    "`claims`": ["claims"],
    "`rank` (21 proposals)": ["rank"],
    "`explain Karachi Tashkent`": ["explain", "Karachi", "Tashkent"],
}
RUN = {"`run` (33 scenarios)": ["run", "--out", "results"]}


@dataclass(frozen=True)
class Taken:
    """Seconds of one run of a command: on the clock, and of all its processors."""

    wall: float
    cpu: float


def take(checkout: Path, words: Sequence[str]) -> Taken:
    """Run a command of a checkout, with its data, and return what it took."""
    python = checkout / ".venv" / "bin" / "python"
    own = ("--data", str(checkout / "data")) if words[0] not in {"--help", "list"} else ()
    with tempfile.TemporaryDirectory() as folder:
        begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(  # noqa: S603 - our own command
            [python, "-m", "sco_network", *words, *own],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(checkout)},
            check=True,
            capture_output=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Taken(time.perf_counter() - begun, used)


def main() -> None:
    """Measure, print a table, write it where asked."""
    wanted = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    wanted.add_argument("--times", type=int, default=5)
    wanted.add_argument("--with-run", action="store_true", help="also the main job, once each")
    wanted.add_argument("--against", type=Path)
    wanted.add_argument("--page", type=Path)
    options = wanted.parse_args()
    sides = [ROOT, *([options.against.resolve()] if options.against else [])]
    lines = [
        (
            f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; "
            f"load {os.getloadavg()[0]:.1f} at the start. Medians of {options.times}, `run` once."
        ),
        "",
        "| command | wall s | CPU s |" + (" before, wall s | ratio |" if options.against else ""),
        "|---|--:|--:|" + ("--:|--:|" if options.against else ""),
    ]
    for name, words in (COMMANDS | (RUN if options.with_run else {})).items():
        times = 1 if words[0] == "run" else options.times
        rounds = [[take(side, words) for side in sides] for _ in range(times)]
        ours = Taken(*(median(getattr(r[0], f) for r in rounds) for f in ("wall", "cpu")))
        line = f"| {name} | {ours.wall:.2f} | {ours.cpu:.2f} |"
        if options.against:
            ratio = median(r[1].wall / r[0].wall for r in rounds)
            line += f" {median(r[1].wall for r in rounds):.2f} | {ratio:.2f} |"
        lines.append(line)
        print(line, file=sys.stderr)
    text = "\n".join(lines) + "\n"
    print(text)
    if options.page:
        options.page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
