"""A broker's lifecycle in messages: one is on its way at a time, and it stops when it may."""

from typing import Any

from kafkabook.base.errors import Errors
from kafkabook.base.machine import Listen
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.controller_channel import ControllerChannel
from kafkabook.cluster.lifecycle import Lifecycle
from kafkabook.protocol.control_api import (
    BrokerHeartbeatRequest,
    BrokerHeartbeatResponse,
    BrokerRegistrationRequest,
    BrokerRegistrationResponse,
)
from tests.cluster.nodes import SomeNode

INTERVAL_MS = 100
FENCED, UNFENCED = BrokerHeartbeatResponse(is_fenced=True), BrokerHeartbeatResponse()
MAY_STOP = BrokerHeartbeatResponse(is_fenced=True, should_shut_down=True)


class SomeLifecycle(SomeNode):
    """The second incarnation of broker 1, whose first one ended cleanly under epoch 7."""

    def __init__(self) -> None:
        config = ClusterConfig(broker_heartbeat_interval_ms=INTERVAL_MS)
        channel, self.offset, self.stopped = ControllerChannel("controller", config=config), 0, 0
        self.lifecycle = Lifecycle(
            1,
            incarnation=2,
            rack="a",
            previous_broker_epoch=7,
            config=config,
            channel=channel,
            metadata_offset=lambda: self.offset,
            stop=self._stop,
        )
        super().__init__(channel, self.lifecycle)
        self.perform(self.node.start_all)

    def _stop(self) -> None:
        self.stopped += 1


def registered(*answers: BrokerHeartbeatResponse) -> SomeLifecycle:
    """That incarnation under broker epoch 9, after some answers to its heartbeats."""
    some = SomeLifecycle()
    some.answer(BrokerRegistrationResponse(2, 9))
    for answer in answers:
        some.answer(answer)
    return some


def beat(offset: int = 0, wants_shut_down: bool = False) -> list[tuple[Any, Any]]:
    """One heartbeat, as it is sent."""
    return [("controller", BrokerHeartbeatRequest(1, 9, offset, wants_shut_down))]


def test_it_registers_with_the_epoch_that_proves_how_its_last_incarnation_ended() -> None:
    """What gets no answer in half a session is given up."""
    some = SomeLifecycle()
    assert [("controller", BrokerRegistrationRequest(1, 2, "a", 7))] == some.sent()
    assert [4_500] == [request.timeout_ms for request in some.awaited()]


def test_once_it_is_registered_it_says_that_it_is_alive() -> None:
    """At once, for it is fenced until it is heard of."""
    some = SomeLifecycle()
    some.answer(BrokerRegistrationResponse(2, 9))
    assert (9, beat()) == (some.lifecycle.broker_epoch, some.sent())


def test_who_is_refused_asks_again_later() -> None:
    """Its last incarnation is still believed in."""
    some = SomeLifecycle()
    some.answer(BrokerRegistrationResponse(2, error=Errors.DUPLICATE_BROKER_REGISTRATION))
    assert (-1, [], [("heartbeat", INTERVAL_MS)]) == (
        some.lifecycle.broker_epoch,
        some.sent(),
        some.armed(),
    )
    some.wake("heartbeat")
    assert [("controller", BrokerRegistrationRequest(1, 2, "a", 7))] == some.sent()


def test_who_gets_no_answer_asks_again_later() -> None:
    """Whatever it asked."""
    some = SomeLifecycle()
    some.late()
    assert [("heartbeat", INTERVAL_MS)] == some.armed()
    some.wake("heartbeat")
    some.answer(BrokerRegistrationResponse(2, 9))
    some.break_off("controller", "heartbeat")
    assert ([], [("heartbeat", INTERVAL_MS)]) == (some.sent(), some.armed())
    some.wake("heartbeat")
    assert beat() == some.sent()


def test_one_heartbeat_is_on_its_way_at_a_time() -> None:
    """Its answer brings the next; a timer, news or a wish meanwhile send nothing."""
    some = registered()
    some.offset = 5
    some.wake("heartbeat")
    assert [] == some.sent()
    some.perform(some.lifecycle.caught_up)
    assert [] == some.sent()
    some.perform(some.lifecycle.shut_down)
    assert ([], 1) == (some.sent(), len(some.awaited()))


def test_an_answer_arms_the_next_heartbeat() -> None:
    """It tells what is known by then."""
    some = registered(UNFENCED)
    assert ([], [("heartbeat", INTERVAL_MS)]) == (some.sent(), some.armed())
    some.offset = 5
    some.wake("heartbeat")
    assert beat(5) == some.sent()


def test_who_is_fenced_tells_at_once_what_it_has_learnt() -> None:
    """The controller waits for that; who is unfenced has time."""
    some = registered()
    some.offset = 5
    some.answer(FENCED)
    assert beat(5) == some.sent()
    some.answer(FENCED)
    assert [] == some.sent()
    some.offset = 6
    some.perform(some.lifecycle.caught_up)
    assert beat(6) == some.sent()
    some.answer(UNFENCED)
    some.offset = 7
    some.perform(some.lifecycle.caught_up)
    assert [] == some.sent()


def test_its_port_opens_when_it_is_unfenced_for_the_first_time() -> None:
    """Nobody may reach a broker that finds in old metadata that it leads."""
    some = registered(FENCED)
    opened = [Listen() in some.did]
    for answer in (UNFENCED, FENCED, UNFENCED):
        some.wake("heartbeat")
        some.answer(answer)
        opened.append(Listen() in some.did)
    assert [False, True, False, False] == opened


def test_it_stops_once_it_may_and_asks_no_more() -> None:
    """The wish is told at once, and at the latest after the answer that is awaited."""
    some = registered(UNFENCED)
    some.perform(some.lifecycle.shut_down)
    assert beat(wants_shut_down=True) == some.sent()
    some.answer(UNFENCED)
    assert (False, 0) == (some.lifecycle.has_stopped, some.stopped)
    some.wake("heartbeat")
    some.answer(MAY_STOP)
    assert (True, 1) == (some.lifecycle.has_stopped, some.stopped)
    some.wake("heartbeat")
    assert [] == some.sent()


def test_a_wish_to_stop_that_came_too_late_for_a_heartbeat_is_told_by_the_next_at_once() -> None:
    """It does not wait for the interval."""
    some = registered()
    some.perform(some.lifecycle.shut_down)
    some.answer(UNFENCED)
    assert beat(wants_shut_down=True) == some.sent()


def test_it_stops_only_if_it_wants_to() -> None:
    """`should_shut_down` in an answer to somebody who does not want to stop means nothing."""
    some = registered(MAY_STOP)
    assert (False, 0, True) == (some.lifecycle.has_stopped, some.stopped, some.lifecycle.is_fenced)


def test_who_was_never_registered_stops_at_once() -> None:
    """It has nobody to ask, and nothing to hand over; a late answer changes nothing."""
    some = SomeLifecycle()
    some.perform(some.lifecycle.shut_down)
    assert (True, 1) == (some.lifecycle.has_stopped, some.stopped)
    some.answer(BrokerRegistrationResponse(2, 9))
    assert [] == some.sent()


def test_the_epoch_of_the_first_record_of_all_is_an_epoch() -> None:
    """An epoch is an offset of the metadata log; -1 alone says that there is none."""
    some = SomeLifecycle()
    some.answer(BrokerRegistrationResponse(2, 0))
    asked = [("controller", BrokerHeartbeatRequest(1, 0, 0, False))]
    assert asked == some.sent()
    some.perform(some.lifecycle.shut_down)
    assert (False, 0) == (some.lifecycle.has_stopped, some.stopped)
    some.answer(UNFENCED)
    assert [("controller", BrokerHeartbeatRequest(1, 0, 0, True))] == some.sent()


def test_an_error_tells_nothing() -> None:
    """It is about an earlier incarnation."""
    some = registered(UNFENCED)
    some.wake("heartbeat")
    some.answer(BrokerHeartbeatResponse(is_fenced=True, error=Errors.STALE_BROKER_EPOCH))
    assert (False, [("heartbeat", INTERVAL_MS)]) == (some.lifecycle.is_fenced, some.armed())
