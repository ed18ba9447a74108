"""What clients and administrators begin; nothing here waits for an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from kafkabook.base.door import listed_words, meant, must_be_whole
from kafkabook.base.errors import UnknownName, WrongValue
from kafkabook.base.names import TopicPartition
from kafkabook.clients.admin import Asked
from kafkabook.clients.raw_client import Reading, Sent, acks_number
from kafkabook.lab.command import Command, Word, place_told, setting_words, settings_of
from kafkabook.lab.world import World
from kafkabook.protocol.admin_api import (
    AlteredConfigs,
    Assignment,
    ConfigResource,
    CreatePartitionsRequest,
    CreateTopicsRequest,
    DeleteRecordsRequest,
    DeleteTopicsRequest,
    ElectLeadersRequest,
    GrownTopic,
    IncrementalAlterConfigsRequest,
    NewTopic,
    ResourceType,
    Settings,
)
from kafkabook.records.compression import Codec

# --- producers and consumers ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SendRecord(Command):
    """Let a client begin to send a value.

    Attributes: `acks` ("all", 1 or 0), `to` (a broker to send to, whoever leads), `retries` (how
    often to try again what was certainly not written), `key` (of the record).
    """

    value: str
    partition: TopicPartition
    acks: str | int = "all"
    to: int | None = None
    retries: int = 3
    client: str = "producer-1"
    key: str | None = None
    verb: ClassVar[str] = "send"
    named: ClassVar[tuple[str, ...]] = ("key",)

    def do(self, world: World) -> Sent:
        """Begin to send it; return how it will have ended."""
        acks = _checked_acks(self, world)
        sent = Sent(self.partition, self.value, acks, retries=self.retries, to=self.to)
        sent.key = self.key
        return world.send(sent, self.client)

    @property
    def says(self) -> str:
        """The command as a sentence."""
        to = "" if self.to is None else f" to {place_told(self.to)}"
        key = "" if self.key is None else f" under the key {self.key}"
        return f"send {self.value}{key}{to} with acks={self.acks}"


@dataclass(frozen=True, slots=True)
class SendBatch(Command):
    """Let a client begin to send values as one batch."""

    partition: TopicPartition
    acks: str | int
    compression_type: str
    to: int | None
    retries: int
    client: str
    values: tuple[str, ...]
    verb: ClassVar[str] = "send_batch"

    def do(self, world: World) -> Sent:
        """Begin to send it; return the first record, with the others in its `batch`."""
        acks, codec = _checked_acks(self, world), _codec(self.compression_type)
        if not self.values:
            raise WrongValue("send_batch: values must be at least one")
        first, *rest = (self._sent(value, acks, codec) for value in self.values)
        first.rest = tuple(rest)
        return world.send(first, self.client)

    def _sent(self, value: str, acks: int, codec: Codec) -> Sent:
        return Sent(self.partition, value, acks, retries=self.retries, to=self.to, codec=codec)

    @classmethod
    def of(cls, words: Sequence[Word]) -> Self:
        """Read the words; all behind the sixth are values."""
        partition, acks, codec, to, retries, client, *values = words
        assert to is None or isinstance(to, int)
        name = TopicPartition.parse(str(partition))
        acked = acks if isinstance(acks, int) else str(acks)
        told = tuple(map(str, values))
        return cls(name, acked, str(codec), to, int(retries or 0), str(client), told)


def _checked_acks(send: SendRecord | SendBatch, world: World) -> int:
    """Check whether something can be sent like that; return its acks as a request carries them.

    Raises:
        BROKER_ID_NOT_REGISTERED, INVALID_REQUIRED_ACKS, ValueError: it cannot.
    """
    must_be_whole(send.verb, "retries", send.retries)
    if send.to is not None:
        world.host(send.to)
    return acks_number(send.acks)


def _codec(name: str) -> Codec:
    """Return the codec of a `compression.type`.

    Raises:
        LookupError: there is none of that name.
    """
    names = [codec.name.lower() for codec in Codec]
    if name not in names:
        hint = meant(name, names) or f"; there are {listed_words(names)}"
        raise UnknownName(f"send_batch: no compression_type is called {name!r}{hint}")
    return Codec[name.upper()]


@dataclass(frozen=True, slots=True)
class StartReading(Command):
    """Let a client begin to read a partition from an offset up to its high watermark.

    Attributes: `broker` (whom to ask, whoever leads), `rack` (`client.rack`), `wait_ms`
    (`fetch.max.wait.ms`: how long it waits at the end for more).
    """

    partition: TopicPartition
    offset: int = 0
    broker: int | None = None
    client: str = "consumer-1"
    rack: str | None = None
    wait_ms: int = 0
    verb: ClassVar[str] = "read"

    def do(self, world: World) -> Reading:
        """Begin to read; return what will have come."""
        must_be_whole(self.verb, "wait_ms", self.wait_ms)
        if self.broker is not None:
            world.host(self.broker)
        retries = 10 if self.broker is None else 0
        reading = Reading(self.partition, self.offset, broker=self.broker, retries=retries)
        reading.rack, reading.wait_ms = self.rack, self.wait_ms
        return world.read(reading, self.client)

    @property
    def says(self) -> str:
        """The command as a sentence."""
        return f"read {self.partition} from offset {self.offset}"


# --- administrators ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ask(Command):
    """Let an administrator begin to ask; `request` is any of the administrators' requests."""

    request: object
    verb: ClassVar[str] = "ask"

    def do(self, world: World) -> Asked:
        """Begin to ask; return the answer to come."""
        return world.ask(self.request)

    @classmethod
    def of(cls, words: Sequence[Word]) -> Self:
        """Refuse: a request has no words.

        Raises:
            ValueError: always.
        """
        raise ValueError(f"a request cannot be read from {words!r}; use create_topic, elect …")


_USUAL: tuple[Word, ...] = (1, 3, None)  # partitions, replication factor, placed by rule


@dataclass(frozen=True, slots=True)
class CreateTopic(Command):
    """Ask for a topic; without an `assignment` it is placed by rule."""

    topic: str
    partitions: int = 1
    replication_factor: int = 3
    assignment: Assignment | None = None
    settings: Settings = ()
    verb: ClassVar[str] = "create_topic"

    def do(self, world: World) -> Asked:
        """Begin to ask for it."""
        sizes = (self.partitions, self.replication_factor) if self.assignment is None else (-1, -1)
        new = NewTopic(self.topic, *sizes, self.assignment, self.settings)
        return world.ask(CreateTopicsRequest((new,)))

    def words(self) -> tuple[Word, ...]:
        """Return the words; an assignment as `kafka-topics.sh` takes it, such as 1:2:3,2:3:1."""
        placed = None if self.assignment is None else assignment_word(self.assignment)
        told = (self.topic, self.partitions, self.replication_factor, placed)
        return (*told, *setting_words(self.settings))

    @classmethod
    def of(cls, words: Sequence[Word]) -> Self:
        """Read the words; all behind the fourth are settings."""
        told, settings = [*words[:4], *_USUAL[len(words) - 1 :]], words[4:]
        topic, partitions, factor, placed = told
        fixed = None if placed is None else assignment_of(str(placed))
        return cls(str(topic), int(partitions or 1), int(factor or 3), fixed, settings_of(settings))

    @property
    def says(self) -> str:
        """The command as a sentence."""
        return f"create the topic {self.topic}"


@dataclass(frozen=True, slots=True)
class AddPartitions(Command):
    """Ask for `total` partitions of a topic; what is in the old ones stays there."""

    topic: str
    total: int
    assignment: Assignment | None = None
    verb: ClassVar[str] = "add_partitions"

    def do(self, world: World) -> Asked:
        """Begin to ask for them."""
        grown = GrownTopic(self.topic, self.total, self.assignment)
        return world.ask(CreatePartitionsRequest((grown,)))

    def words(self) -> tuple[Word, ...]:
        """Return the words, an assignment as in `create_topic`."""
        placed = () if self.assignment is None else (assignment_word(self.assignment),)
        return (self.topic, self.total, *placed)

    @classmethod
    def of(cls, words: Sequence[Word]) -> Self:
        """Read the words."""
        topic, total, *placed = words
        return cls(str(topic), int(total or 0), assignment_of(str(*placed)) if placed else None)

    @property
    def says(self) -> str:
        """The command as a sentence."""
        return f"let the topic {self.topic} grow to {self.total} partitions"


@dataclass(frozen=True, slots=True)
class DeleteTopic(Command):
    """Ask for the end of a topic."""

    topic: str
    verb: ClassVar[str] = "delete_topic"

    def do(self, world: World) -> Asked:
        """Begin to ask for it."""
        return world.ask(DeleteTopicsRequest((self.topic,)))

    @property
    def says(self) -> str:
        """The command as a sentence."""
        return f"delete the topic {self.topic}"


@dataclass(frozen=True, slots=True)
class AlterTopic(Command):
    """Ask for other settings of a topic; None gives one back to its default."""

    topic: str
    settings: Settings
    verb: ClassVar[str] = "alter_topic"

    def do(self, world: World) -> Asked:
        """Begin to ask for them."""
        altered = AlteredConfigs(ConfigResource(self.topic), self.settings)
        return world.ask(IncrementalAlterConfigsRequest((altered,)))

    def words(self) -> tuple[Word, ...]:
        """Return the topic, and each setting as a word."""
        return (self.topic, *setting_words(self.settings))

    @classmethod
    def of(cls, words: Sequence[Word]) -> Self:
        """Read the words."""
        topic, *settings = words
        return cls(str(topic), settings_of(settings))

    @property
    def says(self) -> str:
        """The command as a sentence."""
        told = ", ".join(map(str, setting_words(self.settings)))
        return f"set {told} for the topic {self.topic}"


@dataclass(frozen=True, slots=True)
class AlterBroker(Command):
    """Ask for other settings of a broker that runs; None names the default of all brokers."""

    broker: int | None
    settings: Settings
    verb: ClassVar[str] = "alter_broker"

    def do(self, world: World) -> Asked:
        """Begin to ask for them.

        Raises:
            BROKER_ID_NOT_REGISTERED: there is none of that number.
        """
        name = "" if self.broker is None else str(world.host(self.broker).id)
        altered = AlteredConfigs(ConfigResource(name, ResourceType.BROKER), self.settings)
        return world.ask(IncrementalAlterConfigsRequest((altered,)))

    def words(self) -> tuple[Word, ...]:
        """Return the broker, and each setting as a word."""
        return (self.broker, *setting_words(self.settings))

    @classmethod
    def of(cls, words: Sequence[Word]) -> Self:
        """Read the words."""
        broker, *settings = words
        assert broker is None or isinstance(broker, int)
        return cls(broker, settings_of(settings))

    @property
    def says(self) -> str:
        """The command as a sentence."""
        told = ", ".join(map(str, setting_words(self.settings)))
        who = "all brokers by default" if self.broker is None else f"broker {self.broker}"
        return f"set {told} for {who}"


@dataclass(frozen=True, slots=True)
class DeleteRecords(Command):
    """Ask for the end of all records before an offset; -1 is the high watermark.

    Attributes: `within_ms` (how long the leader may wait for the logs of the followers).
    """

    partition: TopicPartition
    before_offset: int = -1
    within_ms: int = 30_000
    verb: ClassVar[str] = "delete_records"

    def do(self, world: World) -> Asked:
        """Begin to ask for it."""
        asked = ((self.partition, self.before_offset),)
        return world.ask(DeleteRecordsRequest(asked, self.within_ms))

    @property
    def says(self) -> str:
        """The command as a sentence."""
        where = "the high watermark" if self.before_offset == -1 else f"offset {self.before_offset}"
        return f"delete the records of {self.partition} before {where}"


@dataclass(frozen=True, slots=True)
class Elect(Command):
    """Ask for a "preferred" or an "unclean" election."""

    how: str
    partition: TopicPartition
    verb: ClassVar[str] = "elect"

    def do(self, world: World) -> Asked:
        """Begin to ask for it."""
        return world.ask(ElectLeadersRequest(self.how, (self.partition,)))

    @property
    def says(self) -> str:
        """The command as a sentence."""
        return f"ask for a {self.how} election of {self.partition}"


@dataclass(frozen=True, slots=True)
class MakeLeader(Command):
    """Let the controller begin a new leader epoch under a broker; no tool of Kafka does that."""

    partition: TopicPartition
    broker: int
    verb: ClassVar[str] = "make_leader"
    is_fault: ClassVar[bool] = True

    def do(self, world: World) -> None:
        """Begin it."""
        world.make_leader(self.partition, world.host(self.broker).id)

    @property
    def says(self) -> str:
        """The command as a sentence."""
        return f"the controller makes broker {self.broker} the leader"


def assignment_word(assignment: Assignment) -> str:
    """Write an assignment as `kafka-topics.sh --replica-assignment` takes it.

    >>> assignment_word(((1, 2, 3), (2, 3, 1)))
    '1:2:3,2:3:1'
    """
    return ",".join(":".join(map(str, replicas)) for replicas in assignment)


def assignment_of(word: str) -> Assignment:
    """Read an assignment.

    >>> assignment_of("1:2:3,2:3:1")
    ((1, 2, 3), (2, 3, 1))
    """
    return tuple(tuple(map(int, replicas.split(":"))) for replicas in word.split(","))
