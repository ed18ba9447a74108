"""The replicas that one broker hosts: opened, led, followed, fetched for, deleted.

Source: kafka, core `ReplicaManager.scala`; notes, Part 1 ch 01 §06.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import count

from kafkabook.base.trace import Trace
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.fetcher import Fetcher
from kafkabook.cluster.metadata import (
    ClusterImage,
    ConfigRecord,
    PartitionChangeRecord,
    PartitionRecord,
    Record,
)
from kafkabook.log.log_directory import LogDirectory
from kafkabook.log.rules import LogRules
from kafkabook.protocol.control_api import AlterPartitionRequest
from kafkabook.protocol.records_api import FetchResponse, OffsetsForLeaderEpochResponse
from kafkabook.replication.events import ReplicaDeleted
from kafkabook.replication.replica import Replica
from kafkabook.replication.rules import ReplicationRules
from kafkabook.replication.stored import StoredReplica
from kafkabook.sim.effects import Address, Cancel, Effect, Send, Wake


class HostedReplicas:
    """Every replica on one broker, and the fetchers that feed those that follow.

    Args:
        broker: its id. incarnation: which life of it. directory: its disk.
        image: the metadata as this broker knows it.
        out: where effects go, in order.
        trace: where replicas tell what they do. log_trace: the same for the logs under them.

    Simplified: one `log.dirs`; a deleted log is removed at once (Kafka: renamed, and removed after
    a minute).
    """

    def __init__(
        self,
        broker: int,
        directory: LogDirectory,
        *,
        incarnation: int,
        image: ClusterImage,
        config: ClusterConfig,
        rules: ReplicationRules,
        log_rules: LogRules,
        out: list[Effect],
        trace: Trace,
        log_trace: Trace,
    ) -> None:
        self.broker, self.directory, self.image = broker, directory, image
        self.config, self.rules, self.log_rules = config, rules, log_rules
        self.replicas: dict[str, Replica] = {}
        self.fetchers: dict[int, Fetcher] = {}
        self.broker_epoch = -1
        self._out, self._trace, self._log_trace = out, trace, log_trace
        # A real answer dies with its connection; one that somebody held must not look like ours.
        self._correlations = count(incarnation * 1_000_000 + 1)
        self.is_loaded = False

    def apply(self, records: Iterable[Record], *, now_ms: int) -> list[str]:
        """Follow the metadata after some records; return the partitions that they concern.

        An answer may wait for any of them: another in-sync set alone can move the high watermark.
        Those that are gone were removed by `remove_gone` before.
        """
        self._load(now_ms)
        touched = self._touched(records)
        for name in touched:
            self._apply_one(name, now_ms)
        self.fetch(now_ms=now_ms)
        return touched

    def fetch(self, *, now_ms: int) -> None:
        """Send the next fetch to every leader that has none of ours in flight."""
        leaders = {r.following.leader for r in self.replicas.values() if r.following is not None}
        for leader in sorted(leader for leader in leaders if leader is not None):
            self._fetch_from(leader, now_ms)

    def take(
        self,
        response: FetchResponse | OffsetsForLeaderEpochResponse,
        *,
        sender: Address,
        now_ms: int,
    ) -> list[str]:
        """Take an answer of a leader, and ask it the next thing; return what got records."""
        fetcher = self.fetchers.get(sender) if isinstance(sender, int) else None
        if fetcher is None:
            return []
        retry_ms = now_ms + self.config.replica_fetch_backoff_ms
        grew = fetcher.take(response, self.replicas, retry_ms=retry_ms, now_ms=now_ms)
        if fetcher.in_flight is None:
            self._out.append(Cancel(("fetch timeout", sender)))
            self._fetch_from(fetcher.leader, now_ms)
            self._retry_later(fetcher)
        return grew

    def give_up(self, leader: int, *, now_ms: int) -> None:
        """A leader did not answer, or nobody is there: wait a moment before the next try."""
        fetcher = self.fetchers.get(leader)
        if fetcher is not None:
            fetcher.give_up(until_ms=now_ms + self.config.replica_fetch_backoff_ms)
            self._out.append(Cancel(("fetch timeout", leader)))
            self._out.append(Wake(("fetch", leader), self.config.replica_fetch_backoff_ms))

    def expire(self, *, now_ms: int) -> None:
        """Propose to drop the followers that have not kept up."""
        for replica in self.replicas.values():
            if replica.leading is not None:
                replica.stored.now_ms = now_ms
                self.propose(replica.leading.members.expire())

    def propose(self, request: AlterPartitionRequest | None) -> None:
        """Send a leader's proposal to the controller, and ask again if no answer comes."""
        if request is not None:
            mine, own = self.broker_epoch, self.broker
            isr = tuple((b, mine if b == own else epoch) for b, epoch in request.isr)
            wish = replace(request, broker_epoch=mine, isr=isr)
            self._out.append(Send("controller", wish))
            again = Wake(("alter", request.partition), self.config.request_timeout_ms)
            self._out.append(again)

    def check(self) -> None:
        """Assert what holds on one broker, whatever the others do."""
        for replica in self.replicas.values():
            replica.check()

    def _touched(self, records: Iterable[Record]) -> list[str]:
        """Name the partitions that records speak of, once each, in order."""
        names: dict[str, None] = {}
        for record in records:
            if isinstance(record, (PartitionRecord, PartitionChangeRecord)):
                names[record.partition] = None
            elif isinstance(record, ConfigRecord) and record.topic in self.image.topics:
                names.update(dict.fromkeys(self.image.topics[record.topic].partitions))
        partitions = self.image.partitions
        return [n for n in names if n in partitions and self.broker in partitions[n].replicas]

    def _apply_one(self, name: str, now_ms: int) -> None:
        state = self.image.partitions[name]
        replica = self.replicas.get(name) or self._open(name, now_ms)
        least = self.image.least(name, self.config.min_insync_replicas)
        replica.apply(state, min_insync_replicas=least, now_ms=now_ms)

    def _open(self, name: str, now_ms: int) -> Replica:
        topic = self.image.topics[self.image.topic_of[name]]
        log = self.directory.open(
            name,
            config=topic.config.log,
            rules=self.log_rules,
            trace=self._log_trace,
            topic_id=topic.topic_id,
            now_ms=now_ms,
        )
        stored = StoredReplica(self.broker, log, trace=self._trace, now_ms=now_ms)
        self.replicas[name] = Replica(
            stored,
            rules=self.rules,
            is_eligible=self.image.is_eligible,
            replica_lag_time_max_ms=self.config.replica_lag_time_max_ms,
        )
        return self.replicas[name]

    def _load(self, now_ms: int) -> None:
        """Open every log on the disk, once, as soon as the topics' settings are known."""
        if self.is_loaded:
            return
        self.is_loaded = True
        for name in map(str, self.directory.partitions()):
            topic = self.image.topics.get(self.image.topic_of.get(name, ""))
            if topic is not None and self.directory.topic_id(name) == topic.topic_id:
                self._open(name, now_ms)
            else:
                self.directory.delete(name)

    def remove_gone(self, *, now_ms: int) -> list[str]:
        """Delete the logs of topics that are gone, or were made again under the same name."""
        gone = [name for name, replica in self.replicas.items() if self._is_gone(name, replica)]
        for name in gone:
            stored = self.replicas.pop(name).stored
            stored.now_ms = now_ms
            self.directory.delete(name)
            stored.tell(ReplicaDeleted(name, self.broker))
        return gone

    def _is_gone(self, name: str, replica: Replica) -> bool:
        topic = self.image.topic_of.get(name)
        return topic is None or self.image.topics[topic].topic_id != replica.stored.log.topic_id

    def _fetch_from(self, leader: int, now_ms: int) -> None:
        fetcher = self.fetchers.setdefault(leader, Fetcher(leader))
        if fetcher.in_flight is not None:
            return
        request = fetcher.next_request(
            self.replicas,
            correlation=next(self._correlations),
            broker=self.broker,
            broker_epoch=self.broker_epoch,
            max_wait_ms=self.config.replica_fetch_wait_max_ms,
            max_bytes=self.config.replica_fetch_max_bytes,
            now_ms=now_ms,
        )
        if request is not None:
            self._out.append(Send(leader, request))
            timeout_ms = self.config.replica_socket_timeout_ms
            self._out.append(Wake(("fetch timeout", leader), timeout_ms))

    def _retry_later(self, fetcher: Fetcher) -> None:
        """If nothing could be asked because of errors, come back after the backoff."""
        if fetcher.in_flight is None:
            after_ms = self.config.replica_fetch_backoff_ms
            self._out.append(Wake(("fetch", fetcher.leader), after_ms))
