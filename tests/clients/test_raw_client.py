"""The raw clients: one request a record, three outcomes, and what may be tried again."""

from collections.abc import Iterable
from typing import Any

import pytest

from kafkabook.base.errors import Errors
from kafkabook.base.names import TopicPartition
from kafkabook.base.trace import Trace
from kafkabook.clients.client import Client
from kafkabook.clients.raw_client import Reading, Sent, acks_number
from kafkabook.cluster.events import ReadEnded, RecordRead, RecordSent, SendEnded
from kafkabook.protocol.admin_api import MetadataRequest, MetadataResponse, PartitionMetadata
from kafkabook.protocol.records_api import (
    CONSUMER,
    FetchedPartition,
    FetchPartition,
    FetchRequest,
    FetchResponse,
    ProducedPartition,
    ProduceRequest,
    ProduceResponse,
)
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from tests.cluster.nodes import SomeNode
from tests.refusals import refused

ORDERS = TopicPartition("orders", 0)
PRODUCER = "producer 1"  # the first connection


def led_by(leader: int | None) -> MetadataResponse:
    """What a broker says of orders-0."""
    return MetadataResponse((1, 2), (PartitionMetadata(ORDERS, leader, 0, (1, 2), (1, 2)),))


class SomeClient(SomeNode):
    """A client of brokers 1 and 2; who leads is what the test lets a broker say."""

    def __init__(self, leader: int | None = 1) -> None:
        self.leader = leader
        self.client = Client(bootstrap=(1, 2), trace=Trace("producer-1"))
        super().__init__(node=self.client)

    def know(self) -> None:
        """Let a broker say who leads, if it is asked."""
        if self.awaited(channel="metadata"):
            self.answer(led_by(self.leader), channel="metadata")

    def send(self, *values: str, acks: int = -1, retries: int = 0, to: int | None = None) -> Sent:
        """Send "m0" or these values to who leads; what follows is kept in `did`."""
        first, *rest = (
            Sent(ORDERS, value, acks, retries=retries, to=to) for value in values or ("m0",)
        )
        first.rest = tuple(rest)
        self.perform(lambda context: self.client.producer.send(first, context))
        self.know()
        return first

    def read(self, *, retries: int = 0, rack: str | None = None) -> Reading:
        """Begin to read from offset 0."""
        reading = Reading(ORDERS, 0, retries=retries, rack=rack)
        self.perform(lambda context: self.client.consumer.read(reading, context))
        self.know()
        return reading

    def produced(self, base_offset: int, error: Errors = Errors.NONE) -> None:
        """Let the answer to a produce request arrive."""
        answer = ProducedPartition(ORDERS, base_offset, error)
        self.answer(ProduceResponse((answer,)), channel=PRODUCER)

    def fetched(self, **what: Any) -> None:
        """Let the answer to a fetch arrive."""
        answer = FetchedPartition(ORDERS, **what)
        self.answer(FetchResponse((answer,)), channel="consumer")


def outcome(sent: Sent) -> tuple[str, str, int]:
    """How a send ended."""
    return sent.outcome, sent.error, sent.offset


# --- who leads -----------------------------------------------------------------------------------


def test_a_client_knows_who_leads_only_from_what_a_broker_tells() -> None:
    """It asks before its first record, and not before its second."""
    some = SomeClient(leader=2)
    sent = Sent(ORDERS, "m0", -1)
    some.perform(lambda context: some.client.producer.send(sent, context))
    assert [(1, MetadataRequest())] == some.sent()
    some.know()
    assert [2] == [to for to, _ in some.sent(PRODUCER)]
    some.send()
    assert [2] == [to for to, _ in some.sent()]


def test_it_goes_on_to_believe_in_a_leader_until_that_one_denies_it() -> None:
    """Another one may lead by then; the client does not know before it asks again."""
    some = SomeClient()
    some.send()
    some.produced(0)
    some.leader = 2
    some.send(retries=1)
    assert [1] == [to for to, _ in some.sent()]
    some.produced(-1, Errors.NOT_LEADER_OR_FOLLOWER)
    some.wake("send again", 1)
    assert [MetadataRequest()] == [request for _, request in some.sent()]
    some.know()
    assert [2] == [to for to, _ in some.sent(PRODUCER)]


def test_without_a_leader_nothing_is_sent() -> None:
    """To a named broker it is, whoever leads."""
    some = SomeClient(leader=None)
    assert ("fail", "LEADER_NOT_AVAILABLE", -1) == outcome(some.send())
    reading = some.read()
    assert (True, "LEADER_NOT_AVAILABLE") == (reading.is_done, reading.error)
    some.send(to=3)
    assert [3] == [to for to, _ in some.sent()]


def test_a_leader_that_is_still_to_be_elected_is_waited_for_as_often_as_allowed() -> None:
    """Nothing was written, so it may be sent again."""
    some = SomeClient(leader=None)
    sent = some.send(retries=1)
    assert ([("send again", 1)], False) == ([timer for timer, _ in some.armed()], sent.is_done)
    some.leader = 2
    some.wake("send again", 1)
    some.know()
    assert [2] == [to for to, _ in some.sent(PRODUCER)]


# --- sending -------------------------------------------------------------------------------------


def test_a_send_is_one_request_to_the_leader_with_one_record() -> None:
    """Its answer may take as long as `request.timeout.ms`."""
    some = SomeClient()
    some.send()
    ((to, request),) = some.sent(PRODUCER)
    assert isinstance(request, ProduceRequest)
    assert (1, -1, [ORDERS], 30_000) == (
        to,
        request.acks,
        [data.partition for data in request.partitions],
        request.timeout_ms,
    )
    assert [b"m0"] == [record.value for record in request.partitions[0].batch.records]
    assert [30_000] == [asked.timeout_ms for asked in some.awaited()]


def test_an_answer_says_where_the_record_is() -> None:
    """And the trace, when it was sent and how that ended."""
    some = SomeClient()
    sent = some.send()
    crc = some.sent(PRODUCER)[0][1].partitions[0].batch.header.crc
    some.now_ms = 8
    some.produced(5)
    assert (("ok", "", 5), 8) == (outcome(sent), sent.ended_ms)
    assert [
        RecordSent(ORDERS, "m0", -1, crc, number=1),
        SendEnded(ORDERS, "m0", -1, "ok", 5, "", crc, number=1),
    ] == [entry.event for entry in some.trace]
    assert "m0: acknowledged at offset 5 after 8 ms" == repr(sent)


def test_the_records_of_a_batch_end_together_one_behind_the_other() -> None:
    """One request carries them all."""
    some = SomeClient()
    first = some.send("a", "b")
    assert 1 == len(some.sent(PRODUCER))
    some.produced(5)
    assert [("ok", "", 5), ("ok", "", 6)] == [outcome(sent) for sent in first.batch]
    refused_ = some.send("c", "d")
    some.produced(-1, Errors.NOT_ENOUGH_REPLICAS)
    assert [("fail", "NOT_ENOUGH_REPLICAS", -1)] * 2 == [outcome(s) for s in refused_.batch]


def test_a_send_does_not_wait_until_the_one_before_it_is_answered() -> None:
    """A broker works on one request of a connection at a time: each goes over an idle one."""
    some = SomeClient()
    first, second = some.send("a"), some.send("b")
    assert ["producer 1", "producer 2"] == [asked.channel for asked in some.awaited()]
    some.produced(0)
    third = some.send("c")
    assert ["producer 2", "producer 1"] == [asked.channel for asked in some.awaited()]
    some.break_off(1, "producer 2")
    assert [("ok", "", 0), ("info", "NETWORK_EXCEPTION", -1), ("", "", -1)] == [
        outcome(sent) for sent in (first, second, third)
    ]
    some.send("d", to=1)
    assert ["producer 1", "producer 2"] == [asked.channel for asked in some.awaited()]


ENDS = {
    "refused": (-1, Errors.NOT_ENOUGH_REPLICAS, "fail"),
    "not there": (-1, Errors.NOT_LEADER_OR_FOLLOWER, "fail"),
    "deposed": (4, Errors.NOT_LEADER_OR_FOLLOWER, "info"),
    "late": (4, Errors.REQUEST_TIMED_OUT, "info"),
    "too few": (4, Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND, "info"),
}


@pytest.mark.parametrize(("base_offset", "error", "expected"), ENDS.values(), ids=ENDS)
def test_only_what_was_not_appended_has_failed(
    base_offset: int, error: Errors, expected: str
) -> None:
    """An error after the append says nothing about whether the record stays."""
    some = SomeClient()
    sent = some.send()
    some.produced(base_offset, error)
    assert (expected, error.name) == outcome(sent)[:2]


@pytest.mark.parametrize(
    ("error", "base_offset", "is_tried"),
    [
        (Errors.NOT_LEADER_OR_FOLLOWER, -1, True),
        (Errors.NOT_LEADER_OR_FOLLOWER, 4, False),
        (Errors.REQUEST_TIMED_OUT, 4, False),
    ],
)
def test_only_what_cannot_write_twice_is_tried_again(
    error: Errors, base_offset: int, is_tried: bool
) -> None:
    """A raw client has no sequence numbers that would let a leader know a repetition."""
    some = SomeClient()
    sent = some.send(retries=1)
    some.produced(base_offset, error)
    expected = [(("send again", 1), 100)] if is_tried else []
    assert (expected, not is_tried) == (some.armed(), sent.is_done)


def test_it_tries_again_as_often_as_allowed() -> None:
    """The last error is what it ends with."""
    some = SomeClient()
    sent = some.send(retries=1)
    some.produced(-1, Errors.NOT_LEADER_OR_FOLLOWER)
    some.wake("send again", 1)
    some.know()
    some.produced(-1, Errors.NOT_LEADER_OR_FOLLOWER)
    assert ("fail", "NOT_LEADER_OR_FOLLOWER", -1) == outcome(sent)


def test_a_request_that_got_no_answer_in_time_may_have_been_written() -> None:
    """An answer that comes later reaches nobody."""
    some = SomeClient()
    sent = some.send(retries=3)
    (asked,) = some.awaited(channel=PRODUCER)
    some.late(PRODUCER)
    assert ("info", "REQUEST_TIMED_OUT", -1) == outcome(sent)
    late = ProduceResponse((ProducedPartition(ORDERS, 5),))
    assert [] == list(some.node.answered(asked.correlation, late, now_ms=0))
    assert ("info", "REQUEST_TIMED_OUT", -1) == outcome(sent)


@pytest.mark.parametrize(
    ("was_refused", "ended", "error"),
    [(True, "fail", "CONNECTION_REFUSED"), (False, "info", "NETWORK_EXCEPTION")],
)
def test_a_refused_connection_has_written_nothing_and_a_broken_one_may_have(
    was_refused: bool, ended: str, error: str
) -> None:
    """In both cases it asks anew who leads; a read loses nothing either way."""
    some = SomeClient()
    sent = some.send()
    some.break_off(1, PRODUCER, was_refused=was_refused)
    assert (ended, error, -1) == outcome(sent)
    assert None is some.client.metadata.leader_of(ORDERS)
    reading = some.read()
    some.break_off(1, "consumer", was_refused=was_refused)
    assert (True, error) == (reading.is_done, reading.error)


def test_acks_0_is_done_when_it_is_sent() -> None:
    """It waits for nothing."""
    some = SomeClient()
    sent = some.send(acks=0)
    assert (("ok", "", -1), [1], []) == (
        outcome(sent),
        [to for to, _ in some.sent(PRODUCER)],
        some.awaited(),
    )


def test_acks_are_named_as_kafka_names_them() -> None:
    """A request carries a number."""
    assert [-1, -1, 1, 0] == [acks_number(acks) for acks in ("all", -1, 1, 0)]
    with refused(Errors.INVALID_REQUIRED_ACKS, match='acks is "all", 1 or 0, not 2'):
        acks_number(2)


# --- reading -------------------------------------------------------------------------------------


def batches(*values: str) -> Iterable[RecordBatch]:
    """A batch of epoch 3 for each value, from offset 0 on."""
    for offset, value in enumerate(values):
        batch = RecordBatch.of([Record(value=value.encode(), timestamp_ms=1)])
        yield batch.stamped(base_offset=offset, partition_leader_epoch=3)


def test_it_reads_until_nothing_more_comes() -> None:
    """Each record is told with the broker and the epoch that it came from."""
    some = SomeClient()
    reading = some.read(rack="a")
    wanted = FetchPartition(ORDERS, 0)
    assert [(1, FetchRequest(CONSUMER, -1, (wanted,), 0, rack="a"))] == some.sent("consumer")
    some.fetched(batches=tuple(batches("m0", "m1")))
    ((_, request),) = some.sent("consumer")
    assert (FetchPartition(ORDERS, 2),) == request.partitions
    some.fetched(high_watermark=2)
    assert (True, "", ["m0", "m1"]) == (reading.is_done, reading.error, reading.values)
    told = [RecordRead(ORDERS, offset, f"m{offset}", 3, 1) for offset in (0, 1)]
    ended = ReadEnded(ORDERS, 2, 2, "", high_watermark=2, broker=1)
    assert [*told, ended] == [entry.event for entry in some.trace]


def test_it_goes_to_the_nearer_broker_that_it_is_told_of() -> None:
    """KIP-392."""
    some = SomeClient()
    reading = some.read()
    some.fetched(preferred_read_replica=0)
    assert ([0], 0) == ([to for to, _ in some.sent("consumer")], reading.broker)


def test_a_read_is_tried_again_if_the_leader_does_not_know_that_it_leads() -> None:
    """At whoever leads by then."""
    some = SomeClient()
    reading = some.read(retries=1)
    some.fetched(error=Errors.NOT_LEADER_OR_FOLLOWER)
    assert [(("read again", 1), 100)] == some.armed()
    some.leader = 2
    some.wake("read again", 1)
    some.know()
    assert [2] == [to for to, _ in some.sent("consumer")]
    some.fetched(error=Errors.NOT_LEADER_OR_FOLLOWER)
    assert (True, "NOT_LEADER_OR_FOLLOWER") == (reading.is_done, reading.error)


def test_any_other_error_ends_a_read() -> None:
    """To read there again would end in the same way."""
    some = SomeClient()
    reading = some.read(retries=1)
    some.fetched(error=Errors.OFFSET_OUT_OF_RANGE)
    assert (True, "OFFSET_OUT_OF_RANGE", []) == (reading.is_done, reading.error, some.armed())
