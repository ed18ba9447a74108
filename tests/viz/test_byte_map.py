"""The byte map names every byte of a batch once, and what it draws is what the bytes say."""

import re
import xml.etree.ElementTree as ET

import pytest

from kafkabook.records.compression import Codec
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from kafkabook.viz.byte_map import byte_map
from kafkabook.viz.byte_spans import header_spans, record_spans
from kafkabook.viz.figure import WIDTHS_PX
from kafkabook.viz.scene import Scene
from kafkabook.viz.theme import ERROR

AT_MS = 1_750_000_000_000
GOLDEN = """\
What do the 104 bytes of this batch say?
orders-0
2 records, offsets 42 to 43, begun 2025-06-15 15:06:40, by producer 3001; 104 bytes in all.
field                   bytes    value
baseOffset              0–7      42
batchLength             8–11     92 B
partitionLeaderEpoch    12–15    3
magic                   16–16    2
crc                     17–20    93f6ae61 ✓
attributes              21–22    txn
lastOffsetDelta         23–26    +1
baseTimestamp           27–34    2025-06-15
maxTimestamp            35–42    +7 ms
producerId              43–50    3001
producerEpoch           51–52    0
baseSequence            53–56    5
recordsCount            57–60    2
42 length               61–61    23
42 attributes           62–62    0
42 timestampDelta       63–63    0
42 offsetDelta          64–64    0
42 key length           65–65    3
42 key                  66–68    kim
42 value length         69–69    14
42 value                70–83    {"amount": 30}
42 headers              84–84    0
43 length               85–85    18
43 attributes           86–86    0
43 timestampDelta       87–87    7
43 offsetDelta          88–88    1
43 key length           89–89    3
43 key                  90–92    lee
43 value length         93–93    -1
43 headers              94–94    1
43 header key length    95–95    5
43 header key           96–100   trace
43 header value length  101–101  2
43 header value         102–103  0x00ff"""


def a_batch() -> RecordBatch:
    """Return a transactional batch with a tombstone and a header."""
    records = [
        Record(b"kim", b'{"amount": 30}', AT_MS),
        Record(b"lee", None, AT_MS + 7, (("trace", b"\x00\xff"),)),
    ]
    return RecordBatch.of(
        records,
        base_offset=42,
        partition_leader_epoch=3,
        producer_id=3001,
        producer_epoch=0,
        base_sequence=5,
        is_transactional=True,
    )


def test_the_twin_of_a_byte_map_decodes_every_field() -> None:
    """Positions, units and values, varints included."""
    assert GOLDEN == byte_map(a_batch(), subtitle="orders-0").text


def test_spans_cover_every_byte_once() -> None:
    """No byte is left out or named twice, compressed or not."""
    for codec in (Codec.NONE, Codec.GZIP, Codec.ZSTD):
        batch = RecordBatch.of([Record(b"k", b"v" * n) for n in range(5)], codec=codec)
        spans = (*header_spans(batch), *record_spans(batch))
        assert [0, *(span.stop for span in spans)] == [*(s.start for s in spans), batch.size_bytes]


def test_a_wrong_checksum_is_shown_as_wrong() -> None:
    """The figure computes it; it does not believe the field."""
    data = bytearray(a_batch().data)
    data[-1] ^= 1
    crc = header_spans(RecordBatch(bytes(data)))[4]
    assert ("93f6ae61 ✗", ERROR) == (crc.value, crc.colour)
    assert ERROR not in {span.colour for span in header_spans(a_batch())}


def test_a_record_without_a_timestamp_says_so() -> None:
    """Kafka writes -1 there, which is no moment before 1970."""
    figure = byte_map(RecordBatch.of([Record(b"k", b"v")]))
    assert "1 record, offset 0, without a timestamp; 70 bytes" in figure.text
    assert 3 == figure.svg.count(">no timestamp<")  # both fields of the header, and the record
    assert 2 == figure.text.count("  no timestamp\n")
    assert "-1 ms" not in figure.svg + figure.text


def test_hostile_keys_and_headers_stay_text() -> None:
    """Also in tips, which show the bytes."""
    hostile = b'<img src=x onerror="alert(1)">\x00' + "\u202e".encode()
    batch = RecordBatch.of([Record(hostile, hostile, 1, ((hostile.decode(), hostile),))])
    figure = byte_map(batch)
    tags = {part.tag.rpartition("}")[2] for part in ET.fromstring(figure.svg).iter()}
    assert {"svg", "title", "desc", "style", "g", "rect", "text"} == tags
    assert "\u202e" not in figure.svg + figure.text


@pytest.mark.parametrize("width_px", WIDTHS_PX)
def test_every_byte_is_shown_once_as_hex_and_as_a_character(width_px: int) -> None:
    """The header field by field, then the records line by line."""
    batch = a_batch()
    lines = [line for line in in_mono(byte_map(batch).scene_for(width_px)) if line]
    shown = [line for line in lines if re.fullmatch("[0-9a-f]{2}( [0-9a-f]{2})*", line)]
    sized = [line for line in shown if len(line) > 2 or line in ("02", "00")]
    assert batch.data == bytes.fromhex("".join(sized))
    letters = "".join(chr(it) if 0x21 <= it < 0x7F else "·" for it in batch.data)
    assert letters == "".join(lines[lines.index(line) + 1] for line in sized)


def test_each_field_of_the_header_stands_with_its_bytes_its_name_and_its_value() -> None:
    """One row, one key, one tip."""
    rows = {shape.key: shape for shape in byte_map(a_batch()).scene.walk() if shape.key}
    told = [it.inside[0] for it in rows["byte/8"].walk() if it.kind == "text"]
    assert ["8", "00 00 00 5c", "···\\", "batchLength", "92 B"] == told
    assert [f"byte/{span.start}" for span in header_spans(a_batch())] == [
        key for key in rows if re.match(r"byte/\d+$", key)
    ][:13]


def in_mono(scene: Scene) -> list[str]:
    """Return all that is written in a fixed width, in its order."""
    return [
        str(shape.inside[0])
        for shape in scene.walk()
        if shape.kind == "text" and "font-family" in shape.at
    ]


def test_a_large_batch_stays_within_the_limits() -> None:
    """A figure is refused above 60 kB; a batch of 100 records must not be."""
    batch = RecordBatch.of([Record(b"key-%d" % n, b"v" * 50, AT_MS + n) for n in range(300)])
    figure = byte_map(batch)
    assert "and 298 more" in figure.svg
    assert "200 more records" in figure.text
