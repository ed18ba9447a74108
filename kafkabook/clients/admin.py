"""An administrator: a client whose requests a broker answers, or hands on to the controller.

Source: kafka, clients `KafkaAdminClient.java`, `AdminApiDriver.java`; notes, Part 1 ch 01 §06, Part
3 ch 05.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.machine import Answered, Component, Context, NoAnswer, TimerHandler
from kafkabook.base.names import TopicPartition
from kafkabook.base.shown import Shown
from kafkabook.clients.backoff import backoff_ms
from kafkabook.clients.metadata import ClientMetadata
from kafkabook.protocol.admin_api import (
    DeletedRecords,
    DeleteRecordsRequest,
    DeleteRecordsResponse,
    DescribeClusterRequest,
    DescribeConfigsRequest,
    ListedOffset,
    ListOffsetsRequest,
    ListOffsetsResponse,
    MetadataRequest,
)

CHANNEL = "admin"
API_TIMEOUT_MS = 60_000  # Kafka's default.api.timeout.ms
QUESTIONS = (MetadataRequest, DescribeClusterRequest, DescribeConfigsRequest, ListOffsetsRequest)
FOR_LEADERS = (ListOffsetsRequest, DeleteRecordsRequest)
UNKNOWN = Errors.UNKNOWN_TOPIC_OR_PARTITION


@dataclass(eq=False)
class Asked(Shown):
    """One request of an administrator, and its answer once that is there.

    Attributes: `request`, `response` (None until it is answered, and where it never was), `failure`
    (why there is none), `timeout_ms` (of this request, instead of `default.api.timeout.ms`).
    """

    request: Any
    response: Any = None
    failure: NoAnswer | None = None
    timeout_ms: int | None = None

    @property
    def is_done(self) -> bool:
        """Whether it was answered, or given up."""
        return self.response is not None or self.failure is not None

    def result(self) -> Any:
        """Return the response; to a change of one topic or partition, what became of that one.

        Raises:
            KafkaError: an answer is an error, or there is none.
        """
        if self.failure is not None or self.response is None:
            is_late = self.failure is NoAnswer.TIMED_OUT
            error = Errors.REQUEST_TIMED_OUT if is_late else Errors.NETWORK_EXCEPTION
            why = self.failure.value if self.failure is not None else "no answer has come yet"
            raise KafkaError(error, f"{type(self.request).__name__}: {why}")
        parts = tuple(_parts(self.response))
        for part in parts:
            error = getattr(part, "error", Errors.NONE)
            if error is not Errors.NONE:
                raise KafkaError(error, getattr(part, "says", ""))
        is_change = not isinstance(self.request, QUESTIONS)
        return parts[0] if is_change and len(parts) == 1 else self.response


@dataclass(eq=False)
class Call:
    """A request that is being asked, perhaps of several brokers, perhaps again.

    Attributes: `until_ms` (nobody is asked after that), `failures` (so far), `answers` (of
    partitions, the last one of each), `settled` (the partitions that are not asked about again),
    `in_flight` (requests to leaders that are not answered yet), `failure` (of the last of them).
    """

    asked: Asked
    until_ms: int
    failures: int = 0
    answers: dict[TopicPartition, Any] = field(default_factory=dict)
    settled: set[TopicPartition] = field(default_factory=set)
    in_flight: int = 0
    failure: NoAnswer | None = None

    @property
    def is_for_leaders(self) -> bool:
        """Whether only the leaders of its partitions can answer it."""
        return isinstance(self.asked.request, FOR_LEADERS)

    @property
    def open_partitions(self) -> list[TopicPartition]:
        """The partitions that leaders must still be asked about, each once."""
        named = dict.fromkeys(name for name, _ in self.asked.request.partitions)
        return [name for name in named if name not in self.settled]

    def request_for(self, names: list[TopicPartition]) -> Any:
        """Return the part of the request that speaks of some partitions."""
        wanted = tuple(pair for pair in self.asked.request.partitions if pair[0] in names)
        return replace(self.asked.request, partitions=wanted)

    @property
    def answer_type(self) -> type[ListedOffset] | type[DeletedRecords]:
        """What a leader says of one partition."""
        is_list = isinstance(self.asked.request, ListOffsetsRequest)
        return ListedOffset if is_list else DeletedRecords

    def response(self) -> ListOffsetsResponse | DeleteRecordsResponse:
        """Put the answers of all leaders together, in the order of the request."""
        names = dict.fromkeys(name for name, _ in self.asked.request.partitions)
        answers = tuple(self.answers[name] for name in names)
        is_list = isinstance(self.asked.request, ListOffsetsRequest)
        return ListOffsetsResponse(answers) if is_list else DeleteRecordsResponse(answers)

    def give_up(self) -> None:
        """End with what was said or failed last."""
        if self.failure is not None:
            self.asked.failure = self.failure
        else:
            self.asked.response = self.response()

    def keep(self, answer: Any) -> None:
        """Keep a leader's answer; an error that will pass leaves its partition open."""
        self.answers[answer.partition] = answer
        if not answer.error.retriable:
            self.settled.add(answer.partition)


class AdminClient(Component):
    """Sends requests of an administrator to a broker; where none answers, to the next one.

    What only leaders can answer goes to the leader of each partition, as far as the client knows
    it, and the answers are put together.

    Args:
        metadata: knows which brokers there are, and who leads. request_timeout_ms: how long a
            request may take.
        api_timeout_ms: `default.api.timeout.ms`, after which nobody is asked again.

    A request that got no answer may have been carried out. It is asked for again all the same, as
    Kafka's client does, so that a topic which it has made itself may "exist already". Between two
    attempts it waits `retry.backoff.ms`, and longer each time.

    Simplified: Kafka asks the least loaded broker, this one goes round. A request names a partition
    once (Kafka's client takes a map). A partition that has no
    leader for all that time ends with its last error; Kafka's client raises a TimeoutException
    with that error as its cause.
    """

    def __init__(
        self,
        metadata: ClientMetadata,
        *,
        request_timeout_ms: int,
        api_timeout_ms: int = API_TIMEOUT_MS,
    ) -> None:
        self._metadata, self._timeout_ms = metadata, request_timeout_ms
        self._api_timeout_ms = api_timeout_ms
        self._later: dict[int, Call] = {}
        self._calls = 0

    def timers(self) -> dict[str, TimerHandler]:
        """Ask again."""
        return {"ask again": self._ask_again}

    def ask(self, asked: Asked, context: Context) -> None:
        """Send a request; `asked` gets the answer."""
        timeout_ms = self._api_timeout_ms if asked.timeout_ms is None else asked.timeout_ms
        self._ask(Call(asked, context.now_ms + timeout_ms), context)

    def _ask(self, call: Call, context: Context) -> None:
        if call.is_for_leaders:
            self._ask_leaders(call, context)
        else:
            self._send(call, call.asked.request, self._metadata.next_broker(), context)

    def _send(self, call: Call, request: Any, broker: int, context: Context) -> None:
        """Send a request, which may take no longer than the whole call."""
        take = self._take_of_leader if call.is_for_leaders else self._take
        context.send(
            broker,
            request,
            channel=CHANNEL,
            then=lambda answered, later: take(call, answered, later),
            timeout_ms=max(1, min(self._timeout_ms, call.until_ms - context.now_ms)),
        )

    def _take(self, call: Call, answered: Answered, context: Context) -> None:
        call.failure = answered.failure
        if answered.failure is None:
            call.asked.response = answered.response
        else:
            self._put_off(call, context)

    def _put_off(self, call: Call, context: Context) -> None:
        """Ask again after a pause, as long as there is time."""
        left_ms = call.until_ms - context.now_ms
        if left_ms <= 0:
            call.give_up()
            return
        self._calls += 1
        self._later[self._calls] = call
        context.wake(("ask again", self._calls), min(left_ms, backoff_ms(call.failures)))
        call.failures += 1

    def _ask_again(self, number: int, context: Context) -> None:
        call = self._later.pop(number)
        if context.now_ms < call.until_ms:
            self._ask(call, context)
        else:
            call.give_up()

    # --- leaders ---------------------------------------------------------------------------------

    def _ask_leaders(self, call: Call, context: Context) -> None:
        """Ask the leader of each open partition; first ask who that is, where it is not known."""
        names = call.open_partitions
        if all(self._metadata.leader_of(name) is not None for name in names):
            self._send_to_leaders(call, context)
        else:
            self._metadata.refresh(context, lambda later: self._send_to_leaders(call, later))

    def _send_to_leaders(self, call: Call, context: Context) -> None:
        by_leader: dict[int, list[TopicPartition]] = {}
        for name in call.open_partitions:
            leader = self._metadata.leader_of(name)
            if leader is None:
                is_known = self._metadata.knows(name)
                error = Errors.LEADER_NOT_AVAILABLE if is_known else UNKNOWN
                call.keep(call.answer_type(name, error=error))
            else:
                by_leader.setdefault(leader, []).append(name)
        call.in_flight, call.failure = len(by_leader), None
        for leader, names in by_leader.items():
            self._send(call, call.request_for(names), leader, context)
        if not by_leader:
            self._end_round(call, context)

    def _take_of_leader(self, call: Call, answered: Answered, context: Context) -> None:
        """Keep a leader's answers; whoever answered with an error is believed to lead no more."""
        call.in_flight -= 1
        if answered.failure is not None:
            call.failure = answered.failure
        else:
            for answer in answered.response.partitions:
                call.keep(answer)
        for name, _ in answered.request.partitions:
            if name not in call.settled:
                self._metadata.forget(name)
        if not call.in_flight:
            self._end_round(call, context)

    def _end_round(self, call: Call, context: Context) -> None:
        """Answer once every partition is settled; else try again."""
        if call.open_partitions:
            self._put_off(call, context)
        else:
            call.asked.response = call.response()


def _parts(response: Any) -> Iterator[Any]:
    """Yield the answers in a response, where it has one for each topic or partition."""
    for name in ("topics", "partitions"):
        yield from getattr(response, name, ())
