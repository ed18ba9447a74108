"""One damaged directory to a real broker and to our log: both save the same, and rebuild the same.

Neither is told of a clean stop or of a recovery point, so each reads every batch.
"""

import time
from pathlib import Path

import pytest

from kafkabook.log.disk import DirectoryDisk
from kafkabook.log.events import GapAccepted
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.recovery import Checkpointed

from .batches import contents, used
from .damage import DAMAGED
from .history import COMPACTED_TOPICS, Served, log_config
from .kafka import RealKafka
from .node import copy_of
from .ours import directory_of
from .workload import Received

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def recovered(
    damaged_directories: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, PartitionLog]:
    """Our logs, opened over copies of the damaged directories."""
    root = tmp_path_factory.mktemp("recovered")
    logs = {}
    for topic, (origin, _) in DAMAGED.items():
        copy_of(damaged_directories[topic], root / f"{topic}-0")
        logs[topic] = PartitionLog(
            f"{topic}-0",
            DirectoryDisk(root),
            config=log_config(origin),
            checkpointed=Checkpointed(was_compacted=origin in COMPACTED_TOPICS),
            now_ms=int(time.time() * 1000),  # which producers have expired hangs on it
        )
    return logs


def files(directory: Path) -> dict[str, bytes]:
    """Segments, indexes and snapshots; what waits to be unlinked is gone already."""
    return {
        name: used(data) if name.endswith("index") else data
        for name, data in contents(directory).items()
        if name[:20].isdigit() and not name.endswith(".deleted")
    }


@pytest.mark.parametrize("topic", DAMAGED)
def test_the_same_records_are_saved(
    recovered: dict[str, PartitionLog], served: Served, topic: str
) -> None:
    """The valid prefix, and not a record more or less."""
    expected = served["read_uncommitted"][topic]
    assert expected == [
        Received(r.offset, r.timestamp_ms, r.key, r.value, r.headers)
        for r in recovered[topic].records()
    ]
    assert expected


@pytest.mark.parametrize("topic", DAMAGED)
def test_the_same_files_are_made_anew(
    kafka: RealKafka, recovered: dict[str, PartitionLog], served: Served, topic: str
) -> None:
    """Indexes, aborted transactions and snapshots are as the broker's, byte for byte.

    Among them the snapshot at the log end, and an index of aborted transactions without any left.
    """
    (node,) = kafka.brokers
    theirs = files(node.partition_directory(f"{topic}-0"))
    ours = files(directory_of(recovered[topic]))
    assert sorted(theirs) == sorted(ours)
    assert {} == {name: (theirs[name], ours[name]) for name in ours if theirs[name] != ours[name]}


def test_a_compacted_log_is_kept_whole_though_nobody_says_that_it_is_one(
    damaged_directories: dict[str, Path], served: Served, tmp_path: Path
) -> None:
    """No policy and no checkpoint of the cleaner: its gaps must not be taken for damage."""
    copy_of(damaged_directories["sound-compacted"], tmp_path / "orders-0")
    log = PartitionLog("orders-0", DirectoryDisk(tmp_path))
    assert 1 == len(log.trace.of(GapAccepted))
    offsets = [received.offset for received in served["read_uncommitted"]["sound-compacted"]]
    assert offsets == [record.offset for record in log.records()]
