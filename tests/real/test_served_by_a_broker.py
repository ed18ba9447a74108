"""Our directories in the place of a real broker's: it recovers them and serves them to a consumer.

The broker was killed before, so that it trusts no file and reads every batch.
"""

import pytest

from kafkabook.log.isolation import aborted_transactions, read_committed
from kafkabook.log.partition_log import PartitionLog

from . import ours
from .batches import batches, used
from .history import Served
from .kafka import RealKafka
from .workload import Received

pytestmark = pytest.mark.real


def committed(log: PartitionLog) -> list[Received]:
    """What our log says that a read_committed consumer sees."""
    indexes = [segment.aborted for segment in log.segments]
    stable = log.last_stable_offset
    aborted = aborted_transactions(indexes, log.log_start, stable)
    read = read_committed(
        (batch for _, batch in batches(ours.directory_of(log))), aborted, upper_offset=stable
    )
    return [Received(r.offset, r.timestamp_ms, r.key, r.value, r.headers) for r in read]


@pytest.mark.parametrize("topic", ours.KINDS)
def test_a_consumer_is_given_what_our_log_holds(
    our_logs: dict[str, PartitionLog], served: Served, topic: str
) -> None:
    """Every byte of every record, from the first offset that our log has."""
    expected = [
        Received(r.offset, r.timestamp_ms, r.key, r.value, r.headers)
        for r in our_logs[topic].records()
    ]
    assert expected == served["read_uncommitted"][topic]
    assert len(expected) > 20


@pytest.mark.parametrize("topic", ours.KINDS)
def test_a_read_committed_consumer_is_given_what_our_log_says(
    our_logs: dict[str, PartitionLog], served: Served, topic: str
) -> None:
    """The broker finds the same transactions aborted and the same one open, from our bytes."""
    assert committed(our_logs[topic]) == served["read_committed"][topic]


def test_some_records_of_ours_are_only_for_the_uncommitted(served: Served) -> None:
    """Without an aborted and an open transaction the two levels would see the same."""
    everything, decided = (
        served[level]["ours-transactions"] for level in ("read_uncommitted", "read_committed")
    )
    assert 0 < len(decided) < len(everything)
    assert decided[-1].offset < everything[-1].offset


@pytest.mark.parametrize("topic", ours.KINDS)
def test_the_broker_recovered_our_segments_without_cutting_any(
    kafka: RealKafka, our_logs: dict[str, PartitionLog], served: Served, topic: str
) -> None:
    """A broker that cuts what it does not like serves the rest, and only its log tells."""
    (node,) = kafka.brokers
    about = [line for line in node.log_lines() if f"partition={topic}-0" in line]
    assert any("Recovering unflushed segment" in line for line in about)
    assert [] == [line for line in about if " WARN " in line or " ERROR " in line]
    directory = ours.directory_of(our_logs[topic])
    for path in directory.glob("*.log"):
        assert (
            path.read_bytes() == (node.partition_directory(f"{topic}-0") / path.name).read_bytes()
        )


@pytest.mark.parametrize("topic", [topic for topic in ours.KINDS if topic not in ours.LEFT_OPEN])
def test_the_broker_makes_the_same_indexes_of_our_segments(
    kafka: RealKafka, our_logs: dict[str, PartitionLog], served: Served, topic: str
) -> None:
    """It threw ours away and built them anew: offsets, times and aborted transactions."""
    (node,) = kafka.brokers
    place = node.partition_directory(f"{topic}-0")
    for path in ours.directory_of(our_logs[topic]).glob("*index"):
        assert used(path.read_bytes()) == used((place / path.name).read_bytes()), path
