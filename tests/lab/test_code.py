"""The lines that a journal is told as make the same lab again, to the byte of its trace."""

from collections.abc import Callable

import pytest

from kafkabook.lab import Lab
from kafkabook.lab.code import code_of


def some_faults(lab: Lab) -> None:
    """Use most verbs, with what they wait for and what they do not."""
    lab.create_topic("orders", assignment=[[1, 2, 3]], min_insync_replicas=2)
    lab.create_topic("notes", partitions=2)
    lab.produce("a", "orders")
    lab.send('b "quoted"', "orders", acks=1, key="k")
    lab.run_for(120)
    lab.send_batch(["x", "y"], "notes", 1)
    lab.hold("Fetch", 2, 1)
    lab.step(9)
    lab.mark("before the crash")
    lab.power_off(3, lucky_bytes=50)
    lab.cut(2, "controller")
    lab.alter_topic("orders", min_insync_replicas=1)
    lab.run_until(lambda: 3 not in lab.isr("orders"))
    lab.heal_everything()
    lab.drop_next("Fetch", 2, None)
    lab.alter_broker(1, log_retention_ms=100_000)
    lab.add_partitions("notes", 3)
    lab.delete_records("orders", before_offset=1)
    lab.start_reading("orders", offset=1, client="late")
    lab.make_leader(2, "orders")
    lab.run_for(300)
    lab.elect("orders")
    lab.slow(1, 20)
    lab.run_for(2_000)
    lab.read("orders", offset=1)
    lab.delete_topic("notes")
    lab.pause(1)
    lab.run_for(20_000)


def of_the_past(lab: Lab) -> None:
    """Write, lose and come back."""
    lab.create_topic("orders", assignment=[[1, 2]])
    lab.produce("a")
    lab.hold("Fetch", 2, 1)
    lab.run_for(600)
    lab.deliver("Fetch", 2, 1)
    lab.lose_disk(1)
    lab.restart(1)
    lab.run_for(30_000)


@pytest.mark.parametrize(
    ("made", "doing"),
    [
        (lambda: Lab(seed=3), some_faults),
        (lambda: Lab(brokers=2, version="2.x"), of_the_past),
        (lambda: Lab(brokers=3, racks=["a", "b", "c"]), some_faults),
    ],
)
def test_the_lines_alone_give_the_same_trace(
    made: Callable[[], Lab], doing: Callable[[Lab], None]
) -> None:
    """Typed into a fresh kernel, they need nothing but `Lab`."""
    lab = made()
    doing(lab)
    names: dict[str, object] = {"Lab": Lab}
    exec("\n".join(line.text for line in code_of(lab)), names)
    again = names["lab"]
    assert isinstance(again, Lab)
    assert str(lab.trace) == str(again.trace)


def test_lines_are_what_a_reader_would_type() -> None:
    """A send that was waited for is one line; a topic needs no line for the time that it took."""
    lab = Lab()
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    lab.produce("a")
    lab.send("b", key="k")
    lab.crash(1)
    lab.run_for(500)
    assert [
        "lab = Lab(brokers=3, seed=7)",
        'lab.create_topic("orders", assignment=[[1, 2, 3]])',
        'lab.produce("a", "orders")',
        'lab.send("b", "orders", key="k")',
        "lab.crash(1)",
        f"lab.run_to({lab.now_ms})",
    ] == [line.text for line in code_of(lab)]
