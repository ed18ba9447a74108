"""A schedule of faults as data: what is done to a run, and when; as text, one fault a line.

    t=40 crash 1
    t=55 drop_next Fetch 2 1
    t=90 heal 1 2

A schedule is read, shrunk, kept in a test and pasted into a notebook; who runs it gives the verbs
their meaning. A word that has spaces, or reads like something else, is quoted: 'order 1'.
"""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass

from kafkabook.base.quick_init import with_quick_init

Argument = int | str | None

_TIME = re.compile(r"t=(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?[1-9][0-9]*|0")
_PLAIN = re.compile(r"[^\s#*'\"]\S*")  # neither a comment, nor the sign for any, nor a quotation
_VERB = re.compile(r"[a-z_]+")
_TOKEN = re.compile(r"""#.*|('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s'"]\S*)(?=\s|$)""")
ANY = "*"  # how None is written: any name, any sender, any receiver


@with_quick_init
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

    def __str__(self) -> str:
        return " ".join((f"t={self.at_ms}", self.verb, *map(word, self.args)))


def word(argument: Argument) -> str:
    """Write an argument as a line of text has it.

    >>> word(12), word("orders-0"), word("order 1"), word("12"), word(None)
    ('12', 'orders-0', "'order 1'", "'12'", '*')
    """
    if argument is None:
        return ANY
    text = str(argument)
    is_read_back = not isinstance(argument, str) or (
        bool(_PLAIN.fullmatch(text)) and not _NUMBER.fullmatch(text)
    )
    return text if is_read_back else repr(text)


def parse(text: str) -> tuple[Fault, ...]:
    """Read a schedule; what follows a # is a comment, and empty lines mean nothing.

    Faults stay in the order of their lines, also where times are equal or go back.

    Raises:
        ValueError: a line that is no fault; it is named by its number, and shown.

    >>> parse("t=40 crash 1  # the leader")
    (Fault(at_ms=40, verb='crash', args=(1,)),)
    """
    lines = ((n, line.strip()) for n, line in enumerate(text.split("\n"), start=1))
    return tuple(_fault(n, line) for n, line in lines if line and not line.startswith("#"))


def show(faults: Iterable[Fault]) -> str:
    """Write a schedule as `parse` reads it."""
    return "\n".join(map(str, faults))


def _fault(number: int, line: str) -> Fault:
    words = _words(line)
    time = _TIME.fullmatch(words[0]) if len(words) > 1 else None
    if time is None or not _VERB.fullmatch(words[1]):
        raise ValueError(f"line {number}: {line!r} is not of the form 't=40 crash 1'")
    return Fault(int(time[1]), words[1], tuple(map(_argument, words[2:])))


def _words(line: str) -> list[str]:
    """Cut a line into its words, without its comment; no words where a quotation does not end."""
    words, place = list[str](), 0
    while place < len(line):
        found = _TOKEN.match(line, place)
        if found is None:
            return []
        if found[1] is None:  # a comment
            break
        words.append(found[1])
        place = found.end()
        while place < len(line) and line[place].isspace():
            place += 1
    return words


def _argument(text: str) -> Argument:
    if text == ANY:
        return None
    if text[0] in "'\"":
        return str(ast.literal_eval(text))
    return int(text) if _NUMBER.fullmatch(text) else text
