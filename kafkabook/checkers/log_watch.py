"""All checkers of the log, ready to watch a trace."""

from collections.abc import Iterable

from kafkabook.base.trace import Entry, Trace
from kafkabook.checkers.all import LOG_CHECKERS
from kafkabook.checkers.anomaly import Anomaly, Watching


class LogWatch:
    """The seven properties of a log, L1 to L7, watched together.

    >>> watch = LogWatch.over(Trace("orders-0"))
    >>> watch.broken, watch.verdicts["L5"]
    ((), 'vacuous')
    """

    def __init__(self) -> None:
        self.checkers: tuple[Watching, ...] = tuple(kind() for kind in LOG_CHECKERS)

    @classmethod
    def over(cls, trace: Trace) -> "LogWatch":
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
