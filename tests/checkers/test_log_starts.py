"""What retention, deletions and the cleaner took away is no loss, and what else is missing is."""

import pytest

from kafkabook.base.trace import Event
from kafkabook.checkers.high_watermark import NoTruncateBelowTrueHw
from kafkabook.checkers.history import LostWrite
from kafkabook.checkers.power import AckedFlushModel
from kafkabook.checkers.replication_leaders import LeaderCompleteness
from kafkabook.checkers.replication_logs import EpochMonotone, LogMatching
from kafkabook.checkers.replication_losses import ConsistentRead, NoCommittedRecordLostGlobally
from kafkabook.checkers.replication_members import LeaderCandidateCompleteness, StrongIsr
from kafkabook.cluster.events import (
    BrokerCrashed,
    BrokerPoweredOff,
    BrokerStarted,
    Quiesced,
    SendEnded,
    TopicAltered,
)
from kafkabook.replication.events import (
    BatchTold,
    LogStartMoved,
    ReplicaFlushed,
    ReplicaOpened,
    ReplicaTruncated,
)
from tests.checkers.cluster_histories import (
    ALL,
    P,
    acked,
    append,
    batch,
    calm,
    cut,
    fetched,
    follow,
    follower_hw,
    judged,
    lead,
    leader_hw,
    on,
    opened,
    read,
    watched,
    word,
)

COMPACTED = TopicAltered("orders", (("cleanup.policy", "compact"),))


def starts(broker: int, at: int, reason: str = "segments deleted") -> LogStartMoved:
    """A replica serves nothing below an offset any more."""
    return LogStartMoved(P, broker, 0, at, reason)


def found(broker: int, start: int, end: int, *batches: BatchTold) -> list[Event]:
    """A machine lost its power, and its broker opens this log."""
    told = ReplicaOpened(P, broker, start, end, min(end, 3), batches)
    return [BrokerPoweredOff(broker), BrokerStarted(broker, 2), told]


def anew(broker: int, at: int, *, was: int = 0) -> ReplicaTruncated:
    """A follower begins its log anew where that of its leader starts."""
    return ReplicaTruncated(P, broker, was, at, 1, 0, "the leader's log starts later")


@pytest.mark.parametrize(
    ("after", "lossy"),
    [
        (found(2, 2, 3, batch(2, "c")), []),
        (found(2, 1, 3, batch(1, "b"), batch(2, "c")), []),  # the power took back a deletion
        (found(2, 3, 3), []),
        (found(2, 2, 2), [2]),
        (found(2, 2, 3, batch(2, "x")), [2]),
        (found(2, 0, 0), [2]),
    ],
)
def test_what_left_from_the_front_is_no_loss(after: list[Event], lossy: list[int]) -> None:
    """The end must be there, and what is left must be what was there."""
    seen = watched([*calm("abc"), starts(2, 2), *after], ()).replicas.partitions[P]
    assert lossy == sorted(seen.lossy)
    assert (not lossy) == seen.replica(2).holds(seen.committed)


@pytest.mark.parametrize(("after", "verdict"), [(found(2, 3, 3), "holds"), ([], "vacuous")])
def test_a_log_of_which_nothing_is_left_reopens_as_it_was(after: list[Event], verdict: str) -> None:
    """Everything was flushed, and then deleted."""
    history = [*calm("abc"), ReplicaFlushed(P, 2, 3), starts(2, 3), *after]
    assert verdict == judged(AckedFlushModel, history)


def test_a_log_starts_where_its_broker_said_last() -> None:
    """A deletion leaves the batch there; a log that begins anew starts at its end."""
    seen = watched([*calm("abc"), starts(1, 1), starts(1, 2), anew(2, 5, was=3)], ()).replicas
    partition = seen.partitions[P]
    assert [2, 5, 0] == [partition.replica(broker).log_start for broker in ALL]
    assert 2 == partition.removed_below


def test_a_log_that_is_cut_below_its_start_starts_there() -> None:
    """Nothing is left of it, and what comes next is its first."""
    seen = watched([*calm("abc"), starts(2, 2), cut(2, 1, was=3)], ()).replicas.partitions[P]
    assert (1, 1) == (seen.replica(2).removed_below, seen.replica(2).log_end)


def test_a_whole_log_holds_what_one_that_began_later_has_committed() -> None:
    """Broker 2 began anew at offset 2, leads, and commits: the history before is not its own."""
    late = [anew(2, 2, was=3), fetched(2, 2, "c"), word(2, epoch=2, was=1), lead(2, epoch=2)]
    more = [append(2, 3, "d", epoch=2), fetched(1, 3, "d", epoch=2), leader_hw(2, 4, epoch=2)]
    seen = watched([*calm("abc"), *late, *more], ()).replicas.partitions[P]
    assert [True, True, False] == [seen.replica(b).holds(seen.committed) for b in ALL]


@pytest.mark.parametrize(
    ("cuts", "verdict"), [([anew(2, 1)], "vacuous"), ([cut(2, 1, was=2)], "broken")]
)
def test_who_begins_anew_cuts_nothing_off(cuts: list[Event], verdict: str) -> None:
    """It had nothing there, even if more is committed by now."""
    assert verdict == judged(NoTruncateBelowTrueHw, [*calm("ab"), *cuts])


@pytest.mark.parametrize(
    ("deleted", "verdict"),
    [
        ([], "broken"),
        ([starts(1, 1)], "broken"),
        ([starts(1, 2)], "holds"),
        ([starts(1, 2), append(1, 2, "c"), fetched(2, 2, "c"), leader_hw(1, 3)], "broken"),
    ],
)
def test_a_member_may_cut_what_was_deleted(deleted: list[Event], verdict: str) -> None:
    """Broker 2 holds record 0 and 1 still; broker 1, which leads, has deleted one, or both."""
    history = [*calm("ab"), *deleted]
    end = 3 if len(deleted) > 1 else 2
    assert verdict == judged(NoTruncateBelowTrueHw, [*history, cut(2, 0, was=end)])


@pytest.mark.parametrize(
    ("start", "verdict"), [([], "broken"), ([starts(1, 1)], "holds"), ([starts(3, 1)], "broken")]
)
@pytest.mark.parametrize("kind", [LogMatching, StrongIsr])
def test_below_the_start_of_the_leaders_log_nothing_is_compared(
    kind: type, start: list[Event], verdict: str
) -> None:
    """A follower's old records may lie there for a moment, until it takes over that start."""
    other = [word(), lead(1), follow(2), follow(3), append(1, 0, "a"), append(1, 1, "b")]
    parted = [*other, fetched(2, 0, "x"), fetched(2, 1, "b"), *start]
    both = [fetched(3, 0, "a"), fetched(3, 1, "b"), leader_hw(1, 2), follower_hw(2, 2)]
    assert verdict == judged(kind, [*parted, *both])


FORGOTTEN = [
    *calm("ab"),
    word(3, epoch=2, was=1),
    lead(3, epoch=2, hw=2),
    append(3, 2, "c", epoch=2),
    fetched(1, 2, "c", epoch=2),
    fetched(2, 2, "c", epoch=2),
    leader_hw(3, 3, epoch=2),
    starts(3, 2),
]
REOPENED = [opened(2, batch(0, "x"), batch(1, "y"), batch(2, "c", epoch=2), hw=3)]


@pytest.mark.parametrize(
    ("after", "verdict"),
    [
        ([], "holds"),
        ([word(1, epoch=3), lead(1, epoch=3, hw=3)], "holds"),
        ([word(1, epoch=3), lead(1, epoch=3, hw=3), append(1, 1, "z", epoch=3)], "broken"),
    ],
)
@pytest.mark.parametrize("kind", [LogMatching, StrongIsr])
def test_what_a_leader_deleted_is_compared_by_nobody(
    kind: type, after: list[Event], verdict: str
) -> None:
    """Broker 2 forgot that it is deleted. What the present leader writes there counts anew."""
    claims = [leader_hw(1, 3, epoch=3, was=2)] if after else [leader_hw(3, 3, epoch=2, was=3)]
    assert verdict == judged(kind, [*FORGOTTEN, *REOPENED, *after, *claims])


@pytest.mark.parametrize(("broker", "removed_below"), [(1, 1), (3, 2)])
def test_an_old_leader_ends_no_deletion(broker: int, removed_below: int) -> None:
    """Only what the leader in the controller's epoch writes is promised again."""
    leads = [word(1, epoch=3), lead(1, epoch=3, hw=3), append(broker, 1, "z", epoch=3)]
    seen = watched([*FORGOTTEN, *leads], ()).replicas.partitions[P]
    assert removed_below == seen.removed_below


def test_what_a_follower_deleted_early_is_still_promised() -> None:
    """Each broker runs retention by itself; what a new leader has deleted is gone for all."""
    early = [*calm("ab"), starts(2, 1)]
    assert 0 == watched(early, ()).replicas.partitions[P].removed_below
    leads = [word(2, epoch=2, was=1), lead(2, epoch=2, hw=2)]
    assert 1 == watched([*early, *leads], ()).replicas.partitions[P].removed_below


@pytest.mark.parametrize(
    ("back", "verdict"),
    [
        ([], "broken"),
        ([starts(2, 2), opened(2, batch(0, "x"), batch(1, "b"), hw=2)], "holds"),
        ([starts(2, 2), opened(2, batch(0, "x"), batch(1, "b"), hw=2), cut(2, 0, was=2),
          fetched(2, 0, "x"), fetched(2, 1, "b")], "broken"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", [StrongIsr, ConsistentRead, LeaderCompleteness])
def test_nobody_answers_for_what_came_back_in_a_crash(
    kind: type, back: list[Event], verdict: str
) -> None:
    """Storm seed 703055: broker 2 had deleted record x, and has it again; broker 1 has a there."""
    log = [fetched(2, 0, "x"), fetched(2, 1, "b")]
    history = [
        word(isr=(1, 2)),
        lead(1),
        follow(2),
        follow(3),
        append(1, 0, "a"),
        append(1, 1, "b"),
        *log,
    ]
    history += [acked(1, 0, "a"), read(1, 0, "a"), *back]
    leads = (
        [] if kind is StrongIsr else [word(2, epoch=2, isr=(1, 2), was=1), lead(2, epoch=2, hw=1)]
    )
    assert verdict == judged(kind, [*history, leader_hw(1, 1), *leads])


def test_a_loss_ends_what_was_deleted() -> None:
    """An unclean election leaves a log that ends below the old start; what follows is new."""
    unclean = word(2, epoch=2, was=1, isr=(2,), unclean=True)
    history = [*calm("abc"), starts(1, 3), cut(2, 1, was=3), unclean, lead(2, epoch=2)]
    assert 1 == watched(history, ()).replicas.partitions[P].removed_below


@pytest.mark.parametrize(
    ("deleted", "verdict"), [([], "broken"), ([starts(1, 1)], "holds"), ([starts(1, 0)], "broken")]
)
def test_a_consumer_may_find_another_record_where_one_was_deleted(
    deleted: list[Event], verdict: str
) -> None:
    """Broker 2 leads with a record at offset 0 that the leader before it had deleted."""
    reopens = opened(2, batch(0, "x"), batch(1, "b"), hw=2)
    leads = [word(2, epoch=2, was=1), lead(2, epoch=2, hw=2)]
    history = [*calm("ab"), read(1, 0, "a"), *deleted, reopens, *leads]
    assert verdict == judged(ConsistentRead, history)


@pytest.mark.parametrize(
    ("start", "found_at", "verdict", "lossy"),
    [
        ([starts(2, 3)], 3, "holds", [2]),
        ([starts(2, 3)], 2, "holds", [2]),
        ([anew(2, 5, was=3)], 5, "holds", [2]),
        ([], 3, "broken", []),
        ([starts(2, 2)], 3, "broken", []),
    ],
)
def test_an_old_log_start_may_empty_a_log_that_began_anew(
    start: list[Event], found_at: int, verdict: str, lossy: list[int]
) -> None:
    """Storm seed 614777: the log was written anew from offset 0 on, below its old start."""
    anew_at_0 = [cut(2, 0, was=3), fetched(2, 0, "x"), ReplicaFlushed(P, 2, 1)]
    reopens = ReplicaOpened(P, 2, found_at, found_at, 0, ())
    history = [*calm("abc"), *start, *anew_at_0, BrokerCrashed(2), BrokerStarted(2, 2), reopens]
    assert verdict == judged(AckedFlushModel, history)
    assert lossy == sorted(watched(history, ()).replicas.partitions[P].lossy)


@pytest.mark.parametrize(
    ("start", "verdict"), [([], "broken"), ([starts(2, 1)], "broken"), ([starts(2, 2)], "vacuous")]
)
def test_no_epoch_stands_before_the_start_of_a_log(start: list[Event], verdict: str) -> None:
    """Storm seed 607795: a log of which all is deleted takes records of an older epoch."""
    history = [word(), append(2, 1, "b", epoch=5), *start, fetched(2, 2, "c", epoch=2, own=6)]
    assert verdict == judged(EpochMonotone, history)


@pytest.mark.parametrize(("deleted", "verdict"), [([], "broken"), ([starts(1, 1)], "holds")])
def test_a_leader_may_lack_what_was_acknowledged_and_deleted(
    deleted: list[Event], verdict: str
) -> None:
    """Storm seed 602124: its own log start has not moved yet."""
    reopens = opened(2, batch(0, "x"), batch(1, "b"), hw=2)
    history = [*calm("ab"), acked(1, 0, "a"), *deleted, reopens]
    leads = [word(2, epoch=2, was=1), lead(2, epoch=2, hw=2)]
    assert verdict == judged(LeaderCompleteness, [*history, *leads])


@pytest.mark.parametrize(
    ("deleted", "verdicts"),
    [([starts(1, 3)], ["holds", "holds"]), ([starts(1, 2)], ["broken", "broken"])],
)
def test_a_leader_and_a_candidate_may_lack_what_was_committed_and_deleted(
    deleted: list[Event], verdicts: list[str]
) -> None:
    """Storm seed 3011819: nothing was left of what was committed, and then the disk was lost."""
    empty = [opened(2), word(2, epoch=2, was=1, isr=(2, 3)), lead(2, epoch=2), opened(3)]
    writes = [append(2, 0, "n", epoch=2), acked(2, 0, "n", acks=1, epoch=2)]
    history = [*calm("abc"), *deleted, *empty, cut(3, 0, was=1, epoch=2), *writes]
    kinds = (LeaderCompleteness, LeaderCandidateCompleteness)
    assert verdicts == [judged(kind, history) for kind in kinds]


def test_records_that_were_acknowledged_may_leave_from_the_front_of_all_logs() -> None:
    """And from no other place."""
    history = [*calm("abc"), acked(1, 0, "a"), acked(1, 2, "c"), *(starts(b, 1) for b in ALL)]
    gone = [event for b in ALL for event in found(b, 1, 3, batch(1, "b"), batch(2, "c"))]
    assert "holds" == judged(NoCommittedRecordLostGlobally, [*history, *gone[:3]])
    lost = [*history, starts(2, 3), starts(3, 3), cut(1, 2, was=3)]
    assert "holds" == judged(NoCommittedRecordLostGlobally, lost)
    cut_off = [*history, *(cut(broker, 2, was=3) for broker in ALL)]
    assert "broken" == judged(NoCommittedRecordLostGlobally, cut_off)


@pytest.mark.parametrize(
    ("start", "verdict"), [([], "broken"), ([starts(1, 1)], "holds"), ([starts(1, 0)], "broken")]
)
def test_nobody_need_have_read_what_left_from_the_front(start: list[Event], verdict: str) -> None:
    """Whoever comes late finds the log starting behind it."""
    sends = [SendEnded(P, v, -1, "ok", at, "", 0) for at, v in enumerate("ab")]
    history = [*calm("ab"), *sends, *start, read(1, 1, "b"), Quiesced()]
    assert verdict == judged(LostWrite, history)


@pytest.mark.parametrize(
    ("after", "lossy"),
    [
        (found(2, 0, 3, batch(2, "c")), []),
        (found(2, 0, 3, batch(1, "x"), batch(2, "c")), []),
        (found(2, 0, 2, batch(1, "b")), [2]),
    ],
)
def test_cleaned_logs_are_compared_by_their_ends(after: list[Event], lossy: list[int]) -> None:
    """Each broker cleans by itself. Of a log that is not cleaned nothing of the kind is said."""
    seen = watched([COMPACTED, *calm("abc"), *after], ()).replicas.partitions[P]
    assert lossy == sorted(seen.lossy)
    late = watched([*calm("abc"), COMPACTED, *after], ()).replicas.partitions[P]
    assert lossy == sorted(late.lossy)
    assert None is late.replica(2).parting(late.replica(1), 2)
    assert [2] == sorted(watched([*calm("abc"), *after], ()).replicas.partitions[P].lossy)


@pytest.mark.parametrize(
    ("after", "verdict"),
    [
        (found(2, 0, 3, batch(2, "c")), "holds"),
        (found(2, 0, 3, batch(2, "x")), "holds"),
        (found(2, 0, 2, batch(1, "b")), "broken"),
        ([opened(2, batch(2, "x"))], "vacuous"),
    ],
)
def test_after_a_restart_the_end_of_a_cleaned_log_is_asked_for(
    after: list[Event], verdict: str
) -> None:
    """What was flushed is there still, or a newer record of its key."""
    history = [COMPACTED, *calm("abc"), ReplicaFlushed(P, 2, 3), *after]
    assert verdict == judged(AckedFlushModel, history)


@pytest.mark.parametrize(("topic", "cut_at"), [([], 2), ([COMPACTED], 0)])
def test_an_unclean_election_may_take_anything_from_a_cleaned_log(
    topic: list[Event], cut_at: int
) -> None:
    """Where it parts from the others nobody can tell."""
    two = [*on((1, 2), "ab"), append(1, 2, "c"), acked(1, 0, "a"), leader_hw(1, 3)]
    begun = [*topic, word(), lead(1), follow(2), *two, fetched(2, 2, "x")]
    unclean = [word(2, epoch=2, isr=(2,), unclean=True), lead(2, epoch=2, isr=(2,))]
    seen = watched([*begun, *unclean], ()).replicas.partitions[P]
    assert [cut_at] == [drop.cut for drop in seen.drops]
    assert (cut_at, cut_at // 2) == (seen.true_hwm, len(seen.acked))
