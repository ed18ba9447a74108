"""A topic is a number of logs; order lives in each of them."""

import pytest

from kafkabook.base.errors import Errors
from kafkabook.log.topic import Topic
from kafkabook.records.record import Record
from tests.refusals import refused


def test_each_partition_counts_for_itself() -> None:
    """Offsets are of a partition; a topic has none."""
    topic = Topic("orders", partitions=3)
    answers = [topic.append(p, [Record(value=b"v")]).base_offset for p in (0, 2, 2, 0, 0)]
    assert [0, 0, 1, 1, 2] == answers
    assert [3, 0, 2] == [log.log_end for log in topic.logs]
    assert ("orders-0/", "orders-1/", "orders-2/") == topic.disk.list()


@pytest.mark.parametrize("name", ["", "..", "a/b", "x" * 250, "naïve"])
def test_a_name_that_kafka_refuses_is_refused(name: str) -> None:
    """Before any file is made."""
    with refused(Errors.INVALID_TOPIC_EXCEPTION):
        Topic(name)


def test_a_topic_has_a_partition() -> None:
    """None would be a name and nothing else."""
    with pytest.raises(ValueError, match="partitions must be at least 1, not 0"):
        Topic("orders", partitions=0)
