"""What a storm has met: rare situations, counted, so that a quiet generator is noticed."""

from collections import Counter
from collections.abc import Callable

from kafkabook.base.trace import Entry, Event
from kafkabook.cluster.events import (
    AlterPartitionRefused,
    BrokerFenced,
    BrokerRegistered,
    MetadataSentAgain,
    PartitionChanged,
    RegistrationRefused,
    SendEnded,
)
from kafkabook.replication.events import (
    BecameFollower,
    BecameLeader,
    CleaningFailed,
    DeletedFilesRemoved,
    EpochEndTold,
    FetchesRepeated,
    FetchRefused,
    FetchReleased,
    FetchSessionEnded,
    FetchSessionMade,
    FetchSessionRefused,
    HighWatermarkMoved,
    IsrAdopted,
    IsrProposed,
    IsrRefused,
    LogStartMoved,
    OldSegmentsDeleted,
    ProduceAnswered,
    ProduceGivenUp,
    ReplicaCompacted,
    ReplicaFailed,
    ReplicaTruncated,
)
from kafkabook.storm.connection_marks import ConnectionMarks
from kafkabook.storm.retry_marks import RetryMarks

Where = tuple[str, int]  # partition, broker
Mark = Callable[..., str]  # names the situation that an event shows; "" for none


class Marks:
    """Counts situations in a trace; an observer like a checker, but it judges nothing.

    Each path to the same end has a mark of its own, so that the loss of one is noticed although
    another one hides it.

    Attributes:
        seen: the situations, and how often.
    """

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self._pending: set[Where] = set()
        self._marks: dict[type[Event], list[Mark]] = {}
        for kinds in (ConnectionMarks().kinds, RetryMarks().kinds, self._kinds()):
            for kind, mark in kinds.items():
                self._marks.setdefault(kind, []).append(mark)

    @property
    def kinds(self) -> tuple[type[Event], ...]:
        """The events that it wants to be told of."""
        return tuple(self._marks)

    def observe(self, entry: Entry) -> None:
        """Take one entry."""
        for mark in self._marks.get(type(entry.event), ()):
            if name := mark(entry.event):
                self.seen[name] += 1

    def _kinds(self) -> dict[type[Event], Mark]:
        return {
            IsrProposed: self._proposed,
            IsrAdopted: self._adopted,
            IsrRefused: _refused,
            BecameLeader: self._settled,
            BecameFollower: self._settled,
            HighWatermarkMoved: self._moved,
            ReplicaTruncated: _truncated,
            ReplicaFailed: lambda _: "follower gave up",
            LogStartMoved: lambda event: f"log start moved: {event.reason}",
            OldSegmentsDeleted: lambda event: f"segments went: {event.reason}",
            DeletedFilesRemoved: lambda _: "deleted files removed",
            ReplicaCompacted: lambda _: "log compacted",
            CleaningFailed: lambda _: "cleaning failed",
            EpochEndTold: lambda _: "divergence told",
            FetchRefused: lambda event: f"fetch refused: {event.error}",
            FetchReleased: lambda event: f"fetch released: {event.reason}",
            FetchSessionMade: lambda _: "fetch session made",
            FetchSessionEnded: _session_ended,
            FetchSessionRefused: lambda event: f"fetch session refused: {event.error}",
            FetchesRepeated: lambda _: "incremental fetch of what has not changed",
            PartitionChanged: _changed,
            AlterPartitionRefused: lambda event: f"proposal refused: {event.error}",
            BrokerRegistered: _registered,
            RegistrationRefused: lambda event: f"registration refused: {event.error}",
            MetadataSentAgain: lambda _: "metadata sent again",
            BrokerFenced: lambda event: f"fenced: {event.reason}",
            SendEnded: lambda event: f"send ended: {event.error or event.outcome}",
            ProduceAnswered: _answered,
            ProduceGivenUp: lambda _: "leader gone while a produce waited",
        }

    def _proposed(self, event: IsrProposed) -> str:
        self._pending.add((event.partition, event.broker))
        return "expansion proposed" if event.now - event.was else "shrink proposed"

    def _adopted(self, event: IsrAdopted) -> str:
        self._pending.discard((event.partition, event.broker))
        return f"set adopted from {event.learned_from}"

    def _settled(self, event: BecameLeader | BecameFollower) -> str:
        where = event.partition, event.broker
        was_pending = where in self._pending
        self._pending.discard(where)
        return "epoch over while a proposal is pending" if was_pending else ""

    def _moved(self, event: HighWatermarkMoved) -> str:
        is_pending = event.is_leader and (event.partition, event.broker) in self._pending
        return "commit while a proposal is pending" if is_pending else ""


def _refused(event: IsrRefused) -> str:
    return f"leader was refused: {event.error}"


def _session_ended(event: FetchSessionEnded) -> str:
    is_closed = event.reason in ("a full fetch closed it", "no partition is left in it")
    return f"fetch session ended: {event.reason}" if is_closed else "fetch session evicted"


def _truncated(event: ReplicaTruncated) -> str:
    if event.to_offset > event.from_offset:
        return "log begun anew"
    is_below = event.to_offset < event.high_watermark
    return "truncation below own high watermark" if is_below else "truncation"


def _changed(event: PartitionChanged) -> str:
    if event.leader is None:
        return "offline"
    if event.leader == event.was_leader:
        return "set shrank" if event.isr < event.was_isr else ""
    if event.is_unclean:
        return "unclean election"
    if event.leader not in event.was_isr and event.was_leader is not None:
        return "election of an eligible replica"
    return "election"


def _registered(event: BrokerRegistered) -> str:
    if event.was_alive:
        return "restart before the session ended"
    return "start after a clean stop" if event.was_clean else "start after an unclean shutdown"


def _answered(event: ProduceAnswered) -> str:
    return f"produce refused: {event.error}" if event.error else ""
