"""What a client knows of the cluster: what a broker told it, and nothing else."""

import pytest

from kafkabook.base.names import TopicPartition
from kafkabook.clients.metadata import ClientMetadata
from kafkabook.protocol.admin_api import MetadataRequest, MetadataResponse, PartitionMetadata
from tests.cluster.nodes import SomeNode

ORDERS, BILLS = TopicPartition("orders", 0), TopicPartition("bills", 0)


def told(**leaders: int | None) -> MetadataResponse:
    """An answer by which these lead partition 0 of these topics."""
    partitions = tuple(
        PartitionMetadata(TopicPartition(topic, 0), leader, 0, (1, 2, 3), (1, 2, 3))
        for topic, leader in leaders.items()
    )
    return MetadataResponse((1, 2, 3), partitions)


class SomeMetadata(SomeNode):
    """A client that knows of three brokers, and who was called when an answer was there."""

    def __init__(self) -> None:
        self.metadata = ClientMetadata((1, 2, 3), request_timeout_ms=700)
        self.called: list[str] = []
        super().__init__(self.metadata)

    def refresh(self, name: str = "it") -> None:
        """Ask, and wait for an answer under a name."""
        self.perform(
            lambda context: self.metadata.refresh(context, lambda later: self.called.append(name))
        )

    def leaders(self) -> tuple[int | None, int | None]:
        """Who leads orders-0 and bills-0, as far as it knows."""
        return self.metadata.leader_of(ORDERS), self.metadata.leader_of(BILLS)


def test_nobody_leads_before_a_broker_has_said_so() -> None:
    """A client does not know the controller's mind."""
    some = SomeMetadata()
    assert (None, None) == some.leaders()
    some.refresh()
    assert [(1, MetadataRequest())] == some.sent("metadata")
    assert ((None, None), [700]) == (some.leaders(), [asked.timeout_ms for asked in some.open])
    some.answer(told(orders=2))
    assert ((2, None), ["it"]) == (some.leaders(), some.called)


def test_an_answer_replaces_all_that_was_known() -> None:
    """A topic that is gone is led by nobody any more, and so is one without a leader."""
    some = SomeMetadata()
    for answer in (told(orders=2, bills=3), told(bills=None)):
        some.refresh()
        some.answer(answer)
    assert (None, None) == some.leaders()


def test_what_is_forgotten_is_not_known_until_somebody_says_it_again() -> None:
    """The others are believed on."""
    some = SomeMetadata()
    some.refresh()
    some.answer(told(orders=2, bills=3))
    some.perform(lambda context: some.metadata.forget(ORDERS))
    assert ((None, 3), []) == (some.leaders(), some.sent())


def test_one_request_is_on_its_way_at_a_time_and_serves_all_who_wait() -> None:
    """In the order in which they came."""
    some = SomeMetadata()
    some.refresh("first")
    some.refresh("second")
    assert ([], 1) == (some.sent(), len(some.open))
    some.answer(told())
    assert ["first", "second"] == some.called
    some.refresh("third")
    assert [1] == [to for to, _ in some.sent()]


@pytest.mark.parametrize("was_refused", [True, False])
def test_a_broker_that_gives_no_answer_is_followed_by_the_next(was_refused: bool) -> None:
    """After retry.backoff.ms; whoever answers is asked first the next time."""
    some = SomeMetadata()
    some.refresh()
    some.break_off(1, "metadata", was_refused=was_refused)
    assert ([], [("ask for metadata", 100)]) == (some.sent(), some.armed())
    some.wake("ask for metadata")
    assert ([2], []) == ([to for to, _ in some.sent()], some.called)
    some.answer(told(orders=3))
    assert (["it"], 3) == (some.called, some.leaders()[0])
    some.refresh()
    assert [2] == [to for to, _ in some.sent()]


def test_while_it_waits_to_ask_again_nobody_else_asks() -> None:
    """The one who comes meanwhile gets the same answer."""
    some = SomeMetadata()
    some.refresh("first")
    some.break_off(1, "metadata")
    some.refresh("second")
    assert ([], []) == (some.sent(), some.open)
    some.wake("ask for metadata")
    some.answer(told())
    assert ["first", "second"] == some.called


def test_a_partition_without_a_leader_is_known_and_one_that_nobody_named_is_not() -> None:
    """Neither is led by anybody."""
    some = SomeMetadata()
    some.refresh()
    some.answer(told(orders=None))
    assert (True, False) == (some.metadata.knows(ORDERS), some.metadata.knows(BILLS))
    assert (None, None) == some.leaders()


def test_after_all_were_asked_in_vain_who_waits_is_told_what_is_known() -> None:
    """Each once; the next who wants to know begins anew."""
    some = SomeMetadata()
    some.refresh()
    some.answer(told(orders=2))
    some.refresh("in vain")
    for broker, pauses_ms in ((1, [100]), (2, [200]), (3, [])):
        assert [broker] == [to for to, _ in some.sent()]
        some.late()
        assert pauses_ms == [ms for _, ms in some.armed()]
        if pauses_ms:
            some.wake("ask for metadata")
    assert (["it", "in vain"], (2, None), []) == (some.called, some.leaders(), some.open)
    some.refresh()
    assert 1 == len(some.open)
