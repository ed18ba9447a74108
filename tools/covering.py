"""Which test runs which line of the package, and how long it takes; and a session of chosen tests.

The map is kept under `.cache/mutants`, one file for each file of tests, and is made anew where that
file of tests or a builder of tests has changed. Of a module that has changed since, all lines count
as run by every test that ran one. A line is a bit of a number.
"""

import hashlib
import json
import os
import resource
import select
import shutil
import signal
from collections.abc import Callable, Iterable
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

import pytest
from coverage import Coverage
from hypothesis import HealthCheck, Phase, settings

FLOORS = ("sim", "replication", "cluster", "lab", "log", "checkers", "clients", "runs", "scenarios")
FOLDERS = (*FLOORS, "storm")
TOO_LONG = {  # the last stage runs a few storms instead
    *("test_storm_gate_1.py", "test_storm_gate_2.py"),
    *("test_storm.py", "test_search.py", "test_epochs_after_storms.py"),
}
OPTIONS = (
    *("-q", "--tb=no", "--no-header", "--assert=plain", "-p", "no:cacheprovider"),
    *("-p", "xdist", "-p", "_hypothesis_pytestplugin"),
)
CPU_S = 10.0  # and ten times what the test takes otherwise: then it hangs
SESSION_S = 900  # of wall time, for what hangs without using the processor
ALL_LINES = -1  # every bit of it is set
MEMORY_BYTES = 6 * 1024**3


class Covering(NamedTuple):
    """What one test runs: a number for each file, whose bit n is line n."""

    seconds: float
    lines: dict[str, int]

    def runs(self, path: str, first: int, last: int) -> bool:
        """Tell whether the test runs one of these lines."""
        return bool(self.lines.get(path, 0) >> first & (1 << last - first + 1) - 1)


class Quiet:
    """Takes no time for what only the reader of a failure wants; a busy machine fails nobody."""

    def pytest_sessionstart(self) -> None:
        """Find a failing example, and do not look for a smaller one."""
        settings.register_profile(
            "mutants",
            deadline=None,
            derandomize=True,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=(HealthCheck.too_slow,),
        )
        settings.load_profile("mutants")


class Recorder(Quiet):
    """Notes for each test what it runs."""

    def __init__(self) -> None:
        self.coverage = Coverage(source=["kafkabook"], data_file=None, config_file=False)
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        """Measure one test."""
        self.coverage.switch_context(item.nodeid)
        began = process_time()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = process_time() - began
            self.coverage.switch_context("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what fails without any mutant: it would say nothing about one."""
        if report.failed:
            self.failed.add(report.nodeid)


class Chosen(Quiet):
    """Runs chosen tests in their order, until one of them fails or hangs."""

    def __init__(self, seconds: dict[str, float], say: Callable[[str], None]) -> None:
        self._seconds, self._say = seconds, say
        self._place = {nodeid: place for place, nodeid in enumerate(seconds)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep what was chosen."""
        items[:] = [item for item in items if item.nodeid in self._place]
        items.sort(key=lambda item: self._place[item.nodeid])

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Give a test its time."""
        limit_cpu(CPU_S + 10 * self._seconds[nodeid], lambda: self._say(f"time limit of {nodeid}"))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Say which test fails."""
        if report.failed:
            self._say(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Say which file cannot even be imported."""
        if report.failed:
            self._say(f"import by {report.nodeid}")


def limit_cpu(seconds: float, then: Callable[[], object]) -> None:
    """Let a process take so much more of a processor; a busy machine does not count."""
    signal.signal(signal.SIGPROF, lambda *_: then())
    signal.setitimer(signal.ITIMER_PROF, seconds)


def run_chosen(seconds: dict[str, float], say: Callable[[str], None]) -> None:
    """Run some tests in this process; `say` ends it."""
    limit_cpu(60 + CPU_S, lambda: say("time limit of import"))
    files = sorted({nodeid.partition("::")[0] for nodeid in seconds})
    pytest.main([*OPTIONS, "-x", *files], plugins=[Chosen(seconds, say)])


def in_child(job: Callable[[Callable[[str], None]], object]) -> str:
    """Run a job in a fork of this process, and return what it said, or nothing."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _be_a_child(job, writing)
    os.close(writing)
    ready, _, _ = select.select([reading], [], [], SESSION_S)
    said = os.read(reading, 10_000).decode() if ready else "time limit of the session"
    os.close(reading)
    os.killpg(child, signal.SIGKILL)  # with whatever the job itself has started
    os.waitpid(child, 0)
    return (said or "end of the process").removeprefix("-")


def _be_a_child(job: Callable[[Callable[[str], None]], object], writing: int) -> None:
    def say(text: str) -> None:
        os.write(writing, text.encode())
        os._exit(0)

    try:
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        job(say)
        say("-")
    except BaseException as error:  # noqa: BLE001  # a child never returns into its parent's work
        say(f"{type(error).__name__} outside any test")
    os._exit(1)


def files_of_tests(root: Path) -> list[str]:
    """Return the files of tests that may be asked about a mutant."""
    found = (path for f in FOLDERS for path in (root / "tests" / f).glob("test_*.py"))
    return sorted(p.relative_to(root).as_posix() for p in found if p.name not in TOO_LONG)


class Map:
    """Knows what each test runs; keeps it in a directory that no commit takes."""

    def __init__(self, root: Path) -> None:
        base = root / ".cache" / "mutants"
        folder = base / _digest_of_builders(root)
        for old in base.glob("*"):
            if old != folder:
                shutil.rmtree(old)
        folder.mkdir(parents=True, exist_ok=True)
        self._sources = {
            path.relative_to(root).as_posix(): _digest([path])
            for path in (root / "kafkabook").rglob("*.py")
        }
        self._kept = {
            name: folder / f"{name.replace('/', '_')}.{_digest([root / name])}.json"
            for name in files_of_tests(root)
        }

    def missing(self) -> list[str]:
        """Return the files of tests whose lines are not known."""
        return [name for name, path in self._kept.items() if not path.exists()]

    def record(self, name: str) -> None:
        """Run a file of tests where this process stands, and keep what each test runs."""
        recorder = Recorder()
        recorder.coverage.start()
        pytest.main([*OPTIONS, name], plugins=[recorder])
        recorder.coverage.stop()
        found = _lines_by_test(recorder.coverage)
        tests = {
            nodeid: [seconds, found.get(nodeid, {})]
            for nodeid, seconds in recorder.seconds.items()
            if nodeid not in recorder.failed
        }
        self._kept[name].write_text(json.dumps({"sources": self._sources, "tests": tests}))

    def load(self) -> dict[str, Covering]:
        """Return what is known of all tests."""
        return {
            nodeid: Covering(seconds, {name: self._lines(kept, lines, name) for name in lines})
            for kept in (json.loads(path.read_text()) for path in self._kept.values())
            for nodeid, (seconds, lines) in kept["tests"].items()
        }

    def _lines(self, kept: dict[str, Any], lines: dict[str, str], name: str) -> int:
        is_known = kept["sources"].get(name) == self._sources.get(name)
        return int(lines[name], 16) if is_known else ALL_LINES


def _lines_by_test(coverage: Coverage) -> dict[str, dict[str, str]]:
    data, found = coverage.get_data(), {}
    for measured in data.measured_files():
        path = Path(measured).relative_to(Path.cwd()).as_posix()
        bits: dict[str, int] = {}
        for line, contexts in data.contexts_by_lineno(measured).items():
            for nodeid in contexts:
                bits[nodeid] = bits.get(nodeid, 0) | 1 << line
        for nodeid, lines in bits.items():
            found.setdefault(nodeid, {})[path] = f"{lines:x}"
    return found


def _digest_of_builders(root: Path) -> str:
    found = (root / "tests").rglob("*.py")
    return _digest(sorted(path for path in found if not path.name.startswith("test_")))


def _digest(paths: Iterable[Path]) -> str:
    taken = hashlib.sha256()
    for path in paths:
        taken.update(path.as_posix().encode() + path.read_bytes())
    return taken.hexdigest()[:16]
