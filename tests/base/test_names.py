"""Topic names: Kafka's rule, which is also what keeps them from being paths."""

import pytest

from kafkabook.base.errors import Errors
from kafkabook.base.names import TopicPartition, checked_topic
from tests.refusals import refused


@pytest.mark.parametrize(
    "topic", ["", ".", "..", "../x", "a/b", "a\\b", "é", "a b", "x" * 250, "a\0"]
)
def test_a_name_that_could_be_a_path_is_refused(topic: str) -> None:
    """The name becomes a directory."""
    with refused(Errors.INVALID_TOPIC_EXCEPTION, match="is not allowed"):
        checked_topic(topic)


@pytest.mark.parametrize(
    "directory", ["orders", "orders-", "-0", "orders-x", "orders-٣", "orders-" + "9" * 5000]
)
def test_a_directory_that_is_no_partition_is_refused(directory: str) -> None:
    """Arabic digits are digits to Python and not to Kafka, and no number goes on for ever."""
    with refused(Errors.KAFKA_STORAGE_ERROR, Errors.INVALID_TOPIC_EXCEPTION):
        TopicPartition.parse(directory)


def test_the_split_is_at_the_last_dash() -> None:
    """Topics may hold dashes."""
    assert TopicPartition("a-1-b", 7) == TopicPartition.parse("a-1-b-7")


@pytest.mark.parametrize(("topic", "partition"), [("a", 0), ("a-1-b", 7), ("a-", 10), ("-", 0)])
def test_a_partition_is_the_text_of_its_directory_with_its_parts(
    topic: str, partition: int
) -> None:
    """It is looked up like a text, sorted like a text, and read back from one."""
    named, text = TopicPartition(topic, partition), f"{topic}-{partition}"
    assert (text, topic, partition) == (named, named.topic, named.partition)
    assert ("found", text, repr(text)) == ({text: "found"}[named], str(named), repr(named))
    parsed = TopicPartition.parse(text)
    assert (topic, partition) == (parsed.topic, parsed.partition)
