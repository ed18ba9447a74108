"""A schedule of faults as data: what is done to a run, and when; as text, one fault a line.

    t=40 crash 1
    t=55 drop_next Fetch 2 1
    t=90 heal 1 2

A schedule is read, shrunk, kept in a test and pasted into a notebook; who runs it gives the verbs
their meaning.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

Argument = int | str | None

_LINE = re.compile(r"t=(0|[1-9][0-9]*) ([a-z_]+)((?: \S+)*)")
_NUMBER = re.compile(r"-?[1-9][0-9]*|0")
_WORD = re.compile(r"[^\s#*]\S*")  # neither a comment nor the sign for any
_VERB = re.compile(r"[a-z_]+")
ANY = "*"  # how None is written: any name, any sender, any receiver


@dataclass(frozen=True, slots=True)
class Fault:
    """At `at_ms`, `verb` is done with `args`: whole numbers, words, or None for any.

    Raises:
        ValueError: a time before 0, or a part that its text form could not give back.

    >>> print(Fault(55, "drop_next", ("Fetch", 2, None)))
    t=55 drop_next Fetch 2 *
    """

    at_ms: int
    verb: str
    args: tuple[Argument, ...] = ()

    def __post_init__(self) -> None:
        if self.at_ms < 0:
            raise ValueError(f"t={self.at_ms} is before the start")
        if not _VERB.fullmatch(self.verb):
            raise ValueError(f"{self.verb!r} is no verb: small letters and _ only")
        for argument in self.args:
            if isinstance(argument, str) and not _is_a_word(argument):
                raise ValueError(
                    f"{argument!r} is no word: it would be read back as something else"
                )

    def __str__(self) -> str:
        args = (ANY if argument is None else str(argument) for argument in self.args)
        return " ".join((f"t={self.at_ms}", self.verb, *args))


def parse(text: str) -> tuple[Fault, ...]:
    """Read a schedule; what follows a # is a comment, and empty lines mean nothing.

    Faults stay in the order of their lines, also where times are equal or go back.

    Raises:
        ValueError: a line that is no fault; it is named by its number, and shown.

    >>> parse("t=40 crash 1  # the leader")
    (Fault(at_ms=40, verb='crash', args=(1,)),)
    """
    lines = ((n, _without_comment(line)) for n, line in enumerate(text.splitlines(), start=1))
    return tuple(_fault(number, line) for number, line in lines if line)


def show(faults: Iterable[Fault]) -> str:
    """Write a schedule as `parse` reads it."""
    return "\n".join(map(str, faults))


def _fault(number: int, line: str) -> Fault:
    found = _LINE.fullmatch(" ".join(line.split()))
    if found is None:
        raise ValueError(f"line {number}: {line!r} is not of the form 't=40 crash 1'")
    at_ms, verb, args = found.groups()
    return Fault(int(at_ms), verb, tuple(map(_argument, args.split())))


def _argument(word: str) -> Argument:
    if word == ANY:
        return None
    return int(word) if _NUMBER.fullmatch(word) else word


def _is_a_word(argument: str) -> bool:
    return bool(_WORD.fullmatch(argument)) and isinstance(_argument(argument), str)


def _without_comment(line: str) -> str:
    return re.sub(r"(^|\s)#.*", "", line).strip()
