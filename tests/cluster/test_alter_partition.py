"""Proposals on their way to the controller: many in one request, one request at a time."""

from dataclasses import dataclass, replace

from kafkabook.base.errors import Errors
from kafkabook.base.names import TopicPartition
from kafkabook.cluster.alter_partition import RETRY_MS, AlterPartitionManager
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.controller_channel import ControllerChannel
from kafkabook.protocol.control_api import (
    AlterPartitionRequest,
    AlterPartitionResponse,
    ConfirmedIsr,
    ProposedIsr,
)
from tests.cluster.nodes import SomeNode


@dataclass
class Life:
    """What is asked of a lifecycle here."""

    broker: int = 1
    broker_epoch: int = 7


def proposed(number: int, *isr: int) -> ProposedIsr:
    """A proposal for a partition of orders, as its leader on broker 1 makes it."""
    members = tuple((member, -1 if member == 1 else 9) for member in isr)
    return ProposedIsr(1, -1, TopicPartition("orders", number), 0, 0, members)


def named(*proposals: ProposedIsr, epoch: int = 7) -> list[tuple[str, AlterPartitionRequest]]:
    """The request that carries proposals, with the epoch of broker 1 in them."""
    told = tuple(
        replace(p, broker_epoch=epoch, isr=tuple((b, epoch if b == 1 else e) for b, e in p.isr))
        for p in proposals
    )
    return [("controller", AlterPartitionRequest(1, epoch, told))]


def confirmed(*proposals: ProposedIsr) -> AlterPartitionResponse:
    """The answer that grants all of them."""
    return AlterPartitionResponse(
        tuple(ConfirmedIsr(p.partition, 0, 1, tuple(b for b, _ in p.isr)) for p in proposals)
    )


class SomeProposals(SomeNode):
    """The manager of broker 1, and which partitions were told of which answer."""

    def __init__(self) -> None:
        self.life, self.told = Life(), []  # type: ignore[var-annotated]
        channel = ControllerChannel("controller", config=ClusterConfig())
        self.manager = AlterPartitionManager(self.life, channel)  # type: ignore[arg-type]
        self.manager.tell = lambda asked, answer, context: self.told.append((asked, answer))
        super().__init__(channel, self.manager)

    def submit(self, *proposals: ProposedIsr) -> None:
        """Let leaders propose, in one event."""
        self.perform(lambda context: [self.manager.submit(p, context) for p in proposals])


A, B, C = proposed(0, 1, 2), proposed(1, 1, 3), proposed(2, 1)


def test_a_proposal_is_sent_at_once_with_the_epoch_of_its_broker() -> None:
    """The partition does not know in which life of its broker it is."""
    some = SomeProposals()
    some.submit(A)
    assert named(A) == some.sent()


def test_what_is_proposed_meanwhile_goes_together_in_the_next_request() -> None:
    """One is on its way at a time; its answers come back to who asked, in order."""
    some = SomeProposals()
    some.submit(A)
    some.submit(B, C)
    assert ([], 1) == (some.sent(), len(some.awaited()))
    some.answer(confirmed(A))
    assert named(B, C) == some.sent()
    some.answer(confirmed(B, C))
    expected = [*zip((A, B, C), confirmed(A, B, C).partitions, strict=True)]
    assert (expected, []) == (some.told, some.sent())


def test_a_newer_proposal_of_a_partition_replaces_the_older_one() -> None:
    """Also while the older one is on its way: its answer is told, and the newer one is sent."""
    some = SomeProposals()
    some.submit(A)
    older, newer = proposed(1, 1), proposed(1, 1, 2)
    some.submit(older, newer)
    again = proposed(0, 1, 2, 3)
    some.submit(again)
    some.answer(confirmed(A))
    assert named(again, newer) == some.sent()
    assert [(A, confirmed(A).partitions[0])] == some.told


def test_an_error_that_concerns_the_whole_request_is_tried_again() -> None:
    """With the broker's epoch of that moment; no partition is told."""
    some = SomeProposals()
    some.submit(A)
    some.answer(AlterPartitionResponse(error=Errors.STALE_BROKER_EPOCH))
    assert ([("alter partition", RETRY_MS)], [], []) == (some.armed(), some.sent(), some.told)
    some.life.broker_epoch = 8
    some.wake("alter partition")
    assert named(A, epoch=8) == some.sent()


def test_a_request_that_is_lost_is_sent_again_and_still_the_only_one() -> None:
    """What is proposed meanwhile waits for its answer."""
    some = SomeProposals()
    some.submit(A)
    some.break_off("controller", "alter-partition")
    some.submit(B)
    assert [] == some.sent()
    some.wake("ask controller again", 1)
    assert named(A) == some.sent()
