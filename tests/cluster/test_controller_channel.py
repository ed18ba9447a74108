"""The way to the controller: what is asked is asked until it is answered, or once."""

import pytest

from kafkabook.base.machine import Answered, NoAnswer
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.controller_channel import RETRY_MS, ControllerChannel
from tests.cluster.nodes import SomeNode


class SomeChannel(SomeNode):
    """A channel, and what became of the requests."""

    def __init__(self) -> None:
        config = ClusterConfig(controller_socket_timeout_ms=700)
        self.channel = ControllerChannel("controller", config=config)
        self.heard: list[Answered] = []
        super().__init__(self.channel)

    def ask(self, request: str) -> None:  # type: ignore[override]
        """Ask until there is an answer."""
        keep = lambda answered, context: self.heard.append(answered)  # noqa: E731
        self.perform(lambda context: self.channel.ask(request, context, channel="x", then=keep))


@pytest.mark.parametrize("why", list(NoAnswer))
def test_a_request_is_sent_again_until_it_is_answered(why: NoAnswer) -> None:
    """After a pause; who asked hears of no failure."""
    some = SomeChannel()
    some.ask("a")
    assert [700] == [request.timeout_ms for request in some.awaited()]
    for number in (1, 2):
        if why is NoAnswer.TIMED_OUT:
            some.late()
        else:
            some.break_off("controller", "x", was_refused=why is NoAnswer.REFUSED)
        assert [(("ask controller again", number), RETRY_MS)] == some.armed()
        some.wake("ask controller again", number)
        assert ([("controller", "a")], []) == (some.sent("x"), some.heard)
    some.answer("yes")
    assert [Answered("controller", "a", "yes")] == some.heard


def test_requests_that_were_lost_together_are_each_sent_again() -> None:
    """Each has its own timer."""
    some = SomeChannel()
    some.ask("a")
    some.ask("b")
    some.break_off("controller", "x")
    for number, request in ((1, "a"), (2, "b")):
        some.wake("ask controller again", number)
        assert [("controller", request)] == some.sent("x")


def test_what_is_asked_once_hears_of_its_failure() -> None:
    """Who asked has a better request by then."""
    some = SomeChannel()
    keep = lambda answered, context: some.heard.append(answered)  # noqa: E731
    some.perform(
        lambda context: some.channel.ask_once("a", context, channel="x", then=keep, timeout_ms=5)
    )
    some.late()
    assert [Answered("controller", "a", failure=NoAnswer.TIMED_OUT)] == some.heard
    assert [] == some.armed()


def test_a_request_that_is_too_old_is_sent_no_more() -> None:
    """Nobody waits for its answer then."""
    some = SomeChannel()
    keep = lambda answered, context: some.heard.append(answered)  # noqa: E731
    some.perform(
        lambda context: some.channel.ask("a", context, channel="x", then=keep, within_ms=100)
    )
    for now_ms, expected in ((99, [("controller", "a")]), (100, [])):
        some.break_off("controller", "x")
        (timer, _), some.now_ms = some.armed()[0], now_ms
        some.wake(*timer)
        assert expected == some.sent("x")
    assert ([], []) == (some.armed(), some.heard)
