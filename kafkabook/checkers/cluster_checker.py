"""The shape of a checker of replicas: which events it looks at, and one report per culprit."""

from typing import ClassVar

from kafkabook.base.trace import Entry, Event
from kafkabook.checkers.anomaly import Watching
from kafkabook.checkers.replicas import Replicas


class ClusterChecker(Watching):
    """An observer that also sees what all replicas hold.

    Attributes: `kinds` (the events that it is called for), `is_diagnostic` (it tells, but what it
    tells is no bug by itself), `since` (the version of Kafka that began to keep the promise),
    `replicas` (the shared model, which has seen the entry already).
    """

    kinds: ClassVar[tuple[type[Event], ...]] = ()
    is_diagnostic: ClassVar[bool] = False
    since: ClassVar[tuple[int, int]] = (0, 0)

    def __init__(self, replicas: Replicas) -> None:
        super().__init__()
        self.replicas = replicas
        self._reported: set[tuple[object, ...]] = set()

    def report_once(self, culprit: tuple[object, ...], says: str, *evidence: Entry | None) -> None:
        """Add an anomaly unless this culprit (partition, brokers) has been reported already.

        Evidence is put into the order of the trace; what is None or there twice is left out.
        """
        if culprit in self._reported:
            return
        self._reported.add(culprit)
        by_number = {entry.number: entry for entry in evidence if entry is not None}
        self.report(says, *(by_number[number] for number in sorted(by_number)))
