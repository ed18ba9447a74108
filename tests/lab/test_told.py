"""What a run tells of its causes and its losses, so that no figure has to guess."""

from typing import Any

import pytest

from kafkabook.base.trace import Event
from kafkabook.clients.admin import Asked
from kafkabook.cluster.events import (
    BrokerPoweredOff,
    LinkSlowed,
    PowerCutLeft,
    ReadEnded,
    RecordSent,
    SendEnded,
)
from kafkabook.lab import Lab
from kafkabook.lab.rules import Rules
from kafkabook.log.variants import keep_the_torn_batch
from kafkabook.protocol.admin_api import DeleteTopicsRequest
from kafkabook.protocol.carried import Carried
from kafkabook.protocol.records_api import CONSUMER, FetchPartition, FetchRequest
from kafkabook.replication.events import (
    BatchStored,
    BecameLeader,
    FetchParked,
    FetchReleased,
    HighWatermarkFell,
    ProduceAnswered,
    ReplicaOpened,
)
from kafkabook.sim.events import (
    HoldBegan,
    HoldEnded,
    MessageDelivered,
    MessageSent,
    MessageWaits,
)


@pytest.fixture
def lab() -> Lab:
    """Three brokers and a topic of one partition, led by broker 1."""
    return a_lab()


def a_lab(**settings: Any) -> Lab:
    """Three brokers and a topic with these settings, led by broker 1."""
    made = Lab(seed=3)
    made.create_topic("orders", assignment=[[1, 2, 3]], **settings)
    made.run_for(100)
    return made


def told(lab: Lab, *kinds: type[Event]) -> list[Event]:
    """The events of these kinds."""
    return [entry.event for entry in lab.trace.of(*kinds)]


# --- the network ----------------------------------------------------------------------------------


def test_a_slow_broker_is_told_link_by_link_and_so_is_its_end(lab: Lab) -> None:
    """What changes nothing is not told: the link between 1 and 2 is ended once."""
    lab.slow(1, 50)
    lab.slow(2, 20)
    lab.slow(2, 20)
    lab.heal_everything()
    lab.heal_everything()
    expected = [("1", "2", 50), ("1", "3", 50), ("1", "2", 20), ("2", "3", 20)]
    ended = [("1", "2", 0), ("1", "3", 0), ("2", "3", 0)]
    assert [LinkSlowed(*slowed) for slowed in expected + ended] == told(lab, LinkSlowed)


def test_a_hold_and_its_release_are_told(lab: Lab) -> None:
    """By the words of the command."""
    lab.hold("Produce", receiver=1)
    lab.release("Produce", receiver=1)
    words = ("Produce", None, 1)
    assert [HoldBegan(*words), HoldEnded(*words)] == told(lab, HoldBegan, HoldEnded)


def test_a_message_waits_at_a_paused_broker_and_is_taken_when_it_goes_on(lab: Lab) -> None:
    """The same number tells of both."""
    lab.pause(2)
    lab.produce("m0", acks=1)
    lab.run_for(100)
    ((waits),) = told(lab, MessageWaits)
    assert isinstance(waits, MessageWaits)
    assert ("FetchResponse", 1, 2, "paused") == (
        *(waits.name, waits.sender, waits.receiver, waits.reason),
    )
    lab.resume(2)
    resumed_ms = lab.now_ms
    lab.run_for(10)
    taken = [
        entry.at_ms
        for entry in lab.trace.of(MessageDelivered)
        if isinstance(entry.event, MessageDelivered) and entry.event.number == waits.number
    ]
    assert [resumed_ms] == taken


def test_the_answer_to_an_administrator_carries_the_error_and_its_sentence(lab: Lab) -> None:
    """From the controller to the broker that handed the request on, and then to the client."""
    asked: Asked = lab.world.ask(DeleteTopicsRequest(("bills",)))
    lab.run_until(lambda: asked.is_done)
    answers = [
        (sent.sender, sent.receiver, sent.carries)
        for sent in told(lab, MessageSent)
        if isinstance(sent, MessageSent) and sent.name == "DeleteTopicsResponse"
    ]
    carried = Carried("bills", error="UNKNOWN_TOPIC_OR_PARTITION", says=answers[0][2][0][-1])
    assert [("controller", 2, (carried,)), (2, "admin", (carried,))] == answers
    assert carried.says


# --- what belongs together ------------------------------------------------------------------------


def test_two_sends_of_one_value_in_one_millisecond_have_one_checksum_and_two_numbers(
    lab: Lab,
) -> None:
    """A batch holds values and times, and nothing that tells these two apart."""
    lab.send("a")
    lab.send("a")
    lab.run_for(100)
    sent = [event for event in told(lab, RecordSent) if isinstance(event, RecordSent)]
    ended = [event for event in told(lab, SendEnded) if isinstance(event, SendEnded)]
    assert 1 == len({event.crc for event in (*sent, *ended)})
    assert [1, 2] == [event.number for event in sent]
    assert [1, 2] == sorted(event.number for event in ended)


def test_one_checksum_ties_a_batch_of_several_records_from_its_sending_to_its_end(
    lab: Lab,
) -> None:
    """At the client, on all three replicas, in the answer, and in the messages between them."""
    lab.send_batch(["a", "b"])
    lab.run_for(100)
    kinds = (RecordSent, BatchStored, ProduceAnswered, SendEnded)
    crcs = [(type(event).__name__, getattr(event, "crc", 0)) for event in told(lab, *kinds)]
    crc = crcs[0][1]
    expected = ["RecordSent"] * 2 + ["BatchStored"] * 3 + ["ProduceAnswered"] + ["SendEnded"] * 2
    assert [(name, crc) for name in expected] == crcs
    carried = [
        (sent.name, part.values)
        for sent in told(lab, MessageSent)
        if isinstance(sent, MessageSent)
        for part in sent.carries
        if isinstance(part, Carried) and part.crc == crc
    ]
    values = ("a", "b")
    assert [("Produce", values), ("FetchResponse", values), ("FetchResponse", values)] == carried


def test_where_the_leader_stamps_its_time_all_replicas_tell_the_checksum_that_is_stored() -> None:
    """It is not that of what was sent, and no checker takes it for a loss."""
    lab = a_lab(message_timestamp_type="LogAppendTime")
    lab.produce("m0")
    lab.run_for(100)
    kinds = (BatchStored, ProduceAnswered)
    stored = {getattr(event, "crc", 0) for event in told(lab, *kinds)}
    log = lab.view.log(lab.snapshot().partition, 3)
    assert log is not None
    assert {log.read(0)[0].header.crc} == stored
    assert () == lab.watch.broken


# --- a high watermark that falls ------------------------------------------------------------------


def test_a_broker_that_starts_again_tells_how_far_its_high_watermark_fell(lab: Lab) -> None:
    """Its checkpoint is older than its memory was; it catches up with the next fetch."""
    lab.produce("m0")
    lab.run_for(1_000)
    lab.crash(3)
    lab.restart(3)
    lab.run_for(15_000)
    reason = "the broker started again: its checkpoint has no more"
    fell = HighWatermarkFell("orders-0", 3, 1, 0, is_leader=False, reason=reason)
    assert [fell] == told(lab, HighWatermarkFell)
    opened, after = lab.trace.of(ReplicaOpened)[-1], lab.trace.of(HighWatermarkFell)[0]
    assert opened.number + 1 == after.number


def test_a_broker_whose_disk_was_replaced_tells_that_its_log_ends_there(lab: Lab) -> None:
    """Nothing is left that could be committed."""
    lab.produce("m0")
    lab.run_for(1_000)
    lab.lose_disk(3)
    lab.restart(3)
    lab.run_for(15_000)
    reason = "the broker started again: its log ends there"
    fell = HighWatermarkFell("orders-0", 3, 1, 0, is_leader=False, reason=reason)
    assert [fell] == told(lab, HighWatermarkFell)


def test_a_new_leader_that_knows_of_less_tells_how_far_the_mark_fell_for_all_who_read(
    lab: Lab,
) -> None:
    """A follower hears of the mark one fetch later; the leader dies in between."""
    lab.produce("m0")
    lab.hold("FetchResponse", sender=1)
    lab.produce("m1", acks=1)
    lab.deliver("FetchResponse", receiver=2)
    lab.deliver("FetchResponse", receiver=3)
    lab.run_until(lambda: lab.snapshot().lane(1).high_watermark == 2)
    lab.crash(1)
    lab.run_until(lambda: lab.leader() == 2)
    lab.run_for(10)
    was, now = 2, lab.trace.of(BecameLeader)[-1].event.high_watermark  # type: ignore[attr-defined]
    reason = "broker 2 leads from now on, and knows of no more"
    fell = HighWatermarkFell("orders-0", 2, was, now, is_leader=True, reason=reason)
    assert now < was
    assert [fell] == told(lab, HighWatermarkFell)


def test_a_topic_made_again_under_the_same_name_begins_at_zero_and_nothing_fell(lab: Lab) -> None:
    """It is another partition, whatever it is called."""
    lab.produce("m0")
    lab.run_for(1_000)
    lab.crash(3)
    lab.delete_topic("orders")
    lab.create_topic("orders", assignment=[[2, 3, 1]])
    lab.restart(3)
    lab.run_for(15_000)
    assert [] == told(lab, HighWatermarkFell)


# --- what a power cut left ------------------------------------------------------------------------


def test_a_power_cut_tells_at_once_what_it_left_of_each_partition(lab: Lab) -> None:
    """A half batch is on the disk and counts for nothing; the next start finds what was told."""
    lab.produce("m0")
    lab.flush(1)
    lab.produce("m1")
    lab.power_off(1, lucky_bytes=50)
    left = PowerCutLeft(
        *("orders-0", 1), log_end_before=2, log_end=1, high_watermark=0, bytes_to_cut=50
    )
    assert [BrokerPoweredOff(1), left] == told(lab, BrokerPoweredOff, PowerCutLeft)
    lab.restart(1)
    lab.run_for(10_000)
    opened = lab.trace.of(ReplicaOpened)[-1].event
    assert isinstance(opened, ReplicaOpened)
    assert (left.broker, left.log_end, left.high_watermark) == (
        *(opened.broker, opened.log_end, opened.high_watermark),
    )


def test_a_power_cut_before_a_broker_has_opened_its_logs_tells_of_its_disk(lab: Lab) -> None:
    """The last incarnation had written it, and nobody had flushed it."""
    lab.produce("m0")
    lab.crash(2)
    lab.restart(2)
    lab.power_off(2)
    left = PowerCutLeft("orders-0", 2, 1, 0, 0, 0)
    assert [left] == told(lab, PowerCutLeft)


def test_what_a_power_cut_left_is_judged_by_the_recovery_of_this_cluster() -> None:
    """One that leaves a half batch in the file cannot open the log: nobody can say what is left."""
    lab = Lab(rules=Rules().having(recover=keep_the_torn_batch), seed=3)
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    lab.produce("m0")
    lab.power_off(1, lucky_bytes=50)
    assert [PowerCutLeft("orders-0", 1, 1, -1, -1, -1)] == told(lab, PowerCutLeft)


# --- fetching -------------------------------------------------------------------------------------


def fetches(lab: Lab, since: int) -> list[Event]:
    """What was told of waiting fetches since an entry."""
    return [e.event for e in lab.trace.of(FetchParked, FetchReleased) if e.number >= since]


def test_a_followers_fetch_is_parked_until_its_wait_is_over(lab: Lab) -> None:
    """The next one is parked again: this is how an idle cluster looks.

    Its one partition has not changed since the last answer, and so is not looked at.
    """
    since = len(lab.trace)
    lab.run_for(lab.config.replica_fetch_wait_max_ms)
    of_two = [e for e in fetches(lab, 0) if isinstance(e, FetchParked) and e.asker == 2]
    last = of_two[-1]
    assert FetchParked(1, last.number, 2, (), 500, unchanged=1) == last
    assert FetchReleased(1, of_two[-2].number, "the wait is over") in fetches(lab, since)


def test_a_followers_fetch_is_released_by_new_records(lab: Lab) -> None:
    """Both followers wait when the record comes."""
    lab.send("m0", acks=1)
    since = len(lab.trace)
    lab.run_until(lambda: bool(lab.trace.of(BatchStored)))
    released = [e for e in fetches(lab, since) if isinstance(e, FetchReleased)]
    assert ["new records"] * 2 == [event.reason for event in released]


def test_a_fetch_that_waits_is_released_with_the_error_when_its_leader_leads_no_more(
    lab: Lab,
) -> None:
    """The reason is Kafka's name of it."""
    since = len(lab.trace)
    lab.make_leader(2)
    lab.run_for(10)
    reasons = {e.reason for e in fetches(lab, since) if isinstance(e, FetchReleased)}
    assert {"NOT_LEADER_OR_FOLLOWER"} == reasons


def test_a_consumers_fetch_is_released_when_the_high_watermark_moves(lab: Lab) -> None:
    """Records that are not committed yet do not end its wait."""
    wanted = FetchPartition(lab.snapshot().partition, 0)
    lab.world.ask(FetchRequest(CONSUMER, -1, (wanted,), max_wait_ms=10_000), client="reader")
    lab.run_for(10)
    lab.produce("m0")
    (parked,) = [e for e in fetches(lab, 0) if isinstance(e, FetchParked) and e.asker == "reader"]
    assert FetchParked(1, parked.number, "reader", (("orders-0", 0),), 10_000) == parked
    assert FetchReleased(1, parked.number, "the high watermark moved") in fetches(lab, 0)


def test_a_read_that_finds_nothing_tells_up_to_where_it_looked(lab: Lab) -> None:
    """The mark, and the broker that named it; nobody answered the second one."""
    lab.produce("m0")
    lab.start_reading(offset=1)
    lab.run_for(100)
    lab.crash(1)
    lab.start_reading(offset=1)
    lab.run_for(100)
    first, second = told(lab, ReadEnded)
    assert ReadEnded("orders-0", 1, 0, "", high_watermark=1, broker=1) == first
    assert ReadEnded("orders-0", 1, 0, "NETWORK_EXCEPTION", high_watermark=-1, broker=-1) == second
