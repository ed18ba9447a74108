"""Answers that cannot be given yet wait here, each under the keys that may complete it.

Source: kafka, server-common `DelayedOperationPurgatory.java`; notes, Part 3 ch 02.
"""

from collections.abc import Hashable, Iterator

from kafkabook.base.machine import Cancel, Context, DelayedOperation, Reply, Ticket, Wake

EXPIRY = "delayed"  # the timer of an operation, with its number


class Purgatory:
    """Delayed operations by key; it knows no API.

    Simplified: Kafka keeps one purgatory per API and a timing wheel of its own; here the node's
    timers keep the deadlines.
    """

    def __init__(self) -> None:
        self._waiting: dict[int, tuple[Ticket, DelayedOperation]] = {}
        self._by_key: dict[Hashable, dict[int, None]] = {}
        self._numbers = 0

    def watch(self, ticket: Ticket, operation: DelayedOperation, context: Context) -> None:
        """Keep an operation until a key completes it, or its time is up."""
        self._numbers += 1
        self._waiting[self._numbers] = ticket, operation
        # Under all of them: whichever changes last is the one that completes it.
        for key in operation.keys:
            self._by_key.setdefault(key, {})[self._numbers] = None
        context.effects.append(Wake((EXPIRY, self._numbers), operation.timeout_ms))

    def complete(self, key: Hashable, context: Context) -> None:
        """Give every answer that has become possible under a key, in the order of arrival."""
        # Over a copy: who is answered leaves this very list. Kafka: `checkAndComplete`.
        for number in tuple(self._by_key.get(key, ())):
            ticket, operation = self._waiting[number]
            response = operation.try_complete(context)
            if response is not None:
                self._forget(number)
                context.effects.append(Cancel((EXPIRY, number)))
                context.effects.append(Reply(ticket, response))

    def expire(self, number: int, context: Context) -> None:
        """Give an answer whose time is up: what there is, or that it took too long."""
        waited = self._waiting.get(number)
        # The timer may go off at the very time of the answer: then nothing waits here any more.
        if waited is not None:
            ticket, operation = waited
            self._forget(number)
            context.effects.append(Reply(ticket, operation.on_expire(context)))

    def operations(self) -> Iterator[DelayedOperation]:
        """Yield what waits, in the order of arrival."""
        return (operation for _, operation in self._waiting.values())

    def __len__(self) -> int:
        return len(self._waiting)

    def _forget(self, number: int) -> None:
        """Take out what was answered, under each of its keys: some of them may never change."""
        _, operation = self._waiting.pop(number)
        for key in set(operation.keys):
            del self._by_key[key][number]
            if not self._by_key[key]:
                del self._by_key[key]
