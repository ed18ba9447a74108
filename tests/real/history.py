"""The story of one real broker, told once for all tests: it works, stops, starts again, is killed.

Each chapter ends with copies of the partition directories, so that tests read files that no
process writes any more.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka.admin import AdminClient

from kafkabook.log.config import LogConfig

from . import ours
from . import workload as work
from .damage import DAMAGED
from .kafka import RealKafka
from .node import Node, copy_of, wait_for

SMALL = work.SMALL_SEGMENTS
DELETE_RETENTION_MS = 300
PAUSED, EAGER = "1.0", "0.0001"  # min.cleanable.dirty.ratio: no log is dirtier than 1.0
LONG_SESSION = {"broker.session.timeout.ms": "30000"}
"""So that a machine that is busy for seconds does not begin a new leader epoch."""

SHORT_SESSION = {"broker.session.timeout.ms": "2000", "broker.heartbeat.interval.ms": "300"}
"""A broker that was killed is not let in again before its old session has ended."""

COMPACTED = {
    **SMALL,
    "cleanup.policy": "compact",
    "internal.segment.bytes": "4096",
    "index.interval.bytes": "500",
    "delete.retention.ms": str(DELETE_RETENTION_MS),
    "min.cleanable.dirty.ratio": PAUSED,
}
TOPICS = {
    "plain": SMALL,
    "codecs": {**SMALL, "internal.segment.bytes": "2500"},
    "idempotent": SMALL,
    "transactions": SMALL,
    "append-time": {**SMALL, "message.timestamp.type": "LogAppendTime"},
    "latest": COMPACTED,
    "latest-transactions": COMPACTED,
}
COMPACTED_TOPICS = ("latest", "latest-transactions")
PLACES = {
    **dict.fromkeys(ours.KINDS, SMALL),
    **{topic: TOPICS[origin] for topic, (origin, _) in DAMAGED.items()},
}
"""Topics that stay empty until a directory that is not the broker's own takes their place."""


Served = dict[str, dict[str, list[work.Received]]]
"""What a real consumer was given, by isolation level and topic."""


@dataclass(frozen=True)
class Cleaning:
    """One pass of the real cleaner: the directory before and after, and how far it was clean."""

    before: Path
    after: Path
    first_dirty_before: int
    first_dirty_after: int


@dataclass(frozen=True)
class Recorded:
    """What a broker wrote until a clean stop, and what consumers were given of it.

    Attributes: `directories`: a copy of `log.dirs`; `received`: by isolation level and topic;
    `cleanings`: passes over each compacted topic; what one gave a horizon, the next finds expired.
    """

    directories: Path
    received: Served
    cleanings: dict[str, tuple[Cleaning, ...]]

    def directory(self, topic: str) -> Path:
        """The directory of the topic's only partition."""
        return self.directories / f"{topic}-0"


def log_config(topic: str) -> LogConfig:
    """The settings that shape a log's files, as the topic was created with them."""
    config = PLACES.get(topic) or TOPICS[topic]
    return LogConfig(
        segment_bytes=int(config["internal.segment.bytes"]),
        segment_index_bytes=64 * 1024,  # less room than the broker's 10 MiB, and the same entries
        index_interval_bytes=int(config["index.interval.bytes"]),
        delete_retention_ms=DELETE_RETENTION_MS,
        cleanup_policy=(config.get("cleanup.policy", "delete"),),
    )


def record(kafka: RealKafka, folder: Path) -> Recorded:
    """Work the broker through everything that it can write, stop it, copy its directories."""
    (node,) = kafka.brokers
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    work.create(admin, {**TOPICS, **PLACES})
    fill_plain(kafka.bootstrap)
    with ThreadPoolExecutor() as aside:  # joining a group is mostly waiting
        meeting = aside.submit(work.groups, kafka.bootstrap, admin, "plain")
        passes = [clean_all(kafka, admin, folder, 1)]
        fill(kafka.bootstrap, admin)
        passes += [clean_all(kafka, admin, folder, number) for number in (2, 3)]
        meeting.result()
    levels = ("read_uncommitted", "read_committed")
    received = {level: work.read_all(kafka.bootstrap, tuple(TOPICS), level) for level in levels}
    kafka.stop()
    cleanings = {topic: tuple(done[topic] for done in passes) for topic in COMPACTED_TOPICS}
    return Recorded(copy_of(node.data_directory, folder / "clean"), received, cleanings)


def fill_plain(bootstrap: str) -> None:
    """Uncompressed records, with the producer's time and with the broker's."""
    sender = work.producer(bootstrap)
    work.send(sender, "plain", work.some_records("plain", 400), sizes=(1, 5, 12))
    work.send(sender, "append-time", work.some_records("append", 160), sizes=(1, 5, 12))


def fill(bootstrap: str, admin: AdminClient) -> None:
    """Records for the other topics that are not compacted.

    Those of idempotent producers are of today, for a restart forgets producers after a day.
    """
    fill_codecs(bootstrap, admin)
    for number in range(3):
        careful = work.producer(bootstrap, enable_idempotence=True)
        records = work.some_records(
            f"idempotent-{number}", 100, base_timestamp_ms=int(time.time() * 1000)
        )
        work.send(careful, "idempotent", records, sizes=(1, 5, 9))
    work.transactions(bootstrap, "transactions", work.some_records("transactions", 200))


def fill_codecs(bootstrap: str, admin: AdminClient) -> None:
    """Each codec twice: compressed by the producer's library, and by the broker's in Java."""
    plain = work.producer(bootstrap)
    for codec in work.CODECS:
        records = work.some_records(codec, 80)
        work.configure(admin, "codecs", compression_type="producer")
        compressing = work.producer(bootstrap, compression_codec=codec)
        work.send(compressing, "codecs", records[:40], sizes=(20,))
        work.configure(admin, "codecs", compression_type=codec)
        work.send(plain, "codecs", records[40:], sizes=(20,))


def clean_all(
    kafka: RealKafka, admin: AdminClient, folder: Path, number: int
) -> dict[str, Cleaning]:
    """Append to the compacted topics, then let the cleaner pass over each."""
    fill_compacted(kafka.bootstrap, str(number))
    (node,) = kafka.brokers
    place = folder / f"pass-{number}"
    return {topic: cleaned(admin, node, topic, place) for topic in COMPACTED_TOPICS}


def fill_compacted(bootstrap: str, seed: str) -> None:
    """Keyed records and tombstones; and the same within transactions, aborted ones too."""
    records = work.keyed_records(f"latest-{seed}", 300)
    work.send(work.producer(bootstrap), "latest", records[:200], sizes=(1, 7, 20))
    careful = work.producer(bootstrap, enable_idempotence=True, compression_codec="lz4")
    work.send(careful, "latest", records[200:], sizes=(3, 10))
    sender = work.transactional(bootstrap, "compacting")
    records = work.keyed_records(f"transactions-{seed}", 240)
    for number, start in enumerate(range(0, 240, 20)):
        finish = work.aborted if number % 3 == 1 else work.committed
        finish(sender, "latest-transactions", records[start : start + 20])


def cleaned(admin: AdminClient, node: Node, topic: str, folder: Path) -> Cleaning:
    """Let the real cleaner pass over a topic once, and keep the directory before and after."""
    directory = node.partition_directory(f"{topic}-0")
    before = copy_of(directory, folder / "before" / directory.name)
    was, active = first_dirty(node, topic), active_base(before)
    work.configure(admin, topic, min_cleanable_dirty_ratio=EAGER)
    wait_for(f"{topic} to be clean below {active}", lambda: first_dirty(node, topic) == active)
    work.configure(admin, topic, min_cleanable_dirty_ratio=PAUSED)
    return Cleaning(before, copy_of(directory, folder / "after" / directory.name), was, active)


def first_dirty(node: Node, topic: str) -> int:
    """What `cleaner-offset-checkpoint` says of a topic's only partition; 0 without a line."""
    checkpoint = node.data_directory / "cleaner-offset-checkpoint"
    lines = checkpoint.read_text().splitlines() if checkpoint.exists() else []
    return next((int(line.split()[2]) for line in lines if line.startswith(f"{topic} 0 ")), 0)


def active_base(directory: Path) -> int:
    """The base offset of the newest segment, which is never cleaned."""
    return max(int(path.stem) for path in directory.glob("*.log"))


def crash(kafka: RealKafka, folder: Path) -> Path:
    """Start again, which makes a new leader epoch; append; kill -9; copy what is left."""
    (node,) = kafka.brokers
    kafka.start()
    work.send(work.producer(kafka.bootstrap), "plain", work.some_records("again", 60), sizes=(4, 9))
    kafka.kill()
    return copy_of(node.data_directory, folder / "killed")


def serve(kafka: RealKafka, directories: dict[str, Path]) -> Served:
    """Put directories of our own in the place of the broker's; start; read them as a client does.

    The broker was killed before, so that it trusts nothing and checks all; it is killed again, as
    its log and its files say all that tests ask. `partition.metadata` stays, as it holds the
    topic's id.
    """
    (node,) = kafka.brokers
    for topic, directory in directories.items():
        replace_files(node.partition_directory(f"{topic}-0"), directory)
    node.configure(SHORT_SESSION)
    kafka.start()
    levels = ("read_uncommitted", "read_committed")
    received = {
        level: work.read_all(kafka.bootstrap, tuple(directories), level) for level in levels
    }
    kafka.kill()
    return received


def replace_files(place: Path, directory: Path) -> None:
    """Fill `place` with the files of `directory`, all but `partition.metadata`."""
    kept = "partition.metadata"
    for file in place.iterdir():
        if file.name != kept:
            file.unlink()
    for file in directory.iterdir():
        if file.name != kept:
            (place / file.name).write_bytes(file.read_bytes())
