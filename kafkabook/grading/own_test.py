"""Ring R4: the reader's own test, tried on our wrong parts; it earns a badge and no points."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from kafkabook.grading.exercise import Exercise
from kafkabook.grading.process import PartImpure, PartProcess, PartRaised, PartStopped
from kafkabook.grading.source import NoSource, taken_from
from kafkabook.grading.zoo.variant import Variant


def zoo_of(exercise: Exercise) -> tuple[Variant, ...]:
    """Return the wrong parts of an exercise."""
    wrong: tuple[Variant, ...] = import_module(f"kafkabook.grading.zoo.{exercise.zoo}").WRONG
    return wrong


def badge(exercise: Exercise, my_test: Callable[..., Any]) -> str:
    """Say how many wrong parts `my_test` finds, provided that it lets the right one pass.

    It runs in a process of its own, as a part does; an error of any kind counts as found.
    """
    wrong = zoo_of(exercise)
    parts = [exercise.reference, *(variant.part for variant in wrong)]
    names = [f"{part.__module__}:{part.__name__}" for part in parts]
    try:
        taken = taken_from(my_test)
        if taken.is_stub:
            return "R4  Your own test is not written yet."
        with PartProcess(taken, (), names) as process:
            process.load()
            if _finds(process, 0):
                return "R4  Your own test fails for a right part too: read its assertion again."
            found = [_finds(process, number) for number in range(1, len(parts))]
    except (NoSource, PartRaised, PartImpure, PartStopped) as error:
        return f"R4  Your own test could not be run: {error}."
    missed = [variant.name for variant, is_found in zip(wrong, found, strict=True) if not is_found]
    told = f"R4  Your own test finds {sum(found)} of {len(wrong)} wrong parts"
    return f"{told}; the first that it lets pass: “{missed[0]}”." if missed else f"{told}. ★"


def _finds(process: PartProcess, number: int) -> bool:
    process.renew()
    try:
        process(number)
    except PartRaised:
        return True
    return False
