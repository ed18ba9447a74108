"""`grade`: from a function in a notebook to its mark."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kafkabook.base.door import at_the_door
from kafkabook.grading.debriefs import DEBRIEFS
from kafkabook.grading.exercise import Exercise
from kafkabook.grading.exercises import find
from kafkabook.grading.loss import loss_of
from kafkabook.grading.mark import Failure, Mark, RingState
from kafkabook.grading.own_test import badge
from kafkabook.grading.process import PartImpure, PartProcess, PartRaised, PartStopped
from kafkabook.grading.rings import STOPPED, Heard, NotWritten, Verdict, judge, unreached
from kafkabook.grading.session import remember
from kafkabook.grading.source import NoSource, Submission, suspicions, taken_from

_SEEDS = 1_000_000
_PASSED: dict[tuple[str, Submission], Mark] = {}  # in this process, by what was graded


@at_the_door
def grade(
    number: str,
    part: Callable[..., Any],
    *,
    seed: int | None = None,
    my_test: Callable[..., Any] | None = None,
) -> Mark:
    """Grade the function that a cell of this notebook defines.

    It runs in a process of its own from the source of its cell, so what other cells define it does
    not see. Nothing that it does, be it an endless loop, harms this notebook. A part that has
    passed keeps its mark while the notebook runs, and its source stays as it is.

    Args:
        number: the exercise, such as "01.2".
        part: your function.
        seed: repeats the inputs of an earlier mark; fresh ones if omitted. With a seed a part is
            graded again, passed or not.
        my_test: a function of yours that takes a part and asserts; the mark tells how many of our
            wrong parts it finds. A badge, no points.

    Raises:
        KeyError: there is no such exercise.

    Cost: half a second, two more for the film of a failure; at most ten seconds a ring.
    """
    exercise = find(number)
    try:
        taken = taken_from(part)
    except NoSource as error:
        return nothing_to_grade(exercise, str(error))
    mark = _once(number, taken) if seed is None else grade_source(number, taken, seed=seed)
    remember(exercise, part, taken, mark)
    return mark.with_badge(badge(exercise, my_test)) if my_test else mark


def _once(number: str, taken: Submission) -> Mark:
    """Grade with fresh inputs; what has passed is not asked the same again."""
    mark = _PASSED.get((number, taken)) or grade_source(number, taken)
    if mark.passed:
        _PASSED[number, taken] = mark
    return mark


def grade_source(number: str, taken: Submission, *, seed: int | None = None) -> Mark:
    """Grade a part from its source alone, as a class's grading does.

    The seed is drawn here, after the submission is complete, and the verdict is found in this
    process: the part's process only answers.
    """
    exercise = find(number)
    seed = secrets.randbelow(_SEEDS) if seed is None else seed
    if taken.is_stub:
        return _unwritten(exercise)
    with PartProcess(taken, exercise.given) as process:
        try:
            verdict = _judged(exercise, process, seed, taken.name)
        except NotWritten:
            return _unwritten(exercise)
    return _mark(exercise, taken, verdict, seed, process.used)


def _judged(exercise: Exercise, process: PartProcess, seed: int, name: str) -> Verdict:
    try:
        parameters = process.load()
    except (PartRaised, PartImpure, PartStopped) as error:
        return _unloaded(exercise, str(error))
    verdict = judge(exercise, process, parameters, seed=seed, renew=process.renew)
    return _filmed(exercise, process, verdict, name)


def _filmed(exercise: Exercise, process: PartProcess, verdict: Verdict, name: str) -> Verdict:
    """Add what a broken part loses, which it is asked for in the process that it has."""
    failure = verdict.failure
    if failure is None or failure.law == STOPPED:
        return verdict
    process.renew()
    loss = loss_of(exercise, Heard(process, exercise.normal), failure, name)
    return replace(verdict, failure=replace(failure, loss=loss))


def _mark(
    exercise: Exercise, taken: Submission, verdict: Verdict, seed: int, used: set[str]
) -> Mark:
    flags = [*suspicions(taken, exercise.reference.__name__)]
    flags += [f"calls the reference `{name}`" for name in sorted(used)]
    mark = _blank(exercise)
    tried = verdict.failure is not None and verdict.failure.tried > 0
    call = f'grade("{exercise.number}", {taken.name}{f", seed={seed}" if tried else ""})'
    found = replace(mark, rings=verdict.rings, failure=verdict.failure, flags=tuple(flags))
    told = DEBRIEFS[exercise.number].sentences if found.passed else ()
    return replace(found, seed=seed if tried else 0, reproduce=call, debrief=told)


def _blank(exercise: Exercise) -> Mark:
    return Mark(exercise.number, exercise.title, exercise.stars, unreached(exercise))


def _unwritten(exercise: Exercise) -> Mark:
    first = exercise.examples[0]
    hint = (
        f"Not written yet: replace `raise NotImplementedError` in `{exercise.part}`, and run its"
        f" cell. Begin with the first example: {first.told}"
    )
    return replace(_blank(exercise), hint=hint)


def _unloaded(exercise: Exercise, why: str) -> Verdict:
    first, *others = unreached(exercise)
    said = "the cell that defines the part runs by itself, with the imports of the notebook."
    failure = Failure(first.name, "a cell of its own", said, yours=f"your cell {why}")
    return Verdict((replace(first, state=RingState.FAILED), *others), failure)


def nothing_to_grade(exercise: Exercise, why: str) -> Mark:
    """Return the mark of a part that could not be found."""
    return replace(_blank(exercise), hint=f"Nothing to grade: {why}.")
