"""What happens when a log is opened: unfinished jobs are ended, damage is found and told.

Checkpoints, indexes and snapshots are hints, which may be behind, ahead, empty or missing; sound
batches decide. After a clean stop the files are taken as they stand. After anything else the
segments from the recovery point on are read again, batch by batch; the valid prefix stays, the rest
goes, and the trace says what was found and where. A segment without an index is read again in any
case, and what is broken in it goes; the segments behind it stay then, as they do in Kafka.

Source: kafka, storage `LogLoader.java`, `LogSegment.recover`; notes, Part 1 ch 02 §07.
"""

from bisect import insort
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter

from kafkabook.base.errors import CorruptMessage, CorruptSegment, Errors, KafkaError
from kafkabook.base.trace import Trace
from kafkabook.base.units import INT32_MAX
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import Disk
from kafkabook.log.events import (
    BatchDoubted,
    DamageFound,
    GapAccepted,
    IndexDistrusted,
    IndexLoaded,
    RecoveryCompleted,
    SegmentRecovered,
    SegmentSplit,
)
from kafkabook.log.index_file import InvalidOffset
from kafkabook.log.leader_epochs import LeaderEpochs
from kafkabook.log.leftovers import Leftovers
from kafkabook.log.local_log import deletion_of, mark_deleted
from kafkabook.log.log_file import Place
from kafkabook.log.producer_files import (
    rebuild_producers,
    remember_stored,
    save_newest,
    snapshot_offsets,
    snapshot_path,
)
from kafkabook.log.producer_state import ProducerStates
from kafkabook.log.rules import LogRules
from kafkabook.log.segment import Segment
from kafkabook.log.segment_names import segment_bases
from kafkabook.log.segment_swap import split
from kafkabook.log.verification import (
    Doubt,
    OffsetOutsideSegment,
    proves_compaction,
    verify_segment,
)
from kafkabook.records.batch_header import BatchHeader

UNSOUND = "they do not fit"  # why indexes are made anew that Kafka would believe


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpointed:
    """What the log directory's checkpoints say of a log when it is opened.

    The defaults are those of a log without a log directory: nothing is known, so all is checked.

    Attributes:
        recovery_point: below it everything had been flushed.
        high_watermark: what was known to be committed.
        log_start: first offset that is served; None for that of the first segment.
        after_clean_stop: whether the last stop was a clean one.
        was_compacted: whether the cleaner has been here, so that offsets may have gaps.
    """

    recovery_point: int = 0
    high_watermark: int = 0
    log_start: int | None = None
    after_clean_stop: bool = False
    was_compacted: bool = False


class Recovery:
    """The opening of one log: `segments`, `epochs` and `waiting` are its result.

    Args:
        disk, folder: where the files are.
        config, rules, trace: those of the log.
        checkpointed: see there.
        new_producers: makes an empty state of producers, which tells a trace.
        now_ms: the time.

    Raises:
        KAFKA_STORAGE_ERROR: Kafka would not open the log either; the sentence says why.

    Attributes:
        waiting: `.deleted` files of segments that went, and from when on they may be unlinked.
    """

    def __init__(
        self,
        disk: Disk,
        folder: str,
        *,
        config: LogConfig,
        rules: LogRules,
        trace: Trace,
        checkpointed: Checkpointed,
        new_producers: Callable[[Trace], ProducerStates],
        now_ms: int,
    ) -> None:
        self.disk, self.folder, self.now_ms = disk, folder, now_ms
        self.config, self.rules, self.trace, self.checkpointed = config, rules, trace, checkpointed
        self._new_producers = new_producers
        self._has_gaps = True if config.compacts or checkpointed.was_compacted else None
        self.segments: list[Segment] = []
        self.waiting: list[tuple[int, str]] = []
        self._scanned: list[int] = []
        self._cut_bytes = 0
        self.epochs = LeaderEpochs(
            disk, f"{folder}/leader-epoch-checkpoint", rules=rules, trace=trace
        )
        self._snapshots = snapshot_offsets(disk, folder)
        self._open()

    def _open(self) -> None:
        leftovers = Leftovers(
            self.disk,
            self.folder,
            rules=self.rules,
            trace=self.trace,
            index_bytes=self.config.segment_index_bytes,
            now_ms=self.now_ms,
        )
        leftovers.end()
        bases = segment_bases(self.disk, self.folder)
        leftovers.remove_orphans(bases)
        believed = self._load(bases)
        if not self._is_clean:
            believed += self._recover_and_split()
        if bases and (self._scanned or not self._is_clean):
            self._tell_completed()
        self._check_end()
        for segment in believed:
            entries = tuple((entry.offset, entry.position) for entry in segment.index.entries)
            self.trace.emit(IndexLoaded(segment.base_offset, entries), at_ms=self.now_ms)
        if self.segments and self.log_end < self._log_start:
            self._begin_anew()

    @property
    def log_end(self) -> int:
        """Offset behind the last batch; where the log starts if there is no segment."""
        return self.segments[-1].next_offset if self.segments else self._log_start

    @property
    def _log_start(self) -> int:
        return self.checkpointed.log_start or 0

    @property
    def _is_clean(self) -> bool:
        return self.checkpointed.after_clean_stop

    @property
    def _reason(self) -> str:
        return "an index is missing or damaged" if self._is_clean else "unclean stop"

    # --- loading ---------------------------------------------------------------------------------

    def _load(self, bases: list[int]) -> list[Segment]:
        """Take all segments; make anew what has no index. Return those whose indexes are used."""
        believed = []
        for base in bases:
            segment, following = self._segment(base), sorted(b for b in bases if b > base)
            segment.make_missing()
            if segment.lacks_index():
                self._cut_bytes += self._scan_now(segment, following)
            elif not self._must_scan(following):
                if segment.load(is_scanned=False):
                    believed.append(segment)
                else:
                    self._index_anew(segment, following)
            insort(self.segments, segment, key=attrgetter("base_offset"))
        return believed

    def _segment(self, base_offset: int) -> Segment:
        return Segment(
            self.disk,
            self.folder,
            base_offset,
            config=self.config,
            rules=self.rules,
            trace=self.trace,
            now_ms=self.now_ms,
        )

    def _must_scan(self, following: Sequence[int]) -> bool:
        """Whether a segment reaches to or beyond the recovery point of an unclean stop."""
        if self._is_clean:
            return False
        return not following or following[0] > self.checkpointed.recovery_point

    def _scan_now(self, segment: Segment, following: list[int]) -> int:
        """Read a segment while it is loaded.

        Raises:
            KAFKA_STORAGE_ERROR: its offsets fit no index.

        Simplified: Kafka splits one that overflows here, too.
        """
        try:
            return self._scan(segment, following, reason=self._reason)
        except OffsetOutsideSegment as overflow:
            raise _unopened(overflow) from overflow

    def _index_anew(self, segment: Segment, following: list[int]) -> None:
        """Make lying indexes anew, of a segment that Kafka would not read; nothing else changes.

        Where the segment itself is broken, nobody has asked for its batches yet: all stays.
        """
        offsets = [segment.base_offset - 1]
        try:
            for _, header in self._verified(segment, following, doubted=_ignored):
                offsets.append(header.last_offset)
        except CorruptSegment:
            is_sound = False
        else:
            is_sound = all(a < b for a, b in pairwise(offsets))
        if is_sound:
            segment.index_again(UNSOUND)
        else:
            segment.distrust_indexes()
            told = IndexDistrusted(segment.base_offset)
            self.trace.emit(told, at_ms=self.now_ms)

    def _check_end(self) -> None:
        """Refuse a log whose last segment does not say where it ends.

        Raises:
            KAFKA_STORAGE_ERROR: a header behind the last index entry cannot be true.
            CorruptSegment: recovery itself has left half a batch; only a wrong part does that.
        """
        if not self.segments:
            return
        last = self.segments[-1]
        if last.base_offset in self._scanned:
            last.check_tail(is_whole=True)
            return
        try:
            last.check_tail()
        except CorruptSegment as damage:
            raise _unopened(damage) from damage

    # --- recovering ------------------------------------------------------------------------------

    def _recover_and_split(self) -> list[Segment]:
        """Recover; begin anew behind each split, which only a segment that overflows needs."""
        while True:
            try:
                return self._recover()
            except OffsetOutsideSegment as overflow:
                segment = next(s for s in self.segments if s.path == overflow.file)
                self._split(segment, overflow)

    def _split(self, segment: Segment, overflow: OffsetOutsideSegment) -> None:
        """Put several segments in the place of one.

        Raises:
            KAFKA_STORAGE_ERROR: it does not end with an overflow, so that is not what is wrong.
        """
        try:
            places = list(segment.file.scan())
        except CorruptSegment as damage:
            raise _unopened(damage) from damage
        last = places[-1][1]
        is_whole = places[-1][0] + last.size_bytes == segment.size_bytes
        if not is_whole or last.last_offset - segment.base_offset <= INT32_MAX:
            raise _unopened(overflow) from overflow
        self.segments.remove(segment)
        bases = split(self, segment, now_ms=self.now_ms)
        if segment.base_offset in self._snapshots and segment.base_offset not in bases:
            self.mark_deleted(snapshot_path(self.folder, segment.base_offset), now_ms=self.now_ms)
        self.segments += map(self._segment, bases)
        self.segments.sort(key=lambda part: part.base_offset)
        self._scanned = [base for base in self._scanned if base != segment.base_offset]
        self.trace.emit(SegmentSplit(segment.base_offset, bases), at_ms=self.now_ms)

    def _recover(self) -> list[Segment]:
        """Read the segments from the recovery point on; return those whose indexes were used."""
        believed = []
        for number, segment in enumerate(list(self.segments)):
            following = self.segments[number + 1 :]
            bases = [s.base_offset for s in following]
            if not self._must_scan(bases):
                continue
            if segment.base_offset in self._scanned:
                self._snapshot_again(segment)
                continue
            is_indexed = segment.load(is_scanned=True)
            believed += [segment] * is_indexed
            reason = None if is_indexed else self._reason
            lost_bytes = self._recover_segment(segment, bases, reason=reason)
            self._cut_bytes += lost_bytes
            if lost_bytes > 0:
                self._cut_bytes += sum(self.disk.size(s.path) for s in following)
                self._drop(following, "damage before it")
                break
        return believed

    def _snapshot_again(self, segment: Segment) -> None:
        """Leave a snapshot at both ends of a segment that was read while it was loaded.

        Kafka reads it once more, and finds what it left.
        """
        producers = self._new_producers(Trace())
        self._rebuild(producers, segment.base_offset)
        for position, header in segment.file.scan():
            remember_stored(producers, segment, position, header, now_ms=self.now_ms)
        end = segment.next_offset
        save_newest(producers, self.disk, self.folder, end, self._log_start)

    def _recover_segment(
        self, segment: Segment, following: list[int], *, reason: str | None
    ) -> int:
        """Scan a segment; empty it if its offsets go back so far that no index can be made."""
        size = self.disk.size(segment.path)
        try:
            return self._scan(segment, following, reason=reason)
        except InvalidOffset as fault:
            segment.empty()
            damage = CorruptSegment(
                segment.path,
                at_byte=0,
                batch_base=segment.base_offset,
                reason=f"its offsets go back, and no index can hold that: {fault}",
                recovered_upto=segment.base_offset,
                torn_tail=False,
            )
            self._tell_damage(damage)
            self._tell_recovered(segment)
            return size

    def _scan(self, segment: Segment, following: list[int], *, reason: str | None) -> int:
        """Read a segment again; return how many of its bytes are lost.

        Args:
            reason: why its indexes are made anew; None: they are believed.
        """
        self._scanned.append(segment.base_offset)
        size = self.disk.size(segment.path)
        producers = self._new_producers(self.trace)
        self._rebuild(producers, segment.base_offset)
        if reason is not None:
            segment.begin_rebuild(reason)
        damage = self._walk(segment, following, producers, is_indexed=reason is None)
        if damage is not None:
            repair = self.rules.recover(damage, size)
            segment.keep_only(repair.keep_bytes)
            if repair.reported is not None:
                self._tell_damage(repair.reported)
        segment.seal()
        end = segment.next_offset
        save_newest(producers, self.disk, self.folder, end, self._log_start)
        if damage is not None:
            segment.flush()  # a second power cut must not bring back what was cut off
        self._tell_recovered(segment)
        return 0 if damage is None else size - segment.size_bytes

    def _rebuild(self, producers: ProducerStates, upto: int) -> None:
        rebuild_producers(
            producers,
            self.segments,
            self.disk,
            self.folder,
            log_start=self._log_start,
            upto=upto,
            now_ms=self.now_ms,
        )

    def _walk(
        self,
        segment: Segment,
        following: list[int],
        producers: ProducerStates,
        *,
        is_indexed: bool,
    ) -> CorruptSegment | None:
        segment.file.size_bytes = 0
        segment.next_offset = segment.base_offset
        try:
            places = self._verified(segment, following, doubted=self._doubt(segment))
            for position, header in places:
                self._look_for_gap(segment, position, header)
                segment.note(position, header, is_indexed=is_indexed)
                if header.partition_leader_epoch > self.epochs.latest:
                    epoch, start = header.partition_leader_epoch, header.base_offset
                    self.epochs.assign(epoch, start, now_ms=self.now_ms)
                remember_stored(
                    producers,
                    segment,
                    position,
                    header,
                    now_ms=self.now_ms,
                    is_indexed=is_indexed,
                )
        except OffsetOutsideSegment as damage:
            if not self.rules.keeps_doubtful(damage.reason):
                return damage
            segment.file.size_bytes = self.disk.size(segment.path)
            raise
        except CorruptSegment as damage:
            return damage
        return None

    def _verified(
        self, segment: Segment, following: list[int], *, doubted: Callable[[Doubt], None] | None
    ) -> Iterator[Place]:
        return verify_segment(
            self.disk,
            segment.path,
            base_offset=segment.base_offset,
            next_base=following[0] if following else None,
            epochs=self.epochs.entries,
            is_compacted=self._has_gaps,
            is_preallocated=self.config.preallocate and not following,
            doubted=doubted,
        )

    def _doubt(self, segment: Segment) -> Callable[[Doubt], None]:
        """Return what tells a doubt about a segment to the trace, if the rules let the batch be."""

        def tell(doubt: Doubt) -> None:
            if not self.rules.keeps_doubtful(doubt.reason):
                raise CorruptMessage(doubt.reason)
            told = BatchDoubted(segment.path, doubt.at_byte, doubt.batch_base, doubt.reason)
            self.trace.emit(told, at_ms=self.now_ms)

        return tell

    def _look_for_gap(self, segment: Segment, position: int, header: BatchHeader) -> None:
        """Learn from its batches that a log was once compacted; then no later gap is doubtful."""
        if self._has_gaps is None and proves_compaction(header, segment.next_offset):
            self._has_gaps = True
            told = GapAccepted(segment.path, position, segment.next_offset, header.base_offset)
            self.trace.emit(told, at_ms=self.now_ms)

    # --- taking segments away --------------------------------------------------------------------

    def _begin_anew(self) -> None:
        """Take every segment away: the log start lies beyond what is left of the log."""
        for path in (snapshot_path(self.folder, offset) for offset in self._snapshots):
            if self.disk.exists(path):
                self.disk.remove(path)
        self._drop(list(self.segments), "the log ends below its start")
        self.epochs.clear()

    def _drop(self, segments: list[Segment], reason: str) -> None:
        for segment in segments:
            segment.file.size_bytes = self.disk.size(segment.path)
            self.segments.remove(segment)
            self._give_up(segment)
            told = deletion_of(
                segment.facts(segment.next_offset, is_active=False),
                reason,
                config=self.config,
                log_size_bytes=sum(s.size_bytes for s in (*self.segments, segment)),
                high_watermark=self.checkpointed.high_watermark,
                log_start=self._log_start,
            )
            self.trace.emit(told, at_ms=self.now_ms)

    def _give_up(self, segment: Segment) -> None:
        """Rename a segment's files; of its snapshot, too, if it was there at the start."""
        paths = list(segment.files())
        if segment.base_offset in self._snapshots:
            paths.append(snapshot_path(self.folder, segment.base_offset))
        for path in paths:
            self.mark_deleted(path, now_ms=self.now_ms)

    def mark_deleted(self, path: str, *, now_ms: int) -> None:
        """Rename a file, if it is there, so that nobody opens it; unlink it after the delay."""
        due_ms = now_ms + self.config.file_delete_delay_ms
        self.waiting += mark_deleted(self.disk, path, due_ms=due_ms)

    # --- telling ---------------------------------------------------------------------------------

    def _tell_damage(self, damage: CorruptSegment) -> None:
        found = DamageFound(
            file=damage.file,
            at_byte=damage.at_byte,
            batch_base=damage.batch_base,
            reason=damage.reason,
            recovered_upto=damage.recovered_upto,
            torn_tail=damage.torn_tail,
        )
        self.trace.emit(found, at_ms=self.now_ms)

    def _tell_recovered(self, segment: Segment) -> None:
        told = SegmentRecovered(
            segment.base_offset, segment.size_bytes, segment.next_offset, len(segment.index)
        )
        self.trace.emit(told, at_ms=self.now_ms)

    def _tell_completed(self) -> None:
        told = RecoveryCompleted(
            self.checkpointed.recovery_point,
            tuple(sorted(self._scanned)),
            self.log_end,
            self._cut_bytes,
        )
        self.trace.emit(told, at_ms=self.now_ms)


def _ignored(doubt: Doubt) -> None:
    """Take a batch as it is."""


def _unopened(damage: CorruptSegment) -> KafkaError:
    """Say that nobody can open this log, and what to do."""
    return KafkaError(
        Errors.KAFKA_STORAGE_ERROR,
        f"{damage.file}: byte {damage.at_byte}: {damage.reason}. Kafka does not open a log with"
        " such a segment; restore the file, or cut it there and open the log as after a crash",
    )
