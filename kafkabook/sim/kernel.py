"""Virtual time: one queue, one seed, and nothing that happens by itself.

Events run in the order of (time, insertion number); the clock jumps from one to the next. Whoever
waits, waits with a limit that says what it waited for.
"""

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from random import Random
from typing import Any


class LimitReached(Exception):
    """A wait that did not end in time: what for, when it gave up, and what was still to come."""

    def __init__(self, waited_for: str, *, limit: str, now_ms: int, pending: str) -> None:
        what = waited_for or "a condition"
        super().__init__(f"waited for {what} {limit}, until t={now_ms} ms; {pending}")
        self.waited_for, self.limit = what, limit
        self.now_ms, self.pending = now_ms, pending


class Timer:
    """One call to come. A cancelled or spent one has lost its call."""

    __slots__ = ("args", "call")

    def __init__(self, call: Callable[..., object] | None, args: tuple[Any, ...]) -> None:
        self.call, self.args = call, args


class Kernel:
    """One queue of calls in virtual milliseconds, and every random number by name from one seed.

    Cost: O(1) per event, and O(log ticks) for the first event of a tick. All events of one
    millisecond share a bucket, so insertion order is simply the order of a list. A cancelled timer
    stays where it is, blank, until its tick comes.

    >>> kernel, said = Kernel(seed=7), []
    >>> kernel.at(5, said.append, "later")  # doctest: +ELLIPSIS
    <kafkabook.sim.kernel.Timer object at ...>
    >>> kernel.step(), kernel.now_ms, said
    (True, 5, ['later'])
    """

    def __init__(self, seed: int = 7) -> None:
        self.seed = seed
        self.now_ms = 0
        self.steps = 0
        self._buckets: dict[int, deque[Timer]] = {}
        self._ticks: list[int] = []  # a heap: each key of _buckets once
        self._first: deque[Timer] = deque()
        self._randoms: dict[str, Random] = {}

    def random(self, name: str) -> Random:
        """Return the stream called `name`: the same object each time, apart from all others."""
        if name not in self._randoms:
            self._randoms[name] = Random(f"{self.seed}/{name}")
        return self._randoms[name]

    def at(self, at_ms: int, call: Callable[..., object], *args: Any) -> Timer:
        """Call at `at_ms`, behind everything that was planned for that millisecond before.

        Raises:
            ValueError: `at_ms` lies in the past.
        """
        bucket = self._buckets.get(at_ms)
        if bucket is None:
            bucket = self._open(at_ms)
        timer = Timer(call, args)
        bucket.append(timer)
        return timer

    def at_once(self, call: Callable[..., object], *args: Any) -> Timer:
        """Call as the very next event, behind earlier calls of this kind only."""
        timer = Timer(call, args)
        self._first.append(timer)
        return timer

    def cancel(self, timer: Timer) -> None:
        """Forget `timer`; one that has run or was cancelled before is no error."""
        timer.call = None

    def step(self) -> bool:
        """Run the next event; false when none is left."""
        if self._next_ms() is None:
            return False
        if self._first:
            timer = self._first.popleft()
        else:
            self.now_ms = self._ticks[0]
            timer = self._buckets[self.now_ms].popleft()
        self._run(timer)
        return True

    def run_until(
        self,
        when: Callable[[], bool],
        *,
        within_ms: int,
        within_steps: int = 1_000_000,
        waiting_for: str = "",
    ) -> None:
        """Run events until `when()` holds; it is asked before the first and after each.

        Raises:
            LimitReached: no event is left, or none that is due within `within_ms` from now, or
                `within_steps` events have run.
        """
        last_ms, last_step = self.now_ms + within_ms, self.steps + within_steps
        while not when():
            due_ms = self._next_ms()
            if due_ms is None or due_ms > last_ms:
                raise self._gave_up(waiting_for, f"for {within_ms} ms")
            if self.steps >= last_step:
                raise self._gave_up(waiting_for, f"for {within_steps} steps")
            self.step()

    def run_for(self, for_ms: int) -> None:
        """Run everything that is due within `for_ms`, the last millisecond included."""
        until_ms = self.now_ms + for_ms
        while (due_ms := self._next_ms()) is not None and due_ms <= until_ms:
            self.step()
        self.now_ms = until_ms

    def pending(self) -> int:
        """Count the calls to come. Cost: O(all of them)."""
        waiting = [self._first, *self._buckets.values()]
        return sum(timer.call is not None for bucket in waiting for timer in bucket)

    def _run(self, timer: Timer) -> None:
        call, timer.call = timer.call, None
        self.steps += 1
        assert call is not None
        call(*timer.args)

    def _open(self, at_ms: int) -> deque[Timer]:
        if at_ms < self.now_ms:
            raise ValueError(f"t={at_ms} ms is in the past: it is t={self.now_ms} ms")
        bucket = self._buckets[at_ms] = deque()
        heappush(self._ticks, at_ms)
        return bucket

    def _next_ms(self) -> int | None:
        """When the next live call is due; throws blank timers away, and leaves the clock alone."""
        while self._first:
            if self._first[0].call is not None:
                return self.now_ms
            self._first.popleft()
        while self._ticks:
            bucket = self._buckets[self._ticks[0]]
            while bucket:
                if bucket[0].call is not None:
                    return self._ticks[0]
                bucket.popleft()
            del self._buckets[heappop(self._ticks)]
        return None

    def _gave_up(self, waited_for: str, limit: str) -> LimitReached:
        due_ms = self._next_ms()
        told = f"{self.pending()} events are pending"
        told = "nothing is pending" if due_ms is None else f"{told}, the next at t={due_ms} ms"
        return LimitReached(waited_for, limit=limit, now_ms=self.now_ms, pending=told)
