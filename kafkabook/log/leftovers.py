"""Jobs that a stop has cut short: given up, or finished, by the names of the files they left.

    X.log.deleted   a deletion that was decided: it is removed
    X.log.cleaned   a cleaning or a split that was not decided: it is removed
    X.log.swap      one that was: it takes the place of the segments that it was made of

A split renames its new segments from the last to the first. So a `.swap` at or behind a `.cleaned`
belongs to a job that was never decided, and goes too.

Source: kafka, storage `LogLoader.java` `load`, `removeTempFilesAndCollectSwapFiles`.
"""

from collections.abc import Iterable

from kafkabook.base.trace import Trace
from kafkabook.base.units import INT64_MAX
from kafkabook.log.disk import Disk
from kafkabook.log.events import LeftoverHandled
from kafkabook.log.log_file import LogFile
from kafkabook.log.offset_index import OffsetIndex
from kafkabook.log.rules import LogRules
from kafkabook.log.segment_names import (
    CLEANED,
    DELETED,
    SUFFIXES,
    SWAP,
    base_name,
    base_offset_in,
    files_in,
    offset_in,
)

_OF_METADATA = ".checkpoint.deleted"  # KRaft deletes its snapshots itself
_SWAPPED_LOG = f".log{SWAP}"


class Leftovers:
    """The unfinished jobs of one partition's directory.

    Files with other names are somebody else's and stay, except where Kafka itself removes them:
    below a finished swap it removes every file whose name begins with an offset that was replaced.

    Args:
        disk, folder: where the files are.
        index_bytes: `segment.index.bytes`, the size of an index that is made anew.
    """

    def __init__(
        self,
        disk: Disk,
        folder: str,
        *,
        rules: LogRules,
        trace: Trace,
        index_bytes: int,
        now_ms: int,
    ) -> None:
        self.disk, self.folder, self.rules = disk, folder, rules
        self.trace, self.index_bytes, self.now_ms = trace, index_bytes, now_ms

    def end(self) -> None:
        """End every job.

        Raises:
            KAFKA_STORAGE_ERROR: a `.cleaned` or `.swap` whose name begins with no offset.
            CorruptSegment: a `.log.swap` whose batches cannot be counted.
        """
        self._remove(name for name in self._names(DELETED) if not name.endswith(_OF_METADATA))
        cleaned = self._names(CLEANED)
        undecided = min(map(self._offset, cleaned), default=INT64_MAX)
        self._remove(name for name in self._names(SWAP) if self._offset(name) >= undecided)
        self._remove(cleaned)
        self._remove_replaced()
        for name in self._names(SWAP):
            self.disk.rename(f"{self.folder}/{name}", f"{self.folder}/{name[: -len(SWAP)]}")
            self.trace.emit(LeftoverHandled(name, "finished"), at_ms=self.now_ms)

    def remove_orphans(self, bases: Iterable[int]) -> None:
        """Remove the indexes of which there is no segment.

        Raises:
            KAFKA_STORAGE_ERROR: an index whose name begins with no offset.
        """
        known = set(bases)
        for name in files_in(self.disk, self.folder):
            if name.endswith(SUFFIXES[1:]) and self._offset(name) not in known:
                self._remove([name])

    def _remove_replaced(self) -> None:
        """Remove the segments in whose place swaps stand: from the first swap to the last's end."""
        swaps = self._names(_SWAPPED_LOG)
        ends = [self._end_of(self._offset(name)) for name in swaps]
        first, end = min(map(self._offset, swaps), default=0), max(ends, default=0)
        others = (n for n in files_in(self.disk, self.folder) if not n.endswith(SWAP))
        offsets = ((name, offset_in(name)) for name in others)
        self._remove([name for name, at in offsets if at is not None and first <= at < end])

    def _end_of(self, base: int) -> int:
        """Return the offset behind a swap; asking for it makes its index, as it does in Kafka."""
        stem = f"{self.folder}/{base_name(base)}"
        index = f"{stem}.index{SWAP}"
        if not self.disk.exists(index):
            OffsetIndex(self.disk, index, base, self.index_bytes).reset()
        file = LogFile(self.disk, f"{stem}{_SWAPPED_LOG}", base, self.rules)
        file.size_bytes = self.disk.size(file.path)
        end = base
        for _, header in file.scan():
            end = header.next_offset
        return end

    def _names(self, suffix: str) -> list[str]:
        return [name for name in files_in(self.disk, self.folder) if name.endswith(suffix)]

    def _offset(self, name: str) -> int:
        return base_offset_in(f"{self.folder}/{name}")

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            self.disk.remove(f"{self.folder}/{name}")
            self.trace.emit(LeftoverHandled(name, "removed"), at_ms=self.now_ms)
