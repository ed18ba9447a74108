"""A broker: a mailbox over its replicas, its request handlers and its life with the controller.

Source: kafka, core `BrokerServer.scala`, `KafkaApis.scala`; notes, Part 1 ch 01 §03.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from kafkabook.base.trace import Trace
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.hosted import HostedReplicas
from kafkabook.cluster.lifecycle import Lifecycle
from kafkabook.cluster.metadata import ClusterImage
from kafkabook.cluster.serving import Serving
from kafkabook.log.disk import Disk
from kafkabook.log.log_directory import LogDirectory
from kafkabook.log.rules import LogRules
from kafkabook.protocol.control_api import (
    AlterPartitionResponse,
    BrokerHeartbeatResponse,
    BrokerRegistrationResponse,
    MetadataUpdate,
)
from kafkabook.protocol.records_api import (
    FetchRequest,
    FetchResponse,
    OffsetsForLeaderEpochRequest,
    OffsetsForLeaderEpochResponse,
    ProduceRequest,
)
from kafkabook.replication.rules import ReplicationRules
from kafkabook.sim.effects import Address, Effect, Outbox, Refused, Wake


class Broker:
    """One life of a broker's process, from its start to a crash or a stop.

    Args:
        id: broker id. disk: what survives it.
        incarnation: number of this life. rack: `broker.rack`.
        rules, log_rules: the decisions. trace: where it and its replicas tell what they do.

    Raises:
        KAFKA_STORAGE_ERROR: what is on the disk belongs to another broker, or cannot be read.

    Simplified: one request is handled in no time; real brokers queue and use several threads.
    """

    def __init__(
        self,
        id: int,  # noqa: A002 - Kafka's word is broker.id
        disk: Disk,
        *,
        incarnation: int,
        rack: str | None,
        config: ClusterConfig,
        rules: ReplicationRules,
        log_rules: LogRules,
        trace: Trace,
        log_trace: Trace,
    ) -> None:
        self.id, self.config = id, config
        self.image = ClusterImage()
        self.directory = LogDirectory(disk, node_id=id)
        self._out = Outbox()
        self.lifecycle = Lifecycle(
            id,
            incarnation=incarnation,
            rack=rack,
            previous_broker_epoch=self.directory.previous_broker_epoch,
            config=config,
            out=self._out,
        )
        self.hosted = HostedReplicas(
            id,
            self.directory,
            incarnation=incarnation,
            image=self.image,
            config=config,
            rules=rules,
            log_rules=log_rules,
            out=self._out,
            trace=trace,
            log_trace=log_trace,
        )
        self.serving = Serving(self.hosted, out=self._out)
        self.has_stopped = False
        self._handlers = self._all_handlers()
        self._timers = self._all_timers()

    def start(self) -> Iterable[Effect]:
        """Begin this life: register, and arm what happens every now and then."""
        self.lifecycle.register()
        self._out.append(Wake("isr", self.config.replica_lag_time_max_ms // 2))
        checkpoint_ms = self.config.replica_high_watermark_checkpoint_interval_ms
        self._out.append(Wake("checkpoint", checkpoint_ms))
        return self._out.take()

    def shut_down(self) -> Iterable[Effect]:
        """Ask the controller for a controlled shutdown; `has_stopped` says when it is over.

        Who has not been registered yet has nobody to ask, and nothing to hand over.
        Source: kafka, BrokerLifecycleManager.java `BeginControlledShutdownEvent`.
        """
        self.lifecycle.wants_shut_down = True
        if self.lifecycle.broker_epoch < 0:
            self._stop()
            return self._out.take()
        self.lifecycle.beat(self.image.offset)
        return self._out.take()

    def receive(self, message: object, *, sender: Address, now_ms: int) -> Iterable[Effect]:
        """Take one message."""
        handler = self._handlers.get(type(message))
        if handler is not None:
            handler(message, sender=sender, now_ms=now_ms)
        return self._out.take()

    def wake(self, timer: Hashable, *, now_ms: int) -> Iterable[Effect]:
        """Take one timer: a name, or a name and what it is about."""
        name, *about = timer if isinstance(timer, tuple) else (timer,)
        self._timers[name](*about, now_ms=now_ms)
        return self._out.take()

    def check(self) -> None:
        """Assert what always holds inside one broker."""
        self.hosted.check()

    def _all_handlers(self) -> dict[type, Callable[..., None]]:
        return {
            ProduceRequest: self.serving.produce,
            FetchRequest: self.serving.fetch,
            OffsetsForLeaderEpochRequest: self.serving.look_up,
            FetchResponse: self._take_fetched,
            OffsetsForLeaderEpochResponse: self._take_fetched,
            AlterPartitionResponse: self._altered,
            MetadataUpdate: self._learn,
            BrokerRegistrationResponse: self._registered,
            BrokerHeartbeatResponse: self._heartbeat_answered,
            Refused: self._refused,
        }

    def _all_timers(self) -> dict[str, Callable[..., None]]:
        return {
            "register": self._register_again,
            "heartbeat": self._beat,
            "isr": self._expire_isr,
            "checkpoint": self._checkpoint,
            "fetch": self._fetch,
            "fetch timeout": self.hosted.give_up,
            "alter": self._alter_again,
            "delayed": self.serving.expire,
        }

    # --- replication ---------------------------------------------------------------------------

    def _take_fetched(self, response: Any, *, sender: Address, now_ms: int) -> None:
        for partition in self.hosted.take(response, sender=sender, now_ms=now_ms):
            self.serving.complete(partition, now_ms=now_ms)

    def _altered(self, answer: AlterPartitionResponse, *, sender: Address, now_ms: int) -> None:  # noqa: ARG002
        replica = self.hosted.replicas.get(answer.partition)
        if replica is not None and replica.leading is not None:
            replica.stored.now_ms = now_ms
            replica.leading.members.answered(answer)
            self.serving.complete(answer.partition, now_ms=now_ms)

    def _alter_again(self, partition: str, *, now_ms: int) -> None:  # noqa: ARG002
        replica = self.hosted.replicas.get(partition)
        if replica is not None and replica.leading is not None:
            self.hosted.propose(replica.leading.members.ask_again())

    def _expire_isr(self, *, now_ms: int) -> None:
        self.hosted.expire(now_ms=now_ms)
        self._out.append(Wake("isr", self.config.replica_lag_time_max_ms // 2))

    def _fetch(self, leader: int, *, now_ms: int) -> None:  # noqa: ARG002
        self.hosted.fetch(now_ms=now_ms)

    def _refused(self, refused: Refused, *, sender: Address, now_ms: int) -> None:  # noqa: ARG002
        """The other process is gone, and its host said so at once."""
        if isinstance(refused.to, int) and isinstance(
            refused.message, FetchRequest | OffsetsForLeaderEpochRequest
        ):
            self.hosted.give_up(refused.to, now_ms=now_ms)

    # --- the controller ------------------------------------------------------------------------

    def _learn(self, update: MetadataUpdate, *, sender: Address, now_ms: int) -> None:  # noqa: ARG002
        """Take the records that are news; what is missing before them will be sent again."""
        if update.first_offset > self.image.offset:
            return
        news: Any = update.records[self.image.offset - update.first_offset :]
        for record in news:
            self.image.replay(record)
        if news and self.lifecycle.is_fenced and self.lifecycle.broker_epoch >= 0:
            self.lifecycle.beat(self.image.offset)  # caught up: do not wait for the next beat
        if news:
            for partition in self.hosted.remove_gone(now_ms=now_ms):
                self.serving.complete(partition, now_ms=now_ms)  # with an error, before a new one
            for partition in self.hosted.apply(news, now_ms=now_ms):
                self.serving.complete(partition, now_ms=now_ms)

    def _register_again(self, *, now_ms: int) -> None:  # noqa: ARG002
        if self.lifecycle.broker_epoch < 0:
            self.lifecycle.register()

    def _registered(
        self,
        answer: BrokerRegistrationResponse,
        *,
        sender: Address,  # noqa: ARG002
        now_ms: int,  # noqa: ARG002
    ) -> None:
        if self.lifecycle.registered(answer):
            self.hosted.broker_epoch = self.lifecycle.broker_epoch
            self.lifecycle.beat(self.image.offset)

    def _beat(self, *, now_ms: int) -> None:  # noqa: ARG002
        self.lifecycle.beat(self.image.offset)

    def _heartbeat_answered(
        self,
        answer: BrokerHeartbeatResponse,
        *,
        sender: Address,  # noqa: ARG002
        now_ms: int,  # noqa: ARG002
    ) -> None:
        self.lifecycle.heard(answer)
        if self.lifecycle.may_stop and not self.has_stopped:
            self._stop()

    def _stop(self) -> None:
        """End this life; only logs that were opened, and so recovered, are left as clean.

        Source: kafka, LogManager.scala `shutdown`, `loadLogsCompletedFlags`.
        """
        if self.hosted.is_loaded:
            self.directory.close(broker_epoch=self.lifecycle.broker_epoch)
        self.has_stopped = True

    def _checkpoint(self, *, now_ms: int) -> None:  # noqa: ARG002
        self.directory.checkpoint()
        interval_ms = self.config.replica_high_watermark_checkpoint_interval_ms
        self._out.append(Wake("checkpoint", interval_ms))
