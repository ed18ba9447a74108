"""What Apache Kafka 4.3 itself wrote and answered, as test data."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from kafkabook.log.config import LogConfig
from kafkabook.log.disk import Disk
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.rules import LogRules
from kafkabook.records.record import Record

PATH = Path(__file__).parent.parent / "data" / "vectors.json"
PLAIN_CONFIG = LogConfig(segment_bytes=1000, index_interval_bytes=200, segment_index_bytes=1000)
TODAYS_RULES = LogRules()
TOPIC_ID = "AAAAAAAAAAAAAAAAAAAAAg"


@cache
def vectors() -> dict[str, Any]:
    """Return the whole file."""
    return json.loads(PATH.read_text(encoding="utf-8"))


def plain() -> dict[str, Any]:
    """Return the directory that Kafka wrote with plain appends of three leaders."""
    return vectors()["log_dirs"][0]


def plain_log(disk: Disk | None = None, rules: LogRules = TODAYS_RULES) -> PartitionLog:
    """Return our log after the same appends."""
    log = PartitionLog("t-0", disk, config=PLAIN_CONFIG, topic_id=TOPIC_ID, rules=rules)
    for append in plain()["appends"]:
        log.append(map(_record, append["records"]), leader_epoch=append["leader_epoch"])
    return log


def _record(row: dict[str, Any]) -> Record:
    return Record(_bytes(row["key"]), _bytes(row["value"]), row["ts"])


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode()


def expected_files(files: dict[str, Any]) -> dict[str, bytes]:
    """Return file contents; what Kafka preallocated is written out."""
    return {name: _content(told) for name, told in files.items()}


def _content(told: str | dict[str, Any]) -> bytes:
    if isinstance(told, str):
        return bytes.fromhex(told)
    return bytes.fromhex(told["prefix_hex"]).ljust(told["size"], b"\0")


def files_of(disk: Disk, folder: str) -> dict[str, bytes]:
    """Return file contents as they are on our disk."""
    return {name: disk.read(f"{folder}/{name}") for name in disk.list(folder)}
