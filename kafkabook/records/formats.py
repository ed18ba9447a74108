"""Whatever lies in a log: today's batches, and the messages of magic 0 and 1 before them.

A log may have been written over ten years. Its first segments may then hold another format than its
last; even in one segment the format can change where its broker was upgraded.

Source: kafka, clients `FileLogInputStream.nextBatch`.
"""

from collections.abc import Callable

from kafkabook.records import batch_header
from kafkabook.records.batch_header import (
    HEADER_BYTES,
    LENGTH_END,
    MAGIC,
    BatchHeader,
    Bytes,
    is_old,
)
from kafkabook.records.old_formats import MessageSet, compare_message_crc, read_message_header
from kafkabook.records.record_batch import RecordBatch, decode_batch


def read_header(data: Bytes, at: int = 0) -> BatchHeader:
    """Read the header of the batch, or of the old message, that begins at byte `at`.

    Raises:
        CorruptMessage: what is there cannot be true, or is cut off; names the byte.
    """
    return read_message_header(data, at) if is_old(data, at) else batch_header.read_header(data, at)


def header_bytes(data: Bytes, at: int = 0) -> int:
    """Return how many bytes `read_header` needs, as far as the first of them tell.

    The first offset of an old message is found inside, so that is the whole message.
    """
    if not is_old(data, at):
        return HEADER_BYTES
    size = int.from_bytes(data[at + 8 : at + LENGTH_END], "big", signed=True)
    return LENGTH_END + size


def compare_crc(data: Bytes, at: int, header: BatchHeader) -> None:
    """Raise `CorruptMessage` unless what begins at byte `at` has its header's checksum."""
    compare = compare_message_crc if header.magic < MAGIC else batch_header.compare_crc
    compare(data, at, header)


def decode(
    data: Bytes, at: int = 0, *, decode_batch: Callable[..., RecordBatch] = decode_batch
) -> RecordBatch:
    """Return the batch, or the old message as one, that begins at byte `at`.

    Args:
        decode_batch: reads today's format.

    Raises:
        CorruptMessage: it is not whole, or its checksum is wrong; names the byte within `data`.
    """
    if not is_old(data, at):
        return decode_batch(data, at)
    header = read_message_header(data, at)
    compare_message_crc(data, at, header)
    return MessageSet(bytes(data[at : at + header.size_bytes]))


def batch_of(data: bytes, header: BatchHeader) -> RecordBatch:
    """Return the batch that `data` is, of which the header has been read already."""
    return MessageSet(data) if header.magic < MAGIC else RecordBatch(data)
