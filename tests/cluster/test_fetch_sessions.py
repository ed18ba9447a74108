"""Who has a fetch session keeps it as long as Kafka would let it.

Source: kafka, core `FetchSessionTest.scala`.
"""

from random import Random

import pytest

from kafkabook.base.errors import Errors
from kafkabook.base.machine import Context
from kafkabook.base.names import TopicPartition
from kafkabook.base.trace import Trace
from kafkabook.cluster.fetch_sessions import CachedPartition, FetchSession, FetchSessionCache
from kafkabook.protocol.records_api import FetchedPartition, FetchPartition
from kafkabook.replication.facts import FollowerFacts
from kafkabook.replication.isr_state import FollowerProgress
from tests.cluster.brokers import batch

FOO0, FOO1 = TopicPartition("foo", 0), TopicPartition("foo", 1)


def wanted(*names: TopicPartition, topic_id: str | None = None) -> tuple[FetchPartition, ...]:
    """Records of some partitions from their beginning on."""
    return tuple(FetchPartition(name, 0, topic_id=topic_id) for name in names)


def session(size: int = 2, *, privileged: bool = False) -> FetchSession:
    """A session of so many partitions that is not in the cache."""
    new = FetchSession((2, 7), privileged=privileged, key="key", now_ms=0)
    new.update(wanted(*(TopicPartition("foo", number) for number in range(size))), ())
    return new


class Cache(FetchSessionCache):
    """A cache that remembers whom it let go, and why."""

    def __init__(self, slots: int, eviction_ms: int = 100) -> None:
        self.gone: list[tuple[int, str]] = []
        super().__init__(
            slots=slots,
            eviction_ms=eviction_ms,
            random=Random(1),
            evicted=lambda gone, why, _: self.gone.append((gone.id, why)),
        )

    def add(self, new: FetchSession, now_ms: int) -> int:
        """Try to keep a session; return its id, or 0."""
        is_kept = self.maybe_create(new, Context(now_ms, Trace()))
        assert is_kept == (new.id > 0)
        return new.id


def test_an_id_is_positive_and_nobody_elses() -> None:
    """Drawn at random, so that no broker takes another one's session for its own."""
    cache = Cache(1_000)
    ids = [cache.add(session(), 0) for _ in range(1_000)]
    assert (1_000, True) == (len(set(ids)), all(0 < drawn < 1 << 31 for drawn in ids))


def test_an_id_that_is_taken_is_drawn_again() -> None:
    """Kafka draws until it is new."""
    cache = Cache(2)
    first = cache.add(session(), 0)
    cache._random = Random(1)
    assert first != cache.add(session(), 0)


def test_a_new_session_expects_its_first_incremental_fetch() -> None:
    """The full fetch was number 0."""
    new = session()
    Cache(1).add(new, 5)
    assert (1, 5, 5, 2) == (new.epoch, new.created_ms, new.used_ms, new.cached_size)


def test_where_there_is_no_room_nobody_gets_a_session_for_a_while() -> None:
    """A session that is as young as the new one stays."""
    cache = Cache(2)
    assert 0 not in (cache.add(session(), 0), cache.add(session(), 10))
    assert (0, 0) == (cache.add(session(), 20), cache.add(session(privileged=False), 100))
    assert [] == cache.gone


def test_the_session_that_was_not_used_for_the_longest_time_goes_first() -> None:
    """Once it is stale, whatever it is worth."""
    cache = Cache(2)
    first, second = session(privileged=True), session()
    cache.add(first, 0)
    cache.add(second, 10)
    cache.touch(second, 90)
    assert 0 == cache.add(session(), 100)
    assert 0 != cache.add(session(), 101)
    assert [(first.id, "it was not used for 101 ms")] == cache.gone


def test_a_follower_takes_the_place_of_a_consumer_at_once() -> None:
    """And of no other follower while that is young."""
    cache = Cache(2)
    consumer = session(9)
    cache.add(consumer, 0)
    cache.add(session(privileged=True), 0)
    assert 0 != cache.add(session(1, privileged=True), 1)
    assert [(consumer.id, "another one needs its place")] == cache.gone
    assert 0 == cache.add(session(9, privileged=True), 2)


def test_a_larger_session_takes_the_place_of_a_smaller_old_one() -> None:
    """Old is who has existed for long, however lately it was used."""
    cache = Cache(2)
    small, large = session(2), session(4)
    for kept in (small, large):
        cache.add(kept, 0)
        cache.touch(kept, 101)
    assert 0 == cache.add(session(1), 102)
    assert 0 != cache.add(session(3), 102)
    assert [(small.id, "another one needs its place")] == cache.gone


def test_of_equal_sessions_the_lower_id_goes() -> None:
    """A new one counts as id 0, so it takes no place of its equal."""
    cache = Cache(2)
    kept = [session(2), session(2)]
    for each in kept:
        cache.add(each, 0)
        cache.touch(each, 101)
    assert 0 == cache.add(session(2), 102)
    assert 0 != cache.add(session(3), 102)
    assert min(each.id for each in kept) == cache.gone[0][0]


def test_who_is_old_is_known_since_it_was_last_used() -> None:
    """A session that was last used while young is safe until it is stale."""
    cache = Cache(1)
    young = session(1)
    cache.add(young, 0)
    cache.touch(young, 100)
    assert 0 == cache.add(session(5), 150)
    cache.touch(young, 150)
    assert 0 != cache.add(session(5), 160)


def test_without_slots_there_are_no_sessions() -> None:
    """`max.incremental.fetch.session.cache.slots` may be 0."""
    assert 0 == Cache(0).add(session(privileged=True), 0)


def test_a_removed_session_is_unknown() -> None:
    """Its id is free again."""
    cache, kept = Cache(1), session()
    cache.add(kept, 0)
    cache.remove(kept)
    assert (None, -1) == (cache.get(kept.id), kept.cached_size)


# --- partitions of a session ----------------------------------------------------------------------


def test_partitions_are_looked_at_in_the_order_in_which_they_came() -> None:
    """One that is wanted otherwise keeps its place."""
    kept = session(3)
    kept.update((FetchPartition(FOO0, 5),), ())
    assert [("foo-0", 5), ("foo-1", 0), ("foo-2", 0)] == [
        (it.wanted.partition, it.wanted.fetch_offset) for it in kept.to_look_at
    ]


def test_who_got_records_is_looked_at_after_all_others() -> None:
    """So that nobody starves where an answer may not grow further."""
    kept = session(3)
    kept.move_to_end(kept.in_order[0])
    assert ["foo-1", "foo-2", "foo-0"] == [it.wanted.partition for it in kept.in_order]


def test_a_partition_is_forgotten_under_its_own_topic_id_alone() -> None:
    """Its successor of the same name may be in the same fetch."""
    kept = session(0)
    kept.update(wanted(FOO0, topic_id="A"), ())
    kept.update(wanted(FOO0, topic_id="B"), ((FOO0, "A"), (FOO1, None)))
    assert [(FOO0, "B")] == list(kept.partitions)
    assert [(FOO0, "B")] == [it.key for it in kept.to_look_at]
    kept.update((), ((FOO0, "B"),))
    assert ([], [], []) == (list(kept.partitions), kept.to_look_at, list(kept.names))


def test_a_quiet_partition_is_looked_at_again_once_it_changes() -> None:
    """And its follower has asked whenever the session was used meanwhile."""
    kept, progress = session(2), FollowerProgress(FollowerFacts(2, 5, caught_up_ms=3))
    progress.heard(progress.facts, 5, 3)
    quiet, other = kept.in_order
    kept.rest(quiet, progress)
    assert [other] == kept.to_look_at
    kept.asked.at_ms = 40
    assert (40, 40) == (progress.fetched_ms, progress.facts.caught_up_ms)
    kept.wake(FOO0)
    kept.asked.at_ms = 70
    assert ([quiet, other], 40) == (kept.to_look_at, progress.fetched_ms)


NOTHING = FetchedPartition(FOO0, high_watermark=3, log_start=0)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (NOTHING, False),
        (FetchedPartition(FOO0, Errors.NONE, 4, 0), True),
        (FetchedPartition(FOO0, Errors.NONE, 3, 1), True),
        (FetchedPartition(FOO0, Errors.NONE, 3, 0, (batch("a"),)), True),
        (FetchedPartition(FOO0, Errors.NONE, 3, 0, diverging=(1, 2)), True),
        (FetchedPartition(FOO0, Errors.NONE, 3, 0, preferred_read_replica=2), True),
        (FetchedPartition(FOO0, Errors.NOT_LEADER_OR_FOLLOWER, 3, 0), True),
    ],
)
def test_an_answer_is_told_where_it_differs_from_the_last_one(
    answer: FetchedPartition, expected: bool
) -> None:
    """In its marks; records, errors and where logs part are told always."""
    cached = CachedPartition(FetchPartition(FOO0, 3), 1)
    assert cached.take(NOTHING)
    assert expected is cached.take(answer)


def test_a_partition_is_told_once_more_when_its_error_is_gone() -> None:
    """Although its marks are what they were before."""
    cached = CachedPartition(FetchPartition(FOO0, 3), 1)
    cached.take(NOTHING)
    cached.take(FetchedPartition(FOO0, Errors.NOT_LEADER_OR_FOLLOWER, 3, 0))
    assert [True, False] == [cached.take(NOTHING), cached.take(NOTHING)]
