"""What lies between two addresses: how long a message takes, and whether it gets through."""

from random import Random
from zlib import crc32

from kafkabook.base.machine import Address

DRAWN = 4_096  # latencies in all; a power of two


class Link:
    """One direction between two addresses; `shift` tells its latencies from other links'."""

    __slots__ = ("extra_ms", "is_cut", "shift")

    def __init__(self, shift: int) -> None:
        self.shift = shift
        self.extra_ms = 0
        self.is_cut = False


class LinkByEnds(dict[tuple[Address, Address], Link]):
    """Sender and receiver to their link, which is made when it is first asked for."""

    def __missing__(self, ends: tuple[Address, Address]) -> Link:
        link = self[ends] = Link(crc32(f"{ends[0]}→{ends[1]}".encode()) % DRAWN)
        return link


def draw_latencies_ms(random: Random, latency_ms: tuple[int, int]) -> list[int]:
    """Draw how long messages take, in milliseconds, both ends of the range included.

    The seed, the link and the millisecond of sending decide a latency, and nothing else does: a
    message more or less moves no other one. So a failure stays when what it does not need is left
    out of its schedule, and two forks differ in nothing but their change.

    Raises:
        ValueError: the range is none.
    """
    shortest_ms, longest_ms = latency_ms
    if not 0 <= shortest_ms <= longest_ms:
        raise ValueError(f"a latency of {shortest_ms} to {longest_ms} ms")
    return random.choices(range(shortest_ms, longest_ms + 1), k=DRAWN)
