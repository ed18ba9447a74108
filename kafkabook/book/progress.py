"""How far a long run of a lab is, told to a person who waits for a cell.

A lab knows no wall clock: it asks `kafkabook.base.shown` who watches, and tells each event. Here
one is read, and decides nothing but when a line is written. Nobody watches a script or a test, and
nobody a notebook that a machine runs.
"""

import sys
from time import monotonic

from kafkabook.base.units import ms_text
from kafkabook.viz.modes import cell_is_named

PATIENCE_S = 2.0  # a run that is over by then needs no words
PAUSE_S = 0.5  # from one line to the next


class Progress:
    """One run: when it began, and the line that stands in the cell.

    Args:
        began_ms, until_ms: in virtual time; None where nobody knows how long it lasts.
    """

    def __init__(self, began_ms: int, until_ms: int | None) -> None:
        self._began_ms, self._until_ms = began_ms, until_ms
        self._next_s, self._events, self._wide = monotonic() + PATIENCE_S, 0, 0

    def saw(self, now_ms: int) -> None:
        """Count an event; write a line if somebody has waited long enough for one."""
        self._events += 1
        if monotonic() >= self._next_s:
            self._next_s = monotonic() + PAUSE_S
            self._write(self._line(now_ms))

    def end(self) -> None:
        """Take the line away."""
        if self._wide:
            self._write("")
            sys.stderr.write("\r")
            sys.stderr.flush()

    def _line(self, now_ms: int) -> str:
        ran = f"{self._events:,} events, {ms_text(now_ms - self._began_ms)} of virtual time"
        if self._until_ms is None:
            return f"still running: {ran}"
        whole_ms = max(1, self._until_ms - self._began_ms)
        share = 100 * (now_ms - self._began_ms) // whole_ms
        return f"still running: {ran}, {share} % of {ms_text(whole_ms)}"

    def _write(self, line: str) -> None:
        """Write over the line that stands there."""
        sys.stderr.write(f"\r{line:<{self._wide}}")
        sys.stderr.flush()
        self._wide = max(self._wide, len(line))


def watcher(began_ms: int, until_ms: int | None) -> Progress | None:
    """Return who tells how far a run is; None where no person waits for a cell."""
    return Progress(began_ms, until_ms) if cell_is_named() else None
