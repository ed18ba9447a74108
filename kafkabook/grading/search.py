"""The search for a counter-example: the first of many inputs that breaks something, made small."""

from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from kafkabook.grading.draws import Draw, Row, Strategy, fresh

T = TypeVar("T")
Breaks = Callable[[T], Exception | None]
_CHUNKS = (8, 4, 3, 2, 1)


class Enough(Exception):
    """Raised instead of an answer: nothing more can be asked, and what was found has to do."""


def search(
    strategy: Strategy[T], breaks: Breaks[T], *, count: int, tries: int, seed: int
) -> tuple[T, Exception] | None:
    """Return the smallest input found that breaks something, and how; None if none of `count` does.

    Args:
        breaks: how an input breaks something, or None. An input is only replaced by a smaller one
            that breaks with an error of the same type.
        tries: how many smaller inputs are asked about.
        seed: the same inputs for the same seed.
    """
    for row, value in fresh(strategy, count, seed):
        if error := breaks(value):
            return _Smaller(strategy, breaks, row, (value, error)).smallest(tries)
    return None


class _Smaller(Generic[T]):
    """A row of numbers that is shortened and lowered for as long as its input breaks alike."""

    def __init__(
        self, strategy: Strategy[T], breaks: Breaks[T], row: Row, found: tuple[T, Exception]
    ) -> None:
        self._strategy, self._breaks = strategy, breaks
        self._row, self._found = row, found
        self._seen, self._left = {row}, 0

    def smallest(self, tries: int) -> tuple[T, Exception]:
        """Shorten and lower until nothing helps any more."""
        self._left, before = tries, None
        with suppress(Enough):
            while before != self._row and self._left > 0:
                before = self._row
                self._leave_items_out()
                self._lower()
                for length in _CHUNKS:
                    self._shorten(length)
        return self._found

    def _leave_items_out(self) -> None:
        """Leave items of lists out, the last ones first."""
        draw = Draw(self._row)
        draw(self._strategy)
        for begin, end in reversed(draw.items):
            self._try(self._row[:begin] + self._row[end:])

    def _shorten(self, length: int) -> None:
        """Leave numbers out, the last ones first; also while the one before them goes down."""
        at = len(self._row) - length
        while at >= 0:
            row = self._row
            rest = row[at + length :]
            shorter = self._try(row[:at] + rest)
            if not shorter and at and row[at - 1]:
                shorter = self._try((*row[: at - 1], row[at - 1] - 1, *rest))
            at = min(at, len(self._row) - length) if shorter else at - 1

    def _lower(self) -> None:
        for at in range(len(self._row)):
            self._lower_one(at)

    def _lower_one(self, at: int) -> None:
        """Halve the room between what is too low and what still breaks."""
        low = -1
        while at < len(self._row) and low + 1 < self._row[at]:
            row = self._row
            middle = (low + row[at]) // 2 if low >= 0 else 0
            if not self._try((*row[:at], middle, *row[at + 1 :])):
                low = middle

    def _try(self, known: Row) -> bool:
        """Take this row if it is smaller and breaks alike; what it lacks is 0."""
        draw = Draw(known)
        value = draw(self._strategy)
        row = tuple(draw.row)
        if self._left <= 0 or row in self._seen or not _is_smaller(row, self._row):
            return False
        self._left -= 1
        self._seen.add(row)
        error = self._breaks(value)
        if error is None or type(error) is not type(self._found[1]):
            return False
        self._row, self._found = row, (value, error)
        return True


def _is_smaller(row: Row, than: Row) -> bool:
    return (len(row), row) < (len(than), than)
