"""A reader's parts at work: theirs where they are written, ours where they are not yet."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kafkabook.base.door import at_the_door, meant
from kafkabook.base.errors import MissingKey, WrongType
from kafkabook.grading.exercise import Exercise
from kafkabook.grading.exercises import EXERCISES, find
from kafkabook.grading.mark import shown
from kafkabook.lab.rules import Rules


@dataclass(frozen=True, slots=True)
class Parts:
    """Rules for a lab, those for a log among them, and the badge that says whose parts run."""

    rules: Rules
    badge: str


@dataclass(frozen=True, slots=True, repr=False)
class Examples:
    """The printed examples of an exercise, as a cell shows them."""

    exercise: Exercise

    def __repr__(self) -> str:
        lines = []
        for number, example in enumerate(self.exercise.examples, 1):
            lines += [f"{number}. {example.told}"]
            lines += [f"       {line}" for line in self.exercise.told(*example.arguments)]
            answer = f"raises {example.raises}" if example.raises else shown(example.answer)
            lines += [f"     → {answer}"]
        return "\n".join(lines)


@at_the_door
def examples(number: str) -> Examples:
    """Show the printed examples of an exercise.

    Raises:
        KeyError: there is no such exercise.
    """
    return Examples(find(number))


@at_the_door
def yours(**parts: Callable[..., Any]) -> Parts:
    """Put functions of yours into the rules of a cluster; an unwritten one is replaced by ours.

    Args:
        parts: by slot, such as `should_roll=my_roll`. A lab takes the `rules` of the answer, a log
            of its own takes `rules.log`.

    Raises:
        KeyError: no exercise builds that slot. TypeError: what stands there is no function.
    """
    exercises = {exercise.slot: exercise for exercise in EXERCISES}
    for slot, part in parts.items():
        if slot not in exercises:
            hint = meant(slot, exercises) or f"; there are {', '.join(exercises)}"
            raise MissingKey(f"yours: no exercise builds {slot!r}{hint}")
        if not callable(part):
            raise WrongType(f"yours: {slot} must be a function of yours, not {part!r}")
    written = {slot: part for slot, part in parts.items() if _is_written(exercises[slot], part)}
    rules = {slot: exercises[slot].slotted(part) for slot, part in written.items()}
    whose = (f"{exercises[s].title}: {'yours' if s in written else 'reference'}" for s in parts)
    return Parts(Rules().having(**rules), " · ".join(whose))


def _is_written(exercise: Exercise, part: Callable[..., Any]) -> bool:
    try:
        part(*exercise.examples[0].arguments)
    except NotImplementedError:
        return False
    except Exception:  # noqa: BLE001  written, and wrong: the log will show how
        return True
    return True
