"""What a reader has done to an explorer so far: where the knobs stand, which fork, which guess.

The front end tells it what was done, as small dictionaries; it answers with the pictures to show.
With a kernel this class answers; in the book the front end holds the same few lines in JavaScript.
"""

from typing import TYPE_CHECKING, Any

from kafkabook.viz.figure import Figure

if TYPE_CHECKING:
    from kafkabook.explorers.explorer import Explorer


class Session:
    """One reader's use of one explorer.

    Args:
        explorer: what is explored; a guess that it asks locks the knobs.
    """

    def __init__(self, explorer: "Explorer") -> None:
        self.explorer = explorer
        self.places = list(explorer.start)
        self.fork = ""
        self.guessed: str | None = None  # a guess, "" for skipped, None for not yet

    @property
    def is_locked(self) -> bool:
        """Whether the reader still owes a guess."""
        return self.explorer.guess is not None and self.guessed is None

    def do(self, message: dict[str, Any]) -> None:
        """Take what the front end tells: `{"do": "knob" | "set" | "reset" | "fork" | "guess", …}`.

        Raises:
            KeyError, ValueError: the message asks for what is not there.
        """
        getattr(self, f"_{_VERBS[message['do']]}")(message)

    def picture(self) -> dict[str, Any]:
        """Return what is to be shown now: frames, those of the fork, and where the knobs stand."""
        places = tuple(self.places)
        beside = self.explorer.forked(places, self.fork) if self.fork else None
        return {
            "places": list(self.places),
            "fork": self.fork,
            "guessed": self.guessed,
            "frames": [told(figure) for figure in self.explorer.pictures(places)],
            "beside": [told(f) for f in self.explorer.pictures(beside)] if beside else [],
        }

    def _turn(self, message: dict[str, Any]) -> None:
        knob, place = self.explorer.knobs[message["knob"]], int(message["place"])
        if not 0 <= place < len(knob.values):
            raise ValueError(f"{knob.name} has no value number {place}")
        self.places[message["knob"]] = place

    def _set(self, message: dict[str, Any]) -> None:
        names = [knob.name for knob in self.explorer.knobs]
        place = names.index(message["name"])
        values = list(map(str, self.explorer.knobs[place].values))
        self.places[place] = values.index(message["value"])

    def _reset(self, message: dict[str, Any]) -> None:  # noqa: ARG002
        self.places, self.fork = list(self.explorer.start), ""

    def _take_fork(self, message: dict[str, Any]) -> None:
        if message["name"]:
            self.explorer.forks[message["name"]]
        self.fork = message["name"]

    def _take_guess(self, message: dict[str, Any]) -> None:
        """Unlock, and go to where the answer can be seen; the front end moves the time bar."""
        self.guessed = str(message["value"])
        shows = self.explorer.guess.shows if self.explorer.guess else {}
        for number, place in self.explorer.turned(shows).items():
            self.places[number] = place


def told(figure: Figure) -> dict[str, str]:
    """Return a figure as the front end takes it."""
    return {"svg": figure.svg, "text": figure.text}


_VERBS = {
    "knob": "turn",
    "set": "set",
    "reset": "reset",
    "fork": "take_fork",
    "guess": "take_guess",
}
