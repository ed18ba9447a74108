"""Wrong ways to use an index, and right ones that are not ours."""

from bisect import bisect_left
from collections.abc import Sequence

from kafkabook.grading.zoo.variant import Variant
from kafkabook.log.facts import IndexEntry
from kafkabook.log.index import lookup

Entries = Sequence[IndexEntry]


def takes_the_entry_above(entries: Entries, offset: int) -> int:
    """Takes the ceiling, behind which the offset may not come any more."""
    return next((e.position for e in entries if e.offset >= offset), 0)


def takes_the_nearest_entry(entries: Entries, offset: int) -> int:
    """Takes whichever entry is nearer."""
    nearest = min(entries, key=lambda e: abs(e.offset - offset), default=IndexEntry(0, 0))
    return nearest.position if entries and entries[0].offset <= offset else 0


def starts_at_the_first_entry(entries: Entries, offset: int) -> int:
    """Never looks before the first entry."""
    below = [e.position for e in entries if e.offset <= offset]
    return below[-1] if below else (entries[0].position if entries else 0)


def steps_one_too_far_back(entries: Entries, offset: int) -> int:
    """Misses an entry that is there."""
    below = [e.position for e in entries if e.offset < offset]
    return below[-1] if below else 0


def always_reads_everything(entries: Entries, offset: int) -> int:
    """Has no use for the index."""
    return 0 * len(entries) * offset


def skips_the_last_entry(entries: Entries, offset: int) -> int:
    """Stops its search one entry early."""
    return lookup(entries[:-1], offset)


def skips_the_first_entry(entries: Entries, offset: int) -> int:
    """Starts its search one entry late."""
    return lookup(entries[1:], offset)


def assumes_an_entry_for_each_offset(entries: Entries, offset: int) -> int:
    """Takes the index for dense."""
    return entries[min(offset, len(entries) - 1)].position if entries else 0


def interpolates(entries: Entries, offset: int) -> int:
    """Guesses a position between two entries, where no batch begins."""
    position = lookup(entries, offset)
    below = [e for e in entries if e.offset <= offset]
    return position + 10 * (offset - below[-1].offset) if below else position


def answers_with_the_entry(entries: Entries, offset: int) -> IndexEntry:
    """Answers with the entry instead of its position."""
    below = [e for e in entries if e.offset <= offset]
    return below[-1] if below else IndexEntry(0, 0)


def answers_with_the_offset(entries: Entries, offset: int) -> int:
    """Takes the wrong column of the index."""
    below = [e.offset for e in entries if e.offset <= offset]
    return below[-1] if below else 0


def fails_without_entries(entries: Entries, offset: int) -> int:
    """Looks at the first entry of an empty index."""
    return 0 if offset < entries[0].offset else lookup(entries, offset)


def loses_the_last_half(entries: Entries, offset: int) -> int:
    """A binary search that never looks right of its second middle."""
    low, high = 0, len(entries) - 1
    for _ in range(2):
        middle = (low + high) // 2
        low, high = (
            (middle, high) if entries and entries[middle].offset <= offset else (low, middle)
        )
    return entries[low].position if entries and entries[low].offset <= offset else 0


WRONG = (
    Variant(takes_the_entry_above, "R1", "example 2"),
    Variant(takes_the_nearest_entry, "R1", "example 3"),
    Variant(starts_at_the_first_entry, "R1", "example 4"),
    Variant(steps_one_too_far_back, "R1", "example 1"),
    Variant(always_reads_everything, "R1", "example 1"),
    Variant(skips_the_last_entry, "R1", "example 5"),
    Variant(skips_the_first_entry, "R2", "an entry is found"),
    Variant(assumes_an_entry_for_each_offset, "R1", "example 1"),
    Variant(interpolates, "R1", "example 2"),
    Variant(answers_with_the_entry, "R0", "signature"),
    Variant(answers_with_the_offset, "R1", "example 1"),
    Variant(fails_without_entries, "R2", "before the first entry all is read"),
    Variant(loses_the_last_half, "R1", "example 5"),
)


def by_a_loop(entries: Entries, offset: int) -> int:
    """Walks until it is too far."""
    position = 0
    for entry in entries:
        if entry.offset > offset:
            break
        position = entry.position
    return position


def by_bisect_left(entries: Entries, offset: int) -> int:
    """Looks for the first entry above, and goes one back."""
    above = bisect_left([entry.offset for entry in entries], offset + 1)
    return [0, *(entry.position for entry in entries)][above]


RIGHT = (by_a_loop, by_bisect_left)
