"""Whatever happens to the bytes of a log, the valid prefix is found and the damage is named.

Every byte at which a file may be cut, and every single bit that may flip. By default all cuts and
all bits of the batch headers are tried, and a sample of the records' bits; KAFKABOOK_FULL=1 tries
all of them.
"""

import os
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from random import Random

import pytest

from kafkabook.base.errors import CorruptSegment, Errors, KafkaError
from kafkabook.log.checkpoints import write_leader_epochs
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import MemoryDisk
from kafkabook.log.events import BatchDoubted, DamageFound
from kafkabook.log.examples import a_log
from kafkabook.log.facts import EpochEntry
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.verification import verify_segment
from kafkabook.records.batch_header import HEADER_BYTES
from kafkabook.records.compression import Codec
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch

FULL = bool(os.environ.get("KAFKABOOK_FULL"))
PATH = "orders-0/00000000000000000000.log"
EPOCH_PATH = "orders-0/leader-epoch-checkpoint"
EPOCHS = (EpochEntry(0, 0), EpochEntry(1, 30))
BATCHES, RECORDS_PER_BATCH = 20, 3
BASE_OFFSET_BITS = 64


@cache
def intact(codec: Codec) -> tuple[bytes, tuple[int, ...]]:
    """Return the bytes of a log of 20 batches of two leaders, and where each batch begins."""
    half = BATCHES // 2
    log = a_log(batches=half, records_per_batch=RECORDS_PER_BATCH, codec=codec)
    for number in range(half):
        batch = [Record(b"key-%d" % number, b"value " * 3, 1_700_000_100_000)] * RECORDS_PER_BATCH
        log.append(RecordBatch.of(batch, codec=codec), leader_epoch=1)
    starts = tuple(position for position, _ in log.segments[0].file.scan())
    return log.disk.read(PATH), (*starts, log.segments[0].size_bytes)


def verdict(data: bytes, *, is_compacted: bool | None = None) -> tuple[int, CorruptSegment | None]:
    """Return how many batches are found true, and the first damage."""
    disk = MemoryDisk()
    disk.append(PATH, data)
    places = verify_segment(disk, PATH, base_offset=0, epochs=EPOCHS, is_compacted=is_compacted)
    count = 0
    try:
        for _ in places:
            count += 1
    except CorruptSegment as damage:
        return count, damage
    return count, None


def flipped(data: bytes, bit: int) -> bytes:
    """Return the bytes with one bit turned over."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def bits_to_flip(data: bytes, starts: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Yield `(batch number, bit)`: every bit of every header, and records' bits as asked for."""
    for number, (start, end) in enumerate(pairwise(starts)):
        yield from ((number, bit) for bit in range(start * 8, (start + HEADER_BYTES) * 8))
        body = range((start + HEADER_BYTES) * 8, end * 8)
        sample = body if FULL else sorted(Random(number).sample(body, 12))
        yield from ((number, bit) for bit in sample)


@pytest.mark.parametrize("codec", Codec)
def test_a_log_cut_at_any_byte_keeps_its_whole_batches(codec: Codec) -> None:
    """A torn write: nothing follows, so it is told as a torn tail."""
    data, starts = intact(codec)
    for cut in range(len(data)):
        whole = sum(start <= cut for start in starts[1:])
        count, damage = verdict(data[:cut])
        assert whole == count
        assert (cut in starts) == (damage is None)
        if damage is not None:
            expected = (PATH, starts[whole], whole * RECORDS_PER_BATCH, True)
            told = (damage.file, damage.at_byte, damage.recovered_upto, damage.torn_tail)
            assert expected == told


@pytest.mark.parametrize("codec", Codec)
def test_any_flipped_bit_is_found_where_it_is(codec: Codec) -> None:
    """Also outside the checksum; and damage with whole batches behind it is no torn tail."""
    data, starts = intact(codec)
    for number, bit in bits_to_flip(data, starts):
        count, damage = verdict(flipped(data, bit))
        assert damage is not None, f"bit {bit} of batch {number} went unseen"
        expected = (number, starts[number], number * RECORDS_PER_BATCH, number == BATCHES - 1)
        assert expected == (count, damage.at_byte, damage.recovered_upto, damage.torn_tail)


def reopened(
    data: bytes, checkpoint: bytes = b"0\n2\n0 0\n1 30\n", *, strict: bool = False
) -> PartitionLog:
    """Return the log that opens on these bytes after a crash."""
    disk = MemoryDisk()
    disk.append(PATH, data)
    disk.append(EPOCH_PATH, checkpoint)
    return PartitionLog("orders-0", disk, strict=strict)


@pytest.mark.parametrize("seed", range(200 if FULL else 40))
def test_a_damaged_log_opens_as_its_valid_prefix_if_a_reader_is_strict(seed: int) -> None:
    """Several bits at once: the log that opens is sound, a prefix, and says what it has lost."""
    random = Random(seed)
    data, starts = intact(random.choice(list(Codec)))
    bits = sorted(random.sample(range(len(data) * 8), random.randint(1, 4)))
    damaged = data
    for bit in bits:
        damaged = flipped(damaged, bit)
    log = reopened(damaged, strict=True)
    log.check()
    first = sum(start * 8 <= bits[0] for start in starts) - 1
    assert data[: starts[first]] == log.disk.read(PATH)
    found = [entry.event for entry in log.trace.of(DamageFound)]
    assert [first * RECORDS_PER_BATCH] == [event.recovered_upto for event in found]
    log.append([Record(value=b"goes on")], leader_epoch=2)
    log.check()


@pytest.mark.parametrize("bit", [7 * 8 + 5, 15 * 8, 16 * 8])
@pytest.mark.parametrize("number", range(BATCHES - 1))
def test_a_flipped_bit_outside_the_checksum_cuts_nothing_that_kafka_keeps(
    number: int, bit: int
) -> None:
    """A base offset, an epoch, a magic: the batch stays, and is told as doubtful."""
    data, starts = intact(Codec.NONE)
    log = reopened(flipped(data, starts[number] * 8 + bit))
    assert (len(data), []) == (log.size_bytes, log.trace.of(DamageFound))
    doubts = [entry.event.at_byte for entry in log.trace.of(BatchDoubted)]
    assert [starts[number]] == doubts


def test_a_flipped_bit_in_the_epoch_checkpoint_is_refused_or_cuts_nothing() -> None:
    """A malformed one is refused by name; one that reads well but lies is a hint, and no more."""
    data, _ = intact(Codec.NONE)
    disk = MemoryDisk()
    write_leader_epochs(disk, EPOCH_PATH, EPOCHS)
    checkpoint = disk.read(EPOCH_PATH)
    outcomes = set()
    for bit in range(len(checkpoint) * 8):
        try:
            log = reopened(data, flipped(checkpoint, bit))
        except KafkaError as error:
            assert error.error is Errors.KAFKA_STORAGE_ERROR
            assert EPOCH_PATH in str(error)
            outcomes.add("refused")
        else:
            log.check()
            assert BATCHES * RECORDS_PER_BATCH == log.log_end
            assert [] == log.trace.of(DamageFound)
            outcomes.add("told" if log.trace.of(BatchDoubted) else "whole")
    assert {"refused", "told", "whole"} == outcomes


def a_compacted_log() -> tuple[bytes, list[tuple[int, int, int]]]:
    """Return a log with gaps between its batches, and (start byte, base, last offset) of each."""
    config = LogConfig(cleanup_policy=("compact",))
    log = PartitionLog(config=config)
    for base in range(0, 60, 5):
        record = Record(b"key-%d" % base, b"value", 1_700_000_000_000)
        epoch = 0 if base < 30 else 1
        batch = RecordBatch.of([record], base_offset=base, partition_leader_epoch=epoch)
        log.append_as_follower([batch])
    rows = [(at, h.base_offset, h.last_offset) for at, h in log.segments[0].file.scan()]
    return log.disk.read(PATH), rows


@pytest.mark.parametrize("is_compacted", [True, None])
def test_in_a_compacted_log_only_some_bits_of_base_offsets_go_unseen(
    is_compacted: bool | None,
) -> None:
    """Where offsets may have gaps, a base offset may move within its gap, and nothing shows it.

    Undetected are exactly the flips of base-offset bits that leave the batch behind its
    predecessor, before its successor, inside the segment's span and inside its leader epoch.
    """
    data, rows = a_compacted_log()
    undetected, movable = [], []
    for number, (start, base, _) in enumerate(rows):
        low = rows[number - 1][2] + 1 if number else 0
        high = rows[number + 1][1] - 1 if number + 1 < len(rows) else 2**31 - 1
        for bit in range(start * 8, (start + HEADER_BYTES) * 8):
            if verdict(flipped(data, bit), is_compacted=is_compacted)[1] is None:
                undetected.append(bit)
        for bit in range(BASE_OFFSET_BITS):
            moved = base ^ (1 << (63 - bit) // 8 * 8 + bit % 8)
            if low <= moved <= high and (moved >= 30) == (base >= 30):
                movable.append(start * 8 + bit)
    assert movable == undetected
