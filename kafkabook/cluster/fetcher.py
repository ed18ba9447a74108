"""A broker's fetcher: one for each leader that it follows, one request in flight at a time.

Source: kafka, server `AbstractFetcherThread.scala`; notes, Part 1 ch 01 §06.
"""

from collections.abc import Mapping

from kafkabook.protocol.records_api import (
    EpochEndOffset,
    EpochLookup,
    FetchedPartition,
    FetchPartition,
    FetchRequest,
    FetchResponse,
    OffsetsForLeaderEpochRequest,
    OffsetsForLeaderEpochResponse,
)
from kafkabook.replication.following import Following
from kafkabook.replication.replica import Replica

Request = FetchRequest | OffsetsForLeaderEpochRequest
Wish = FetchPartition | EpochLookup
Answer = FetchedPartition | EpochEndOffset


class Fetcher:
    """What one broker asks of one leader, and where it stands.

    Args:
        leader: broker id of the leader.

    Simplified: `num.replica.fetchers` is 1; no fetch sessions (KIP-227): every request is full.
    """

    def __init__(self, leader: int) -> None:
        self.leader = leader
        self.in_flight: Request | None = None
        self.ready_ms = 0

    def next_request(
        self,
        replicas: Mapping[str, Replica],
        *,
        correlation: int,
        broker: int,
        broker_epoch: int,
        max_wait_ms: int,
        max_bytes: int,
        now_ms: int,
    ) -> Request | None:
        """Return what to send now; None if an answer is awaited or there is nothing to ask."""
        if self.in_flight is not None or now_ms < self.ready_ms:
            return None
        asked = [self._wish(replica, now_ms) for replica in replicas.values()]
        lookups = tuple(wish for wish in asked if isinstance(wish, EpochLookup))
        fetches = tuple(wish for wish in asked if isinstance(wish, FetchPartition))
        if lookups:
            self.in_flight = OffsetsForLeaderEpochRequest(correlation, broker, lookups)
        elif fetches:
            self.in_flight = FetchRequest(
                *(correlation, broker, broker_epoch, fetches),
                max_wait_ms=max_wait_ms,
                max_bytes=max_bytes,
            )
        return self.in_flight

    def take(
        self,
        response: FetchResponse | OffsetsForLeaderEpochResponse,
        replicas: Mapping[str, Replica],
        *,
        retry_ms: int,
        now_ms: int,
    ) -> list[str]:
        """Hand an answer to the replicas that still follow; return those that got records."""
        asked = self.in_flight
        if asked is None or asked.correlation != response.correlation:
            return []  # a doubled answer, or one to a question that was given up
        self.in_flight = None
        grew: list[str] = []
        wishes: tuple[Wish, ...] = asked.partitions
        answers: tuple[Answer, ...] = response.partitions
        for wish, answer in zip(wishes, answers, strict=True):
            following = self._following(replicas, wish.partition, now_ms)
            if following is None:
                continue
            if isinstance(wish, EpochLookup) and isinstance(answer, EpochEndOffset):
                following.take_lookup(answer, wish, retry_ms=retry_ms)
                continue
            assert isinstance(wish, FetchPartition) and isinstance(answer, FetchedPartition)
            if following.take(answer, wish, retry_ms=retry_ms):
                grew.append(wish.partition)
        return grew

    def give_up(self, *, until_ms: int) -> None:
        """Forget the request in flight, and ask nothing before a time."""
        self.in_flight, self.ready_ms = None, until_ms

    def _following(
        self, replicas: Mapping[str, Replica], partition: str, now_ms: int
    ) -> Following | None:
        """Return the replica that still follows this leader, with the time set."""
        replica = replicas.get(partition)
        if replica is None or replica.following is None or replica.following.leader != self.leader:
            return None
        replica.stored.now_ms = now_ms
        return replica.following

    def _wish(self, replica: Replica, now_ms: int) -> FetchPartition | EpochLookup | None:
        following = replica.following
        if following is None or following.leader != self.leader:
            return None
        return following.wants(now_ms)
