"""Integers of variable length: seven bits a byte, lowest first, the high bit says *more follows*.

Records use the zig-zag kind, so that small negative numbers stay short too: 0, -1, 1, -2 become
0, 1, 2, 3. The flexible versions of the protocol use the unsigned kind.

Each decoder takes a position and returns `(value, position after it)`.

Source: kafka, clients `ByteUtils`; KIP-98 (records), KIP-482 (unsigned).
"""

from kafkabook.base.errors import CorruptMessage

_VARINT_BYTES = 5  # 32 bits at seven a byte
_VARLONG_BYTES = 10  # 64 bits


def encode_varint(value: int) -> bytes:
    """Return a 32-bit `value` as zig-zag varint, 1 to 5 bytes.

    Raises:
        ValueError: it does not fit into 32 bits.

    >>> [encode_varint(value).hex() for value in (0, -1, 1, 300)]
    ['00', '01', '02', 'd804']
    """
    return _zigzag(value, 32)


def encode_varlong(value: int) -> bytes:
    """Return a 64-bit `value` as zig-zag varint, 1 to 10 bytes; `ValueError` if it does not fit."""
    return _zigzag(value, 64)


def encode_unsigned_varint(value: int) -> bytes:
    """Return `value` (0 to 2**32 - 1) without zig-zag, 1 to 5 bytes; else `ValueError`."""
    if not 0 <= value < 1 << 32:
        raise ValueError(f"{value} does not fit into 32 bits without a sign")
    return _groups(value)


def decode_varint(data: bytes, at: int = 0) -> tuple[int, int]:
    """Read a 32-bit zig-zag varint at byte `at`.

    Raises:
        CorruptMessage: it is cut off, longer than 5 bytes, or holds more than 32 bits.

    >>> decode_varint(bytes.fromhex("d804"))
    (300, 2)
    """
    value, after = _ungroup(data, at, _VARINT_BYTES, 32)
    return value >> 1 ^ -(value & 1), after


def decode_varlong(data: bytes, at: int = 0) -> tuple[int, int]:
    """Read a 64-bit zig-zag varint at byte `at`; `CorruptMessage` as `decode_varint`, 10 bytes."""
    value, after = _ungroup(data, at, _VARLONG_BYTES, 64)
    return value >> 1 ^ -(value & 1), after


def decode_unsigned_varint(data: bytes, at: int = 0) -> tuple[int, int]:
    """Read a 32-bit varint without zig-zag at byte `at`; `CorruptMessage` as `decode_varint`."""
    return _ungroup(data, at, _VARINT_BYTES, 32)


def _zigzag(value: int, bits: int) -> bytes:
    if not -(1 << bits - 1) <= value < 1 << bits - 1:
        raise ValueError(f"{value} does not fit into {bits} bits")
    return _groups(value << 1 ^ value >> bits - 1)


def _groups(value: int) -> bytes:
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)


def _ungroup(data: bytes, at: int, most_bytes: int, bits: int) -> tuple[int, int]:
    value = 0
    for number, byte in enumerate(data[at : at + most_bytes]):
        value |= (byte & 0x7F) << 7 * number
        if byte < 0x80:
            if value >> bits:
                raise CorruptMessage(f"a varint holds more than {bits} bits", at_byte=at)
            return value, at + number + 1
    cut = len(data) - at < most_bytes
    raise CorruptMessage(
        "a varint is cut off by the end of the data"
        if cut
        else f"a varint is longer than {most_bytes} bytes",
        at_byte=at,
    )
