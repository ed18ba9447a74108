"""Decisions about partitions as records: which epochs grow, and who is still trusted."""

from dataclasses import replace

import pytest

from kafkabook.base.errors import Errors
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.metadata import PartitionChangeRecord
from kafkabook.cluster.rules import ClusterRules
from kafkabook.protocol.admin_api import NewTopic
from kafkabook.replication.facts import PartitionState
from tests.cluster.controllers import ORDERS, SomeController, with_orders


def test_a_follower_that_goes_costs_a_partition_epoch_and_no_leader_epoch() -> None:
    """Since 3.6 a smaller set alone no longer begins a new leader epoch."""
    some = with_orders()
    before = some.state()
    records = list(some.decisions.without(3, "it went"))
    after = replace(before, isr=frozenset({1, 2}), partition_epoch=1)
    assert [PartitionChangeRecord(ORDERS, after, "it went")] == records
    assert before == some.state()  # decided, not yet replayed


def test_a_leader_that_goes_costs_a_leader_epoch() -> None:
    """The next in the order of assignment leads, and the reason says how it was found."""
    some = with_orders()
    (record,) = some.decisions.without(1, "it went")
    after = PartitionState((1, 2, 3), frozenset({2, 3}), 2, leader_epoch=1, partition_epoch=1)
    told = "it went: the first live member of the ISR leads"
    assert PartitionChangeRecord(ORDERS, after, told) == record


def test_what_changes_nothing_is_no_record() -> None:
    """A broker without a replica in sync goes: nobody needs to know."""
    some = with_orders(1, 2)
    assert [] == list(some.decisions.without(3, "it went"))
    assert [] == list(some.decisions.with_back(3))


def test_who_leaves_a_set_below_the_minimum_stays_eligible() -> None:
    """Nothing can be committed without it from then on (KIP-966)."""
    some = with_orders()
    some.lose(3)
    assert frozenset() == some.state().elr
    some.lose(2)
    assert (frozenset({1}), frozenset({2})) == (some.state().isr, some.state().elr)
    some.lose(1)
    state = some.state()
    assert (frozenset(), frozenset({1, 2}), None, (1,)) == (
        state.isr,
        state.elr,
        state.leader,
        state.last_known_elr,
    )


@pytest.mark.parametrize(("is_clean", "leader"), [(True, 2), (False, None)])
def test_an_eligible_replica_leads_again_unless_its_tail_is_lost(
    is_clean: bool, leader: int | None
) -> None:
    """What it had not flushed may be what was committed."""
    some = with_orders()
    for broker in (3, 2, 1):
        some.lose(broker)
    some.come_back(2, is_clean=is_clean)
    assert leader == some.state().leader
    if is_clean:
        assert (frozenset({2}), frozenset({1}), ()) == (
            some.state().isr,
            some.state().elr,
            some.state().last_known_elr,
        )


def test_a_larger_set_voids_the_eligible_ones() -> None:
    """From now on records are committed without them."""
    some = with_orders()
    some.lose(3), some.lose(2)
    some.come_back(3, is_clean=True)
    assert frozenset({2}) == some.state().elr
    assert Errors.NONE is some.alter(1, 1, 3).error
    assert frozenset() == some.state().elr


def test_another_minimum_voids_the_eligible_ones() -> None:
    """Lowered to 1, the leader alone commits what replica 2 never sees."""
    some = with_orders()
    some.lose(3), some.lose(2)
    epoch = some.state().partition_epoch
    some.configure("orders", ("min.insync.replicas", "1"))
    assert (frozenset(), epoch + 1) == (some.state().elr, some.state().partition_epoch)
    some.lose(1)
    some.come_back(2, is_clean=True)
    assert None is some.state().leader


def test_without_elr_the_last_member_stays_and_nobody_else_is_trusted() -> None:
    """Before KIP-966 an empty set would have left nobody to wait for."""
    some = with_orders(rules=ClusterRules(is_elr_enabled=False))
    for broker in (3, 2, 1):
        some.lose(broker)
    some.come_back(2, is_clean=True)
    assert (None, frozenset({1}), frozenset()) == (
        some.state().leader,
        some.state().isr,
        some.state().elr,
    )


@pytest.mark.parametrize(("own", "of_cluster", "least"), [(None, 2, 2), (1, 2, 1), (7, 1, 3)])
def test_the_minimum_is_the_topics_and_never_above_its_replicas(
    own: int | None, of_cluster: int, least: int
) -> None:
    """A minimum of 7 on three replicas would stop every producer for ever."""
    some = SomeController(config=ClusterConfig(min_insync_replicas=of_cluster))
    settings = () if own is None else (("min.insync.replicas", str(own)),)
    some.create(NewTopic("orders", assignment=((1, 2, 3),), settings=settings))
    assert least == some.decisions.least(ORDERS)


def test_a_leader_epoch_may_begin_under_the_same_leader() -> None:
    """Both epochs grow, so that everybody reconciles again."""
    some = with_orders()
    (record,) = some.decisions.new_leader_epoch(ORDERS, 1, why="again")
    after = replace(some.state(), leader_epoch=1, partition_epoch=1)
    assert PartitionChangeRecord(ORDERS, after, "again") == record


def test_an_unclean_election_is_marked_and_leaves_the_leader_alone() -> None:
    """All others must follow its log, whatever they hold."""
    some = with_orders(1, min_insync_replicas=1)
    some.configure("orders", ("unclean.leader.election.enable", "true"))
    (record,) = some.decisions.without(1, "it went")
    assert (2, frozenset({2}), True) == (record.state.leader, record.state.isr, record.is_unclean)
