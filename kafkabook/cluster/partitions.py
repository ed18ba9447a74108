"""What the controller decides about partitions: each decision is a record, and nothing else.

Source: kafka, metadata `ReplicationControlManager.java`; KIP-631, KIP-841, KIP-966.
"""

from collections.abc import Iterator
from dataclasses import replace

from kafkabook.base.names import TopicPartition
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.election import (
    Elect,
    ElectionFacts,
    PartitionChange,
    change_isr,
    isr_without,
)
from kafkabook.cluster.metadata import ClusterImage, PartitionChangeRecord
from kafkabook.cluster.rules import ClusterRules
from kafkabook.replication.facts import PartitionState

NOBODY: frozenset[int] = frozenset()


class PartitionDecisions:
    """Reads the image, and returns the records that a piece of news asks for.

    Args:
        image: what has been decided. config, rules: how to decide.
    """

    def __init__(self, image: ClusterImage, *, config: ClusterConfig, rules: ClusterRules) -> None:
        self.image, self.config, self.rules = image, config, rules

    def least(self, partition: TopicPartition) -> int:
        """Return the `min.insync.replicas` that counts."""
        return self.image.least(partition, self.config.min_insync_replicas)

    def is_unclean_allowed(self, partition: TopicPartition) -> bool:
        """Return the `unclean.leader.election.enable` that counts."""
        own = self.image.config_of(partition).unclean_leader_election_enable
        altered = self.image.altered("unclean.leader.election.enable")
        if own is None and altered is not None:
            return altered.strip().lower() == "true"
        return self.config.unclean_leader_election_enable if own is None else own

    def without(
        self, broker: int, why: str, *, lost_tail: bool = False
    ) -> Iterator[PartitionChangeRecord]:
        """A broker goes, or comes back without its tail: it leaves every ISR."""
        gone = frozenset({broker})
        for name, state in self.image.partitions.items():
            if broker in state.isr | state.elr or broker == state.leader:
                yield from self._leave(name, state, gone, why, lost_tail=lost_tail)

    def with_back(self, broker: int) -> Iterator[PartitionChangeRecord]:
        """A broker is unfenced: partitions that nobody leads may be led again."""
        alive = self.image.alive() | {broker}
        for name, state in self.image.partitions.items():
            if state.leader is None and broker in state.replicas:
                why = f"broker {broker} is back"
                yield from self.change(name, state.isr, why=why, alive=alive)

    def leaderless(self) -> Iterator[PartitionChangeRecord]:
        """Look again at the partitions that nobody leads and that may elect uncleanly."""
        for name, state in self.image.partitions.items():
            if state.leader is None and self.is_unclean_allowed(name):
                yield from self.change(name, state.isr, why="the periodic look for a leader")

    def without_eligible(self, topic: str) -> Iterator[PartitionChangeRecord]:
        """The minimum changed: nobody outside the ISR is known to have everything.

        Whoever led last is forgotten too: a partition without any leader then stays so.

        Simplified: Kafka writes one ClearElrRecord for the topic.
        Source: kafka, ConfigurationControlManager `createClearElrRecordsAsNeeded`; KIP-966.
        """
        for name in self.image.topics[topic].partitions:
            state = self.image.partitions[name]
            if state.elr or state.last_known_elr:
                epoch = state.partition_epoch + 1
                after = replace(state, elr=NOBODY, last_known_elr=(), partition_epoch=epoch)
                yield PartitionChangeRecord(name, after, "min.insync.replicas was set")

    def change(
        self,
        name: TopicPartition,
        new_isr: frozenset[int],
        *,
        why: str,
        alive: frozenset[int] | None = None,
        unclean_shutdown: frozenset[int] = NOBODY,
        elect: Elect | None = None,
    ) -> Iterator[PartitionChangeRecord]:
        """Decide what follows when the ISR becomes `new_isr`; nothing, or one record."""
        state = self.image.partitions[name]
        decided = change_isr(
            self.facts(name, alive),
            new_isr,
            min_insync_replicas=self.least(name),
            unclean_shutdown=unclean_shutdown,
            is_elr_enabled=self.rules.is_elr_enabled,
            elect=elect or self.rules.elect,
        )
        after = _after(state, decided)
        if after != state:
            told = f"{why}: {decided.reason}" if after.leader != state.leader else why
            yield PartitionChangeRecord(name, after, told, decided.is_unclean)

    def new_leader_epoch(
        self, name: TopicPartition, leader: int, *, why: str
    ) -> Iterator[PartitionChangeRecord]:
        """Begin a new leader epoch under a replica, even if it leads already."""
        state = self.image.partitions[name]
        epochs = state.leader_epoch + 1, state.partition_epoch + 1
        after = replace(state, leader=leader, leader_epoch=epochs[0], partition_epoch=epochs[1])
        yield PartitionChangeRecord(name, after, why)

    def facts(self, name: TopicPartition, alive: frozenset[int] | None = None) -> ElectionFacts:
        """Return what an election may know."""
        state = self.image.partitions[name]
        stopping = frozenset(b for b, r in self.image.brokers.items() if r.is_shutting_down)
        return ElectionFacts(
            replicas=state.replicas,
            isr=state.isr,
            elr=state.elr,
            last_known_elr=state.last_known_elr,
            leader=state.leader,
            alive=self.image.alive() if alive is None else alive,
            is_unclean_allowed=self.is_unclean_allowed(name),
            shutting_down=stopping,
        )

    def _leave(
        self,
        name: TopicPartition,
        state: PartitionState,
        gone: frozenset[int],
        why: str,
        *,
        lost_tail: bool,
    ) -> Iterator[PartitionChangeRecord]:
        new_isr = isr_without(state.isr, gone, is_elr_enabled=self.rules.is_elr_enabled)
        unclean = gone if lost_tail else NOBODY
        alive = self.image.alive() - gone
        yield from self.change(name, new_isr, why=why, alive=alive, unclean_shutdown=unclean)


def _after(state: PartitionState, decided: PartitionChange) -> PartitionState:
    """Return the state that a decision makes, with its epochs; the same if nothing differs."""
    after = replace(
        state,
        leader=decided.leader,
        isr=decided.isr,
        elr=decided.elr,
        last_known_elr=decided.last_known_elr,
    )
    if after == state:
        return state
    is_new_epoch = decided.leader != state.leader
    return replace(
        after,
        leader_epoch=state.leader_epoch + is_new_epoch,
        partition_epoch=state.partition_epoch + 1,
    )
