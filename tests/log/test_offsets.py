"""Which offsets records get."""

from hypothesis import given
from hypothesis import strategies as st

from kafkabook.log.offsets import assign_offsets
from kafkabook.records.record import Record


@given(st.integers(0, 2**40), st.lists(st.binary(max_size=4), max_size=8))
def test_offsets_are_dense_and_in_order(log_end: int, values: list[bytes]) -> None:
    """One each, from the log end on; the records themselves stay as they were."""
    appended = assign_offsets([Record(value=value) for value in values], log_end)
    assert (log_end, log_end + len(values)) == (appended.base_offset, appended.log_end)
    assert list(range(log_end, appended.log_end)) == [r.offset for r in appended.records]
    assert values == [record.value for record in appended.records]
