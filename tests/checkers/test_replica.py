"""One replica as its broker told it, and its log against others in one look."""

from kafkabook.base.trace import Trace
from kafkabook.checkers.replica import Replica, nothing
from tests.checkers.cluster_histories import batches_of, opened

ENTRY = Trace().emit(opened(1), at_ms=0)


def test_a_log_whose_front_is_gone_holds_a_stretch_if_the_rest_is_the_same() -> None:
    """A broker that opens it knows no batch below its log start."""
    root = nothing()
    whole, short, other = Replica(1, root), Replica(2, root), Replica(3, root)
    whole.reopen(batches_of("abcd"), 4, ENTRY)
    short.reopen(batches_of("abcd")[2:], 4, ENTRY, log_start=2)
    other.reopen(batches_of("abxd")[2:], 4, ENTRY, log_start=2)
    assert [True, True, False] == [log.holds(whole.top) for log in (whole, short, other)]
