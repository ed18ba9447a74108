"""L6 and L7: what must be there after a crash, and what must have been said."""

from kafkabook.base.trace import Entry
from kafkabook.checkers.anomaly import Watching
from kafkabook.checkers.written import Batch, WrittenLog
from kafkabook.log.events import DamageFound, RecoveryCompleted, SegmentRecovered


class RecoverPrefix(Watching):
    """L6: after any damage the recovered log is the longest prefix of whole, unchanged batches."""

    name = "L6"
    promise = "recovery keeps every intact batch up to the first damage, and nothing after it"
    scope = (
        "damage below the recovery point, which recovery does not read; a power cut that took back"
        " a truncation"
    )

    def __init__(self) -> None:
        super().__init__()
        self._logs: dict[str, WrittenLog] = {}

    def observe(self, entry: Entry) -> None:
        """Compare each recovery with the batches that were appended and the faults since."""
        log = self._logs.setdefault(entry.place, WrittenLog())
        if isinstance(entry.event, SegmentRecovered):
            self._weigh(entry, entry.event, log)
        if isinstance(entry.event, RecoveryCompleted):
            self._judge(entry, entry.event, log)
        log.take(entry)

    def _weigh(self, entry: Entry, event: SegmentRecovered, log: WrittenLog) -> None:
        is_known = log.is_known_from(event.segment_base)
        whole_bytes = log.whole_bytes(event.segment_base) if is_known else None
        if whole_bytes is not None and event.size_bytes > whole_bytes:
            kept = f"kept {event.size_bytes} bytes, of which {whole_bytes} are whole batches"
            self.report(f"segment {event.segment_base}: {kept}", *log.faults[-3:], entry)

    def _judge(self, entry: Entry, event: RecoveryCompleted, log: WrittenLog) -> None:
        if not log.is_known_from(event.recovery_point):
            return
        self.saw += 1
        safe, broken = log.intact_prefix(event.recovery_point)
        if event.recovered_upto != safe and log.batches:
            kept = "lost" if event.recovered_upto < safe else "kept what is not intact"
            says = f"intact up to offset {safe}, recovered up to {event.recovered_upto}: {kept}"
            self.report(says, *log.faults[-3:], *([broken.entry] if broken else []), entry)


class NoSilentShortRead(Watching):
    """L7: damage with whole batches behind it is reported, never taken for the end of the log."""

    name = "L7"
    promise = "damage in the middle is named as such before anything is cut"
    scope = "the last write itself is torn: then nothing whole stands behind it"

    def __init__(self) -> None:
        super().__init__()
        self._logs: dict[str, WrittenLog] = {}
        self._named: dict[str, list[Entry]] = {}

    def observe(self, entry: Entry) -> None:
        """Remember what was named as damage; ask for it when a recovery ends."""
        log = self._logs.setdefault(entry.place, WrittenLog())
        named = self._named.setdefault(entry.place, [])
        if isinstance(entry.event, DamageFound):
            named.append(entry)
        if isinstance(entry.event, RecoveryCompleted):
            self._judge(entry, entry.event, log, named)
            named.clear()
        log.take(entry)

    def _judge(
        self, entry: Entry, event: RecoveryCompleted, log: WrittenLog, named: list[Entry]
    ) -> None:
        _, broken = log.intact_prefix(event.recovery_point)
        behind = next(log.intact_after(broken), None) if broken else None
        if broken is None or behind is None or not log.is_known_from(event.recovery_point):
            return
        self.saw += 1
        if not any(_names(damage, broken) for damage in named):
            says = (
                f"the batch at {broken.event.base_offset} is damaged and the one at"
                f" {behind.event.base_offset} behind it is whole, but recovery said nothing of it"
            )
            self.report(says, *log.faults[-3:], broken.entry, behind.entry, entry)


def _names(damage: Entry, broken: Batch) -> bool:
    """Whether a DamageFound speaks of this batch and does not call it a torn tail."""
    event = damage.event
    assert isinstance(event, DamageFound)
    at = event.at_byte
    return not event.torn_tail and broken.event.position <= at < broken.end
