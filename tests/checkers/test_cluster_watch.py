"""The shared model follows a trace, and the watch calls each checker for what it reads."""

from dataclasses import replace

import pytest

from kafkabook.checkers.cluster_checker import ClusterChecker
from kafkabook.cluster.events import (
    BrokerCrashed,
    BrokerPoweredOff,
    BrokerRegistered,
    BrokerStarted,
    DiskLost,
    TopicDeleted,
)
from kafkabook.replication.events import BatchStored, ReplicaDeleted
from tests.checkers.cluster_histories import (
    ALL,
    P,
    append,
    batches_of,
    calm,
    cut,
    fetched,
    follow,
    lead,
    leader_hw,
    opened,
    restarted,
    unfenced,
    watched,
    word,
)


class CountsStored(ClusterChecker):
    """Counts what it is shown."""

    name = "stored"
    kinds = (BatchStored,)
    is_diagnostic = True

    def observe(self, entry):
        """Report each broker once."""
        self.saw += 1
        seen = self.replicas.partition
        self.report_once((seen.name, entry.event.broker), "stored", entry, seen.changed, entry)


def test_a_checker_sees_its_kinds_and_reports_a_culprit_once() -> None:
    """Six batches were stored by three brokers; evidence is in order and never twice."""
    watch = watched(calm("ab"), (CountsStored,))
    assert 6 == watch.checkers[0].saw
    assert [(0, 4), (0, 5), (0, 6)] == [
        tuple(entry.number for entry in anomaly.evidence) for anomaly in watch.anomalies
    ]
    assert ({"stored": "broken"}, ()) == (watch.verdicts, watch.broken)


def test_logs_are_compared_up_to_an_offset() -> None:
    """They part where a batch differs or is missing, and nowhere below."""
    other = [*calm("ab"), cut(2, 1, was=2), fetched(2, 1, "x")]
    one, two, three = (watched(other).replicas.partitions[P].replica(b) for b in ALL)
    assert (None, 1, None) == (one.parting(two, 1), one.parting(two, 2), one.parting(three, 2))
    watch = watched([*calm("ab"), cut(3, 1, was=2)])
    one, three = (watch.replicas.partitions[P].replica(b) for b in (1, 3))
    assert (None, 1) == (one.parting(three, 1), three.parting(one, 2))


def test_a_cut_inside_a_batch_takes_the_whole_batch() -> None:
    """What is left of a batch is no batch."""
    history = [word(), append(1, 0, "a"), append(1, 1, "bc", records=2), cut(1, 2, was=3)]
    replica = watched(history).replicas.partitions[P].replica(1)
    assert batches_of("a") == tuple(stretch.batch for stretch in replica.stretches)


def test_a_power_off_leaves_the_log_unknown_until_it_is_opened() -> None:
    """What was lost shows at the next start only; then it counts as a loss."""
    off = [*calm("ab"), BrokerPoweredOff(2)]
    partition = watched(off).replicas.partitions[P]
    assert (False, {}) == (partition.replica(2).is_known, partition.lossy)
    back = [*off, BrokerStarted(2, 2), opened(2, *batches_of("a"), hw=1)]
    partition = watched(back).replicas.partitions[P]
    assert ([2], 1, True) == (
        list(partition.lossy),
        partition.replica(2).log_end,
        partition.replica(2).is_known,
    )


def test_a_member_that_came_back_with_everything_is_no_loss_any_more() -> None:
    """Until then each broker that lost records counts against what acks=all promises."""
    lost = [*calm("ab"), *restarted(2, *batches_of("a"), hw=1, power=True), word(isr=(1, 3))]
    back = [*lost, unfenced(2), follow(2), fetched(2, 1, "b"), word(isr=ALL)]
    assert [2] == list(watched(lost).replicas.partitions[P].lossy)
    assert {} == watched(back).replicas.partitions[P].lossy


def test_as_many_losses_as_min_insync_replicas_end_the_promise() -> None:
    """Two disks of two that were asked for: what the next leader lacks is given up."""
    history = [*calm("ab"), DiskLost(1), DiskLost(2)]
    assert watched(history).replicas.partitions[P].is_excused
    assert not watched(history[:-1]).replicas.partitions[P].is_excused
    given_up = [*history, word(2, epoch=2, isr=(2,)), lead(2, epoch=2, isr=(2,))]
    partition = watched(given_up).replicas.partitions[P]
    assert (0, True) == (partition.true_hwm, partition.is_dropped(0, epoch=1))


@pytest.mark.parametrize(("is_elr_enabled", "is_excused"), [(True, False), (False, True)])
def test_the_last_member_of_old_could_lose_it_all(is_elr_enabled: bool, is_excused: bool) -> None:
    """Before eligible leader replicas it stayed in the set, whatever its machine had lost."""
    said = replace(word(None, isr=(1,)), is_elr_enabled=is_elr_enabled)
    partition = watched([*calm("ab"), DiskLost(1), said]).replicas.partitions[P]
    assert is_excused == partition.is_excused


def test_an_unclean_election_gives_up_what_the_winner_lacks() -> None:
    """From its log's end on, whatever older epochs told is no longer promised."""
    behind = [word(isr=(1, 2)), *calm("ab")[1:], cut(3, 1, was=2)]
    partition = watched([*behind, word(3, epoch=2, isr=(3,), unclean=True)]).replicas.partitions[P]
    told = partition.still_true(partition.replica(2), 2, leader_epoch=1)
    assert (1, 1) == (partition.true_hwm, told)
    assert [False, True, False] == [
        partition.is_dropped(0, epoch=1),
        partition.is_dropped(1, epoch=1),
        partition.is_dropped(1, epoch=2),
    ]


def test_an_unclean_election_gives_up_what_an_older_leader_took_for_committed() -> None:
    """Storm seed 616323: broker 1 leads behind a closed port, then broker 3 is elected uncleanly.

    What was committed, a and y, is in the log of broker 3. Record x of broker 1 is not.
    """
    second = [word(2, epoch=2, isr=(2,), unclean=True), lead(2, epoch=2, hw=1)]
    second += [append(2, 1, "y", epoch=2), fetched(3, 1, "y", epoch=2)]
    second += [leader_hw(2, 2, epoch=2, isr=(2,), min_isr=1)]
    third = [BrokerCrashed(1), BrokerStarted(1, 2), opened(1, *batches_of("ax"), hw=2)]
    third += [word(1, epoch=3, isr=(1,), unclean=True), lead(1, epoch=3, hw=2)]
    fourth = [word(3, epoch=4, isr=(3,), unclean=True), lead(3, epoch=4, hw=1)]
    history = [*calm("a", min_isr=1), append(1, 1, "x"), *second, *third, *fourth]
    watch = watched([*history, leader_hw(3, 2, epoch=4, was=1, isr=(3,), min_isr=1)])
    seen = watch.replicas.partitions[P]
    stale = seen.replica(1)
    assert (1, 1, 2) == (
        stale.high_watermark,
        seen.still_true(stale, 2, leader_epoch=3),
        seen.still_true(stale, 2, leader_epoch=4),
    )
    assert "R7" not in watch.broken


def test_what_a_leader_begins_with_is_committed_once_clients_can_reach_it() -> None:
    """Storm seed 701197: it committed behind a closed port, and was read from when that opened."""
    closed = [word(isr=(1,), min_isr=1), BrokerCrashed(1), BrokerStarted(1, 2), opened(1)]
    closed += [lead(1, isr=(1,), min_isr=1), append(1, 0, "a")]
    closed += [leader_hw(1, 1, isr=(1,), min_isr=1)]
    again = [BrokerRegistered(1, 101, 2, was_clean=False, was_alive=False)]
    again += [word(epoch=2, isr=(1,), min_isr=1), lead(1, epoch=2, hw=1, isr=(1,), min_isr=1)]
    assert 0 == watched(closed).replicas.partitions[P].true_hwm
    seen = watched([*closed, *again]).replicas.partitions[P]
    assert (1, 1, True) == (
        seen.true_hwm,
        seen.committed.end,
        seen.replica(1).holds(seen.committed),
    )


def test_a_deleted_topic_is_forgotten_and_its_leftovers_are_not_heard() -> None:
    """A new topic of the same name begins with nothing, though an old replica still speaks."""
    deleted = [*calm("ab"), TopicDeleted("orders"), append(1, 2, "c")]
    assert {} == watched(deleted).replicas.partitions
    again = [*deleted, word(), append(1, 3, "d"), ReplicaDeleted(P, 1)]
    replica = watched([*again, append(1, 0, "e")]).replicas.partitions[P].replica(1)
    assert batches_of("e") == tuple(stretch.batch for stretch in replica.stretches)


def test_who_was_down_when_a_topic_went_has_no_leftover() -> None:
    """Its next incarnation deletes the old files before it tells of any, and says nothing of it."""
    deleted = [*calm("ab"), BrokerPoweredOff(2), BrokerStarted(2, 2), TopicDeleted("orders")]
    replica = watched([*deleted, word(), fetched(2, 0, "e")]).replicas.partitions[P].replica(2)
    assert batches_of("e") == tuple(stretch.batch for stretch in replica.stretches)
