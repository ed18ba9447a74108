"""What a strict reading believes of a segment whose offsets have gaps, and of zeros at its end."""

import pytest

from kafkabook.base.errors import CorruptSegment
from kafkabook.base.units import MIB
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import MemoryDisk
from kafkabook.log.events import DamageFound, GapAccepted
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.recovery import Checkpointed
from kafkabook.log.verification import verify_segment
from kafkabook.records.batch_header import HEADER_BYTES
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch

PATH = "orders-0/00000000000000000000.log"


def a_batch(base: int, records: int = 2, *, value: bytes = b"value", **how: int) -> bytes:
    """Build the bytes of a batch."""
    return RecordBatch.of(
        [Record(value=value, timestamp_ms=0)] * records,
        base_offset=base,
        partition_leader_epoch=0,
        **how,  # type: ignore[arg-type]
    ).data


def verdict(*parts: bytes, next_base: int | None = None, **how: bool) -> tuple[list[int], str]:
    """Return the base offsets of the batches that are believed, and why no more."""
    disk, believed = MemoryDisk(), []
    disk.append(PATH, b"".join(parts))
    try:
        for _, header in verify_segment(disk, PATH, base_offset=0, next_base=next_base, **how):
            believed.append(header.base_offset)
    except CorruptSegment as damage:
        return believed, damage.reason
    return believed, ""


def test_a_gap_is_believed_if_the_next_batch_does_not_contradict_it() -> None:
    """A range was removed: by compaction, or by an operator. Kafka does not even look."""
    log = (a_batch(0), a_batch(6), a_batch(8))
    assert ([0, 6, 8], "") == verdict(*log)
    assert ([0], "base offset 6 where 2 must follow") == verdict(*log, is_compacted=False)


def test_a_gap_that_reaches_into_the_next_batch_is_a_flipped_bit() -> None:
    """2 became 6, and 4 follows, where 8 would have to."""
    expected = ([0], "base offset 6 where 2 must follow")
    assert expected == verdict(a_batch(0), a_batch(6), a_batch(4))


def test_a_gap_before_the_last_batch_needs_the_name_of_the_next_segment() -> None:
    """Without one, nothing tells it from a flipped bit, and a flipped bit may not be served."""
    log = (a_batch(0), a_batch(6))
    assert ([0, 6], "") == verdict(*log, next_base=8)
    expected = ([0], "base offset 6 where 2 must follow")
    assert expected == verdict(*log, next_base=7) == verdict(*log)
    assert expected == verdict(*log, b"damage, and no batch")


@pytest.mark.parametrize("proof", [a_batch(4, last_offset_delta=5), a_batch(6) + a_batch(8)])
def test_once_a_log_has_shown_its_gaps_the_last_one_is_believed_too(proof: bytes) -> None:
    """Records that are missing inside a batch have a right checksum: only the cleaner does that."""
    believed, reason = verdict(a_batch(0, 4), proof, a_batch(20))
    assert ([0, 20], "") == ([believed[0], believed[-1]], reason)


@pytest.mark.parametrize("room_bytes", [1, HEADER_BYTES - 1, HEADER_BYTES, 3_000_000])
def test_zeros_are_room_if_a_header_fits_into_them(room_bytes: int) -> None:
    """Fewer may be the beginning of a base offset, whose first bytes are zeros anyway."""
    believed, reason = verdict(a_batch(0), bytes(room_bytes), is_preallocated=True)
    assert ([0], room_bytes >= HEADER_BYTES) == (believed, reason == "")
    assert verdict(a_batch(0), bytes(room_bytes))[1]
    assert verdict(a_batch(0), bytes(room_bytes), b"x", is_preallocated=True)[1]


def damage_in(*parts: bytes) -> CorruptSegment:
    """Return what is told of the first damage."""
    disk = MemoryDisk()
    disk.append(PATH, b"".join(parts))
    with pytest.raises(CorruptSegment) as raised:
        list(verify_segment(disk, PATH, base_offset=0))
    return raised.value


def test_a_batch_that_reaches_beyond_the_file_is_no_whole_one_behind_damage() -> None:
    """Its length says so; the checksum over what there is of it may well be right."""
    broken, reaching = bytearray(a_batch(0)), bytearray(a_batch(2))
    broken[-1] ^= 1
    assert not damage_in(broken, reaching).torn_tail
    reaching[8:12] = (len(reaching) - 12 + 1).to_bytes(4, "big")
    assert damage_in(broken, reaching).torn_tail


def test_a_cut_batch_says_how_much_of_it_is_left_in_the_file() -> None:
    """Also where that is more than is read at once."""
    cut = a_batch(2, value=bytes(3 * MIB))[: 2 * MIB]
    found = damage_in(a_batch(0), cut)
    assert f"a batch of {len(a_batch(0, value=bytes(3 * MIB)))} bytes, {2 * MIB} are left" == (
        found.reason
    )


def a_thinned_out_log() -> PartitionLog:
    """Return a compacted log with gaps between most of its batches, in three segments."""
    log = PartitionLog(config=LogConfig(cleanup_policy=("compact",), segment_bytes=300))
    for base in (0, 2, 8, 12, 20, 22, 30, 40, 42):
        log.append_as_follower([RecordBatch(a_batch(base))])
    return log


def test_a_log_that_was_compacted_once_is_kept_though_nobody_says_so() -> None:
    """No policy, no checkpoint of the cleaner: gaps are told once, and nothing is cut."""
    log = a_thinned_out_log()
    again = PartitionLog("orders-0", log.disk, config=LogConfig(segment_bytes=300))
    assert list(log.records()) == list(again.records())
    assert (44, []) == (again.log_end, again.trace.of(DamageFound))
    third_batch = list(log.segments[0].file.scan())[2][0]
    told = [entry.event for entry in again.trace.of(GapAccepted)]
    assert [GapAccepted(PATH, third_batch, 4, 8)] == told
    again.check()


def test_of_a_log_that_is_known_to_be_compacted_no_gap_is_told() -> None:
    """There it is what everybody expects."""
    log = a_thinned_out_log()
    checkpointed = Checkpointed(was_compacted=True)
    again = PartitionLog("orders-0", log.disk, checkpointed=checkpointed)
    assert [] == again.trace.of(GapAccepted, DamageFound)


def test_a_strict_reading_reads_ahead_too() -> None:
    """One read for many small batches."""
    disk, reads = MemoryDisk(), []
    disk.append(PATH, b"".join(a_batch(2 * number) for number in range(50)))
    read = disk.read
    disk.read = lambda path, start, stop: (reads.append(start), read(path, start, stop))[1]  # type: ignore[method-assign]
    assert 50 == len(list(verify_segment(disk, PATH, base_offset=0)))
    assert [0] == reads
