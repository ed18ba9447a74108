"""Answers that wait: found by what they wait for, and given once."""

from collections.abc import Hashable
from dataclasses import dataclass

from kafkabook.base.machine import Cancel, Context, Effect, Reply, Wake
from kafkabook.base.trace import Trace
from kafkabook.cluster.purgatory import EXPIRY, Purgatory


@dataclass
class Waits:
    """An answer that is ready when the test says so."""

    keys: tuple[Hashable, ...]
    is_ready: bool = True
    timeout_ms: int = 500

    def try_complete(self, context: Context) -> object | None:
        return "done" if self.is_ready else None

    def on_expire(self, context: Context) -> object | None:
        return "late"


class SomePurgatory:
    """A purgatory with an answer for each of these, named like "orders-0 orders-1"."""

    def __init__(self, *partitions: str) -> None:
        self.purgatory = Purgatory()
        self.operations = [Waits(tuple(names.split())) for names in partitions]
        self.context = Context(0, Trace())
        for ticket, operation in enumerate(self.operations, 1):
            self.purgatory.watch(ticket, operation, self.context)

    def complete(self, key: str) -> list[Effect]:
        """What follows if a partition has changed."""
        self.context.effects = []
        self.purgatory.complete(key, self.context)
        return self.context.effects

    def expire(self, number: int) -> list[Effect]:
        """What follows if a deadline comes."""
        self.context.effects = []
        self.purgatory.expire(number, self.context)
        return self.context.effects


def given(*numbers: int) -> list[Effect]:
    """What follows where these are answered."""
    return [
        effect for number in numbers for effect in (Cancel((EXPIRY, number)), Reply(number, "done"))
    ]


def test_whoever_waits_has_a_deadline() -> None:
    """One timer for each, under its number."""
    some = SomePurgatory("orders-0", "orders-0")
    assert [Wake((EXPIRY, 1), 500), Wake((EXPIRY, 2), 500)] == some.context.effects


def test_what_waits_is_answered_in_the_order_of_arrival() -> None:
    """Who asked first is answered first, and who waits for something else waits on."""
    some = SomePurgatory("orders-0", "orders-1", "orders-1 orders-0")
    assert [] == some.complete("bills-0")
    assert given(1, 3) == some.complete("orders-0")
    assert some.operations[1:2] == list(some.purgatory.operations())


def test_an_answer_is_given_once_whichever_partition_completed_it() -> None:
    """The other partition, and the deadline, find it gone."""
    some = SomePurgatory("orders-0 orders-1")
    assert given(1) == some.complete("orders-0")
    assert ([], [], [], 0) == (
        some.complete("orders-0"),
        some.complete("orders-1"),
        some.expire(1),
        len(some.purgatory),
    )


def test_what_cannot_be_answered_yet_waits_on() -> None:
    """It is asked again with the next news, and those behind it are not held up."""
    some = SomePurgatory("orders-0", "orders-0")
    some.operations[0].is_ready = False
    assert given(2) == some.complete("orders-0")
    some.operations[0].is_ready = True
    assert given(1) == some.complete("orders-0")


def test_at_its_deadline_an_answer_is_what_it_says_itself() -> None:
    """And no news of its partition gives another one."""
    some = SomePurgatory("orders-0", "orders-0")
    assert [Reply(1, "late")] == some.expire(1)
    assert given(2) == some.complete("orders-0")


def test_an_answer_that_was_given_leaves_nothing_behind() -> None:
    """A quiet partition is never changed: nobody would ever clean up under its name."""
    some = SomePurgatory("orders-0 orders-1", "orders-1")
    some.complete("orders-0")
    some.expire(2)
    assert {} == some.purgatory._by_key
