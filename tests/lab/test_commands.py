"""The one table of commands: each has a text that gives it back, a sentence, and an effect."""

import pytest

from kafkabook.base.errors import Errors
from kafkabook.base.names import TopicPartition
from kafkabook.lab import Lab
from kafkabook.lab.broker_commands import Crash, Damage, LoseDisk, PowerOff
from kafkabook.lab.client_commands import (
    AddPartitions,
    AlterBroker,
    AlterTopic,
    Ask,
    CreateTopic,
    DeleteRecords,
    DeleteTopic,
    Elect,
    MakeLeader,
    SendBatch,
    SendRecord,
    StartReading,
)
from kafkabook.lab.command import Command
from kafkabook.lab.commands import COMMANDS, command_of
from kafkabook.lab.network_commands import Cut, DropNext, Heal, HoldMessages
from kafkabook.sim.faults import parse
from tests.refusals import refused

ORDERS = TopicPartition("orders", 0)
SETTINGS = (("min.insync.replicas", "2"), ("flush.ms", None))
TEXTS: dict[str, Command] = {
    "crash 1 2": Crash(1, 2),
    "power_off 50 1 2": PowerOff(1, 2, lucky_bytes=50),
    "damage 1 orders-0/00000000000000000000.log 70": Damage(
        1, "orders-0/00000000000000000000.log", 70
    ),
    "cut 1 controller": Cut(1, "controller"),
    "heal": Heal(),
    "hold Fetch 2 1": HoldMessages("Fetch", 2, 1),
    "hold * * 1": HoldMessages(None, None, 1),
    "drop_next Fetch 2 * 5": DropNext("Fetch", 2, None, 5),
    "send m1 orders-0": SendRecord("m1", ORDERS),
    "send m1 orders-0 1 2": SendRecord("m1", ORDERS, 1, 2),
    "send 17 orders-0 0": SendRecord("17", ORDERS, 0),
    "send m1 orders-0 key=tea": SendRecord("m1", ORDERS, key="tea"),
    "send key=rum orders-0 1 key=5": SendRecord("key=rum", ORDERS, 1, key="5"),
    "send_batch orders-0 all gzip * 3 producer-1 a b": SendBatch(
        ORDERS, "all", "gzip", None, 3, "producer-1", ("a", "b")
    ),
    "read orders-0 5": StartReading(ORDERS, 5),
    "read orders-0 5 * consumer-1 rack-1 60": StartReading(ORDERS, 5, rack="rack-1", wait_ms=60),
    "create_topic orders 2 3 1:2:3,2:3:1 min.insync.replicas=2 flush.ms=": CreateTopic(
        "orders", 2, 3, ((1, 2, 3), (2, 3, 1)), SETTINGS
    ),
    "create_topic orders 6 3 *": CreateTopic("orders", 6),
    "add_partitions orders 3 1:2": AddPartitions("orders", 3, ((1, 2),)),
    "delete_topic orders": DeleteTopic("orders"),
    "alter_topic orders min.insync.replicas=2 flush.ms=": AlterTopic("orders", SETTINGS),
    "alter_broker 2 min.insync.replicas=2 flush.ms=": AlterBroker(2, SETTINGS),
    "alter_broker * min.insync.replicas=2 flush.ms=": AlterBroker(None, SETTINGS),
    "delete_records orders-0 5": DeleteRecords(ORDERS, 5),
    "delete_records orders-0 5 60": DeleteRecords(ORDERS, 5, 60),
    "delete_records orders-0": DeleteRecords(ORDERS),
    "elect preferred orders-0": Elect("preferred", ORDERS),
    "make_leader orders-0 2": MakeLeader(ORDERS, 2),
}


@pytest.mark.parametrize("text", TEXTS)
def test_the_text_of_a_command_gives_it_back(text: str) -> None:
    """A journal, a schedule and a figure write it; a storm and a reader read it."""
    (line,) = parse(f"t=0 {text}")
    assert (TEXTS[text], text) == (command_of(line.verb, line.args), str(TEXTS[text]))


def test_a_topic_of_which_only_the_name_is_told_has_one_partition_on_three_brokers() -> None:
    """In the text form as in Python."""
    (line,) = parse("t=0 create_topic orders")
    named = CreateTopic("orders")
    assert ("orders", 1, 3, None) == named.words()
    assert named == command_of(line.verb, line.args)


def test_every_command_is_a_verb_of_the_lab() -> None:
    """Who knows one knows the other; two of them are written otherwise for good reasons."""
    otherwise = {"read": "start_reading"}  # a lab's own `read` waits for the records
    for verb in COMMANDS:
        assert callable(getattr(Lab, otherwise.get(verb, verb))), verb


def test_every_command_has_a_sentence_of_its_own() -> None:
    """A film tells what was done; the text form is for machines."""
    for command in (*TEXTS.values(), LoseDisk(1)):
        if not isinstance(command, SendBatch):
            assert str(command) != command.says, command


@pytest.mark.parametrize(
    ("before_offset", "where"), [(-1, "the high watermark"), (0, "offset 0"), (5, "offset 5")]
)
def test_a_deletion_of_records_says_up_to_where(before_offset: int, where: str) -> None:
    """-1 is no offset, and no reader need know that Kafka writes it for the high watermark."""
    says = DeleteRecords(ORDERS, before_offset).says
    assert f"delete the records of orders-0 before {where}" == says


def test_a_command_that_makes_no_sense_does_nothing_to_anybody() -> None:
    """Broker 2 is down, so broker 1 is not killed either, and the journal says nothing."""
    lab = Lab()
    lab.crash(2)
    lines = len(lab.journal)
    with refused(Errors.INVALID_REQUEST, match="^broker 2 is down$"):
        lab.do(Crash(1, 2))
    assert (True, lines) == (lab.view.broker(1).is_running, len(lab.journal))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("crush 1", "there is no command 'crush'; .*did you mean 'crash'"),
        ("cut 1", "cut needs one other, not"),
        ("cut 1 2 3", "cut takes one other, not"),
        ("slow 1 soon", "'soon' is no whole number"),
        ("alter_topic orders flush", "'flush' is no setting"),
        ("ask anything", "a request cannot be read"),
    ],
)
def test_a_line_that_is_no_command_is_refused_with_the_word(text: str, says: str) -> None:
    """Before anything is done."""
    (line,) = parse(f"t=0 {text}")
    with pytest.raises((LookupError, ValueError), match=says):
        command_of(line.verb, line.args)


def test_a_request_of_an_administrator_is_a_command_without_words() -> None:
    """It stands in the journal, and cannot be read back from there."""
    assert "ask 'range(0, 3)'" == str(Ask(range(3)))


def test_the_end_of_all_faults_is_the_end_of_losses_that_were_still_to_come() -> None:
    """Else a healed cluster would go on losing what nobody has sent yet."""
    lab = Lab()
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    lab.drop_next("Produce", None, 1)
    lab.heal_everything()
    assert "ok" == lab.produce("m1").outcome
    assert [] == lab.trace.of("MessageDropped")


def test_to_heal_everything_starts_nobody_and_to_restart_everything_does() -> None:
    """Who was killed stays down, until somebody asks for it."""
    lab = Lab()
    lab.crash(1)
    lab.pause(2)
    lab.cut(2, 3)
    lab.heal_everything()
    assert [False, True, True] == [broker.is_running for broker in lab.view.brokers]
    assert not any(broker.is_paused for broker in lab.view.brokers)
    lab.restart_everything()
    assert [True] * 3 == [broker.is_running for broker in lab.view.brokers]
    assert ["heal_everything", "restart_everything"] == [str(line) for line in lab.journal[-2:]]
