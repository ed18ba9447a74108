"""The ends of a scenario of a cluster."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from kafkabook.base.units import ms_text
from kafkabook.checkers.all import CLUSTER_CHECKERS
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.events import PartitionChanged
from kafkabook.lab.bugs import BUGS
from kafkabook.lab.command import Command
from kafkabook.lab.lab import Lab
from kafkabook.lab.rules import Rules
from kafkabook.replication.history import HISTORY
from kafkabook.replication.snapshots import PartitionSnapshot
from kafkabook.scenarios.scenario import End, Outcome, Scenario, Step

NO_LEADER = "LEADER_NOT_AVAILABLE"  # what a consumer meets instead of records


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSetup:
    """A cluster with one topic of one partition, and how producers write to it.

    Attributes: `brokers` (how many), `replicas` (of the partition, preferred leader first),
    `leader` (who leads when the script begins; the preferred leader unless told), `racks`, `acks`,
    `topic` (settings of the topic), `rules`, `config`.
    """

    brokers: int = 3
    replicas: tuple[int, ...] = (1, 2, 3)
    leader: int | None = None
    racks: tuple[str, ...] | None = None
    acks: str | int = "all"
    topic: tuple[tuple[str, Any], ...] = ()
    rules: Rules = field(default_factory=Rules)
    config: ClusterConfig = field(default_factory=ClusterConfig)

    def told_beside(self, other: "ClusterSetup") -> Iterable[str]:
        """Name what differs, in the words of Kafka's settings where there are any."""
        if self.brokers != other.brokers:  # and then their replicas differ of themselves
            yield f"{self.brokers} broker{'' if self.brokers == 1 else 's'}"
        is_as_large = self.brokers == other.brokers
        for name in ("acks", "racks", *(["replicas"] if is_as_large else [])):
            mine = getattr(self, name)
            if mine != getattr(other, name):
                yield f"{name} = {' '.join(map(str, mine)) if isinstance(mine, tuple) else mine}"
        for name, value in self.topic:
            if (name, value) not in other.topic:
                yield f"{_setting(name)} = {_valued(name, value)}"
        for it in fields(ClusterConfig):
            if getattr(self.config, it.name) != getattr(other.config, it.name):
                yield f"{_setting(it.name)} = {_valued(it.name, getattr(self.config, it.name))}"
        yield from _parts(self.rules, other.rules)


@dataclass(frozen=True, slots=True)
class ClusterEnd(End):
    """An end of a scenario of a cluster.

    Attributes: `acked` (values whose producer was told that they are written), `held` (what each
    broker holds in the end, as `1: m0 m1`), `allowed` (names of properties that clients saw broken
    where nobody had promised them), `isr_changes` (how often the ISR changed; None leaves
    it open).
    """

    setup: ClusterSetup = field(default_factory=ClusterSetup, repr=False)
    acked: str = ""
    held: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    isr_changes: int | None = None

    def play(self, scenario: Scenario, steps: Sequence[Step | Command]) -> "ClusterOutcome":
        """Do `steps` in a lab of its own."""
        from kafkabook.scenarios.cluster_player import played

        return played(scenario, self, steps)

    def differing(self, other: End) -> list[str]:
        """Name the settings and parts that the other end has not."""
        assert isinstance(other, ClusterEnd)
        return list(self.setup.told_beside(other.setup)) or ["nothing else"]


@dataclass(frozen=True, slots=True, repr=False)
class ClusterOutcome(Outcome):
    """What a run left of a cluster.

    Attributes: `lab` (to look at, at any moment: `lab.at(…)`), `acked`, `held` and `allowed` as in
    `ClusterEnd`, `moments` (the replicas after each step), `sends` (how each ended, in words),
    `refused` (steps that made no sense).
    """

    lab: Lab = field(repr=False, compare=False)
    acked: str
    held: tuple[str, ...]
    allowed: tuple[str, ...]
    moments: tuple[PartitionSnapshot, ...] = field(repr=False, compare=False)
    sends: tuple[str, ...]
    refused: tuple[str, ...]

    @property
    def as_expected(self) -> bool:
        """Whether all that the end states is so."""
        end = self.end
        assert isinstance(end, ClusterEnd)
        stated = (end.readable, end.broken, end.acked, end.held, end.allowed)
        is_counted = end.isr_changes in (None, self.isr_changes)
        left = (self.readable, self.broken, self.acked, self.held, self.allowed)
        return is_counted and stated == left

    @property
    def chance(self) -> str:
        """The seed of the run."""
        return f" Seed {self.lab.view.seed}."

    @property
    def isr_changes(self) -> int:
        """How often the ISR changed."""
        told = (entry.event for entry in self.trace)
        changed = (event for event in told if isinstance(event, PartitionChanged))
        return sum(event.isr != event.was_isr and bool(event.was_isr) for event in changed)

    @property
    def lost(self) -> tuple[str, ...]:
        """The values that were acknowledged and that no leader has, or will have."""
        return tuple(v for v in self._not_given() if v not in self.out_of_reach)

    @property
    def out_of_reach(self) -> tuple[str, ...]:
        """The values that were acknowledged and are on some broker, but nobody leads."""
        if NO_LEADER not in self.readable:
            return ()
        kept = {value for told in self.held for value in told.split()[1:]}
        return tuple(value for value in self._not_given() if value in kept)

    def _not_given(self) -> Iterable[str]:
        given = {told.partition(" ")[2] for told in self.readable}
        return (value for value in self.acked.split() if value not in given)

    @property
    def excuses(self) -> tuple[str, ...]:
        """What clients saw broken where nobody had promised it, as sentences."""
        known = {kind.name: kind for kind in CLUSTER_CHECKERS}
        told = ((known[name].promise, name, known[name].scope) for name in self.allowed)
        return tuple(
            f"{name} does not hold, and need not: {promise}. Exceptions: {scope}."
            for promise, name, scope in told
        )

    def fates(self) -> Iterable[tuple[str, str]]:
        """Tell what became of acknowledged values that no consumer gets."""
        for fate, values in (("lost", self.lost), ("out of reach", self.out_of_reach)):
            if values:
                yield fate, ", ".join(values)

    def left(self) -> tuple[str, ...]:
        """Say what was acknowledged, what of it is lost, and what each broker holds."""
        lines = [f"acknowledged: {self.acked or 'nothing'}"]
        lines += [f"acknowledged and {fate}: {values}" for fate, values in self.fates()]
        lines += [f"broker {told}" for told in self.held]
        return (*lines, *self.excuses)


def _parts(rules: Rules, other: Rules) -> Iterable[str]:
    """Name the rules of an era, or else the bug, or else each part that differs."""
    eras = [name for name, era in HISTORY.items() if era == rules.replication]
    if rules.replication != other.replication and eras:
        yield f"the rules of replication “{eras[0]}”"
    elif rules.replication != other.replication:
        yield _bug(replace(other, replication=rules.replication), other)
    if rules.cluster.is_elr_enabled != other.cluster.is_elr_enabled:
        yield f"eligible.leader.replicas.version = {int(rules.cluster.is_elr_enabled)}"
    elif rules.cluster != other.cluster:
        yield _bug(replace(other, cluster=rules.cluster), other)


def _bug(rules: Rules, other: Rules) -> str:
    found = (bug.what for bug in BUGS.values() if bug.put_into(other) == rules)
    return next((f"this bug: {what}" for what in found), "parts of its own")


def _setting(name: str) -> str:
    return name.replace("_", ".")


def _valued(name: str, value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ms_text(value) if name.endswith("_ms") and isinstance(value, int) else str(value)
