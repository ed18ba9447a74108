"""What a stage shows at a moment, read from the trace of a cluster entry by entry.

A stage shows one partition: its brokers, the controller's word on it, what its producer and its
consumer know, and the messages that matter to it. Everything comes from events; nothing is guessed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kafkabook.base.machine import Address
from kafkabook.base.trace import Entry, Event
from kafkabook.cluster.events import (
    BrokerCrashed,
    BrokerPaused,
    BrokerPoweredOff,
    BrokerResumed,
    BrokerStarted,
    BrokerStopped,
    DiskLost,
    EverythingHealed,
    LinkCut,
    LinkHealed,
    PartitionChanged,
    PowerCutLeft,
    ReadEnded,
    RecordRead,
    RecordSent,
    SendEnded,
)
from kafkabook.replication.events import (
    BatchStored,
    BatchTold,
    BecameFollower,
    BecameLeader,
    FetchParked,
    FetchReleased,
    HighWatermarkFell,
    HighWatermarkMoved,
    LogStartMoved,
    ReplicaOpened,
    ReplicaTruncated,
)
from kafkabook.sim.events import HoldBegan, HoldEnded

Held = tuple[str | None, Address | None, Address | None]
WAITS, ACKED, FAILED, UNKNOWN, LOST = "waits", "ok", "fail", "info", "lost"


@dataclass(frozen=True, slots=True)
class StoredCell:
    """One record in a broker's log.

    Attributes: `birth` (the entry that told it: the same offset may be written twice), `crc` (of
    its batch; it tells two records with equal values apart).
    """

    offset: int
    epoch: int
    value: str
    crc: int
    birth: int


@dataclass(frozen=True, slots=True)
class BrokerSeen:
    """One broker: its process, what it takes itself for, and its log of the partition.

    Attributes: `cause` (why it is down; empty while it runs), `role` ("leader" or "follower", its
    own belief), `gone` (records that it held and has lost, for as long as nothing else stands
    there).
    """

    id: int
    cause: str = ""
    is_paused: bool = False
    role: str = "follower"
    leader_epoch: int = -1
    log_start: int = 0
    log_end: int = 0
    high_watermark: int = 0
    cells: tuple[StoredCell, ...] = ()
    gone: tuple[StoredCell, ...] = ()

    @property
    def is_up(self) -> bool:
        """Whether its process runs."""
        return not self.cause


@dataclass(frozen=True, slots=True)
class SentSeen:
    """One record as its producer knows it: `how` is waits, ok, fail, info (unknown) or lost."""

    number: int
    value: str
    crc: int
    how: str = WAITS


@dataclass(frozen=True, slots=True)
class StageState:
    """One partition of a cluster at a moment.

    Attributes: `brokers` (in the order of their ids), `leader`, `leader_epoch` and `isr` (the
    controller's word), `high_watermark` (the highest that a leader has told), `has_leader` (whether
    somebody leads and is there to say so), `sends` (what producers sent, in order), `read` (what a
    consumer was given; None before it was answered), `read_error` (what it met instead), `cuts`
    (links that are cut), `holds` (name, sender and receiver of messages that are held, in the order
    in which that began; None means any), `parked` (fetches that wait at a leader: leader and
    follower).
    """

    brokers: tuple[BrokerSeen, ...]
    leader: int | None = None
    leader_epoch: int = -1
    isr: frozenset[int] = frozenset()
    high_watermark: int = 0
    has_leader: bool = False
    sends: tuple[SentSeen, ...] = ()
    read: tuple[str, ...] | None = None
    read_error: str = ""
    cuts: frozenset[frozenset[str]] = frozenset()
    holds: tuple[Held, ...] = ()
    parked: frozenset[tuple[int, int]] = frozenset()

    def broker(self, broker: int) -> BrokerSeen:
        """Return one broker."""
        return next(it for it in self.brokers if it.id == broker)

    def is_cut(self, one: Address, other: Address) -> bool:
        """Say whether nothing passes between two nodes."""
        return frozenset((name_in_lab(one), name_in_lab(other))) in self.cuts

    @property
    def seen(self) -> tuple[object, ...]:
        """What a viewer could tell apart: no entry numbers, and no fetches that wait."""
        brokers = tuple(
            (
                *(it.id, it.cause, it.is_paused, it.role, it.log_end, it.high_watermark),
                *((cell.offset, cell.epoch, cell.value) for cell in it.cells),
            )
            for it in self.brokers
        )
        sends = tuple((sent.value, sent.how) for sent in self.sends)
        word = (self.leader, self.leader_epoch, self.isr, self.high_watermark, self.has_leader)
        return (*brokers, *word, sends, self.read, self.read_error, self.cuts)

    @property
    def lost(self) -> tuple[str, ...]:
        """The values that were acknowledged and are in no log any more, in order."""
        return tuple(sent.value for sent in self.sends if sent.how == LOST)

    @property
    def last_offset(self) -> int:
        """The highest offset that any log has held and that can be drawn."""
        cells = [cell.offset for it in self.brokers for cell in (*it.cells, *it.gone)]
        return max(cells, default=-1)


def name_in_lab(node: Address) -> str:
    """Return a node as the lab calls it: the first client of a kind stands for its kind.

    >>> [name_in_lab(node) for node in (1, "controller", "producer")]
    ['1', 'controller', 'producer-1']
    """
    return str(node) if isinstance(node, int) or node == "controller" else f"{node}-1"


@dataclass(slots=True)
class StageReader:
    """Reads a trace into states.

    Args:
        partition: such as "orders-0". brokers: their ids.

    Attributes: `state` (by now), `values` (checksum of a batch → its values), `waiting` (fetches
    that are parked: leader and number → who asks), `reading` (what a consumer is being given),
        `led_epoch` (the last leader epoch in which a broker took the lead).
    """

    partition: str
    brokers: tuple[int, ...]
    state: StageState = field(init=False)
    values: dict[int, tuple[str, ...]] = field(default_factory=dict)  # crc → values of a batch
    waiting: dict[tuple[int, int], Address] = field(
        default_factory=dict
    )  # (leader, number) → asker
    reading: list[str] = field(default_factory=list)
    led_epoch: int = -1
    _entry: int = 0  # that is being taken

    def __post_init__(self) -> None:
        self.state = StageState(tuple(map(BrokerSeen, sorted(self.brokers))))

    def take(self, entry: Entry) -> bool:
        """Take one entry; say whether it changed what is seen."""
        event = entry.event
        step = _STEPS.get(type(event))
        if step is None or getattr(event, "partition", self.partition) != self.partition:
            return False
        before, self._entry = self.state, entry.number
        self.state = step(self, event) or before
        self._mourn()
        return self.state != before

    def with_broker(self, broker: int, **changes: Any) -> StageState:
        """Return the state with one broker changed."""
        brokers = (replace(it, **changes) if it.id == broker else it for it in self.state.brokers)
        return replace(self.state, brokers=tuple(brokers))

    def cells_of(self, batch: BatchTold | BatchStored) -> list[StoredCell]:
        """Return a batch's records; "?" stands for one whose value no event told."""
        values = self.values.get(batch.crc, ())
        return [
            StoredCell(offset, batch.epoch, value, batch.crc, self._entry)
            for offset, value in zip(
                range(batch.base_offset, batch.last_offset + 1),
                values or ("?",) * (batch.last_offset + 1 - batch.base_offset),
                strict=False,
            )
        ]

    def left_with(self, broker: int, cells: tuple[StoredCell, ...], end: int) -> StageState:
        """Let a broker keep these records and lose the others that it had."""
        seen = self.state.broker(broker)
        gone = {cell.offset: cell for cell in (*seen.gone, *seen.cells)}
        lost = tuple(gone[n] for n in sorted(gone) if n not in {it.offset for it in cells})
        high_watermark = min(seen.high_watermark, end)
        return self.with_broker(
            broker, cells=cells, gone=lost, log_end=end, high_watermark=high_watermark
        )

    def _mourn(self) -> None:
        """Mark acknowledged records that no log holds any more, the logs of the dead included."""
        held = {cell.crc for it in self.state.brokers for cell in it.cells}
        once = held | {cell.crc for it in self.state.brokers for cell in it.gone}
        sends = tuple(
            replace(sent, how=_remembered(sent, held, once)) if sent.how in (ACKED, LOST) else sent
            for sent in self.state.sends
        )
        if sends != self.state.sends:
            self.state = replace(self.state, sends=sends)


def _remembered(sent: SentSeen, held: set[int], once: set[int]) -> str:
    """Return how an acknowledged send stands; what is lost stays so when its place is taken."""
    is_lost = sent.crc not in held and (sent.crc in once or sent.how == LOST)
    return LOST if is_lost else ACKED


def _sent(it: StageReader, event: RecordSent) -> StageState:
    values = it.values.get(event.crc, ())
    it.values[event.crc] = (*values, event.value)
    sent = SentSeen(event.number, event.value, event.crc)
    return replace(it.state, sends=(*it.state.sends, sent))


def _send_ended(it: StageReader, event: SendEnded) -> StageState:
    sends = (
        replace(sent, how=event.outcome) if sent.number == event.number else sent
        for sent in it.state.sends
    )
    return replace(it.state, sends=tuple(sends))


def _stored(it: StageReader, event: BatchStored) -> StageState:
    seen = it.state.broker(event.broker)
    new = it.cells_of(event)
    taken = {cell.offset for cell in new}
    gone = tuple(cell for cell in seen.gone if cell.offset not in taken)
    return it.with_broker(
        event.broker, cells=(*seen.cells, *new), gone=gone, log_end=event.last_offset + 1
    )


def _opened(it: StageReader, event: ReplicaOpened) -> StageState:
    """A start finds a log: records that it had before keep their place."""
    had = {(cell.offset, cell.crc): cell for cell in it.state.broker(event.broker).cells}
    found = [cell for batch in event.batches for cell in it.cells_of(batch)]
    cells = tuple(had.get((cell.offset, cell.crc), cell) for cell in found)
    it.state = it.left_with(event.broker, cells, event.log_end)
    return it.with_broker(
        event.broker, high_watermark=event.high_watermark, log_start=event.log_start
    )


def _cut_back(it: StageReader, event: ReplicaTruncated) -> StageState:
    cells = tuple(c for c in it.state.broker(event.broker).cells if c.offset < event.to_offset)
    return it.left_with(event.broker, cells, event.to_offset)


def _power_left(it: StageReader, event: PowerCutLeft) -> StageState:
    cells = tuple(c for c in it.state.broker(event.broker).cells if c.offset < event.log_end)
    return it.left_with(event.broker, cells, event.log_end)


def _disk_lost(it: StageReader, event: DiskLost) -> StageState:
    return it.left_with(event.broker, (), 0)


def _start_moved(it: StageReader, event: LogStartMoved) -> StageState:
    seen = it.state.broker(event.broker)
    cells = tuple(cell for cell in seen.cells if cell.offset >= event.to_offset)
    return it.with_broker(event.broker, cells=cells, log_start=event.to_offset)


def _hw_moved(it: StageReader, event: HighWatermarkMoved) -> StageState:
    it.state = it.with_broker(event.broker, high_watermark=event.to_offset)
    if not event.is_leader:
        return it.state
    return replace(it.state, high_watermark=event.to_offset, has_leader=True)


def _hw_fell(it: StageReader, event: HighWatermarkFell) -> StageState:
    return it.with_broker(event.broker, high_watermark=event.to_offset)


def _changed(it: StageReader, event: PartitionChanged) -> StageState:
    return replace(
        it.state,
        leader=event.leader,
        leader_epoch=event.leader_epoch,
        isr=event.isr,
        has_leader=it.state.has_leader and event.leader == it.state.leader,
    )


def _leads(it: StageReader, event: BecameLeader) -> StageState:
    it.state = it.with_broker(
        event.broker,
        role="leader",
        leader_epoch=event.leader_epoch,
        high_watermark=event.high_watermark,
    )
    # Who comes back in its own epoch leads behind a closed port, until the controller knows it.
    if event.leader_epoch < it.state.leader_epoch or event.leader_epoch == it.led_epoch:
        return it.state
    it.led_epoch = event.leader_epoch
    return replace(it.state, high_watermark=event.high_watermark, has_leader=True)


def _follows(it: StageReader, event: BecameFollower) -> StageState:
    return it.with_broker(event.broker, role="follower", leader_epoch=event.leader_epoch)


def _down(cause: str) -> Callable[..., StageState]:
    def went(it: StageReader, event: Any) -> StageState:
        it.state = it.with_broker(event.broker, cause=cause, role="follower", is_paused=False)
        parked = frozenset(pair for pair in it.state.parked if event.broker not in pair)
        is_led = it.state.has_leader and it.state.leader != event.broker
        return replace(it.state, parked=parked, has_leader=is_led)

    return went


def _started(it: StageReader, event: BrokerStarted) -> StageState:
    return it.with_broker(event.broker, cause="")


def _paused(it: StageReader, event: BrokerPaused) -> StageState:
    return it.with_broker(event.broker, is_paused=True)


def _resumed(it: StageReader, event: BrokerResumed) -> StageState:
    return it.with_broker(event.broker, is_paused=False)


def _link_cut(it: StageReader, event: LinkCut) -> StageState:
    return replace(it.state, cuts=it.state.cuts | {frozenset((event.one, event.other))})


def _link_healed(it: StageReader, event: LinkHealed) -> StageState:
    return replace(it.state, cuts=it.state.cuts - {frozenset((event.one, event.other))})


def _all_healed(it: StageReader, _: EverythingHealed) -> StageState:
    return replace(it.state, cuts=frozenset())


def _hold_began(it: StageReader, event: HoldBegan) -> StageState:
    return replace(it.state, holds=(*it.state.holds, (event.name, event.sender, event.receiver)))


def _hold_ended(it: StageReader, event: HoldEnded) -> StageState:
    ended = (event.name, event.sender, event.receiver)
    return replace(it.state, holds=tuple(held for held in it.state.holds if held != ended))


def _parked(it: StageReader, event: FetchParked) -> StageState | None:
    it.waiting[event.broker, event.number] = event.asker
    if not isinstance(event.asker, int):
        return None
    return replace(it.state, parked=it.state.parked | {(event.broker, event.asker)})


def _released(it: StageReader, event: FetchReleased) -> StageState | None:
    asker = it.waiting.pop((event.broker, event.number), "")
    if not isinstance(asker, int):
        return None
    return replace(it.state, parked=it.state.parked - {(event.broker, asker)})


def _was_read(it: StageReader, event: RecordRead) -> None:
    it.reading.append(event.value)


def _read_ended(it: StageReader, event: ReadEnded) -> StageState:
    read, it.reading = tuple(it.reading), []
    return replace(it.state, read=() if event.error else read, read_error=event.error)


_STEPS: Mapping[type[Event], Callable[..., StageState | None]] = {
    RecordSent: _sent,
    SendEnded: _send_ended,
    BatchStored: _stored,
    ReplicaOpened: _opened,
    ReplicaTruncated: _cut_back,
    PowerCutLeft: _power_left,
    DiskLost: _disk_lost,
    LogStartMoved: _start_moved,
    HighWatermarkMoved: _hw_moved,
    HighWatermarkFell: _hw_fell,
    PartitionChanged: _changed,
    BecameLeader: _leads,
    BecameFollower: _follows,
    BrokerCrashed: _down("killed"),
    BrokerPoweredOff: _down("no power"),
    BrokerStopped: _down("stopped"),
    BrokerStarted: _started,
    BrokerPaused: _paused,
    BrokerResumed: _resumed,
    LinkCut: _link_cut,
    LinkHealed: _link_healed,
    EverythingHealed: _all_healed,
    HoldBegan: _hold_began,
    HoldEnded: _hold_ended,
    FetchParked: _parked,
    FetchReleased: _released,
    RecordRead: _was_read,
    ReadEnded: _read_ended,
}
