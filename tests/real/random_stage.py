"""Three real brokers under faults that chance chose: what steps do, and what is seen after them."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from . import asking, three_brokers
from .cluster_faults import times_left
from .histories import Seen, Send, Step
from .kafka import RealKafka
from .metadata_log import NO_LEADER
from .node import Failed
from .three_brokers import RealStage

SETTINGS: Mapping[str, str] = {
    **three_brokers.SETTINGS,
    "broker.session.timeout.ms": "9000",
    "replica.high.watermark.checkpoint.interval.ms": "500",
    "unclean.leader.election.interval.ms": "3600000",
}
"""A pause in which all is seen is shorter than a session; nobody is elected unasked."""

PRODUCE_LIMIT_MS = 5_000
LOOK_LIMIT_S = 30.0
PAUSE_BEFORE_S, PAUSE_LOOK_LIMIT_S, PAUSE_LIMIT_S = 0.2, 6.5, 8.0
DIVERGE_AFTER_S, DIVERGE_LIMIT_S = 0.8, 1.9
VOLLEY_S = 3.0
SIDE_BY_SIDE = 16


class Void(Failed):
    """An episode came out so that it proves nothing."""


@dataclass
class Planned:
    """How often the steps of an episode explain that something happens to a broker.

    Attributes: `fences`; `at_once`: those of them that its quick return may forestall; `leaves`:
    of ISRs, without a fence; `starts`.
    """

    fences: Counter[int] = field(default_factory=Counter)
    at_once: Counter[int] = field(default_factory=Counter)
    leaves: Counter[int] = field(default_factory=Counter)
    starts: Counter[int] = field(default_factory=Counter)

    def all_came(self, fences: Counter[int], starts: Counter[int]) -> bool:
        """Whether whatever must happen has."""
        due = self.fences - self.at_once
        return fences >= due and starts >= self.starts

    def surprises(self, fences: Counter[int], left: Mapping[str, Counter[int]]) -> Iterable[str]:
        """What no step explains: of fences, and of who left ISRs by topic."""
        if not self.fences - self.at_once <= fences <= self.fences:
            yield f"fenced {dict(fences)}, planned {dict(self.fences)}"
        for topic, leaves in left.items():
            if not leaves <= self.fences + self.leaves:
                yield f"left the ISR of {topic}: {dict(leaves)}"


class RandomStage(RealStage):
    """Does the steps of an episode on a RealKafka.cluster, and looks at all topics after each.

    Attributes: `topics` of this episode; `frozen`: brokers that stand still and are fenced.
    """

    quiet_s = 0.9

    def __init__(self, kafka: RealKafka) -> None:
        super().__init__(kafka)
        self.topics: list[str] = []
        self.frozen: set[int] = set()
        self._planned = Planned()
        self._starts_before: Counter[int] = Counter()
        self._fences_before_kill: Counter[int] = Counter()
        self._pool = ThreadPoolExecutor(SIDE_BY_SIDE)

    @property
    def down(self) -> set[int]:
        """The brokers whose process has ended."""
        return self.faults.down

    @property
    def paused(self) -> set[int]:
        """The brokers that stand still and have a session."""
        return set(self.faults.paused)

    @property
    def live(self) -> set[int]:
        """The brokers that work."""
        return self._running

    def begin(self, attempt: str) -> None:
        """Begin an episode with all brokers at work; `attempt` makes its topics' names new."""
        super().begin(attempt)
        time.sleep(1)  # for whatever the last episode still causes
        self.metadata.read_on()
        self._fences_before = self.metadata.fences.copy()
        self._starts_before = self.metadata.registrations.copy()
        self._planned, self.topics = Planned(), self._topics

    def do(self, step: Step) -> Mapping[str, tuple[str, ...]]:
        """Do a step; what brokers answered, by topic."""
        answers = getattr(self, f"do_{step.verb}")(step)
        return answers or {}

    def look(self) -> Mapping[str, Seen]:
        """Look at all topics once nothing changes any more.

        Raises Failed when there is no end to changes.
        """
        limit_s = LOOK_LIMIT_S
        if self.paused:
            since_s = time.monotonic() - min(self.faults.paused.values())
            limit_s = PAUSE_LOOK_LIMIT_S - since_s
        self._wait(self._is_settled, "all to be settled", limit_s=limit_s)
        return {topic: self._seen_of(topic) for topic in self.topics}

    def outcome(self, step: Step) -> Step:
        """The step, with what chance made of it."""
        if step.verb == "bounce" and self._fences() != self._fences_before_kill:
            return replace(step, kind="missed")
        return step

    def surprises(self) -> list[str]:
        """What happened in this episode that no step of it explains."""
        left = {t: times_left(self.metadata.history[self._name(t), 0]) for t in self.topics}
        return list(self._planned.surprises(self._fences(), left))

    def leader(self, topic: str) -> int:
        """Who leads a topic by the controller's last word."""
        return self._state(topic).leader

    # --- steps ---------------------------------------------------------------------------------

    def do_create(self, step: Step) -> Mapping[str, tuple[str, ...]]:
        """Create a topic, unless none of its brokers is alive."""
        (topic,) = step.topics
        port, name = self._port(min(self.live)), self._name(topic)
        error = asking.create_topic(port, name, step.settings, assignment=step.brokers)
        if error == "NONE":
            self.topics.append(topic)
        return {topic: (error,)}

    def do_alter(self, step: Step) -> None:
        """Change settings of a topic."""
        (topic,) = step.topics
        error = asking.alter_topic(self._port(min(self.live)), self._name(topic), step.settings)
        assert "NONE" == error

    def do_elect(self, step: Step) -> Mapping[str, tuple[str, ...]]:
        """Ask for an election of each topic."""
        port = self._port(min(self.live))
        return {t: (asking.elect(port, self._name(t), step.kind),) for t in step.topics}

    def do_send(self, step: Step) -> Mapping[str, tuple[str, ...]]:
        """Send to all topics side by side."""
        self.metadata.read_on()
        sends = {send.topic: send for send in step.sends}
        answers = self._pool.map(lambda send: self._sent(send, step.value), sends.values())
        return dict(zip(sends, answers, strict=True))

    def do_kill(self, step: Step) -> None:
        """End a process that may stand still, and then is fenced already."""
        (broker,) = step.brokers
        self.fault("kill", broker)
        self._planned.fences[broker] += broker not in self.frozen
        self.frozen.discard(broker)

    def do_stop(self, step: Step) -> None:
        """Stop a broker cleanly, and wait for the end of its process."""
        (broker,) = step.brokers
        self.fault("stop", broker)
        self._planned.fences[broker] += 1

    def do_start(self, step: Step) -> None:
        """Start a broker."""
        (broker,) = step.brokers
        self.fault("start", broker)
        self._planned.starts[broker] += 1

    def do_bounce(self, step: Step) -> None:
        """Kill and start: when its session has ended, it may come back before it is fenced."""
        self._fences_before_kill = self._fences()
        self.do_kill(step)
        self._at_once(step)

    def do_roll(self, step: Step) -> None:
        """Stop and start."""
        self.do_stop(step)
        self._at_once(step)

    def do_freeze(self, step: Step) -> None:
        """Let a broker stand still; the look that follows waits until it is fenced."""
        (broker,) = step.brokers
        self.kafka.broker(broker).pause()
        self._planned.fences[broker] += 1
        self.frozen.add(broker)

    def do_thaw(self, step: Step) -> None:
        """Let a fenced broker go on."""
        (broker,) = step.brokers
        self.kafka.broker(broker).resume()
        self.frozen.discard(broker)

    def do_pause(self, step: Step) -> Mapping[str, tuple[str, ...]]:
        """Let a broker stand still and send, once all its threads have felt the signal."""
        (broker,) = step.brokers
        self.fault("pause", broker)
        self._planned.leaves[broker] += 1
        time.sleep(PAUSE_BEFORE_S)
        answers = self.do_send(step)
        if any(f":{step.value}." in self._log(topic, broker) for topic in answers):
            raise Void(f"broker {broker} did not stand still")
        return answers

    def do_resume(self, step: Step) -> None:
        """Let a broker go on that has its session still."""
        (broker,) = step.brokers
        lasted_s = time.monotonic() - self.faults.paused[broker]
        self.fault("resume", broker)
        if lasted_s > PAUSE_LIMIT_S:
            raise Void(f"broker {broker} stood still for {lasted_s:.1f} s")

    def do_shoot(self, step: Step) -> Mapping[str, tuple[str, ...]]:
        """Kill a broker and send while it counts as alive."""
        (broker,) = step.brokers
        self.do_kill(step)
        self._planned.leaves[broker] += 1
        return self.do_send(step)

    def do_volley(self, step: Step) -> None:
        """Kill one broker and then another, both before the first is missed."""
        first, second = step.brokers
        self.do_kill(Step("kill", (first,)))
        time.sleep(VOLLEY_S)
        self.do_kill(Step("kill", (second,)))

    def do_diverge(self, step: Step) -> Mapping[str, tuple[str, ...]]:
        """Let a leader take records that nobody fetches, and kill it."""
        leader, *others = (self.kafka.broker(broker) for broker in step.brokers)
        for other in others:
            other.pause()
        began_s = time.monotonic()
        time.sleep(DIVERGE_AFTER_S)
        answers = self.do_send(step)
        self.do_kill(Step("kill", (leader.node_id,)))
        for other in others:
            other.resume()
        if (lasted_s := time.monotonic() - began_s) > DIVERGE_LIMIT_S:
            raise Void(f"the others stood still for {lasted_s:.1f} s")
        return answers

    def _at_once(self, step: Step) -> None:
        (broker,) = step.brokers
        self.do_start(step)
        self._planned.at_once[broker] += 1

    def _sent(self, send: Send, value: str) -> tuple[str, ...]:
        return tuple(self._answer(send, f"{value}.{number}") for number in range(send.count))

    def _answer(self, send: Send, value: str) -> str:
        to = self.leader(send.topic) if send.to is None else send.to
        if to == NO_LEADER:
            return "no leader"
        error, offset = asking.produce(
            self._port(to), self._name(send.topic), [value], send.acks, limit_ms=PRODUCE_LIMIT_MS
        )
        return f"at {offset}" if error == "NONE" else error

    # --- looking -------------------------------------------------------------------------------

    @property
    def _running(self) -> set[int]:
        return super()._running - self.frozen

    def _seen_of(self, topic: str) -> Seen:
        """Everything that is compared, as text."""
        state = self._state(topic)
        sets = {name: listed(getattr(state, name)) for name in ("isr", "elr", "last_known_elr")}
        numbers = ("leader", "leader_epoch", "partition_epoch")
        replicas = sorted(state.replicas)
        return {
            **{name: str(getattr(state, name)) for name in numbers},
            **sets,
            "high_watermark": self._mark(topic),
            **{f"log {broker}": self._log(topic, broker) for broker in replicas},
            **{f"epochs {broker}": self._epochs(topic, broker) for broker in replicas},
        }

    def _mark(self, topic: str) -> str:
        """The high watermark as consumers are told it, or the error's name."""
        leader = self.leader(topic)
        if leader not in self.live:
            return "nobody tells"
        error, offset = asking.latest_offset(self._port(leader), self._name(topic))
        return str(offset) if error == "NONE" else error

    def _is_settled(self) -> bool:
        return (
            self._is_quiet()
            and self.metadata.fenced == self.down | self.frozen
            and self._planned.all_came(self._fences(), self._starts())
            and all(self._agrees(topic) for topic in self.topics)
        )

    def _fences(self) -> Counter[int]:
        return self.metadata.fences - self._fences_before

    def _starts(self) -> Counter[int]:
        return self.metadata.registrations - self._starts_before

    def _agrees(self, topic: str) -> bool:
        """Whether a leader that works has begun its epoch, and its ISR is what works.

        A member that stands still stays while it lacks nothing.
        """
        state = self._state(topic)
        if state.leader not in self.live:
            return True
        logs = {broker: self._log(topic, broker) for broker in state.replicas}
        members = self.live & set(state.replicas)
        idle = {b for b in self.paused & set(state.isr) if logs[b] == logs[state.leader]}
        is_one = 1 == len({logs[broker] for broker in members})
        return self._leads(topic) and is_one and set(state.isr) == members | idle


def listed(brokers: Iterable[int]) -> str:
    """Brokers as text."""
    return ",".join(map(str, brokers))
