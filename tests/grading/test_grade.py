"""What a reader sees: a mark without noise when all holds, and the smallest case when not."""

import subprocess
import sys
from functools import cache
from typing import Any

import pytest

from kafkabook.base.units import MINUTE_MS
from kafkabook.grading import examples, grade, grader, yours
from kafkabook.grading.laws.roll import a_case
from kafkabook.grading.mark import Mark, Ring, RingState
from kafkabook.grading.source import Submission
from kafkabook.log.facts import RollReason
from kafkabook.log.roll import should_roll
from kafkabook.log.rules import LogRules
from tests.grading.submissions import GOOD_ROLL, doing, graded

AGES_EMPTY = GOOD_ROLL.replace("if segment.size_bytes and waited_ms", "if waited_ms")
STUB = '''
def my_roll(segment, batch, config, now_ms, jitter_ms=0):
    """Say why a new segment must begin."""
    raise NotImplementedError
'''


def part_of_a_module(
    segment: Any, batch: Any, config: Any, now_ms: int, jitter_ms: int = 0
) -> RollReason | None:
    """Roll at size only; defined in a file, where its source is as well known as in a cell."""
    full = segment.size_bytes + batch.size_bytes > config.segment_bytes
    return RollReason.SIZE if full else None


def another_part_of_a_module(segment: Any) -> None:
    """Is another part, by its source."""


def test_a_passing_mark_holds_no_seed_and_no_duration() -> None:
    """Solutions are compared output for output, so two grades must look the same."""
    one, other = graded(GOOD_ROLL), graded(GOOD_ROLL)
    assert str(one) == str(other)
    assert (10.0, [RingState.PASSED] * 4) == (one.points, [ring.state for ring in one.rings])
    assert "seed" not in str(one)
    assert one._repr_mimebundle_() == other._repr_mimebundle_()


@cache
def _failing_mark() -> Mark:
    return graded(AGES_EMPTY, seed=91)


def test_a_failing_mark_names_the_law_and_shows_the_smallest_case() -> None:
    """The case is the same for every seed, because it is shrunk."""
    mark = _failing_mark()
    assert mark.failure is not None
    assert ("R2", "an empty segment never ages") == (mark.failure.ring, mark.failure.law)
    assert ("RollReason.AGE", "None") == (mark.failure.yours, mark.failure.should_be)
    assert 'grade("01.2", my_roll, seed=91)' == mark.reproduce
    assert 4.0 == mark.points
    assert "The law “an empty segment never ages” fails: an empty segment is not" in str(mark)
    assert "Not checked yet: R3 your part in a log that crashes and recovers." in str(mark)
    assert mark.failure == graded(AGES_EMPTY, seed=91).failure


def test_the_card_draws_the_failure() -> None:
    """Text and picture say the same."""
    bundle = _failing_mark()._repr_mimebundle_()
    assert {"text/plain", "image/svg+xml"} == set(bundle)
    assert "RollReason.AGE" in bundle["image/svg+xml"]


def test_a_ring_inside_a_log_finds_what_examples_do_not() -> None:
    """A limit that is built in is right in the examples and wrong in every other log."""
    mark = graded(GOOD_ROLL.replace("config.segment_bytes", "1_000"))
    assert mark.failure is not None
    assert ("R3", 7.0) == (mark.failure.ring, mark.points)
    assert mark.failure.shown[0].startswith(("1. ", "1–"))


def test_an_untouched_stub_earns_nothing_but_a_hint() -> None:
    """No traceback, no law, no seed: there is nothing wrong yet."""
    mark = graded(STUB)
    assert (0.0, None) == (mark.points, mark.failure)
    assert "Not written yet: replace `raise NotImplementedError` in `my_roll`" in str(mark)
    assert "not reached" in str(mark)


def test_a_stub_that_raises_later_is_a_stub_too() -> None:
    """Half a part that still raises has not been written either."""
    assert "Not written yet" in graded(doing("number = 1", "raise NotImplementedError")).hint


def test_a_name_from_another_cell_is_explained() -> None:
    """Only the part's cell and the imports run; the message says so and names the line."""
    mark = graded(doing("return helper(segment)"))
    assert mark.failure is not None
    assert "raised NameError: name 'helper' is not defined at line 3 of the cell" == (
        mark.failure.yours.removeprefix("your part ")
    )
    assert "put what it needs into the same cell" in mark.failure.because


def test_another_signature_is_refused_before_anything_runs() -> None:
    """A log calls the part by these names."""
    mark = graded(GOOD_ROLL.replace("now_ms, jitter_ms=0", "now_ms"))
    assert mark.failure is not None
    assert "(segment, batch, config, now_ms)" == mark.failure.yours
    assert "(segment, batch, config, now_ms, jitter_ms)" == mark.failure.should_be


def test_a_part_that_passed_is_graded_again_only_when_it_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The cell that shows the mark and the one that counts its points ask for the same."""
    asked: list[Submission] = []

    def watched(number: str, taken: Submission, *, seed: int | None = None) -> Mark:
        asked.append(taken)
        return passed if "SIZE" in taken.source else failed

    passed = Mark("01.2", "Roll", "★", (Ring("R0", "", 1.0, RingState.PASSED),))
    failed = Mark("01.2", "Roll", "★", (Ring("R0", "", 1.0, RingState.FAILED),))
    monkeypatch.setattr(grader, "_PASSED", {})
    monkeypatch.setattr(grader, "grade_source", watched)
    assert [passed] * 3 == [grade("01.2", part_of_a_module) for _ in range(3)]
    assert 1 == len(asked)
    grade("01.2", part_of_a_module, seed=1)
    assert [failed] * 2 == [grade("01.2", another_part_of_a_module) for _ in range(2)]
    assert 4 == len(asked)


def test_a_function_of_a_file_is_graded_with_the_imports_that_it_uses() -> None:
    """Where there is no notebook the module is what surrounds the part."""
    mark = grade("01.2", part_of_a_module, seed=1)
    assert mark.failure is not None
    assert ("R1", "example 4") == (mark.failure.ring, mark.failure.law)
    assert 'grade("01.2", part_of_a_module)' == mark.reproduce


@pytest.mark.parametrize(
    "part", [lambda: 0, int, "my_roll".upper], ids=["lambda", "class", "method"]
)
def test_what_is_no_function_is_said_to_be_none(part: Any) -> None:
    """A mark and not an exception, for a cell that grades must not end in a traceback."""
    assert "Nothing to grade: hand over the function itself" in str(grade("01.2", part))


def test_an_unknown_exercise_suggests_the_nearest() -> None:
    """A wrong number is the reader's slip, and the only thing that raises."""
    with pytest.raises(KeyError, match=r"there is no exercise '1\.2'; did you mean '01\.2'"):
        grade("1.2", part_of_a_module)


def a_weak_test(part: Any) -> None:
    """Look at one call."""
    assert part(*a_case(901, 100)) is RollReason.SIZE


def a_wrong_test(part: Any) -> None:
    """Ask for what Kafka does not do."""
    assert part(*a_case(900, 100)) is RollReason.SIZE


def test_a_test_of_ones_own_earns_a_badge_and_no_points() -> None:
    """It must let the right part pass, and tells the first wrong one that it misses."""
    mark = grade("01.2", part_of_a_module, my_test=a_weak_test)
    assert 1.0 == mark.points
    assert mark.badge.startswith("R4  Your own test finds ")
    assert "of 15 wrong parts; the first that it lets pass: “" in mark.badge
    wrong = grade("01.2", part_of_a_module, my_test=a_wrong_test)
    assert "fails for a right part too" in wrong.badge


def test_a_part_that_is_not_written_is_replaced_by_ours_and_the_badge_says_so() -> None:
    """Exercises can be done in any order, and the log runs all the same."""

    def unwritten(*_: Any) -> int:
        raise NotImplementedError

    parts = yours(should_roll=part_of_a_module, deletable=unwritten)
    assert "Roll: yours · Deletable segments: reference" == parts.badge
    assert part_of_a_module is parts.rules.log.should_roll
    assert LogRules().deletable is parts.rules.log.deletable


def test_examples_are_printed_as_they_are_tried() -> None:
    """What R1 asks is no secret."""
    text = repr(examples("01.2"))
    assert "3. One byte too many begins a new segment." in text
    assert "→ RollReason.SIZE" in text
    assert RollReason.AGE is should_roll(*a_case(waited_ms=10 * MINUTE_MS + 1))


def test_a_grade_brings_no_test_tool_and_no_charts() -> None:
    """A reader waits for each of them, in every notebook that grades."""
    heavy = ["hypothesis", "pytest", "numpy", "matplotlib", "networkx", "ipywidgets"]
    code = (
        "import sys, kafkabook.grading.grader, kafkabook.grading.marks, kafkabook.grading.parts;"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()
