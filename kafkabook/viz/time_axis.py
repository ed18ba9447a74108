"""Virtual time as seconds of a film: busy milliseconds are stretched, quiet spans are broken.

Nine seconds of silence must look longer than three milliseconds, and must not take nine seconds.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import log10
from typing import Any, NamedTuple

from kafkabook.base.units import ms_text

BUSY_S = 0.55  # seconds of film for a millisecond in which something is on its way
QUIET_MS = 6  # a gap above this is broken
END_S = 0.8


class Standstill(NamedTuple):
    """A moment at which the film stands still, so that it can be seen."""

    at_ms: int
    stands_s: float


class Break(NamedTuple):
    """A quiet span that is drawn shorter than it is, with its length in words."""

    from_s: float
    to_s: float
    says: str
    from_ms: float = 0
    to_ms: float = 0


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """Where each virtual millisecond stands in the film.

    Attributes: `knots` (virtual ms and second of the film, both rising; even in between; a
    millisecond at which the film stands still has two), `breaks`.
    """

    knots: tuple[tuple[float, float], ...]
    breaks: tuple[Break, ...]

    @property
    def end_s(self) -> float:
        """How long the film is."""
        return self.knots[-1][1]

    def before(self, at_ms: float) -> float:
        """Return when the film reaches a millisecond, and begins to stand still there."""
        place = bisect_left(self.knots, at_ms, key=lambda knot: knot[0])
        if place == len(self.knots):
            return self.end_s
        return self._between(place, at_ms)

    def after(self, at_ms: float) -> float:
        """Return when the film goes on from a millisecond."""
        equal = [second for ms, second in self.knots if ms == at_ms]
        return equal[-1] if equal else self.before(at_ms)

    def _between(self, place: int, at_ms: float) -> float:
        to_ms, to_s = self.knots[place]
        if place == 0 or to_ms == at_ms:
            return to_s
        from_ms, from_s = self.knots[place - 1]
        return from_s + (to_s - from_s) * (at_ms - from_ms) / (to_ms - from_ms)

    def data(self) -> dict[str, Any]:
        """Return the axis as the front end takes it."""
        return {
            "knots": [[ms, round(second, 2)] for ms, second in self.knots],
            "breaks": [[round(it.from_s, 2), round(it.to_s, 2), it.says] for it in self.breaks],
        }


def time_axis(
    began_ms: int, spans: Sequence[tuple[int, int]], stops: Sequence[Standstill]
) -> TimeAxis:
    """Lay virtual time out as film.

    Args:
        began_ms: where the film begins. spans: from when to when messages are on their way.
        stops: where something is to be seen, one for each millisecond; the longest counts.

    >>> axis = time_axis(0, [(1000, 1002)], [Standstill(1002, 1.0)])
    >>> [round(axis.before(ms), 2) for ms in (0, 1000, 1002)], round(axis.after(1002), 2)
    ([0.0, 1.59, 2.69], 3.69)
    >>> axis.breaks[0].says
    '1 s'
    """
    stands = _standing(stops)
    knots: list[tuple[float, float]] = [(began_ms, 0.0)]
    breaks: list[Break] = []

    def go(to_ms: float, seconds: float) -> None:
        knots.append((to_ms, knots[-1][1] + seconds))

    for from_ms, to_ms in _busy(spans, stands):
        at_ms, at_s = knots[-1]
        quiet_ms = from_ms - at_ms
        if quiet_ms > QUIET_MS:
            go(from_ms, 0.7 + 0.4 * log10(quiet_ms / QUIET_MS))
            says = ms_text(round(quiet_ms))
            breaks.append(Break(at_s, knots[-1][1], says, at_ms, from_ms))
        for stop_ms in sorted({from_ms, to_ms, *stands}):
            if max(from_ms, at_ms) <= stop_ms <= to_ms:
                go(stop_ms, max(stop_ms - knots[-1][0], 0) * BUSY_S)
                if stop_ms in stands:
                    go(stop_ms, stands.pop(stop_ms))
    go(knots[-1][0] + 1, END_S)
    return TimeAxis(tuple(knots), tuple(breaks))


def _standing(stops: Sequence[Standstill]) -> dict[float, float]:
    stands: dict[float, float] = {}
    for stop in stops:
        stands[stop.at_ms] = max(stop.stands_s, stands.get(stop.at_ms, 0.0))
    return stands


def _busy(
    spans: Sequence[tuple[int, int]], stands: dict[float, float]
) -> list[tuple[float, float]]:
    """Join spans that touch or nearly do; a stop is a span of its own."""
    found = sorted([*spans, *((at_ms, at_ms) for at_ms in stands)])
    joined: list[tuple[float, float]] = []
    for from_ms, to_ms in found:
        if joined and from_ms <= joined[-1][1] + QUIET_MS:
            joined[-1] = (joined[-1][0], max(joined[-1][1], to_ms))
        else:
            joined.append((from_ms, to_ms))
    return joined
