"""Which replica a consumer is sent to: in its rack, in sync, and with most (KIP-392)."""

import pytest

from kafkabook.base.machine import Context
from kafkabook.base.trace import Trace
from kafkabook.cluster.replica_selector import nearest
from kafkabook.replication.facts import PartitionState
from tests.cluster.brokers import SomeBroker, alive, orders


def near_b(
    *, isr: tuple[int, ...] = (1, 2, 3), ends: tuple[int, int] = (2, 2), rack: str | None = "b"
) -> list[int | None]:
    """Where a consumer in a rack is sent for offsets 1 and 2.

    Broker 1 leads in rack a; 2 and 3 are in rack b, and have fetched up to `ends`.
    """
    some = SomeBroker()
    brokers = [*alive(1, 7, "a"), *alive(2, 2, "b"), *alive(3, 3, "b")]
    some.learn(*brokers, *orders(PartitionState((1, 2, 3), frozenset(isr), 1)))
    some.append("m0", "m1")
    leader = some.partition().leader
    assert leader is not None
    for broker, end in zip((2, 3), ends, strict=True):
        leader.members.heard(broker, end, broker, Context(0, Trace()))
    image = some.broker.image
    return [nearest(leader, image, rack=rack, offset=offset) for offset in (1, 2)]


@pytest.mark.parametrize(
    ("ends", "sent_to"), [((2, 1), [2, 2]), ((1, 2), [3, 3]), ((1, 1), [3, None])]
)
def test_the_one_with_most_is_named_if_it_has_what_is_wanted(
    ends: tuple[int, int], sent_to: list[int | None]
) -> None:
    """Who has nothing from there on would make the consumer wait."""
    assert sent_to == near_b(ends=ends)


def test_who_is_not_in_sync_is_not_named() -> None:
    """It may fall behind without limit, and the consumer with it."""
    assert [2, None] == near_b(isr=(1, 2), ends=(1, 2))


@pytest.mark.parametrize("rack", ["a", "c", None])
def test_everybody_else_stays_with_the_leader(rack: str | None) -> None:
    """Who is in its rack, who is in a rack without replicas, who names none."""
    assert [None, None] == near_b(rack=rack)
