"""One disk: what was written, what was flushed, what a power cut takes away.

A write goes to the page cache and counts as written at once: a process that is killed loses
nothing. Only `flush` brings it to the platter; `lose_power` takes back whatever was not flushed.
The journal that makes this possible is the same for a disk in memory and for a real directory, so
both hold the same bytes after the same calls.
"""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.shown import Shown
from kafkabook.base.units import KIB

ZEROS = bytes(64 * KIB)  # compared with at once


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

    def rename_folder(self, folder: str, to: str) -> None:
        """Give a folder of files another name, in one step."""

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

    def rename_folder(self, folder: str, to: str) -> None:
        """See `Disk.rename_folder`."""
        names = self.list(folder)
        self._move_folder(folder, checked_path(to))
        for name in names:
            if f"{folder}/{name}" in self._undo:
                self._undo[f"{to}/{name}"] = self._undo.pop(f"{folder}/{name}")

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

    def _move_folder(self, folder: str, to: str) -> None:
        raise NotImplementedError


class MemoryDisk(JournaledDisk):
    """A disk of byte arrays, for chapters, tests and simulations.

    >>> disk = MemoryDisk()
    >>> disk.append("a.log", b"flushed"), disk.flush("a.log"), disk.append("a.log", b", not yet")
    (0, None, 7)
    >>> disk.lose_power(keep={"a.log": 5})
    ('a.log',)
    >>> disk.read("a.log")
    b'flushed, not'
    """

    def __init__(self) -> None:
        super().__init__()
        self._files: dict[str, bytearray] = {}
        self._names: dict[str, dict[str, int]] = {}  # by folder: names in it, how many files each
        self._room: dict[str, int] = {}  # zeros behind the bytes: preallocated files are sparse

    def size(self, path: str) -> int:
        """See `Files.size`."""
        return len(self._file(path)) + self._room.get(path, 0)

    def exists(self, path: str) -> bool:
        """See `Files.exists`."""
        return path in self._files

    def list(self, folder: str = "") -> tuple[str, ...]:
        """See `Files.list`."""
        return tuple(sorted(self._names.get(checked_path(folder) if folder else "", ())))

    def __repr__(self) -> str:
        return f"MemoryDisk({len(self._files)} files, {sum(map(len, self._files.values()))} B)"

    def _file(self, path: str) -> bytearray:
        try:
            return self._files[path]
        except KeyError:
            raise KafkaError(
                Errors.KAFKA_STORAGE_ERROR, f"{checked_path(path)}: no such file"
            ) from None

    def _prepare(self, path: str) -> int:
        if path not in self._files:
            self._files[checked_path(path)] = bytearray()
            self._count(path, 1)
        return len(self._files[path]) + self._room.get(path, 0)

    def _get(self, path: str, start: int, stop: int) -> bytes:
        stored = bytes(memoryview(self._files[path])[start:stop])
        return stored.ljust(stop - start, b"\0") if path in self._room else stored

    def _get_tail(self, path: str, start: int) -> bytes:
        return bytes(memoryview(self._files[path])[start:])

    def _put(self, path: str, at: int, data: bytes) -> None:
        file = self._files[path]
        if path not in self._room and at <= len(file):  # every append; the rest is for indexes
            file[at : at + len(data)] = data
            return
        size = self.size(path)
        if at > len(file):
            file.extend(bytes(at - len(file)))
        file[at : at + len(data)] = data
        self._make_room(path, size)

    def _resize(self, path: str, size_bytes: int) -> None:
        del self._files[path][size_bytes:]
        self._make_room(path, size_bytes)

    def _make_room(self, path: str, size_bytes: int) -> None:
        self._room.pop(path, None)
        if size_bytes > len(self._files[path]):
            self._room[path] = size_bytes - len(self._files[path])

    def _sync(self, path: str) -> None:
        """Memory has no platter; the journal alone says what is flushed."""

    def _move(self, path: str, to: str) -> None:
        size = self.size(path)
        moved = self._files.pop(path)
        self._count(path, -1)
        if to not in self._files:
            self._count(checked_path(to), 1)
        self._files[to] = moved
        self._room.pop(path, None)
        self._make_room(to, size)

    def _unlink(self, path: str) -> None:
        del self._files[path]
        self._count(path, -1)
        self._room.pop(path, None)

    def _move_folder(self, folder: str, to: str) -> None:
        for name in self.list(folder):
            self._move(f"{folder}/{name}", f"{to}/{name}")

    def _count(self, path: str, more: int) -> None:
        """List a file in its folder, and that folder in the one above it; -1 takes it out."""
        folder, _, name = path.rpartition("/")
        while name:
            names = self._names.setdefault(folder, {})
            names[name] = names.get(name, 0) + more
            if not names[name]:
                del names[name]
            folder, _, name = folder.rpartition("/")
            name = f"{name}/" if name else ""


class DirectoryDisk(JournaledDisk):
    """A disk that is a directory, with the file names that Kafka uses.

    Refuses symbolic links, in the path and at its end, and everything that is not a regular file
    (FIFO, device, socket, directory): opening one could hang or leave the root.

    Args:
        root: an existing directory, or one to be made in an existing parent.

    Raises:
        KAFKA_STORAGE_ERROR: `root` is a link, a file, or cannot be made.

    Cost: a file is opened for every call.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        super().__init__()
        self.root = Path(root)
        if self.root.is_symlink() or (self.root.exists() and not self.root.is_dir()):
            raise KafkaError(Errors.KAFKA_STORAGE_ERROR, f"{self.root} is not a directory")
        with _told(self.root):
            self.root.mkdir(exist_ok=True)

    def size(self, path: str) -> int:
        """See `Files.size`."""
        facts = self._facts(path)
        if facts is None:
            raise KafkaError(Errors.KAFKA_STORAGE_ERROR, f"{path}: no such file")
        return facts.st_size

    def exists(self, path: str) -> bool:
        """See `Files.exists`."""
        return self._facts(path) is not None

    def list(self, folder: str = "") -> tuple[str, ...]:
        """See `Files.list`."""
        place = self._real(folder) if folder else self.root
        if not place.is_dir():
            return ()
        with _told(place), os.scandir(place) as entries:
            return tuple(sorted(e.name + "/" * e.is_dir(follow_symlinks=False) for e in entries))

    def __repr__(self) -> str:
        return f"DirectoryDisk({str(self.root)!r})"

    def _real(self, path: str) -> Path:
        """Return the real path, having met no link on the way."""
        place = self.root
        for part in checked_path(path).split("/"):
            place = place / part
            if place.is_symlink():
                raise KafkaError(
                    Errors.KAFKA_STORAGE_ERROR, f"{path}: {place} is a symbolic link, refused here"
                )
        return place

    def _facts(self, path: str) -> os.stat_result | None:
        place = self._real(path)
        try:
            facts = place.lstat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise KafkaError(Errors.KAFKA_STORAGE_ERROR, f"{path}: {error.strerror}") from error
        if not stat.S_ISREG(facts.st_mode):
            raise KafkaError(Errors.KAFKA_STORAGE_ERROR, f"{path} is not a regular file")
        return facts

    def _prepare(self, path: str) -> int:
        facts = self._facts(path)
        if facts is None:
            with _told(path):
                self._real(path).parent.mkdir(parents=True, exist_ok=True)
                self._real(path).touch()
        return 0 if facts is None else facts.st_size

    def _get(self, path: str, start: int, stop: int) -> bytes:
        with _told(path), self._real(path).open("rb") as file:
            file.seek(start)
            return file.read(max(0, stop - start))

    def _get_tail(self, path: str, start: int) -> bytes:
        with _told(path), self._real(path).open("rb", buffering=0) as file:
            end = file.seek(0, os.SEEK_END)
            while end > start:  # from behind, for most of a preallocated index is zeros
                block = max(start, end - len(ZEROS))
                file.seek(block)
                if file.read(end - block) != ZEROS[: end - block]:
                    break
                end = block
        return self._get(path, start, end).rstrip(b"\0") if end > start else b""

    def _put(self, path: str, at: int, data: bytes) -> None:
        with _told(path), self._real(path).open("r+b") as file:
            file.seek(at)
            file.write(data)

    def _resize(self, path: str, size_bytes: int) -> None:
        with _told(path):
            os.truncate(self._real(path), size_bytes)

    def _sync(self, path: str) -> None:
        with _told(path), self._real(path).open("r+b") as file:
            os.fsync(file.fileno())

    def _move(self, path: str, to: str) -> None:
        self._facts(to)
        with _told(path):
            self._real(path).replace(self._real(to))

    def _unlink(self, path: str) -> None:
        place = self._real(path)
        with _told(path):
            place.unlink()
            if place.parent != self.root and not any(place.parent.iterdir()):
                place.parent.rmdir()  # as in memory: a folder is there as long as a file in it is

    def _move_folder(self, folder: str, to: str) -> None:
        with _told(folder):
            self._real(folder).rename(self._real(to))


class _told:  # noqa: N801 - reads as a word in a with statement
    """Turn the system's errors into Kafka's, with the path and the system's own words."""

    def __init__(self, path: object) -> None:
        self.path = path

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, OSError):
            raise KafkaError(
                Errors.KAFKA_STORAGE_ERROR, f"{self.path}: {error.strerror or error}"
            ) from error


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
