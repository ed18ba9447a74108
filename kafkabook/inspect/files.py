"""Files from strangers, opened to be read and nothing else: regular ones, of a size that can be.

A log directory that somebody sends may hold links, pipes, devices and files that claim a terabyte.
Every file goes through `SourceFile`, and what it refuses it refuses before one byte is read.
"""

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from kafkabook.base.plain import plain
from kafkabook.base.units import MIB, bytes_text

WINDOW_BYTES = 1 * MIB
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # so that a pipe swapped in at the last moment cannot hang us
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_KINDS = (
    (stat.S_ISLNK, "a symbolic link, and links are not followed; give the file it leads to"),
    (stat.S_ISFIFO, "a pipe (FIFO), which has no end to read to; copy its data into a file"),
    (stat.S_ISSOCK, "a socket; give a file of a log directory"),
    (stat.S_ISCHR, "a device; give a file of a log directory"),
    (stat.S_ISBLK, "a device; mount it and give a file of a log directory"),
    (stat.S_ISDIR, "a directory where a file is expected; give a file in it"),
)
_REASONS = {
    errno.ENOENT: "there is no such file; look at the spelling",
    errno.EACCES: "this user may not read it; change its permissions or become its owner",
    errno.EPERM: "this user may not read it; change its permissions or become its owner",
    errno.ELOOP: "symbolic links that lead in a circle; give the real path",
    errno.ENOTDIR: "a part of the path is a file, not a directory; look at the spelling",
    errno.ENAMETOOLONG: "the name is longer than the file system allows; look at the spelling",
    errno.ENXIO: "a socket or a device without a driver; give a file of a log directory",
}


class Refused(Exception):
    """PATH is nothing to show; the text is one sentence with the reason and the remedy."""

    def __init__(self, path: object, reason: str) -> None:
        super().__init__(f"{plain(str(path))}: {reason}")


class Gone(Refused):
    """There is no such file, or none any more."""


class SourceFile:
    """A regular file, open for reading, of a size that is known before anything is read.

    Reads come from one window of 1 MiB, so that walking from header to header costs one system
    call a window and not one a batch.

    Args:
        path: no part of it is resolved; a link at its end is refused.
        most_bytes: a larger file is refused.
        is_live: a broker may cut the room off that it had set aside; it counts as zeros then.

    Raises:
        Refused: not a regular file, too large, or the system says no.
    """

    def __init__(self, path: Path, most_bytes: int, *, is_live: bool = False) -> None:
        self.path, self.name, self.is_live = path, path.name, is_live
        self._descriptor = _open_regular(path)
        self.size_bytes = os.fstat(self._descriptor).st_size
        self._window, self._window_at = b"", 0
        if self.size_bytes > most_bytes:
            self.close()
            most = f"no file of its kind is larger than {bytes_text(most_bytes)}"
            raise Refused(
                path, f"{bytes_text(self.size_bytes)}, but {most}; look whether it is one"
            )

    def read(self, start: int, stop: int) -> bytes:
        """Return the bytes `start..stop`, fewer where the file ends before.

        Raises:
            Refused: the file became shorter meanwhile, or the system cannot read it.
        """
        stop = min(stop, self.size_bytes)
        if stop - start > WINDOW_BYTES:
            return self._fetch(start, stop)
        if not self._window_at <= start <= stop <= self._window_at + len(self._window):
            self._window = self._fetch(start, min(start + WINDOW_BYTES, self.size_bytes))
            self._window_at = start
        return self._window[start - self._window_at : stop - self._window_at]

    def windows(self, start: int = 0) -> Iterator[tuple[int, bytes]]:
        """Walk from `start` to the end, a window at a time, each with its position."""
        for at in range(start, self.size_bytes, WINDOW_BYTES):
            yield at, self.read(at, at + WINDOW_BYTES)

    def zeros_from(self, start: int) -> bool:
        """Whether every byte from `start` to the end is zero, as in a preallocated file."""
        return all(not data.strip(b"\0") for _, data in self.windows(start))

    def is_replaced(self) -> bool:
        """Whether the path leads to another file by now, or nowhere."""
        mine = os.fstat(self._descriptor)
        try:
            now = os.lstat(self.path)
        except OSError:
            return True
        return (mine.st_dev, mine.st_ino) != (now.st_dev, now.st_ino)

    def has_grown(self) -> bool:
        """Whether somebody has written to the file since it was opened."""
        return os.fstat(self._descriptor).st_size > self.size_bytes

    def forget(self) -> None:
        """Give the memory of what was read last back."""
        self._window, self._window_at = b"", 0

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._descriptor)

    def __enter__(self) -> "SourceFile":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def _fetch(self, start: int, stop: int) -> bytes:
        parts, at = [], start
        while at < stop:
            try:
                os.lseek(self._descriptor, at, os.SEEK_SET)
                part = os.read(self._descriptor, stop - at)
            except OSError as error:
                raise refusal(self.path, error) from error
            if not part and self.is_live:
                part = bytes(stop - at)
            if not part:
                raise Refused(
                    self.path,
                    "it became shorter while it was read; copy it first, or say --live if a broker"
                    " is running",
                )
            parts.append(part)
            at += len(part)
        return b"".join(parts)


def names_in(folder: Path) -> tuple[str, ...]:
    """Return the names in a directory, sorted; those of directories end in "/".

    Raises:
        Refused: the system says no.
    """
    try:
        with os.scandir(folder) as entries:
            return tuple(sorted(e.name + "/" * e.is_dir(follow_symlinks=False) for e in entries))
    except (OSError, ValueError) as error:
        raise refusal(folder, error) from error


def refusal(path: Path, error: OSError | ValueError) -> Refused:
    """Put what the system says into a sentence with a remedy."""
    number = error.errno if isinstance(error, OSError) else None
    told = getattr(error, "strerror", None) or error
    kind = Gone if number == errno.ENOENT else Refused
    return kind(path, _REASONS.get(number or 0, f"the system cannot read it: {told}"))


def _open_regular(path: Path) -> int:
    """Look first, for opening a device can do things; look again at what was opened."""
    try:
        check_regular(path, os.lstat(path).st_mode)
        descriptor = os.open(path, _FLAGS)
    except (OSError, ValueError) as error:
        raise refusal(path, error) from error
    try:
        check_regular(path, os.fstat(descriptor).st_mode)
    except Refused:
        os.close(descriptor)
        raise
    return descriptor


def check_regular(path: Path, mode: int) -> None:
    """Raise `Refused` with what it is instead, if that is no regular file."""
    if stat.S_ISREG(mode):
        return
    if stat.S_ISLNK(mode) and _leads_in_a_circle(path):
        raise Refused(path, _REASONS[errno.ELOOP])
    what = next((told for is_kind, told in _KINDS if is_kind(mode)), "not a regular file")
    raise Refused(path, what)


def _leads_in_a_circle(link: Path) -> bool:
    try:
        link.stat()
    except OSError as error:
        return error.errno == errno.ELOOP
    return False
