"""What only the controller may do is handed on to it, and its answer is handed back."""

import pytest

from kafkabook.base.machine import Reply
from kafkabook.cluster.forwarding import FORWARDED
from kafkabook.protocol.admin_api import (
    CreatePartitionsRequest,
    CreateTopicsRequest,
    CreateTopicsResponse,
    DeleteTopicsRequest,
    ElectLeadersRequest,
    IncrementalAlterConfigsRequest,
)
from tests.cluster.brokers import SomeBroker

REQUESTS = (
    CreateTopicsRequest(()),
    CreatePartitionsRequest(()),
    DeleteTopicsRequest(()),
    IncrementalAlterConfigsRequest(()),
    ElectLeadersRequest("preferred", ()),
)


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: type(request).__name__)
def test_a_request_goes_to_the_controller_and_its_answer_comes_back(request_: object) -> None:
    """As they are; the client's connection waits meanwhile."""
    some = SomeBroker()
    ticket = some.receive(request_, "admin")
    assert [("controller", request_)] == some.sent()
    assert [] == some.replies_to(ticket)
    some.answer("whatever it says", channel="forwarding")
    assert [(ticket, "whatever it says")] == some.replies_to(ticket)


def test_every_request_of_an_administrator_is_tried_above() -> None:
    """A new one must not be forgotten."""
    assert set(FORWARDED) == set(map(type, REQUESTS))


def test_each_answer_goes_back_to_who_asked() -> None:
    """Two administrators may ask the same thing at the same time."""
    some = SomeBroker()
    request = CreateTopicsRequest(())
    first, second = some.receive(request, "admin-1"), some.receive(request, "admin-2")
    one, other = CreateTopicsResponse(()), "another"
    some.answer(one, channel="forwarding")
    assert [(first, one)] == some.replies_to()
    some.answer(other, channel="forwarding")
    assert [(second, other)] == some.replies_to()


def test_a_controller_that_does_not_answer_leaves_the_client_without_one() -> None:
    """It has given up by itself, after `request.timeout.ms`; a late answer reaches nobody."""
    some = SomeBroker()
    ticket = some.receive(CreateTopicsRequest(()), "admin")
    ((timer, after_ms),) = some.armed()
    assert 30_000 == after_ms
    some.wake(*timer)  # type: ignore[misc]
    assert [Reply(ticket, None)] == some.did
    some.answer("too late", channel="forwarding")
    assert [] == some.replies_to()


def test_a_request_whose_client_has_given_up_is_handed_on_no_more() -> None:
    """An election that nobody waits for must not come much later."""
    some = SomeBroker()
    request = ElectLeadersRequest("preferred", ())
    some.receive(request, "admin")
    for now_ms, expected in ((29_999, [("controller", request)]), (30_000, [])):
        some.break_off("controller", "forwarding")
        (timer, _), some.now_ms = some.armed()[0], now_ms
        some.wake(*timer)  # type: ignore[misc]
        assert expected == some.sent("forwarding")
