"""A producer and a consumer as raw as they can be: one record a request, one partition a fetch.

They serve chapters and storms that are about brokers. What a real client adds (batches that fill by
themselves, retries with sequences, groups) has chapters of its own.
"""

from dataclasses import dataclass, field
from typing import Any

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.machine import Address, Answered, Component, Context, NoAnswer, TimerHandler
from kafkabook.base.names import TopicPartition
from kafkabook.base.shown import Shown
from kafkabook.base.units import ms_text
from kafkabook.clients.metadata import ClientMetadata
from kafkabook.cluster.events import ReadEnded, RecordRead, RecordSent, SendEnded
from kafkabook.protocol.records_api import (
    CONSUMER,
    FetchedPartition,
    FetchPartition,
    FetchRequest,
    ProducePartition,
    ProduceRequest,
)
from kafkabook.records.compression import Codec
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch

ACKS = {"all": -1, -1: -1, 0: 0, 1: 1}
REFUSED_ERROR = "CONNECTION_REFUSED"  # no error of the protocol: nobody was there to answer
CERTAINLY_NOT = frozenset(
    (
        REFUSED_ERROR,
        Errors.NOT_LEADER_OR_FOLLOWER.name,
        Errors.UNKNOWN_TOPIC_OR_PARTITION.name,
        Errors.NOT_ENOUGH_REPLICAS.name,
        Errors.LEADER_NOT_AVAILABLE.name,
        Errors.MESSAGE_TOO_LARGE.name,
        Errors.INVALID_RECORD.name,
    )
)
WHY = {
    NoAnswer.REFUSED: REFUSED_ERROR,
    NoAnswer.DISCONNECTED: Errors.NETWORK_EXCEPTION.name,
    NoAnswer.TIMED_OUT: Errors.REQUEST_TIMED_OUT.name,
}


def acks_number(acks: str | int) -> int:
    """Return what a request carries for `acks`.

    Raises:
        INVALID_REQUIRED_ACKS: it is not "all", 1 or 0.
    """
    if acks not in ACKS:
        raise KafkaError(Errors.INVALID_REQUIRED_ACKS, f'acks is "all", 1 or 0, not {acks!r}')
    return ACKS[acks]


@dataclass(eq=False)
class Sent(Shown):
    """One send and how it ended: "ok" (in the log), "fail" (certainly not), "info" (who knows).

    Attributes: `rest` (what goes in the same batch behind this record, and ends as it does),
    `codec` (how that batch is compressed), `key` (of the record; a compacted topic wants one).
    """

    partition: TopicPartition
    value: str
    acks: int
    outcome: str = ""
    offset: int = -1
    error: str = ""
    retries: int = field(default=0, repr=False)
    to: int | None = field(default=None, repr=False)
    sent_ms: int = 0
    ended_ms: int = -1
    rest: tuple["Sent", ...] = field(default=(), repr=False)
    codec: Codec = field(default=Codec.NONE, repr=False)
    data: RecordBatch | None = field(default=None, repr=False)
    number: int = field(default=0, repr=False)  # which record of its producer; 0: not sent yet
    key: str | None = field(default=None, repr=False)

    def record(self, now_ms: int) -> Record:
        """Return the record, as it is made at a time."""
        key = None if self.key is None else self.key.encode()
        return Record(key, self.value.encode(), timestamp_ms=now_ms)

    @property
    def batch(self) -> tuple["Sent", ...]:
        """All records of its request, in their order."""
        return (self, *self.rest)

    @property
    def is_done(self) -> bool:
        """Whether the producer knows, or has given up to know."""
        return bool(self.outcome)

    def __repr__(self) -> str:
        where = f"at offset {self.offset}" if self.offset >= 0 else self.error
        told = {"ok": "acknowledged", "fail": "refused", "info": "unknown", "": "on its way"}
        waited = self.outcome == "ok" and self.offset >= 0  # with acks=0 nobody answers
        after = f" after {ms_text(self.ended_ms - self.sent_ms)}" if waited else ""
        return f"{self.value}: {told[self.outcome]} {where}".rstrip() + after


@dataclass(eq=False)
class Reading(Shown):
    """One read of a partition up to its high watermark: what came, or the error that ended it."""

    partition: TopicPartition
    offset: int
    records: list[tuple[int, str]] = field(default_factory=list)  # offset, value
    error: str = ""
    is_done: bool = False
    broker: int | None = None
    retries: int = field(default=0, repr=False)
    rack: str | None = field(default=None, repr=False)
    wait_ms: int = field(default=0, repr=False)  # for more, at the end
    told_by: tuple[int, int] = field(default=(-1, -1), repr=False)  # last high watermark, by whom

    @property
    def values(self) -> list[str]:
        """The values alone."""
        return [value for _, value in self.records]


class RawProducer(Component):
    """Sends records one by one, or one batch at a time, each request over an idle connection.

    A broker works on one request of a connection at a time. Over one connection a send would wait
    until the one before it is answered; a real producer fills a batch meanwhile.

    Args:
        metadata: who leads what. request_timeout_ms, retry_backoff_ms: as a producer's.

    Simplified: a batch that may have been written is not sent again; a real producer, whose batches
    carry sequence numbers, sends it again.
    """

    def __init__(
        self, metadata: ClientMetadata, *, request_timeout_ms: int, retry_backoff_ms: int = 100
    ) -> None:
        self._metadata = metadata
        self._timeout_ms, self._backoff_ms = request_timeout_ms, retry_backoff_ms
        self._later: dict[int, Sent] = {}
        self._numbers = 0
        self._busy: set[tuple[int, str]] = set()  # broker and channel of each request in flight

    def timers(self) -> dict[str, TimerHandler]:
        """Try again."""
        return {"send again": self._send_again}

    def send(self, sent: Sent, context: Context) -> None:
        """Begin to send a value, and the rest of its batch; each tells how it ended."""
        records = [each.record(context.now_ms) for each in sent.batch]
        # Closed here, once (Kafka: `ProducerBatch.close`): a retry sends the same bytes.
        sent.data = RecordBatch.of(records, codec=sent.codec)
        for each in sent.batch:
            self._numbers += 1
            each.sent_ms, each.number = context.now_ms, self._numbers
            told = (each.partition, each.value, each.acks, sent.data.header.crc, each.number)
            context.tell(RecordSent(*told, key=each.key or ""))
        self._try(sent, context)

    def _send_again(self, number: int, context: Context) -> None:
        self._try(self._later.pop(number), context)

    def _try(self, sent: Sent, context: Context) -> None:
        """Send to the leader; a client that does not know it asks first."""
        leader = self._metadata.leader_of(sent.partition) if sent.to is None else sent.to
        if leader is not None:
            self._send_to(leader, sent, context)
        else:
            # Kafka's `Sender.sendProducerData` asks in the background and goes on with other
            # partitions; here this send waits for the answer.
            self._metadata.refresh(context, lambda later: self._try_known(sent, later))

    def _try_known(self, sent: Sent, context: Context) -> None:
        leader = self._metadata.leader_of(sent.partition)
        if leader is None:
            self._failed(sent, Errors.LEADER_NOT_AVAILABLE.name, context)
        else:
            self._send_to(leader, sent, context)

    def _send_to(self, leader: int, sent: Sent, context: Context) -> None:
        assert sent.data is not None
        batches = (ProducePartition(sent.partition, sent.data),)
        # One limit, used twice (`Sender.sendProduceRequest`): so long the broker may wait for the
        # ISR, and so long this client waits for the broker.
        request = ProduceRequest(sent.acks, batches, self._timeout_ms)
        channel = self._idle(leader)
        # Nobody will answer: it counts as done once it has left, and occupies no connection.
        if sent.acks == 0:
            context.send(leader, request, channel=channel)
            _end(sent, "ok", context)
            return
        self._busy.add((leader, channel))
        context.send(
            leader,
            request,
            channel=channel,
            then=lambda answered, later: self._take(sent, channel, answered, later),
            timeout_ms=self._timeout_ms,
        )

    def _idle(self, leader: int) -> str:
        """Return the first connection to a broker over which no request is in flight."""
        number = 1
        while (leader, f"producer {number}") in self._busy:
            number += 1
        return f"producer {number}"

    def _take(self, sent: Sent, channel: str, answered: Answered, context: Context) -> None:
        assert isinstance(answered.to, int)
        self._busy.discard((answered.to, channel))
        if answered.failure is not None:
            self._metadata.forget(sent.partition)
            self._failed(sent, WHY[answered.failure], context)
            return
        answer = answered.response.partitions[0]
        if answer.error is Errors.NONE:
            sent.offset = answer.base_offset
            _end(sent, "ok", context)
        elif answer.base_offset >= 0:  # appended, and then the leader was deposed
            sent.error = answer.error.name
            _end(sent, "info", context)
        else:
            self._metadata.forget(sent.partition)
            self._failed(sent, answer.error.name, context)

    def _failed(self, sent: Sent, error: str, context: Context) -> None:
        """Try again if that is allowed and cannot write twice; else say how it ended."""
        sent.error = error
        if error in CERTAINLY_NOT and sent.retries > 0:
            sent.retries -= 1
            number = id_of(self._later)
            self._later[number] = sent
            context.wake(("send again", number), self._backoff_ms)
        else:
            _end(sent, "fail" if error in CERTAINLY_NOT else "info", context)


class RawConsumer(Component):
    """Reads a partition from an offset on, as far as it is committed.

    Args:
        metadata: who leads what. request_timeout_ms, retry_backoff_ms: as a consumer's.
    """

    def __init__(
        self, metadata: ClientMetadata, *, request_timeout_ms: int, retry_backoff_ms: int = 100
    ) -> None:
        self._metadata = metadata
        self._timeout_ms, self._backoff_ms = request_timeout_ms, retry_backoff_ms
        self._later: dict[int, Reading] = {}

    def timers(self) -> dict[str, TimerHandler]:
        """Try again."""
        return {"read again": self._read_again}

    def read(self, reading: Reading, context: Context) -> None:
        """Begin to read; `reading` collects what comes."""
        if reading.broker is None:
            reading.broker = self._metadata.leader_of(reading.partition)
        if reading.broker is not None:
            self._fetch(reading, context)
        else:
            self._metadata.refresh(context, lambda later: self._read_known(reading, later))

    def _read_known(self, reading: Reading, context: Context) -> None:
        reading.broker = self._metadata.leader_of(reading.partition)
        if reading.broker is None:
            self._end(reading, Errors.LEADER_NOT_AVAILABLE.name, context)
        else:
            self._fetch(reading, context)

    def _read_again(self, number: int, context: Context) -> None:
        reading = self._later.pop(number)
        reading.broker = None
        self.read(reading, context)

    def _fetch(self, reading: Reading, context: Context) -> None:
        wanted = FetchPartition(reading.partition, reading.offset)
        assert reading.broker is not None
        context.send(
            reading.broker,
            FetchRequest(CONSUMER, -1, (wanted,), reading.wait_ms, rack=reading.rack),
            channel="consumer",
            then=lambda answered, later: self._take(reading, answered, later),
            timeout_ms=self._timeout_ms,
        )

    def _take(self, reading: Reading, answered: Answered, context: Context) -> None:
        if answered.failure is not None:
            self._metadata.forget(reading.partition)
            self._failed(reading, WHY[answered.failure], context)
            return
        answer = answered.response.partitions[0]
        assert reading.broker is not None
        reading.told_by = answer.high_watermark, reading.broker
        if answer.preferred_read_replica is not None:
            reading.broker = answer.preferred_read_replica
            self._fetch(reading, context)
        elif answer.error is not Errors.NONE:
            self._metadata.forget(reading.partition)
            self._failed(reading, answer.error.name, context)
        elif _took(reading, answer, answered.to, context):
            self._fetch(reading, context)
        else:
            self._end(reading, "", context)

    def _failed(self, reading: Reading, error: str, context: Context) -> None:
        """Try again: a new leader may not have heard of its election yet."""
        is_stale = error in (Errors.NOT_LEADER_OR_FOLLOWER.name, REFUSED_ERROR)
        if is_stale and reading.retries > 0:
            reading.retries -= 1
            number = id_of(self._later)
            self._later[number] = reading
            context.wake(("read again", number), self._backoff_ms)
        else:
            self._end(reading, error, context)

    def _end(self, reading: Reading, error: str, context: Context) -> None:
        reading.error, reading.is_done = error, True
        told = (reading.partition, reading.offset, len(reading.records), error)
        context.tell(ReadEnded(*told, *reading.told_by))


def id_of(waiting: dict[int, Any]) -> int:
    """Return a number under which nothing waits."""
    return max(waiting, default=0) + 1


def _end(first: Sent, outcome: str, context: Context) -> None:
    """Say of each record of a batch how its sending ended."""
    assert first.data is not None
    for place, sent in enumerate(first.batch):
        sent.outcome, sent.ended_ms = outcome, context.now_ms
        sent.offset = first.offset + place if first.offset >= 0 else -1
        sent.error = "" if outcome == "ok" else first.error
        told = (sent.partition, sent.value, sent.acks, outcome, sent.offset, sent.error)
        context.tell(SendEnded(*told, first.data.header.crc, sent.number))


def _took(reading: Reading, answer: FetchedPartition, sender: Address, context: Context) -> bool:
    """Keep the records that are news; say whether there were any."""
    began = reading.offset
    for batch in answer.batches:
        for record in batch.records:
            if record.offset >= reading.offset and not batch.header.is_control:
                value = (record.value or b"").decode(errors="replace")
                reading.records.append((record.offset, value))
                epoch = batch.header.partition_leader_epoch
                broker = sender if isinstance(sender, int) else -1
                context.tell(RecordRead(reading.partition, record.offset, value, epoch, broker))
        reading.offset = max(reading.offset, batch.next_offset)
    return reading.offset > began
