"""A lab as a stage for recorded histories: each step as it was done, each look as it was taken."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kafkabook.base.errors import KafkaError
from kafkabook.clients.raw_client import Sent
from kafkabook.lab import Lab
from tests.lab import lab_insides as inside
from tests.real.histories import Seen, Send, Step
from tests.real.lab_stage import config, plain

NOBODY = "-1"
QUIET_MS, POLL_MS = 1_000, 100
LOOK_LIMIT_MS, PAUSE_LOOK_LIMIT_MS = 30_000, 6_500
PAUSE_BEFORE_MS, DIVERGE_AFTER_MS, VOLLEY_MS = 200, 800, 3_000
ALMOST_A_SESSION_MS = 8_000

Answers = Mapping[str, tuple[str, ...]]


class HistoryStage:
    """Does the steps of a history on a lab with the settings of the real brokers.

    Args:
        how: the circumstances of the recording. parts: of `Rules`; today's if omitted.

    Recorded producers waited for five seconds and tried once. In the lab clients have no limit of
    their own but share the brokers' for requests to the controller, which always answers at once.
    """

    def __init__(self, how: Mapping[str, Any], **parts: Any) -> None:
        limit_ms = how["produce limit ms"]
        settings = replace(config(how["settings"]), request_timeout_ms=limit_ms)
        self._forgotten: set[int] = set()  # their sessions have ended, and nobody has looked
        rules = inside.rules(self._forgotten, **parts)
        self.lab = Lab(rules=rules, config=settings, tell_messages=False, is_watched=False)
        self.topics: list[str] = []
        self._gone: set[int] = set()  # down, or frozen until fenced
        self._paused: set[int] = set()
        self._paused_at_ms = 0

    def do(self, step: Step) -> Answers:
        """Do a step; what was answered, by topic."""
        return getattr(self, f"do_{step.verb}")(step) or {}

    def look(self) -> Mapping[str, Seen]:
        """Look at all topics when all is settled and nothing changes, or when patience ends."""
        end_ms = self.lab.now_ms + LOOK_LIMIT_MS
        if self._paused:
            end_ms = self._paused_at_ms + PAUSE_LOOK_LIMIT_MS
        seen, quiet_ms = self._seen(), 0
        while self.lab.now_ms < end_ms and not (quiet_ms >= QUIET_MS and self._is_settled(seen)):
            self.lab.run_for(POLL_MS)
            before, seen = seen, self._seen()
            quiet_ms = quiet_ms + POLL_MS if seen == before else 0
        return seen

    # --- steps ---------------------------------------------------------------------------------

    def do_create(self, step: Step) -> Answers:
        """Create a topic."""
        (topic,) = step.topics
        error = self._asked("create_topic", topic, assignment=[step.brokers], **named(step))
        if error == "NONE":
            self.topics.append(topic)
        return {topic: (error,)}

    def do_alter(self, step: Step) -> None:
        """Change settings of a topic."""
        (topic,) = step.topics
        assert "NONE" == self._asked("alter_topic", topic, **named(step))

    def do_elect(self, step: Step) -> Answers:
        """Ask for an election of each topic."""
        return {topic: (self._asked("elect", topic, 0, step.kind),) for topic in step.topics}

    def do_send(self, step: Step) -> Answers:
        """Send to all topics side by side."""
        leaders = {topic: self.lab.leader(topic) for topic in self.topics}
        answers: dict[str, list[str]] = {send.topic: [] for send in step.sends}
        for number in range(max((send.count for send in step.sends), default=0)):
            due = [send for send in step.sends if number < send.count]
            to = {send: leaders[send.topic] if send.to is None else send.to for send in due}
            value = f"{step.value}.{number}"
            sent = {send: self._sent(send, value, to[send]) for send in due if to[send]}
            for send in due:
                answers[send.topic].append(self._answer(sent[send]) if to[send] else "no leader")
        return {topic: tuple(told) for topic, told in answers.items()}

    def do_kill(self, step: Step) -> None:
        """End a process."""
        (broker,) = step.brokers
        self.lab.crash(broker)
        self._gone.add(broker)

    def do_stop(self, step: Step) -> None:
        """Stop a broker cleanly, and wait for the end of its process."""
        (broker,) = step.brokers
        self.lab.stop(broker)
        self.lab.run_until(lambda: not inside.runs(self.lab, broker))
        self._gone.add(broker)

    def do_start(self, step: Step) -> None:
        """Start a broker."""
        (broker,) = step.brokers
        self.lab.restart(broker)
        self._gone.discard(broker)

    def do_bounce(self, step: Step) -> None:
        """Kill and start; its session ends before it is back, and then it may be missed or not."""
        (broker,) = step.brokers
        self.do_kill(step)
        self.do_start(step)
        if step.kind != "missed":
            self.lab.run_for(ALMOST_A_SESSION_MS)
            self._forgotten.add(broker)
        self.lab.run_until(lambda: broker in inside.fenced(self.lab))
        self._forgotten.discard(broker)

    def do_roll(self, step: Step) -> None:
        """Stop and start."""
        self.do_stop(step)
        self.do_start(step)

    def do_freeze(self, step: Step) -> None:
        """Let a broker stand still; the look that follows waits until it is fenced."""
        (broker,) = step.brokers
        self.lab.pause(broker)
        self._gone.add(broker)

    def do_thaw(self, step: Step) -> None:
        """Let a fenced broker go on."""
        (broker,) = step.brokers
        self.lab.resume(broker)
        self._gone.discard(broker)

    def do_pause(self, step: Step) -> Answers:
        """Let a broker stand still and send."""
        (broker,) = step.brokers
        self.lab.pause(broker)
        self._paused, self._paused_at_ms = {broker}, self.lab.now_ms
        self.lab.run_for(PAUSE_BEFORE_MS)
        return self.do_send(step)

    def do_resume(self, step: Step) -> None:
        """Let a broker go on that has its session still."""
        (broker,) = step.brokers
        self.lab.resume(broker)
        self._paused = set()

    def do_shoot(self, step: Step) -> Answers:
        """Kill a broker and send while it counts as alive."""
        self.do_kill(step)
        return self.do_send(step)

    def do_volley(self, step: Step) -> None:
        """Kill one broker and then another, both before the first is missed."""
        first, second = step.brokers
        self.do_kill(Step("kill", (first,)))
        self.lab.run_for(VOLLEY_MS)
        self.do_kill(Step("kill", (second,)))

    def do_diverge(self, step: Step) -> Answers:
        """Let a leader take records that nobody fetches, and kill it."""
        leader, *others = step.brokers
        for other in others:
            self.lab.pause(other)
        self.lab.run_for(DIVERGE_AFTER_MS)
        answers = self.do_send(step)
        self.do_kill(Step("kill", (leader,)))
        for other in others:
            self.lab.resume(other)
        return answers

    def _sent(self, send: Send, value: str, to: int | None) -> Sent:
        acks = send.acks if send.acks == "all" else int(send.acks)
        client = f"producer of {send.topic}"  # each request was recorded on a connection of its own
        return self.lab.send(value, send.topic, acks=acks, to=to, retries=0, client=client)

    def _answer(self, sent: Sent) -> str:
        self.lab.run_until(lambda: sent.is_done)
        return f"at {sent.offset}" if sent.outcome == "ok" else sent.error

    def _asked(self, command: str, *arguments: Any, **options: Any) -> str:
        inside.administer_by(self.lab, {1, 2, 3} - self._gone - self._paused)
        """Ask the controller; the error's name."""
        try:
            getattr(self.lab, command)(*arguments, **options)
        except KafkaError as error:
            return error.error.name
        return "NONE"

    # --- looking -------------------------------------------------------------------------------

    def _seen(self) -> Mapping[str, Seen]:
        return {topic: self._seen_of(topic) for topic in self.topics}

    def _seen_of(self, topic: str) -> Seen:
        """Everything that is compared, as text."""
        state = inside.state(self.lab, topic)
        replicas = sorted(state.replicas)
        epochs = {f"epochs {b}": inside.epochs(self.lab, topic, b) for b in replicas}
        sets = {name: getattr(state, name) for name in ("isr", "elr", "last_known_elr")}
        return {
            "leader": NOBODY if state.leader is None else str(state.leader),
            "leader_epoch": str(state.leader_epoch),
            "partition_epoch": str(state.partition_epoch),
            **{name: ",".join(map(str, sorted(brokers))) for name, brokers in sets.items()},
            "high_watermark": self._mark(topic),
            **{f"log {b}": inside.records(self.lab, topic, b) for b in replicas},
            **epochs,
        }

    def _mark(self, topic: str) -> str:
        """What a leader would tell of its high watermark: nothing while it is of older epochs."""
        state = inside.state(self.lab, topic)
        if state.leader is None or state.leader in self._gone | self._paused:
            return "nobody tells"
        mark = inside.high_watermark(self.lab, topic, state.leader)
        began = epoch_began(inside.epochs(self.lab, topic, state.leader), state.leader_epoch)
        return "OFFSET_NOT_AVAILABLE" if mark < began else str(mark)

    def _is_settled(self, seen: Mapping[str, Seen]) -> bool:
        return (
            inside.fenced(self.lab) == self._gone
            and inside.leaders_know(self.lab)
            and all(self._agrees(topic, seen[topic]) for topic in self.topics)
        )

    def _agrees(self, topic: str, seen: Seen) -> bool:
        """Whether the ISR is what works, and all that works has one log.

        A member that stands still stays while it lacks nothing.
        """
        state = inside.state(self.lab, topic)
        if state.leader is None or state.leader in self._paused:
            return True
        members = set(state.replicas) - self._gone - self._paused
        log = seen[f"log {state.leader}"]
        idle = {b for b in self._paused & set(state.isr) if seen[f"log {b}"] == log}
        return state.isr == members | idle and all(seen[f"log {b}"] == log for b in members)


def named(step: Step) -> dict[str, Any]:
    """The settings of a step, as the lab names them."""
    return {name.replace(".", "_"): plain(value) for name, value in step.settings.items()}


def epoch_began(epochs: str, leader_epoch: int) -> int:
    """Where a leader epoch began, by a file of epochs; -1 if it did not."""
    lines = (line.split() for line in epochs.splitlines()[2:])
    return next((int(offset) for epoch, offset in lines if int(epoch) == leader_epoch), -1)
