"""The laws of offsets: the next free numbers, one each, and nothing else is touched."""

from collections.abc import Sequence
from dataclasses import replace

from kafkabook.grading import draws
from kafkabook.grading.draws import Strategy
from kafkabook.grading.laws.law import Law, Part, expect
from kafkabook.log.facts import Appended
from kafkabook.records.record import Record


def some_records(values: Sequence[str], *, first_ms: int = 0) -> list[Record]:
    """Return records with these texts as values, a millisecond apart, without offsets."""
    return [Record(None, text.encode(), first_ms + i) for i, text in enumerate(values)]


def told(records: Sequence[Record], log_end: int) -> tuple[str, ...]:
    """Show a call: what arrives, and where the log ends."""
    values = " ".join(repr(record.value) for record in records) or "none"
    already = [record.offset for record in records if record.offset != -1]
    return (
        f"records   {values}" + (f", which come with the offsets {already}" if already else ""),
        f"log_end   {log_end}, the next free offset",
    )


def told_twice(first: Sequence[Record], second: Sequence[Record], log_end: int) -> tuple[str, ...]:
    """Show two appends, one after the other."""
    return (*told(first, log_end), *told(second, log_end)[:1])


def in_a_tuple(answer: object) -> object:
    """Take a list of records for the tuple that it stands for."""
    if isinstance(answer, Appended) and isinstance(answer.records, list):
        return replace(answer, records=tuple(answer.records))
    return answer


def the_first_record_gets_the_log_end(part: Part, records: list[Record], log_end: int) -> None:
    """The offset of the first record is where the log ended, and the answer's base_offset too."""
    yours = part(records, log_end)
    expect(log_end, yours.base_offset, "base_offset is the first offset given.")
    expect(
        log_end, yours.records[0].offset if yours.records else None, "The first record's offset."
    )


def offsets_are_contiguous(part: Part, records: list[Record], log_end: int) -> None:
    """Each record has the offset after the one before it, in the order in which they came."""
    yours = [record.offset for record in part(records, log_end).records]
    expect([log_end + i for i in range(len(records))], yours, "The offsets of the records.")


def the_log_end_is_the_next_free_offset(part: Part, records: list[Record], log_end: int) -> None:
    """The new log end is one more than the last offset, so that nothing is given twice."""
    expect(log_end + len(records), part(records, log_end).log_end, "log_end after the append.")


def records_keep_what_they_hold(part: Part, records: list[Record], log_end: int) -> None:
    """Key, value, timestamp and headers are the producer's; the log changes the offset alone."""
    yours = [record[:4] for record in part(records, log_end).records]
    expect([record[:4] for record in records], yours, "The records without their offsets.")


def a_producers_offsets_do_not_count(part: Part, records: list[Record], log_end: int) -> None:
    """Whatever offsets the records come with, the log gives its own."""
    yours = [record.offset for record in part(records, log_end).records]
    expect([log_end + i for i in range(len(records))], yours, "The offsets of the records.")


def no_records_move_nothing(part: Part, log_end: int) -> None:
    """An empty append leaves the log end where it is."""
    yours = part([], log_end)
    expect((log_end, 0, log_end), (yours.base_offset, len(yours.records), yours.log_end))


def two_appends_follow_each_other(
    part: Part, first: list[Record], second: list[Record], log_end: int
) -> None:
    """A second append goes on where the first one ended: no gap, and no offset twice."""
    one = part(first, log_end)
    two = part(second, one.log_end)
    yours = [record.offset for record in (*one.records, *two.records)]
    expect(
        [log_end + i for i in range(len(first) + len(second))], yours, "Offsets of both appends."
    )


def after_truncation_offsets_are_given_again(
    part: Part, first: list[Record], second: list[Record], log_end: int
) -> None:
    """A log that was cut back goes on from its new end, and not from where it once was."""
    part(first, log_end)
    yours = part(second, log_end)
    expect((log_end, log_end + len(second)), (yours.base_offset, yours.log_end))


def _records(least: int = 1) -> Strategy[list[Record]]:
    values = draws.sampled_from((b"a", b"b", b"", None))
    headers = draws.sampled_from(((), (("trace", b"7"),)))
    fields = draws.tuples(values, values, draws.integers(0, 9), headers)
    record = fields.map(lambda these: Record(*these))
    return draws.lists(record, min_size=least, max_size=5)


_ends = draws.one_of(draws.integers(0, 5), draws.integers(0, 2**40))
_appends = draws.tuples(_records(), _ends)
_numbered = draws.tuples(
    draws.lists(
        draws.integers(0, 50).map(lambda n: Record(value=b"a", offset=n)), min_size=1, max_size=5
    ),
    _ends,
)
_pairs = draws.tuples(_records(), _records(), _ends)

LAWS = (
    Law(offsets_are_contiguous, _appends, told),
    Law(the_first_record_gets_the_log_end, _appends, told),
    Law(the_log_end_is_the_next_free_offset, _appends, told),
    Law(records_keep_what_they_hold, _appends, told),
    Law(a_producers_offsets_do_not_count, _numbered, told),
    Law(no_records_move_nothing, draws.tuples(_ends), lambda log_end: told([], log_end)),
    Law(two_appends_follow_each_other, _pairs, told_twice),
    Law(after_truncation_offsets_are_given_again, _pairs, told_twice),
)
