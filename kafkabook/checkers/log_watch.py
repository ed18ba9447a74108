"""All checkers of the log, ready to watch a trace, and those of all brokers of a cluster."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Self

from kafkabook.base.trace import Entry, Event, Trace
from kafkabook.checkers.all import LOG_CHECKERS
from kafkabook.checkers.anomaly import Anomaly
from kafkabook.checkers.watch import Watch
from kafkabook.cluster.events import DiskLost
from kafkabook.log.events import BytesDamaged, FileLost, PowerLost


class LogWatch(Watch):
    """The seven properties of a log, L1 to L7, watched together.

    >>> from kafkabook.base.trace import Trace
    >>> watch = LogWatch.over(Trace("orders-0"))
    >>> watch.broken, watch.verdicts["L5"]
    ((), 'vacuous')
    """

    def __init__(self) -> None:
        self.checkers = tuple(kind() for kind in LOG_CHECKERS)


class LogsOfBrokers:
    """L1 to L7 over the logs of every broker of a cluster.

    What a checker knows of a log outlives its broker's process, as the files do. A broker that gets
    an empty disk begins anew. A fault of a machine concerns each log that lies on its disk.
    """

    def __init__(self) -> None:
        self._watches: dict[int, LogWatch] = {}
        self._places: dict[int, dict[str, None]] = {}
        self._of_lost_disks: list[LogWatch] = []

    @classmethod
    def over(cls, logs: Mapping[int, Trace], cluster: Trace) -> Self:
        """Watch the log trace of each broker, and the trace of the cluster."""
        watches = cls()
        for broker in logs:
            watches.begin(broker)
            logs[broker].observe(partial(watches.observe, broker))
        cluster.observe(watches.lose_disk, DiskLost)
        return watches

    def begin(self, broker: int) -> None:
        """Watch a broker with an empty disk."""
        self._watches[broker], self._places[broker] = LogWatch(), {}

    def observe(self, broker: int, entry: Entry) -> None:
        """Show an entry of a broker's logs to its checkers."""
        for told in self._by_log(broker, entry):
            self._watches[broker].observe(told)

    def lose_disk(self, entry: Entry) -> None:
        """Keep what was found, and forget what the disk held."""
        assert isinstance(entry.event, DiskLost)
        self._of_lost_disks.append(self._watches[entry.event.broker])
        self.begin(entry.event.broker)

    @property
    def anomalies(self) -> tuple[Anomaly, ...]:
        """All that was found, broker by broker."""
        return tuple(anomaly for watch in self._all() for anomaly in watch.anomalies)

    @property
    def broken(self) -> tuple[str, ...]:
        """The names of the properties that did not hold on some broker."""
        return tuple(dict.fromkeys(name for watch in self._all() for name in watch.broken))

    @property
    def saw(self) -> dict[str, int]:
        """How many relevant entries each property has seen on all brokers."""
        checkers = [checker for watch in self._all() for checker in watch.checkers]
        names = dict.fromkeys(checker.name for checker in checkers)
        return {name: sum(it.saw for it in checkers if it.name == name) for name in names}

    def _all(self) -> tuple[LogWatch, ...]:
        return (*self._of_lost_disks, *self._watches.values())

    def _by_log(self, broker: int, entry: Entry) -> Iterator[Entry]:
        """Hand on what a log tells; what a machine tells, to each of its logs."""
        places = self._places[broker]
        if not isinstance(entry.event, PowerLost | BytesDamaged | FileLost):
            places[entry.place] = None
            yield entry
            return
        for place in places:
            concerning = _concerning(entry.event, f"{place}/")
            if concerning is not None:
                yield entry._replace(place=place, event=concerning)


def _concerning(event: PowerLost | BytesDamaged | FileLost, folder: str) -> Event | None:
    """Return what of a machine's fault concerns the files of one log."""
    if isinstance(event, PowerLost):
        files = tuple(told for told in event.surviving_bytes if told[0].startswith(folder))
        return replace(event, surviving_bytes=files)
    return event if event.file.startswith(folder) else None
