"""A cluster in a cell: start it, disturb it, look at it, go back, and try it the other way."""

from collections.abc import Mapping, Sequence
from typing import Any

from kafkabook.base.machine import Address
from kafkabook.base.names import TopicPartition
from kafkabook.clients.raw_client import Reading, Sent, acks_number
from kafkabook.cluster.config import as_text
from kafkabook.lab.journaled import Journaled
from kafkabook.lab.pictures import Description, Layout, describe, layout, snapshot
from kafkabook.protocol.admin_api import (
    AlteredConfigs,
    Assignment,
    CreatePartitionsRequest,
    CreateTopicsRequest,
    DeleteRecordsRequest,
    DeleteTopicsRequest,
    ElectLeadersRequest,
    GrownTopic,
    IncrementalAlterConfigsRequest,
    NewTopic,
    Settings,
)
from kafkabook.records.compression import Codec
from kafkabook.replication.facts import PartitionState
from kafkabook.replication.snapshots import PartitionSnapshot


class Lab(Journaled):
    """Brokers, a controller and clients in virtual time. Nothing happens while nobody asks.

    Args:
        brokers: how many, numbered from 1.
        racks: `broker.rack` of each; none if omitted.
        version: "4.x", today's Kafka, or "2.x", that of ZooKeeper's time: settings and rules.
        seed: decides what nobody decides; the same commands give the same trace, to the byte.
        rules: the parts; those of the version if omitted.
        config: the settings of the nodes; those of the version if omitted.
        tell_messages: whether the trace tells of every message too.
        is_watched: whether the checkers look at every event.

    Simplified: one controller that does not fail; a crash is seen by heartbeats alone.
    Cost: some 50 µs an event.

    >>> lab = Lab(brokers=3)
    >>> lab.create_topic("orders", assignment=[[1, 2, 3]])
    ((1, 2, 3),)
    >>> lab.produce("m1")
    m1: acknowledged at offset 0
    >>> lab.crash(1)
    >>> lab.run_until(lambda: lab.leader("orders") == 2)
    >>> lab.read("orders")
    ['m1']
    """

    # --- topics --------------------------------------------------------------------------------

    def create_topic(
        self,
        topic: str,
        *,
        partitions: int = 1,
        replication_factor: int = 3,
        assignment: Sequence[Sequence[int]] | None = None,
        **settings: Any,
    ) -> Assignment:
        """Create a topic, and wait until its leaders know; return the replicas of each partition.

        Args:
            assignment: brokers per partition, preferred leader first; placed by rule if omitted.
            settings: of the topic, such as `min_insync_replicas=2`.

        Raises:
            KafkaError: see `ReplicationControl`.
        """
        sizes = (partitions, replication_factor) if assignment is None else (-1, -1)
        new = NewTopic(topic, *sizes, _fixed(assignment), _texts(settings))
        return self._placed(CreateTopicsRequest((new,)))

    def add_partitions(
        self, topic: str, total: int, *, assignment: Sequence[Sequence[int]] | None = None
    ) -> Assignment:
        """Let a topic grow to `total` partitions; return the replicas of the new ones.

        What is in the old ones stays there, so a key may have records in two partitions.

        Raises:
            KafkaError: see `ReplicationControl`.
        """
        grown = GrownTopic(topic, total, _fixed(assignment))
        return self._placed(CreatePartitionsRequest((grown,)))

    def delete_topic(self, topic: str) -> None:
        """Delete a topic."""
        self.ask(DeleteTopicsRequest((topic,)))

    def alter_topic(self, topic: str, **settings: Any) -> None:
        """Change settings of a topic; None gives one back to its default."""
        asked = AlteredConfigs(topic, _texts(settings))
        self.ask(IncrementalAlterConfigsRequest((asked,)))

    def delete_records(self, topic: str = "", partition: int = 0, before_offset: int = -1) -> int:
        """Let a partition begin at an offset, -1 for its high watermark; return its low watermark.

        Raises:
            KafkaError: OFFSET_OUT_OF_RANGE, POLICY_VIOLATION; see `RequestHandlers`.
        """
        name = TopicPartition(self._topic(topic), partition)
        low_watermark: int = self.ask(DeleteRecordsRequest(((name, before_offset),))).low_watermark
        return low_watermark

    def elect(self, topic: str = "", partition: int = 0, how: str = "preferred") -> int | None:
        """Hold a "preferred" or an "unclean" election; return the leader.

        Raises:
            KafkaError: see `ReplicationControl`.
        """
        name = TopicPartition(self._topic(topic), partition)
        self.ask(ElectLeadersRequest(how, (name,)))
        return self.leader(topic, partition)

    def ask(self, request: object, *, wait_ms: int = 120_000) -> Any:
        """Send a request of an administrator, run until it is answered, and return the answer.

        Raises:
            KafkaError: the answer is an error, or there is none.
        """
        asked = self.begin("ask", request)
        self.run_until(
            lambda: asked.is_done,
            within_ms=wait_ms,
            waiting_for=f"the answer to {type(request).__name__}",
        )
        return asked.result()

    def begin(self, verb: str, *arguments: Any, **options: Any) -> Any:
        """Do a command by its name, and run nothing; return what it began."""
        return self._do(verb, *arguments, **options)

    def _placed(self, request: object) -> Assignment:
        placed: Assignment = self.ask(request).placed
        self._settle()
        return placed

    def make_leader(self, broker: int, topic: str = "", partition: int = 0) -> None:
        """Begin a new term under a broker; no tool of Kafka does that, scenarios of history do."""
        self._do("make_leader", TopicPartition(self._topic(topic), partition), broker)

    # --- clients -------------------------------------------------------------------------------

    def send(
        self,
        value: str,
        topic: str = "",
        partition: int = 0,
        *,
        acks: str | int = "all",
        to: int | None = None,
        retries: int = 3,
        client: str = "producer-1",
    ) -> Sent:
        """Begin to send a value, and do not wait; the answer tells how it ended, once it has.

        Args:
            acks: "all", 1 or 0. to: a broker to send to, whoever leads.
            retries: how often to try again what was certainly not written.
        """
        how = {"acks": acks_number(acks), "to": to, "retries": retries, "client": client}
        name = TopicPartition(self._topic(topic), partition)
        return self._do("send", value, name, **how)  # type: ignore[no-any-return]

    def send_batch(
        self,
        values: Sequence[str],
        topic: str = "",
        partition: int = 0,
        *,
        acks: str | int = "all",
        compression_type: str = "gzip",
        to: int | None = None,
        retries: int = 3,
        client: str = "producer-1",
    ) -> tuple[Sent, ...]:
        """Begin to send values as one batch, and do not wait; each tells how it ended."""
        how = {"acks": acks_number(acks), "to": to, "retries": retries, "client": client}
        how["codec"] = Codec[compression_type.upper()]
        name = TopicPartition(self._topic(topic), partition)
        return self._do("send_batch", tuple(values), name, **how).batch  # type: ignore[no-any-return]

    def produce(
        self, value: str, topic: str = "", partition: int = 0, *, wait_ms: int = 60_000, **how: Any
    ) -> Sent:
        """Send a value and run until the producer knows how that ended."""
        sent = self.send(value, topic, partition, **how)
        self.run_until(lambda: sent.is_done, within_ms=wait_ms, waiting_for=f"{value}'s answer")
        return sent

    def start_reading(
        self,
        topic: str = "",
        partition: int = 0,
        *,
        offset: int = 0,
        broker: int | None = None,
        rack: str | None = None,
        client: str = "consumer-1",
    ) -> Reading:
        """Begin to read from an offset on, and do not wait."""
        name = TopicPartition(self._topic(topic), partition)
        how = {"broker": broker, "rack": rack, "client": client}
        return self._do("read", name, offset, **how)  # type: ignore[no-any-return]

    def read(self, topic: str = "", partition: int = 0, **how: Any) -> list[str]:
        """Read a partition up to its high watermark; return the values.

        Raises:
            LookupError: nobody leads it, or who should answer does not; Kafka's name of the error.
        """
        reading = self.start_reading(topic, partition, **how)
        self.run_until(lambda: reading.is_done, waiting_for="the records")
        if reading.error:
            raise LookupError(f"{reading.partition}: {reading.error}")
        return reading.values

    # --- faults --------------------------------------------------------------------------------

    def crash(self, broker: int) -> None:
        """Kill a broker's process (`kill -9`); the page cache stays."""
        self._do("crash", broker)

    def restart(self, broker: int) -> None:
        """Start a broker's process again."""
        self._do("restart", broker)

    def stop(self, broker: int) -> None:
        """Stop a broker cleanly: leadership moves away first. Run on until it is over."""
        self._do("stop", broker)

    def power_off(self, *brokers: int, lucky_bytes: int = 0) -> None:
        """Cut the power; of what was not flushed, `lucky_bytes` of each file remain."""
        self._do("power_off", *brokers, lucky_bytes=lucky_bytes)

    def lose_disk(self, broker: int) -> None:
        """Replace a broker's disk by an empty one."""
        self._do("lose_disk", broker)

    def damage(self, broker: int, file: str, at_byte: int, bit: int = 0) -> None:
        """Flip a bit of a file on a broker's disk."""
        self._do("damage", broker, file, at_byte, bit)

    def flush(self, broker: int) -> None:
        """Let a machine write its dirty pages."""
        self._do("flush", broker)

    def pause(self, broker: int) -> None:
        """Let a process stand still."""
        self._do("pause", broker)

    def resume(self, broker: int) -> None:
        """Let a paused process go on."""
        self._do("resume", broker)

    def reset(self, one: Address, other: Address) -> None:
        """Break every connection between two: what is on its way there is lost together."""
        self._do("reset", one, other)

    def cut(self, one: Address, other: Address) -> None:
        """Let nothing pass between two, such as `cut(1, "controller")`, until it is healed."""
        self._do("cut", one, other)

    def heal(self, one: Address | None = None, other: Address | None = None) -> None:
        """Mend one link, or all."""
        self._do("heal", one, other)

    def slow(self, broker: int, extra_ms: int) -> None:
        """Delay everything between a broker and the others."""
        self._do("slow", broker, extra_ms)

    def heal_everything(self) -> None:
        """End every fault."""
        self._do("heal_everything")

    def come_to_rest(self) -> None:
        """Say that a run is over: checkers now ask whether all copies are equal."""
        self._do("come_to_rest")

    def hold(
        self, name: str | None, sender: Address | None = None, receiver: Address | None = None
    ) -> None:
        """Hold back messages by name, such as `hold("Fetch", 2, 1)`; None means any."""
        self._do("hold", name, sender, receiver)

    def release(
        self, name: str | None, sender: Address | None = None, receiver: Address | None = None
    ) -> None:
        """End a hold; its messages go on."""
        self._do("release", name, sender, receiver)

    def deliver(
        self, name: str | None, sender: Address | None = None, receiver: Address | None = None
    ) -> None:
        """Hand over the oldest such message now, and what follows from it at once."""
        self._do("deliver", name, sender, receiver)
        self.step()

    def drop(
        self, name: str | None, sender: Address | None = None, receiver: Address | None = None
    ) -> None:
        """Lose the oldest such message in flight."""
        self._do("drop", name, sender, receiver)

    def double(
        self, name: str | None, sender: Address | None = None, receiver: Address | None = None
    ) -> None:
        """Let the oldest such message in flight arrive twice."""
        self._do("double", name, sender, receiver)

    def drop_next(
        self, name: str | None, sender: Address | None, receiver: Address | None, count: int = 1
    ) -> None:
        """Lose the next such messages that are sent."""
        self._do("drop_next", name, sender, receiver, count)

    def double_next(
        self, name: str | None, sender: Address | None, receiver: Address | None, count: int = 1
    ) -> None:
        """Let the next such messages that are sent arrive twice."""
        self._do("double_next", name, sender, receiver, count)

    # --- looking -------------------------------------------------------------------------------

    def leader(self, topic: str = "", partition: int = 0) -> int | None:
        """Return who leads a partition, by the controller's word; None if nobody does."""
        return self._state(topic, partition).leader

    def isr(self, topic: str = "", partition: int = 0) -> frozenset[int]:
        """Return who is in sync, by the controller's word."""
        return self._state(topic, partition).isr

    def describe(self, topic: str = "") -> Description:
        """Return what `kafka-topics.sh --describe` would print."""
        return describe(self.world, self._topic(topic))

    def layout(self) -> Layout:
        """Return where replicas, racks and leaders are; a notebook draws a lab by it."""
        return layout(self.world)

    def snapshot(self, topic: str = "", partition: int = 0) -> PartitionSnapshot:
        """Return a partition's lanes as they are now; a notebook draws them."""
        name = TopicPartition(self._topic(topic), partition)
        acked = (s for s in self._sent if s.partition == name and s.outcome == "ok" and s.acks)
        told = frozenset((sent.offset, sent.value) for sent in acked)
        return snapshot(self.world, name, told)

    def _state(self, topic: str, partition: int) -> PartitionState:
        name = TopicPartition(self._topic(topic), partition)
        return self.world.controller.image.partitions[name]

    def __repr__(self) -> str:
        topics = ", ".join(self.world.controller.image.topics) or "no topics"
        running = sum(host.is_running for host in self.world.hosts.values())
        brokers = f"{running} of {len(self.world.hosts)} brokers running"
        return f"Lab({brokers}, {topics}, t={self.now_ms} ms, {len(self.trace)} entries)"


def _fixed(assignment: Sequence[Sequence[int]] | None) -> Assignment | None:
    return None if assignment is None else tuple(tuple(replicas) for replicas in assignment)


def _texts(settings: Mapping[str, Any]) -> Settings:
    """Write settings as a request carries them: Kafka's names, values as text."""
    return tuple((name.replace("_", "."), as_text(value)) for name, value in settings.items())
