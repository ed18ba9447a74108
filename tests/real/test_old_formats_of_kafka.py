"""Messages of magic 0 and 1: the recorded ones are Kafka's, and old logs open as in Kafka."""

import os
import shutil
import time
from pathlib import Path
from random import SystemRandom
from typing import Any

import pytest

from kafkabook.log.config import LogConfig
from kafkabook.log.disk import DirectoryDisk
from kafkabook.log.partition_log import PartitionLog
from tests.records.old_messages import T, recorded

from .old_formats import a_directory, asked

pytestmark = pytest.mark.real
PINNED, FRESH = "old formats", f"{SystemRandom().getrandbits(32):08x}"
DIRECTORIES = 60
TIMES = (T - 1, T, T + 1, T + 5, T + 2000, T + 9990, T + 99_999, T + 10**9, -1, -2, -3)
Said = dict[str, Any]


def test_the_recorded_messages_are_what_kafka_writes(kafka_jars: Path) -> None:
    """All bytes but those of gzip, whose library is that of the system and may be another one."""
    assert list(map(without_gzip, recorded())) == list(map(without_gzip, asked("record")))


def without_gzip(said: Said) -> Said:
    """The same without what depends on how well a library compresses."""
    if "gzip" not in said["name"]:
        return said
    batches = [{**it, "size": 0, "crc": 0} for it in said["batches"]]
    return {**said, "hex": "", "batches": batches}


@pytest.mark.parametrize(
    "seed", [PINNED, os.environ.get("KAFKABOOK_SEED", FRESH)], ids=["pinned", "fresh"]
)
def test_a_log_with_old_messages_opens_as_in_kafka(
    seed: str, kafka_jars: Path, tmp_path: Path
) -> None:
    """Sound and damaged ones: log start, log end, every record that is served, and every time."""
    print(f"KAFKABOOK_SEED={seed}")
    names = [f"{number}" for number in range(DIRECTORIES)]
    for name in names:
        a_directory(tmp_path / "ours" / name, f"{seed}/{name}")
    shutil.copytree(tmp_path / "ours", tmp_path / "kafka's")
    folders = [tmp_path / "kafka's" / name / "orders-0" for name in names]
    theirs = asked("open", ",".join(map(str, TIMES)), *folders)
    ours = [opened(tmp_path / "ours" / name) for name in names]
    assert {it["name"]: it for it in theirs} == {it["name"]: it for it in ours}
    assert any(len(it["offsets"]) > 20 for it in theirs)


def opened(root: Path) -> Said:
    """What becomes of a directory when our log opens it."""
    config, now_ms = LogConfig(index_interval_bytes=60), int(time.time() * 1000)
    log = PartitionLog("orders-0", DirectoryDisk(root), config=config, now_ms=now_ms)
    log.check()
    return {
        "name": root.name,
        "start": log.log_start,
        "end": log.log_end,
        "offsets": [record.offset for record in log.records()],
        "times": [found(log, it) for it in TIMES],
    }


def found(log: PartitionLog, time_ms: int) -> list[int] | None:
    """What the log says of a time, as the program does."""
    place = log.offset_for_timestamp(time_ms)
    return None if place is None else [place.timestamp_ms, place.offset, place.leader_epoch]
