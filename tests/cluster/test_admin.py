"""Commands of an administrator: checked whole, then decided in records."""

from collections.abc import Callable
from typing import Any

import pytest

from kafkabook.base.errors import Errors
from kafkabook.cluster.events import PartitionsAdded, TopicAltered, TopicCreated, TopicDeleted
from kafkabook.replication.facts import PartitionState
from tests.cluster.controllers import SomeController, with_orders
from tests.refusals import refused


def test_a_topic_is_created_with_its_settings_and_its_first_live_replica_leads() -> None:
    """Who is dead at that time is a replica, and not in sync."""
    some = SomeController()
    some.lose(3)
    placed = some.admin.create_topic(
        "orders", assignment=[[3, 1, 2], [2, 3, 1]], settings={"min_insync_replicas": 2}
    )
    assert ((3, 1, 2), (2, 3, 1)) == placed
    assert PartitionState((3, 1, 2), frozenset({1, 2}), 1) == some.state("orders-0")
    assert PartitionState((2, 3, 1), frozenset({1, 2}), 2) == some.state("orders-1")
    told = TopicCreated("orders", placed, (("min.insync.replicas", "2"),))
    assert [told] == [entry.event for entry in some.trace.of(TopicCreated)]


def test_without_an_assignment_the_rule_places() -> None:
    """As many partitions and replicas as were asked for, each on different brokers."""
    some = SomeController(4)
    placed = some.admin.create_topic("orders", partitions=6, replication_factor=3)
    assert [3] * 6 == [len(set(replicas)) for replicas in placed]
    assert {1, 2, 3, 4} == {replicas[0] for replicas in placed}


def test_two_topics_of_one_name_have_different_ids() -> None:
    """Else a log of the deleted one would be taken for the new one's."""
    some = with_orders()
    first = some.image.topics["orders"].topic_id
    some.admin.delete_topic("orders")
    assert {} == some.image.partitions
    some.admin.create_topic("orders", assignment=[[1, 2, 3]])
    assert first != some.image.topics["orders"].topic_id
    assert [TopicDeleted("orders")] == [entry.event for entry in some.trace.of(TopicDeleted)]


def test_a_topic_grows_and_its_old_partitions_stay() -> None:
    """New partitions continue the numbers."""
    some = with_orders()
    before = some.state()
    assert ((2, 3, 1), (3, 1, 2)) == some.admin.add_partitions("orders", 3, [[2, 3, 1], [3, 1, 2]])
    assert ("orders-0", "orders-1", "orders-2") == some.image.topics["orders"].partitions
    assert before == some.state()
    told = PartitionsAdded("orders", 1, ((2, 3, 1), (3, 1, 2)))
    assert told == some.trace.of(PartitionsAdded)[-1].event


def test_settings_are_changed_and_told_by_kafkas_names() -> None:
    """Those that were not named stay."""
    some = with_orders(min_insync_replicas=2)
    some.admin.alter_topic("orders", {"unclean_leader_election_enable": True})
    told = (("min.insync.replicas", "2"), ("unclean.leader.election.enable", "True"))
    assert TopicAltered("orders", told) == some.trace.of(TopicAltered)[-1].event


def test_an_unclean_election_is_held_only_where_nobody_leads() -> None:
    """It then elects whoever is alive, although the topic does not allow it by itself."""
    some = with_orders(1, min_insync_replicas=1)
    some.lose(2), some.lose(1)
    assert None is some.state().leader
    assert 3 == some.admin.elect("orders", 0, "unclean")
    assert frozenset({3}) == some.state().isr


def test_a_preferred_election_gives_the_first_replica_its_place() -> None:
    """Once it is in sync again."""
    some = with_orders()
    some.lose(1)
    some.come_back(1, is_clean=True)
    with refused(Errors.PREFERRED_LEADER_NOT_AVAILABLE):
        some.admin.elect("orders", 0)
    assert not some.alter(2, 1, 2, 3).error
    assert 1 == some.admin.elect("orders", 0)


def test_a_leader_is_made_of_a_member_only() -> None:
    """Whatever a scenario wants, it is a clean change of leader."""
    some = with_orders(1, 2)
    some.admin.make_leader("orders", 0, 2)
    assert (2, 1, {1, 2}) == (some.state().leader, some.state().leader_epoch, some.state().isr)


REFUSED: dict[str, tuple[Errors, Callable[[Any], object]]] = {
    "twice": (Errors.TOPIC_ALREADY_EXISTS, lambda a: a.create_topic("orders")),
    "name": (Errors.INVALID_TOPIC_EXCEPTION, lambda a: a.create_topic("no/slash")),
    "too many replicas": (
        Errors.INVALID_REPLICATION_FACTOR,
        lambda a: a.create_topic("t", replication_factor=4),
    ),
    "no partitions": (Errors.INVALID_PARTITIONS, lambda a: a.create_topic("t", partitions=0)),
    "setting": (Errors.INVALID_CONFIG, lambda a: a.create_topic("t", settings={"no_such": 1})),
    "value": (
        Errors.INVALID_CONFIG,
        lambda a: a.alter_topic("orders", {"min_insync_replicas": 0}),
    ),
    "unknown broker": (
        Errors.INVALID_REPLICA_ASSIGNMENT,
        lambda a: a.create_topic("t", assignment=[[1, 9]]),
    ),
    "a broker twice": (
        Errors.INVALID_REPLICA_ASSIGNMENT,
        lambda a: a.create_topic("t", assignment=[[1, 1]]),
    ),
    "nobody": (Errors.INVALID_REPLICA_ASSIGNMENT, lambda a: a.create_topic("t", assignment=[[]])),
    "uneven lists": (
        Errors.INVALID_REPLICA_ASSIGNMENT,
        lambda a: a.create_topic("t", assignment=[[1, 2], [1]]),
    ),
    "no growth": (Errors.INVALID_PARTITIONS, lambda a: a.add_partitions("orders", 1)),
    "too few lists": (
        Errors.INVALID_REPLICA_ASSIGNMENT,
        lambda a: a.add_partitions("orders", 3, [[1, 2, 3]]),
    ),
    "another length": (
        Errors.INVALID_REPLICA_ASSIGNMENT,
        lambda a: a.add_partitions("orders", 2, [[1, 2]]),
    ),
    "no topic": (Errors.UNKNOWN_TOPIC_OR_PARTITION, lambda a: a.delete_topic("t")),
    "no partition": (Errors.UNKNOWN_TOPIC_OR_PARTITION, lambda a: a.elect("orders", 1)),
    "it leads": (Errors.ELECTION_NOT_NEEDED, lambda a: a.elect("orders", 0)),
    "somebody leads": (Errors.ELECTION_NOT_NEEDED, lambda a: a.elect("orders", 0, "unclean")),
    "election": (Errors.INVALID_REQUEST, lambda a: a.elect("orders", 0, "by lot")),
    "not in sync": (Errors.INVALID_REQUEST, lambda a: a.make_leader("orders", 0, 3)),
}


@pytest.mark.parametrize("error, command", REFUSED.values(), ids=REFUSED)
def test_what_is_refused_changes_nothing(error: Errors, command: Callable[[Any], object]) -> None:
    """Kafka's name of the error, and not one record."""
    some = with_orders(1, 2)
    before = some.image.offset, len(some.trace)
    with refused(error):
        command(some.admin)
    assert before == (some.image.offset, len(some.trace))


def test_no_replica_is_alive() -> None:
    """A partition by hand whose brokers are all dead, and an election that finds nobody."""
    some = with_orders()
    some.lose(3)
    with refused(Errors.INVALID_REPLICA_ASSIGNMENT):
        some.admin.create_topic("t", assignment=[[3]])
    some.lose(2), some.lose(1)
    with refused(Errors.ELIGIBLE_LEADERS_NOT_AVAILABLE):
        some.admin.elect("orders", 0, "unclean")
