"""Our own reading of a partition directory, without a log around it."""

from collections.abc import Iterator
from pathlib import Path

from kafkabook.records.record_batch import RecordBatch, decode_batch
from kafkabook.records.scan import scan_headers


def batches(directory: Path) -> Iterator[tuple[int, RecordBatch]]:
    """Position and batch, of all segments in order, as we read them."""
    for path in sorted(directory.glob("*.log")):
        yield from segment_batches(path)


def segment_batches(path: Path) -> Iterator[tuple[int, RecordBatch]]:
    """Position and batch of one segment, which may be named by any of its files."""
    data = path.with_suffix(".log").read_bytes()
    for position, _ in scan_headers(data, check_crc=True):
        yield position, decode_batch(data, position)


def contents(directory: Path) -> dict[str, bytes]:
    """Every file of a partition directory."""
    return {path.name: path.read_bytes() for path in sorted(directory.iterdir())}


def used(data: bytes) -> bytes:
    """The content of an index file without the zeros that are room at its end.

    No run of so many zeros is content, and looking for one is faster than `rstrip` over 10 MiB.
    """
    room = data.find(bytes(4096))
    return (data if room < 0 else data[:room]).rstrip(b"\0")
