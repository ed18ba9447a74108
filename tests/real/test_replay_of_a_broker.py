"""Our log, given the batches of a real broker, leaves the broker's directory, byte for byte.

Where segments begin, what is indexed, what the producers are known by, which leader epochs there
were: all of it follows from the batches and the topic's settings, or else a file differs.
"""

from pathlib import Path

import pytest

from kafkabook.log.checkpoints import PARTITION_METADATA, read_partition_metadata
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import DirectoryDisk
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.recovery import Checkpointed

from .batches import batches, contents, used
from .history import TOPICS, Recorded, log_config
from .node import copy_of

pytestmark = pytest.mark.real

INTERNAL = ("__consumer_offsets", "__transaction_state")
NOT_COMPACTED = tuple(topic for topic in TOPICS if "cleanup.policy" not in TOPICS[topic])


def config_of(topic: str) -> LogConfig:
    """The settings that shape a log's files, as the topic was created with them."""
    if topic in INTERNAL:
        return LogConfig(segment_bytes=100 << 20)
    return log_config(topic)


def all_used(directory: Path) -> dict[str, bytes]:
    """Every file of a partition directory, indexes without the room at their end."""
    return {
        name: used(data) if name.endswith("index") else data
        for name, data in contents(directory).items()
    }


def follower(root: Path, directory: Path, **options: object) -> PartitionLog:
    """A log of ours with the name, the settings and the topic id of the broker's."""
    return PartitionLog(
        directory.name,
        DirectoryDisk(root),
        config=config_of(directory.name.removesuffix("-0")),
        topic_id=read_partition_metadata(DirectoryDisk(directory), PARTITION_METADATA),
        **options,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("topic", [*NOT_COMPACTED, *INTERNAL])
def test_a_log_of_ours_leaves_the_brokers_files(
    recorded: Recorded, tmp_path: Path, topic: str
) -> None:
    """Fed batch by batch and closed cleanly, as the broker was."""
    directory = recorded.directory(topic)
    log = follower(tmp_path, directory)
    for _, batch in batches(directory):
        log.append_as_follower([batch])
    log.advance_high_watermark(log.log_end)
    log.check()
    log.close()
    assert contents(directory) == contents(tmp_path / directory.name)


def test_a_log_that_was_stopped_and_went_on_leaves_the_brokers_files(
    recorded: Recorded, killed: Path, tmp_path: Path
) -> None:
    """A clean stop in the middle of a segment shows in its indexes; a kill closes nothing."""
    directory = killed / "plain-0"
    copy_of(recorded.directory("plain"), tmp_path / "plain-0")
    stopped = Checkpointed(recovery_point=400, high_watermark=400, after_clean_stop=True)
    log = follower(tmp_path, directory, checkpointed=stopped)
    for _, batch in batches(directory):
        if batch.base_offset >= log.log_end:
            log.append_as_follower([batch])
    log.check()
    assert all_used(directory) == all_used(tmp_path / "plain-0")


def test_our_recovery_of_a_killed_log_finds_nothing_missing(killed: Path, tmp_path: Path) -> None:
    """A killed process loses nothing that it wrote; its index files are made anew."""
    before = contents(killed / "plain-0")
    copy_of(killed / "plain-0", tmp_path / "plain-0")
    log = follower(tmp_path, killed / "plain-0")
    expected = [record for _, batch in batches(killed / "plain-0") for record in batch.records]
    assert expected == list(log.records())
    log.close()
    after = contents(tmp_path / "plain-0")
    logs = {name for name in before if name.endswith(".log")}
    assert {name: before[name] for name in logs} == {name: after[name] for name in logs}
