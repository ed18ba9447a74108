"""The parts that were graded while this process runs, for `replay` and `your_cluster`."""

from collections.abc import Callable
from typing import Any, NamedTuple

from kafkabook.grading.exercise import Exercise
from kafkabook.grading.mark import Mark
from kafkabook.grading.source import Submission


class Written(NamedTuple):
    """A part as it was graded last: the function, its source, and its mark."""

    exercise: Exercise
    part: Callable[..., Any]
    taken: Submission
    mark: Mark


_WRITTEN: dict[str, Written] = {}  # by slot


def remember(exercise: Exercise, part: Callable[..., Any], taken: Submission, mark: Mark) -> None:
    """Keep a part that is written; a stub leaves what was kept before."""
    if not taken.is_stub:
        _WRITTEN[exercise.slot] = Written(exercise, part, taken, mark)


def written() -> dict[str, Written]:
    """Return the parts of this session by slot."""
    return dict(_WRITTEN)
