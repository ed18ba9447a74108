"""What a file is, by its name alone: Kafka gives every kind of file a name of its own.

Source: kafka, storage `LogFileUtils`, `UnifiedLog`, `CheckpointFile`, `RemoteIndexCache`, raft
`Snapshots`, metadata `BootstrapDirectory`; notes, Part 1 ch 02 §07.
"""

import re
from enum import StrEnum
from typing import NamedTuple

from kafkabook.base.units import INT32_MAX, INT64_MAX, MIB

LIFE_CYCLE_SUFFIXES = (".deleted", ".cleaned", ".swap")
_SEGMENT_FILE = re.compile(
    r"(\d{20})\.(log|index|timeindex|txnindex|snapshot)(\.deleted|\.cleaned|\.swap)?", re.ASCII
)
_METADATA_SNAPSHOT = re.compile(
    r"(bootstrap|\d{20}-\d{10}(-\d+)?)\.checkpoint(\.deleted|\.part)?", re.ASCII
)
_REMOTE_INDEX = re.compile(
    r"(\d{1,19})_[\w-]{22}\.(index|timeindex|txnindex)(\.deleted|\.tmp)?", re.ASCII
)
_TEXT_BYTES = 16 * MIB


class Kind(StrEnum):
    """The kinds of file that a log directory holds; the value is how a person would call it."""

    LOG = "segment"
    OFFSET_INDEX = "offset index"
    TIME_INDEX = "time index"
    TRANSACTION_INDEX = "transaction index"
    SNAPSHOT = "producer snapshot"
    LEADER_EPOCHS = "leader epoch checkpoint"
    OFFSET_CHECKPOINT = "offset checkpoint"
    PARTITION_METADATA = "partition metadata"
    META_PROPERTIES = "properties of the log directory"
    CLEAN_SHUTDOWN = "mark of a clean shutdown"
    QUORUM_STATE = "quorum state"
    METADATA_SNAPSHOT = "metadata snapshot"


MOST_BYTES = dict.fromkeys(Kind, _TEXT_BYTES) | {
    Kind.LOG: INT32_MAX,  # positions in an offset index are 32 bits wide
    Kind.OFFSET_INDEX: INT32_MAX,
    Kind.TIME_INDEX: INT32_MAX,
    Kind.TRANSACTION_INDEX: 64 * MIB,
    Kind.SNAPSHOT: 64 * MIB,
    Kind.METADATA_SNAPSHOT: INT32_MAX,
}

_BY_SUFFIX = {
    "log": Kind.LOG,
    "index": Kind.OFFSET_INDEX,
    "timeindex": Kind.TIME_INDEX,
    "txnindex": Kind.TRANSACTION_INDEX,
    "snapshot": Kind.SNAPSHOT,
}
_BY_NAME = {
    "leader-epoch-checkpoint": Kind.LEADER_EPOCHS,
    "replication-offset-checkpoint": Kind.OFFSET_CHECKPOINT,
    "recovery-point-offset-checkpoint": Kind.OFFSET_CHECKPOINT,
    "log-start-offset-checkpoint": Kind.OFFSET_CHECKPOINT,
    "cleaner-offset-checkpoint": Kind.OFFSET_CHECKPOINT,
    "partition.metadata": Kind.PARTITION_METADATA,
    "meta.properties": Kind.META_PROPERTIES,
    ".kafka_cleanshutdown": Kind.CLEAN_SHUTDOWN,
    "quorum-state": Kind.QUORUM_STATE,
}


class Known(NamedTuple):
    """What a name tells: the kind, the offset in it (-1 if none), and the life-cycle suffix."""

    kind: Kind
    base_offset: int = -1
    suffix: str = ""

    @property
    def is_live(self) -> bool:
        """False for files that Kafka has given up, or has not finished writing."""
        return not self.suffix


def known(name: str) -> Known | None:
    """Return what `name` tells, or None if Kafka gives no file that name.

    >>> known("00000000000000000018.index.deleted")
    Known(kind=<Kind.OFFSET_INDEX: 'offset index'>, base_offset=18, suffix='.deleted')
    >>> known("00000000000000000010-0000000001.checkpoint").kind.value, known("server.log")
    ('metadata snapshot', None)
    """
    if name in _BY_NAME:
        return Known(_BY_NAME[name])
    if snapshot := _METADATA_SNAPSHOT.fullmatch(name):
        return Known(Kind.METADATA_SNAPSHOT, suffix=snapshot[3] or "")
    found = _SEGMENT_FILE.fullmatch(name) or _REMOTE_INDEX.fullmatch(name)
    if not found:
        return None
    digits, ending, suffix = found.groups()
    if int(digits) > INT64_MAX:
        return None
    return Known(_BY_SUFFIX[ending], int(digits), suffix or "")


def order_of(name: str) -> tuple[int, int, str]:
    """Sort key: segment by segment, in each the log first, and the checkpoints at the end."""
    what = known(name)
    if what is None or what.base_offset < 0:
        return INT64_MAX, 0, name
    return what.base_offset, list(Kind).index(what.kind), name
