"""The names of a segment's files."""

import pytest

from kafkabook.base.errors import Errors
from kafkabook.log.segment_names import base_offset_in
from tests.refusals import refused


@pytest.mark.parametrize("digits", ["18", "0000000000000000001x", "\u0661" * 20, "9" * 20])
def test_a_name_that_is_no_offset_in_20_digits_is_refused(digits: str) -> None:
    """Too short, no digit, no digit of ASCII, no offset."""
    with refused(Errors.KAFKA_STORAGE_ERROR, match="in 20 digits"):
        base_offset_in(f"orders-0/{digits}.log", ".log")


def test_a_name_tells_its_base_offset() -> None:
    """Of any of its files."""
    assert 18 == base_offset_in("orders-0/00000000000000000018.index", ".index")
