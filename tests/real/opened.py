"""What a log says of a directory that it has opened: in the words of `OpensDirectories.java`."""

import json
import subprocess
import zlib
from pathlib import Path
from typing import Any

from kafkabook.base.errors import KafkaError
from kafkabook.base.trace import Trace
from kafkabook.log.disk import DirectoryDisk
from kafkabook.log.events import IndexDistrusted, IndexRebuilt, RecoveryCompleted
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.producer_entry import ProducerEntry
from kafkabook.log.recovery import UNSOUND
from kafkabook.records.record_batch import RecordBatch

from .distribution import HERE
from .generated import NAME, NOW_MS, Case
from .node import TOOL_LIMIT_S, java

PROGRAM = HERE / "java" / "OpensDirectories.java"


def by_kafka(root: Path) -> dict[str, dict[str, Any]]:
    """Let Kafka's own classes open every case below `root`, all in one JVM; by case."""
    answers = root.with_name(f"{root.name}.answers")
    command = java(str(PROGRAM), str(root), str(answers))
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=TOOL_LIMIT_S
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = map(json.loads, answers.read_text().splitlines())
    return {answer["case"]: answer for answer in told}


class Quick(DirectoryDisk):
    """A directory whose files nobody waits for: no power is lost here."""

    def _sync(self, path: str) -> None:
        """Leave it to the operating system."""


def by_us(case: Case) -> dict[str, Any]:
    """Let our log open a case."""
    found: dict[str, Any] = {"case": case.name}
    trace = Trace("generated")
    try:
        log = PartitionLog(
            NAME,
            Quick(case.directory.parent),
            config=case.config,
            checkpointed=case.checkpointed,
            trace=trace,
            now_ms=NOW_MS,
        )
    except KafkaError as refusal:
        return found | {"opens": False, "because": str(refusal), **_told_while_opening(trace)}
    found |= {"opens": True, **_told_while_opening(trace), **described(log)}
    found |= {"opened": files(case.directory), "served": served(log)}
    log.close()
    return found | {"closed": files(case.directory)}


def _told_while_opening(trace: Trace) -> dict[str, Any]:
    """How much was cut, and the segments whose indexes were not believed."""
    rebuilt = (entry.event for entry in trace.of(IndexRebuilt))
    lying = [event.segment_base for event in rebuilt if event.reason == UNSOUND]
    lying += [entry.event.segment_base for entry in trace.of(IndexDistrusted)]
    return {
        "cut_bytes": sum(entry.event.cut_bytes for entry in trace.of(RecoveryCompleted)),
        "doubted": lying,
    }


def described(log: PartitionLog) -> dict[str, Any]:
    """The marks, the segments, the epochs, the producers."""
    return {
        "start": log.log_start,
        "end": log.log_end,
        "recovery_point": log.recovery_point,
        "segments": [[segment.base_offset, segment.size_bytes] for segment in log.segments],
        "epochs": [list(entry) for entry in log.epochs.entries],
        "producers": {str(e.producer_id): producer(e) for e in log.producers.snapshot().producers},
    }


def producer(entry: ProducerEntry) -> list[Any]:
    """What Kafka's `ProducerStateEntry` holds."""
    first = -1 if entry.first_offset is None else entry.first_offset
    batches = [
        [b.last_sequence, b.last_offset, b.offset_delta, b.timestamp_ms] for b in entry.batches
    ]
    return [entry.epoch, entry.coordinator_epoch, entry.last_timestamp_ms, first, batches]


def served(log: PartitionLog) -> list[Any]:
    """What fetches of one batch each are given up to the log end; they stop at a broken one."""
    batches: list[Any] = []
    offset = log.log_start
    try:
        while offset < log.log_end:
            before = offset
            for batch in log.read(offset, max_bytes=1):
                batches.append([batch.base_offset, batch.last_offset, digest(batch)])
                offset = batch.next_offset
            if offset <= before:
                return [*batches, f"no further than {before}"]
    except KafkaError:
        batches.append("broken")
    return batches


def digest(batch: RecordBatch) -> int:
    """A checksum over the records as a consumer is given them."""
    whole = 0
    for record in batch.records:
        said = f"{record.offset}@{record.timestamp_ms}".encode()
        whole = zlib.crc32(said + (record.key or b"") + (record.value or b""), whole)
    return whole


def files(directory: Path) -> dict[str, int]:
    """Every file with a checksum of its content; indexes without the zeros that are room.

    Of what waits to be unlinked only the name counts.
    """
    found = {}
    for path in sorted(directory.iterdir()):
        counts = path.is_file() and not path.name.endswith(".deleted")
        data = path.read_bytes() if counts else b""
        found[path.name] = zlib.crc32(data.rstrip(b"\0") if "index" in path.name else data)
    return found
