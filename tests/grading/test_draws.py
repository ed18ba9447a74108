"""What is drawn lies in its range, its simplest value comes first, and one row makes one value."""

from collections import Counter
from random import Random
from typing import Any

import pytest

from kafkabook.grading import draws
from kafkabook.grading.draws import Draw, Strategy, fresh


def simplest(strategy: Strategy[Any]) -> Any:
    """Draw from a row of nothing but zeros."""
    return Draw()(strategy)


def many(strategy: Strategy[Any], count: int = 300) -> list[Any]:
    """Draw by chance, and let the same value come again."""
    chance = Random(7)
    return [Draw((), chance)(strategy) for _ in range(count)]


@pytest.mark.parametrize(
    ("low", "high", "in_order"),
    [
        (0, 3, [0, 1, 2, 3]),
        (5, 7, [5, 6, 7]),
        (-2, 2, [0, 1, -1, 2, -2]),
        (-1, 3, [0, 1, -1, 2, 3]),
        (-3, 1, [0, 1, -1, -2, -3]),
        (-9, -7, [-7, -8, -9]),
        (4, 4, [4]),
    ],
)
def test_whole_numbers_are_counted_from_the_simplest(
    low: int, high: int, in_order: list[int]
) -> None:
    """Each number of the range once: so a smaller row is a number nearer to 0."""
    numbers = [Draw((n,))(draws.integers(low, high)) for n in range(high - low + 1)]
    assert in_order == numbers


def test_the_edges_and_the_small_numbers_of_a_large_range_are_met() -> None:
    """By its share no edge of four billion would ever be."""
    numbers = many(draws.integers(0, 2**32))
    assert {0, 2**32} <= set(numbers)
    assert all(0 <= number <= 2**32 for number in numbers)
    assert sum(number < 2**16 for number in numbers) > 50
    assert sum(number > 2**31 for number in numbers) > 50


def test_every_length_of_a_list_is_as_likely_as_another() -> None:
    """Long ones find more, short ones are easy to read."""
    lengths = Counter(map(len, many(draws.lists(draws.just(0), min_size=2, max_size=5), 1_200)))
    assert {2, 3, 4, 5} == set(lengths)
    assert all(200 < times < 400 for times in lengths.values())


def test_the_simplest_value_is_the_first_of_each() -> None:
    """What a counter-example shrinks to."""
    assert (0, "a", False, None, []) == simplest(
        draws.tuples(
            draws.integers(-5, 5),
            draws.sampled_from(("a", "b")),
            draws.booleans(),
            draws.one_of(draws.none(), draws.just(7)),
            draws.lists(draws.just(1), max_size=3),
        )
    )


def test_an_item_of_a_list_goes_with_its_numbers() -> None:
    """Also the first ones of a list that must have some."""
    strategy = draws.lists(draws.integers(0, 9), min_size=1, max_size=4)
    draw = Draw((1, 7, 1, 8, 1, 9, 0))
    assert [7, 8, 9] == draw(strategy)
    left = [tuple(draw.row[:begin] + draw.row[end:]) for begin, end in draw.items]
    assert [[8, 9], [7, 9], [7, 8]] == [Draw(row)(strategy) for row in left]


@draws.composite
def a_pair(draw: Draw, /, *, most: int) -> tuple[int, int]:
    """Draw two numbers, the second not below the first."""
    low = draw(draws.integers(0, most))
    return low, draw(draws.integers(low, most))


def test_a_row_makes_one_value_whatever_was_built_of_it() -> None:
    """So that what was found by chance is found again, by the row alone."""
    items = draws.lists(draws.builds(complex, draws.integers(0, 9)), max_size=3)
    strategy = draws.tuples(
        a_pair(most=20), items, draws.integers(1, 3).flatmap(draws.just).map(str)
    )
    for row, value in fresh(strategy, 50, seed=3):
        again = Draw(row)
        assert (value, row) == (again(strategy), tuple(again.row))


def test_fresh_inputs_differ_and_are_those_of_their_seed() -> None:
    """The simplest is always among them, and comes first."""
    one, same, other = (list(fresh(a_pair(most=99), 40, seed)) for seed in (1, 1, 2))
    assert one == same != other
    assert (40, ((0, 0), (0, 0))) == (len({row for row, _ in one}), one[0])


def test_where_there_are_hardly_more_inputs_fewer_are_drawn() -> None:
    """A law is not asked twice about the same."""
    assert {False, True} == {value for _, value in fresh(draws.booleans(), 25, seed=1)}
    assert 2 == len(list(fresh(draws.booleans(), 25, seed=1)))
