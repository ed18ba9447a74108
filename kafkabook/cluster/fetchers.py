"""A broker's fetchers: one for each leader that it follows, with one request in flight at a time.

Source: kafka, server `AbstractFetcherThread.scala`, `ReplicaFetcherManager.scala`; notes, Part 1 ch
01 §06.
"""

from collections.abc import Callable

from kafkabook.base.machine import Answered, Component, Context, TimerHandler
from kafkabook.base.names import TopicPartition
from kafkabook.cluster.config import ClusterConfig
from kafkabook.protocol.admin_api import ListedOffset, ListOffsetsPartition, ListOffsetsRequest
from kafkabook.protocol.records_api import (
    EpochLookup,
    FetchedPartition,
    FetchPartition,
    FetchRequest,
    OffsetsForLeaderEpochRequest,
)
from kafkabook.replication.follower import Follower, Wish
from kafkabook.replication.partition import Partition

CHANNEL = "replica fetcher"


class Fetcher:
    """What one broker asks of one leader, and where it stands."""

    __slots__ = ("is_asking", "leader", "partitions", "ready_ms")

    def __init__(self, leader: int) -> None:
        self.leader = leader
        self.partitions: dict[TopicPartition, Partition] = {}
        self.is_asking = False
        self.ready_ms = 0


class ReplicaFetchers(Component):
    """Copies for every partition that this broker follows.

    Args:
        broker: its id. broker_epoch: of its present registration. config: time-outs and sizes.

    Simplified: `num.replica.fetchers` is 1; no fetch sessions (KIP-227): every request is full. One
    ListOffsets asks for all partitions that are out of range; Kafka's asks for one after the other.
    """

    def __init__(
        self, broker: int, *, broker_epoch: Callable[[], int], config: ClusterConfig
    ) -> None:
        self._broker, self._broker_epoch, self._config = broker, broker_epoch, config
        self._fetchers: dict[int, Fetcher] = {}

    def timers(self) -> dict[str, TimerHandler]:
        """Ask a leader again after a pause."""
        return {"fetch": self._fetch_again}

    def follow(self, partition: Partition) -> None:
        """Copy a partition from its leader from now on, and from nobody else."""
        self.stop(partition.replica_log.partition)
        follower = partition.follower
        if follower is not None and follower.leader is not None:
            fetcher = self._fetchers.setdefault(follower.leader, Fetcher(follower.leader))
            fetcher.partitions[partition.replica_log.partition] = partition

    def stop(self, partition: TopicPartition) -> None:
        """Copy a partition no more; what is on its way is not appended."""
        for fetcher in self._fetchers.values():
            fetcher.partitions.pop(partition, None)

    def fetch(self, context: Context) -> None:
        """Send the next fetch to every leader that has none of ours in flight."""
        for leader in sorted(self._fetchers):
            self._fetch_from(self._fetchers[leader], context)

    def _fetch_again(self, leader: int, context: Context) -> None:
        self._fetch_from(self._fetchers[leader], context)

    def _fetch_from(self, fetcher: Fetcher, context: Context) -> None:
        """Ask first where the leader's logs lie, then where logs part, then for records."""
        if fetcher.is_asking or context.now_ms < fetcher.ready_ms:
            return
        asked = [_wanted(partition, context) for partition in fetcher.partitions.values()]
        offsets = tuple(wanted for wanted in asked if isinstance(wanted, ListOffsetsPartition))
        lookups = tuple(wanted for wanted in asked if isinstance(wanted, EpochLookup))
        fetches = tuple(wanted for wanted in asked if isinstance(wanted, FetchPartition))
        if offsets:
            request: object = ListOffsetsRequest(offsets, self._broker)
        elif lookups:
            request = OffsetsForLeaderEpochRequest(self._broker, lookups)
        elif fetches:
            request = self._request(fetches)
        else:
            return
        fetcher.is_asking = True
        context.send(
            fetcher.leader,
            request,
            channel=CHANNEL,
            then=self._answered,
            timeout_ms=self._config.replica_socket_timeout_ms,
        )

    def _request(self, fetches: tuple[FetchPartition, ...]) -> FetchRequest:
        return FetchRequest(
            *(self._broker, self._broker_epoch(), fetches),
            max_wait_ms=self._config.replica_fetch_wait_max_ms,
            max_bytes=self._config.replica_fetch_max_bytes,
        )

    def _answered(self, answered: Answered, context: Context) -> None:
        """Hand an answer to the partitions that still follow, and ask the next thing.

        After a failure, or where every partition answered with an error, wait a moment: whoever is
        followed again meanwhile is asked when that is over.
        """
        assert isinstance(answered.to, int)
        fetcher, backoff_ms = self._fetchers[answered.to], self._config.replica_fetch_backoff_ms
        fetcher.is_asking = False
        if answered.failure is not None:
            fetcher.ready_ms = context.now_ms + backoff_ms
        else:
            self._take(fetcher, answered, context)
            self._fetch_from(fetcher, context)
        if not fetcher.is_asking and (fetcher.partitions or answered.failure is not None):
            context.wake(("fetch", fetcher.leader), backoff_ms)

    def _take(self, fetcher: Fetcher, answered: Answered, context: Context) -> None:
        retry_ms = context.now_ms + self._config.replica_fetch_backoff_ms
        asked = answered.request.partitions
        for wanted, answer in zip(asked, answered.response.partitions, strict=True):
            follower = _follower_of(fetcher, wanted.partition)
            if follower is None:
                continue
            if isinstance(answer, FetchedPartition):
                follower.take(answer, wanted, context, retry_ms=retry_ms)
            elif isinstance(answer, ListedOffset):
                follower.take_offset(answer, wanted, context, retry_ms=retry_ms)
            else:
                follower.take_lookup(answer, wanted, context, retry_ms=retry_ms)


def _follower_of(fetcher: Fetcher, partition: TopicPartition) -> Follower | None:
    """Return the replica that still follows this leader."""
    known = fetcher.partitions.get(partition)
    follower = None if known is None else known.follower
    return follower if follower is not None and follower.leader == fetcher.leader else None


def _wanted(partition: Partition, context: Context) -> Wish | None:
    follower = partition.follower
    return None if follower is None else follower.wants(context.now_ms)
