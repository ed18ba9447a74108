"""What Kafka decided once, beside what it decides today; and where each seeded bug differs."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from kafkabook.base.errors import Errors
from kafkabook.log.facts import EpochEntry
from kafkabook.replication.facts import (
    UNDEFINED,
    UNKNOWN,
    Ack,
    AckFacts,
    EpochEnd,
    FollowerFacts,
    FollowerLog,
    LeaderFacts,
    Reconcile,
    Truncation,
)
from kafkabook.replication.history import HISTORY, start_of_next_epoch
from kafkabook.replication.rules import ReplicationRules
from kafkabook.replication.truncation import end_of_epoch
from kafkabook.replication.variants import BUGS

TODAY = ReplicationRules()
LATE = (100_000, 30_000)  # now, and `replica.lag.time.max.ms`

LEADER = LeaderFacts(
    leader=1,
    leader_epoch=4,
    epoch_start_offset=3,
    log_end=10,
    high_watermark=2,
    isr=frozenset({1}),
    counted=frozenset({1}),
    followers=(FollowerFacts(2, 2), FollowerFacts(3, UNKNOWN)),
    min_insync_replicas=2,
)


def test_five_sets_of_rules_led_to_todays() -> None:
    """The last one is what a cluster runs when nobody says otherwise."""
    names = ["before KIP-101", "KIP-101", "KIP-279", "KIP-320", "today"]
    assert names == list(HISTORY)
    assert HISTORY["today"] == TODAY


def test_each_set_names_the_last_version_that_had_it() -> None:
    """A lab leaves out the promises that came later."""
    versions = [rules.version for rules in HISTORY.values()]
    assert [(0, 10), (1, 1), (2, 0), (2, 6), (4, 3)] == versions


def test_a_new_follower_found_the_common_end_in_three_ways() -> None:
    """By its own mark; by asking first; by fetching at once, with the question inside."""
    ways = [rules.reconcile for rules in HISTORY.values()]
    assert [Reconcile.HIGH_WATERMARK, *[Reconcile.ASK] * 3, Reconcile.FETCH] == ways


@pytest.mark.parametrize(
    ("era", "refusal"), [("KIP-279", None), ("KIP-320", Errors.FENCED_LEADER_EPOCH)]
)
def test_since_kip_320_a_request_names_its_leader_epoch(era: str, refusal: type | None) -> None:
    """Before, an old follower's fetch was as good as any."""
    rules = HISTORY[era]
    assert [refusal, refusal] == [rules.fence_fetch(3, 4), rules.fence_lookup(3, 4)]
    assert (refusal is None) == rules.counts_fetch(3, 4)


@pytest.mark.parametrize(("era", "members"), [("KIP-279", {1, 2}), ("KIP-320", {1})])
def test_a_joiner_once_needed_the_high_watermark_only(era: str, members: set[int]) -> None:
    """Follower 2 lacks a record from before the leader epoch, which may have been committed."""
    assert members == HISTORY[era].in_sync(LEADER, *LATE)


@pytest.mark.parametrize(("era", "mark"), [("KIP-320", 10), ("today", 2)])
def test_one_member_alone_once_committed(era: str, mark: int) -> None:
    """Until 3.7, `min.insync.replicas` stopped the acknowledgement and not the mark."""
    assert mark == HISTORY[era].high_watermark(LEADER, *LATE)


@pytest.mark.parametrize(
    ("epoch", "then", "now"),
    [
        (2, EpochEnd(2, 5), EpochEnd(1, 5)),  # never had it: named all the same
        (0, UNDEFINED, EpochEnd(0, 2)),  # below all
        (3, EpochEnd(3, 9), EpochEnd(3, 9)),
        (4, UNDEFINED, EpochEnd(3, 9)),  # its own epoch (5) begins where the log ends
        (UNKNOWN, UNDEFINED, UNDEFINED),
    ],
)
def test_kip_101_named_the_asked_epoch_whether_it_had_it_or_not(
    epoch: int, then: EpochEnd, now: EpochEnd
) -> None:
    """And an epoch counted from its first record only."""
    epochs = (EpochEntry(1, 2), EpochEntry(3, 5), EpochEntry(5, 9))
    assert then == start_of_next_epoch(epochs, 9, epoch)
    assert now == end_of_epoch(epochs, 9, epoch)


def test_kip_101_cut_a_committed_record_after_two_quick_elections() -> None:
    """Leader 1 has m0 of epoch 0 and now leads epoch 2; follower 2 wrote m1 in epoch 1 between.

    The answer "unknown" sent the follower back to its high watermark, which it had never moved.
    """
    leader = (EpochEntry(0, 0), EpochEntry(2, 1))
    follower = FollowerLog((EpochEntry(0, 0), EpochEntry(1, 1)), log_end=2, high_watermark=0)
    cuts = {
        era: HISTORY[era].truncate(follower, HISTORY[era].end_of_epoch(leader, 1, 1))
        for era in ("KIP-101", "KIP-279")
    }
    assert {"KIP-101": Truncation(0), "KIP-279": Truncation(1)} == cuts


def an_epoch_of_its_own(rules: ReplicationRules) -> int:
    """Return what a new leader believes of a follower that it once heard at offset 9."""
    return rules.new_leader_epoch(FollowerFacts(2, 9), LATE[0], True).log_end


Decision = Callable[[ReplicationRules], object]
DIFFERENCES: dict[str, tuple[Decision, object, object]] = {
    "M1": (lambda r: r.reconcile, Reconcile.FETCH, Reconcile.HIGH_WATERMARK),
    "M2": (
        lambda r: r.end_of_epoch((EpochEntry(1, 0),), 4, 0),
        EpochEnd(0, 0),
        UNDEFINED,
    ),
    "M3": (lambda r: r.fence_fetch(3, 4), Errors.FENCED_LEADER_EPOCH, None),
    "M4": (lambda r: r.counts_fetch(3, 4), False, True),
    "M5": (lambda r: r.fence_lookup(3, 4), Errors.FENCED_LEADER_EPOCH, None),
    "M6": (lambda r: r.in_sync(LEADER, *LATE), {1}, {1, 2}),
    "M7": (
        lambda r: r.in_sync(replace(LEADER, epoch_start_offset=0, high_watermark=3), *LATE),
        {1},
        {1, 2},
    ),
    "M8": (lambda r: r.counted_members(frozenset({1}), frozenset({1, 2})), {1, 2}, {1}),
    "M8 proposed only": (
        lambda r: r.counted_members(frozenset({1, 2}), frozenset({1})),
        {1, 2},
        {1},
    ),
    "M11": (lambda r: r.accept_fetched((7, 4), (6, 4)), False, True),
    "M13": (an_epoch_of_its_own, UNKNOWN, 9),
    "M14": (lambda r: r.acknowledge(AckFacts(-1, 6, 5, 2, 2)), Ack.WAIT, Ack.ACKNOWLEDGE),
    "M15": (
        lambda r: r.acknowledge(AckFacts(-1, 6, 6, 1, 2)),
        Ack.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
        Ack.ACKNOWLEDGE,
    ),
    "M18": (
        lambda r: r.high_watermark(replace(LEADER, min_insync_replicas=1), *LATE),
        10,
        11,
    ),
    "KIP-320 first try": (
        lambda r: (r.fence_fetch(3, 4), r.fence_lookup(3, 4), r.counts_fetch(3, 4)),
        (Errors.FENCED_LEADER_EPOCH, Errors.FENCED_LEADER_EPOCH, False),
        (None, None, True),
    ),
}


def test_every_bug_is_told_apart_below() -> None:
    """A bug that no example tells from sound rules might be none."""
    assert list(BUGS) == list(DIFFERENCES)


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_changes_one_decision(bug: str) -> None:
    """Where sound rules and the bug are given the same facts, they must not agree."""
    decide, sound, wrong = DIFFERENCES[bug]
    assert (sound, wrong) == (decide(TODAY), decide(BUGS[bug].put_into(TODAY)))


def test_a_bug_can_be_put_into_the_rules_of_any_time() -> None:
    """It exchanges its own parts and leaves the others."""
    then = HISTORY["KIP-320"]
    wrong = BUGS["M4"].put_into(then)
    assert then == replace(wrong, counts_fetch=then.counts_fetch)
