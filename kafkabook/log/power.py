"""Pulling the plug under a log, and telling its trace what exactly is left.

A checker must know which bytes are still what was written. The length of a file does not say it: a
cut takes back truncations too, so that old bytes may stand where newer ones had been.
"""

from collections.abc import Mapping

from kafkabook.base.trace import Trace
from kafkabook.base.units import KIB
from kafkabook.log.disk import Disk
from kafkabook.log.events import PowerLost

BLOCK_BYTES = 64 * KIB  # compared at once


def cut_power(
    disk: Disk, trace: Trace, *, now_ms: int, keep: Mapping[str, int] | None = None
) -> PowerLost:
    """Let a disk lose its power, and emit what that did.

    Args:
        keep: see `Disk.lose_power`.

    Cost: reads every file that was written since its last flush, twice.

    >>> from kafkabook.log.disk import MemoryDisk
    >>> disk = MemoryDisk()
    >>> disk.append("a.log", b"safe"), disk.flush("a.log"), disk.append("a.log", b"not")
    (0, None, 4)
    >>> cut_power(disk, Trace(), now_ms=0)
    PowerLost(surviving_bytes=(('a.log', 4),))
    """
    written = {file.path: disk.read(file.path) for file in disk.page_cache()}
    struck = [path for path in disk.lose_power(keep) if disk.exists(path)]
    left = tuple((path, _same_bytes(written[path], disk.read(path))) for path in struck)
    lost = PowerLost(left)
    trace.emit(lost, at_ms=now_ms)
    return lost


def _same_bytes(before: bytes, now: bytes) -> int:
    """Count the bytes at the front that are the same; most of a long index is zeros in both."""
    shorter = min(len(before), len(now))
    blocks = range(0, shorter, BLOCK_BYTES)
    at = next(
        (n for n in blocks if before[n : n + BLOCK_BYTES] != now[n : n + BLOCK_BYTES]), shorter
    )
    return next((n for n in range(at, shorter) if before[n] != now[n]), shorter)
