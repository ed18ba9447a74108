"""R23: what a broker may take away from its log by itself, from the front or by cleaning."""

from kafkabook.base.trace import Entry
from kafkabook.checkers.cluster_checker import ClusterChecker
from kafkabook.checkers.replicas import Replicas
from kafkabook.replication.events import (
    BecameLeader,
    HighWatermarkMoved,
    LogStartMoved,
    ReplicaCompacted,
    ReplicaOpened,
    ReplicaTruncated,
)

Where = tuple[str, int]  # partition, broker


class OnlyCommittedGoes(ClusterChecker):
    """R23: retention, deletions and the cleaner stay below the high watermark of their replica.

    A newer value that is not committed may be truncated. Had the cleaner compared with it, the
    committed one would be lost.

    Source: kafka, `UnifiedLog.deleteOldSegments`, `maybeIncrementLogStartOffset`;
    `LogCleanerManager.cleanableOffsets`.
    """

    name = "R23"
    promise = "a log starts, and is cleaned, at its high watermark at the latest"
    scope = "a follower that begins anew where its leader's log starts"
    kinds = (
        *(ReplicaOpened, BecameLeader, HighWatermarkMoved, ReplicaTruncated),
        *(LogStartMoved, ReplicaCompacted),
    )

    def __init__(self, replicas: Replicas) -> None:
        super().__init__(replicas)
        self._marks: dict[Where, tuple[int, Entry]] = {}

    def observe(self, entry: Entry) -> None:
        """Follow each replica's own high watermark; judge what it takes away."""
        match entry.event:
            case ReplicaOpened() | BecameLeader() as event:
                self._marks[event.partition, event.broker] = event.high_watermark, entry
            case HighWatermarkMoved() as event:
                self._marks[event.partition, event.broker] = event.to_offset, entry
            case ReplicaTruncated() as event:
                mark, _ = self._marks.get((event.partition, event.broker), (0, entry))
                begins_anew = event.to_offset > event.from_offset
                now = event.to_offset if begins_anew else min(mark, event.to_offset)
                self._marks[event.partition, event.broker] = now, entry
            case LogStartMoved(to_offset=offset, reason=reason) as event:
                self._judge(entry, event, offset, f"starts at {offset} ({reason})")
            case ReplicaCompacted(end_offset=offset) as event:
                self._judge(entry, event, offset, f"is cleaned up to {offset}")

    def _judge(
        self, entry: Entry, event: LogStartMoved | ReplicaCompacted, offset: int, what: str
    ) -> None:
        self.saw += 1
        mark, told_by = self._marks.get((event.partition, event.broker), (0, entry))
        if offset > mark:
            says = (
                f"the log of {event.partition} on broker {event.broker} {what}, but its high"
                f" watermark is {mark}"
            )
            self.report_once((event.partition, event.broker), says, told_by, entry)
