"""Three real brokers and a controller of their own as a stage for the runs."""

import contextlib
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from kafkabook.base.errors import CorruptMessage

from . import asking
from .batches import batches
from .cluster_faults import Faults
from .cluster_stage import Answers, Observation, masked, play
from .kafka import RealKafka
from .metadata_log import NO_LEADER, MetadataLog, PartitionState
from .node import Failed, run_tool

TOPIC_COMMAND = "org.apache.kafka.tools.TopicCommand"
LAG_S = 2.0
SETTINGS: Mapping[str, str] = {
    "auto.leader.rebalance.enable": "false",
    "broker.heartbeat.interval.ms": "500",
    "broker.session.timeout.ms": "6000",
    "controller.quorum.election.timeout.ms": "500",
    "replica.fetch.backoff.ms": "100",
    "replica.fetch.wait.max.ms": "200",
    "replica.lag.time.max.ms": f"{LAG_S * 1000:.0f}",
}
"""A paused broker leaves the ISR after two or three seconds, and is fenced after six."""

RACKS: Mapping[int, str] = {1: "east", 2: "east", 3: "west"}
QUIET_S = 0.4  # two fetches that bring nothing
PATIENCE_S = 60.0
ATTEMPTS = 3
WATCHED_FILES = (f"{0:020d}.log", "leader-epoch-checkpoint")

Placement = tuple[tuple[int, ...], ...]


class RealStage:
    """Plays runs on a RealKafka.cluster; between tours all its brokers work.

    Attributes: `metadata`: what the controller decided; `faults`: those of this tour; `quiet_s`:
    how long nothing has changed where all is quiet.
    """

    quiet_s = QUIET_S

    def __init__(self, kafka: RealKafka) -> None:
        self.kafka = kafka
        directory = kafka.controllers[0].partition_directory("__cluster_metadata-0")
        self.metadata = MetadataLog(directory / f"{0:020d}.log")
        self.faults = Faults(LAG_S)
        self._attempt = ""
        self._topics: list[str] = []
        self._starts: dict[str, int] = {}  # below it nothing is compared: the leader deleted it
        self._fences_before: Counter[int] = Counter()
        self._ports = [int(address.split(":")[1]) for address in kafka.bootstrap.split(",")]
        self._fault_at_s = self._quiet_since_s = time.monotonic()
        self._seen: object = None

    def begin(self, attempt: str) -> None:
        """Begin a tour with all brokers at work; `attempt` makes its topics' names new."""
        for broker in sorted(self.faults.paused):
            self.fault("resume", broker)
        for broker in sorted(self.faults.down):
            self.fault("start", broker)
        self._wait(self._has_seen_faults, "all brokers to work")
        self.faults, self._attempt, self._topics = Faults(LAG_S), attempt, []
        self._starts = {}
        self._fences_before = self.metadata.fences.copy()

    def surprises(self) -> list[str]:
        """What happened in this tour that no fault of ours explains."""
        fences = self.metadata.fences - self._fences_before
        histories = [self.metadata.history[self._name(topic), 0] for topic in self._topics]
        return self.faults.surprises(fences, histories)

    def create(self, topic: str, assignment: Sequence[int], settings: Mapping[str, str]) -> None:
        """Create a topic with one partition on these brokers."""
        port = self._port(min(self._running))
        error = asking.create_topic(port, self._name(topic), settings, assignment=assignment)
        assert "NONE" == error
        self._topics.append(topic)

    def produce(self, topic: str, values: Sequence[str], acks: str, to: int | None) -> str:
        """Ask the leader, as soon as it knows that it leads; or another."""
        broker = self._led(topic).leader if to is None else to
        if broker == NO_LEADER:
            return "no leader"
        error, offset = asking.produce(self._port(broker), self._name(topic), values, acks)
        return f"at {offset}" if error == "NONE" else error

    def delete(self, topic: str, offset: int) -> str:
        """Ask the leader, as soon as it knows that it leads."""
        port = self._port(self._led(topic).leader)
        error, log_start = asking.delete_records(port, self._name(topic), offset)
        self._starts[topic] = max(log_start, self._starts.get(topic, 0))
        return f"from {log_start}" if error == "NONE" else error

    def ends(self, topic: str) -> str:
        """Ask each broker that runs for its own log."""
        state = self._state(topic)
        running = sorted(self._running & set(state.replicas))
        ends = [
            f"{broker}: {' to '.join(map(str, self._ends(topic, broker)))}" for broker in running
        ]
        return f"in sync {sorted(state.isr)}; {', '.join(ends)}"

    def elect(self, topic: str, kind: str) -> str:
        """Ask any broker, which asks the controller."""
        self._led(topic)
        return asking.elect(self._port(min(self._running)), self._name(topic), kind)

    def wait(self, duration_ms: int) -> None:
        """Sleep."""
        until_s = self._fault_at_s + duration_ms / 1000
        time.sleep(max(0.0, until_s - time.monotonic()))

    def fault(self, verb: str, broker: int) -> None:
        """Do it; what it leads to is waited for by the steps that follow."""
        if verb == "wipe":
            self._wipe(broker)
        else:
            getattr(self.kafka.broker(broker), verb)()
        self._fault_at_s = time.monotonic()
        self.faults.struck(verb, broker, now_s=self._fault_at_s)

    def observe(self, topic: str) -> Observation:
        """Look when all is quiet."""
        self._settle(topic)
        self.faults.looked()
        state = self._state(topic)
        return Observation(
            leader=state.leader,
            leader_epoch=state.leader_epoch,
            partition_epoch=state.partition_epoch,
            isr=state.isr,
            elr=state.elr,
            last_known_elr=state.last_known_elr,
            high_watermark=self._high_watermark(topic),
            logs={broker: self._log(topic, broker) for broker in sorted(state.replicas)},
            epoch_files={broker: self._epochs(topic, broker) for broker in sorted(state.replicas)},
        )

    def describe(self, topic: str) -> str:
        """Let Kafka's tool ask the brokers that run."""
        running = ",".join(f"127.0.0.1:{self._port(broker)}" for broker in sorted(self._running))
        name = self._name(topic)
        asked = ("--bootstrap-server", running, "--describe", "--topic", name)
        return masked(
            run_tool(TOPIC_COMMAND, *asked).replace(f"Topic: {name}\t", f"Topic: {topic}\t")
        )

    def place(self, topic: str, partitions: int, replication_factor: int) -> Placement:
        """Let the controller choose the brokers of a topic; the replicas of each partition."""
        name, port = self._name(topic), self._port(min(self._running))
        size = {"partitions": partitions, "replication_factor": replication_factor}
        assert "NONE" == asking.create_topic(port, name, {}, **size)
        self._wait(lambda: len(self.metadata.states(name)) == partitions, f"{topic} to be placed")
        states = self.metadata.states(name)
        return tuple(states[number].replicas for number in sorted(states))

    @property
    def _running(self) -> set[int]:
        brokers = {node.node_id for node in self.kafka.brokers}
        return brokers - self.faults.down - set(self.faults.paused)

    def _port(self, broker: int) -> int:
        return self._ports[broker - 1]

    def _name(self, topic: str) -> str:
        return topic + self._attempt

    def _state(self, topic: str) -> PartitionState:
        return self.metadata.states(self._name(topic))[0]

    def _directory(self, topic: str, broker: int) -> Path:
        return self.kafka.broker(broker).partition_directory(f"{self._name(topic)}-0")

    def _high_watermark(self, topic: str) -> int | None:
        leader = self._state(topic).leader
        if leader == NO_LEADER:
            return None
        error, offset = asking.latest_offset(self._port(leader), self._name(topic))
        assert "NONE" == error
        return offset

    def _log(self, topic: str, broker: int) -> str:
        return " ".join(
            f"{batch.header.partition_leader_epoch}:{(record.value or b'').decode()}"
            for _, batch in batches(self._directory(topic, broker))
            for record in batch.records
            if record.offset >= self._starts.get(topic, 0)
        )

    def _ends(self, topic: str, broker: int) -> tuple[int, int]:
        """Where the log of one replica starts and ends, by its own word."""
        port, name = self._port(broker), self._name(topic)
        asker = asking.ANY_REPLICA
        start = asking.listed_offset(port, name, asking.EARLIEST, asker=asker)
        end = asking.listed_offset(port, name, asking.LATEST, asker=asker)
        assert ("NONE", "NONE") == (start[0], end[0]), (start, end)
        return start[1], end[1]

    def _wipe(self, broker: int) -> None:
        """Kill a broker, and let its disk forget all but who it is and the controller's log."""
        node = self.kafka.broker(broker)
        node.kill()
        for path in node.data_directory.iterdir():
            if path.is_dir() and not path.name.startswith("__cluster_metadata"):
                shutil.rmtree(path)
            elif path.name.endswith("-checkpoint"):
                path.unlink()

    def _epochs(self, topic: str, broker: int) -> str:
        path = self._directory(topic, broker) / "leader-epoch-checkpoint"
        return path.read_text() if path.exists() else ""

    def _led(self, topic: str) -> PartitionState:
        self._wait(self._has_seen_faults, "the controller to see the faults")
        self._wait(lambda: self._leads(topic), f"the leader of {topic} to lead")
        return self._state(topic)

    def _settle(self, topic: str) -> None:
        self._led(topic)
        self._wait(lambda: self._agrees(topic), f"the replicas of {topic} to agree")
        self._wait(self._is_quiet, f"the replicas of {topic} to be quiet")

    def _wait(self, holds: Callable[[], bool], what: str, *, limit_s: float = PATIENCE_S) -> None:
        deadline_s = time.monotonic() + limit_s
        while time.monotonic() < deadline_s:
            self.metadata.read_on()
            with contextlib.suppress(CorruptMessage, FileNotFoundError, KeyError):
                if holds():  # else a broker is writing just now
                    return
            time.sleep(0.03)
        raise Failed(f"waited in vain for {what}: {self.metadata}")

    def _has_seen_faults(self) -> bool:
        return self.metadata.fenced == self.faults.down

    def _leads(self, topic: str) -> bool:
        """Whether there is no leader, or it has begun its epoch, which it does with this line."""
        state = self._state(topic)
        epoch = f"\n{state.leader_epoch} "
        return state.leader == NO_LEADER or epoch in self._epochs(topic, state.leader)

    def _agrees(self, topic: str) -> bool:
        """Whether the ISR is what runs, and all members have the leader's log."""
        state = self._state(topic)
        members = self._running & set(state.replicas)
        if state.leader == NO_LEADER:
            return True
        return set(state.isr) == members and 1 == len({self._log(topic, b) for b in members})

    def _is_quiet(self) -> bool:
        now_s, seen = time.monotonic(), (self.metadata.changes, self._sizes())
        if seen != self._seen:
            self._seen, self._quiet_since_s = seen, now_s
        return now_s - self._quiet_since_s >= self.quiet_s

    def _sizes(self) -> list[tuple[int, int]]:
        paths = [
            self._directory(topic, broker) / file
            for topic in self._topics
            for broker in self._state(topic).replicas
            for file in WATCHED_FILES
        ]
        found = [path.stat() for path in paths if path.exists()]
        return [(file.st_size, file.st_mtime_ns) for file in found]


class TooBusy(Failed):
    """A tour was surprised at every attempt: this machine cannot vouch for epochs now."""


def play_tours(stage: RealStage, tours: Iterable[Mapping[str, str]]) -> tuple[Answers, list[str]]:
    """Play each tour, again where something surprised; the answers, and all surprises.

    Raises TooBusy.
    """
    answers: Answers = {}
    surprises: list[str] = []
    for runs in tours:
        for attempt in range(1, ATTEMPTS + 1):
            found = attempted(stage, runs, f"-{attempt}", answers)
            surprises += found
            if not found:
                break
        else:
            raise TooBusy(f"epochs rose {ATTEMPTS} times without a fault of ours: {surprises}")
    return answers, surprises


def attempted(
    stage: RealStage, runs: Mapping[str, str], attempt: str, answers: Answers
) -> list[str]:
    """Play a tour once and keep its answers; what surprised, which may be why it failed."""
    stage.begin(attempt)
    try:
        answers |= play(stage, runs)
    except Failed:
        if not stage.surprises():
            raise
    return stage.surprises()
