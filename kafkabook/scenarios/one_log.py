"""The scenarios of the book's first floor: crashes, recoveries, and what cleaning promises."""

from kafkabook.base.units import DAY_MS, HOUR_MS
from kafkabook.log.config import LogConfig
from kafkabook.log.rules import LogRules
from kafkabook.log.variants import BUGS
from kafkabook.scenarios.log_end import LogEnd
from kafkabook.scenarios.scenario import Scenario
from kafkabook.scenarios.steps import Clean, CutPower, DamageFile, FlushLog, Retain, Start, Write

E3 = Scenario(
    id="E3",
    title="A torn write",
    question="The power goes in the middle of a write. What is left of the log?",
    steps=(
        Write(((None, "a"), (None, "b"))),
        FlushLog(),
        Write(((None, "c"),)),
        CutPower(keep_bytes=40),
        Start(),
        Write(((None, "d"),)),
    ),
    bad=LogEnd(
        "Recovery leaves the torn batch in the file. The log cannot even be opened.",
        readable=("CORRUPT_MESSAGE",),
        rules=BUGS["recovery keeps the torn batch"].put_into(LogRules()),
        broken=("L6",),
    ),
    fix="Cut the file where the first batch is not whole.",
    good=LogEnd(
        "The log ends where the last whole batch ends, and goes on from there.",
        readable=("0 a", "1 b", "2 d"),
    ),
    source="kafka, LogSegment.recover; notes, Part 1 ch 02 §07",
)

_NAMES = tuple((None, f"r{n}") for n in range(6))
_DENSE = LogConfig(index_interval_bytes=0)

E4 = Scenario(
    id="E4",
    title="A damaged index",
    question="One bit of the .index file flips. Are the records still found?",
    steps=(Write(_NAMES), FlushLog(), DamageFile(".index", at_byte=15, bit=3), Start()),
    bad=LogEnd(
        "A log that trusts its index begins to read in the middle of a batch.",
        readable=("0 r0", "1 r1", "CORRUPT_MESSAGE"),
        config=_DENSE,
        rules=BUGS["stale index trusted"].put_into(LogRules()),
        broken=("L5",),
    ),
    fix="Make the index again from the log, which holds everything that an index says.",
    good=LogEnd(
        "The index is made again; every record is found as before.",
        readable=tuple(f"{n} r{n}" for n in range(6)),
        config=_DENSE,
    ),
    source="kafka, LogLoader.java, LogSegment.recover; notes, Part 1 ch 02 §07",
)

_UPDATES = (("k", "v1"), ("k", "v2"), ("j", "w1"), ("k", "v3"), ("z", "last"))

E8 = Scenario(
    id="E8",
    title="Compaction leaves the active segment alone",
    question="A compacted topic is cleaned. Is there one record per key?",
    steps=(Write(_UPDATES, every_ms=2 * HOUR_MS), Clean()),
    bad=LogEnd(
        "All is in the active segment, which the cleaner does not touch: every duplicate stays.",
        readable=("0 k=v1", "1 k=v2", "2 j=w1", "3 k=v3", "4 z=last"),
        config=LogConfig(cleanup_policy=("compact",)),
    ),
    fix="segment.ms = 1 h, so that what is written becomes cleanable within an hour.",
    good=LogEnd(
        "Closed segments are cleaned: the newest value of each key is left, at its old offset.",
        readable=("2 j=w1", "3 k=v3", "4 z=last"),
        config=LogConfig(cleanup_policy=("compact",), segment_ms=HOUR_MS),
    ),
    source="kafka, LogCleanerManager.cleanableOffsets; notes, Part 1 ch 03 §04",
)

_DAYS = tuple((None, f"day-{n}") for n in range(13))

E9 = Scenario(
    id="E9",
    title="Retention by time is retention by segment",
    question="Seven days are promised. What is still there on day 13?",
    steps=(Write(_DAYS, every_ms=DAY_MS), Retain()),
    bad=LogEnd(
        "One segment holds everything, and its newest record is a day old: nothing goes.",
        readable=tuple(f"{n} day-{n}" for n in range(13)),
        config=LogConfig(segment_ms=30 * DAY_MS, retention_ms=7 * DAY_MS),
    ),
    fix="segment.ms = 1 d, so that old records do not share a file with young ones.",
    good=LogEnd(
        "What is older than seven days is gone.",
        readable=tuple(f"{n} day-{n}" for n in range(6, 13)),
        config=LogConfig(segment_ms=1 * DAY_MS, retention_ms=7 * DAY_MS),
    ),
    source="kafka, UnifiedLog.deleteOldSegments; notes, Part 1 ch 03 §04",
)

LOGS = (E3, E4, E8, E9)
