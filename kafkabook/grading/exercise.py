"""What an exercise is: a slot of the rules, its printed examples, its laws, and how it is told."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kafkabook.grading.laws.law import Law, Part

RING_POINTS = {"R0": 1.0, "R1": 3.0, "R2": 3.0, "R3": 3.0}


@dataclass(frozen=True, slots=True)
class Example:
    """A printed example: arguments, the answer, and why in one sentence.

    `raises` names the error that is the right answer; empty where the part returns.
    """

    told: str
    arguments: tuple[Any, ...]
    answer: Any
    raises: str = ""


def _as_it_is(one: Any) -> Any:
    return one


@dataclass(frozen=True, slots=True)
class Exercise:
    """One part that a reader builds.

    Attributes: `number` ("01.2"), `title`, `chapter` (slug), `slot` (the field of `LogRules`,
    `ReplicationRules` or `ClusterRules`; no name is in two of them), `hardness` (1 to 3 stars),
    `hours`, `part` (the name that the stub has), `reference` (ours), `examples`, `laws` (rings R2
    and R3), `given` (functions of ours that the part may not call without a flag, as
    `module:name`), `kinds` (types that an answer may have), `zoo` (its module under
    `kafkabook.grading.zoo`), `told` (a call as lines), `slotted` (fits the part to its slot where
    the two differ), `normal` (the form in which answers are compared), `runs_in` (where ring R3
    has the part at work).
    """

    number: str
    title: str
    chapter: str
    slot: str
    hardness: int
    hours: float
    part: str
    reference: Part
    kinds: tuple[type, ...]
    examples: tuple[Example, ...]
    laws: tuple[Law, ...]
    given: tuple[str, ...]
    zoo: str
    told: Callable[..., tuple[str, ...]]
    slotted: Callable[[Part], Part] = _as_it_is
    normal: Callable[[object], object] = _as_it_is
    runs_in: str = "a log that crashes and recovers"

    @property
    def stars(self) -> str:
        """The hardness as one to three stars."""
        return "★" * self.hardness

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names that the part's parameters have, in order."""
        return tuple(inspect.signature(self.reference).parameters)
