"""An administrator: a client whose requests a broker hands on to the controller.

Source: kafka, clients `KafkaAdminClient.java`; notes, Part 1 ch 01 §06, Part 3 ch 05.
"""

from dataclasses import dataclass
from typing import Any

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.machine import Answered, Component, Context, NoAnswer
from kafkabook.base.shown import Shown
from kafkabook.clients.metadata import ClientMetadata

CHANNEL = "admin"
API_TIMEOUT_MS = 60_000  # Kafka's default.api.timeout.ms


@dataclass(eq=False)
class Asked(Shown):
    """One request of an administrator, and its answer once that is there.

    Attributes: `request`, `response` (None until it is answered, and where it never was), `failure`
    (why there is none).
    """

    request: Any
    response: Any = None
    failure: NoAnswer | None = None

    @property
    def is_done(self) -> bool:
        """Whether it was answered, or given up."""
        return self.response is not None or self.failure is not None

    def result(self) -> Any:
        """Return the answer for the only topic or partition of the request.

        Raises:
            KafkaError: the answer is an error, or there is none.
        """
        if self.failure is not None or self.response is None:
            is_late = self.failure is NoAnswer.TIMED_OUT
            error = Errors.REQUEST_TIMED_OUT if is_late else Errors.NETWORK_EXCEPTION
            why = self.failure.value if self.failure is not None else "no answer has come yet"
            raise KafkaError(error, f"{type(self.request).__name__}: {why}")
        answer = _only(self.response)
        if answer.error:
            raise KafkaError(Errors[answer.error], getattr(answer, "says", ""))
        return answer


class AdminClient(Component):
    """Sends requests of an administrator to a broker; where none answers, to the next one.

    Args:
        metadata: knows which brokers there are. request_timeout_ms: how long one may take.
        api_timeout_ms: `default.api.timeout.ms`, after which nobody is asked again.

    A request that got no answer may have been carried out. It is asked for again all the same, as
    Kafka's client does, so that a topic which it has made itself may "exist already".
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

    def ask(self, asked: Asked, context: Context) -> None:
        """Send a request; `asked` gets the answer."""
        self._ask(asked, context, until_ms=context.now_ms + self._api_timeout_ms)

    def _ask(self, asked: Asked, context: Context, *, until_ms: int) -> None:
        context.send(
            self._metadata.next_broker(),
            asked.request,
            channel=CHANNEL,
            then=lambda answered, later: self._take(asked, answered, later, until_ms),
            timeout_ms=self._timeout_ms,
        )

    def _take(self, asked: Asked, answered: Answered, context: Context, until_ms: int) -> None:
        if answered.failure is not None and context.now_ms < until_ms:
            self._ask(asked, context, until_ms=until_ms)
        else:
            asked.response, asked.failure = answered.response, answered.failure


def _only(response: Any) -> Any:
    """Return the one answer in a response that may hold many."""
    parts = getattr(response, "topics", None) or response.partitions
    return parts[0]
