"""What ends a search early: a part that spoils what it is given, and one that goes away."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from kafkabook.grading.exercises import find
from kafkabook.grading.process import PartStopped
from kafkabook.grading.rings import Verdict, judge
from kafkabook.log.retention import deletable


def judged(part: Callable[..., Any]) -> Verdict:
    """Judge a part of exercise 01.3 in this process."""
    taken = inspect.signature(deletable).parameters.values()
    parameters = tuple((p.name, False, p.kind.name) for p in taken)
    return judge(find("01.3"), part, parameters, seed=91)


def test_a_part_that_spoils_its_arguments_is_shown_with_the_smallest_of_them() -> None:
    """Only logs of five segments and more are spoilt, which no printed example has."""

    def spoils(segments: list[Any], *others: Any) -> int:
        answer = deletable(segments, *others)
        if len(segments) > 4:
            segments.pop()
        return answer

    failure = judged(spoils).failure
    assert failure is not None
    assert ("R2", "purity") == (failure.ring, failure.law)
    assert "your part changes the arguments that it is given" == failure.yours
    limits, *rows = failure.shown
    assert limits.startswith("limits")
    assert 5 == len(rows)
    assert 1 == len({row.partition("youngest")[2].removesuffix(", active") for row in rows})


def test_a_part_that_goes_away_while_its_failure_is_made_smaller_keeps_what_was_found() -> None:
    """The law that it broke says more than that it stopped."""
    wrong: list[int] = []

    def goes_away(segments: Sequence[Any], *others: Any) -> int:
        answer = deletable(segments, *others)
        if len(segments) < 5:
            return answer
        if wrong:
            raise PartStopped("ran for more than 10 seconds")
        wrong.append(answer)
        return answer + 1

    failure = judged(goes_away).failure
    assert failure is not None
    assert ("R2", "an old segment goes") == (failure.ring, failure.law)
    assert (f"{wrong[0] + 1}", f"{wrong[0]}") == (failure.yours, failure.should_be)
