"""A seeded bug: rules that are wrong in one place, and the checker that must see it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Generic, NamedTuple, TypeVar

Rules = TypeVar("Rules")  # the frozen dataclass of a package's parts


class SeededBug(NamedTuple, Generic[Rules]):
    """A change to any rules, what is then wrong in words, and the checker that must see it."""

    put_into: Callable[[Rules], Rules]
    what: str
    caught_by: str


def seeded_bug(what: str, caught_by: str, **parts: Any) -> SeededBug[Any]:
    """Return the bug that exchanges these parts, and leaves the others as they are.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class TwoParts:
    ...     roll: str = "right"
    ...     read: str = "right"
    >>> bug = seeded_bug("rolls too late", "L1", roll="wrong")
    >>> bug.put_into(TwoParts()), bug.what, bug.caught_by
    (TwoParts(roll='wrong', read='right'), 'rolls too late', 'L1')
    """
    return SeededBug(lambda rules: replace(rules, **parts), what, caught_by)
