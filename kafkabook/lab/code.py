"""A lab's journal as lines of Python: run in a fresh kernel, they give the same trace.

The time that passed is a line, too. What a verb of `Lab` runs by itself, such as until an
administrator is answered, is no line of its own: the verb does it again. A fork does not wait as
the verb does: there the command is done by itself, and what it is made of is imported.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import MISSING, dataclass, fields
from itertools import takewhile
from typing import TYPE_CHECKING, Any, get_args

from kafkabook.base.names import TopicPartition
from kafkabook.cluster.events import SendEnded
from kafkabook.lab.broker_commands import PowerOff
from kafkabook.lab.client_commands import (
    AddPartitions,
    AlterBroker,
    AlterTopic,
    Ask,
    CreateTopic,
    DeleteRecords,
    DeleteTopic,
    Elect,
    MakeLeader,
    SendBatch,
    SendRecord,
    StartReading,
)
from kafkabook.lab.command import Command
from kafkabook.lab.journal import JournalLine, Marked, RanEvents, RanUntil
from kafkabook.lab.network_commands import DeliverMessage, DoubleNext, DropNext
from kafkabook.lab.rules import LabVersion, config_of, rules_of
from kafkabook.protocol.admin_api import Settings
from kafkabook.sim.events import MessageDelivered

if TYPE_CHECKING:
    from kafkabook.lab.lab import Lab

# How many lines of passing time belong to what a verb does by itself.
_RUNS: dict[type[Command], int] = {
    CreateTopic: 2,
    AddPartitions: 2,
    **dict.fromkeys((DeleteTopic, AlterTopic, AlterBroker, DeleteRecords, Elect, Ask), 1),
    DeliverMessage: 1,
}


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line of Python, and where clock and trace stood when it was done.

    Attributes: `ended_ms` (where the clock stood behind it: a verb may wait).
    """

    at_ms: int
    entries: int
    text: str
    ended_ms: int = 0


def code_of(lab: "Lab") -> list[CodeLine]:
    """Return what made a lab what it is, as lines of Python."""
    lines, bare, done = list[CodeLine](), list[Command](), list(lab.journal)
    place = 0
    while place < len(done):
        line, own = done[place], _own_runs(lab, done, place)
        text = _text(line.done, is_waited_for=own > 0)
        if isinstance(line.done, Command) and own < _RUNS.get(type(line.done), 0):
            text = _bare(line.done)
            bare.append(line.done)
        lines.append(CodeLine(line.at_ms, line.entries, text, done[place + own].at_ms))
        place += 1 + own
    begin = [*_imports(bare), _made(lab)]
    return [*(CodeLine(0, 0, text) for text in begin), *lines]


def _imports(bare: Iterable[Command]) -> list[str]:
    """Write what must be imported, also for commands that are done without their verb."""
    found = {"from kafkabook import Lab": None}
    for command in bare:
        found[f"from {type(command).__module__} import {type(command).__name__}"] = None
        if any(isinstance(getattr(command, it.name), TopicPartition) for it in fields(command)):
            found[f"from {TopicPartition.__module__} import {TopicPartition.__name__}"] = None
    return list(found)


def _made(lab: "Lab") -> str:
    """Write how the lab was made; parts of its own have no text."""
    version = next((it for it in get_args(LabVersion) if rules_of(it) == lab.rules), None)
    racks = [broker.rack for broker in lab.view.brokers]
    given = [f"brokers={len(racks)}"]
    given += [f"racks={racks!r}"] if any(racks) else []
    given += [f"version={version!r}"] if version not in (None, "4.x") else []
    given += ["rules=rules"] if version is None else []
    given += ["config=config"] if lab.config != config_of(version or "4.x") else []
    return f"lab = Lab({', '.join([*given, f'seed={lab.view.seed}'])})"


def _own_runs(lab: "Lab", done: Sequence[JournalLine], place: int) -> int:
    """Count the lines of passing time behind a line that its own verb made."""
    command = done[place].done
    if isinstance(command, SendRecord) and place + 1 < len(done):
        return int(_is_until_answered(lab, done[place], done[place + 1]))
    wanted = _RUNS.get(type(command), 0) if isinstance(command, Command) else 0
    after = done[place + 1 : place + 1 + wanted]
    runs = list(takewhile(lambda line: isinstance(line.done, RanEvents), after))
    return wanted if len(runs) == wanted else 0


def _is_until_answered(lab: "Lab", sent: JournalLine, ran: JournalLine) -> bool:
    """Say whether a lab ran exactly until a producer knew how its send ended."""
    if not isinstance(ran.done, RanEvents):
        return False
    since = [lab.trace[n] for n in range(sent.entries, ran.entries)]
    ended = [e.number for e in since if isinstance(e.event, SendEnded)]
    later = [
        e for e in since if isinstance(e.event, MessageDelivered) and ended and e.number > ended[0]
    ]
    return bool(ended) and not later


def _text(done: object, *, is_waited_for: bool) -> str:
    match done:
        case RanEvents(events=events):
            return f"lab.step({events})"
        case RanUntil(at_ms=at_ms):
            return f"lab.run_to({at_ms})"
        case Marked(label=label):
            return f"lab.mark({label!r})"
        case SendRecord():
            verb = "produce" if is_waited_for else "send"
            return _call(verb, [done.value, *_place(done.partition)], _given(done, "value"))
        case SendBatch():
            place = [list(done.values), *_place(done.partition)]
            how: dict[str, Any] = {"acks": done.acks, "compression_type": done.compression_type}
            how |= {"to": done.to, "retries": done.retries, "client": done.client}
            return _call("send_batch", place, how)
        case Command():
            return _of_command(done)
    raise TypeError(f"no code is known for {done!r}")


def _of_command(done: Command) -> str:
    match done:
        case StartReading():
            return _call("start_reading", _place(done.partition, always=True), _given(done))
        case CreateTopic() | AddPartitions():
            given = _given(done, "topic", "total", "settings")
            given |= _as_words(getattr(done, "settings", ()))
            total = [done.total] if isinstance(done, AddPartitions) else []
            return _call(done.verb, [done.topic, *total], given)
        case DeleteTopic():
            return _call(done.verb, [done.topic], {})
        case AlterTopic():
            return _call(done.verb, [done.topic], _as_words(done.settings))
        case AlterBroker():
            own = [] if done.broker is None else [done.broker]
            return _call(done.verb, own, _as_words(done.settings))
        case DeleteRecords():
            return _call(
                done.verb,
                _place(done.partition, always=True),
                {"before_offset": done.before_offset},
            )
        case Elect():
            return _call(done.verb, _place(done.partition, always=True), {"how": done.how})
        case MakeLeader():
            return _call(done.verb, [done.broker, *_place(done.partition, always=True)], {})
        case PowerOff():
            lucky = {"lucky_bytes": done.lucky_bytes} if done.lucky_bytes else {}
            return _call(done.verb, list(done.brokers), lucky)
        case DropNext() | DoubleNext():
            return _call(done.verb, [done.name, done.sender, done.receiver, done.count], {})
    return _call(done.verb, _positional(done), {})


def _bare(done: Command) -> str:
    """Write a command as the value that it is, every field with its name."""
    given = ((it.name, getattr(done, it.name)) for it in fields(done))
    return f"lab.do({type(done).__name__}({', '.join(f'{n}={_value(v)}' for n, v in given)}))"


def _value(value: object) -> str:
    if isinstance(value, TopicPartition):
        return f"TopicPartition({_literal(value.topic)}, {value.partition})"
    return repr(value)


def _call(verb: str, positional: Sequence[object], given: dict[str, Any]) -> str:
    words = [_literal(value) for value in positional]
    words += [f"{name}={_literal(value)}" for name, value in given.items()]
    return f"lab.{verb}({', '.join(words)})"


def _literal(value: object) -> str:
    """Write a value as JSON writes a text, and all else as Python does."""
    if isinstance(value, str):
        quoted = repr(value)
        return f'"{quoted[1:-1]}"' if quoted[0] == "'" and '"' not in quoted else quoted
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_literal, value))}]"
    return repr(value)


def _place(partition: TopicPartition, *, always: bool = False) -> list[object]:
    """Write topic and partition; the first partition goes without saying."""
    number = [partition.partition] if partition.partition or always else []
    return [partition.topic, *number]


def _given(done: Command, *positional: str) -> dict[str, Any]:
    """Return the fields that differ from their defaults, by name."""
    return {
        known.name: getattr(done, known.name)
        for known in fields(done)
        if known.name not in (*positional, "partition")
        and getattr(done, known.name) != known.default
    }


def _as_words(settings: Settings) -> dict[str, Any]:
    return {name.replace(".", "_"): value for name, value in settings}


def _positional(done: Command) -> list[object]:
    """Return all fields in order, several of one kind one by one, defaults at the end left out."""
    values = [(getattr(done, known.name), known.default) for known in fields(done)]
    while values and values[-1][0] == values[-1][1] and values[-1][1] is not MISSING:
        values.pop()
    return list(_flat([value for value, _ in values]))


def _flat(values: Sequence[object]) -> Iterator[object]:
    for value in values:
        if isinstance(value, tuple):
            yield from value
        else:
            yield value
