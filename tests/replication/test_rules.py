"""Each decision of replication alone: examples of its edges, and the laws that any facts obey."""

from dataclasses import replace
from itertools import takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.base.errors import FencedLeaderEpoch, KafkaError, UnknownLeaderEpoch
from kafkabook.log.facts import EpochEntry
from kafkabook.replication.facts import (
    NEVER_MS,
    UNDEFINED,
    UNKNOWN,
    Ack,
    AckFacts,
    EpochEnd,
    FollowerFacts,
    FollowerLog,
    LeaderFacts,
    Truncation,
)
from kafkabook.replication.rules import (
    accept_fetched,
    acknowledge,
    counted_members,
    end_of_epoch,
    fence,
    high_watermark,
    in_sync,
    is_caught_up,
    new_term,
    same_term,
    truncate,
)

LAG_MS = 30_000
LONG_AGO_MS, NOW_MS = 0, 100_000
Log = tuple[int, ...]  # the epoch of each record


def a_leader(ends: dict[int, int], *, isr: set[int], **other: object) -> LeaderFacts:
    """Build leader 1 with ten records; followers were complete long ago, and now end at `ends`."""
    followers = tuple(FollowerFacts(broker, end, LONG_AGO_MS) for broker, end in ends.items())
    members = frozenset(isr)
    facts = LeaderFacts(
        leader=1,
        leader_epoch=4,
        epoch_start_offset=3,
        log_end=10,
        high_watermark=5,
        isr=members,
        counted=members,
        followers=followers,
        min_insync_replicas=2,
    )
    return replace(facts, **other)


def committed(facts: LeaderFacts) -> int:
    """Return the high watermark by today's rule."""
    return high_watermark(facts, NOW_MS, LAG_MS)


# --- the high watermark ---------------------------------------------------------------------------


def test_the_slowest_member_decides_what_is_committed() -> None:
    """A record is safe when whoever may be elected has it."""
    assert 7 == committed(a_leader({2: 9, 3: 7}, isr={1, 2, 3}))


def test_nobody_waits_for_a_replica_that_is_no_member_and_late() -> None:
    """That is what the set of members is for."""
    assert 9 == committed(a_leader({2: 9, 3: 7}, isr={1, 2}))


@pytest.mark.parametrize(("is_eligible", "expected"), [(True, 7), (False, 9)])
def test_a_replica_on_its_way_in_is_waited_for(is_eligible: bool, expected: int) -> None:
    """It kept up until a moment ago and will ask to join; but a broker that is going will not."""
    late = FollowerFacts(3, 7, NOW_MS - LAG_MS, is_eligible=is_eligible)
    facts = a_leader({2: 9}, isr={1, 2})
    assert expected == committed(replace(facts, followers=(*facts.followers, late)))


def test_a_member_that_has_told_nothing_yet_holds_everything_back() -> None:
    """A new leader may not guess: the mark stays where it was."""
    assert 5 == committed(a_leader({2: 9, 3: UNKNOWN}, isr={1, 2, 3}))


def test_whoever_is_counted_is_waited_for_before_the_controller_has_answered() -> None:
    """The set under way may already be the one from which a leader is elected."""
    assert 7 == committed(a_leader({2: 9, 3: 7}, isr={1, 2}, counted=frozenset({1, 2, 3})))


def test_below_min_insync_replicas_nothing_is_committed() -> None:
    """Since 3.7: one member alone does not make a record safe (KIP-966)."""
    assert 5 == committed(a_leader({2: 10}, isr={1}))


@st.composite
def leaders(draw: st.DrawFn) -> LeaderFacts:
    """Any leader of up to four replicas, with what it may know in a sound run."""
    log_end = draw(st.integers(0, 8))
    others = draw(st.sets(st.integers(2, 4)))
    isr = frozenset({1} | (draw(st.sets(st.integers(2, 4))) & others))
    followers = tuple(
        FollowerFacts(
            broker,
            draw(st.integers(UNKNOWN, log_end)),
            draw(st.sampled_from([LONG_AGO_MS, NOW_MS - LAG_MS - 1, NOW_MS - LAG_MS, NOW_MS])),
            is_eligible=draw(st.booleans()),
        )
        for broker in sorted(others)
    )
    return LeaderFacts(
        leader=1,
        leader_epoch=4,
        epoch_start_offset=draw(st.integers(0, log_end)),
        log_end=log_end,
        high_watermark=draw(st.integers(0, log_end)),
        isr=isr,
        counted=isr | draw(st.sets(st.sampled_from(sorted({1, *others})))),
        followers=followers,
        min_insync_replicas=draw(st.integers(1, 3)),
    )


@given(facts=leaders())
def test_what_is_committed_stays_so_and_lies_in_every_counted_log(facts: LeaderFacts) -> None:
    """The mark never goes back, never passes the log end, and moves over what all members have."""
    mark = committed(facts)
    assert facts.high_watermark <= mark <= facts.log_end
    behind = {f.broker for f in facts.followers if f.log_end < mark and f.broker in facts.counted}
    assert mark == facts.high_watermark or set() == behind


@given(facts=leaders(), data=st.data())
def test_more_records_at_a_follower_never_commit_less(
    facts: LeaderFacts, data: st.DataObject
) -> None:
    """Progress anywhere is progress, or nothing."""
    further = tuple(
        replace(f, log_end=data.draw(st.integers(f.log_end, facts.log_end)))
        for f in facts.followers
    )
    assert committed(facts) <= committed(replace(facts, followers=further))


# --- members --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("now_ms", "expected"), [(LAG_MS, True), (LAG_MS + 1, False)])
def test_a_follower_has_the_whole_of_its_lag_time(now_ms: int, expected: bool) -> None:
    """The limit itself is still in time; one millisecond later is not."""
    facts = a_leader({2: 9}, isr={1, 2})
    assert expected == is_caught_up(facts.followers[0], facts, now_ms, LAG_MS)


def test_a_follower_that_has_everything_is_never_late() -> None:
    """A topic without traffic keeps its members, however long nobody writes."""
    assert {1, 2} == in_sync(a_leader({2: 10, 3: 9}, isr={1, 2, 3}), NOW_MS, LAG_MS)


@pytest.mark.parametrize(
    ("end", "mark", "epoch_start", "expected"),
    [(7, 7, 3, True), (6, 7, 3, False), (7, 5, 7, True), (6, 5, 7, False)],
)
def test_a_joiner_needs_all_that_is_committed_and_all_that_older_terms_wrote(
    end: int, mark: int, epoch_start: int, expected: bool
) -> None:
    """A new leader's mark is behind the old one's, so that alone does not say what is safe."""
    facts = a_leader({2: end}, isr={1}, high_watermark=mark, epoch_start_offset=epoch_start)
    assert expected == (2 in in_sync(facts, NOW_MS, LAG_MS))


def test_a_broker_that_goes_may_stay_a_member_and_not_become_one() -> None:
    """The controller takes members out; the leader only keeps new ones from coming."""
    facts = a_leader({2: 10, 3: 10}, isr={1, 2})
    going = tuple(replace(f, is_eligible=False) for f in facts.followers)
    assert {1, 2} == in_sync(replace(facts, followers=going), NOW_MS, LAG_MS)


@given(facts=leaders())
def test_a_leader_is_in_sync_with_itself_and_whoever_has_everything(facts: LeaderFacts) -> None:
    """Nobody who holds the whole log is left out, unless its broker is about to go."""
    members = in_sync(facts, NOW_MS, LAG_MS)
    complete = {f.broker for f in facts.followers if f.log_end == facts.log_end and f.is_eligible}
    assert {1} | complete <= members <= {1} | {f.broker for f in facts.followers}


@given(isr=st.frozensets(st.integers(1, 4)), proposed=st.frozensets(st.integers(1, 4)))
def test_both_sets_count_while_the_controller_has_not_answered(
    isr: frozenset[int], proposed: frozenset[int]
) -> None:
    """Whichever of the two is true, its members are among them."""
    counted = counted_members(isr, proposed)
    assert isr <= counted
    assert proposed <= counted
    assert counted <= isr | proposed


# --- acknowledgements -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (AckFacts(-1, None, 5, 2, 2), Ack.APPEND),
        (AckFacts(-1, None, 5, 1, 2), Ack.NOT_ENOUGH_REPLICAS),
        (AckFacts(1, None, 5, 1, 2), Ack.APPEND),
        (AckFacts(1, 6, 5, 1, 2), Ack.ACKNOWLEDGE),
        (AckFacts(0, 6, 5, 1, 2), Ack.ACKNOWLEDGE),
        (AckFacts(-1, 6, 5, 2, 2), Ack.WAIT),
        (AckFacts(-1, 6, 6, 2, 2), Ack.ACKNOWLEDGE),
        (AckFacts(-1, 6, 5, 1, 2), Ack.WAIT),
        (AckFacts(-1, 6, 6, 1, 2), Ack.NOT_ENOUGH_REPLICAS_AFTER_APPEND),
    ],
)
def test_an_answer_says_what_is_known_of_the_record(facts: AckFacts, expected: Ack) -> None:
    """Only `acks=all` asks for members, and it does so twice: before and after."""
    assert expected == acknowledge(facts)


# --- terms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("requested", "expected"), [(3, FencedLeaderEpoch), (4, None), (5, UnknownLeaderEpoch)]
)
def test_a_request_of_another_term_is_refused(
    requested: int, expected: type[KafkaError] | None
) -> None:
    """An older one is fenced; a newer one means that the leader has something to learn."""
    assert expected is fence(requested, 4)
    assert same_term(requested, 4) == (expected is None)


@pytest.mark.parametrize(("is_member", "caught_up_ms"), [(True, NOW_MS), (False, NEVER_MS)])
def test_a_new_leader_forgets_the_others_and_gives_members_time(
    is_member: bool, caught_up_ms: int
) -> None:
    """What was true in an older term may have been cut since."""
    known = FollowerFacts(2, 9, 77, broker_epoch=12)
    expected = FollowerFacts(2, UNKNOWN, caught_up_ms, UNKNOWN)
    assert expected == new_term(known, NOW_MS, is_member)


@pytest.mark.parametrize(
    ("now", "expected"), [((7, 4), True), ((6, 4), False), ((7, 5), False), ((8, 4), False)]
)
def test_an_answer_is_taken_only_by_the_log_that_asked(
    now: tuple[int, int], expected: bool
) -> None:
    """A cut or a new term in between makes it an answer to somebody else."""
    assert expected == accept_fetched((7, 4), now)


# --- where two logs part --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("epoch", "expected"),
    [
        (0, EpochEnd(0, 2)),  # below all: where the first one begins
        (1, EpochEnd(1, 5)),
        (2, EpochEnd(1, 5)),  # never had it: the largest below
        (3, EpochEnd(3, 9)),  # the last: the log end
        (4, UNDEFINED),
        (UNKNOWN, UNDEFINED),
    ],
)
def test_an_epoch_ends_where_the_next_one_begins(epoch: int, expected: EpochEnd) -> None:
    """The answer names the epoch that it is about, which need not be the asked one (KIP-279)."""
    epochs = (EpochEntry(1, 2), EpochEntry(3, 5))
    assert expected == end_of_epoch(epochs, 9, epoch)


def test_a_log_without_epochs_knows_no_end() -> None:
    """A follower then falls back to its high watermark."""
    assert UNDEFINED == end_of_epoch((), 0, 0)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (UNDEFINED, Truncation(4)),
        (EpochEnd(3, 8), Truncation(8)),
        (EpochEnd(3, 12), Truncation(9)),  # the leader's epoch goes on: nothing to cut
        (EpochEnd(1, 3), Truncation(3)),
        (EpochEnd(1, 7), Truncation(5)),  # its own epoch 1 ended first
        (EpochEnd(2, 7), Truncation(5, is_complete=False)),
    ],
)
def test_a_follower_cuts_where_both_still_agree(answer: EpochEnd, expected: Truncation) -> None:
    """Or to the end of its own largest epoch below the answer's, and asks again."""
    log = FollowerLog((EpochEntry(1, 2), EpochEntry(3, 5)), log_end=9, high_watermark=4)
    assert expected == truncate(log, answer)


def entries(log: Log, term: int | None = None) -> tuple[EpochEntry, ...]:
    """Return where each epoch begins; a leader's term begins at its end if it wrote nothing."""
    found = tuple(
        EpochEntry(epoch, offset)
        for offset, epoch in enumerate(log)
        if offset == 0 or log[offset - 1] != epoch
    )
    return found if term is None or term in log else (*found, EpochEntry(term, len(log)))


def cut_against(leader: Log, follower: Log, term: int) -> tuple[Log, int]:
    """Let a follower ask until it has cut all that its leader does not have; count the rounds."""
    rounds, is_complete = 0, not follower
    while not is_complete:
        answer = end_of_epoch(entries(leader, term), len(leader), follower[-1])
        cut = truncate(FollowerLog(entries(follower), len(follower), 0), answer)
        follower, rounds = follower[: cut.to_offset], rounds + 1
        is_complete = cut.is_complete or not follower
    return follower, rounds


def shared(one: Log, other: Log) -> Log:
    """Return the records that two logs begin with together."""
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return tuple(epoch for epoch, _ in pairs)


@st.composite
def _replica_of(draw: st.DrawFn, logs: list[Log]) -> Log:
    log = logs[draw(st.integers(0, len(logs) - 1))]
    return log[: len(log) - draw(st.integers(0, len(log)))]


@st.composite
def histories(draw: st.DrawFn) -> tuple[Log, Log, int]:
    """Leaders that each took over some older log, cut anywhere, and wrote; then two replicas."""
    logs: list[Log] = [()]
    for epoch in range(draw(st.integers(1, 6))):
        kept = draw(_replica_of(logs))
        logs.append(kept + (epoch,) * draw(st.integers(0, 2)))
    return logs[-1], draw(_replica_of(logs)), len(logs) - 2


@given(history=histories())
def test_a_follower_keeps_all_that_it_shares_with_its_leader_and_nothing_else(
    history: tuple[Log, Log, int],
) -> None:
    """Whoever led before and wherever they failed, and with one question an epoch at most."""
    leader, follower, term = history
    kept, rounds = cut_against(leader, follower, term)
    assert shared(leader, follower) == kept
    assert rounds <= len(set(follower))


def test_two_logs_walk_back_together() -> None:
    """KIP-279's own story: terms alternate, and each log has epochs that the other never saw."""
    kept, rounds = cut_against((0, 0, 2, 4), (0, 0, 1, 3, 3), term=4)
    assert ((0, 0), 2) == (kept, rounds)


def test_a_leader_that_has_nothing_below_leaves_its_follower_nothing() -> None:
    """The follower's epochs are all above the answer's: it holds no record that they share."""
    assert ((), 1) == cut_against((0, 2), (1,), term=2)
