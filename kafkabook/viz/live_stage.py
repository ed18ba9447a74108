"""A running lab on the stage: each touch does its line of code, and the film goes on.

The stage knows one small port, `touch`: a line and a second of the film in, a new film out. A
Jupyter kernel answers it (`view`); in the book nobody does, and what was recorded plays.

A touch at the end of a film goes on with that lab. A touch before its end forks the lab there: the
other future runs beside the first one.
"""

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from kafkabook.base.errors import KafkaError, name_of
from kafkabook.base.names import TopicPartition
from kafkabook.viz.deeds import done
from kafkabook.viz.film import Film, Head
from kafkabook.viz.modes import LIVE, mode
from kafkabook.viz.recording import record
from kafkabook.viz.replay import run_told
from kafkabook.viz.time_axis import TimeAxis

if TYPE_CHECKING:
    from kafkabook.lab import Lab

GOES_ON_MS = 12_000  # after a touch: long enough for a broker's session to end, and an election
NEAR_THE_END_S = 1.0


class LiveStage:
    """A lab, the other future of it if there is one, and the film of both.

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
        self._since = len(lab.trace)
        self._film: Film | None = None

    @property
    def film(self) -> Film:
        """The film as it is now."""
        if self._film is None:
            lanes = [record(it, partition=self._partition, since=self._since) for it in self.labs]
            heads = (Head(note="what happened"), Head(note="what if")) if len(lanes) > 1 else ()
            run = f"{self._partition} · {run_told(self.labs[0])}"
            self._film = Film(self._title, run, tuple(lanes), heads=heads, has_consumer=True)
        return self._film

    def touch(self, line: str, second: float, lane: int = 0) -> None:
        """Do a line at a second of the film; `problem` says why nothing was done.

        Raises:
            ValueError: the line is none that a stage has.
        """
        self.problem = ""
        lab, at_ms = self.labs[lane], self._moment(second)
        is_at_end = second >= self.film.axis.end_s - NEAR_THE_END_S or at_ms >= lab.now_ms
        try:
            if is_at_end:
                done(lab, line)
                lab.run_for(GOES_ON_MS)
            else:
                self.labs = [self.labs[0], self._forked(lab, at_ms, line)]
        except KafkaError as error:
            self.problem = f"{line}: {error}"
        except (LookupError, TypeError) as error:
            self.problem = f"{line}: {name_of(error)}: {error}"
        self._film = None

    def _forked(self, lab: "Lab", at_ms: int, line: str) -> "Lab":
        other = lab.fork(at_ms, lambda it: done(it, line))
        longest_ms = max(lab.now_ms, at_ms + GOES_ON_MS)
        other.run_for(max(longest_ms - other.now_ms, 0))
        return other

    def _moment(self, second: float) -> int:
        """Return the virtual time at a second of the film, within what the lab has lived."""
        axis: TimeAxis = self.film.axis
        place = bisect_right(axis.knots, second, key=lambda knot: knot[1])
        at_ms = axis.knots[max(place - 1, 0)][0]
        if 0 < place < len(axis.knots):
            (from_ms, from_s), (to_ms, to_s) = axis.knots[place - 1 : place + 1]
            at_ms = from_ms + (to_ms - from_ms) * (second - from_s) / (to_s - from_s)
        return round(max(at_ms, self.film.lanes[0].began_ms))

    def __repr__(self) -> str:
        return repr(self.film)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        if mode() == LIVE:
            from kafkabook.viz.film_view import stage_view

            return {"text/plain": repr(self)} | stage_view(self)
        return self.film._repr_mimebundle_(include, exclude)
