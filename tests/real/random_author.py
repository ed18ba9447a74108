"""Who writes random histories: chance, and what is known of the stage when a step is due."""

import random
from collections.abc import Callable, Mapping
from typing import Protocol

from .histories import Send, Step
from .metadata_log import NO_LEADER

BROKERS = (1, 2, 3)
CALM: Mapping[str, float] = {
    "send": 3.0,
    "create": 0.6,
    "alter": 0.8,
    "elect": 0.9,
    "kill": 2.0,
    "stop": 1.5,
    "start": 1.6,
    "bounce": 0.7,
    "roll": 0.5,
    "freeze": 0.9,
    "thaw": 2.0,
    "pause": 1.3,
    "shoot": 0.9,
    "volley": 0.5,
    "diverge": 1.0,
}
"""How likely each verb is; `start` once for every broker that is down."""

STORMY: Mapping[str, float] = {
    **CALM,
    "send": 2.2,
    "create": 0.4,
    "alter": 1.3,
    "elect": 1.2,
    "kill": 3.0,
    "stop": 2.5,
    "start": 1.0,
    "bounce": 0.4,
    "roll": 0.2,
    "pause": 0.7,
    "shoot": 1.2,
}
MOODS = {"calm": CALM, "stormy": STORMY}


class Known(Protocol):
    """What an author may know of a stage."""

    topics: list[str]
    frozen: set[int]

    @property
    def down(self) -> set[int]:
        """The brokers whose process has ended."""

    @property
    def paused(self) -> set[int]:
        """The brokers that stand still for a moment."""

    @property
    def live(self) -> set[int]:
        """The brokers that work."""

    def leader(self, topic: str) -> int:
        """Who leads a topic."""


class Author:
    """Writes one step after the other.

    Args:
        seed: of its chance; the same on a stage that does the same gives the same steps.
        mood: "calm" or "stormy", in which more brokers are down at a time.
    """

    def __init__(self, seed: int, mood: str, stage: Known) -> None:
        self._chance, self._weights, self._stage = random.Random(seed), MOODS[mood], stage
        self._values = self._topics = 0

    def next(self) -> Step:
        """What happens next."""
        stage, chance = self._stage, self._chance
        if stage.paused:
            return Step("resume", tuple(stage.paused))
        if not stage.live:
            return chance.choice(self.returns())
        weights = self._possible()
        (verb,) = chance.choices(list(weights), list(weights.values()))
        writers: Mapping[str, Callable[[], Step]] = {
            "create": self.create,
            "alter": self._alter,
            "elect": self.elect,
            "send": self.send,
            "start": lambda: Step("start", (self._one(stage.down),)),
            "thaw": lambda: Step("thaw", (self._one(stage.frozen),)),
            "pause": lambda: self._behind("pause"),
            "shoot": lambda: self._behind("shoot"),
            "volley": lambda: Step("volley", tuple(chance.sample(sorted(stage.live), 2))),
            "diverge": self._diverge,
        }
        return writers.get(verb, lambda: Step(verb, (self._one(stage.live),)))()

    def create(self) -> Step:
        """A new topic."""
        chance = self._chance
        self._topics += 1
        (size,) = chance.choices([1, 2, 3], [0.08, 0.37, 0.55])
        (least,) = chance.choices("123", [0.35, 0.5, 0.15])
        settings = {"min.insync.replicas": least}
        if chance.random() < 0.25:
            settings["unclean.leader.election.enable"] = "true"
        replicas = tuple(chance.sample(BROKERS, size))
        return Step("create", replicas, (f"t{self._topics}",), settings=settings)

    def send(self) -> Step:
        """Records for most topics, one of them perhaps for a broker that does not lead it."""
        step = self._sending("send", self._answers)
        sends = list(step.sends)
        if sends and self._chance.random() < 0.3:
            at = self._chance.randrange(len(sends))
            stray = sends[at]
            sends[at] = Send(stray.topic, stray.acks, stray.count, self._one(self._stage.live))
        return Step("send", value=step.value, sends=tuple(sends))

    def send_to_all(self) -> Step:
        """One record for every topic, which all must have."""
        sends = tuple(Send(topic, "all", 1) for topic in self._stage.topics)
        return Step("send", value=self._value(), sends=sends)

    def elect(self, share: float = 0.6) -> Step:
        """An election of some topics, seldom an unclean one."""
        kind = self._chance.choice(["preferred", "preferred", "unclean"])
        topics = tuple(t for t in self._stage.topics if self._chance.random() < share)
        return Step("elect", topics=topics, kind=kind) if topics else self.elect(1.0)

    def returns(self) -> list[Step]:
        """The return of every broker that is down or stands still, in an order of chance."""
        steps = [Step("start", (broker,)) for broker in sorted(self._stage.down)]
        steps += [Step("thaw", (broker,)) for broker in sorted(self._stage.frozen)]
        self._chance.shuffle(steps)
        return steps

    def _possible(self) -> dict[str, float]:
        stage, found = self._stage, dict(self._weights)
        found["start"] *= len(stage.down)
        found["freeze" if stage.frozen else "thaw"] = 0.0
        if len(stage.live) < 2:
            found["volley"] = found["diverge"] = 0.0
        return found

    def _alter(self) -> Step:
        chance = self._chance
        least = {"min.insync.replicas": chance.choice("123")}
        unclean = {"unclean.leader.election.enable": chance.choice(["true", "false"])}
        topic = chance.choice(self._stage.topics)
        return Step("alter", topics=(topic,), settings=chance.choice([least, unclean]))

    def _behind(self, verb: str) -> Step:
        """Something that befalls a broker, and a record for topics that others lead."""
        broker = self._one(self._stage.live)
        return self._sending(
            verb,
            lambda topic: self._answers(topic) and self._stage.leader(topic) != broker,
            brokers=(broker,),
            share=0.6,
            most=1,
        )

    def _diverge(self) -> Step:
        leader = self._one(self._stage.live)
        others = sorted(self._stage.live - {leader})
        return self._sending(
            "diverge",
            lambda topic: self._stage.leader(topic) == leader,
            brokers=(leader, *others),
            acks=("1",),
            most=2,
        )

    def _sending(
        self,
        verb: str,
        allows: Callable[[str], bool],
        *,
        brokers: tuple[int, ...] = (),
        share: float = 0.8,
        acks: tuple[str, ...] = ("all", "all", "1"),
        most: int = 3,
    ) -> Step:
        chance = self._chance
        topics = [t for t in self._stage.topics if chance.random() < share and allows(t)]
        sends = tuple(Send(t, chance.choice(acks), chance.randint(1, most)) for t in topics)
        return Step(verb, brokers, value=self._value(), sends=sends)

    def _answers(self, topic: str) -> bool:
        """Whether a request to the leader comes back, be it with an error."""
        return self._stage.leader(topic) in {NO_LEADER, *self._stage.live}

    def _value(self) -> str:
        self._values += 1
        return f"v{self._values}"

    def _one(self, brokers: set[int]) -> int:
        return self._chance.choice(sorted(brokers))
