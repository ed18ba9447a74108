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
    EpochEndTold,
    FetchesRepeated,
    FetchRefused,
    FetchSessionEnded,
    FetchSessionMade,
    FetchSessionRefused,
    HighWatermarkMoved,
    IsrAdopted,
    IsrProposed,
    IsrRefused,
    ProduceAnswered,
    ProduceGivenUp,
    ReplicaTruncated,
)
from kafkabook.storm.connection_marks import ConnectionMarks

Where = tuple[str, int]  # partition, broker


class Marks:
    """Counts situations in a trace; an observer like a checker, but it judges nothing.

    Attributes:
        seen: the situations, and how often. kinds: the events that it wants to be told of.
    """

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self._pending: set[Where] = set()
        self.kinds: dict[type[Event], Callable[..., str]] = {
            **ConnectionMarks().kinds,
            IsrProposed: self._proposed,
            IsrAdopted: self._settled,
            IsrRefused: _refused,
            BecameLeader: self._settled,
            BecameFollower: self._settled,
            HighWatermarkMoved: self._moved,
            ReplicaTruncated: _truncated,
            EpochEndTold: lambda _: "divergence told",
            FetchRefused: lambda event: f"fetch refused: {event.error}",
            FetchSessionMade: lambda _: "fetch session made",
            FetchSessionEnded: lambda event: f"fetch session ended: {event.reason}",
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

    def observe(self, entry: Entry) -> None:
        """Take one entry."""
        mark = self.kinds.get(type(entry.event))
        if mark is not None and (name := mark(entry.event)):
            self.seen[name] += 1

    def _proposed(self, event: IsrProposed) -> str:
        self._pending.add((event.partition, event.broker))
        return "expansion proposed" if event.now - event.was else "shrink proposed"

    def _settled(self, event: IsrAdopted | BecameLeader | BecameFollower) -> str:
        where = event.partition, event.broker
        was_pending = where in self._pending
        self._pending.discard(where)
        if isinstance(event, BecameFollower | BecameLeader):
            return "epoch over while a proposal is pending" if was_pending else ""
        return ""

    def _moved(self, event: HighWatermarkMoved) -> str:
        is_pending = event.is_leader and (event.partition, event.broker) in self._pending
        return "commit while a proposal is pending" if is_pending else ""


def _refused(event: IsrRefused) -> str:
    return f"leader was refused: {event.error}"


def _truncated(event: ReplicaTruncated) -> str:
    return "truncation below own high watermark" * (event.to_offset < event.high_watermark) or (
        "truncation"
    )


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
