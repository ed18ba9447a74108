"""A leader tells each fetch session what changed, and notes who asked for the rest.

Source: kafka, core `FetchSessionTest.scala`, `FetchSession.scala`.
"""

from dataclasses import replace
from typing import Any

from kafkabook.base.errors import Errors
from kafkabook.base.names import TopicPartition
from kafkabook.base.trace import Event
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.fetch_handlers import FetchHandlers
from kafkabook.cluster.fetch_sessions import FetchSessionCache
from kafkabook.cluster.metadata import PartitionChangeRecord, RemoveTopicRecord
from kafkabook.protocol.records_api import (
    CONSUMER,
    FetchedPartition,
    FetchPartition,
    FetchRequest,
    FetchResponse,
    Forgotten,
)
from kafkabook.replication.events import (
    FetchesRepeated,
    FetchParked,
    FetchServed,
    FetchSessionEnded,
    FetchSessionMade,
    FetchSessionRefused,
)
from kafkabook.replication.facts import PartitionState
from kafkabook.replication.rules import ReplicationRules
from tests.cluster.brokers import BILLS, ID, LED, NEXT_ID, ORDERS, SomeBroker, alive, bills, orders

OF_TWO = PartitionState((1, 2), frozenset({1, 2}), 1)


def leading(**config: Any) -> SomeBroker:
    """Broker 1 leads orders-0 and bills-0, and brokers 2 and 3 are alive."""
    some = SomeBroker(config=ClusterConfig(**config))
    some.learn(*alive(2, 8), *alive(3, 8), *orders(LED), *bills(OF_TWO))
    return some


def wants(name: TopicPartition = ORDERS, offset: int = 0, **how: Any) -> FetchPartition:
    """What a follower wants of a partition, whose topic id it knows."""
    topic_id = ID if name == ORDERS else NEXT_ID
    return replace(FetchPartition(name, offset, 0, log_start=0, topic_id=topic_id), **how)


def fetch(
    some: SomeBroker,
    *wanted: FetchPartition,
    session: tuple[int, int] = (0, 0),
    forgotten: Forgotten = (),
    broker_epoch: int = 8,
    replica: int = 2,
    max_wait_ms: int = 500,
) -> int:
    """Let follower 2 fetch in a session; return the ticket."""
    session_id, epoch = session
    request = FetchRequest(
        replica,
        broker_epoch,
        wanted,
        max_wait_ms=max_wait_ms,
        session_id=session_id,
        session_epoch=epoch,
        forgotten=forgotten,
    )
    return some.receive(request, replica)


def answered(some: SomeBroker, *wanted: FetchPartition, **how: Any) -> FetchResponse:
    """Let follower 2 fetch without waiting; return the answer."""
    ticket = fetch(some, *wanted, max_wait_ms=0, **how)
    ((_, response),) = some.replies_to(ticket)
    return response


def begun(some: SomeBroker, *wanted: FetchPartition, **how: Any) -> int:
    """Let a follower begin a session; return its id."""
    return answered(some, *(wanted or (wants(), wants(BILLS))), **how).session_id


def cache(some: SomeBroker) -> FetchSessionCache:
    """The sessions of the broker."""
    (handlers,) = (it for it in some.broker.components if isinstance(it, FetchHandlers))
    return handlers.cache


def names(response: FetchResponse) -> list[str]:
    """The partitions that an answer tells of."""
    return [answer.partition for answer in response.partitions]


def told(some: SomeBroker, *kinds: type[Event]) -> list[Event]:
    """What the broker told of some kinds."""
    return [entry.event for entry in some.trace.of(*kinds)]


# --- what is told ---------------------------------------------------------------------------------


def test_a_full_fetch_begins_a_session_and_is_told_everything() -> None:
    """Although there is nothing to give."""
    some = leading()
    response = answered(some, wants(), wants(BILLS))
    marks = (Errors.NONE, 0, 0)
    expected = FetchedPartition(ORDERS, *marks), FetchedPartition(BILLS, *marks)
    assert (expected, Errors.NONE) == (response.partitions, response.error)
    assert [FetchSessionMade(1, 2, response.session_id, 2)] == told(some, FetchSessionMade)


def test_a_fetch_without_a_session_gets_none() -> None:
    """A raw client asks so, with session epoch -1."""
    some = leading()
    response = answered(some, wants(), session=(0, -1))
    assert ((["orders-0"], 0), []) == (
        (names(response), response.session_id),
        told(some, FetchSessionMade),
    )


def test_without_slots_every_answer_is_full_and_no_session_is_named() -> None:
    """The follower then asks for everything each time."""
    some = leading(max_incremental_fetch_session_cache_slots=0)
    assert 0 == begun(some)
    assert {} == some.broker.components[-2]._watchers  # type: ignore[attr-defined]


def test_the_next_fetch_is_told_what_changed() -> None:
    """Records first, and their high watermark once the follower has them."""
    some = leading()
    session = begun(some)
    some.append("a")
    response = answered(some, session=(session, 1))
    assert [("orders-0", 1)] == [(p.partition, len(p.batches)) for p in response.partitions]
    response = answered(some, wants(offset=1), session=(session, 2))
    assert [] == names(response)  # the mark from before this fetch was counted
    response = answered(some, session=(session, 3))
    assert [("orders-0", 1)] == [(p.partition, p.high_watermark) for p in response.partitions]
    assert [] == names(answered(some, session=(session, 4)))


def test_what_has_not_changed_is_counted_and_not_looked_at() -> None:
    """One event for all of it."""
    some = leading()
    session = begun(some)
    served = len(told(some, FetchServed))
    answered(some, session=(session, 1))  # both began with news: where the follower's logs start
    answered(some, session=(session, 2))
    assert served + 2 == len(told(some, FetchServed))
    assert [FetchesRepeated(1, 2, session, 3, 2)] == told(some, FetchesRepeated)
    fetch(some, session=(session, 3))
    assert [FetchParked(1, 1, 2, (), 500, unchanged=2)] == told(some, FetchParked)


def test_who_asks_again_for_all_that_has_not_changed_keeps_up() -> None:
    """Each of its fetches counts for each of its partitions, at its own time."""
    some = leading()
    session = begun(some)
    for epoch in (1, 2, 3):
        some.now_ms = 100 * epoch
        answered(some, session=(session, epoch))
    leader = some.partition(BILLS).leader
    assert leader is not None
    progress = leader.members.followers[2]
    assert (300, 300, 300) == (
        progress.fetched_ms,
        progress.facts.caught_up_ms,
        leader.members.facts().followers[0].caught_up_ms,
    )


def test_a_fetch_of_a_session_waits_under_one_key_and_is_released_by_any_partition() -> None:
    """However many partitions it has."""
    some = leading()
    session = begun(some)
    ticket = fetch(some, session=(session, 1))
    (waiting,) = some.broker.purgatory.operations()
    assert 1 == len(tuple(waiting.keys))
    some.append("a")
    ((_, response),) = some.replies_to(ticket)
    assert ["orders-0"] == names(response)


def test_who_is_not_in_the_set_is_looked_at_each_time() -> None:
    """It may join as soon as it is heard that it is alive, which changes no partition."""
    some = SomeBroker()
    some.learn(*orders(PartitionState((1, 2), frozenset({1}), 1)))
    session = begun(some, wants())
    some.learn(*alive(2, 8))
    answered(some, session=(session, 1))
    ((_, request),) = some.sent("alter-partition")
    assert [((1, 7), (2, 8))] == [proposal.isr for proposal in request.partitions]


def test_a_change_of_leader_is_told_to_the_fetch_that_waits() -> None:
    """As an error, which ends the wait."""
    some = leading()
    session = begun(some)
    ticket = fetch(some, session=(session, 1))
    some.learn(PartitionChangeRecord(ORDERS, replace(LED, leader=2, leader_epoch=1)))
    ((_, response),) = some.replies_to(ticket)
    assert [("orders-0", Errors.NOT_LEADER_OR_FOLLOWER)] == [
        (answer.partition, answer.error) for answer in response.partitions
    ]


def test_a_forgotten_partition_is_told_of_no_more() -> None:
    """Nor does it end a wait."""
    some = leading()
    session = begun(some)
    ticket = fetch(some, session=(session, 1), forgotten=((ORDERS, ID),))
    some.append("a")
    assert [] == some.replies_to(ticket)
    assert [] == names(answered(some, session=(session, 2)))
    assert [BILLS] == list(some.broker.components[-2]._watchers)  # type: ignore[attr-defined]


def test_a_session_without_partitions_is_closed() -> None:
    """Its last fetch is answered at once."""
    some = leading()
    session = begun(some)
    ticket = fetch(some, session=(session, 1), forgotten=((ORDERS, ID), (BILLS, NEXT_ID)))
    assert [(ticket, FetchResponse(()))] == some.replies_to(ticket)
    ended = FetchSessionEnded(1, 2, session, "no partition is left in it")
    assert [ended] == told(some, FetchSessionEnded)


def test_a_topic_made_again_is_another_partition_of_the_session() -> None:
    """The old one is forgotten with the same fetch that names the new one."""
    some = leading()
    session = begun(some, wants())
    some.learn(RemoveTopicRecord("orders"), *orders(LED, NEXT_ID))
    response = answered(some, session=(session, 1))
    assert [Errors.UNKNOWN_TOPIC_ID] == [answer.error for answer in response.partitions]
    anew = wants(topic_id=NEXT_ID)
    response = answered(some, anew, session=(session, 2), forgotten=((ORDERS, ID),))
    assert [Errors.NONE] == [answer.error for answer in response.partitions]
    assert [] == names(answered(some, session=(session, 3)))


def test_records_that_a_follower_did_not_take_are_told_again() -> None:
    """It asks from the same offset on, and so does not name the partition."""
    some = leading()
    session = begun(some)
    some.append("a")
    told_of = [names(answered(some, session=(session, epoch))) for epoch in (1, 2)]
    assert [["orders-0"], ["orders-0"]] == told_of


def test_who_got_records_is_read_after_all_others() -> None:
    """And the session counts as used."""
    some = leading()
    session = begun(some)
    some.append("a")
    some.now_ms = 50
    answered(some, session=(session, 1))
    kept = cache(some).sessions[session]
    assert (["bills-0", "orders-0"], 50) == (
        [it.wanted.partition for it in kept.in_order],
        kept.used_ms,
    )


def test_a_fetch_that_does_not_count_vouches_for_nothing() -> None:
    """Whatever a rule has against it; the next one is looked at."""
    counts = iter((True, False, False))
    some = SomeBroker(rules=ReplicationRules(counts_fetch=lambda *_: next(counts)))
    some.learn(*alive(2, 8), *orders(LED))
    session = begun(some, wants())
    for epoch in (1, 2):
        some.now_ms = 100 * epoch
        answered(some, session=(session, epoch))
    assert ([], (0, 0, 8)) == (told(some, FetchesRepeated), follower_times(some))


# --- which fetch is the next one ------------------------------------------------------------------


def test_an_unknown_session_is_refused() -> None:
    """So it goes when the broker has begun anew."""
    some = leading()
    response = answered(some, session=(99, 1))
    assert FetchResponse((), Errors.FETCH_SESSION_ID_NOT_FOUND) == response
    refused = FetchSessionRefused(1, 2, 99, 1, "FETCH_SESSION_ID_NOT_FOUND")
    assert [refused] == told(some, FetchSessionRefused)


def test_no_two_incarnations_of_a_broker_know_the_same_sessions() -> None:
    """Else one could take another one's fetch for the next of its own."""
    replicas = leading().broker.replicas
    drawn = [FetchHandlers(replicas, life).cache.new_session_id() for life in (1, 2, 3, 1)]
    assert (3, drawn[0]) == (len(set(drawn)), drawn[3])


def test_a_doubled_fetch_is_refused_and_the_session_goes_on() -> None:
    """The fetch that came first has taken its number."""
    some = leading()
    session = begun(some)
    first = fetch(some, session=(session, 1))
    second = fetch(some, session=(session, 1))
    expected = FetchResponse((), Errors.INVALID_FETCH_SESSION_EPOCH)
    assert [(second, expected)] == some.replies_to(first, second)
    assert Errors.NONE is answered(some, session=(session, 2)).error


def test_a_fetch_that_waited_while_its_session_went_on_is_told_so() -> None:
    """Its answer would be no news for the asker."""
    some = leading()
    session = begun(some)
    ticket = fetch(some, session=(session, 1))
    answered(some, session=(session, 2))
    some.append("a")
    expected = FetchResponse((), Errors.INVALID_FETCH_SESSION_EPOCH, session)
    assert [(ticket, expected)] == some.replies_to(ticket)


def test_a_full_fetch_closes_the_session_that_it_names() -> None:
    """An answer was lost, and the follower begins again."""
    some = leading()
    session = begun(some)
    other = begun(some, session=(session, 0))
    assert session != other
    ended = FetchSessionEnded(1, 2, session, "a full fetch closed it")
    assert [ended] == told(some, FetchSessionEnded)
    assert 0 == answered(some, wants(), session=(other, -1)).session_id
    assert {} == cache(some).sessions


def test_a_fetch_that_waits_in_a_closed_session_is_answered_all_the_same() -> None:
    """Then nobody looks at that session any more."""
    some = leading()
    session = begun(some)
    ticket = fetch(some, session=(session, 1))
    answered(some, wants(), session=(session, -1))
    some.append("a")
    ((_, response),) = some.replies_to(ticket)
    assert ["orders-0"] == names(response)
    assert {} == some.broker.components[-2]._watchers  # type: ignore[attr-defined]


# --- more than one incarnation --------------------------------------------------------------------


def follower_times(some: SomeBroker) -> tuple[int, int, int]:
    """What the leader of orders-0 knows of follower 2: time and broker epoch of its last fetch."""
    leader = some.partition().leader
    assert leader is not None
    progress = leader.members.followers[2]
    return progress.fetched_ms, progress.facts.caught_up_ms, progress.facts.broker_epoch


def test_a_late_fetch_in_the_session_of_an_earlier_incarnation_is_refused() -> None:
    """The present one has fetched meanwhile: nothing of the old session is unchanged."""
    some = leading()
    session = begun(some, wants())
    answered(some, session=(session, 1))
    some.now_ms = 10
    begun(some, wants(), broker_epoch=9)
    some.now_ms = 20
    response = answered(some, session=(session, 2))
    assert [Errors.NOT_LEADER_OR_FOLLOWER] == [answer.error for answer in response.partitions]
    assert (10, 10, 9) == follower_times(some)


def test_a_fetch_of_an_earlier_incarnation_that_waited_vouches_for_nothing() -> None:
    """Even where both came within one millisecond."""
    some = leading()
    ticket = fetch(some, wants())
    begun(some, wants(), broker_epoch=9)
    some.now_ms = 500
    some.wake("delayed", 1)
    ((_, response),) = some.replies_to(ticket)
    late = answered(some, session=(response.session_id, 1))
    assert [Errors.NOT_LEADER_OR_FOLLOWER] == [answer.error for answer in late.partitions]
    assert (0, 0, 9) == follower_times(some)


def test_another_broker_epoch_in_a_session_is_heard_by_every_partition() -> None:
    """A leader names it to the controller (KIP-903)."""
    some = leading()
    session = begun(some, wants())
    answered(some, session=(session, 1))
    some.now_ms = 10
    answered(some, session=(session, 2), broker_epoch=9)
    assert (10, 10, 9) == follower_times(some)


def test_a_consumers_session_is_read_each_time() -> None:
    """It is told records below the high watermark, and another broker once one is nearer."""
    some = leading()
    session = begun(some, wants(), replica=CONSUMER)
    some.append("a")
    assert [] == names(answered(some, session=(session, 1), replica=CONSUMER))
    some.fetched_by(2, 1)
    response = answered(some, session=(session, 2), replica=CONSUMER)
    assert [("orders-0", 1)] == [(p.partition, len(p.batches)) for p in response.partitions]
    assert [] == told(some, FetchesRepeated)
