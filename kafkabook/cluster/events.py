"""What the controller, brokers, clients and those who break them tell: vocabulary, nothing else."""

from dataclasses import dataclass

from kafkabook.base.phrases import acks_text, count_text, members_text, replicas_text, settings_text
from kafkabook.base.trace import Event


def _end(address: str) -> str:
    """Name one end of a link."""
    return f"broker {address}" if address.isdigit() else address


# --- the controller's decisions ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TopicCreated(Event):
    """A topic exists from now on, with these replicas per partition, preferred leader first."""

    topic: str
    assignment: tuple[tuple[int, ...], ...]
    settings: tuple[tuple[str, str], ...] = ()

    def sentence(self) -> str:
        replicas = replicas_text(self.assignment)
        return f"The controller creates topic {self.topic} on brokers {replicas}."


@dataclass(frozen=True, slots=True)
class PartitionsAdded(Event):
    """A topic grew; the first new partition has this number."""

    topic: str
    first: int
    assignment: tuple[tuple[int, ...], ...]

    def sentence(self) -> str:
        replicas = replicas_text(self.assignment)
        return f"Topic {self.topic} grows from partition {self.first} on: brokers {replicas}."


@dataclass(frozen=True, slots=True)
class TopicDeleted(Event):
    """A topic is gone."""

    topic: str

    def sentence(self) -> str:
        return f"The controller deletes topic {self.topic}."


@dataclass(frozen=True, slots=True)
class TopicAltered(Event):
    """Settings of a topic changed."""

    topic: str
    settings: tuple[tuple[str, str], ...]

    def sentence(self) -> str:
        return f"Topic {self.topic} has {settings_text(self.settings)}."


@dataclass(frozen=True, slots=True)
class BrokersAltered(Event):
    """The settings of a broker that were altered at run time; None: the default of all brokers."""

    broker: int | None
    settings: tuple[tuple[str, str], ...]

    def sentence(self) -> str:
        who = "Every broker" if self.broker is None else f"Broker {self.broker}"
        by_default = " by default" if self.broker is None else ""
        return f"{who} has {settings_text(self.settings)}{by_default}."


@dataclass(frozen=True, slots=True)
class PartitionChanged(Event):
    """What the controller decided: who leads, in which leader epoch, and who is in sync.

    Told at its creation too (partition epoch 0). `was_leader` and `was_isr` are what it said
    before. `alive` are the brokers that were not fenced at this moment. `reason` is in words.
    """

    partition: str
    leader: int | None
    leader_epoch: int
    partition_epoch: int
    replicas: tuple[int, ...]
    isr: frozenset[int]
    elr: frozenset[int]
    last_known_elr: tuple[int, ...]
    min_insync_replicas: int
    is_unclean: bool
    was_leader: int | None
    was_isr: frozenset[int]
    alive: frozenset[int]
    reason: str
    is_elr_enabled: bool = True

    def sentence(self) -> str:
        who = "nobody leads" if self.leader is None else f"broker {self.leader} leads"
        isr = members_text(self.isr)
        if self.leader == self.was_leader:
            confirmed = f"The controller confirms the ISR {isr} of {self.partition}"
            return f"{confirmed}; {who} in epoch {self.leader_epoch}."
        led = f"{who} {self.partition}, epoch {self.leader_epoch}, in sync {isr}"
        return f"The controller decides: {led}{', unclean' if self.is_unclean else ''}."


@dataclass(frozen=True, slots=True)
class AlterPartitionAccepted(Event):
    """The controller took a leader's proposal: it compared the epochs, and what they were."""

    partition: str
    broker: int
    isr: frozenset[int]
    broker_epoch: int
    registered_broker_epoch: int
    partition_epoch: int
    current_partition_epoch: int
    member_epochs: tuple[tuple[int, int, int], ...]  # (broker, epoch as proposed, as registered)

    def sentence(self) -> str:
        proposal = f"ISR {members_text(self.isr)} of {self.partition}"
        return f"The controller accepts the {proposal}, which broker {self.broker} proposed."


@dataclass(frozen=True, slots=True)
class AlterPartitionRefused(Event):
    """The controller refused a leader's proposal; `error` is Kafka's name."""

    partition: str
    broker: int
    isr: frozenset[int]
    error: str

    def sentence(self) -> str:
        proposal = f"ISR {members_text(self.isr)} of {self.partition}"
        by = f"which broker {self.broker} proposed"
        return f"The controller refuses the {proposal}, {by}: {self.error}."


@dataclass(frozen=True, slots=True)
class BrokerRegistered(Event):
    """A broker's new incarnation: `broker_epoch` is larger than any before it."""

    broker: int
    broker_epoch: int
    incarnation: int
    was_clean: bool  # its last incarnation ended with a controlled shutdown
    was_alive: bool  # its last incarnation was neither fenced nor about to stop

    def sentence(self) -> str:
        stop = "clean" if self.was_clean else "unclean"
        who = f"broker {self.broker}, incarnation {self.incarnation}"
        return (
            f"The controller registers {who}, with broker epoch {self.broker_epoch}, {stop} before."
        )


@dataclass(frozen=True, slots=True)
class RegistrationRefused(Event):
    """A broker's new incarnation was refused with Kafka's `error`: its last one counts as alive."""

    broker: int
    incarnation: int
    error: str

    def sentence(self) -> str:
        who = f"broker {self.broker}, incarnation {self.incarnation}"
        return f"The controller refuses to register {who}: {self.error}."


@dataclass(frozen=True, slots=True)
class MetadataSentAgain(Event):
    """A broker's heartbeat showed that it lacks records of the metadata, from `first_offset` on."""

    broker: int
    first_offset: int

    def sentence(self) -> str:
        records = f"the metadata from offset {self.first_offset} on"
        return f"The controller sends broker {self.broker} {records} again."


@dataclass(frozen=True, slots=True)
class BrokerFenced(Event):
    """A broker may not lead, join, or serve until it is heard of again."""

    broker: int
    reason: str

    def sentence(self) -> str:
        return f"The controller fences broker {self.broker}: {self.reason}."


@dataclass(frozen=True, slots=True)
class BrokerUnfenced(Event):
    """A broker has caught up with the metadata and takes part."""

    broker: int

    def sentence(self) -> str:
        return f"The controller unfences broker {self.broker}."


# --- faults and commands -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BrokerStarted(Event):
    """A broker's process began."""

    broker: int
    incarnation: int

    def sentence(self) -> str:
        return f"Broker {self.broker} starts, incarnation {self.incarnation}."


@dataclass(frozen=True, slots=True)
class BrokerCrashed(Event):
    """A process was killed; what it wrote is in the page cache, and stays."""

    broker: int

    def sentence(self) -> str:
        return f"Broker {self.broker} is killed."


@dataclass(frozen=True, slots=True)
class BrokerStopped(Event):
    """A process ended by itself, after a controlled shutdown."""

    broker: int

    def sentence(self) -> str:
        return f"Broker {self.broker} stops after a controlled shutdown."


@dataclass(frozen=True, slots=True)
class BrokerPoweredOff(Event):
    """A machine lost its power; of what was not flushed, luck decides."""

    broker: int

    def sentence(self) -> str:
        return f"Broker {self.broker} loses its power."


@dataclass(frozen=True, slots=True)
class PowerCutLeft(Event):
    """What a machine's disk holds of a partition after a power cut, as the next start finds it.

    `log_end_before` is that of the process, or of the disk if the process had not opened the log.
    `bytes_to_cut` are bytes of its segments behind the last whole batch, which recovery cuts off.
    `log_end`, `high_watermark` and `bytes_to_cut` are -1 where the log cannot be opened.
    """

    partition: str
    broker: int
    log_end_before: int
    log_end: int
    high_watermark: int  # as checkpointed, and at most the log end
    bytes_to_cut: int

    def sentence(self) -> str:
        whose = f"The disk of broker {self.broker} holds {self.partition}"
        if self.log_end < 0:
            return f"{whose} in files that no log can be opened from."
        lost = count_text(max(0, self.log_end_before - self.log_end), "record")
        return f"{whose} up to the log end {self.log_end}: {lost} were not flushed, and are gone."


@dataclass(frozen=True, slots=True)
class DiskLost(Event):
    """A broker's disk was replaced by an empty one."""

    broker: int

    def sentence(self) -> str:
        return f"Broker {self.broker} gets an empty disk."


@dataclass(frozen=True, slots=True)
class BrokerPaused(Event):
    """A process stands still (a long garbage collection); messages to it wait."""

    broker: int

    def sentence(self) -> str:
        return f"Broker {self.broker} stands still."


@dataclass(frozen=True, slots=True)
class BrokerResumed(Event):
    """A paused process goes on."""

    broker: int

    def sentence(self) -> str:
        return f"Broker {self.broker} goes on."


@dataclass(frozen=True, slots=True)
class LinkCut(Event):
    """Nothing passes between these two any more."""

    one: str
    other: str

    def sentence(self) -> str:
        return f"The link between {_end(self.one)} and {_end(self.other)} is cut."


@dataclass(frozen=True, slots=True)
class LinkHealed(Event):
    """These two hear each other again."""

    one: str
    other: str

    def sentence(self) -> str:
        return f"The link between {_end(self.one)} and {_end(self.other)} is healed."


@dataclass(frozen=True, slots=True)
class LinkSlowed(Event):
    """Each message between these two, in both directions, takes `extra_ms` more; 0 ends that."""

    one: str
    other: str
    extra_ms: int

    def sentence(self) -> str:
        ends = f"between {_end(self.one)} and {_end(self.other)}"
        if not self.extra_ms:
            return f"Messages {ends} take their usual time again."
        return f"Messages {ends} take {self.extra_ms} ms more."


@dataclass(frozen=True, slots=True)
class ConnectionsReset(Event):
    """Every connection between these two broke; what was on its way there is lost."""

    one: str
    other: str

    def sentence(self) -> str:
        return f"All connections between {_end(self.one)} and {_end(self.other)} are reset."


@dataclass(frozen=True, slots=True)
class EverythingHealed(Event):
    """No fault of a link or of a running process is left: nothing is cut, held, slow or paused."""

    def sentence(self) -> str:
        return "Nothing is cut, held, slow or paused any more."


@dataclass(frozen=True, slots=True)
class Quiesced(Event):
    """The run came to rest after everything was healed: what should converge has converged."""

    def sentence(self) -> str:
        return "The run comes to rest."


# --- clients -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RecordSent(Event):
    """A producer began to send a value.

    `crc` is the checksum of its batch, which names it wherever it is stored (but for a topic with
    `message.timestamp.type=LogAppendTime`, whose leader stamps another time). A batch holds no more
    than values and times, so equal values of one millisecond have one checksum: `number` counts the
    records that this client sent, and tells their sends apart. `key` is empty where there is none.
    """

    partition: str
    value: str
    acks: int
    crc: int
    number: int = 0
    key: str = ""

    def sentence(self) -> str:
        return f"A producer sends {self.value} to {self.partition} with {acks_text(self.acks)}."


@dataclass(frozen=True, slots=True)
class SendEnded(Event):
    """How a send ended for its producer.

    `outcome` is "ok" (it is in the log), "fail" (it certainly is not) or "info" (nobody knows);
    `offset` is -1 where none was told, `error` Kafka's name or empty. `crc` and `number` are those
    of its `RecordSent`.
    """

    partition: str
    value: str
    acks: int
    outcome: str
    offset: int
    error: str
    crc: int
    number: int = 0

    def sentence(self) -> str:
        outcomes = {"ok": "is acknowledged", "fail": "fails", "info": "ends, and nobody knows how"}
        how = outcomes.get(self.outcome, self.outcome)
        where = f" at offset {self.offset}" if self.offset >= 0 else ""
        why = f": {self.error}" if self.error else ""
        return f"The send of {self.value} to {self.partition} {how}{where}{why}."


@dataclass(frozen=True, slots=True)
class RecordRead(Event):
    """A consumer was given a record, below the high watermark of `broker`."""

    partition: str
    offset: int
    value: str
    epoch: int
    broker: int

    def sentence(self) -> str:
        where = f"at offset {self.offset} of {self.partition}"
        return (
            f"A consumer reads {self.value} {where} from broker {self.broker}, epoch {self.epoch}."
        )


@dataclass(frozen=True, slots=True)
class ReadEnded(Event):
    """A consumer's read came to its end: so many records, or Kafka's name of the error.

    `high_watermark` is what `broker` said in the last answer: -1 where it said none, and both are
    -1 where no answer came.
    """

    partition: str
    next_offset: int
    records: int
    error: str
    high_watermark: int
    broker: int  # who answered last

    def sentence(self) -> str:
        why = f": {self.error}" if self.error else ""
        end = f"at offset {self.next_offset}, after {count_text(self.records, 'record')}"
        whose = f" from broker {self.broker}" if self.broker >= 0 else ""
        return f"A consumer ends its read of {self.partition}{whose} {end}{why}."
