"""The laws of the index: where a scan may begin so that it misses nothing and reads little."""

from collections.abc import Sequence
from itertools import pairwise

from kafkabook.grading import draws
from kafkabook.grading.draws import Draw
from kafkabook.grading.laws.law import Law, LawBroken, Part, expect
from kafkabook.log.facts import IndexEntry

Stored = tuple[tuple[int, int, int], ...]  # first offset, last offset, position of each batch
_INTERVAL_BYTES = 200


def stored(sizes: Sequence[tuple[int, int]], *, base_offset: int = 0) -> Stored:
    """Lay batches end to end; each of `sizes` is a number of records and a size in bytes."""
    batches, offset, position = [], base_offset, 0
    for records, size_bytes in sizes:
        batches.append((offset, offset + records - 1, position))
        offset, position = offset + records, position + size_bytes
    return tuple(batches)


def sparse(batches: Stored) -> list[IndexEntry]:
    """Index them as Kafka does: an entry for the batch that comes after enough bytes."""
    entries, last_position = [], 0
    for _, last, position in batches:
        if position - last_position > _INTERVAL_BYTES:
            entries.append(IndexEntry(last, position))
            last_position = position
    return entries


def told(entries: Sequence[IndexEntry], offset: int) -> tuple[str, ...]:
    """Show a call: the index, and the offset that is wanted."""
    rows = " · ".join(f"{entry.offset} at byte {entry.position}" for entry in entries)
    return (f"index     {rows or 'empty'}", f"wanted    offset {offset}")


def told_log(batches: Stored, offset: int) -> tuple[str, ...]:
    """Show the batches of a segment, its index, and the offset that is wanted."""
    rows = " · ".join(f"{first}..{last} at byte {position}" for first, last, position in batches)
    return (f"batches   {rows}", *told(sparse(batches), offset))


def before_the_first_entry_all_is_read(part: Part, entries: list[IndexEntry], offset: int) -> None:
    """An offset below every entry, or an empty index, is looked for from byte 0."""
    expect(0, part(entries, offset), "No entry is at or below the offset.")


def an_entry_is_found(part: Part, entries: list[IndexEntry], offset: int) -> None:
    """An offset that has an entry is looked for from the position of that very entry."""
    should_be = dict(entries)[offset]
    expect(should_be, part(entries, offset), f"The index holds an entry for offset {offset}.")


def between_entries_the_lower_one_holds(part: Part, entries: list[IndexEntry], offset: int) -> None:
    """Between two entries the scan begins at the lower one: the upper one may lie beyond."""
    should_be = max((e for e in entries if e.offset <= offset), default=IndexEntry(0, 0)).position
    expect(should_be, part(entries, offset), "The last entry that is not above the offset.")


def a_scan_finds_what_reading_everything_finds(part: Part, batches: Stored, offset: int) -> None:
    """From there on, the batch that holds the offset is still to come."""
    position = part(sparse(batches), offset)
    right = next(at for _, last, at in batches if last >= offset)
    starts = {at for _, _, at in batches}
    if type(position) is not int or position not in starts or position > right:
        why = f"Offset {offset} is in the batch at byte {right}; a scan only goes forward."
        raise LawBroken(_floor(batches, offset), position, why)


def a_scan_reads_little(part: Part, batches: Stored, offset: int) -> None:
    """The scan passes at most one interval of the index and one batch."""
    position = part(sparse(batches), offset)
    right = next(at for _, last, at in batches if last >= offset)
    largest = max((b[2] - a[2] for a, b in pairwise(batches)), default=0)
    if type(position) is not int or right - position > _INTERVAL_BYTES + largest:
        why = f"The scan would read {right - position} bytes before the batch at byte {right}."
        raise LawBroken(_floor(batches, offset), position, why)


def _floor(batches: Stored, offset: int) -> int:
    return max((e.position for e in sparse(batches) if e.offset <= offset), default=0)


@draws.composite
def _entries(draw: Draw, least: int = 1) -> list[IndexEntry]:
    steps = draw(draws.lists(draws.integers(1, 40), min_size=least, max_size=8))
    base = draw(draws.sampled_from((0, 0, 10**9)))
    offsets = [base + sum(steps[: n + 1]) for n in range(len(steps))]
    return [IndexEntry(offset, 250 * (n + 1)) for n, offset in enumerate(offsets)]


@draws.composite
def _below(draw: Draw) -> tuple[list[IndexEntry], int]:
    entries = draw(_entries(least=0))
    return entries, max(entries[0].offset - draw(draws.integers(1, 3)), 0) if entries else 7


@draws.composite
def _exact(draw: Draw) -> tuple[list[IndexEntry], int]:
    entries = draw(_entries())
    return entries, draw(draws.sampled_from(entries)).offset


@draws.composite
def _any_offset(draw: Draw) -> tuple[list[IndexEntry], int]:
    entries = draw(_entries())
    return entries, draw(draws.sampled_from(entries)).offset + draw(draws.integers(-1, 40))


@draws.composite
def _in_a_log(draw: Draw) -> tuple[Stored, int]:
    size = draws.tuples(draws.integers(1, 6), draws.integers(70, 300))
    batches = stored(draw(draws.lists(size, min_size=1, max_size=12)))
    return batches, draw(draws.integers(0, batches[-1][1]))


LAWS = (
    Law(before_the_first_entry_all_is_read, _below(), told),
    Law(an_entry_is_found, _exact(), told, count=50),
    Law(between_entries_the_lower_one_holds, _any_offset(), told, count=50),
    Law(a_scan_finds_what_reading_everything_finds, _in_a_log(), told_log, count=50),
    Law(a_scan_reads_little, _in_a_log(), told_log, count=50),
)
