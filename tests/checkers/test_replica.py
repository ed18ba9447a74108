"""One replica as its broker told it, and its log against others in one look."""

from kafkabook.base.trace import Entry
from kafkabook.checkers.replica import Replica, nothing
from tests.checkers.cluster_histories import batch, batches_of, opened

ENTRY = Entry(1, 0, "broker-1", opened(1))


def test_a_log_whose_front_is_gone_holds_a_stretch_if_the_rest_is_the_same() -> None:
    """A broker that opens it knows no batch below its log start."""
    root = nothing()
    whole, short, other = Replica(1, root), Replica(2, root), Replica(3, root)
    whole.reopen(batches_of("abcd"), 4, ENTRY)
    short.reopen(batches_of("abcd")[2:], 4, ENTRY, log_start=2)
    other.reopen(batches_of("abxd")[2:], 4, ENTRY, log_start=2)
    assert [True, True, False] == [log.holds(whole.top) for log in (whole, short, other)]


def test_each_batch_is_told_by_its_own_entry() -> None:
    """That is the evidence, and no later one."""
    replica = Replica(1, nothing())
    entries = [ENTRY._replace(number=number) for number in range(3)]
    for told, entry in zip(batches_of("abc"), entries, strict=True):
        replica.store(told, entry)
    assert entries == [replica.told_at(offset) for offset in range(3)]


def test_two_logs_part_at_the_lower_of_two_offsets() -> None:
    """One has a batch of two records where the other has two batches."""
    root = nothing()
    one, other = Replica(1, root), Replica(2, root)
    one.reopen((batch(0, "ab", records=2), batch(2, "c")), 3, ENTRY)
    other.reopen(batches_of("abc"), 3, ENTRY)
    assert [1, 1] == [one.parting(other, 3, start=1), other.parting(one, 3, start=1)]


def test_what_a_crash_brought_back_is_gone_after_a_power_cut() -> None:
    """A replica answers for all above its log end, also where deleted records had been back.

    Found by storm 3002679: a loss that an unclean election excuses was told of R8.
    """
    replica = Replica(1, nothing())
    replica.reopen(batches_of("abcdef"), 6, ENTRY)
    replica.removed_below = 6  # deleted by an administrator, and forgotten in a crash
    replica.reopen(batches_of("abcdef"), 6, ENTRY)
    assert 6 == replica.own_start
    replica.reopen(batches_of("abc"), 3, ENTRY)
    assert 3 == replica.own_start
