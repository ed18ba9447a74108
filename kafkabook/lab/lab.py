"""A cluster in a cell: start it, disturb it, look at it, go back, and try it the other way."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

from kafkabook.base.door import must_be, must_be_called, must_be_whole, with_a_door
from kafkabook.base.errors import (
    Errors,
    KafkaError,
    NothingRead,
    UnknownName,
    WrongType,
    WrongValue,
)
from kafkabook.base.in_order import InOrder
from kafkabook.base.machine import Address
from kafkabook.base.names import TopicPartition
from kafkabook.base.shown import Shown, Watcher, made_of, who_watches
from kafkabook.base.trace import Entry, Event, Trace, event_kind
from kafkabook.checkers.all import CLUSTER_CHECKERS
from kafkabook.checkers.cluster_watch import ClusterWatch
from kafkabook.checkers.log_watch import LogsOfBrokers
from kafkabook.clients.admin import Asked
from kafkabook.clients.raw_client import Reading, Sent
from kafkabook.cluster.config import ClusterConfig, as_text
from kafkabook.cluster.view import ClusterView
from kafkabook.lab.broker_commands import (
    Crash,
    Damage,
    Flush,
    LoseDisk,
    Pause,
    PowerOff,
    Restart,
    Resume,
    Stop,
)
from kafkabook.lab.client_commands import (
    AddPartitions,
    AlterBroker,
    AlterTopic,
    Ask,
    CreateTopic,
    DeleteRecords,
    DeleteTopic,
    Elect,
    MakeLeader,
    SendBatch,
    SendRecord,
    StartReading,
)
from kafkabook.lab.command import Command
from kafkabook.lab.journal import Journal, JournalLine, Marked, Moment, RanEvents, RanUntil
from kafkabook.lab.looks import Looks, MessageLooks, brokers_of, messages_of, topics_of
from kafkabook.lab.network_commands import (
    ComeToRest,
    Cut,
    DeliverMessage,
    DoubleMessage,
    DoubleNext,
    DropMessage,
    DropNext,
    Heal,
    HealEverything,
    HoldMessages,
    ReleaseMessages,
    Reset,
    RestartEverything,
    Slow,
)
from kafkabook.lab.pictures import Description, Layout, describe, layout, snapshot
from kafkabook.lab.rules import LabVersion, Rules, config_of, rules_of
from kafkabook.lab.words import check_lab, check_settings
from kafkabook.lab.world import World
from kafkabook.protocol.admin_api import Assignment, Settings
from kafkabook.replication.facts import PartitionState
from kafkabook.replication.snapshots import PartitionSnapshot

PATIENCE_MS = 120_000
FOREVER_MS = 10**12


@with_a_door
class Lab(Shown):
    """Brokers, a controller and clients in virtual time. Nothing happens while nobody asks.

    Make it:
        create_topic     make a topic, and wait until its leaders know
        add_partitions   let a topic grow
        alter_topic      change settings of a topic
        alter_broker     change settings of a broker, or of all by default
        delete_topic     delete a topic
        delete_records   let a partition begin later
        elect            ask for another leader
        make_leader      begin a leader epoch, which no tool of Kafka does
        ask              send any request of an administrator

    Use it as a client:
        produce          send a value, and wait for the answer
        send             send a value, and do not wait
        send_batch       send values as one batch, and do not wait
        read             read up to the high watermark; return the values
        start_reading    begin to read, and do not wait

    Disturb it:
        crash, restart   kill a process (kill -9), and start it again
        stop             stop a broker cleanly
        pause, resume    let a process stand still, and go on
        power_off        cut the power: what was not flushed is gone
        lose_disk        put an empty disk in
        damage           flip a bit of a file
        flush            let a machine write its dirty pages
        cut, heal        let nothing pass between two, and mend that
        reset            break the connections between two
        slow             delay what passes between a broker and the others
        hold, release    hold messages back by name, and let them go on
        deliver, drop, double
                         hand over, lose or double one message
        drop_next, double_next
                         lose or double the next ones
        heal_everything  end cuts, delays, holds and pauses
        restart_everything
                         end every fault, and start who is down
        come_to_rest     say that a run is over, and checkers may compare
        do               carry out a command of the table

    Let time pass:
        run_for          for a virtual time in ms
        run_until        until something holds
        run_to           to a time, or until something happens
        step             one event, or some

    Look:
        topics, brokers, messages
                         what there is, one line each
        leader, isr      who leads, who is in sync
        describe         what kafka-topics.sh --describe prints
        sends            all that clients have sent
        now_ms           virtual time
        view             everything, as frozen values
        check            assert what always holds
        watch_logs       let checkers look into the logs of brokers, too

    Go back:
        mark             give this moment a name
        at               the lab as it was at a moment
        fork             the other future from a moment on
        refused          what made no sense in that future

    Show:
        snapshot         a partition's replicas, as a picture
        layout           where everything is
        film             what has happened, as a film
        show             the cluster as a stage to touch

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
    m1: acknowledged at offset 0 after 12 ms
    >>> lab.crash(1)
    >>> lab.run_until(lambda: lab.leader("orders") == 2)
    >>> lab.read("orders")
    ['m1']
    """

    def __init__(
        self,
        brokers: int = 3,
        *,
        racks: Sequence[str | None] | None = None,
        version: LabVersion = "4.x",
        seed: int = 7,
        rules: Rules | None = None,
        config: ClusterConfig | None = None,
        tell_messages: bool = True,
        is_watched: bool = True,
    ) -> None:
        check_lab(brokers, racks, version, seed, (rules, config))
        self.rules = rules_of(version) if rules is None else rules
        self.config = config_of(version) if config is None else config
        self._made: dict[str, Any] = {
            "brokers": brokers,
            "racks": tuple(racks) if racks is not None else (None,) * brokers,
            "config": self.config,
            "rules": self.rules,
            "seed": seed,
            "tell_messages": tell_messages,
        }
        self._is_watched = is_watched
        self._refused: list[str] = []  # commands that made no sense in this fork
        self._repeated: list[tuple[JournalLine, Asked]] = []  # what it asked for again
        self._begin(stop_at=None)

    # --- topics ----------------------------------------------------------------------------------

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
        check_settings("create_topic", settings, ("partitions", "replication_factor", "assignment"))
        fixed = _fixed(assignment)
        command = CreateTopic(topic, partitions, replication_factor, fixed, _texts(settings))
        return self._placed(command)

    def add_partitions(
        self, topic: str, total: int, *, assignment: Sequence[Sequence[int]] | None = None
    ) -> Assignment:
        """Let a topic grow to `total` partitions; return the replicas of the new ones.

        What is in the old ones stays there, so a key may have records in two partitions.

        Raises:
            KafkaError: see `ReplicationControl`.
        """
        return self._placed(AddPartitions(topic, total, _fixed(assignment)))

    def delete_topic(self, topic: str) -> None:
        """Delete a topic."""
        self._answered(DeleteTopic(topic))

    def alter_topic(self, topic: str, **settings: Any) -> None:
        """Change settings of a topic; None gives one back to its default."""
        self._answered(AlterTopic(topic, _texts(settings)))

    def alter_broker(self, broker: int | None = None, **settings: Any) -> None:
        """Change settings of a broker while it runs, or without one the default of all brokers.

        None takes a setting away. These act: `min_insync_replicas`, what a broker says where a
        topic says nothing (`log_retention_ms`, `log_retention_bytes`, `log_segment_bytes`,
        `log_cleanup_policy`, `log_segment_delete_delay_ms`, `log_flush_interval_messages`,
        `log_flush_interval_ms`), and for all brokers `unclean_leader_election_enable`. What else
        Kafka lets one alter is kept and described.
        """
        self._answered(AlterBroker(broker, _texts(settings)))

    def delete_records(self, topic: str = "", partition: int = 0, before_offset: int = -1) -> int:
        """Let a partition begin at an offset, -1 for its high watermark; return its low watermark.

        Raises:
            KafkaError: OFFSET_OUT_OF_RANGE, POLICY_VIOLATION; see `RequestHandlers`.
        """
        asked = DeleteRecords(self._named(topic, partition), before_offset)
        low_watermark: int = self._answered(asked).low_watermark
        return low_watermark

    def elect(self, topic: str = "", partition: int = 0, how: str = "preferred") -> int | None:
        """Hold a "preferred" or an "unclean" election; return the leader.

        Raises:
            KafkaError: see `ReplicationControl`.
        """
        self._answered(Elect(how, self._named(topic, partition)))
        return self.leader(topic, partition)

    def ask(self, request: object, *, wait_ms: int = 120_000) -> Any:
        """Send a request of an administrator, run until it is answered, and return the answer.

        Raises:
            KafkaError: the answer is an error, or there is none.
        """
        return self._answered(Ask(request), wait_ms=wait_ms)

    def make_leader(self, broker: int, topic: str = "", partition: int = 0) -> None:
        """Begin a leader epoch under a broker; no tool of Kafka does that, some scenarios do."""
        self.do(MakeLeader(self._named(topic, partition), broker))

    # --- clients ---------------------------------------------------------------------------------

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
        key: str | None = None,
    ) -> Sent:
        """Begin to send a value, and do not wait; the answer tells how it ended, once it has.

        Args:
            acks: "all", 1 or 0. to: a broker to send to, whoever leads.
            retries: how often to try again what was certainly not written.
            key: of the record; a compacted topic refuses records without one.
        """
        name = self._named(topic, partition)
        sent: Sent = self.do(SendRecord(value, name, acks, to, retries, client, key))
        return sent

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
        name, sent = self._named(topic, partition), tuple(values)
        command = SendBatch(name, acks, compression_type, to, retries, client, sent)
        first: Sent = self.do(command)
        return first.batch

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
        wait_ms: int = 0,
    ) -> Reading:
        """Begin to read from an offset on, and do not wait; the client itself may, at the end."""
        name = self._named(topic, partition)
        reading: Reading = self.do(StartReading(name, offset, broker, client, rack, wait_ms))
        return reading

    def read(self, topic: str = "", partition: int = 0, **how: Any) -> list[str]:
        """Read a partition up to its high watermark; return the values.

        Args:
            how: `offset` (where to begin; 0 if omitted), and what else `start_reading` takes.

        Raises:
            LookupError: nobody leads it, or who should answer does not, or the log starts later by
                now; Kafka's name of the error.
        """
        reading = self.start_reading(topic, partition, **how)
        self.run_until(lambda: reading.is_done)  # it ends by its own time-out at the latest
        if reading.error:
            raise NothingRead(f"{reading.partition}: {reading.error}{self._range_told(reading)}")
        return reading.values

    def _range_told(self, reading: Reading) -> str:
        """Say from where on there are records, to who asked for others."""
        name = reading.partition
        leader = self.view.partitions[name].leader if name in self.view.partitions else None
        if reading.error != Errors.OFFSET_OUT_OF_RANGE.name or leader is None:
            return ""
        log = self.view.replica(name, leader)
        told = f"the log of broker {leader} starts at offset {log.log_start}"
        return f"; {told}, and can be read up to {log.high_watermark}: read(offset={log.log_start})"

    # --- faults ----------------------------------------------------------------------------------

    def crash(self, broker: int) -> None:
        """Kill a broker's process (`kill -9`); the page cache stays."""
        self.do(Crash(broker))

    def restart(self, broker: int) -> None:
        """Start a broker's process again."""
        self.do(Restart(broker))

    def stop(self, broker: int) -> None:
        """Stop a broker cleanly: leadership moves away first. Run on until it is over."""
        self.do(Stop(broker))

    def power_off(self, *brokers: int, lucky_bytes: int = 0) -> None:
        """Cut the power; of what was not flushed, `lucky_bytes` of each file remain."""
        self.do(PowerOff(*brokers, lucky_bytes=lucky_bytes))

    def lose_disk(self, broker: int) -> None:
        """Replace a broker's disk by an empty one."""
        self.do(LoseDisk(broker))

    def damage(self, broker: int, file: str, at_byte: int, bit: int = 0) -> None:
        """Flip a bit of a file on a broker's disk."""
        self.do(Damage(broker, file, at_byte, bit))

    def flush(self, broker: int) -> None:
        """Let a machine write its dirty pages."""
        self.do(Flush(broker))

    def pause(self, broker: int) -> None:
        """Let a process stand still."""
        self.do(Pause(broker))

    def resume(self, broker: int) -> None:
        """Let a paused process go on."""
        self.do(Resume(broker))

    def reset(self, one: Address, other: Address) -> None:
        """Break every connection between two: what is on its way there is lost together."""
        self.do(Reset(one, other))

    def cut(self, one: Address, other: Address) -> None:
        """Let nothing pass between two, such as `cut(1, "controller")`, until it is healed."""
        self.do(Cut(one, other))

    def heal(self, one: Address | None = None, other: Address | None = None) -> None:
        """Mend one link, or all."""
        self.do(Heal(one, other))

    def slow(self, broker: int, extra_ms: int) -> None:
        """Delay everything between a broker and the others."""
        self.do(Slow(broker, extra_ms))

    def heal_everything(self) -> None:
        """End cuts, delays, holds and pauses; whoever is down stays down."""
        self.do(HealEverything())

    def restart_everything(self) -> None:
        """End every fault, and start every broker that is down."""
        self.do(RestartEverything())

    def come_to_rest(self) -> None:
        """Say that a run is over: checkers now ask whether all copies are equal."""
        self.do(ComeToRest())

    def hold(
        self, name: str | None, sender: Address | None = None, receiver: Address | None = None
    ) -> None:
        """Hold back messages by name, such as `hold("Fetch", 2, 1)`; None means any."""
        self.do(HoldMessages(name, sender, receiver))

    def release(
        self, name: str | None, sender: Address | None = None, receiver: Address | None = None
    ) -> None:
        """End a hold; its messages go on."""
        self.do(ReleaseMessages(name, sender, receiver))

    def deliver(
        self, name: str | None, sender: Address | None = None, receiver: Address | None = None
    ) -> None:
        """Hand over the oldest such message now, and what follows from it at once."""
        self.do(DeliverMessage(name, sender, receiver))
        self.step()

    def drop(
        self, name: str | None, sender: Address | None = None, receiver: Address | None = None
    ) -> None:
        """Lose the oldest such message in flight."""
        self.do(DropMessage(name, sender, receiver))

    def double(
        self, name: str | None, sender: Address | None = None, receiver: Address | None = None
    ) -> None:
        """Let the oldest such message in flight arrive twice."""
        self.do(DoubleMessage(name, sender, receiver))

    def drop_next(
        self, name: str | None, sender: Address | None, receiver: Address | None, count: int = 1
    ) -> None:
        """Lose the next such messages that are sent."""
        self.do(DropNext(name, sender, receiver, count))

    def double_next(
        self, name: str | None, sender: Address | None, receiver: Address | None, count: int = 1
    ) -> None:
        """Let the next such messages that are sent arrive twice."""
        self.do(DoubleNext(name, sender, receiver, count))

    # --- time ------------------------------------------------------------------------------------

    @property
    def now_ms(self) -> int:
        """Virtual time, in milliseconds."""
        return self.world.now_ms

    def step(self, events: int = 1) -> None:
        """Run some events: messages that arrive, timers that go off."""
        must_be_whole("step", "events", events)
        kernel = self.world.kernel
        last = kernel.steps + events
        self.run_until(lambda: kernel.steps >= last, within_ms=FOREVER_MS)

    def run_for(self, span_ms: int) -> None:
        """Let virtual time pass.

        Raises:
            TypeError, ValueError: the span is no whole number of ms, or less than none.
        """
        must_be_whole("run_for", "span_ms", span_ms)
        self._pass(self.now_ms + span_ms)
        self._note(RanUntil(self.now_ms))

    def run_until(
        self, when: Callable[[], bool], *, within_ms: int = PATIENCE_MS, waiting_for: str = ""
    ) -> None:
        """Run until `when()` holds.

        Raises:
            LimitReached: it does not within `within_ms`; says what was still to come.
            TypeError: `when` cannot be asked.
        """
        told = "something to ask again and again, such as lambda: lab.leader() == 2"
        must_be_called("run_until", "when", when, told=told)
        must_be_whole("run_until", "within_ms", within_ms)
        kernel = self.world.kernel
        began = kernel.steps
        try:
            self._run(when, within_ms=within_ms, waiting_for=waiting_for)
        finally:
            self._note(RanEvents(kernel.steps - began))

    def run_to(self, moment: int | str | type[Event], *, within_ms: int = PATIENCE_MS) -> None:
        """Run to a virtual time in ms, or until something happens, such as "BrokerFenced".

        Raises:
            INVALID_REQUEST: that time has passed. LookupError: no event has that name.
            LimitReached: it does not happen within `within_ms`.
        """
        if isinstance(moment, int):
            if moment < self.now_ms:
                raise KafkaError(
                    Errors.INVALID_REQUEST, f"t={moment} ms has passed; it is t={self.now_ms} ms"
                )
            self.run_for(moment - self.now_ms)
            return
        kind = self._kind(moment)
        must_be_whole("run_to", "within_ms", within_ms)
        seen = len(self.trace.of(kind))
        self.run_until(
            lambda: len(self.trace.of(kind)) > seen,
            within_ms=within_ms,
            waiting_for=kind.__name__,
        )

    def _kind(self, moment: object) -> type[Event]:
        """Return the kind of event that somebody waits for."""
        if isinstance(moment, str) and moment in self.journal.labels():
            raise WrongValue(
                f"run_to: {moment!r} is a mark, which lies behind; at({moment!r}) goes back"
            )
        if not isinstance(moment, str | type):
            told = "a time in ms, or a kind of event such as 'BrokerFenced'"
            raise WrongType(f"run_to: moment must be {told}, not {moment!r}")
        try:
            return event_kind(moment)
        except LookupError as error:
            also = "" if "did you mean" in str(error) else "; give one, or a time in ms"
            raise UnknownName(f"run_to: {error}{also}") from None

    def mark(self, label: str) -> None:
        """Give this moment a name, by which `at` and `fork` find it."""
        must_be(str, "text", "mark", "label", label)
        self._note(Marked(label))

    def at(self, moment: Moment) -> Self:
        """Return this lab as it was at a moment: everything is done again up to there.

        Args:
            moment: an entry of the trace, such as `lab.trace.of("BrokerFenced")[0]`: it stops
                behind the event that told it. Or a virtual time in ms: what was due then has
                happened. Or a label given by `mark`.

        Raises:
            INVALID_REQUEST: this lab had no such moment.
        """
        return self._until(moment)[0]

    def fork(self, moment: Moment, change: Callable[[Self], object]) -> Self:
        """Return the other future: as it was at `moment`, then `change`, then the same commands.

        Where this lab ran until something held, the other one runs for the same virtual time.
        Commands that make no sense any more are left out, and listed in `refused`.

        Raises:
            INVALID_REQUEST: this lab had no such moment.
        """
        told = "something to do with the other lab, such as lambda other: other.crash(1)"
        must_be_called("fork", "change", change, told=told)
        other, done = self._until(moment)
        change(other)
        for line in self.journal[done:]:
            other._repeat(line)
        return other

    @property
    def refused(self) -> list[str]:
        """The commands that made no sense in this fork, or that the cluster refused in it."""
        asked = ((line, _error(it)) for line, it in self._repeated)
        return self._refused + [f"{line}: {error}" for line, error in asked if error]

    # --- looking ---------------------------------------------------------------------------------

    @property
    def view(self) -> ClusterView:
        """The cluster as it is now: brokers, partitions, replicas, messages."""
        return self.world.view()

    @property
    def topics(self) -> Looks:
        """The topics by name, each as a line: its partitions, who leads them, who is in sync."""
        return topics_of(self.view)

    @property
    def brokers(self) -> Looks:
        """The brokers by number, each as a line: whether it runs, its rack, what it leads."""
        return brokers_of(self.view)

    @property
    def messages(self) -> MessageLooks:
        """The messages on their way, and the names of all that `hold` takes."""
        return messages_of(self.view)

    @property
    def sends(self) -> tuple[Sent, ...]:
        """Everything that clients have sent, in order."""
        return tuple(self._sent)

    def leader(self, topic: str = "", partition: int = 0) -> int | None:
        """Return who leads a partition, by the controller's metadata; None if nobody does."""
        return self._state(topic, partition).leader

    def isr(self, topic: str = "", partition: int = 0) -> frozenset[int]:
        """Return who is in sync, by the controller's metadata."""
        return InOrder(self._state(topic, partition).isr)

    def describe(self, topic: str = "") -> Description:
        """Return what `kafka-topics.sh --describe` would print."""
        has_elr, view = self.rules.cluster.is_elr_enabled, self.view
        return describe(view, _topic_in(view.topics, topic), self.config, has_elr=has_elr)

    def layout(self) -> Layout:
        """Return where replicas, racks and leaders are; a notebook draws a lab by it."""
        return layout(self.view)

    def snapshot(self, topic: str = "", partition: int = 0) -> PartitionSnapshot:
        """Return a partition's lanes as they are now; a notebook draws them."""
        name = self._named(topic, partition)
        acked = (s for s in self._sent if s.partition == name and s.outcome == "ok" and s.acks)
        told = frozenset((sent.offset, sent.value) for sent in acked)
        return snapshot(self.view, name, told)

    def film(self, *words: Any, **how: Any) -> Any:
        """Return what has happened so far as a film; a notebook plays it.

        Args:
            words: none; each word has its name.
            how: `title`, `partition`, `since` (an entry's number), `guess`, `beside` (another lab,
                which is played in step); see `viz.films`.
        """
        return made_of(self, "film", *words, **how)

    def show(self, *words: Any, **how: Any) -> Any:
        """Return this lab as a stage that a notebook shows: click on what you want to disturb.

        Args:
            words: none; each word has its name.
            how: `title`, `partition`; see `viz.films`.
        """
        return made_of(self, "stage", *words, **how)

    def check(self) -> None:
        """Assert what always holds inside each broker.

        Raises:
            AssertionError: it does not.
        """
        self.world.check()

    def __repr__(self) -> str:
        view = self.view
        topics = ", ".join(view.topics) or "no topics"
        running = sum(broker.is_running for broker in view.brokers)
        brokers = f"{running} of {len(view.brokers)} brokers running"
        return f"Lab({brokers}, {topics}, t={self.now_ms} ms, {len(self.trace)} entries)"

    # --- commands --------------------------------------------------------------------------------

    def do(self, command: Command) -> Any:
        """Carry out a command of the table, and write it down; return what it began.

        Raises:
            KafkaError: it makes no sense now; then nothing has happened, and nothing is written.
            TypeError: a field of it is of the wrong kind; likewise.
        """
        told = "a command, such as Crash(1); lab.crash(1) does the same"
        must_be(Command, told, "do", "command", command)
        command.check()
        self.world.network.cause = command.verb
        answer = command.do(self.world)
        if isinstance(answer, Sent):
            self._sent += answer.batch
        self._note(command)
        return answer

    def _answered(self, command: Command, *, wait_ms: int = PATIENCE_MS) -> Any:
        """Let an administrator ask, and run until there is an answer."""
        asked: Asked = self.do(command)
        request = type(asked.request).__name__
        self.run_until(
            lambda: asked.is_done, within_ms=wait_ms, waiting_for=f"the answer to {request}"
        )
        return asked.result()

    def _placed(self, command: Command) -> Assignment:
        """Let an administrator make partitions, and run until their leaders know."""
        placed: Assignment = self._answered(command).placed
        self.run_until(self.world.leaders_know, waiting_for="the leaders to learn of it")
        return placed

    def _named(self, topic: str, partition: int) -> TopicPartition:
        """Name a partition that there is.

        Raises:
            UNKNOWN_TOPIC_OR_PARTITION: the topic has none of that number.
        """
        view = self.view
        topic = _topic_in(view.topics, topic)
        name = TopicPartition(topic, partition)
        if name not in view.partitions or isinstance(partition, str | bool):
            last = len(view.topics[topic].partitions) - 1
            there = f"0 to {last}" if last else "0 alone"
            told = f"{topic} has no partition {partition!r}; it has {there}"
            raise KafkaError(Errors.UNKNOWN_TOPIC_OR_PARTITION, told)
        return name

    def _state(self, topic: str, partition: int) -> PartitionState:
        return self.view.partitions[self._named(topic, partition)]

    # --- running, and running again --------------------------------------------------------------

    def _begin(self, *, stop_at: int | None) -> None:
        self.trace, self.journal = Trace("lab"), Journal()
        self.watch = self._watching()
        self._stop_at, self._sent = stop_at, list[Sent]()
        self.world = World(trace=self.trace, **self._made)
        self._run(self._is_up, within_ms=PATIENCE_MS, waiting_for="the brokers to be unfenced")
        self._ready_ms = self.now_ms

    def _watching(self) -> ClusterWatch:
        """Watch the trace; a promise that began after the rules' version is left out."""
        version = self.rules.replication.version
        kinds = [kind for kind in CLUSTER_CHECKERS if kind.since <= version]
        watch = ClusterWatch(kinds if self._is_watched else ())
        self.trace.observe(watch.observe, *watch.kinds)
        return watch

    def watch_logs(self) -> LogsOfBrokers:
        """Let L1 to L7 look at the logs of every broker from now on, which takes time."""
        logs = {host.id: host.log_trace for host in self.world.hosts.values()}
        return LogsOfBrokers.over(logs, self.trace)

    def _is_up(self) -> bool:
        return self.world.is_up()

    def _run(
        self,
        when: Callable[[], bool],
        *,
        within_ms: int,
        waiting_for: str,
        until_ms: int | None = None,
    ) -> None:
        """Run until `when()` holds; a person who waits for it is told how far it is."""
        watcher = who_watches(self.now_ms, until_ms)
        try:
            self.world.simulation.run_until(
                lambda: self._looked(when, watcher), within_ms=within_ms, waiting_for=waiting_for
            )
        finally:
            if watcher is not None:
                watcher.end()

    def _looked(self, when: Callable[[], bool], watcher: Watcher | None) -> bool:
        """After each event: end who has stopped, and stop where somebody wants to look."""
        if watcher is not None:
            watcher.saw(self.now_ms)
        self.world.end_the_stopped()
        if self._stop_at is not None and len(self.trace) >= self._stop_at:
            return True
        return when()

    def _pass(self, until_ms: int) -> None:
        rung: list[bool] = []
        self.world.kernel.at(until_ms, rung.append, True)
        told = "time to pass"
        self._run(lambda: bool(rung), within_ms=FOREVER_MS, waiting_for=told, until_ms=until_ms)

    def _note(self, done: Command | RanEvents | RanUntil | Marked) -> None:
        self.journal.append(JournalLine(done, len(self.trace), self.now_ms))

    def _until(self, moment: Moment) -> tuple[Self, int]:
        """Do again what was done up to a moment; say how many lines that were, in whole."""
        told = "an entry of the trace, a time in ms, or a label given by mark"
        must_be((Entry, int, str), told, "at", "moment", moment)
        if isinstance(moment, Entry):
            return self._until_entry(moment)
        if isinstance(moment, str):
            lines = self.journal.labelled(moment)
            return self._first(lines), lines
        return self._until_time(moment)

    def _until_entry(self, entry: Entry) -> tuple[Self, int]:
        if entry.number >= len(self.trace) or self.trace[entry.number] != entry:
            raise KafkaError(Errors.INVALID_REQUEST, f"that entry is not of this lab: {entry}")
        earlier, done = self._again(stop_at=entry.number + 1), 0
        for line in self.journal:
            if len(earlier.trace) > entry.number:
                break
            earlier._redo(line)
            done += earlier.now_ms >= line.at_ms and len(earlier.trace) >= line.entries
        earlier._stop_at = None
        return earlier, done

    def _until_time(self, at_ms: int) -> tuple[Self, int]:
        if not self._ready_ms <= at_ms <= self.now_ms:
            raise KafkaError(
                Errors.INVALID_REQUEST,
                f"this lab ran from t={self._ready_ms} ms to t={self.now_ms} ms;"
                f" you asked for t={at_ms} ms",
            )
        done = sum(line.at_ms <= at_ms for line in self.journal)
        earlier = self._first(done)
        if earlier.now_ms < at_ms or done < len(self.journal):
            earlier.run_for(at_ms - earlier.now_ms)  # a line of its journal, too
        return earlier, done

    def _first(self, lines: int) -> Self:
        """Do the first lines of the journal again."""
        earlier = self._again(stop_at=None)
        for line in self.journal[:lines]:
            earlier._redo(line)
        return earlier

    def _again(self, *, stop_at: int | None) -> Self:
        lab = type(self).__new__(type(self))
        lab.rules, lab.config, lab._made = self.rules, self.config, self._made
        lab._is_watched, lab._refused, lab._repeated = self._is_watched, [], []
        lab._begin(stop_at=stop_at)
        return lab

    def _redo(self, line: JournalLine) -> Any:
        """Do a line of the journal exactly as it was done; return what it began."""
        match line.done:
            case RanEvents(events):
                self.step(events)
            case RanUntil(at_ms):
                self.run_for(at_ms - self.now_ms)
            case Marked(label):
                self.mark(label)
            case command:
                return self.do(command)
        return None

    def _repeat(self, line: JournalLine) -> None:
        """Do a line in another future, if it makes sense there."""
        if line.is_time:
            self.run_for(max(0, line.at_ms - self.now_ms))
            return
        try:
            began = self._redo(line)
        except (KafkaError, LookupError, ValueError) as error:
            self._refused.append(f"{line}: {error}")
        else:
            if isinstance(began, Asked):
                self._repeated.append((line, began))


def _topic_in(topics: Mapping[str, object], topic: str) -> str:
    """Return the topic that is meant; without a name, the only one there is.

    Raises:
        UNKNOWN_TOPIC_OR_PARTITION: there is none of that name.
        INVALID_REQUEST: there are several.
    """
    if not isinstance(topic, str):
        raise WrongType(f"the name of a topic must be text, not {topic!r}")
    if topic and topic not in topics:
        known = ", ".join(topics) or "none yet"
        raise KafkaError(
            Errors.UNKNOWN_TOPIC_OR_PARTITION,
            f"there is no topic {topic!r}; there are: {known}",
        )
    if not topic and len(topics) != 1:
        raise KafkaError(
            Errors.INVALID_REQUEST,
            f"say which topic; there are: {', '.join(topics) or 'none yet'}",
        )
    return topic or next(iter(topics))


def _error(asked: Asked) -> str:
    """Say why a request failed; "" where it did not, or is not answered yet."""
    if not asked.is_done:
        return ""
    try:
        asked.result()
    except KafkaError as error:
        return str(error)
    return ""


def _fixed(assignment: Sequence[Sequence[int]] | None) -> Assignment | None:
    """Write an assignment as a request carries it; what is none is left for its command to refuse.

    Raises:
        TypeError: it is no list of lists.
    """
    if assignment is None:
        return None
    lists = (list, tuple)
    if not isinstance(assignment, lists) or not all(isinstance(it, lists) for it in assignment):
        told = "a list of brokers for each partition, such as [[1, 2, 3]]"
        raise WrongType(f"assignment must be {told}, not {assignment!r}")
    return tuple(tuple(replicas) for replicas in assignment)


def _texts(settings: Mapping[str, Any]) -> Settings:
    """Write settings as a request carries them: Kafka's names, values as text."""
    return tuple((name.replace("_", "."), as_text(value)) for name, value in settings.items())
