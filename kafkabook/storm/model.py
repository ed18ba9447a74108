"""Replication of one partition, small enough to look at every state that it can be in.

No time, no network, no bytes: a broker's fetch and its answer are one step, and whatever may happen
may happen next. The decisions are those of the shipped `ReplicationRules`, or of whatever rules
are put in their place.

Simplified: a fetch brings one record; a replica takes an epoch and cuts its log in one step; the
controller's answer to AlterPartition comes at once, and it raises the leader epoch also when it
takes a follower out. No clock says who is late: a leader may drop any member that lacks a record.
Source: hachikuji/kafka-specification, restated; KIP-101, KIP-279, KIP-320.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kafkabook.log.facts import EpochEntry
from kafkabook.replication.facts import (
    UNKNOWN,
    EpochEnd,
    FollowerFacts,
    FollowerLog,
    LeaderFacts,
    Reconcile,
)
from kafkabook.replication.rules import ReplicationRules

NOBODY = -1
LATE_MS, NO_PATIENCE_MS = 1, 0  # whoever lacks a record was last seen complete at 0: it is late


class Request(NamedTuple):
    """What the controller decided on one leader epoch (LeaderAndIsr)."""

    epoch: int
    leader: int
    isr: frozenset[int]

    def under(self, names: Sequence[int]) -> "Request":
        """Return it with broker 1, 2, … called otherwise."""
        return Request(self.epoch, *_renamed(self.leader, self.isr, names))


class ModelController(NamedTuple):
    """What the controller decided last, and what of it somebody may still hear."""

    epoch: int
    leader: int
    isr: frozenset[int]
    sent: tuple[Request, ...]

    def under(self, names: Sequence[int]) -> "ModelController":
        """Return it with broker 1, 2, … called otherwise."""
        sent = tuple(request.under(names) for request in self.sent)
        return ModelController(self.epoch, *_renamed(self.leader, self.isr, names), sent)


class ModelReplica(NamedTuple):
    """One replica, and whom it believes.

    Attributes: `me` (its broker), `log` (the epoch of each record: an epoch has one leader, so
    epoch and offset together name a record), `leader_epoch`, `leader`, `isr` (what it heard last).
    """

    me: int
    log: tuple[int, ...] = ()
    high_watermark: int = 0
    leader_epoch: int = UNKNOWN
    leader: int = NOBODY
    isr: frozenset[int] = frozenset()

    @property
    def leads(self) -> bool:
        """Say whether it takes itself for the leader, rightly or not."""
        return self.leader == self.me

    def under(self, names: Sequence[int]) -> "ModelReplica":
        """Return it with broker 1, 2, … called otherwise."""
        leader, isr = _renamed(self.leader, self.isr, names)
        return self._replace(me=names[self.me - 1], leader=leader, isr=isr)


class ModelState(NamedTuple):
    """All replicas by broker (1, 2, …), the controller, and how many records were ever written."""

    controller: ModelController
    written: int
    replicas: tuple[ModelReplica, ...]


def strong_isr(state: ModelState) -> bool:
    """Say whether R5 and R13 hold: what any leader calls committed, all members have.

    *Any* leader: also one that was replaced and does not know. *Members*: the controller's, for
    those are the ones that can be elected.
    """
    for leader in state.replicas:
        end = leader.high_watermark
        if leader.leader == leader.me and end:
            committed = leader.log[:end]
            if len(committed) < end:
                return False
            for replica in state.replicas:
                if replica.me in state.controller.isr and replica.log[:end] != committed:
                    return False
    return True


def epoch_entries(replica: ModelReplica) -> tuple[EpochEntry, ...]:
    """Return where each epoch of a log begins; a leader's own begins before its first record."""
    entries = [
        EpochEntry(epoch, offset)
        for offset, epoch in enumerate(replica.log)
        if offset == 0 or replica.log[offset - 1] != epoch
    ]
    if replica.leads and replica.log[-1:] != (replica.leader_epoch,):
        entries.append(EpochEntry(replica.leader_epoch, len(replica.log)))
    return tuple(entries)


@dataclass(frozen=True, slots=True)
class Model:
    """What can happen next to each part of a state, by some rules and within some bounds.

    Attributes: `replicas` (how many), `max_records` (ever written), `max_epoch` (last leader
    epoch that the controller gives out).
    """

    rules: ReplicationRules
    replicas: int = 3
    max_records: int = 2
    max_epoch: int = 3

    def start(self) -> ModelState:
        """Return the state before the first election: empty logs, all replicas in sync."""
        brokers = range(1, self.replicas + 1)
        controller = ModelController(UNKNOWN, NOBODY, frozenset(brokers), ())
        return ModelState(controller, 0, tuple(ModelReplica(me) for me in brokers))

    # --- the controller ---

    def decisions(self, controller: ModelController) -> Iterator[tuple[str, ModelController]]:
        """Give all that the controller may do: elect a member, or take one out."""
        if controller.epoch == self.max_epoch:
            return
        members = sorted(controller.isr)
        for member in members:
            if member != controller.leader:
                yield f"controller elects {member}", _decide(controller, member, controller.isr)
        for gone in members:
            rest = controller.isr - {gone}
            leaders = [controller.leader] if controller.leader in rest else sorted(rest)
            for leader in leaders:
                line = f"controller takes out {gone}, leader {leader}"
                yield line, _decide(controller, leader, rest)

    def forget(self, controller: ModelController, heard: int) -> ModelController:
        """Drop what nobody can hear any more: everybody is at `heard` or beyond."""
        return controller._replace(sent=tuple(r for r in controller.sent if r.epoch > heard))

    # --- a replica and its leader ---

    def hear(
        self, replica: ModelReplica, request: Request, leader: ModelReplica
    ) -> ModelReplica | None:
        """Begin a newer epoch; None if its leader does not answer the question that it begins with.

        A leader keeps its log and its high watermark. A follower cuts its log, or goes on to fetch.
        """
        if request.leader != replica.me and self.rules.reconcile is not Reconcile.FETCH:
            cut = self._reconcile(replica, request.epoch, leader)
            if cut is None:
                return None
            replica = cut
        return replica._replace(leader_epoch=request.epoch, leader=request.leader, isr=request.isr)

    def write(self, leader: ModelReplica) -> ModelReplica:
        """Append a record of a producer that takes this replica for the leader."""
        return leader._replace(log=(*leader.log, leader.leader_epoch))

    def fetch(self, follower: ModelReplica, leader: ModelReplica) -> ModelReplica | None:
        """Fetch one record, the high watermark, or where the logs part; None if nothing comes."""
        if not _follows(follower, leader):
            return None
        parting = self._parting(follower, leader)
        if parting is not None:
            return self._cut(follower, parting)[0]
        if self.rules.fence_fetch(follower.leader_epoch, leader.leader_epoch) is not None:
            return None
        offset = len(follower.log)
        if offset > len(leader.log):
            return None
        log = follower.log + leader.log[offset : offset + 1]
        fetched = follower._replace(log=log, high_watermark=min(leader.high_watermark, len(log)))
        return None if fetched == follower else fetched

    # --- a leader ---

    def known_end(self, leader: ModelReplica, follower: ModelReplica) -> int:
        """Return the log end that the leader learns if the follower fetches now; else UNKNOWN."""
        if not _follows(follower, leader) or self._parting(follower, leader) is not None:
            return UNKNOWN
        counts = self.rules.counts_fetch(follower.leader_epoch, leader.leader_epoch)
        return len(follower.log) if counts else UNKNOWN

    def commit(self, leader: ModelReplica, ends: tuple[int, ...]) -> ModelReplica | None:
        """Move the high watermark, if what the leader knows of the others allows it."""
        facts = self._facts(leader, ends)
        offset = self.rules.high_watermark(facts, LATE_MS, NO_PATIENCE_MS)
        return None if offset == leader.high_watermark else leader._replace(high_watermark=offset)

    def memberships(
        self, leader: ModelReplica, ends: tuple[int, ...]
    ) -> Iterator[tuple[str, frozenset[int]]]:
        """Give the sets that the leader may ask for: one member fewer, or one more."""
        wanted = self.rules.in_sync(self._facts(leader, ends), LATE_MS, NO_PATIENCE_MS)
        for late in sorted(leader.isr - wanted):
            yield f"{leader.me} drops {late}", leader.isr - {late}
        for joiner in sorted(wanted - leader.isr):
            yield f"{leader.me} admits {joiner}", leader.isr | {joiner}

    def _facts(self, leader: ModelReplica, ends: tuple[int, ...]) -> LeaderFacts:
        others = [broker for broker in range(1, self.replicas + 1) if broker != leader.me]
        return LeaderFacts(
            leader=leader.me,
            leader_epoch=leader.leader_epoch,
            epoch_start_offset=epoch_entries(leader)[-1].start_offset,
            log_end=len(leader.log),
            high_watermark=leader.high_watermark,
            isr=leader.isr,
            counted=self.rules.counted_members(leader.isr, leader.isr),
            followers=tuple(FollowerFacts(b, end) for b, end in zip(others, ends, strict=True)),
        )

    # --- where two logs part ---

    def _reconcile(
        self, replica: ModelReplica, epoch: int, leader: ModelReplica
    ) -> ModelReplica | None:
        """Cut a log before the first fetch; None if the leader refuses to say where."""
        if self.rules.reconcile is Reconcile.HIGH_WATERMARK:
            return replica._replace(log=replica.log[: replica.high_watermark])
        for _ in replica.log:  # each question but the last costs it a record
            if not leader.leads or self.rules.fence_lookup(epoch, leader.leader_epoch) is not None:
                return None
            replica, is_complete = self._cut(replica, self._end_of(leader, replica.log[-1]))
            if is_complete or not replica.log:
                break
        return replica

    def _parting(self, follower: ModelReplica, leader: ModelReplica) -> EpochEnd | None:
        """Return where the logs part, if the leader may say so; None if they agree."""
        if self.rules.reconcile is not Reconcile.FETCH or not follower.log:
            return None
        if self.rules.fence_lookup(follower.leader_epoch, leader.leader_epoch) is not None:
            return None
        end = self._end_of(leader, follower.log[-1])
        agrees = end.epoch == follower.log[-1] and end.end_offset >= len(follower.log)
        return None if agrees else end

    def _end_of(self, leader: ModelReplica, epoch: int) -> EpochEnd:
        return self.rules.end_of_epoch(epoch_entries(leader), len(leader.log), epoch)

    def _cut(self, replica: ModelReplica, answer: EpochEnd) -> tuple[ModelReplica, bool]:
        """Cut a log after its leader's answer; say whether that was all."""
        own = epoch_entries(replica._replace(leader=NOBODY))
        log = FollowerLog(own, len(replica.log), replica.high_watermark)
        cut = self.rules.truncate(log, answer)
        mark = min(replica.high_watermark, cut.to_offset)
        kept = replica._replace(log=replica.log[: cut.to_offset], high_watermark=mark)
        return kept, cut.is_complete


def _follows(follower: ModelReplica, leader: ModelReplica) -> bool:
    return follower.leader == leader.me and leader.leads


def _decide(controller: ModelController, leader: int, isr: frozenset[int]) -> ModelController:
    """Begin a new leader epoch, and tell everybody."""
    request = Request(controller.epoch + 1, leader, isr)
    return ModelController(*request, (*controller.sent, request))


def _renamed(leader: int, isr: frozenset[int], names: Sequence[int]) -> tuple[int, frozenset[int]]:
    name = leader if leader == NOBODY else names[leader - 1]
    return name, frozenset(names[member - 1] for member in isr)
