"""A power cut on one disk, and what the trace is told of it."""

import pytest

from kafkabook.base.trace import Trace
from kafkabook.log.disk import MemoryDisk
from kafkabook.log.events import PowerLost
from kafkabook.log.power import cut_power


@pytest.mark.parametrize("changed_at", [0, 1, 9])
def test_a_file_is_told_with_the_bytes_before_the_first_that_changed(changed_at: int) -> None:
    """Wherever that is: an index is overwritten in its middle."""
    disk = MemoryDisk()
    disk.append("a.log", bytes(10))
    disk.flush("a.log")
    disk.write("a.log", changed_at, b"x")
    assert PowerLost((("a.log", changed_at),)) == cut_power(disk, Trace(), now_ms=0)
