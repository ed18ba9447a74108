"""The cleaner's memory: for every key, the offset of its newest record.

Source: kafka, storage `SkimpyOffsetMap`; notes, Part 1 ch 03 §04.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from kafkabook.base.shown import Shown
from kafkabook.base.units import MIB

ENTRY_BYTES = 24  # an MD5 digest and an offset
LOAD_FACTOR = 0.9  # Kafka's log.cleaner.io.buffer.load.factor
DEDUPE_BUFFER_BYTES = 128 * MIB  # Kafka's log.cleaner.dedupe.buffer.size, for all threads


class OffsetMap(Shown):
    """Keys and their newest offsets over a range of the log, up to what the buffer holds.

    Args:
        dedupe_buffer_bytes: Kafka's `log.cleaner.dedupe.buffer.size` for one cleaner thread, in
            bytes; 24 bytes a key, nine tenths full at most.
        start_offset: where the range begins: the first dirty offset.

    Attributes:
        latest_offset: the last offset that was looked at; records behind it are all kept.

    Simplified: a dict of the keys themselves. Kafka keeps 16 bytes of MD5 per key in one array with
    open addressing, so that its memory is fixed, and takes two keys with one digest for the same.
    Source: kafka, storage `SkimpyOffsetMap`, `Cleaner.buildOffsetMap`.

    >>> OffsetMap(1000).capacity
    36
    """

    def __init__(
        self, dedupe_buffer_bytes: int = DEDUPE_BUFFER_BYTES, *, start_offset: int = 0
    ) -> None:
        self.capacity = int(dedupe_buffer_bytes // ENTRY_BYTES * LOAD_FACTOR)
        self.start_offset = start_offset
        self.latest_offset = start_offset - 1
        self._newest: dict[bytes, int] = {}
        self._sorted: list[int] = []

    def __len__(self) -> int:
        return len(self._newest)

    def newest(self, key: bytes) -> int:
        """Return the newest offset of `key`, -1 if it is not in the range."""
        return self._newest.get(key, -1)

    def put(self, keys: Sequence[bytes | None], offsets: Sequence[int]) -> bool:
        """Take in the records of a batch, in their order; those without a key are passed over.

        Returns:
            False if the map became full before the end: what was taken in stays, and
            `latest_offset` says how far that is. As in Kafka even a known key is then refused.
        """
        newest, room = self._newest, self.capacity - len(self._newest)
        whole = len(keys) <= room and all(keys)
        if whole and (not offsets or offsets[0] >= self.start_offset):
            newest.update(zip(keys, offsets, strict=True))  # type: ignore[arg-type]
            return True
        for key, offset in zip(keys, offsets, strict=True):
            if key is None or offset < self.start_offset:
                continue
            if len(newest) >= self.capacity:
                return False
            newest[key] = self.latest_offset = offset
        return True

    def newest_between(self, first: int, last: int) -> list[int]:
        """Return the offsets `first..last` that are the newest of their key, ascending.

        Turned around, the map answers for a whole batch at once, unread: that saves the cleaner's
        second look at the keys. To be asked only once the map is complete.
        """
        if len(self._sorted) != len(self._newest):
            self._sorted = sorted(self._newest.values())
        newest = self._sorted
        return newest[bisect_left(newest, first) : bisect_right(newest, last)]

    def __repr__(self) -> str:
        return f"OffsetMap({len(self)} of {self.capacity} keys, up to offset {self.latest_offset})"
