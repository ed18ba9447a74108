"""The small text files beside the logs: how they are written, read, and refused.

Each is written whole to `<name>.tmp`, flushed, and renamed, so that a reader finds the old one or
the new one and never a half. They are read as Kafka reads them, which takes more than it writes:
blanks of any kind and number between fields, a carriage return, a sign before a number, a file that
ends behind its version.

Source: kafka, server-common `CheckpointFile.java`, storage `OffsetCheckpointFile.java`,
`LeaderEpochCheckpointFile.java`, `PartitionMetadataFile.java`, metadata `MetaProperties.java`.
"""

import base64
import json
import re
from collections.abc import Mapping, Sequence

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.java_numbers import whole_number
from kafkabook.base.java_properties import parse_properties
from kafkabook.base.java_text import lines_of, split
from kafkabook.base.names import TopicPartition
from kafkabook.base.plain import plain
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

_ID = re.compile(r"[\w-]{22}(==)?", re.ASCII)
MOST_BYTES = 1 << 24  # a limit of ours
_NO_ID = "AAAAAAAAAAAAAAAAAAAAAA"  # of no topic
_NAME_AND_VALUE = r":[ \t\n\x0b\f\r]+"
_MOST_LETTERS = 80  # of a line that is quoted


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
    _check_size(disk, path)
    try:
        return disk.read(path).decode()
    except UnicodeDecodeError as error:
        raise _malformed(path, 1, f"byte {error.start} is not text") from error


def _check_size(disk: Files, path: str) -> None:
    if disk.size(path) > MOST_BYTES:
        raise KafkaError(
            Errors.KAFKA_STORAGE_ERROR, f"{path}: {disk.size(path)} bytes is no checkpoint's size"
        )


def read_leader_epochs(disk: Files, path: str) -> tuple[EpochEntry, ...]:
    """Return the lines of `leader-epoch-checkpoint` in their order, whatever that is.

    None if there is no file. `leader_epochs.believed` says which of them count.

    Raises:
        KAFKA_STORAGE_ERROR: malformed, or negative; names the line and what to do.
    """
    entries = []
    for number, fields in enumerate(_rows(disk, path), start=3):
        numbers = [whole_number(text, bits) for text, bits in zip(fields, (32, 64), strict=False)]
        epoch, start = numbers if len(fields) == 2 else (None, None)
        if epoch is None or start is None or epoch < 0 or start < 0:
            raise _malformed(path, number, f"{_told(fields)} is not <epoch> <start offset>")
        entries.append(EpochEntry(epoch, start))
    return tuple(entries)


def write_leader_epochs(disk: Files, path: str, entries: Sequence[EpochEntry]) -> None:
    """Write the epochs, as Kafka does at every change."""
    write_atomically(disk, path, _table([f"{e.epoch} {e.start_offset}" for e in entries]))


def read_offsets(disk: Files, path: str) -> dict[TopicPartition, int]:
    """Return a checkpoint of one offset per partition; empty if there is no file.

    The last line of a partition counts. Kafka takes negative numbers, and so does this.

    Raises:
        KAFKA_STORAGE_ERROR: malformed; names the line and what to do.
    """
    offsets = {}
    for number, fields in enumerate(_rows(disk, path), start=3):
        topic, *rest = fields
        numbers = [whole_number(text, bits) for text, bits in zip(rest, (32, 64), strict=False)]
        partition, offset = numbers if len(rest) == 2 else (None, None)
        if partition is None or offset is None:
            raise _malformed(path, number, f"{_told(fields)} is not <topic> <partition> <offset>")
        offsets[TopicPartition(topic, partition)] = offset
    return offsets


def write_offsets(disk: Files, path: str, offsets: Mapping[TopicPartition, int]) -> None:
    """Write one offset per partition, sorted (Kafka's order is that of its map)."""
    in_order = sorted(offsets.items(), key=lambda item: (item[0].topic, item[0].partition))
    rows = [f"{tp.topic} {tp.partition} {offset}" for tp, offset in in_order]
    write_atomically(disk, path, _table(rows))


def read_partition_metadata(disk: Files, path: str) -> str:
    """Return the topic id, 22 characters of URL-safe base64.

    The first line ends in a version of 0 or more, the second in the id. Kafka looks neither at the
    names before them nor at what follows.

    Raises:
        KAFKA_STORAGE_ERROR: malformed, or the id of no topic; names the line and what to do.
    """
    lines = [*lines_of(read_text(disk, path)), "", ""]
    first, second = (split(line, _NAME_AND_VALUE) for line in lines[:2])
    version = whole_number(first[1], 32) if len(first) == 2 else None
    if version is None or version < 0:
        raise _malformed(path, 1, f"{_quoted(lines[0])} instead of 'version: 0'")
    topic_id = _id(second[1]) if len(second) == 2 else None
    if topic_id in (None, _NO_ID):
        raise _malformed(
            path, 2, f"{_quoted(lines[1])} instead of 'topic_id: <22 characters of base64>'"
        )
    return topic_id


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
    if _id(identifier) != identifier:
        raise KafkaError(
            Errors.KAFKA_STORAGE_ERROR,
            f"{identifier!r} is not an id: 22 characters of base64 expected",
        )
    return identifier


def _id(text: str) -> str | None:
    """Return the one way to write the same 16 bytes, or None; two of 132 bits do not count."""
    if _ID.fullmatch(text) is None:
        return None
    raw = base64.urlsafe_b64decode(f"{text[:22]}==")
    return base64.urlsafe_b64encode(raw).decode()[:22]


def read_meta_properties(disk: Files, path: str) -> dict[str, str]:
    """Return the properties that say which node and cluster a log directory belongs to.

    Version 0, or none, is that of clusters with ZooKeeper, and may leave everything out.

    Raises:
        KAFKA_STORAGE_ERROR: not what Java takes for properties, a version other than 0 and 1, or a
            property that is missing or none.
    """
    _check_size(disk, path)
    try:
        found = parse_properties(disk.read(path))
    except ValueError as error:
        raise _no_properties(path, str(error)) from error
    version = whole_number(_trimmed(found.get("version", "0")), 32)
    if version not in (0, 1):
        raise _no_properties(path, f"version {_quoted(found['version'])} instead of 0 or 1")
    if reason := _fault_of(found, version):
        raise _no_properties(path, reason)
    return found


def _fault_of(found: Mapping[str, str], version: int) -> str:
    """Say which property of a version is missing, or is not what it must be; "" if none is."""
    if version == 1 and "cluster.id" not in found:
        return "there is no cluster.id"
    node = "node.id" if version == 1 else "broker.id"
    if version == 1 and node not in found:
        return f"there is no {node}"
    if node in found and whole_number(found[node], 32) is None:
        return f"{node} is {_quoted(found[node])}, which is no number of 32 bits"
    if "directory.id" in found and _id(found["directory.id"]) is None:
        return f"directory.id is {_quoted(found['directory.id'])}, not 22 characters of base64"
    return ""


def _no_properties(path: str, what: str) -> KafkaError:
    return KafkaError(
        Errors.KAFKA_STORAGE_ERROR,
        f"{path}: {what}. Restore the file; the other log directories of the node have one with the"
        " same cluster.id and node.id",
    )


def _trimmed(text: str) -> str:
    """Return the text without control characters and blanks around it, as `String.trim`."""
    return text.strip("".join(map(chr, range(33))))


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


def _rows(disk: Files, path: str) -> list[list[str]]:
    """Return the fields of each line behind the version and the number of lines."""
    lines = lines_of(read_text(disk, path)) if disk.exists(path) else []
    if lines and whole_number(lines[0], 32) != 0:
        raise _malformed(path, 1, f"version {_quoted(lines[0])} instead of 0")
    if len(lines) < 2:
        return []  # Kafka makes the files empty when it first looks for them
    count = whole_number(lines[1], 32)
    if count is None:
        what = f"{_quoted(lines[1])} instead of the number of lines that follow"
        raise _malformed(path, 2, what)
    if count != len(lines) - 2:
        raise _malformed(path, 2, f"{count} lines announced, {len(lines) - 2} follow")
    return [split(line) for line in lines[2:]]


def _told(fields: Sequence[str]) -> str:
    return _quoted(" ".join(fields))


def _quoted(text: str) -> str:
    return f"'{plain(text, _MOST_LETTERS)}'"


def _malformed(path: str, line: int, what: str) -> KafkaError:
    return KafkaError(
        Errors.KAFKA_STORAGE_ERROR,
        f"{path}, line {line}: {what}. Restore the file, or remove it: what it held is then rebuilt"
        " from the logs or starts from the beginning, and the log is checked as after a crash.",
    )
