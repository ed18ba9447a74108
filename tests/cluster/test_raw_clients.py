"""The raw client: one request a record, three outcomes, and what it may try again."""

from collections.abc import Iterable

import pytest

from kafkabook.base.trace import Trace
from kafkabook.cluster.events import RecordRead, RecordSent, SendEnded
from kafkabook.cluster.raw_clients import RawClient, Reading, Sent
from kafkabook.protocol.records_api import (
    CONSUMER,
    FetchedPartition,
    FetchPartition,
    FetchRequest,
    FetchResponse,
    ProduceRequest,
    ProduceResponse,
)
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from kafkabook.sim.effects import Cancel, Effect, Refused, Send, Wake


class SomeClient:
    """A client whose leader the test decides, and what it did last."""

    def __init__(self, leader: int | None = 1) -> None:
        self.leader, self.trace, self.now_ms = leader, Trace(), 0
        self.client = RawClient(
            "producer-1", trace=self.trace, leader_of=lambda name: self.leader, rack="a"
        )

    def send(self, *, acks: int = -1, retries: int = 0, to: int | None = None) -> Sent:
        """Send "m0"; what follows is kept in `did`."""
        sent = Sent("orders-0", "m0", acks, retries=retries, to=to)
        self.did = list(self.client.send(sent, now_ms=self.now_ms))
        return sent

    def read(self, *, retries: int = 0) -> Reading:
        """Begin to read from offset 0."""
        reading = Reading("orders-0", 0, retries=retries)
        self.did = list(self.client.read(reading))
        return reading

    def hear(self, message: object, sender: int = 1) -> None:
        """Let an answer arrive."""
        answer = self.client.receive(message, sender=sender, now_ms=self.now_ms)
        self.did: list[Effect] = list(answer)

    def wake(self, *timer: object) -> None:
        """Let a timer go off."""
        self.did = list(self.client.wake(timer, now_ms=self.now_ms))

    def asked(self) -> tuple[object, object]:
        """Whom it asked last, and what."""
        (sent,) = (e for e in self.did if isinstance(e, Send))
        return sent.to, sent.message


def outcome(sent: Sent) -> tuple[str, str, int]:
    """How a send ended."""
    return sent.outcome, sent.error, sent.offset


def test_a_send_is_one_request_to_the_leader_and_a_deadline() -> None:
    """The batch holds one record."""
    some = SomeClient()
    some.send()
    to, request = some.asked()
    assert isinstance(request, ProduceRequest)
    assert (1, 1, "orders-0", -1) == (to, request.correlation, request.partition, request.acks)
    assert [b"m0"] == [record.value for record in request.batch.records]
    assert Wake(("timeout", 1), 30_000) in some.did


def test_an_answer_says_where_the_record_is() -> None:
    """And the trace, when it was sent and how that ended."""
    some = SomeClient()
    sent = some.send()
    some.now_ms = 8
    some.hear(ProduceResponse(1, "orders-0", 5))
    assert (("ok", "", 5), 8) == (outcome(sent), sent.ended_ms)
    assert [
        RecordSent("orders-0", "m0", -1),
        SendEnded("orders-0", "m0", -1, "ok", 5, ""),
    ] == [entry.event for entry in some.trace]
    assert "m0: acknowledged at offset 5" == repr(sent)


ENDS = {
    "refused": (ProduceResponse(1, "orders-0", -1, "NOT_ENOUGH_REPLICAS"), "fail"),
    "not there": (ProduceResponse(1, "orders-0", -1, "NOT_LEADER_OR_FOLLOWER"), "fail"),
    "deposed": (ProduceResponse(1, "orders-0", 4, "NOT_LEADER_OR_FOLLOWER"), "info"),
    "late": (ProduceResponse(1, "orders-0", 4, "REQUEST_TIMED_OUT"), "info"),
    "too few": (ProduceResponse(1, "orders-0", 4, "NOT_ENOUGH_REPLICAS_AFTER_APPEND"), "info"),
}


@pytest.mark.parametrize(("answer", "expected"), ENDS.values(), ids=ENDS)
def test_only_what_was_not_appended_has_failed(answer: ProduceResponse, expected: str) -> None:
    """An error after the append says nothing about whether the record stays."""
    some = SomeClient()
    sent = some.send()
    some.hear(answer)
    assert (expected, answer.error, -1) == outcome(sent)


@pytest.mark.parametrize(
    ("error", "base_offset", "is_tried"),
    [
        ("NOT_LEADER_OR_FOLLOWER", -1, True),
        ("NOT_LEADER_OR_FOLLOWER", 4, False),
        ("REQUEST_TIMED_OUT", 4, False),
    ],
)
def test_only_what_cannot_write_twice_is_tried_again(
    error: str, base_offset: int, is_tried: bool
) -> None:
    """A raw client has no sequence numbers that would let a leader know a repetition."""
    some = SomeClient()
    sent = some.send(retries=1)
    some.hear(ProduceResponse(1, "orders-0", base_offset, error))
    expected = [Cancel(("timeout", 1)), Wake(("retry", 1), 100)] if is_tried else []
    assert (expected, not is_tried) == (some.did, sent.is_done)


def test_it_tries_again_at_whoever_leads_by_then_and_as_often_as_allowed() -> None:
    """The last error is what it ends with."""
    some = SomeClient()
    sent = some.send(retries=1)
    some.hear(ProduceResponse(1, "orders-0", -1, "NOT_LEADER_OR_FOLLOWER"))
    some.leader = 2
    some.wake("retry", 1)
    to, request = some.asked()
    assert isinstance(request, ProduceRequest)
    assert (2, 2) == (to, request.correlation)
    some.hear(ProduceResponse(2, "orders-0", -1, "NOT_LEADER_OR_FOLLOWER"))
    assert ("fail", "NOT_LEADER_OR_FOLLOWER", -1) == outcome(sent)


def test_an_answer_to_a_request_that_was_given_up_is_dropped() -> None:
    """It comes after the deadline."""
    some = SomeClient()
    sent = some.send()
    some.wake("timeout", 1)
    assert ("info", "REQUEST_TIMED_OUT", -1) == outcome(sent)
    some.hear(ProduceResponse(1, "orders-0", 5))
    assert ("info", "REQUEST_TIMED_OUT", -1) == outcome(sent)


def test_acks_0_is_done_when_it_is_sent() -> None:
    """It waits for nothing."""
    some = SomeClient()
    sent = some.send(acks=0)
    assert (("ok", "", -1), 1) == (outcome(sent), len(some.did))


def test_without_a_leader_nothing_is_sent() -> None:
    """To a named broker it is, whoever leads."""
    some = SomeClient(leader=None)
    assert ("fail", "NO_LEADER", -1) == outcome(some.send())
    reading = some.read()
    assert (True, "NO_LEADER") == (reading.is_done, reading.error)
    some.send(to=3)
    assert 3 == some.asked()[0]


def test_a_refused_connection_has_written_nothing() -> None:
    """The process is gone; what it had been sent before is another matter."""
    some = SomeClient()
    sent = some.send()
    some.hear(Refused(1, some.asked()[1]))
    assert ("fail", "CONNECTION_REFUSED", -1) == outcome(sent)
    reading = some.read()
    some.hear(Refused(1, some.asked()[1]))
    assert (True, "CONNECTION_REFUSED") == (reading.is_done, reading.error)


def batches(*values: str) -> Iterable[RecordBatch]:
    """A batch of epoch 3 for each value, from offset 0 on."""
    for offset, value in enumerate(values):
        batch = RecordBatch.of([Record(value=value.encode(), timestamp_ms=1)])
        yield batch.stamped(base_offset=offset, partition_leader_epoch=3)


def test_it_reads_until_nothing_more_comes() -> None:
    """Each record is told with the broker and the epoch that it came from."""
    some = SomeClient()
    reading = some.read()
    wish = FetchPartition("orders-0", 0)
    assert (1, FetchRequest(1, CONSUMER, -1, (wish,), 0, rack="a")) == some.asked()
    answer = FetchedPartition("orders-0", batches=tuple(batches("m0", "m1")))
    some.hear(FetchResponse(1, (answer,)))
    assert FetchPartition("orders-0", 2) == some.asked()[1].partitions[0]  # type: ignore[attr-defined]
    some.hear(FetchResponse(2, (FetchedPartition("orders-0"),)))
    assert (True, "", ["m0", "m1"]) == (reading.is_done, reading.error, reading.values)
    told = [RecordRead("orders-0", offset, f"m{offset}", 3, 1) for offset in (0, 1)]
    assert told == [entry.event for entry in some.trace]


def test_it_goes_to_the_nearer_broker_that_it_is_told_of() -> None:
    """KIP-392."""
    some = SomeClient()
    reading = some.read()
    some.hear(FetchResponse(1, (FetchedPartition("orders-0", preferred_read_replica=0),)))
    assert (0, 0) == (some.asked()[0], reading.broker)


def test_a_read_is_tried_again_if_the_leader_does_not_know_that_it_leads() -> None:
    """At whoever leads by then; any other error ends it."""
    some = SomeClient()
    reading = some.read(retries=1)
    refused = (FetchedPartition("orders-0", "NOT_LEADER_OR_FOLLOWER"),)
    some.hear(FetchResponse(1, refused))
    assert [Cancel(("timeout", 1)), Wake(("read again", 1), 100)] == some.did
    some.leader = 2
    some.wake("read again", 1)
    assert 2 == some.asked()[0]
    some.hear(FetchResponse(2, refused))
    assert (True, "NOT_LEADER_OR_FOLLOWER") == (reading.is_done, reading.error)
