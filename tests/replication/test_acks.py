"""What a producer is told, before its batch is appended and afterwards."""

import pytest

from kafkabook.replication.acks import acknowledge
from kafkabook.replication.facts import Ack, AckFacts


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
