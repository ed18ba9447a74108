"""What a record of the metadata log means, as an event for whoever reads the trace."""

from kafkabook.base.trace import Event
from kafkabook.cluster.config import TopicConfig, as_text
from kafkabook.cluster.events import BrokersAltered, PartitionChanged, TopicAltered, TopicDeleted
from kafkabook.cluster.metadata import (
    BrokerConfigRecord,
    ClusterImage,
    ConfigRecord,
    PartitionChangeRecord,
    PartitionRecord,
    Record,
    RemoveTopicRecord,
)
from kafkabook.cluster.partitions import PartitionDecisions
from kafkabook.replication.facts import PartitionState


def told_by(
    record: Record,
    before: PartitionState | None,
    image: ClusterImage,
    decisions: PartitionDecisions,
) -> Event | None:
    """Return the event for a record that was just replayed; None where none is worth a line."""
    match record:
        case PartitionRecord(partition):
            return _changed(record, before, image, decisions, "created", is_unclean=False)
        case PartitionChangeRecord(partition, _, reason, is_unclean):
            del partition
            return _changed(record, before, image, decisions, reason, is_unclean=is_unclean)
        case RemoveTopicRecord(topic):
            return TopicDeleted(topic)
        case ConfigRecord(topic, config):
            return TopicAltered(topic, settings_told(config))
        case BrokerConfigRecord(broker, settings):
            return BrokersAltered(int(broker) if broker else None, settings)
    return None


def settings_told(config: TopicConfig) -> tuple[tuple[str, str], ...]:
    """Return the settings that a topic sets itself, by Kafka's names, sorted."""
    usual, mine = TopicConfig().values(), config.values()
    own = (name for name in mine if name in config.named or mine[name] != usual.get(name))
    return tuple((name, as_text(mine[name]) or "") for name in sorted(own))


def _changed(
    record: PartitionRecord | PartitionChangeRecord,
    before: PartitionState | None,
    image: ClusterImage,
    decisions: PartitionDecisions,
    reason: str,
    *,
    is_unclean: bool,
) -> PartitionChanged:
    state = record.state
    return PartitionChanged(
        record.partition,
        leader=state.leader,
        leader_epoch=state.leader_epoch,
        partition_epoch=state.partition_epoch,
        replicas=state.replicas,
        isr=state.isr,
        elr=state.elr,
        last_known_elr=state.last_known_elr,
        min_insync_replicas=decisions.least(record.partition),
        is_unclean=is_unclean,
        was_leader=None if before is None else before.leader,
        was_isr=frozenset() if before is None else before.isr,
        alive=image.alive(),
        reason=reason,
        is_elr_enabled=decisions.rules.is_elr_enabled,
    )
