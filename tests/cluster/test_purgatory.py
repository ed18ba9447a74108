"""Answers that wait: found by what they wait for, and given once."""

from kafkabook.cluster.purgatory import Delayed, Purgatory
from kafkabook.protocol.records_api import FetchRequest


def some_waiting(*partitions: str) -> tuple[Purgatory, list[Delayed]]:
    """A purgatory with one answer for each of these, named like "orders-0 orders-1"."""
    purgatory, made = Purgatory(), []
    for names in partitions:
        number = purgatory.next_number()
        delayed = Delayed(number, 2, FetchRequest(number, 2, -1, ()), 500)
        purgatory.wait(delayed, names.split())
        made.append(delayed)
    return purgatory, made


def test_what_waits_is_found_in_the_order_of_arrival() -> None:
    """Who asked first is answered first."""
    purgatory, (first, _, third) = some_waiting("orders-0", "orders-1", "orders-1 orders-0")
    assert [first, third] == purgatory.on("orders-0")
    assert [] == purgatory.on("bills-0")


def test_an_answer_is_given_once_whichever_partition_completed_it() -> None:
    """The other partition, and the deadline, find it gone."""
    purgatory, (only,) = some_waiting("orders-0 orders-1")
    assert only == purgatory.take(only.number)
    assert (None, [], [], 0) == (
        purgatory.take(only.number),
        purgatory.on("orders-0"),
        purgatory.on("orders-1"),
        len(purgatory),
    )


def test_an_answer_taken_leaves_the_others() -> None:
    """Also those that came after it."""
    purgatory, (first, second) = some_waiting("orders-0", "orders-0")
    purgatory.take(first.number)
    assert ([second], 1) == (purgatory.on("orders-0"), len(purgatory))
