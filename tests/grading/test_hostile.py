"""Parts that run on, die, lie or reach out: a clear failing mark or a flag, and no harm.

All of them are a right part that does one thing more, so only that thing can be what is refused.
"""

import random
import time
from pathlib import Path

import pytest

from kafkabook.grading.mark import RingState
from kafkabook.grading.process import PartProcess
from kafkabook.grading.source import submission
from tests.grading.submissions import GOOD_ROLL, IMPORTS, doing, graded

STOPPED = "an answer every time"
PURITY = "purity"

REFUSED = {
    "an endless loop": (doing("while True: pass"), STOPPED, "a loop that does not end"),
    "an endless loop that catches everything": (
        doing(
            "while True:",
            "    try:",
            "        number = 1",
            "    except BaseException:",
            "        0",
        ),
        STOPPED,
        "steps",
    ),
    "os._exit": (doing("import os", "os._exit(0)"), STOPPED, "exit code 0"),
    "a recursion bomb": (doing("my_roll(segment, batch, config, now_ms)"), "", "RecursionError"),
    "a recursion bomb without a limit": (
        doing(
            "import sys", "sys.setrecursionlimit(10**9)", "my_roll(segment, batch, config, now_ms)"
        ),
        "",
        "",
    ),
    "ten gigabytes": (doing("hoard = [0] * 10**10"), "", "MemoryError"),
    "a fork": (doing("import os", "os.fork()"), STOPPED, "starts another process"),
    "a shell": (doing("import os", "os.system('true')"), STOPPED, "starts another process"),
    "a thread": (
        doing("import threading", "threading.Thread(target=print).start()"),
        STOPPED,
        "starts a thread",
    ),
    "endless printing": (doing("while True: print('x' * 9999)"), STOPPED, "printed more than 1"),
    "a patched random": (
        doing("import random", "random.random = lambda: 0.5"),
        PURITY,
        "random.random",
    ),
    "a patched clock": (doing("import time", "time.time = lambda: 0.0"), PURITY, "time.time"),
    "a patched builtin": (
        doing("import builtins", "builtins.len = lambda _: 0"),
        "",
        "",
    ),
    "a patched log": (
        doing("import kafkabook.log.facts as f", "f.RollReason = None"),
        PURITY,
        "RollReason",
    ),
    "an edited grader": (
        doing("import kafkabook.grading.rings as r", "r.judge = None"),
        STOPPED,
        "reaches into the grader",
    ),
    "a written file": (doing("open('marks.json', 'w').write('10')"), STOPPED, "writes a file"),
    "SystemExit": (doing("raise SystemExit(0)"), "", "SystemExit"),
    "a bare BaseException": (doing("raise BaseException('no')"), "", "BaseException"),
    "KeyboardInterrupt": (doing("raise KeyboardInterrupt"), "", "KeyboardInterrupt"),
    "an error with a hostile text": (
        doing("raise Sly", before="class Sly(Exception):\n    def __str__(self): raise SystemExit"),
        "",
        "Sly",
    ),
    "an answer that equals everything": (
        doing(
            "return All()",
            before="class All(str):\n    def __eq__(self, other): return True\n"
            "    def __hash__(self): return 0",
        ),
        "signature",
        "an object of type All",
    ),
    "a verdict of its own": (
        doing(
            "import os",
            "for pipe in range(3, 20):",
            "    try: os.write(pipe, b'\\x00\\x00\\x00\\x0bPASS PASS 10')",
            "    except OSError: 0",
        ),
        STOPPED,
        "wrote into the pipe",
    ),
    "closed pipes": (doing("import os", "os.closerange(0, 99)"), STOPPED, ""),
    "a trace of its own": (
        doing("import sys", "sys.settrace(None)"),
        STOPPED,
        "changes how Python is watched",
    ),
    "an answer without end": (doing("return 'x' * 9_000_000"), STOPPED, "more than 4 MiB"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_part_that_does_not_just_answer_gets_a_clear_failing_mark(
    name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Never a hang, never noise on stderr, which nbgrader would take for a failure of ours."""
    source, law, says = REFUSED[name]
    mark = graded(source)
    assert mark.failure is not None
    assert mark.points < 5
    assert law in ("", mark.failure.law)
    assert says in mark.failure.yours
    assert ("", "") == tuple(capfd.readouterr())


def test_neither_this_process_nor_the_next_grade_is_harmed() -> None:
    """Another task's grade must not depend on what ran before it."""
    kept = (random.random, time.time, len)
    for name in ("a patched random", "a patched clock", "os._exit"):
        graded(REFUSED[name][0])
    assert kept == (random.random, time.time, len)
    assert 10.0 == graded(GOOD_ROLL).points


FLAGGED = {
    "the reference by import": (
        (
            "from kafkabook.log.roll import should_roll\n"
            "def my_roll(segment, batch, config, now_ms, jitter_ms=0):\n"
            "    return should_roll(segment, batch, config, now_ms, jitter_ms)\n"
        ),
        {
            "names the reference `should_roll`",
            "calls the reference `kafkabook.log.roll.should_roll`",
        },
    ),
    "the reference under another name": (
        (
            "import kafkabook.log.rules as r\n"
            "def my_roll(segment, batch, config, now_ms, jitter_ms=0):\n"
            "    part = getattr(r, 'should' + '_roll')\n"
            "    return part(segment, batch, config, now_ms, jitter_ms)\n"
        ),
        {"calls the reference `kafkabook.log.roll.should_roll`"},
    ),
    "the reference out of the defaults": (
        (
            "from kafkabook.log.rules import LogRules\n"
            "def my_roll(segment, batch, config, now_ms, jitter_ms=0):\n"
            "    return LogRules().should_roll(segment, batch, config, now_ms, jitter_ms)\n"
        ),
        {
            "names the reference `should_roll`",
            "calls the reference `kafkabook.log.roll.should_roll`",
        },
    ),
}


@pytest.mark.parametrize("name", FLAGGED)
def test_a_part_that_uses_the_reference_is_flagged(name: str) -> None:
    """It answers rightly, so only a flag can tell a teacher."""
    source, flags = FLAGGED[name]
    mark = graded(source)
    assert (flags, 10.0) == (set(mark.flags), mark.points)
    assert all(f"Flag: the part {flag}." in str(mark) for flag in flags)


def test_a_process_that_goes_on_is_ended_with_all_that_it_started() -> None:
    """A loop in C sees no steps and no signal; the time of a ring ends it."""
    taken = submission("my_roll", doing("import itertools", "sum(itertools.count())"), [IMPORTS])
    with PartProcess(taken) as process:
        process.load()
        process._left_seconds = 0.5
        with pytest.raises(BaseException, match="ran for more than 10 seconds"):
            process(None, None, None, 0)
        assert process._process.poll() is not None


def test_a_part_runs_in_a_folder_of_its_own_without_environment(tmp_path: Path) -> None:
    """Nothing of the reader's machine is at hand: no variables, no input, no files beside it."""
    look = "return [sorted(os.environ), os.listdir(), sys.stdin.read(), os.getcwd()]"
    source = f"import os, sys\ndef my_roll(segment):\n    {look}\n"
    with PartProcess(submission("my_roll", source, [])) as process:
        process.load()
        names, files, typed, folder = process(None)
    assert (
        {"PYTHONHASHSEED", "HOME"}
        <= set(names)
        <= {"HOME", "LANG", "LC_CTYPE", "PATH", "PYTHONHASHSEED", "TMPDIR"}
    )
    assert ([], "") == (files, typed)
    assert not Path(folder).exists()


def test_all_not_reached_after_the_first_broken_ring() -> None:
    """A part that cannot be trusted to answer is asked nothing more."""
    states = [ring.state for ring in graded(REFUSED["os._exit"][0]).rings]
    assert [RingState.FAILED, *[RingState.NOT_REACHED] * 3] == states
