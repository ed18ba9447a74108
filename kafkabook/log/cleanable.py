"""Which part of a log may be cleaned, whether it is time to, and which segments become one.

Source: kafka, storage `LogCleanerManager`, `LogToClean`, `Cleaner.groupSegmentsBySize`; KIP-58,
KIP-354; notes, Part 1 ch 03 §04.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kafkabook.base.units import INT32_MAX
from kafkabook.log.config import LogConfig
from kafkabook.log.offset_index import OffsetIndex
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.segment import Segment
from kafkabook.log.time_index import TimeIndex


@dataclass(frozen=True, slots=True)
class Cleanable:
    """What the next cleaning of a log would work on.

    Attributes:
        first_dirty_offset: what is below was cleaned before.
        first_uncleanable_offset: what is at or above it must be left alone; a segment's first.
        clean_bytes, cleanable_bytes: of whole segments below, and between, the two.
        overdue_ms: for how long a dirty record has been waiting beyond `max.compaction.lag.ms`.
    """

    first_dirty_offset: int
    first_uncleanable_offset: int
    clean_bytes: int
    cleanable_bytes: int
    overdue_ms: int

    @property
    def dirty_ratio(self) -> float:
        """Dirty bytes among those that can be cleaned or have been; 0 if there are none."""
        total_bytes = self.clean_bytes + self.cleanable_bytes
        return self.cleanable_bytes / total_bytes if total_bytes else 0.0

    def is_due(self, config: LogConfig) -> bool:
        """Say whether to clean: the ratio is *above* the setting's, or the lag is too long."""
        overdue = self.overdue_ms > 0 and self.cleanable_bytes > 0
        return overdue or self.dirty_ratio > config.min_cleanable_dirty_ratio


def cleanable(log: PartitionLog, checkpointed_offset: int | None, *, now_ms: int) -> Cleanable:
    """Return what a cleaning of `log` would work on.

    Args:
        checkpointed_offset: where the last cleaning ended; None if there was none. One that is
            outside the log, after a truncation or a deletion, counts as none.

    Source: kafka, storage `LogCleanerManager.cleanableOffsets`, `LogToClean`.
    """
    first_dirty = log.log_start if checkpointed_offset is None else checkpointed_offset
    if not log.log_start <= first_dirty <= log.log_end:
        first_dirty = log.log_start
    local = log.local
    dirty = local.facts()[local.index_of(first_dirty) :]
    stable = log.last_stable_offset
    # It may lie below what is dirty, where the log starts inside the active segment.
    end = local.rules.first_uncleanable(dirty, local.config, stable, now_ms)
    end = max(base for base in _boundaries(log) if base <= end)
    clean = [s for s in local.segments if s.base_offset < first_dirty]
    begin = local.segments[local.index_of(min(first_dirty, end))].base_offset
    rest = [s for s in local.segments if begin <= s.base_offset < end]
    return Cleanable(
        first_dirty_offset=first_dirty,
        first_uncleanable_offset=end,
        clean_bytes=sum(segment.size_bytes for segment in clean),
        cleanable_bytes=sum(segment.size_bytes for segment in rest),
        overdue_ms=_overdue_ms(log, first_dirty, now_ms),
    )


def group_segments(
    segments: Sequence[Segment], config: LogConfig, end_offset: int
) -> list[list[Segment]]:
    """Put neighbours together whose bytes, indexes and offsets will fit into one segment.

    Args:
        segments: those to be cleaned, oldest first.
        end_offset: where the last of them ends at the latest.

    They are judged by their sizes *before* the cleaning, so a log shrinks to few segments only
    over several cleanings.
    """
    ends = [*(segment.base_offset for segment in segments[1:]), end_offset]
    groups: list[list[Segment]] = []
    for segment, end in zip(segments, ends, strict=False):
        if groups and _fits(groups[-1], segment, end, config):
            groups[-1].append(segment)
        else:
            groups.append([segment])
    return groups


def _fits(group: list[Segment], segment: Segment, end: int, config: LogConfig) -> bool:
    joined = (*group, segment)
    last_offset = segment.base_offset if segment.size_bytes == 0 else end - 1
    return (
        sum(s.size_bytes for s in joined) <= config.segment_bytes
        and sum(_used_bytes(s.index) for s in joined) <= config.segment_index_bytes
        and sum(_used_bytes(s.time_index) for s in joined) <= config.segment_index_bytes
        and last_offset - group[0].base_offset <= INT32_MAX
    )


def _used_bytes(index: OffsetIndex | TimeIndex) -> int:
    return len(index.entries) * index.layout.size


def _boundaries(log: PartitionLog) -> list[int]:
    return [*(s.base_offset for s in log.local.segments), log.log_end]


def _overdue_ms(log: PartitionLog, first_dirty: int, now_ms: int) -> int:
    """Kafka takes the first batch of each dirty segment for its oldest."""
    local = log.local
    dirty = local.segments[local.index_of(first_dirty) : -1]
    times = [s.first_timestamp_ms for s in dirty if s.first_timestamp_ms > 0]
    return max(0, now_ms - local.config.max_compaction_lag_ms - min(times, default=now_ms))
