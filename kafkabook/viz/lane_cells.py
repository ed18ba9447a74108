"""What stands in the cells of replica lanes: records, ghosts of what was cut, and what is lost.

Nothing is drawn here; the picture and its twin in words both read these values.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kafkabook.replication.snapshots import Lane, PartitionSnapshot, StoredRecord

GHOST_FRAMES = 3
MOST_CELLS = 14
Identity = tuple[int, int, str]  # offset, epoch, value


@dataclass(frozen=True, slots=True)
class LaneCell:
    """One record of one lane as it is drawn.

    Attributes: `waits` (beyond the lane's own high watermark), `is_ghost` (no longer in the log),
    `begins_epoch` (the record before it is of another epoch, or there is none), `fate` ("lost" or
    "out of reach" for an acknowledged record that its partition is without, else empty).
    """

    record: StoredRecord
    waits: bool = False
    is_ghost: bool = False
    begins_epoch: bool = False
    fate: str = ""


@dataclass(frozen=True, slots=True)
class DrawnLane:
    """A lane with the cells that are drawn; `replaced` are offsets where a lost record stood."""

    lane: Lane
    cells: tuple[LaneCell, ...]
    replaced: tuple[int, ...] = ()

    @property
    def ghosts(self) -> tuple[LaneCell, ...]:
        """The cells that are no longer in the log."""
        return tuple(cell for cell in self.cells if cell.is_ghost)


@dataclass(frozen=True, slots=True)
class Fates:
    """What became of acknowledged records.

    Attributes: `lost` (the leader, or without a leader every replica, is without them),
    `unreachable` (nobody leads, and only brokers that are down still hold them).
    """

    lost: tuple[StoredRecord, ...]
    unreachable: tuple[StoredRecord, ...]

    def of(self, record: StoredRecord) -> str:
        """Return "lost", "out of reach", or the empty string."""
        told = {_identity(it): "out of reach" for it in self.unreachable}
        told |= {_identity(it): "lost" for it in self.lost}
        return told.get(_identity(record), "")


def leading(snapshot: PartitionSnapshot) -> Lane | None:
    """Return the lane of the leader that the controller names, if it is alive."""
    own = [it for it in snapshot.lanes if it.broker == snapshot.leader and it.is_alive]
    return own[0] if own else None


def fates(snapshot: PartitionSnapshot, before: Sequence[PartitionSnapshot] = ()) -> Fates:
    """Say which acknowledged records of this and of earlier snapshots the partition is without.

    What retention deleted, below the log start, is not missing.
    """
    acked = {
        _identity(record): record
        for each in (*before, snapshot)
        for lane in each.lanes
        for record in lane.records
        if record.is_acked
    }
    leader, alive = leading(snapshot), [lane for lane in snapshot.lanes if lane.is_alive]
    asked = [leader] if leader else alive
    start = max((lane.log_start for lane in asked or snapshot.lanes), default=0)
    missing = [key for key in sorted(acked.keys() - _held(asked)) if key[0] >= start]
    kept = _held(snapshot.lanes) if leader is None else set()
    lost = tuple(acked[key] for key in missing if key not in kept)
    return Fates(lost, tuple(acked[key] for key in missing if key in kept))


def drawn_lanes(
    snapshot: PartitionSnapshot, before: Sequence[PartitionSnapshot] = ()
) -> tuple[DrawnLane, ...]:
    """Return every lane with its records and ghosts, in assignment order.

    A lost record that stands in no lane any more leaves its gap in the leader's, or, where nobody
    leads, in the first.
    """
    fate = fates(snapshot, before)
    drawn = [_drawn(lane, before, fate) for lane in snapshot.lanes]
    leads = next((n for n, it in enumerate(drawn) if it.lane.broker == snapshot.leader), 0)
    seen = {_identity(cell.record) for it in drawn for cell in it.cells}
    unseen = [record for record in fate.lost if _identity(record) not in seen]
    drawn[leads] = _with_gaps(drawn[leads], unseen)
    return tuple(drawn)


def _with_gaps(it: DrawnLane, unseen: Sequence[StoredRecord]) -> DrawnLane:
    """Leave a gap for each lost record; where another one took its place, note the offset."""
    gaps = {record.offset: LaneCell(record, is_ghost=True, fate="lost") for record in unseen}
    taken = {cell.record.offset for cell in it.cells}
    free = (gap for offset, gap in gaps.items() if offset not in taken)
    cells = sorted((*it.cells, *free), key=lambda cell: cell.record.offset)
    replaced = tuple(offset for offset in sorted(gaps) if offset in taken)
    return DrawnLane(it.lane, _with_epochs(cells), replaced)


def first_shown(lanes: Sequence[DrawnLane], most: int = MOST_CELLS) -> tuple[int, int]:
    """Return the first offset of a window of `most` cells and the offset after its last one."""
    starts = [lane.lane.log_start for lane in lanes]
    cells = [cell.record.offset + 1 for lane in lanes for cell in lane.cells]
    stop = max([lane.lane.log_end for lane in lanes] + cells, default=0)
    start = min(starts, default=0)
    return (start if stop - start <= most else stop - most), stop


def lacking(follower: Lane, leader: Lane) -> tuple[list[int], list[int]]:
    """Return the offsets that a follower lacks, and those where it has what the leader has not."""
    own, true = _held([follower]), _held([leader])
    lacks = [offset for offset, *_ in sorted(true - own) if offset >= follower.log_start]
    return lacks, [offset for offset, *_ in sorted(own - true) if offset >= leader.log_start]


def _drawn(lane: Lane, before: Sequence[PartitionSnapshot], fate: Fates) -> DrawnLane:
    stored = [
        LaneCell(record, record.offset >= lane.high_watermark, fate=fate.of(record))
        for record in lane.records
    ]
    cut = [LaneCell(it, is_ghost=True, fate=fate.of(it)) for it in _cut(lane, before)]
    return DrawnLane(lane, _with_epochs([*stored, *cut]))


def _cut(lane: Lane, before: Sequence[PartitionSnapshot]) -> list[StoredRecord]:
    """Return what stood behind the log end in the last frames, the latest word winning."""
    stood: dict[int, StoredRecord] = {}
    for earlier in before[-GHOST_FRAMES:]:
        own = [record for it in earlier.lanes if it.broker == lane.broker for record in it.records]
        stood |= {record.offset: record for record in own}
    return [stood[offset] for offset in sorted(stood) if offset >= lane.log_end]


def _with_epochs(cells: Sequence[LaneCell]) -> tuple[LaneCell, ...]:
    epochs = [None, *(cell.record.epoch for cell in cells)]
    return tuple(
        replace(cell, begins_epoch=cell.record.epoch != earlier)
        for cell, earlier in zip(cells, epochs, strict=False)
    )


def _held(lanes: Iterable[Lane]) -> set[Identity]:
    return {_identity(record) for lane in lanes for record in lane.records}


def _identity(record: StoredRecord) -> Identity:
    return record.offset, record.epoch, record.value
