"""A mutant meets the tests that run it, nearest first; and the list of survivors does not rot."""

import os
import signal
from pathlib import Path

from tools.covering import Covering, in_child, limit_cpu
from tools.mutants import LIST, PACKAGES, ROOT, as_listed, listed, stages
from tools.mutations import Mutant, mutants_of


def a_mutant(line: int) -> Mutant:
    """Return some mutant of the kernel."""
    return Mutant("kafkabook/sim/kernel.py", 0, 1, "", "no call", line, line, "Kernel.at")


def a_test(seconds: float, *lines: int) -> Covering:
    """Return what a test runs of the kernel."""
    return Covering(seconds, {"kafkabook/sim/kernel.py": sum(1 << line for line in lines)})


TESTS = {
    "tests/lab/test_lab.py::test_slow": a_test(2.0, 7),
    "tests/lab/test_lab.py::test_fast": a_test(1.0, 7),
    "tests/lab/test_lab.py::test_other": a_test(1.0, 8),
    "tests/lab/test_lab.py::test_long": a_test(1_000.0, 7),
    "tests/sim/test_network.py::test_near": a_test(3.0, 6, 7),
    "tests/sim/test_kernel.py::test_nearest": a_test(4.0, 7, 9),
    "tests/sim/test_kernel.py::test_defaults": Covering(1.0, {}),
    "tests/log/test_disk.py::test_elsewhere": Covering(1.0, {"kafkabook/log/disk.py": 1 << 7}),
}


def test_the_tests_that_run_a_line_are_asked_nearest_and_fastest_first() -> None:
    """Most mutants die in the first stage; what takes too long is not asked at all."""
    assert [
        ["tests/sim/test_kernel.py::test_defaults", "tests/sim/test_kernel.py::test_nearest"],
        ["tests/sim/test_network.py::test_near"],
        ["tests/lab/test_lab.py::test_fast", "tests/lab/test_lab.py::test_slow"],
    ] == [list(stage) for stage in stages(a_mutant(7), TESTS)]


def test_a_line_that_only_an_import_runs_is_asked_of_all_tests_of_its_module() -> None:
    """A constant of a module is used by other lines than its own."""
    asked = [nodeid for stage in stages(a_mutant(1), TESTS) for nodeid in stage]
    assert sorted(n for n in TESTS if n[-4:] not in {"long", "here"}) == sorted(asked)


def test_a_child_says_who_noticed_and_leaves_nothing_in_its_parent() -> None:
    """A mutant may end, stop or fill the process that runs it."""
    here = os.getpid()
    assert "a test" == in_child(lambda say: say("a test"))
    assert "" == in_child(lambda say: None)
    assert "end of the process" == in_child(lambda say: os._exit(3))
    assert "end of the process" == in_child(lambda say: os.kill(os.getpid(), signal.SIGKILL))
    assert "KeyError outside any test" == in_child(lambda say: {}["a"])
    assert here == os.getpid()


def test_a_loop_without_end_meets_its_time_limit() -> None:
    """The limit counts the time of the processor: a busy machine kills no mutant."""

    def hang(say) -> None:
        limit_cpu(0.05, lambda: say("time limit"))
        while True:
            pass

    assert "time limit" == in_child(hang)


def test_a_row_of_the_list_is_read_back() -> None:
    """A pipe is escaped in a table; the proof is for readers."""
    row = "| `log/disk.py` `Disk.size` | ``a \\| b < c`` → ``a \\| b <= c`` | b is never c. |"
    assert {("log/disk.py", "Disk.size", "a \\| b < c", "a \\| b <= c")} == listed(row)


def test_every_listed_survivor_is_still_a_mutant_of_the_source() -> None:
    """Who changes such a line takes it off the list, or proves it again."""
    text = Path(LIST).read_text(encoding="utf-8")
    rows = [line for line in text.partition("## Survivors")[2].splitlines() if "→" in line]
    every = {as_listed(mutant) for mutant in mutants_of(ROOT, tuple(PACKAGES.split(",")))}
    assert set() == listed(text) - every
    assert len(rows) == len(listed(text))
