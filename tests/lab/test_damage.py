"""A bit that flips while everything runs: who notices, who is given what, and what mends it."""

import pytest

from kafkabook.lab import Lab

LOG = "t-0/00000000000000000000.log"
INSIDE_M1 = 130  # a byte of the second batch
SETTLED_MS = 20_000


def a_cluster_with_a_flipped_bit(broker: int) -> Lab:
    """Three records on brokers 1 and 2, one bit of m1 wrong on one of them; broker 3 has none."""
    lab = Lab(brokers=3)
    lab.hold("Fetch", 3)  # before its first one: a fetch that waits at the leader is not held
    lab.create_topic("t", assignment=[[1, 2, 3]])
    for value in ("m0", "m1", "m2"):
        lab.produce(value, acks=1)
    lab.run_until(lambda: lab.snapshot().lane(2).log_end == 3)
    lab.damage(broker, LOG, at_byte=INSIDE_M1)
    lab.restart_everything()
    return lab


def values(lab: Lab) -> list[list[str]]:
    """Return what each broker holds, as a picture of the lab shows it."""
    return [[record.value for record in lane.records] for lane in lab.snapshot().lanes]


def test_nobody_is_given_a_damaged_batch_of_a_leader() -> None:
    """A consumer is told CORRUPT_MESSAGE; a follower does not take it, and leaves the set."""
    lab = a_cluster_with_a_flipped_bit(1)
    lab.run_for(60_000)
    with pytest.raises(LookupError, match="^t-0: CORRUPT_MESSAGE$"):
        lab.read()
    assert ([1, 2], 0) == (sorted(lab.isr()), lab.snapshot().lane(3).log_end)


def test_a_picture_of_a_damaged_log_ends_where_it_can_be_read() -> None:
    """The lane of broker 1 keeps its end at 3, and shows m0 alone; that of broker 2 is whole."""
    lab = a_cluster_with_a_flipped_bit(1)
    assert [["m0"], ["m0", "m1", "m2"], []] == values(lab)
    assert 3 == lab.snapshot().lane(1).log_end


@pytest.mark.parametrize("broker", [1, 2])
def test_a_damaged_copy_is_cut_at_its_next_start_and_filled_again(broker: int) -> None:
    """Whichever of the two it is: the other one leads, and in the end all three hold all.

    L8 says that the log did not reopen as a killed process leaves it: the disk has lied.
    """
    lab = a_cluster_with_a_flipped_bit(broker)
    lab.crash(broker)
    lab.run_until(lambda: broker not in lab.isr())
    lab.restart(broker)
    lab.run_for(SETTLED_MS)
    assert [["m0", "m1", "m2"]] * 3 == values(lab)
    assert (["m0", "m1", "m2"], ("L8",)) == (lab.read(), lab.watch.broken)
