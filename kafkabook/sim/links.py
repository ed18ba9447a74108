"""What lies between two addresses: how long a message takes, and whether it arrives at all."""

from collections.abc import Iterator
from random import Random

from kafkabook.sim.effects import Address


class Link:
    """One direction between two addresses."""

    __slots__ = ("extra_ms", "is_cut", "last_due_ms")

    def __init__(self) -> None:
        self.extra_ms = 0
        self.is_cut = False
        self.last_due_ms = 0


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
        self._latencies_ms = _drawn(latencies, range(shortest_ms, longest_ms + 1))
        self._links: dict[tuple[Address, Address], Link] = {}

    def cut(self, a: Address, b: Address) -> None:
        """Lose everything between `a` and `b`, in both directions, until `heal`."""
        self._between(a, b).is_cut = self._between(b, a).is_cut = True

    def heal(self, a: Address, b: Address) -> None:
        """Let messages through again; those that were lost stay lost."""
        self._between(a, b).is_cut = self._between(b, a).is_cut = False

    def slow(self, a: Address, b: Address, extra_ms: int) -> None:
        """Add `extra_ms` to what each later message takes, in both directions; 0 ends that."""
        if extra_ms < 0:
            raise ValueError(f"{extra_ms} extra ms")
        self._between(a, b).extra_ms = self._between(b, a).extra_ms = extra_ms

    def _between(self, sender: Address, receiver: Address) -> Link:
        return self._links.get((sender, receiver)) or self._links.setdefault(
            (sender, receiver), Link()
        )

    def _arrival_ms(self, link: Link, now_ms: int) -> int:
        """Draw when a message sent now arrives: never before one that was sent earlier."""
        due_ms = now_ms + next(self._latencies_ms) + link.extra_ms
        if due_ms < link.last_due_ms:
            return link.last_due_ms
        link.last_due_ms = due_ms
        return due_ms


def _drawn(latencies: Random, choices_ms: range) -> Iterator[int]:
    """Draw a thousand at a time, which costs a third of drawing each alone."""
    while True:
        yield from latencies.choices(choices_ms, k=1_000)
