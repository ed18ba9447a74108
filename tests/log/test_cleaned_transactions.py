"""Which transactions the cleaner is in the middle of."""

from kafkabook.log.cleaned_transactions import CleanedTransactions
from kafkabook.records.batch_header import BatchHeader
from kafkabook.records.control_records import ControlType, end_transaction_marker


def a_marker() -> BatchHeader:
    """The header of a marker by producer 9."""
    marker = end_transaction_marker(
        ControlType.COMMIT, producer_id=9, producer_epoch=0, coordinator_epoch=0, timestamp_ms=1
    )
    return marker.header


def test_the_shell_of_a_marker_is_idle_and_what_ends_no_transaction_is_not() -> None:
    """An earlier cleaning found no data before the one; the other is about something else."""
    transactions, header = CleanedTransactions(), a_marker()
    verdicts = [transactions.is_idle_marker(header, of) for of in (None, ControlType.LEADER_CHANGE)]
    assert [True, False] == verdicts
