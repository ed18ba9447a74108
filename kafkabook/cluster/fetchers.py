"""A broker's fetchers: one for each leader that it follows, with one request in flight at a time.

Source: kafka, server `AbstractFetcherThread.scala`, `RemoteLeaderEndPoint.scala`,
`ReplicaFetcherManager.scala`; KIP-227; notes, Part 1 ch 01 §06.
"""

from collections.abc import Hashable

from kafkabook.base.machine import Answered, Component, Context, TimerHandler
from kafkabook.base.names import TopicPartition
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.fetch_session_handler import FetchSessionHandler
from kafkabook.cluster.lifecycle import Lifecycle
from kafkabook.protocol.admin_api import ListedOffset, ListOffsetsPartition, ListOffsetsRequest
from kafkabook.protocol.records_api import (
    EpochLookup,
    FetchPartition,
    FetchRequest,
    FetchResponse,
    OffsetsForLeaderEpochRequest,
)
from kafkabook.replication.follower import Follower, Wish
from kafkabook.replication.partition import Partition

CHANNEL = "replica fetcher"


class Fetcher:
    """What one broker asks of one leader, and where it stands.

    A partition is asked what it wants if that may have changed since the last fetch, and never
    before: a fetch costs what has changed, however many partitions there are.

    Attributes: `partitions` (that it copies), `wanted` (what they ask for, but for those that wait,
    or must cut their logs first), `stale` (to be asked again), `changed` (asked since the last
    fetch), `session` (with that leader), `ready_ms` (after a failure, not before this time).
    """

    __slots__ = (
        *("changed", "is_asking", "leader", "partitions", "ready_ms", "session", "stale"),
        "wanted",
    )

    def __init__(self, leader: int) -> None:
        self.leader = leader
        self.partitions: dict[TopicPartition, Partition] = {}
        self.wanted: dict[TopicPartition, FetchPartition] = {}
        self.stale: dict[TopicPartition, None] = {}
        self.changed: dict[TopicPartition, None] = {}
        self.session = FetchSessionHandler()
        self.is_asking = False
        self.ready_ms = 0

    def follow(self, name: TopicPartition, partition: Partition) -> None:
        """Copy a partition from now on."""
        self.partitions[name] = partition
        self.stale[name] = None

    def stop(self, name: TopicPartition) -> None:
        """Copy a partition no more."""
        if self.partitions.pop(name, None) is not None:
            self.stale[name] = None

    def ask_partitions(self, now_ms: int) -> list[EpochLookup | ListOffsetsPartition]:
        """Bring `wanted` up to date; return the questions that must be answered first."""
        questions = list[EpochLookup | ListOffsetsPartition]()
        for name in tuple(self.stale):
            asked = _wanted(self.partitions.get(name), now_ms)
            self.changed[name] = None
            if isinstance(asked, FetchPartition):
                self.wanted[name] = asked
            else:
                self.wanted.pop(name, None)
            if isinstance(asked, EpochLookup | ListOffsetsPartition):
                questions.append(asked)
            if isinstance(asked, FetchPartition) or name not in self.partitions:
                del self.stale[name]
        return questions

    def end_session_if_idle(self) -> None:
        """Forget the session where nothing is left to copy.

        Source: kafka, AbstractFetcherManager.scala `shutdownIdleFetcherThreads`.
        """
        if not self.partitions:
            self.session = FetchSessionHandler()

    def follower(self, name: TopicPartition) -> Follower | None:
        """Return the replica of a partition that still follows this leader."""
        known = self.partitions.get(name)
        follower = None if known is None else known.follower
        return follower if follower is not None and follower.leader == self.leader else None


class ReplicaFetchers(Component):
    """Copies for every partition that this broker follows.

    Args:
        lifecycle: knows the broker and its epoch. config: time-outs and sizes.

    Simplified: `num.replica.fetchers` is 1; fetch sessions are used whatever the version (Kafka:
    since 1.1). One ListOffsets asks for all partitions that are out of range; Kafka's asks for one
    after the other.
    """

    def __init__(self, lifecycle: Lifecycle, *, config: ClusterConfig) -> None:
        self._lifecycle, self._broker, self._config = lifecycle, lifecycle.broker, config
        self._fetchers: dict[int, Fetcher] = {}
        self._fetcher_of: dict[TopicPartition, Fetcher] = {}

    def timers(self) -> dict[str, TimerHandler]:
        """Ask a leader again after a pause."""
        return {"fetch": self._fetch_again}

    def on_changed(self, key: Hashable, _context: Context) -> None:
        """Ask a partition what it wants before the next fetch."""
        if isinstance(key, TopicPartition) and key in self._fetcher_of:
            self._fetcher_of[key].stale[key] = None

    def follow(self, partition: Partition) -> None:
        """Copy a partition from its leader from now on, and from nobody else."""
        name = partition.replica_log.partition
        self.stop(name)
        follower = partition.follower
        if follower is not None and follower.leader is not None:
            fetcher = self._fetchers.setdefault(follower.leader, Fetcher(follower.leader))
            fetcher.follow(name, partition)
            self._fetcher_of[name] = fetcher

    def stop(self, partition: TopicPartition) -> None:
        """Copy a partition no more; what is on its way is not appended."""
        fetcher = self._fetcher_of.pop(partition, None)
        if fetcher is not None:
            fetcher.stop(partition)

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
        fetcher.end_session_if_idle()
        questions = fetcher.ask_partitions(context.now_ms)
        offsets = tuple(asked for asked in questions if isinstance(asked, ListOffsetsPartition))
        lookups = tuple(asked for asked in questions if isinstance(asked, EpochLookup))
        request: object | None
        if offsets:
            request = ListOffsetsRequest(offsets, self._broker)
        elif lookups:
            request = OffsetsForLeaderEpochRequest(self._broker, lookups)
        else:
            request = self._request(fetcher)
        if request is None:
            return
        fetcher.is_asking = True
        context.send(
            fetcher.leader,
            request,
            channel=CHANNEL,
            then=self._answered,
            timeout_ms=self._config.replica_socket_timeout_ms,
        )

    def _request(self, fetcher: Fetcher) -> FetchRequest | None:
        """Return the next fetch; None if nothing is to be fetched, and the leader knows that.

        Source: kafka, RemoteLeaderEndPoint.scala `buildFetch`.
        """
        data = fetcher.session.build(fetcher.wanted, fetcher.changed)
        fetcher.changed.clear()
        if not fetcher.session.partitions and not data.to_forget:
            return None
        return FetchRequest(
            *(self._broker, self._lifecycle.broker_epoch, data.to_send),
            max_wait_ms=self._config.replica_fetch_wait_max_ms,
            max_bytes=self._config.replica_fetch_max_bytes,
            session_id=data.metadata.session_id,
            session_epoch=data.metadata.epoch,
            forgotten=data.to_forget,
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
            if isinstance(answered.request, FetchRequest):
                fetcher.session.handle_error()
        else:
            self._take(fetcher, answered, context)
            self._fetch_from(fetcher, context)
        if not fetcher.is_asking and (fetcher.partitions or answered.failure is not None):
            context.wake(("fetch", fetcher.leader), backoff_ms)

    def _take(self, fetcher: Fetcher, answered: Answered, context: Context) -> None:
        if isinstance(answered.response, FetchResponse):
            self._take_records(fetcher, answered.response, context)
        else:
            self._take_answers(fetcher, answered, context)

    def _take_records(self, fetcher: Fetcher, response: FetchResponse, context: Context) -> None:
        """Take what changed; after an error of the session nothing, but a full fetch comes next."""
        if not fetcher.session.handle_response(response):
            return
        retry_ms = context.now_ms + self._config.replica_fetch_backoff_ms
        for answer in response.partitions:
            follower = fetcher.follower(answer.partition)
            if follower is not None:
                asked = fetcher.session.partitions[answer.partition]
                follower.take(answer, asked, context, retry_ms=retry_ms)
                fetcher.stale[answer.partition] = None

    def _take_answers(self, fetcher: Fetcher, answered: Answered, context: Context) -> None:
        """Take where epochs ended, or where logs lie, in the order of the questions."""
        retry_ms = context.now_ms + self._config.replica_fetch_backoff_ms
        questions, answers = answered.request.partitions, answered.response.partitions
        for asked, answer in zip(questions, answers, strict=True):
            follower = fetcher.follower(asked.partition)
            if follower is None:
                continue
            if isinstance(answer, ListedOffset):
                follower.take_offset(answer, asked, context, retry_ms=retry_ms)
            else:
                follower.take_lookup(answer, asked, context, retry_ms=retry_ms)


def _wanted(partition: Partition | None, now_ms: int) -> Wish | None:
    follower = None if partition is None else partition.follower
    return None if follower is None else follower.wants(now_ms)
