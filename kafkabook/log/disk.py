"""The two disks: one in memory, one in a real directory, with the same bytes in both."""

import os
import stat
from pathlib import Path

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.units import KIB
from kafkabook.log.journaled_disk import (
    CachedFile,
    Disk,
    Files,
    JournaledDisk,
    checked_path,
)

ZEROS = bytes(64 * KIB)  # compared with at once

__all__ = ["CachedFile", "DirectoryDisk", "Disk", "Files", "MemoryDisk"]


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
        self._room: dict[str, int] = {}  # zeros behind the bytes: preallocated files are sparse

    def size(self, path: str) -> int:
        """See `Files.size`."""
        return len(self._file(path)) + self._room.get(path, 0)

    def exists(self, path: str) -> bool:
        """See `Files.exists`."""
        return path in self._files

    def list(self, folder: str = "") -> tuple[str, ...]:
        """See `Files.list`."""
        prefix = f"{checked_path(folder)}/" if folder else ""
        rests = (path[len(prefix) :] for path in self._files if path.startswith(prefix))
        return tuple(sorted({head + slash for head, slash, _ in (r.partition("/") for r in rests)}))

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
        self._files[checked_path(to)] = self._files.pop(path)
        self._room.pop(path, None)
        self._make_room(to, size)

    def _unlink(self, path: str) -> None:
        del self._files[path]
        self._room.pop(path, None)


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
        with _told(path):
            self._real(path).unlink()


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
