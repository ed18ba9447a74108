"""Errors by Kafka's names, with Kafka's codes, and whether a client may try again.

Source: kafka, clients `org.apache.kafka.common.protocol.Errors`. Only the errors that some part of
the package raises are here; each arrives together with its first use.
"""

from typing import ClassVar


class KafkaError(Exception):
    """An answer of Kafka that is not the one that was asked for."""

    code: ClassVar[int] = -1
    retriable: ClassVar[bool] = False

    @classmethod
    def kafka_name(cls) -> str:
        """Return the name as the protocol spells it.

        >>> OffsetOutOfRange.kafka_name()
        'OFFSET_OUT_OF_RANGE'
        """
        words = "".join(f"_{c}" if c.isupper() else c for c in cls.__name__)
        return words.strip("_").upper()


class OffsetOutOfRange(KafkaError):
    """The offset lies outside the log; both ends come along.

    Simplified: Kafka's answer carries no offsets; its client asks for them with ListOffsets.
    """

    code = 1

    def __init__(self, offset: int, *, log_start: int, log_end: int) -> None:
        held = f"{log_start} to {log_end - 1}" if log_start < log_end else "nothing"
        ends = f"it holds {held}, and {log_end} is its end"
        super().__init__(f"offset {offset} is outside the log: {ends}")
        self.offset, self.log_start, self.log_end = offset, log_start, log_end


class CorruptMessage(KafkaError):
    """Bytes that cannot be what was written: says where, and why."""

    code = 2
    retriable = True

    def __init__(self, reason: str, *, at_byte: int = 0) -> None:
        super().__init__(f"byte {at_byte}: {reason}")
        self.reason, self.at_byte = reason, at_byte


class UnknownTopicOrPartition(KafkaError):
    """This broker does not host that partition, or the topic does not exist."""

    code = 3
    retriable = True


class NotLeaderOrFollower(KafkaError):
    """This broker does not lead the partition, and is not a replica that may answer."""

    code = 6
    retriable = True


class RequestTimedOut(KafkaError):
    """The answer did not come in time; whether the wish was met is unknown."""

    code = 7
    retriable = True


class MessageTooLarge(KafkaError):
    """A batch is larger than `max.message.bytes`."""

    code = 10


class InvalidTopicException(KafkaError):
    """A topic name that Kafka refuses; also what keeps `../x` from becoming a path."""

    code = 17


class RecordListTooLarge(KafkaError):
    """A batch is larger than `segment.bytes`, so no segment can ever hold it."""

    code = 18


class NotEnoughReplicas(KafkaError):
    """Fewer replicas are in sync than `min.insync.replicas`; nothing was appended."""

    code = 19
    retriable = True


class NotEnoughReplicasAfterAppend(KafkaError):
    """The batch was appended, and then too few replicas were left in sync."""

    code = 20
    retriable = True


class InvalidTimestamp(KafkaError):
    """A record's timestamp is further from the broker's clock than the topic allows."""

    code = 32


class InvalidPartitions(KafkaError):
    """A number of partitions that no topic can have."""

    code = 37


class InvalidReplicationFactor(KafkaError):
    """A replication factor below one, or above what the brokers can hold."""

    code = 38


class OutOfOrderSequenceNumber(KafkaError):
    """An idempotent producer's batch does not follow the last one."""

    code = 45


class DuplicateSequenceNumber(KafkaError):
    """A batch that was appended before, but too long ago to say where."""

    code = 46


class InvalidProducerEpoch(KafkaError):
    """A producer instance that was fenced by a newer one."""

    code = 47


class InvalidTxnState(KafkaError):
    """A request that the open, or missing, transaction of its producer does not allow."""

    code = 48


class TransactionCoordinatorFenced(KafkaError):
    """A transaction marker from a coordinator that has been replaced."""

    code = 52


class KafkaStorageError(KafkaError):
    """The disk under a log directory failed, or the directory is not what it should be."""

    code = 56
    retriable = True


class FencedLeaderEpoch(KafkaError):
    """The request comes from a term that is over; its sender must learn of the new one."""

    code = 74
    retriable = True


class UnknownLeaderEpoch(KafkaError):
    """The request comes from a term that this broker has not heard of yet."""

    code = 75
    retriable = True


class UnsupportedCompressionType(KafkaError):
    """A codec number that this version of the format does not have."""

    code = 76


class UnexpectedAppendOffset(KafkaError):
    """A follower was given a batch that does not follow its log; it has no code on the wire."""

    def __init__(self, offset: int, log_end: int) -> None:
        super().__init__(f"a batch at offset {offset} does not follow a log that ends at {log_end}")
        self.offset, self.log_end = offset, log_end


class InvalidRecord(KafkaError):
    """A record that the topic refuses, such as one without a key in a compacted topic."""

    code = 87


class CorruptSegment(CorruptMessage):
    """Damage in a file on disk, told so that a person can find it.

    Attributes: `file` (path within its disk), `at_byte`, `batch_base` (base offset as read or
    expected, -1 if unknown), `reason`, `recovered_upto` (first offset that is not safe),
    `torn_tail` (true: only the end of the last write is missing; false: whole batches follow the
    damage, so that truncating here would lose them).
    """

    def __init__(
        self,
        file: str,
        *,
        at_byte: int,
        batch_base: int,
        reason: str,
        recovered_upto: int,
        torn_tail: bool,
    ) -> None:
        super().__init__(reason, at_byte=at_byte)
        self.file, self.batch_base = file, batch_base
        self.recovered_upto, self.torn_tail = recovered_upto, torn_tail

    @classmethod
    def kafka_name(cls) -> str:
        """Return what a client would be told: the protocol knows no segments."""
        return CorruptMessage.kafka_name()

    def __str__(self) -> str:
        kind = "torn tail" if self.torn_tail else "damage in the middle"
        return (
            f"{self.file}: {kind} at byte {self.at_byte}, batch {self.batch_base}: {self.reason};"
            f" all records below offset {self.recovered_upto} are intact"
        )
