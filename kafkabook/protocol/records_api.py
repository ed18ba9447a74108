"""What moves records: Produce, Fetch and OffsetsForLeaderEpoch, with the fields that we use.

Source: kafka, clients `message/ProduceRequest.json`, `FetchRequest.json`,
`OffsetForLeaderEpochRequest.json`.
"""

from dataclasses import dataclass

from kafkabook.base.errors import Errors
from kafkabook.base.names import TopicPartition
from kafkabook.base.quick_init import with_quick_init
from kafkabook.protocol.carried import Carried
from kafkabook.records.record_batch import RecordBatch

CONSUMER = -1  # in place of a replica's broker id
INVALID_SESSION_ID = 0  # of a fetch that belongs to no session
INITIAL_EPOCH = 0  # of a fetch that names everything and wants a session
FINAL_EPOCH = -1  # of a fetch that names everything and wants none
LAST_SESSION_EPOCH = (1 << 31) - 1
Forgotten = tuple[tuple[TopicPartition, str | None], ...]  # each with its topic id


@dataclass(frozen=True, slots=True)
class ProducePartition:
    """One batch for one partition."""

    partition: TopicPartition
    batch: RecordBatch


@dataclass(frozen=True, slots=True)
class ProduceRequest:
    """Batches to be appended, one a partition; `acks` is 0, 1, or -1 for all."""

    acks: int
    partitions: tuple[ProducePartition, ...]
    timeout_ms: int = 30_000

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return tuple(Carried.batches(data.partition, (data.batch,)) for data in self.partitions)


@dataclass(frozen=True, slots=True)
class ProducedPartition:
    """Where a batch went, and the error if there was one.

    `base_offset` is -1 if nothing was appended. An error that came after the append, such as
    NOT_LEADER_OR_FOLLOWER to a request that waited, has both.
    """

    partition: TopicPartition
    base_offset: int = -1
    error: Errors = Errors.NONE


@dataclass(frozen=True, slots=True)
class ProduceResponse:
    """What became of each batch."""

    partitions: tuple[ProducedPartition, ...]

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return tuple(
            Carried(p.partition, p.base_offset, error=p.error.told) for p in self.partitions
        )


@with_quick_init
@dataclass(frozen=True, slots=True)
class FetchPartition:
    """What is wanted of one partition, and what leader epoch the asker knows (-1: not said).

    `topic_id` tells a topic from its successor of the same name (KIP-516); None: not asked for.
    """

    partition: TopicPartition
    fetch_offset: int
    current_leader_epoch: int = -1
    last_fetched_epoch: int = -1  # of the record before; -1: do not compare
    topic_id: str | None = None
    log_start: int = -1  # of a follower's log; -1 from a consumer


@with_quick_init
@dataclass(frozen=True, slots=True)
class FetchRequest:
    """What a replica or a consumer asks for; it waits at the leader if there is nothing to give.

    Within a fetch session (KIP-227) it names new partitions, those with another offset or leader
    epoch than before, and those that are `forgotten`. `session_epoch` counts the fetches of the
    session. A fetch with INITIAL_EPOCH or FINAL_EPOCH is *full*: it names everything, and closes
    the session it names.
    """

    replica: int  # broker id, or CONSUMER
    broker_epoch: int
    partitions: tuple[FetchPartition, ...]
    max_wait_ms: int = 500
    min_bytes: int = 1
    max_bytes: int = 1_048_576  # per partition; Simplified: nothing limits the whole answer
    rack: str | None = None
    session_id: int = INVALID_SESSION_ID
    session_epoch: int = FINAL_EPOCH
    forgotten: Forgotten = ()

    @property
    def is_full(self) -> bool:
        """Whether it names every partition that it asks for."""
        return self.session_epoch in (INITIAL_EPOCH, FINAL_EPOCH)

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return tuple(Carried(asked.partition, asked.fetch_offset) for asked in self.partitions)


@with_quick_init
@dataclass(frozen=True, slots=True)
class FetchedPartition:
    """What one partition answered.

    Attributes: `diverging` (epoch and end offset where the asker's log leaves the leader's),
    `preferred_read_replica` (a nearer broker that a consumer should ask instead, KIP-392).
    """

    partition: TopicPartition
    error: Errors = Errors.NONE
    high_watermark: int = -1
    log_start: int = -1
    batches: tuple[RecordBatch, ...] = ()
    diverging: tuple[int, int] | None = None
    preferred_read_replica: int | None = None

    @property
    def size_bytes(self) -> int:
        """Bytes of all batches."""
        return sum(batch.size_bytes for batch in self.batches)

    @property
    def is_urgent(self) -> bool:
        """Whether this must not wait: an error, a divergence, or a better broker."""
        is_elsewhere = self.diverging is not None or self.preferred_read_replica is not None
        return self.error is not Errors.NONE or is_elsewhere


@with_quick_init
@dataclass(frozen=True, slots=True)
class FetchResponse:
    """The answers of all partitions of a full fetch; in a session, of those that changed.

    `error` is one for the whole fetch, whose session is not what the asker believes. `session_id`
    is INVALID_SESSION_ID where the fetch belongs to no session.
    """

    partitions: tuple[FetchedPartition, ...]
    error: Errors = Errors.NONE
    session_id: int = INVALID_SESSION_ID

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return tuple(map(_carried, self.partitions))


@dataclass(frozen=True, slots=True)
class EpochLookup:
    """Where did `leader_epoch` end? Asked by a follower that knows `current_leader_epoch`."""

    partition: TopicPartition
    current_leader_epoch: int
    leader_epoch: int


@dataclass(frozen=True, slots=True)
class OffsetsForLeaderEpochRequest:
    """The question of a follower that must cut its log before it fetches (KIP-101)."""

    replica: int
    partitions: tuple[EpochLookup, ...]

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return tuple(Carried(p.partition, epoch=p.leader_epoch) for p in self.partitions)


@dataclass(frozen=True, slots=True)
class EpochEndOffset:
    """The largest epoch at or below the asked one, and where it ended; (-1, -1): not known."""

    partition: TopicPartition
    error: Errors = Errors.NONE
    leader_epoch: int = -1
    end_offset: int = -1


@dataclass(frozen=True, slots=True)
class OffsetsForLeaderEpochResponse:
    """The answers of all partitions of a lookup."""

    partitions: tuple[EpochEndOffset, ...]

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return tuple(
            Carried(p.partition, p.end_offset, error=p.error.told, epoch=p.leader_epoch)
            for p in self.partitions
        )


def next_session_epoch(epoch: int) -> int:
    """Return the session epoch behind another one; it never is that of a full fetch again.

    Source: kafka, clients `FetchMetadata.java` `nextEpoch`.

    >>> next_session_epoch(INITIAL_EPOCH), next_session_epoch(LAST_SESSION_EPOCH)
    (1, 1)
    """
    if epoch < 0:
        return FINAL_EPOCH
    return 1 if epoch == LAST_SESSION_EPOCH else epoch + 1


def _carried(answer: FetchedPartition) -> Carried:
    batches = Carried.batches(answer.partition, answer.batches)
    return batches._replace(
        offset=batches.offset if answer.batches else -1,
        error=answer.error.told,
        high_watermark=answer.high_watermark,
    )
