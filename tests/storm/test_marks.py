"""Every mark of a connection is met by the few lines that lead there, and not by other lines."""

import pytest

from kafkabook.storm.marks import Marks
from kafkabook.storm.replay import replayed
from tests.storm.gate import MET_BY_ALL, MET_BY_NONE

QUIET = "t=60 send v0 orders-0 all\n"
WAITS = QUIET + "t=100 pause 2\nt=100 pause 3\nt=120 send v1 orders-0 all\n"
SHRINKS = (
    "t=0 set lag_ms 50\n"
    + QUIET
    + "t=100 pause 3\nt=110 send v1 orders-0 1\nt=120 cut 1 controller\nt=190 flush 1\n"
)
MOVES = QUIET + "t=100 make_leader orders-0 2\nt=120 send v1 orders-0 all\n"
ASKS = QUIET + "t=110 elect preferred orders-0\n"  # broker 2
LAGS = "t=0 set lag_ms 50\n" + QUIET + "t=100 pause 3\nt=110 send v1 orders-0 1\n"
FULL = QUIET + "".join(f"t={100 + 10 * n} send v{n} orders-0 all\n" for n in range(1, 9))
KEEPS = "t=0 set upkeep_ms 30\nt=0 set segment_bytes 200\n"
KEYS = FULL.replace(" all", " all key=k")
FAR = FULL + "t=95 crash 3\nt=190 delete_records orders-0 7 20\n"

ANEW = (
    QUIET
    + "t=95 crash 3\n"
    + FULL.removeprefix(QUIET)
    + "t=330 delete_records orders-0 7\nt=420 restart 3\n"
)
KILLED = QUIET + "t=101 crash 1\nt=500 restart 1\n"
TWICE = "t=300 delete_records orders-0 3\nt=350 delete_records orders-0 3\n"
RETAINS = "t=0 set retention_bytes 300\n"
RESET = QUIET + "t=100 reset 1 2\n"


def met(schedule: str) -> set[str]:
    """Return the marks that a schedule meets."""
    return set(replayed(f"{schedule}\nt=400 read orders-0", seed=7).marks.seen)


@pytest.mark.parametrize(
    ("mark", "with_it", "without_it"),
    [
        ("reset met a waiting produce", WAITS + "t=130 reset producer-1 1", WAITS),
        ("reset met a waiting produce", WAITS + "t=130 reset 1 producer-1", WAITS),
        ("reset met a parked fetch", QUIET + "t=100 reset 1 2", QUIET + "t=100 reset 2 3"),
        ("reset met an AlterPartition in flight", SHRINKS + "t=190 reset 1 controller", SHRINKS),
        ("AlterPartition asked again", SHRINKS + "t=190 reset 1 controller", QUIET),
        ("metadata asked for after NOT_LEADER_OR_FOLLOWER", MOVES, QUIET),
        (
            "client met a refused connection",
            QUIET + "t=100 crash 1\nt=110 send v1 orders-0 all",
            QUIET,
        ),
        ("broker met a refused connection", QUIET + "t=100 crash 1", QUIET),
        ("connection ended: nobody is there", QUIET + "t=100 crash 1", QUIET),
        ("connection ended: the server's process ended", QUIET + "t=100 crash 1", QUIET),
        ("connection ended: reset", QUIET + "t=100 reset 1 2", QUIET),
        ("connection ended: no answer came in time", QUIET + "t=100 cut 1 2", QUIET),
        ("administrator asked again", "t=100 cut 2 admin\n" + ASKS, ASKS),
        ("set adopted from metadata", LAGS, QUIET),
        (
            "set adopted from the answer",
            LAGS + "t=120 hold MetadataUpdate controller 1\nt=300 release MetadataUpdate\n",
            LAGS,
        ),
        ("fetch released: the wait is over", QUIET, "t=0 set fetch_ms 9000\n" + QUIET),
        ("fetch released: NOT_LEADER_OR_FOLLOWER", MOVES, QUIET),
        (
            "fetch released: FENCED_LEADER_EPOCH",
            QUIET + "t=100 make_leader orders-0 1",
            QUIET,
        ),
        (
            "fetch released: the high watermark moved",
            QUIET + "t=90 read orders-0 1 * consumer-1 * 90\nt=110 send v1 orders-0 all",
            QUIET + "t=90 read orders-0 1 * consumer-1 * 0\nt=110 send v1 orders-0 all",
        ),
        ("leader asked again: reset", QUIET + "t=100 reset 1 2", QUIET),
        ("leader asked again: nobody is there", QUIET + "t=100 crash 1\nt=105 restart 1", QUIET),
        ("leader asked again: the server's process ended", KILLED, QUIET),
        ("leader asked again: no answer came in time", QUIET + "t=100 cut 1 2", QUIET),
        (
            "controller (alter-partition) asked again: reset",
            SHRINKS + "t=190 reset 1 controller",
            SHRINKS,
        ),
        (
            "controller (heartbeat) asked again: reset",
            "t=90 cut 1 controller\nt=130 reset 1 controller\n",
            QUIET,
        ),
        (
            "controller (heartbeat) asked again: no answer came in time",
            QUIET + "t=90 cut 1 controller\nt=300 heal 1 controller\n",
            QUIET,
        ),
        (
            "metadata sent again",
            QUIET + "t=99 drop_next MetadataUpdate controller 3 1\nt=100 make_leader orders-0 2\n",
            MOVES,
        ),
        ("produce sent again", MOVES, QUIET),
        ("read tried again", QUIET + "t=95 crash 1\nt=100 read orders-0\n", QUIET),
        ("follower asked for its end", ANEW, FULL),
        ("follower asked for its beginning", ANEW, FULL),
        ("log begun anew", ANEW, FULL),
        ("deletion made at once", FULL + TWICE, FULL + "t=300 delete_records orders-0 3\n"),
        ("deletion made in the end", FULL + "t=300 delete_records orders-0 3\n", FULL),
        ("deletion refused: REQUEST_TIMED_OUT", FAR, FULL + "t=300 delete_records orders-0 3 60"),
        ("deletion refused: OFFSET_OUT_OF_RANGE", FULL + "t=300 delete_records orders-0 99", FAR),
        ("log start moved: records deleted", FAR, FULL),
        ("log start moved: the leader's start", ANEW, FULL),
        ("log start moved: segments deleted", KEEPS + RETAINS + FULL, KEEPS + FULL),
        ("segments went: retention.bytes", KEEPS + RETAINS + FULL, KEEPS + FULL),
        (
            "segments went: retention.ms",
            KEEPS + "t=0 set retention_ms 90\n" + FULL,
            KEEPS + FULL,
        ),
        (
            "segments went: log start",
            KEEPS + FULL + "t=300 delete_records orders-0 7",
            KEEPS + FULL,
        ),
        ("deleted files removed", KEEPS + RETAINS + FULL, RETAINS + FULL),
        ("log compacted", KEEPS + "t=0 set cleanup compact\n" + KEYS, KEEPS + KEYS),
        ("fetch session made", QUIET, "t=0 set sessions 0\n" + QUIET),
        ("fetch session ended: a full fetch closed it", RESET, QUIET),
        (
            "incremental fetch of what has not changed",
            "t=0 set partitions 2\n" + QUIET,
            "t=0 set sessions 0\nt=0 set partitions 2\n" + QUIET,
        ),
        (
            "administrator's request handed on again",
            "t=100 cut 2 controller\n" + ASKS + "t=130 reset 2 controller\n",
            ASKS,
        ),
    ],
)
def test_a_mark_is_met_where_its_situation_is_and_nowhere_else(
    mark: str, with_it: str, without_it: str
) -> None:
    """Lines that lead there, and lines that nearly do."""
    assert (True, False) == (mark in met(with_it), mark in met(without_it))


def test_a_parked_fetch_is_released_by_new_records() -> None:
    """A run that is healed has some in any case, so this one is not."""
    written, nothing = QUIET + "t=90 flush 1\n", "t=90 flush 1\n"
    runs = [replayed(lines, seed=7, heals=False) for lines in (written, nothing)]
    assert [True, False] == ["fetch released: new records" in run.marks.seen for run in runs]


def test_a_message_that_was_held_is_not_met_by_a_reset() -> None:
    """It has left its connection, so a reset does not break it."""
    held = "t=20 hold AlterPartition 1 controller\n" + SHRINKS.replace("cut", "heal")
    assert "reset met an AlterPartition in flight" not in met(held + "t=190 reset 1 controller")


def test_what_the_gate_asks_for_is_met_once_and_by_something() -> None:
    """No mark twice, none of both kinds."""
    assert len(MET_BY_ALL) == len({*MET_BY_ALL, *MET_BY_NONE}) - len(MET_BY_NONE)


def test_marks_are_told_only_of_the_events_that_they_count() -> None:
    """Of what nobody counts no event is made."""
    assert all(isinstance(kind, type) for kind in Marks().kinds)
