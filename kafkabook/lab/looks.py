"""What a lab says when it is asked for its topics, brokers and messages: one line each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any, overload

from kafkabook.base.door import meant
from kafkabook.base.errors import MissingKey
from kafkabook.base.phrases import count_text
from kafkabook.base.units import ms_text
from kafkabook.cluster.view import BrokerView, ClusterView, MessageView
from kafkabook.lab.command import message_told
from kafkabook.protocol.messages import MESSAGE_NAMES

MOST_PARTITIONS = 4  # told of one topic
MOST_MESSAGES = 20
_WIDTH = 96


@dataclass(frozen=True, slots=True)
class PartitionLook:
    """Who leads a partition and who is in sync, by the controller's metadata."""

    partition: int
    leader: int | None
    isr: tuple[int, ...]

    def __repr__(self) -> str:
        leader = "nobody leads" if self.leader is None else f"leader {self.leader}"
        members = f"in sync {' '.join(map(str, self.isr))}" if self.isr else "nobody in sync"
        return f"{self.partition}: {leader}, {members}"


@dataclass(frozen=True, slots=True)
class TopicLook:
    """A topic and its partitions, as one line."""

    name: str
    partitions: tuple[PartitionLook, ...]

    def __repr__(self) -> str:
        count = len(self.partitions)
        told = [repr(it) for it in self.partitions[:MOST_PARTITIONS]]
        told += [f"and {count - len(told)} more"] if count > len(told) else []
        return f"{self.name}: {count_text(count, 'partition')}; {'; '.join(told)}"


@dataclass(frozen=True, slots=True)
class BrokerLook:
    """A broker: whether its process runs, its rack, and the partitions that it leads."""

    id: int
    state: str
    rack: str | None
    leads: tuple[str, ...]

    def __repr__(self) -> str:
        rack = "" if self.rack is None else f", rack {self.rack}"
        some = ", ".join(self.leads[:MOST_PARTITIONS]) or "nothing"
        more = len(self.leads) - MOST_PARTITIONS
        return f"broker {self.id}: {self.state}{rack}, leads {some}" + _more(more)


@dataclass(frozen=True, slots=True, repr=False)
class Looks(Mapping[Any, Any]):
    """Things by their names, each printed as one line.

    Args:
        what: what one of them is called, such as "topic". things: each with its name or number.
    """

    what: str
    things: tuple[tuple[Any, Any], ...]

    def __getitem__(self, name: object) -> Any:
        """Return one.

        Raises:
            KeyError: there is none; the sentence has the nearest name.
        """
        for known, thing in self.things:
            if known == name:
                return thing
        names = [str(known) for known, _ in self.things]
        hint = meant(name, names) or f"; there are {', '.join(names) or 'none yet'}"
        raise MissingKey(f"there is no {self.what} {name!r}{hint}")

    def __iter__(self) -> Iterator[Any]:
        return iter([name for name, _ in self.things])

    def __len__(self) -> int:
        return len(self.things)

    def __repr__(self) -> str:
        return "\n".join(repr(thing) for _, thing in self.things) or f"no {self.what} yet"


@dataclass(frozen=True, slots=True, repr=False)
class MessageLooks(Sequence[MessageView]):
    """The messages on their way, in the order of sending, each printed as one line.

    Attributes: `names` (those that `hold` takes), `now_ms`.
    """

    on_their_way: tuple[MessageView, ...]
    now_ms: int
    names: tuple[str, ...] = MESSAGE_NAMES

    @overload
    def __getitem__(self, place: int) -> MessageView: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[MessageView, ...]: ...

    def __getitem__(self, place: int | slice) -> MessageView | tuple[MessageView, ...]:
        return self.on_their_way[place]

    def __len__(self) -> int:
        return len(self.on_their_way)

    def __repr__(self) -> str:
        lines = [_told(it) for it in self.on_their_way[:MOST_MESSAGES]]
        more = len(self) - len(lines)
        lines += [f"and {count_text(more, 'message')} more"] if more else []
        held = wrap(f"hold takes {', '.join(self.names)}", _WIDTH, subsequent_indent="  ")
        return "\n".join([*(lines or [f"no message is on its way at t={self.now_ms} ms"]), *held])


def topics_of(view: ClusterView) -> Looks:
    """Return every topic, by its name."""
    looks = [
        TopicLook(name, tuple(_partition(view, it) for it in topic.partitions))
        for name, topic in view.topics.items()
    ]
    return Looks("topic", tuple((look.name, look) for look in looks))


def _partition(view: ClusterView, name: Any) -> PartitionLook:
    state = view.partitions[name]
    return PartitionLook(name.partition, state.leader, tuple(sorted(state.isr)))


def brokers_of(view: ClusterView) -> Looks:
    """Return every broker, by its number."""
    led: dict[int | None, list[str]] = {}
    for name, state in view.partitions.items():
        led.setdefault(state.leader, []).append(str(name))
    looks = [
        BrokerLook(it.id, _state(it), it.rack, tuple(led.get(it.id, ()))) for it in view.brokers
    ]
    return Looks("broker", tuple((look.id, look) for look in looks))


def _state(broker: BrokerView) -> str:
    if not broker.is_running:
        return "down"
    if broker.is_paused:
        return "paused"
    return "stopping" if broker.is_stopping else "running"


def messages_of(view: ClusterView) -> MessageLooks:
    """Return the messages on their way."""
    return MessageLooks(view.messages, view.now_ms)


def _told(message: MessageView) -> str:
    told = message_told(message.name, message.sender, message.receiver).partition(" ")[2]
    held = ", held" if message.is_held else ""
    return f"{told}, sent at {ms_text(message.sent_ms)}{held}"


def _more(count: int) -> str:
    return f" and {count} more" if count > 0 else ""
