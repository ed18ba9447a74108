"""A segment's batches and records as findings."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from kafkabook.base.errors import CorruptMessage, CorruptSegment, KafkaError, NotReadHere
from kafkabook.base.units import bytes_text
from kafkabook.inspect.findings import Fields, Finding, HintMissing, Remark, Row, Warned
from kafkabook.inspect.folder import ReadOnlyFolder
from kafkabook.inspect.internal_topics import COMPACTED, decoder_for
from kafkabook.inspect.kinds import Kind, Known, known
from kafkabook.inspect.place import Place
from kafkabook.inspect.rows import batch_row, record_row
from kafkabook.inspect.wanted import Wanted
from kafkabook.log.checkpoints import (
    CLEANER_OFFSETS,
    LEADER_EPOCHS,
    read_leader_epochs,
    read_offsets,
)
from kafkabook.log.facts import EpochEntry
from kafkabook.log.leader_epochs import believed
from kafkabook.log.verification import Doubt, proves_compaction, verify_segment
from kafkabook.records import formats
from kafkabook.records.batch_header import MAGIC
from kafkabook.records.control_records import read_control
from kafkabook.records.metadata_records import METADATA
from kafkabook.records.record import Record
from kafkabook.records.record_batch import BatchHeader, RecordBatch


class Stored(NamedTuple):
    """A batch, and the byte of its file where it begins."""

    position: int
    batch: RecordBatch


class _Unknown(RecordBatch):
    """A batch of a format from the future: its length is believed, its records are not read."""

    __slots__ = ()

    def __init__(self, data: bytes, header: BatchHeader) -> None:
        self.data, self.header = data, header

    @property
    def records(self) -> tuple[Record, ...]:
        """There is no way to tell.

        Raises:
            NotReadHere: always.
        """
        raise NotReadHere(
            f"magic {self.header.magic} is a format from after Kafka 4.3, or a wrong bit; a newer"
            " kafkabook may read it"
        )


def segment_findings(
    folder: ReadOnlyFolder, name: str, place: Place, wanted: Wanted
) -> Iterator[Finding]:
    """Yield each batch of a segment, then its records.

    Raises:
        CorruptSegment: at the first damage; all before it was yielded.
        NotReadHere: behind it all, if there are batches whose records are not read here.
    """
    what = known(name)
    assert what is not None
    unread: NotReadHere | None = None
    is_metadata = what.kind is Kind.METADATA_SNAPSHOT
    decode, end = decoder_for(place.partition, wanted.decode or METADATA * is_metadata), 0
    expected, has_gaps = max(what.base_offset, 0), False
    doubts: list[Doubt] = []
    for stored in sound_batches(folder, name, place, wanted, doubted=doubts.append):
        yield from _told(name, doubts)
        has_gaps |= stored.batch.base_offset > expected
        expected = stored.batch.next_offset
        end = stored.position + stored.batch.size_bytes
        if stored.batch.last_offset >= wanted.from_offset:
            try:
                yield from _batch(name, stored, wanted, decode)
            except NotReadHere as error:
                yield from _without_records(name, stored)
                unread = unread or error
    yield from _told(name, doubts)
    if has_gaps:
        yield Remark(f"{name}: offsets have gaps, as compaction leaves them")
    if unused_bytes := folder.size(name) - end:
        unused = bytes_text(unused_bytes)
        yield Remark(f"{name}: {unused} of zeros from byte {end} on, set aside and not used")
    if unread is not None:
        raise unread


def _told(name: str, doubts: list[Doubt]) -> Iterator[Finding]:
    """Take the doubts that came up, and put them into sentences."""
    for doubt in doubts:
        if doubt.is_gap:
            yield HintMissing(
                f"{name}: hint missing at byte {doubt.at_byte}: {doubt.reason}. If this topic is"
                " compacted, say --compacted; else batches are missing"
            )
        else:
            where = f"batch {doubt.batch_base} at byte {doubt.at_byte}"
            yield Warned(doubt.at_byte, f"{name}: warning: {where}: {doubt.reason}")
    doubts.clear()


def sound_batches(
    folder: ReadOnlyFolder,
    name: str,
    place: Place,
    wanted: Wanted,
    *,
    doubted: Callable[[Doubt], None] | None = None,
) -> Iterator[Stored]:
    """Yield the batches of a segment, each with everything about it checked, its records too.

    Those whose records are not read here are among them, and say so when they are asked for them.

    Args:
        doubted: is told of what Kafka does not look at, before the batch is yielded; None: nobody.

    Raises:
        CorruptSegment: at the first that is not sound.

    Cost: a window of 1 MiB and the batch at hand are in memory, never the file.
    """
    for position, header in _places(folder, name, place, wanted, doubted):
        data = folder.read(name, position, position + header.size_bytes)
        if header.magic > MAGIC:
            yield Stored(position, _Unknown(data, header))
            continue
        batch = formats.batch_of(data, header)
        try:
            _check_records(batch)
        except NotReadHere:
            pass
        except KafkaError as error:
            reason = error.reason if isinstance(error, CorruptMessage) else str(error)
            raise CorruptSegment(
                name,
                at_byte=position,
                batch_base=header.base_offset,
                reason=f"the checksum is right, but the records are not: {reason}",
                recovered_upto=header.base_offset,
                torn_tail=False,
            ) from error
        yield Stored(position, batch)


def _check_records(batch: RecordBatch) -> None:
    records = batch.records
    if batch.header.is_control and records:
        read_control(records[0])


def is_compacted(place: Place, wanted: Wanted) -> bool:
    """Whether offsets may have gaps: as asked, by the topic's name, or by the cleaner's word."""
    if wanted.compacted is not None or place.partition is None:
        return bool(wanted.compacted)
    return place.partition.topic in COMPACTED or place.partition in _cleaned(place)


def _places(
    folder: ReadOnlyFolder,
    name: str,
    place: Place,
    wanted: Wanted,
    doubted: Callable[[Doubt], None] | None,
) -> Iterator[tuple[int, BatchHeader]]:
    """Read with all that stands beside the file to judge by."""
    what = known(name)
    assert what is not None
    may_have_gaps = wanted.compacted
    if (
        what.suffix in (".cleaned", ".swap")
        or what.kind is Kind.METADATA_SNAPSHOT
        or is_compacted(place, wanted)
    ):
        may_have_gaps = True

    def tell(doubt: Doubt) -> None:
        if doubt.is_gap and _was_thinned_out(place, name):
            return
        if wanted.strict:
            raise CorruptMessage(doubt.reason)
        if doubted is not None:
            doubted(doubt)

    return _verified(folder, what, name, place, is_compacted=may_have_gaps, doubted=tell)


def _verified(
    folder: ReadOnlyFolder,
    what: Known,
    name: str,
    place: Place,
    *,
    is_compacted: bool | None,
    doubted: Callable[[Doubt], None] | None,
) -> Iterator[tuple[int, BatchHeader]]:
    is_part = what.is_live and what.kind is Kind.LOG  # of the log, as no snapshot is
    next_base = place.base_after(what.base_offset) if is_part else None
    return verify_segment(
        folder,
        name,
        base_offset=max(what.base_offset, 0),
        next_base=next_base,
        epochs=_epochs(place) if is_part else (),
        is_compacted=is_compacted,
        is_preallocated=next_base is None,
        doubted=doubted,
    )


def _was_thinned_out(place: Place, name: str) -> bool:
    """Whether the batches themselves prove that compaction was here."""
    with place.open() as folder:
        return any(_is_thinned_out(folder, n, place) for n in (name, *place.live_segments))


def _is_thinned_out(folder: ReadOnlyFolder, name: str, place: Place) -> bool:
    what = known(name)
    assert what is not None
    expected = what.base_offset
    try:
        for _, header in _verified(folder, what, name, place, is_compacted=None, doubted=None):
            if proves_compaction(header, expected):
                return True
            expected = header.next_offset
    except CorruptSegment:
        return False
    return False


def _batch(
    name: str, stored: Stored, wanted: Wanted, decode: Callable[[Record], Fields] | None
) -> Iterator[Row]:
    position, batch = stored
    alone = wanted.headers_only or not batch.records
    yield batch_row(name, position, batch.header, counts=alone)
    if not wanted.headers_only:
        for record in batch.records:
            if record.offset >= wanted.from_offset:
                yield record_row(name, position, batch.header, record, decode)


def _without_records(name: str, stored: Stored) -> Iterator[Finding]:
    yield batch_row(name, stored.position, stored.batch.header, counts=True)
    yield Remark(f"{name}: records of the batch at byte {stored.position} are not shown")


def _epochs(place: Place) -> tuple[EpochEntry, ...]:
    """Return the checkpoint's epochs; none if it is damaged, which is said when it is shown."""
    try:
        with place.open() as folder:
            return believed(read_leader_epochs(folder, LEADER_EPOCHS))
    except (KafkaError, ValueError):
        return ()


def _cleaned(place: Place) -> frozenset[object]:
    try:
        with ReadOnlyFolder(place.folder.parent) as folder:
            return frozenset(read_offsets(folder, CLEANER_OFFSETS))
    except (KafkaError, ValueError):
        return frozenset()
