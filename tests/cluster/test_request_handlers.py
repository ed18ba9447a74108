"""What a broker answers to producers, followers and consumers, and when it answers late."""

from collections.abc import Sequence

import pytest

from kafkabook.base.errors import Errors
from kafkabook.base.names import TopicPartition
from kafkabook.clients.raw_client import Reading
from kafkabook.cluster.config import ClusterConfig, TopicConfig
from kafkabook.cluster.delayed import DelayedProduce
from kafkabook.cluster.metadata import (
    BrokerRegistrationChangeRecord,
    ConfigRecord,
    PartitionChangeRecord,
    RemoveTopicRecord,
)
from kafkabook.lab import Lab
from kafkabook.lab.client_commands import SendRecord, StartReading
from kafkabook.lab.rules import Rules
from kafkabook.protocol.admin_api import (
    DeletedRecords,
    DeleteRecordsRequest,
    DeleteRecordsResponse,
)
from kafkabook.protocol.control_api import AlterPartitionResponse, ConfirmedIsr
from kafkabook.protocol.records_api import (
    CONSUMER,
    EpochEndOffset,
    EpochLookup,
    FetchedPartition,
    FetchPartition,
    FetchRequest,
    FetchResponse,
    OffsetsForLeaderEpochRequest,
    OffsetsForLeaderEpochResponse,
    ProducedPartition,
    ProduceResponse,
)
from kafkabook.replication.events import ProduceAnswered, ProduceGivenUp
from kafkabook.replication.facts import PartitionState
from tests.cluster.brokers import (
    BILLS,
    FOLLOWED,
    ID,
    LED,
    NEXT_ID,
    ORDERS,
    SomeBroker,
    alive,
    batch,
    bills,
    orders,
)

ALONE = PartitionState((1, 2), frozenset({1}), 1)


def a_lab(
    *,
    replicas: Sequence[int] = (1, 2),
    racks: Sequence[str] | None = None,
    config: ClusterConfig | None = None,
    **settings: object,
) -> Lab:
    """Three brokers, and orders-0 on some of them."""
    lab = Lab(seed=5, racks=racks, config=config, rules=Rules())
    lab.create_topic("orders", assignment=[list(replicas)], **settings)
    lab.run_for(100)
    return lab


def test_a_record_that_waited_is_acknowledged_when_the_controller_shrinks_the_set() -> None:
    """Nobody fetches any more: only the controller's word can complete the answer.

    Kafka looks at what waits whenever a leader adopts another ISR.
    """
    lab = a_lab()
    lab.crash(2)
    sent = lab.produce("m0", wait_ms=15_000)
    assert ("ok", 0, "") == (sent.outcome, sent.offset, sent.error)
    session_ms = lab.config.broker_session_timeout_ms
    assert session_ms - 2_000 <= sent.ended_ms - sent.sent_ms <= session_ms + 100


def test_a_leader_that_is_deposed_while_an_answer_waits_leaves_its_producer_in_doubt() -> None:
    """The record was appended, and the next leader may have it: that is no refusal."""
    lab = a_lab(replicas=(1, 2, 3))
    lab.hold("Fetch", 3, 1)
    sent = lab.send("m0", retries=0)
    lab.run_for(600)
    lab.make_leader(2)
    lab.run_until(lambda: sent.is_done)
    assert ("info", "NOT_LEADER_OR_FOLLOWER") == (sent.outcome, sent.error)
    told = [entry.event for entry in lab.trace.of(ProduceGivenUp)]
    assert [ProduceGivenUp(ORDERS, 1, 0, "NOT_LEADER_OR_FOLLOWER")] == told
    lab.release("Fetch", 3, 1)
    lab.run_for(1_500)
    assert ["m0"] == lab.read()


@pytest.mark.parametrize(
    ("topic", "error"),
    [("orders", "NOT_LEADER_OR_FOLLOWER"), ("gone", "UNKNOWN_TOPIC_OR_PARTITION")],
)
def test_a_broker_without_a_replica_knows_who_else_has_one(topic: str, error: Errors) -> None:
    """A client that is told NOT_LEADER asks for metadata; one that is told UNKNOWN may give up."""
    lab, name = a_lab(), TopicPartition(topic, 0)
    sent = lab.do(SendRecord("m0", name, to=3, retries=0))
    reading = lab.do(StartReading(name, broker=3))
    lab.run_until(lambda: sent.is_done and reading.is_done, within_ms=100)
    assert ("fail", error) == (sent.outcome, sent.error)
    assert error == reading.error


def test_acks_1_does_not_wait_for_followers() -> None:
    """The leader alone answers, so its crash can take an acknowledged record."""
    lab = a_lab()
    lab.hold("Fetch", 2, 1)
    assert "ok" == lab.produce("m0", acks=1).outcome
    assert [] == lab.read()


def test_acks_0_is_never_answered() -> None:
    """Not even with an error: the producer believes what it wants."""
    lab = a_lab()
    lab.drop_next("ProduceResponse", None, "producer-1")
    assert "ok" == lab.produce("m0", acks=0).outcome
    lab.run_for(100)
    assert ["m0"] == lab.read()
    assert "ok" == lab.produce("m1", acks=0, to=3).outcome
    lab.run_for(100)
    assert ["m0"] == lab.read()


def test_too_few_members_refuse_before_they_append() -> None:
    """Nothing is in the log, so the producer knows that it must not look for it."""
    lab = a_lab(min_insync_replicas=2)
    lab.crash(2)
    lab.run_until(lambda: lab.isr() == {1})
    lab.run_for(100)
    sent = lab.produce("m0", retries=0)
    assert ("fail", "NOT_ENOUGH_REPLICAS") == (sent.outcome, sent.error)
    assert 0 == lab.snapshot().lane(1).log_end
    assert "ok" == lab.produce("m1", acks=1, retries=0).outcome


def test_an_answer_that_takes_too_long_says_so_and_the_record_stays() -> None:
    """REQUEST_TIMED_OUT: it is in the log, and may be committed later."""
    lab = a_lab(config=ClusterConfig(request_timeout_ms=400))
    lab.hold("Fetch", 2, 1)
    lab.hold("ProduceResponse", 1, "producer-1")
    sent = lab.send("m0", retries=0)
    lab.run_until(lambda: sent.is_done)
    assert ("info", "REQUEST_TIMED_OUT") == (sent.outcome, sent.error)
    assert 1 == lab.snapshot().lane(1).log_end


def test_a_consumer_reads_below_the_high_watermark_only() -> None:
    """What one follower lacks is not committed, and may yet be lost."""
    lab = a_lab()
    lab.produce("m0")
    lab.run_for(600)
    lab.hold("Fetch", 2, 1)
    lab.send("m1")
    lab.run_for(100)
    assert ["m0"] == lab.read()


def a_reading(lab: Lab, rack: str) -> Reading:
    """What a consumer in a rack read, and from whom."""
    reading = lab.start_reading(rack=rack)
    lab.run_until(lambda: reading.is_done)
    return reading


NEARBY = ClusterConfig(replica_selector_class="RackAwareReplicaSelector")


@pytest.mark.parametrize(("rack", "broker"), [("a", 1), ("b", 2), ("c", 1)])
def test_a_consumer_is_sent_to_an_in_sync_replica_in_its_rack(rack: str, broker: int) -> None:
    """KIP-392: rack b has a follower; the leader serves its own rack, and racks without any."""
    lab = a_lab(racks=["a", "b", "b"], config=NEARBY)
    lab.produce("m0")
    lab.run_for(600)
    reading = a_reading(lab, rack)
    assert (["m0"], broker) == (reading.values, reading.broker)


def test_without_a_selector_the_leader_serves_everybody() -> None:
    """`replica.selector.class` is empty by default."""
    lab = a_lab(racks=["a", "b", "b"])
    lab.produce("m0")
    lab.run_for(600)
    assert 1 == a_reading(lab, "b").broker


def test_a_follower_of_a_deleted_topic_does_not_speak_for_its_successor() -> None:
    """Both have a record at offset 0 of epoch 0; only the id of the topic differs (KIP-516)."""
    lab = a_lab()
    lab.produce("old")
    lab.run_for(600)
    lab.hold("MetadataUpdate", "controller", 2)
    lab.delete_topic("orders")
    lab.create_topic("orders", assignment=[[1, 2]])
    sent = lab.send("new")
    lab.run_for(1_500)
    assert (False, 1) == (sent.is_done, lab.snapshot().lane(2).log_end)
    lab.release("MetadataUpdate", "controller", 2)
    lab.run_until(lambda: sent.is_done)
    assert (["new"], ("ok", 0)) == (lab.read(), (sent.outcome, sent.offset))


# --- one broker, and only the loop to complete what waits ----------------------------------------


def led(*records: object) -> SomeBroker:
    """Broker 1 leads orders-0, whose follower is broker 2."""
    some = SomeBroker()
    some.learn(*orders(LED), *records)
    return some


def produced(*answers: ProducedPartition) -> ProduceResponse:
    """The answer to a produce request."""
    return ProduceResponse(answers)


def test_a_fetch_that_proves_enough_completes_the_produce_that_waits() -> None:
    """The high watermark moves in the event of the fetch, and the answer leaves with it."""
    some = led()
    ticket = some.append("m0")
    assert [] == some.replies_to()
    some.fetched_by(2, 0)
    assert [] == some.replies_to(ticket)
    some.fetched_by(2, 1)
    assert [(ticket, produced(ProducedPartition(ORDERS, 0)))] == some.replies_to(ticket)


def test_an_append_completes_the_fetch_that_waits() -> None:
    """The follower is given the record although nothing is committed by that."""
    some = led()
    ticket = some.fetched_by(2, 0)
    assert [] == some.replies_to()
    some.append("m0")
    ((_, response),) = some.replies_to(ticket)
    assert ([(0, 0)], 0) == (
        [(b.base_offset, b.header.last_offset) for b in response.partitions[0].batches],
        response.partitions[0].high_watermark,
    )


def test_a_record_that_is_committed_completes_the_consumers_fetch_that_waits() -> None:
    """Its append did not."""
    some = led()
    wanted = FetchPartition(ORDERS, 0)
    ticket = some.receive(FetchRequest(CONSUMER, -1, (wanted,)), "consumer")
    some.append("m0")
    some.fetched_by(2, 0)
    assert [] == some.replies_to(ticket)
    some.fetched_by(2, 1)
    ((_, response),) = some.replies_to(ticket)
    assert 1 == response.partitions[0].high_watermark


def test_a_record_that_follows_its_leader_completes_a_fetch_from_a_follower() -> None:
    """KIP-392: a consumer may wait at a follower."""
    some = SomeBroker()
    some.learn(*orders(FOLLOWED))
    wanted = FetchPartition(ORDERS, 0)
    ticket = some.receive(FetchRequest(CONSUMER, -1, (wanted,), rack="a"), "consumer")
    stamped = (batch("m0").stamped(base_offset=0, partition_leader_epoch=0),)
    news = FetchedPartition(ORDERS, Errors.NONE, 1, 0, stamped)
    some.answer(FetchResponse((news,)), channel="replica fetcher")
    ((_, response),) = some.replies_to(ticket)
    assert stamped == response.partitions[0].batches


def test_a_smaller_in_sync_set_completes_the_produce_that_waits() -> None:
    """The controller's word alone commits."""
    some = led()
    ticket = some.append("m0")
    shrunk = PartitionState((1, 2), frozenset({1}), 1, partition_epoch=1)
    some.learn(PartitionChangeRecord(ORDERS, shrunk))
    assert [(ticket, produced(ProducedPartition(ORDERS, 0)))] == some.replies_to(ticket)


def test_a_deposed_leader_answers_all_that_waited_for_it() -> None:
    """A producer is told where its record is, though not whether it stays."""
    some = led()
    record = some.append("m0")
    newer = PartitionState((1, 2), frozenset({1, 2}), 2, leader_epoch=1, partition_epoch=1)
    some.learn(PartitionChangeRecord(ORDERS, newer))
    error = Errors.NOT_LEADER_OR_FOLLOWER
    assert [(record, produced(ProducedPartition(ORDERS, 0, error)))] == some.replies_to(record)
    told = [entry.event for entry in some.trace.of(ProduceGivenUp)]
    assert [ProduceGivenUp(ORDERS, 1, 0, error.name)] == told


def test_a_deposed_leader_answers_the_fetch_that_waits() -> None:
    """Its follower asks the next leader at once, instead of half a second later."""
    some = led()
    fetch = some.fetched_by(2, 0)
    newer = PartitionState((1, 2), frozenset({1, 2}), 2, leader_epoch=1, partition_epoch=1)
    some.learn(PartitionChangeRecord(ORDERS, newer))
    expected = FetchResponse((FetchedPartition(ORDERS, Errors.NOT_LEADER_OR_FOLLOWER),))
    assert [(fetch, expected)] == some.replies_to(fetch)


def test_a_deleted_topic_answers_what_waited_for_it() -> None:
    """There is nothing left that could."""
    some = led()
    record = some.append("m0")
    some.learn(RemoveTopicRecord("orders"))
    error = Errors.UNKNOWN_TOPIC_OR_PARTITION
    assert [(record, produced(ProducedPartition(ORDERS, 0, error)))] == some.replies_to(record)


def test_a_topic_made_again_under_the_same_name_does_not_answer_for_the_old_one() -> None:
    """Its first record is at the same offset of the same epoch; whose it is the leader knows."""
    some = led()
    old = some.append("old")
    some.learn(RemoveTopicRecord("orders"), *orders(ALONE, NEXT_ID))
    error = Errors.UNKNOWN_TOPIC_OR_PARTITION
    assert [(old, produced(ProducedPartition(ORDERS, 0, error)))] == some.replies_to(old)
    assert [ProduceGivenUp(ORDERS, 1, 0, error.name)] == [
        entry.event for entry in some.trace.of(ProduceGivenUp)
    ]
    new = some.append("new")
    assert [(new, produced(ProducedPartition(ORDERS, 0)))] == some.replies_to(new)


def test_a_produce_of_several_partitions_is_answered_when_all_of_them_are() -> None:
    """What is known earlier waits for the rest, in the order of the request."""
    some = led(*bills(LED))
    ticket = some.produce((ORDERS, batch("m0")), (BILLS, batch("m1")))
    some.fetched_by(2, 1, BILLS)
    assert [] == some.replies_to(ticket)
    some.fetched_by(2, 1, ORDERS)
    expected = produced(ProducedPartition(ORDERS, 0), ProducedPartition(BILLS, 0))
    assert [(ticket, expected)] == some.replies_to(ticket)


def test_a_partition_that_refuses_does_not_hurry_the_others() -> None:
    """One batch is refused at once, the other is committed later; the answer tells both."""
    some = led()
    gone = TopicPartition("gone", 0)
    ticket = some.produce((gone, batch("m0")), (ORDERS, batch("m1")))
    assert [] == some.replies_to(ticket)
    some.fetched_by(2, 1)
    expected = produced(
        ProducedPartition(gone, error=Errors.UNKNOWN_TOPIC_OR_PARTITION),
        ProducedPartition(ORDERS, 0),
    )
    assert [(ticket, expected)] == some.replies_to(ticket)


def test_a_produce_whose_time_is_up_tells_what_is_known_and_what_took_too_long() -> None:
    """A partition that was answered already keeps its answer, and is told of once."""
    some = led(*bills(LED))
    ticket = some.produce((ORDERS, batch("m0")), (BILLS, batch("m1")))
    some.fetched_by(2, 1, BILLS)
    (waiting,) = [
        number
        for number, (_, operation) in some.broker.purgatory._waiting.items()
        if isinstance(operation, DelayedProduce)
    ]
    some.wake("delayed", waiting)
    expected = produced(
        ProducedPartition(ORDERS, 0, Errors.REQUEST_TIMED_OUT), ProducedPartition(BILLS, 0)
    )
    assert [(ticket, expected)] == some.replies_to(ticket)
    told = [entry.event for entry in some.trace.of(ProduceAnswered)]
    assert [(BILLS, ""), (ORDERS, "REQUEST_TIMED_OUT")] == [(e.partition, e.error) for e in told]


def test_a_batch_that_the_log_refuses_is_answered_with_its_error() -> None:
    """Nothing is appended, and nobody waits."""
    some = led()
    ticket = some.produce((ORDERS, batch("x" * 2_000_000)))
    expected = produced(ProducedPartition(ORDERS, -1, Errors.MESSAGE_TOO_LARGE))
    assert ([(ticket, expected)], 0) == (
        some.replies_to(ticket),
        some.partition().replica_log.log.log_end,
    )


def test_a_fetch_of_a_follower_that_waited_is_its_word_only_once() -> None:
    """What it said when it came is old by the time of the answer."""
    some = led()
    some.fetched_by(2, 0)
    leader = some.partition().leader
    assert leader is not None
    some.now_ms = 400
    some.append("m0")
    (facts,) = leader.members.facts().followers
    assert (0, 0) == (facts.log_end, facts.caught_up_ms)


@pytest.mark.parametrize(
    ("follower", "topic_id", "error"),
    [
        (2, NEXT_ID, Errors.UNKNOWN_TOPIC_ID),
        (3, ID, Errors.UNKNOWN_LEADER_EPOCH),
    ],
)
def test_a_follower_is_known_and_speaks_of_that_very_topic(
    follower: int, topic_id: str, error: Errors
) -> None:
    """Kafka's errors for who has other metadata than the leader."""
    some = led()
    wanted = FetchPartition(ORDERS, 0, 0, -1, topic_id)
    answer = some.ask(FetchRequest(follower, -1, (wanted,)), follower)
    assert FetchResponse((FetchedPartition(ORDERS, error),)) == answer


def test_where_an_epoch_ended_is_answered_by_its_leader_alone() -> None:
    """For each partition of the request."""
    some = led()
    some.append("m0")
    gone = TopicPartition("gone", 0)
    asked = EpochLookup(ORDERS, 0, 0), EpochLookup(gone, 0, 0)
    answer = some.ask(OffsetsForLeaderEpochRequest(2, asked), 2)
    expected = (
        EpochEndOffset(ORDERS, Errors.NONE, 0, 1),
        EpochEndOffset(gone, Errors.UNKNOWN_TOPIC_OR_PARTITION),
    )
    assert OffsetsForLeaderEpochResponse(expected) == answer


def test_a_replica_that_joins_the_set_completes_the_fetch_of_a_consumer_in_its_rack() -> None:
    """Nothing is committed by it; the set alone has changed, and with it who is near."""
    some = SomeBroker(config=NEARBY)
    some.learn(*alive(1, 7, "a"), *alive(2, 9, "b"), *orders(ALONE))
    wanted = FetchPartition(ORDERS, 0)
    ticket = some.receive(FetchRequest(CONSUMER, -1, (wanted,), rack="b"), "consumer")
    some.fetched_by(2, 0, epoch=9)
    assert [] == some.replies_to(ticket)
    joined = AlterPartitionResponse((ConfirmedIsr(ORDERS, 0, 1, (1, 2)),))
    some.answer(joined, channel="alter-partition")
    expected = FetchResponse((FetchedPartition(ORDERS, preferred_read_replica=2),))
    assert [(ticket, expected)] == some.replies_to(ticket)


# --- deletions -----------------------------------------------------------------------------------


def with_records(*settings: tuple[str, str]) -> SomeBroker:
    """Broker 1 leads orders-0 with four records, which 2 has too; both are alive."""
    some = SomeBroker()
    topic, partition = orders(LED)
    config = ConfigRecord("orders", TopicConfig().with_texts(settings))
    some.learn(*alive(1, 7), *alive(2, 8), topic, config, partition)
    some.append("a", "b", "c", "d")
    some.fetched_by(2, 4, epoch=8)
    return some


def deletion(offset: int, name: TopicPartition = ORDERS) -> DeleteRecordsRequest:
    """Let one partition begin at an offset."""
    return DeleteRecordsRequest(((name, offset),), timeout_ms=900)


def deleted(low_watermark: int, error: Errors = Errors.NONE) -> DeleteRecordsResponse:
    """The answer for orders-0."""
    return DeleteRecordsResponse((DeletedRecords(ORDERS, low_watermark, error),))


def begins_at(some: SomeBroker, log_start: int) -> None:
    """Let follower 2 fetch from a log that begins there."""
    wanted = FetchPartition(ORDERS, 4, 0, log_start=log_start)
    some.receive(FetchRequest(2, 8, (wanted,)), 2)


@pytest.mark.parametrize(("offset", "low_watermark"), [(2, 2), (-1, 4)])
def test_a_deletion_is_answered_once_every_live_replica_has_made_it(
    offset: int, low_watermark: int
) -> None:
    """The leader at once, a follower by the answer to its fetch; the next fetch tells so."""
    some = with_records()
    begins_at(some, 0)
    ticket = some.receive(deletion(offset))
    assert (low_watermark, []) == (
        some.partition().replica_log.log.log_start,
        some.replies_to(ticket),
    )
    begins_at(some, 1)
    assert [] == some.replies_to(ticket)
    begins_at(some, low_watermark)
    assert [(ticket, deleted(low_watermark))] == some.replies_to(ticket)


def test_a_fenced_replica_is_not_waited_for() -> None:
    """When it is back, it will fetch from a log that begins later."""
    some = with_records()
    some.learn(BrokerRegistrationChangeRecord(2, 8, is_fenced=True))
    assert deleted(3) == some.ask(deletion(3))


def test_a_deletion_behind_the_log_start_is_made_already() -> None:
    """The log start never goes back."""
    some = with_records()
    begins_at(some, 0)
    some.receive(deletion(3))
    begins_at(some, 3)
    assert deleted(3) == some.ask(deletion(1))


def test_a_deletion_that_takes_too_long_is_answered_with_where_it_stands() -> None:
    """The leader's own log begins there all the same."""
    some = with_records()
    begins_at(some, 1)
    ticket = some.receive(deletion(3))
    ((timer, after_ms),) = some.armed()
    some.wake(*timer)  # type: ignore[misc]
    assert (900, [(ticket, deleted(1, Errors.REQUEST_TIMED_OUT))]) == (
        after_ms,
        some.replies_to(ticket),
    )
    assert 3 == some.partition().replica_log.log.log_start


def test_a_deletion_that_waits_at_a_leader_no_more_is_told_so() -> None:
    """Its client looks for the new one."""
    some = with_records()
    begins_at(some, 0)
    ticket = some.receive(deletion(3))
    some.learn(PartitionChangeRecord(ORDERS, PartitionState((1, 2), frozenset({2}), 2, 1, 1)))
    assert [(ticket, deleted(-1, Errors.NOT_LEADER_OR_FOLLOWER))] == some.replies_to(ticket)


@pytest.mark.parametrize(
    ("settings", "offset", "error"),
    [
        ((), 5, Errors.OFFSET_OUT_OF_RANGE),
        ((), -2, Errors.OFFSET_OUT_OF_RANGE),
        ((("cleanup.policy", "compact"),), 1, Errors.POLICY_VIOLATION),
    ],
)
def test_what_cannot_be_deleted_is_refused(
    settings: tuple[tuple[str, str], ...], offset: int, error: Errors
) -> None:
    """Above the high watermark, below nothing, or where compaction alone may delete."""
    some = with_records(*settings)
    assert deleted(-1, error) == some.ask(deletion(offset))
    assert 0 == some.partition().replica_log.log.log_start


def test_only_a_leader_deletes_and_never_what_brokers_keep_for_themselves() -> None:
    """Each partition of a request has an answer of its own."""
    some = SomeBroker()
    some.learn(*alive(1, 7), *alive(2, 8), *bills(FOLLOWED))
    names = BILLS, TopicPartition("gone", 0), TopicPartition("__consumer_offsets", 0)
    answer = some.ask(DeleteRecordsRequest(tuple((name, 0) for name in names)))
    errors = (
        Errors.NOT_LEADER_OR_FOLLOWER,
        Errors.UNKNOWN_TOPIC_OR_PARTITION,
        Errors.INVALID_TOPIC_EXCEPTION,
    )
    expected = (DeletedRecords(n, error=e) for n, e in zip(names, errors, strict=True))
    assert DeleteRecordsResponse(tuple(expected)) == answer


def test_acks_that_kafka_does_not_know_are_refused() -> None:
    """Nothing is appended then."""
    some = led()
    answer = dict(some.replies_to(some.produce((ORDERS, batch("m0")), acks=2)))
    expected = ProduceResponse((ProducedPartition(ORDERS, error=Errors.INVALID_REQUIRED_ACKS),))
    assert ([expected], []) == (list(answer.values()), some.values())
