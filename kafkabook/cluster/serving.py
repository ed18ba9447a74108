"""How a broker answers Produce and Fetch: now, or when what they wait for has happened.

Source: kafka, core `ReplicaManager.scala` `appendRecords`, `fetchMessages`; KIP-392; notes, Part 1
ch 01 §06, ch 02 §01 and §03.
"""

from dataclasses import replace

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.cluster.hosted import HostedReplicas
from kafkabook.cluster.nearest import nearest
from kafkabook.cluster.purgatory import Delayed, Purgatory
from kafkabook.log.facts import IsolationLevel
from kafkabook.protocol.records_api import (
    CONSUMER,
    EpochEndOffset,
    FetchedPartition,
    FetchPartition,
    FetchRequest,
    FetchResponse,
    OffsetsForLeaderEpochRequest,
    OffsetsForLeaderEpochResponse,
    ProduceRequest,
    ProduceResponse,
)
from kafkabook.replication.events import ProduceAnswered, ProduceGivenUp
from kafkabook.replication.facts import Ack, AckFacts
from kafkabook.replication.leading import Leading
from kafkabook.replication.reading import read_partition
from kafkabook.sim.effects import Address, Cancel, Effect, Send, Wake


class Serving:
    """The request handlers of one broker, and the purgatory of answers that are owed.

    Args:
        hosted: the replicas. out: where effects go, in order.
    """

    def __init__(self, hosted: HostedReplicas, *, out: list[Effect]) -> None:
        self.hosted, self.purgatory = hosted, Purgatory()
        self._out = out

    def produce(self, request: ProduceRequest, *, sender: Address, now_ms: int) -> None:
        """Append a batch, and answer when its `acks` are met."""
        leading = self._leading(request.partition, now_ms)
        if not isinstance(leading, Leading):
            self._refuse(request, sender, leading)
            return
        number, deadline_ms = self.purgatory.next_number(), now_ms + request.timeout_ms
        delayed = Delayed(number, sender, request, deadline_ms)
        decision = self._decide(leading, request, None)
        if decision is not Ack.APPEND:
            self._answer(delayed, leading, decision.value)
            return
        try:
            delayed = _appended(delayed, leading)
        except KafkaError as error:
            self._answer(delayed, leading, error.error.name)
            return
        if not self._try(delayed, now_ms):
            self.purgatory.wait(delayed, (request.partition,))
            self._out.append(Wake(("delayed", delayed.number), request.timeout_ms))
        self.complete(request.partition, now_ms=now_ms)

    def fetch(self, request: FetchRequest, *, sender: Address, now_ms: int) -> None:
        """Read for a follower or a consumer; with nothing to give, wait a little."""
        answers = tuple(self._read(wish, request, now_ms) for wish in request.partitions)
        if request.replica != CONSUMER:
            for wish in request.partitions:
                self._noticed(wish.partition, request.replica, now_ms)
        if self._is_enough(answers, request):
            self._out.append(Send(sender, FetchResponse(request.correlation, answers)))
            return
        number, deadline_ms = self.purgatory.next_number(), now_ms + request.max_wait_ms
        delayed = Delayed(number, sender, request, deadline_ms)
        self.purgatory.wait(delayed, (wish.partition for wish in request.partitions))
        self._out.append(Wake(("delayed", number), request.max_wait_ms))

    def look_up(
        self, request: OffsetsForLeaderEpochRequest, *, sender: Address, now_ms: int
    ) -> None:
        """Say where epochs ended, for a follower that must cut its log."""
        answers = []
        for asked in request.partitions:
            leading = self._leading(asked.partition, now_ms)
            if isinstance(leading, Leading):
                answers.append(leading.look_up(asked, follower=request.replica))
            else:
                answers.append(EpochEndOffset(asked.partition, leading.name))
        told = OffsetsForLeaderEpochResponse(request.correlation, tuple(answers))
        self._out.append(Send(sender, told))

    def complete(self, partition: str, *, now_ms: int) -> None:
        """Give every answer that has become possible on a partition."""
        for delayed in self.purgatory.on(partition):
            if self._try(delayed, now_ms):
                self.purgatory.take(delayed.number)
                self._out.append(Cancel(("delayed", delayed.number)))

    def expire(self, number: int, *, now_ms: int) -> None:
        """Give an answer whose deadline has come: what there is, or that it took too long."""
        delayed = self.purgatory.take(number)
        if delayed is None:
            return
        if isinstance(delayed.request, ProduceRequest):
            leading = self._leading(delayed.request.partition, now_ms)
            late = Errors.REQUEST_TIMED_OUT.name
            self._answer(delayed, leading if isinstance(leading, Leading) else None, late)
        else:
            self._try_fetch(delayed, delayed.request, now_ms, is_late=True)

    def _leading(self, partition: str, now_ms: int) -> Leading | Errors:
        """Return the leader of a partition on this broker, or the error for who asks it."""
        replica = self.hosted.replicas.get(partition)
        if replica is None:
            return self._not_here(partition)
        replica.stored.now_ms = now_ms
        return replica.leading or Errors.NOT_LEADER_OR_FOLLOWER

    def _leading_for(
        self, wish: FetchPartition, request: FetchRequest, now_ms: int
    ) -> Leading | Errors:
        """Return the leader that a follower means, or the error for it.

        Source: kafka, KafkaApis.scala, Partition.scala `followerReplicaOrThrow`.
        """
        leading = self._leading(wish.partition, now_ms)
        if not isinstance(leading, Leading):
            return leading
        if wish.topic_id not in (None, leading.stored.log.topic_id):
            return Errors.UNKNOWN_TOPIC_ID
        is_known = request.replica in leading.members.followers
        return leading if is_known else Errors.UNKNOWN_LEADER_EPOCH

    def _not_here(self, partition: str) -> Errors:
        """Return the error for a partition of which this broker holds no replica.

        Source: kafka, ReplicaManager.scala `getPartitionOrError`.
        """
        is_known = partition in self.hosted.image.partitions
        return Errors.NOT_LEADER_OR_FOLLOWER if is_known else Errors.UNKNOWN_TOPIC_OR_PARTITION

    def _decide(self, leading: Leading, request: ProduceRequest, next_offset: int | None) -> Ack:
        members = leading.members
        facts = AckFacts(
            acks=request.acks,
            next_offset=next_offset,
            high_watermark=leading.stored.log.high_watermark,
            isr_size=len(members.state.isr),
            min_insync_replicas=members.min_insync_replicas,
        )
        return self.hosted.rules.acknowledge(facts)

    def _try(self, delayed: Delayed, now_ms: int) -> bool:
        """Answer if it is time; say whether it was."""
        request = delayed.request
        if isinstance(request, FetchRequest):
            return self._try_fetch(delayed, request, now_ms)
        leading = self._leading(request.partition, now_ms)
        if not isinstance(leading, Leading):
            self._answer(delayed, None, leading.name)
            return True
        decision = self._decide(leading, request, delayed.next_offset)
        if decision is Ack.WAIT:
            return False
        self._answer(delayed, leading, "" if decision is Ack.ACKNOWLEDGE else decision.value)
        return True

    def _try_fetch(
        self, delayed: Delayed, request: FetchRequest, now_ms: int, *, is_late: bool = False
    ) -> bool:
        """A waiting fetch is looked at again without being counted as news of its sender."""
        answers = tuple(
            self._read(wish, request, now_ms, is_news=False) for wish in request.partitions
        )
        if not is_late and not self._is_enough(answers, request):
            return False
        self._out.append(Send(delayed.sender, FetchResponse(request.correlation, answers)))
        return True

    def _is_enough(self, answers: tuple[FetchedPartition, ...], request: FetchRequest) -> bool:
        if any(answer.is_urgent for answer in answers) or not request.max_wait_ms:
            return True
        return sum(answer.size_bytes for answer in answers) >= request.min_bytes

    def _read(
        self, wish: FetchPartition, request: FetchRequest, now_ms: int, *, is_news: bool = True
    ) -> FetchedPartition:
        if request.replica == CONSUMER:
            return self._read_for_consumer(wish, request, now_ms)
        leading = self._leading_for(wish, request, now_ms)
        if not isinstance(leading, Leading):
            return FetchedPartition(wish.partition, error=leading.name)
        if not is_news:
            return leading.fetch_again(wish, max_bytes=request.max_bytes)
        return leading.fetch(
            wish,
            follower=request.replica,
            broker_epoch=request.broker_epoch,
            max_bytes=request.max_bytes,
        )

    def _read_for_consumer(
        self, wish: FetchPartition, request: FetchRequest, now_ms: int
    ) -> FetchedPartition:
        """Read below the high watermark; a leader may name a nearer broker instead (KIP-392).

        Simplified: a consumer that names no rack is served by the leader alone, as before 2.4; now
        any replica would answer it. Its leader epoch is not compared.
        """
        replica = self.hosted.replicas.get(wish.partition)
        if replica is None:
            return FetchedPartition(wish.partition, self._not_here(wish.partition).name)
        replica.stored.now_ms = now_ms
        if replica.leading is None and request.rack is None:
            return FetchedPartition(wish.partition, Errors.NOT_LEADER_OR_FOLLOWER.name)
        near = None if replica.leading is None else self._nearer(replica.leading, request, wish)
        answer = read_partition(
            replica.stored.log,
            wish,
            max_bytes=request.max_bytes,
            isolation=IsolationLevel.READ_UNCOMMITTED,
        )
        if near is None:
            return answer
        return FetchedPartition(wish.partition, preferred_read_replica=near)

    def _nearer(self, leading: Leading, request: FetchRequest, wish: FetchPartition) -> int | None:
        if self.hosted.config.replica_selector_class != "RackAwareReplicaSelector":
            return None
        image, offset = self.hosted.image, wish.fetch_offset
        return nearest(leading, image, rack=request.rack, offset=offset)

    def _noticed(self, partition: str, follower: int, now_ms: int) -> None:
        """After a follower's fetch: it may join, the mark may move, answers may be due."""
        leading = self._leading(partition, now_ms)
        if isinstance(leading, Leading) and follower in leading.members.followers:
            self.hosted.propose(leading.members.expand(follower))
            leading.members.settle()
            self.complete(partition, now_ms=now_ms)

    def _refuse(self, request: ProduceRequest, sender: Address, why: Errors) -> None:
        if request.acks:
            error = why.name
            told = ProduceResponse(request.correlation, request.partition, error=error)
            self._out.append(Send(sender, told))

    def _answer(self, delayed: Delayed, leading: Leading | None, error: str) -> None:
        request = delayed.request
        assert isinstance(request, ProduceRequest)
        if leading is not None:
            leading.stored.tell(_told(delayed, request, leading, error))
        elif replica := self.hosted.replicas.get(request.partition):
            where = request.partition, replica.stored.broker, delayed.base_offset
            replica.stored.tell(ProduceGivenUp(*where, error))
        if request.acks:
            base = delayed.base_offset  # also with an error: it was appended, whatever followed
            told = ProduceResponse(request.correlation, request.partition, base, error)
            self._out.append(Send(delayed.sender, told))


def _appended(delayed: Delayed, leading: Leading) -> Delayed:
    request = delayed.request
    assert isinstance(request, ProduceRequest)
    appended = leading.append(request.batch)
    base, end, crc = appended.base_offset, appended.log_end, request.batch.header.crc
    return replace(delayed, base_offset=base, next_offset=end, crc=crc)


def _told(
    delayed: Delayed, request: ProduceRequest, leading: Leading, error: str
) -> ProduceAnswered:
    return ProduceAnswered(
        request.partition,
        leading.stored.broker,
        request.acks,
        delayed.base_offset,
        delayed.next_offset - 1 if delayed.base_offset >= 0 else -1,
        delayed.crc,
        leading.leader_epoch,
        error,
        leading.members.state.isr,
        leading.members.min_insync_replicas,
        leading.stored.log.high_watermark,
    )
