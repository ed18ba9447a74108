"""The cleaner: what it may touch, what it keeps, and that readers of the newest never notice."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kafkabook.base.errors import CorruptMessage
from kafkabook.checkers.compaction import CompactionKeepsLatest, TombstoneWindow
from kafkabook.checkers.retention import ActiveSegmentUntouched
from kafkabook.log.compaction import Cleaned, Cleaner
from kafkabook.log.compaction_rules import Candidate, keep_record
from kafkabook.log.events import SegmentsCompacted
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.rules import LogRules
from kafkabook.log.transaction_index import AbortedTransaction
from kafkabook.log.variants import BUGS
from kafkabook.records.compression import Codec
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from tests.log.compaction_logs import (
    COMPACTED,
    Step,
    Writer,
    a_compacted_log,
    committed,
    puts,
    table_of,
    texts,
)
from tests.log.vectors import files_of

OTHERS = [(f"j{n}", "v0") for n in range(6)]
UPDATES = [(f"k{n % 3}", f"v{n}") for n in range(12)]  # six batches of 72 bytes to a segment


def clean(log: PartitionLog, now_ms: int = 10_000) -> Cleaned | None:
    """Clean whatever the dirty ratio."""
    return Cleaner().clean(log, now_ms=now_ms, even_if_not_due=True)


def test_of_every_key_the_newest_value_stays_at_its_offset() -> None:
    """What the active segment holds, from offset 6 on, is left alone but counts for nobody."""
    log = a_compacted_log(*puts(*UPDATES))
    assert [0, 6] == [segment.base_offset for segment in log.segments]
    assert Cleaned(0, 6, 432, 216, 1, 1) == clean(log)
    expected = [f"{n}:k{n % 3}=v{n}" for n in (*range(3, 6), *range(6, 12))]
    assert expected == texts(log.records())
    log.check()


def test_a_log_that_starts_inside_its_active_segment_is_not_cleaned() -> None:
    """Deletions by an administrator may reach that far: the active segment is left alone."""
    log = a_compacted_log(*puts(*UPDATES), cleanup_policy=("compact", "delete"))
    log.delete_records_before(9)
    found = Cleaner().cleanable(log, now_ms=10_000)
    offsets = found.first_dirty_offset, found.first_uncleanable_offset
    assert (9, 6, 0) == (*offsets, found.cleanable_bytes)
    assert None is Cleaner().clean(log, now_ms=10_000)
    clean(log)
    assert [0, 6] == [segment.base_offset for segment in log.segments]
    assert 12 == log.log_end
    log.check()


def test_the_active_segment_keeps_its_duplicates() -> None:
    """E8: in a large segment nothing is ever cleaned, however old; rolling it is the remedy."""
    log = a_compacted_log(*puts(*UPDATES), segment_bytes=1 << 20)
    assert 12 == len(list(log.records()))
    assert None is Cleaner().clean(log, now_ms=10_000)
    clean(log)
    assert 12 == len(list(log.records()))
    log.roll()
    Cleaner().clean(log, now_ms=10_000)
    assert ["9:k0=v9", "10:k1=v10", "11:k2=v11"] == texts(log.records())


def test_a_log_that_is_not_compacted_is_left_alone() -> None:
    """Whatever its keys."""
    log = a_compacted_log(*puts(*UPDATES), cleanup_policy=("delete",))
    assert None is clean(log)
    assert 12 == len(list(log.records()))


def test_the_dirty_ratio_must_be_above_the_setting() -> None:
    """Exactly at it is not due: 432 clean bytes and 432 dirty ones are a half."""
    log = a_compacted_log(*puts(*((f"k{n}", "v0") for n in range(7))))
    clean(log)
    writer = Writer(log)
    for step in puts(*((f"j{n}", "v0") for n in range(6))):
        writer.write(step)
    cleaner = Cleaner()
    found = cleaner.cleanable(log, now_ms=0)
    assert (6, 12, 432, 432, 0.5) == (
        found.first_dirty_offset,
        found.first_uncleanable_offset,
        found.clean_bytes,
        found.cleanable_bytes,
        found.dirty_ratio,
    )
    assert None is cleaner.clean(log, now_ms=0)
    assert found.is_due(replace(COMPACTED, min_cleanable_dirty_ratio=0.49))


def test_a_record_that_waits_too_long_makes_its_log_due() -> None:
    """max.compaction.lag.ms, from the first record that is dirty; one millisecond decides."""
    log = a_compacted_log(
        *puts(*UPDATES), min_cleanable_dirty_ratio=1.0, max_compaction_lag_ms=5_000
    )
    first_ms = 1_001
    assert [None, 1] == [
        Cleaner().cleanable(log, now_ms=first_ms + 5_000 + late_ms).overdue_ms or None
        for late_ms in (0, 1)
    ]
    assert None is Cleaner().clean(log, now_ms=first_ms + 5_000)
    assert None is not Cleaner().clean(log, now_ms=first_ms + 5_001)


def test_the_youngest_are_left_for_the_minimum_lag() -> None:
    """min.compaction.lag.ms: a reader may want to see every value for a while."""
    log = a_compacted_log(*puts(*UPDATES, *UPDATES), min_compaction_lag_ms=500)
    assert [0, 6, 12, 18] == [segment.base_offset for segment in log.segments]
    newest_of_second_ms = 1_012
    at_ms = newest_of_second_ms + 500
    ends = [
        Cleaner().cleanable(log, now_ms=now_ms).first_uncleanable_offset
        for now_ms in (0, at_ms - 1, at_ms, at_ms + 6)
    ]
    assert [0, 6, 12, 18] == ends


def test_nothing_undecided_is_cleaned() -> None:
    """The last stable offset ends the range, rounded down to a segment."""
    opened = Step((("k0", "open"),), producer_id=7, in_transaction=True)
    log = a_compacted_log(*puts(*UPDATES[:8]), opened, *puts(*UPDATES))
    assert 8 == log.last_stable_offset
    assert 6 == Cleaner().cleanable(log, now_ms=0).first_uncleanable_offset


def test_the_dirtiest_log_comes_first_and_clean_ones_never() -> None:
    """One cleaner thread takes one log at a time."""
    half = a_compacted_log(*puts(*((f"k{n}", "v0") for n in range(7))))
    clean(half)
    for step in puts(*UPDATES):
        Writer(half).write(step)
    dirty, small = a_compacted_log(*puts(*UPDATES)), a_compacted_log()
    assert dirty is Cleaner().dirtiest([half, dirty, small], now_ms=0)
    assert None is Cleaner().dirtiest([small], now_ms=0)


def test_the_next_cleaning_begins_where_the_last_one_ended() -> None:
    """The offset is in `cleaner-offset-checkpoint`, for a restart must not begin anew."""
    log = a_compacted_log(*puts(*UPDATES))
    clean(log)
    assert "0\n1\norders 0 6\n" == log.disk.read("cleaner-offset-checkpoint").decode()
    assert 6 == Cleaner().cleanable(log, now_ms=0).first_dirty_offset


def test_a_checkpoint_outside_the_log_counts_as_none() -> None:
    """After a truncation the whole log is taken for dirty."""
    log = a_compacted_log(*puts(*UPDATES))
    clean(log)
    log.truncate_to(3)
    assert 0 == Cleaner().cleanable(log, now_ms=0).first_dirty_offset


def test_a_tombstone_stays_for_its_time_after_the_first_cleaning_that_met_it() -> None:
    """The horizon is set once and not moved; a cleaning at the very millisecond removes it."""
    log = a_compacted_log(*puts(("k0", "v"), ("k0", None), ("k1", "v"), *OTHERS))
    seen = []
    for now_ms in (5_000, 5_999, 6_000):
        clean(log, now_ms)
        seen.append(texts(log.records(stop=3)))
    assert [["1:k0=null", "2:k1=v"], ["1:k0=null", "2:k1=v"], ["2:k1=v"]] == seen


def test_even_without_retention_a_tombstone_survives_one_cleaning() -> None:
    """Else a reader at the end of the log might never learn of the delete (KIP-534)."""
    log = a_compacted_log(*puts(("k0", None), *OTHERS), delete_retention_ms=0)
    clean(log)
    assert "0:k0=null" in texts(log.records())
    clean(log)
    assert "0:k0=null" not in texts(log.records())


def test_a_slow_reader_misses_a_tombstone() -> None:
    """E7: it has the value, pauses for longer than delete.retention.ms, and keeps it for ever."""
    log = a_compacted_log(*puts(("k", "v1")))
    state = table_of(log.records())
    writer = Writer(log)
    for step in puts(("k", None), *UPDATES):
        writer.write(step)
    clean(log, 10_000)
    assert {b"k"} <= state.keys() - table_of([*log.records(stop=2)]).keys()
    clean(log, 11_000)
    late = state | table_of(log.records(start=1))
    assert (b"v1", True) == (late[b"k"], b"k" not in table_of(log.records()))


def test_timestamps_stay_what_they_are_when_a_horizon_takes_the_base() -> None:
    """The base timestamp holds the horizon then, and every delta is counted from it."""
    log = a_compacted_log(Step((("k0", "v"), ("k1", None), ("k2", "v"))), *puts(*OTHERS))
    before = {record.offset: record for record in log.records()}
    clean(log, 5_000)
    (batch,) = [b for b in log.read(0) if b.base_offset == 0]
    assert 6_000 == batch.header.delete_horizon_ms
    assert all(before[record.offset] == record for record in batch.records)
    batch.check()


def test_a_batch_keeps_the_time_of_its_append() -> None:
    """With LogAppendTime the header's time is that of all records, also of those that are left."""
    log = a_compacted_log(message_timestamp_type="LogAppendTime")
    log.append(RecordBatch.of([Record(b"k0", b"a", 5), Record(b"k1", b"b", 6)]), now_ms=900)
    for _, value in UPDATES[:7]:
        log.append([Record(b"k0", value.encode())], now_ms=950)
    log.advance_high_watermark()
    clean(log)
    assert (Record(b"k1", b"b", 900, offset=1),) == log.read(0)[0].records


def test_the_data_of_an_aborted_transaction_goes_and_does_not_hide_what_was_committed() -> None:
    """An aborted record is no newer value; its marker and index entry go in three cleanings."""
    log = a_compacted_log(
        *puts(("k0", "good")),
        Step((("k0", "bad"),), producer_id=7, in_transaction=True),
        Step(producer_id=7, ends="abort"),
        *puts(*((f"j{n}", "v") for n in range(8))),
        delete_retention_ms=0,
    )
    log.producers.expire(now_ms=1 << 40)
    entry = AbortedTransaction(7, 1, 2, 3)
    states = []
    for now_ms in (5_000, 5_001, 5_002):
        offsets = [b.base_offset for b in log.read(0) if b.base_offset < 4]
        states.append((offsets, [e for s in log.segments for e in s.aborted]))
        clean(log, now_ms)
        assert b"good" == table_of(committed(log))[b"k0"]
    offsets = [b.base_offset for b in log.read(0) if b.base_offset < 4]
    states.append((offsets, [e for s in log.segments for e in s.aborted]))
    assert [([0, 1, 2, 3], [entry]), ([0, 2, 3], [entry]), ([0, 2, 3], []), ([0, 3], [])] == states


def test_an_active_producers_last_batch_stays_as_a_shell_and_tells_its_sequence() -> None:
    """Else a restart would forget the number, and take a gap or a duplicate for the next batch."""
    log = a_compacted_log(
        Step((("k0", "a"), ("k1", "a")), producer_id=7),
        *puts(("k0", "b"), ("k1", "b"), *UPDATES[:6]),
    )
    before = log.producers.snapshot().producers
    clean(log)
    shell = log.read(0)[0].header
    assert (0, 1, 0, 7, 0, 1) == (
        shell.base_offset,
        shell.last_offset,
        shell.records_count,
        shell.producer_id,
        shell.base_sequence,
        shell.last_sequence,
    )
    for name in log.disk.list("orders-0"):
        if name.endswith(".snapshot"):
            log.disk.remove(f"orders-0/{name}")
    assert (
        before
        == PartitionLog("orders-0", log.disk, config=log.config).producers.snapshot().producers
    )


def test_a_full_map_ends_the_cleaning_early_and_the_next_one_goes_on() -> None:
    """24 bytes a key, nine tenths full: 80 bytes hold two keys."""
    log = a_compacted_log(*puts(*UPDATES, *UPDATES))
    cleaner = Cleaner(dedupe_buffer_bytes=80)
    ends = []
    while (found := cleaner.cleanable(log, now_ms=0)).cleanable_bytes and len(ends) < 20:
        cleaned = cleaner.clean(log, now_ms=10_000, even_if_not_due=True)
        assert cleaned is not None
        assert found.first_dirty_offset == cleaned.first_dirty_offset
        ends.append(cleaned.end_offset)
        log.check()
    assert [2, 4, 6, 8, 10, 12, 14, 16, 18] == ends
    assert table_of(puts_as_records()) == table_of(log.records())


def puts_as_records() -> list[Record]:
    """The records of two rounds of `UPDATES`."""
    return [Record(key.encode(), value.encode()) for key, value in (*UPDATES, *UPDATES)]


def test_small_neighbours_become_one_segment_within_segment_bytes() -> None:
    """Judged by their size before the cleaning, so that joining takes a second one."""
    log = a_compacted_log(*puts(*UPDATES, *UPDATES))
    bases = []
    for now_ms in (10_000, 10_001):
        clean(log, now_ms)
        bases.append([segment.base_offset for segment in log.segments])
    assert [[0, 6, 12, 18], [0, 18]] == bases
    joined = log.trace.of(SegmentsCompacted)[-1].event
    assert ((0, 6, 12), 0, 18) == (joined.old_bases, joined.new_base, joined.active_base)
    assert [(15, 0), (16, 72), (17, 144)] == [*joined.batches]
    snapshots = [n for n in log.disk.list("orders-0") if n.endswith(".snapshot")]
    assert ["00000000000000000018.snapshot"] == snapshots


def test_damage_ends_the_cleaning_and_is_not_given_a_right_checksum() -> None:
    """A value with a flipped bit must not be written anew as if it were sound; the log stays."""
    log = a_compacted_log(*puts(*UPDATES))
    path, at = log.segments[0].path, 4 * 72 + 70  # the value in the fifth batch
    log.disk.write(path, at, bytes([log.disk.read(path, at, at + 1)[0] ^ 1]))
    before = log.disk.read(path)
    with pytest.raises(CorruptMessage, match=f"^byte {4 * 72 + 17}: checksum"):
        clean(log)
    assert before == log.disk.read(path)
    assert [] == log.trace.of(SegmentsCompacted)


def test_with_compact_and_delete_old_segments_go_as_a_whole_too() -> None:
    """cleanup.policy=compact,delete: a key that nobody writes any more is forgotten in time."""
    log = a_compacted_log(
        *puts(*UPDATES), cleanup_policy=("compact", "delete"), retention_ms=60_000
    )
    clean(log)
    assert (0,) == log.delete_old_segments(now_ms=61_010)
    assert [f"{n}:k{n % 3}=v{n}" for n in range(6, 12)] == texts(log.records())
    assert 6 == Cleaner().cleanable(log, now_ms=0).first_dirty_offset


keys = st.sampled_from(["a", "b", "c", "long-key-" * 8])
pairs = st.lists(
    st.tuples(keys, st.one_of(st.none(), st.text("xyz", max_size=3))), min_size=1, max_size=4
)


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    """Draw batches by plain, idempotent and transactional producers, some with open ends."""
    steps: list[Step] = []
    open_ids: set[int] = set()
    for _ in range(draw(st.integers(5, 40))):
        producer_id = draw(st.integers(-1, 4))
        if producer_id in open_ids and draw(st.booleans()):
            steps.append(
                Step(producer_id=producer_id, ends=draw(st.sampled_from(["commit", "abort"])))
            )
            open_ids.discard(producer_id)
            continue
        in_transaction = producer_id >= 2
        open_ids |= {producer_id} if in_transaction else set()
        codec = draw(st.sampled_from([Codec.NONE, Codec.NONE, Codec.GZIP]))
        steps.append(Step(tuple(draw(pairs)), producer_id, "", in_transaction, codec))
    return steps


cleanings = st.lists(st.sampled_from([0, 1, 600, 1_000, 5_000]), min_size=1, max_size=4)


def judged(log: PartitionLog) -> list[str]:
    """Return the names of the laws that the trace shows broken."""
    checkers = [ActiveSegmentUntouched(), CompactionKeepsLatest(), TombstoneWindow()]
    for entry in log.trace:
        for checker in checkers:
            checker.observe(entry)
    return [checker.name for checker in checkers if checker.anomalies]


@settings(max_examples=30)
@given(steps=histories(), waits_ms=cleanings, later=histories(), tight=st.booleans())
def test_compaction_is_invisible_to_who_wants_the_newest(
    steps: list[Step], waits_ms: list[int], later: list[Step], tight: bool
) -> None:
    """Whatever was written, cleaned and written again: the table that a reader of committed
    records builds is the same, survivors are where they were, and a restart finds the same."""
    log, twin = a_compacted_log(), a_compacted_log(cleanup_policy=("delete",), retention_ms=-1)
    writers, now_ms = (Writer(log), Writer(twin)), 10_000
    for step in (*steps, *later) if tight else steps:
        for writer in writers:
            writer.write(step)
    cleaner = Cleaner(dedupe_buffer_bytes=80 if tight else 1 << 20)
    for wait_ms in waits_ms:
        now_ms += wait_ms
        cleaner.clean(log, now_ms=now_ms, even_if_not_due=True)
        log.check()
    seen, all_there = committed(log), committed(twin)
    assert table_of(all_there) == table_of(seen)
    where = {record.offset: record for record in all_there}
    assert [where[record.offset] for record in seen] == seen
    assert [] == judged(log)
    assert _sequences(log) == _sequences(twin)
    back = PartitionLog("orders-0", log.disk, config=log.config)
    back.advance_high_watermark()
    assert seen == committed(back)
    assert _sequences(log) == _sequences(back)


def _sequences(log: PartitionLog) -> list[tuple[int, int, int, int | None]]:
    return [
        (entry.producer_id, entry.last_sequence, entry.last_data_offset, entry.first_offset)
        for entry in log.producers.snapshot().producers
    ]


def the_plain_rule(candidate: Candidate) -> bool:
    """Today's rule under another name, so that no fast path recognises it."""
    return keep_record(candidate)


@settings(max_examples=30)
@given(steps=histories(), waits_ms=cleanings, buffer_bytes=st.sampled_from([80, 1 << 20]))
def test_the_fast_path_leaves_the_bytes_of_the_plain_rule(
    steps: list[Step], waits_ms: list[int], buffer_bytes: int
) -> None:
    """Survivors found by the map alone, or record by record: the same files."""
    logs = [
        a_compacted_log(*steps, rules=LogRules(keep_record=rule))
        for rule in (keep_record, the_plain_rule)
    ]
    now_ms = 10_000
    for wait_ms in waits_ms:
        now_ms += wait_ms
        for log in logs:
            Cleaner(dedupe_buffer_bytes=buffer_bytes).clean(
                log, now_ms=now_ms, even_if_not_due=True
            )
        fast, plain = (files_of(log.disk, "orders-0") for log in logs)
        assert plain == fast


@pytest.mark.parametrize(
    ("name", "law"),
    [
        ("compaction drops the last of a segment", "L2"),
        ("compaction keeps only older", "L2"),
        ("compaction renumbers", "L2"),
        ("tombstones dropped at once", "L3"),
        ("tombstones dropped at the second cleaning", "L3"),
        ("active segment cleaned", "L1"),
    ],
)
def test_a_wrong_cleaner_breaks_the_law_that_was_named_for_it_and_no_other(
    name: str, law: str
) -> None:
    """The same log and the same two cleanings, under which the right one breaks none."""
    steps = [
        Step((("a", "v"), ("b", None), ("a", "w"), ("c", "v"))),
        *puts(("k3", "v"), ("k3", None), *UPDATES[:4], ("k9", "v"), *UPDATES[4:]),
    ]
    verdicts = {}
    for title, rules in {"right": LogRules(), name: BUGS[name].put_into(LogRules())}.items():
        log = a_compacted_log(*steps, rules=rules)
        for now_ms in (10_000, 10_500):
            clean(log, now_ms)
        verdicts[title] = judged(log)
    assert ({"right": [], name: [law]}, law) == (verdicts, BUGS[name].caught_by)


def test_cleaning_what_is_undecided_is_seen_by_readers_of_committed_records() -> None:
    """T7: the open transaction's value supersedes the committed one, then is aborted."""
    tables = []
    for rules in (LogRules(), BUGS["undecided records cleaned"].put_into(LogRules())):
        log = a_compacted_log(
            *puts(("k0", "good")),
            Step((("k0", "open"),), producer_id=7, in_transaction=True),
            *puts(*((f"j{n}", "v") for n in range(8))),
            rules=rules,
        )
        clean(log)
        Writer(log).write(Step(producer_id=7, ends="abort"))
        tables.append(table_of(committed(log)).get(b"k0"))
    assert [b"good", None] == tables


@pytest.mark.parametrize("codec", [Codec.GZIP, Codec.ZSTD])
def test_what_shrank_a_thousandfold_is_read_and_cleaned(codec: Codec) -> None:
    """A broker takes a value of one byte, three million times; the cleaner raised at it once."""
    log = PartitionLog("orders-0", config=replace(COMPACTED, segment_bytes=1_000_000))
    for value in (bytes(3_000_000), b"newest"):
        batch = RecordBatch.of([Record(b"k", value, 1_000)], codec=codec)
        log.append(batch, now_ms=1_000)
        assert value == log.read(log.log_end - 1)[0].records[0].value
        log.roll()
    log.advance_high_watermark()
    clean(log)
    assert [b"newest"] == [record.value for record in log.records()]
