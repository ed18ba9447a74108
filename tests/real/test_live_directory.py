"""The directory of a broker that runs: what its start deletes, and what a look at it shows."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from kafkabook.base.names import TopicPartition
from kafkabook.log.disk import MemoryDisk
from kafkabook.log.log_directory import LogDirectory
from tests.inspect.directories import run

from .kafka import RealKafka
from .node import Node, wait_for
from .workload import create

pytestmark = pytest.mark.real

DIGITS = "0123456789abcdef" * 2
LOG = f"{0:020d}.log"
LEFT = {
    "deletion": f"gone-0.{DIGITS}-delete",
    "stray": f"lost-0.{DIGITS}-stray",
    "future": f"moved-0.{DIGITS}-future",
    "unknown": "unknown-0",
}
"""What lies in the log directory before the start, by what it is."""


@pytest.fixture(scope="module")
def running(kafka_jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealKafka]:
    """A broker that found those, with a topic that is small enough to be deleted from."""
    folder = tmp_path_factory.mktemp("live")
    settings = {"log.segment.delete.delay.ms": "500", "log.retention.check.interval.ms": "300"}
    with RealKafka.combined(folder, settings) as kafka:
        (node,) = kafka.brokers
        kafka.stop()
        for name in LEFT.values():
            (node.data_directory / name).mkdir()
            (node.data_directory / name / LOG).write_bytes(b"")
        kafka.start()
        admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
        small = {"segment.bytes": str(1 << 20), "retention.bytes": str(2 << 20)}
        create(admin, {"orders": {**small, "file.delete.delay.ms": "100"}})
        yield kafka


def folders(node: Node, start: str) -> list[str]:
    """The folders in the log directory whose names begin so."""
    return sorted(p.name for p in node.data_directory.iterdir() if p.name.startswith(start))


def test_at_its_start_a_broker_deletes_what_was_to_be_deleted_and_keeps_the_rest(
    running: RealKafka,
) -> None:
    """A directory without a topic becomes stray, and nobody dares to delete that.

    Ours passes over the same names, and hands out the last one as a partition that no topic has.
    """
    (node,) = running.brokers
    wait_for("the deletion", lambda: not folders(node, "gone"))
    assert [LEFT["stray"]] == folders(node, "lost")
    for start in ("moved", "unknown"):
        (name,) = folders(node, start)
        assert re.fullmatch(rf"{start}-0\.[0-9a-f]{{32}}-stray", name)
    disk = MemoryDisk()
    for name in ("__cluster_metadata-0", "remote-log-index-cache", *LEFT.values()):
        disk.append(f"{name}/{LOG}", b"")
    directory = LogDirectory(disk)
    assert [TopicPartition("unknown", 0)] == list(directory.partitions())
    assert (LEFT["deletion"],) == directory.set_aside_before()


def test_while_a_broker_appends_and_deletes_every_look_is_one_whole_log(
    running: RealKafka,
) -> None:
    """Nobody says --live: the broker holds its lock. Each look is sound, and misses no offset."""
    (node,) = running.brokers
    folder = node.partition_directory("orders-0")
    seen: list[range] = []
    with ThreadPoolExecutor(1) as aside:
        sent = aside.submit(fill, running.bootstrap)
        while not sent.done():
            seen.append(looked_at(folder))
        sent.result()
    seen.append(looked_at(folder))
    assert 20_000 == seen[-1].stop
    assert seen[0].start < seen[-1].start, "nothing was deleted meanwhile"
    assert len({look.stop for look in seen}) > 3


def fill(bootstrap: str) -> None:
    """Send 20 MB in small batches: segments are rolled, and the oldest go."""
    sender = Producer({"bootstrap.servers": bootstrap, "linger.ms": 2, "batch.num.messages": 20})
    for number in range(20_000):
        sender.produce("orders", b"%06d" % number + b"v" * 1000, partition=0)
        sender.poll(0)
        if number % 1_000 == 0:
            sender.flush()
    sender.flush()


def looked_at(folder: Path) -> range:
    """Look at a directory; return the offsets of its batches, which follow each other."""
    ran = run(folder, "--json", "--headers-only")
    assert 0 == ran.exit_code, ran.err
    rows = [row for row in ran.rows if row["file"].endswith(".log")]
    spans = [(row["baseOffset"], row["lastOffset"]) for row in rows]
    assert all(after[0] == before[1] + 1 for before, after in pairwise(spans))
    return range(spans[0][0], spans[-1][1] + 1) if spans else range(0)
