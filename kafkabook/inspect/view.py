"""The files of a directory as they were at one moment, though a broker appends to it and deletes.

All are opened before the first is read, each with the size that it has then. What a broker appends
later lies behind that size, and what it deletes can still be read. If a file went while others were
opened, all is done again.
"""

import errno
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from kafkabook.inspect.files import Gone, Refused, SourceFile, names_in
from kafkabook.inspect.kinds import MOST_BYTES, known

if sys.platform != "win32":
    import resource

MOST_ATTEMPTS = 20
MOST_OPEN = 1 << 16


class TooManyFiles(Exception):
    """The system lets this process open no more."""


class View:
    """Files that are held open.

    Attributes:
        listed: all names in the folder, sorted, those of folders with "/" at their end.
        held: Kafka's files by their names; empty where they were too many, and each is then opened
            when it is read.
        gone: names of files that were deleted each time that they were to be opened.
    """

    def __init__(
        self, listed: tuple[str, ...], held: Mapping[str, SourceFile], gone: frozenset[str]
    ) -> None:
        self.listed, self.held, self.gone = listed, held, gone

    @classmethod
    def of(cls, folder: Path, *, is_live: bool) -> "View":
        """Open the files of a folder.

        Raises:
            Refused: the folder cannot be listed.
        """
        for left in reversed(range(MOST_ATTEMPTS)):
            listed, held = names_in(folder), dict[str, SourceFile]()
            try:
                gone = _open(folder, listed, held, is_live=is_live)
            except TooManyFiles:
                _close(held)
                if not left or not _raise_limit():
                    return cls(listed, {}, frozenset())
                continue
            if not left or not (gone or _are_replaced(held)):
                break
            _close(held)
        return cls(tuple(name for name in listed if name not in gone), held, gone)

    def close(self) -> None:
        """Give the descriptors back."""
        _close(self.held)


def _open(
    folder: Path, names: Iterable[str], held: dict[str, SourceFile], *, is_live: bool
) -> frozenset[str]:
    """Open what can be opened into `held`; return what is not there any more."""
    gone = set()
    for name in names:
        what = known(name)
        if what is None:
            continue
        try:
            held[name] = SourceFile(folder / name, MOST_BYTES[what.kind], is_live=is_live)
        except Gone:
            gone.add(name)
        except Refused as refused:
            if getattr(refused.__cause__, "errno", None) in (errno.EMFILE, errno.ENFILE):
                raise TooManyFiles from refused
            # It is told when its turn comes, behind what can be shown.
    return frozenset(gone)


def _are_replaced(held: Mapping[str, SourceFile]) -> bool:
    """Whether a file of a segment that was opened first went before the last one was opened."""
    return any(file.is_replaced() for name, file in held.items() if _is_of_segment(name))


def _is_of_segment(name: str) -> bool:
    what = known(name)
    return what is not None and what.is_live and what.base_offset >= 0


def _close(held: Mapping[str, SourceFile]) -> None:
    for file in held.values():
        file.close()


def _raise_limit() -> bool:
    """Ask for as many open files as this process may have; say whether that is more than before."""
    if sys.platform == "win32":
        return False
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_OPEN if hard == resource.RLIM_INFINITY else min(hard, MOST_OPEN)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    return bool(resource.getrlimit(resource.RLIMIT_NOFILE)[0] > soft)
