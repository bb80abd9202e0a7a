"""Mutation testing of `model` and `routing`: do the tests notice when the code is wrong?

Takes mutmut's mutants, those in decorated functions, methods and constants included, and draws
a sample by a seed. For each the tests that reach its line run in a forked process: into the
functions that the tests hold already, or, where it changes what runs on import, into a fresh
import. docs/trust.md shows how to repeat it.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import importlib
import json
import math
import os
import resource
import signal
import sys
import time
import types
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.machinery import PathFinder, SourceFileLoader
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
ROOMS = ("model", "routing")
COMPILED = tuple(f"sco_network/routing/{name}.py" for name in ("kernels", "searching", "walking"))
TESTS = (
    "tests/model",
    "tests/routing",
    "tests/analysis",
    "sco_network/model",
    "sco_network/routing",
    "tests/test_packaged.py::test_the_description_of_the_data_is_current",
)
UNFIT = ("tests/analysis/test_cluster.py", "tests/analysis/test_workers.py")  # other processes
LEAST_SECONDS, TIMES = 4, 3  # how long tests may take with a mutant: a loop may not end
MOST_SECONDS = 900
MEMORY = 6 * 2**30
EXAMPLES = 25  # of hypothesis, always the same ones
LIBRARIES = (  # imported once, before the processes that each import the package anew
    "pandas",
    "pydantic",
    "yaml",
    "hypothesis",
    "networkx",
    "scipy.sparse.csgraph",
    "scipy.special",
    "numba",
    "pytest",
    "click",
    "shapely",
    "psutil",
)


def mutants(path: str) -> list[dict[str, Any]]:
    """Return mutmut's mutants of a file, each with a name that other edits leave as it is."""
    import libcst as cst
    from libcst.metadata import MetadataWrapper, PositionProvider
    from mutmut.mutation.file_mutation import MutationVisitor
    from mutmut.mutation.mutators import mutation_operators
    from mutmut.mutation.pragma_handling import IgnoredCode

    class Visitor(MutationVisitor):
        def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
            if isinstance(node, cst.FunctionDef):
                return False  # decorated ones as well
            words = (
                isinstance(node, cst.Arg) and node.keyword and node.keyword.value == "description"
            )
            return bool(words) or super()._skip_node_and_children(node)

    lines = (ROOT / path).read_text("utf-8").splitlines()
    wrapper = MetadataWrapper(cst.parse_module("\n".join([*lines, ""])))
    visitor = Visitor(mutation_operators, IgnoredCode(set(), set(), set()))
    wrapper.visit(visitor)
    places = wrapper.resolve(PositionProvider)
    seen: Counter[Any] = Counter()
    found = []
    for mutation in visitor.mutations:
        span = places[mutation.original_node]
        before, after = (
            wrapper.module.code_for_node(n) for n in (mutation.original_node, mutation.mutated_node)
        )
        text = lines[span.start.line - 1].strip()
        key = (path, text, before, after)
        seen[key] += 1
        name = hashlib.sha256(repr((*key, seen[key])).encode()).hexdigest()[:16]
        a, b = span.start, span.end
        code = [
            *lines[: a.line - 1],
            lines[a.line - 1][: a.column] + after + lines[b.line - 1][b.column :],
            *lines[b.line :],
            "",
        ]
        found.append(
            {
                "id": name,
                "file": path,
                "line": a.line,
                "end": b.line,
                "text": text,
                "before": before,
                "after": after,
                "code": code,
            }
        )
    return found


def functions(code: types.CodeType) -> Iterator[types.CodeType]:
    """Yield the functions of a module and the methods of its classes."""
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            if const.co_flags & 2:  # has names of its own: a function
                yield const
            else:
                yield from functions(const)


def skeleton(code: types.CodeType) -> Any:
    """Return what runs on import, apart from the bodies of functions."""
    consts = [
        (c.co_qualname if c.co_flags & 2 else skeleton(c))
        if isinstance(c, types.CodeType)
        else (type(c), c)
        for c in code.co_consts
    ]
    return code.co_code, code.co_names, consts


def live_functions() -> dict[tuple[str, str], list[types.FunctionType]]:
    """Return the functions of the package that there are, by file and qualified name."""
    found: dict[tuple[str, str], list[types.FunctionType]] = {}
    for thing in gc.get_objects():
        if isinstance(thing, types.FunctionType) and "/sco_network/" in thing.__code__.co_filename:
            path = "sco_network/" + thing.__code__.co_filename.rpartition("/sco_network/")[2]
            found.setdefault((path, thing.__code__.co_qualname), []).append(thing)
    return found


class Fresh(SourceFileLoader):
    """Imports a module from other text than its file's."""

    text = ""

    def find_spec(self, name: str, where: Any = None, target: Any = None) -> Any:
        if name != self.name:
            return None
        spec = PathFinder.find_spec(name, where, target)
        spec.loader = self
        return spec

    def get_code(self, _name: str) -> Any:
        return compile(self.text, self.path, "exec", dont_inherit=True)


class Plugin:
    """Few, always equal examples; what each test reaches and takes; a loop of one's own."""

    def __init__(self, cov: Any = None, loop: Callable[[Any], None] | None = None) -> None:
        self.cov, self.loop = cov, loop
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        from hypothesis import HealthCheck, Phase, settings

        for item in items:
            test = getattr(item, "obj", None)
            test = getattr(test, "__func__", test)
            old = getattr(test, "_hypothesis_internal_use_settings", None)
            if old is not None:
                test._hypothesis_internal_use_settings = settings(
                    old,
                    max_examples=min(EXAMPLES, old.max_examples),
                    derandomize=True,
                    database=None,
                    phases=[Phase.explicit, Phase.generate],
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                )

    def pytest_runtestloop(self, session: Any) -> bool | None:
        if self.loop is None:
            return None
        self.loop(session)
        return True

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.began = time.process_time()
        if self.cov:
            self.cov.switch_context(nodeid)

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.outcome != "passed":
            self.failed.add(report.nodeid)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self.seconds[nodeid] = time.process_time() - self.began


def run_pytest(plugin: Plugin, *arguments: str) -> int:
    """Run pytest in this process and return its exit code."""
    import pytest

    off = [
        word
        for name in ("cacheprovider", "xdist", "faulthandler", "unraisableexception")
        for word in ("-p", f"no:{name}")
    ]
    return int(
        pytest.main(
            [
                *off,
                "-W",
                "ignore::pytest.PytestAssertRewriteWarning",
                "-q",
                "--tb=no",
                "--no-header",
                "-m",
                "not slow",
                f"--basetemp=/tmp/mutants-{os.getpid()}",
                "-o",
                "addopts=--doctest-modules --ignore=sco_network/_packaged",
                *arguments,
            ],
            plugins=[plugin],
        )
    )


def short(test: str) -> str:
    """Return a test without its parameters, which share their fixtures; but not in some."""
    alone = ("test_messages", "test_space", "test_walk", "test_textfile")
    return test if any(name in test for name in alone) else test.partition("[")[0]


def tests_for(kind: str) -> list[str]:
    """Return what pytest is told to run: of plain Python, which is slow, only what routes."""
    places = [t for t in TESTS if kind == "jit" or "routing" in t]
    return [*places, *(f"--ignore={path}" for path in UNFIT)]


def make_map(where: Path, kind: str) -> None:
    """Find out which tests reach which line, and how long each takes."""
    import coverage

    include = [f"*/sco_network/{room}/*" for room in ROOMS]
    cov = coverage.Coverage(data_file=None, include=include, config_file=False)
    plugin = Plugin(cov)
    cov.start()
    run_pytest(plugin, *tests_for(kind))
    cov.stop()
    data = cov.get_data()
    reach = {
        str(Path(f).relative_to(ROOT)): {
            line: sorted({short(t) for t in tests if t and t not in plugin.failed})
            for line, tests in data.contexts_by_lineno(f).items()
        }
        for f in data.measured_files()
    }
    seconds: Counter[str] = Counter()
    for test, took in plugin.seconds.items():  # parameters share their fixtures
        seconds[short(test)] += took
    (where / f"map-{kind}.json").write_text(json.dumps({"reach": reach, "seconds": seconds}))
    print("fail without any mutant:", *plugin.failed)


def chosen(mutant: dict[str, Any], known: dict[str, Any], budget: float) -> list[str]:
    """Return the tests that reach a mutant, quickest first, within a budget of seconds."""
    lines, seconds = known["reach"].get(mutant["file"], {}), known["seconds"]
    numbers = [str(n) for n in range(mutant["line"], mutant["end"] + 1)]
    tests = {t for n in numbers for t in lines.get(n, ())}
    if not tests and any(n in lines for n in numbers):  # it runs on import
        tests = {t for some in lines.values() for t in some}
    total, found = 0.0, []
    for test in sorted(tests, key=lambda t: (seconds[t], t)):
        total += seconds[test]
        if total > budget and found:
            break
        found.append(test)
    return found


def forked(act: Callable[[], int], seconds: float) -> str:
    """Return what becomes of a mutant: what a test run in a process of its own ends with."""
    pid = os.fork()
    if not pid:
        os.setpgid(0, 0)
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        limit = math.ceil(LEAST_SECONDS + TIMES * seconds)  # of computing, however busy the machine
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)
        try:
            os._exit(act())
        except BaseException:  # noqa: BLE001
            os._exit(3)
    began = time.monotonic()
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            break
        if time.monotonic() - began > MOST_SECONDS:
            os.killpg(pid, signal.SIGKILL)
        time.sleep(0.01)
    if os.WIFSIGNALED(status):
        return "timeout" if os.WTERMSIG(status) in {signal.SIGXCPU, signal.SIGKILL} else "killed"
    return {0: "survived", 5: "no tests"}.get(os.WEXITSTATUS(status), "killed")


class Batch:
    """Tests a list of mutants, one after the other, and writes down what becomes of each."""

    def __init__(
        self, sample: list[dict[str, Any]], known: dict[str, Any], out: Path, budget: float
    ) -> None:
        self.sample, self.known, self.out, self.budget = sample, known, out, budget
        self.old: dict[str, types.CodeType] = {}

    def codes(self, mutant: dict[str, Any]) -> tuple[types.CodeType, types.CodeType | None]:
        """Return the code of a mutant's module before and after; None where it is no Python."""
        path = mutant["file"]
        if path not in self.old:
            self.old[path] = compile(
                (ROOT / path).read_text("utf-8"), path, "exec", dont_inherit=True
            )
        try:
            return self.old[path], compile(
                "\n".join(mutant["code"]), path, "exec", dont_inherit=True
            )
        except SyntaxError:
            return self.old[path], None

    def cost(self, tests: list[str]) -> float:
        """Return the seconds that tests take."""
        return sum(self.known["seconds"][t] for t in tests)

    def write(self, mutant: dict[str, Any], state: str, tests: int) -> None:
        """Add a line to the results."""
        row = {k: v for k, v in mutant.items() if k != "code"} | {"state": state, "tests": tests}
        with self.out.open("a") as stream:
            stream.write(json.dumps(row) + "\n")

    def loop(self, session: Any) -> None:
        """Test those that change functions alone, within a session that has collected its tests."""
        items: dict[str, list[Any]] = {}
        for item in session.items:
            items.setdefault(short(item.nodeid), []).append(item)
        plugin = next(
            p for p in session.config.pluginmanager.get_plugins() if isinstance(p, Plugin)
        )
        live = live_functions()
        gc.collect()
        gc.freeze()
        for mutant in self.sample:
            old, new = self.codes(mutant)
            if new is None:
                self.write(mutant, "killed", 0)
                continue
            if skeleton(old) != skeleton(new):
                continue
            changed = [
                (f, g) for f, g in zip(functions(old), functions(new), strict=True) if f != g
            ]
            names = chosen(mutant, self.known, self.budget)
            tests = [i for t in names for i in items.get(t, ())]

            def act(tests: list[Any] = tests, mutant: Any = mutant, changed: Any = changed) -> int:
                for f, g in changed:
                    for function in live[mutant["file"], f.co_qualname]:
                        function.__code__ = g
                for item, after in zip(tests, [*tests[1:], None], strict=True):
                    item.ihook.pytest_runtest_protocol(item=item, nextitem=after)
                    if plugin.failed:
                        return 1
                return 0

            self.write(mutant, forked(act, self.cost(names)) if tests else "no tests", len(tests))

    def fresh(self) -> None:
        """Test those that change what runs on import."""
        for mutant in self.sample:
            old, new = self.codes(mutant)
            if new is None or skeleton(old) == skeleton(new):
                continue
            names = chosen(mutant, self.known, self.budget)

            def act(tests: list[str] = names, mutant: Any = mutant) -> int:
                loader = Fresh(mutant["file"][:-3].replace("/", "."), str(ROOT / mutant["file"]))
                loader.text = "\n".join(mutant["code"])
                sys.meta_path.insert(0, loader)  # type: ignore[arg-type]
                return run_pytest(Plugin(), "-x", *tests)

            self.write(mutant, forked(act, self.cost(names)) if names else "no tests", len(names))


def draw_sample(where: Path, size: int, seed: int) -> None:
    """Write down a sample of mutants, of every file some, and print how many there are."""
    files = [
        p.relative_to(ROOT).as_posix()
        for r in ROOMS
        for p in sorted((ROOT / "sco_network" / r).glob("*.py"))
    ]
    every = {f: mutants(f) for f in files}
    total = sum(map(len, every.values()))
    print(json.dumps({f: len(found) for f, found in every.items()} | {"total": total}, indent=1))
    for found in every.values():
        found.sort(key=lambda m: hashlib.sha256(f"{seed}{m['id']}".encode()).hexdigest())
    sample = [
        m for found in every.values() for m in found[: max(12, round(size * len(found) / total))]
    ]
    sample.sort(key=lambda m: hashlib.sha256(f"order{m['id']}".encode()).hexdigest())
    (where / "sample.json").write_text(json.dumps(sample))


def try_sample(where: Path, out: Path, kind: str, budget: float, *, fresh: bool) -> None:
    """Test what has not been tested of the sample, and add what becomes of it to `out`."""
    have = {json.loads(x)["id"] for x in out.read_text().splitlines()} if out.exists() else set()
    sample = [
        m
        for m in json.loads((where / "sample.json").read_text())
        if m["id"] not in have and (m["file"] in COMPILED) == (kind == "python")
    ]
    known = json.loads((where / f"map-{kind}.json").read_text())
    batch = Batch(sample, known, out, budget)
    if not fresh:
        run_pytest(Plugin(loop=batch.loop), *tests_for(kind))
        return
    for library in LIBRARIES:
        importlib.import_module(library)
    gc.freeze()
    batch.fresh()


def main() -> None:
    """Make the map of tests, draw a sample, or test it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["map", "sample", "run"])
    parser.add_argument("--where", type=Path, default=Path("mutants"))
    parser.add_argument("--sample", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--kind", choices=["jit", "python"], default="jit")
    parser.add_argument("--budget", type=float, default=3.0)
    parser.add_argument("--out", default="results.jsonl")
    parser.add_argument("--fresh", action="store_true")
    a = parser.parse_args()
    if a.kind == "python":  # compiled loops cannot be changed; as plain Python they can
        os.environ["NUMBA_DISABLE_JIT"] = "1"
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    match a.what:
        case "map":
            make_map(a.where, a.kind)
        case "sample":
            draw_sample(a.where, a.sample, a.seed)
        case "run":
            try_sample(a.where, a.where / a.out, a.kind, a.budget, fresh=a.fresh)


if __name__ == "__main__":
    main()
