"""A topic: a name, and a number of logs under it."""

from collections.abc import Iterable
from random import Random

from kafkabook.base.door import must_be_whole
from kafkabook.base.names import checked_topic
from kafkabook.base.shown import Shown
from kafkabook.base.trace import Trace
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import Disk, MemoryDisk
from kafkabook.log.facts import Appended
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.rules import LogRules
from kafkabook.records.record import Record


class Topic(Shown):
    """One log per partition; order is kept inside each, and nowhere else.

    Args:
        name: 1 to 249 letters, digits, `.`, `_`, `-`.
        partitions: how many, at least 1.
        disk, config, rules, trace: shared by its logs.

    Raises:
        INVALID_TOPIC_EXCEPTION: a name that Kafka refuses.

    Simplified: which partition a key goes to is the producer's business, and told elsewhere.
    Source: notes, Part 1 ch 01 §02 and §05.

    >>> topic = Topic("orders", partitions=2)
    >>> topic.append(1, [Record(b"k", b"v")]).base_offset, [log.log_end for log in topic.logs]
    (0, [0, 1])
    """

    def __init__(
        self,
        name: str,
        partitions: int = 1,
        *,
        disk: Disk | None = None,
        config: LogConfig = LogConfig(),  # noqa: B008 - frozen
        rules: LogRules = LogRules(),  # noqa: B008 - frozen
        trace: Trace | None = None,
    ) -> None:
        must_be_whole("Topic", "partitions", partitions, least=1)
        self.name = checked_topic(name)
        self.disk: Disk = MemoryDisk() if disk is None else disk
        self.trace = Trace(name) if trace is None else trace
        self.logs = tuple(
            PartitionLog(
                f"{name}-{number}",
                self.disk,
                config=config,
                rules=rules,
                trace=self.trace,
                random=Random(f"{name}-{number}/jitter"),
            )
            for number in range(partitions)
        )

    def append(
        self, partition: int, records: Iterable[Record], *, now_ms: int | None = None
    ) -> Appended:
        """Append to one partition as its leader; see `PartitionLog.append`."""
        return self.logs[partition].append(records, now_ms=now_ms)

    def __repr__(self) -> str:
        ends = ", ".join(str(log.log_end) for log in self.logs)
        return f"Topic({self.name!r}, log ends {ends})"
