"""`replay`: a run out of its text, with the reader's own part where the text says so."""

from collections.abc import Callable, Mapping
from typing import Any

from kafkabook.base.door import at_the_door, meant, must_be, must_be_called
from kafkabook.base.errors import MissingKey, UnknownName, WrongValue
from kafkabook.grading.exercise import Exercise
from kafkabook.grading.exercises import EXERCISES
from kafkabook.grading.session import written
from kafkabook.lab.lab import Lab
from kafkabook.lab.rules import Rules
from kafkabook.storm.played import lines_of, played, slots_in


@at_the_door
def replay(
    text: str,
    *,
    reference: bool = False,
    rules: Rules | None = None,
    **parts: Callable[..., Any],
) -> Lab:
    """Play the text of a run, and return the lab after it.

    The text is that of a failure's film, of a lab's journal, or of a puzzle's solution. A line
    `t=0 part high_watermark my_high_watermark` asks for your part: the one that you graded last.

    Args:
        text: one line for each thing that is done, such as `t=60 send a orders-0 all`.
        reference: whether Kafka's own parts run where the text asks for yours.
        rules: instead of those that the text says.
        parts: functions by slot, such as `high_watermark=my_high_watermark`.

    Raises:
        ValueError: a line that is none, or that makes no sense. LookupError: no such verb, or a
            part that is not known here. Both name the line.

    >>> replay("t=60 send m1 orders-0 all\\nt=100 run until").read()
    ['m1']
    """
    must_be(str, "the text of a run", "replay", "text", text)
    lines = lines_of(text)
    slots = slots_in(lines)
    _check_parts(parts, slots)
    wanted = {} if reference else _wanted(slots, parts)
    lab, refused = played(lines, parts=wanted, rules=rules)
    if refused and not slots:  # with another part, what was done may make no sense any more
        raise WrongValue(f"replay: {refused[0]}")
    return lab


def _check_parts(parts: Mapping[str, object], slots: Mapping[str, str]) -> None:
    known = _exercises()
    for slot in (*parts, *slots):
        if slot not in known:
            hint = meant(slot, known) or f"; there are {', '.join(known)}"
            raise MissingKey(f"replay: no exercise builds {slot!r}{hint}")
    for slot, part in parts.items():
        must_be_called("replay", slot, part, told="a function of yours")


def _exercises() -> dict[str, Exercise]:
    return {exercise.slot: exercise for exercise in EXERCISES}


def _wanted(slots: Mapping[str, str], parts: Mapping[str, Any]) -> dict[str, Callable[..., Any]]:
    """Return the reader's parts, fitted to their slots."""
    session, known = written(), _exercises()
    found = dict(parts)
    for slot, name in slots.items():
        if slot not in found and slot not in session:
            raise UnknownName(
                f"replay: your {name} is not known here; run its cell and"
                f' grade("{known[slot].number}", {name}), or add {slot}={name}'
            )
        found.setdefault(slot, session[slot].part if slot in session else None)
    return {slot: known[slot].slotted(part) for slot, part in found.items()}
