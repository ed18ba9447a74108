"""The lab as a stage for the runs: the same steps, in virtual time."""

from collections.abc import Callable, Mapping, Sequence

from kafkabook.base.errors import KafkaError
from kafkabook.base.names import TopicPartition
from kafkabook.cluster.config import ClusterConfig
from kafkabook.lab import Lab
from kafkabook.lab.rules import Rules
from kafkabook.replication.facts import PartitionState

from .cluster_stage import Observation, masked
from .metadata_log import NO_LEADER
from .three_brokers import SETTINGS

VERBS = {"kill": "crash", "wipe": "lose_disk", "start": "restart"}
QUIET_MS = 1_000


def config(settings: Mapping[str, str] = SETTINGS) -> ClusterConfig:
    """The settings of the real brokers, as far as the lab has them."""
    named = {name.replace(".", "_"): plain(value) for name, value in settings.items()}
    own = set(ClusterConfig.__dataclass_fields__)
    return ClusterConfig(**{name: value for name, value in named.items() if name in own})


def plain(value: str) -> int | bool | str:
    """A setting's value as what its text means."""
    return int(value) if value.isdecimal() else {"true": True, "false": False}.get(value, value)


class LabStage:
    """Plays runs on a lab of three brokers with the settings of the real ones.

    Args:
        rules: the parts; those of today's Kafka if omitted.
    """

    def __init__(self, rules: Rules | None = None) -> None:
        self.lab = Lab(rules=rules, config=config())
        self._down: set[int] = set()
        self._paused: set[int] = set()
        self._fault_at_ms = 0
        self._starts: dict[str, int] = {}  # below it nothing is compared: the leader deleted it

    def create(self, topic: str, assignment: Sequence[int], settings: Mapping[str, str]) -> None:
        """Create a topic with one partition on these brokers."""
        named = {name.replace(".", "_"): plain(value) for name, value in settings.items()}
        self.lab.create_topic(topic, assignment=[assignment], **named)

    def produce(self, topic: str, values: Sequence[str], acks: str, to: int | None) -> str:
        """Ask the leader, as soon as it knows that it leads; or another."""
        self._led()
        if self.lab.leader(topic) is None and to is None:
            return "no leader"
        acked = acks if acks == "all" else int(acks)
        sent, *_ = self.lab.send_batch(values, topic, acks=acked, compression_type="none", to=to)
        self._until(lambda: sent.is_done, f"the answer to {values}")
        return f"at {sent.offset}" if sent.outcome == "ok" else sent.error

    def delete(self, topic: str, offset: int) -> str:
        """Ask the leader, as soon as it knows that it leads."""
        self._led()
        try:
            self._starts[topic] = self.lab.delete_records(topic, 0, offset)
        except KafkaError as error:
            return error.error.name
        return f"from {self._starts[topic]}"

    def ends(self, topic: str) -> str:
        """Look into each broker."""
        view, name = self.lab.view, TopicPartition(topic, 0)
        running = set(self._state(topic).replicas) - self._down - self._paused
        found = {broker: view.replica(name, broker) for broker in sorted(running)}
        ends = [f"{broker}: {it.log_start} to {it.log_end}" for broker, it in found.items()]
        return f"in sync {sorted(self._state(topic).isr)}; {', '.join(ends)}"

    def elect(self, topic: str, kind: str) -> str:
        """Ask the controller."""
        self._led()
        try:
            self.lab.elect(topic, 0, kind)
        except KafkaError as error:
            return error.error.name
        return "NONE"

    def wait(self, duration_ms: int) -> None:
        """Let virtual time pass."""
        self.lab.run_for(max(0, self._fault_at_ms + duration_ms - self.lab.now_ms))

    def fault(self, verb: str, broker: int) -> None:
        """Do it; a clean stop is waited for, as one waits for a process to end."""
        getattr(self.lab, VERBS.get(verb, verb))(broker)
        if verb == "stop":
            self.lab.run_until(lambda: not self.lab.world.hosts[broker].is_running)
        change = {"kill": self._down.add, "stop": self._down.add, "start": self._down.discard}
        change["wipe"] = self._down.add
        change |= {"pause": self._paused.add, "resume": self._paused.discard}
        change[verb](broker)
        self._fault_at_ms = self.lab.now_ms

    def observe(self, topic: str) -> Observation:
        """Look when all is quiet."""
        self._led()
        self._until(lambda: self._agrees(topic), f"{topic} to agree")
        self.lab.run_for(QUIET_MS)
        state = self._state(topic)
        lanes = {lane.broker: lane for lane in self.lab.snapshot(topic).lanes}
        leader = NO_LEADER if state.leader is None else state.leader
        return Observation(
            leader=leader,
            leader_epoch=state.leader_epoch,
            partition_epoch=state.partition_epoch,
            isr=tuple(sorted(state.isr)),
            elr=tuple(sorted(state.elr)),
            last_known_elr=tuple(sorted(state.last_known_elr)),
            high_watermark=lanes[leader].high_watermark if leader in lanes else None,
            logs={
                broker: " ".join(
                    f"{record.epoch}:{record.value}"
                    for record in lane.records
                    if record.offset >= self._starts.get(topic, 0)
                )
                for broker, lane in sorted(lanes.items())
            },
            epoch_files={broker: self._epochs(topic, broker) for broker in sorted(lanes)},
        )

    def describe(self, topic: str) -> str:
        """Ask the lab."""
        return masked(self.lab.describe(topic))

    def _led(self) -> None:
        image = self.lab.world.controller.image
        alive = set(self.lab.world.hosts) - self._down
        self._until(lambda: set(image.alive()) == alive, "the controller to see the faults")
        self._until(self.lab.world.leaders_know, "the leaders to know")

    def _state(self, topic: str) -> PartitionState:
        return self.lab.world.controller.image.partitions[str(TopicPartition(topic, 0))]

    def _agrees(self, topic: str) -> bool:
        """Whether the ISR is what runs, and all members have the leader's log."""
        state = self._state(topic)
        members = set(state.replicas) - self._down - self._paused
        if state.leader is None or state.isr != members:
            return state.leader is None
        lanes = self.lab.snapshot(topic).lanes
        return 1 == len({lane.records for lane in lanes if lane.broker in members})

    def _epochs(self, topic: str, broker: int) -> str:
        disk = self.lab.world.hosts[broker].disk
        path = f"{TopicPartition(topic, 0)}/leader-epoch-checkpoint"
        return disk.read(path).decode() if disk.exists(path) else ""

    def _until(self, holds: Callable[[], bool], what: str) -> None:
        self.lab.run_until(holds, waiting_for=what)
