"""A storm is data: drawn from a seed, run to the byte, shrunk, pasted, and told."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from kafkabook.cli import main
from kafkabook.cluster.events import BrokerRegistered, BrokerUnfenced, PartitionChanged
from kafkabook.replication.events import BecameLeader
from kafkabook.replication.facts import LeaderFacts
from kafkabook.sim.faults import Fault, parse, show
from kafkabook.storm import replay
from kafkabook.storm.actions import do
from kafkabook.storm.many import Job, paste, storm, storms, tell
from kafkabook.storm.run import run
from kafkabook.storm.setup import Setup
from kafkabook.storm.shrink import Shrinker
from kafkabook.storm.weather import Weather

PINNED = Path(__file__).parent / "pinned"


def told(*words: str) -> tuple[int, str]:
    """Run the command; return its exit code and what it printed."""
    result = CliRunner().invoke(main, ["storm", *words])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout


def test_the_same_seed_is_the_same_storm_to_the_byte() -> None:
    """Otherwise a seed that failed would tell nothing."""
    first, second = (storm(Job(3, events=500)) for _ in range(2))
    assert str(first.lab.trace) == str(second.lab.trace)
    assert first.done == second.done


def test_a_schedule_that_was_printed_runs_as_the_storm_did() -> None:
    """Its text says all but the seed: what was drawn is not needed any more."""
    raged = storm(Job(4, events=500))
    again = run(parse(show(raged.done)), seed=4)
    assert str(raged.lab.trace) == str(again.lab.trace)


def test_weather_differs_by_seed_in_kinds_and_in_setup() -> None:
    """Faults that are off matter as much as those that are on."""
    weathers = [Weather(seed, span_ms=500) for seed in range(40)]
    kinds = {frozenset(draw.__name__ for draw in weather.kinds) for weather in weathers}
    assert len(kinds) > 30
    assert {3, 4} == {weather.setup.brokers for weather in weathers}
    assert {1, 2, 3} == {weather.setup.min_insync_replicas for weather in weathers}
    assert {0, 1} == {weather.setup.unclean for weather in weathers}


def test_a_setup_is_read_back_from_its_lines() -> None:
    """The lines hold what differs from the defaults, and nothing else."""
    setup = Setup(brokers=4, min_insync_replicas=3, asks=1)
    lines = setup.lines()
    assert ["brokers 4", "min_insync_replicas 3", "asks 1"] == [
        str(line).removeprefix("t=0 set ") for line in lines
    ]
    assert setup == Setup.of(lines)


def test_an_unknown_setting_or_verb_is_refused_by_name() -> None:
    """A typing error in a pasted schedule must not pass for a calm run."""
    with pytest.raises(ValueError, match="no setting 'broker'"):
        replay("t=0 set broker 4")
    lab = Setup().begin(seed=1, rules=Setup().rules())
    with pytest.raises(LookupError, match="cannot 'crush'; it can .*crash"):
        do(lab, Fault(0, "crush", (1,)))


def test_what_makes_no_sense_is_left_out() -> None:
    """Shrinking takes lines away; those that stay must not fall over that."""
    lab = Setup().begin(seed=1, rules=Setup().rules())
    assert [True, False, True] == [
        do(lab, fault) for fault in parse("t=0 crash 1\nt=0 crash 1\nt=0 restart 1")
    ]


def test_a_canary_dies() -> None:
    """If this seed passed with this bug in place, all the calm runs would mean nothing."""
    assert "R5" in storm(Job(1, bug="M1")).broken


def test_a_failure_shrinks_to_lines_of_which_none_can_be_spared() -> None:
    """And it is the same failure still."""
    failed = storm(Job(0, bug="M14"))
    assert "R8" in failed.broken
    wanted = frozenset({"R8"})
    small = Shrinker(0, wanted, failed.change).shrink(failed.done)
    assert len(small) <= 20
    shrinker = Shrinker(0, wanted, failed.change)
    assert shrinker.fails(small)
    assert not any(shrinker.fails(small[:n] + small[n + 1 :]) for n in range(len(small)))


def test_what_is_printed_can_be_pasted() -> None:
    """A call with a schedule, a seed and the bug: evaluated, it shows the failure."""
    failed = tell(Job(1, bug="M1"))
    lab = eval(paste(failed, bug="M1"), {"replay": replay})
    assert "R5" in lab.watch.broken


def test_a_bug_that_breaks_something_else_than_was_named_is_made_small_too() -> None:
    """M6 is named for R9. Here R17 sees it, and R9 never does."""
    failed = tell(Job(36, events=300, bug="M6"))
    assert ("R17",) == failed.broken
    text = paste(failed, events=300, bug="M6")
    lines = [line for line in text.splitlines() if line.startswith("t=")]
    assert len(lines) <= 20
    assert "R17" in eval(text, {"replay": replay}).watch.broken


def test_missing_progress_is_a_failure_with_a_name() -> None:
    """A follower that no leader ever takes in again breaks no promise of safety."""

    def nobody_joins(leader: LeaderFacts, now_ms: int, lag_ms: int) -> frozenset[int]:
        return leader.isr

    found = run(
        parse("t=60 crash 3\nt=400 restart 3"),
        seed=1,
        change=lambda rules: rules.having(in_sync=nobody_joins),
    )
    assert ("liveness: every replica to be in sync",) == found.broken


LATE_HEARTBEAT = """
t=0 set beat_ms 20
t=26 send v2 0 all
t=259 crash 2
t=268 restart 2
t=333 crash 1
t=378 hold BrokerHeartbeat 2 controller
t=400 lose_disk 2
t=404 restart 2
t=429 release BrokerHeartbeat 2 controller
t=433 crash 3
"""


def test_a_late_heartbeat_unfences_a_life_that_is_over_and_the_next_one_does_not_lead() -> None:
    """The controller knows it by its broker epoch alone, and the next life has none yet.

    Its id is elected for what the last one held. That life learns of it and begins the term, but
    its port is closed. Once it is registered it is eligible no more: nobody leads.
    """
    lab = replay(LATE_HEARTBEAT, seed=2055)
    lives = lab.trace.of(BrokerUnfenced, BrokerRegistered, BecameLeader)
    assert [(432, "BrokerUnfenced"), (486, "BecameLeader"), (504, "BrokerRegistered")] == [
        (entry.at_ms, type(entry.event).__name__)
        for entry in lives
        if entry.event.broker == 2 and 425 < entry.at_ms < 509
    ]
    words = [entry for entry in lab.trace.of(PartitionChanged) if 480 < entry.at_ms < 509]
    assert [(483, 2), (492, None), (504, None), (505, None)] == [
        (entry.at_ms, entry.event.leader) for entry in words
    ]
    assert () == lab.watch.broken


def test_an_error_of_the_engine_is_a_failure_with_a_name() -> None:
    """A part that raises does not end the other storms."""

    def raises(leader: LeaderFacts, now_ms: int, lag_ms: int) -> int:
        return 0 // (1 - leader.log_end)

    found = run(
        parse("t=60 send v1 0 1"),
        seed=1,
        change=lambda rules: rules.having(high_watermark=raises),
    )
    assert ("error: ZeroDivisionError",) == found.broken


def test_two_processes_tell_what_one_does() -> None:
    """In the order of seeds, whoever is faster."""
    alone = list(storms(range(6), events=200))
    assert alone == list(storms(range(6), events=200, workers=2))


def test_the_command_counts_and_ends_well() -> None:
    """Exit code 0: nothing broke."""
    code, page = told("--seeds", "3", "--events", "300", "--workers", "1")
    assert (0, True) == (code, page.startswith("3 storms, "))
    assert "nothing broke" in page


def test_the_command_prints_one_object_a_run() -> None:
    """For a machine: plain JSON lines, and exit code 1 if a property broke."""
    words = ("--seeds", "2", "--first-seed", "1", "--bug", "M1", "--json", "--workers", "1")
    code, page = told(*words)
    runs = [json.loads(line) for line in page.splitlines()]
    assert (1, [1, 2]) == (code, [one["seed"] for one in runs])
    assert "R5" in runs[0]["broken"]


def test_the_command_refuses_a_bug_that_it_does_not_know() -> None:
    """One sentence with the names that there are."""
    result = CliRunner().invoke(main, ["storm", "--bug", "M99"])
    assert (1, True) == (result.exit_code, "there is no bug 'M99'; there are M1, " in result.output)


@pytest.mark.parametrize("option", ["--seeds", "--events", "--workers"])
def test_the_command_refuses_to_run_nothing(option: str) -> None:
    """No run breaks no promise: that would pass for "nothing broke"."""
    result = CliRunner().invoke(main, ["storm", option, "0"])
    assert (2, True) == (result.exit_code, "0 is not in the range x>=1" in result.output)
