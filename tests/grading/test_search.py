"""A counter-example is found if there is one, and made as small as a reader would make it."""

from typing import Any

import pytest

from kafkabook.grading import draws
from kafkabook.grading.draws import Strategy
from kafkabook.grading.search import Enough, search

NUMBERS = draws.lists(draws.integers(-1_000, 1_000), max_size=12)
LONG_OR_SHORT = draws.one_of(
    draws.lists(draws.integers(0, 9), min_size=1, max_size=4),
    draws.lists(draws.integers(0, 9), min_size=6, max_size=12),
)


def found(strategy: Strategy[Any], is_wrong: Any, seed: int, *, tries: int = 400) -> Any:
    """Return the input that a search ends with, None if all held."""

    def breaks(value: Any) -> ValueError | None:
        return ValueError(str(value)) if is_wrong(value) else None

    result = search(strategy, breaks, count=100, tries=tries, seed=seed)
    return result and result[0]


@pytest.mark.parametrize("seed", range(8))
def test_what_is_found_is_the_smallest_there_is(seed: int) -> None:
    """Whatever the search began with: short, and near to 0."""
    assert [0, 0, 0] == found(NUMBERS, lambda them: len(them) >= 3, seed)
    assert [51] == found(NUMBERS, lambda them: any(one > 50 for one in them), seed)
    assert [-7] == found(NUMBERS, lambda them: any(-70 < one < -6 for one in them), seed)
    assert 600 == found(draws.integers(0, 10**9), lambda one: one >= 600, seed)
    assert [8] == found(LONG_OR_SHORT, lambda them: 8 in them, seed)


def test_what_holds_for_all_inputs_is_asked_of_each_once() -> None:
    """The count is what a mark tells its reader."""
    asked: list[int] = []
    assert search(draws.integers(0, 10**6), asked.append, count=70, tries=9, seed=4) is None
    assert 70 == len(asked) == len(set(asked))


def test_no_more_smaller_inputs_are_tried_than_was_said() -> None:
    """A cluster takes its time."""
    asked: list[list[int]] = []

    def breaks(them: list[int]) -> ValueError | None:
        asked.append(them)
        return ValueError() if len(them) > 2 else None

    result = search(NUMBERS, breaks, count=100, tries=5, seed=1)
    assert result is not None
    first = next(number for number, them in enumerate(asked) if len(them) > 2)
    assert 5 == len(asked) - first - 1


def test_an_input_that_breaks_otherwise_is_another_finding() -> None:
    """A reader who is told of a wrong answer must not end with the error of another call."""

    def breaks(number: int) -> Exception | None:
        return ValueError() if number > 500 else KeyError() if number > 5 else None

    for seed in range(8):
        result = search(draws.integers(0, 10**6), breaks, count=1_000, tries=400, seed=seed)
        assert result is not None
        assert (result[0], type(result[1])) in ((501, ValueError), (6, KeyError))


def test_what_was_found_stays_where_nothing_more_can_be_asked() -> None:
    """A part that ends its process while its counter-example is made smaller."""
    asked: list[int] = []

    def breaks(number: int) -> ValueError | None:
        if asked and asked[-1] > 99:
            raise Enough
        asked.append(number)
        return ValueError("first") if number > 99 else None

    result = search(draws.integers(0, 10**6), breaks, count=100, tries=400, seed=1)
    assert result is not None
    assert (asked[-1], "first") == (result[0], str(result[1]))
