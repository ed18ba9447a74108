"""Encode, decode and scan record batches beside kafka-python (pure Python) and aiokafka (Cython).

python -m benchmarks.record_batches
"""

import mmap
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from aiokafka.record.default_records import (
    DefaultRecordBatch as CythonBatch,
)
from aiokafka.record.default_records import (
    DefaultRecordBatchBuilder as CythonBuilder,
)
from aiokafka.record.memory_records import MemoryRecords as CythonRecords
from kafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder
from kafka.record.memory_records import MemoryRecords

from benchmarks.side_by_side import race
from kafkabook.base.units import MIB
from kafkabook.records.batch_header import CRC_START
from kafkabook.records.checksum import crc32c
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch, decode_batch, encode_batch
from kafkabook.records.scan import check_batches, scan_headers

RECORDS_PER_BATCH = 1_000
BATCHES = 20
SEGMENT_BYTES = 256 * MIB
START_MS = 1_700_000_000_000


def some_records(value_bytes: int) -> tuple[Record, ...]:
    """Records as a busy producer sends them: short keys, a value, a record each millisecond."""
    return tuple(
        Record(key=b"key-%05d" % i, value=bytes([i % 251]) * value_bytes, timestamp_ms=START_MS + i)
        for i in range(RECORDS_PER_BATCH)
    )


def encode_ours(records: Sequence[Record]) -> bytes:
    return encode_batch(records, partition_leader_epoch=0)


def encode_kafka_python(records: Sequence[Record]) -> bytes:
    builder = DefaultRecordBatchBuilder(2, 0, False, -1, -1, -1, 1 << 30)
    for offset, (key, value, timestamp_ms, headers, _) in enumerate(records):
        builder.append(offset, timestamp_ms, key, value, headers)
    return bytes(builder.build())


def encode_aiokafka(records: Sequence[Record]) -> bytes:
    builder = CythonBuilder(2, 0, 0, -1, -1, -1, 1 << 30)
    for offset, (key, value, timestamp_ms, _, _) in enumerate(records):
        builder.append(offset, timestamp_ms, key, value, [])
    return bytes(builder.build())


def decode_ours(data: bytes) -> list[tuple]:
    return list(decode_batch(data).records)


def decode_kafka_python(data: bytes) -> list[tuple]:
    batch = DefaultRecordBatch(data)
    assert batch.validate_crc()
    return [(r.key, r.value, r.timestamp, tuple(r.headers), r.offset) for r in batch]


def decode_aiokafka(data: bytes) -> list[tuple]:
    batch = CythonBatch(data)
    assert batch.validate_crc()
    return [(r.key, r.value, r.timestamp, tuple(r.headers), r.offset) for r in batch]


def repeated(action: Callable[[object], object], material: object) -> Callable[[], None]:
    """Do `action` for as many batches as one run holds."""

    def run() -> None:
        for _ in range(BATCHES):
            action(material)

    return run


def encoding_and_decoding(value_bytes: int, goals: dict[str, dict[str, float]]) -> None:
    records = some_records(value_bytes)
    data = encode_ours(records)
    assert data == encode_kafka_python(records)
    assert data[16:] == encode_aiokafka(records)[16:]  # -1 for the leader epoch, not 0
    assert decode_ours(data) == decode_kafka_python(data) == decode_aiokafka(data)
    amount = BATCHES * RECORDS_PER_BATCH
    encoders = {
        "kafkabook": encode_ours,
        "kafka-python": encode_kafka_python,
        "aiokafka": encode_aiokafka,
    }
    decoders = {
        "kafkabook": decode_ours,
        "kafka-python": decode_kafka_python,
        "aiokafka": decode_aiokafka,
    }
    what = f"{RECORDS_PER_BATCH:,} records of {value_bytes:,} B"
    runs = {name: repeated(encode, records) for name, encode in encoders.items()}
    race(f"encode {what}, byte-identical", amount, "records", runs, goals=goals["encode"])
    runs = {name: repeated(decode, data) for name, decode in decoders.items()}
    race(f"decode {what}, CRC checked", amount, "records", runs, goals=goals["decode"])


def scan_ours(path: Path) -> int:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return check_batches(data).batches


def scan_ours_as_headers(path: Path) -> int:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return sum(1 for _ in scan_headers(data, check_crc=True))


def checksums_alone(path: Path, size_bytes: int) -> int:
    """The least that any scan costs here: every page mapped, every checksum taken, nothing read."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        starts = range(0, len(data), size_bytes)
        with memoryview(data) as view:
            for start in starts:
                crc32c(view[start + CRC_START : start + size_bytes])
        return len(starts)


def scan_peer(reader: type, path: Path) -> int:
    """Both clients take the bytes of a fetch, so the file is read for them."""
    batches, records = 0, reader(path.read_bytes())
    while records.has_next():
        assert records.next_batch().validate_crc()
        batches += 1
    return batches


def scan_kafka_python_mapped(path: Path) -> int:
    """What its parts can do with a mapping, though its own API never does that."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        batches, records = 0, MemoryRecords(data)
        while records.has_next():
            assert records.next_batch().validate_crc()
            batches += 1
        del records
        return batches


def scanning(value_bytes: int, goals: dict[str, float]) -> None:
    values = [Record(value=b"v" * (value_bytes // 16), timestamp_ms=START_MS)] * 16
    batch = RecordBatch.of(values)
    count = SEGMENT_BYTES // batch.size_bytes
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "00000000000000000000.log"
        with path.open("wb") as file:
            for number in range(count):
                file.write(batch.stamped(base_offset=16 * number).data)
        runs = {
            "kafkabook": lambda: scan_ours(path),
            "kafka-python": lambda: scan_peer(MemoryRecords, path),
            "aiokafka": lambda: scan_peer(CythonRecords, path),
            "kafka-python, mapped": lambda: scan_kafka_python_mapped(path),
            "kafkabook, as headers": lambda: scan_ours_as_headers(path),
            "map and checksums alone": lambda: checksums_alone(path, batch.size_bytes),
        }
        assert [count] * len(runs) == [run() for run in runs.values()]
        what = f"scan a file of 256 MiB, batches of {batch.size_bytes:,} B, CRC of each"
        race(what, count, "batches", runs, goals=goals, rounds=5)


def main() -> None:
    encoding_and_decoding(
        100,
        {
            "encode": {"kafka-python": 5.0, "aiokafka": 0.6},
            "decode": {"kafka-python": 3.0, "aiokafka": 0.5},
        },
    )
    encoding_and_decoding(
        1_000,
        {
            "encode": {"kafka-python": 3.5, "aiokafka": 1.5},
            "decode": {"kafka-python": 3.0, "aiokafka": 0.85},
        },
    )
    scanning(17_000, {"kafka-python": 6.0, "aiokafka": 9.0})
    scanning(1_000, {"kafka-python": 3.5, "aiokafka": 2.0})


if __name__ == "__main__":
    main()
