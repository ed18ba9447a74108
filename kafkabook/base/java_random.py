"""Java's random numbers, for Kafka draws from them when it places replicas.

With the same seed the same numbers come out, so a placement can be compared with Kafka's own.

Source: java.util.Random (`next`, `nextInt`), java.util.Collections `shuffle`.
"""

from typing import Any

MULTIPLIER = 0x5DEECE66D
INCREMENT = 0xB
STATE_BITS = 48
STATE_MASK = (1 << STATE_BITS) - 1
INT32_VALUES = 1 << 32


class JavaRandom:
    """The 48-bit linear congruential generator of `java.util.Random`.

    Args:
        seed: any integer; Java's is a signed 64-bit one, of which 48 bits count.

    >>> [JavaRandom(0).next_int(10), JavaRandom(1).next_int(10)]
    [0, 5]
    """

    def __init__(self, seed: int) -> None:
        self._state = (seed ^ MULTIPLIER) & STATE_MASK

    def next_bits(self, bits: int) -> int:
        """Return the next `bits` random bits (1 to 32) as an unsigned number."""
        self._state = (self._state * MULTIPLIER + INCREMENT) & STATE_MASK
        return self._state >> (STATE_BITS - bits)

    def next_int(self, bound: int | None = None) -> int:
        """Return a number in `range(bound)`, or any signed 32-bit number without a bound.

        Raises:
            ValueError: `bound` is not positive.
        """
        if bound is None:
            return _signed(self.next_bits(32))
        if bound <= 0:
            raise ValueError(f"bound {bound} is not positive")
        if bound & (bound - 1) == 0:
            return (bound * self.next_bits(31)) >> 31
        return self._next_below(bound)

    def _next_below(self, bound: int) -> int:
        drawn = self.next_bits(31)
        while drawn - drawn % bound + bound > 1 << 31:  # the last, shorter run would be unfair
            drawn = self.next_bits(31)
        return drawn % bound

    def shuffle(self, items: list[Any]) -> None:
        """Shuffle in place, as `Collections.shuffle(items, random)` does."""
        for size in range(len(items), 1, -1):
            other = self.next_int(size)
            items[size - 1], items[other] = items[other], items[size - 1]


def _signed(number: int) -> int:
    return number - INT32_VALUES if number >= INT32_VALUES // 2 else number
