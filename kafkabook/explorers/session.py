"""What a reader has done to an explorer so far: where the knobs stand, which fork, which guess.

The front end tells it what was done, as small dictionaries; it answers with the motions to show.
With a kernel this class answers; in the book the front end holds the same few lines in JavaScript.
"""

from typing import TYPE_CHECKING, Any

from kafkabook.explorers.motions import Motions

if TYPE_CHECKING:
    from kafkabook.explorers.explorer import Explorer


class Session:
    """One reader's use of one explorer.

    Args:
        explorer: what is explored; a guess that it asks locks the knobs.
    """

    def __init__(self, explorer: "Explorer") -> None:
        self.explorer = explorer
        self.motions = Motions(explorer)
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
        """Return what is to be shown now: a motion, that of the fork, and where the knobs stand.

        While a guess is owed, nothing is shown that could tell the answer.
        """
        told = {"places": list(self.places), "fork": self.fork, "guessed": self.guessed}
        if self.is_locked:
            return told | {"shown": self.motions.before(), "beside": None}
        places = tuple(self.places)
        beside = self.explorer.forked(places, self.fork) if self.fork else None
        forked = self.motions.at(beside) if beside else None
        return told | {"shown": self.motions.at(places), "beside": forked}

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


_VERBS = {
    "knob": "turn",
    "set": "set",
    "reset": "reset",
    "fork": "take_fork",
    "guess": "take_guess",
}
