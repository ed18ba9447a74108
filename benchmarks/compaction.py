"""Compact a million records of 100,000 keys beside what kafka-python and aiokafka need for it.

python -m benchmarks.compaction

The peers have no cleaner. They get the easier job: decode every record, keep the newest of each key
in a dict, encode the survivors into batches as large as the old ones. Ours does what a broker does:
a map of offsets first, then every batch rewritten with what is left of it, at the old offsets.
"""

import random

from aiokafka.record.default_records import DefaultRecordBatchBuilder as CythonBuilder
from aiokafka.record.memory_records import MemoryRecords as CythonRecords
from kafka.record.default_records import DefaultRecordBatchBuilder
from kafka.record.memory_records import MemoryRecords

from benchmarks.side_by_side import race
from kafkabook.log.batch_filter import BatchFilter
from kafkabook.log.cleaned_transactions import CleanedTransactions
from kafkabook.log.offset_map import OffsetMap
from kafkabook.log.record_walk import keys_of, payload_of
from kafkabook.log.rules import LogRules
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch, encode_batch
from kafkabook.records.scan import scan_headers

RECORDS = 1_000_000
KEYS = 100_000
RECORDS_PER_BATCH = 145  # of 120 bytes: 17 KB
START_MS = 1_700_000_000_000


def a_dirty_log() -> bytes:
    """Batches as a busy producer sends them, keys at random, a record each millisecond."""
    chance, batches = random.Random(7), []
    value = bytes(range(100))
    for first in range(0, RECORDS, RECORDS_PER_BATCH):
        numbers = range(first, min(first + RECORDS_PER_BATCH, RECORDS))
        records = [
            Record(b"key-%06d" % chance.randrange(KEYS), value, START_MS + n) for n in numbers
        ]
        batches.append(encode_batch(records, base_offset=first))
    return b"".join(batches)


def compact_ours(data: bytes) -> bytes:
    newest = OffsetMap()
    for at, header in scan_headers(data):
        found = keys_of(payload_of(data, at, header), header)
        newest.put(found.keys, found.offsets)
        newest.latest_offset = header.last_offset
    kept = BatchFilter(
        offsets=newest,
        transactions=CleanedTransactions(),
        producers={},
        upper_bound=RECORDS,
        now_ms=START_MS,
        delete_retention_ms=0,
        rules=LogRules(),
    )
    return b"".join(kept.kept(data, RECORDS - 1))


def newest_by(reader: type, data: bytes) -> list:
    """Decode everything; return the newest record of each key, by offset."""
    newest, records = {}, reader(data)
    while records.has_next():
        for record in records.next_batch():
            newest[record.key] = record
    return sorted(newest.values(), key=lambda record: record.offset)


def compact_kafka_python(data: bytes) -> bytes:
    kept, out = newest_by(MemoryRecords, data), []
    for first in range(0, len(kept), RECORDS_PER_BATCH):
        builder = DefaultRecordBatchBuilder(2, 0, False, -1, -1, -1, 1 << 30)
        for n, record in enumerate(kept[first : first + RECORDS_PER_BATCH]):
            builder.append(n, record.timestamp, record.key, record.value, record.headers)
        out.append(bytes(builder.build()))
    return b"".join(out)


def compact_aiokafka(data: bytes) -> bytes:
    kept, out = newest_by(CythonRecords, data), []
    for first in range(0, len(kept), RECORDS_PER_BATCH):
        builder = CythonBuilder(2, 0, 0, -1, -1, -1, 1 << 30)
        for n, record in enumerate(kept[first : first + RECORDS_PER_BATCH]):
            builder.append(n, record.timestamp, record.key, record.value, [])
        out.append(bytes(builder.build()))
    return b"".join(out)


def keys_and_values(data: bytes) -> list[tuple[bytes | None, bytes | None]]:
    return [
        (record.key, record.value)
        for at, header in scan_headers(data)
        for record in RecordBatch(data[at : at + header.size_bytes]).records
    ]


def main() -> None:
    data = a_dirty_log()
    ours = keys_and_values(compact_ours(data))
    assert ours == keys_and_values(compact_kafka_python(data))
    assert ours == keys_and_values(compact_aiokafka(data))
    runs = {
        "kafkabook": lambda: compact_ours(data),
        "kafka-python": lambda: compact_kafka_python(data),
        "aiokafka": lambda: compact_aiokafka(data),
    }
    what = f"compact {RECORDS:,} records of {KEYS:,} keys, {len(data):,} bytes"
    goals = {"kafka-python": 4.0, "aiokafka": 1.0}
    race(what, RECORDS, "records", runs, goals=goals, rounds=5)


if __name__ == "__main__":
    main()
