"""Storms in which brokers look after their logs: who has them, and what they would notice."""

from zlib import crc32

import pytest

from kafkabook.cluster.events import ReadEnded
from kafkabook.lab.bugs import BUGS
from kafkabook.sim.faults import parse, show
from kafkabook.storm.many import EVENTS, Job, storm
from kafkabook.storm.replay import NEVER
from kafkabook.storm.run import run
from kafkabook.storm.schedule import ScheduleDraw
from kafkabook.storm.setup import Setup
from kafkabook.storm.upkeep import UpkeepDraw

AS_THEY_WERE = {  # schedules from before there was upkeep
    1: 2_049_634_530,
    4: 292_149_529,
    5: 3_992_110_680,
    6: 855_939_713,
    8: 2_337_181_796,  # since a start that comes 6 ms after another is left out
    9: 4_065_568_964,
}


def test_a_seed_without_upkeep_has_the_schedule_that_it_always_had() -> None:
    """What was found under a seed stays there."""
    schedules = {seed: ScheduleDraw(seed, span_ms=8_000).schedule() for seed in range(10)}
    without = [seed for seed in range(10) if not UpkeepDraw(seed, Setup(), span_ms=1).has_upkeep]
    assert sorted(AS_THEY_WERE) == without
    assert {s: crc32(show(schedules[s]).encode()) for s in without} == AS_THEY_WERE


def test_one_seed_in_two_has_upkeep_in_all_its_kinds() -> None:
    """Retention, cleaning and deletions, apart and together."""
    schedules = [ScheduleDraw(seed, span_ms=8_000).schedule() for seed in range(100)]
    setups = [setup for setup in map(Setup.of, schedules) if setup.upkeep_ms]
    assert 35 <= len(setups) <= 65
    assert {"delete", "compact", "compact,delete"} == {setup.cleanup for setup in setups}
    assert {0, 300, 800, 2_000} == {setup.retention_ms for setup in setups}
    assert {0, 500, 2_000} == {setup.retention_bytes for setup in setups}
    assert {1, 1_000} == {setup.sessions for setup in setups}
    assert {0, 1} == {setup.nearer for setup in setups if setup.racks}


def test_every_record_of_a_compacted_topic_has_a_key_and_no_other_has() -> None:
    """The leader would refuse it; and a key says nothing where nobody cleans."""
    for seed in range(60):
        schedule = ScheduleDraw(seed, span_ms=4_000).schedule()
        compacts = Setup.of(schedule).compacts
        keyed = {str(it.args[-1]).startswith("key=") for it in schedule if it.verb == "send"}
        assert keyed <= {compacts}, seed


@pytest.mark.parametrize(
    ("bug", "seed", "broken"),
    [
        ("active segment cleaned", 2, ("R23", "L1")),
        ("retention past the high watermark", 2, ("L4",)),
        ("retention by oldest record", 0, ("L4",)),
        ("index points behind the batch", 0, ("L5",)),
        ("recovery keeps the torn batch", 10, ("L6", "error: CORRUPT_MESSAGE")),
        ("undecided records cleaned", 7, ("R23",)),
    ],
)
def test_what_a_broker_does_wrong_to_its_logs_is_noticed(
    bug: str, seed: int, broken: tuple[str, ...]
) -> None:
    """The checkers of one log watch the logs of all brokers."""
    assert broken == storm(Job(seed, bug=bug)).broken


def test_a_lost_newest_value_is_noticed_at_the_cleaning_and_by_who_reads_last() -> None:
    """By the log that was cleaned, and by a client that knows of no log."""
    schedule = ScheduleDraw(11, span_ms=8_000).schedule()
    change = BUGS["compaction keeps only older"].put_into
    raged = run(schedule, seed=11, events=EVENTS, change=change, until=NEVER)
    assert ("R24", "L2") == raged.broken


LATE_READING = """
t=0 set partitions 2
t=0 set elr 0
t=0 set fetch_ms 10
t=0 set beat_ms 80
t=0 set upkeep_ms 30
t=0 set cleanup compact
t=115 send v1 orders-0 all key=k4
t=195 send v2 orders-1 all key=k2
t=759 read orders-1 1
t=769 crash 1
t=786 stop 2
t=887 stop 3
t=938 send v7 orders-0 all key=k5
t=1035 restart 3
t=1037 send v8 orders-0 all key=k2
t=1043 restart 2
t=1071 restart 1
t=1123 send v10 orders-0 all key=k5
t=1249 send v11 orders-0 all key=k5
t=1498 crash 1
t=1504 read orders-1 5 * consumer-1 *
t=1505 restart 1
t=1677 read orders-0 6 * consumer-1 * 120
t=1679 send v15 orders-1 all key=k2
"""


def test_a_reading_that_tries_again_ends_before_the_last_one_begins() -> None:
    """Else it would be taken for the last one, and it began behind all that R24 asks for."""
    ended = run(parse(LATE_READING), seed=3008422)
    assert () == ended.broken
    assert "reader-1" == ended.lab.trace.of(ReadEnded)[-1].place
