"""The grader is graded: right parts of any shape pass, each wrong one fails where we said."""

import inspect
import itertools
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from kafkabook.grading.exercise import Exercise
from kafkabook.grading.exercises import EXERCISES
from kafkabook.grading.mark import RingState
from kafkabook.grading.process import Parameters
from kafkabook.grading.rings import Verdict, judge
from kafkabook.grading.zoo.variant import Variant

SEED = 91


def zoo(exercise: Exercise) -> Any:
    """Return the zoo module of an exercise."""
    return import_module(f"kafkabook.grading.zoo.{exercise.zoo}")


def variants() -> list[Any]:
    """List every wrong part beside its exercise."""
    return [
        pytest.param(exercise, variant, id=f"{exercise.number} {variant.name}")
        for exercise in EXERCISES
        for variant in zoo(exercise).WRONG
    ]


def parameters(part: Callable[..., Any]) -> Parameters:
    """Return what a part says it takes, as its process would."""
    taken = inspect.signature(part).parameters.values()
    return tuple((p.name, p.default is not p.empty, p.kind.name) for p in taken)


JUDGED: dict[tuple[str, Callable[..., Any]], Verdict] = {}


def judged(exercise: Exercise, part: Callable[..., Any]) -> Verdict:
    """Judge a part in this process, once: ours are no danger."""
    key = (exercise.number, part)
    if key not in JUDGED:
        JUDGED[key] = judge(exercise, part, parameters(part), seed=SEED)
    return JUDGED[key]


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.number)
def test_right_parts_of_different_structure_hold_every_ring(exercise: Exercise) -> None:
    """A law must not ask for our way of doing it."""
    parts = (exercise.reference, *zoo(exercise).RIGHT)
    assert len(parts) >= 3
    held = [RingState.PASSED] * 4
    for part in parts:
        verdict = judged(exercise, part)
        assert (None, held) == (verdict.failure, [ring.state for ring in verdict.rings]), part


@pytest.mark.parametrize(("exercise", "variant"), variants())
def test_each_wrong_part_fails_in_the_ring_and_by_the_law_named_in_advance(
    exercise: Exercise, variant: Variant
) -> None:
    """A grader that fails the right submission for the wrong reason teaches the wrong thing."""
    failure = judged(exercise, variant.part).failure
    assert failure is not None
    assert (variant.ring, variant.law) == (failure.ring, failure.law)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.number)
def test_a_zoo_has_eight_residents_and_more_than_one_ring_is_needed(exercise: Exercise) -> None:
    """Examples alone do not make a grader."""
    wrong = zoo(exercise).WRONG
    assert len({variant.name for variant in wrong}) == len(wrong) >= 8
    assert {"R1", "R2"} <= {variant.ring for variant in wrong}


@pytest.mark.parametrize(("exercise", "variant"), variants())
def test_no_failure_shows_a_solution(exercise: Exercise, variant: Variant) -> None:
    """What a reader is told is the law and the case, never the code."""
    failure = judged(exercise, variant.part).failure
    assert failure is not None
    told = "\n".join((failure.headline, *failure.shown, failure.because, failure.should_be))
    for part in (exercise.reference, *zoo(exercise).RIGHT):
        body = inspect.getsource(part).splitlines()
        lines = [line.strip() for line in body if "return" in line or "if " in line]
        assert [] == [line for line in lines if len(line) > 12 and line in told]


def test_every_law_has_a_name_of_its_own_and_a_sentence() -> None:
    """The name is what a reader looks for in the chapter."""
    for exercise in EXERCISES:
        names = [law.name for law in exercise.laws]
        assert sorted(set(names)) == sorted(names)
        assert [] == [law.name for law in exercise.laws if not law.statement.endswith(".")]


def test_an_exercise_is_told_without_its_answer() -> None:
    """Counter-examples are calls; the lines of `told` are short enough for the card."""
    calls = itertools.chain.from_iterable(
        ((exercise, example) for example in exercise.examples) for exercise in EXERCISES
    )
    for exercise, example in calls:
        assert all(len(line) <= 110 for line in exercise.told(*example.arguments))
