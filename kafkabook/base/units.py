"""Units as plain integers, so that every number can wear its unit in its name.

>>> 1 * MIB, 7 * DAY_MS
(1048576, 604800000)
"""

KIB = 1024  # bytes
MIB = 1024 * KIB
GIB = 1024 * MIB

SECOND_MS = 1000  # milliseconds
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

INT16_MAX = 2**15 - 1
INT32_MAX = 2**31 - 1
INT64_MAX = 2**63 - 1

_SIZES = (("GiB", GIB), ("MiB", MIB), ("KiB", KIB))
_SPANS = (("d", DAY_MS), ("h", HOUR_MS), ("min", MINUTE_MS), ("s", SECOND_MS))


def bytes_text(size_bytes: int) -> str:
    """Say a size the way a reader would: whole units where they fit, one decimal otherwise.

    >>> bytes_text(61), bytes_text(4096), bytes_text(1_048_588)
    ('61 B', '4 KiB', '1.0 MiB')
    """
    return _largest_unit(size_bytes, _SIZES, "B")


def ms_text(span_ms: int) -> str:
    """Say a span of time.

    >>> ms_text(500), ms_text(604_800_000), ms_text(90_000)
    ('500 ms', '7 d', '1.5 min')
    """
    return _largest_unit(span_ms, _SPANS, "ms")


def seconds_text(at_ms: int) -> str:
    """Say a moment of a run in seconds, to the millisecond.

    >>> seconds_text(45_000), seconds_text(45_007)
    ('45.0 s', '45.007 s')
    """
    told = f"{at_ms / SECOND_MS:.3f}"
    return f"{told[:-2] if told.endswith('00') else told} s"


def _largest_unit(amount: int, units: tuple[tuple[str, int], ...], smallest: str) -> str:
    for name, factor in units:
        if abs(amount) >= factor:
            whole, rest = divmod(amount, factor)
            return f"{whole} {name}" if rest == 0 else f"{amount / factor:.1f} {name}"
    return f"{amount} {smallest}"
