"""A running lab on the stage: each touch does its line of code, and the film goes on.

The stage knows one small port, `touch`: a line, a second of the film and a lane in, a new film out.
A Jupyter kernel answers it (`view`); in the book nobody does, and what was recorded plays.

A touch at the end of a film goes on with that lab. A touch before its end forks the lab there: the
other future runs beside the first one, and a second fork takes the place of the first.
"""

from bisect import bisect_right
from math import floor
from typing import TYPE_CHECKING, Any

from kafkabook.base.errors import KafkaError
from kafkabook.base.names import TopicPartition
from kafkabook.base.units import ms_text
from kafkabook.sim.kernel import LimitReached
from kafkabook.viz.deeds import done, passes_time, waits
from kafkabook.viz.film import Film, Head
from kafkabook.viz.modes import LIVE, mode
from kafkabook.viz.recording import Recording, record
from kafkabook.viz.replay import run_told
from kafkabook.viz.time_axis import END_S

if TYPE_CHECKING:
    from kafkabook.lab import Lab

GOES_ON_MS = 12_000  # after a touch: long enough for a broker's session to end, and an election
_ROUNDED_S = 0.006  # the front end is given seconds with two decimals


class LiveStage:
    """A lab, the other future of it if there is one, and the film of both.

    Both have lived equally long after each touch, so that they can be compared.

    Args:
        lab: the cluster. title: a question. partition: such as "orders-0"; the first if omitted.

    Attributes: `labs` (one, or two once it was forked), `problem` (why the last touch did nothing).
    """

    def __init__(self, lab: "Lab", *, title: str = "", partition: str = "") -> None:
        self.labs = [lab]
        self.problem = ""
        names = list(lab.view.partitions)
        self._partition = partition or str(names[0] if names else TopicPartition("orders", 0))
        self._title = title or "What can you break?"
        self._since, self._began_ms = len(lab.trace), lab.now_ms
        self._forked = ""  # what was done otherwise, and when
        self._film: Film | None = None

    @property
    def film(self) -> Film:
        """The film as it is now."""
        if self._film is None:
            lanes = [self._recorded(lab) for lab in self.labs]
            heads = (Head(word="first", note="as it was"), Head(word="fork", note=self._forked))
            run = f"{self._partition} · {run_told(self.labs[0])}"
            shown = heads if len(lanes) > 1 else ()
            self._film = Film(self._title, run, tuple(lanes), heads=shown, is_stage=True)
        return self._film

    def _recorded(self, lab: "Lab") -> Recording:
        began = {"since": self._since, "began_ms": self._began_ms}
        return record(lab, partition=self._partition, **began)

    def touch(self, line: str, second: float, lane: int = 0) -> None:
        """Do a line at a second of the film; `problem` says why nothing was done.

        Raises:
            ValueError: the line is none that a stage has.
        """
        self.problem = ""
        try:
            self._do(line, second, lane)
        except (KafkaError, LimitReached, LookupError, TypeError) as error:
            self.problem = f"Nothing is done: {line} is refused, for {_why(error)}."
        else:
            self._film = None

    def _do(self, line: str, second: float, lane: int) -> None:
        lab, at_ms = self.labs[lane], self._moment(second)
        is_end = second >= self.film.axis.end_s - END_S - _ROUNDED_S or at_ms >= lab.now_ms
        until_ms = 0
        if passes_time(line):
            done(lab, line)
        elif is_end:
            self._go_on(lab, line)
        else:
            self.labs = [self.labs[0], lab.fork(at_ms, lambda it: _done_behind(lab, it, line))]
            self._forked = f"{line} at {ms_text(at_ms)}"
            until_ms = at_ms + GOES_ON_MS
        latest_ms = max(until_ms, *(it.now_ms for it in self.labs))
        for it in self.labs:
            if it.now_ms < latest_ms:
                it.run_to(latest_ms)

    def _go_on(self, lab: "Lab", line: str) -> None:
        if waits(line):  # its refusal comes late, and would stay among the lines: try it elsewhere
            done(lab.at(lab.now_ms), line)
        done(lab, line)
        lab.run_for(GOES_ON_MS)

    def _moment(self, second: float) -> int:
        """Return the virtual time at a second of the film: the last millisecond seen in whole."""
        knots = self.film.axis.knots
        place = bisect_right(knots, second + _ROUNDED_S, key=lambda knot: knot[1])
        at_ms = knots[max(place - 1, 0)][0]
        if 0 < place < len(knots):
            (from_ms, from_s), (to_ms, to_s) = knots[place - 1 : place + 1]
            at_ms = from_ms + (to_ms - from_ms) * max(second - from_s, 0) / (to_s - from_s)
        return max(floor(at_ms), self._began_ms)

    def __repr__(self) -> str:
        return repr(self.film)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        if mode() == LIVE:
            from kafkabook.viz.film_view import stage_view

            return {"text/plain": repr(self)} | stage_view(self)
        return self.film._repr_mimebundle_(include, exclude)


def _done_behind(lab: "Lab", other: "Lab", line: str) -> None:
    """Do a line in a fork once it has gone through all of its millisecond, as it was seen.

    `run_to` stops before what a millisecond itself makes due in that millisecond.
    """
    seen = bisect_right(lab.trace, other.now_ms, key=lambda entry: entry.at_ms)
    entries = -1
    while entries < len(other.trace) < seen:
        entries = len(other.trace)
        other.run_for(0)
    done(other, line)


def _why(error: Exception) -> str:
    """Return a reason as the end of a sentence."""
    return "nobody answers" if isinstance(error, LimitReached) else str(error).rstrip(".")
