"""The names of a segment's files."""

import pytest

from kafkabook.base.errors import Errors
from kafkabook.log.disk import MemoryDisk
from kafkabook.log.segment_names import base_offset_in, files_in, segment_bases
from tests.refusals import refused


@pytest.mark.parametrize("digits", ["x", "-18", "0000000000000000001x", "9" * 20])
def test_a_name_that_begins_with_no_offset_is_refused(digits: str) -> None:
    """Kafka does not open the log either, so the sentence says what helps."""
    with refused(Errors.KAFKA_STORAGE_ERROR, match="in 20 digits.*; move it elsewhere"):
        base_offset_in(f"orders-0/{digits}.log")


@pytest.mark.parametrize("name", ["00000000000000000018.index", "18.log", "18.log.swap"])
def test_a_name_tells_the_offset_before_its_first_dot(name: str) -> None:
    """Of any of its files, and also if somebody left the zeros out: Java reads a number."""
    assert 18 == base_offset_in(f"orders-0/{name}")


def test_folders_are_nobodys_files() -> None:
    """One with the name of a segment, or that ends like one, is passed over."""
    disk = MemoryDisk()
    for name in ("00000000000000000018.log", "7.log", "x.log/inside", "notes.txt"):
        disk.append(f"orders-0/{name}", b"")
    assert ("00000000000000000018.log", "7.log", "notes.txt") == files_in(disk, "orders-0")
    assert [18, 7] == segment_bases(disk, "orders-0")
