"""What a fetcher remembers of its fetch session with one broker: so it names only what changed.

Source: kafka, clients `FetchSessionHandler.java`, `FetchMetadata.java`; KIP-227.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from kafkabook.base.errors import Errors
from kafkabook.base.names import TopicPartition
from kafkabook.protocol.records_api import (
    FINAL_EPOCH,
    INITIAL_EPOCH,
    INVALID_SESSION_ID,
    FetchPartition,
    FetchResponse,
    Forgotten,
    next_session_epoch,
)


class FetchMetadata(NamedTuple):
    """The session of a fetch, and the number of the fetch in it.

    >>> FetchMetadata(7, 1).next_incremental()
    FetchMetadata(session_id=7, epoch=2)
    """

    session_id: int = INVALID_SESSION_ID
    epoch: int = INITIAL_EPOCH

    @property
    def is_full(self) -> bool:
        """Whether the fetch names every partition."""
        return self.epoch in (INITIAL_EPOCH, FINAL_EPOCH)

    def next_incremental(self) -> "FetchMetadata":
        """Return what the next fetch of the session says."""
        return self._replace(epoch=next_session_epoch(self.epoch))

    def next_close_existing(self) -> "FetchMetadata":
        """Return what a full fetch says that closes the session and wants no other one."""
        return self._replace(epoch=FINAL_EPOCH)

    def next_close_existing_attempt_new(self) -> "FetchMetadata":
        """Return what a full fetch says that closes the session and wants another one."""
        return self._replace(epoch=INITIAL_EPOCH)


INITIAL = FetchMetadata()


class FetchData(NamedTuple):
    """What the next fetch says: which fetch it is, what it names, and what is to be forgotten."""

    metadata: FetchMetadata
    to_send: tuple[FetchPartition, ...]
    to_forget: Forgotten


class FetchSessionHandler:
    """One side of a fetch session: what the broker was asked, so that only changes are sent.

    Kafka's handler is handed all partitions for each fetch, and finds the changes itself. This one
    is handed the partitions that may have changed, so that a fetch costs what changed.

    Attributes: `next` (what the next fetch will say), `partitions` (of the session, as the broker
    was last asked for them).

    Simplified: a session has topic ids, or has none, for each partition; Kafka's is one or the
    other as a whole (FETCH_SESSION_TOPIC_ID_ERROR).
    Source: kafka, `FetchSessionHandler.java`.
    """

    def __init__(self) -> None:
        self.next = INITIAL
        self.partitions: dict[TopicPartition, FetchPartition] = {}
        self._places: dict[TopicPartition, int] = {}  # the order of the session
        self._last_place = 0

    def build(
        self,
        wanted: Mapping[TopicPartition, FetchPartition],
        changed: Iterable[TopicPartition],
    ) -> FetchData:
        """Return what the next fetch says, and take for granted that it is sent.

        Args:
            wanted: all partitions to fetch, with their offsets and epochs. changed: those that may
                have others than in the last fetch, and those that are not fetched any more.
        """
        if self.next.is_full:
            self.partitions, self._places = {}, {}
            for partition in wanted.values():
                self._put(partition)
            return FetchData(self.next, tuple(wanted.values()), ())
        return self._incremental(wanted, tuple(dict.fromkeys(changed)))

    def _incremental(
        self,
        wanted: Mapping[TopicPartition, FetchPartition],
        changed: tuple[TopicPartition, ...],
    ) -> FetchData:
        """Name what is new, then what differs in the order of the session."""
        added, altered, gone = [], [], []
        for name in changed:
            now, was = wanted.get(name), self.partitions.get(name)
            if now is None:
                gone += [] if was is None else [was]
            elif was is None:
                added.append(now)
            elif now != was:
                altered.append(now)
        altered.sort(key=self._place)
        replaced = [self.partitions[it.partition] for it in altered if self._is_replaced(it)]
        forgotten = (*sorted(gone, key=self._place), *replaced)
        for was in gone:
            del self.partitions[was.partition], self._places[was.partition]
        for now in (*added, *altered):
            self._put(now)
        to_forget = tuple((was.partition, was.topic_id) for was in forgotten)
        return FetchData(self.next, (*added, *altered), to_forget)

    def handle_response(self, response: FetchResponse) -> bool:
        """Take what an answer says of the session; say whether its partitions can be used.

        Source: kafka, `FetchSessionHandler.java` `handleResponse`.
        """
        if response.error is not Errors.NONE:
            unknown = response.error is Errors.FETCH_SESSION_ID_NOT_FOUND
            self.next = INITIAL if unknown else self.next.next_close_existing_attempt_new()
            return False
        told = {answer.partition for answer in response.partitions}
        if self.next.is_full:
            is_whole = told == self.partitions.keys()
            is_made = is_whole and response.session_id != INVALID_SESSION_ID
            made = FetchMetadata(response.session_id).next_incremental()
            self.next = made if is_made else INITIAL
            return is_whole
        if told - self.partitions.keys():
            self.next = self.next.next_close_existing_attempt_new()
            return False
        is_over = response.session_id == INVALID_SESSION_ID
        self.next = INITIAL if is_over else self.next.next_incremental()
        return True

    def handle_error(self) -> None:
        """Close the session with the next fetch, and ask for another: no answer came."""
        self.next = self.next.next_close_existing_attempt_new()

    def notify_close(self) -> None:
        """Close the session with the next fetch."""
        self.next = self.next.next_close_existing()

    def _put(self, partition: FetchPartition) -> None:
        """Remember what is asked; a partition that the session has keeps its place."""
        name = partition.partition
        self.partitions[name] = partition
        if name not in self._places:
            self._last_place += 1
            self._places[name] = self._last_place

    def _place(self, partition: FetchPartition) -> int:
        return self._places[partition.partition]

    def _is_replaced(self, wanted: FetchPartition) -> bool:
        """Say whether a partition is that of another topic by now, with the same name."""
        was = self.partitions[wanted.partition].topic_id
        return None not in (was, wanted.topic_id) and was != wanted.topic_id
