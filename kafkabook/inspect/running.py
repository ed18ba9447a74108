"""Whether a broker is running over a log directory: it holds a lock on the file `.lock` in it.

The question is put to the operating system, and takes nothing from anybody: no lock is tried.

Source: kafka, server-common `FileLock.java`, core `LogManager.lockLogDirs`; POSIX, `fcntl`.
"""

import os
import struct
import sys
from contextlib import suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl

LOCK = ".lock"
# `struct flock`: type, from where, first byte, length, process; and where in it the type is.
_FLOCK = {"linux": ("hhqqi4x", 0), "darwin": ("qqihh", 3)}


def is_running(log_directory: Path) -> bool:
    """Whether some process holds the lock of a log directory; False if nobody can tell."""
    if sys.platform == "win32" or sys.platform not in _FLOCK:
        return False
    layout, at = _FLOCK[sys.platform]
    fields = [0] * 5
    fields[at] = fcntl.F_WRLCK
    with suppress(OSError, ValueError):
        descriptor = os.open(log_directory / LOCK, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            asked = struct.pack(layout, *fields)
            answer = struct.unpack(layout, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
        finally:
            os.close(descriptor)
        return bool(answer[at] != fcntl.F_UNLCK)
    return False
