"""What a broker answers to producers, followers and consumers, and when it answers late."""

from collections.abc import Sequence

import pytest

from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.raw_clients import Reading
from kafkabook.lab import Lab
from kafkabook.lab.rules import Rules
from kafkabook.replication.events import ProduceGivenUp


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

    Kafka looks at what waits whenever a leader adopts another in-sync set.
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
    assert [ProduceGivenUp("orders-0", 1, 0, "NOT_LEADER_OR_FOLLOWER")] == told
    lab.release("Fetch", 3, 1)
    lab.run_for(1_500)
    assert ["m0"] == lab.read()


@pytest.mark.parametrize(
    ("topic", "error"),
    [("orders", "NOT_LEADER_OR_FOLLOWER"), ("gone", "UNKNOWN_TOPIC_OR_PARTITION")],
)
def test_a_broker_without_a_replica_knows_who_else_has_one(topic: str, error: str) -> None:
    """A client that is told NOT_LEADER asks for metadata; one that is told UNKNOWN may give up."""
    world = a_lab().world
    sent = world.send("m0", f"{topic}-0", acks=-1, to=3, retries=0, client="producer-1")
    reading = world.read(f"{topic}-0", 0, broker=3, client="consumer-1", rack=None)
    world.simulation.run_until(lambda: sent.is_done and reading.is_done, within_ms=100)
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
