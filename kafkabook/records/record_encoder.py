"""Records into the bytes that stand behind a batch's header: by the plain rule, and fast.

Source: KIP-98 (record format), KIP-82 (headers); kafka, clients `DefaultRecord`.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from typing import NamedTuple, cast

from kafkabook.records.record import Header, Record
from kafkabook.records.varint import encode_varint, encode_varlong

_NULL = encode_varint(-1)
_NO_HEADERS = encode_varint(0)
_ATTRIBUTES = b"\0"  # one byte per record that no version has used yet
_SHORT = 8192  # from here on a varint takes three bytes
_WORTH_A_PIECE_BYTES = 512


class Columns(NamedTuple):
    """Records turned on their side: what many of them have in common is looked at in one go."""

    keys: Sequence[bytes | None]
    values: Sequence[bytes | None]
    timestamps_ms: Sequence[int]
    headers: Sequence[Sequence[Header]]
    offsets: Sequence[int]

    @classmethod
    def of(cls, records: Sequence[Record]) -> "Columns":
        """Turn `records`; none of them gives five empty columns."""
        return cls(*zip(*records, strict=True)) if records else cls((), (), (), (), ())


def encode_records(
    columns: Columns, offset_deltas: Sequence[int], base_timestamp_ms: int
) -> Iterable[bytes]:
    """Return the records one after the other, in pieces that the caller joins once.

    Args:
        offset_deltas: offset of each record relative to its batch's first; none is negative.

    Raises:
        ValueError: a number does not fit its field.
    """
    try:
        return _encode_fast(columns, offset_deltas, base_timestamp_ms)
    except IndexError:
        records = [Record._make(row) for row in zip(*columns, strict=True)]
        return (encode_plainly(records, offset_deltas, base_timestamp_ms),)


def encode_plainly(
    records: Sequence[Record], offset_deltas: Sequence[int], base_timestamp_ms: int
) -> bytes:
    """Do what `encode_records` does, by the rule as the format states it and for every record."""
    return b"".join(
        encode_record(record, offset_delta, record.timestamp_ms - base_timestamp_ms)
        for record, offset_delta in zip(records, offset_deltas, strict=True)
    )


def encode_record(record: Record, offset_delta: int, timestamp_delta_ms: int) -> bytes:
    """Return one record: the varint of its length, then its fields.

    >>> encode_record(Record(key=b"k", value=b"v"), 0, 0).hex(" ")
    '10 00 00 00 02 6b 02 76 00'
    """
    fields = b"".join(
        (
            _ATTRIBUTES,
            encode_varlong(timestamp_delta_ms),
            encode_varint(offset_delta),
            _sized(record.key),
            _sized(record.value),
            _headers(record.headers),
        )
    )
    return encode_varint(len(fields)) + fields


def _sized(data: bytes | None) -> bytes:
    return _NULL if data is None else encode_varint(len(data)) + data


def _headers(headers: Sequence[Header]) -> bytes:
    sized = (_sized(name.encode()) + _sized(value) for name, value in headers)
    return encode_varint(len(headers)) + b"".join(sized)


def _encode_fast(
    columns: Columns, offset_deltas: Sequence[int], base_timestamp_ms: int
) -> Iterable[bytes]:
    """Encode column by column; `IndexError` if a length or an offset takes more than two bytes.

    Saves five calls per record, and most of the interpreter's own work: varints come out of tables,
    and what is done for each record is done by `map`. Twelve times the plain rule.
    """
    starts, varint = _starts(), _varints().__getitem__
    whens = [starts[when_ms - base_timestamp_ms] for when_ms in columns.timestamps_ms]
    wheres = map(varint, offset_deltas)
    tails = [_NO_HEADERS] * len(whens)
    if any(columns.headers):
        tails = [_headers(headers) for headers in columns.headers]
    value_lengths, values = _fields(columns.values)
    fronts = (whens, wheres, *_fields(columns.keys), value_lengths)
    if not values or len(values[0]) < _WORTH_A_PIECE_BYTES:  # the first speaks for all
        return _in_two_pieces(zip(*fronts, values, tails, strict=True))
    return _in_four_pieces(zip(*fronts, strict=True), values, tails)


def _in_two_pieces(records: Iterable[tuple[bytes, ...]]) -> Iterable[bytes]:
    """Join each record behind its length: short values are cheaper copied than handed on."""
    bodies = list(map(b"".join, records))
    lengths = list(map(_varints().__getitem__, map(len, bodies)))
    return chain.from_iterable(zip(lengths, bodies, strict=True))


def _in_four_pieces(
    fronts: Iterable[tuple[bytes, ...]], values: Sequence[bytes], tails: Sequence[bytes]
) -> Iterable[bytes]:
    """Join what stands before each value, and hand on the long values as they are."""
    varints, heads = _varints(), list(map(b"".join, fronts))
    lengths = [
        varints[len(head) + len(value) + len(tail)]
        for head, value, tail in zip(heads, values, tails, strict=True)
    ]
    return chain.from_iterable(zip(lengths, heads, values, tails, strict=True))


def _fields(column: Sequence[bytes | None]) -> tuple[list[bytes], Sequence[bytes]]:
    """Return the varint of each length, and the column with nothing where null was."""
    varint, present = _varints().__getitem__, cast("Sequence[bytes]", column)
    try:
        return list(map(varint, map(len, present))), present
    except TypeError:  # null has no length
        present = [data or b"" for data in column]
    return [_NULL if data is None else varint(len(data)) for data in column], present


@cache
def _varints() -> list[bytes]:
    """Return the varints of the numbers from 0 on that take one or two bytes."""
    return [encode_varint(n) for n in range(_SHORT)]


class _Starts(dict[int, bytes]):
    """Attributes and timestamp of a record; far timestamps are worked out and not kept."""

    def __missing__(self, delta_ms: int) -> bytes:
        return _ATTRIBUTES + encode_varlong(delta_ms)


@cache
def _starts() -> _Starts:
    return _Starts((n, _ATTRIBUTES + encode_varlong(n)) for n in range(-_SHORT, _SHORT))
