"""The printed examples of every exercise: a call, its answer, and the sentence that says why."""

from kafkabook.base.units import DAY_MS
from kafkabook.grading.exercise import Example
from kafkabook.grading.laws.offsets import some_records
from kafkabook.grading.laws.retention import a_log
from kafkabook.grading.laws.roll import a_case
from kafkabook.log.facts import Appended, IndexEntry, RollReason
from kafkabook.records.batch_encoder import encode_batch
from kafkabook.records.record import Record

_NOW_MS = 1_700_000_000_000


def _appended(values: str, first_offset: int) -> Appended:
    records = some_records(values)
    placed = (
        Record(None, r.value, r.timestamp_ms, (), first_offset + i) for i, r in enumerate(records)
    )
    return Appended(first_offset, tuple(placed), first_offset + len(records))


OFFSETS = (
    Example(
        "A new log begins at offset 0; three records end it at 3.",
        (some_records("abc"), 0),
        _appended("abc", 0),
    ),
    Example("A log that ends at 7 gives 7 next.", (some_records("ab"), 7), _appended("ab", 7)),
    Example("No records: the log end stays.", ([], 7), _appended("", 7)),
)

ROLL = (
    Example("500 bytes and 100 more fit into 1,000.", a_case(500, 100), None),
    Example("To the last byte is still room.", a_case(900, 100), None),
    Example("One byte too many begins a new segment.", a_case(901, 100), RollReason.SIZE),
    Example(
        "The batch is a millisecond more than ten minutes younger than the first record.",
        a_case(waited_ms=600_001),
        RollReason.AGE,
    ),
    Example(
        "The time index has no room for another entry.",
        a_case(time_index_full=True),
        RollReason.INDEX_FULL,
    ),
)

DELETABLE = (
    Example(
        "Two segments whose youngest record is older than seven days; the third is younger.",
        a_log((9 * DAY_MS, 8 * DAY_MS, 0)),
        2,
    ),
    Example(
        "Its first record is old, its youngest is not: the segment stays.",
        a_log((1 * DAY_MS, 0), oldest_ages_ms=(9 * DAY_MS, 0)),
        0,
    ),
    Example(
        "A young segment in front keeps an old one behind it.",
        a_log((1 * DAY_MS, 9 * DAY_MS, 0)),
        0,
    ),
    Example(
        "All are old: the active one goes too, after a new one is rolled.",
        a_log((9 * DAY_MS, 9 * DAY_MS)),
        2,
    ),
    Example(
        "The second segment ends at 20, above the high watermark.",
        a_log((9 * DAY_MS, 9 * DAY_MS, 0), high_watermark=19),
        1,
    ),
    Example(
        "Of 350 bytes 250 must be left: one segment of 100 may go.",
        a_log((0, 0, 0, 0), (100, 100, 100, 50), retention_bytes=250),
        1,
    ),
)

_ENTRIES = [IndexEntry(41, 4_100), IndexEntry(87, 8_300), IndexEntry(140, 12_500)]
LOOKUP = (
    Example("There is an entry for 87.", (_ENTRIES, 87), 8_300),
    Example("100 lies between 87 and 140.", (_ENTRIES, 100), 8_300),
    Example("139 is near 140, but before it.", (_ENTRIES, 139), 8_300),
    Example("40 is below the first entry: read from byte 0.", (_ENTRIES, 40), 0),
    Example("500 is above the last entry.", (_ENTRIES, 500), 12_500),
)

_TWO = [Record(b"k", b"one", _NOW_MS), Record(b"k", b"two", _NOW_MS + 5)]
_PLACED = encode_batch(_TWO, base_offset=42, partition_leader_epoch=3)
_TOMBSTONE = encode_batch([Record(b"k", None, _NOW_MS)])
_DAMAGED = _PLACED[:-1] + bytes([_PLACED[-1] ^ 1])
DECODE = (
    Example(
        "One record without a key.",
        (encode_batch([Record(None, b"a", _NOW_MS)]), 0),
        (Record(None, b"a", _NOW_MS, (), 0),),
    ),
    Example(
        "Two records; offsets and timestamps count from the header's.",
        (_PLACED, 0),
        (Record(b"k", b"one", _NOW_MS, (), 42), Record(b"k", b"two", _NOW_MS + 5, (), 43)),
    ),
    Example(
        "A tombstone: its value is absent.", (_TOMBSTONE, 0), (Record(b"k", None, _NOW_MS, (), 0),)
    ),
    Example(
        "The second batch of three.",
        (_PLACED + _TOMBSTONE + _PLACED, len(_PLACED)),
        (Record(b"k", None, _NOW_MS, (), 0),),
    ),
    Example("One bit of the last byte is turned.", (_DAMAGED, 0), None, raises="CorruptMessage"),
)
