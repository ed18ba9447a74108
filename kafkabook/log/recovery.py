"""What happens when a log is opened: unfinished jobs are ended, damage is found and told.

After a clean stop the files are taken as they stand. After anything else the segments from the
recovery point on are read again, batch by batch; the valid prefix stays, the rest goes, and the
trace says what was found and where.

Source: kafka, storage `LogLoader.java`, `LogSegment.recover`; notes, Part 1 ch 02 §07.
"""

from dataclasses import dataclass

from kafkabook.base.errors import CorruptSegment
from kafkabook.base.trace import Trace
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import Disk
from kafkabook.log.events import (
    DamageFound,
    GapAccepted,
    IndexLoaded,
    LeftoverHandled,
    RecoveryCompleted,
    SegmentRecovered,
)
from kafkabook.log.leader_epochs import LeaderEpochs
from kafkabook.log.local_log import DELETED, deletion_of
from kafkabook.log.rules import LogRules
from kafkabook.log.segment import SUFFIXES, Segment
from kafkabook.log.segment_names import base_name, base_offset_in, segment_bases
from kafkabook.log.verification import proves_compaction, verify_segment
from kafkabook.records.batch_header import BatchHeader

CLEANED, SWAP = ".cleaned", ".swap"


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
    """The opening of one log: `segments` and `epochs` are its result.

    Args:
        disk, folder: where the files are.
        config, rules, trace: those of the log.
        checkpointed: see there.
        now_ms: the time.

    Simplified: a `.swap` of a split segment is finished like any other.
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
        now_ms: int,
    ) -> None:
        self.disk, self.folder, self.now_ms = disk, folder, now_ms
        self.config, self.rules, self.trace, self.checkpointed = config, rules, trace, checkpointed
        self.scanned: tuple[int, ...] = ()
        self._has_gaps = True if config.compacts or checkpointed.was_compacted else None
        self._end_unfinished_jobs()
        self.epochs = LeaderEpochs(
            disk, f"{folder}/leader-epoch-checkpoint", rules=rules, trace=trace
        )
        self.segments = [self._segment(base) for base in self._bases()]
        self._load_segments()

    def remove_all(self) -> None:
        """Remove every segment: the log start lies beyond what is left of the log."""
        self._drop(list(self.segments))
        self.epochs.clear()

    def _end_unfinished_jobs(self) -> None:
        """Remove what was given up or half written; finish what was committed by its `.swap`."""
        for name in self.disk.list(self.folder):
            if name.endswith((DELETED, CLEANED, ".tmp")):
                self._leftover(name, "removed")
        names = self.disk.list(self.folder)
        for name in names:
            if name.endswith(f".log{SWAP}"):
                self._remove_replaced(base_offset_in(f"{self.folder}/{name}", f".log{SWAP}"))
        for name in names:
            if name.endswith(SWAP):
                self.disk.rename(f"{self.folder}/{name}", f"{self.folder}/{name[: -len(SWAP)]}")
                self.trace.emit(LeftoverHandled(name, "finished"), at_ms=self.now_ms)
        stems = {base_name(base) for base in self._bases()}
        for name in self.disk.list(self.folder):
            if name.endswith(SUFFIXES[1:]) and name.partition(".")[0] not in stems:
                self._leftover(name, "removed")

    def _remove_replaced(self, swap_base: int) -> None:
        """Remove the segments that a finished cleaning has replaced by one."""
        swap = self._segment(swap_base)
        swap.file.path += SWAP
        swap.file.size_bytes = self.disk.size(swap.path)
        last = max((header.last_offset for _, header in swap.file.scan()), default=swap_base)
        first_name, last_name = base_name(swap_base), base_name(last)
        for name in self.disk.list(self.folder):
            # By each file's name: the `.log` of a segment may be `.deleted` before its other files.
            stem, _, suffix = name.partition(".")
            if f".{suffix}" in SUFFIXES and first_name <= stem <= last_name:
                self._leftover(name, "removed")

    def _leftover(self, name: str, done: str) -> None:
        self.disk.remove(f"{self.folder}/{name}")
        self.trace.emit(LeftoverHandled(name, done), at_ms=self.now_ms)

    def _bases(self) -> list[int]:
        return segment_bases(self.disk, self.folder)

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

    def _load_segments(self) -> None:
        cut_bytes, whole, scanned, believed = 0, list(self.segments), [], []
        for number, segment in enumerate(whole):
            following = whole[number + 1 :]
            must_scan = self._must_scan(following)
            if trusted := segment.load(is_scanned=must_scan):
                believed.append(segment)
            if trusted and not must_scan:
                continue
            scanned.append(segment.base_offset)
            lost_bytes = self._scan(segment, following, is_indexed=trusted)
            if lost_bytes > 0:
                cut_bytes += lost_bytes + sum(self.disk.size(s.path) for s in following)
                self._drop(following)
                break
        self.scanned = tuple(scanned)
        if whole and (scanned or not self.checkpointed.after_clean_stop):
            self._tell_completed(cut_bytes)
        for segment in believed:
            entries = tuple((entry.offset, entry.position) for entry in segment.index.entries)
            self.trace.emit(IndexLoaded(segment.base_offset, entries), at_ms=self.now_ms)

    def _must_scan(self, following: list[Segment]) -> bool:
        """Whether a segment reaches to or beyond the recovery point of an unclean stop."""
        if self.checkpointed.after_clean_stop:
            return False
        return not following or following[0].base_offset > self.checkpointed.recovery_point

    def _scan(self, segment: Segment, following: list[Segment], *, is_indexed: bool) -> int:
        """Read a segment again; return how many of its bytes are lost."""
        size = self.disk.size(segment.path)
        if not is_indexed:
            why = "an index is missing or damaged" if self._is_clean else "unclean stop"
            segment.begin_rebuild(why)
        damage = self._walk(segment, following, is_indexed=is_indexed)
        if damage is not None:
            repair = self.rules.recover(damage, size)
            segment.keep_only(repair.keep_bytes)
            if repair.reported is not None:
                self._tell_damage(repair.reported)
        segment.seal()
        if damage is not None:
            segment.flush()  # a second power cut must not bring back what was cut off
        self._tell_recovered(segment)
        return 0 if damage is None else size - segment.size_bytes

    @property
    def _is_clean(self) -> bool:
        return self.checkpointed.after_clean_stop

    def _walk(
        self, segment: Segment, following: list[Segment], *, is_indexed: bool
    ) -> CorruptSegment | None:
        segment.file.size_bytes = 0
        segment.next_offset = segment.base_offset
        places = verify_segment(
            self.disk,
            segment.path,
            base_offset=segment.base_offset,
            next_base=following[0].base_offset if following else None,
            epochs=self.epochs.entries,
            is_compacted=self._has_gaps,
            is_preallocated=self.config.preallocate,
        )
        try:
            for position, header in places:
                self._look_for_gap(segment, position, header)
                segment.note(position, header, is_indexed=is_indexed)
                if header.partition_leader_epoch > self.epochs.latest:
                    epoch, start = header.partition_leader_epoch, header.base_offset
                    self.epochs.assign(epoch, start, now_ms=self.now_ms)
        except CorruptSegment as damage:
            return damage
        return None

    def _look_for_gap(self, segment: Segment, position: int, header: BatchHeader) -> None:
        """Learn from its batches that a log was once compacted; then no later gap is doubtful."""
        if self._has_gaps is None and proves_compaction(header, segment.next_offset):
            self._has_gaps = True
            told = GapAccepted(segment.path, position, segment.next_offset, header.base_offset)
            self.trace.emit(told, at_ms=self.now_ms)

    def _drop(self, segments: list[Segment]) -> None:
        for segment in segments:
            segment.file.size_bytes = self.disk.size(segment.path)
            self.segments.remove(segment)
            for path in segment.files():
                self.disk.remove(path)
            told = deletion_of(
                segment.facts(segment.next_offset, is_active=False),
                "damage before it",
                config=self.config,
                log_size_bytes=sum(s.size_bytes for s in (*self.segments, segment)),
                high_watermark=self.checkpointed.high_watermark,
                log_start=self.checkpointed.log_start or 0,
            )
            self.trace.emit(told, at_ms=self.now_ms)

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

    def _tell_completed(self, cut_bytes: int) -> None:
        told = RecoveryCompleted(
            self.checkpointed.recovery_point,
            self.scanned,
            self.segments[-1].next_offset,
            cut_bytes,
        )
        self.trace.emit(told, at_ms=self.now_ms)
