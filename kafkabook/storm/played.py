"""A text played from its first line to its last: nothing is healed, and nothing ends it early.

The first lines say which cluster: `set` lines one of a storm, whose topic exists already, a `lab`
line one as `Lab` makes it. `part` lines say whose part decides: `t=0 part elect my_election`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kafkabook.base.errors import KafkaError, UnknownName, WrongValue
from kafkabook.lab import Lab, Rules
from kafkabook.lab.text import MADE, check_line, do_line, made_by
from kafkabook.sim.faults import Fault, parse
from kafkabook.storm.setup import SET, Setup

PART = "part"
SEED = 7
Parts = Mapping[str, Callable[..., Any]]  # by slot
HEADS = (SET, MADE, PART)


def lines_of(text: str) -> tuple[Fault, ...]:
    """Read a text, and look at each of its lines before anything is done.

    Raises:
        ValueError: a line that is none, that takes other words, or that stands too late.
        LookupError: a verb that there is not. Each names the line, in one line.
    """
    try:
        lines = parse(text)
    except ValueError as error:
        raise WrongValue(f"replay: {error}") from None
    heads = [line for line in lines if line.verb in HEADS]
    if heads != list(lines[: len(heads)]):
        late = next(line for line in reversed(lines) if line.verb in HEADS)
        raise WrongValue(f"replay: `{late}` must come before the first command")
    _check_heads(heads)
    for line in lines[len(heads) :]:
        _checked(line)
    return lines


def _check_heads(heads: Sequence[Fault]) -> None:
    verbs = [line.verb for line in heads]
    if verbs.count(MADE) > 1 or (MADE in verbs and SET in verbs):
        raise WrongValue("replay: one `lab` line, or `set` lines, say which cluster")
    for line in heads:
        if line.verb in (SET, PART) and len(line.args) != 2:
            raise WrongValue(f"replay: `{line}` needs a name and a value")
    try:
        Setup.of(heads)
    except ValueError as error:
        raise WrongValue(f"replay: {error}") from None


def _checked(line: Fault) -> None:
    try:
        check_line(line)
    except LookupError as error:
        raise UnknownName(f"replay: `{line}`: {error}") from None
    except (ValueError, TypeError, AssertionError) as error:
        raise WrongValue(f"replay: `{line}`: {error}") from None


def slots_in(lines: Sequence[Fault]) -> dict[str, str]:
    """Return which parts are the reader's, by slot: the name of each."""
    return {str(it.args[0]): str(it.args[1]) for it in lines if it.verb == PART}


def played(
    lines: Sequence[Fault], *, parts: Parts | None = None, rules: Rules | None = None
) -> tuple[Lab, list[str]]:
    """Play lines; return the lab after them, and which of them made no sense.

    Args:
        parts: what stands in the places that `part` lines name, or in others.
        rules: instead of those that the text says.
    """
    lab, refused = begun(lines, parts=parts, rules=rules), list[str]()
    for line in lines:
        if line.verb not in HEADS:
            go_on(lab, line, refused)
    return lab, refused


def begun(lines: Sequence[Fault], *, parts: Parts | None = None, rules: Rules | None = None) -> Lab:
    """Make the cluster of the first lines."""

    def change(usual: Rules) -> Rules:
        return (rules or usual).having(**(parts or {}))

    made = [line for line in lines if line.verb == MADE]
    if made:
        return made_by(made[0], change)
    setup = Setup.of(lines)
    return setup.begin(seed=SEED, rules=change(setup.rules()))


def go_on(lab: Lab, line: Fault, refused: list[str]) -> None:
    """Do one line; what makes no sense, such as to kill the dead, is left out as in a storm."""
    try:
        do_line(lab, line)
    except KafkaError as error:
        refused.append(f"{line}: {error}")
