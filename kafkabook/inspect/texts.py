"""Values of strangers as text that a terminal can show and a pipeline can read."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from kafkabook.base.plain import MOST_LETTERS, plain, plain_bytes

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DELETE = "\x7f"  # the one control character that JSON lets through


def json_line(fields: dict[str, Any]) -> str:
    r"""Return one object in one line of ASCII: bytes as text if they are UTF-8, else as base64.

    >>> json_line({"key": b"kim", "value": b"\xff", "headers": [("a", None)]})
    '{"key": "kim", "value": {"base64": "/w=="}, "headers": [["a", null]]}'
    """
    return _ENCODER.encode(fields).replace(_DELETE, "\\u007f")


def cell(value: object) -> str:
    r"""Return `value` for a table: visible, in one line, at most 200 characters.

    >>> cell(b"kim"), cell(b"\xff\x00"), cell(None), cell("a\u202eb"), cell(True)
    ('"kim"', '0xff00', 'null', 'a\\u202eb', 'yes')
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "yes", False: "no"}[value]
    if isinstance(value, bytes):
        return _bytes_as_text(value)
    return plain(value if isinstance(value, str) else json_or_text(value))


def json_or_text(value: object) -> str:
    """Return containers as JSON, anything else as Python says it."""
    return json_line(value) if isinstance(value, dict) else str(value)


def spoken(value: object) -> str:
    """Return a decoded key or value in one breath.

    >>> spoken({"kind": "OffsetCommitKey", "group": "g1", "partition": 3}), spoken(None)
    ('OffsetCommitKey(group=g1, partition=3)', 'null')
    """
    if isinstance(value, dict):
        told = ", ".join(f"{n}={spoken(v)}" for n, v in value.items() if n != "kind")
        return plain(f"{value.get('kind', '')}({told})", most=4 * MOST_LETTERS)
    if isinstance(value, list):
        return f"[{', '.join(map(spoken, value))}]"
    return plain(value) if isinstance(value, str) else cell(value)


def when(timestamp_ms: int) -> str:
    """Return a timestamp as a date, or as the bare number if no calendar holds it.

    >>> when(1_700_000_000_123), when(-1), when(2**63 - 1)
    ('2023-11-14 22:13:20.123', 'none', '9223372036854775807 (out of range)')
    """
    if timestamp_ms == -1:
        return "none"
    try:
        moment = _EPOCH + timedelta(milliseconds=timestamp_ms)
    except OverflowError:
        return f"{timestamp_ms} (out of range)"
    return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{timestamp_ms % 1000:03}"


def hashed(value: bytes | None) -> dict[str, object] | None:
    """Return what tells two values apart without showing them.

    >>> hashed(b"kim")
    {'sha256': '26ae784d194a5760', 'bytes': 3}
    """
    if value is None:
        return None
    return {"sha256": sha256(value).hexdigest()[:16], "bytes": len(value)}


def _bytes_as_json(value: bytes) -> str | dict[str, str]:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(value).decode()}


def _bytes_as_text(value: bytes) -> str:
    told = plain_bytes(value)
    is_hex = told.startswith("0x") and not value.startswith(b"0x")
    return told if is_hex else f'"{told}"'


_ENCODER = json.JSONEncoder(default=_bytes_as_json)
