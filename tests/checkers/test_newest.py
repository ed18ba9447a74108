"""R24: who reads a compacted log to its end meets the newest value of each key."""

import pytest

from kafkabook.base.trace import Event
from kafkabook.checkers.newest import NewestOfEachKeyStays
from kafkabook.cluster.events import (
    Quiesced,
    ReadEnded,
    RecordSent,
    SendEnded,
    TopicCreated,
    TopicDeleted,
)
from kafkabook.replication.events import LogStartMoved
from tests.checkers.cluster_histories import P, calm, judged, read, word

COMPACTED = TopicCreated("orders", ((1, 2, 3),), (("cleanup.policy", "compact"),))
SENT = (("a", "tea", 0), ("b", "rum", 1), ("c", "tea", 2))


def sent(value: str, key: str, offset: int, *, acks: int = -1, outcome: str = "ok") -> list[Event]:
    """A producer's record, and how its send ended."""
    return [
        RecordSent(P, value, acks, 0, offset + 1, key),
        SendEnded(P, value, acks, outcome, offset, "", 0, offset + 1),
    ]


def a_run(values: str, *more: Event, acks: int = -1, outcome: str = "ok") -> list[Event]:
    """Three records under two keys were acknowledged; at rest a client reads these values."""
    told = [it for record in SENT for it in sent(*record, acks=acks, outcome=outcome)]
    return [COMPACTED, *calm("abcd"), *told, *more, *reading(values), Quiesced()]


def reading(values: str, *, upto: int = 4, error: str = "") -> list[Event]:
    """A client reads these values, and comes so far."""
    records = [read(1, "abcd".index(value), value) for value in values]
    return [*records, ReadEnded(P, upto, len(records), error, upto, 1)]


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ("abc", "holds"),
        ("bc", "holds"),  # the older value of tea was cleaned away
        ("c", "broken"),
        ("bd", "broken"),  # c is gone, and d is under no key
    ],
)
def test_of_each_key_the_newest_acknowledged_value_can_be_read(values: str, verdict: str) -> None:
    """An older one may be gone; rum has one value, at offset 1, and the newest of tea is at 2."""
    assert verdict == judged(NewestOfEachKeyStays, a_run(values))


@pytest.mark.parametrize(
    ("before", "verdict"),
    [
        (reading("abc"), "broken"),  # it was all there, but the last reading is what counts
        (reading("abc", error="OFFSET_OUT_OF_RANGE"), "broken"),
    ],
)
def test_the_last_reading_counts(before: list[Event], verdict: str) -> None:
    """Whatever was read before."""
    assert verdict == judged(NewestOfEachKeyStays, a_run("c", *before))


@pytest.mark.parametrize(
    "last",
    [
        reading("b", upto=1)[:1],
        reading("b", upto=2, error="NETWORK_EXCEPTION"),
        [*reading("ab")[:2], *reading("d"), ReadEnded(P, 4, 2, "", 4, 1)],  # two at a time
    ],
    ids=["not over", "failed", "two at a time"],
)
def test_a_reading_of_which_nobody_knows_what_it_gave_is_none(last: list[Event]) -> None:
    """The one before it counts still, and after it the next one."""
    *run, rest = a_run("abc")
    assert "holds" == judged(NewestOfEachKeyStays, [*run, *last, rest])
    again = [*run, *last, *reading("c"), rest]
    is_over = isinstance(last[-1], ReadEnded)
    assert ("broken" if is_over else "holds") == judged(NewestOfEachKeyStays, again)


def test_what_lies_behind_the_end_of_the_last_reading_is_not_judged() -> None:
    """It came to offset 2; nobody knows of c, which would be the next."""
    *run, rest = a_run("abc")
    assert "holds" == judged(NewestOfEachKeyStays, [*run, *reading("ab", upto=2), rest])


def test_a_newer_value_of_the_key_will_do() -> None:
    """It may have been written although its producer was told nothing."""
    newer = sent("d", "tea", 3, outcome="info")
    assert "holds" == judged(NewestOfEachKeyStays, a_run("bd", *newer))


@pytest.mark.parametrize(
    "run",
    [
        a_run("c", acks=1),
        a_run("c", outcome="info"),
        a_run("c", LogStartMoved(P, 1, 0, 4, "segments deleted")),
        a_run("c", TopicDeleted("orders")),
        a_run("c")[1:],  # not compacted
    ],
    ids=["acks 1", "unknown", "log start moved", "topic deleted", "not compacted"],
)
def test_what_was_not_promised_is_not_judged(run: list[Event]) -> None:
    """Neither acks 1, nor what nobody was told of, nor what retention may take."""
    assert "vacuous" == judged(NewestOfEachKeyStays, run)


def test_what_an_unclean_election_took_is_not_judged() -> None:
    """The new leader may lack it."""
    unclean = [word(2, epoch=2, isr=(2,), unclean=True)]
    assert "vacuous" == judged(NewestOfEachKeyStays, a_run("c", *unclean))
