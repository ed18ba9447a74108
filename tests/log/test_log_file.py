"""The `.log` file of a segment, read in place."""

from kafkabook.log.examples import a_log
from kafkabook.log.log_file import CHUNK_BYTES


def test_a_walk_from_header_to_header_reads_a_chunk_ahead() -> None:
    """Small batches: a chunk has hundreds, and is read when it has no whole header left."""
    log = a_log(batches=2_000)
    file, spans = log.segments[0].file, []
    read = log.disk.read
    log.disk.read = lambda path, start, end: (spans.append((start, end)), read(path, start, end))[1]  # type: ignore[method-assign]
    assert list(range(2_000)) == [header.base_offset for _, header in file.scan()]
    assert 2 * CHUNK_BYTES < file.size_bytes < 3 * CHUNK_BYTES
    assert 3 == len(spans)
