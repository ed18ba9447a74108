"""A prediction that comes before the picture: what the reader thinks, kept beside what is so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kafkabook.explorers.knobs import Value
from kafkabook.viz.figure import Figure

Answer = int | float | str


@dataclass(frozen=True, slots=True)
class Guess:
    """A question that an explorer asks before it shows anything.

    The knobs stay locked until the reader guesses or skips. Then guess and truth stand side by
    side, with `why`, which names the rule and Kafka's word for it, and the knobs and the time bar
    jump to where the answer can be seen: `shows` and `at`.

    Attributes:
        question: ends in "?".
        answer: a function that asks the model, so that the truth cannot grow stale.
        why: one or two sentences.
        choices: what may be picked; without choices the reader types a whole number.
        before: a function that draws what is seen while the question stands; it must not tell.
        unit: of a number, "records" for example.
        shows: knobs and the values that they jump to; a knob that is not named stays at its start.
        at: the frame that the time bar jumps to, counted from 0; None leaves it where it opens.

    Raises:
        ValueError: no question, or only one choice.
    """

    question: str
    answer: Callable[[], Answer]
    why: str
    choices: tuple[Answer, ...] = ()
    before: Callable[[], Figure] | None = None
    unit: str = ""
    shows: Mapping[str, Value] = field(default_factory=dict)
    at: int | None = None

    def __post_init__(self) -> None:
        if not self.question.endswith("?"):
            raise ValueError(f"guess {self.question!r} is not a question: it must end in '?'")
        if len(self.choices) == 1:
            raise ValueError(f"guess {self.question!r} has one choice, which is no choice")

    def data(self) -> dict[str, Any]:
        """Return what the front end needs, the truth included.

        Raises:
            ValueError: the truth is not among the choices.
        """
        answer = self.answer()
        if self.choices and answer not in self.choices:
            raise ValueError(f"guess {self.question!r}: {answer!r} is none of {self.choices}")
        return {
            "question": self.question,
            "choices": list(map(str, self.choices)),
            "answer": str(answer),
            "why": self.why,
            "unit": self.unit,
            "at": self.at,
        }
