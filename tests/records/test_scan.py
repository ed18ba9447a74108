"""Walking over batches: every header in order, and the fast walk beside the plain one."""

import mmap
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kafkabook.base.errors import CorruptMessage
from kafkabook.records.compression import Codec
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from kafkabook.records.scan import Checked, check_batches, scan_headers
from tests.records.old_messages import message, wrapped


def some_batches(count: int) -> list[RecordBatch]:
    """Batches of one, two, three... records, one behind the other."""
    batches: list[RecordBatch] = []
    for size in range(1, count + 1):
        records = [Record(value=b"v" * size, timestamp_ms=size)] * size
        base_offset = batches[-1].next_offset if batches else 10
        batches.append(RecordBatch.of(records, base_offset=base_offset))
    return batches


LOG = b"".join(batch.data for batch in some_batches(4))


def walked_plainly(data: bytes, at: int = 0) -> Checked | tuple[int, str]:
    """Walk by the plain rule; return the totals, or where it stopped and why."""
    try:
        headers = [header for _, header in scan_headers(data, at, check_crc=True)]
    except CorruptMessage as fault:
        return fault.at_byte, fault.reason
    next_offset = headers[-1].next_offset if headers else -1
    records = sum(header.records_count for header in headers)
    return Checked(len(headers), records, sum(h.size_bytes for h in headers), next_offset)


def walked_fast(data: bytes, at: int = 0) -> Checked | tuple[int, str]:
    """The same by the fast way."""
    try:
        return check_batches(data, at)
    except CorruptMessage as fault:
        return fault.at_byte, fault.reason


def test_every_header_comes_with_its_position() -> None:
    """In the order of the file, which is the order of the offsets."""
    batches = some_batches(4)
    positions = [0, 69, 148, 239]
    assert list(zip(positions, (b.header for b in batches), strict=True)) == list(scan_headers(LOG))


def test_a_walk_may_begin_at_any_batch() -> None:
    """An index has said where."""
    assert [148, 239] == [position for position, _ in scan_headers(LOG, 148)]
    assert Checked(batches=2, records=7, size_bytes=len(LOG) - 148, next_offset=20) == (
        check_batches(LOG, 148)
    )


def test_nothing_is_walked_over_at_the_end() -> None:
    """An empty log is sound."""
    assert Checked(0, 0, 0, -1) == check_batches(b"")
    assert [] == list(scan_headers(LOG, len(LOG)))


def test_a_walk_reads_a_file_in_place(tmp_path: Path) -> None:
    """And leaves nothing behind that would keep the file mapped."""
    path = tmp_path / "00000000000000000010.log"
    path.write_bytes(LOG)
    with path.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        assert Checked(4, 10, len(LOG), 20) == check_batches(data)
        assert 4 == len(list(scan_headers(data, check_crc=True)))
        data.close()


def test_batches_before_the_damage_are_yielded_first() -> None:
    """Whoever recovers a log keeps them."""
    walk, positions = scan_headers(LOG[:-1]), []
    with pytest.raises(CorruptMessage, match="a batch of 105 bytes, 104 are left") as caught:
        while True:
            positions.append(next(walk)[0])
    assert ([0, 69, 148], 239) == (positions, caught.value.at_byte)


def test_each_flipped_bit_is_judged_alike_by_both_walks() -> None:
    """Each bit of the second batch; those that a checksum does not cover may pass, in both."""
    for bit in range(69 * 8, 148 * 8):
        flipped = bytearray(LOG)
        flipped[bit // 8] ^= 1 << bit % 8
        assert walked_plainly(bytes(flipped)) == walked_fast(bytes(flipped)), bit


@given(st.binary(max_size=150), st.integers(0, len(LOG)))
@example(b"", 0)
def test_any_bytes_are_judged_alike_by_both_walks(tail: bytes, cut: int) -> None:
    """A log that was cut anywhere, and anything behind the cut."""
    data = LOG[:cut] + tail
    assert walked_plainly(data) == walked_fast(data)


def test_old_messages_are_walked_over_too() -> None:
    """Before, between and behind batches, also where fewer bytes are left than a header takes."""
    old, (batch,) = message(0), some_batches(1)
    new = batch.stamped(base_offset=1).data
    data = old + new + wrapped(Codec.GZIP, [5, 6, 7]) + message(8)
    found = [(at, header.base_offset, header.magic) for at, header in scan_headers(data)]
    assert [(0, 0, 1), (36, 1, 2)] == found[:2]
    assert [(5, 1), (8, 1)] == [(base, magic) for _, base, magic in found[2:]]
    records = 1 + batch.header.records_count + 3 + 1
    assert Checked(4, records, len(data), 9) == walked_fast(data) == walked_plainly(data)
    for bit in range(8 * 12, 8 * len(old)):
        turned = bytearray(data)
        turned[bit // 8] ^= 1 << bit % 8
        assert walked_plainly(bytes(turned)) == walked_fast(bytes(turned))
        assert not isinstance(walked_fast(bytes(turned)), Checked)
