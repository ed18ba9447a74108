"""What is found in a file: rows by Kafka's own field names, and sentences for a person.

Every reader of this package yields findings one by one, and every style of output takes them one by
one, so that a segment of any size passes through a few megabytes.
"""

from typing import Any, NamedTuple

Fields = dict[str, Any]  # Kafka's name -> number, text, bytes, truth, None, or pairs of these


class Row(NamedTuple):
    """One record, batch, index entry or line of a checkpoint.

    `counts` is false for the heading of a batch whose records follow as rows of their own.
    """

    kind: str
    fields: Fields
    counts: bool = True


class Remark(NamedTuple):
    """A sentence about the file as a whole, such as how much of it is preallocated."""

    text: str


class Warned(NamedTuple):
    """A sentence about what Kafka does not look at, and what looks wrong: no damage, all the same.

    `at_byte` of the file.
    """

    at_byte: int
    text: str


class HintMissing(NamedTuple):
    """A sentence about what cannot be told from the bytes alone; it names the option that helps."""

    text: str


Finding = Row | Remark | Warned | HintMissing
