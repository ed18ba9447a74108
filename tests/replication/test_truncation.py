"""Where two logs part: the edges, KIP-279's own story, and any history of leaders."""

from itertools import takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.log.facts import EpochEntry
from kafkabook.replication.facts import UNDEFINED, UNKNOWN, EpochEnd, FollowerLog, Truncation
from kafkabook.replication.truncation import end_of_epoch, truncate

Log = tuple[int, ...]  # the epoch of each record


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


def entries(log: Log, current: int | None = None) -> tuple[EpochEntry, ...]:
    """Return where each epoch begins; a leader's current one at its end if it wrote nothing."""
    found = tuple(
        EpochEntry(epoch, offset)
        for offset, epoch in enumerate(log)
        if offset == 0 or log[offset - 1] != epoch
    )
    return found if current is None or current in log else (*found, EpochEntry(current, len(log)))


def cut_against(leader: Log, follower: Log, current: int) -> tuple[Log, int]:
    """Let a follower ask until it has cut all that its leader does not have; count the rounds."""
    rounds, is_complete = 0, not follower
    while not is_complete:
        answer = end_of_epoch(entries(leader, current), len(leader), follower[-1])
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
    leader, follower, current = history
    kept, rounds = cut_against(leader, follower, current)
    assert shared(leader, follower) == kept
    assert rounds <= len(set(follower))


def test_two_logs_walk_back_together() -> None:
    """KIP-279's own story: leaders alternate, and each log has epochs that the other never saw."""
    kept, rounds = cut_against((0, 0, 2, 4), (0, 0, 1, 3, 3), current=4)
    assert ((0, 0), 2) == (kept, rounds)


def test_a_leader_that_has_nothing_below_leaves_its_follower_nothing() -> None:
    """The follower's epochs are all above the answer's: it holds no record that they share."""
    assert ((), 1) == cut_against((0, 2), (1,), current=2)
