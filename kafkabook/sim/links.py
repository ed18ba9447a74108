"""What lies between two addresses: how long a message takes, and whether it arrives at all."""

from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from random import Random

from kafkabook.sim.effects import Address


class Link:
    """One direction between two addresses."""

    __slots__ = ("extra_ms", "is_cut", "last_due_ms")

    def __init__(self) -> None:
        self.extra_ms = 0
        self.is_cut = False
        self.last_due_ms = 0


class LinkByEnds(dict[tuple[Address, Address], Link]):
    """Sender and receiver to their link, which is made when it is first asked for."""

    def __missing__(self, ends: tuple[Address, Address]) -> Link:
        link = self[ends] = Link()
        return link


class Links:
    """The links between all addresses, each made when it is first used.

    Args:
        latencies: draws how long a message takes.
        latency_ms: the shortest and the longest time, in milliseconds, both included.

    Simplified: a link has no bandwidth; a large message takes as long as a small one.
    """

    def __init__(self, latencies: Random, *, latency_ms: tuple[int, int] = (1, 3)) -> None:
        shortest_ms, longest_ms = latency_ms
        if not 0 <= shortest_ms <= longest_ms:
            raise ValueError(f"a latency of {shortest_ms} to {longest_ms} ms")
        self._latencies_ms = _drawn(latencies, [*range(shortest_ms, longest_ms + 1)])
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


def _drawn(latencies: Random, choices_ms: Sequence[int]) -> Iterator[int]:
    """Draw a thousand at a time, which costs a third of drawing each alone."""
    return chain.from_iterable(latencies.choices(choices_ms, k=1_000) for _ in repeat(None))
