"""What can be asked of a log: records by offset and by time, and how far it reaches.

Source: kafka, storage `UnifiedLog.java`; notes, Part 1 ch 02 §07.
"""

from collections.abc import Iterator

from kafkabook.base.errors import OffsetOutOfRange
from kafkabook.base.shown import Shown
from kafkabook.base.units import MIB
from kafkabook.log.facts import (
    BatchPlace,
    IsolationLevel,
    LogSnapshot,
    SegmentSnapshot,
    TimestampedOffset,
)
from kafkabook.log.isolation import last_stable_offset
from kafkabook.log.leader_epochs import LeaderEpochs
from kafkabook.log.local_log import LocalLog
from kafkabook.log.log_file import Place
from kafkabook.log.producer_state import ProducerStates
from kafkabook.log.segment import Segment
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch

LATEST, EARLIEST, MAX_TIMESTAMP = -1, -2, -3  # what Kafka's ListOffsets takes instead of a time


class ReadableLog(Shown):
    """The reading half of a `PartitionLog`; its constructor is there.

    Attributes:
        name: topic and partition, such as `orders-0`.
        log_start: first offset that is served.
        high_watermark: everything below it is committed.
        recovery_point: everything below it has been flushed.
        local: the segments. `epochs`: the leaders' terms. `producers`: sequences and transactions.
    """

    name: str
    log_start: int
    high_watermark: int
    recovery_point: int
    local: LocalLog
    epochs: LeaderEpochs
    producers: ProducerStates

    @property
    def log_end(self) -> int:
        """Offset that the next record will have."""
        return self.local.log_end

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The segments, oldest first; the last one is active."""
        return tuple(self.local.segments)

    @property
    def size_bytes(self) -> int:
        """Bytes of all `.log` files, which is what retention by size counts."""
        return self.local.size_bytes

    @property
    def last_stable_offset(self) -> int:
        """Offset below which no transaction is undecided; between log start and high watermark."""
        undecided = self.producers.first_undecided_offset
        return max(self.log_start, last_stable_offset(self.high_watermark, undecided))

    def read(
        self, offset: int, *, max_bytes: int = 1 * MIB, isolation: IsolationLevel | None = None
    ) -> tuple[RecordBatch, ...]:
        """Return the stored batches that hold `offset` and what follows it, in order.

        The first batch may begin *below* `offset`, for a batch is never cut, and comes back even
        when alone it exceeds `max_bytes`: one big batch must not stop a consumer for ever (KIP-74).
        Like Kafka's, one read ends with the segment that it began in.

        Args:
            offset: first offset wanted; `log_start <= offset <= log_end`.
            max_bytes: budget in bytes over whole encoded batches, headers included.
            isolation: None reads to the log end, as a follower does; a consumer reads to the high
                watermark, or with READ_COMMITTED to the last stable offset. Batches of aborted
                transactions are among them: to drop those is the consumer's part.

        Raises:
            OffsetOutOfRange: outside the log.
            CorruptSegment: a batch was damaged since it was written.

        Simplified: whole batches, while Kafka's answer may end inside one, which a client drops;
        and Kafka's error carries no offsets, so a client asks for them with ListOffsets.
        Cost: O(log batches), then linear in the result.
        Source: kafka, LocalLog `read`, UnifiedLog `fetchOffsetSnapshot`; notes, Part 1 ch 02 §07.

        >>> from kafkabook.log.examples import a_log
        >>> log = a_log(sizes_bytes=(80, 80, 80))
        >>> [batch.base_offset for batch in log.read(1, max_bytes=160)]
        [1, 2]
        """
        if not self.log_start <= offset <= self.log_end:
            raise OffsetOutOfRange(offset, log_start=self.log_start, log_end=self.log_end)
        upto = self._readable_upto(isolation)
        return tuple(self.local.read(offset, max_bytes=max_bytes, upto=upto))

    def records(self, start: int | None = None, stop: int | None = None) -> Iterator[Record]:
        """Yield the records at `start <= offset < stop`; control records are for brokers only.

        Args:
            start, stop: the log start and the log end if omitted.

        Raises:
            OffsetOutOfRange: `start` is outside the log.
        """
        offset = self.log_start if start is None else start
        end = self.log_end if stop is None else min(stop, self.log_end)
        while offset < end and (batches := self.read(offset)):
            for batch in batches:
                if not batch.header.is_control:
                    yield from (r for r in batch.records if offset <= r.offset < end)
            offset = batches[-1].next_offset

    def offset_for_timestamp(self, timestamp_ms: int) -> TimestampedOffset | None:
        """Return the first record that is not older than a time; None if all are older.

        Args:
            timestamp_ms: milliseconds, or `LATEST` (-1) for the log end, `EARLIEST` (-2) for the
                log start, `MAX_TIMESTAMP` (-3) for the first record with the largest timestamp.

        Source: kafka, UnifiedLog `fetchOffsetByTimestamp`; KIP-79, KIP-734.
        """
        if timestamp_ms == LATEST:
            return TimestampedOffset(-1, self.log_end, self.epochs.latest)
        if timestamp_ms == EARLIEST:
            epoch = self.epochs.epoch_at(self.log_start)
            return TimestampedOffset(-1, self.log_start, epoch)
        segments = self.local.segments
        if timestamp_ms == MAX_TIMESTAMP:
            timestamp_ms = max(segment.largest.timestamp_ms for segment in segments)
        if timestamp_ms < 0:
            return None
        young = (s for s in segments if s.largest.timestamp_ms >= timestamp_ms)
        found = (segment.find_timestamp(timestamp_ms, self.log_start) for segment in young)
        return next((place for place in found if place is not None), None)

    def end_offset_for_epoch(self, epoch: int) -> tuple[int, int]:
        """Return the largest epoch at or below `epoch` and where it ended; see `LeaderEpochs`."""
        return self.epochs.end_offset_for(epoch, log_end=self.log_end)

    def snapshot(self) -> LogSnapshot:
        """Return the public state. Cost: linear, for it names every batch."""
        return LogSnapshot(
            name=self.name,
            log_start=self.log_start,
            log_end=self.log_end,
            high_watermark=self.high_watermark,
            last_stable_offset=self.last_stable_offset,
            recovery_point=self.recovery_point,
            size_bytes=self.size_bytes,
            epochs=self.epochs.entries,
            segments=tuple(_segment_snapshot(s, s is self.local.active) for s in self.segments),
        )

    def check(self) -> None:
        """Assert what always holds: offsets in order, chained segments, sound indexes.

        Cost: linear in the number of batches.
        """
        assert 0 <= self.log_start <= self.high_watermark <= self.log_end
        assert self.recovery_point <= self.log_end
        assert self.last_stable_offset <= self.high_watermark
        for segment, following in zip(self.segments, self.segments[1:], strict=False):
            assert segment.next_offset <= following.base_offset
        for segment in self.segments:
            _check_segment(segment)
        self.producers.check()

    def _readable_upto(self, isolation: IsolationLevel | None) -> int:
        if isolation is None:
            return self.log_end
        if isolation is IsolationLevel.READ_COMMITTED:
            return self.last_stable_offset
        return self.high_watermark

    def __repr__(self) -> str:
        marks = f"high watermark {self.high_watermark}, {len(self.segments)} segments"
        return f"{type(self).__name__}({self.name!r}, {self.log_start}..{self.log_end}, {marks})"


def _check_segment(segment: Segment) -> None:
    places = dict(segment.scan())
    expected = segment.base_offset
    for header in places.values():
        assert header.base_offset >= expected
        expected = header.next_offset
    assert expected == segment.next_offset
    for entry in segment.index.entries:
        assert places[entry.position].last_offset == entry.offset


def _segment_snapshot(segment: Segment, is_active: bool) -> SegmentSnapshot:
    return SegmentSnapshot(
        base_offset=segment.base_offset,
        next_offset=segment.next_offset,
        size_bytes=segment.size_bytes,
        largest_timestamp_ms=segment.largest.timestamp_ms,
        is_active=is_active,
        index=tuple(segment.index.entries),
        time_index=tuple(segment.time_index.entries),
        batches=tuple(map(_batch_place, segment.scan())),
    )


def _batch_place(place: Place) -> BatchPlace:
    position, header = place
    return BatchPlace(
        position=position,
        size_bytes=header.size_bytes,
        base_offset=header.base_offset,
        last_offset=header.last_offset,
        leader_epoch=header.partition_leader_epoch,
        max_timestamp_ms=header.max_timestamp_ms,
        producer_id=header.producer_id,
        is_transactional=header.is_transactional,
        is_control=header.is_control,
        records_count=header.records_count,
    )
