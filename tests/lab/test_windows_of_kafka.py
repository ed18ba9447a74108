"""What Kafka itself does wrong in rare windows, so that nobody takes it for a bug of ours."""

from collections.abc import Callable

import pytest

from kafkabook.base.names import TopicPartition
from kafkabook.lab import Lab, Rules
from kafkabook.lab.client_commands import DeleteRecords
from kafkabook.log.facts import EpochEntry
from kafkabook.log.rules import cuts_doubtful, keeps_doubtful
from kafkabook.replication.events import ReplicaFailed, ReplicaOpened

ORDERS = TopicPartition("orders", 0)


def a_lab_whose_leader_lost_its_tail(*, waits_ms: int) -> Lab:
    """Broker 1 has flushed m0 and m1, leads in epoch 2, loses its power, and is started again."""
    lab = Lab()
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    lab.produce("m0")
    lab.make_leader(2)
    lab.run_for(50)
    lab.produce("m1")
    lab.flush(1)
    lab.produce("m2")
    lab.make_leader(1)
    lab.run_for(50)
    lab.produce("m3")
    lab.power_off(1)
    lab.run_for(waits_ms)
    lab.restart(1)
    lab.run_until(lambda: lab.leader() == 2 and lab.isr() == {1, 2, 3})
    return lab


def epochs(lab: Lab, broker: int) -> tuple[EpochEntry, ...]:
    """Return where each epoch begins in a replica's log, by its `leader-epoch-checkpoint`."""
    log = lab.view.log(ORDERS, broker)
    assert log is not None
    return tuple(log.epochs.entries)


def test_a_lost_tail_and_a_return_before_the_session_ends_forget_an_older_epoch() -> None:
    """Broker 1 notes epoch 2 at offset 2, then copies m2 of epoch 1 there: epoch 1 began at 1.

    Kafka warns that the new entry conflicts with older ones, and drops them
    (`LeaderEpochFileCache.maybeTruncateNonMonotonicEntries`).
    """
    lab = a_lab_whose_leader_lost_its_tail(waits_ms=100)
    right = (EpochEntry(0, 0), EpochEntry(1, 1), EpochEntry(2, 3))
    assert (right, (EpochEntry(0, 0), EpochEntry(1, 2), EpochEntry(2, 3))) == (
        epochs(lab, 2)[:3],
        epochs(lab, 1)[:3],
    )


def test_after_its_session_the_same_broker_forgets_nothing() -> None:
    """Nobody tells it any more that it leads."""
    lab = a_lab_whose_leader_lost_its_tail(waits_ms=10_000)
    assert epochs(lab, 2)[:3] == epochs(lab, 1)[:3]


def a_lab_whose_log_starts_inside_a_batch_of_another_term() -> Lab:
    """Broker 1 has written x1 and x2 alone, where the others have n1 and n2 in one batch."""
    lab = Lab()
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    lab.produce("m0")
    for other in (2, 3):
        lab.cut(1, other)
    for value in ("x1", "x2"):
        lab.produce(value, acks=1)
    lab.crash(1)
    lab.heal()
    lab.run_until(lambda: lab.leader() == 2)
    lab.send_batch(["n1", "n2"])
    lab.run_for(1_000)
    lab.delete_records("orders", 0, 2)
    lab.restart(1)
    lab.run_for(60_000)
    return lab


def test_a_log_that_parts_inside_the_first_batch_of_its_leader_is_stuck() -> None:
    """Broker 1 keeps x1 at offset 1, and is sent n1 and n2 when it fetches from 2 on.

    The leader's epochs begin at its log start, inside that batch, so it says that epoch 0 ended at
    2. Kafka throws `UnexpectedAppendOffsetException`, and only an empty log begins anew. The
    partition is marked as failed, also after the next election or restart: until the leader's log
    starts behind the batch, and the follower asks again.
    """
    lab = a_lab_whose_log_starts_inside_a_batch_of_another_term()
    (failed,) = lab.trace.of(ReplicaFailed)
    why = "a batch at offset 1 does not follow a log that ends at 2"
    assert ReplicaFailed("orders-0", 1, 2, 1, why) == failed.event
    held = [lab.view.replica(ORDERS, broker) for broker in (1, 2)]
    assert ({2, 3}, [(0, 2), (2, 3)]) == (lab.isr(), [(it.log_start, it.log_end) for it in held])
    lab.produce("m3")
    lab.do(DeleteRecords(ORDERS, 3))
    lab.crash(1)
    lab.run_for(20_000)
    lab.restart(1)
    lab.run_for(10_000)
    assert {1, 2, 3} == lab.isr()
    assert [(3, 4)] * 3 == [(lane.log_start, lane.log_end) for lane in lab.snapshot().lanes]


def test_an_old_log_start_deletes_a_log_that_began_anew() -> None:
    """Broker 2 copied x as record 0, and was killed before it wrote down that its log starts there.

    Kafka finds the old log start, 3, above the log end, and deletes all segments (`LogLoader.java`,
    `deleteSegmentsIfLogStartGreaterThanLogEnd`). The follower then asks its leader where that ends,
    begins there, and never copies x (`AbstractFetcherThread.scala`, `fetchOffsetAndTruncate`).
    """
    lab = Lab(brokers=2)
    lab.create_topic("orders", assignment=[[1, 2]])
    for value in "abc":
        lab.produce(value)
    lab.delete_records()
    lab.run_for(70_000)  # the log starts are written down every minute
    lab.crash(2)
    lab.run_until(lambda: lab.isr() == {1})
    lab.lose_disk(1)
    lab.restart(1)
    lab.restart(2)
    lab.run_until(lambda: lab.isr() == {1, 2})
    lab.produce("x")
    copied = (lab.view.replica(ORDERS, 2).log_start, lab.view.replica(ORDERS, 2).log_end)
    lab.crash(2)
    lab.restart(2)
    lab.run_to(ReplicaOpened)
    (found,) = lab.trace.of(ReplicaOpened)[-1:]
    assert ((0, 1), (3, 3, ())) == (
        copied,
        (found.event.log_start, found.event.log_end, found.event.batches),
    )
    lab.run_for(20_000)
    lanes = lab.snapshot().lanes
    assert [(0, ["x"]), (1, [])] == [
        (lane.log_start, [record.value for record in lane.records]) for lane in lanes
    ]
    assert () == lab.watch.broken


def a_lab_whose_truncation_was_taken_back(part: Callable[[str], bool]) -> Lab:
    """Broker 1 has cut x1 off, copied n1 of the next leader in its place, and lost its power."""
    lab = Lab(rules=Rules().having(keeps_doubtful=part))
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    lab.produce("m0")
    for other in (2, 3):
        lab.cut(1, other)
    lab.produce("x1", acks=1)
    lab.flush(1)
    lab.crash(1)
    lab.heal()
    lab.run_until(lambda: lab.leader() == 2)
    lab.produce("n1")
    lab.restart(1)
    lab.run_until(lambda: lab.isr() == {1, 2, 3})
    lab.power_off(1)
    lab.run_for(10_000)
    lab.restart(1)
    lab.run_until(lambda: lab.isr() == {1, 2, 3})
    return lab


@pytest.mark.parametrize(
    ("part", "second"), [(keeps_doubtful, b"x1"), (cuts_doubtful, b"n1")], ids=["kafka", "strict"]
)
def test_a_power_cut_that_takes_a_truncation_back_lets_the_logs_part(
    part: Callable[[str], bool], second: bytes
) -> None:
    """The checksum of x1 is right, and Kafka's recovery does not ask for its leader epoch.

    The epoch file was flushed, so it says epoch 1 at offset 1, where x1 of epoch 0 stands again
    (`LogSegment.recover`: only a later epoch is noted). The leader then finds that the two agree.
    """
    lab = a_lab_whose_truncation_was_taken_back(part)
    logs = [lab.view.log(ORDERS, broker) for broker in (1, 2)]
    assert [[b"m0", second], [b"m0", b"n1"]] == [[r.value for r in log.records()] for log in logs]
    assert [(EpochEntry(0, 0), EpochEntry(1, 1))] * 2 == [log.epochs.entries for log in logs]
