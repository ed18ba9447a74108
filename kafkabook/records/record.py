"""One record, as a reader of a log sees it: bytes and numbers, nothing of time or place."""

from typing import NamedTuple

Header = tuple[str, bytes | None]


class Record(NamedTuple):
    """A key, a value, a timestamp, headers, and the offset once a log has given it one.

    A NamedTuple and not a dataclass, because a log makes millions of them: building one costs a
    quarter of what a frozen dataclass costs.

    Attributes: `key`, `value` (bytes, or None; a None value is a tombstone), `timestamp_ms`
    (milliseconds since 1970, -1 for none), `headers` (pairs, a name may repeat), `offset`
    (-1 until appended).

    Source: KIP-98 (format v2), KIP-82 (headers); notes, Part 1 ch 01 §04.
    """

    key: bytes | None = None
    value: bytes | None = None
    timestamp_ms: int = -1
    headers: tuple[Header, ...] = ()
    offset: int = -1
