"""Wrong ways to give offsets, and right ones that are not ours."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from kafkabook.grading.zoo.variant import Variant
from kafkabook.log.facts import Appended
from kafkabook.log.offsets import assign_offsets
from kafkabook.records.record import Record


def ends_at_the_last_offset(records: Sequence[Record], log_end: int) -> Appended:
    """Takes the log end for the last offset given, so that one is given twice."""
    right = assign_offsets(records, log_end)
    return replace(right, log_end=right.log_end - 1)


def starts_every_append_at_zero(records: Sequence[Record], log_end: int) -> Appended:
    """Numbers within the append instead of within the log."""
    placed = tuple(record._replace(offset=i) for i, record in enumerate(records))
    return Appended(log_end, placed, log_end + len(placed))


def gives_all_records_one_offset(records: Sequence[Record], log_end: int) -> Appended:
    """Numbers appends instead of records."""
    placed = tuple(record._replace(offset=log_end) for record in records)
    return Appended(log_end, placed, log_end + len(placed))


def starts_after_the_log_end(records: Sequence[Record], log_end: int) -> Appended:
    """Leaves a hole of one offset before each append."""
    return assign_offsets(records, log_end + 1)


def numbers_backwards(records: Sequence[Record], log_end: int) -> Appended:
    """Gives the right offsets to the wrong records."""
    right = assign_offsets(tuple(reversed(records)), log_end)
    return replace(right, records=tuple(right.records)[::-1])


def hands_the_records_back_reversed(records: Sequence[Record], log_end: int) -> Appended:
    """Loses the order in which the producer sent."""
    return assign_offsets(tuple(reversed(records)), log_end)


def keeps_offsets_that_are_there(records: Sequence[Record], log_end: int) -> Appended:
    """Believes a producer that has numbered its records itself."""
    right = assign_offsets(records, log_end)
    pairs = zip(records, right.records, strict=True)
    return replace(right, records=tuple(r if r.offset >= 0 else placed for r, placed in pairs))


def drops_the_headers(records: Sequence[Record], log_end: int) -> Appended:
    """Builds new records and forgets a field."""
    bare = [Record(record.key, record.value, record.timestamp_ms) for record in records]
    return assign_offsets(bare, log_end)


def stamps_the_offset_as_time(records: Sequence[Record], log_end: int) -> Appended:
    """Changes what is the producer's."""
    right = assign_offsets(records, log_end)
    return replace(right, records=tuple(r._replace(timestamp_ms=r.offset) for r in right.records))


def skips_records_without_a_value(records: Sequence[Record], log_end: int) -> Appended:
    """Takes a tombstone for nothing."""
    return assign_offsets([record for record in records if record.value is not None], log_end)


def empties_the_list_it_was_given(records: list[Record], log_end: int) -> Appended:
    """Uses up what belongs to its caller."""
    right = assign_offsets(list(records), log_end)
    records.clear()
    return right


def fails_on_an_empty_append(records: Sequence[Record], log_end: int) -> Appended:
    """Looks for a last record where there may be none."""
    right = assign_offsets(records, log_end)
    return Appended(right.records[0].offset, right.records, right.records[-1].offset + 1)


_given: set[int] = set()


def never_gives_an_offset_twice(records: Sequence[Record], log_end: int) -> Appended:
    """Remembers what it gave, and so leaves a hole after a truncation."""
    free = (offset for offset in count(log_end) if offset not in _given)
    placed = tuple(record._replace(offset=next(free)) for record in records)
    _given.update(record.offset for record in placed)
    first = placed[0].offset if placed else log_end
    return Appended(first, placed, first + len(placed))


def answers_with_the_offset_alone(records: Sequence[Record], log_end: int) -> int:
    """Forgets the records."""
    return log_end + len(records)


def takes_ten_records_at_most(records: Sequence[Record], log_end: int) -> Appended:
    """Was tried on small appends only."""
    return assign_offsets(records[:10], log_end)


WRONG = (
    Variant(ends_at_the_last_offset, "R1", "example 1"),
    Variant(starts_every_append_at_zero, "R1", "example 2"),
    Variant(gives_all_records_one_offset, "R1", "example 1"),
    Variant(starts_after_the_log_end, "R1", "example 1"),
    Variant(numbers_backwards, "R1", "example 1"),
    Variant(hands_the_records_back_reversed, "R1", "example 1"),
    Variant(keeps_offsets_that_are_there, "R2", "a producers offsets do not count"),
    Variant(drops_the_headers, "R2", "records keep what they hold"),
    Variant(stamps_the_offset_as_time, "R1", "example 2"),
    Variant(skips_records_without_a_value, "R2", "offsets are contiguous"),
    Variant(empties_the_list_it_was_given, "R0", "purity"),
    Variant(fails_on_an_empty_append, "R1", "example 3"),
    Variant(never_gives_an_offset_twice, "R0", "purity"),
    Variant(answers_with_the_offset_alone, "R0", "signature"),
    Variant(takes_ten_records_at_most, "R3", "a log that crashes stays whole"),
)


def by_a_counter(records: Sequence[Record], log_end: int) -> Appended:
    """Counts in a loop and keeps a list."""
    placed, offset = [], log_end
    for record in records:
        placed.append(Record(*record[:4], offset))
        offset += 1
    return Appended(base_offset=log_end, records=placed, log_end=offset)


def by_zip_with_a_range(records: Sequence[Record], log_end: int) -> Appended:
    """Pairs the records with a range."""
    numbers = range(log_end, log_end + len(records))
    pairs = zip(records, numbers, strict=True)
    return Appended(numbers.start, tuple(r._replace(offset=n) for r, n in pairs), numbers.stop)


RIGHT = (by_a_counter, by_zip_with_a_range)
