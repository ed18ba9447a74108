"""Partition directories on a real disk, and the command run over them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from click.testing import CliRunner

from kafkabook.inspect.command import inspect
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import DirectoryDisk
from kafkabook.log.partition_log import PartitionLog
from kafkabook.records.compression import Codec
from kafkabook.records.control_records import ControlType, end_transaction_marker
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch

FIRST_MS = 1_700_000_000_000
SMALL = LogConfig(segment_bytes=1000, index_interval_bytes=200, segment_index_bytes=1000)
FIRST_LOG = "00000000000000000000.log"


class Ran(NamedTuple):
    """What the command answered."""

    exit_code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The objects of `--json`."""
        return [json.loads(line) for line in self.out.splitlines()]


def run(*words: object) -> Ran:
    """Run `kafkabook inspect`; an exception that escapes it fails the test."""
    done = CliRunner().invoke(inspect, [str(word) for word in words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Ran(done.exit_code, done.stdout, done.stderr)


def a_directory(
    root: Path,
    *,
    batches: int = 3,
    records: int = 2,
    codec: Codec = Codec.NONE,
    config: LogConfig | None = None,
    name: str = "orders-0",
) -> Path:
    """Write a partition directory as a clean stop leaves it."""
    log = PartitionLog(name, DirectoryDisk(root), config=config or LogConfig())
    for number in range(batches):
        first = number * records
        log.append(a_batch(first, records, codec=codec), now_ms=FIRST_MS + first * 1000)
    log.close()
    return root / name


def a_batch(first: int, records: int = 1, **fields: Any) -> RecordBatch:
    """Return a batch of records `key-N`, `value-N`, a second apart."""
    numbers = range(first, first + records)
    made = [Record(b"key-%d" % n, b"value-%d" % n, FIRST_MS + n * 1000) for n in numbers]
    return RecordBatch.of(made, **fields)


def a_transaction_log(root: Path, steps: Sequence[tuple[str, int]], **config: Any) -> PartitionLog:
    """Write a log of transactions; it stays open.

    Args:
        steps: (`data`, `plain`, `commit` or `abort`, producer id), one batch each.
    """
    log = PartitionLog("orders-0", DirectoryDisk(root), config=LogConfig(**config))
    sequences: dict[int, int] = {}
    for what, producer in steps:
        if what in ("commit", "abort"):
            log.append(_marker(ControlType[what.upper()], producer))
        elif what == "plain":
            log.append(a_batch(log.log_end, 2))
        else:
            sequence = sequences.get(producer, 0)
            log.append(_data(log.log_end, producer, sequence))
            sequences[producer] = sequence + 2
    return log


def _data(first: int, producer: int, sequence: int) -> RecordBatch:
    return a_batch(
        first,
        2,
        producer_id=producer,
        producer_epoch=0,
        base_sequence=sequence,
        is_transactional=True,
    )


def _marker(kind: ControlType, producer: int) -> RecordBatch:
    return end_transaction_marker(
        kind, producer_id=producer, producer_epoch=0, coordinator_epoch=3, timestamp_ms=FIRST_MS
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, to prove that nothing was changed."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
