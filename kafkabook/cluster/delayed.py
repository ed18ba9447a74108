"""What waits at a broker: produces for acks=all, fetches for records, deletions for replicas.

Source: kafka, core `DelayedProduce.scala`, `DelayedFetch.scala`, `DelayedDeleteRecords.scala`;
notes, Part 3 ch 02.
"""

from collections.abc import Callable
from dataclasses import dataclass

from kafkabook.base.errors import Errors
from kafkabook.base.machine import Context
from kafkabook.base.names import TopicPartition
from kafkabook.cluster.fetch_sessions import CachedPartition, FetchSession
from kafkabook.protocol.admin_api import DeletedRecords, DeleteRecordsResponse
from kafkabook.protocol.records_api import (
    CONSUMER,
    FetchedPartition,
    FetchPartition,
    FetchRequest,
    FetchResponse,
    ProducedPartition,
    ProduceRequest,
    ProduceResponse,
)
from kafkabook.replication.partition import Partition


@dataclass(slots=True)
class AppendedBatch:
    """A batch of a produce request in the leader's log, and its answer once that is known.

    Attributes: `owner` (the partition object that took it: a topic made again under the same name
    has another), `next_offset` (one past its last record), `crc`, `answer`.
    """

    partition: TopicPartition
    owner: Partition | None = None
    base_offset: int = -1
    next_offset: int = -1
    crc: int = 0
    answer: ProducedPartition | None = None


Settle = Callable[[AppendedBatch, Context], None]
GiveUp = Callable[[AppendedBatch, Errors, Context], None]
ReadAll = Callable[[FetchRequest], tuple[FetchedPartition, ...]]
ReadOne = Callable[[FetchPartition], FetchedPartition]
SessionAnswers = dict[CachedPartition, FetchedPartition]
AnswerSession = Callable[[FetchSession, FetchRequest, SessionAnswers, Context], FetchResponse]
Release = Callable[[str, Context], None]  # takes why


class DelayedProduce:
    """A produce request that waits until every batch of it is answered.

    Args:
        settle: answers a batch if it is time. give_up: answers it with an error.
    """

    def __init__(
        self,
        request: ProduceRequest,
        batches: tuple[AppendedBatch, ...],
        *,
        settle: Settle,
        give_up: GiveUp,
    ) -> None:
        # One request, one answer: it waits for the slowest of its partitions.
        self.keys = tuple(batch.partition for batch in batches)
        self.timeout_ms = request.timeout_ms
        self._batches, self._settle, self._give_up = batches, settle, give_up

    def try_complete(self, context: Context) -> ProduceResponse | None:
        """Answer once each batch is committed, or never will be here."""
        for batch in self._batches:
            if batch.answer is None:
                self._settle(batch, context)
        return self._response() if all(batch.answer for batch in self._batches) else None

    def on_expire(self, context: Context) -> ProduceResponse:
        """Answer what is known; the rest took too long."""
        for batch in self._batches:
            if batch.answer is None:
                self._give_up(batch, Errors.REQUEST_TIMED_OUT, context)
        return self._response()

    def _response(self) -> ProduceResponse:
        return ProduceResponse(tuple(batch.answer for batch in self._batches if batch.answer))


class DelayedFetch:
    """A fetch without a session that waits for `min_bytes`, an error, or its time.

    Args:
        read: reads what is asked for, without counting it as news of the follower again.
        release: tells that it waits no longer, and why.
    """

    def __init__(self, request: FetchRequest, read: ReadAll, release: Release) -> None:
        self.keys = tuple(wanted.partition for wanted in request.partitions)
        self.timeout_ms = request.max_wait_ms
        self._request, self._read, self._release = request, read, release

    def try_complete(self, context: Context) -> FetchResponse | None:
        """Answer if there is enough now."""
        # Kafka compares offsets here and reads in `onComplete`; here the read is the comparison.
        answers = self._read(self._request)
        if not is_enough(answers, self._request):
            return None
        self._release(why_enough(answers, self._request), context)
        return FetchResponse(answers)

    def on_expire(self, context: Context) -> FetchResponse:
        """Answer with what there is."""
        self._release("the wait is over", context)
        return FetchResponse(self._read(self._request))


class DelayedSessionFetch:
    """A fetch of a session that waits for `min_bytes`, an error, or its time.

    It waits under the key of its session, and reads only what has changed since it looked.

    Args:
        answers: what it has read so far, by partition. number: counts the fetches that wait.
        read: reads one partition, without counting it as news of the follower again.
        answer: makes the response. release: tells that it waits no longer, and why.
    """

    def __init__(
        self,
        request: FetchRequest,
        session: FetchSession,
        answers: SessionAnswers,
        *,
        number: int,
        read: ReadOne,
        answer: AnswerSession,
        release: Release,
    ) -> None:
        self.keys, self.timeout_ms, self.number = (session.key,), request.max_wait_ms, number
        self._request, self._session, self._answers = request, session, answers
        self._read, self._answer, self._release = read, answer, release
        self._changed: dict[CachedPartition, None] = {}

    def look_again(self, partition: CachedPartition) -> None:
        """Read that partition again before an answer is given: it has changed."""
        self._changed[partition] = None

    def try_complete(self, context: Context) -> FetchResponse | None:
        """Answer if there is enough now."""
        self._read_changed()
        answers = tuple(self._answers.values())
        if not is_enough(answers, self._request):
            return None
        return self._end(why_enough(answers, self._request), context)

    def on_expire(self, context: Context) -> FetchResponse:
        """Answer with what there is."""
        self._read_changed()
        return self._end("the wait is over", context)

    def _read_changed(self) -> None:
        for partition in self._changed:
            self._answers[partition] = self._read(partition.wanted)
        self._changed.clear()

    def _end(self, reason: str, context: Context) -> FetchResponse:
        self._release(reason, context)
        self._session.waiting.remove(self)
        return self._answer(self._session, self._request, self._answers, context)


@dataclass(slots=True)
class Deletion:
    """A log start that was asked for, and its answer once that is known.

    Attributes: `low_watermark` (of the partition when it was asked for).
    """

    partition: TopicPartition
    offset: int = -1
    low_watermark: int = -1
    answer: DeletedRecords | None = None


LookAt = Callable[[Deletion], DeletedRecords | None]


class DelayedDeleteRecords:
    """Deletions that wait until the logs of all live replicas begin where they should.

    Args:
        look_at: answers a deletion if it is time.
    """

    def __init__(
        self, deletions: tuple[Deletion, ...], timeout_ms: int, *, look_at: LookAt
    ) -> None:
        self.keys = tuple(deletion.partition for deletion in deletions)
        self.timeout_ms = timeout_ms
        self._deletions, self._look_at = deletions, look_at

    def try_complete(self, _context: Context) -> DeleteRecordsResponse | None:
        """Answer once each deletion has reached every live replica, or never will from here."""
        for deletion in self._deletions:
            deletion.answer = deletion.answer or self._look_at(deletion)
        return self._response() if all(each.answer for each in self._deletions) else None

    def on_expire(self, _context: Context) -> DeleteRecordsResponse:
        """Answer what is known; the rest took too long, though the leader's log begins there."""
        for deletion in self._deletions:
            if deletion.answer is None:
                told = (deletion.partition, deletion.low_watermark, Errors.REQUEST_TIMED_OUT)
                deletion.answer = DeletedRecords(*told)
        return self._response()

    def _response(self) -> DeleteRecordsResponse:
        return DeleteRecordsResponse(tuple(each.answer for each in self._deletions if each.answer))


def is_enough(answers: tuple[FetchedPartition, ...], request: FetchRequest) -> bool:
    """Say whether a fetch must not wait any longer."""
    # What is urgent gets no better by waiting: an error, logs that part, a nearer replica
    # (`ReplicaManager.fetchMessages`).
    if not request.max_wait_ms or any(answer.is_urgent for answer in answers):
        return True
    return sum(answer.size_bytes for answer in answers) >= request.min_bytes


def why_enough(answers: tuple[FetchedPartition, ...], request: FetchRequest) -> str:
    """Say in words why a fetch must not wait any longer."""
    for answer in answers:
        if answer.error is not Errors.NONE:
            return answer.error.told
    if any(answer.preferred_read_replica is not None for answer in answers):
        return "a nearer replica"
    return "the high watermark moved" if request.replica == CONSUMER else "new records"
