"""L8: what a stop, a crash, a power cut and a lost disk leave of a log."""

from dataclasses import dataclass, field

from kafkabook.base.trace import Entry
from kafkabook.checkers.cluster_checker import ClusterChecker
from kafkabook.checkers.replica import Replica, Stretch
from kafkabook.checkers.replicas import Replicas
from kafkabook.cluster.events import BrokerCrashed, BrokerPoweredOff, BrokerStopped, DiskLost
from kafkabook.replication.events import (
    BatchStored,
    BatchTold,
    ReplicaFlushed,
    ReplicaOpened,
    ReplicaTruncated,
)


@dataclass(slots=True)
class _Platter:
    """One replica as its disk has it.

    Attributes: `top` (its log), `safe_below` (offset up to which it has been flushed), `cut`
    (batches that were truncated since: a power cut may bring them back), `end` (the entry that
    ended its broker; None while it runs), `is_struck` (that was a power cut).
    """

    top: Stretch
    safe_below: int = 0
    cut: set[BatchTold] = field(default_factory=set)
    end: Entry | None = None
    is_struck: bool = False


class AckedFlushModel(ClusterChecker):
    """L8: only a power cut takes bytes, only unflushed ones, and only on its own broker.

    A truncation that was not flushed may be taken back, so that old batches stand there again.
    """

    name = "L8"
    promise = "a log reopens as it was left; a power cut may take what was not flushed"
    scope = (
        "what retention took away before the restart; a log below the log start that is written"
        " down; of cleaned logs only the end is compared"
    )
    kinds = (
        *(BatchStored, ReplicaTruncated, ReplicaFlushed, ReplicaOpened),
        *(BrokerCrashed, BrokerStopped, BrokerPoweredOff, DiskLost),
    )

    def __init__(self, replicas: Replicas) -> None:
        super().__init__(replicas)
        self._platters: dict[Replica, _Platter] = {}

    def observe(self, entry: Entry) -> None:
        """Follow every log and what of it is safe; judge it when it opens again."""
        match entry.event:
            case BrokerCrashed() | BrokerStopped() | BrokerPoweredOff() | DiskLost() as event:
                self._end(event.broker, entry)
            case BatchStored() | ReplicaTruncated() | ReplicaFlushed() | ReplicaOpened() as event:
                seen = self.replicas.partition
                if seen is not None:
                    self._follow(entry, event, seen.replica(event.broker))

    def _follow(
        self,
        entry: Entry,
        event: BatchStored | ReplicaTruncated | ReplicaFlushed | ReplicaOpened,
        replica: Replica,
    ) -> None:
        platter = self._platters.get(replica)
        if platter is None:
            platter = self._platters[replica] = _Platter(replica.top)
        match event:
            case ReplicaTruncated(to_offset=to_offset):
                platter.cut.update(s.batch for s in _above(platter.top, replica.top))
                platter.safe_below = min(platter.safe_below, to_offset)
            case ReplicaFlushed(to_offset=to_offset):
                platter.safe_below = to_offset
                if to_offset >= replica.log_end:
                    platter.cut.clear()
            case ReplicaOpened() if platter.end is not None:
                self._judge(entry, event, replica, platter)
        platter.top = replica.top

    def _end(self, broker: int, entry: Entry) -> None:
        for seen in self.replicas.partitions.values():
            replica = seen.replicas.get(broker)
            platter = self._platters.get(replica) if replica is not None else None
            if replica is None or platter is None:
                continue
            if isinstance(entry.event, DiskLost):
                platter.top, platter.safe_below, platter.cut = replica.root, 0, set()
            platter.end = entry
            platter.is_struck |= isinstance(entry.event, BrokerPoweredOff)

    def _judge(
        self, entry: Entry, event: ReplicaOpened, replica: Replica, platter: _Platter
    ) -> None:
        self.saw += 1
        wrong = _wrong_after_power(replica, platter) if platter.is_struck else None
        if not platter.is_struck and not _is_as_left(replica, platter.top):
            wrong = f"it was left ending at {platter.top.end} and reopened at {event.log_end}"
            wrong += ", not the same batches"
        if wrong is not None:
            says = f"{event.partition} on broker {event.broker}: {wrong}"
            self.report_once((event.partition, event.broker), says, platter.end, entry)
        if platter.is_struck:  # what is there after a power cut came from the platter
            platter.safe_below, platter.is_struck = replica.log_end, False
            platter.cut.clear()
        platter.end = None


def _is_as_left(replica: Replica, left: Stretch) -> bool:
    if replica.top is left or replica.is_emptied:
        return True
    if replica.is_compacted:
        return replica.log_end == left.end
    return replica.top.end == left.end and replica.holds(left)


def _wrong_after_power(replica: Replica, platter: _Platter) -> str | None:
    """Say what is missing below the flushed offset, or what was never written; None if nothing."""
    safe = platter.top
    possible = set(platter.cut)
    while safe.before is not None and safe.end > platter.safe_below:
        possible.add(safe.batch)
        safe = safe.before
    if not replica.holds(safe):
        return f"a power cut took flushed records: all below {safe.end} were safe"
    if replica.is_compacted:
        return None
    for stretch in _above(replica.top, safe):
        if stretch.batch not in possible:
            return f"a power cut wrote a batch at {stretch.batch.base_offset}, which nobody did"
    return None


def _above(top: Stretch, below: Stretch) -> list[Stretch]:
    """Return the stretches of `top` behind the end of `below`, newest first."""
    found: list[Stretch] = []
    while top.before is not None and top.end > below.end:
        found.append(top)
        top = top.before
    return found
