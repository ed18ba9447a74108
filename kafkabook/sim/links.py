"""What lies between two addresses: how long a message takes, and whether it arrives at all."""

from random import Random
from zlib import crc32

from kafkabook.sim.effects import Address

DRAWN = 4_096  # latencies in all; a power of two


class Link:
    """One direction between two addresses; `shift` tells its latencies from other links'."""

    __slots__ = ("extra_ms", "is_cut", "last_due_ms", "shift")

    def __init__(self, shift: int) -> None:
        self.shift = shift
        self.extra_ms = 0
        self.is_cut = False
        self.last_due_ms = 0


class LinkByEnds(dict[tuple[Address, Address], Link]):
    """Sender and receiver to their link, which is made when it is first asked for."""

    def __missing__(self, ends: tuple[Address, Address]) -> Link:
        link = self[ends] = Link(crc32(f"{ends[0]}→{ends[1]}".encode()) % DRAWN)
        return link


class Links:
    """The links between all addresses, each made when it is first used.

    Args:
        latencies: draws how long a message takes.
        latency_ms: the shortest and the longest time, in milliseconds, both included.

    The seed, the link and the millisecond of sending decide a latency, and nothing else does: a
    message more or less moves no other one. So a failure stays when what it does not need is left
    out of its schedule, and two forks differ in nothing but their change.

    Simplified: a link has no bandwidth; a large message takes as long as a small one.
    """

    def __init__(self, latencies: Random, *, latency_ms: tuple[int, int] = (1, 3)) -> None:
        shortest_ms, longest_ms = latency_ms
        if not 0 <= shortest_ms <= longest_ms:
            raise ValueError(f"a latency of {shortest_ms} to {longest_ms} ms")
        self._latencies_ms = latencies.choices(range(shortest_ms, longest_ms + 1), k=DRAWN)
        self._links = LinkByEnds()

    def cut(self, a: Address, b: Address) -> None:
        """Lose everything between `a` and `b`, in both directions, until `heal`."""
        self._links[a, b].is_cut = self._links[b, a].is_cut = True

    def heal(self, a: Address, b: Address) -> None:
        """Let messages through again; those that were lost stay lost."""
        self._links[a, b].is_cut = self._links[b, a].is_cut = False

    def slow(self, a: Address, b: Address, extra_ms: int) -> None:
        """Add `extra_ms` to what each later message takes, in both directions; 0 ends that."""
        if extra_ms < 0:
            raise ValueError(f"{extra_ms} extra ms")
        self._links[a, b].extra_ms = self._links[b, a].extra_ms = extra_ms
