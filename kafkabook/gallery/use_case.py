"""A use case: who writes what, who reads what, and what is computed from the log.

The generator plants a truth in the events (three frauds, a silent sensor) and hands it back beside
them; the computation sees nothing but the log. That both agree for every seed is the test.

Source: notes, Part 1 ch 01 §01.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from kafkabook.base.door import must_be_whole
from kafkabook.base.shown import Shown
from kafkabook.log.reader import Reader
from kafkabook.log.topic import Topic
from kafkabook.records.record import Record

START_MS = 1_700_000_000_000  # 14 November 2023: all generated events begin here


@dataclass(frozen=True, slots=True)
class AppEvent:
    """One event as an application sees it; in the log its fields are the bytes of a JSON object."""

    topic: str
    key: str
    at_ms: int
    fields: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def record(self) -> Record:
        """Return the bytes that a producer would send."""
        value = json.dumps(dict(self.fields), separators=(",", ":")).encode()
        return Record(key=self.key.encode(), value=value, timestamp_ms=START_MS + self.at_ms)


def told(topic: str, key: str, at_ms: int, **fields: Any) -> AppEvent:
    """Tell of an event `at_ms` milliseconds after the start.

    >>> told("rides", "r1", 5, city="Seoul")["city"]
    'Seoul'
    """
    return AppEvent(topic, key, at_ms, fields)


class Feeds:
    """The topics of one run, as the computation reaches them: read from the log, append to it."""

    def __init__(self, topics: Iterable[str]) -> None:
        self.topics = {name: Topic(name, partitions=1) for name in topics}

    def write(self, event: AppEvent) -> None:
        """Append one event to its topic."""
        record = event.record()
        self.topics[event.topic].append(0, [record], now_ms=record.timestamp_ms)

    def read(self, topic: str, *, by: str = "reader") -> list[AppEvent]:
        """Read a topic from its beginning, as a reader of its own that disturbs no other."""
        reader = Reader(by, self.topics[topic].logs[0])
        return [_event(topic, record) for record in reader.poll(reader.lag)]


@dataclass(frozen=True, slots=True)
class Generated:
    """What a generator returns: the events, and the truth it planted in them."""

    events: tuple[AppEvent, ...]
    truth: Any


@dataclass(frozen=True, slots=True)
class UseCase:
    """One use case of the notes.

    Attributes: `area` ("use case", or the industry), `korean` (the notes' words), `writers` and
    `readers` (application → topics), `generate` (from a seeded Random), `compute` (from the log
    alone to the same shape as the planted truth).
    """

    name: str
    area: str
    korean: str
    question: str
    writers: Mapping[str, tuple[str, ...]]
    readers: Mapping[str, tuple[str, ...]]
    generate: Callable[[Random], Generated] = field(repr=False)
    compute: Callable[[Feeds], Any] = field(repr=False)

    @property
    def topics(self) -> tuple[str, ...]:
        """Return every topic that somebody writes or reads, sorted."""
        used = [*self.writers.values(), *self.readers.values()]
        return tuple(sorted({topic for topics in used for topic in topics}))

    def run(self, seed: int = 7) -> "UseCaseRun":
        """Write the generated events to the log, then compute from the log alone."""
        must_be_whole("run", "seed", seed)
        generated = self.generate(Random(f"{seed}/{self.name}"))
        feeds = Feeds(self.topics)
        for event in sorted(generated.events, key=lambda event: event.at_ms):
            feeds.write(event)
        return UseCaseRun(
            self, seed, len(generated.events), self.compute(feeds), generated.truth, feeds
        )


@dataclass(frozen=True, slots=True)
class UseCaseRun(Shown):
    """What a run gave: how many events, what was found, and what had been planted."""

    use_case: UseCase
    seed: int
    events: int
    found: Any
    planted: Any = field(repr=False)
    feeds: Feeds = field(repr=False, compare=False)

    @property
    def answer(self) -> str:
        """What was found, in words; of a long list its length, its first and its last."""
        return _in_words(self.found)

    def __repr__(self) -> str:
        case = self.use_case
        return f"{case.name}\n{case.question}\n{self.events} events → {self.answer}"


def _in_words(found: Any) -> str:
    """Say an answer as a person would.

    >>> _in_words({"b": 6, "a": 5}), _in_words(["x", "y"]), _in_words(list(range(20))), _in_words(7)
    ('b: 6, a: 5', 'x, y', '20: 0 to 19', '7')
    """
    if isinstance(found, dict):
        return _in_words([f"{key}: {value}" for key, value in found.items()])
    if not isinstance(found, list):
        return str(found)
    told = [_in_words(each) for each in found]
    between = " | " if any(isinstance(each, dict) for each in found) else ", "
    return between.join(told) if len(told) <= 8 else f"{len(told)}: {told[0]} to {told[-1]}"


def _event(topic: str, record: Record) -> AppEvent:
    at_ms = record.timestamp_ms - START_MS
    return AppEvent(topic, (record.key or b"").decode(), at_ms, json.loads(record.value or b"{}"))
