"""R10, R17, R19, R20 and R21: who is waited for, who may join, and what a small set may not do."""

from kafkabook.base.trace import Entry
from kafkabook.checkers.cluster_checker import ClusterChecker
from kafkabook.checkers.replicas import Replicas, topic_of
from kafkabook.cluster.events import BrokersAltered, PartitionChanged, TopicAltered
from kafkabook.replication.events import (
    HighWatermarkMoved,
    IsrAdopted,
    IsrProposed,
    ProduceAnswered,
)

ALL_ACKS = -1


class ReplicationQuorumSuperset(ClusterChecker):
    """R10: a leader waits for everybody whom the controller could elect in its place.

    Until a leader has heard the controller's word the two sets differ. It must then wait for too
    many, never for too few.
    """

    name = "R10"
    promise = "a high watermark waits for every member that the controller counts"
    scope = "a leader of an older leader epoch, whose proposals the controller refuses"
    kinds = (PartitionChanged, HighWatermarkMoved, IsrProposed, IsrAdopted)

    def observe(self, entry: Entry) -> None:
        """Compare the two sets whenever either of them is told."""
        seen = self.replicas.partition
        if seen is None or seen.word is None:
            return
        match entry.event:
            case PartitionChanged() as said:
                leader = seen.current_leader
                if leader is not None:
                    self._judge(said, leader.counted, leader.isr_told, entry)
            case HighWatermarkMoved(is_leader=True) | IsrProposed() | IsrAdopted() as event:
                if _leads(seen.word, event):
                    self._judge(seen.word, event.counted, seen.changed, entry)

    def _judge(
        self, said: PartitionChanged, counted: frozenset[int], *evidence: Entry | None
    ) -> None:
        self.saw += 1
        if forgotten := _counted_by(said) - counted:
            says = (
                f"{said.partition}: leader {said.leader} waits for {in_order(counted)},"
                f" but the controller also counts {in_order(forgotten)}"
            )
            self.report_once((said.partition, said.leader_epoch), says, *evidence)


def _leads(said: PartitionChanged, event: HighWatermarkMoved | IsrProposed | IsrAdopted) -> bool:
    return (said.leader, said.leader_epoch) == (event.broker, event.leader_epoch)


def _counted_by(said: PartitionChanged) -> frozenset[int]:
    """Below the minimum nothing is committed: nobody waits for who is only eligible."""
    return said.isr | said.elr if len(said.isr) >= said.min_insync_replicas else said.isr


class IsrExpandEpochStart(ClusterChecker):
    """R17: who joins has all that was committed, under this leader and before it."""

    name = "R17"
    promise = "a joiner has reached the high watermark and the start of the leader's epoch"
    scope = "before KIP-320 the start of the leader epoch was not asked for"
    kinds = (IsrProposed,)

    def observe(self, entry: Entry) -> None:
        """Judge every joiner by what its leader knew of it."""
        event = entry.event
        assert isinstance(event, IsrProposed)
        ends = dict(event.log_ends)
        for joiner in sorted(event.now - event.was):
            self.saw += 1
            self._judge(entry, event, joiner, ends.get(joiner, -1))

    def _judge(self, entry: Entry, event: IsrProposed, joiner: int, log_end: int) -> None:
        if log_end < max(event.high_watermark, event.epoch_start_offset):
            says = (
                f"{event.partition}: leader {event.broker} lets {joiner} join with log end"
                f" {log_end}; high watermark {event.high_watermark}, start of leader epoch"
                f" {event.leader_epoch} at {event.epoch_start_offset}"
            )
            self.report_once((event.partition, event.leader_epoch, joiner), says, entry)


class MinIsrAck(ClusterChecker):
    """R19: acks=all is answered "ok" only while enough members are in sync."""

    name = "R19"
    promise = "an acks=all answer without an error means min.insync.replicas members"
    scope = "acks 0 and 1, which promise nothing of the kind"
    kinds = (ProduceAnswered,)

    def observe(self, entry: Entry) -> None:
        """Count the members at the moment of the answer."""
        match entry.event:
            case ProduceAnswered(acks=acks, error="") as event if acks == ALL_ACKS:
                self.saw += 1
                if len(event.isr) < event.min_insync_replicas:
                    offsets = f"{event.base_offset} to {event.last_offset}"
                    says = _says_too_few(event, f"acknowledged offsets {offsets}")
                    self.report_once((event.partition, event.leader_epoch), says, entry)


class StrictMinIsr(ClusterChecker):
    """R20: nothing is committed while fewer than min.insync.replicas members are in sync."""

    name = "R20"
    promise = "the high watermark stands still while the set is too small"
    scope = "before Kafka 3.7 it moved; only acks=all producers were refused"
    since = (3, 7)
    kinds = (HighWatermarkMoved,)

    def observe(self, entry: Entry) -> None:
        """Count the members at the moment of the move."""
        match entry.event:
            case HighWatermarkMoved(is_leader=True, from_offset=was, to_offset=now) as event:
                self.saw += 1
                if now > was and len(event.isr) < event.min_insync_replicas:
                    says = _says_too_few(event, f"committed offsets {was} to {now - 1}")
                    self.report_once((event.partition, event.leader_epoch), says, entry)


def _says_too_few(event: ProduceAnswered | HighWatermarkMoved, what: str) -> str:
    return (
        f"{event.partition}: leader {event.broker} {what} with"
        f" {in_order(event.isr)} in sync, where min.insync.replicas is"
        f" {event.min_insync_replicas}"
    )


class MinIsrRecoveryQuorum(ClusterChecker):
    """R21: a partition that nobody may lead remembers who led it last.

    KIP-966 would keep as many as min.insync.replicas. Kafka 4.x keeps one, the last leader, and
    elects it from a list of exactly one. A new minimum voids what is remembered, too.

    Source: kafka, PartitionChangeBuilder.java `maybeUpdateLastKnownLeader`;
    ReplicationControlManager.java `removeTopicElrs`.
    """

    name = "R21"
    promise = "with nobody in sync and nobody eligible, the last known leader is remembered"
    scope = "eligible leader replicas are off; min.insync.replicas set while nobody led"
    kinds = (PartitionChanged, TopicAltered, BrokersAltered)

    def __init__(self, replicas: Replicas) -> None:
        super().__init__(replicas)
        self._altered_ms: dict[str, int] = {}  # topic: when it was last given settings
        self._brokers_altered_ms = -1

    def observe(self, entry: Entry) -> None:
        """Ask for the last leader where both sets are empty."""
        event = entry.event
        if isinstance(event, TopicAltered):
            self._altered_ms[event.topic] = entry.at_ms
            return
        if isinstance(event, BrokersAltered):
            self._brokers_altered_ms = entry.at_ms
            return
        assert isinstance(event, PartitionChanged)
        is_empty = not event.isr and not event.elr
        if event.is_elr_enabled and is_empty and not self._is_voided(event, entry):
            self._judge(event, entry)

    def _is_voided(self, event: PartitionChanged, entry: Entry) -> bool:
        """Say whether new settings, and no election, made the controller speak."""
        altered_ms = self._altered_ms.get(topic_of(event.partition)), self._brokers_altered_ms
        is_altered = entry.at_ms in altered_ms
        return is_altered and event.was_leader is None and not event.was_isr

    def _judge(self, event: PartitionChanged, entry: Entry) -> None:
        self.saw += 1
        if len(event.last_known_elr) != 1:
            known = event.last_known_elr or "nobody"
            says = f"{event.partition}: nobody is in sync or eligible, and {known} is remembered"
            self.report_once((event.partition,), says, entry)


def in_order(brokers: frozenset[int]) -> str:
    """Render a set of brokers in order, so that one seed gives one text.

    >>> in_order(frozenset({3, 1}))
    '{1, 3}'
    """
    return "{" + ", ".join(map(str, sorted(brokers))) + "}"
