"""A fetcher names what changed, and begins anew wherever the broker does not know its session.

Source: kafka, clients `FetchSessionHandlerTest.java`.
"""

import pytest

from kafkabook.base.errors import Errors
from kafkabook.base.names import TopicPartition
from kafkabook.cluster.fetch_session_handler import (
    INITIAL,
    FetchData,
    FetchMetadata,
    FetchSessionHandler,
)
from kafkabook.protocol.records_api import (
    LAST_SESSION_EPOCH,
    FetchedPartition,
    FetchPartition,
    FetchResponse,
)

FOO0, FOO1 = TopicPartition("foo", 0), TopicPartition("foo", 1)
BAR0 = TopicPartition("bar", 0)
SESSION = 123
Wanted = dict[TopicPartition, FetchPartition]


def wants(*offsets: tuple[TopicPartition, int], topic_id: str | None = None) -> Wanted:
    """What is wanted: of each partition records from an offset on."""
    return {name: FetchPartition(name, offset, 0, topic_id=topic_id) for name, offset in offsets}


def tells(*names: TopicPartition, session_id: int = SESSION) -> FetchResponse:
    """An answer that tells of some partitions."""
    return FetchResponse(tuple(map(FetchedPartition, names)), session_id=session_id)


def in_session(wanted: Wanted) -> FetchSessionHandler:
    """A handler whose full fetch began a session."""
    handler = FetchSessionHandler()
    handler.build(wanted, wanted)
    assert handler.handle_response(tells(*wanted))
    return handler


def test_without_a_session_every_fetch_is_full() -> None:
    """The broker keeps none, be it an old one or one without room."""
    handler, wanted = FetchSessionHandler(), wants((FOO0, 0), (FOO1, 10))
    full = FetchData(INITIAL, tuple(wanted.values()), ())
    assert full == handler.build(wanted, wanted)
    assert handler.handle_response(tells(FOO0, FOO1, session_id=0))
    assert full == handler.build(wanted, ())


def test_the_next_fetch_names_what_is_new_and_then_what_changed() -> None:
    """What is wanted as before is not named."""
    first = wants((FOO0, 0), (FOO1, 10))
    handler = in_session(first)
    assert FetchData(FetchMetadata(SESSION, 1), (), ()) == handler.build(first, first)
    assert handler.handle_response(tells(FOO1))
    later = wants((FOO0, 0), (FOO1, 20), (BAR0, 5))
    named = later[BAR0], later[FOO1]
    assert FetchData(FetchMetadata(SESSION, 2), named, ()) == handler.build(later, later)
    assert later == handler.partitions


def test_what_changed_is_named_in_the_order_of_the_session() -> None:
    """Whatever the order in which it changed."""
    handler = in_session(wants((FOO0, 0), (FOO1, 0), (BAR0, 0)))
    later = wants((FOO0, 1), (FOO1, 1), (BAR0, 1))
    named = later[FOO0], later[FOO1], later[BAR0]
    assert named == handler.build(later, (BAR0, FOO0, FOO1)).to_send


def test_what_is_wanted_no_more_is_forgotten_once() -> None:
    """And named again when it is wanted again."""
    handler = in_session(wants((FOO0, 0), (FOO1, 10), topic_id="A"))
    left = wants((FOO1, 10), topic_id="A")
    forgets = FetchData(FetchMetadata(SESSION, 1), (), ((FOO0, "A"),))
    assert forgets == handler.build(left, (FOO0,))
    assert handler.handle_response(tells())
    again = wants((FOO1, 10), (FOO0, 0), topic_id="A")
    assert FetchData(FetchMetadata(SESSION, 2), (again[FOO0],), ()) == handler.build(again, (FOO0,))


def test_a_fetch_may_do_nothing_but_forget() -> None:
    """The broker then closes the session, and the next fetch is full."""
    handler = in_session(wants((FOO0, 0)))
    assert FetchData(FetchMetadata(SESSION, 1), (), ((FOO0, None),)) == handler.build({}, (FOO0,))
    assert handler.handle_response(tells(session_id=0))
    assert (INITIAL, {}) == (handler.next, handler.partitions)


def test_a_topic_made_again_is_forgotten_under_its_old_id_and_named_under_the_new_one() -> None:
    """Names are the same, topics are not (KIP-516)."""
    handler = in_session(wants((FOO0, 7), topic_id="A"))
    anew = wants((FOO0, 0), topic_id="B")
    expected = FetchData(FetchMetadata(SESSION, 1), (anew[FOO0],), ((FOO0, "A"),))
    assert expected == handler.build(anew, (FOO0,))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Errors.FETCH_SESSION_ID_NOT_FOUND, INITIAL),
        (Errors.INVALID_FETCH_SESSION_EPOCH, FetchMetadata(SESSION, 0)),
    ],
)
def test_after_an_error_of_the_session_a_full_fetch_comes_next(
    error: Errors, expected: FetchMetadata
) -> None:
    """It closes the session that the broker may still have."""
    wanted = wants((FOO0, 0))
    handler = in_session(wanted)
    handler.build(wanted, ())
    assert not handler.handle_response(FetchResponse((), error))
    assert FetchData(expected, tuple(wanted.values()), ()) == handler.build(wanted, ())


def test_where_no_answer_came_the_next_fetch_closes_the_session_and_wants_another() -> None:
    """Nobody knows whether the broker has gone on with it."""
    handler = in_session(wants((FOO0, 0)))
    handler.handle_error()
    assert FetchMetadata(SESSION, 0) == handler.next
    handler.notify_close()
    assert FetchMetadata(SESSION, -1) == handler.next


def test_an_answer_to_a_full_fetch_must_tell_of_each_partition_and_of_no_other() -> None:
    """Else it is not used, and no session is believed."""
    wanted = wants((FOO0, 0), (FOO1, 0))
    for names in ((FOO0,), (FOO0, FOO1, BAR0)):
        handler = FetchSessionHandler()
        handler.build(wanted, wanted)
        assert (False, INITIAL) == (handler.handle_response(tells(*names)), handler.next)


def test_an_answer_in_a_session_tells_of_none_but_its_partitions() -> None:
    """Else the session is given up."""
    handler = in_session(wants((FOO0, 0)))
    assert not handler.handle_response(tells(BAR0))
    assert FetchMetadata(SESSION, 0) == handler.next


def test_behind_the_last_epoch_comes_the_first_one_of_a_session_and_not_that_of_a_full_fetch() -> (
    None
):
    """Epochs are Java's ints."""
    assert (
        FetchMetadata(SESSION, 1) == FetchMetadata(SESSION, LAST_SESSION_EPOCH).next_incremental()
    )
    assert FetchMetadata(SESSION, -1) == FetchMetadata(SESSION, -1).next_incremental()
