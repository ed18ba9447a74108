"""What a client knows of the cluster: only what a broker has told it.

Source: kafka, clients `Metadata.java`, `NetworkClient.java` `DefaultMetadataUpdater`.
"""

from collections.abc import Callable, Sequence

from kafkabook.base.machine import Answered, Component, Context, TimerHandler
from kafkabook.base.names import TopicPartition
from kafkabook.clients.backoff import backoff_ms
from kafkabook.protocol.admin_api import MetadataRequest

CHANNEL = "metadata"
Ready = Callable[[Context], None]


class ClientMetadata(Component):
    """Leaders by partition, from the last answer to Metadata.

    Args:
        bootstrap: brokers to ask. request_timeout_ms: how long one of them may take.

    One request is on its way at a time. A broker that gives no answer is followed by the next one,
    after `retry.backoff.ms` and longer each time; once all were asked in vain, whoever waits is
    told what is known, which may be nothing.

    Simplified: Kafka asks the least loaded broker; this one goes round. It asks when a leader is
    not known or was the wrong one, not also every `metadata.max.age.ms`.
    """

    def __init__(self, bootstrap: Sequence[int], *, request_timeout_ms: int) -> None:
        self.bootstrap, self._timeout_ms = tuple(bootstrap), request_timeout_ms
        self._leaders: dict[TopicPartition, int | None] = {}
        self._waiting: list[Ready] = []
        self._turn, self._in_vain = 0, 0
        self._is_asking = False

    def timers(self) -> dict[str, TimerHandler]:
        """Ask the next broker."""
        return {"ask for metadata": self._ask}

    def leader_of(self, partition: TopicPartition) -> int | None:
        """Return who led a partition when somebody said so last; None if nobody did."""
        return self._leaders.get(partition)

    def knows(self, partition: TopicPartition) -> bool:
        """Say whether the last answer named a partition, led or not."""
        return partition in self._leaders

    def forget(self, partition: TopicPartition) -> None:
        """Believe no more that a partition is led where it was: the next use asks again."""
        self._leaders.pop(partition, None)

    def next_broker(self) -> int:
        """Return the broker whose turn it is."""
        broker = self.bootstrap[self._turn % len(self.bootstrap)]
        self._turn += 1
        return broker

    def refresh(self, context: Context, ready: Ready) -> None:
        """Ask a broker, and call `ready` when an answer is there."""
        self._waiting.append(ready)
        if not self._is_asking:
            self._in_vain, self._is_asking = 0, True
            self._ask(context)

    def _ask(self, context: Context) -> None:
        context.send(
            self.next_broker(),
            MetadataRequest(),
            channel=CHANNEL,
            then=self._take,
            timeout_ms=self._timeout_ms,
        )

    def _take(self, answered: Answered, context: Context) -> None:
        if answered.failure is not None and self._in_vain + 1 < len(self.bootstrap):
            context.wake("ask for metadata", backoff_ms(self._in_vain))
            self._in_vain += 1
            return
        self._is_asking = False
        if answered.failure is None:
            self._turn -= 1  # who has answered is asked again
            self._leaders = {told.partition: told.leader for told in answered.response.partitions}
        waiting, self._waiting = self._waiting, []
        for ready in waiting:
            ready(context)
