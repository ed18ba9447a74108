"""Which batches the offset index names, and how an offset is found in it: the rules as parts.

Source: kafka, storage `OffsetIndex.java`, `LogSegment.java`; notes, Part 1 ch 02 §07.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from operator import attrgetter

from kafkabook.log.config import LogConfig
from kafkabook.log.facts import IndexEntry, TimeIndexEntry
from kafkabook.records.batch_header import BatchHeader


def should_index(bytes_since_last_entry: int, config: LogConfig) -> bool:
    """Say whether the batch that is being appended gets an entry in the index.

    The bytes are those before the batch, so the first batch of a segment never gets one.
    """
    return bytes_since_last_entry > config.index_interval_bytes


def index_entry(batch: BatchHeader, position: int) -> IndexEntry:
    """Return the entry for a batch: its *last* offset, and the byte where it begins."""
    return IndexEntry(batch.last_offset, position)


def lookup(entries: Sequence[IndexEntry], offset: int) -> int:
    """Return the byte position where the scan for `offset` begins: that of the floor entry.

    Args:
        entries: ascending in offset and position, offsets absolute.

    Returns:
        The position of the last entry whose offset is at most `offset`; 0 if there is none.

    Cost: O(log n).
    """
    floor = bisect_right(entries, offset, key=attrgetter("offset"))
    return entries[floor - 1].position if floor else 0


def check_index(
    entries: Sequence[IndexEntry],
    time_entries: Sequence[TimeIndexEntry],
    header_at: Callable[[int], BatchHeader | None],
    find: Callable[[int], BatchHeader | None],
) -> bool:
    """Say whether the entries of both index files fit the log: each must name a batch as it is.

    Args:
        header_at: gives the batch that begins at a byte of the log, None if none does, also beyond
            its end: after a power cut an index may know more than the log.
        find: gives the batch that holds an offset, looked up through `entries`.

    Simplified: Kafka does not look into them. It makes both indexes anew for every segment that it
    recovers, and where the `.index` file is missing, and believes all others.
    Cost: one header per entry, and an interval of them per time index entry.
    """
    for entry in entries:
        header = header_at(entry.position)
        if header is None or header.last_offset != entry.offset:
            return False
    for youngest in time_entries:
        header = find(youngest.offset)
        if header is None or (header.max_timestamp_ms, header.last_offset) != youngest:
            return False
    return True


def trust_index(is_sound: bool, is_scanned: bool) -> bool:
    """Say whether an index file is used as it stands; else it is made again from the log.

    Args:
        is_sound: its entries ascend, and each points at the batch that it names.
        is_scanned: recovery has reason to read this segment batch by batch.
    """
    return is_sound and not is_scanned
