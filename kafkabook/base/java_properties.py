r"""A Java properties file as `java.util.Properties` reads it.

Bytes are letters of Latin-1. A name ends at the first blank, `=` or `:` that no backslash stands
before, a value at the end of its line; a backslash at the end of a line goes on with the next one.

Source: Java, `java.util.Properties.load(InputStream)`.
"""

import re
from collections.abc import Iterator

from kafkabook.base.java_text import lines_of
from kafkabook.base.plain import plain

_BLANKS = " \t\f"
_NAME = re.compile(r"(?:\\.|[^\\ \t\f=:])*", re.DOTALL)
_BETWEEN = re.compile(r"[ \t\f]*[=:]?[ \t\f]*")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|u|.?)", re.DOTALL)
_AT_THE_END = ("\\", "\\\n", "\\\r")
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def parse_properties(data: bytes) -> dict[str, str]:
    r"""Return the properties of a file; the last one of a name counts.

    Raises:
        ValueError: four hexadecimal digits do not follow a `\u`.

    >>> parse_properties(b"  # a comment\ncluster.id: a\\:b\\\n   c\nnode.id 7")
    {'cluster.id': 'a:bc', 'node.id': '7'}
    """
    return dict(map(_property, _logical_lines(data.decode("latin-1"))))


def _logical_lines(text: str) -> Iterator[str]:
    """Join lines that a backslash ends, and pass over comments and empty lines."""
    joined, is_open = "", False
    for line in lines_of(text):
        rest = line.lstrip(_BLANKS)
        if not joined and (not rest or rest[0] in "#!"):
            is_open = False
            continue
        is_open = _ends_in_backslash(rest)
        joined += rest[:-1] if is_open else rest
        if not is_open:
            yield joined
            joined = ""
    if joined or (is_open and text.endswith(_AT_THE_END)):
        yield joined  # a property of no name, where Java finds the end before it looks again


def _ends_in_backslash(line: str) -> bool:
    """Whether the last backslash stands for itself; an even number of them are letters."""
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _property(line: str) -> tuple[str, str]:
    name = _NAME.match(line)
    assert name is not None
    between = _BETWEEN.match(line, name.end())
    assert between is not None
    return _unescaped(name[0]), _unescaped(line[between.end() :])


def _unescaped(text: str) -> str:
    letters = _ESCAPE.sub(_letter, text)
    return letters.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _letter(escape: re.Match[str]) -> str:
    told = escape[1]
    if told == "u":
        raise ValueError(f"\\u without four hexadecimal digits in '{plain(escape.string, 80)}'")
    return chr(int(told[1:], 16)) if told.startswith("u") else _CONTROLS.get(told, told)
