"""What a law is: a function of a part and of inputs, that raises where the part breaks it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kafkabook.grading.draws import Strategy

Part = Callable[..., Any]


class Said(str):
    """Words in the place of an answer; shown as they are, without the quotes of a text."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class LawBroken(AssertionError):
    """A part's answer is not what the law asks for; both come along, with the reason in words.

    `seen` are lines that show what happened, where the input alone does not tell it.
    """

    def __init__(
        self, should_be: object, yours: object, because: str = "", seen: tuple[str, ...] = ()
    ) -> None:
        super().__init__(f"should be {should_be!r}, is {yours!r}; {because}")
        self.should_be, self.yours, self.because, self.seen = should_be, yours, because, seen


def expect(should_be: object, yours: object, because: str = "") -> None:
    """Compare value and type; a text that happens to equal a RollReason is not one.

    Raises:
        LawBroken: they differ.
    """
    if type(should_be) is not type(yours) or should_be != yours:
        raise LawBroken(should_be, yours, because)


@dataclass(frozen=True, slots=True)
class Law:
    """A law with the inputs that it is tried on.

    Attributes: `check` (its name is the law's name, the first line of its docstring says it in
    words), `inputs` (a strategy of tuples of arguments that follow the part), `told` (the lines
    that show such a tuple to a reader), `count` (how many fresh inputs a grade tries), `ring`,
    `tries` (how many smaller inputs are tried once one has broken the law).
    """

    check: Callable[..., None]
    inputs: Strategy[tuple[Any, ...]]
    told: Callable[..., tuple[str, ...]]
    count: int = 25
    ring: str = "R2"
    tries: int = 400

    @property
    def name(self) -> str:
        """The law's name as a reader sees it."""
        return self.check.__name__.replace("_", " ")

    @property
    def statement(self) -> str:
        """The law in one sentence."""
        return (self.check.__doc__ or "").strip().splitlines()[0]
