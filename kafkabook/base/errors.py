"""Every error by Kafka's name, with Kafka's code, and whether a client may try again.

Source: kafka, clients `org.apache.kafka.common.protocol.Errors`. A docstring's `Raises:` names an
error as Kafka does; what is raised is a `KafkaError` of it. What Kafka has no name for, such as a
word of Python that is misspelt, is one of Python's own errors; a notebook shows both in one line.
"""

from enum import Enum
from pathlib import Path
from traceback import extract_tb

_RETRIABLE = True


class Errors(Enum):
    """What an answer of Kafka may say; each value is the code on the wire.

    Attributes: `code`, `says` (what it means, in one sentence), `retriable` (the same request may
    succeed a little later).

    >>> Errors.NOT_CONTROLLER.code, Errors(41).name, Errors.NOT_CONTROLLER.retriable
    (41, 'NOT_CONTROLLER', True)
    """

    code: int
    says: str
    retriable: bool

    def __new__(cls, code: int, says: str, retriable: bool = False) -> "Errors":
        """Let the code be the value, so that a code from the wire finds its error."""
        error = object.__new__(cls)
        error._value_ = error.code = code
        error.says, error.retriable = says, retriable
        return error

    @property
    def told(self) -> str:
        """Its name as traces and readers have it; empty where all went well."""
        return "" if self is Errors.NONE else self.name

    UNKNOWN_SERVER_ERROR = -1, "The broker failed in a way that the protocol has no name for."
    NONE = 0, "All went well."
    OFFSET_OUT_OF_RANGE = 1, "The offset lies outside the log."
    CORRUPT_MESSAGE = 2, "The bytes cannot be what was written.", _RETRIABLE
    UNKNOWN_TOPIC_OR_PARTITION = (
        3,
        "This broker does not host that partition, or the topic does not exist.",
        _RETRIABLE,
    )
    LEADER_NOT_AVAILABLE = 5, "The partition has no leader now; one is being elected.", _RETRIABLE
    NOT_LEADER_OR_FOLLOWER = (
        6,
        "This broker does not lead the partition, and is not a replica that may answer.",
        _RETRIABLE,
    )
    REQUEST_TIMED_OUT = (
        7,
        "The answer did not come in time; whether the request was carried out is unknown.",
        _RETRIABLE,
    )
    REPLICA_NOT_AVAILABLE = 9, "This broker has no replica that could answer now.", _RETRIABLE
    MESSAGE_TOO_LARGE = 10, "The batch is larger than max.message.bytes."
    NETWORK_EXCEPTION = 13, "The connection broke before an answer came.", _RETRIABLE
    INVALID_TOPIC_EXCEPTION = 17, "No topic may have this name."
    RECORD_LIST_TOO_LARGE = 18, "The batch is larger than segment.bytes: no segment can hold it."
    NOT_ENOUGH_REPLICAS = (
        19,
        "Fewer replicas are in sync than min.insync.replicas; nothing was appended.",
        _RETRIABLE,
    )
    NOT_ENOUGH_REPLICAS_AFTER_APPEND = (
        20,
        "The batch was appended, and then too few replicas were left in sync.",
        _RETRIABLE,
    )
    INVALID_REQUIRED_ACKS = 21, "A producer's acks is none of -1 (all), 0 and 1."
    INVALID_TIMESTAMP = 32, "A record's timestamp is further from the clock than the topic allows."
    UNSUPPORTED_VERSION = 35, "This broker does not speak that version of the request."
    TOPIC_ALREADY_EXISTS = 36, "A topic with this name exists."
    INVALID_PARTITIONS = 37, "No topic can have this number of partitions."
    INVALID_REPLICATION_FACTOR = 38, "More replicas are asked for than brokers can hold, or none."
    INVALID_REPLICA_ASSIGNMENT = (
        39,
        "The list of replicas names an unknown broker, a broker twice, or too many or too few.",
    )
    INVALID_CONFIG = 40, "The setting does not exist, or cannot have this value."
    NOT_CONTROLLER = 41, "This node is not the active controller.", _RETRIABLE
    INVALID_REQUEST = 42, "The request contradicts itself, or what is true now."
    POLICY_VIOLATION = 44, "The request breaks a policy of the cluster or of the topic."
    OUT_OF_ORDER_SEQUENCE_NUMBER = (
        45,
        "An idempotent producer's batch does not follow its last one.",
    )
    DUPLICATE_SEQUENCE_NUMBER = 46, "The batch was appended before, but too long ago to say where."
    INVALID_PRODUCER_EPOCH = 47, "A newer instance has fenced this producer."
    INVALID_TXN_STATE = 48, "The producer's transaction, open or missing, does not allow this."
    TRANSACTION_COORDINATOR_FENCED = 52, "The marker's transaction coordinator has been replaced."
    KAFKA_STORAGE_ERROR = (
        56,
        "The disk under a log directory failed, or the directory is not what it should be.",
        _RETRIABLE,
    )
    FETCH_SESSION_ID_NOT_FOUND = (
        70,
        "This broker knows no fetch session of that id; a full fetch begins another.",
        _RETRIABLE,
    )
    INVALID_FETCH_SESSION_EPOCH = (
        71,
        "The fetch is not the next one of its session; a full fetch begins another.",
        _RETRIABLE,
    )
    FENCED_LEADER_EPOCH = (
        74,
        "The request has a leader epoch that is over; its sender must learn of the new one.",
        _RETRIABLE,
    )
    UNKNOWN_LEADER_EPOCH = (
        75,
        "The request has a leader epoch that this broker has not heard of yet.",
        _RETRIABLE,
    )
    UNSUPPORTED_COMPRESSION_TYPE = 76, "This version of the format has no codec of that number."
    STALE_BROKER_EPOCH = 77, "The request comes from an earlier incarnation of that broker."
    PREFERRED_LEADER_NOT_AVAILABLE = (
        80,
        "The preferred leader, the first replica of the list, is dead or not in sync.",
        _RETRIABLE,
    )
    ELIGIBLE_LEADERS_NOT_AVAILABLE = 83, "No replica is alive and may lead.", _RETRIABLE
    ELECTION_NOT_NEEDED = 84, "The partition has the leader that was asked for.", _RETRIABLE
    INVALID_RECORD = 87, "A record is not allowed in this topic."
    INVALID_UPDATE_VERSION = 95, "The ISR was changed meanwhile: this builds on an old one."
    UNKNOWN_TOPIC_ID = (
        100,
        "No topic has this id: it is gone, or not heard of yet; one of its name may exist.",
        _RETRIABLE,
    )
    DUPLICATE_BROKER_REGISTRATION = (
        101,
        "Another process is registered, and alive, under this broker id.",
    )
    BROKER_ID_NOT_REGISTERED = 102, "The controller does not know this broker."
    INELIGIBLE_REPLICA = (
        107,
        "A proposed member is fenced, shutting down, or an earlier incarnation of its broker.",
    )
    NEW_LEADER_ELECTED = 108, "The proposal was accepted, and made another broker the leader."


PACKAGE = Path(__file__).parents[1]  # whose frames a reader has not written
_RUNS_CELLS = "IPython"  # a package whose frames stand above those of a cell


class ToldInOneLine(Exception):
    """An error that a notebook shows as one line, with no frame of this package above it.

    Above it stand the lines that the reader wrote. A plain Python shows what it always shows.
    """

    def _render_traceback_(self, *_: object) -> list[str]:
        """Return what IPython shows in place of a traceback."""
        frames = extract_tb(self.__traceback__)
        own = [f"line {it.lineno}: {it.line}" for it in frames if _is_readers(Path(it.filename))]
        return [*own, f"{kind_told(self)}: {self}"]


def _is_readers(file: Path) -> bool:
    """Say whether a reader has written what stands in a file."""
    return not file.is_relative_to(PACKAGE) and _RUNS_CELLS not in file.parts


class WrongType(ToldInOneLine, TypeError):
    """A value of another kind, or a call with words that nobody takes."""


class WrongValue(ToldInOneLine, ValueError):
    """A value of the right kind that makes no sense here."""


class UnknownName(ToldInOneLine, LookupError):
    """Nothing has this name; the sentence has the nearest one."""


class NothingRead(ToldInOneLine, LookupError):
    """A consumer was given no records; Kafka's name of the reason is in the sentence."""


class MissingKey(UnknownName, KeyError):
    """A mapping has nothing under this key."""

    def __str__(self) -> str:
        return str(self.args[0])  # and not its `repr`, as a `KeyError` does


class UnknownVerb(ToldInOneLine, AttributeError):
    """An object has no attribute of this name."""


def kind_told(error: BaseException) -> str:
    """Name the kind of an error as a reader of Python knows it.

    >>> kind_told(WrongType("brokers is text")), kind_told(KafkaError(Errors.NOT_CONTROLLER))
    ('TypeError', 'KafkaError')
    """
    kinds = (kind for kind in type(error).__mro__ if not issubclass(kind, ToldInOneLine))
    kind = next(kinds)
    return type(error).__name__ if kind is Exception else kind.__name__


class KafkaError(ToldInOneLine):
    """An answer of Kafka that is not the one that was asked for.

    Attributes: `error`, one of `Errors`. As a string it is a sentence: the one that was given, or
    what the error means.

    >>> KafkaError(Errors.NOT_CONTROLLER)
    KafkaError(NOT_CONTROLLER: This node is not the active controller.)
    """

    def __init__(self, error: Errors, sentence: str = "") -> None:
        super().__init__(error, sentence or error.says)
        self.error = error

    def __str__(self) -> str:
        return str(self.args[1])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.error.name}: {self})"


def name_of(error: BaseException) -> str:
    """Name an error as a reader knows it: as Kafka does, or by its class."""
    return error.error.name if isinstance(error, KafkaError) else kind_told(error)


class OffsetOutOfRange(KafkaError):
    """The offset lies outside the log; both ends come along.

    Simplified: Kafka's answer carries no offsets; its client asks for them with ListOffsets.
    """

    def __init__(self, offset: int, *, log_start: int, log_end: int) -> None:
        held = f"{log_start} to {log_end - 1}" if log_start < log_end else "nothing"
        ends = f"it holds {held}, and {log_end} is its end"
        super().__init__(Errors.OFFSET_OUT_OF_RANGE, f"offset {offset} is outside the log: {ends}")
        self.offset, self.log_start, self.log_end = offset, log_start, log_end


class CorruptMessage(KafkaError):
    """Bytes that cannot be what was written: says where, and why."""

    def __init__(self, reason: str, *, at_byte: int = 0) -> None:
        super().__init__(Errors.CORRUPT_MESSAGE, f"byte {at_byte}: {reason}")
        self.reason, self.at_byte = reason, at_byte


class NotReadHere(KafkaError):
    """Bytes that may well be sound, and that kafkabook does not read: a format, a limit of its own.

    Kafka might read them, so this is never damage; the sentence says what helps.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(Errors.UNKNOWN_SERVER_ERROR, sentence)


class UnexpectedAppendOffset(KafkaError):
    """A follower was given a batch that does not follow its log; the wire has no code for it."""

    def __init__(self, offset: int, log_end: int) -> None:
        super().__init__(
            Errors.UNKNOWN_SERVER_ERROR,
            f"a batch at offset {offset} does not follow a log that ends at {log_end}",
        )
        self.offset, self.log_end = offset, log_end


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

    def __str__(self) -> str:
        kind = "torn tail" if self.torn_tail else "damage in the middle"
        return (
            f"{self.file}: {kind} at byte {self.at_byte}, batch {self.batch_base}: {self.reason};"
            f" all records below offset {self.recovered_upto} are intact"
        )
