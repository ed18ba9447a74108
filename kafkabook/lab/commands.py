"""The one table of commands: what a lab, a journal, a schedule, a scenario and a storm can do."""

from collections.abc import Sequence

from kafkabook.base.door import meant
from kafkabook.base.errors import UnknownName
from kafkabook.lab.broker_commands import (
    Crash,
    Damage,
    Flush,
    LoseDisk,
    Pause,
    PowerOff,
    Restart,
    Resume,
    Stop,
)
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
from kafkabook.lab.command import Command, Word
from kafkabook.lab.network_commands import (
    ComeToRest,
    Cut,
    DeliverMessage,
    DoubleMessage,
    DoubleNext,
    DropMessage,
    DropNext,
    Heal,
    HealEverything,
    HoldMessages,
    ReleaseMessages,
    Reset,
    RestartEverything,
    Slow,
)

_KINDS: tuple[type[Command], ...] = (
    *(Crash, Restart, Stop, PowerOff, LoseDisk, Damage, Flush, Pause, Resume),
    *(Reset, Cut, Heal, Slow, HealEverything, RestartEverything, ComeToRest),
    *(HoldMessages, ReleaseMessages, DeliverMessage, DropMessage, DoubleMessage),
    *(DropNext, DoubleNext),
    *(SendRecord, SendBatch, StartReading),
    *(CreateTopic, AddPartitions, DeleteTopic, AlterTopic, AlterBroker),
    *(DeleteRecords, Elect, MakeLeader, Ask),
)
COMMANDS = {kind.verb: kind for kind in _KINDS}


def command_of(verb: str, words: Sequence[Word] = ()) -> Command:
    """Return the command of a line of text.

    Raises:
        LookupError: there is no such verb. ValueError: its words are not what it takes.

    >>> command_of("drop_next", ("Fetch", 2, None))
    DropNext(name='Fetch', sender=2, receiver=None, count=1)
    >>> print(command_of("power_off", (50, 1, 2)))
    power_off 50 1 2
    """
    if verb not in COMMANDS:
        told = f"there is no command {verb!r}; there are {', '.join(COMMANDS)}"
        raise UnknownName(told + meant(verb, COMMANDS))
    return COMMANDS[verb].of(words)
