"""How a broker answers Fetch: with what there is, or a little later, and to sessions what changed.

Source: kafka, core `KafkaApis.scala` `handleFetchRequest`, `FetchSession.scala` `FetchManager`,
`FullFetchContext`, `IncrementalFetchContext`; KIP-227; notes, Part 1 ch 01 §06.
"""

from collections.abc import Hashable
from random import Random

from kafkabook.base.errors import Errors
from kafkabook.base.machine import Address, Component, Context, Deferred, Handler
from kafkabook.base.names import TopicPartition
from kafkabook.cluster.delayed import DelayedFetch, DelayedSessionFetch, Release, is_enough
from kafkabook.cluster.fetch_reading import FetchReading
from kafkabook.cluster.fetch_sessions import (
    MIN_EVICTION_MS,
    CachedPartition,
    FetchSession,
    FetchSessionCache,
)
from kafkabook.cluster.replica_manager import ReplicaManager
from kafkabook.protocol.records_api import (
    CONSUMER,
    FINAL_EPOCH,
    FetchedPartition,
    FetchPartition,
    FetchRequest,
    FetchResponse,
    next_session_epoch,
)
from kafkabook.replication.events import (
    FetchesRepeated,
    FetchParked,
    FetchReleased,
    FetchSessionEnded,
    FetchSessionMade,
    FetchSessionRefused,
)

Watchers = dict[FetchSession, None]  # in the order in which they began


class FetchHandlers(Component):
    """What followers and consumers fetch, and the sessions in which they do.

    A fetch of a session waits under one key, however many partitions the session has. The loop
    tells of each change, and this component says to which sessions it matters.

    Args:
        replicas: the partitions. incarnation: of this broker; no two of them draw the same ids, as
            hardly any two brokers of Kafka do.
    """

    def __init__(self, replicas: ReplicaManager, incarnation: int) -> None:
        self.replicas, self.reading = replicas, FetchReading(replicas)
        config = replicas.config
        self.cache = FetchSessionCache(
            slots=config.max_incremental_fetch_session_cache_slots,
            eviction_ms=MIN_EVICTION_MS,
            random=Random(f"fetch sessions {replicas.broker}/{incarnation}"),
            evicted=self._evicted,
        )
        self._watchers: dict[TopicPartition, Watchers] = {}
        self._parked = self._begun = 0

    def handlers(self) -> dict[type, Handler]:
        """Answer one API."""
        return {FetchRequest: self.fetch}

    def fetch(self, request: FetchRequest, context: Context) -> object:
        """Read for a follower or a consumer; with nothing to give, wait a little."""
        session = self._session_of(request, context)
        if isinstance(session, Errors):
            self._tell_refused(request, session, context)
            return FetchResponse((), session)
        if session is None:
            return self._fetch_alone(request, context)
        return self._fetch_in(session, request, context)

    def on_changed(self, key: Hashable, context: Context) -> None:
        """Let the sessions that have a partition look at it again, and what waits in them."""
        if not isinstance(key, TopicPartition) or key not in self._watchers:
            return
        for session in self._watchers[key]:
            session.wake(key)
        waits = [session for session in self._watchers[key] if session.waiting]
        for session in sorted(waits, key=lambda it: it.waiting[0].number):  # in order of arrival
            context.changed(session.key)

    # --- without a session -----------------------------------------------------------------------

    def _fetch_alone(self, request: FetchRequest, context: Context) -> object:
        answers = tuple(self.reading.read(asked, request, context) for asked in request.partitions)
        if not answers or is_enough(answers, request):
            return FetchResponse(answers)
        release = self._park(request, request.partitions, 0, context)
        return Deferred(DelayedFetch(request, self._read_again, release))

    def _read_again(self, request: FetchRequest) -> tuple[FetchedPartition, ...]:
        return tuple(self.reading.read_again(asked, request) for asked in request.partitions)

    def _park(
        self,
        request: FetchRequest,
        asked: tuple[FetchPartition, ...],
        unchanged: int,
        context: Context,
    ) -> Release:
        """Tell that a fetch waits; most followers' fetches do, so nothing is made of it yet."""
        self._parked += 1
        broker, number = self.replicas.broker, self._parked
        told = broker, number, context.sender, asked, request.max_wait_ms, unchanged
        context.record(FetchParked, told, make=_parked)

        def release(reason: str, later: Context) -> None:
            later.record(FetchReleased, (broker, number, reason))

        return release

    # --- in a session ----------------------------------------------------------------------------

    def _fetch_in(self, session: FetchSession, request: FetchRequest, context: Context) -> object:
        """Look at what may have changed since the last answer of this session."""
        looked_at = session.to_look_at
        unchanged = len(session.partitions) - len(looked_at)
        if unchanged:
            told = self.replicas.broker, request.replica, session.id, session.epoch, unchanged
            context.record(FetchesRepeated, told)
        # Read first, wait afterwards (`ReplicaManager.fetchMessages`): by this read the leader
        # learns what a follower has, though the fetch may then wait. When it has waited it is read
        # again, and is no news (`readFromPurgatory = true`).
        answers = {it: self.reading.read(it.wanted, request, context) for it in looked_at}
        if is_enough(tuple(answers.values()), request):
            return self._answer(session, request, answers, context)
        asked = tuple(it.wanted for it in looked_at)
        release = self._park(request, asked, unchanged, context)
        fetch = DelayedSessionFetch(
            request,
            session,
            answers,
            number=self._parked,
            read=lambda wanted: self.reading.read_again(wanted, request),
            answer=self._answer,
            release=release,
        )
        session.waiting.append(fetch)
        return Deferred(fetch)

    def _answer(
        self,
        session: FetchSession,
        request: FetchRequest,
        answers: dict[CachedPartition, FetchedPartition],
        context: Context,
    ) -> FetchResponse:
        """Tell of every partition to a full fetch, and of what has changed to others.

        Source: kafka, `FetchSession.scala` `updateAndGenerateResponseData`.
        """
        error = Errors.NONE
        told: tuple[FetchedPartition, ...] = ()
        if request.is_full:
            told = self._whole(session, answers, context)
        elif session.epoch == next_session_epoch(request.session_epoch):
            told = _news(session, answers)
        else:  # another fetch has gone on with the session while this one waited
            error = Errors.INVALID_FETCH_SESSION_EPOCH
            self._tell_refused(request, error, context)
        if session.cached_size >= 0 and error is Errors.NONE:
            self._let_rest(session, request, answers)
        self._unwatch_if_over(session)
        return FetchResponse(told, error, session.id)

    def _whole(
        self,
        session: FetchSession,
        answers: dict[CachedPartition, FetchedPartition],
        context: Context,
    ) -> tuple[FetchedPartition, ...]:
        """Answer a full fetch, and keep the session that begins with it if there is room."""
        for partition, answer in answers.items():
            partition.take(answer)
        if self.cache.maybe_create(session, context):
            size, (asker, _) = len(session.partitions), session.asker
            context.tell(FetchSessionMade(self.replicas.broker, asker, session.id, size))
        return tuple(answers.values())

    def _let_rest(
        self,
        session: FetchSession,
        request: FetchRequest,
        answers: dict[CachedPartition, FetchedPartition],
    ) -> None:
        for partition, answer in answers.items():
            progress = self.reading.quiet(partition.wanted, answer, request, session.asked.at_ms)
            if progress is not None:
                session.rest(partition, progress)

    # --- which session ---------------------------------------------------------------------------

    def _session_of(self, request: FetchRequest, context: Context) -> FetchSession | Errors | None:
        """Return the session of a fetch, brought up to date; None: it is to have none.

        Source: kafka, `FetchSession.scala` `FetchManager.newContext`.
        """
        session = self.cache.get(request.session_id)
        if request.is_full:
            if session is not None:
                self._close(session, "a full fetch closed it", context)
            return None if request.session_epoch == FINAL_EPOCH else self._begin(request, context)
        if session is None:
            return Errors.FETCH_SESSION_ID_NOT_FOUND
        if session.epoch != request.session_epoch:
            return Errors.INVALID_FETCH_SESSION_EPOCH
        self._update(session, request)
        if not session.partitions:
            self._close(session, "no partition is left in it", context)
            return None
        self.cache.touch(session, context.now_ms)
        session.epoch = next_session_epoch(session.epoch)
        session.asked.at_ms = context.now_ms
        return session

    def _begin(self, request: FetchRequest, context: Context) -> FetchSession:
        """Begin a session that the cache may take once this fetch is answered."""
        self._begun += 1
        session = FetchSession(
            (request.replica, request.broker_epoch),
            privileged=request.replica != CONSUMER,
            key=("fetch session", self._begun),
            now_ms=context.now_ms,
        )
        self._update(session, request)
        return session

    def _update(self, session: FetchSession, request: FetchRequest) -> None:
        """Take what a fetch names, and watch those partitions."""
        asker = request.replica, request.broker_epoch
        if session.asker != asker:  # somebody else uses it: nothing is known of that follower
            session.wake_all()
            session.asker = asker
        session.update(request.partitions, request.forgotten)
        for asked in request.partitions:
            self._watchers.setdefault(asked.partition, {})[session] = None
        for name, _ in request.forgotten:
            if name not in session.names:
                self._unwatch(session, name)

    def _close(self, session: FetchSession, why: str, context: Context) -> None:
        self.cache.remove(session)
        self._evicted(session, why, context)

    def _evicted(self, session: FetchSession, why: str, context: Context) -> None:
        asker, _ = session.asker
        context.tell(FetchSessionEnded(self.replicas.broker, asker, session.id, why))
        self._unwatch_if_over(session)

    def _unwatch_if_over(self, session: FetchSession) -> None:
        """Forget a session that is in the cache no more, unless a fetch of it waits."""
        if session.cached_size < 0 and not session.waiting:
            for name in session.names:
                self._unwatch(session, name)

    def _unwatch(self, session: FetchSession, name: TopicPartition) -> None:
        watchers = self._watchers.get(name)
        if watchers is not None:
            watchers.pop(session, None)
            if not watchers:
                del self._watchers[name]

    def _tell_refused(self, request: FetchRequest, error: Errors, context: Context) -> None:
        """Tell of an error for a whole fetch: its session is not what the asker believes."""
        asked = request.replica, request.session_id, request.session_epoch
        context.tell(FetchSessionRefused(self.replicas.broker, *asked, error.told))


def _news(
    session: FetchSession, answers: dict[CachedPartition, FetchedPartition]
) -> tuple[FetchedPartition, ...]:
    """Return what has changed; who got records is read after all others from now on."""
    told = []
    for partition in sorted(answers, key=lambda it: it.place):
        answer = answers[partition]
        if partition.take(answer):
            told.append(answer)
            if answer.batches:
                session.move_to_end(partition)
    return tuple(told)


def _parked(
    broker: int,
    number: int,
    asker: Address,
    asked: tuple[FetchPartition, ...],
    max_wait_ms: int,
    unchanged: int,
) -> FetchParked:
    named = tuple((str(wanted.partition), wanted.fetch_offset) for wanted in asked)
    return FetchParked(broker, number, asker, named, max_wait_ms, unchanged)
