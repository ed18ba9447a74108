"""In which order Java walks a `HashMap`, for that order leaks into some of Kafka's results.

Producer snapshots and the sticky assignors write or choose in the iteration order of such a map.
To get the same bytes and the same assignments, the order is computed here.

Source: java.util.HashMap (`hash`, `resize`, `putVal`), java.lang.String and Long `hashCode`.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

Key = TypeVar("Key")

SMALLEST_TABLE = 16  # buckets


def hash_map_order(
    keys: Iterable[Key], hash_code: Callable[[Key], int], *, buckets: int = SMALLEST_TABLE
) -> list[Key]:
    """Return `keys`, given in the order of insertion, in the order in which Java walks them.

    Args:
        keys: distinct keys.
        hash_code: Java's `hashCode`, as an unsigned 32-bit number.
        buckets: how large the table already is; a table grows and never shrinks.

    Simplified: Java turns a bucket of eight and more colliding keys into a tree, and may then walk
    one of them out of turn.

    >>> hash_map_order(["zzz", "aaa", "mmm"], string_hash)
    ['aaa', 'zzz', 'mmm']
    """
    inserted = list(keys)
    mask = max(buckets, table_size(len(inserted))) - 1
    return sorted(inserted, key=lambda key: _spread(hash_code(key)) & mask)


def table_size(keys: int) -> int:
    """Return how many buckets a map has that grew to hold `keys` (three quarters full at most).

    >>> table_size(12), table_size(13)
    (16, 32)
    """
    size = SMALLEST_TABLE
    while keys > size * 3 // 4:
        size *= 2
    return size


def long_hash(number: int) -> int:
    """Return `Long.hashCode` as an unsigned 32-bit number.

    >>> long_hash(7), long_hash(-1), long_hash(1 << 32)
    (7, 0, 1)
    """
    return (number ^ ((number & 0xFFFF_FFFF_FFFF_FFFF) >> 32)) & 0xFFFF_FFFF


def string_hash(text: str) -> int:
    """Return `String.hashCode` as an unsigned 32-bit number; it counts UTF-16 units.

    >>> string_hash("polygenelubricants") == 2**31  # Integer.MIN_VALUE
    True
    """
    units = text.encode("utf-16-be", "surrogatepass")
    code = 0
    for at in range(0, len(units), 2):
        code = (31 * code + (units[at] << 8 | units[at + 1])) & 0xFFFF_FFFF
    return code


def _spread(code: int) -> int:
    return code ^ (code >> 16)
