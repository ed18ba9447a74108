"""What replicas tell: the vocabulary of their trace, and nothing else.

Every event names its `partition` ("orders-0") and, where one broker tells it, that `broker`.
Batches are told by offsets, the epoch that their leader stamped, and their checksum, which names
the records.
"""

from dataclasses import dataclass
from typing import NamedTuple

from kafkabook.base.trace import Event


class BatchTold(NamedTuple):
    """One stored batch: what a checker compares two logs by."""

    base_offset: int
    last_offset: int
    epoch: int
    crc: int


# --- the life of a replica -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReplicaOpened(Event):
    """A broker started and opened its log: what is there, and up to where it had been flushed."""

    partition: str
    broker: int
    log_start: int
    log_end: int
    high_watermark: int  # as checkpointed
    batches: tuple[BatchTold, ...]


@dataclass(frozen=True, slots=True)
class ReplicaDeleted(Event):
    """The topic is gone, and with it this replica's files."""

    partition: str
    broker: int


@dataclass(frozen=True, slots=True)
class BecameLeader(Event):
    """A broker learned that it leads, in this term, from its log end on."""

    partition: str
    broker: int
    leader_epoch: int
    epoch_start_offset: int
    high_watermark: int
    isr: frozenset[int]
    partition_epoch: int
    min_insync_replicas: int


@dataclass(frozen=True, slots=True)
class BecameFollower(Event):
    """A broker learned whom to follow, in this term; None if nobody leads."""

    partition: str
    broker: int
    leader: int | None
    leader_epoch: int


# --- records -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BatchStored(Event):
    """A replica appended a batch: as the leader of its term, or as it was fetched from `source`."""

    partition: str
    broker: int
    base_offset: int
    last_offset: int
    epoch: int  # stamped by the leader that first wrote it
    crc: int
    leader_epoch: int  # the term that the replica lives in
    is_leader: bool


@dataclass(frozen=True, slots=True)
class ReplicaTruncated(Event):
    """A replica cut its log: `to_offset` is its new log end."""

    partition: str
    broker: int
    from_offset: int
    to_offset: int
    leader_epoch: int
    high_watermark: int  # its own, before the cut
    reason: str


@dataclass(frozen=True, slots=True)
class ReplicaFlushed(Event):
    """Everything below `to_offset` is on the platter of this broker."""

    partition: str
    broker: int
    to_offset: int


@dataclass(frozen=True, slots=True)
class HighWatermarkMoved(Event):
    """A replica's high watermark went to `to_offset`.

    `counted` are the members that a leader waited for (empty on a follower), `isr` those that the
    controller has confirmed to it; `held_back_by` those that have no more than that.
    """

    partition: str
    broker: int
    from_offset: int
    to_offset: int
    log_end: int
    leader_epoch: int
    is_leader: bool
    isr: frozenset[int] = frozenset()
    counted: frozenset[int] = frozenset()
    held_back_by: frozenset[int] = frozenset()
    min_insync_replicas: int = 1


@dataclass(frozen=True, slots=True)
class HighWatermarkFell(Event):
    """What counts as committed went back to `to_offset`.

    On a replica that cut its log, or that was started again with less than its last life knew; or,
    where `is_leader`, for all who read: `broker` leads from now on, and knows of less than the
    leader before it. Its own mark has not moved then.
    """

    partition: str
    broker: int
    from_offset: int
    to_offset: int
    is_leader: bool
    reason: str


# --- fetching ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FetchParked(Event):
    """A fetch waits at a broker: there is less than it asks for.

    `number` counts what was parked in this life of the broker, and names the fetch in
    `FetchReleased`. A fetch that waits at a broker whose process ends is never released.
    """

    broker: int
    number: int
    asker: int | str  # a follower's broker id, or a client's name
    partitions: tuple[tuple[str, int], ...]  # each with the offset from which on it asks
    max_wait_ms: int


@dataclass(frozen=True, slots=True)
class FetchReleased(Event):
    """A fetch that waited at a broker is answered.

    `reason` is "new records", "the high watermark moved" (a consumer reads up to it), "a nearer
    replica", "the wait is over", or Kafka's name of the error (NOT_LEADER_OR_FOLLOWER: the broker
    leads no more).
    """

    broker: int
    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class FetchServed(Event):
    """A leader answered a follower; `is_counted` says whether it took note of its log end."""

    partition: str
    broker: int
    follower: int
    fetch_offset: int
    request_epoch: int
    leader_epoch: int
    is_counted: bool


@dataclass(frozen=True, slots=True)
class FetchRefused(Event):
    """A leader did not answer a follower's fetch or epoch lookup; `error` is Kafka's name."""

    partition: str
    broker: int
    follower: int
    api: str
    request_epoch: int
    leader_epoch: int
    error: str
    is_counted: bool = False


@dataclass(frozen=True, slots=True)
class EpochEndTold(Event):
    """A leader told a follower where an epoch of its own log ended: here their logs may part."""

    partition: str
    broker: int
    follower: int
    asked_epoch: int
    request_epoch: int
    leader_epoch: int
    epoch: int
    end_offset: int


# --- the in-sync set, as its leader sees it ------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IsrProposed(Event):
    """A leader asked the controller for another in-sync set (AlterPartition)."""

    partition: str
    broker: int
    was: frozenset[int]
    now: frozenset[int]
    counted: frozenset[int]  # members that the high watermark waits for until the answer
    leader_epoch: int
    partition_epoch: int
    high_watermark: int
    epoch_start_offset: int
    log_ends: tuple[tuple[int, int], ...]  # (broker, first offset that it lacks), leader included


@dataclass(frozen=True, slots=True)
class IsrAdopted(Event):
    """A leader learned which in-sync set the controller has confirmed."""

    partition: str
    broker: int
    isr: frozenset[int]
    counted: frozenset[int]
    leader_epoch: int
    partition_epoch: int


@dataclass(frozen=True, slots=True)
class IsrRefused(Event):
    """The controller refused a proposal; `error` is Kafka's name."""

    partition: str
    broker: int
    proposed: frozenset[int]
    error: str


# --- producers' answers --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProduceAnswered(Event):
    """A leader answered a producer: acknowledged where `error` is empty.

    `base_offset` is -1 where nothing was appended. `isr` is the confirmed set at this moment.
    """

    partition: str
    broker: int
    acks: int
    base_offset: int
    last_offset: int
    crc: int
    leader_epoch: int
    error: str
    isr: frozenset[int]
    min_insync_replicas: int
    high_watermark: int


@dataclass(frozen=True, slots=True)
class ProduceGivenUp(Event):
    """A producer waited for acks=all, and the broker it waited for leads no more.

    Its records were appended here from `base_offset` on. They may stay or go: only the logs of
    whoever leads next will tell, so the error says nothing about them.
    """

    partition: str
    broker: int
    base_offset: int
    error: str
