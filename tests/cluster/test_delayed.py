"""Why a fetch that waited is answered: a figure says it, and must not guess."""

import pytest

from kafkabook.base.errors import Errors
from kafkabook.base.names import TopicPartition
from kafkabook.cluster.delayed import why_enough
from kafkabook.protocol.records_api import (
    CONSUMER,
    FetchedPartition,
    FetchPartition,
    FetchRequest,
)

ORDERS = TopicPartition("orders", 0)
QUIET = FetchedPartition(ORDERS)


@pytest.mark.parametrize(
    ("answer", "replica", "reason"),
    [
        (FetchedPartition(ORDERS, Errors.NOT_LEADER_OR_FOLLOWER), 2, "NOT_LEADER_OR_FOLLOWER"),
        (FetchedPartition(ORDERS, preferred_read_replica=3), CONSUMER, "a nearer replica"),
        (QUIET, CONSUMER, "the high watermark moved"),
        (QUIET, 2, "new records"),
    ],
)
def test_a_fetch_is_answered_for_the_most_urgent_reason(
    answer: FetchedPartition, replica: int, reason: str
) -> None:
    """Whichever of its partitions has it."""
    request = FetchRequest(replica, -1, (FetchPartition(ORDERS, 0),))
    assert reason == why_enough((QUIET, answer), request)
