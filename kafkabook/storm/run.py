"""One storm: faults while safety is watched, then everything is healed and progress is owed."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from kafkabook.base.errors import name_of
from kafkabook.base.names import TopicPartition
from kafkabook.checkers.log_watch import LogsOfBrokers
from kafkabook.clients.raw_client import Reading, Sent
from kafkabook.cluster.events import Quiesced, ReadEnded
from kafkabook.lab import Lab, Rules
from kafkabook.lab.client_commands import Elect
from kafkabook.sim.faults import Fault
from kafkabook.sim.kernel import LimitReached
from kafkabook.storm.actions import do
from kafkabook.storm.connection_marks import met_by_reset
from kafkabook.storm.marks import Marks
from kafkabook.storm.schedule import CONSUMER
from kafkabook.storm.setup import SET, TOPIC, Setup

PATIENCE_MS = 5_000  # some forty sessions
LAST_READER = "reader-1"
READ_MS = 400  # by then who waits for records at the end of a log has gone, unless it tries again
TRIES = 6  # a drop that was asked for may still be due
Change = Callable[[Rules], Rules]  # a seeded bug put into rules


@dataclass(slots=True)
class Run:
    """What became of a schedule.

    Attributes: `done` (the lines that were reached), `broken` (names of what did not hold when the
    run was stopped, or "liveness: …", or "error: …"), `says` (in words, with evidence), `events`
    (of the kernel), `lab` (as it was left), `logs` (L1 to L7 of each broker).
    """

    seed: int
    lab: Lab
    logs: LogsOfBrokers
    done: tuple[Fault, ...] = ()
    broken: tuple[str, ...] = ()
    says: str = ""
    marks: Marks = field(default_factory=Marks)
    did: Counter[str] = field(default_factory=Counter)
    until: frozenset[str] = frozenset()
    change: Change = field(default=lambda rules: rules, repr=False)

    @property
    def is_over(self) -> bool:
        """Whether what the run waits for is broken: anything, unless it was told what."""
        broken = set(self.not_held)
        return bool(broken & self.until if self.until else broken)

    @property
    def not_held(self) -> tuple[str, ...]:
        """The properties that do not hold by now, of the cluster and of its logs."""
        return (*self.lab.watch.broken, *self.logs.broken)

    @property
    def judged(self) -> Counter[str]:
        """How much each property has seen to judge, by its name."""
        seen = {checker.name: checker.saw for checker in self.lab.watch.checkers}
        return Counter(seen | self.logs.saw)

    @property
    def events(self) -> int:
        """How many messages arrived and timers went off."""
        return self.lab.view.events


def unchanged(rules: Rules) -> Rules:
    """Put no bug in place."""
    return rules


def run(
    schedule: Sequence[Fault],
    *,
    seed: int,
    events: int | None = None,
    change: Change = unchanged,
    heals: bool = True,
    until: frozenset[str] = frozenset(),
) -> Run:
    """Run a schedule, heal everything, and wait for what is owed.

    Args:
        events: stop the storm itself once the kernel has run so many; the rest is left out.
        change: a seeded bug. heals: whether the second half is run at all.
        until: stop once one of these is broken; once anything is, if there are none.
    """
    setup = Setup.of(schedule)
    lab = setup.begin(seed=seed, rules=change(setup.rules()))
    result = Run(seed, lab, lab.watch_logs(), until=until, change=change)
    lab.trace.observe(result.marks.observe, *result.marks.kinds)
    try:
        if not _rage(result, schedule, setup, events) and heals:
            _heal(result, setup)
        _judge(result)
    except LimitReached as reached:
        _judge(result)
        _found(result, (f"liveness: {reached.waited_for}",), str(reached))
    except Exception as error:  # noqa: BLE001 - whatever it is, the seed must be told
        _judge(result)
        _found(result, (f"error: {name_of(error)}",), repr(error))
    return result


def _rage(result: Run, schedule: Sequence[Fault], setup: Setup, events: int | None) -> bool:
    """Do line after line until enough has happened; true once what is waited for is broken."""
    lab, done = result.lab, list[Fault]()
    for fault in schedule:
        if fault.verb != SET:
            lab.run_for(max(0, fault.at_ms - lab.now_ms))
            if events is not None and result.events >= events:
                # when the storm ended is a line, too
                fault = Fault(lab.now_ms, "restart_everything")
            _look_at(result, fault)
            if fault.verb == "restart_everything":
                _let_machines_boot(lab, setup)
            result.did[fault.verb if do(lab, fault) else "made no sense"] += 1
        done.append(fault)
        result.done = tuple(done)
        if result.is_over:
            return True
        lab.check()
        if events is not None and result.events >= events:
            break
    return False


def _let_machines_boot(lab: Lab, setup: Setup) -> None:
    """Let the sessions of those who are down end before all are started again."""
    if not all(broker.is_running for broker in lab.view.brokers):
        lab.run_for(setup.boot_ms)


def _look_at(result: Run, fault: Fault) -> None:
    """Count what a reset is about to break: afterwards nobody can tell."""
    if fault.verb == "reset":
        one, other = fault.args
        assert one is not None and other is not None
        result.marks.seen.update(met_by_reset(result.lab.view, one, other))


def _judge(result: Run) -> None:
    """Take down what is broken by now."""
    broken = result.not_held
    found = (*result.lab.watch.anomalies, *result.logs.anomalies)
    anomalies = (anomaly for anomaly in found if anomaly.name in broken)
    _found(result, broken, "\n".join(map(str, anomalies)))


def _found(result: Run, broken: tuple[str, ...], says: str) -> None:
    if broken:
        result.broken = (*result.broken, *broken)
        result.says = "\n".join(filter(None, (result.says, says)))


def _heal(result: Run, setup: Setup) -> None:
    """End every fault; then all must come back, agree, serve and be read."""
    lab = result.lab
    _let_machines_boot(lab, setup)
    lab.restart_everything()
    if not _have_stopped(lab):
        _await(lab, _have_stopped, "every controlled shutdown to end")
        lab.restart_everything()
    _await(lab, _are_unfenced, "every broker to be unfenced")
    _come_in_sync(lab)
    _await(lab, _are_answered, "every send to be answered")
    for partition in range(setup.partitions):
        _serve(lab, setup, partition)
    _await(lab, _are_equal, "every replica to have the same log end")
    if setup.upkeep_ms:
        lab.run_for(READ_MS)
        _await(lab, partial(_have_read, result.did["read"]), "every reading to end")
    for partition in range(setup.partitions):
        _read_all(lab, setup, partition)
    lab.trace.emit(Quiesced(), at_ms=lab.now_ms, place="faults")


def _come_in_sync(lab: Lab) -> None:
    """Every replica joins; where nobody may lead any more, an administrator decides.

    A new `min.insync.replicas` voids the eligible leader replicas. If the request for it comes to
    the controller while nobody leads, no election but an unclean one brings the partition back.
    """
    for _ in range(TRIES):
        _await(lab, _are_in_sync_or_lost, "every replica to be in sync")
        if lost := _lost(lab):
            for name in lost:
                lab.do(Elect("unclean", name))
            _await(lab, _are_found, "an unclean election")
    _await(lab, _are_in_sync, "every replica to be in sync")


def _lost(lab: Lab) -> tuple[TopicPartition, ...]:
    """Name the partitions of which the controller does not know any more who could lead them."""
    partitions = lab.view.partitions.items()
    return tuple(
        name
        for name, p in partitions
        if p.leader is None and not (p.isr or p.elr or p.last_known_elr)
    )


def _are_in_sync_or_lost(lab: Lab) -> bool:
    return _are_in_sync(lab) or bool(_lost(lab))


def _are_found(lab: Lab) -> bool:
    return not _lost(lab)


def _serve(lab: Lab, setup: Setup, partition: int) -> None:
    """A partition takes a record again; at most a leader that moves home is in the way."""
    tries = []
    for number in range(TRIES):
        value, key = f"last-{partition}-{number}", "last" if setup.compacts else None
        tries.append(sent := lab.send(value, TOPIC, partition, retries=10, key=key))
        lab.run_until(partial(_is_done, sent), waiting_for="the last send to be answered")
        if sent.outcome == "ok":
            return
    limit = f"after {TRIES} tries"
    raise LimitReached(
        "a send to be acknowledged", limit=limit, now_ms=lab.now_ms, pending=repr(tries)
    )


def _read_all(lab: Lab, setup: Setup, partition: int) -> None:
    """A partition can be read from its beginning to its end.

    With upkeep a client of its own reads: R24 looks at what it is given.
    """
    client = LAST_READER if setup.upkeep_ms else CONSUMER
    for _ in range(TRIES):
        begin = _log_start(lab, partition)
        reading = lab.start_reading(TOPIC, partition, offset=begin, client=client)
        lab.run_until(partial(_is_done, reading), waiting_for="the last read to end")
        if not reading.error:
            return
    raise LimitReached(
        "a read", limit=f"after {TRIES} tries", now_ms=lab.now_ms, pending=repr(reading)
    )


def _log_start(lab: Lab, partition: int) -> int:
    """Return where the leader's log begins by now."""
    name = TopicPartition(TOPIC, partition)
    leader = lab.view.partitions[name].leader
    return 0 if leader is None else max(0, lab.view.replica(name, leader).log_start)


def _is_done(asked: Sent | Reading) -> bool:
    return asked.is_done


def _await(lab: Lab, when: Callable[[Lab], bool], waiting_for: str) -> None:
    if not when(lab):
        lab.run_until(lambda: when(lab), within_ms=PATIENCE_MS, waiting_for=waiting_for)


def _have_stopped(lab: Lab) -> bool:
    """Nobody is in the middle of a controlled shutdown: whoever is must be started again."""
    return not any(broker.is_stopping for broker in lab.view.brokers)


def _are_unfenced(lab: Lab) -> bool:
    """The controller knows every broker's present incarnation, and lets it take part."""
    return all(broker.is_unfenced for broker in lab.view.brokers)


def _are_in_sync(lab: Lab) -> bool:
    partitions = lab.view.partitions.values()
    return all(p.leader is not None and len(p.isr) == len(p.replicas) for p in partitions)


def _have_read(readings: int, lab: Lab) -> bool:
    """So many readings are over: R24 takes the one that ends last for the last one."""
    return len(lab.trace.of(ReadEnded)) >= readings


def _are_answered(lab: Lab) -> bool:
    return all(sent.is_done for sent in lab.sends)


def _are_equal(lab: Lab) -> bool:
    view = lab.view
    for name, state in view.partitions.items():
        replicas = [view.replica(name, broker) for broker in state.replicas]
        ends = {end for it in replicas for end in (it.log_end, it.high_watermark)}
        if len(ends) != 1:
            return False
    return True
