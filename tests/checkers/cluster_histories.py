"""Hand-made histories of a replicated partition: short words for events, and short beginnings.

A value names its batch: `crc` is computed from it, so that "a" on broker 1 is "a" on broker 2.
"""

from collections.abc import Iterable, Sequence
from zlib import crc32

from kafkabook.base.trace import Event, Trace
from kafkabook.checkers.all import CLUSTER_CHECKERS
from kafkabook.checkers.cluster_checker import ClusterChecker
from kafkabook.checkers.cluster_watch import ClusterWatch
from kafkabook.cluster.events import (
    BrokerCrashed,
    BrokerFenced,
    BrokerPoweredOff,
    BrokerRegistered,
    BrokerStarted,
    BrokerUnfenced,
    PartitionChanged,
    RecordRead,
)
from kafkabook.replication.events import (
    BatchStored,
    BatchTold,
    BecameFollower,
    BecameLeader,
    HighWatermarkMoved,
    IsrAdopted,
    ProduceAnswered,
    ReplicaOpened,
    ReplicaTruncated,
)

REPLICA_CHECKERS = tuple(
    kind
    for kind in CLUSTER_CHECKERS
    if kind.__module__.startswith("kafkabook.checkers.replication_")
)
P = "orders-0"
ALL = (1, 2, 3)


def crc_of(value: str) -> int:
    """Return the checksum by which a value's batch is told."""
    return crc32(value.encode())


def batch(offset: int, value: str, *, epoch: int = 1, records: int = 1) -> BatchTold:
    """One batch as it is told when a log is opened."""
    return BatchTold(offset, offset + records - 1, epoch, crc_of(value))


def word(
    leader: int | None = 1,
    *,
    epoch: int = 1,
    isr: Iterable[int] = ALL,
    elr: Iterable[int] = (),
    min_isr: int = 2,
    unclean: bool = False,
    was: int | None = None,
    was_isr: Iterable[int] = (),
    alive: Iterable[int] = ALL,
    partition_epoch: int = 0,
    replicas: Sequence[int] = ALL,
    reason: str = "told",
) -> PartitionChanged:
    """The controller's word on the partition."""
    return PartitionChanged(
        P,
        leader,
        epoch,
        partition_epoch,
        tuple(replicas),
        frozenset(isr),
        frozenset(elr),
        (),
        min_isr,
        unclean,
        was,
        frozenset(was_isr),
        frozenset(alive),
        reason,
    )


def lead(
    broker: int,
    *,
    epoch: int = 1,
    start: int = 0,
    hw: int = 0,
    isr: Iterable[int] = ALL,
    min_isr: int = 2,
) -> BecameLeader:
    """A broker learned that it leads."""
    return BecameLeader(P, broker, epoch, start, hw, frozenset(isr), 0, min_isr)


def follow(broker: int, leader: int | None = 1, *, epoch: int = 1) -> BecameFollower:
    """A broker learned whom to follow."""
    return BecameFollower(P, broker, leader, epoch)


def append(
    broker: int, offset: int, value: str, *, epoch: int = 1, records: int = 1
) -> BatchStored:
    """A leader appended what a producer sent."""
    last = offset + records - 1
    return BatchStored(P, broker, offset, last, epoch, crc_of(value), epoch, True)


def fetched(
    broker: int, offset: int, value: str, *, epoch: int = 1, own: int | None = None
) -> BatchStored:
    """A follower appended what it fetched; `epoch` is the batch's, `own` the follower's."""
    leader_epoch = epoch if own is None else own
    return BatchStored(P, broker, offset, offset, epoch, crc_of(value), leader_epoch, False)


def on(brokers: Iterable[int], values: str, *, epoch: int = 1) -> list[Event]:
    """Records "a", "b", … from offset 0 on: the first broker leads, the others fetch them."""
    first, *others = brokers
    return [
        event
        for offset, value in enumerate(values)
        for event in (
            append(first, offset, value, epoch=epoch),
            *(fetched(other, offset, value, epoch=epoch) for other in others),
        )
    ]


def leader_hw(
    broker: int,
    to: int,
    *,
    epoch: int = 1,
    was: int = 0,
    isr: Iterable[int] = ALL,
    counted: Iterable[int] | None = None,
    log_end: int | None = None,
    min_isr: int = 2,
) -> HighWatermarkMoved:
    """A leader's high watermark moved."""
    members, waited_for = frozenset(isr), frozenset(isr if counted is None else counted)
    end = to if log_end is None else log_end
    return HighWatermarkMoved(
        P, broker, was, to, end, epoch, True, members, waited_for, frozenset(), min_isr
    )


def follower_hw(broker: int, to: int, *, epoch: int = 1, was: int = 0) -> HighWatermarkMoved:
    """A follower learned of a high watermark."""
    return HighWatermarkMoved(P, broker, was, to, to, epoch, False)


def cut(broker: int, to: int, *, was: int = 0, epoch: int = 1, hw: int = 0) -> ReplicaTruncated:
    """A replica truncated its log."""
    return ReplicaTruncated(P, broker, max(was, to), to, epoch, hw, "told")


def opened(broker: int, *batches: BatchTold, hw: int = 0) -> ReplicaOpened:
    """A broker opened its log at a start."""
    end = batches[-1].last_offset + 1 if batches else 0
    return ReplicaOpened(P, broker, 0, end, hw, batches)


def batches_of(values: str, *, epoch: int = 1) -> tuple[BatchTold, ...]:
    """Batches of one record each, from offset 0 on."""
    return tuple(batch(offset, value, epoch=epoch) for offset, value in enumerate(values))


def adopted(broker: int, isr: Iterable[int], *, epoch: int = 1) -> IsrAdopted:
    """A leader learned the confirmed ISR."""
    return IsrAdopted(P, broker, frozenset(isr), frozenset(isr), epoch, 1)


def acked(
    broker: int,
    offset: int,
    value: str,
    *,
    acks: int = -1,
    epoch: int = 1,
    error: str = "",
    isr: Iterable[int] = ALL,
    min_isr: int = 2,
) -> ProduceAnswered:
    """A leader answered a producer."""
    members, crc = frozenset(isr), crc_of(value)
    return ProduceAnswered(
        P, broker, acks, offset, offset, crc, epoch, error, members, min_isr, offset + 1
    )


def read(broker: int, offset: int, value: str, *, epoch: int = 1) -> RecordRead:
    """A consumer was given a record."""
    return RecordRead(P, offset, value, epoch, broker)


def restarted(
    broker: int, *batches: BatchTold, hw: int = 0, power: bool = False, clean: bool = False
) -> list[Event]:
    """A broker went down and came back as far as its registration; it is not unfenced yet."""
    down = BrokerPoweredOff(broker) if power else BrokerCrashed(broker)
    return [
        down,
        BrokerFenced(broker, "session expired"),
        BrokerStarted(broker, 2),
        opened(broker, *batches, hw=hw),
        BrokerRegistered(broker, 100 + broker, 2, clean, was_alive=False),
    ]


def calm(values: str = "ab", *, min_isr: int = 2) -> list[Event]:
    """Brokers 1 (the leader), 2 and 3 hold these values, all committed and known to be."""
    end = len(values)
    return [
        word(min_isr=min_isr),
        lead(1, min_isr=min_isr),
        follow(2),
        follow(3),
        *on(ALL, values),
        *([leader_hw(1, end, min_isr=min_isr)] if end else []),
        *([follower_hw(2, end), follower_hw(3, end)] if end else []),
    ]


def unfenced(broker: int) -> BrokerUnfenced:
    """A broker takes part again."""
    return BrokerUnfenced(broker)


def watched(
    events: Iterable[Event], kinds: Iterable[type[ClusterChecker]] = CLUSTER_CHECKERS
) -> ClusterWatch:
    """Show a history to checkers (all of them unless told)."""
    watch, trace = ClusterWatch(kinds), Trace()
    trace.observe(watch.observe)
    for event in events:
        trace.emit(event, at_ms=0)
    return watch


def broken(events: Iterable[Event]) -> tuple[str, ...]:
    """Return which of the properties of logs, leaders, members and losses a history breaks."""
    return watched(events, REPLICA_CHECKERS).broken


def judged(kind: type[ClusterChecker], events: Iterable[Event]) -> str:
    """Show a history to one checker and return its verdict."""
    (verdict,) = watched(events, (kind,)).verdicts.values()
    return verdict
