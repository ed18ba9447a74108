"""Checkers that watch one trace together, and what they have found so far."""

from collections.abc import Iterable
from typing import Self

from kafkabook.base.trace import Entry, Trace
from kafkabook.checkers.anomaly import Anomaly, Watching


class Watch:
    """Checkers over one trace.

    Attributes: `checkers` (each sees the entries in the order of the trace).
    """

    checkers: tuple[Watching, ...] = ()

    @classmethod
    def over(cls, trace: Trace) -> Self:
        """Watch a trace, from its beginning and on."""
        watch = cls()
        watch.read(trace)
        trace.observe(watch.observe)
        return watch

    def read(self, entries: Iterable[Entry]) -> None:
        """Take entries that exist already."""
        for entry in entries:
            self.observe(entry)

    def observe(self, entry: Entry) -> None:
        """Show one entry to every checker."""
        for checker in self.checkers:
            checker.observe(entry)

    @property
    def anomalies(self) -> tuple[Anomaly, ...]:
        """All that was found, property by property."""
        return tuple(anomaly for checker in self.checkers for anomaly in checker.anomalies)

    @property
    def broken(self) -> tuple[str, ...]:
        """The names of the properties that did not hold."""
        return tuple(checker.name for checker in self.checkers if checker.anomalies)

    @property
    def verdicts(self) -> dict[str, str]:
        """For each property: holds, broken, or vacuous."""
        return {checker.name: checker.verdict for checker in self.checkers}
