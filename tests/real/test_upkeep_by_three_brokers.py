"""What three real brokers do to their logs by themselves, and the lab with them.

Both are given the same batches under the same settings. When all is quiet each broker must have the
same log start, the same segments, and the same records, and must have marked as many old segments
as deleted. The settings that ask for it are altered while the logs are open. Times are ages: real
brokers know the date, and the lab begins at 0.

Of topics that are deleted the names of directories are compared, their digits aside.
"""

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.names import TopicPartition
from kafkabook.cluster.config import ClusterConfig
from kafkabook.lab import Lab
from kafkabook.log.checkpoints import LOG_STARTS, read_offsets
from kafkabook.log.disk import DirectoryDisk
from kafkabook.log.segment_names import base_name
from kafkabook.protocol.records_api import ProducePartition, ProduceRequest
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch

from . import asking
from .batches import segment_batches
from .kafka import IMPATIENT, RealKafka
from .node import run_tool, wait_for
from .three_brokers import TOPIC_COMMAND

pytestmark = pytest.mark.real

BROKERS = (1, 2, 3)
MINUTE_MS = 60_000
QUIET_S = 3.0  # of nothing that changes: several rounds of each timer
SETTINGS: Mapping[str, str] = {
    **IMPATIENT,
    "log.initial.task.delay.ms": "500",
    "log.retention.check.interval.ms": "500",
    "log.flush.start.offset.checkpoint.interval.ms": "500",
    "log.cleaner.backoff.ms": "300",
    "log.segment.delete.delay.ms": "5000",
}
OURS = replace(
    ClusterConfig(),
    log_initial_task_delay_ms=500,
    log_retention_check_interval_ms=500,
    log_flush_start_offset_checkpoint_interval_ms=500,
    log_cleaner_backoff_ms=300,
    log_segment_delete_delay_ms=5_000,
)


@dataclass(frozen=True)
class Run:
    """A topic's settings, and its records: a key, and an age in minutes.

    Attributes: `delete_before`: what a DeleteRecords asks for in the end; None for none.
    """

    settings: Mapping[str, str]
    records: Sequence[tuple[str, int]]
    delete_before: int | None = None


AGES = [("k", age) for age in (90, 80, 70, 60, 50, 10, 9, 8, 7)]
KEYS = [(key, 5) for key in "aabacabbcadaac"]
RUNS: Mapping[str, Run] = {
    "by-time": Run({"retention.ms": f"{30 * MINUTE_MS}"}, AGES),
    "by-time-all": Run({"retention.ms": f"{5 * MINUTE_MS}"}, AGES),
    "by-time-out-of-order": Run(
        {"retention.ms": f"{30 * MINUTE_MS}"}, [("k", age) for age in (90, 80, 5, 70, 60, 50, 40)]
    ),
    "by-size": Run({"retention.bytes": "300", "retention.ms": "-1"}, AGES),
    "by-size-to-the-byte": Run({"retention.bytes": "420", "retention.ms": "-1"}, AGES),
    "compacted": Run({"cleanup.policy": "compact"}, KEYS),
    "compacted-and-deleted": Run(
        {
            "cleanup.policy": "compact,delete",
            "retention.ms": f"{30 * MINUTE_MS}",
            "min.cleanable.dirty.ratio": "1",  # nothing is: else it hangs on who comes first
        },
        [(key, 90 if number < 6 else 5) for number, (key, _) in enumerate(KEYS)],
    ),
    "records-deleted": Run({"retention.ms": "-1"}, AGES, delete_before=5),
    "all-records-deleted": Run({"retention.ms": "-1"}, AGES, delete_before=-1),
    "deleted-in-a-segment": Run({"retention.ms": "-1"}, AGES, delete_before=1),
}
GONE = ("gone-a", "gone-b")
DELETE_DELAY_MS = 5_000
COMMON = {
    "internal.segment.bytes": "150",
    "file.delete.delay.ms": "600000",
    "retention.ms": "-1",
}
"""What each topic is created with. Its own settings come when all its records are there: how many
segments are left of a compacted log depends on when it was cleaned.
"""


@dataclass(frozen=True)
class Upkept:
    """What one broker has left of a log: its start, its segments, and its records."""

    log_start: int
    bases: tuple[int, ...]
    records: tuple[tuple[int, bytes | None, bytes | None], ...]
    marked: tuple[str, ...]  # logs of segments that are deleted and not removed yet


def _named(names: Iterable[str]) -> list[str]:
    """The directories of topics that are deleted, their digits aside."""
    return sorted(re.sub("[0-9a-f]{32}", "…", n).strip("/") for n in names if n[:4] == "gone")


def batches_of(run: Run, now_ms: int) -> Iterator[RecordBatch]:
    """One batch for each record, at its age."""
    for number, (key, age) in enumerate(run.records):
        at_ms = now_ms - age * MINUTE_MS
        yield RecordBatch.of([Record(key.encode(), b"v%02d" % number, timestamp_ms=at_ms)])


# --- real brokers ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def brokers(kafka_jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealKafka]:
    """Three real brokers, and a controller of their own."""
    with RealKafka.cluster(tmp_path_factory.mktemp("upkeep"), settings=SETTINGS) as kafka:
        yield kafka


@pytest.fixture(scope="module")
def real(brokers: RealKafka) -> dict[str, list[Upkept]]:
    """What each of three real brokers has left of each topic."""
    port = _port(brokers)
    for topic, run in RUNS.items():
        assert "NONE" == asking.create_topic(port, topic, COMMON, assignment=BROKERS)
        for batch in batches_of(run, int(time.time() * 1_000)):
            wait_for("the leader", partial(_produced, port, topic, batch))
        assert "NONE" == asking.alter_topic(port, topic, run.settings)
        if run.delete_before is not None:
            assert "NONE" == asking.delete_records(port, topic, run.delete_before)[0]
    return _when_quiet(brokers)


@pytest.fixture(scope="module")
def real_folders(brokers: RealKafka, real: object) -> list[list[str]]:
    """The directories of deleted topics on each broker: soon after the deletion, later, at the end.

    Broker 3 was down when one of them was deleted. `log.segment.delete.delay.ms` is five seconds.
    """
    for topic in GONE:
        asked = asking.create_topic(_port(brokers), topic, {}, assignment=BROKERS)
        assert "NONE" == asked
    folders = partial(_folders, brokers)
    wait_for("the directories", lambda: folders() == [f"{topic}-0" for topic in GONE * 3] or None)
    _delete(brokers, GONE[0])
    brokers.broker(3).stop()
    _delete(brokers, GONE[1])
    soon = folders()
    brokers.broker(3).start()
    brokers.broker(3).ready()
    wait_for("broker 3 to look", lambda: any("stray" in name for name in folders()) or None)
    time.sleep(DELETE_DELAY_MS / 1_000 + 2)
    return [soon, folders()]


def _delete(kafka: RealKafka, topic: str) -> None:
    asked = ("--bootstrap-server", f"127.0.0.1:{_port(kafka)}", "--delete", "--topic", topic)
    run_tool(TOPIC_COMMAND, *asked)
    folder = kafka.broker(1).partition_directory(f"{topic}-0")
    wait_for("the deletion", lambda: not folder.exists() or None)


def _folders(kafka: RealKafka) -> list[str]:
    places = [kafka.broker(number).partition_directory("x-0").parent for number in BROKERS]
    return [name for place in places for name in _named(path.name for path in place.iterdir())]


def _port(kafka: RealKafka) -> int:
    return int(kafka.bootstrap.split(",")[0].split(":")[1])


def _produced(port: int, topic: str, batch: RecordBatch) -> bool | None:
    return True if asking.produce_batch(port, topic, batch.data)[0] == "NONE" else None


def _when_quiet(kafka: RealKafka) -> dict[str, list[Upkept]]:
    """Look until nothing has changed for a while."""
    seen, since_s = _seen(kafka), time.monotonic()
    while time.monotonic() - since_s < QUIET_S:
        time.sleep(0.2)
        now = _seen(kafka)
        if now != seen:
            seen, since_s = now, time.monotonic()
    return seen


def _seen(kafka: RealKafka) -> dict[str, list[Upkept]]:
    return {topic: [_upkept(kafka, topic, number) for number in BROKERS] for topic in RUNS}


def _upkept(kafka: RealKafka, topic: str, broker: int) -> Upkept:
    directory = kafka.broker(broker).partition_directory(f"{topic}-0")
    try:
        logs = sorted(path for path in directory.iterdir() if path.name.endswith(".log"))
        bases = tuple(int(path.stem) for path in logs)
        starts = read_offsets(DirectoryDisk(directory.parent), LOG_STARTS)
        start = starts.get(TopicPartition(topic, 0), bases[0])
        found = [batch for path in logs for _, batch in segment_batches(path)]
        marked = sorted(p.name for p in directory.iterdir() if p.name.endswith(".log.deleted"))
    except OSError:  # a file was renamed between two looks, or a broker is not so far yet
        time.sleep(0.05)
        return _upkept(kafka, topic, broker)
    records = [(r.offset, r.key, r.value) for batch in found for r in batch.records]
    return Upkept(start, bases, tuple(records), tuple(marked))


# --- the lab --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ours() -> dict[str, list[Upkept]]:
    """What each broker of the lab has left."""
    lab = Lab(config=OURS, is_watched=False, tell_messages=False)
    lab.run_to(100 * MINUTE_MS)
    for topic, run in RUNS.items():
        common = {name.removeprefix("internal."): text for name, text in COMMON.items()}
        lab.create_topic(topic, assignment=[BROKERS], **common)
        for batch in batches_of(run, lab.now_ms):
            _put(lab, ProduceRequest(-1, (ProducePartition(TopicPartition(topic, 0), batch),)))
        lab.alter_topic(topic, **run.settings)
        if run.delete_before is not None:
            lab.delete_records(topic, 0, run.delete_before)
    lab.run_for(4_000)
    return {topic: [_kept(lab, topic, number) for number in BROKERS] for topic in RUNS}


def _put(lab: Lab, request: ProduceRequest) -> None:
    """Ask one broker after the other, as an administrator does, until the leader is met."""
    try:
        lab.ask(request)
    except KafkaError as error:
        assert error.error is Errors.NOT_LEADER_OR_FOLLOWER
        _put(lab, request)


def _kept(lab: Lab, topic: str, broker: int) -> Upkept:
    host = lab.world.hosts[broker]
    log: Any = host.log(TopicPartition(topic, 0))
    found = [
        batch
        for segment in log.segments
        for batch in segment.read(0, max_bytes=10_000, upto=log.log_end)
    ]
    marked = [name for name in host.disk.list(log.name) if name.endswith(".log.deleted")]
    bases = tuple(segment.base_offset for segment in log.segments)
    records = [(r.offset, r.key, r.value) for batch in found for r in batch.records]
    return Upkept(log.log_start, bases, tuple(records), tuple(sorted(marked)))


@pytest.fixture(scope="module")
def our_folders() -> list[list[str]]:
    """The same of the lab."""
    lab = Lab(config=OURS, is_watched=False, tell_messages=False)
    for topic in GONE:
        lab.create_topic(topic, assignment=[BROKERS])
    lab.run_for(1_000)
    lab.delete_topic(GONE[0])
    lab.run_for(100)
    lab.crash(3)
    lab.delete_topic(GONE[1])
    lab.run_for(100)
    disks = [host.disk for host in lab.world.hosts.values()]
    soon = [name for disk in disks for name in _named(disk.list())]
    lab.restart(3)
    lab.run_for(20_000)
    return [soon, [name for disk in disks for name in _named(disk.list())]]


# --- the same -------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", RUNS)
def test_each_broker_has_the_same_left(
    real: dict[str, list[Upkept]], ours: dict[str, list[Upkept]], topic: str
) -> None:
    """Log start, segments, records, and what waits for its removal."""
    assert real[topic] == ours[topic]


def test_something_went_in_each_run(real: dict[str, list[Upkept]]) -> None:
    """Else the comparison would say nothing."""
    first = base_name(0)
    kept = {topic for topic in RUNS if not real[topic][0].marked and not real[topic][0].log_start}
    assert set() == kept
    assert f"{first}.log.deleted" in real["by-time"][0].marked


def test_directories_of_deleted_topics_are_renamed_and_removed(
    real_folders: list[list[str]], our_folders: list[list[str]]
) -> None:
    """And what a broker finds that nobody gives it is set aside, and stays."""
    assert real_folders == our_folders
    assert ["gone-b-0.…-stray"] == our_folders[1]
