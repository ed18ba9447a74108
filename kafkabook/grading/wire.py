"""What goes over the pipe between a grade and the process that holds the learner's part.

Answers come from code that nobody has read, so they arrive as JSON and are rebuilt here from a
fixed list of the package's own values. Whatever else a part returns becomes `Foreign`: the name of
its type and nothing of its behaviour, so that an object which equals everything equals nothing.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any

from kafkabook.cluster.election import Elected, ElectionFacts, ElectionReason
from kafkabook.log.config import LogConfig
from kafkabook.log.facts import Appended, EpochEntry, IndexEntry, RollReason, SegmentFacts
from kafkabook.records.batch_header import BatchHeader
from kafkabook.records.record import Record
from kafkabook.replication.facts import (
    Ack,
    AckFacts,
    EpochEnd,
    FollowerFacts,
    FollowerLog,
    LeaderFacts,
    Truncation,
)


def _defaults(kind: Any) -> dict[str, Any]:
    return {field.name: field.default for field in fields(kind)}


_LOG = (Appended, BatchHeader, IndexEntry, LogConfig, Record, RollReason, SegmentFacts)
_CLUSTER = (
    Ack,
    AckFacts,
    Elected,
    ElectionFacts,
    ElectionReason,
    EpochEnd,
    EpochEntry,
    FollowerFacts,
    FollowerLog,
    LeaderFacts,
    Truncation,
)
_VALUES: dict[str, type] = {kind.__name__: kind for kind in (*_LOG, *_CLUSTER)}
_USUAL = {kind: _defaults(kind) for kind in _VALUES.values() if is_dataclass(kind)}
_PLAIN = (type(None), bool, int, float, str)


@dataclass(frozen=True, slots=True, repr=False)
class Foreign:
    """An answer of a type that no part may return; only the type's name crosses the pipe."""

    type_name: str

    def __repr__(self) -> str:
        return f"an object of type {self.type_name}"


def written(value: object) -> bytes:
    """Return `value` as JSON."""
    return json.dumps(_plain(value), separators=(",", ":")).encode()


def read(data: bytes) -> Any:
    """Return what `written` was given.

    Raises:
        ValueError: not something that `written` makes.
    """
    try:
        return _rebuilt(json.loads(data))
    except (KeyError, TypeError, RecursionError, AttributeError) as error:
        raise ValueError(f"an answer that cannot be read: {error}") from error


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind in _CONTAINERS:
        return _CONTAINERS[kind](value)
    if _VALUES.get(kind.__name__) is kind:
        return {"value": kind.__name__, "of": _parts(value)}
    return {"foreign": str(kind.__name__)[:80]}


def _parts(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.name
    if usual := _USUAL.get(type(value)):
        told = ((name, getattr(value, name)) for name in usual)
        return {name: _plain(item) for name, item in told if item != usual[name]}
    return _each(value)


def _each(values: Iterable[object]) -> list[Any]:
    return [_plain(value) for value in values]


_CONTAINERS: dict[type, Callable[[Any], Any]] = {
    list: _each,
    tuple: lambda value: {"tuple": _each(value)},
    bytes: lambda value: {"bytes": value.hex()},
    bytearray: lambda value: {"bytes": value.hex()},
    frozenset: lambda value: {"frozenset": sorted(_each(value), key=repr)},
    set: lambda value: {"set": sorted(_each(value), key=repr)},
    dict: lambda value: {"dict": [[str(key), _plain(item)] for key, item in value.items()]},
}


def _rebuilt(plain: Any) -> Any:
    if type(plain) in _PLAIN:
        return plain
    if isinstance(plain, list):
        return [_rebuilt(item) for item in plain]
    (tag, content), *rest = plain.items()
    return _BUILDERS[tag](content, *(item for _, item in rest))


def _value(name: str, parts: Any) -> Any:
    kind = _VALUES[name]
    if issubclass(kind, Enum):
        return kind[parts]
    if isinstance(parts, dict):
        return kind(**{field: _rebuilt(part) for field, part in parts.items()})
    return kind(*_rebuilt(parts))


_BUILDERS: dict[str, Callable[..., Any]] = {
    "tuple": lambda items: tuple(_rebuilt(items)),
    "bytes": bytes.fromhex,
    "frozenset": lambda items: frozenset(_rebuilt(items)),
    "set": lambda items: set(_rebuilt(items)),
    "dict": lambda pairs: {key: _rebuilt(item) for key, item in pairs},
    "value": _value,
    "foreign": Foreign,
}
