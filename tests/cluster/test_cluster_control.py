"""Which brokers the controller believes in: registered, heard of, fenced, let go."""

import pytest

from kafkabook.base.errors import Errors
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.events import (
    BrokerFenced,
    MetadataSentAgain,
    PartitionChanged,
    RegistrationRefused,
)
from kafkabook.cluster.rules import ClusterRules
from kafkabook.cluster.variants import register_anybody
from kafkabook.protocol.control_api import (
    BrokerHeartbeatRequest,
    BrokerHeartbeatResponse,
    BrokerRegistrationResponse,
)
from tests.cluster.controllers import SomeController, with_orders

SESSION_MS = ClusterConfig().broker_session_timeout_ms


def test_a_broker_is_fenced_until_it_knows_of_its_own_registration() -> None:
    """It must not lead by metadata from before its death."""
    some = SomeController(0)
    answer = some.register(1)
    assert BrokerRegistrationResponse(1, 1) == answer
    assert BrokerHeartbeatResponse(is_fenced=True) == some.beat(1, offset=0)
    assert BrokerHeartbeatResponse(is_fenced=False) == some.beat(1, offset=1)


def test_a_registration_that_is_sent_again_gets_the_same_epoch() -> None:
    """The first answer was lost; nothing is decided twice."""
    some = SomeController(1)
    before = some.image.offset, some.broker(1).broker_epoch
    assert BrokerRegistrationResponse(1, some.broker(1).broker_epoch) == some.register(1)
    assert before == (some.image.offset, some.broker(1).broker_epoch)


def test_a_second_process_waits_until_the_first_is_believed_dead() -> None:
    """Two processes under one id would both lead: the younger is refused for a session's time."""
    some = SomeController(1)
    refused = BrokerRegistrationResponse(2, error=Errors.DUPLICATE_BROKER_REGISTRATION)
    assert refused == some.register(1, incarnation=2)
    told = RegistrationRefused(1, 2, "DUPLICATE_BROKER_REGISTRATION")
    assert [told] == [entry.event for entry in some.trace.of(RegistrationRefused)]
    some.lose(1)
    assert Errors.NONE is some.register(1, incarnation=2).error


@pytest.mark.parametrize(("is_fetched", "told"), [(True, True), (False, False)])
def test_who_is_refused_learns_the_metadata_since_brokers_fetch_them(
    is_fetched: bool, told: bool
) -> None:
    """KIP-500: observers need no registration; the controller of ZooKeeper's time told nobody."""
    some = SomeController(1, rules=ClusterRules(is_metadata_fetched=is_fetched))
    assert Errors.DUPLICATE_BROKER_REGISTRATION is some.register(1, incarnation=2).error
    assert ([(1, 0, some.image.offset)] if told else []) == some.pushed()


def test_a_broker_that_died_while_it_was_stopping_may_come_back_at_once() -> None:
    """It has given its leadership away already, and is in no ISR."""
    some = with_orders()
    some.beat(1, offset=0, stop=True)
    assert {2, 3} == some.state().isr
    assert Errors.NONE is some.register(1, incarnation=2).error


def test_a_second_process_that_nobody_refuses_leaves_the_in_sync_set_of_the_first() -> None:
    """It is not fenced in between; what the first one led goes to another."""
    some = with_orders(rules=ClusterRules(check_registration=register_anybody))
    some.register(1, incarnation=2, previous=some.broker(1).broker_epoch)
    assert (2, {2, 3}) == (some.state().leader, some.state().isr)
    assert "broker 1 was restarted" in some.trace.of(PartitionChanged)[-1].event.reason


def test_an_epoch_is_larger_than_any_before() -> None:
    """A request of an earlier incarnation is known by it (KIP-841, KIP-903)."""
    some = SomeController(1)
    first = some.broker(1).broker_epoch
    some.lose(1)
    some.come_back(1, is_clean=True)
    assert first < some.broker(1).broker_epoch


def test_a_heartbeat_of_an_earlier_incarnation_is_refused_and_keeps_nobody_alive() -> None:
    """Else a message from before the crash would unfence a broker that knows nothing."""
    some = SomeController(1)
    old = some.broker(1).broker_epoch
    some.lose(1)
    some.register(1, incarnation=2)
    answer = some.ask(BrokerHeartbeatRequest(1, old, 99), 1)
    assert BrokerHeartbeatResponse(error=Errors.STALE_BROKER_EPOCH) == answer
    assert ([], True) == (some.armed(), some.broker(1).is_fenced)


def test_each_heartbeat_starts_the_session_anew() -> None:
    """One timer for each broker; arming it again replaces it."""
    some = SomeController(2)
    some.beat(2)
    assert [(("session", 2), SESSION_MS)] == some.armed()


def test_a_session_that_is_over_moves_leadership_and_says_why() -> None:
    """Brokers are told the partition's change first, then that the broker is fenced."""
    some = with_orders()
    some.lose(1)
    assert (2, frozenset({2, 3}), 1) == (
        some.state().leader,
        some.state().isr,
        some.state().leader_epoch,
    )
    assert BrokerFenced(1, "its session timed out") == some.trace.of(BrokerFenced)[-1].event
    told = some.pushed()
    assert [1, 2, 3] == [to for to, _, _ in told]
    assert {2} == {count for _, _, count in told}
    some.lose(1)
    assert [] == some.pushed()


def test_a_broker_that_wants_to_stop_first_loses_what_it_leads() -> None:
    """No moment without a leader; it may go once it knows."""
    some = with_orders()
    before = some.image.offset
    assert BrokerHeartbeatResponse(should_shut_down=False) == some.beat(1, offset=before, stop=True)
    assert (2, frozenset({2, 3})) == (some.state().leader, some.state().isr)
    assert BrokerHeartbeatResponse(is_fenced=True, should_shut_down=True) == some.beat(1, stop=True)
    assert some.broker(1).is_fenced


def test_who_was_told_that_it_may_stop_is_told_again() -> None:
    """The answer may be lost; it is fenced once, and a fenced broker may stop at once."""
    some = with_orders()
    answers = [some.beat(1, stop=True) for _ in range(3)]
    may_stop = BrokerHeartbeatResponse(is_fenced=True, should_shut_down=True)
    assert [may_stop, may_stop] == answers[1:]
    assert 1 == len(some.trace.of(BrokerFenced))


@pytest.mark.parametrize("is_elr_enabled", [True, False])
def test_the_last_member_leads_again_and_only_the_elr_knows_that_it_may_have_lost_records(
    is_elr_enabled: bool,
) -> None:
    """Without KIP-966 nobody asks how its last incarnation ended; its election counts as clean."""
    some = with_orders(1, rules=ClusterRules(is_elr_enabled=is_elr_enabled), min_insync_replicas=1)
    some.lose(1)
    assert None is some.state().leader
    some.come_back(1, is_clean=False)
    assert (1, {1}) == (some.state().leader, some.state().isr)
    assert is_elr_enabled == some.trace.of(PartitionChanged)[-1].event.is_unclean


def test_what_a_broker_lacks_is_sent_again_but_not_with_every_message() -> None:
    """Metadata that was lost is noticed by the next heartbeat."""
    some = SomeController(2)
    some.now_ms = 5_000
    some.beat(2, offset=1)
    assert [(2, 1, some.image.offset - 1)] == some.pushed()
    some.beat(2, offset=1)
    assert [] == some.pushed()
    some.now_ms += ClusterConfig().broker_heartbeat_interval_ms
    some.beat(2, offset=1)
    assert [2] == [to for to, _, _ in some.pushed()]
    told = [entry.event for entry in some.trace.of(MetadataSentAgain)]
    assert [MetadataSentAgain(2, 1), MetadataSentAgain(2, 1)] == told


def test_a_broker_that_lacks_nothing_is_sent_nothing() -> None:
    """Its heartbeats come every two seconds, and say each time that it knows all."""
    some = SomeController(2)
    for _ in range(3):
        some.now_ms += ClusterConfig().broker_heartbeat_interval_ms
        some.beat(2, offset=some.image.offset)
    assert ([], []) == (some.pushed(), list(some.trace.of(MetadataSentAgain)))
