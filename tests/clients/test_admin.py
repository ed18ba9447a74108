"""An administrator's request: asked of one broker after the other until one answers."""

import pytest

from kafkabook.base.errors import Errors
from kafkabook.base.machine import NoAnswer
from kafkabook.base.names import TopicPartition
from kafkabook.clients.admin import API_TIMEOUT_MS, AdminClient, Asked
from kafkabook.clients.metadata import ClientMetadata
from kafkabook.protocol.admin_api import (
    DeleteTopicsRequest,
    DeleteTopicsResponse,
    ElectLeadersResponse,
    ListedOffset,
    ListOffsetsResponse,
    Result,
)
from tests.cluster.nodes import SomeNode
from tests.refusals import refused

REQUEST = DeleteTopicsRequest(("orders",))


class SomeAdmin(SomeNode):
    """An administrator who knows of three brokers, and one request."""

    def __init__(self) -> None:
        self.metadata = ClientMetadata((1, 2, 3), request_timeout_ms=700)
        admin, self.asked = AdminClient(self.metadata, request_timeout_ms=700), Asked(REQUEST)
        super().__init__(self.metadata, admin)
        self.perform(lambda context: admin.ask(self.asked, context))


def test_a_request_goes_to_any_broker_and_is_done_when_it_is_answered() -> None:
    """The broker hands it on."""
    some = SomeAdmin()
    assert [(1, REQUEST)] == some.sent("admin")
    assert (False, [700]) == (some.asked.is_done, [asked.timeout_ms for asked in some.open])
    some.answer(DeleteTopicsResponse((Result("orders"),)))
    assert (True, Result("orders")) == (some.asked.is_done, some.asked.result())


@pytest.mark.parametrize("why", list(NoAnswer))
def test_a_broker_that_gives_no_answer_is_followed_by_the_next(why: NoAnswer) -> None:
    """Round and round; a request that may have been carried out is asked for again too."""
    some = SomeAdmin()
    for broker, following in ((1, 2), (2, 3), (3, 1)):
        if why is NoAnswer.TIMED_OUT:
            some.late()
        else:
            some.break_off(broker, "admin", was_refused=why is NoAnswer.REFUSED)
        assert ([(following, REQUEST)], False) == (some.sent("admin"), some.asked.is_done)
    some.answer(DeleteTopicsResponse((Result("orders"),)))
    assert Result("orders") == some.asked.result()


@pytest.mark.parametrize(
    ("why", "error", "says"),
    [
        (NoAnswer.REFUSED, Errors.NETWORK_EXCEPTION, "nobody took the connection"),
        (NoAnswer.DISCONNECTED, Errors.NETWORK_EXCEPTION, "the connection broke"),
        (NoAnswer.TIMED_OUT, Errors.REQUEST_TIMED_OUT, "no answer came in time"),
    ],
)
def test_after_its_time_nobody_is_asked_again(why: NoAnswer, error: Errors, says: str) -> None:
    """`default.api.timeout.ms`, counted from the first request; the last failure is told."""
    some = SomeAdmin()
    some.now_ms = API_TIMEOUT_MS - 1
    some.break_off(1, "admin")
    some.now_ms = API_TIMEOUT_MS
    if why is NoAnswer.TIMED_OUT:
        some.late()
    else:
        some.break_off(2, "admin", was_refused=why is NoAnswer.REFUSED)
    assert ([], why, True) == (some.sent(), some.asked.failure, some.asked.is_done)
    with refused(error, match=f"DeleteTopicsRequest: {says}"):
        some.asked.result()


def test_without_an_answer_there_is_no_result() -> None:
    """Neither a good nor a bad one."""
    with refused(Errors.NETWORK_EXCEPTION, match="no answer has come yet"):
        SomeAdmin().asked.result()


ORDERS = TopicPartition("orders", 0)


@pytest.mark.parametrize(
    ("response", "error", "says"),
    [
        (
            DeleteTopicsResponse((Result("t", "UNKNOWN_TOPIC_OR_PARTITION", "there is no t"),)),
            Errors.UNKNOWN_TOPIC_OR_PARTITION,
            "there is no t",
        ),
        (
            ElectLeadersResponse((Result("orders-0", "ELECTION_NOT_NEEDED", "1 leads"),)),
            Errors.ELECTION_NOT_NEEDED,
            "1 leads",
        ),
        (
            ListOffsetsResponse((ListedOffset(ORDERS, error="NOT_LEADER_OR_FOLLOWER"),)),
            Errors.NOT_LEADER_OR_FOLLOWER,
            Errors.NOT_LEADER_OR_FOLLOWER.says,
        ),
    ],
)
def test_an_error_in_the_answer_is_raised_in_its_words(
    response: object, error: Errors, says: str
) -> None:
    """Where the answer has none, in those of the error itself."""
    asked = Asked(REQUEST, response)
    with refused(error, match=says):
        asked.result()
