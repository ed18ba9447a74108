"""Wrong memories of producers, each caught by the property that was named for it in advance."""

from collections.abc import Callable

import pytest

from kafkabook.base.errors import KafkaError
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.recovery import Checkpointed
from kafkabook.log.rules import LogRules
from kafkabook.log.variants import BUGS
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from tests.log.compaction_logs import Step, a_compacted_log, committed


def a_batch(sequence: int) -> RecordBatch:
    """Build a batch of one record by producer 7."""
    return RecordBatch.of(
        [Record(b"k", b"v", 1)], producer_id=7, producer_epoch=0, base_sequence=sequence
    )


def offsets_of(log: PartitionLog, *sequences: int) -> list[int | str]:
    """Send batches; return where each was put, or the error that came back."""
    answers: list[int | str] = []
    for sequence in sequences:
        try:
            answers.append(log.append(a_batch(sequence)).base_offset)
        except KafkaError as error:
            answers.append(error.error.name)
    return answers


def a_gap(rules: LogRules) -> object:
    """T1: sequences are contiguous, a retry is answered and a gap refused."""
    return offsets_of(PartitionLog(rules=rules), 0, 0, 2)


def an_old_retry(rules: LogRules) -> object:
    """T2: all of five batches in flight may be sent again."""
    return offsets_of(PartitionLog(rules=rules), 0, 1, 2, 3, 4, 0)


def one_epoch(rules: LogRules) -> object:
    """T3: an older epoch is refused, one's own is not."""
    return offsets_of(PartitionLog(rules=rules), 0, 1)


def two_open(rules: LogRules) -> object:
    """T6: readers wait for the earliest open transaction."""
    opened = (Step((("k", "v"),), producer_id=n, in_transaction=True) for n in (1, 2))
    return a_compacted_log(*opened, rules=rules).last_stable_offset


def an_abort(rules: LogRules) -> object:
    """T7: no record of an aborted transaction is ever seen."""
    data = Step((("k", "v"),), producer_id=1, in_transaction=True)
    return committed(a_compacted_log(data, Step(producer_id=1, ends="abort"), rules=rules))


def a_restart(rules: LogRules) -> object:
    """T1: a retry after a clean restart is answered with its first place."""
    log = PartitionLog(rules=rules)
    log.append(a_batch(0))
    log.close()
    stop = Checkpointed(after_clean_stop=True, recovery_point=1)
    return offsets_of(PartitionLog(disk=log.disk, rules=rules, checkpointed=stop), 0, 1)


@pytest.mark.parametrize(
    ("name", "run", "right", "wrong"),
    [
        ("sequences not checked", a_gap, [0, 0, "OUT_OF_ORDER_SEQUENCE_NUMBER"], [0, 1, 2]),
        (
            "one batch remembered",
            an_old_retry,
            [0, 1, 2, 3, 4, 0],
            [0, 1, 2, 3, 4, "OUT_OF_ORDER_SEQUENCE_NUMBER"],
        ),
        ("same epoch fenced", one_epoch, [0, 1], [0, "INVALID_PRODUCER_EPOCH"]),
        ("second transaction ignored", two_open, 0, 1),
        ("aborted index off by one", an_abort, [], [Record(b"k", b"v", 1_001, offset=0)]),
        ("snapshot forgets sequences", a_restart, [0, 1], [1, 2]),
    ],
)
def test_each_wrong_memory_is_seen_from_outside(
    name: str, run: Callable[[LogRules], object], right: object, wrong: object
) -> None:
    """The same run under today's rules and under the wrong one."""
    assert [right, wrong] == [run(LogRules()), run(BUGS[name].put_into(LogRules()))]
