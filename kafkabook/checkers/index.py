"""L5: an index entry is a promise about the log file."""

from kafkabook.base.trace import Entry
from kafkabook.checkers.anomaly import Watching
from kafkabook.checkers.written import WrittenLog
from kafkabook.log.events import IndexEntryAdded, IndexLoaded


class IndexSound(Watching):
    """L5: every entry points at the first byte of a batch whose last offset is the entry's."""

    name = "L5"
    promise = "an index entry names the last offset of a batch and the byte where it begins"
    scope = (
        "a power cut took back a truncation; Kafka itself believes an index below its recovery"
        " point"
    )

    def __init__(self) -> None:
        super().__init__()
        self._logs: dict[str, WrittenLog] = {}

    def observe(self, entry: Entry) -> None:
        """Look every entry up among the batches that were appended."""
        log = self._logs.setdefault(entry.place, WrittenLog())
        log.take(entry)
        match entry.event:
            case IndexEntryAdded(segment_base=base, offset=offset, position=position):
                self._judge(entry, log, base, ((offset, position),))
            case IndexLoaded(segment_base=base, entries=entries):
                self._judge(entry, log, base, entries)

    def _judge(
        self, entry: Entry, log: WrittenLog, base: int, entries: tuple[tuple[int, int], ...]
    ) -> None:
        known = [entry for entry in entries if log.is_known_from(entry[0])]
        self.saw += len(known)
        here = log.positions(base)
        for offset, position in known:
            begins = here.get(offset)
            if begins is None:
                says = f"segment {base}: no batch ends at offset {offset} of its index"
                self.report(says, entry)
            elif begins != position:
                says = f"segment {base}: {offset} → byte {position}, but it begins at {begins}"
                self.report(says, entry)
