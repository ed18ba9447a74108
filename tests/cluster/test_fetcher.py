"""A fetcher asks one leader one thing at a time, and believes only the answer to that."""

from kafkabook.cluster.fetcher import Fetcher
from kafkabook.protocol.records_api import (
    EpochEndOffset,
    EpochLookup,
    FetchedPartition,
    FetchPartition,
    FetchRequest,
    FetchResponse,
    OffsetsForLeaderEpochRequest,
    OffsetsForLeaderEpochResponse,
)
from kafkabook.replication.facts import Reconcile
from kafkabook.replication.replica import Replica
from kafkabook.replication.rules import ReplicationRules
from tests.replication.replicas import SomeReplicas


def following(**rules: object) -> tuple[SomeReplicas, dict[str, Replica]]:
    """Replica 2 of orders-0, which follows broker 1 and holds "old" of epoch 0."""
    some = SomeReplicas(ReplicationRules(**rules))  # type: ignore[arg-type]
    some.elect(2)
    some.append(2, "old")
    some.elect(1)
    return some, {"orders-0": some.replicas[2]}


def ask(fetcher: Fetcher, replicas: dict[str, Replica], *, number: int, now_ms: int = 0) -> object:
    """What broker 2, in its life of epoch 7, asks next."""
    return fetcher.next_request(
        replicas,
        correlation=number,
        broker=2,
        broker_epoch=7,
        max_wait_ms=500,
        max_bytes=1_000,
        now_ms=now_ms,
    )


WISH = FetchPartition("orders-0", 1, 1, 0)
REQUEST = FetchRequest(5, 2, 7, (WISH,), max_wait_ms=500, max_bytes=1_000)


def test_it_asks_for_everything_that_follows_its_leader() -> None:
    """With its broker's present life, so that the leader may tell the controller (KIP-903)."""
    _, replicas = following()
    assert REQUEST == ask(Fetcher(1), replicas, number=5)
    assert None is ask(Fetcher(3), replicas, number=6)


def test_it_does_not_ask_twice_at_once() -> None:
    """The next request needs the log end that the answer brings."""
    _, replicas = following()
    fetcher = Fetcher(1)
    ask(fetcher, replicas, number=5)
    assert (None, REQUEST) == (ask(fetcher, replicas, number=6), fetcher.in_flight)


def test_records_are_appended_and_said_to_have_come() -> None:
    """Whoever waits for this partition on this broker may look again."""
    some, replicas = following()
    some.append(1, "a")  # broker 1 has nothing of epoch 0: the logs part at 0
    fetcher = Fetcher(1)
    leader = some.replicas[1].leading
    assert leader is not None
    grew = []
    for number in (5, 6):
        request = ask(fetcher, replicas, number=number)
        assert isinstance(request, FetchRequest)
        wish = request.partitions[0]
        answer = leader.fetch(wish, follower=2, broker_epoch=7, max_bytes=1_000)
        response = FetchResponse(number, (answer,))
        grew.append(fetcher.take(response, replicas, retry_ms=10, now_ms=3))
    assert ([[], ["orders-0"]], ["a"], 3) == (grew, some.values(2), some.replicas[2].stored.now_ms)


def test_an_answer_to_another_question_is_dropped() -> None:
    """A doubled answer, or one to a question that was given up: this one still waits."""
    some, replicas = following()
    fetcher = Fetcher(1)
    ask(fetcher, replicas, number=5)
    wrong = FetchResponse(4, (FetchedPartition("orders-0", diverging=(0, 0)),))
    assert [] == fetcher.take(wrong, replicas, retry_ms=10, now_ms=3)
    assert (REQUEST, ["old"]) == (fetcher.in_flight, some.values(2))


def test_an_answer_of_a_leader_that_was_left_is_dropped() -> None:
    """Its next leader may hold other records at these offsets."""
    some, replicas = following()
    fetcher = Fetcher(1)
    ask(fetcher, replicas, number=5)
    some.elect(3)
    parts = FetchResponse(5, (FetchedPartition("orders-0", diverging=(0, 0)),))
    assert [] == fetcher.take(parts, replicas, retry_ms=10, now_ms=3)
    assert (None, ["old"]) == (fetcher.in_flight, some.values(2))


def test_a_deleted_partition_takes_no_answer() -> None:
    """It went while the request was on its way."""
    _, replicas = following()
    fetcher = Fetcher(1)
    ask(fetcher, replicas, number=5)
    response = FetchResponse(5, (FetchedPartition("orders-0"),))
    assert [] == fetcher.take(response, {}, retry_ms=10, now_ms=3)


def test_after_it_gave_up_it_waits_before_it_asks_again() -> None:
    """A dead leader is not asked in a tight loop."""
    _, replicas = following()
    fetcher = Fetcher(1)
    ask(fetcher, replicas, number=5)
    fetcher.give_up(until_ms=100)
    assert None is ask(fetcher, replicas, number=6, now_ms=99)
    assert isinstance(ask(fetcher, replicas, number=7, now_ms=100), FetchRequest)


def test_an_error_lets_one_partition_wait() -> None:
    """Until its own time; there is nothing else to ask."""
    _, replicas = following()
    fetcher = Fetcher(1)
    ask(fetcher, replicas, number=5)
    error = FetchResponse(5, (FetchedPartition("orders-0", "UNKNOWN_LEADER_EPOCH"),))
    fetcher.take(error, replicas, retry_ms=10, now_ms=3)
    assert None is ask(fetcher, replicas, number=6, now_ms=9)
    assert isinstance(ask(fetcher, replicas, number=7, now_ms=10), FetchRequest)


def test_before_2_7_it_asks_where_its_epoch_ended_and_then_fetches() -> None:
    """KIP-101: cut first, with a request of its own."""
    some, replicas = following(reconcile=Reconcile.ASK)
    fetcher = Fetcher(1)
    lookup = OffsetsForLeaderEpochRequest(5, 2, (EpochLookup("orders-0", 1, 0),))
    assert lookup == ask(fetcher, replicas, number=5)
    answer = OffsetsForLeaderEpochResponse(5, (EpochEndOffset("orders-0", "", 0, 0),))
    fetcher.take(answer, replicas, retry_ms=10, now_ms=3)
    assert [] == some.values(2)
    wish = FetchPartition("orders-0", 0, 1)
    assert FetchRequest(6, 2, 7, (wish,), 500, 1, 1_000) == ask(fetcher, replicas, number=6)
