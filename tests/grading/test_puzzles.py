"""Puzzles: ours solves each, nothing does not, and another way counts as well."""

from collections.abc import Callable

import pytest

from kafkabook import Lab, puzzle
from kafkabook.grading.goal import PuzzleMark
from kafkabook.grading.puzzles import PUZZLES
from kafkabook.lab.text import text_of


def _alone_by_cuts(lab: Lab) -> None:
    lab.cut(2, 1)
    lab.cut(3, 1)
    lab.send("a")  # without it the followers lack nothing, and stay in sync
    lab.run_until(lambda: lab.isr() == {1})
    lab.produce("b")


def _alone_by_slow_links(lab: Lab) -> None:
    lab.slow(2, 40_000)
    lab.slow(3, 40_000)
    lab.send("a")
    lab.run_until(lambda: lab.isr() == {1})
    lab.produce("b")


def _one_disk_after_crashes(lab: Lab) -> None:
    lab.crash(2)
    lab.crash(3)
    lab.run_until(lambda: lab.isr() == {1})
    lab.produce("a")


def _third_by_crashes(lab: Lab) -> None:
    lab.crash(1)
    lab.crash(2)
    lab.run_until(lambda: lab.leader() == 3)
    lab.restart(1)
    lab.restart(2)
    lab.run_until(lambda: len(lab.isr()) == 3)


def _third_by_clean_stops(lab: Lab) -> None:
    lab.stop(1)
    lab.run_for(3_000)  # it has stopped once it has heard so in a heartbeat
    lab.stop(2)
    lab.run_for(3_000)
    lab.restart_everything()
    lab.run_until(lambda: len(lab.isr()) == 3)


def _offline_by_crashes(lab: Lab) -> None:
    lab.crash(2)
    lab.crash(3)
    lab.run_until(lambda: lab.isr() == {1})
    lab.crash(1)
    lab.run_for(12_000)
    lab.restart(2)
    lab.restart(3)
    lab.run_for(5_000)


def _offline_by_links(lab: Lab) -> None:
    lab.cut(2, 1)
    lab.cut(3, 1)
    lab.send("a")
    lab.run_until(lambda: lab.isr() == {1})
    lab.power_off(1)
    lab.run_for(12_000)


def _lost_by_power(lab: Lab) -> None:
    lab.produce("a")
    lab.power_off(1, 2, 3)
    lab.restart_everything()
    lab.run_for(15_000)


def _lost_by_an_unclean_election(lab: Lab) -> None:
    lab.crash(3)
    lab.run_until(lambda: lab.isr() == {1, 2})
    lab.produce("a")
    lab.alter_topic("orders", unclean_leader_election_enable=True)
    lab.crash(1)
    lab.crash(2)
    lab.run_for(15_000)
    lab.restart(3)
    lab.run_until(lambda: lab.leader() == 3, within_ms=600_000)
    lab.restart_everything()
    lab.run_for(15_000)


WAYS: dict[str, tuple[Callable[[Lab], None], ...]] = {
    "05.p1": (_third_by_crashes, _third_by_clean_stops),
    "05.p2": (_offline_by_crashes, _offline_by_links),
    "06.p1": (_alone_by_cuts, _alone_by_slow_links),
    "06.p2": (_alone_by_cuts, _one_disk_after_crashes),
    "09.p1": (_lost_by_power, _lost_by_an_unclean_election),
}


def test_each_of_these_chapters_has_a_puzzle() -> None:
    """A chapter with a cluster asks for more than a part."""
    chapters = {it.chapter for it in PUZZLES}
    assert {"05_replication", "06_in_sync_replicas", "09_failure_and_recovery"} <= chapters
    assert list(WAYS) == [it.number for it in PUZZLES]


@pytest.mark.parametrize(("number", "way"), [(n, way) for n, ways in WAYS.items() for way in ways])
def test_two_ways_solve_it(number: str, way: Callable[[Lab], None]) -> None:
    """The state counts, and not our way to it; a lab, its text and a function are one answer."""
    found = puzzle(number)
    lab = found.start()
    way(lab)
    mark = found.check(lab)
    assert mark.solved, mark
    assert (10.0, 10.0) == (found.check(text_of(lab)).points, found.check(way).points)


@pytest.mark.parametrize("number", WAYS)
def test_nothing_done_does_not_solve_it(number: str) -> None:
    """What holds at the start would be no goal."""
    mark = puzzle(number).check(puzzle(number).start())
    assert (0.0, "") == (mark.points, mark.problem)
    assert f"✓ 0 commands of at most {puzzle(number).most}" in repr(mark)


def _checked(way: object) -> PuzzleMark:
    return puzzle("06.p1").check(way)


def test_one_command_too_many_is_not_solved() -> None:
    """The limit is what makes one think."""

    def long_way(lab: Lab) -> None:
        for broker in (1, 2, 3):
            lab.flush(broker)
        _alone_by_cuts(lab)

    mark = _checked(long_way)
    assert (0.0, (7, 4)) == (mark.points, mark.commands)
    assert "✗ 7 commands of at most 4" in repr(mark)


def test_a_stub_earns_nothing_and_no_traceback() -> None:
    """An exercise that is not written yet still runs to its end."""

    def unwritten(lab: Lab) -> None:
        raise NotImplementedError

    assert "Not written yet: give the lab its commands." == _checked(unwritten).problem


def test_another_lab_is_not_judged() -> None:
    """A lab that began otherwise has another start."""
    lab = Lab(brokers=3)
    lab.create_topic("orders", assignment=[[1]])
    assert 'Begin with puzzle("06.p1").start(), and no other lab.' == _checked(lab).problem
    own = _checked(Lab(rules=Lab().rules.having(elect=max))).problem
    assert "only a lab with the rules and settings of a version has a text" in own


def test_a_barred_command_is_named() -> None:
    """What the goal excludes is no way."""

    def asks(lab: Lab) -> None:
        lab.make_leader(3)
        lab.run_for(1_000)

    mark = puzzle("05.p1").check(asks)
    assert (0.0, "`make_leader` is not allowed here.") == (mark.points, mark.problem)


def test_a_condition_that_fails_tells_how_it_is() -> None:
    """Yours beside should-be."""
    lab = puzzle("06.p1").start()
    assert "✗ the ISR is {1}; now: the ISR is {1, 2, 3}" in repr(_checked(lab))


def test_a_stage_is_an_answer() -> None:
    """Who clicks gets the same journal."""
    lab = puzzle("06.p2").start()
    stage = lab.show()
    for line in ("lab.crash(2)", "lab.crash(3)"):
        stage.touch(line, 1e9)
    lab.produce("a")
    assert puzzle("06.p2").check(stage).solved


def test_an_error_on_the_way_is_told_in_one_line() -> None:
    """A broker that is dead cannot be killed again."""

    def twice(lab: Lab) -> None:
        lab.crash(1)
        lab.crash(1)

    assert "Your way ends with an error: broker 1" in _checked(twice).problem


def test_a_puzzle_that_there_is_not_names_the_nearest() -> None:
    """A wrong number is a slip."""
    with pytest.raises(KeyError, match=r"there is no puzzle '6\.p1'; did you mean '06\.p1'"):
        puzzle("6.p1")
