"""Virtual time: one queue, one seed, and nothing that happens by itself.

Events run in the order of (time, insertion number); the clock jumps from one to the next. Whoever
waits, waits with a limit that says what it waited for.
"""

import sys
from collections import deque
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from random import Random
from typing import Any

from kafkabook.base.errors import ToldInOneLine


class LimitReached(ToldInOneLine):
    """A wait that did not end in time: what for, when it gave up, and what was still to come."""

    def __init__(self, waited_for: str, *, limit: str, now_ms: int, pending: str) -> None:
        what = waited_for or "a condition"
        super().__init__(f"waited for {what} {limit}, until t={now_ms} ms; {pending}")
        self.waited_for, self.limit = what, limit
        self.now_ms, self.pending = now_ms, pending


# One call to come, as [call, args]; a cancelled one has lost its call. It is a plain list,
# made three times as fast as an object with two names, and every event needs one.
Timer = list[Any]
NEVER = sys.maxsize  # neither a time nor a count of steps reaches it


class Kernel:
    """One queue of calls in virtual milliseconds, and every random number by name from one seed.

    Cost: O(1) per event, and O(log ticks) for the first event of a tick. All events of one
    millisecond share a bucket, so insertion order is simply the order of a list. A cancelled timer
    stays where it is, blank, until its tick comes.

    >>> kernel, said = Kernel(seed=7), []
    >>> timer = kernel.at(5, said.append, "later")
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
        timer = [call, args]
        bucket = self._buckets.get(at_ms)
        if bucket is None:
            bucket = self._open(at_ms)
        bucket.append(timer)
        return timer

    def at_once(self, call: Callable[..., object], *args: Any) -> Timer:
        """Call as the very next event, behind earlier calls of this kind only."""
        timer = [call, args]
        self._first.append(timer)
        return timer

    def cancel(self, timer: Timer) -> None:
        """Forget `timer`; one that has run or was cancelled before is no error."""
        timer[0] = None

    def step(self) -> bool:
        """Run the next event; false when none is left."""
        return self._run(_at_the_first, last_ms=NEVER, last_step=NEVER)

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
        last_step = self.steps + within_steps
        if when() or self._run(when, last_ms=self.now_ms + within_ms, last_step=last_step):
            return
        limit = f"{within_ms} ms" if self.steps < last_step else f"{within_steps} steps"
        raise self._gave_up(waiting_for, f"for {limit}")

    def run_for(self, for_ms: int) -> None:
        """Run everything that is due within `for_ms`, the last millisecond included."""
        until_ms = self.now_ms + for_ms
        self._run(None, last_ms=until_ms, last_step=NEVER)
        self.now_ms = until_ms

    def waiting(self) -> Iterator[tuple[int, Timer]]:
        """Yield the calls to come and when they are due; not in their order."""
        for timer in self._first:
            yield self.now_ms, timer
        for due_ms, bucket in self._buckets.items():
            for timer in bucket:
                yield due_ms, timer

    def pending(self) -> int:
        """Count the calls to come. Cost: O(all of them)."""
        return sum(timer[0] is not None for _, timer in self.waiting())

    def _run(self, when: Callable[[], bool] | None, *, last_ms: int, last_step: int) -> bool:
        """Run events until `when()` holds; false when a limit or the end comes first.

        All ways to run share this loop. It empties one bucket after the other, which saves looking
        for the next event and three calls each time.
        """
        first = self._first
        while (bucket := self._next_bucket(last_ms)) is not None:
            while bucket:
                call, args = bucket.popleft()
                if call is None:
                    continue
                self.steps += 1
                call(*args)
                if when is not None and when():
                    return True
                if self.steps >= last_step:
                    return False
                if first:
                    break
        return False

    def _next_bucket(self, last_ms: int) -> deque[Timer] | None:
        """Move the clock to the next live call that is due by `last_ms`, and return its bucket."""
        due_ms = self._next_ms()
        if due_ms is None or due_ms > last_ms:
            return None
        self.now_ms = due_ms
        return self._first or self._buckets[due_ms]

    def _open(self, at_ms: int) -> deque[Timer]:
        if at_ms < self.now_ms:
            raise ValueError(f"t={at_ms} ms is in the past: it is t={self.now_ms} ms")
        bucket = self._buckets[at_ms] = deque()
        heappush(self._ticks, at_ms)
        return bucket

    def _next_ms(self) -> int | None:
        """When the next live call is due; throws blank timers away, and leaves the clock alone."""
        if _to_a_live_one(self._first):
            return self.now_ms
        while self._ticks:
            if _to_a_live_one(self._buckets[self._ticks[0]]):
                return self._ticks[0]
            del self._buckets[heappop(self._ticks)]
        return None

    def _gave_up(self, waited_for: str, limit: str) -> LimitReached:
        due_ms = self._next_ms()
        told = f"{self.pending()} events are pending"
        told = "nothing is pending" if due_ms is None else f"{told}, the next at t={due_ms} ms"
        return LimitReached(waited_for, limit=limit, now_ms=self.now_ms, pending=told)


def _to_a_live_one(bucket: deque[Timer]) -> bool:
    while bucket and bucket[0][0] is None:
        bucket.popleft()
    return bool(bucket)


def _at_the_first() -> bool:
    return True
