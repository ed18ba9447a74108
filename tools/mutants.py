"""Change the package a little, again and again, and see whether a test notices: `make mutants`.

    python -m tools.mutants --sample 300 --seed 1
    python -m tools.mutants --deleted-calls
    python -m tools.mutants --only kafkabook/log/segment.py:118

Each worker has a copy of the tree, in which one file at a time is changed. A fork of the worker,
which has pytest at hand already, runs the tests that run the changed lines: those of the module,
those of its package, all others, each fastest first, and then a few storms. The first that fails
ends it. `docs/mutants.md` lists the survivors that change nothing.
"""

import argparse
import gc
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from io import StringIO
from multiprocessing import get_context
from pathlib import Path
from random import Random
from time import monotonic

import pytest

from tools import covering
from tools.covering import Covering, Map, in_child, limit_cpu, run_chosen
from tools.mutations import Mutant, is_watched, mutants_of

ROOT = Path(__file__).parent.parent
LIST = ROOT / "docs" / "mutants.md"
PACKAGES = "sim,replication,cluster,lab,log,checkers"
WARM = ("base", "records")  # what no mutant of the packages above can reach: imported once
STORMS = range(10)
STAGE_S = 40.0  # of tests, as measured under coverage; the longest ones of a stage stay out
ROW = re.compile(
    r"\| `(?P<path>[^`]+)` `(?P<place>[^`]*)` \| ``(?P<was>.+?)`` → ``(?P<now>.*?)`` \|"
)


@dataclass(frozen=True)
class Verdict:
    """What became of one mutant."""

    mutant: Mutant
    noticed_by: str  # a test, a time limit or a storm; empty for a survivor
    seconds: float


class Worker:
    """Applies mutants to a copy of the tree, one at a time."""

    def __init__(self, folder: Path, tests: dict[str, Covering], packages: tuple[str, ...]) -> None:
        self._copy = copy_of_tree(folder / f"worker-{os.getpid()}")
        self._tests, self._stamp = tests, 1_000_000_000
        stand_in(self._copy, [name for name in WARM if name not in packages])

    def judge(self, mutant: Mutant) -> Verdict:
        """See whether anybody notices a mutant; the copy is then as it was."""
        began, path = monotonic(), self._copy / mutant.path
        source, was = path.read_bytes(), path.stat().st_mtime
        self._write(path, mutant.applied(source))
        try:
            noticed = self._noticed_by(mutant)
        finally:
            path.write_bytes(source)
            os.utime(path, (was, was))
        return Verdict(mutant, noticed, monotonic() - began)

    def _write(self, path: Path, source: bytes) -> None:
        """Give each mutant its own time of change, so that no compiled one is taken for it."""
        self._stamp += 1
        path.write_bytes(source)
        os.utime(path, (self._stamp, self._stamp))

    def _noticed_by(self, mutant: Mutant) -> str:
        for stage in stages(mutant, self._tests):
            noticed = in_child(lambda say, stage=stage: run_chosen(stage, say)) if stage else ""
            if noticed:
                return noticed
        return in_child(run_storms)


def run_storms(say: Callable[[str], None]) -> None:
    """Run a few storms over the correct rules."""
    limit_cpu(20.0 * len(STORMS), lambda: say("time limit of storms"))
    total = import_module("tests.storm.gate").total_of(STORMS)
    if total.failed:
        say(f"storm {total.failed[0].seed}: {total.failed[0].says}"[:200])


def stages(mutant: Mutant, tests: dict[str, Covering]) -> Iterator[dict[str, float]]:
    """Yield the tests to run, nearest first: of the module, of its package, of all others."""
    folder, name = Path(mutant.path).parts[1], Path(mutant.path).name
    mirror = f"tests/{folder}/test_{name}::"
    running = {
        nodeid: test
        for nodeid, test in tests.items()
        if test.runs(mutant.path, mutant.line, mutant.last_line)
    } or {nodeid: test for nodeid, test in tests.items() if mutant.path in test.lines}
    # A default of a dataclass is run by no test, but told by some.
    running |= {nodeid: test for nodeid, test in tests.items() if nodeid.startswith(mirror)}
    nearness = {0: mirror, 1: f"tests/{folder}/", 2: ""}
    for place in nearness:
        of_stage = {
            nodeid: test.seconds
            for nodeid, test in running.items()
            if place == next(n for n, start in nearness.items() if nodeid.startswith(start))
        }
        yield _affordable(of_stage)


def _affordable(seconds: dict[str, float]) -> dict[str, float]:
    """Put the fastest first, and leave out what would take the stage too long."""
    taken, left = {}, STAGE_S
    for nodeid, cost in sorted(seconds.items(), key=lambda item: (item[1], item[0])):
        left -= cost
        if left < 0:
            break
        taken[nodeid] = cost
    return taken


def copy_of_tree(target: Path) -> Path:
    """Copy what git knows, or would take, to another place."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    for name in listed.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def stand_in(copy: Path, warm: Iterable[str]) -> None:
    """Let this process and its children see the copy alone; have at hand what never changes."""
    os.chdir(copy)
    sys.path[:] = [str(copy), *(p for p in sys.path if p and Path(p) != ROOT)]
    os.environ |= {"PYTHONPATH": str(copy), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    with redirect_stdout(StringIO()):
        pytest.main([*covering.OPTIONS, "--collect-only", "tests/runs/conftest.py"])
    for package in warm:
        for path in sorted((copy / "kafkabook" / package).glob("*.py")):
            import_module(f"kafkabook.{package}.{path.stem}")
    gc.freeze()


_worker: list[Worker] = []


def _begin(folder: Path, tests: dict[str, Covering], packages: tuple[str, ...]) -> None:
    _worker.append(Worker(folder, tests, packages))


def _judge(mutant: Mutant) -> Verdict:
    return _worker[0].judge(mutant)


_map: list[Map] = []


def _begin_map(folder: Path, known: Map) -> None:
    _map.append(known)
    stand_in(copy_of_tree(folder / f"map-{os.getpid()}"), ())


def _record(name: str) -> tuple[str, str]:
    return name, in_child(lambda _say: _map[0].record(name))


def known_tests(folder: Path, workers: int) -> dict[str, Covering]:
    """Return what each test runs; find it out where it is not known."""
    known = Map(ROOT)
    missing = sorted(known.missing(), key=lambda name: -(ROOT / name).stat().st_size)
    if missing:
        with get_context("fork").Pool(workers, _begin_map, (folder, known)) as pool:
            for count, (name, wrong) in enumerate(pool.imap_unordered(_record, missing), 1):
                print(f"{count:4}/{len(missing)} lines of {name} {wrong}", flush=True)
    return known.load()


def listed(text: str) -> set[tuple[str, str, str, str]]:
    """Return the survivors of the list: file, place, line as it was, line as it is."""
    rows = (match.groupdict() for match in ROW.finditer(text))
    return {(r["path"], r["place"], r["was"], r["now"]) for r in rows}


def as_listed(mutant: Mutant) -> tuple[str, str, str, str]:
    """Return what the list would say of a mutant; a pipe would end the cell of a table."""
    was, now = mutant.change((ROOT / mutant.path).read_bytes())
    path = mutant.path.removeprefix("kafkabook/")
    return path, mutant.place or "module", was.replace("|", "\\|"), now.replace("|", "\\|")


def chosen(options: argparse.Namespace) -> list[Mutant]:
    """Return the mutants to judge; a small sample of a seed is the start of a larger one."""
    every = mutants_of(ROOT, tuple(options.packages.split(",")))
    if options.only:
        path, _, line = options.only.partition(":")
        here = [
            m for m in every if m.path.removeprefix("kafkabook/") == path.removeprefix("kafkabook/")
        ]
        return [m for m in here if not line or m.line <= int(line) <= m.last_line]
    if options.deleted_calls:
        return [mutant for mutant in every if is_watched(mutant)]
    Random(options.seed).shuffle(every)
    return every[: options.sample]


def judged(mutants: list[Mutant], options: argparse.Namespace) -> Iterator[Verdict]:
    """Yield the verdicts as they come; nothing is left behind in the tree."""
    packages = tuple(options.packages.split(","))
    with tempfile.TemporaryDirectory(prefix="mutants-") as place:
        tests = known_tests(Path(place), options.workers)
        begin = (Path(place), tests, packages)
        with get_context("fork").Pool(options.workers, _begin, begin) as pool:
            yield from pool.imap_unordered(_judge, mutants)


def told(verdict: Verdict, names: set[tuple[str, str, str, str]]) -> dict[str, object]:
    """Return a verdict as plain values."""
    mutant, (path, place, was, now) = verdict.mutant, as_listed(verdict.mutant)
    is_listed = (path, place, was, now) in names
    return {
        "fate": "dead" if verdict.noticed_by else "listed" if is_listed else "alive",
        "path": path,
        "line": mutant.line,
        "place": place,
        "kind": mutant.kind,
        "was": was,
        "now": now,
        "by": verdict.noticed_by,
        "seconds": round(verdict.seconds, 1),
    }


def main(arguments: list[str] | None = None) -> int:
    """Judge mutants, and print those that live; 1 where one lives that is not listed."""
    options = _options(arguments)
    mutants, names, verdicts = chosen(options), listed(LIST.read_text()), []
    for count, verdict in enumerate(judged(mutants, options), 1):
        verdicts.append(told(verdict, names))
        print(f"{count:4}/{len(mutants)} {_line(verdicts[-1])}", flush=True)
        if verdicts[-1]["fate"] == "alive":
            print(verdict.mutant.diff((ROOT / verdict.mutant.path).read_bytes()), flush=True)
    verdicts.sort(key=lambda v: (str(v["path"]), v["line"], str(v["now"])))
    asked = {name: value for name, value in vars(options).items() if name != "json"}
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps({**asked, "verdicts": verdicts}, indent=1) + "\n")
    return _summed_up(verdicts)


def _summed_up(verdicts: list[dict[str, object]]) -> int:
    fates = Counter(v["fate"] for v in verdicts)
    for verdict in verdicts:
        if verdict["fate"] != "dead":
            print(_line(verdict))
    seconds = sum(float(str(v["seconds"])) for v in verdicts) / max(1, len(verdicts))
    score = 100 * fates["dead"] / max(1, len(verdicts))
    print(
        f"{len(verdicts)} mutants: {fates['dead']} dead ({score:.1f} %), {fates['listed']} listed,"
        f" {fates['alive']} alive; {seconds:.1f} s each"
    )
    return 1 if fates["alive"] else 0


def _line(v: dict[str, object]) -> str:
    by = f" by {v['by']}" if v["by"] else ""
    return f"{v['fate']:6} {v['seconds']:5} s {v['path']}:{v['line']} {v['kind']}{by}"


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sample", type=int, default=300, help="how many mutants")
    parser.add_argument("--seed", type=int, default=1, help="which ones")
    parser.add_argument("--packages", default=PACKAGES, help="of which packages")
    parser.add_argument("--deleted-calls", action="store_true", help="all that must be noticed")
    parser.add_argument("--only", default="", metavar="FILE:LINE", help="all of one line or file")
    parser.add_argument("--workers", type=int, default=2, help="how many at once")
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "mutants.json")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
