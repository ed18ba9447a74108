"""CRC-32C: the known values, and the sum by hand beside the processor's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.records.checksum import crc32c, crc32c_by_hand
from tests.records.vectors import VECTORS


@pytest.mark.parametrize("vector", VECTORS["crc32c"], ids=lambda vector: repr(vector["utf8"]))
def test_the_checksum_is_kafkas(vector: dict[str, str]) -> None:
    """As Java's `CRC32C` gives it."""
    assert vector["crc32c"] == crc32c(vector["utf8"].encode())


@given(st.binary(max_size=200))
def test_the_sum_by_hand_is_the_fast_one(data: bytes) -> None:
    """The one that can be read explains the one that is used."""
    assert crc32c_by_hand(data) == crc32c(data)


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_a_sum_can_go_on_where_another_ended(first: bytes, second: bytes) -> None:
    """A batch's header and its records are summed apart, without joining them."""
    assert crc32c(first + second) == crc32c(second, crc32c(first))
