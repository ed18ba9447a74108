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
    lab.restart_everything()
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
    """Typed into a fresh kernel, they need nothing else."""
    lab = made()
    doing(lab)
    assert str(lab.trace) == str(again(lab).trace)


def again(lab: Lab) -> Lab:
    """Run the lines of a lab alone, as a fresh kernel does."""
    names: dict[str, object] = {}
    exec("\n".join(line.text for line in code_of(lab)), names)
    made = names["lab"]
    assert isinstance(made, Lab)
    return made


@pytest.mark.parametrize("at_ms", [8, 13, 14, 15, 16, 20, 140, 700, 9_000])
def test_the_lines_of_a_fork_alone_give_the_trace_of_the_fork(at_ms: int) -> None:
    """In the middle of what a verb waits for, too: the time up to the fork is a line."""
    lab = Lab()
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    lab.send("a")
    lab.run_for(120)
    lab.crash(1)
    lab.run_for(500)
    lab.elect("orders", how="unclean") if lab.leader() is None else None
    lab.alter_topic("orders", min_insync_replicas=1)
    lab.hold("Fetch", 3, 2)
    lab.run_for(9_000)
    lab.restart(1)
    lab.run_for(9_000)
    lab.elect("orders")
    other = lab.fork(at_ms, lambda it: it.cut(1, 2))
    assert str(other.trace) == str(again(other).trace)


def test_a_command_whose_answer_a_fork_did_not_wait_for_is_done_without_its_verb() -> None:
    """The verb would wait, and raise what the cluster refuses; what it needs is imported."""
    lab = Lab()
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    lab.run_to(1_000)
    lab.crash(1)
    lab.run_to(20_000)
    lab.restart(1)
    lab.run_to(30_000)
    lab.elect("orders")
    other = lab.fork(25_000, lambda it: it.crash(1))
    texts = [line.text for line in code_of(other)]
    assert [
        "from kafkabook import Lab",
        "from kafkabook.lab.client_commands import Elect",
        "from kafkabook.base.names import TopicPartition",
        "lab = Lab(brokers=3, seed=7)",
    ] == texts[:4]
    partition = 'TopicPartition("orders", 0)'
    assert f"lab.do(Elect(how='preferred', partition={partition}))" in texts
    assert str(other.trace) == str(again(other).trace)


def test_lines_are_what_a_reader_would_type() -> None:
    """A send that was waited for is one line; a topic needs no line for the time that it took."""
    lab = Lab()
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    lab.produce("a")
    lab.send("b", key="k")
    lab.crash(1)
    lab.run_for(500)
    assert [
        "from kafkabook import Lab",
        "lab = Lab(brokers=3, seed=7)",
        'lab.create_topic("orders", assignment=[[1, 2, 3]])',
        'lab.produce("a", "orders")',
        'lab.send("b", "orders", key="k")',
        "lab.crash(1)",
        f"lab.run_to({lab.now_ms})",
    ] == [line.text for line in code_of(lab)]
