"""What a broker remembers of the fetches of others: a session for each who asks again and again.

A follower of a thousand partitions names them once. Then it names only what is new for it, and is
told what has changed; the broker looks at nothing else.

Source: kafka, core `FetchSession.scala`; KIP-227.
"""

from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Protocol

from kafkabook.base.errors import Errors
from kafkabook.base.machine import Context
from kafkabook.base.names import TopicPartition
from kafkabook.protocol.records_api import (
    INITIAL_EPOCH,
    INVALID_SESSION_ID,
    FetchedPartition,
    FetchPartition,
    Forgotten,
    next_session_epoch,
)
from kafkabook.replication.isr_state import AskedAgain, FollowerProgress

MIN_EVICTION_MS = 120_000  # KafkaServer.scala `MIN_INCREMENTAL_FETCH_SESSION_EVICTION_MS`
MOST_ID = (1 << 31) - 1  # ids are positive, and smaller than this
Key = tuple[TopicPartition, str | None]  # with the topic id, if one was named


class CachedPartition:
    """A partition of a fetch session: how it was last asked for, and what was last told of it.

    Attributes: `wanted`, `place` (in the order of the session), `high_watermark` and `log_start`
    (as last told; -1: nothing, or an error), `quiet` (what the leader remembers of the follower,
    while nothing has changed since the last answer; else None).

    Source: kafka, `FetchSession.scala` `CachedPartition`.
    """

    __slots__ = ("high_watermark", "log_start", "place", "quiet", "wanted")

    def __init__(self, wanted: FetchPartition, place: int) -> None:
        self.wanted, self.place = wanted, place
        self.high_watermark = self.log_start = -1
        self.quiet: FollowerProgress | None = None

    @property
    def key(self) -> Key:
        """What names it within its session."""
        return self.wanted.partition, self.wanted.topic_id

    def take(self, answer: FetchedPartition) -> bool:
        """Take note of what is told; say whether it must be told even though it was asked before.

        After an error the high watermark counts as unknown, so the partition is told of once more
        when the error is gone.
        Source: kafka, `FetchSession.scala` `maybeUpdateResponseData`.
        """
        is_error = answer.error is not Errors.NONE
        marks = (-1 if is_error else answer.high_watermark), answer.log_start
        is_news = marks != (self.high_watermark, self.log_start)
        self.high_watermark, self.log_start = marks
        return is_news or bool(answer.batches) or answer.is_urgent


class Waiting(Protocol):
    """A fetch of a session that waits; `number` grows with the arrival."""

    number: int

    def look_again(self, partition: CachedPartition) -> None:
        """Read that partition again before an answer is given: it has changed."""


class FetchSession:
    """A fetch session as its broker keeps it.

    Attributes:
        id: 0 until it is in the cache. epoch: that of the next fetch.
        asker: who asks, and under which broker epoch. privileged: whether that is a follower.
        partitions: by name and topic id. dirty: those that the next fetch must look at.
        asked: when the last fetch came, for all partitions that it did not look at.
        waiting: its fetches that wait. key: under which they do.
        cached_size: partitions when it was last used; -1: it is not in the cache.

    A partition that is not dirty is quiet. Its last answer was empty and is still true, and its
    follower is in sync and has everything. So a fetch could do nothing but count it once more, and
    that is done for all of them by `asked`. `wake` makes a partition dirty again.

    Source: kafka, `FetchSession.scala` `FetchSession`.
    """

    def __init__(
        self, asker: tuple[int, int], *, privileged: bool, key: object, now_ms: int
    ) -> None:
        self.id, self.epoch = INVALID_SESSION_ID, INITIAL_EPOCH
        self.asker, self.privileged, self.key = asker, privileged, key
        self.created_ms = self.used_ms = now_ms
        self.cached_size = -1
        self.evictable_by_all = self.evictable_by_privileged = False
        self.partitions: dict[Key, CachedPartition] = {}
        self.dirty: dict[CachedPartition, None] = {}
        self.asked = AskedAgain(now_ms)
        self.waiting: list[Waiting] = []
        self._named: dict[TopicPartition, tuple[CachedPartition, ...]] = {}
        self._last_place = 0

    @property
    def in_order(self) -> list[CachedPartition]:
        """All its partitions in the order in which they are read."""
        return sorted(self.partitions.values(), key=_place)

    @property
    def to_look_at(self) -> list[CachedPartition]:
        """Return what the next fetch must look at, in order."""
        return sorted(self.dirty, key=_place)

    @property
    def names(self) -> Iterable[TopicPartition]:
        """The partitions by name alone."""
        return self._named.keys()

    def update(self, wanted: Iterable[FetchPartition], forgotten: Forgotten) -> None:
        """Take what a fetch names: new partitions, those with another offset or epoch, gone ones.

        Source: kafka, `FetchSession.scala` `update`.
        """
        for asked in wanted:
            known = self.partitions.get((asked.partition, asked.topic_id))
            if known is None:
                self._add(asked)
            else:
                known.wanted = asked
                self._stir(known)
        for key in forgotten:
            self._forget(key)

    def wake(self, name: TopicPartition) -> None:
        """Look at a partition again: something about it has changed."""
        for partition in self._named.get(name, ()):
            self._stir(partition)
            for fetch in self.waiting:
                fetch.look_again(partition)

    def wake_all(self) -> None:
        """Look at every partition again."""
        for name in self._named:
            self.wake(name)

    def rest(self, partition: CachedPartition, progress: FollowerProgress) -> None:
        """Look at a partition no more until it changes; `asked` stands for its fetches."""
        self.dirty.pop(partition, None)
        partition.quiet = progress
        progress.attach(self.asked)

    def move_to_end(self, partition: CachedPartition) -> None:
        """Read a partition after all others from now on: it has just had its turn.

        An answer that may not grow further leaves the last ones out.
        Source: kafka, `FetchSession.scala` `PartitionIterator`.
        """
        self._last_place += 1
        partition.place = self._last_place

    def _add(self, asked: FetchPartition) -> None:
        self._last_place += 1
        added = CachedPartition(asked, self._last_place)
        self.partitions[added.key] = added
        self._named[asked.partition] = (*self._named.get(asked.partition, ()), added)
        self.dirty[added] = None

    def _stir(self, partition: CachedPartition) -> None:
        if partition.quiet is not None:
            partition.quiet.detach()
            partition.quiet = None
        self.dirty[partition] = None

    def _forget(self, key: Key) -> None:
        gone = self.partitions.pop(key, None)
        if gone is None:
            return
        self._stir(gone)
        del self.dirty[gone]
        left = tuple(other for other in self._named[key[0]] if other is not gone)
        if left:
            self._named[key[0]] = left
        else:
            del self._named[key[0]]


class FetchSessionCache:
    """The sessions of one broker; where there are too many, some must go.

    Args:
        slots: `max.incremental.fetch.session.cache.slots`.
        eviction_ms: for how long a session must be unused, or must have existed, before it may go.
        random: draws the ids. evicted: called with a session that had to go, and why.

    Simplified: one shard (Kafka since 3.9: eight, each with its part of the slots); no metrics.
    Source: kafka, `FetchSession.scala` `FetchSessionCacheShard`.
    """

    def __init__(
        self,
        *,
        slots: int,
        eviction_ms: int,
        random: Random,
        evicted: Callable[[FetchSession, str, Context], None],
    ) -> None:
        self.slots, self.eviction_ms = slots, eviction_ms
        self.sessions: dict[int, FetchSession] = {}
        self._random, self._evicted = random, evicted

    def get(self, session_id: int) -> FetchSession | None:
        """Return a session by its id."""
        return self.sessions.get(session_id)

    def new_session_id(self) -> int:
        """Draw an id that no session has."""
        while True:
            drawn = self._random.randrange(1, MOST_ID)
            if drawn not in self.sessions:
                return drawn

    def maybe_create(self, session: FetchSession, context: Context) -> bool:
        """Keep a session if there is room, or if another may go for it; say whether it is kept."""
        size, now_ms = len(session.partitions), context.now_ms
        is_full = len(self.sessions) >= self.slots
        if is_full and not self._try_evict(session.privileged, size, context):
            return False
        session.id, session.epoch = self.new_session_id(), next_session_epoch(INITIAL_EPOCH)
        session.created_ms = now_ms
        self.sessions[session.id] = session
        self.touch(session, now_ms)
        return True

    def touch(self, session: FetchSession, now_ms: int) -> None:
        """Take note that a session is used, how large it is, and who may evict it.

        A young session is safe: one of a consumer from other consumers, one of a follower from all.
        """
        session.used_ms, session.cached_size = now_ms, len(session.partitions)
        is_old = now_ms - session.created_ms > self.eviction_ms
        session.evictable_by_privileged = is_old or not session.privileged
        session.evictable_by_all = is_old

    def remove(self, session: FetchSession) -> None:
        """Forget a session; what it has in work is answered all the same."""
        del self.sessions[session.id]
        session.cached_size = -1

    def _try_evict(self, privileged: bool, size: int, context: Context) -> bool:
        """Let a session go for a new one, if one is stale or less worth than that.

        A new one A is worth more than B, if A is a follower's and B is not, or if A has more
        partitions and B is old enough.
        Source: kafka, `FetchSession.scala` `tryEvict`.
        """
        oldest = min(self.sessions.values(), key=lambda it: (it.used_ms, it.id), default=None)
        if oldest is None:
            return False
        unused_ms = context.now_ms - oldest.used_ms
        if unused_ms > self.eviction_ms:
            self._evict(oldest, f"it was not used for {unused_ms} ms", context)
            return True
        least = min(self._evictable(privileged), key=_worth, default=None)
        if least is None or (privileged, size, 0) < _worth(least):
            return False
        self._evict(least, "another one needs its place", context)
        return True

    def _evictable(self, privileged: bool) -> Iterator[FetchSession]:
        for session in self.sessions.values():
            if session.evictable_by_privileged if privileged else session.evictable_by_all:
                yield session

    def _evict(self, session: FetchSession, why: str, context: Context) -> None:
        self.remove(session)
        self._evicted(session, why, context)


def _place(partition: CachedPartition) -> int:
    return partition.place


def _worth(session: FetchSession) -> tuple[bool, int, int]:
    return session.privileged, session.cached_size, session.id
