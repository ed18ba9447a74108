"""Names of topics and partitions, and the one check that keeps a topic from becoming a path.

Source: kafka, clients `common.internals.Topic`, storage `UnifiedLog.parseTopicPartitionName`.
"""

import re
from typing import NamedTuple

from kafkabook.base.errors import Errors, KafkaError

_LEGAL_TOPIC = re.compile(r"[a-zA-Z0-9._-]{1,249}", re.ASCII)
_PARTITION_NUMBER = re.compile(r"\d{1,10}", re.ASCII)


class TopicPartition(NamedTuple):
    """One partition of one topic; its text is also the name of its directory.

    >>> str(TopicPartition("orders", 0))
    'orders-0'
    """

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}-{self.partition}"

    @classmethod
    def parse(cls, directory: str) -> "TopicPartition":
        """Split a directory name at its last dash, for a topic may hold dashes itself.

        Raises:
            KAFKA_STORAGE_ERROR: the name is not `<topic>-<number>`.

        >>> TopicPartition.parse("my-orders-12")
        TopicPartition(topic='my-orders', partition=12)
        """
        topic, dash, number = directory.rpartition("-")
        if not (dash and _PARTITION_NUMBER.fullmatch(number)):
            raise KafkaError(
                Errors.KAFKA_STORAGE_ERROR,
                f"{directory[:280]!r} is not a partition directory; expected <topic>-<number>",
            )
        return cls(checked_topic(topic), int(number))


def checked_topic(topic: str) -> str:
    """Return `topic` if Kafka allows it.

    Raises:
        INVALID_TOPIC_EXCEPTION: empty, `.`, `..`, longer than 249, or with a character other than
            letters, digits, `.`, `_` and `-`; so no topic can name a path.

    >>> checked_topic("orders.v1")
    'orders.v1'
    """
    if topic in (".", "..") or not _LEGAL_TOPIC.fullmatch(topic):
        raise KafkaError(
            Errors.INVALID_TOPIC_EXCEPTION,
            f"topic {topic[:60]!r} is not allowed: use 1 to 249 of a-z A-Z 0-9 . _ - , not . or ..",
        )
    return topic
