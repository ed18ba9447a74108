"""The log that a learner's part runs in: with our own parts no checker ever has a complaint."""

from kafkabook.grading.draws import fresh
from kafkabook.grading.laws.running_log import LogStep, RunningLog, _work
from kafkabook.log.rules import LogRules


def lived(*steps: LogStep) -> tuple[str, ...]:
    """Do the steps with the reference and return the properties that a checker saw broken."""
    running = RunningLog(LogRules())
    for step in steps:
        running.take(step)
    return running.watch.broken


def test_the_reference_breaks_no_property() -> None:
    """Otherwise a learner would be blamed for what we did, or a checker for what it cannot see."""
    for _, steps in fresh(_work, 150, seed=91):
        assert () == lived(*steps), steps


def test_retention_before_a_crash_raises_no_alarm() -> None:
    """The log start moved; what was deleted is not missing."""
    later = LogStep("retain", pass_ms=70 * 60_000)
    assert () == lived(LogStep("append", 1), later, LogStep("append", 1), LogStep("crash"))


def test_a_cut_that_brings_old_bytes_back_raises_no_alarm() -> None:
    """A torn write is cut, rewritten and lost again: the file is long enough, and still wrong."""
    torn = (LogStep("append", 1), LogStep("append", 1), LogStep("crash", 79))
    assert () == lived(*torn, LogStep("append", 1), LogStep("crash", 79))
    assert () == lived(*torn, LogStep("append", 1), LogStep("crash", 59))
