"""Whose words count: requests, answers and memories of another leader epoch."""

import pytest

from kafkabook.base.errors import Errors
from kafkabook.replication.facts import NEVER_MS, UNKNOWN, FollowerFacts
from kafkabook.replication.fencing import accept_fetched, fence, new_leader_epoch, same_leader_epoch

NOW_MS = 100_000


@pytest.mark.parametrize(
    ("requested", "expected"),
    [(3, Errors.FENCED_LEADER_EPOCH), (4, None), (5, Errors.UNKNOWN_LEADER_EPOCH)],
)
def test_a_request_of_another_epoch_is_refused(requested: int, expected: Errors | None) -> None:
    """An older one is fenced; a newer one means that the leader has something to learn."""
    assert expected is fence(requested, 4)
    assert same_leader_epoch(requested, 4) == (expected is None)


@pytest.mark.parametrize(("is_member", "caught_up_ms"), [(True, NOW_MS), (False, NEVER_MS)])
def test_a_new_leader_forgets_the_others_and_gives_members_time(
    is_member: bool, caught_up_ms: int
) -> None:
    """What was true in an older epoch may have been cut since."""
    known = FollowerFacts(2, 9, 77, broker_epoch=12)
    expected = FollowerFacts(2, UNKNOWN, caught_up_ms, UNKNOWN)
    assert expected == new_leader_epoch(known, NOW_MS, is_member)


@pytest.mark.parametrize(
    ("now", "expected"), [((7, 4), True), ((6, 4), False), ((7, 5), False), ((8, 4), False)]
)
def test_an_answer_is_taken_only_by_the_log_that_asked(
    now: tuple[int, int], expected: bool
) -> None:
    """A cut or a new leader epoch in between makes it an answer to somebody else."""
    assert expected == accept_fetched((7, 4), now)
