"""A storm is data: drawn from a seed, run to the byte, shrunk, pasted, and told."""

import json
from dataclasses import is_dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from kafkabook.cli import main
from kafkabook.cluster.events import BrokerRegistered, BrokerUnfenced, PartitionChanged
from kafkabook.protocol import admin_api, control_api, records_api
from kafkabook.replication.events import BecameLeader
from kafkabook.replication.facts import LeaderFacts
from kafkabook.sim.connection import NameByKind
from kafkabook.sim.faults import Fault, parse, show
from kafkabook.storm import replay
from kafkabook.storm.actions import do
from kafkabook.storm.many import Job, paste, storm, storms, tell
from kafkabook.storm.replay import replayed
from kafkabook.storm.run import run
from kafkabook.storm.schedule import (
    BROKER_APIS,
    CLIENT_APIS,
    FROM_CONTROLLER,
    LOOKUP_APIS,
    TO_CONTROLLER,
    ScheduleDraw,
)
from kafkabook.storm.setup import Setup
from kafkabook.storm.shrink import Shrinker

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


def test_schedules_differ_by_seed_in_kinds_and_in_setup() -> None:
    """Faults that are off matter as much as those that are on."""
    draws = [ScheduleDraw(seed, span_ms=500) for seed in range(40)]
    kinds = {frozenset(draw.__name__ for draw in drawn.kinds) for drawn in draws}
    assert len(kinds) > 30
    assert {3, 4} == {drawn.setup.brokers for drawn in draws}
    assert {1, 2, 3} == {drawn.setup.min_insync_replicas for drawn in draws}
    assert {0, 1} == {drawn.setup.unclean for drawn in draws}


def test_one_seed_in_four_holds_loses_and_doubles_messages_and_all_stall_and_reset() -> None:
    """What TCP can do is the usual; tools of thought have seeds of their own."""
    draws = [ScheduleDraw(seed, span_ms=2_000) for seed in range(200)]
    verbs = [{fault.verb for fault in drawn.schedule()} for drawn in draws]
    thought = {"hold", "release", "deliver", "drop_next", "double_next"}
    plain = set().union(*(v for v, drawn in zip(verbs, draws, strict=True) if not drawn.has_tools))
    tools = set().union(*(v for v, drawn in zip(verbs, draws, strict=True) if drawn.has_tools))
    assert (set(), thought) == (thought & plain, thought & tools)
    assert {"cut", "heal", "reset"} <= plain & tools
    assert 30 <= sum(drawn.has_tools for drawn in draws) <= 70


def test_no_machine_boots_before_the_session_of_its_broker_is_over() -> None:
    """Else storms meet what Kafka does wrong; see `Setup.boot_ms`."""
    for drawn in (ScheduleDraw(seed, span_ms=8_000) for seed in range(200)):
        down_ms: dict[object, int] = {}
        for line in drawn.schedule():
            if line.verb in ("power_off", "lose_disk"):
                brokers = line.args[1:] if line.verb == "power_off" else line.args
                down_ms |= dict.fromkeys(brokers, line.at_ms)
            elif line.verb == "restart" and line.args[0] in down_ms:
                assert line.at_ms - down_ms[line.args[0]] >= 3 * drawn.setup.beat_ms + 100


def test_no_process_starts_before_what_the_last_one_sent_has_arrived() -> None:
    """Storm seed 700535: its registration came last, and kept its successor out for ever."""
    left_out = 0
    for drawn in (ScheduleDraw(seed, span_ms=8_000) for seed in range(200)):
        starts = [line for line in drawn.schedule() if line.verb == "restart"]
        asked = [line for line in drawn.faults if line.verb == "restart"]
        left_out += len(asked) - len(starts)
        for broker in {line.args[0] for line in starts}:
            moments = [line.at_ms for line in starts if line.args[0] == broker]
            assert all(later - earlier >= 6 for earlier, later in pairwise(moments))
    assert left_out > 0


def test_every_message_that_is_drawn_is_one_of_the_protocol() -> None:
    """A hold of a name that nobody sends is a fault that is none; and each name is drawn."""
    lines = [line for seed in range(200) for line in ScheduleDraw(seed, span_ms=8_000).schedule()]
    drawn = {str(line.args[0]) for line in lines if line.verb in ("hold", "drop_next")}
    kinds = [kind for api in (admin_api, control_api, records_api) for kind in vars(api).values()]
    sent = {NameByKind()[kind] for kind in kinds if is_dataclass(kind) and isinstance(kind, type)}
    assert drawn <= sent
    controls = (*TO_CONTROLLER, *FROM_CONTROLLER, *(api for _, api in CLIENT_APIS))
    assert {*BROKER_APIS, *LOOKUP_APIS, *controls} == drawn


def test_no_client_sends_a_record_twice() -> None:
    """A raw producer has no sequence numbers: the copy would be another record."""
    lines = [line for seed in range(200) for line in ScheduleDraw(seed, span_ms=8_000).schedule()]
    doubled = {line.args[0] for line in lines if line.verb == "double_next"}
    assert ("ProduceResponse" in doubled, "Produce" in doubled) == (True, False)


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
    with pytest.raises(LookupError, match="there is no command 'crush'; there are .*crash"):
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
    failed = storm(Job(2, bug="M14"))
    assert "R8" in failed.broken
    wanted = frozenset({"R8"})
    small = Shrinker(2, wanted, failed.change).shrink(failed.done)
    assert len(small) <= 20
    shrinker = Shrinker(2, wanted, failed.change)
    assert shrinker.fails(small)
    assert not any(shrinker.fails(small[:n] + small[n + 1 :]) for n in range(len(small)))


def test_what_is_printed_can_be_pasted() -> None:
    """A call with a schedule, a seed and the bug: evaluated, it shows the failure."""
    failed = tell(Job(1, bug="M1"))
    lab = eval(paste(failed, bug="M1"), {"replay": replay})
    assert "R5" in lab.watch.broken


def test_a_bug_that_breaks_something_else_than_was_named_is_made_small_too() -> None:
    """M6 is named for R9. Here R17 sees it, and R9 never does."""
    failed = tell(Job(7, events=300, bug="M6"))
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


LOST_ANSWER = """
t=0 set beat_ms 20
t=19 crash 1
t=96 send v7 orders-0 all
t=101 drop_next AlterPartitionResponse controller 2 5
t=102 restart 1
t=113 crash 1
"""


def test_an_answer_that_the_controller_gave_in_vain_is_asked_for_again_in_time() -> None:
    """A leader waits `controller.socket.timeout.ms` for it, which must fit into the calm."""
    assert () == replayed(LOST_ANSWER, seed=16).broken


LATE_MINIMUM = """
t=63 pause 3
t=64 pause 2
t=140 pause 1
t=142 alter_topic orders min.insync.replicas=1
t=354 power_off 0 1
"""


def test_what_a_late_minimum_left_without_a_leader_an_administrator_elects() -> None:
    """The request waits at a broker that stands still, and comes when nobody leads any more.

    It voids the eligible leader replicas, so that no election but an unclean one is left.
    """
    ended = replayed(LATE_MINIMUM, seed=4)
    why = [entry.event.reason for entry in ended.lab.trace.of(PartitionChanged)]
    assert () == ended.broken
    assert "min.insync.replicas was set" in why
    assert "an election (unclean) was asked for: unclean: the first live replica leads" in why


@pytest.mark.parametrize(
    ("elr", "minimums", "sense"),
    [
        (1, (1, 1), [True, True]),
        (1, (2, 1), [True, False]),  # the first one may come last
        (1, (3,), [False]),
        (0, (3, 1), [True, True]),
    ],
)
def test_with_eligible_replicas_the_minimum_changes_once_and_never_up(
    elr: int, minimums: tuple[int, ...], sense: list[bool]
) -> None:
    """Without them it may be what it wants to be."""
    setup = Setup(elr=elr)
    lab = setup.begin(seed=1, rules=setup.rules())
    altered = [f"t=70 alter_topic orders min.insync.replicas={least}" for least in minimums]
    assert sense == [do(lab, fault) for fault in parse("\n".join(altered))]


LATE_HEARTBEAT = """
t=0 set beat_ms 20
t=26 send v2 orders-0 all
t=259 crash 2
t=268 restart 2
t=333 crash 1
t=378 hold BrokerHeartbeat 2 controller
t=400 lose_disk 2
t=404 restart 2
t=429 release BrokerHeartbeat 2 controller
t=433 crash 3
"""


def test_a_late_heartbeat_unfences_an_incarnation_that_is_over_and_the_next_leads_nothing() -> None:
    """The controller knows it by its broker epoch alone, and the next incarnation has none yet.

    Its id is elected for what the last one held. It learns of it and begins the leader epoch, but
    its port is closed. Once it is registered it is eligible no more: nobody leads.

    The window ends at 508 ms. At 509 ms broker 2 leads all the same, although unclean elections are
    off: in sync is nobody, eligible is nobody, and it led last. Kafka does so too, and calls it an
    unclean election (KIP-966; `PartitionChangeBuilder.java`, `canElectLastKnownLeader` with
    `useLastKnownLeaderInBalancedRecovery`, which is true by default). Before KAFKA-19522 it did so
    even if that broker was fenced.
    """
    lab = replay(LATE_HEARTBEAT, seed=2055, heals=False)
    lab.restart_everything()  # at once: storms wait until machines have booted
    lab.run_for(100)
    told = lab.trace.of(BrokerUnfenced, BrokerRegistered, BecameLeader)
    assert [(432, "BrokerUnfenced"), (486, "BecameLeader"), (504, "BrokerRegistered")] == [
        (entry.at_ms, type(entry.event).__name__)
        for entry in told
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
        parse("t=60 send v1 orders-0 1"),
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
