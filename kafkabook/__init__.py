"""Apache Kafka from the inside: small, exact, replaceable parts, and the chapters that run them.

This is the reader's door: what most chapters need has a name here, and is imported when it is first
asked for, so that `import kafkabook` stays cheap. It also says which modules draw and which one
watches long runs, and nothing else in the package does.

>>> from kafkabook import Lab, default_of
>>> Lab(brokers=3).view.brokers[0].is_unfenced, default_of("replica.lag.time.max.ms")
(True, 30000)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kafkabook.base.shown import paint_with, watch_with

if TYPE_CHECKING:
    from kafkabook.base.settings import default_of as default_of
    from kafkabook.base.settings import explain as explain
    from kafkabook.grading import examples as examples
    from kafkabook.grading import grade as grade
    from kafkabook.grading import puzzle as puzzle
    from kafkabook.grading import replay as replay
    from kafkabook.grading import your_cluster as your_cluster
    from kafkabook.grading import yours as yours
    from kafkabook.lab import Lab as Lab
    from kafkabook.lab import Rules as Rules
    from kafkabook.log.config import LogConfig as LogConfig
    from kafkabook.log.disk import DirectoryDisk as DirectoryDisk
    from kafkabook.log.disk import MemoryDisk as MemoryDisk
    from kafkabook.log.log_directory import LogDirectory as LogDirectory
    from kafkabook.log.partition_log import PartitionLog as PartitionLog
    from kafkabook.log.reader import Reader as Reader
    from kafkabook.log.topic import Topic as Topic
    from kafkabook.records.record import Record as Record
    from kafkabook.records.record_batch import RecordBatch as RecordBatch
    from kafkabook.scenarios.catalogue import SCENARIOS as SCENARIOS

__version__ = "0.1.0"

_WHERE = {
    "DirectoryDisk": "kafkabook.log.disk",
    "Lab": "kafkabook.lab",
    "LogConfig": "kafkabook.log.config",
    "LogDirectory": "kafkabook.log.log_directory",
    "MemoryDisk": "kafkabook.log.disk",
    "PartitionLog": "kafkabook.log.partition_log",
    "Reader": "kafkabook.log.reader",
    "Record": "kafkabook.records.record",
    "RecordBatch": "kafkabook.records.record_batch",
    "Rules": "kafkabook.lab",
    "SCENARIOS": "kafkabook.scenarios.catalogue",
    "Topic": "kafkabook.log.topic",
    "default_of": "kafkabook.base.settings",
    "examples": "kafkabook.grading",
    "explain": "kafkabook.base.settings",
    "grade": "kafkabook.grading",
    "puzzle": "kafkabook.grading",
    "replay": "kafkabook.grading",
    "your_cluster": "kafkabook.grading",
    "yours": "kafkabook.grading",
}
_EXPLORERS = {
    "events_and_the_log": (
        *("five_records", "inversions", "partitions_are_lanes", "physical_view"),
        *("retention_by_segments", "rolling_segments", "two_readers_of_one_log"),
        "use_case_gallery",
    ),
    "replication": ("leaders_per_broker", "one_fetch_after_another", "which_rack"),
    "in_sync_replicas": (
        *("four_positions", "one_slow_follower", "price_of_waiting"),
        *("where_is_the_high_watermark", "who_decides"),
    ),
    "failure_and_recovery": ("five_steps", "outcomes_table", "where_logs_part"),
    "log_files": (
        *("bytes_of_a_batch", "bytes_scanned", "bytes_scanned_chart", "flip_bit", "index_lookup"),
        *("life_of_a_directory", "one_bit", "power_cut", "two_records"),
    ),
}
_WHERE |= {
    name: f"kafkabook.explorers.chapters.{module}"
    for module, names in _EXPLORERS.items()
    for name in names
}
__all__ = ["SCENARIOS", "Lab", "Rules", "default_of", "examples", "explain", "grade", "puzzle"]
__all__ += ["replay", "your_cluster", "yours"]

paint_with("kafkabook.viz.renderers", "kafkabook.viz.films")
watch_with("kafkabook.book.progress")


def __getattr__(name: str) -> Any:
    """Import what is asked for by name.

    Raises:
        AttributeError: the door does not have it.
    """
    if name not in _WHERE:
        raise AttributeError(f"kafkabook has no {name!r}; it has {', '.join(sorted(_WHERE))}")
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *_WHERE]
