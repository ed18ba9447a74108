"""Topics, ISRs and elections: each request checked whole, then decided in records."""

from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from kafkabook.base.errors import Errors
from kafkabook.base.names import TopicPartition
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.events import (
    AlterPartitionRefused,
    PartitionsAdded,
    TopicCreated,
    TopicDeleted,
)
from kafkabook.cluster.replication_control import random_uuid
from kafkabook.protocol.admin_api import (
    CreatedTopic,
    CreatePartitionsRequest,
    CreateTopicsRequest,
    DeleteTopicsRequest,
    DeleteTopicsResponse,
    ElectLeadersRequest,
    ElectLeadersResponse,
    GrownTopic,
    NewTopic,
    Result,
)
from kafkabook.protocol.control_api import (
    AlterPartitionRequest,
    AlterPartitionResponse,
    ConfirmedIsr,
)
from kafkabook.replication.facts import PartitionState
from tests.cluster.controllers import ORDERS, SomeController, with_orders
from tests.refusals import refused

ORDERS_1 = TopicPartition("orders", 1)

# --- topics --------------------------------------------------------------------------------------


def test_a_topic_is_created_with_its_settings_and_its_first_live_replica_leads() -> None:
    """Who is dead at that time is a replica, and not in sync."""
    some = SomeController()
    some.lose(3)
    placed, least = ((3, 1, 2), (2, 3, 1)), (("min.insync.replicas", "2"),)
    new = NewTopic("orders", assignment=placed, settings=least)
    assert CreatedTopic("orders", placed) == some.create(new)
    assert PartitionState((3, 1, 2), frozenset({1, 2}), 1) == some.state(ORDERS)
    assert PartitionState((2, 3, 1), frozenset({1, 2}), 2) == some.state(ORDERS_1)
    told = TopicCreated("orders", placed, least)
    assert [told] == [entry.event for entry in some.trace.of(TopicCreated)]


def test_without_an_assignment_the_rule_places() -> None:
    """As many partitions and replicas as were asked for, each on different brokers."""
    some = SomeController(4)
    placed = some.create(NewTopic("orders", 6, 3)).placed
    assert [3] * 6 == [len(set(replicas)) for replicas in placed]
    assert {1, 2, 3, 4} == {replicas[0] for replicas in placed}


def test_what_a_request_leaves_open_the_brokers_decide() -> None:
    """`num.partitions` and `default.replication.factor`."""
    some = SomeController(config=ClusterConfig(num_partitions=4, default_replication_factor=2))
    assert [2, 2, 2, 2] == [len(replicas) for replicas in some.create(NewTopic("orders")).placed]
    assert [1] * 4 == [len(r) for r in some.create(NewTopic("t", replication_factor=1)).placed]
    assert [2] == [len(r) for r in some.create(NewTopic("u", partitions=1)).placed]


def test_every_topic_of_a_request_has_an_answer_of_its_own() -> None:
    """One that is refused costs the others nothing."""
    some = SomeController()
    one = ((1, 2, 3),)
    request = CreateTopicsRequest((NewTopic("no/slash"), NewTopic("orders", assignment=one)))
    refusal, created = some.ask(request).topics
    assert ("no/slash", Errors.INVALID_TOPIC_EXCEPTION) == (refusal.name, refusal.error)
    assert CreatedTopic("orders", one) == created
    deleted = some.ask(DeleteTopicsRequest(("gone", "orders")))
    says = "there is no topic 'gone'"
    expected = (Result("gone", Errors.UNKNOWN_TOPIC_OR_PARTITION, says), Result("orders"))
    assert DeleteTopicsResponse(expected) == deleted


def test_two_topics_of_one_name_have_different_ids() -> None:
    """Else a log of the deleted one would be taken for the new one's."""
    some = with_orders()
    first = some.image.topics["orders"].topic_id
    some.delete("orders")
    assert {} == some.image.partitions
    some.create(NewTopic("orders", assignment=((1, 2, 3),)))
    assert first != some.image.topics["orders"].topic_id
    assert [TopicDeleted("orders")] == [entry.event for entry in some.trace.of(TopicDeleted)]


def test_a_topic_grows_and_its_old_partitions_stay() -> None:
    """New partitions continue the numbers."""
    some = with_orders()
    before, more = some.state(), ((2, 3, 1), (3, 1, 2))
    assert CreatedTopic("orders", more) == some.grow(GrownTopic("orders", 3, more))
    assert ("orders-0", "orders-1", "orders-2") == some.image.topics["orders"].partitions
    assert before == some.state()
    told = PartitionsAdded("orders", 1, more)
    assert told == some.trace.of(PartitionsAdded)[-1].event


def test_names_that_metrics_would_take_for_one_collide() -> None:
    """Kafka's metrics write `_` for `.`; a name that is the same is another error."""
    some = SomeController()
    one = ((1, 2, 3),)
    assert Errors.NONE is some.create(NewTopic("pay.out", assignment=one)).error
    says = "topic 'pay_out' collides with the existing topic 'pay.out'"
    expected = CreatedTopic("pay_out", error=Errors.INVALID_TOPIC_EXCEPTION, says=says)
    assert expected == some.create(NewTopic("pay_out", assignment=one))
    assert Errors.TOPIC_ALREADY_EXISTS is some.create(NewTopic("pay.out", assignment=one)).error
    assert ["pay.out"] == list(some.image.topics)


def test_what_is_only_to_be_checked_is_not_made() -> None:
    """The answer is that of the real thing, a refusal as well as a success."""
    some = with_orders()
    before = some.image.offset, len(some.trace)
    one, more = ((1, 2, 3),), ((2, 3, 1),)
    assert CreatedTopic("t", one) == some.create(NewTopic("t", assignment=one), validate_only=True)
    grown = some.grow(GrownTopic("orders", 2, more), validate_only=True)
    assert CreatedTopic("orders", more) == grown
    twice = some.create(NewTopic("orders", assignment=one), validate_only=True)
    assert (Errors.TOPIC_ALREADY_EXISTS, ()) == (twice.error, twice.placed)
    assert before == (some.image.offset, len(some.trace))


# --- elections -----------------------------------------------------------------------------------


def test_an_unclean_election_is_held_only_where_nobody_leads() -> None:
    """It then elects whoever is alive, although the topic does not allow it by itself."""
    some = with_orders(1, min_insync_replicas=1)
    some.lose(2), some.lose(1)
    assert None is some.state().leader
    assert Result("orders-0") == some.elect("unclean")
    assert (3, frozenset({3})) == (some.state().leader, some.state().isr)


def test_a_preferred_election_gives_the_first_replica_its_place() -> None:
    """Once it is in sync again."""
    some = with_orders()
    some.lose(1)
    some.come_back(1, is_clean=True)
    says = "broker 1 is dead, or not in sync"
    assert Result("orders-0", Errors.PREFERRED_LEADER_NOT_AVAILABLE, says) == some.elect()
    assert Errors.NONE is some.alter(2, 1, 2, 3).error
    assert (Result("orders-0"), 1) == (some.elect(), some.state().leader)


def test_every_partition_of_an_election_has_an_answer_of_its_own() -> None:
    """One that needs none does not keep the others from theirs."""
    some = with_orders()
    some.grow(GrownTopic("orders", 2, ((1, 2, 3),)))
    some.make_leader(2, ORDERS_1)
    request = ElectLeadersRequest("preferred", (ORDERS, ORDERS_1))
    says = "orders-0 is led by broker 1"
    expected = (Result("orders-0", Errors.ELECTION_NOT_NEEDED, says), Result("orders-1"))
    assert ElectLeadersResponse(expected) == some.ask(request)
    assert 1 == some.state(ORDERS_1).leader


def test_a_leader_is_made_of_a_member_only() -> None:
    """Whatever a scenario wants, it is a clean change of leader."""
    some = with_orders(1, 2)
    some.make_leader(2)
    assert (2, 1, {1, 2}) == (some.state().leader, some.state().leader_epoch, some.state().isr)


@pytest.mark.parametrize(
    ("partition", "broker", "error"),
    [
        (ORDERS, 3, Errors.INVALID_REQUEST),  # not in sync
        (ORDERS_1, 1, Errors.UNKNOWN_TOPIC_OR_PARTITION),
    ],
)
def test_a_leader_that_cannot_be_made_changes_nothing(
    partition: TopicPartition, broker: int, error: Errors
) -> None:
    """Not one record."""
    some = with_orders(1, 2)
    before = some.image.offset, len(some.trace)
    with refused(error):
        some.make_leader(broker, partition)
    assert before == (some.image.offset, len(some.trace))


def test_a_member_that_is_about_to_stop_is_made_no_leader() -> None:
    """It would have to hand leadership on at once."""
    some = with_orders()
    some.beat(2, stop=True, offset=0)
    some.controller.image.partitions[ORDERS] = replace(some.state(), isr=frozenset({1, 2, 3}))
    with refused(Errors.INVALID_REQUEST, match="broker 2 is fenced or about to stop"):
        some.make_leader(2)


def test_leadership_goes_back_to_the_preferred_every_five_minutes() -> None:
    """All of it: the percentage of ZooKeeper's time is gone."""
    some = with_orders()
    some.lose(1)
    some.come_back(1, is_clean=True)
    assert Errors.NONE is some.alter(2, 1, 2, 3).error
    some.wake("leader imbalance")
    assert (1, 2) == (some.state().leader, some.state().leader_epoch)
    assert [("leader imbalance", 300_000)] == some.armed()


@pytest.mark.parametrize(("is_allowed", "leader"), [("true", 3), ("false", None)])
def test_an_unclean_election_is_held_again_and_again_where_it_is_allowed(
    is_allowed: str, leader: int | None
) -> None:
    """The setting may have been changed since the last leader died."""
    some = with_orders(1, min_insync_replicas=1)
    some.lose(2), some.lose(1)
    some.configure("orders", ("unclean.leader.election.enable", is_allowed))
    some.wake("unclean election")
    assert leader == some.state().leader
    assert [("unclean election", 300_000)] == some.armed()


# --- what is refused -----------------------------------------------------------------------------

Ask = Callable[[SomeController], CreatedTopic | Result]


def by_hand(*assignment: tuple[int, ...]) -> Ask:
    """Make a topic with these replicas."""
    return lambda some: some.create(NewTopic("t", assignment=assignment))


REFUSED: dict[str, tuple[str, Ask]] = {
    "twice": (Errors.TOPIC_ALREADY_EXISTS, lambda some: some.create(NewTopic("orders"))),
    "name": (Errors.INVALID_TOPIC_EXCEPTION, lambda some: some.create(NewTopic("no/slash"))),
    "too many replicas": (
        Errors.INVALID_REPLICATION_FACTOR,
        lambda some: some.create(NewTopic("t", 1, 4)),
    ),
    "no partitions": (Errors.INVALID_PARTITIONS, lambda some: some.create(NewTopic("t", 0, 3))),
    "setting": (
        Errors.INVALID_CONFIG,
        lambda some: some.create(NewTopic("t", settings=(("no.such", "1"),))),
    ),
    "unknown broker": (Errors.INVALID_REPLICA_ASSIGNMENT, by_hand((1, 9))),
    "a broker twice": (Errors.INVALID_REPLICA_ASSIGNMENT, by_hand((1, 1))),
    "nobody": (Errors.INVALID_REPLICA_ASSIGNMENT, by_hand(())),
    "no list": (Errors.INVALID_REPLICA_ASSIGNMENT, by_hand()),
    "numbers beside lists": (
        Errors.INVALID_REQUEST,
        lambda some: some.create(NewTopic("t", partitions=1, assignment=((1, 2),))),
    ),
    "replicas beside lists": (
        Errors.INVALID_REQUEST,
        lambda some: some.create(NewTopic("t", replication_factor=2, assignment=((1, 2),))),
    ),
    "nothing to give back": (
        Errors.INVALID_CONFIG,
        lambda some: some.create(NewTopic("t", settings=(("retention.ms", None),))),
    ),
    "uneven lists": (Errors.INVALID_REPLICA_ASSIGNMENT, by_hand((1, 2), (1,))),
    "no growth": (Errors.INVALID_PARTITIONS, lambda some: some.grow(GrownTopic("orders", 1))),
    "too few lists": (
        Errors.INVALID_REPLICA_ASSIGNMENT,
        lambda some: some.grow(GrownTopic("orders", 3, ((1, 2, 3),))),
    ),
    "another length": (
        Errors.INVALID_REPLICA_ASSIGNMENT,
        lambda some: some.grow(GrownTopic("orders", 2, ((1, 2),))),
    ),
    "no topic to grow": (
        Errors.UNKNOWN_TOPIC_OR_PARTITION,
        lambda some: some.grow(GrownTopic("t", 2)),
    ),
    "no topic": (Errors.UNKNOWN_TOPIC_OR_PARTITION, lambda some: some.delete("t")),
    "no partition": (
        Errors.UNKNOWN_TOPIC_OR_PARTITION,
        lambda some: some.elect(partition=ORDERS_1),
    ),
    "it leads": (Errors.ELECTION_NOT_NEEDED, lambda some: some.elect()),
    "somebody leads": (Errors.ELECTION_NOT_NEEDED, lambda some: some.elect("unclean")),
    "election": (Errors.INVALID_REQUEST, lambda some: some.elect("by lot")),
}


@pytest.mark.parametrize("error, ask", REFUSED.values(), ids=REFUSED)
def test_what_is_refused_changes_nothing(error: Errors, ask: Ask) -> None:
    """Kafka's name of the error, a sentence, and not one record."""
    some = with_orders(1, 2)
    before = some.image.offset, len(some.trace)
    answer = ask(some)
    assert (error, True) == (answer.error, bool(answer.says))
    assert before == (some.image.offset, len(some.trace))


def test_a_topic_that_is_named_twice_is_not_touched() -> None:
    """Whatever is asked for it; the others of the request are served."""
    some = with_orders()
    twice = Errors.INVALID_REQUEST
    new = tuple(NewTopic(name, assignment=((1, 2),)) for name in ("b", "a", "b"))
    created = some.ask(CreateTopicsRequest(new)).topics
    assert [("b", twice), ("a", Errors.NONE)] == [(it.name, it.error) for it in created]
    grown = tuple(GrownTopic(*asked) for asked in (("a", 2), ("orders", 2), ("a", 3)))
    grew = some.ask(CreatePartitionsRequest(grown)).topics
    assert [("a", twice), ("orders", Errors.NONE)] == [(it.name, it.error) for it in grew]
    gone = some.ask(DeleteTopicsRequest(("orders", "a", "orders"))).topics
    assert [("orders", twice), ("a", Errors.NONE)] == [(it.name, it.error) for it in gone]
    assert ["orders"] == list(some.image.topics)


def test_an_election_everywhere_leaves_out_who_needs_none() -> None:
    """As where no partitions are named on the command line."""
    some = with_orders()
    assert Errors.NONE is some.create(NewTopic("bills", assignment=((2, 1),))).error
    assert () == some.ask(ElectLeadersRequest("preferred", None)).partitions
    some.lose(1)
    answer = some.ask(ElectLeadersRequest("preferred", None)).partitions
    assert [("orders-0", Errors.PREFERRED_LEADER_NOT_AVAILABLE)] == [
        (r.name, r.error) for r in answer
    ]


def test_a_topic_id_is_a_random_uuid_that_begins_with_no_dash() -> None:
    """Version 4 in URL-safe base64; a dash would look like an option on a command line."""
    random = Random("ids")
    ids = [random_uuid(random) for _ in range(500)]
    raw = [urlsafe_b64decode(f"{each}==") for each in ids]
    assert {(4, 2)} == {(each[6] >> 4, each[8] >> 6) for each in raw}
    assert not [each for each in ids if each.startswith("-")]
    assert {22} == {len(each) for each in ids}


def test_no_replica_is_alive() -> None:
    """A partition by hand whose brokers are all dead, and an election that finds nobody."""
    some = with_orders()
    some.lose(3)
    assert Errors.INVALID_REPLICA_ASSIGNMENT is by_hand((3,))(some).error
    some.lose(2), some.lose(1)
    assert Errors.ELIGIBLE_LEADERS_NOT_AVAILABLE is some.elect("unclean").error


# --- ISRs -----------------------------------------------------------------------------------------


def test_a_proposal_is_taken_and_answered_with_the_new_epoch() -> None:
    """The leader epoch stays: only a new leader begins a new one (since 3.6)."""
    some = with_orders()
    assert ConfirmedIsr(ORDERS, 0, 1, (1, 2)) == some.alter(1, 1, 2)
    assert [(1, 1), (2, 1), (3, 1)] == [(to, count) for to, _, count in some.pushed()]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"partition": TopicPartition("gone", 0)}, Errors.UNKNOWN_TOPIC_ID),
        ({"topic_id": "of its predecessor"}, Errors.UNKNOWN_TOPIC_ID),
        ({"broker_epoch": 0}, Errors.STALE_BROKER_EPOCH),
        ({"leader_epoch": -1}, Errors.FENCED_LEADER_EPOCH),
        ({"partition_epoch": -1}, Errors.INVALID_UPDATE_VERSION),
        ({"isr": ((1, -1), (9, -1))}, Errors.INVALID_REQUEST),
        ({"isr": ((1, -1), (2, 0))}, Errors.INELIGIBLE_REPLICA),
    ],
)
def test_a_proposal_is_refused_with_kafkas_error(changes: dict[str, object], error: Errors) -> None:
    """And nothing is decided; the trace says whose wish it was."""
    some = with_orders()
    before, proposal = some.image.offset, some.proposal(1, 1, 2, **changes)
    answer = some.alter(1, 1, 2, **changes)
    epochs = proposal.leader_epoch, proposal.partition_epoch
    assert ConfirmedIsr(proposal.partition, *epochs, (), error) == answer
    assert before == some.image.offset
    members = frozenset(broker for broker, _ in proposal.isr)
    told = AlterPartitionRefused(proposal.partition, 1, members, error.name)
    assert told == some.trace.of(AlterPartitionRefused)[-1].event


def test_every_proposal_of_a_request_has_an_answer_of_its_own() -> None:
    """In the order of the request, and one that is refused costs the others nothing."""
    some = with_orders()
    some.grow(GrownTopic("orders", 2, ((1, 2, 3),)))
    proposals = (
        some.proposal(1, 1, 2, partition_epoch=9),
        some.proposal(1, 1, 3, partition=ORDERS_1),
    )
    epoch = some.broker(1).broker_epoch
    answers = (
        ConfirmedIsr(ORDERS, 0, 9, (), Errors.INVALID_UPDATE_VERSION),
        ConfirmedIsr(ORDERS_1, 0, 1, (1, 3)),
    )
    response = some.ask(AlterPartitionRequest(1, epoch, proposals), 1)
    assert AlterPartitionResponse(answers) == response
    assert ({1, 2, 3}, {1, 3}) == (some.state().isr, some.state(ORDERS_1).isr)
