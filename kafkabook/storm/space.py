"""The states of a model as short tuples of numbers, and the steps between them.

A step reads one or two parts of a state, and there are few different parts: each is kept once under
a number, and each decision is taken once and remembered. States that differ only in the names of
brokers are one.
"""

from functools import cache
from itertools import permutations
from typing import Generic, TypeVar

from kafkabook.storm.model import NOBODY, Model, ModelController, ModelReplica, ModelState, Request

Value = TypeVar("Value")
Numbers = tuple[int, ...]  # its controller, the records ever written, then broker 1, 2, …
Steps = list[tuple[str, Numbers]]
Names = tuple[int, ...]  # the new name of broker 1, 2, …


class Numbering(Generic[Value]):
    """Equal values under one small number."""

    def __init__(self) -> None:
        self.values: list[Value] = []
        self._numbers: dict[Value, int] = {}

    def number(self, value: Value) -> int:
        """Return the number of a value, a new one if it is new."""
        known = self._numbers.setdefault(value, len(self.values))
        if known == len(self.values):
            self.values.append(value)
        return known


class Space:
    """What a search walks through: states as numbers, their steps, and one of each symmetric lot.

    Simplified: everything that was ever decided stays in memory.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self._controllers: Numbering[ModelController] = Numbering()
        self._replicas: Numbering[ModelReplica] = Numbering()
        self._requests: Numbering[Request] = Numbering()
        self._known_end = cache(self._know)
        self._fetched = cache(self._fetch)
        self._heard = cache(self._hear)
        self._unheard = cache(self._list_unheard)
        self._decided = cache(self._decide)
        self._forgotten = cache(self._forget)
        self._led = cache(self._lead)
        self._renamed = cache(self._rename)
        self._orders = cache(self._order)

    def number(self, state: ModelState) -> Numbers:
        """Return a state as numbers."""
        replicas = map(self._replicas.number, state.replicas)
        return (self._controllers.number(state.controller), state.written, *replicas)

    def state(self, numbers: Numbers) -> ModelState:
        """Return the state that numbers stand for."""
        controller, written, *replicas = numbers
        values = self._replicas.values
        return ModelState(
            self._controllers.values[controller], written, tuple(values[n] for n in replicas)
        )

    def canonical(self, numbers: Numbers) -> Numbers:
        """Return the one that stands for all states with other names of brokers."""
        controller, orders = self._orders(numbers[0])
        if controller == numbers[0] and len(orders) == 1:
            return numbers
        return min([self._in_order(controller, numbers, names) for names in orders])

    def steps(self, numbers: Numbers) -> Steps:
        """Return all that may happen next, in words, and the state that follows."""
        controller, written, *replicas = numbers
        steps = [(line, (after, *numbers[1:])) for line, after in self._decided(controller)]
        for place, me in enumerate(replicas, start=2):
            before, behind = numbers[:place], numbers[place + 1 :]
            for line, request, leader in self._unheard(controller, me):
                after = self._heard(me, request, numbers[leader + 1])
                if after is not None:
                    steps.append((line, self._tidy((*before, after, *behind))))
            leader = self._replicas.values[me].leader
            if leader + 1 == place:
                others = (other for other in replicas if other != me)
                ends = tuple([self._known_end(me, other) for other in others])
                for line, is_written, decided, after in self._led(controller, me, ends):
                    if written + is_written <= self.model.max_records:
                        then = (decided, written + is_written, *before[2:], after, *behind)
                        steps.append((line, then))
            elif leader != NOBODY:
                line, after = self._fetched(me, numbers[leader + 1])
                if after is not None:
                    steps.append((line, (*before, after, *behind)))
        return steps

    # --- decisions, each taken once ---

    def _know(self, leader: int, follower: int) -> int:
        return self.model.known_end(self._replicas.values[leader], self._replicas.values[follower])

    def _fetch(self, follower: int, leader: int) -> tuple[str, int | None]:
        me, other = self._replicas.values[follower], self._replicas.values[leader]
        return f"{me.me} fetches from {other.me}", self._numbered(self.model.fetch(me, other))

    def _hear(self, replica: int, request: int, leader: int) -> int | None:
        values = self._replicas.values
        asked = self._requests.values[request]
        return self._numbered(self.model.hear(values[replica], asked, values[leader]))

    def _list_unheard(self, controller: int, replica: int) -> list[tuple[str, int, int]]:
        """List what a replica may hear: any newer leader epoch, in any order."""
        me = self._replicas.values[replica]
        return [
            (f"{me.me} hears of epoch {told.epoch}", self._requests.number(told), told.leader)
            for told in self._controllers.values[controller].sent
            if told.epoch > me.leader_epoch
        ]

    def _decide(self, controller: int) -> list[tuple[str, int]]:
        decisions = self.model.decisions(self._controllers.values[controller])
        return [(line, self._controllers.number(after)) for line, after in decisions]

    def _lead(
        self, controller: int, leader: int, ends: tuple[int, ...]
    ) -> list[tuple[str, int, int, int]]:
        """List what a leader may do: the line, records written, and the two that have changed."""
        me, decision = self._replicas.values[leader], self._controllers.values[controller]
        done = [(f"{me.me} writes", 1, controller, self._replicas.number(self.model.write(me)))]
        committed = self._numbered(self.model.commit(me, ends))
        if committed is not None:
            done.append((f"{me.me} commits", 0, controller, committed))
        if (decision.leader, decision.epoch) == (me.me, me.leader_epoch):
            for line, isr in self.model.memberships(me, ends):
                accepted = self._controllers.number(decision._replace(isr=isr))
                done.append((line, 0, accepted, self._replicas.number(me._replace(isr=isr))))
        return done

    def _forget(self, controller: int, heard: int) -> int:
        decision = self._controllers.values[controller]
        return self._controllers.number(self.model.forget(decision, heard))

    def _tidy(self, numbers: Numbers) -> Numbers:
        """Drop what nobody can hear any more, so that states meet again."""
        heard = min([self._replicas.values[replica].leader_epoch for replica in numbers[2:]])
        return (self._forgotten(numbers[0], heard), *numbers[1:])

    def _numbered(self, replica: ModelReplica | None) -> int | None:
        return None if replica is None else self._replicas.number(replica)

    # --- names of brokers ---

    def _order(self, controller: int) -> tuple[int, list[Names]]:
        """Return the controller under its best names, and all the names that lead to it."""
        decision = self._controllers.values[controller]
        found: dict[int, list[Names]] = {}
        for names in permutations(range(1, self.model.replicas + 1)):
            found.setdefault(self._controllers.number(decision.under(names)), []).append(names)
        return min(found.items())

    def _rename(self, replica: int, names: Names) -> int:
        return self._replicas.number(self._replicas.values[replica].under(names))

    def _in_order(self, controller: int, numbers: Numbers, names: Names) -> Numbers:
        renamed = [controller, *numbers[1:]]
        for broker, name in enumerate(names, start=1):
            renamed[name + 1] = self._renamed(numbers[broker + 1], names)
        return tuple(renamed)
