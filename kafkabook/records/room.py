"""How much may come out of compressed data: a limit of ours, which Kafka does not have.

A few kilobytes may hold a gigabyte, and files come from strangers. So whoever decompresses counts
what comes out, stops at the limit, and says that it was the limit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from kafkabook.base.errors import NotReadHere
from kafkabook.base.units import MIB, bytes_text

MOST_BYTES = 256 * MIB  # of one batch; a broker takes 1 MiB compressed unless it is told otherwise
_most_bytes = ContextVar("most_bytes", default=MOST_BYTES)


def most_bytes() -> int:
    """Return how many bytes may come out of one batch here and now."""
    return _most_bytes.get()


@contextmanager
def decompressing_at_most(max_bytes: int) -> Iterator[None]:
    """Let up to `max_bytes` come out of a batch, more or less than 256 MiB, inside a `with`.

    >>> with decompressing_at_most(1024):
    ...     most_bytes()
    1024
    """
    before = _most_bytes.set(max_bytes)
    try:
        yield
    finally:
        _most_bytes.reset(before)


class Room:
    """The room for what comes out of some compressed bytes.

    Args:
        input_bytes: how many there are, compressed.
        limit_bytes: how many may come out.
    """

    def __init__(self, input_bytes: int, limit_bytes: int) -> None:
        self.input_bytes, self.limit_bytes = input_bytes, limit_bytes

    def check(self, plain_bytes: int) -> None:
        """Raise `NotReadHere` if that many bytes are too many."""
        if plain_bytes > self.limit_bytes:
            raise NotReadHere(
                f"{bytes_text(self.input_bytes)} decompress to more than"
                f" {bytes_text(self.limit_bytes)}, where kafkabook stops; raise it with"
                " kafkabook.records.room.decompressing_at_most, or in a terminal with"
                " kafkabook inspect --max-decompressed"
            )
