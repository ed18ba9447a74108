"""A broker's life in messages: it asks until it is answered, and stops when it may."""

import pytest

from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.lifecycle import Lifecycle
from kafkabook.protocol.control_api import (
    BrokerHeartbeatRequest,
    BrokerHeartbeatResponse,
    BrokerRegistrationRequest,
    BrokerRegistrationResponse,
)
from kafkabook.sim.effects import Effect, Send, Wake


def a_life(out: list[Effect]) -> Lifecycle:
    """The second life of broker 1, whose first one ended cleanly under epoch 7."""
    config = ClusterConfig(broker_heartbeat_interval_ms=100)
    return Lifecycle(1, incarnation=2, rack="a", previous_broker_epoch=7, config=config, out=out)


def test_it_registers_and_will_ask_again() -> None:
    """With the epoch that proves how its last life ended."""
    out: list[Effect] = []
    a_life(out).register()
    request = BrokerRegistrationRequest(1, 2, "a", 7)
    assert [Send("controller", request), Wake("register", 100)] == out


@pytest.mark.parametrize(
    ("answer", "epoch"),
    [
        (BrokerRegistrationResponse(2, 9), 9),
        (BrokerRegistrationResponse(1, 9), -1),  # to its last life
        (BrokerRegistrationResponse(2, error="DUPLICATE_BROKER_REGISTRATION"), -1),
    ],
)
def test_only_a_good_answer_to_this_life_registers_it(
    answer: BrokerRegistrationResponse, epoch: int
) -> None:
    """Every other one leaves it asking."""
    life = a_life([])
    assert (epoch == 9, epoch) == (life.registered(answer), life.broker_epoch)


def test_a_second_answer_changes_nothing() -> None:
    """The request was sent twice; the epoch of a life never changes."""
    life = a_life([])
    life.registered(BrokerRegistrationResponse(2, 9))
    assert (False, 9) == (life.registered(BrokerRegistrationResponse(2, 11)), life.broker_epoch)


def test_a_heartbeat_tells_what_it_knows_and_what_it_wants() -> None:
    """And arms the next one."""
    out: list[Effect] = []
    life = a_life(out)
    life.registered(BrokerRegistrationResponse(2, 9))
    life.wants_shut_down = True
    life.beat(12)
    request = BrokerHeartbeatRequest(1, 9, 12, True)
    assert [Send("controller", request), Wake("heartbeat", 100)] == out


def test_it_stops_only_if_it_asked_to() -> None:
    """`should_shut_down` in an answer to somebody who does not want to stop means nothing."""
    life = a_life([])
    life.heard(BrokerHeartbeatResponse(is_fenced=False, should_shut_down=True))
    assert (False, False) == (life.is_fenced, life.may_stop)
    life.wants_shut_down = True
    life.heard(BrokerHeartbeatResponse(is_fenced=True, should_shut_down=True))
    assert (True, True) == (life.is_fenced, life.may_stop)


def test_an_error_tells_nothing() -> None:
    """It is about an earlier life."""
    life = a_life([])
    life.heard(BrokerHeartbeatResponse(error="STALE_BROKER_EPOCH"))
    assert life.is_fenced
