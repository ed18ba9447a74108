"""The builder makes what it was asked for."""

import pytest

from kafkabook.log.examples import a_log


@pytest.mark.parametrize("size_bytes", [69, 70, 131, 132, 133, 134, 200, 5000])
def test_a_batch_is_as_large_as_asked_for(size_bytes: int) -> None:
    """Also where a length needs one byte more; a size that no batch has is refused."""
    try:
        log = a_log(sizes_bytes=(size_bytes,))
    except ValueError as error:
        assert f"takes {size_bytes} bytes" in str(error)
        assert size_bytes == 133
    else:
        assert size_bytes == log.size_bytes


def test_everything_in_it_is_committed() -> None:
    """So that retention and readers may go at once."""
    log = a_log(batches=3, records_per_batch=4)
    assert (12, 12) == (log.log_end, log.high_watermark)
