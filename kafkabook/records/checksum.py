"""CRC-32C, the checksum of record batches and of producer snapshots.

`crc32c(data, value=0)` is the function of the `crc32c` package itself, unwrapped: a scan calls it
once per batch, and it uses the processor's own instruction. `crc32c_by_hand` is the same sum in
plain Python, about 1,400 times slower, for those who want to see how it comes about.

Source: RFC 3720, appendix B.4 (Castagnoli polynomial); KIP-98.

>>> hex(crc32c(b"123456789")), hex(crc32c_by_hand(b"123456789"))
('0xe3069283', '0xe3069283')
"""

from crc32c import crc32c

__all__ = ["crc32c", "crc32c_by_hand"]

_POLYNOMIAL = 0x82F63B78  # Castagnoli's, its bits in reverse, because bytes enter lowest bit first


def crc32c_by_hand(data: bytes) -> int:
    """Return the CRC-32C of `data`, bit by bit.

    Cost: eight steps a byte; use `crc32c` for real data.
    """
    remainder = 0xFFFFFFFF
    for byte in data:
        remainder ^= byte
        for _ in range(8):
            remainder = remainder >> 1 ^ (_POLYNOMIAL if remainder & 1 else 0)
    return remainder ^ 0xFFFFFFFF
