"""A frozen dataclass that is made quickly is the same class to everybody else."""

from dataclasses import FrozenInstanceError, dataclass, field, replace
from inspect import signature
from typing import Any

import pytest

from kafkabook.base.quick_init import with_quick_init
from kafkabook.base.trace import Event


def a_class() -> Any:
    """Make a class with parameters of each kind, and a check."""

    @dataclass(frozen=True, slots=True)
    class Asked:
        offset: int
        epoch: int = -1
        reason: str = field(default="none", kw_only=True)

        def __post_init__(self) -> None:
            if self.offset < 0:
                raise ValueError("an offset is never negative")

    return Asked


Usual, Quick = a_class(), with_quick_init(a_class())


@with_quick_init
@dataclass(frozen=True, slots=True)
class Listed:
    """A default that is made anew for each."""

    offsets: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Happened(Event):
    """An event, which needs no decorator."""

    offset: int


def is_quick(made: Any) -> bool:
    """Say whether an `__init__` knows the setters of the slots."""
    return "set_offset" in made.__init__.__globals__


def test_it_takes_what_the_usual_one_takes() -> None:
    """By place, by name, with the same defaults and the same complaint."""
    assert (False, True) == (is_quick(Usual), is_quick(Quick))
    assert signature(Usual) == signature(Quick)
    for given, named in (((3,), {}), ((3, 4), {}), ((), {"offset": 3, "reason": "asked"})):
        assert repr(Usual(*given, **named)) == repr(Quick(*given, **named))
    with pytest.raises(TypeError, match=r"__init__\(\) missing 1 required positional argument"):
        Quick()


def test_it_checks_and_stays_frozen() -> None:
    """`__post_init__` still runs; nothing can be set afterwards; equal values stay equal."""
    with pytest.raises(ValueError, match="never negative"):
        Quick(-1)
    with pytest.raises(FrozenInstanceError):
        Quick(1).offset = 2
    assert {Quick(1)} == {replace(Quick(2), offset=1)}


def test_a_default_that_is_made_anew_keeps_the_usual_one() -> None:
    """Two values must not share a list."""
    assert Listed().offsets is not Listed().offsets


def test_every_event_is_made_quickly() -> None:
    """Without a decorator of its own."""
    assert is_quick(Happened)
    assert "Happened(offset=4)" == repr(Happened(4))
