"""Java's random numbers, beside what Java 17 drew."""

import json
from pathlib import Path
from typing import Any

import pytest

from kafkabook.base.java_random import JavaRandom

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "vectors.json").read_text())
DRAWS = pytest.mark.parametrize("drawn", VECTORS["java_random"], ids=lambda row: str(row["seed"]))


@DRAWS
def test_bounded_numbers_are_those_of_java(drawn: dict[str, Any]) -> None:
    """Ten is no power of two, so this is the path that rejects and takes the remainder."""
    random = JavaRandom(drawn["seed"])
    assert drawn["nextInt_10_x8"] == [random.next_int(10) for _ in range(8)]


@DRAWS
def test_unbounded_numbers_are_those_of_java(drawn: dict[str, Any]) -> None:
    """Half of them are negative: Java's int is signed."""
    random = JavaRandom(drawn["seed"])
    assert drawn["nextInt_unbounded_x4"] == [random.next_int() for _ in range(4)]


@DRAWS
def test_a_shuffle_swaps_as_java_does(drawn: dict[str, Any]) -> None:
    """The bounds seven to two take both paths of `nextInt`."""
    items = list(range(7))
    JavaRandom(drawn["seed"]).shuffle(items)
    assert drawn["shuffle_0_to_6"] == items


def test_a_power_of_two_takes_the_high_bits() -> None:
    """They are the better ones of such a generator; the remainder would be the lowest."""
    drawn = JavaRandom(42).next_bits(31)
    assert drawn >> 28 == JavaRandom(42).next_int(8)


def test_a_draw_from_the_last_short_run_is_thrown_away() -> None:
    """A bound just above half the range: nearly every second draw would favour small numbers."""
    bound, random, expected = (1 << 30) + 1, JavaRandom(7), JavaRandom(7)
    drawn = [expected.next_bits(31) for _ in range(20)]
    fair = [number for number in drawn if number < bound]
    assert len(fair) < len(drawn)
    assert fair == [random.next_int(bound) for _ in fair]


@pytest.mark.parametrize("bound", [0, -1])
def test_a_bound_that_leaves_nothing_is_refused(bound: int) -> None:
    """Java raises IllegalArgumentException."""
    with pytest.raises(ValueError, match="not positive"):
        JavaRandom(0).next_int(bound)


def test_a_list_of_one_is_shuffled_without_a_draw() -> None:
    """A draw more or less would change every placement behind it."""
    random = JavaRandom(0)
    random.shuffle(["only"])
    assert JavaRandom(0).next_int(10) == random.next_int(10)
