"""What no broker can know: that a new leader knows of less than the last one did."""

from kafkabook.base.names import TopicPartition
from kafkabook.base.trace import Entry, Event, Trace
from kafkabook.cluster.events import TopicDeleted
from kafkabook.replication.events import (
    BecameLeader,
    HighWatermarkFell,
    HighWatermarkMoved,
    ReplicaDeleted,
)


class LeaderMarks:
    """The high watermark of each partition as its latest leader has told it.

    Tells of it when a new leader begins with a lower one: whoever reads from it finds less than
    before. What an older leader, which does not know yet, tells meanwhile does not count.

    Args:
        trace: what happens, and where the falls are told.

    >>> LeaderMarks(Trace()).kinds[0].__name__
    'BecameLeader'
    """

    kinds: tuple[type[Event], ...] = BecameLeader, HighWatermarkMoved, ReplicaDeleted, TopicDeleted

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._marks: dict[str, tuple[int, int, int]] = {}  # broker, leader epoch, high watermark
        trace.observe(self.observe, *self.kinds)

    def observe(self, entry: Entry) -> None:
        """Take note of an event, and tell of a fall."""
        match entry.event:
            case HighWatermarkMoved(is_leader=True) as moved:
                self._moved(moved)
            case BecameLeader() as began:
                self._began(began, entry)
            case ReplicaDeleted(partition, broker):
                if partition in self._marks and self._marks[partition][0] == broker:
                    del self._marks[partition]
            case TopicDeleted(topic):
                for partition in [name for name in self._marks if _topic(name) == topic]:
                    del self._marks[partition]

    def _moved(self, moved: HighWatermarkMoved) -> None:
        known = self._marks.get(moved.partition, (-1, -1, -1))
        if known[:2] == (moved.broker, moved.leader_epoch):
            self._marks[moved.partition] = *known[:2], min(moved.to_offset, moved.log_end)

    def _began(self, began: BecameLeader, entry: Entry) -> None:
        _, epoch, was = self._marks.get(began.partition, (-1, -1, -1))
        if began.leader_epoch < epoch:
            return
        now = began.high_watermark
        self._marks[began.partition] = began.broker, began.leader_epoch, now
        if now < was:
            reason = f"broker {began.broker} leads from now on, and knows of no more"
            fell = (began.partition, began.broker, was, now)
            event = HighWatermarkFell(*fell, is_leader=True, reason=reason)
            self._trace.emit(event, at_ms=entry.at_ms, place=entry.place)


def _topic(partition: str) -> str:
    return TopicPartition.parse(partition).topic
