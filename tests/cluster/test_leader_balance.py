"""When leadership goes back to those that were meant to have it."""

from kafkabook.cluster.election import ElectionFacts
from kafkabook.cluster.leader_balance import imbalance, to_rebalance, to_rebalance_legacy


def led_by(leader: int | None, *replicas: int) -> ElectionFacts:
    """Return a partition by its leader and its replicas."""
    return ElectionFacts(replicas, isr=frozenset(replicas), leader=leader)


def topic(moved: int, of: int) -> dict[str, ElectionFacts]:
    """Return partitions that broker 1 is meant to lead, of which it lacks the first `moved`."""
    return {f"orders-{n}": led_by(2 if n < moved else 1, 1, 2) for n in range(of)}


def test_imbalance_is_a_share_of_what_a_broker_is_meant_to_lead() -> None:
    """Not of what it leads; a broker that is meant to lead nothing is not listed."""
    partitions = {
        "a-0": led_by(1, 1, 2),
        "a-1": led_by(2, 1, 2),
        "a-2": led_by(2, 2, 3),
        "a-3": led_by(None, 1, 3),
        "a-4": led_by(1, 1, 3),
    }
    assert {1: 0.5, 2: 0.0} == imbalance(partitions)


def test_kraft_gives_every_partition_back() -> None:
    """One of a hundred is enough; there is no percentage any more."""
    assert ("orders-0",) == to_rebalance(topic(moved=1, of=100))


def test_zookeeper_era_tolerates_ten_percent() -> None:
    """The limit itself is still tolerated."""
    assert () == to_rebalance_legacy(topic(moved=1, of=10))
    assert ("orders-0", "orders-1") == to_rebalance_legacy(topic(moved=2, of=10))
    strict = to_rebalance_legacy(topic(moved=1, of=10), leader_imbalance_per_broker_percentage=9)
    assert ("orders-0",) == strict


def test_each_broker_is_judged_by_itself_in_the_zookeeper_era() -> None:
    """The balance of one does not make up for the other."""
    partitions = topic(moved=1, of=10) | {"clicks-0": led_by(1, 2, 1)}
    assert ("clicks-0",) == to_rebalance_legacy(partitions)
    assert ("orders-0", "clicks-0") == to_rebalance(partitions)
