"""The printed examples of the exercises whose parts run in a cluster."""

from kafkabook.cluster.election import ElectionFacts
from kafkabook.grading.exercise import Example
from kafkabook.grading.laws.election import elected
from kafkabook.grading.laws.leader_facts import LAG_MS, a_follower, a_leader
from kafkabook.log.facts import EpochEntry
from kafkabook.replication.facts import UNDEFINED, Ack, AckFacts, EpochEnd, FollowerLog, Truncation


def _election(isr: str, alive: str, **known: object) -> tuple[ElectionFacts]:
    """Replicas 2, 1 and 3 in this order, led by 2; sets are written as their members."""
    sets = {name: _set(value) for name, value in known.items() if isinstance(value, str)}
    usual = {"isr": _set(isr), "alive": _set(alive), "leader": 2}
    return (ElectionFacts((2, 1, 3), **(usual | known | sets)),)  # type: ignore[arg-type]


def _set(members: str) -> frozenset[int]:
    return frozenset(map(int, members))


_STAYS = elected(2, (1, 2, 3))
ELECT = (
    Example("The leader is alive and in sync: it stays.", _election("123", "123"), _STAYS),
    Example(
        "Broker 2 is gone; of 1 and 3 the first among the replicas leads.",
        _election("123", "13"),
        elected(1, (1, 2, 3)),
    ),
    Example(
        "Broker 1 is alive but not in sync: it may lack what is committed.",
        _election("23", "13"),
        elected(3, (2, 3)),
    ),
    Example(
        "The ISR is empty: the ELR holds all that is committed; who leads from it is alone.",
        _election("", "13", elr="23", leader=None),
        elected(3, (3,)),
    ),
    Example(
        "Only broker 1 is alive, and a loss is not allowed: nobody leads, the ISR is kept.",
        _election("23", "1"),
        elected(None, (2, 3)),
    ),
    Example(
        "The same where a loss is allowed: broker 1 leads, alone and flagged.",
        _election("23", "1", is_unclean_allowed=True),
        elected(1, (1,), is_unclean=True),
    ),
)

_TWO_BEHIND = (a_follower(2, 10), a_follower(3, 7))
_LATE = LAG_MS + 1
HIGH_WATERMARK = (
    Example(
        "All three are members; the slowest lacks offset 7.",
        a_leader(12, 5, *_TWO_BEHIND, isr=(2, 3)),
        7,
    ),
    Example(
        "Broker 3 has left the set, and has been late for too long to come back soon.",
        a_leader(12, 5, a_follower(2, 10), a_follower(3, 7, ago_ms=_LATE), isr=(2,)),
        10,
    ),
    Example(
        "Broker 3 is no member yet, but the leader has proposed it.",
        a_leader(
            12, 5, a_follower(2, 10), a_follower(3, 7, ago_ms=_LATE), isr=(2,), counted=(2, 3)
        ),
        7,
    ),
    Example(
        "Two members confirmed, three needed.",
        a_leader(12, 5, a_follower(2, 10), a_follower(3, 7, ago_ms=_LATE), isr=(2,), min_isr=3),
        5,
    ),
    Example(
        "A leader that is new, and has not heard of broker 3 in its epoch.",
        a_leader(12, 5, a_follower(2, 10), a_follower(3, -1), isr=(2, 3)),
        5,
    ),
)

IN_SYNC = (
    Example(
        "Broker 3 lacks nine records, and had everything a second ago.",
        a_leader(12, 3, a_follower(2, 12), a_follower(3, 3, ago_ms=1_000), isr=(2, 3)),
        frozenset({1, 2, 3}),
    ),
    Example(
        "It lacks one record, and had everything longer ago than the limit.",
        a_leader(12, 11, a_follower(2, 12), a_follower(3, 11, ago_ms=_LATE), isr=(2, 3)),
        frozenset({1, 2}),
    ),
    Example(
        "Nobody has written for long: who has everything is not late.",
        a_leader(12, 12, a_follower(2, 12, ago_ms=_LATE), isr=(2,)),
        frozenset({1, 2}),
    ),
    Example(
        "Broker 3 is back, and has fetched up to the high watermark.",
        a_leader(12, 9, a_follower(2, 12), a_follower(3, 9, ago_ms=_LATE), isr=(2,)),
        frozenset({1, 2, 3}),
    ),
    Example(
        "It is below the high watermark still.",
        a_leader(12, 9, a_follower(2, 12), a_follower(3, 8), isr=(2,)),
        frozenset({1, 2}),
    ),
)

ACKNOWLEDGE = (
    Example("acks=1: append.", (AckFacts(1, None, 5, 1, 2),), Ack.APPEND),
    Example(
        "acks=all, and one member of the two that it takes.",
        (AckFacts(-1, None, 5, 1, 2),),
        Ack.NOT_ENOUGH_REPLICAS,
    ),
    Example("acks=1, and it is in the leader's log.", (AckFacts(1, 8, 5, 1, 2),), Ack.ACKNOWLEDGE),
    Example("acks=all, committed up to offset 6.", (AckFacts(-1, 8, 7, 2, 2),), Ack.WAIT),
    Example("acks=all, committed up to offset 7.", (AckFacts(-1, 8, 8, 3, 2),), Ack.ACKNOWLEDGE),
)


def _log(starts: dict[int, int]) -> FollowerLog:
    """Return a follower's log that ends at 9 and has these epochs, each with its first offset."""
    return FollowerLog(tuple(EpochEntry(*entry) for entry in starts.items()), 9, 3)


TRUNCATE = (
    Example(
        "Both know epoch 1; the leader's part of it ended before ours.",
        (_log({1: 0}), EpochEnd(1, 6)),
        Truncation(6),
    ),
    Example(
        "The leader has all that we have, and more.",
        (_log({1: 0, 2: 4}), EpochEnd(2, 12)),
        Truncation(9),
    ),
    Example(
        "The leader's epoch 2 is unknown here: epoch 3 is foreign, epoch 1 has to be asked for.",
        (_log({1: 0, 3: 5}), EpochEnd(2, 7)),
        Truncation(5, is_complete=False),
    ),
    Example(
        "The leader knows nothing of our epoch.",
        (_log({1: 0, 2: 4}), UNDEFINED),
        Truncation(3),
    ),
)
