"""The controller's decisions alone: whose word counts, and in which order it is doubted."""

from dataclasses import replace

import pytest

from kafkabook.base.errors import Errors
from kafkabook.base.names import TopicPartition
from kafkabook.cluster.metadata import Registration
from kafkabook.cluster.rules import check_alteration, check_registration, lost_its_tail
from kafkabook.protocol.control_api import BrokerRegistrationRequest, ProposedIsr
from kafkabook.replication.facts import PartitionState

STATE = PartitionState((1, 2, 3), frozenset({1, 2}), 1, leader_epoch=5, partition_epoch=9)
BROKERS = {
    b: Registration(b, broker_epoch=10 + b, incarnation=1, is_fenced=False) for b in (1, 2, 3)
}
WISH = ProposedIsr(1, 11, TopicPartition("orders", 0), 5, 9, ((1, -1), (2, 12), (3, 13)))


def test_a_wish_of_the_present_leader_on_the_newest_set_is_granted() -> None:
    """With members in their present incarnations; -1 where the leader does not know."""
    assert None is check_alteration(WISH, STATE, BROKERS)


WRONG = (
    ({"broker_epoch": 10}, Errors.STALE_BROKER_EPOCH),
    ({"leader_epoch": 4}, Errors.FENCED_LEADER_EPOCH),
    ({"broker": 2, "broker_epoch": 12}, Errors.INVALID_REQUEST),
    ({"partition_epoch": 8}, Errors.INVALID_UPDATE_VERSION),
    ({"isr": ((2, 12),)}, Errors.INVALID_REQUEST),
    ({"isr": ((1, -1), (4, 14))}, Errors.INVALID_REQUEST),
    ({"isr": ((1, -1), (2, 2))}, Errors.INELIGIBLE_REPLICA),
)


@pytest.mark.parametrize(("changes", "error"), WRONG)
def test_each_doubt_has_its_error(changes: dict[str, object], error: Errors) -> None:
    """A leader behaves differently after each: it waits for news, or drops its wish."""
    refusal = check_alteration(replace(WISH, **changes), STATE, BROKERS)
    assert error is refusal


@pytest.mark.parametrize("first", range(len(WRONG) - 1))
def test_the_doubts_come_in_kafkas_order(first: int) -> None:
    """A wish that is wrong in two ways is told the first: an old one is not told of its members."""
    changes = WRONG[-1][0] | WRONG[first][0]
    refusal = check_alteration(replace(WISH, **changes), STATE, BROKERS)
    assert WRONG[first][1] is refusal


@pytest.mark.parametrize("changes", [{"is_fenced": True}, {"is_shutting_down": True}])
def test_who_is_fenced_or_about_to_stop_may_not_join(changes: dict[str, bool]) -> None:
    """KIP-841: it would be elected, and not lead."""
    brokers = BROKERS | {3: replace(BROKERS[3], **changes)}
    refusal = check_alteration(WISH, STATE, brokers)
    assert Errors.INELIGIBLE_REPLICA is refusal


@pytest.mark.parametrize(
    ("changes", "incarnation", "is_refused"),
    [
        ({}, 2, True),
        ({}, 1, False),
        ({"is_fenced": True}, 2, False),
        ({"is_shutting_down": True}, 2, False),
    ],
)
def test_a_second_process_is_refused_while_the_first_is_believed_in(
    changes: dict[str, bool], incarnation: int, is_refused: bool
) -> None:
    """Not if it is the same one that asks again, nor if the first is on its way out."""
    request = BrokerRegistrationRequest(3, incarnation, None, -1)
    refusal = check_registration(request, replace(BROKERS[3], **changes))
    assert is_refused == (refusal is not None)


def test_an_unknown_broker_is_welcome() -> None:
    """It has no earlier incarnation that could be alive, or have lost anything."""
    request = BrokerRegistrationRequest(4, 1, None, -1)
    assert (None, False) == (check_registration(request, None), lost_its_tail(request, None))


@pytest.mark.parametrize(("previous", "has_lost"), [(13, False), (12, True), (-1, True)])
def test_only_the_epoch_of_the_very_last_incarnation_proves_a_clean_end(
    previous: int, has_lost: bool
) -> None:
    """A file from an earlier clean stop says nothing about the crash after it."""
    request = BrokerRegistrationRequest(3, 2, None, previous)
    assert has_lost == lost_its_tail(request, BROKERS[3])
