"""Two independent clients read what we write and write what we read, with every codec.

kafka-python's batches are pure Python; aiokafka's are compiled. kafka-python wants the package
`python-snappy`, which needs a compiler; the same raw blocks from `cramjam` stand in for it here,
and the framing around them stays kafka-python's own.
"""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.record.default_records import DefaultRecordBatch as CompiledBatch
from aiokafka.record.default_records import DefaultRecordBatchBuilder as CompiledBuilder
from cramjam import snappy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kafka import codec as kafka_python_codec
from kafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder

from kafkabook.records.compression import Codec
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch, decode_batch
from tests.records.strategies import CODEC, records, stored_records

CLIENTS: dict[str, tuple[Any, Any]] = {
    "kafka-python": (DefaultRecordBatch, DefaultRecordBatchBuilder),
    "aiokafka": (CompiledBatch, CompiledBuilder),
}
PRODUCER = st.sampled_from([(-1, -1, -1), (4_000, 3, 0), (2**62, 32_767, 2**31 - 2)])
# A first timestamp of -1 means *not set yet* to aiokafka's writer, which then takes the second's.
DATED = records().map(lambda some: tuple(r._replace(timestamp_ms=r.timestamp_ms + 1) for r in some))
client = pytest.mark.parametrize("name", CLIENTS)
patient = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture(scope="module", autouse=True)
def snappy_for_kafka_python() -> Iterator[None]:
    """Lend kafka-python the two functions that it would take from `python-snappy`."""
    blocks = SimpleNamespace(
        compress=lambda data: bytes(snappy.compress_raw(data)),
        decompress=lambda data: bytes(snappy.decompress_raw(data)),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kafka_python_codec, "snappy", blocks)
        yield


def seen_by(name: str, data: bytes) -> tuple[Record, ...]:
    """Read a batch, checksum included, with a client's reader."""
    batch = CLIENTS[name][0](data)
    assert batch.validate_crc()
    return tuple(
        Record(r.key, r.value, r.timestamp, tuple(map(tuple, r.headers)), r.offset) for r in batch
    )


def written_by(
    name: str, some: tuple[Record, ...], codec: Codec, producer: tuple[int, int, int], txn: bool
) -> bytes:
    """Write a batch with a client's writer."""
    builder = CLIENTS[name][1](2, int(codec), int(txn), *producer, 1 << 30)
    for delta, record in enumerate(some):
        builder.append(delta, record.timestamp_ms, record.key, record.value, list(record.headers))
    return bytes(builder.build())


@client
@patient
@given(stored_records(), CODEC, PRODUCER, st.booleans())
def test_what_we_write_they_read(
    name: str,
    some: tuple[Record, ...],
    codec: Codec,
    producer: tuple[int, int, int],
    txn: bool,
) -> None:
    """Offsets with gaps, absent keys and values, headers that repeat, any timestamp."""
    fields = dict(zip(("producer_id", "producer_epoch", "base_sequence"), producer, strict=True))
    batch = RecordBatch.of(
        some, base_offset=some[0].offset, codec=codec, is_transactional=txn, **fields
    )
    assert some == seen_by(name, batch.data)
    theirs = CLIENTS[name][0](batch.data)
    header = (theirs.base_offset, theirs.compression_type, bool(theirs.is_transactional))
    assert (some[0].offset, codec, txn) == header
    assert producer == (theirs.producer_id, theirs.producer_epoch, theirs.base_sequence)


@client
@patient
@given(DATED, CODEC, PRODUCER, st.booleans())
def test_what_they_write_we_read(
    name: str,
    some: tuple[Record, ...],
    codec: Codec,
    producer: tuple[int, int, int],
    txn: bool,
) -> None:
    """They leave a batch plain when compression would make it longer, and say so in the header."""
    ours = decode_batch(written_by(name, some, codec, producer, txn))
    ours.check()
    assert tuple(r._replace(offset=i) for i, r in enumerate(some)) == ours.records
    header = ours.header
    assert (txn, producer) == (
        header.is_transactional,
        (header.producer_id, header.producer_epoch, header.base_sequence),
    )
    assert header.codec in (codec, Codec.NONE)


@client
@pytest.mark.parametrize("codec", Codec)
def test_long_values_pass_both_ways(name: str, codec: Codec) -> None:
    """Several blocks of every wrapper: 32 KiB of snappy, 64 KiB of lz4."""
    some = tuple(Record(b"k", bytes(range(256)) * 500, 7, (), offset) for offset in range(3))
    assert some == seen_by(name, RecordBatch.of(some, codec=codec).data)
    theirs = decode_batch(written_by(name, some, codec, (-1, -1, -1), False))
    assert (codec, some) == (theirs.header.codec, theirs.records)


@client
@patient
@given(DATED, PRODUCER, st.booleans())
def test_plain_batches_are_the_same_to_the_byte(
    name: str, some: tuple[Record, ...], producer: tuple[int, int, int], txn: bool
) -> None:
    """But for the leader epoch, which is the leader's to write: they say 0 or -1."""
    fields = dict(zip(("producer_id", "producer_epoch", "base_sequence"), producer, strict=True))
    ours = RecordBatch.of(some, is_transactional=txn, **fields)
    theirs = RecordBatch(written_by(name, some, Codec.NONE, producer, txn))
    assert theirs.stamped(partition_leader_epoch=-1) == ours


@client
def test_append_time_is_what_they_show(name: str) -> None:
    """One timestamp for all, from the header."""
    batch = RecordBatch.of([Record(b"a", b"1", 5), Record(b"b", b"2", 9)]).with_append_time(77)
    assert batch.records == seen_by(name, batch.data)
