"""A high watermark falls for all who read when its new leader knows of less than the last one."""

from kafkabook.base.trace import Event, Trace
from kafkabook.cluster.events import TopicDeleted
from kafkabook.lab.leader_marks import LeaderMarks
from kafkabook.replication.events import (
    BecameLeader,
    HighWatermarkFell,
    HighWatermarkMoved,
    ReplicaDeleted,
)

P = "orders-0"


def began(broker: int, epoch: int, high_watermark: int) -> BecameLeader:
    """A broker begins to lead."""
    return BecameLeader(P, broker, epoch, 9, high_watermark, frozenset({broker}), epoch, 1)


def moved(
    broker: int, epoch: int, to_offset: int, *, log_end: int = 9, is_leader: bool = True
) -> HighWatermarkMoved:
    """A replica's high watermark moves."""
    return HighWatermarkMoved(P, broker, 0, to_offset, log_end, epoch, is_leader=is_leader)


def falls(*events: Event) -> list[tuple[int, int, int]]:
    """Who began with less: broker, from where, to where."""
    trace = Trace()
    LeaderMarks(trace)
    for at_ms, event in enumerate(events):
        trace.emit(event, at_ms=at_ms, place="broker-1")
    fell = [entry.event for entry in trace.of(HighWatermarkFell)]
    return [
        (e.broker, e.from_offset, e.to_offset) for e in fell if isinstance(e, HighWatermarkFell)
    ]


def test_a_leader_that_knows_as_much_or_more_makes_nothing_fall() -> None:
    """Nor does the first one."""
    assert [] == falls(began(1, 0, 0), moved(1, 0, 3), began(2, 1, 3), began(3, 2, 4))


def test_a_fall_is_told_at_the_time_and_the_place_of_the_new_leaders_beginning() -> None:
    """Right behind it, with the reason."""
    trace = Trace()
    LeaderMarks(trace)
    trace.emit(began(1, 0, 3), at_ms=1, place="broker-1")
    trace.emit(began(2, 1, 2), at_ms=5, place="broker-2")
    told = trace[2]
    reason = "broker 2 leads from now on, and knows of no more"
    fell = HighWatermarkFell(P, 2, 3, 2, is_leader=True, reason=reason)
    assert (5, "broker-2", fell) == (told.at_ms, told.place, told.event)


def test_each_leader_epoch_is_compared_with_the_one_before_it() -> None:
    """What fell once does not fall again."""
    assert [(2, 5, 3)] == falls(began(1, 0, 5), began(2, 1, 3), began(1, 2, 3))


def test_what_the_leader_told_last_is_what_falls() -> None:
    """It began with less."""
    assert [(2, 5, 3)] == falls(began(1, 0, 0), moved(1, 0, 4), moved(1, 0, 5), began(2, 1, 3))


def test_what_an_old_leader_or_a_follower_tells_does_not_count() -> None:
    """A leader of an earlier epoch, or one that hears late of its own, changes nothing."""
    late = (moved(1, 0, 8), moved(2, 0, 8), moved(3, 1, 8), moved(2, 1, 8, is_leader=False))
    assert [] == falls(began(1, 0, 3), began(2, 1, 3), *late, began(3, 2, 3))
    assert [] == falls(began(2, 1, 3), began(1, 0, 2), began(3, 2, 3))


def test_a_mark_beyond_the_log_end_counts_up_to_there() -> None:
    """Only a wrong rule tells one."""
    assert [] == falls(began(1, 0, 0), moved(1, 0, 5, log_end=3), began(2, 1, 3))


def test_a_topic_of_the_same_name_is_another_one() -> None:
    """It begins at 0, though the one before had more; another topic's end changes nothing."""
    new = began(2, 0, 0)
    assert [] == falls(began(1, 0, 3), TopicDeleted("orders"), new)
    assert [] == falls(began(1, 0, 3), ReplicaDeleted(P, 1), new)
    assert [(2, 3, 0)] == falls(began(1, 0, 3), TopicDeleted("bills"), new)
    assert [(2, 3, 0)] == falls(began(1, 0, 3), ReplicaDeleted(P, 3), new)
