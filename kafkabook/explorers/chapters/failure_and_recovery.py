"""Explorers of chapter 09: five steps to a new leader, what each setting loses, who cuts where."""

from collections.abc import Callable
from typing import NamedTuple

from kafkabook.base.trace import Entry
from kafkabook.base.units import SECOND_MS
from kafkabook.cluster.events import BrokerCrashed, BrokerFenced, PartitionChanged
from kafkabook.explorers.chapters.disasters import DISASTERS, EVERY_S, SEED, outcomes
from kafkabook.explorers.chapters.truncation_stories import (
    EPOCH_THEN_CRASH,
    HISTORY_QUESTION,
    MOST_SCENES,
    STORIES,
    both_committed,
    new_leader_epoch,
)
from kafkabook.explorers.explorer import Guess, explorer
from kafkabook.lab import Lab
from kafkabook.lab.rules import LabVersion
from kafkabook.replication.events import BecameLeader
from kafkabook.replication.history import HISTORY
from kafkabook.sim.events import ConnectionClosed, MessageDelivered, MessageRefused
from kafkabook.viz.figure import Figure
from kafkabook.viz.outcomes import LOST, OutcomeRow, outcome_table
from kafkabook.viz.replay import run_told
from kafkabook.viz.sequence import sequence
from kafkabook.viz.sequence_rows import DEFAULT_NOTES

STEPS_QUESTION = "Who does what when a leader dies?"
KILLED, SHUT_DOWN = "kill -9", "controlled shutdown"
NEWS_MS = 10  # the news of an election is with everybody by then
PRODUCER = "producer-1"
_TALK = ("Produce", "ProduceResponse", "Metadata", "MetadataResponse", "MetadataUpdate")
_NOTES = {
    **DEFAULT_NOTES,
    ConnectionClosed: lambda it: f"loses its connection to broker {it.server}",
}
_TIMEOUT = {"4.x": "broker.session.timeout.ms", "2.x": "zookeeper.session.timeout.ms"}


@explorer(
    STEPS_QUESTION,
    frames=5,
    version=("4.x", "2.x"),
    how_it_ends=(KILLED, SHUT_DOWN),
    guess=Guess(
        "Broker 1 has just sent a heartbeat, and then it is killed. All settings have the defaults"
        " of today. For how long does nobody lead?",
        answer=lambda: f"{round(_Failure.of('4.x', KILLED).unled_ms / SECOND_MS)} s",
        choices=("0 s", "2 s", "9 s", "18 s"),
        before=lambda: _Failure.of("4.x", KILLED).picture(1),
        shows={"version": "4.x", "how_it_ends": KILLED},
        at=4,
        why="Nobody tells the controller that broker 1 is dead. It waits for 9 s, which is"
        " broker.session.timeout.ms, and everything after that takes milliseconds.",
    ),
    forks={SHUT_DOWN: {"how_it_ends": SHUT_DOWN}},
    caption="Step on, one picture a step. Try: controlled shutdown. With MetadataUpdate a broker"
    " hears what the controller has decided. A producer learns who leads when a broker answers its"
    " Metadata request. Source: KIP-631; kafka, NetworkClient.java; notes, 2.02. Simplified:"
    " brokers of 2.x spoke to ZooKeeper, and heard LeaderAndIsr",
)
def five_steps(version: LabVersion, how_it_ends: str) -> list[Figure]:
    """Failure, detection, election, propagation, and clients that find the new leader."""
    failure = _Failure.of(version, how_it_ends)
    return [failure.picture(step) for step in range(1, 6)]


class _Failure(NamedTuple):
    """A leader's end and what followed: the entries of the picture, and where each step ends."""

    version: LabVersion
    how_it_ends: str
    entries: tuple[Entry, ...]
    ends: tuple[int, ...]  # the last entry of each step
    began_ms: int
    unled_ms: int
    session_s: int
    run: str

    @classmethod
    def of(cls, version: LabVersion, how_it_ends: str) -> "_Failure":
        """Let a leader end right after its heartbeat, and others go on."""
        lab = Lab(version=version, is_watched=False)
        lab.create_topic("orders", assignment=[[1, 2, 3]])
        lab.produce("m0")
        heard = _heartbeats(lab)
        lab.run_until(lambda: _heartbeats(lab) > heard)
        first, began_ms = len(lab.trace), lab.now_ms
        if how_it_ends == KILLED:
            lab.crash(1)
            lab.produce("m1", retries=0)
        else:
            lab.stop(1)
        lab.run_until(lambda: lab.leader() == 2)
        lab.run_for(NEWS_MS)
        served = len(lab.trace)
        lab.produce("m2")
        shown = [entry for entry in list(lab.trace)[first:] if _is_shown(entry)]
        session_s = lab.config.broker_session_timeout_ms // SECOND_MS
        ends = (*_decided(shown), served - 1, len(lab.trace))
        unled = (began_ms, _unled_ms(shown, began_ms), session_s)
        return cls(version, how_it_ends, tuple(shown), ends, *unled, run_told(lab))

    def picture(self, step: int) -> Figure:
        """Draw everything up to the end of a step, from 1 to 5."""
        return sequence(
            self.entries,
            title=STEPS_QUESTION,
            actors=(PRODUCER, 1, 2, 3, "controller"),
            subtitle=" · ".join((self.run, self.how_it_ends, *self._timeout(step))),
            sentence=f"Step {step} of 5, {_STEP_NAMES[step - 1]}: {self._told(step)}",
            to_number=self.ends[step - 1],
            notes=_NOTES,
        )

    def _timeout(self, step: int) -> tuple[str, ...]:
        """Name the setting from the step on that it decides, and not while a guess is open."""
        return () if step == 1 else (f"{_TIMEOUT[self.version]} = {self.session_s} s",)

    def _told(self, step: int) -> str:
        is_killed = self.how_it_ends == KILLED
        after_ms = self._at_ms(step) - self.began_ms
        failed = "broker 1 is killed. The producer loses its connection to it, with m1 on the way."
        asked = "broker 1 says in its heartbeat that it wants to stop, and goes on serving."
        silent = f"{after_ms} ms later the controller fences broker 1, and takes it for dead."
        led = f"For {self.unled_ms} ms nobody led orders-0."
        return (
            failed if is_killed else asked,
            silent
            if is_killed
            else "the controller has nothing to detect, because broker 1 asked it.",
            "the controller takes the first live replica in the ISR, which is broker 2.",
            f"the brokers are told. Broker 2 leads {after_ms} ms after the beginning. {led}",
            f"the producer asks who leads, and broker 2 confirms m2 after {after_ms} ms. {led}",
        )[step - 1]

    def _at_ms(self, step: int) -> int:
        shown = [entry for entry in self.entries if entry.number <= self.ends[step - 1]]
        leads = [entry.at_ms for entry in shown if isinstance(entry.event, BecameLeader)]
        return leads[0] if step == 4 else shown[-1].at_ms


_STEP_NAMES = ("failure", "detection", "election", "propagation", "clients")


def _heartbeats(lab: Lab) -> int:
    """Count the heartbeats of broker 1 that the controller has taken."""
    return sum(map(_is_heartbeat, lab.trace.of(MessageDelivered)))


def _is_heartbeat(entry: Entry) -> bool:
    event = entry.event
    return isinstance(event, MessageDelivered) and (event.name, event.sender) == (
        "BrokerHeartbeat",
        1,
    )


def _is_shown(entry: Entry) -> bool:
    """Leave out fetches, the heartbeats of those who live, and what is said to the dead."""
    event = entry.event
    if isinstance(event, MessageRefused):
        return event.name in _TALK and event.sender == PRODUCER
    if isinstance(event, MessageDelivered):
        return event.name in _TALK or _is_heartbeat(entry)
    if isinstance(event, ConnectionClosed):
        return event.client == PRODUCER and event.channel.startswith("producer")
    return isinstance(event, (BrokerCrashed, BrokerFenced, PartitionChanged, BecameLeader))


def _decided(shown: list[Entry]) -> tuple[int, int, int]:
    """Return where failure, detection and election end."""
    elected = next(n for n, it in enumerate(shown) if isinstance(it.event, PartitionChanged))
    is_fenced = isinstance(shown[elected - 1].event, BrokerFenced)
    failed = elected - 2 if is_fenced else elected - 1
    return shown[failed].number, shown[elected - 1].number, shown[elected].number


def _unled_ms(shown: list[Entry], began_ms: int) -> int:
    """Return for how long nobody led: until broker 2 did, since broker 1 did not."""
    leads = next(entry.at_ms for entry in shown if isinstance(entry.event, BecameLeader))
    heard = [entry.at_ms for entry in shown if _is_told(entry, 1)]
    return max(0, leads - (heard[0] if heard else began_ms))


def _is_told(entry: Entry, broker: int) -> bool:
    event = entry.event
    update = ("MetadataUpdate", broker)
    return isinstance(event, MessageDelivered) and (event.name, event.receiver) == update


CHOICE_QUESTION = "What do three settings lose, and for how long do they stop the writes?"
NOTHING_LOST, WRITES_GO_ON = "that nothing is lost", "that writes go on"
_FOR_GOOD = "followers behind, leader gone for good"


@explorer(
    CHOICE_QUESTION,
    disaster=tuple(DISASTERS),
    version=("4.x", "2.x"),
    you_want=(NOTHING_LOST, WRITES_GO_ON),
    guess=Guess(
        "The settings are acks=all, min.insync.replicas=1 and no unclean election. Both followers"
        " fall behind, and then the leader never comes back. Are acknowledged records lost?",
        answer=lambda: "yes" if _outcome_of_all_and_one().count(LOST) else "no",
        choices=("yes", "no"),
        before=lambda: _table("killed while all are in sync", "4.x", NOTHING_LOST),
        shows={"disaster": _FOR_GOOD, "version": "4.x", "you_want": NOTHING_LOST},
        why="With acks=all the leader waits for the ISR only. With min.insync.replicas=1 that may"
        " be the leader alone, and then acks=all promises no more than acks=1.",
    ),
    caption="Each row is one run: a record every two seconds, and none is sent again. Try each"
    " disaster, and then version 2.x. Source: KIP-106,"
    " KIP-966; notes, Part 2 ch 02 §03.",
)
def outcomes_table(disaster: str, version: LabVersion, you_want: str) -> Figure:
    """The choice between availability and durability, computed by running every setting."""
    return _table(disaster, version, you_want)


def _table(disaster: str, version: LabVersion, i_want: str) -> Figure:
    rows, script = outcomes(disaster, version), DISASTERS[disaster]
    chosen = _chosen(rows, i_want)
    moments = [(at_s / script.lasts_s, name) for at_s, name, _ in script.faults if name]
    return outcome_table(
        rows,
        title=CHOICE_QUESTION,
        heads=(("", "acks"), ("min.insync", ".replicas"), ("unclean", "election")),
        moments=moments,
        chosen=chosen,
        subtitle=f"Kafka {version} · three replicas · {script.lasts_s // EVERY_S} records in"
        f" {script.lasts_s} s · seed {SEED}",
        sentence=f"{script.told} {_advice(rows, chosen, i_want)}",
    )


def _outcome_of_all_and_one() -> OutcomeRow:
    rows = outcomes(_FOR_GOOD, "4.x")
    return next(row for row in rows if row.settings == ("all", "1", "false"))


def _chosen(rows: tuple[OutcomeRow, ...], i_want: str) -> tuple[int, ...]:
    """Number the rows that lose nothing, or those that are silent for the shortest time."""
    least_s = min(row.silent_s for row in rows)
    is_good: Callable[[OutcomeRow], bool] = (
        (lambda row: not row.count(LOST))
        if i_want == NOTHING_LOST
        else (lambda row: row.silent_s == least_s)
    )
    return tuple(number for number, row in enumerate(rows, 1) if is_good(row))


def _advice(rows: tuple[OutcomeRow, ...], chosen: tuple[int, ...], i_want: str) -> str:
    listed = ", ".join(map(str, chosen))
    if not chosen:
        return "No setting of these keeps every acknowledged record."
    if i_want == NOTHING_LOST:
        longest_s = max(rows[number - 1].silent_s for number in chosen)
        return (
            f"Nothing acknowledged is lost in rows {listed}; writes stop for up to {longest_s} s."
        )
    most = max(rows[number - 1].count(LOST) for number in chosen)
    silent_s = rows[chosen[0] - 1].silent_s
    return f"Writes stop shortest, {silent_s} s, in rows {listed}; acknowledged and lost: {most}."


@explorer(
    HISTORY_QUESTION,
    frames=MOST_SCENES,
    rule=tuple(HISTORY),
    story=tuple(STORIES),
    guess=Guess(
        "By the oldest rule, a new follower cuts its log at its own high watermark. Broker 2 has m0"
        " and m1, both committed, and becomes a follower. What is its log end then?",
        answer=lambda: new_leader_epoch("before KIP-101").snapshot().lane(2).log_end,
        before=lambda: both_committed("before KIP-101").figures[0],
        shows={"rule": "before KIP-101", "story": EPOCH_THEN_CRASH},
        at=2,
        why="A follower learns of the high watermark one fetch late. Broker 2 does not know yet"
        " that m1 is committed, so it deletes m1.",
    ),
    forks={"KIP-101": {"rule": "KIP-101"}, "KIP-279": {"rule": "KIP-279"}},
    caption="Dotted cells were cut off. Beside a broker stands the leader epoch that it knows. Try"
    " each rule with each story. A fork shows two rules side by side."
    " Source: KIP-101, KIP-279, KIP-320.",
)
def where_logs_part(rule: str, story: str) -> list[Figure]:
    """Five rules of truncation, two stories: which rule loses a committed record?"""
    return STORIES[story](rule).figures
