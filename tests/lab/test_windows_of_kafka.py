"""What Kafka itself does wrong in rare windows, so that nobody takes it for a bug of ours."""

from kafkabook.base.names import TopicPartition
from kafkabook.lab import Lab
from kafkabook.log.facts import EpochEntry

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
