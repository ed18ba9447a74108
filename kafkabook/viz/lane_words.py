"""Replica lanes in words: the sentence under the picture, and the rows of its twin."""

from collections.abc import Collection, Sequence
from itertools import groupby

from kafkabook.base.plain import plain
from kafkabook.replication.snapshots import Lane, PartitionSnapshot, StoredRecord
from kafkabook.viz.lane_cells import DrawnLane, Fates, LaneCell, lacking, leading

LANE_HEADS = ("broker", "role", "epoch", "log end", "high watermark", "in ISR", "records")
_MOST_NAMED = 4


def lanes_told(snapshot: PartitionSnapshot, fate: Fates) -> str:
    """Say in a few sentences what the lanes show: who leads, who lacks what, what is lost."""
    leader = leading(snapshot)
    followers = [lane for lane in snapshot.lanes if lane is not leader]
    twice = map(_twice, snapshot.lanes)
    told = [_led(snapshot), *_behind(followers, leader), *twice, _fate_told(fate)]
    return " ".join(filter(None, told))


def _twice(lane: Lane) -> str:
    """Say if two records of a log have one offset: in the drawing one hides the other."""
    offsets = [record.offset for record in lane.records]
    doubled = sorted({offset for offset in offsets if offsets.count(offset) > 1})
    spelt = ", ".join(map(str, doubled))
    return f"Broker {lane.broker} holds offset {spelt} twice." if doubled else ""


def lane_row(snapshot: PartitionSnapshot, it: DrawnLane, first: int) -> tuple[object, ...]:
    """Return one replica's row under `LANE_HEADS`; records before offset `first` are counted."""
    lane = it.lane
    member = {"in sync": "yes", "eligible": "eligible", "": "no"}
    hidden = first - lane.log_start
    held = [f"({min(hidden, len(lane.records))} earlier)"] if hidden > 0 else []
    held += [_cell_told(cell) for cell in it.cells if cell.record.offset >= first]
    return (
        lane.broker,
        role_of(snapshot, lane).split(", epoch")[0],
        "–" if lane.leader_epoch < 0 else lane.leader_epoch,
        lane.log_end,
        lane.high_watermark,
        member[membership(snapshot, lane.broker)],
        " ".join(held),
    )


def role_of(snapshot: PartitionSnapshot, lane: Lane) -> str:
    """Say what a broker is, and what it takes itself for where the controller says otherwise."""
    if not lane.is_alive:
        return "down, unnoticed" if lane.broker == snapshot.leader else "down"
    role = lane.role
    if role == "leader" and lane.broker != snapshot.leader:
        role = "old leader"
    elif role != "leader" and lane.broker == snapshot.leader:
        role = "elected"
    return f"{role}, epoch {lane.leader_epoch}"


def membership(snapshot: PartitionSnapshot, broker: int) -> str:
    """Return "in sync", "eligible" (to lead: in the ELR), or the empty string."""
    return "in sync" if broker in snapshot.isr else "eligible" if broker in snapshot.elr else ""


def brokers_told(brokers: Collection[int]) -> str:
    """Name brokers in order.

    >>> brokers_told({2, 1}), brokers_told(())
    ('1, 2', 'nobody')
    """
    return ", ".join(map(str, sorted(brokers))) or "nobody"


def offsets_told(offsets: Sequence[int]) -> str:
    """Write offsets as runs.

    >>> offsets_told([3]), offsets_told([3, 5, 6, 7])
    ('offset 3', 'offsets 3, 5–7')
    """
    runs = groupby(enumerate(offsets), key=lambda pair: pair[1] - pair[0])
    spans = [[offset for _, offset in run] for _, run in runs]
    named = ", ".join(f"{it[0]}" if len(it) == 1 else f"{it[0]}–{it[-1]}" for it in spans)
    return f"{'offset' if len(offsets) == 1 else 'offsets'} {named}"


def _led(snapshot: PartitionSnapshot) -> str:
    leader, name = leading(snapshot), plain(snapshot.partition)
    members = f"in sync: {brokers_told(snapshot.isr)}"
    members += f"; eligible: {brokers_told(snapshot.elr)}" if snapshot.elr else ""
    if snapshot.leader is None:
        return f"Nobody leads {name} (epoch {snapshot.leader_epoch}); {members}."
    told = f"Broker {snapshot.leader} leads {name} in epoch {snapshot.leader_epoch}"
    if leader is None:
        return f"{told}, says the controller, but it is down; {members}."
    marks = f"high watermark {leader.high_watermark}, log end {leader.log_end}"
    return f"{told}; {members}; {marks}."


def _behind(followers: Sequence[Lane], leader: Lane | None) -> list[str]:
    """Say what each follower lacks of the leader's log, and what it has that the leader lacks."""
    alive = all(lane.is_alive for lane in followers)
    if leader and followers and alive and all(lacking(it, leader) == ([], []) for it in followers):
        return ["No follower lacks anything."]
    return [_one_behind(lane, leader) for lane in followers]


def _one_behind(lane: Lane, leader: Lane | None) -> str:
    name = f"Broker {lane.broker}" + ("" if lane.is_alive else " (down)")
    if leader is None:
        return f"{name} ends at {lane.log_end}."
    lacks, other = lacking(lane, leader)
    said = [f"lacks {offsets_told(lacks)}"] if lacks else []
    beside = "a record" if len(other) == 1 else "records"
    said += [f"has {beside} at {offsets_told(other)} that the leader lacks"] if other else []
    return f"{name} {' and '.join(said or ['lacks nothing'])}."


def _fate_told(fate: Fates) -> str:
    lost = f"Acknowledged and lost: {_records(fate.lost)}." if fate.lost else ""
    kept = f"Acknowledged, but out of reach: {_records(fate.unreachable)}."
    return " ".join(filter(None, (lost, kept if fate.unreachable else "")))


def _records(records: Sequence[StoredRecord]) -> str:
    named = [f"{plain(it.value, 12)} (offset {it.offset})" for it in records[:_MOST_NAMED]]
    more = len(records) - _MOST_NAMED
    return ", ".join(named) + (f" and {more} more" if more > 0 else "")


def _cell_told(cell: LaneCell) -> str:
    acked = "✓" if cell.record.is_acked else ""
    became = cell.fate or ("gone" if cell.is_ghost else "")
    return f"{plain(cell.record.value, 12)}{acked}" + (f" ({became})" if became else "")
