"""Names of topics and partitions, and the one check that keeps a topic from becoming a path.

Source: kafka, clients `common.internals.Topic`, storage `UnifiedLog.parseTopicPartitionName`.
"""

import re

from kafkabook.base.errors import Errors, KafkaError, WrongType

_LEGAL_TOPIC = re.compile(r"[a-zA-Z0-9._-]{1,249}", re.ASCII)
_INTERNAL = ("__consumer_offsets", "__transaction_state", "__share_group_state")
_PARTITION_NUMBER = re.compile(r"\d{1,10}", re.ASCII)


class TopicPartition(str):
    """One partition of one topic: a text that is also the name of its directory, with its parts.

    No two partitions have the same text, for it is cut at its last dash.

    >>> orders = TopicPartition("my-orders", 12)
    >>> orders, orders.topic, orders.partition
    ('my-orders-12', 'my-orders', 12)
    """

    topic: str
    partition: int  # type: ignore[assignment]  # as Kafka has it; nobody cuts this text

    def __new__(cls, topic: str, partition: int) -> "TopicPartition":
        """Name a partition of a topic."""
        named = super().__new__(cls, f"{topic}-{partition}")
        named.topic, named.partition = topic, partition
        return named

    def __getnewargs__(self) -> tuple[str, int]:  # type: ignore[override]
        """Return what a copy is made of."""
        return self.topic, self.partition

    @classmethod
    def parse(cls, directory: str) -> "TopicPartition":
        """Split a directory name at its last dash, for a topic may hold dashes itself.

        Raises:
            TypeError: the name is no text.
            KAFKA_STORAGE_ERROR: the name is not `<topic>-<number>`.

        >>> TopicPartition.parse("my-orders-12").partition
        12
        """
        if not isinstance(directory, str):
            raise _no_text(directory)
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
    if not isinstance(topic, str):
        raise _no_text(topic)
    if topic in (".", "..") or not _LEGAL_TOPIC.fullmatch(topic):
        raise KafkaError(
            Errors.INVALID_TOPIC_EXCEPTION,
            f"topic {topic[:60]!r} is not allowed: use 1 to 249 of a-z A-Z 0-9 . _ - , not . or ..",
        )
    return topic


def _no_text(name: object) -> WrongType:
    return WrongType(f"a name must be text, such as 'orders' or 'orders-0', not {name!r}")


def collides(topic: str, other: str) -> bool:
    """Say whether two topics would have the same name in metrics, where `.` becomes `_`.

    Source: kafka, server-common `Topic.hasCollision`.

    >>> collides("pay.out", "pay_out")
    True
    """
    return topic.replace(".", "_") == other.replace(".", "_")


def is_internal(topic: str) -> bool:
    """Say whether brokers keep their own state in a topic.

    Source: kafka, clients `common.internals.Topic` `isInternal`.
    """
    return topic in _INTERNAL
