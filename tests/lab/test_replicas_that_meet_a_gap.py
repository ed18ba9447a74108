"""Nobody stays out of sync for ever, however records are deleted while disks and processes go."""

from functools import cache
from random import Random

import pytest

from kafkabook.base.errors import KafkaError
from kafkabook.base.names import TopicPartition
from kafkabook.cluster.config import ClusterConfig
from kafkabook.lab import Lab
from kafkabook.lab.client_commands import DeleteRecords
from kafkabook.replication.events import ReplicaFailed, ReplicaTruncated

ORDERS = TopicPartition("orders", 0)
BROKERS = (1, 2, 3)
SEEDS = range(8)
QUICK = ClusterConfig(
    replica_lag_time_max_ms=2_000,
    broker_session_timeout_ms=3_000,
    broker_heartbeat_interval_ms=500,
)
PAUSES_MS = (1, 5, 20, 100, 1_000, 4_000, 8_000)


def high_watermark(lab: Lab) -> int:
    """The highest of any replica; nothing above it can be deleted."""
    logs = (lab.view.log(ORDERS, broker) for broker in BROKERS)
    return max((log.high_watermark for log in logs if log is not None), default=0)


def strike(lab: Lab, random: Random) -> None:
    """Let one broker lose its process, what it has not flushed, or its disk; never two at once."""
    down = [broker.id for broker in lab.view.brokers if not broker.is_running]
    if down:
        lab.restart(down[0])
    else:
        random.choice((lab.crash, lab.power_off, lab.lose_disk))(random.choice(BROKERS))


def act(lab: Lab, random: Random, number: int) -> None:
    """Send a batch, let the log start later, strike, or cut a link; what makes no sense is left."""
    kind, end = random.randrange(12), high_watermark(lab)
    try:
        if kind < 5:
            values = [f"m{number}.{n}" for n in range(random.randint(1, 5))]
            lab.send_batch(values, acks=random.choice(("all", 1)))
        elif kind < 7:
            lab.do(DeleteRecords(ORDERS, random.choice((-1, random.randint(0, end), end - 1))))
        elif kind < 10:
            strike(lab, random)
        elif kind == 10:
            lab.cut(*random.sample(BROKERS, 2))
        else:
            lab.heal()
    except KafkaError:
        pass


@cache
def healed(seed: int) -> Lab:
    """A lab after a small storm, and a minute of quiet behind it."""
    lab, random = Lab(seed=seed, config=QUICK), Random(f"gaps/{seed}")
    lab.create_topic("orders", assignment=[BROKERS])
    for number in range(60):
        act(lab, random, number)
        lab.run_for(random.choice(PAUSES_MS))
    lab.restart_everything()
    lab.run_for(60_000)
    leave_the_window(lab)
    return lab


def leave_the_window(lab: Lab) -> None:
    """Free who is stuck where Kafka's followers are, by letting the leader's log start later.

    See `test_a_log_that_parts_inside_the_first_batch_of_its_leader_is_stuck`.
    """
    failed = {entry.event.broker for entry in lab.trace.of(ReplicaFailed)}
    if stuck := failed - lab.isr():
        lab.do(DeleteRecords(ORDERS, -1))
        for broker in stuck:
            lab.crash(broker)
        lab.run_for(10_000)
        lab.restart_everything()
        lab.run_for(60_000)


@pytest.mark.parametrize("seed", SEEDS)
def test_after_all_is_healed_every_replica_is_in_sync(seed: int) -> None:
    """With one broker at a time in trouble, somebody always holds the log.

    L8 does not hear of deleted records, and takes a log that starts at its end for one that lost.
    """
    lab = healed(seed)
    assert frozenset(BROKERS) == lab.isr()
    lanes = lab.snapshot().lanes
    leader = next(lane for lane in lanes if lane.role == "leader")
    marks = leader.log_start, leader.log_end, leader.log_end
    assert [marks] * 3 == [(it.log_start, it.log_end, it.high_watermark) for it in lanes]
    assert set() == set(lab.watch.broken) - {"L8"}


def test_the_storms_meet_what_they_are_about() -> None:
    """Else they would show nothing."""
    told = [entry.event for seed in SEEDS for entry in healed(seed).trace.of(ReplicaTruncated)]
    reasons = [event.reason for event in told if isinstance(event, ReplicaTruncated)]
    late, inside = "the leader's log starts later", "the leader's log starts inside a batch"
    assert min(reasons.count(late), reasons.count(inside)) >= 5
