"""What a lab says of its topics, brokers and messages: a line each, of frozen values."""

from dataclasses import FrozenInstanceError

import pytest

from kafkabook.base.errors import MissingKey
from kafkabook.lab import Lab
from kafkabook.protocol.messages import MESSAGE_NAMES


@pytest.fixture
def lab() -> Lab:
    """Three brokers in two racks, and two topics."""
    made = Lab(racks=["a", "b", "b"])
    made.create_topic("orders", assignment=[[1, 2, 3]])
    made.create_topic("wide", assignment=[[2, 1]] * 6)
    return made


def test_a_topic_is_one_line_of_who_leads_and_who_is_in_sync(lab: Lab) -> None:
    """Of a wide one the first partitions are told, and how many more there are."""
    wide = "; ".join(f"{n}: leader 2, in sync 1 2" for n in range(4))
    assert (
        "orders: 1 partition; 0: leader 1, in sync 1 2 3\n"
        f"wide: 6 partitions; {wide}; and 2 more" == repr(lab.topics)
    )
    assert ["orders", "wide"] == list(lab.topics)
    assert (1, (1, 2, 3)) == (
        lab.topics["orders"].partitions[0].leader,
        lab.topics["orders"].partitions[0].isr,
    )


def test_a_broker_is_one_line_of_whether_it_runs_and_what_it_leads(lab: Lab) -> None:
    """Down, paused and stopping are told; and nobody leads where the controller says so."""
    lab.pause(1)
    lab.crash(3)
    assert (
        "broker 1: paused, rack a, leads orders-0\n"
        "broker 2: running, rack b, leads wide-0, wide-1, wide-2, wide-3 and 2 more\n"
        "broker 3: down, rack b, leads nothing" == repr(lab.brokers)
    )
    assert "down" == lab.brokers[3].state
    assert "broker 1: running, leads nothing" == repr(Lab(brokers=1).brokers)


def test_a_partition_that_nobody_leads_says_so() -> None:
    """One copy, and its broker is gone for so long that it was fenced."""
    lab = Lab()
    lab.create_topic("alone", assignment=[[1]])
    lab.crash(1)
    lab.run_until(lambda: lab.leader() is None)
    assert "alone: 1 partition; 0: nobody leads, nobody in sync" == repr(lab.topics["alone"])


def test_messages_are_lines_and_the_names_that_can_be_held(lab: Lab) -> None:
    """Whoever wants to hold one finds its name here."""
    lab.hold("Produce", "producer-1", 1)
    lab.send("m0", "orders")
    lab.run_for(20)
    lines = repr(lab.messages).splitlines()
    assert any(it.startswith("Produce from producer-1 to broker 1, sent at") for it in lines)
    assert any(it.endswith(", held") for it in lines)
    assert "Produce" in [message.name for message in lab.messages]
    held = " ".join(line.strip() for line in lines if "from" not in line)
    assert f"hold takes {', '.join(MESSAGE_NAMES)}" == held
    assert MESSAGE_NAMES == lab.messages.names


def test_what_is_not_there_is_refused_with_the_nearest(lab: Lab) -> None:
    """As at every other door."""
    with pytest.raises(MissingKey, match="^there is no topic 'ordrs'; did you mean 'orders'"):
        lab.topics["ordrs"]
    with pytest.raises(MissingKey, match="^there is no broker 9; there are 1, 2, 3$"):
        lab.brokers[9]


def test_nothing_is_told_where_there_is_nothing() -> None:
    """A young lab has no topics, and says so."""
    lab = Lab()
    assert "no topic yet" == repr(lab.topics)
    lab.run_until(lambda: not lab.messages)
    assert repr(lab.messages).startswith(f"no message is on its way at t={lab.now_ms} ms\nhold")


def test_what_was_looked_at_stays_as_it_was(lab: Lab) -> None:
    """A value, and no window: it does not change with the cluster, nor by hand."""
    before = lab.brokers
    lab.crash(1)
    assert "running" == before[1].state
    with pytest.raises(FrozenInstanceError):
        before[1].state = "down"


def test_sets_of_brokers_print_in_order() -> None:
    """From number 8 on Python's own order is another one."""
    lab = Lab(brokers=9, is_watched=False)
    lab.create_topic("orders", assignment=[[8, 1, 3]])
    assert "{1, 3, 8}" == repr(lab.isr())
    assert {1, 3, 8} == lab.isr()
    assert "isr={1, 3, 8}" in repr(lab.snapshot())
    assert "isr={1, 3, 8}" in repr(lab.view.partitions)
    lab.crash(8)
    lab.crash(1)
    assert "dead={1, 8}" in repr(lab.layout())


def test_an_acknowledged_send_tells_how_long_that_took() -> None:
    """Nobody answers a send with acks=0, and a refused one tells why instead."""
    lab = Lab()
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    sent = lab.produce("m1")
    after = f"after {sent.ended_ms - sent.sent_ms} ms"
    assert f"m1: acknowledged at offset 0 {after}" == repr(sent)
    assert "m2: acknowledged" == repr(lab.produce("m2", acks=0))
    refused = lab.produce("m3", to=3, retries=0)
    assert "m3: refused NOT_LEADER_OR_FOLLOWER" == repr(refused)
