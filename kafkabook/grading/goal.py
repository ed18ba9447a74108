"""A puzzle: bring a cluster into a state, with few commands. The journal of the lab is the answer.

What is judged is the text of the journal, played again on a lab of its own. So the state counts,
not the way to it, and what else was done to a lab in a notebook does not count.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kafkabook.base.door import with_a_door
from kafkabook.base.errors import ToldInOneLine, WrongType
from kafkabook.base.phrases import count_text
from kafkabook.grading.mark import FULL_POINTS
from kafkabook.lab.lab import Lab
from kafkabook.lab.text import commands_in, text_of
from kafkabook.sim.faults import Fault
from kafkabook.storm.played import lines_of, played

Way = Callable[[Lab], object]  # what solves it: it is given the lab of the start


@dataclass(frozen=True, slots=True)
class GoalCondition:
    """One thing that must hold in the end: its words, its test, and what there is instead."""

    words: str
    holds: Callable[[Lab], bool]
    is_now: Callable[[Lab], str]


@dataclass(frozen=True, slots=True)
class PuzzleMark:
    """How far a lab is from the goal of a puzzle.

    Attributes: `met` (each condition, whether it holds, and how it is now), `commands` (how many
    were given, of how many), `problem` (one sentence, where nothing could be judged), `solution`
    (the lines behind the start; `replay` and `check` read the whole text).
    """

    exercise: str
    title: str
    stars: str
    met: tuple[tuple[str, bool, str], ...] = ()
    commands: tuple[int, int] = (0, 0)
    problem: str = ""
    solution: str = ""

    @property
    def points(self) -> float:
        """All ten, or none."""
        return FULL_POINTS if self.solved else 0.0

    @property
    def verdict(self) -> str:
        """The mark in a few words."""
        if self.problem:
            return self.problem.partition(":")[0].rstrip(".")
        return "solved" if self.solved else "not solved yet"

    @property
    def flags(self) -> tuple[str, ...]:
        """Nothing: a way is played again with Kafka's own parts, so that it cannot cheat."""
        return ()

    @property
    def solved(self) -> bool:
        """Whether every condition holds, and no more commands were given than may be."""
        given, most = self.commands
        return not self.problem and all(holds for _, holds, _ in self.met) and given <= most

    def __repr__(self) -> str:
        solved = "solved" if self.solved else "not solved yet"
        head = f"{self.exercise} {self.title}: {solved}"
        if self.problem:
            return f"{head}\n{self.problem}"
        lines = [_told(*one) for one in self.met]
        given, most = self.commands
        sign = "✓" if given <= most else "✗"
        return "\n".join((head, *lines, f"{sign} {count_text(given, 'command')} of at most {most}"))


def _told(words: str, holds: bool, is_now: str) -> str:
    return f"✓ {words}" if holds else f"✗ {words}; now: {is_now}"


@with_a_door
@dataclass(frozen=True, slots=True, repr=False)
class Puzzle:
    """A start, a goal over states, and how many commands may lead from one to the other.

    Attributes: `words` (the goal as a reader is told it), `most` (commands, with sends and reads
    among them; time that passes costs nothing), `conditions` (the goal), `begin` (makes the lab),
    `barred` (verbs that do not count as a way).
    """

    number: str
    title: str
    stars: str
    chapter: str
    words: str
    most: int
    conditions: tuple[GoalCondition, ...]
    begin: Callable[[], Lab]
    barred: tuple[str, ...] = ()

    @property
    def part(self) -> str:
        """The name of the function that an exercise notebook keeps for a way."""
        return f"my_way_{self.number.replace('.', '_')}"

    def start(self) -> Lab:
        """Return the lab of the start; its verbs, and clicks on its `show()`, are commands."""
        return self.begin()

    def check(self, way: Any) -> PuzzleMark:
        """Judge a solution: a lab, the stage of one, its text, or a function that is given a lab.

        Raises:
            TypeError: it is something else.
        """
        try:
            text = self._text(way)
        except NotImplementedError:
            return self.unsolved("Not written yet: give the lab its commands.")
        except (ToldInOneLine, AssertionError) as error:
            return self.unsolved(f"Your way ends with an error: {error}")
        return self._judged(text)

    def unsolved(self, says: str) -> PuzzleMark:
        """Return a mark of nothing, with one sentence why."""
        return PuzzleMark(
            self.number, self.title, self.stars, commands=(0, self.most), problem=says
        )

    def _text(self, way: Any) -> str:
        if isinstance(way, str):
            return way
        if isinstance(way, Lab):
            return text_of(way)
        if labs := getattr(way, "labs", None):  # a stage, whose last future counts
            return text_of(labs[-1])
        if not callable(way):
            told = "a lab, its stage, its text, or a function that is given a lab"
            raise WrongType(f"check: way must be {told}, not {way!r}")
        lab = self.start()
        way(lab)
        return text_of(lab)

    def _judged(self, text: str) -> PuzzleMark:
        begun = text_of(self.start()).splitlines()
        if text.strip().splitlines()[: len(begun)] != begun:
            return self.unsolved(f'Begin with puzzle("{self.number}").start(), and no other lab.')
        try:
            lines = lines_of(text)
            lab, refused = played(lines)
        except (ToldInOneLine, AssertionError) as error:
            return self.unsolved(str(error))
        given = commands_in(lines[len(begun) :])
        problem = _unfair(given, self.barred) or (f"Refused: {refused[0]}" if refused else "")
        met = tuple((it.words, it.holds(lab), it.is_now(lab)) for it in self.conditions)
        solution = "\n".join(text.strip().splitlines()[len(begun) :])
        commands = (len(given), self.most)
        return PuzzleMark(self.number, self.title, self.stars, met, commands, problem, solution)

    def __repr__(self) -> str:
        goal = "\n".join(f"  · {it.words}" for it in self.conditions)
        most = f"At most {count_text(self.most, 'command')}; time that passes costs nothing."
        barred = f" Not allowed: {', '.join(self.barred)}." if self.barred else ""
        head = f"{self.number} {self.title}\n{self.words}\n{goal}\n{most}{barred}"
        return f'{head}\nlab = puzzle("{self.number}").start()'


def _unfair(given: Sequence[Fault], barred: Sequence[str]) -> str:
    """Name a command that does not count as a way."""
    used = next((it.verb for it in given if it.verb in barred), "")
    return f"`{used}` is not allowed here." if used else ""
