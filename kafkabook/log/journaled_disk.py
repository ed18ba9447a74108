"""One disk: what was written, what was flushed, what a power cut takes away.

A write goes to the page cache and counts as written at once: a process that is killed loses
nothing. Only `flush` brings it to the platter; `lose_power` takes back whatever was not flushed.
The journal that makes this possible is the same for a disk in memory and for a real directory, so
both hold the same bytes after the same calls.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.shown import Shown


class Files(Protocol):
    """What a log asks of a disk. Paths are relative and "/"-separated.

    Raises:
        KAFKA_STORAGE_ERROR: any verb, for a path that would leave the root, that is not a regular
            file, or that does not exist; the message names it.
    """

    def write(self, path: str, at: int, data: bytes) -> None:
        """Write `data` at byte `at`; a gap before it is filled with zeros; a new file is made."""

    def append(self, path: str, data: bytes) -> int:
        """Write at the end and return the position where the data begins."""

    def read(self, path: str, start: int = 0, stop: int | None = None) -> bytes:
        """Return the bytes `start..stop`, fewer where the file ends before."""

    def size(self, path: str) -> int:
        """Return the length in bytes."""

    def truncate(self, path: str, size_bytes: int) -> None:
        """Cut the file to at most `size_bytes`."""

    def preallocate(self, path: str, size_bytes: int) -> None:
        """Make the file at least `size_bytes` long, filled with zeros."""

    def flush(self, path: str) -> None:
        """Return when all that was written to the file would survive a power cut."""

    def rename(self, path: str, to: str) -> None:
        """Give a file another name, replacing what has it, in one step."""

    def remove(self, path: str) -> None:
        """Forget a file."""

    def exists(self, path: str) -> bool:
        """Whether a file of that name is there."""

    def list(self, folder: str = "") -> tuple[str, ...]:
        """Return the names in a folder, sorted; those of folders end in "/". Empty if none."""


@dataclass(frozen=True, slots=True)
class CachedFile:
    """One file as the page cache sees it: so much written, so much of it safe."""

    path: str
    size_bytes: int
    flushed_bytes: int  # length of the file if the power went now
    unflushed_bytes: int  # appended or overwritten since the last flush


class _Undo(NamedTuple):
    """How to take one change back: restore `old` at `at`, in a file of `size_bytes`."""

    at: int
    old: bytes
    size_bytes: int


class Disk(Files, Protocol):
    """A disk with a page cache in front.

    Simplified: names (create, rename, remove) and preallocated lengths survive a power cut by
    themselves, as a journaling file system keeps them in order; only contents are lost. A file that
    was renamed before it was flushed therefore comes back empty under its new name, which is why
    checkpoints are flushed first. Real page caches also write back on their own after some seconds.
    Source: notes, Part 1 ch 02 §07; kafka, `Utils.atomicMoveWithFallback`, `flush.messages`.
    """

    def unflushed_bytes(self, path: str) -> int:
        """Return how many bytes of the file a power cut could take."""

    def page_cache(self) -> tuple[CachedFile, ...]:
        """Return one row per file that was touched since it was last flushed, sorted by path."""

    def lose_power(self, keep: Mapping[str, int] | None = None) -> tuple[str, ...]:
        """Take back what was not flushed; return the paths that changed, sorted.

        Args:
            keep: per path, how many of its unflushed *appended* bytes had reached the platter by
                luck; a number inside a batch gives a torn write.
        """


class JournaledDisk(Disk, Shown):
    """The journal of unflushed changes; subclasses say where bytes are kept."""

    def __init__(self) -> None:
        self._undo: dict[str, list[_Undo]] = {}

    def write(self, path: str, at: int, data: bytes) -> None:
        """See `Files.write`."""
        size = self._prepare(path)
        if not data:
            return  # as in POSIX, writing nothing lengthens nothing
        old = self._get(path, at, min(size, at + len(data))) if at < size else b""
        self._remember(path, _Undo(at, old, size))
        self._put(path, at, data)

    def append(self, path: str, data: bytes) -> int:
        """See `Files.append`."""
        size = self._prepare(path)
        self._remember(path, _Undo(size, b"", size))
        self._put(path, size, data)
        return size

    def read(self, path: str, start: int = 0, stop: int | None = None) -> bytes:
        """See `Files.read`."""
        size = self.size(path)
        return self._get(path, start, size if stop is None else min(size, stop))

    def truncate(self, path: str, size_bytes: int) -> None:
        """See `Files.truncate`."""
        size = self.size(path)
        if size_bytes < size:
            self._remember(path, _Undo(size_bytes, self._get_tail(path, size_bytes), size))
            self._resize(path, size_bytes)

    def preallocate(self, path: str, size_bytes: int) -> None:
        """See `Files.preallocate`."""
        size = self._prepare(path)
        if size < size_bytes:
            self._resize(path, size_bytes)

    def flush(self, path: str) -> None:
        """See `Files.flush`."""
        self.size(path)  # refuses a path that is not there
        if self._undo.pop(path, None) is not None:
            self._sync(path)

    def rename(self, path: str, to: str) -> None:
        """See `Files.rename`."""
        self.size(path)
        self._move(path, to)
        self._undo.pop(to, None)
        if path in self._undo:
            self._undo[to] = self._undo.pop(path)

    def remove(self, path: str) -> None:
        """See `Files.remove`."""
        self.size(path)
        self._unlink(path)
        self._undo.pop(path, None)

    def unflushed_bytes(self, path: str) -> int:
        """See `Disk.unflushed_bytes`."""
        return self._cached(path).unflushed_bytes

    def page_cache(self) -> tuple[CachedFile, ...]:
        """See `Disk.page_cache`."""
        return tuple(self._cached(path) for path in sorted(self._undo))

    def lose_power(self, keep: Mapping[str, int] | None = None) -> tuple[str, ...]:
        """See `Disk.lose_power`."""
        changed = tuple(path for path in sorted(self._undo) if self._undo[path])
        for path in changed:
            self._take_back(path, (keep or {}).get(path, 0))
        self._undo.clear()
        return changed

    def _take_back(self, path: str, keep_bytes: int) -> None:
        flushed = self._cached(path).flushed_bytes
        lucky = self.read(path, flushed, flushed + keep_bytes)
        for at, old, size in reversed(self._undo[path]):
            self._resize(path, size)
            if old:
                self._put(path, at, old)
        if lucky:
            self._put(path, flushed, lucky)

    def _cached(self, path: str) -> CachedFile:
        size, changes = self.size(path), self._undo.get(path, [])
        flushed = changes[0].size_bytes if changes else size
        overwritten = sum(len(change.old) for change in changes)
        return CachedFile(path, size, flushed, max(0, size - flushed) + overwritten)

    def _remember(self, path: str, undo: _Undo) -> None:
        changes = self._undo.setdefault(path, [])
        # A run of appends is undone by its first one; without this every batch would cost memory.
        if undo.old or not changes or changes[-1].old or undo.at < changes[-1].size_bytes:
            changes.append(undo)

    def _prepare(self, path: str) -> int:
        """Return the size of a file, making it if it is not there."""
        raise NotImplementedError

    def _get(self, path: str, start: int, stop: int) -> bytes:
        raise NotImplementedError

    def _get_tail(self, path: str, start: int) -> bytes:
        """Return the bytes from `start` to the end; zeros at the very end may be left out."""
        raise NotImplementedError

    def _put(self, path: str, at: int, data: bytes) -> None:
        raise NotImplementedError

    def _resize(self, path: str, size_bytes: int) -> None:
        raise NotImplementedError

    def _sync(self, path: str) -> None:
        raise NotImplementedError

    def _move(self, path: str, to: str) -> None:
        raise NotImplementedError

    def _unlink(self, path: str) -> None:
        raise NotImplementedError


def checked_path(path: str) -> str:
    """Return `path` if it stays below the root of its disk.

    Raises:
        KAFKA_STORAGE_ERROR: it is empty or absolute, or a part of it is empty, `.`, `..` or holds a
            backslash, a colon or a zero byte.

    >>> checked_path("orders-0/00000000000000000000.log")
    'orders-0/00000000000000000000.log'
    """
    parts = path.split("/")
    if any(part in ("", ".", "..") or set(part) & set("\\:\0") for part in parts):
        raise KafkaError(
            Errors.KAFKA_STORAGE_ERROR, f"{path!r} is not a path below the root of this disk"
        )
    return path
