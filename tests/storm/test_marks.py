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
