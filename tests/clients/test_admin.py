"""An administrator's request: asked of one broker after the other until one answers."""

import pytest

from kafkabook.base.errors import Errors
from kafkabook.base.machine import NoAnswer
from kafkabook.base.names import TopicPartition
from kafkabook.clients.admin import API_TIMEOUT_MS, AdminClient, Asked
from kafkabook.clients.metadata import ClientMetadata
from kafkabook.protocol.admin_api import (
    DeletedRecords,
    DeleteRecordsRequest,
    DeleteRecordsResponse,
    DeleteTopicsRequest,
    DeleteTopicsResponse,
    DescribeClusterRequest,
    DescribeClusterResponse,
    DescribeConfigsRequest,
    DescribeConfigsResponse,
    DescribedConfigs,
    ElectLeadersResponse,
    ListedOffset,
    ListOffsetsRequest,
    ListOffsetsResponse,
    MetadataRequest,
    MetadataResponse,
    PartitionMetadata,
    Result,
)
from tests.cluster.nodes import SomeNode
from tests.refusals import refused

REQUEST = DeleteTopicsRequest(("orders",))


class SomeAdmin(SomeNode):
    """An administrator who knows of three brokers, and one request."""

    def __init__(self, request: object = REQUEST, *, timeout_ms: int | None = None) -> None:
        self.metadata = ClientMetadata((1, 2, 3), request_timeout_ms=700)
        admin, self.asked = (
            AdminClient(self.metadata, request_timeout_ms=700),
            Asked(request, timeout_ms=timeout_ms),
        )
        super().__init__(self.metadata, admin)
        self.perform(lambda context: admin.ask(self.asked, context))

    def fail(self, broker: int, why: NoAnswer) -> None:
        """Let the request to a broker end without an answer."""
        if why is NoAnswer.TIMED_OUT:
            self.late("admin")
        else:
            self.break_off(broker, "admin", was_refused=why is NoAnswer.REFUSED)

    def learn(self, **leaders: int | None) -> None:
        """Answer Metadata: who leads partition 0 of these topics."""
        partitions = tuple(
            PartitionMetadata(TopicPartition(topic, 0), leader, 0, (1, 2), (1, 2))
            for topic, leader in leaders.items()
        )
        self.answer(MetadataResponse((1, 2), partitions), channel="metadata")


def test_a_request_goes_to_any_broker_and_is_done_when_it_is_answered() -> None:
    """The broker hands it on."""
    some = SomeAdmin()
    assert [(1, REQUEST)] == some.sent("admin")
    assert (False, [700]) == (some.asked.is_done, [asked.timeout_ms for asked in some.open])
    some.answer(DeleteTopicsResponse((Result("orders"),)))
    assert (True, Result("orders")) == (some.asked.is_done, some.asked.result())


@pytest.mark.parametrize("why", list(NoAnswer))
def test_a_broker_that_gives_no_answer_is_followed_by_the_next(why: NoAnswer) -> None:
    """Round and round, ever more slowly; what may have been carried out is asked for again too."""
    some = SomeAdmin()
    for number, (broker, following, pause_ms) in enumerate(
        ((1, 2, 100), (2, 3, 200), (3, 1, 400), (1, 2, 800), (2, 3, 1_000), (3, 1, 1_000)), 1
    ):
        some.fail(broker, why)
        assert ([], [(("ask again", number), pause_ms)]) == (some.sent(), some.armed())
        some.wake("ask again", number)
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
    some.now_ms = API_TIMEOUT_MS - 500
    some.break_off(1, "admin")
    some.wake("ask again", 1)
    assert [500] == [asked.timeout_ms for asked in some.open]  # not request.timeout.ms
    some.now_ms = API_TIMEOUT_MS
    some.fail(2, why)
    assert ([], [], why, True) == (
        some.sent(),
        some.armed(),
        some.asked.failure,
        some.asked.is_done,
    )
    with refused(error, match=f"DeleteTopicsRequest: {says}"):
        some.asked.result()


def test_a_request_may_have_a_time_of_its_own() -> None:
    """Instead of `default.api.timeout.ms`."""
    some = SomeAdmin(timeout_ms=50)
    assert [50] == [asked.timeout_ms for asked in some.open]
    some.now_ms = 50
    some.late("admin")
    assert ([], NoAnswer.TIMED_OUT) == (some.armed(), some.asked.failure)


def test_a_pause_ends_when_the_time_is_over() -> None:
    """And nobody is asked then."""
    some = SomeAdmin()
    some.now_ms = API_TIMEOUT_MS - 1
    some.break_off(1, "admin")
    assert [(("ask again", 1), 1)] == some.armed()
    some.now_ms = API_TIMEOUT_MS
    some.wake("ask again", 1)
    assert ([], NoAnswer.DISCONNECTED) == (some.sent(), some.asked.failure)


def test_without_an_answer_there_is_no_result() -> None:
    """Neither a good nor a bad one."""
    with refused(Errors.NETWORK_EXCEPTION, match="no answer has come yet"):
        SomeAdmin().asked.result()


ORDERS, BILLS = TopicPartition("orders", 0), TopicPartition("bills", 0)
ENDS = ListOffsetsRequest(((ORDERS, -1), (BILLS, -2)))


def end_of(*names: TopicPartition) -> ListOffsetsRequest:
    """The part of ENDS that speaks of these."""
    return ListOffsetsRequest(tuple(pair for pair in ENDS.partitions if pair[0] in names))


def test_leaders_are_asked_for_what_only_they_know() -> None:
    """Each for its own partitions; the answers come in the order of the request."""
    some = SomeAdmin(ENDS)
    assert [(1, MetadataRequest())] == some.sent()
    some.learn(orders=2, bills=3)
    assert [(2, end_of(ORDERS)), (3, end_of(BILLS))] == some.sent("admin")
    some.answer(ListOffsetsResponse((ListedOffset(BILLS, 0),)), to=3, channel="admin")
    assert not some.asked.is_done
    some.answer(ListOffsetsResponse((ListedOffset(ORDERS, 7),)), to=2, channel="admin")
    expected = ListOffsetsResponse((ListedOffset(ORDERS, 7), ListedOffset(BILLS, 0)))
    assert expected == some.asked.result()


def test_one_leader_of_two_partitions_is_asked_once() -> None:
    """In one request, as it came."""
    some = SomeAdmin(ENDS)
    some.learn(orders=2, bills=2)
    assert [(2, ENDS)] == some.sent("admin")


def test_a_partition_that_is_led_elsewhere_by_now_is_asked_for_again() -> None:
    """After a pause, and after another look at the metadata; the other one is settled."""
    some = SomeAdmin(ENDS)
    some.learn(orders=2, bills=2)
    error = Errors.NOT_LEADER_OR_FOLLOWER
    answers = ListedOffset(ORDERS, error=error), ListedOffset(BILLS, 0)
    some.answer(ListOffsetsResponse(answers), channel="admin")
    assert ([(("ask again", 1), 100)], False) == (some.armed(), some.asked.is_done)
    some.wake("ask again", 1)
    assert [(1, MetadataRequest())] == some.sent()
    some.learn(orders=3, bills=2)
    assert [(3, end_of(ORDERS))] == some.sent("admin")
    some.answer(ListOffsetsResponse((ListedOffset(ORDERS, 7),)), channel="admin")
    expected = ListOffsetsResponse((ListedOffset(ORDERS, 7), ListedOffset(BILLS, 0)))
    assert expected == some.asked.result()


def test_an_error_that_will_not_pass_ends_it_at_once() -> None:
    """To ask again would bring the same."""
    some = SomeAdmin(DeleteRecordsRequest(((ORDERS, 9),)))
    some.learn(orders=2)
    answer = DeletedRecords(ORDERS, error=Errors.OFFSET_OUT_OF_RANGE)
    some.answer(DeleteRecordsResponse((answer,)), channel="admin")
    with refused(Errors.OFFSET_OUT_OF_RANGE):
        some.asked.result()


@pytest.mark.parametrize("why", list(NoAnswer))
def test_a_leader_that_gives_no_answer_is_looked_for_again(why: NoAnswer) -> None:
    """Another one may lead by now."""
    some = SomeAdmin(end_of(ORDERS))
    some.learn(orders=2)
    some.fail(2, why)
    some.wake("ask again", 1)
    some.learn(orders=1)
    assert [(1, end_of(ORDERS))] == some.sent("admin")


@pytest.mark.parametrize(
    ("leaders", "error"),
    [
        ({"orders": None}, Errors.LEADER_NOT_AVAILABLE),
        ({}, Errors.UNKNOWN_TOPIC_OR_PARTITION),
    ],
)
def test_a_partition_that_nobody_leads_is_waited_for_as_long_as_there_is_time(
    leaders: dict[str, int | None], error: Errors
) -> None:
    """A topic that nobody knows may have been made a moment ago."""
    some = SomeAdmin(end_of(ORDERS))
    some.learn(**leaders)
    assert [(("ask again", 1), 100)] == some.armed()
    some.now_ms = API_TIMEOUT_MS
    some.wake("ask again", 1)
    with refused(error):
        some.asked.result()


@pytest.mark.parametrize(
    ("request_", "response"),
    [
        (MetadataRequest(), MetadataResponse((1,), ())),
        (DescribeClusterRequest(), DescribeClusterResponse(((1, None),))),
        (end_of(ORDERS), ListOffsetsResponse((ListedOffset(ORDERS, 1),))),
        (DescribeConfigsRequest(("a",)), DescribeConfigsResponse((DescribedConfigs("a"),))),
        (DeleteTopicsRequest(("a", "b")), DeleteTopicsResponse((Result("a"), Result("b")))),
    ],
)
def test_the_answer_to_a_question_or_to_several_changes_is_the_whole_response(
    request_: object, response: object
) -> None:
    """To one change it is what became of that one."""
    assert response == Asked(request_, response).result()
    changed = DeleteRecordsResponse((DeletedRecords(ORDERS, 3),))
    assert DeletedRecords(ORDERS, 3) == Asked(DeleteRecordsRequest(()), changed).result()


def test_of_several_answers_the_first_error_is_raised() -> None:
    """The others can be read from the response."""
    response = DeleteTopicsResponse((Result("a"), Result("b", Errors.INVALID_REQUEST, "no")))
    with refused(Errors.INVALID_REQUEST, match="no"):
        Asked(REQUEST, response).result()


@pytest.mark.parametrize(
    ("response", "error", "says"),
    [
        (
            DeleteTopicsResponse(
                (Result("t", Errors.UNKNOWN_TOPIC_OR_PARTITION, "there is no t"),)
            ),
            Errors.UNKNOWN_TOPIC_OR_PARTITION,
            "there is no t",
        ),
        (
            ElectLeadersResponse((Result("orders-0", Errors.ELECTION_NOT_NEEDED, "1 leads"),)),
            Errors.ELECTION_NOT_NEEDED,
            "1 leads",
        ),
        (
            ListOffsetsResponse((ListedOffset(ORDERS, error=Errors.NOT_LEADER_OR_FOLLOWER),)),
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
