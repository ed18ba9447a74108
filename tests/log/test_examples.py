"""The builder makes what it was asked for."""

import pytest

from kafkabook.base.units import MIB
from kafkabook.log.config import LogConfig
from kafkabook.log.examples import a_log


@pytest.mark.parametrize("size_bytes", [68, 69, 125, 127, 132, 134, 200, 5000, 9000])
def test_a_batch_is_as_large_as_asked_for(size_bytes: int) -> None:
    """Header and lengths included, also where a length takes one byte more."""
    assert size_bytes == a_log(sizes_bytes=(size_bytes,)).size_bytes


def test_a_batch_may_be_larger_than_a_megabyte() -> None:
    """Each of the two lengths in front of its value takes four bytes then."""
    log = a_log(sizes_bytes=(2 * MIB,), config=LogConfig(max_message_bytes=2 * MIB))
    assert 2 * MIB == log.size_bytes


@pytest.mark.parametrize("size_bytes", [67, 126, 133])
def test_a_size_that_no_batch_has_is_refused(size_bytes: int) -> None:
    """Where a length needs a second byte, one size is left out."""
    with pytest.raises(ValueError, match=f"takes {size_bytes} bytes; the least is 68$"):
        a_log(sizes_bytes=(size_bytes,))


def test_everything_in_it_is_committed() -> None:
    """So that retention and readers may go at once."""
    log = a_log(batches=3, records_per_batch=4)
    assert (12, 12) == (log.log_end, log.high_watermark)
