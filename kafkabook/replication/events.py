"""What replicas tell: the vocabulary of their trace, and nothing else.

Every event names its `partition` ("orders-0") and, where one broker tells it, that `broker`.
Batches are told by offsets, the epoch that their leader stamped, and their checksum, which names
the records.
"""

from dataclasses import dataclass
from typing import NamedTuple

from kafkabook.base.phrases import brokers_text, count_text, members_text, offsets_text
from kafkabook.base.trace import Event


class BatchTold(NamedTuple):
    """One appended batch: what a checker compares two logs by."""

    base_offset: int
    last_offset: int
    epoch: int
    crc: int


# --- opened, deleted, led and followed -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReplicaOpened(Event):
    """A broker started and opened its log: what is there, and up to where it had been flushed."""

    partition: str
    broker: int
    log_start: int
    log_end: int
    high_watermark: int  # as checkpointed
    batches: tuple[BatchTold, ...]

    def sentence(self) -> str:
        span = f"offsets {self.log_start} up to the log end {self.log_end}"
        mark = f"high watermark {self.high_watermark}"
        return f"Broker {self.broker} opens its replica of {self.partition}: {span}, {mark}."


@dataclass(frozen=True, slots=True)
class ReplicaDeleted(Event):
    """The topic is gone, and with it this replica's files."""

    partition: str
    broker: int

    def sentence(self) -> str:
        return f"Broker {self.broker} deletes its replica of {self.partition}."


@dataclass(frozen=True, slots=True)
class BecameLeader(Event):
    """A broker learned that it leads, in this leader epoch, from its log end on."""

    partition: str
    broker: int
    leader_epoch: int
    epoch_start_offset: int
    high_watermark: int
    isr: frozenset[int]
    partition_epoch: int
    min_insync_replicas: int

    def sentence(self) -> str:
        return f"Broker {self.broker} takes over in epoch {self.leader_epoch}."


@dataclass(frozen=True, slots=True)
class BecameFollower(Event):
    """A broker learned whom to follow, in this leader epoch; None if nobody leads."""

    partition: str
    broker: int
    leader: int | None
    leader_epoch: int

    def sentence(self) -> str:
        whom = "nobody" if self.leader is None else f"broker {self.leader}"
        return f"Broker {self.broker} follows {whom} in epoch {self.leader_epoch}."


# --- records -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BatchStored(Event):
    """A replica appended a batch: as the leader, or as it was fetched from the leader."""

    partition: str
    broker: int
    base_offset: int
    last_offset: int
    epoch: int  # stamped by the leader that first wrote it
    crc: int
    leader_epoch: int  # that the replica has learned of
    is_leader: bool

    def sentence(self) -> str:
        if self.is_leader:
            return f"Broker {self.broker}, the leader, appends at offset {self.base_offset}."
        span = offsets_text(self.base_offset, self.last_offset)
        return f"Broker {self.broker} copies {span} into its own log."


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

    def sentence(self) -> str:
        if self.to_offset > self.from_offset:
            return f"Broker {self.broker} begins its log anew at {self.to_offset}: {self.reason}."
        cut = count_text(self.from_offset - self.to_offset, "record")
        return f"Broker {self.broker} cuts {cut} off its log: {self.reason}."


@dataclass(frozen=True, slots=True)
class ReplicaFailed(Event):
    """A follower could not append what its leader sent, and asks no more in this leader epoch."""

    partition: str
    broker: int
    leader: int | None
    leader_epoch: int
    reason: str

    def sentence(self) -> str:
        return (
            f"Broker {self.broker} copies {self.partition} from {self.leader} no more in epoch"
            f" {self.leader_epoch}: {self.reason}."
        )


@dataclass(frozen=True, slots=True)
class ReplicaFlushed(Event):
    """Everything below `to_offset` is on the platter of this broker."""

    partition: str
    broker: int
    to_offset: int

    def sentence(self) -> str:
        return f"Broker {self.broker} has flushed all below offset {self.to_offset}."


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

    def sentence(self) -> str:
        if not self.is_leader:
            return f"Broker {self.broker} learns of the high watermark {self.to_offset}."
        all_have = f"All in sync have everything below {self.to_offset}"
        return f"{all_have}: broker {self.broker} moves the high watermark."


@dataclass(frozen=True, slots=True)
class HighWatermarkFell(Event):
    """What counts as committed went back to `to_offset`.

    On a replica that cut its log, or started with less than its last incarnation knew; or,
    where `is_leader`, for all who read: `broker` leads from now on, and knows of less than the
    leader before it. Its own mark has not moved then.
    """

    partition: str
    broker: int
    from_offset: int
    to_offset: int
    is_leader: bool
    reason: str

    def sentence(self) -> str:
        fell = f"from {self.from_offset} to {self.to_offset} on broker {self.broker}"
        return f"The high watermark of {self.partition} falls {fell}: {self.reason}."


# --- what a broker does to its logs by itself ----------------------------------------------------


@dataclass(frozen=True, slots=True)
class LogStartMoved(Event):
    """A replica serves nothing below `to_offset` any more.

    `reason` is "segments deleted" (by retention), "records deleted" (an administrator asked for
    it), or "the leader's start" (a follower heard of it).
    """

    partition: str
    broker: int
    from_offset: int
    to_offset: int
    reason: str

    def sentence(self) -> str:
        moved = f"from {self.from_offset} to {self.to_offset}: {self.reason}"
        return f"The log of {self.partition} on broker {self.broker} now begins later, {moved}."


@dataclass(frozen=True, slots=True)
class OldSegmentsDeleted(Event):
    """A retention check took whole segments from the front of a replica's log.

    Their files are renamed `.deleted`, and removed after `file.delete.delay.ms`. `reason` is the
    setting that asked for it, or "log start": all their records were below it.
    """

    partition: str
    broker: int
    base_offsets: tuple[int, ...]
    next_offset: int  # where the last of them ended
    size_bytes: int
    reason: str

    def sentence(self) -> str:
        gone = count_text(len(self.base_offsets), "segment")
        span = offsets_text(self.base_offsets[0], self.next_offset - 1)
        return f"Broker {self.broker} deletes {gone} of {self.partition}, {span}: {self.reason}."


@dataclass(frozen=True, slots=True)
class ReplicaCompacted(Event):
    """The cleaner of a broker has compacted a replica's log, up to `end_offset`."""

    partition: str
    broker: int
    first_dirty_offset: int
    end_offset: int
    segments_before: int
    segments_after: int
    bytes_before: int
    bytes_after: int

    def sentence(self) -> str:
        was = f"{count_text(self.segments_before, 'segment')} of {self.bytes_before} bytes"
        now = f"{count_text(self.segments_after, 'segment')} of {self.bytes_after} bytes"
        upto = f"up to offset {self.end_offset}"
        return f"Broker {self.broker} compacts {self.partition} {upto}: {was} become {now}."


@dataclass(frozen=True, slots=True)
class CleaningFailed(Event):
    """The cleaner could not read a replica's log, and leaves it alone until the next start."""

    partition: str
    broker: int
    reason: str

    def sentence(self) -> str:
        return f"Broker {self.broker} cannot compact {self.partition}: {self.reason}."


@dataclass(frozen=True, slots=True)
class DeletedFilesRemoved(Event):
    """Files of a replica that were named `.deleted` are gone for good."""

    partition: str
    broker: int
    files: tuple[str, ...]

    def sentence(self) -> str:
        gone = count_text(len(self.files), "deleted file")
        return f"Broker {self.broker} removes {gone} of {self.partition}."


@dataclass(frozen=True, slots=True)
class DirectoryRemoved(Event):
    """The directory of a replica that was deleted is gone for good, with all files in it."""

    broker: int
    directory: str

    def sentence(self) -> str:
        return f"Broker {self.broker} removes the directory {self.directory}."


@dataclass(frozen=True, slots=True)
class ProducersForgotten(Event):
    """A replica forgot producers that had been idle; it checks no sequence numbers of theirs."""

    partition: str
    broker: int
    producer_ids: tuple[int, ...]

    def sentence(self) -> str:
        who = ", ".join(map(str, self.producer_ids))
        return f"Broker {self.broker} forgets the idle producers {who} of {self.partition}."


# --- fetching ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FetchParked(Event):
    """A fetch waits at a broker: there is less than it asks for.

    `number` counts what was parked in this incarnation of the broker, and names the fetch in
    `FetchReleased`. A fetch that waits at a broker whose process ends is never released.
    `partitions` are those that the broker looked at; `unchanged` counts the other ones of the fetch
    session.
    """

    broker: int
    number: int
    asker: int | str  # a follower's broker id, or a client's name
    partitions: tuple[tuple[str, int], ...]  # each with the offset from which on it asks
    max_wait_ms: int
    unchanged: int = 0

    def sentence(self) -> str:
        asker = f"broker {self.asker}" if isinstance(self.asker, int) else self.asker
        wait = f"at most {self.max_wait_ms} ms"
        return f"Fetch {self.number} of {asker} waits at broker {self.broker}, {wait}."


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

    def sentence(self) -> str:
        return f"Broker {self.broker} answers fetch {self.number}, which waited: {self.reason}."


@dataclass(frozen=True, slots=True)
class FetchSessionMade(Event):
    """A broker keeps a fetch session (KIP-227) for an asker: a follower, or -1 for a consumer.

    From now on the asker names only partitions with another offset or leader epoch than before, and
    is told only what has changed.
    """

    broker: int
    asker: int
    session_id: int
    partitions: int  # how many

    def sentence(self) -> str:
        of = f"of {count_text(self.partitions, 'partition')}"
        return (
            f"Broker {self.broker} makes fetch session {self.session_id} {of} for {_asker(self)}."
        )


@dataclass(frozen=True, slots=True)
class FetchSessionEnded(Event):
    """A broker forgets a fetch session: it was closed, or had to go for another one."""

    broker: int
    asker: int
    session_id: int
    reason: str

    def sentence(self) -> str:
        which = f"fetch session {self.session_id} of {_asker(self)}"
        return f"Broker {self.broker} forgets {which}: {self.reason}."


@dataclass(frozen=True, slots=True)
class FetchSessionRefused(Event):
    """A fetch names a session that the broker does not know, or is not the next one of it.

    Its asker begins another session with a full fetch. `error` is Kafka's name.
    """

    broker: int
    asker: int
    session_id: int
    session_epoch: int
    error: str

    def sentence(self) -> str:
        which = f"fetch {self.session_epoch} of fetch session {self.session_id} of {_asker(self)}"
        return f"Broker {self.broker} refuses {which}: {self.error}."


@dataclass(frozen=True, slots=True)
class FetchesRepeated(Event):
    """A follower asks once more for partitions of its session of which nothing has changed.

    `unchanged` counts them, and no `FetchServed` is told of them: each was last answered with
    nothing, its follower is in sync and has everything. The fetch proves for all of them that the
    follower still keeps up.
    """

    broker: int
    follower: int
    session_id: int
    session_epoch: int
    unchanged: int

    def sentence(self) -> str:
        what = f"{count_text(self.unchanged, 'partition')} of which nothing has changed"
        return f"Broker {self.follower} asks broker {self.broker} again for {what}."


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

    def sentence(self) -> str:
        fetch = f"Broker {self.follower} fetches from broker {self.broker} at {self.fetch_offset}"
        if not self.is_counted:
            return f"{fetch}; broker {self.broker} does not count it."
        has = f"everything below {self.fetch_offset}" if self.fetch_offset else "nothing yet"
        return f"{fetch}: so it has {has}."


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

    def sentence(self) -> str:
        asked = f"{self.api} of broker {self.follower} in epoch {self.request_epoch}"
        return f"Broker {self.broker}, in epoch {self.leader_epoch}, refuses {asked}: {self.error}."


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

    def sentence(self) -> str:
        asked = f"Broker {self.follower} asks where epoch {self.asked_epoch} ended."
        if self.end_offset < 0:
            return f"{asked} Broker {self.broker} knows of no such epoch."
        return f"{asked} Broker {self.broker}: epoch {self.epoch} ended at {self.end_offset}."


# --- the ISR, as its leader sees it ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IsrProposed(Event):
    """A leader asked the controller for another ISR (AlterPartition)."""

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

    def sentence(self) -> str:
        sets = f"from {members_text(self.was)} to {members_text(self.now)}"
        asks = f"Broker {self.broker} asks the controller to change the ISR of {self.partition}"
        left, joined = self.was - self.now, self.now - self.was
        have = "has" if len(left or joined) == 1 else "have"
        late = [f"{brokers_text(left)} {have} not caught up in time"] if left else []
        back = [f"{brokers_text(joined)} {have} caught up"] if joined else []
        return f"{asks} {sets}: {' and '.join(late + back)}."


@dataclass(frozen=True, slots=True)
class IsrAdopted(Event):
    """A leader learned which ISR the controller has confirmed.

    `learned_from` is "the answer" to its own AlterPartition or "metadata", whichever came first:
    both say the same.
    """

    partition: str
    broker: int
    isr: frozenset[int]
    counted: frozenset[int]
    leader_epoch: int
    partition_epoch: int
    learned_from: str = "metadata"

    def sentence(self) -> str:
        learned = f"Broker {self.broker} learns of the ISR {members_text(self.isr)}"
        waits = f"waits for {members_text(self.counted)}"
        return f"{learned} from {self.learned_from}, and {waits}."


@dataclass(frozen=True, slots=True)
class IsrRefused(Event):
    """The controller refused a proposal; `error` is Kafka's name."""

    partition: str
    broker: int
    proposed: frozenset[int]
    error: str

    def sentence(self) -> str:
        proposed = f"the ISR {members_text(self.proposed)}"
        return f"Broker {self.broker} learns that {proposed} is refused: {self.error}."


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

    def sentence(self) -> str:
        answers = f"Broker {self.broker} answers the producer"
        if self.error:
            return f"{answers}: {self.error}."
        how = "committed" if self.acks == -1 else "in its log"
        return f"{answers}: offset {self.base_offset} is {how}."


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

    def sentence(self) -> str:
        batch = f"the batch at offset {self.base_offset}"
        return f"Broker {self.broker} gives up waiting for {batch}: {self.error}."


def _asker(event: FetchSessionMade | FetchSessionEnded | FetchSessionRefused) -> str:
    return "a consumer" if event.asker < 0 else f"broker {event.asker}"
