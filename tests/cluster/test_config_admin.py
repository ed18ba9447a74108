"""What a broker refuses of altered settings, and what it hands on to the controller."""

import pytest

from kafkabook.base.errors import Errors
from kafkabook.protocol.admin_api import (
    AlteredConfigs,
    ConfigResource,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
    ResourceType,
    Result,
    Settings,
)
from tests.cluster.brokers import SomeBroker

GOOD: Settings = (("min.insync.replicas", "2"),)
FIXED: Settings = (("broker.id", "2"),)
CANNOT = "Cannot update these configs dynamically: [broker.id]"


def of_broker(name: str, settings: Settings = GOOD) -> AlteredConfigs:
    """Settings of a broker."""
    return AlteredConfigs(ConfigResource(name, ResourceType.BROKER), settings)


REFUSED = {
    "fixed": (of_broker("1", FIXED), CANNOT),
    "fixed for all": (of_broker("", FIXED), CANNOT),
    "of another broker": (of_broker("2"), "Unexpected broker id, expected 1, but received 2"),
    "of no number": (of_broker("x"), "Node id must be an integer, but it is: x"),
    "twice": (of_broker("1", (*GOOD, *GOOD)), "Error due to duplicate config keys"),
}


@pytest.mark.parametrize(("altered", "says"), REFUSED.values(), ids=REFUSED)
def test_a_broker_refuses_what_concerns_itself_without_asking(
    altered: AlteredConfigs, says: str
) -> None:
    """The controller hears nothing of it."""
    some = SomeBroker()
    ticket = some.receive(IncrementalAlterConfigsRequest((altered,)), "admin")
    refusal = Result(altered.resource.name, Errors.INVALID_REQUEST, says)
    assert [] == some.sent("forwarding")
    assert [(ticket, IncrementalAlterConfigsResponse((refusal,)))] == some.replies_to(ticket)


def test_the_rest_of_a_request_is_handed_on_and_both_answers_go_back_together() -> None:
    """A topic's settings are not looked at here; a topic may have a broker's name."""
    some = SomeBroker()
    topic = AlteredConfigs(ConfigResource("1"), FIXED)
    wrong, twice, good = of_broker("2"), of_broker("1"), of_broker("")
    asked = IncrementalAlterConfigsRequest((wrong, twice, topic, good, twice), True)
    ticket = some.receive(asked, "admin")
    assert [("controller", IncrementalAlterConfigsRequest((topic, good), True))] == some.sent()
    some.answer(IncrementalAlterConfigsResponse((Result("1"), Result(""))), channel="forwarding")
    once = Result("1", Errors.INVALID_REQUEST, "Each resource must appear at most once.")
    says = "Unexpected broker id, expected 1, but received 2"
    refusals = Result("2", Errors.INVALID_REQUEST, says), once, once
    expected = IncrementalAlterConfigsResponse((*refusals, Result("1"), Result("")))
    assert [(ticket, expected)] == some.replies_to(ticket)
