"""Fuzz one reader, guided by the lines that its inputs reach.

    uv run --group fuzz python tools/fuzz.py csv-tables --runs 20000 --seed 1
    uv run --group fuzz python tools/fuzz.py --list

Inputs begin with real files (tests/fuzz/readers.py) and are changed by atheris, which keeps those
that reach new lines of the package, and by the mutator of the default tests. An input that ends in
anything but an answer or a refusal in words, takes longer than the time limit or more memory than
allowed is a finding: one of each kind is written to `--found`, and all are counted.
"""

from __future__ import annotations

import argparse
import faulthandler
import hashlib
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path
from types import FrameType

import atheris

ROOT = Path(__file__).parents[1]
sys.path += [str(ROOT / "tests/fuzz"), str(ROOT / "tests")]
# Not routing: numba compiles its kernels, and cannot compile what is instrumented.
GUIDED = [
    "model",
    "exchange",
    "cli",
    "errors",
    "analysis.places",
    "analysis.whatif",
    "analysis.lookup",
    "output.explorer",
    "output.ground",
]
with atheris.instrument_imports(
    include=[f"sco_network.{room}" for room in GUIDED] + ["yaml"], enable_loader_override=False
):
    from readers import READERS, Reader, mutated, survives


class Hang(BaseException):
    """An input took longer than the time limit."""


class Watch:
    """Tries inputs and counts what comes of them."""

    def __init__(self, reader: Reader, runs: int, limit_s: float, found: Path) -> None:
        self.reader, self.runs, self.limit_s, self.found = reader, runs, limit_s, found
        self.began, self.done, self.slowest_s = time.perf_counter(), 0, 0.0
        self.kinds: Counter[str] = Counter()

    def try_one(self, data: bytes) -> None:
        """Read one input; after the last one, say what was found and end."""
        began = time.perf_counter()
        # for what holds the interpreter itself: the stack, and the end
        faulthandler.dump_traceback_later(6 * self.limit_s, exit=True)
        signal.setitimer(signal.ITIMER_REAL, self.limit_s)
        try:
            survives(self.reader, data)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is a finding
            self._note(error, data)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            faulthandler.cancel_dump_traceback_later()
        self.slowest_s = max(self.slowest_s, time.perf_counter() - began)
        self.done += 1
        if self.done >= self.runs:
            self._end()

    def _note(self, error: BaseException, data: bytes) -> None:
        ours = [f for f in traceback.extract_tb(error.__traceback__) if "sco_network" in f.filename]
        place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "?"
        kind = f"{type(error).__name__} at {place}"
        self.kinds[kind] += 1
        if self.kinds[kind] == 1:
            name = f"{self.reader.name}-{hashlib.sha256(data).hexdigest()[:10]}"
            self.found.mkdir(parents=True, exist_ok=True)
            (self.found / name).write_bytes(data)
            print(f"FOUND {kind}: {error!s:.300} → {name}", flush=True)
            traceback.print_exception(error, limit=-6)

    def _end(self) -> None:
        seconds = time.perf_counter() - self.began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"RESULT {self.reader.name}: {self.done} inputs, {seconds:.0f} s, slowest "
            f"{self.slowest_s:.2f} s, peak {peak:.0f} MB, {len(self.kinds)} kinds of finding"
        )
        for kind, count in self.kinds.most_common():
            print(f"  {count} × {kind}")
        sys.stdout.flush()
        os._exit(1 if self.kinds else 0)  # libFuzzer never returns


def _hang(_number: int, _frame: FrameType | None) -> None:
    raise Hang


def main() -> None:
    """Fuzz the reader named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("reader", nargs="?", choices=sorted(READERS))
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=10, help="seconds for one input")
    parser.add_argument("--memory", type=int, default=1024, help="MB beyond those of the start")
    parser.add_argument("--found", type=Path, default=Path("fuzz-found"), help="where findings go")
    parser.add_argument("--list", action="store_true", help="name the readers")
    given = parser.parse_args()
    if given.list or not given.reader:
        print("\n".join(sorted(READERS)))
        return
    reader = READERS[given.reader]
    corpus = reader.corpus()
    for seed in corpus:  # what is compiled or imported once is not the time of an input
        survives(reader, seed)
    watch = Watch(reader, given.runs, given.limit, given.found.absolute())
    warnings.simplefilter("ignore")
    folder = Path(tempfile.mkdtemp(prefix="fuzz-corpus-"))
    for i, seed in enumerate(corpus):
        (folder / str(i)).write_bytes(seed)

    def mutate(data: bytes, max_size: int, seed: int) -> bytes:
        rng = random.Random(seed)  # noqa: S311 - no secret
        if reader.by_token or rng.random() < 0.7:
            return mutated(reader, data, corpus, rng)[:max_size]
        return bytes(atheris.Mutate(data, max_size))

    longest = max(4096, 2 * max(map(len, corpus)))
    options = [
        f"-seed={given.seed}",
        f"-max_len={longest}",
        f"-artifact_prefix={folder}/",
        "-timeout=0",
        "-rss_limit_mb=0",
        "-handle_int=0",  # Ctrl-C ends the explorer, not the fuzzing
        "-print_final_stats=0",
        "-verbosity=0",
    ]
    atheris.Setup([sys.argv[0], str(folder), *options], watch.try_one, custom_mutator=mutate)
    signal.signal(signal.SIGALRM, _hang)
    # libosmium leaves a file open for every damaged .osm.pbf, which one command never notices
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + given.memory * 2**20,) * 2)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
