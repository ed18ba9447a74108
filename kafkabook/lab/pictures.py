"""What a lab looks like at a moment: a partition's lanes, and the text of `kafka-topics`."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from kafkabook.base.errors import CorruptSegment
from kafkabook.base.in_order import InOrder
from kafkabook.base.names import TopicPartition
from kafkabook.base.shown import Shown
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.described_configs import described
from kafkabook.cluster.view import ClusterView
from kafkabook.log.partition_log import PartitionLog
from kafkabook.protocol.admin_api import ConfigSource
from kafkabook.records.record import Record
from kafkabook.replication.snapshots import Lane, PartitionSnapshot, StoredRecord

Acked = frozenset[tuple[int, str]]  # offset and value of what producers were told is safe


class Description(str, Shown):
    """Text that a notebook shows as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class Layout(NamedTuple):
    """Where everything is: replicas by partition, racks and leaders, and who is down."""

    placement: dict[str, tuple[int, ...]]
    racks: dict[int, str | None]
    leaders: dict[str, int | None]
    dead: frozenset[int]


def layout(view: ClusterView) -> Layout:
    """Return where everything is, by the controller's metadata; the dead as they are."""
    return Layout(
        {name: state.replicas for name, state in view.partitions.items()},
        {broker.id: broker.rack for broker in view.brokers},
        {name: state.leader for name, state in view.partitions.items()},
        InOrder(broker.id for broker in view.brokers if not broker.is_running),
    )


def describe(view: ClusterView, topic: str, config: ClusterConfig, *, has_elr: bool) -> Description:
    """Return what `kafka-topics.sh --describe` of Kafka 4 prints, to the byte.

    A controller without eligible leader replicas counts as one from before KIP-966, of which the
    tool says N/A. Settings that are the default of every broker are left out.

    Source: kafka, tools `TopicCommand.java` `printDescription`.
    """
    known = view.topics[topic]
    entries = described(
        known.config, config, defaults=view.altered_settings, is_elr_enabled=has_elr
    )
    own = [entry for entry in entries if entry.source is not ConfigSource.DEFAULT_CONFIG]
    head = (
        f"Topic: {topic}",
        f"TopicId: {known.topic_id}",
        f"PartitionCount: {len(known.partitions)}",
        f"ReplicationFactor: {len(view.partitions[known.partitions[0]].replicas)}",
        "Configs: " + ",".join(f"{entry.name}={entry.value}" for entry in own),
    )
    lines = [_line(view, name, has_elr=has_elr) for name in known.partitions]
    return Description("".join(f"{line}\n" for line in ("\t".join(head), *lines)))


def snapshot(view: ClusterView, name: TopicPartition, acked: Acked) -> PartitionSnapshot:
    """Return a partition's lanes, those of dead brokers as their disks hold them."""
    state = view.partitions[name]
    return PartitionSnapshot(
        name,
        leader=state.leader,
        leader_epoch=state.leader_epoch,
        partition_epoch=state.partition_epoch,
        isr=state.isr,
        elr=state.elr,
        lanes=tuple(_lane(view, name, broker, acked) for broker in state.replicas),
        min_insync_replicas=view.min_insync_replicas(name),
        at_ms=view.now_ms,
        seed=view.seed,
    )


def _line(view: ClusterView, name: TopicPartition, *, has_elr: bool) -> str:
    """Describe one partition; who may lead again is not known to every version."""
    state = view.partitions[name]
    columns = {
        "Topic": name.topic,
        "Partition": name.partition,
        "Leader": "none" if state.leader is None else state.leader,
        "Replicas": _listed(state.replicas),
        "Isr": _listed(view.listed_isr(name)),
        "Elr": _listed(sorted(state.elr)) if has_elr else "N/A",
        "LastKnownElr": _listed(state.last_known_elr) if has_elr else "N/A",
    }
    return "".join(f"\t{column}: {value}" for column, value in columns.items())


def _listed(brokers: Iterable[int]) -> str:
    return ",".join(map(str, brokers))


def _lane(view: ClusterView, name: TopicPartition, broker: int, acked: Acked) -> Lane:
    host, replica = view.broker(broker), view.replica(name, broker)
    log = view.log(name, broker)
    return Lane(
        broker,
        replica.role,
        leader_epoch=replica.leader_epoch,
        log_start=max(0, replica.log_start),
        log_end=max(0, replica.log_end),
        high_watermark=max(0, replica.high_watermark),
        records=() if log is None else tuple(_records(log, acked)),
        believes_leader=replica.leader,
        is_alive=host.is_running,
        rack=host.rack,
    )


def _records(log: PartitionLog, acked: Acked) -> Iterable[StoredRecord]:
    for record in _readable(log):
        value = (record.value or b"").decode(errors="replace")
        epoch = log.epochs.epoch_at(record.offset)
        is_acked = (record.offset, value) in acked
        yield StoredRecord(record.offset, epoch, value, is_acked)


def _readable(log: PartitionLog) -> Sequence[Record]:
    """Return the records up to the first damage: nobody is given what lies behind it."""
    try:
        return tuple(log.records())
    except CorruptSegment:
        return tuple(_until_damage(log))


def _until_damage(log: PartitionLog) -> Iterator[Record]:
    offset = log.log_start
    with suppress(CorruptSegment):
        while batches := log.read(offset, max_bytes=1):  # one batch at a time, whatever its size
            yield from batches[0].records
            offset = batches[0].next_offset
