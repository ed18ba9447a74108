"""A producer and a consumer as raw as they can be: one record a request, one partition a wish.

They serve chapters and storms that are about brokers. What a real client adds (batches that fill by
themselves, retries with sequences, groups) has chapters of its own.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from itertools import count

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.shown import Shown
from kafkabook.base.trace import Event, Trace
from kafkabook.cluster.events import RecordRead, RecordSent, SendEnded
from kafkabook.protocol.records_api import (
    CONSUMER,
    FetchedPartition,
    FetchPartition,
    FetchRequest,
    FetchResponse,
    ProduceRequest,
    ProduceResponse,
)
from kafkabook.records.compression import Codec
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from kafkabook.sim.effects import Address, Cancel, Effect, Refused, Send, Wake

LeaderOf = Callable[[str], int | None]
ACKS = {"all": -1, -1: -1, 0: 0, 1: 1}
CERTAINLY_NOT = frozenset(
    (
        *("NOT_LEADER_OR_FOLLOWER", "UNKNOWN_TOPIC_OR_PARTITION", "NOT_ENOUGH_REPLICAS"),
        *("CONNECTION_REFUSED", "NO_LEADER", "MESSAGE_TOO_LARGE", "INVALID_RECORD"),
    )
)


def acks_number(acks: str | int) -> int:
    """Return what a request carries for `acks`.

    Raises:
        INVALID_REQUEST: it is not "all", 1 or 0.
    """
    if acks not in ACKS:
        raise KafkaError(Errors.INVALID_REQUEST, f'acks is "all", 1 or 0, not {acks!r}')
    return ACKS[acks]


@dataclass(eq=False)
class Sent(Shown):
    """One send and how it ended: "ok" (in the log), "fail" (certainly not), "info" (who knows).

    Attributes: `rest` (what goes in the same batch behind this record, and ends as it does),
    `codec` (how that batch is compressed).
    """

    partition: str
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
        return f"{self.value}: {told[self.outcome]} {where}".rstrip()


@dataclass(eq=False)
class Reading(Shown):
    """One read of a partition up to its high watermark: what came, or the error that ended it."""

    partition: str
    offset: int
    records: list[tuple[int, str]] = field(default_factory=list)  # offset, value
    error: str = ""
    is_done: bool = False
    broker: int | None = None
    retries: int = field(default=0, repr=False)

    @property
    def values(self) -> list[str]:
        """The values alone."""
        return [value for _, value in self.records]


class RawClient:
    """A client that sends records one by one and reads partitions from an offset on.

    Args:
        name: its address. trace: where it tells what it sent and saw.
        leader_of: who leads a partition, as far as a client may know.
        rack: `client.rack`; with it, it may be sent to a nearer follower (KIP-392).

    Simplified: it knows leaders by heart (a real one asks with Metadata); a value is the record.
    """

    def __init__(
        self,
        name: str,
        *,
        trace: Trace,
        leader_of: LeaderOf,
        request_timeout_ms: int = 30_000,
        retry_backoff_ms: int = 100,
        rack: str | None = None,
    ) -> None:
        self.name, self.rack = name, rack
        self._trace, self._leader_of = trace, leader_of
        self._timeout_ms, self._backoff_ms = request_timeout_ms, retry_backoff_ms
        self._numbers = count(1)
        self._sends: dict[int, Sent] = {}
        self._reads: dict[int, Reading] = {}
        self._sends_later: dict[int, Sent] = {}  # refused: no answer to these is awaited
        self._reads_later: dict[int, Reading] = {}

    def send(self, sent: Sent, *, now_ms: int) -> Iterable[Effect]:
        """Begin to send a value, and the rest of its batch; each tells how it ended."""
        for each in sent.batch:
            each.sent_ms = now_ms
            self._tell(RecordSent(each.partition, each.value, each.acks), now_ms)
        return self._try(sent, now_ms)

    def read(self, reading: Reading) -> Iterable[Effect]:
        """Begin to read; `reading` collects what comes."""
        leader = self._leader_of(reading.partition) if reading.broker is None else reading.broker
        if leader is None:
            reading.error, reading.is_done = "NO_LEADER", True
            return []
        reading.broker = leader
        return self._fetch(reading)

    def receive(self, message: object, *, sender: Address, now_ms: int) -> Iterable[Effect]:
        """Take an answer."""
        if isinstance(message, ProduceResponse):
            return self._produced(message, now_ms)
        if isinstance(message, FetchResponse):
            return self._fetched(message, sender, now_ms)
        if isinstance(message, Refused):
            return self._refused(message.message, now_ms)
        return []

    def wake(self, timer: Hashable, *, now_ms: int) -> Iterable[Effect]:
        """Give up waiting for an answer, or try a send again."""
        match timer:
            case ("timeout", int(number)):
                self._timed_out(number, now_ms)
            case ("retry", int(number)):
                return self._try(self._sends_later.pop(number), now_ms)
            case ("read again", int(number)):
                reading = self._reads_later.pop(number)
                reading.broker = None
                return self.read(reading)
        return []

    def _try(self, sent: Sent, now_ms: int) -> list[Effect]:
        number = next(self._numbers)
        leader = self._leader_of(sent.partition) if sent.to is None else sent.to
        self._sends[number] = sent
        if leader is None:
            return self._failed(number, "NO_LEADER", now_ms)
        records = [Record(value=each.value.encode(), timestamp_ms=now_ms) for each in sent.batch]
        batch = RecordBatch.of(records, codec=sent.codec)
        request = ProduceRequest(number, sent.partition, sent.acks, batch, self._timeout_ms)
        if sent.acks == 0:
            self._end(number, "ok", now_ms)
            return [Send(leader, request)]
        return [Send(leader, request), Wake(("timeout", number), self._timeout_ms)]

    def _produced(self, answer: ProduceResponse, now_ms: int) -> list[Effect]:
        sent = self._sends.get(answer.correlation)
        if sent is None:
            return []
        if answer.error and answer.base_offset >= 0:  # appended, and then the leader was deposed
            sent.error = answer.error
            self._end(answer.correlation, "info", now_ms)
            return []
        if answer.error:
            return self._failed(answer.correlation, answer.error, now_ms)
        sent.offset = answer.base_offset
        self._end(answer.correlation, "ok", now_ms)
        return []

    def _failed(self, number: int, error: str, now_ms: int) -> list[Effect]:
        """Try again if that is allowed and cannot write twice; else say how it ended."""
        sent = self._sends[number]
        sent.error = error
        if error in CERTAINLY_NOT and sent.retries > 0:
            sent.retries -= 1
            self._sends_later[number] = self._sends.pop(number)
            return [Cancel(("timeout", number)), Wake(("retry", number), self._backoff_ms)]
        self._end(number, "fail" if error in CERTAINLY_NOT else "info", now_ms)
        return []

    def _end(self, number: int, outcome: str, now_ms: int) -> None:
        first = self._sends.pop(number)
        for place, sent in enumerate(first.batch):
            sent.outcome, sent.ended_ms = outcome, now_ms
            sent.offset = first.offset + place if first.offset >= 0 else -1
            sent.error = "" if outcome == "ok" else first.error
            told = (sent.partition, sent.value, sent.acks, outcome, sent.offset, sent.error)
            self._tell(SendEnded(*told), now_ms)

    def _timed_out(self, number: int, now_ms: int) -> None:
        if number in self._sends:
            self._sends[number].error = "REQUEST_TIMED_OUT"
            self._end(number, "info", now_ms)
        elif number in self._reads:
            reading = self._reads.pop(number)
            reading.error, reading.is_done = "REQUEST_TIMED_OUT", True

    def _refused(self, request: object, now_ms: int) -> list[Effect]:
        number = getattr(request, "correlation", -1)
        if number in self._sends:
            return self._failed(number, "CONNECTION_REFUSED", now_ms)
        if number in self._reads:
            reading = self._reads.pop(number)
            reading.error, reading.is_done = "CONNECTION_REFUSED", True
        return []

    def _fetch(self, reading: Reading) -> list[Effect]:
        number = next(self._numbers)
        self._reads[number] = reading
        wish = FetchPartition(reading.partition, reading.offset)
        request = FetchRequest(number, CONSUMER, -1, (wish,), max_wait_ms=0, rack=self.rack)
        leader = reading.broker
        assert leader is not None
        return [Send(leader, request), Wake(("timeout", number), self._timeout_ms)]

    def _fetched(self, response: FetchResponse, sender: Address, now_ms: int) -> list[Effect]:
        reading = self._reads.pop(response.correlation, None)
        if reading is None:
            return []
        answer = response.partitions[0]
        if answer.preferred_read_replica is not None:
            reading.broker = answer.preferred_read_replica
            return self._fetch(reading)
        if answer.error == Errors.NOT_LEADER_OR_FOLLOWER.name and reading.retries > 0:
            reading.retries -= 1  # a new leader may not have heard of its election yet
            number = response.correlation
            self._reads_later[number] = reading
            return [Cancel(("timeout", number)), Wake(("read again", number), self._backoff_ms)]
        if answer.error or not self._took(reading, answer, sender, now_ms):
            reading.error, reading.is_done = answer.error, True
            return []
        return self._fetch(reading)

    def _took(
        self, reading: Reading, answer: FetchedPartition, sender: Address, now_ms: int
    ) -> bool:
        """Keep the records that are news; say whether there were any."""
        began = reading.offset
        for batch in answer.batches:
            for record in batch.records:
                if record.offset >= reading.offset and not batch.header.is_control:
                    value = (record.value or b"").decode(errors="replace")
                    reading.records.append((record.offset, value))
                    epoch = batch.header.partition_leader_epoch
                    broker = sender if isinstance(sender, int) else -1
                    told = (reading.partition, record.offset, value, epoch, broker)
                    self._tell(RecordRead(*told), now_ms)
            reading.offset = max(reading.offset, batch.next_offset)
        return reading.offset > began

    def _tell(self, event: Event, now_ms: int) -> None:
        self._trace.emit(event, at_ms=now_ms, place=self.name)
