"""L2 and L3: what compaction must leave behind, and for how long."""

from kafkabook.base.trace import Entry
from kafkabook.checkers.anomaly import Watching
from kafkabook.log.events import RecordsCompacted

Kept = tuple[int, bytes | None, int | None, int | None]  # offset, key, checksum, horizon in ms


class CompactionKeepsLatest(Watching):
    """L2: the newest record of every key survives, and no survivor has changed or moved."""

    name = "L2"
    promise = "the newest record of each key stays, at its offset, in its order"
    scope = "a tombstone whose time is over; that is L3"

    def observe(self, entry: Entry) -> None:
        """Compare what a cleaning found with what it left."""
        if isinstance(entry.event, RecordsCompacted):
            self.saw += len(entry.event.before)
            for says in (*_lost(entry.event), *_made_up(entry.event)):
                self.report(says, entry)


class TombstoneWindow(Watching):
    """L3: a tombstone stays for delete.retention.ms after the first cleaning that met it."""

    name = "L3"
    promise = "who reads to the end within delete.retention.ms sees the delete"
    scope = "a reader slower than delete.retention.ms"

    def __init__(self) -> None:
        super().__init__()
        self._first_met_ms: dict[tuple[str, int], int] = {}

    def observe(self, entry: Entry) -> None:
        """Remember when each tombstone was first met; judge those that are gone."""
        if not isinstance(entry.event, RecordsCompacted):
            return
        left = {record[0] for record in entry.event.after}
        self.saw += sum(record[2] is None for record in entry.event.before)
        for offset, _, checksum, _ in entry.event.before:
            if checksum is None:
                self._first_met_ms.setdefault((entry.place, offset), entry.at_ms)
        for offset, key, checksum, _ in newest(entry.event).values():
            if checksum is None and offset not in left:
                first_ms = self._first_met_ms[entry.place, offset]
                self._judge(entry, f"the tombstone of {key!r} at {offset}", first_ms)

    def _judge(self, entry: Entry, named: str, first_ms: int) -> None:
        assert isinstance(entry.event, RecordsCompacted)
        stayed_ms, promised_ms = entry.at_ms - first_ms, entry.event.delete_retention_ms
        if stayed_ms == 0:
            self.report(f"{named} did not survive the first cleaning that met it", entry)
        elif stayed_ms < promised_ms:
            self.report(f"{named} went after {stayed_ms} ms; {promised_ms} were promised", entry)


def newest(event: RecordsCompacted) -> dict[bytes | None, Kept]:
    """Return the newest record of each key that the cleaning compared."""
    return {record[1]: record for record in event.before if record[0] < event.end_offset}


def _lost(event: RecordsCompacted) -> list[str]:
    left = {record[0] for record in event.after}
    return [
        f"{key!r} lost its newest record, offset {offset}"
        for key, (offset, _, checksum, _) in newest(event).items()
        if checksum is not None and offset not in left
    ]


def _made_up(event: RecordsCompacted) -> list[str]:
    found = {offset: (key, checksum) for offset, key, checksum, _ in event.before}
    moved = [
        f"offset {offset} holds {key!r}, which was not there before"
        for offset, key, checksum, _ in event.after
        if found.get(offset) != (key, checksum)
    ]
    offsets = [record[0] for record in event.after]
    return moved + (["survivors are out of order"] if offsets != sorted(set(offsets)) else [])
