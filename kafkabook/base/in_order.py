"""Sets as a reader meets them: in order, and without the name of their class."""

from dataclasses import fields
from typing import Any, TypeVar

Member = TypeVar("Member")


class InOrder(frozenset[Member]):
    """A frozen set that prints its members in order.

    >>> InOrder({8, 1, 3})
    {1, 3, 8}
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return in_order(self)


def in_order(value: object) -> str:
    """Return the `repr` of a value, a set in order, so that one seed gives one text.

    >>> in_order(frozenset({8, 1})), in_order(frozenset()), in_order("a")
    ('{1, 8}', '{}', "'a'")
    """
    if isinstance(value, (set, frozenset)):
        return "{" + ", ".join(map(repr, sorted(value))) + "}"
    return repr(value)


def repr_in_order(thing: Any) -> str:
    """Return what a dataclass prints of itself, its sets in order; to be its `__repr__`."""
    shown = (known.name for known in fields(thing) if known.repr)
    told = ", ".join(f"{name}={in_order(getattr(thing, name))}" for name in shown)
    return f"{type(thing).__qualname__}({told})"
