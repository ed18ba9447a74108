"""A limit of ours: what it is, what it says, and how it is raised."""

import pytest

from kafkabook.base.errors import NotReadHere
from kafkabook.base.units import KIB, MIB
from kafkabook.records.room import MOST_BYTES, Room, decompressing_at_most, most_bytes


def test_the_limit_is_that_of_the_innermost_with() -> None:
    """And afterwards what it was before, also after an error."""
    assert 256 * MIB == MOST_BYTES == most_bytes()
    with decompressing_at_most(5):
        with pytest.raises(ZeroDivisionError), decompressing_at_most(7):
            assert 7 == most_bytes()
            _ = 1 // 0
        assert 5 == most_bytes()
    assert MOST_BYTES == most_bytes()


def test_the_limit_itself_is_allowed_and_one_more_is_said_to_be_ours() -> None:
    """Nobody may take it for damage, and nobody has to look for what raises it."""
    room = Room(input_bytes=3 * KIB, limit_bytes=1 * MIB)
    room.check(1 * MIB)
    with pytest.raises(NotReadHere) as caught:
        room.check(1 * MIB + 1)
    assert (
        "3 KiB decompress to more than 1 MiB, where kafkabook stops; raise it with"
        " kafkabook.records.room.decompressing_at_most, or in a terminal with"
        " kafkabook inspect --max-decompressed"
    ) == str(caught.value)
