'''Explorers: a question, a finite grid of knobs, and a pure function to a figure.

A chapter's explorers live in `kafkabook/explorers/<slug>.py`. Ten lines are one of them:

    @explorer(
        "How many records may a reader see?",
        acks=("all", "1"),  # knobs: name=(values…); the first is where it starts
        appended_records=(6, 3, 9),  # a slider shows numbers in order: 3, 6, 9
        frames=7,  # at most so many pictures on the time bar; leave it out for one
        forks={"nobody waits": {"acks": "1"}},  # beside the picture, by its name or the key F
        caption="Try: acks=1. Breaks when: the leader dies. Source: KIP-679.",
    )
    def what_is_visible(acks: str, appended_records: int) -> list[Figure]:
        """The high watermark is as far as a reader sees."""
        ...  # run the model, return a Figure, or a list of them in order of time

As the last line of a cell `what_is_visible` is sliders and a picture in JupyterLab, a player in the
book, and text with one SVG everywhere else. `what_is_visible(acks="1")` calls the function.
`guess=Guess("How many?", answer, why, choices=(3, 4))` asks before it shows; with
`shows={"acks": "1"}, at=5` knobs and time bar jump there when the reader has guessed or skipped.
A knob that is named like a setting (`segment_bytes`) wears its key and marks today's default.

Budget, checked where the explorer is declared: a question mark, at most 3 knobs, 120 pictures;
checked where it is drawn: 60 kB a picture (by `Figure`), 300 KB a player (by `player`).
'''

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from inspect import cleandoc, signature
from itertools import product
from math import prod
from typing import Any

from kafkabook.base.door import check_call
from kafkabook.explorers import live, player
from kafkabook.explorers.guess import Guess
from kafkabook.explorers.knobs import Knob, Value
from kafkabook.viz.figure import Figure
from kafkabook.viz.modes import BOOK, LIVE, mode

__all__ = ["Explorer", "Guess", "explorer"]

MOST_KNOBS = 3
MOST_PICTURES = 120
Drawn = Figure | Sequence[Figure]
Places = tuple[int, ...]  # which value each knob stands at
Forks = dict[str, dict[str, Value]]


class Explorer:
    """A pure function with knobs, which shows itself the way its reader can use it.

    Attributes: `question`, `knobs`, `frames` (most pictures on the time bar), `opens_at` (the one
    that is shown first), `guess`, `forks`, `caption`, `script`.
    """

    def __init__(
        self,
        function: Callable[..., Drawn],
        question: str,
        knobs: Sequence[Knob],
        *,
        frames: int = 1,
        opens_at: int = 0,
        guess: Guess | None = None,
        forks: Forks | None = None,
        caption: str = "",
        script: str = "",
    ) -> None:
        self.__wrapped__, self.__name__, self.__doc__ = (
            function,
            function.__name__,
            function.__doc__,
        )
        self.question, self.knobs, self.frames = question, tuple(knobs), frames
        self.opens_at = opens_at
        self.guess, self.forks, self.script = guess, forks or {}, script
        self.caption = caption or cleandoc(self.__doc__ or "").split("\n\n")[0]
        self._drawn: dict[Places, tuple[Figure, ...]] = {}
        self._first: Figure | None = None
        for complaint in _complaints(self):
            raise ValueError(f"explorer {self.__name__}: {complaint}")

    def __call__(self, *values: Any, **knobs: Any) -> Drawn:
        """Call the function, for any numbers; a knob that is not given stands at its start.

        Raises:
            TypeError: there is no such knob, or it is turned by values of another kind.
            ValueError: there is no such choice.
        """
        known = signature(self.__wrapped__)
        named = [it.replace(default=None) for it in known.parameters.values()]
        check_call(known.replace(parameters=named), self.__name__, values, knobs)
        given = known.bind_partial(*values, **knobs).arguments
        for knob in self.knobs:
            if knob.name in given:
                knob.check(given[knob.name], self.__name__)
        return self.__wrapped__(**{knob.name: knob.given[0] for knob in self.knobs} | given)

    def __repr__(self) -> str:
        return self.first().text

    @property
    def start(self) -> Places:
        """Which value each knob starts at."""
        return tuple(knob.start for knob in self.knobs)

    def places(self) -> Iterator[Places]:
        """Walk the grid: which value each knob stands at, the last knob fastest."""
        return product(*(range(len(knob.values)) for knob in self.knobs))

    def pictures(self, places: Places) -> tuple[Figure, ...]:
        """Return the pictures at one point of the grid, in order of time; each is drawn once.

        Raises:
            ValueError: none, or more than `frames`.
        """
        if places not in self._drawn:
            values = {k.name: k.values[n] for k, n in zip(self.knobs, places, strict=True)}
            drawn = self(**values)
            pictures = (drawn,) if isinstance(drawn, Figure) else tuple(drawn)
            if not 1 <= len(pictures) <= self.frames:
                count = f"{len(pictures)} pictures, declared were 1 to {self.frames}"
                raise ValueError(f"explorer {self.__name__} at {values} drew {count}")
            self._drawn[places] = pictures
        return self._drawn[places]

    def first(self) -> Figure:
        """Return what is seen first, drawn once; before a guess it must not tell the answer."""
        if self._first is None:
            self._first = self._opening()
        return self._first

    def _opening(self) -> Figure:
        if self.guess is not None and self.guess.before is not None:
            return self.guess.before()
        pictures = self.pictures(self.start)
        return pictures[min(self.opens_at, len(pictures) - 1)]

    def forked(self, places: Places, fork: str) -> Places:
        """Return the point of the grid that a named fork leads to from `places`."""
        turned = self.turned(self.forks[fork])
        return tuple(turned.get(number, place) for number, place in enumerate(places))

    def turned(self, to: Mapping[str, Value]) -> dict[int, int]:
        """Return which knob, by its number, named values turn to which place."""
        return {
            number: knob.values.index(to[knob.name])
            for number, knob in enumerate(self.knobs)
            if knob.name in to
        }

    def filled(self) -> "Explorer":
        """Return the explorer with sliders over their whole ranges, for whoever has a kernel."""
        whole = copy(self)
        whole.knobs = tuple(knob.filled() for knob in self.knobs)
        whole._drawn = {}  # noqa: SLF001
        return whole

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:  # noqa: ARG002
        first, where = self.first(), mode()
        bundle: dict[str, Any] = {"text/plain": first.text, "image/svg+xml": first.svg}
        if where == BOOK:
            bundle["text/html"] = player.player_html(self)
        if where == LIVE:
            bundle |= live.widget_view(self)
        return bundle


def explorer(
    question: str,
    *,
    frames: int = 1,
    opens_at: int = 0,
    guess: Guess | None = None,
    forks: Forks | None = None,
    caption: str = "",
    script: str = "",
    **knobs: Sequence[Value],
) -> Callable[[Callable[..., Drawn]], Explorer]:
    """Make a pure function an explorer.

    Args:
        question: what the picture answers; ends in "?".
        frames: most pictures that one call returns; more than one gives a time bar.
        opens_at: which of them is shown first, where the first is still empty.
        guess: asked before anything is shown.
        forks: names of other futures, each with the knobs that it turns.
        caption: what to try, what breaks it, the source; else the docstring's first paragraph.
        script: a fault script in words, shown with a button that copies it.
        knobs: for each argument of the function its values, the start first.

    Raises:
        ValueError: the budget or the shape is broken; the message names the explorer.
    """

    def made(function: Callable[..., Drawn]) -> Explorer:
        turned = [Knob(name, tuple(values)) for name, values in knobs.items()]
        return Explorer(
            function,
            question,
            turned,
            frames=frames,
            opens_at=opens_at,
            guess=guess,
            forks=forks,
            caption=caption,
            script=script,
        )

    return made


def _complaints(it: Explorer) -> list[str]:
    pictures = prod(len(knob.values) for knob in it.knobs) * it.frames
    named = {knob.name for knob in it.knobs}
    found = (
        (not it.question.endswith("?"), f"{it.question!r} is not a question: it must end in '?'"),
        (len(it.knobs) > MOST_KNOBS, f"{len(it.knobs)} knobs, at most {MOST_KNOBS} are allowed"),
        (pictures > MOST_PICTURES, f"{pictures} pictures, at most {MOST_PICTURES} are allowed"),
        (not 0 <= it.opens_at < it.frames, f"opens at {it.opens_at}, has {it.frames} frames"),
        (named != set(signature(it.__wrapped__).parameters), "its knobs are not its arguments"),
        *((len(knob.values) < 2, f"knob {knob.name} has nothing to turn") for knob in it.knobs),
        *((not _on_grid(it, turned), f"fork {name!r} leaves the grid")
          for name, turned in it.forks.items()),
        *_guess_complaints(it, it.guess),
    )  # fmt: skip
    return [complaint for is_so, complaint in found if is_so]


def _guess_complaints(it: Explorer, guess: Guess | None) -> list[tuple[bool, str]]:
    if guess is None:
        return []
    leaves = bool(guess.shows) and not _on_grid(it, guess.shows)
    late = guess.at is not None and not 0 <= guess.at < it.frames
    return [
        (leaves, "what its guess shows leaves the grid"),
        (late, f"its guess is shown at {guess.at}, it has {it.frames} frames"),
    ]


def _on_grid(it: Explorer, turned: Mapping[str, Value]) -> bool:
    values = {knob.name: knob.values for knob in it.knobs}
    return bool(turned) and all(value in values.get(name, ()) for name, value in turned.items())
