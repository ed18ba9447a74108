"""The little that messages work out for themselves."""

import pytest

from kafkabook.base.errors import Errors
from kafkabook.base.names import TopicPartition
from kafkabook.protocol.records_api import FetchedPartition
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch

ORDERS = TopicPartition("orders", 0)
BATCH = RecordBatch.of([Record(value=b"m0", timestamp_ms=1)])


def test_the_size_of_an_answer_is_that_of_its_batches() -> None:
    """Compared with `fetch.min.bytes`."""
    assert 0 == FetchedPartition(ORDERS).size_bytes
    assert 2 * BATCH.size_bytes == FetchedPartition(ORDERS, batches=(BATCH,) * 2).size_bytes


@pytest.mark.parametrize(
    ("answer", "is_urgent"),
    [
        (FetchedPartition(ORDERS), False),
        (FetchedPartition(ORDERS, batches=(BATCH,)), False),
        (FetchedPartition(ORDERS, Errors.NOT_LEADER_OR_FOLLOWER), True),
        (FetchedPartition(ORDERS, diverging=(-1, -1)), True),
        (FetchedPartition(ORDERS, preferred_read_replica=0), True),
    ],
)
def test_errors_partings_and_better_brokers_do_not_wait(
    answer: FetchedPartition, is_urgent: bool
) -> None:
    """Broker 0 is a broker too; records alone wait until they are enough."""
    assert is_urgent == answer.is_urgent
