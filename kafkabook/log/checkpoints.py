"""The small text files beside the logs: how they are written, read, and refused.

Each is written whole to `<name>.tmp`, flushed, and renamed, so that a reader finds the old one or
the new one and never a half.

Source: kafka, server-common `CheckpointFile.java`, storage `PartitionMetadataFile.java`.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.names import TopicPartition
from kafkabook.base.units import INT32_MAX, INT64_MAX
from kafkabook.log.disk import Files
from kafkabook.log.facts import EpochEntry

LEADER_EPOCHS = "leader-epoch-checkpoint"
PARTITION_METADATA = "partition.metadata"
RECOVERY_POINTS = "recovery-point-offset-checkpoint"
HIGH_WATERMARKS = "replication-offset-checkpoint"
LOG_STARTS = "log-start-offset-checkpoint"
CLEANER_OFFSETS = "cleaner-offset-checkpoint"
META_PROPERTIES = "meta.properties"
CLEAN_SHUTDOWN = ".kafka_cleanshutdown"

_COUNT_LINE = re.compile(r"\d{1,10}", re.ASCII)  # Python refuses to read endless numbers
_EPOCH_LINE = re.compile(r"(\d{1,10}) (\d{1,19})", re.ASCII)
_OFFSET_LINE = re.compile(r"(\S+) (\d{1,10}) (\d{1,19})", re.ASCII)


def write_atomically(disk: Files, path: str, text: str) -> None:
    """Replace a file in one step; a power cut leaves the old one or the new one."""
    temporary = f"{path}.tmp"
    if disk.exists(temporary):
        disk.remove(temporary)
    disk.append(temporary, text.encode())
    disk.flush(temporary)
    disk.rename(temporary, path)


def read_text(disk: Files, path: str) -> str:
    """Return a file's text.

    Raises:
        KAFKA_STORAGE_ERROR: there is none, it is larger than 16 MiB, or it is not UTF-8.
    """
    if disk.size(path) > 1 << 24:
        raise KafkaError(
            Errors.KAFKA_STORAGE_ERROR, f"{path}: {disk.size(path)} bytes is no checkpoint's size"
        )
    try:
        return disk.read(path).decode()
    except UnicodeDecodeError as error:
        raise _malformed(path, 1, f"byte {error.start} is not text") from error


def read_leader_epochs(disk: Files, path: str) -> tuple[EpochEntry, ...]:
    """Return the epochs of `leader-epoch-checkpoint`; none if there is no file.

    Raises:
        KAFKA_STORAGE_ERROR: malformed; names the line and what to do.
    """
    rows = _rows(disk, path, _EPOCH_LINE, "<epoch> <start offset>")
    entries = tuple(EpochEntry(int(epoch), int(start)) for epoch, start in rows)
    if entries and entries[-1].epoch > INT32_MAX:
        raise _malformed(path, len(entries) + 2, f"epoch {entries[-1].epoch} is above {INT32_MAX}")
    return entries


def write_leader_epochs(disk: Files, path: str, entries: Sequence[EpochEntry]) -> None:
    """Write the epochs, as Kafka does at every change."""
    write_atomically(disk, path, _table([f"{e.epoch} {e.start_offset}" for e in entries]))


def read_offsets(disk: Files, path: str) -> dict[TopicPartition, int]:
    """Return a checkpoint of one offset per partition; empty if there is no file.

    Raises:
        KAFKA_STORAGE_ERROR: malformed; names the line and what to do.
    """
    rows = _rows(disk, path, _OFFSET_LINE, "<topic> <partition> <offset>")
    return {TopicPartition(topic, int(number)): int(offset) for topic, number, offset in rows}


def write_offsets(disk: Files, path: str, offsets: Mapping[TopicPartition, int]) -> None:
    """Write one offset per partition, sorted (Kafka's order is that of its map)."""
    in_order = sorted(offsets.items(), key=lambda item: (item[0].topic, item[0].partition))
    rows = [f"{tp.topic} {tp.partition} {offset}" for tp, offset in in_order]
    write_atomically(disk, path, _table(rows))


def read_partition_metadata(disk: Files, path: str) -> str:
    """Return the topic id, 22 characters of URL-safe base64.

    Raises:
        KAFKA_STORAGE_ERROR: malformed; names the line and what to do.
    """
    lines = read_text(disk, path).split("\n")
    if lines[0] != "version: 0":
        raise _malformed(path, 1, f"{lines[0]!r} instead of 'version: 0'")
    found = re.fullmatch(r"topic_id: ([\w-]{22})", "\n".join(lines[1:]).rstrip("\n"), re.ASCII)
    if found is None:
        raise _malformed(path, 2, f"{lines[1:2]} instead of 'topic_id: <22 characters>'")
    return found[1]


def write_partition_metadata(disk: Files, path: str, topic_id: str) -> None:
    """Write the topic id, without an end of line, as Kafka does."""
    write_atomically(disk, path, f"version: 0\ntopic_id: {checked_id(topic_id)}")


def checked_id(identifier: str) -> str:
    """Return a topic or directory id if it is 16 bytes in URL-safe base64 without padding.

    Raises:
        KAFKA_STORAGE_ERROR: it is not.

    >>> checked_id("AAAAAAAAAAAAAAAAAAAAAg")
    'AAAAAAAAAAAAAAAAAAAAAg'
    """
    try:
        raw = base64.b64decode(f"{identifier}==", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != 16:
        raise KafkaError(
            Errors.KAFKA_STORAGE_ERROR,
            f"{identifier!r} is not an id: 22 characters of base64 expected",
        )
    return identifier


def read_meta_properties(disk: Files, path: str) -> dict[str, str]:
    """Return the properties that say which node and cluster a log directory belongs to.

    Raises:
        KAFKA_STORAGE_ERROR: a line without `=`, or a version other than 0 and 1.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(read_text(disk, path).splitlines(), start=1):
        if line.strip() and not line.startswith(("#", "!")):
            name, equals, value = line.partition("=")
            if not equals:
                raise _malformed(path, number, f"{line!r} is not <name>=<value>")
            found[name.strip()] = value.strip()
    if found.get("version") not in ("0", "1"):
        raise _malformed(path, 1, f"version {found.get('version')!r} instead of 0 or 1")
    return found


def write_meta_properties(disk: Files, path: str, properties: Mapping[str, str]) -> None:
    """Write the properties, sorted. Kafka also writes the date in a comment; here is no clock."""
    rows = [f"{name}={value}" for name, value in sorted(properties.items())]
    write_atomically(disk, path, "\n".join(["#", *rows, ""]))


def write_clean_shutdown(disk: Files, path: str, broker_epoch: int) -> None:
    """Leave the word that everything was closed in order, with the broker's epoch (KIP-966)."""
    document = {"version": 0, "brokerEpoch": broker_epoch}
    write_atomically(disk, path, json.dumps(document, separators=(",", ":")))


def read_clean_shutdown(disk: Files, path: str) -> int:
    """Return the broker epoch of the last clean stop, -1 where the file does not tell."""
    try:
        return int(json.loads(read_text(disk, path))["brokerEpoch"])
    except (KafkaError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return -1  # an empty file is what Kafka wrote before 3.7, and still a clean stop


def _table(rows: list[str]) -> str:
    return "\n".join(["0", str(len(rows)), *rows, ""])


def _rows(disk: Files, path: str, row: re.Pattern[str], shape: str) -> list[tuple[str, ...]]:
    if not disk.exists(path) or not disk.size(path):
        return []  # Kafka makes the files empty when it first looks for them
    version, count, *lines = [*read_text(disk, path).splitlines(), *[""] * 2]
    lines = lines[:-2]
    if version != "0":
        raise _malformed(path, 1, f"version {version[:80]!r} instead of 0")
    if not _COUNT_LINE.fullmatch(count):
        raise _malformed(path, 2, f"{count[:80]!r} instead of the number of lines that follow")
    if int(count) != len(lines):
        raise _malformed(path, 2, f"{count} lines announced, {len(lines)} follow")
    return [_fields(path, number, line, row, shape) for number, line in enumerate(lines, start=3)]


def _fields(path: str, number: int, line: str, row: re.Pattern[str], shape: str) -> tuple[str, ...]:
    found = row.fullmatch(line)
    if found is None or int(found.groups()[-1]) > INT64_MAX:
        raise _malformed(path, number, f"{line[:80]!r} is not {shape}")
    return found.groups()


def _malformed(path: str, line: int, what: str) -> KafkaError:
    return KafkaError(
        Errors.KAFKA_STORAGE_ERROR,
        f"{path}, line {line}: {what}. Restore the file, or remove it: what it held is then rebuilt"
        " from the logs or starts from the beginning, and the log is checked as after a crash.",
    )
