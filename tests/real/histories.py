"""Random histories as data: steps, what brokers answered, and what was then seen of each topic.

A step is a line, and what it names are brokers, topics, settings, one value and sends:

    create t1 1,2,3 min.insync.replicas=2   the topic's only partition, on these brokers
    alter t1 min.insync.replicas=1
    elect preferred t1 t2
    send v3 t1:all*2 t2:1*1@3               two records "v3.0" and "v3.1" to t1's leader, with
                                            acks=all; one with acks=1 to broker 3 for t2
    kill 1 · stop 1 · start 1
    bounce 1 · roll 1                       kill or stop, and start at once; "missed" behind it
                                            says that the killed one was fenced before it came back
    freeze 1 · thaw 1                       stand still until fenced; go on
    pause 1 v4 t1:all*1 · resume 1          stand still for less than a session, while all is seen
    shoot 1 v5 t1:all*1                     kill, and send before anybody has noticed
    volley 1,2                              kill 1, and 2 three seconds later
    diverge 1,2,3 v6 t1:1*2                 2 and 3 stand still while 1 takes records and is killed

In the file a step has one line, and of what is seen only what changed since the topic's last look;
"+" begins the records by which a log grew.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

PATH = Path(__file__).parents[1] / "data" / "histories.json"
SEND = re.compile(r"(t\d+):(all|1)\*(\d)(?:@(\d))?")
KINDS = ("preferred", "unclean", "missed")

Seen = Mapping[str, str]
"""All that is seen of a topic, by the name of what is looked at."""


@dataclass(frozen=True)
class Send:
    """Some requests of one record each, one after the other, to the leader or to broker `to`."""

    topic: str
    acks: str
    count: int
    to: int | None = None

    def __str__(self) -> str:
        to = "" if self.to is None else f"@{self.to}"
        return f"{self.topic}:{self.acks}*{self.count}{to}"


@dataclass(frozen=True)
class Step:
    """One thing that is done; `value` begins the values of all records that are sent."""

    verb: str
    brokers: tuple[int, ...] = ()
    topics: tuple[str, ...] = ()
    kind: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    value: str = ""
    sends: tuple[Send, ...] = ()

    def __str__(self) -> str:
        brokers = ",".join(map(str, self.brokers))
        settings = (f"{name}={value}" for name, value in self.settings.items())
        words = (self.verb, self.kind, *self.topics, brokers, *settings, self.value, *self.sends)
        return " ".join(str(word) for word in words if str(word))

    def concerns(self, topic: str) -> bool:
        """Whether a topic has to do with it: faults concern all."""
        named = {*self.topics, *(send.topic for send in self.sends)}
        return bool(self.brokers and self.verb != "create") or topic in named

    def only(self, topic: str) -> "Step":
        """The same step without other topics."""
        topics = tuple(name for name in self.topics if name == topic)
        return replace(self, topics=topics, sends=tuple(s for s in self.sends if s.topic == topic))


def step_of(line: str) -> Step:
    """The step that a line tells."""
    verb, *words = line.split()
    sends = [found.groups() for word in words if (found := SEND.fullmatch(word))]
    return Step(
        verb,
        brokers=tuple(int(n) for w in words if re.fullmatch(r"[\d,]+", w) for n in w.split(",")),
        topics=tuple(word for word in words if re.fullmatch(r"t\d+", word)),
        kind=next((word for word in words if word in KINDS), ""),
        settings=dict(word.split("=") for word in words if "=" in word),
        value=next((word for word in words if re.fullmatch(r"v\d+", word)), ""),
        sends=tuple(Send(t, acks, int(n), int(to) if to else None) for t, acks, n, to in sends),
    )


@dataclass(frozen=True)
class Done:
    """A step that was done: what brokers answered, and all that was then seen, by topic."""

    step: Step
    answers: Mapping[str, tuple[str, ...]]
    seen: Mapping[str, Seen]


@dataclass(frozen=True)
class Episode:
    """Some topics and what befell them together; `seed` and `mood` are those of its author."""

    seed: int
    mood: str
    steps: tuple[Done, ...]


@dataclass
class Recording:
    """All episodes of a file, and in `how` under which circumstances they came about."""

    how: dict[str, Any]
    episodes: list[Episode]


def read(path: Path = PATH) -> Recording:
    """Read a file of episodes."""
    data = json.loads(path.read_text(encoding="utf-8"))
    episodes = [
        Episode(found["seed"], found["mood"], tuple(unpacked(found["steps"])))
        for found in data["episodes"]
    ]
    return Recording(data["how"], episodes)


def write(recording: Recording, path: Path) -> None:
    """Write a file of episodes, a step a line; the same recording gives the same bytes."""
    how = json.dumps(recording.how, indent=1, ensure_ascii=False)
    told = ",\n".join(map(episode_text, recording.episodes))
    path.write_text(f'{{"how": {how},\n"episodes": [\n{told}\n]}}\n', encoding="utf-8")


def episode_text(episode: Episode) -> str:
    """An episode as it stands in a file."""
    steps = ",\n".join(compact(step) for step in packed(episode.steps))
    return f'{{"seed": {episode.seed}, "mood": "{episode.mood}", "steps": [\n{steps}\n]}}'


def compact(data: object) -> str:
    """JSON without spaces."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)


def packed(steps: Iterable[Done]) -> Iterable[list[Any]]:
    """Each step as line, answers, and what changed in what is seen."""
    known: dict[str, Seen] = {}
    for done in steps:
        news = {topic: changes(known.get(topic, {}), seen) for topic, seen in done.seen.items()}
        known |= done.seen
        yield [str(done.step), done.answers, news]


def unpacked(steps: Iterable[list[Any]]) -> Iterable[Done]:
    """Each step with all that was seen."""
    known: dict[str, Seen] = {}
    for line, answers, news in steps:
        seen = {topic: changed(known.get(topic, {}), news[topic]) for topic in news}
        known |= seen
        told = {topic: tuple(answer) for topic, answer in answers.items()}
        yield Done(step_of(line), told, seen)


def changes(old: Seen, new: Seen) -> Seen:
    """What is new, as it stands in a file."""
    return {
        name: f"+{text[len(old[name]) :]}" if grew(name, old, text) else text
        for name, text in new.items()
        if old.get(name) != text
    }


def grew(name: str, old: Seen, text: str) -> bool:
    """Whether a log has only more records than before."""
    return name.startswith("log") and bool(old.get(name)) and text.startswith(old[name])


def changed(old: Seen, news: Seen) -> Seen:
    """What is seen now."""
    grown = {
        name: old[name] + text[1:] if text.startswith("+") else text for name, text in news.items()
    }
    return {**old, **grown}
